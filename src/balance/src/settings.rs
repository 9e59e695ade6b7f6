//! What the configuration says of a backend's servers.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use base::Duration;
use core::net::SocketAddr;

/// A server's place in its backend, in order of declaration from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServerIndex(pub u32);

/// `balance`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Algorithm {
    /// `roundrobin`: in turn by weight, weights may change.
    #[default]
    RoundRobin,
    /// `static-rr`: in turn by weight, weights are fixed.
    StaticRr,
    /// `leastconn`: the fewest connections by weight; in turn among equals.
    LeastConn,
    /// `first`: the first one by id that has a free slot.
    First,
    /// `random(draws)`: the least loaded of `draws` drawn at random by weight.
    Random {
        /// Servers drawn; at least 1, 2 by default.
        draws: u32,
    },
    /// `sticky`: the first that came of those that are still there.
    Sticky,
    /// By a hash of something in the request; in turn where it has no such thing.
    Hash(HashType),
}

/// `hash-type`: how a hash becomes a server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HashType {
    /// `map-based`: its remainder is a place in a list in which each server stands as often as its
    /// weight says.
    #[default]
    Map,
    /// `consistent`: the nearest place on a ring, so that a server takes no more than its own places
    /// along when it goes.
    Consistent,
}

/// `hash-key`: what a server's places on a ring are counted from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HashKey {
    /// `id`
    #[default]
    Id,
    /// `addr`, where it is one of IPv4; the id else.
    Address,
    /// `addr-port`, the same with its port.
    AddressAndPort,
}

/// `hash-preserve-affinity`: which servers of a ring are passed over for the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Affinity {
    /// `always`: none.
    #[default]
    Always,
    /// `maxconn`: those without a free slot.
    Slots,
    /// `maxqueue`: those whose line is as long as it may be.
    Queue,
}

/// Where a server is reached. An IP address that is unspecified (`0.0.0.0`, `*`) stands for the one that
/// the client asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// An IP address and port.
    Ip(SocketAddr),
    /// An IP address whose port is that of the client's destination, shifted: `:+N`, `:-N` or none.
    IpPortOf {
        /// The address, with port 0.
        ip: SocketAddr,
        /// Added to the destination port.
        shift: i32,
    },
    /// A Unix socket's path (`unix@`).
    Unix(Box<str>),
    /// A Unix socket's name in the abstract name space (`abns@`).
    Abstract(Box<str>),
    /// A host name that could not be resolved at boot; the server stays in maintenance.
    Unresolved(Box<str>),
    /// None: the server connects to us (`rhttp@`).
    Reversed,
}

/// `source`: where connections to a server come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The local address; unspecified, and port 0, is the system's choice.
    pub address: SocketAddr,
    /// `usesrc`: whom the server sees instead.
    pub shown: Option<Shown>,
    /// `interface`: where they leave.
    pub interface: Option<Arc<str>>,
}

/// `usesrc`: whose address a server sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// `client`: the client's, with its port.
    Client,
    /// `clientip`: the client's, from any port.
    ClientIp,
    /// This one.
    Address(SocketAddr),
    /// `hdr_ip(name,occurrence)`: the one in a header of the request.
    Header {
        /// The header's name.
        name: Box<str>,
        /// Which of its values, from 1 or, backwards, from -1; 0 is none of them.
        occurrence: i32,
    },
}

/// The end of a connection to a server that is ours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LocalEnd {
    /// The address to bind to; without one the system chooses.
    pub address: Option<SocketAddr>,
    /// It need not be an address of this host.
    pub foreign: bool,
    /// The interface to leave by.
    pub interface: Option<Arc<str>>,
}

/// `proto` of a `bind` or `server` line: what is spoken in HTTP mode.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Proto {
    /// HTTP/1; clients may begin with the preface of HTTP/2 (`option disable-h2-upgrade`).
    #[default]
    Unset,
    /// `proto h1`: HTTP/1 alone.
    Http1,
    /// `proto h2`: HTTP/2 at once (RFC 9113 §3.3).
    Http2,
    /// `proto none`: bytes, which never become HTTP.
    Raw,
}

/// One `server` line.
#[derive(Clone, Debug)]
pub struct ServerSettings {
    /// `id`: unique in the backend, from 1.
    pub id: u32,
    /// The configuration says so.
    pub id_given: bool,
    /// Its name.
    pub name: Box<str>,
    /// Where it is reached.
    pub address: Address,
    /// The host name of its address, if it was written as one.
    pub host: Option<Box<str>>,
    /// `weight`: 0..=256.
    pub weight: u32,
    /// `maxconn`: concurrent requests; 0 is no limit.
    pub maxconn: u32,
    /// `minconn`: the limit shrinks towards this when the backend is quiet (`fullconn`); 0 is unset.
    pub minconn: u32,
    /// `maxqueue`: requests that may wait for this server; 0 is no limit.
    pub maxqueue: u32,
    /// `backup`.
    pub backup: bool,
    /// `disabled`: starts in maintenance.
    pub disabled: bool,
    /// `source`: where connections to it come from.
    pub source: Option<Source>,
    /// `proto`.
    pub proto: Proto,
    /// `cookie`: what a persistence cookie says of it.
    pub cookie: Option<Box<str>>,
    /// `non-stick`: no stick table learns that it served somebody.
    pub non_stick: bool,
    /// `hash-key`
    pub hash_key: HashKey,
    /// Which connections to it are kept, and for how long.
    pub keep: Keep,
    /// `file:line` of the server line.
    pub place: String,
}

/// Which connections to a server are kept, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keep {
    /// `pool-max-conn`: idle connections at most; `None` is no limit.
    pub idle_max: Option<u32>,
    /// `pool-low-conn`: idle connections that are kept beyond what is needed.
    pub idle_low: u32,
    /// `pool-purge-delay`: how often half of the unneeded idle connections are closed; zero keeps none.
    pub purge_delay: Duration,
    /// `max-reuse`: requests on a connection after the first; `None` is no limit.
    pub reuses_max: Option<u32>,
    /// `strict-maxconn`: `maxconn` also limits connections, idle ones included.
    pub strict_maxconn: bool,
    /// `idle-ping`: how often an idle connection must show that it lives.
    pub ping: Option<Duration>,
}

impl Default for Keep {
    fn default() -> Self {
        Self {
            idle_max: None,
            idle_low: 0,
            purge_delay: Duration::from_secs(5),
            reuses_max: None,
            strict_maxconn: false,
            ping: None,
        }
    }
}

/// What balancing needs to know of a backend besides its servers.
#[derive(Clone, Copy, Debug)]
pub struct BackendSettings {
    /// `balance`.
    pub algorithm: Algorithm,
    /// `fullconn`: the load at which `maxconn` applies in full where `minconn` is set.
    pub fullconn: u32,
    /// `hash-balance-factor`: a server of a ring may have so many percent of its share of all requests;
    /// 0 is no limit.
    pub share_percent_max: u32,
    /// `hash-preserve-affinity`
    pub affinity: Affinity,
    /// `option allbackups`: all backups are used together instead of the first only.
    pub allbackups: bool,
}
