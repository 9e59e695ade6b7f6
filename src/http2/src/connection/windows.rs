//! How the connection's window is shared between the streams that have bodies to come.

use super::Mux;
use super::streams::Place;
use message::Cx;

impl Mux {
    /// Widens the window of a stream whose body is to come by most of what no stream has been promised:
    /// the few that upload at a time are not held up, and those that come later still find something
    /// (`tune.h2.{fe,be}.rxbuf`). However much is promised, the connection's own window bounds what is
    /// held.
    pub(super) fn share_window(&mut self, cx: &mut Cx<'_>, place: Place) {
        let stream = &self.streams[place];
        // An interim response comes before the one with the body.
        let fits = stream
            .due
            .is_some_and(|due| due <= self.window_bytes.into());
        if stream.shared_bytes > 0 || fits {
            return;
        }
        let rights = self.window_bytes.saturating_mul(self.streams.len() as u32);
        let promised = rights.saturating_add(self.shared_bytes);
        let spare = self.limits.connection_window_bytes;
        let spare = spare.saturating_sub(promised);
        let share = spare - spare / 8;
        if share < self.window_bytes {
            return;
        }
        let stream = &mut self.streams[place];
        stream.shared_bytes = share;
        stream.credit.widen(share);
        self.shared_bytes += share;
        self.return_stream_credit(cx, place);
    }
}
