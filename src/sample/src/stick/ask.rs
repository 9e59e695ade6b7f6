//! Questions to entries.

use base::Instant;
use tables::{DataType, Entry, Gpc, KeyRef, Table};

/// What is asked of an entry. Elements of arrays are numbered; of what is no array there is element 0.
#[derive(Clone, Copy)]
pub(crate) enum Ask {
    /// A number of it.
    Number(DataType),
    /// A number of bytes, in kilobytes.
    Kilobytes(DataType),
    /// How many hold it.
    Trackers,
    /// What the counter of an element counts once it has counted this as well.
    Count(fn(u32) -> Gpc),
    /// What the counter of an element has counted before it begins anew.
    Clear(fn(u32) -> Gpc),
    /// What `conn_cnt` counts once it has counted this as well.
    Connection,
}

impl Ask {
    /// Asks the entry of a key. One that changes something makes it if there is none; for others
    /// everything is 0 then.
    pub(crate) fn of_key(
        self,
        element: u32,
        table: &Table,
        key: KeyRef<'_>,
        now: Instant,
    ) -> Option<i64> {
        let makes = match self {
            Self::Number(_) | Self::Kilobytes(_) | Self::Trackers => false,
            Self::Count(_) | Self::Clear(_) => true,
            Self::Connection => {
                table.layout().exactly(DataType::ConnCnt, 0)?;
                true
            }
        };
        if makes {
            let entry = table.hold_or_make(key, now).ok()?;
            return self.of_entry(element, &entry, now);
        }
        match table.lookup(key, now) {
            Some(entry) => self.of_entry(element, &entry, now),
            None => Some(0),
        }
    }

    /// Asks an entry; nothing if its table does not store what is asked for.
    pub(crate) fn of_entry(self, element: u32, entry: &Entry, now: Instant) -> Option<i64> {
        match self {
            Self::Number(data) => entry.number(data, element, now),
            Self::Kilobytes(data) => Some(entry.number(data, element, now)? >> 10),
            Self::Trackers => Some(entry.holders().into()),
            // A counter that is not there has counted nothing.
            Self::Count(gpc) => Some(entry.add_gpc(gpc(element), 1, now).unwrap_or(0)),
            Self::Clear(gpc) => entry.clear_gpc(gpc(element), now),
            Self::Connection => {
                entry.add(DataType::ConnCnt, 0, 1, now)?;
                entry.touch(now);
                entry.number(DataType::ConnCnt, 0, now)
            }
        }
    }
}

/// Hands the list of questions to a macro: the name behind `sc_`, that behind `table_`, the line of
/// documentation, the question. First those of one number, then those of an element of an array.
macro_rules! asks {
    ($with:ident) => {
        $with! {
            one:
            "bytes_in_rate" "bytes_in_rate" "bytes from clients per period" (Ask::Number(DataType::BytesInRate));
            "bytes_out_rate" "bytes_out_rate" "bytes to clients per period" (Ask::Number(DataType::BytesOutRate));
            "clr_gpc0" "clr_gpc0" "what 'gpc0' counted before it is cleared" (Ask::Clear(|_| Gpc::First));
            "clr_gpc1" "clr_gpc1" "what 'gpc1' counted before it is cleared" (Ask::Clear(|_| Gpc::Second));
            "conn_cnt" "conn_cnt" "connections so far" (Ask::Number(DataType::ConnCnt));
            "conn_cur" "conn_cur" "connections at present" (Ask::Number(DataType::ConnCur));
            "conn_rate" "conn_rate" "connections per period" (Ask::Number(DataType::ConnRate));
            "get_gpc0" "gpc0" "'gpc0'" (Ask::Number(DataType::Gpc0));
            "get_gpc1" "gpc1" "'gpc1'" (Ask::Number(DataType::Gpc1));
            "get_gpt0" "gpt0" "'gpt0'" (Ask::Number(DataType::Gpt0));
            "glitch_cnt" "glitch_cnt" "oddities of clients so far" (Ask::Number(DataType::GlitchCnt));
            "glitch_rate" "glitch_rate" "oddities of clients per period" (Ask::Number(DataType::GlitchRate));
            "gpc0_rate" "gpc0_rate" "how fast 'gpc0' is counted up" (Ask::Number(DataType::Gpc0Rate));
            "gpc1_rate" "gpc1_rate" "how fast 'gpc1' is counted up" (Ask::Number(DataType::Gpc1Rate));
            "http_err_cnt" "http_err_cnt" "errors of clients so far" (Ask::Number(DataType::HttpErrCnt));
            "http_err_rate" "http_err_rate" "errors of clients per period" (Ask::Number(DataType::HttpErrRate));
            "http_fail_cnt" "http_fail_cnt" "failures of servers so far" (Ask::Number(DataType::HttpFailCnt));
            "http_fail_rate" "http_fail_rate" "failures of servers per period" (Ask::Number(DataType::HttpFailRate));
            "http_req_cnt" "http_req_cnt" "requests so far" (Ask::Number(DataType::HttpReqCnt));
            "http_req_rate" "http_req_rate" "requests per period" (Ask::Number(DataType::HttpReqRate));
            "inc_gpc0" "inc_gpc0" "'gpc0' once it has counted this" (Ask::Count(|_| Gpc::First));
            "inc_gpc1" "inc_gpc1" "'gpc1' once it has counted this" (Ask::Count(|_| Gpc::Second));
            "kbytes_in" "kbytes_in" "kilobytes from clients so far" (Ask::Kilobytes(DataType::BytesInCnt));
            "kbytes_out" "kbytes_out" "kilobytes to clients so far" (Ask::Kilobytes(DataType::BytesOutCnt));
            "sess_cnt" "sess_cnt" "sessions so far" (Ask::Number(DataType::SessCnt));
            "sess_rate" "sess_rate" "sessions per period" (Ask::Number(DataType::SessRate));
            element:
            "get_gpc" "gpc" "an element of 'gpc'" (Ask::Number(DataType::Gpc));
            "get_gpt" "gpt" "an element of 'gpt'" (Ask::Number(DataType::Gpt));
            "gpc_rate" "gpc_rate" "how fast an element of 'gpc' is counted up" (Ask::Number(DataType::GpcRate));
            "inc_gpc" "inc_gpc" "an element of 'gpc' once it has counted this" (Ask::Count(Gpc::Nth));
            "clr_gpc" "clr_gpc" "what an element of 'gpc' counted before it is cleared" (Ask::Clear(Gpc::Nth));
        }
    };
}
pub(crate) use asks;
