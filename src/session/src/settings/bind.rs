//! `bind` lines.

use super::ProxyIndex;
use alloc::boxed::Box;
use alloc::string::String;
use balance::{Proto, ServerIndex};
use core::net::SocketAddr;

/// One listening address.
#[derive(Clone, Debug)]
pub struct Bind {
    /// `id`: unique in the frontend, from 1; shown as `sid` in `show stat`.
    pub id: u32,
    /// `name`; `sock-N` in statistics without one.
    pub name: Option<Box<str>>,
    /// Where it listens.
    pub address: BindAddress,
    /// The sockets' own options.
    pub socket: SocketOptions,
    /// `maxconn`: concurrent connections of this listener; 0 is no limit.
    pub maxconn: u32,
    /// `proto`.
    pub proto: Proto,
    /// `accept-proxy`: each connection begins with the header of the PROXY protocol.
    pub accept_proxy: bool,
    /// `accept-netscaler-cip`: before that comes NetScaler's client IP insertion with this magic number.
    pub netscaler_magic: Option<u32>,
    /// `file:line`.
    pub place: String,
}

/// Where a listener listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BindAddress {
    /// An IP address and port.
    Ip(SocketAddr),
    /// A Unix socket's path (`unix@` or an absolute path).
    Unix(Box<str>),
    /// A name in the abstract name space (`abns@`).
    Abstract(Box<str>),
    /// An inherited file descriptor that already listens (`fd@N`).
    Inherited(i32),
    /// Nowhere: it connects to a server and is asked on that connection (`rhttp@`).
    Reversed(Box<Reversed>),
}

/// A listener that connects instead of listening.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reversed {
    /// `backend/server`, as it is written.
    pub name: Box<str>,
    /// The backend.
    pub backend: ProxyIndex,
    /// Its server.
    pub server: ServerIndex,
    /// `nbconn`: connections that are kept open.
    pub count: u32,
}

/// Options of a listening socket; `None` leaves the system's default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SocketOptions {
    /// `backlog`, or the frontend's.
    pub backlog: Option<u32>,
    /// `interface`.
    pub interface: Option<Box<str>>,
    /// `mss`, bytes; negative values are subtracted from the path's.
    pub mss: Option<i32>,
    /// `tcp-ut`, milliseconds.
    pub user_timeout_ms: Option<u32>,
    /// `cc`: congestion control.
    pub congestion: Option<Box<str>>,
    /// `tfo`.
    pub fast_open: bool,
    /// `defer-accept`.
    pub defer_accept: bool,
    /// `transparent`.
    pub transparent: bool,
    /// `v4v6` (`Some(false)`) or `v6only` (`Some(true)`).
    pub v6_only: Option<bool>,
    /// `mode`: permission bits of a Unix socket.
    pub mode: Option<u32>,
    /// `uid` or `user`.
    pub uid: Option<u32>,
    /// `gid` or `group`.
    pub gid: Option<u32>,
}
