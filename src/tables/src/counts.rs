//! What rules and events count: each a number and its rate.

use crate::data::DataType;
use crate::entry::Entry;
use crate::rules::Rules;
use base::Instant;

/// What is counted by itself while an entry is tracked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A connection came (`conn_cnt`, `conn_rate`).
    Connection,
    /// A connection was accepted by the rules of `tcp-request connection` (`sess_cnt`, `sess_rate`).
    Session,
    /// A request came (`http_req_cnt`, `http_req_rate`).
    Request,
    /// A client's mistake (`http_err_cnt`, `http_err_rate`).
    ClientError,
    /// A server's failure (`http_fail_cnt`, `http_fail_rate`).
    ServerFailure,
    /// Something odd in a client's protocol (`glitch_cnt`, `glitch_rate`).
    Glitch,
}

impl Event {
    fn counters(self) -> [DataType; 2] {
        match self {
            Self::Connection => [DataType::ConnCnt, DataType::ConnRate],
            Self::Session => [DataType::SessCnt, DataType::SessRate],
            Self::Request => [DataType::HttpReqCnt, DataType::HttpReqRate],
            Self::ClientError => [DataType::HttpErrCnt, DataType::HttpErrRate],
            Self::ServerFailure => [DataType::HttpFailCnt, DataType::HttpFailRate],
            Self::Glitch => [DataType::GlitchCnt, DataType::GlitchRate],
        }
    }
}

/// A general purpose counter, as rules name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gpc {
    /// `gpc0`, or the first of `gpc`.
    First,
    /// `gpc1`, or the second of `gpc`.
    Second,
    /// This one of `gpc`.
    Nth(u32),
}

impl Gpc {
    fn count(self) -> (DataType, u32) {
        match self {
            Self::First => (DataType::Gpc0, 0),
            Self::Second => (DataType::Gpc1, 0),
            Self::Nth(index) => (DataType::Gpc, index),
        }
    }

    fn rate(self) -> (DataType, u32) {
        match self {
            Self::First => (DataType::Gpc0Rate, 0),
            Self::Second => (DataType::Gpc1Rate, 0),
            Self::Nth(index) => (DataType::GpcRate, index),
        }
    }
}

impl<R: Rules> Entry<R> {
    /// Counts so many events, as far as the table stores them.
    pub fn count(&self, event: Event, times: u32, now: Instant) {
        for data in event.counters() {
            if let Some(slot) = self.layout().exactly(data, 0) {
                self.add_at(slot, times.into(), now);
            }
        }
    }

    /// Counts a general purpose counter up, and its rate (`sc-inc-gpc`, `sc-add-gpc`, `sc_inc_gpc`).
    /// Gives what it counts now; the rate if that alone is stored, and `None` if neither is.
    pub fn add_gpc(&self, gpc: Gpc, count: u32, now: Instant) -> Option<i64> {
        let find = |(data, index)| self.layout().find(data, index);
        let rate = find(gpc.rate());
        if let Some(rate) = rate {
            self.add_at(rate, count.into(), now);
        }
        match find(gpc.count()) {
            Some(slot) => {
                self.touch(now);
                let before = self.fetch_add(slot, count.into());
                Some(before.wrapping_add(count).into())
            }
            None => self.number_at(rate?, now),
        }
    }

    /// Counts from 0 again, and leaves the rate (`sc_clr_gpc`). Gives what was counted; `None` if it is
    /// not stored.
    pub fn clear_gpc(&self, gpc: Gpc, now: Instant) -> Option<i64> {
        let (data, index) = gpc.count();
        let slot = self.layout().find(data, index)?;
        self.touch(now);
        Some(self.fetch_clear(slot).into())
    }

    /// Counts bytes that came from a client (`bytes_in_cnt`, `bytes_in_rate`).
    pub fn add_bytes_in(&self, bytes: u64, now: Instant) {
        self.add_bytes(DataType::BytesInCnt, DataType::BytesInRate, bytes, now);
    }

    /// Counts bytes that went to a client (`bytes_out_cnt`, `bytes_out_rate`).
    pub fn add_bytes_out(&self, bytes: u64, now: Instant) {
        self.add_bytes(DataType::BytesOutCnt, DataType::BytesOutRate, bytes, now);
    }

    fn add_bytes(&self, count: DataType, rate: DataType, bytes: u64, now: Instant) {
        if let Some(slot) = self.layout().exactly(count, 0) {
            self.add_at(slot, bytes, now);
        }
        if let Some(slot) = self.layout().exactly(rate, 0) {
            self.add_at(slot, bytes.div_ceil(slot.factor.into()), now);
        }
    }
}
