//! What can go wrong around the proxy: the menu, and how each item is put on and taken off.

use crate::net::{Conditions, Quirks};
use crate::peer::{Mischief, Rude};
use base::{Duration, Rng};

/// Something that goes wrong for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// When it begins, milliseconds after the start.
    pub at_ms: u64,
    /// How long it lasts, milliseconds.
    pub for_ms: u64,
    /// What.
    pub kind: Kind,
    /// Whom: `backend/server`, a name of clients, or empty where it makes no difference.
    pub target: String,
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The link between the proxy and the target.
    Link(LinkFault),
    /// A target server's process or machine.
    Server(ServerFault),
    /// A crowd of difficult clients comes.
    Crowd {
        /// How they are.
        rude: Rude,
        /// How many.
        count: u32,
    },
    /// The polite clients of the target become more.
    Surge {
        /// How many more.
        count: u32,
    },
    /// The proxy itself.
    Proxy(ProxyFault),
}

/// What happens to a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkFault {
    /// Packets take longer, each for itself.
    Latency {
        /// Shortest, milliseconds.
        low: u64,
        /// Longest, milliseconds.
        high: u64,
    },
    /// Packets are lost, parts of a thousand.
    Loss(u32),
    /// Nothing passes.
    Partition,
    /// Nothing passes from the proxy.
    PartitionOut,
    /// Nothing passes to the proxy.
    PartitionIn,
    /// Everything waits, then arrives at once.
    Hold,
    /// One open connection is reset for both ends.
    Reset,
}

/// What happens to a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerFault {
    /// Its process dies and comes back: resets, then refuses.
    Kill,
    /// Its machine loses power and comes back: silence.
    PowerOff,
    /// Its process is stopped and goes on.
    Freeze,
    /// It takes longer for everything.
    Slow(u64),
    /// It closes idle connections early, milliseconds.
    IdleClose(u64),
    /// It misbehaves, parts of a thousand.
    Mischief(Mischief, u32),
}

/// What happens to the proxy's own machine or process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyFault {
    /// Reads and writes take few bytes at a time.
    ShortIo(usize),
    /// It may hold no more sockets than it does.
    NoDescriptors,
    /// A server is taken out of use by a command, and brought back by another.
    Maintenance,
    /// Lists and maps are changed by commands.
    Operator,
    /// A new instance starts on the same addresses, and this one stops softly.
    Reload,
}

/// One kind of fault for those who write scenarios.
#[derive(Clone, Copy, Debug)]
pub struct MenuItem {
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub doc: &'static str,
    /// What `level` means, with its default.
    pub level: &'static str,
}

