//! DATA.

use crate::budget::{Cost, Gain};
use crate::connection::Mux;
use crate::connection::streams::{Place, Receiving, Stream};
use crate::stream::{Kind, Next, Sender};
use crate::violation::{Flaw, Violation};
use base::Buf;
use message::{Cx, Part, StreamId};

/// A piece of a DATA frame without its bytes.
#[derive(Clone, Copy, Debug)]
pub(in crate::connection) struct Data {
    pub(in crate::connection) stream: StreamId,
    pub(in crate::connection) padding: u32,
    pub(in crate::connection) last: bool,
    pub(in crate::connection) end: bool,
}

/// The bytes of a piece.
pub(in crate::connection) enum Body<'a> {
    Copied(&'a [u8]),
    Moved(Buf),
}

impl Body<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Copied(bytes) => bytes.len(),
            Self::Moved(buf) => buf.len(),
        }
    }

    fn drop(self, cx: &mut Cx<'_>) {
        match self {
            Self::Copied(_) => {}
            Self::Moved(buf) => cx.pool.give(buf),
        }
    }
}

/// What becomes of a piece.
enum Placed {
    /// It is the stream's.
    Yes(Place),
    /// Nobody wants it.
    No,
}

impl Mux {
    /// A piece of a body.
    pub(in crate::connection) fn on_data(
        &mut self,
        cx: &mut Cx<'_>,
        data: Data,
        body: Body<'_>,
    ) -> Result<(), Flaw> {
        let bytes = body.len() as u32 + data.padding;
        // Who sends no bodies need not hear of the connection's window.
        self.credit.widen_to(self.limits.connection_window_bytes);
        if !self.credit.receive(bytes) {
            body.drop(cx);
            return Err(Violation::WindowExceeded.on(StreamId(0)));
        }
        let placed = self.place_data(cx, data, body);
        if !matches!(placed, Ok(Placed::Yes(_))) {
            self.credit.release(bytes);
        }
        self.return_credit(cx);
        let placed = placed?;
        self.budget.earn(Gain::Bytes(bytes as usize));
        if bytes == 0 && data.last && !data.end {
            return self.spend(Cost::EmptyData);
        }
        if let Placed::Yes(place) = placed
            && data.end
        {
            self.complete(place);
        }
        Ok(())
    }

    fn place_data(&mut self, cx: &mut Cx<'_>, data: Data, body: Body<'_>) -> Result<Placed, Flaw> {
        let id = data.stream;
        let kind = if data.end { Kind::DataEnd } else { Kind::Data };
        let found = self.streams.find(id);
        let state = match found {
            Some(place) => self.streams[place].state,
            None => self.state_of_none(id),
        };
        let state = match state.next(Sender::Peer, kind) {
            Next::To(state) => state,
            Next::Ignored | Next::Never => {
                body.drop(cx);
                return Ok(Placed::No);
            }
            Next::Broken(violation) => {
                body.drop(cx);
                return Err(violation.on(id));
            }
        };
        let Some(place) = found else {
            body.drop(cx);
            return Ok(Placed::No);
        };
        let stream = &mut self.streams[place];
        let count = body.len() as u32;
        let refused = match stream.receiving {
            Receiving::Head => Some(Violation::DataBeforeHead),
            Receiving::Body | Receiving::Tunnel => {
                if !stream.count_body(count, data.end) {
                    Some(Violation::BodyLength)
                } else if !stream.credit.receive(count + data.padding) {
                    Some(Violation::StreamWindowExceeded)
                } else {
                    None
                }
            }
            Receiving::Complete | Receiving::Lost => {
                stream.state = state;
                body.drop(cx);
                return Ok(Placed::No);
            }
        };
        if let Some(violation) = refused {
            body.drop(cx);
            return Err(violation.on(id));
        }
        stream.state = state;
        // Nobody reads the padding.
        stream.credit.release(data.padding);
        self.credit.release(data.padding);
        if count > 0 {
            if stream.parts.is_empty() {
                self.notes.readable(id);
            }
            append(cx, stream, body);
        } else {
            body.drop(cx);
        }
        if data.padding > 0 {
            self.return_stream_credit(cx, place);
        }
        Ok(Placed::Yes(place))
    }
}

/// Adds bytes to what waits for the owner: to the last block if they fit there, so that no block is kept
/// for a few bytes.
fn append(cx: &mut Cx<'_>, stream: &mut Stream, body: Body<'_>) {
    let last = match stream.parts.back_mut() {
        Some(Part::Data(last)) => Some(last),
        Some(Part::Head(_) | Part::Trailers(_) | Part::End) | None => None,
    };
    let mut bytes = match body {
        Body::Copied(bytes) => bytes,
        Body::Moved(buf) => {
            if let Some(last) = last
                && last.room() >= buf.len()
            {
                last.append(&buf);
                cx.pool.give(buf);
            } else {
                stream.parts.push(Part::Data(buf));
            }
            return;
        }
    };
    if let Some(last) = last {
        bytes = &bytes[last.append(bytes)..];
    }
    while !bytes.is_empty() {
        let mut buf = cx.pool.take();
        bytes = &bytes[buf.append(bytes)..];
        stream.parts.push(Part::Data(buf));
    }
}
