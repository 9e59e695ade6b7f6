//! The options of `server` and `default-server` lines, one item each.

use super::introduction::{self, IntroductionDraft};
use crate::address::source::source_of_server;
use crate::draft::LogServer;
use crate::keyword::{Cursor, LineOption};
use crate::known;
use crate::nearest::nearest;
use crate::problem::Problem;
use crate::protocol::proto;
use alloc::format;
use alloc::string::String;
use balance::{HashKey, ServerSettings};
use core::net::IpAddr;
use session::settings::Framing;

/// A line being read.
pub(crate) struct ServerLine {
    pub server: ServerSettings,
    pub introduction: IntroductionDraft,
    pub explicit_id: bool,
    pub init_addr: InitAddr,
    pub log: LogServer,
    /// As messages name it: `server web/s1`.
    pub title: String,
}

/// `init-addr`: how a host name gets its first address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InitAddr {
    /// It is resolved.
    pub resolve: bool,
    /// What happens if it is not, or cannot be.
    pub otherwise: Otherwise,
}

/// What becomes of a server whose name has no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Otherwise {
    /// The configuration is refused.
    Fatal,
    /// It starts in maintenance.
    Maintenance,
    /// It starts with this address.
    Address(IpAddr),
}

impl Default for InitAddr {
    /// `last,libc`
    fn default() -> Self {
        Self {
            resolve: true,
            otherwise: Otherwise::Fatal,
        }
    }
}

/// `log-proto`: what follows it.
pub(crate) fn framing(cursor: &mut Cursor<'_, '_>, title: &str) -> Result<Framing, Problem> {
    match cursor.value("'legacy' or 'octet-count'")? {
        (_, "legacy") => Ok(Framing::Lines),
        (_, "octet-count") => Ok(Framing::Counted),
        (at, other) => Err(Problem::at(
            at,
            format!(
                "'{title}' : 'log-proto' expects one of 'legacy' or 'octet-count' but got '{other}'."
            ),
        )
        .because("no framing has this name")
        .did_you_mean(nearest(other, ["legacy", "octet-count"]))),
    }
}

type Item = LineOption<ServerLine>;

/// Options that only switch off what a server does not do anyway.
macro_rules! off {
    ($($name:literal),* $(,)?) => {
        [$(Item {
            name: $name,
            doc: "switches off what is off (accepted, without effect)",
            parse: |_, _, _| Ok(()),
        }),*]
    };
}

const OFF: &[Item] = &off![
    "no-agent-check",
    "no-check",
    "no-check-reuse-pool",
    "no-check-send-proxy",
    "no-check-ssl",
    "no-send-proxy-v2-ssl",
    "no-send-proxy-v2-ssl-cn",
    "no-sni-auto",
    "no-check-sni-auto",
    "no-ssl",
    "no-tfo",
    "no-verifyhost",
];