/// What `sim` can do wrong by name; mischief of servers comes besides.
pub const MENU: [MenuItem; 30] = [
    item(
        "link.latency",
        "packets to and from the target take longer, each for itself",
        "range of times, 20ms..120ms",
    ),
    item(
        "link.loss",
        "packets to and from the target are lost",
        "chance, 5%",
    ),
    item(
        "link.partition",
        "nothing passes between the proxy and the target",
        "",
    ),
    item(
        "link.partition-out",
        "nothing passes from the proxy to the target",
        "",
    ),
    item(
        "link.partition-in",
        "nothing passes from the target to the proxy",
        "",
    ),
    item(
        "link.hold",
        "packets wait and arrive together at the end",
        "",
    ),
    item(
        "link.reset",
        "one connection with the target is reset for both ends, once",
        "",
    ),
    item(
        "server.kill",
        "the process dies: resets, then refused connections",
        "",
    ),
    item("server.poweroff", "the machine loses power: silence", ""),
    item(
        "server.freeze",
        "the process stops: accepted, never answered",
        "",
    ),
    item("server.slow", "everything takes longer", "factor, 20"),
    item(
        "server.idle-close",
        "idle connections are closed early",
        "time, 30ms",
    ),
    item(
        "clients.slowloris",
        "clients that never finish a head",
        "how many, 8",
    ),
    item(
        "clients.slow-body",
        "clients that send a body in drops",
        "how many, 8",
    ),
    item(
        "clients.slow-reader",
        "clients that read in sips",
        "how many, 8",
    ),
    item(
        "clients.abort",
        "clients that leave after the request, with FIN or a reset",
        "how many, 8",
    ),
    item(
        "clients.half-request",
        "clients that leave in the middle of a request",
        "how many, 8",
    ),
    item(
        "clients.half-close",
        "clients that send FIN after the request",
        "how many, 8",
    ),
    item(
        "clients.silent",
        "clients that connect and say nothing",
        "how many, 8",
    ),
    item(
        "clients.garbage",
        "clients that break the grammar",
        "how many, 8",
    ),
    item(
        "clients.h2-ping-flood",
        "HTTP/2 clients that send many PINGs",
        "how many, 8",
    ),
    item(
        "clients.h2-settings-flood",
        "HTTP/2 clients that send many SETTINGS",
        "how many, 8",
    ),
    item(
        "clients.h2-rapid-reset",
        "HTTP/2 clients that open streams and reset them at once",
        "how many, 8",
    ),
    item(
        "clients.h2-endless-head",
        "HTTP/2 clients whose head has no end",
        "how many, 8",
    ),
    item(
        "clients.h2-no-window",
        "HTTP/2 clients that ask and allow no byte of an answer",
        "how many, 8",
    ),
    item(
        "clients.h2-slow-stream",
        "HTTP/2 clients that read one stream late and others at once",
        "how many, 8",
    ),
    item(
        "clients.h2-cancel",
        "HTTP/2 clients that reset streams after the request",
        "how many, 8",
    ),
    item(
        "clients.surge",
        "more clients like those of the target",
        "how many, 30",
    ),
    item(
        "proxy.maintenance",
        "the proxy is told to use the target no more, then to use it again",
        "",
    ),
    item(
        "proxy.short-io",
        "reads and writes of the proxy take few bytes",
        "bytes, 7",
    ),
];

/// Faults that are asked for, never drawn.
pub const DELIBERATE: [MenuItem; 3] = [
    item(
        "proxy.no-descriptors",
        "the proxy can open no more sockets",
        "",
    ),
    item(
        "proxy.operator",
        "lists and maps change by commands, as the configuration of the scenario `maps` expects",
        "",
    ),
    item(
        "proxy.reload",
        "a new instance takes over, the old one stops softly",
        "",
    ),
];

const fn item(name: &'static str, doc: &'static str, level: &'static str) -> MenuItem {
    MenuItem { name, doc, level }
}

impl Kind {
    /// The kind called `name` with the strength `level`.
    pub fn named(name: &str, level: Option<&str>) -> Result<Self, String> {
        use crate::scenario::{millis, permille};
        let number = |usual: u64| match level {
            None => Ok(usual),
            Some(text) => text.parse().map_err(|_| format!("`{text}` is no number")),
        };
        if let Some(name) = name.strip_prefix("server.")
            && let Some(mischief) = Mischief::ALL.into_iter().find(|known| known.name() == name)
        {
            let chance = level.map_or(Ok(500), permille)?;
            return Ok(Self::Server(ServerFault::Mischief(mischief, chance)));
        }
        if let Some(name) = name.strip_prefix("clients.")
            && let Some((_, rude)) = Rude::ALL.into_iter().find(|(known, _)| *known == name)
        {
            let count = number(8)? as u32;
            return Ok(Self::Crowd { rude, count });
        }
        Ok(match name {
            "link.latency" => {
                let (low, high) = level
                    .unwrap_or("20ms..120ms")
                    .split_once("..")
                    .unwrap_or_default();
                let (low, high) = (millis(low)?, millis(high)?);
                Self::Link(LinkFault::Latency { low, high })
            }
            "link.loss" => Self::Link(LinkFault::Loss(level.map_or(Ok(50), permille)?)),
            "link.partition" => Self::Link(LinkFault::Partition),
            "link.partition-out" => Self::Link(LinkFault::PartitionOut),
            "link.partition-in" => Self::Link(LinkFault::PartitionIn),
            "link.hold" => Self::Link(LinkFault::Hold),
            "link.reset" => Self::Link(LinkFault::Reset),
            "server.kill" => Self::Server(ServerFault::Kill),
            "server.poweroff" => Self::Server(ServerFault::PowerOff),
            "server.freeze" => Self::Server(ServerFault::Freeze),
            "server.slow" => Self::Server(ServerFault::Slow(number(20)?)),
            "server.idle-close" => {
                Self::Server(ServerFault::IdleClose(level.map_or(Ok(30), millis)?))
            }
            "clients.surge" => Self::Surge {
                count: number(30)? as u32,
            },
            "proxy.short-io" => Self::Proxy(ProxyFault::ShortIo(number(7)?.max(1) as usize)),
            "proxy.maintenance" => Self::Proxy(ProxyFault::Maintenance),
            "proxy.no-descriptors" => Self::Proxy(ProxyFault::NoDescriptors),
            "proxy.operator" => Self::Proxy(ProxyFault::Operator),
            "proxy.reload" => Self::Proxy(ProxyFault::Reload),
            _ => {
                return Err(format!(
                    "there is no fault `{name}`; see `tidegate-sim list-faults`"
                ));
            }
        })
    }

