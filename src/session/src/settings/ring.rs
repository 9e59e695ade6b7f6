//! `ring` sections: where messages are kept and passed on from.

use super::SyslogFormat;
use alloc::boxed::Box;
use alloc::vec::Vec;
use balance::Address;
use base::Duration;

/// A ring's place among those of the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RingIndex(pub u32);

/// A `ring` section, or the ring that stands before a log server spoken to over a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RingSettings {
    /// Its name.
    pub name: Box<str>,
    /// `description`; its name by default.
    pub description: Box<str>,
    /// `format` of the messages that come from log lines, whatever those say (raw).
    pub format: SyslogFormat,
    /// `maxlen`: messages are cut at this many bytes.
    pub len_max: u32,
    /// `size`: bytes of all messages together (`tune.bufsize`).
    pub bytes_max: u32,
    /// `timeout connect` of its servers.
    pub connect_timeout: Option<Duration>,
    /// `timeout server`: how long a server may take none of what is to be sent to it.
    pub server_timeout: Option<Duration>,
    /// `server` lines.
    pub servers: Vec<RingServer>,
}

/// A server that gets every message of a ring, over a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RingServer {
    /// Its name.
    pub name: Box<str>,
    /// Where it is.
    pub address: Address,
    /// `log-proto`.
    pub framing: Framing,
}

/// `log-proto`: how messages are told apart on a stream (RFC 6587 §3.4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Framing {
    /// `legacy`: each ends with a line feed (§3.4.2).
    #[default]
    Lines,
    /// `octet-count`: each comes behind its length (§3.4.1).
    Counted,
}
