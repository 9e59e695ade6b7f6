//! What the owner of a connection can ask of it.

use super::receiving::{Body, Data};
use super::streams::{Receiving, Sending};
use super::{Connection, Draining, MOVED_BYTES_MIN, OUTPUT_BYTES_STOP, STREAM_MAX};
use crate::frame::Frame;
use base::{Buf, Deadline, Instant};
use message::{
    Capacity, Cx, Event, Head, Machine, Owes, Part, Reset, Role, Shutdown, StreamId, Waiting,
};

impl Machine for Connection {
    fn receive(&mut self, cx: &mut Cx<'_>, mut bytes: Buf) {
        let Self { reader, mux } = self;
        mux.begun |= !bytes.is_empty();
        let start = bytes.as_ptr() as usize;
        let mut rest: &[u8] = &bytes;
        // A body at the end of the bytes keeps their block.
        let mut moved = None;
        while mux.over.is_none() {
            match reader.read(&mut rest) {
                Ok(None) => break,
                Ok(Some(Frame::Data {
                    stream,
                    bytes: body,
                    padding,
                    last,
                    end,
                })) => {
                    let data = Data {
                        stream,
                        padding,
                        last,
                        end,
                    };
                    if rest.is_empty() && body.len() >= MOVED_BYTES_MIN {
                        let at = body.as_ptr() as usize - start;
                        moved = Some((data, at, body.len()));
                        break;
                    }
                    let taken = mux.on_data(cx, data, Body::Copied(body));
                    mux.on_taken(cx, taken);
                }
                Ok(Some(frame)) => {
                    let taken = mux.on_frame(cx, frame);
                    mux.on_taken(cx, taken);
                }
                Err(flaw) => mux.on_taken(cx, Err(flaw)),
            }
        }
        if let Some((data, at, count)) = moved {
            bytes.consume(at);
            bytes.truncate(count);
            let taken = mux.on_data(cx, data, Body::Moved(bytes));
            mux.on_taken(cx, taken);
        } else {
            cx.pool.give(bytes);
        }
        mux.settle(cx);
    }

    fn receive_end(&mut self, cx: &mut Cx<'_>, reset: bool) {
        self.mux.on_fin(cx, reset);
        self.mux.settle(cx);
    }

    fn wants_bytes(&self) -> bool {
        let mux = &self.mux;
        let lingers = matches!(mux.over, Some((Shutdown::Linger, _)));
        !mux.fin && (lingers || mux.over.is_none() && mux.output.bytes() < OUTPUT_BYTES_STOP)
    }

    fn poll_event(&mut self, _cx: &mut Cx<'_>) -> Option<Event> {
        let mux = &mut self.mux;
        while let Some(event) = mux.notes.pop() {
            // Nobody hears of a stream that was gone again before its turn came; what is said of it
            // later is about a stream that its owner does not know.
            let vain = matches!(event, Event::Opened(id) if mux.streams.find(id).is_none());
            if !vain {
                return Some(event);
            }
        }
        if mux.streams.is_empty() {
            mux.notes.shrink();
        }
        let (_, ending) = mux.over?;
        if mux.told || !mux.output.is_empty() {
            return None;
        }
        mux.told = true;
        Some(Event::Finished(ending))
    }

    fn read(&mut self, cx: &mut Cx<'_>, stream: StreamId) -> Option<Part> {
        let part = self.mux.take_part(cx, stream)?;
        self.mux.settle(cx);
        Some(part)
    }

    fn open(&mut self, _cx: &mut Cx<'_>) -> Option<StreamId> {
        if self.capacity().now == 0 {
            return None;
        }
        let mux = &mut self.mux;
        let id = StreamId(mux.next);
        mux.next += 2;
        mux.streams.add(id, mux.window_bytes, mux.peer.window_bytes);
        Some(id)
    }

    fn capacity(&self) -> Capacity {
        let mux = &self.mux;
        let closed = mux.over.is_some()
            || mux.fin
            || mux.peer.gone
            || mux.draining != Draining::No
            || mux.role == Role::Accepting;
        let ever = match (STREAM_MAX + 2).checked_sub(mux.next) {
            Some(left) if !closed => (left / 2) as u32,
            Some(_) | None => 0,
        };
        let most = match mux.held {
            Some(_) => 0,
            None => mux.peer.streams_max.min(mux.limits.streams_max),
        };
        Capacity {
            now: most.saturating_sub(mux.streams.len() as u32).min(ever),
            ever,
        }
    }