    /// Whether the target is a server.
    pub fn is_about_a_server(&self) -> bool {
        match self {
            Self::Link(_) | Self::Server(_) | Self::Proxy(ProxyFault::Maintenance) => true,
            Self::Crowd { .. } | Self::Surge { .. } | Self::Proxy(_) => false,
        }
    }

    /// Whether the second substrate has it: turmoil's TCP makes up for no loss and holds no packet
    /// back, and a machine without power cannot be told from a process that ended.
    pub fn works_in_turmoil(&self) -> bool {
        match self {
            Self::Link(_) | Self::Server(ServerFault::PowerOff) => false,
            Self::Server(_) | Self::Crowd { .. } | Self::Surge { .. } | Self::Proxy(_) => true,
        }
    }

    /// Whether it makes packets late or lost.
    pub fn disturbs_links(&self) -> bool {
        match self {
            Self::Link(LinkFault::Reset) => false,
            Self::Link(_) => true,
            Self::Server(ServerFault::PowerOff | ServerFault::Freeze) => true,
            Self::Server(_) | Self::Crowd { .. } | Self::Surge { .. } | Self::Proxy(_) => false,
        }
    }
}

impl Fault {
    /// Draws a fault of the kind called `name`.
    pub fn draw(
        name: &str,
        rng: &mut Rng,
        length_ms: u64,
        targets: &[String],
    ) -> Result<Self, String> {
        let kind = Kind::named(name, None)?;
        let target = match kind.is_about_a_server() && !targets.is_empty() {
            true => targets[rng.below(targets.len() as u64) as usize].clone(),
            false => String::new(),
        };
        Ok(Self {
            at_ms: rng.between(length_ms / 20, length_ms * 3 / 4),
            for_ms: rng.between(200, (length_ms / 4).max(300)),
            kind,
            target,
        })
    }

    /// When it ends, milliseconds after the start.
    pub fn end_ms(&self) -> u64 {
        self.at_ms + self.for_ms
    }
}

impl LinkFault {
    /// How the two directions, from the proxy and to it, are under this fault.
    pub fn apply(self, out: &mut Conditions, back: &mut Conditions) {
        match self {
            Self::Latency { low, high } => {
                for way in [out, back] {
                    way.latency_min = Duration::from_millis(low);
                    way.latency_max = Duration::from_millis(high);
                }
            }
            Self::Loss(permille) => {
                out.loss_permille = permille;
                back.loss_permille = permille;
            }
            Self::Partition => (out.cut, back.cut) = (true, true),
            Self::PartitionOut => out.cut = true,
            Self::PartitionIn => back.cut = true,
            Self::Hold => (out.held, back.held) = (true, true),
            Self::Reset => {}
        }
    }
}

/// Socket calls of at most `bytes` each.
pub fn short_io(bytes: usize) -> Quirks {
    Quirks {
        read_max: Some(bytes),
        write_max: Some(bytes),
    }
}
