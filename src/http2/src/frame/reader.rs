//! From the peer's bytes to frames, however they are cut.
//!
//! DATA is handed out piece by piece as it arrives and is never copied here. Other frames are handed
//! out whole: from the bytes at hand if they hold all of it, else from a copy that lasts until the
//! frame is read. A header block in several frames is gathered, within bounds.

use super::header::{ACK, END_HEADERS, END_STREAM, HEADER_BYTES, Header, Kind, PADDED, PRIORITY};
use super::{Frame, Settings};
use crate::Violation;
use crate::violation::Flaw;
use alloc::vec::Vec;
use message::{Role, StreamId};

/// What a client sends before its first frame (RFC 9113 §3.4).
pub const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// What the frames of a peer may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Largest payload, in bytes: what we announce as SETTINGS_MAX_FRAME_SIZE.
    pub frame_bytes_max: u32,
    /// Longest header block, in bytes as they are sent.
    pub block_bytes_max: u32,
    /// Most CONTINUATION frames in a header block.
    pub continuations_max: u32,
}

/// Reads frames.
#[derive(Debug)]
pub struct Reader {
    bounds: Bounds,
    state: State,
    /// What a frame lacks to be whole: its header, or its header and its payload.
    held: Vec<u8>,
    /// The last frame was read from what is held.
    spent: bool,
    /// A header block that is not complete.
    block: Option<Block>,
    /// The peer's SETTINGS were read.
    settled: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// So many bytes of the preface were right.
    Preface { seen: usize },
    /// Before, or within, the header of a frame.
    Header,
    /// Within a frame that is handed out whole.
    Whole(Header),
    /// Within a DATA frame.
    Data(Data),
    /// Within a frame that nobody knows.
    Skipped { left: u32 },
}

/// What is to come of a DATA frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Data {
    stream: StreamId,
    /// Bytes of the body; all the payload while the padding is unmeasured.
    left: u32,
    padding: Option<Padding>,
    end: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Padding {
    /// Its length comes first.
    Unmeasured,
    /// So many bytes of it.
    Left(u32),
}

#[derive(Debug)]
struct Block {
    stream: StreamId,
    bytes: Vec<u8>,
    end: bool,
    depends_on_itself: bool,
    continuations: u32,
    /// It was handed out; what follows is another.
    complete: bool,
}

impl Reader {
    /// For the peer of `role`, from its first byte on.
    pub fn new(role: Role, bounds: Bounds) -> Self {
        let state = match role {
            Role::Accepting => State::Preface { seen: 0 },
            Role::Opening => State::Header,
        };
        Self {
            bounds,
            state,
            held: Vec::new(),
            spent: false,
            block: None,
            settled: false,
        }
    }

    /// Whether the bytes so far end between two frames.
    pub fn is_between_frames(&self) -> bool {
        let between = self.spent || self.held.is_empty();
        self.state == State::Header && between && !self.is_within_block()
    }

    /// Whether a header block is not complete.
    pub fn is_within_block(&self) -> bool {
        self.block.as_ref().is_some_and(|block| !block.complete)
    }

