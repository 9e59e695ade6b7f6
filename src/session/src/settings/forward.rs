//! `log-forward` sections: messages of others, passed on to log servers.

use super::{Bind, LogTarget};
use alloc::boxed::Box;
use alloc::vec::Vec;
use base::Duration;

/// A `log-forward` section.
#[derive(Clone, Debug)]
pub struct LogForward {
    /// Its name.
    pub name: Box<str>,
    /// `bind`: messages over streams.
    pub binds: Vec<Bind>,
    /// `dgram-bind`: a datagram each.
    pub datagrams: Vec<Bind>,
    /// `log` lines.
    pub targets: Vec<ForwardTarget>,
    /// `maxconn`: streams at once (10); 0 is no limit.
    pub maxconn: u32,
    /// `timeout client`: how long a stream may be silent.
    pub client_timeout: Option<Duration>,
    /// `option assume-rfc6587-ntf`: messages on streams are lines, however they begin.
    pub lines_only: bool,
    /// `option dont-parse-log`: messages are passed on unread.
    pub unread: bool,
    /// `option host`
    pub hosts: HostStrategy,
}

/// A `log` line of such a section.
#[derive(Clone, Debug)]
pub struct ForwardTarget {
    /// The line.
    pub target: LogTarget,
    /// It has no `format`: each message keeps its own.
    pub keeps_format: bool,
}

/// `option host`: the machine a message is said to be from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HostStrategy {
    /// `replace`: the address it came from.
    Replace,
    /// `fill`: what it says, or else the address it came from.
    #[default]
    Fill,
    /// `keep`: what it says.
    Keep,
    /// `append`: what it says and the address it came from.
    Append,
}
