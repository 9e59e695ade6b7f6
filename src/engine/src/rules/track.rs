//! Tracked counters: `track-sc`, `sc-inc-gpc` and what is counted by itself.

use crate::conn::Side;
use crate::engine::Engine;
use alloc::vec::Vec;
use message::Framing;
use sample::Value;
use sample::facts::Track;
use session::rules::Count;
use session::{ExchangeId, Flow, Stage};
use tables::{DataType, Event, Gpc};

impl Engine {
    /// `track-scN` of a request. What is tracked already stays: the first rule wins.
    pub(super) fn track(&mut self, exchange: ExchangeId, counter: u8, table: u32, key: Value<'_>) {
        let x = &self.exchanges[exchange];
        let of_session = self.session_tracks(x.client.conn, counter);
        let slot = x.ruled.tracked.get(usize::from(counter));
        if of_session || slot.is_some_and(Option::is_some) {
            return self.work.done(key);
        }
        let Some(track) = self.new_track(table, key) else {
            return;
        };
        let x = &self.exchanges[exchange];
        if x.request.is_some() && x.ruled.stage != Stage::FrontContent {
            track.entry.count(Event::Request, 1, self.now);
        }
        let slots = &mut self.exchanges[exchange].ruled.tracked;
        put(slots, &mut self.spare_tracks, counter, track);
    }

    /// `track-scN` of a connection.
    pub(super) fn track_session(
        &mut self,
        conn: session::ConnId,
        counter: u8,
        table: u32,
        key: Value<'_>,
    ) {
        if self.session_tracks(conn, counter) {
            return self.work.done(key);
        }
        let Some(track) = self.new_track(table, key) else {
            return;
        };
        if let Some(conn) = self.conns.get_mut(conn)
            && let Side::Client(client) = &mut conn.side
        {
            put(&mut client.tracked, &mut self.spare_tracks, counter, track);
        }
    }

    fn session_tracks(&self, conn: session::ConnId, counter: u8) -> bool {
        let conn = self.conns.get(conn);
        conn.is_some_and(|conn| match &conn.side {
            Side::Client(client) => client
                .tracked
                .get(usize::from(counter))
                .is_some_and(Option::is_some),
            Side::Server(_) | Side::Dialed(_) => false,
        })
    }

    fn new_track(&mut self, table: u32, key: Value<'_>) -> Option<Track> {
        let found = sample::stick::with_key(key, table, &mut self.work, |table, key, now| {
            table.track(key, now).ok()
        });
        let entry = found.flatten()?;
        Some(Track { table, entry })
    }

    /// `sc-inc-gpc` and its like on what a request or its connection tracks.
    pub(super) fn count_tracked(&mut self, exchange: ExchangeId, count: &Count, number: u32) {
        let counter = counter_of(count);
        let now = self.now;
        let x = &self.exchanges[exchange];
        let own = x.ruled.tracked.get(counter).and_then(Option::as_ref);
        let of_session = || {
            let conn = self.conns.get(x.client.conn)?;
            match &conn.side {
                Side::Client(client) => client.tracked.get(counter)?.as_ref(),
                Side::Server(_) | Side::Dialed(_) => None,
            }
        };
        if let Some(track) = own.or_else(of_session) {
            change(&track.entry, count, number, now);
        }
    }

    /// The same on what a connection tracks.
    pub(super) fn count_of_session(&mut self, conn: session::ConnId, count: &Count, number: u32) {
        let counter = counter_of(count);
        if let Some(conn) = self.conns.get(conn)
            && let Side::Client(client) = &conn.side
            && let Some(Some(track)) = client.tracked.get(counter)
        {
            change(&track.entry, count, number, self.now);
        }
    }

    /// Counts an event on everything that a request and its connection track.
    pub(crate) fn note_event(&self, exchange: ExchangeId, event: Event) {
        let x = &self.exchanges[exchange];
        for track in x.ruled.tracked.iter().flatten() {
            track.entry.count(event, 1, self.now);
        }
        if let Some(conn) = self.conns.get(x.client.conn)
            && let Side::Client(client) = &conn.side
        {
            for track in client.tracked.iter().flatten() {
                track.entry.count(event, 1, self.now);
            }
        }
    }