    fn room(&self, stream: StreamId) -> usize {
        self.mux
            .streams
            .get(stream)
            .map_or(0, |stream| self.mux.room(stream))
    }

    fn send_head(&mut self, cx: &mut Cx<'_>, stream: StreamId, head: &Head) {
        self.mux.write_head(cx, stream, head);
        self.mux.settle(cx);
    }

    fn send_data(&mut self, cx: &mut Cx<'_>, stream: StreamId, data: Buf) {
        self.mux.write_data(cx, stream, data);
        self.mux.settle(cx);
    }

    fn send_trailers(&mut self, cx: &mut Cx<'_>, stream: StreamId, trailers: &Head) {
        self.mux.write_trailers(cx, stream, trailers);
    }

    fn send_end(&mut self, cx: &mut Cx<'_>, stream: StreamId) {
        self.mux.write_end(cx, stream);
        self.mux.settle(cx);
    }

    fn reset(&mut self, cx: &mut Cx<'_>, stream: StreamId, reset: Reset) {
        self.mux.give_up(cx, stream, reset);
        self.mux.settle(cx);
    }

    fn drain(&mut self, cx: &mut Cx<'_>) {
        self.mux.announce_end(cx);
        self.mux.settle(cx);
    }

    fn pending<'a>(&'a self, slices: &mut [&'a [u8]]) -> usize {
        self.mux.output.pending(slices)
    }

    fn has_pending(&self) -> bool {
        !self.mux.output.is_empty()
    }

    fn has_unsent(&self, stream: StreamId) -> bool {
        self.mux.streams.get(stream).is_some_and(|stream| {
            let end = match stream.sending {
                Sending::Ended { .. } => !stream.flushed,
                Sending::Head | Sending::Body | Sending::Muted => false,
                Sending::Held | Sending::Ending => true,
            };
            end || !stream.unsent.is_empty()
        })
    }

    fn moved_at(&self, stream: StreamId) -> Instant {
        let Some(stream) = self.mux.streams.get(stream) else {
            return Instant::ZERO;
        };
        // What leaves in front of what waits brings its turn nearer, unless it waits for its window.
        let ended = matches!(stream.sending, Sending::Ended { .. });
        let waits_in_output = if stream.unsent.is_empty() {
            ended && !stream.flushed
        } else {
            self.mux.full
        };
        if waits_in_output {
            stream.moved_at.max(self.mux.written_at)
        } else {
            stream.moved_at
        }
    }

    fn transmitted(&mut self, cx: &mut Cx<'_>, count: usize) {
        self.mux.written_at = cx.now;
        self.mux.output.consume(cx.pool, count);
        self.mux.end_written(cx);
        self.mux.settle(cx);
    }

    fn shutdown(&self) -> Shutdown {
        self.mux
            .over
            .map_or(Shutdown::Open, |(shutdown, _)| shutdown)
    }

    fn waiting(&self) -> Waiting {
        let mux = &self.mux;
        if !mux.streams.is_empty() || !mux.output.is_empty() {
            Waiting::Stream
        } else if self.reader.is_within_block() {
            Waiting::Head
        } else if mux.opened == 0 {
            Waiting::First
        } else {
            Waiting::Next
        }
    }

    fn poll_timeout(&self) -> Option<Deadline> {
        self.mux.idle.deadline()
    }

    fn handle_timeout(&mut self, cx: &mut Cx<'_>) {
        self.mux.on_idle_timeout(cx);
        self.mux.settle(cx);
    }

    fn owes(&self, stream: StreamId) -> Owes {
        let Some(stream) = self.mux.streams.get(stream) else {
            return Owes::default();
        };
        Owes {
            peer_bytes: !matches!(stream.receiving, Receiving::Complete | Receiving::Lost),
            readable: self.mux.is_readable(stream),
            // A head without a body has said the end already, but its owner has not.
            owner_parts: matches!(
                stream.sending,
                Sending::Head | Sending::Body | Sending::Muted | Sending::Ended { said: false }
            ),
        }
    }
}