    /// The next frame, and `bytes` behind it; `None` once they are used up.
    ///
    /// After a flaw that reaches no further than its stream, reading goes on.
    pub fn read<'a, 'b: 'a>(&'a mut self, bytes: &mut &'b [u8]) -> Result<Option<Frame<'a>>, Flaw> {
        if self.spent {
            self.forget();
        }
        loop {
            match self.state {
                State::Preface { seen } => {
                    if !self.preface(seen, bytes)? {
                        return Ok(None);
                    }
                }
                State::Header => match self.header(bytes)? {
                    Some(state) => self.state = state,
                    None => return Ok(None),
                },
                State::Data(data) => return self.data(data, bytes),
                State::Skipped { left } => {
                    let count = (left as usize).min(bytes.len());
                    *bytes = &bytes[count..];
                    if count < left as usize {
                        let left = left - count as u32;
                        self.state = State::Skipped { left };
                        return Ok(None);
                    }
                    self.state = State::Header;
                    return Ok(Some(Frame::Unknown));
                }
                State::Whole(header) => {
                    let Some(in_place) = self.whole(header, bytes) else {
                        return Ok(None);
                    };
                    if header.kind != Kind::Headers && header.kind != Kind::Continuation {
                        let payload = in_place.unwrap_or(&self.held);
                        let frame = parse(header, payload);
                        return frame
                            .map(Some)
                            .map_err(|violation| violation.on(header.stream));
                    }
                    if header.has(END_HEADERS) && header.kind == Kind::Headers {
                        let piece = Piece::of(header, in_place.unwrap_or(&self.held))?;
                        return Ok(Some(Frame::Headers {
                            stream: header.stream,
                            block: piece.block,
                            end: header.has(END_STREAM),
                            continuations: 0,
                            depends_on_itself: piece.depends_on_itself,
                        }));
                    }
                    self.gather(header, in_place)?;
                    if header.has(END_HEADERS) {
                        return Ok(self.gathered());
                    }
                    self.forget();
                }
            }
        }
    }

    /// Lets go of what the last frame was read from.
    fn forget(&mut self) {
        self.spent = false;
        self.held.clear();
        self.held.shrink_to(HELD_BYTES_KEPT_MAX);
        if self.block.as_ref().is_some_and(|block| block.complete) {
            self.block = None;
        }
    }

    /// Says whether the preface is complete.
    fn preface(&mut self, seen: usize, bytes: &mut &[u8]) -> Result<bool, Flaw> {
        let expected = &PREFACE[seen..];
        let count = expected.len().min(bytes.len());
        let (now, rest) = bytes.split_at(count);
        if now != &expected[..count] {
            return Err(Violation::Preface.on(StreamId(0)));
        }
        *bytes = rest;
        let complete = count == expected.len();
        self.state = if complete {
            State::Header
        } else {
            State::Preface { seen: seen + count }
        };
        Ok(complete)
    }

    /// Reads on until there is a header; says what follows it.
    fn header(&mut self, bytes: &mut &[u8]) -> Result<Option<State>, Flaw> {
        let header = if self.held.is_empty()
            && let Some((header, rest)) = bytes.split_first_chunk()
        {
            *bytes = rest;
            Header::read(header)
        } else {
            take(bytes, HEADER_BYTES - self.held.len(), &mut self.held);
            let Some(header) = self.held.first_chunk() else {
                return Ok(None);
            };
            let header = Header::read(header);
            self.held.clear();
            header
        };
        self.check_order(header)?;
        header.check(self.bounds.frame_bytes_max)?;
        Ok(Some(match header.kind {
            Kind::Data => State::Data(Data {
                stream: header.stream,
                left: header.length,
                padding: header.has(PADDED).then_some(Padding::Unmeasured),
                end: header.has(END_STREAM),
            }),
            Kind::Unknown(_) => State::Skipped {
                left: header.length,
            },
            Kind::Headers
            | Kind::Priority
            | Kind::Reset
            | Kind::Settings
            | Kind::PushPromise
            | Kind::Ping
            | Kind::GoAway
            | Kind::WindowUpdate
            | Kind::Continuation => State::Whole(header),
        }))
    }

    /// What may follow what (RFC 9113 §3.4 and §6.10).
    fn check_order(&mut self, header: Header) -> Result<(), Flaw> {
        let continues = header.kind == Kind::Continuation;
        let violation = match &self.block {
            _ if !self.settled && (header.kind != Kind::Settings || header.has(ACK)) => {
                Violation::FirstFrame
            }
            Some(block) if !continues || header.stream != block.stream => {
                Violation::BlockInterrupted
            }
            None if continues && header.stream.0 == 0 => Violation::StreamZero,
            None if continues => Violation::ContinuationAlone,
            Some(_) | None => {
                self.settled = true;
                return Ok(());
            }
        };
        Err(violation.on(header.stream))
    }

