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
        let promised = self.window_bytes * self.streams.len() as u32 + self.shared_bytes;
        let spare = self.limits.connection_window_bytes;
        let spare = spare.saturating_sub(promised);
        let share = spare - spare / 8;
        let stream = &mut self.streams[place];
        // An interim response comes before the one with the body.
        if stream.shared_bytes > 0 || share < self.window_bytes {
            return;
        }
        stream.shared_bytes = share;
        stream.credit.widen(share);
        self.shared_bytes += share;
        self.return_stream_credit(cx, place);
    }
}