    /// Counts what a client did since then that none should do (`glitch_cnt`) on everything that its
    /// connection tracks.
    pub(crate) fn note_glitches(&mut self, conn: session::ConnId) {
        let Some(conn) = self.conns.get_mut(conn) else {
            return;
        };
        let Side::Client(client) = &mut conn.side else {
            return;
        };
        let all = conn.wire.glitches();
        let new = all - client.glitches;
        client.glitches = all;
        if new > 0 {
            for track in client.tracked.iter().flatten() {
                track.entry.count(Event::Glitch, new, self.now);
            }
        }
    }

    /// Adds the bytes of a request and its answer to everything that is tracked.
    pub(crate) fn note_bytes(&self, exchange: ExchangeId) {
        let x = &self.exchanges[exchange];
        let of_session = self.conns.get(x.client.conn).map(|conn| &conn.side);
        let of_session: &[Option<Track>] = match of_session {
            Some(Side::Client(client)) => &client.tracked,
            Some(Side::Server(_) | Side::Dialed(_)) | None => &[],
        };
        for track in x.ruled.tracked.iter().chain(of_session).flatten() {
            track.entry.add_bytes_in(x.bytes_in, self.now);
            track.entry.add_bytes_out(x.bytes_out, self.now);
        }
    }

    /// The answer to a whole request is complete: who has read it finds nothing of it tracked any more.
    /// Unless a log line is to come, which may ask what is.
    pub(crate) fn conclude_tracks(&mut self, exchange: ExchangeId) {
        let x = &mut self.exchanges[exchange];
        let whole = x.upload == Flow::Done
            || x.request
                .as_ref()
                .is_some_and(|head| head.framing == Framing::None);
        let logs = &self.shared.settings.proxies[x.frontend.0 as usize].logs;
        if x.ruled.tracked.is_empty() || x.tunnel || !whole || !(logs.is_empty() || x.logged) {
            return;
        }
        let tracked = core::mem::take(&mut x.ruled.tracked);
        for track in tracked.iter().flatten() {
            track.entry.add_bytes_in(x.bytes_in, self.now);
            track.entry.add_bytes_out(x.bytes_out, self.now);
        }
        self.end_tracks(tracked);
    }

    /// Nothing is tracked any more.
    pub(crate) fn end_tracks(&mut self, mut tracked: Vec<Option<Track>>) {
        while let Some(track) = tracked.pop() {
            if let Some(track) = track {
                track.entry.end(self.now);
            }
        }
        if tracked.capacity() > 0 && self.spare_tracks.len() < SPARE_TRACKS_MAX {
            self.spare_tracks.push(tracked);
        }
    }
}

fn put(
    slots: &mut Vec<Option<Track>>,
    spare: &mut Vec<Vec<Option<Track>>>,
    counter: u8,
    track: Track,
) {
    if slots.capacity() == 0
        && let Some(room) = spare.pop()
    {
        *slots = room;
    }
    let at = usize::from(counter);
    while slots.len() <= at {
        slots.push(None);
    }
    slots[at] = Some(track);
}

/// Which tracked entry is changed.
fn counter_of(count: &Count) -> usize {
    let counter = match count {
        Count::IncrementGpc { counter, .. }
        | Count::AddGpc { counter, .. }
        | Count::SetGpt { counter, .. }
        | Count::IncrementGpc0 { counter }
        | Count::IncrementGpc1 { counter }
        | Count::SetGpt0 { counter, .. } => counter,
    };
    usize::from(*counter)
}

fn change(entry: &tables::Tracked, count: &Count, number: u32, now: base::Instant) {
    match count {
        Count::IncrementGpc { index, .. } => {
            entry.add_gpc(Gpc::Nth(*index), 1, now);
        }
        Count::AddGpc { index, .. } => {
            entry.add_gpc(Gpc::Nth(*index), number, now);
        }
        Count::IncrementGpc0 { .. } => {
            entry.add_gpc(Gpc::First, 1, now);
        }
        Count::IncrementGpc1 { .. } => {
            entry.add_gpc(Gpc::Second, 1, now);
        }
        Count::SetGpt { index, .. } => {
            entry.set(DataType::Gpt, *index, number.into(), now);
        }
        Count::SetGpt0 { .. } => {
            if entry.set(DataType::Gpt0, 0, number.into(), now).is_none() {
                entry.set(DataType::Gpt, 0, number.into(), now);
            }
        }
    }
}

/// Room for what is tracked, kept for those who come next.
const SPARE_TRACKS_MAX: usize = 64;