    /// Once all of a frame is there: its payload, or `Some(None)` if that is what is held.
    fn whole<'a>(&mut self, header: Header, bytes: &mut &'a [u8]) -> Option<Option<&'a [u8]>> {
        let length = header.length as usize;
        let in_place = if self.held.is_empty()
            && let Some((payload, rest)) = bytes.split_at_checked(length)
        {
            *bytes = rest;
            Some(payload)
        } else {
            take(bytes, length - self.held.len(), &mut self.held);
            if self.held.len() < length {
                return None;
            }
            None
        };
        self.state = State::Header;
        self.spent = true;
        Some(in_place)
    }

    /// Adds a frame to the header block at hand.
    fn gather(&mut self, header: Header, in_place: Option<&[u8]>) -> Result<(), Flaw> {
        let piece = Piece::of(header, in_place.unwrap_or(&self.held))?;
        let bounds = self.bounds;
        let block = self.block.get_or_insert_with(|| Block {
            stream: header.stream,
            bytes: Vec::new(),
            end: header.has(END_STREAM),
            depends_on_itself: piece.depends_on_itself,
            continuations: 0,
            complete: false,
        });
        block.continuations += u32::from(header.kind == Kind::Continuation);
        let bytes = block.bytes.len() + piece.block.len();
        if bytes > bounds.block_bytes_max as usize {
            return Err(Violation::BlockTooLarge.on(header.stream));
        }
        if block.continuations > bounds.continuations_max {
            return Err(Violation::BlockInPieces.on(header.stream));
        }
        block.bytes.extend_from_slice(piece.block);
        block.complete = header.has(END_HEADERS);
        Ok(())
    }

    fn gathered(&self) -> Option<Frame<'_>> {
        self.block.as_ref().map(|block| Frame::Headers {
            stream: block.stream,
            block: &block.bytes,
            end: block.end,
            continuations: block.continuations,
            depends_on_itself: block.depends_on_itself,
        })
    }

    /// The next piece of a DATA frame.
    fn data<'a>(
        &mut self,
        mut data: Data,
        bytes: &mut &'a [u8],
    ) -> Result<Option<Frame<'a>>, Flaw> {
        let mut extra = 0;
        if data.padding == Some(Padding::Unmeasured) {
            let Some((length, rest)) = bytes.split_first() else {
                return Ok(None);
            };
            *bytes = rest;
            extra = 1;
            let padding = u32::from(*length);
            let body = (data.left - 1).checked_sub(padding);
            data.left = body.ok_or(Violation::Padding.on(data.stream))?;
            data.padding = Some(Padding::Left(padding));
        }
        let count = bytes.len().min(data.left as usize);
        let (body, rest) = bytes.split_at(count);
        *bytes = rest;
        data.left -= count as u32;
        let padding = match data.padding {
            Some(Padding::Left(padding)) if data.left == 0 => padding,
            Some(_) | None => 0,
        };
        let skipped = bytes.len().min(padding as usize);
        *bytes = &bytes[skipped..];
        extra += skipped as u32;
        if let Some(Padding::Left(left)) = &mut data.padding {
            *left -= skipped as u32;
        }
        let last = data.left == 0 && matches!(data.padding, None | Some(Padding::Left(0)));
        self.state = if last {
            State::Header
        } else {
            State::Data(data)
        };
        if !last && body.is_empty() && extra == 0 {
            return Ok(None);
        }
        Ok(Some(Frame::Data {
            stream: data.stream,
            bytes: body,
            padding: extra,
            last,
            end: last && data.end,
        }))
    }
}

/// The part of a HEADERS or CONTINUATION frame that belongs to the header block.
struct Piece<'a> {
    block: &'a [u8],
    depends_on_itself: bool,
}

