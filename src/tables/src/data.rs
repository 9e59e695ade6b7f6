//! What an entry can hold (`store` of `stick-table`).

/// A data type, in the order in which `show table` prints them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DataType {
    /// `server_id`: the id of the server a request was assigned to.
    ServerId,
    /// `gpt0`: the first general purpose tag.
    Gpt0,
    /// `gpc0`: the first general purpose counter.
    Gpc0,
    /// `gpc0_rate(<period>)`: how fast `gpc0` is counted up.
    Gpc0Rate,
    /// `conn_cnt`: connections so far.
    ConnCnt,
    /// `conn_rate(<period>)`: connections per period.
    ConnRate,
    /// `conn_cur`: connections that track the entry now.
    ConnCur,
    /// `sess_cnt`: sessions so far.
    SessCnt,
    /// `sess_rate(<period>)`: sessions per period.
    SessRate,
    /// `http_req_cnt`: requests so far.
    HttpReqCnt,
    /// `http_req_rate(<period>)`: requests per period.
    HttpReqRate,
    /// `http_err_cnt`: errors of clients so far.
    HttpErrCnt,
    /// `http_err_rate(<period>)`: errors of clients per period.
    HttpErrRate,
    /// `bytes_in_cnt`: bytes from clients so far.
    BytesInCnt,
    /// `bytes_in_rate(<period>)`: bytes from clients per period, in blocks of `brates-factor`.
    BytesInRate,
    /// `bytes_out_cnt`: bytes to clients so far.
    BytesOutCnt,
    /// `bytes_out_rate(<period>)`: bytes to clients per period, in blocks of `brates-factor`.
    BytesOutRate,
    /// `gpc1`: the second general purpose counter.
    Gpc1,
    /// `gpc1_rate(<period>)`: how fast `gpc1` is counted up.
    Gpc1Rate,
    /// `server_key`: what `srvkey` says of the server a request was assigned to.
    ServerKey,
    /// `http_fail_cnt`: failures of servers so far.
    HttpFailCnt,
    /// `http_fail_rate(<period>)`: failures of servers per period.
    HttpFailRate,
    /// `gpt(<nb>)`: general purpose tags.
    Gpt,
    /// `gpc(<nb>)`: general purpose counters.
    Gpc,
    /// `gpc_rate(<nb>,<period>)`: how fast the counters of `gpc` are counted up.
    GpcRate,
    /// `glitch_cnt`: oddities of clients so far.
    GlitchCnt,
    /// `glitch_rate(<period>)`: oddities of clients per period.
    GlitchRate,
}

/// How a data type is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A number of 32 bits with a sign.
    Signed,
    /// A number of 32 bits, which begins anew behind the largest.
    Unsigned,
    /// A number of 64 bits, which begins anew behind the largest.
    Long,
    /// Events per period, 32 bits.
    Rate,
    /// A text.
    Text,
}

impl DataType {
    /// All, in the order of `show table`.
    pub const ALL: [Self; COUNT] = {
        let mut all = [Self::ServerId; COUNT];
        let mut at = 0;
        while at < COUNT {
            all[at] = ROWS[at].0;
            at += 1;
        }
        all
    };

    /// Its name in the configuration.
    pub const fn name(self) -> &'static str {
        ROWS[self as usize].1
    }

    /// The data type of this name.
    pub fn by_name(name: &str) -> Option<Self> {
        ROWS.iter().find(|row| row.1 == name).map(|row| row.0)
    }

    /// How it is kept.
    pub const fn kind(self) -> Kind {
        ROWS[self as usize].2
    }

    /// Whether `store` takes a number of elements.
    pub const fn is_array(self) -> bool {
        matches!(self, Self::Gpt | Self::Gpc | Self::GpcRate)
    }

    /// Whether `store` takes a period.
    pub const fn has_period(self) -> bool {
        matches!(self.kind(), Kind::Rate)
    }

    /// The array that stands in for a data type which a table does not store, and the element of it.
    pub const fn in_array(self) -> Option<(Self, u32)> {
        match self {
            Self::Gpt0 => Some((Self::Gpt, 0)),
            Self::Gpc0 => Some((Self::Gpc, 0)),
            Self::Gpc1 => Some((Self::Gpc, 1)),
            Self::Gpc0Rate => Some((Self::GpcRate, 0)),
            Self::Gpc1Rate => Some((Self::GpcRate, 1)),
            _ => None,
        }
    }
}

/// How many data types there are.
pub(crate) const COUNT: usize = 27;

/// The most elements of an array.
pub const ELEMENTS_MAX: u32 = 100;

const ROWS: [(DataType, &str, Kind); COUNT] = [
    (DataType::ServerId, "server_id", Kind::Signed),
    (DataType::Gpt0, "gpt0", Kind::Unsigned),
    (DataType::Gpc0, "gpc0", Kind::Unsigned),
    (DataType::Gpc0Rate, "gpc0_rate", Kind::Rate),
    (DataType::ConnCnt, "conn_cnt", Kind::Unsigned),
    (DataType::ConnRate, "conn_rate", Kind::Rate),
    (DataType::ConnCur, "conn_cur", Kind::Unsigned),
    (DataType::SessCnt, "sess_cnt", Kind::Unsigned),
    (DataType::SessRate, "sess_rate", Kind::Rate),
    (DataType::HttpReqCnt, "http_req_cnt", Kind::Unsigned),
    (DataType::HttpReqRate, "http_req_rate", Kind::Rate),
    (DataType::HttpErrCnt, "http_err_cnt", Kind::Unsigned),
    (DataType::HttpErrRate, "http_err_rate", Kind::Rate),
    (DataType::BytesInCnt, "bytes_in_cnt", Kind::Long),
    (DataType::BytesInRate, "bytes_in_rate", Kind::Rate),
    (DataType::BytesOutCnt, "bytes_out_cnt", Kind::Long),
    (DataType::BytesOutRate, "bytes_out_rate", Kind::Rate),
    (DataType::Gpc1, "gpc1", Kind::Unsigned),
    (DataType::Gpc1Rate, "gpc1_rate", Kind::Rate),
    (DataType::ServerKey, "server_key", Kind::Text),
    (DataType::HttpFailCnt, "http_fail_cnt", Kind::Unsigned),
    (DataType::HttpFailRate, "http_fail_rate", Kind::Rate),
    (DataType::Gpt, "gpt", Kind::Unsigned),
    (DataType::Gpc, "gpc", Kind::Unsigned),
    (DataType::GpcRate, "gpc_rate", Kind::Rate),
    (DataType::GlitchCnt, "glitch_cnt", Kind::Unsigned),
    (DataType::GlitchRate, "glitch_rate", Kind::Rate),
];

// `name` and `kind` find a row by its position.
const _: () = {
    let mut at = 0;
    while at < COUNT {
        assert!(ROWS[at].0 as usize == at);
        at += 1;
    }
};
