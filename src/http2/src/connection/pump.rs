//! What the owner gave, and the frames that it becomes.
//!
//! A stream that can send is queued. It leaves the queue when it has nothing more, or no allowance of its
//! own; while the connection has none, it waits among those that starve.

use super::Mux;
use super::streams::{Place, Sending, Stream};
use crate::budget::Gain;
use crate::fields::Saying;
use crate::frame::write;
use crate::stream::{Kind, Next, Sender, State};
use message::Cx;

impl Mux {
    /// How much the owner may send on a stream now. A buffer may wait here for allowance, but no more
    /// than one: with room for none, an end behind the last byte that the peer allowed would wait for an
    /// allowance that nothing moves the peer to give.
    pub(super) fn room(&self, stream: &Stream) -> usize {
        match stream.sending {
            // What is held has no body.
            Sending::Head | Sending::Held => 1,
            Sending::Body if stream.unsent.is_empty() => {
                OUTPUT_BYTES_MAX.saturating_sub(self.output.bytes())
            }
            Sending::Muted => OUTPUT_BYTES_MAX,
            // The owner reads on until it finds the end that the head has already said.
            Sending::Ended { said: false } => 1,
            Sending::Body | Sending::Ending | Sending::Ended { said: true } => 0,
        }
    }

    /// An owner without room is told when there is some.
    pub(super) fn note_room(&mut self, place: Place) {
        // While all are held back, others may take the room that there is: who has some is told again.
        let full = self.full || self.room(&self.streams[place]) == 0;
        let stream = &mut self.streams[place];
        stream.held_back = full && stream.sending == Sending::Body;
    }

    /// Tells the owner of a stream that there is room again.
    fn tell_room(&mut self, place: Place) {
        let stream = &self.streams[place];
        if stream.held_back && self.room(stream) > 0 {
            self.notes.writable(stream.id);
            self.streams[place].held_back = false;
        }
    }

    /// What holds back all streams is noted for all of them once, and told once it is over.
    pub(super) fn tell_writable(&mut self) {
        let bytes = self.output.bytes();
        let full = bytes >= OUTPUT_BYTES_MAX || (self.full && bytes > OUTPUT_BYTES_LOW);
        if full == self.full {
            return;
        }
        self.full = full;
        let mut rank = 0;
        while let Some(place) = self.streams.at_rank(rank) {
            rank += 1;
            if full {
                let stream = &mut self.streams[place];
                stream.held_back |= stream.sending == Sending::Body;
            } else {
                self.tell_room(place);
            }
        }
    }

    /// The connection has more allowance.
    pub(super) fn on_connection_allowance(&mut self) {
        if self.allowance.left() > 0 {
            self.ready.append(&mut self.starved);
        }
    }

    /// Queues a stream if there is something it could send.
    pub(super) fn queue(&mut self, place: Place) {
        let stream = &mut self.streams[place];
        if !stream.queued && stream.can_send() {
            stream.queued = true;
            self.ready.push_back(stream.id);
        }
    }

    /// Takes a stream out that is to send nothing more.
    pub(super) fn unqueue(&mut self, place: Place) {
        let stream = &mut self.streams[place];
        if core::mem::take(&mut stream.queued) {
            let id = stream.id;
            self.ready.retain(|it| *it != id);
            self.starved.retain(|it| *it != id);
        }
    }

    /// Sends what waits for allowance, one frame of a stream after one of another.
    pub(super) fn pump(&mut self, cx: &mut Cx<'_>) {
        while self.output.bytes() < OUTPUT_BYTES_MAX
            && let Some(id) = self.ready.pop_front()
        {
            let Some(place) = self.streams.find(id) else {
                continue;
            };
            self.streams[place].queued = false;
            self.pump_stream(cx, place);
        }
    }

    /// Sends one frame.
    fn pump_stream(&mut self, cx: &mut Cx<'_>, place: Place) {
        let stream = &mut self.streams[place];
        if stream.unsent.is_empty() {
            return self.send_last(cx, place);
        }
        if self.allowance.left() == 0 {
            stream.queued = true;
            return self.starved.push_back(stream.id);
        }
        let Some(data) = stream.unsent.front_mut() else {
            return;
        };
        let most = stream.allowance.left().min(self.allowance.left());
        let count = data.len().min(most).min(self.peer.frame_bytes_max as usize);
        let whole = count == data.len();
        if count == 0 || !may_send(&mut stream.state, Kind::Data) {
            return;
        }
        stream.allowance.take(count);
        self.allowance.take(count);
        self.budget.earn(Gain::Bytes(count));
        stream.moved_at = cx.now;
        stream.last_frame = Some(self.output.mark());
        let header = write::data(stream.id, count as u32, false);
        self.output.put(cx.pool, &header);
        if !whole {
            self.output.put(cx.pool, &data[..count]);
            data.consume(count);
        } else if let Some(data) = stream.unsent.pop() {
            self.output.push(cx.pool, data);
        }
        if stream.unsent.is_empty() && stream.sending == Sending::Ending {
            self.send_last(cx, place);
        } else {
            self.queue(place);
            if !self.full {
                self.tell_room(place);
            }
        }
    }

    /// Sends trailers, or the end: with the last frame if that is still here, else alone.
    pub(super) fn send_last(&mut self, cx: &mut Cx<'_>, place: Place) {
        let stream = &mut self.streams[place];
        let trailers = stream.trailers.take();
        let kind = match trailers {
            Some(_) => Kind::HeadersEnd,
            None => Kind::DataEnd,
        };
        if may_send(&mut stream.state, kind) {
            let last = stream.last_frame.take();
            match &trailers {
                Some(trailers) => {
                    let block = self.writer.write(trailers, Saying::AsIs);
                    let output = &mut self.output;
                    let most = self.peer.frame_bytes_max;
                    write::headers(stream.id, block, true, most, |bytes| {
                        output.put(cx.pool, bytes);
                    });
                }
                None if last.is_some_and(|mark| self.output.end_data(mark)) => {}
                None => self.output.put(cx.pool, &write::data(stream.id, 0, true)),
            }
        }
        stream.sending = Sending::Ended { said: true };
        if let Some(trailers) = trailers {
            cx.heads.give(trailers);
        }
        self.on_ended(cx, place);
    }
}

/// Moves a stream on by a frame of ours; false if it must not be sent.
pub(super) fn may_send(state: &mut State, kind: Kind) -> bool {
    match state.next(Sender::Us, kind) {
        Next::To(next) => {
            *state = next;
            true
        }
        Next::Ignored | Next::Broken(_) | Next::Never => false,
    }
}

/// Bytes that wait to be written before the owners are held back.
const OUTPUT_BYTES_MAX: usize = 32 * 1024;
/// Bytes that still wait when they are told that there is room.
const OUTPUT_BYTES_LOW: usize = 16 * 1024;
