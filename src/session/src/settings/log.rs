//! `log` lines.

use super::{ProxyIndex, RingIndex};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::net::SocketAddr;
use sample::format::{Format, Origin};
use sample::{For, FrontendBody, Log};

/// Syslog severities, most severe first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Level {
    /// 0
    Emerg,
    /// 1
    Alert,
    /// 2
    Crit,
    /// 3
    Err,
    /// 4
    Warning,
    /// 5
    Notice,
    /// 6
    Info,
    /// 7
    Debug,
}

/// A syslog facility, 0..=23.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facility(pub u8);

/// `format` of a log target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SyslogFormat {
    /// `local`
    Local,
    /// `rfc3164`, the default for network targets.
    #[default]
    Rfc3164,
    /// `rfc5424`
    Rfc5424,
    /// `priority`
    Priority,
    /// `short`
    Short,
    /// `timed`
    Timed,
    /// `iso`
    Iso,
    /// `raw`
    Raw,
}

/// Where log lines go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogWhere {
    /// Out of the process.
    Socket(LogSocket),
    /// To a ring: `ring@name`, or the one before `tcp@address`.
    Ring(RingIndex),
    /// To a server of a backend in `mode log`: `backend@name`.
    Backend(ProxyIndex),
}

/// A log server that takes each message as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogSocket {
    /// UDP datagrams.
    Udp(SocketAddr),
    /// Datagrams to a Unix socket's path.
    Unix(Box<str>),
    /// An inherited descriptor: `stdout`, `stderr` or `fd@N`.
    Fd(i32),
}

/// `sample <ranges>:<size>`: of every `size` lines, those in `ranges` (counted from 1) are sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSample {
    /// First and last of each range, in order and without overlap.
    pub ranges: Vec<(u32, u32)>,
    /// Length of the cycle.
    pub size: u32,
}

/// One `log` line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogTarget {
    /// Where to.
    pub to: LogWhere,
    /// `len`: lines are cut at this many bytes (1024).
    pub len: u32,
    /// `format`.
    pub format: SyslogFormat,
    /// `sample`.
    pub sample: Option<LogSample>,
    /// The facility.
    pub facility: Facility,
    /// Lines less severe than this are not sent.
    pub level: Level,
    /// Lines more severe than this are sent as this.
    pub min_level: Level,
    /// `profile`: its place among the [`LogProfile`]s.
    pub profile: Option<u32>,
}

/// A log line that has an option of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// No option: the connection's addresses and the frontend.
    #[default]
    Short,
    /// `option tcplog`
    Tcp,
    /// `option tcplog clf`
    TcpClf,
    /// `option httplog`
    Http,
    /// `option httplog clf`
    Clf,
    /// `option httpslog`
    Https,
}

/// What a log line says.
#[derive(Clone, Debug)]
pub enum LineFormat {
    /// What an option says.
    Usual(LogFormat),
    /// `log-format`
    Custom(For<Log, Format>),
}

impl Default for LineFormat {
    fn default() -> Self {
        Self::Usual(LogFormat::Short)
    }
}

/// What the log lines of a frontend say, and when they are written.
#[derive(Clone, Debug, Default)]
pub struct LogLines {
    /// `log-format` or an option.
    pub line: LineFormat,
    /// `error-log-format`: of connections that failed before there was a request.
    pub error: Option<For<Log, Format>>,
    /// `log-format-sd`: structured data (RFC 5424 §6.3).
    pub structured: Option<For<Log, Format>>,
    /// `log-steps`; empty without it: once, as soon as nothing of the line changes any more.
    pub steps: LogSteps,
}

bitflags::bitflags! {
    /// `log-steps`
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct LogSteps: u8 {
        /// `accept`
        const ACCEPT = 1;
        /// `request`
        const REQUEST = 1 << 1;
        /// `connect`
        const CONNECT = 1 << 2;
        /// `response`
        const RESPONSE = 1 << 3;
        /// `close`
        const CLOSE = 1 << 4;
        /// A step that only `do-log` takes: none of the others.
        const RULES = 1 << 5;
    }
}

/// A `log-profile` section.
#[derive(Clone, Debug, Default)]
pub struct LogProfile {
    /// Its name.
    pub name: Box<str>,
    /// `log-tag`
    pub tag: Option<Box<str>>,
    /// `on` of each step; the last of a step counts.
    pub steps: Vec<(ProfileStep, Override)>,
}

/// When an [`Override`] applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProfileStep {
    /// At this step.
    On(Origin),
    /// `any`: at every step that has none of its own.
    Any,
}

/// What a profile changes of a line.
#[derive(Clone, Debug, Default)]
pub struct Override {
    /// `drop`: there is no line.
    pub drop: bool,
    /// `format`
    pub line: Option<For<Log, Format>>,
    /// `sd`
    pub structured: Option<For<Log, Format>>,
}

impl LogProfile {
    /// What it changes of lines that `origin` gives rise to.
    pub fn at(&self, origin: Origin) -> Option<&Override> {
        let origin = match origin {
            Origin::Killed => Origin::Error,
            other => other,
        };
        let find = |step| self.steps.iter().rfind(|entry| entry.0 == step);
        let found = find(ProfileStep::On(origin)).or_else(|| find(ProfileStep::Any));
        found.map(|entry| &entry.1)
    }
}

/// `unique-id-format`, `unique-id-header`
#[derive(Clone, Debug, Default)]
pub struct UniqueId {
    /// What a request's name is made of.
    pub format: Option<For<FrontendBody, Format>>,
    /// The header that tells it to the server.
    pub header: Option<Box<str>>,
}

impl UniqueId {
    /// Whether names are made of variables, so that rules come first.
    pub fn is_late(&self) -> bool {
        let format = self.format.as_ref();
        format.is_some_and(|format| {
            let mut expressions = format.get().expressions();
            expressions.any(|expr| expr.fetch().name == "var")
        })
    }

    /// How long a name may be, bytes; it is cut there.
    pub const LEN_MAX: usize = 127;
}
