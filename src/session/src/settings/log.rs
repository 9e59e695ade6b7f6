//! `log` lines.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::net::SocketAddr;

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
}

/// What a traffic log line looks like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// Neither option: the connection's addresses and the frontend.
    #[default]
    Short,
    /// `option tcplog`
    Tcp,
    /// `option httplog`
    Http,
    /// `option httplog clf`
    Clf,
}
