//! What the owner reads.

use super::Mux;
use super::streams::{Place, Receiving, Sending, Stream};
use crate::frame::write;
use crate::stream::State;
use message::{Cx, Part, Role, StreamId};

impl Mux {
    /// The next part for the owner; what it reads may be sent again.
    pub(super) fn take_part(&mut self, cx: &mut Cx<'_>, id: StreamId) -> Option<Part> {
        let place = self.streams.find(id)?;
        let stream = &mut self.streams[place];
        if self.role == Role::Accepting && stream.asked.tunnels() {
            if stream.ends_request() {
                stream.read_request = true;
                return Some(Part::End);
            }
            if waits_for_tunnel(stream) {
                return None;
            }
        }
        if stream.ends() {
            stream.read_end = true;
            self.try_done(cx, place);
            return Some(Part::End);
        }
        let part = stream.parts.pop()?;
        match &part {
            Part::Head(head) => stream.interims -= u8::from(head.is_interim()),
            Part::Trailers(_) | Part::End => {}
            Part::Data(buf) => {
                let bytes = buf.len() as u32;
                stream.credit.release(bytes);
                self.credit.release(bytes);
                self.return_credit(cx);
                self.return_stream_credit(cx, place);
            }
        }
        Some(part)
    }

    /// Whether there is something to read.
    pub(super) fn is_readable(&self, stream: &Stream) -> bool {
        if self.role == Role::Accepting && stream.asked.tunnels() {
            if stream.ends_request() {
                return true;
            }
            if waits_for_tunnel(stream) {
                return false;
            }
        }
        stream.ends() || !stream.parts.is_empty()
    }

    /// Tells the peer of a stream's window, as long as it may be of use.
    pub(super) fn return_stream_credit(&mut self, cx: &mut Cx<'_>, place: Place) {
        let stream = &mut self.streams[place];
        if matches!(stream.receiving, Receiving::Body | Receiving::Tunnel)
            && matches!(stream.state, State::Open | State::HalfClosedLocal)
            && let Some(bytes) = stream.credit.give_back()
        {
            let frame = write::window_update(stream.id, bytes);
            self.output.put(cx.pool, &frame);
        }
    }
}

/// Behind the request, a tunnel's data waits until there is a tunnel.
fn waits_for_tunnel(stream: &Stream) -> bool {
    stream.sending == Sending::Head && stream.read_request
}
