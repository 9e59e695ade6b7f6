//! What a log line says of its own making.

/// When, and under what circumstances, something is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    /// What gave rise to it (`%OG`).
    pub origin: Origin,
    /// `option logasap`: numbers that still grow have a `+`.
    pub asap: bool,
    /// Lines the frontend has logged before (`%lc`).
    pub count: u32,
}

/// What gave rise to a log line (`%OG`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// Nothing that has a name: what is written is no log line.
    #[default]
    Unspecified,
    /// A session that failed.
    Error,
    /// A session that was ended before it had a stream.
    Killed,
    /// `accept`
    Accept,
    /// `request`
    Request,
    /// `connect`
    Connect,
    /// `response`
    Response,
    /// `close`
    Close,
    /// `do-log` of a rule set.
    Rule(RuleKind),
}

/// The rule set in which a `do-log` stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleKind {
    /// `quic-initial`
    QuicInitial,
    /// `tcp-request connection`
    Connection,
    /// `tcp-request session`
    Session,
    /// `tcp-request content`
    Content,
    /// `tcp-response content`
    Reply,
    /// `http-request`
    Request,
    /// `http-response`
    Response,
    /// `http-after-response`
    AfterResponse,
}

impl Origin {
    /// Its name in lines.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unspecified => "unspec",
            Self::Error => "sess_error",
            Self::Killed => "sess_killed",
            Self::Accept => "txn_accept",
            Self::Request => "txn_request",
            Self::Connect => "txn_connect",
            Self::Response => "txn_response",
            Self::Close => "txn_close",
            Self::Rule(RuleKind::QuicInitial) => "quic-init",
            Self::Rule(RuleKind::Connection) => "tcp-req-conn",
            Self::Rule(RuleKind::Session) => "tcp-req-sess",
            Self::Rule(RuleKind::Content) => "tcp-req-cont",
            Self::Rule(RuleKind::Reply) => "tcp-res-cont",
            Self::Rule(RuleKind::Request) => "http-req",
            Self::Rule(RuleKind::Response) => "http-res",
            Self::Rule(RuleKind::AfterResponse) => "http-after-res",
        }
    }
}