const ON: &[Item] = &[
    Item {
        name: "log-bufsize",
        doc: "bytes of messages kept for a log server",
        parse: |cursor, line, _| {
            line.log.bytes_max = Some(cursor.number_u32(64..=1 << 30)?);
            Ok(())
        },
    },
    Item {
        name: "log-proto",
        doc: "how a log server tells messages apart on a stream",
        parse: |cursor, line, _| {
            let title = line.title.clone();
            line.log.framing = Some(framing(cursor, &title)?);
            Ok(())
        },
    },
    Item {
        name: "backup",
        doc: "only used when no other server is usable",
        parse: |_, line, _| {
            line.server.backup = true;
            Ok(())
        },
    },
    Item {
        name: "no-backup",
        doc: "used like any other server",
        parse: |_, line, _| {
            line.server.backup = false;
            Ok(())
        },
    },
    Item {
        name: "disabled",
        doc: "starts in maintenance",
        parse: |_, line, _| {
            line.server.disabled = true;
            Ok(())
        },
    },
    Item {
        name: "enabled",
        doc: "does not start in maintenance",
        parse: |_, line, _| {
            line.server.disabled = false;
            Ok(())
        },
    },
    Item {
        name: "cookie",
        doc: "what a persistence cookie says of the server",
        parse: |cursor, line, _| {
            let (_, value) = cursor.value("a value")?;
            line.server.cookie = Some(value.into());
            Ok(())
        },
    },
    Item {
        name: "non-stick",
        doc: "no stick table learns that it served somebody",
        parse: |_, line, _| {
            line.server.non_stick = true;
            Ok(())
        },
    },
    Item {
        name: "stick",
        doc: "stick tables learn whom it served",
        parse: |_, line, _| {
            line.server.non_stick = false;
            Ok(())
        },
    },
    Item {
        name: "hash-key",
        doc: "what its places on the ring of 'hash-type consistent' are counted from",
        parse: |cursor, line, _| {
            let (at, key) = cursor.value("'id', 'addr' or 'addr-port'")?;
            line.server.hash_key = hash_key(at, key, &line.title)?;
            Ok(())
        },
    },
    Item {
        name: "id",
        doc: "the server's number in statistics, and its rank for 'balance first'",
        parse: |cursor, line, _| {
            line.server.id = cursor.number_u32(1..=i32::MAX as u32)?;
            line.explicit_id = true;
            Ok(())
        },
    },
    Item {
        name: "init-addr",
        doc: "how a host name gets its first address: last, libc, none or an address",
        parse: |cursor, line, _| {
            let (at, methods) = cursor.value("a list of methods")?;
            line.init_addr = init_addr(at, methods)?;
            Ok(())
        },
    },
    Item {
        name: "maxconn",
        doc: "concurrent requests; more wait in the queue",
        parse: |cursor, line, _| {
            line.server.maxconn = cursor.number_u32(0..=i32::MAX as u32)?;
            Ok(())
        },
    },
    Item {
        name: "maxqueue",
        doc: "requests that may wait for this server",
        parse: |cursor, line, _| {
            line.server.maxqueue = cursor.number_u32(0..=i32::MAX as u32)?;
            Ok(())
        },
    },
    Item {
        name: "minconn",
        doc: "the limit of concurrent requests while the backend is quiet",
        parse: |cursor, line, _| {
            line.server.minconn = cursor.number_u32(0..=i32::MAX as u32)?;
            Ok(())
        },
    },
    Item {
        name: "weight",
        doc: "share of the load, 0 to 256",
        parse: |cursor, line, _| {
            let name = line.server.name.clone();
            let (at, text) = cursor.value("a weight")?;
            match text.parse::<u32>() {
                Ok(weight) if weight <= 256 => line.server.weight = weight,
                _ => {
                    return Err(Problem::at(
                        at,
                        format!(
                            "'{}' : weight of server {name} is not within 0 and 256 ({text}).",
                            line.title
                        ),
                    )
                    .because("a weight is a number from 0 to 256"));
                }
            }
            Ok(())
        },
    },
    Item {
        name: "source",
        doc: "the local address of connections to this server",
        parse: |cursor, line, context| {
            let title = line.title.clone();
            line.server.source = Some(source_of_server(cursor, &title, context)?);
            Ok(())
        },
    },
    Item {
        name: "proto",
        doc: "the protocol spoken to the server at once; h1 or h2",
        parse: |cursor, line, _| {
            line.server.proto = proto(cursor)?;
            Ok(())
        },
    },
];

/// All of them.
pub(crate) fn all() -> impl Iterator<Item = &'static Item> {
    ON.iter()
        .chain(introduction::OPTIONS)
        .chain(super::keep::OPTIONS)
        .chain(OFF)
}

fn hash_key(at: usize, key: &str, title: &str) -> Result<HashKey, Problem> {
    match key {
        "id" => Ok(HashKey::Id),
        "addr" => Ok(HashKey::Address),
        "addr-port" => Ok(HashKey::AddressAndPort),
        "id32" | "guid" => Err(known::not_yet(at, &format!("hash-key {key}"))),
        _ => {
            let message = format!(
                "'{title}' : 'hash-key' has to be 'id', 'id32', 'guid', 'addr', or 'addr-port'."
            );
            Err(Problem::at(at, message).because("not one of them"))
        }
    }
}

/// A list of methods, tried in turn; `last` would need a state file, so the next one decides.
fn init_addr(at: usize, methods: &str) -> Result<InitAddr, Problem> {
    let mut resolve = false;
    for method in methods.split(',') {
        match method {
            "last" => {}
            "libc" => resolve = true,
            "none" => {
                return Ok(InitAddr {
                    resolve,
                    otherwise: Otherwise::Maintenance,
                });
            }
            other => match other.parse() {
                Ok(ip) => {
                    return Ok(InitAddr {
                        resolve,
                        otherwise: Otherwise::Address(ip),
                    });
                }
                Err(_) => {
                    return Err(Problem::at(
                        at,
                        format!("'init-addr' : unknown method '{other}'."),
                    )
                    .because("'last', 'libc', 'none' or an IP address is expected"));
                }
            },
        }
    }
    Ok(InitAddr {
        resolve,
        otherwise: Otherwise::Fatal,
    })
}
