//! The invariants: what must hold in every run, whatever goes wrong around the proxy.
//!
//! One file a family. A checker sees what clients, servers and the seam to the proxy's sockets wrote
//! down, and the configuration as it was meant; it never asks the proxy.

mod fc;
mod lim;
mod line;
mod live;
mod map;
mod ops;
mod own;
mod pace;
mod rr;
mod tcp;

use crate::fault::Fault;
use crate::journal::{Arrival, Pages, Request};
use base::{Duration, Instant};
use engine::settings::Settings;
use line::Line;
use session::settings::Proxy;
use std::collections::BTreeMap;
use std::fmt;

/// A rule that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The rule.
    pub rule: &'static str,
    /// When it showed.
    pub at: Instant,
    /// What happened.
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.at.as_millis();
        write!(
            f,
            "{} at {}.{:03}: {}",
            self.rule,
            millis / 1000,
            millis % 1000,
            self.what
        )
    }
}

/// The rules with what they say.
pub const RULES: [(&str, &str); 37] = [
    ("own.lease", "a server connection has one request at a time"),
    (
        "own.private",
        "with `http-reuse never` a server connection serves one client connection",
    ),
    (
        "own.identity",
        "a server is told of the client whose requests it gets",
    ),
    ("own.onepool", "a request goes to the server the log names"),
    (
        "own.nodead",
        "nothing is sent on a connection that its server has closed",
    ),
    (
        "own.dialed",
        "a listener that connects has no more connections than `nbconn`",
    ),
    ("rr.match", "a response is the one to its request"),
    (
        "rr.order",
        "responses come in the order of requests, one each, none unasked",
    ),
    (
        "rr.cleanreuse",
        "a connection with surplus bytes is not used again",
    ),
    (
        "rr.framing",
        "a strict reader sees exactly the requests that clients sent",
    ),
    (
        "rr.once",
        "a request that may not be repeated reaches servers once",
    ),
    ("rr.limits", "a request is tried as often as `retries` says"),
    (
        "rr.body",
        "bodies arrive as sent, and whole if they are said to be whole",
    ),
    (
        "rr.reset",
        "with `option abortonclose` a request nobody waits for is given up",
    ),
    ("fc.h2", "HTTP/2 windows are kept, and credit comes back"),
    (
        "mem.conn",
        "what is held of a body is bounded, however slow its reader",
    ),
    (
        "lim.maxconn",
        "a server has no more requests than its `maxconn`",
    ),
    (
        "lim.accept",
        "a frontend has no more connections than its `maxconn`",
    ),
    (
        "lim.queue",
        "a request waits no longer than `timeout queue`",
    ),
    (
        "lim.pace",
        "a bandwidth limit lets pass what is in proportion to the time, and one burst",
    ),
    (
        "live.answer",
        "a request ends within the time its timeouts allow",
    ),
    ("live.timers", "a timeout acts when it is due"),
    ("live.heal", "when faults are over, requests succeed"),
    ("live.spin", "no task works without the clock moving"),
    ("tcp.pipe", "a tunnel passes bytes unchanged and whole"),
    ("tcp.fin", "a tunnel passes FIN after the bytes"),
    ("stop.graceful", "a soft stop loses no request"),
    ("log.once", "a request has one log line"),
    ("log.true", "a log line has the status the client got"),
    ("cnt.sum", "counters agree with what was seen"),
    (
        "tab.sum",
        "what a stick table counts adds up with what its entries counted that are gone",
    ),
    (
        "tab.expiry",
        "an entry lives until its time is over, and no longer",
    ),
    (
        "map.version",
        "a request finds in a map what stood there while it was there, of one version",
    ),
    (
        "map.sum",
        "a map has the entries that were added and not taken away",
    ),
    ("var.own", "nobody sees the variables of another request"),
    ("alloc.quiet", "at the end nothing is left open"),
    ("det.hash", "a seed gives the same run again"),
];

/// The rules that the proxy asserts of itself at every step.
pub const PROXY_RULES: [(&str, &str); 3] = [
    (
        "own.consistent",
        "an exchange and its connections agree on their streams",
    ),
    (
        "live.owed",
        "what waits has something armed that can end the wait",
    ),
    ("panic", "the proxy never panics"),
];

