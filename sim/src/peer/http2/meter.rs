//! What HTTP/2 peers may send each other, counted from the frames on the wire (RFC 9113 §5.2, §5.1.2).
//!
//! The count is the peer's own: what it granted counts as granted when it is written, what the proxy
//! sends when it is read. So the proxy may have less than is counted, never more.

use super::frame::{
    ACK, DATA, END_STREAM, GOAWAY, HEADERS, Header, PING, RST_STREAM, SETTINGS, STREAMS_MAX,
    WINDOW, WINDOW_UPDATE, setting, word,
};
use crate::journal::{Flow, Journal};
use base::{Duration, Instant};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Which peer of the proxy counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Client,
    /// With the number of its connection.
    Server(u32),
}

/// The books of one connection.
pub(super) struct Meter {
    side: Side,
    journal: Journal,
    who: Arc<str>,
    /// What the proxy may send.
    theirs: Allowed,
    /// What this peer may send.
    ours: Allowed,
    /// Streams that are open, with which directions have ended.
    open: BTreeMap<u32, Ended>,
    /// The highest stream the proxy opened.
    highest: u32,
    /// Streams this server takes at a time, and what it said that is not acknowledged.
    streams_max: Option<u32>,
    streams_said: VecDeque<Option<u32>>,
    /// What was said in the PING behind a GOAWAY, once there is one.
    farewell: Farewell,
    /// No stream has been open since.
    quiet_since: Option<Instant>,
    /// Where the bodies of requests are counted, by stream.
    flows: BTreeMap<u32, usize>,
}

/// How a server knows that its GOAWAY was read: a PING behind it is acknowledged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Farewell {
    #[default]
    Unsaid,
    Said,
    Asked(u32),
}

#[derive(Clone, Copy, Debug, Default)]
struct Ended {
    ours: bool,
    theirs: bool,
}

/// How long nothing must be open before all credit is expected back.
const SETTLED: Duration = Duration::from_millis(500);

const WINDOW_MAX: i64 = (1 << 31) - 1;

impl Meter {
    pub(super) fn new(side: Side, who: Arc<str>, journal: Journal) -> Self {
        Self {
            side,
            journal,
            who,
            theirs: Allowed::new(),
            ours: Allowed::new(),
            open: BTreeMap::new(),
            highest: 0,
            streams_max: None,
            streams_said: VecDeque::new(),
            farewell: Farewell::default(),
            quiet_since: None,
            flows: BTreeMap::new(),
        }
    }

    /// The request called `nonce` is on a stream.
    pub(super) fn name(&mut self, stream: u32, nonce: &str) {
        self.flows.insert(stream, self.journal.flow_of(nonce));
    }

    fn wrong(&self, rule: &'static str, at: Instant, what: String) {
        let what = format!("{}: {what}", self.who);
        self.journal
            .write(|pages| pages.wrongs.push((rule, at, what)));
    }

    /// The proxy sent a frame.
    pub(super) fn heard(&mut self, at: Instant, header: Header, payload: &[u8]) {
        match header.kind {
            DATA => self.heard_data(at, header),
            HEADERS => {
                self.opened(at, header.stream);
                self.ended(at, header, |ended| ended.theirs = true);
            }
            RST_STREAM => self.closed(at, header.stream),
            SETTINGS if header.is(ACK) => {
                self.theirs.acknowledged();
                if let Some(most) = self.streams_said.pop_front() {
                    self.streams_max = most.or(self.streams_max);
                }
            }
            SETTINGS => self.ours.said(setting(payload, WINDOW)),
            PING if header.is(ACK) && self.farewell == Farewell::Asked(word(payload)) => {
                if let Side::Server(number) = self.side {
                    self.journal.write(|pages| {
                        let conn = &mut pages.server_conns[number as usize];
                        conn.spoiled_at.get_or_insert((at, "GOAWAY"));
                    });
                }
            }
            WINDOW_UPDATE => {
                let more = i64::from(word(payload));
                let open = header.stream == 0 || self.open.contains_key(&header.stream);
                if more == 0 || (open && self.ours.more(header.stream, more) > WINDOW_MAX) {
                    let what = format!("the window of {} grows by {more}", header.stream);
                    self.wrong("fc.h2", at, what);
                }
            }
            _ => {}
        }
    }

    fn heard_data(&mut self, at: Instant, header: Header) {
        let length = header.length as i64;
        let left = self.theirs.data(header.stream, length);
        if length > 0 && left < 0 {
            let what = format!(
                "{length} bytes on stream {}, {} more than were allowed",
                header.stream, -left
            );
            self.wrong("fc.h2", at, what);
        }
        let way = match self.side {
            Side::Client => Flow::DownArrived,
            Side::Server(_) => Flow::UpArrived,
        };
        self.passed(header, way);
        self.ended(at, header, |ended| ended.theirs = true);
    }

