//! Frames that carry nothing of a message.

use crate::Code;
use crate::budget::Cost;
use crate::connection::Mux;
use crate::connection::notes::Why;
use crate::connection::streams::{Receiving, Sending};
use crate::frame::{Setting, Settings, write};
use crate::stream::{Closed, Kind, Next, Sender, State};
use crate::violation::{Flaw, Violation};
use message::{Cx, Role, StreamId};

impl Mux {
    pub(super) fn on_reset(
        &mut self,
        cx: &mut Cx<'_>,
        id: StreamId,
        code: u32,
    ) -> Result<(), Flaw> {
        match self.state(id).next(Sender::Peer, Kind::Reset) {
            Next::To(_) => {}
            Next::Ignored | Next::Never => {
                // Whatever closed it, nothing of the peer can follow its own reset.
                if self.streams.find(id).is_none() {
                    self.streams.closed.note_again(id, Closed::ResetByPeer);
                }
                return self.spend(Cost::Cheap);
            }
            Next::Broken(violation) => return Err(violation.on(id)),
        }
        let Some(place) = self.streams.find(id) else {
            return Ok(());
        };
        let stream = &mut self.streams[place];
        let cost = if stream.answered {
            Cost::Cheap
        } else {
            Cost::Reset
        };
        if self.role == Role::Opening && stream.receiving == Receiving::Complete {
            // The answer is whole; the rest of the request is not wanted (RFC 9113 §8.1).
            stream.state = State::Closed(Closed::ResetByPeer);
            stream.drop_unsent(cx.pool);
            if !stream.has_ended_sending() {
                stream.sending = Sending::Ended { said: false };
                self.unqueue(place);
                self.on_ended(cx, place);
            }
            return Ok(());
        }
        let refused = Code::of(code) == Code::RefusedStream && !stream.answered;
        let why = if self.role == Role::Opening && refused {
            Why::Refused
        } else {
            Why::Told(code)
        };
        self.forget(cx, place, Closed::ResetByPeer);
        self.notes.reset(id, why);
        self.spend(cost)
    }

    pub(super) fn on_settings(
        &mut self,
        cx: &mut Cx<'_>,
        settings: Settings<'_>,
    ) -> Result<(), Flaw> {
        let mut window = self.peer.window_bytes;
        for setting in settings.iter() {
            match setting {
                Setting::TableBytes(bytes) => self.writer.set_table_bytes_max(bytes),
                Setting::Push(true) if self.role == Role::Opening => {
                    return Err(Violation::SettingSwitch.on(StreamId(0)));
                }
                Setting::StreamsMax(count) => self.peer.streams_max = count,
                // Of several the last counts, so that all streams are looked at once.
                Setting::WindowBytes(bytes) => window = bytes,
                Setting::FrameBytes(bytes) => self.peer.frame_bytes_max = bytes,
                Setting::ConnectProtocol(on) => self.peer.upgrades = on,
                Setting::Push(_) | Setting::ListBytes(_) => {}
            }
        }
        if window != self.peer.window_bytes {
            self.shift_windows(window)?;
        }
        self.output.put(cx.pool, &write::settings_ack());
        self.peer.settled = true;
        self.release_held(cx);
        let count = settings.len() as u32;
        self.spend(Cost::Settings { count })
    }

    /// The windows of all streams change with that of the next (RFC 9113 §6.9.2).
    fn shift_windows(&mut self, window: u32) -> Result<(), Flaw> {
        let change = i64::from(window) - i64::from(self.peer.window_bytes);
        self.peer.window_bytes = window;
        let mut rank = 0;
        while let Some(place) = self.streams.at_rank(rank) {
            rank += 1;
            let stream = &mut self.streams[place];
            if !stream.allowance.shift(change) {
                return Err(Violation::SettingWindow.on(StreamId(0)));
            }
            self.queue(place);
        }
        Ok(())
    }

    /// The peer follows our settings from now on; until then it followed the defaults.
    pub(super) fn on_settings_ack(&mut self, cx: &mut Cx<'_>) {
        if !core::mem::take(&mut self.unacknowledged) {
            return;
        }
        self.fields.set_table_bytes_max(self.limits.table_bytes_max);
        let before = core::mem::replace(&mut self.window_bytes, self.limits.window_bytes);
        let mut rank = 0;
        while let Some(place) = self.streams.at_rank(rank) {
            rank += 1;
            self.streams[place].credit.resize(before, self.window_bytes);
            // What was read is a larger part of a smaller window, and nobody may read again.
            self.return_stream_credit(cx, place);
        }
    }

    pub(super) fn on_window_update(&mut self, id: StreamId, bytes: u32) -> Result<(), Flaw> {
        let more = i64::from(bytes);
        if id.0 == 0 {
            if !self.allowance.shift(more) {
                return Err(Violation::WindowOverflow.on(id));
            }
            self.on_connection_allowance();
            return self.spend(Cost::Cheap);
        }
        if let Next::Broken(violation) = self.state(id).next(Sender::Peer, Kind::WindowUpdate) {
            return Err(violation.on(id));
        }
        if let Some(place) = self.streams.find(id) {
            if !self.streams[place].allowance.shift(more) {
                return Err(Violation::StreamWindowOverflow.on(id));
            }
            self.queue(place);
        }
        self.spend(Cost::Cheap)
    }

    /// The peer takes no further streams, and never looked at those above `last`.
    pub(super) fn on_go_away(&mut self, cx: &mut Cx<'_>, last: StreamId) {
        if self.role == Role::Accepting {
            return;
        }
        self.peer.gone = true;
        while let Some(place) = self.streams.last()
            && let id = self.streams[place].id
            && id > last
        {
            self.forget(cx, place, Closed::ResetByPeer);
            self.notes.reset(id, Why::Refused);
        }
    }
}

/// The payload of the PING that follows the announcement of an end.
pub(in crate::connection) const DRAINED: [u8; 8] = *b"draining";