/// What a run left behind.
pub struct Evidence<'a> {
    /// What was seen.
    pub pages: &'a Pages,
    /// The configuration as it was meant.
    pub settings: &'a Settings,
    /// Faults, with their times.
    pub faults: &'a [Fault],
    /// The longest a packet takes on a link without faults.
    pub latency: Duration,
    /// What the systems on the way may hold of one body, bytes.
    pub buffers: usize,
    /// The longest a server takes that is well.
    pub service: Duration,
    /// When everything was over.
    pub over: Instant,
    /// Sockets the proxy still held then.
    pub sockets_left: usize,
    /// Whether the soft stop was complete.
    pub stopped: bool,
    /// Connections the proxy counted at frontends.
    pub conn_tot: u64,
}

/// All rules that a run broke.
pub fn check(evidence: &Evidence<'_>) -> Vec<Violation> {
    let case = Case::new(evidence);
    let mut found = Vec::new();
    own::check(&case, &mut found);
    rr::check(&case, &mut found);
    fc::check(&case, &mut found);
    lim::check(&case, &mut found);
    pace::check(&case, &mut found);
    live::check(&case, &mut found);
    map::check(&case, &mut found);
    tcp::check(&case, &mut found);
    ops::check(&case, &mut found);
    found
}

/// Evidence, put in order.
struct Case<'a> {
    evidence: &'a Evidence<'a>,
    pages: &'a Pages,
    requests: BTreeMap<&'a str, &'a Request>,
    /// By the name of the request.
    arrivals: BTreeMap<&'a str, Vec<&'a Arrival>>,
    lines: Vec<Line<'a>>,
}

/// Time between a packet's way and what the scheduler adds to it.
const GRAIN: Duration = Duration::from_millis(4);

impl<'a> Case<'a> {
    fn new(evidence: &'a Evidence<'a>) -> Self {
        let pages = evidence.pages;
        let requests = pages
            .requests
            .iter()
            .map(|request| (&*request.nonce, request));
        let mut arrivals: BTreeMap<&str, Vec<&Arrival>> = BTreeMap::new();
        for arrival in &pages.arrivals {
            arrivals.entry(&arrival.nonce).or_default().push(arrival);
        }
        Self {
            evidence,
            pages,
            requests: requests.collect(),
            arrivals,
            lines: pages.logs.iter().filter_map(Line::read).collect(),
        }
    }

    fn arrivals_of(&self, nonce: &str) -> &[&'a Arrival] {
        self.arrivals.get(nonce).map_or(&[], Vec::as_slice)
    }

    /// The longest way from the proxy to anybody and back.
    fn round_trip(&self) -> Duration {
        (self.evidence.latency + GRAIN) * 2
    }

    /// Whether all links were as usual between two times, and a little before.
    fn links_were_calm(&self, from: Instant, to: Instant) -> bool {
        self.were_off(from, to, |fault| fault.kind.disturbs_links())
    }

    /// Whether no fault but difficult clients was on.
    fn world_was_calm(&self, from: Instant, to: Instant) -> bool {
        self.were_off(from, to, |fault| {
            !matches!(
                fault.kind,
                crate::fault::Kind::Crowd { .. } | crate::fault::Kind::Surge { .. }
            )
        })
    }

    fn were_off(&self, from: Instant, to: Instant, which: impl Fn(&Fault) -> bool) -> bool {
        // What a fault held up takes a while to arrive after it, retransmissions included.
        let after = AFTERMATH.as_millis() as u64;
        !self
            .evidence
            .faults
            .iter()
            .filter(|fault| which(fault))
            .any(|fault| {
                fault.at_ms <= to.as_millis() && from.as_millis() <= fault.end_ms() + after
            })
    }

    fn backend(&self, name: &str) -> Option<&'a Proxy> {
        let mut proxies = self.evidence.settings.proxies.iter();
        proxies.find(|proxy| &*proxy.name == name && proxy.capability.serves())
    }

    fn frontend(&self, name: &str) -> Option<&'a Proxy> {
        let mut proxies = self.evidence.settings.proxies.iter();
        proxies.find(|proxy| &*proxy.name == name && proxy.capability.accepts())
    }

    /// The backend of a server by its name `backend/server`.
    fn backend_of(&self, server: &str) -> Option<&'a Proxy> {
        self.backend(server.split_once('/')?.0)
    }
}

/// How long a fault on a link echoes after it is over.
const AFTERMATH: Duration = Duration::from_secs(6);