    /// This peer sent a frame.
    pub(super) fn said(&mut self, at: Instant, header: Header, payload: &[u8]) {
        match header.kind {
            DATA => {
                self.ours.data(header.stream, header.length as i64);
                let way = match self.side {
                    Side::Client => Flow::UpSent,
                    Side::Server(_) => Flow::DownSent,
                };
                self.passed(header, way);
                self.ended(at, header, |ended| ended.ours = true);
            }
            HEADERS => {
                if self.side == Side::Client {
                    self.opened(at, header.stream);
                }
                self.ended(at, header, |ended| ended.ours = true);
            }
            RST_STREAM => self.closed(at, header.stream),
            SETTINGS if header.is(ACK) => self.ours.acknowledged(),
            SETTINGS => {
                self.theirs.said(setting(payload, WINDOW));
                self.streams_said.push_back(setting(payload, STREAMS_MAX));
            }
            WINDOW_UPDATE => {
                self.theirs.more(header.stream, i64::from(word(payload)));
            }
            GOAWAY if self.farewell == Farewell::Unsaid => self.farewell = Farewell::Said,
            PING if self.farewell == Farewell::Said => {
                self.farewell = Farewell::Asked(word(payload));
            }
            _ => {}
        }
    }

    fn passed(&self, header: Header, way: Flow) {
        if let Some(flow) = self.flows.get(&header.stream) {
            self.journal.flow(*flow, way, header.length);
        }
    }

    fn opened(&mut self, at: Instant, stream: u32) {
        if stream <= self.highest {
            return;
        }
        self.highest = stream;
        self.settled(at);
        self.quiet_since = None;
        self.open.insert(stream, Ended::default());
        let Side::Server(number) = self.side else {
            return;
        };
        if let Some(most) = self.streams_max
            && self.open.len() > most as usize
        {
            let what = format!("{} streams, {most} were allowed", self.open.len());
            self.wrong("own.lease", at, what);
        }
        self.journal.write(|pages| {
            let conn = &mut pages.server_conns[number as usize];
            if conn.spoiled_at.is_some() {
                conn.request_after = Some(at);
            }
        });
    }

    fn ended(&mut self, at: Instant, header: Header, note: impl FnOnce(&mut Ended)) {
        if !header.is(END_STREAM) {
            return;
        }
        let Some(ended) = self.open.get_mut(&header.stream) else {
            return;
        };
        note(ended);
        if ended.ours && ended.theirs {
            self.closed(at, header.stream);
        }
    }

    fn closed(&mut self, at: Instant, stream: u32) {
        self.open.remove(&stream);
        if self.open.is_empty() {
            self.quiet_since.get_or_insert(at);
        }
    }

    /// Credit of streams that are over must be back before the next one: all but what a receiver
    /// may keep until it is worth a frame.
    pub(super) fn settled(&mut self, at: Instant) {
        let long = self
            .quiet_since
            .is_some_and(|since| at.since(since) > SETTLED);
        let (left, most) = (self.ours.conn, self.ours.conn_most);
        if long && left * 2 < most {
            let what = format!("{left} of {most} bytes of the connection's window are left");
            self.wrong("fc.h2", at, what);
        }
    }
}

/// How much DATA one end may send.
struct Allowed {
    conn: i64,
    conn_most: i64,
    /// Of a new stream.
    stream: i64,
    streams: BTreeMap<u32, i64>,
    /// What the receiver said in SETTINGS that are not acknowledged.
    said: VecDeque<Option<i64>>,
}

/// Before anything is said (§6.9.2).
const USUAL: i64 = 65_535;

impl Allowed {
    fn new() -> Self {
        Self {
            conn: USUAL,
            conn_most: USUAL,
            stream: USUAL,
            streams: BTreeMap::new(),
            said: VecDeque::new(),
        }
    }

    fn of(&mut self, stream: u32) -> &mut i64 {
        self.streams.entry(stream).or_insert(self.stream)
    }

    /// What is left after DATA: of the stream or the connection, whichever is less.
    fn data(&mut self, stream: u32, length: i64) -> i64 {
        self.conn -= length;
        let window = self.of(stream);
        *window -= length;
        (*window).min(self.conn)
    }

    fn more(&mut self, stream: u32, bytes: i64) -> i64 {
        if stream == 0 {
            self.conn += bytes;
            self.conn_most = self.conn_most.max(self.conn);
            return self.conn;
        }
        let window = self.of(stream);
        *window += bytes;
        *window
    }

    /// More counts at once, less when the other end knows.
    fn said(&mut self, window: Option<u32>) {
        let window = window.map(i64::from);
        match window {
            Some(window) if window > self.stream => {
                self.resize(window);
                self.said.push_back(None);
            }
            less => self.said.push_back(less),
        }
    }

    fn acknowledged(&mut self) {
        if let Some(Some(window)) = self.said.pop_front() {
            self.resize(window);
        }
    }

    fn resize(&mut self, window: i64) {
        let by = window - self.stream;
        self.stream = window;
        for open in self.streams.values_mut() {
            *open += by;
        }
    }
}