impl<'a> Piece<'a> {
    fn of(header: Header, payload: &'a [u8]) -> Result<Self, Flaw> {
        let mut piece = Self {
            block: payload,
            depends_on_itself: false,
        };
        if header.kind == Kind::Continuation {
            return Ok(piece);
        }
        let mut padding = 0;
        if header.has(PADDED)
            && let Some((length, rest)) = piece.block.split_first()
        {
            (padding, piece.block) = (usize::from(*length), rest);
        }
        if header.has(PRIORITY)
            && let Some((priority, rest)) = piece.block.split_first_chunk::<5>()
        {
            piece.depends_on_itself = depends_on(priority) == header.stream;
            piece.block = rest;
        }
        let kept = piece.block.len().checked_sub(padding);
        let kept = kept.ok_or(Violation::Padding.on(header.stream))?;
        piece.block = &piece.block[..kept];
        Ok(piece)
    }
}

/// A frame with a payload of a length that fits its type.
fn parse(header: Header, payload: &[u8]) -> Result<Frame<'_>, Violation> {
    let stream = header.stream;
    match (header.kind, payload) {
        (Kind::Priority, _) => match payload.first_chunk::<5>() {
            Some(_) if payload.len() > 5 => Err(Violation::PriorityLength),
            Some(priority) if depends_on(priority) == stream => Err(Violation::DependsOnItself),
            Some(_) => Ok(Frame::Priority { stream }),
            None => Err(Violation::PriorityLength),
        },
        (Kind::Reset, [c0, c1, c2, c3]) => Ok(Frame::Reset {
            stream,
            code: u32::from_be_bytes([*c0, *c1, *c2, *c3]),
        }),
        (Kind::Settings, _) if header.has(ACK) => Ok(Frame::SettingsAck),
        (Kind::Settings, _) => Settings::read(payload).map(Frame::Settings),
        (Kind::Ping, _) => match payload.first_chunk() {
            Some(payload) => Ok(Frame::Ping {
                ack: header.has(ACK),
                payload: *payload,
            }),
            None => Err(Violation::FrameLength),
        },
        (Kind::GoAway, [l0, l1, l2, l3, c0, c1, c2, c3, ..]) => Ok(Frame::GoAway {
            last: id(&[*l0, *l1, *l2, *l3]),
            code: u32::from_be_bytes([*c0, *c1, *c2, *c3]),
        }),
        (Kind::WindowUpdate, [i0, i1, i2, i3]) => {
            match u32::from_be_bytes([i0 & 0x7f, *i1, *i2, *i3]) {
                0 if stream.0 == 0 => Err(Violation::ConnectionUpdateOfNothing),
                0 => Err(Violation::UpdateOfNothing),
                bytes => Ok(Frame::WindowUpdate { stream, bytes }),
            }
        }
        // Checked before; what remains is handed out in other ways.
        (
            Kind::Reset
            | Kind::GoAway
            | Kind::WindowUpdate
            | Kind::Data
            | Kind::Headers
            | Kind::PushPromise
            | Kind::Continuation
            | Kind::Unknown(_),
            _,
        ) => Err(Violation::FrameLength),
    }
}

/// The stream that a priority names.
fn depends_on(priority: &[u8; 5]) -> StreamId {
    let [s0, s1, s2, s3, _] = *priority;
    id(&[s0, s1, s2, s3])
}

/// A stream's number behind the bit that is reserved.
fn id(bytes: &[u8; 4]) -> StreamId {
    StreamId(u64::from(u32::from_be_bytes(*bytes) & 0x7fff_ffff))
}

/// Moves up to `count` bytes.
fn take(bytes: &mut &[u8], count: usize, to: &mut Vec<u8>) {
    let (now, rest) = bytes.split_at(count.min(bytes.len()));
    to.extend_from_slice(now);
    *bytes = rest;
}

/// Memory for frames in pieces that a reader keeps between them, in bytes.
const HELD_BYTES_KEPT_MAX: usize = 64;
