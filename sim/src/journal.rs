//! What clients and servers saw, each from its own side; what the checkers judge by.

use balance::Address;
use base::Instant;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;

/// Everything that was seen in one run. Clones share it.
#[derive(Clone, Default)]
pub struct Journal(Rc<RefCell<Pages>>);

/// The pages of a [`Journal`].
#[derive(Default)]
pub struct Pages {
    /// Requests, by the clients that sent them.
    pub requests: Vec<Request>,
    /// Where clients connected from, by connection.
    pub clients: BTreeMap<u32, SocketAddr>,
    /// Requests, by the servers that saw them.
    pub arrivals: Vec<Arrival>,
    /// Connections, by the servers that accepted them.
    pub server_conns: Vec<ServerConn>,
    /// Connections of a proxy that show another address than its own (`usesrc`): by both their ends in
    /// the network, what they show.
    pub shown: BTreeMap<(SocketAddr, SocketAddr), SocketAddr>,
    /// Surplus messages, by the clients that got them.
    pub unasked: Vec<Unasked>,
    /// Byte streams through a proxy in TCP mode.
    pub pipes: Vec<Pipe>,
    /// Log lines.
    pub logs: Vec<LogLine>,
    /// Soft stops, when asked for.
    pub stops: Vec<Instant>,
    /// The most clients that each `bind` line had at once, by the port where it listens.
    pub accepted_peaks: Vec<Peak<u16>>,
    /// The most connections that the proxy had at once to each address, those included that were being
    /// opened.
    pub connected_peaks: Vec<Peak<Address>>,
    /// Socket calls at one instant beyond any reason.
    pub spins: Vec<Instant>,
    /// What stood in lists that an operator changes.
    pub stood: Vec<Stood>,
    /// What peers themselves found broken: the rule, when, and what.
    pub wrongs: Vec<(&'static str, Instant, String)>,
    /// How far bodies are.
    pub flows: Vec<Flows>,
    /// Which of them are whose, by the names of requests.
    pub flow_numbers: BTreeMap<Box<str>, usize>,
}

/// What stood in a list for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stood {
    /// The list.
    pub list: &'static str,
    /// What a request finds there.
    pub what: Box<str>,
    /// From when.
    pub from: Instant,
    /// Until when, if something else came.
    pub until: Option<Instant>,
}

/// A place at which bytes of a body are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Of a request, at its client.
    UpSent,
    /// Of a request, at its server.
    UpArrived,
    /// Of a response, at its server.
    DownSent,
    /// Of a response, at its client.
    DownArrived,
}

/// How far the bodies of one request and its response are, bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Flows {
    /// Sent and not arrived, now: requests', responses'.
    pub held: [i64; 2],
    /// The most at any time.
    pub most: [i64; 2],
}

/// One request of a client.
#[derive(Clone, Debug)]
pub struct Request {
    /// Its name, sent along and given back by the server.
    pub nonce: Arc<str>,
    /// Which connection of the clients it went over.
    pub conn: u32,
    /// Name of the clients in the scenario.
    pub group: Arc<str>,
    /// Method.
    pub method: &'static str,
    /// Bytes of its body.
    pub body_len: usize,
    /// When its first byte was sent.
    pub begun: Instant,
    /// When its last byte was sent.
    pub sent: Option<Instant>,
    /// What came of it.
    pub outcome: Outcome,
    /// When.
    pub outcome_at: Option<Instant>,
    /// How its client behaved.
    pub manner: Manner,
    /// Whether faults are over and everything must go well.
    pub probe: bool,
}

/// How a client behaved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Sends and reads at once.
    Polite,
    /// Sends late or in drops, or reads so.
    Slow,
    /// Goes away with a reset.
    Aborts,
    /// Goes away with FIN.
    Leaves,
    /// Breaks the grammar: no server may see this request as a whole.
    Malformed,
}

/// What came of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing yet.
    Pending,
    /// A response, whole or in part.
    Answered(Answer),
    /// No response.
    Lost(Loss),
}

/// A response as a client saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Status.
    pub status: u16,
    /// The server that says it answered; `None` is the proxy itself.
    pub by: Option<Arc<str>>,
    /// The name of the request the server answered.
    pub nonce: Option<String>,
    /// What rules of the proxy showed of variables.
    pub vars: Option<String>,
    /// What rules of the proxy showed of lists.
    pub lists: Option<String>,
    /// Whether the end of the body was where the message said.
    pub whole: bool,
    /// Whether the bytes of the body are a beginning of those the server sent for this nonce.
    pub matches: bool,
    /// Bytes of the body that came.
    pub body_len: usize,
}

/// Why there is no response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Loss {
    /// The connection was not established.
    Unconnected,
    /// The connection ended with FIN.
    Closed,
    /// The connection broke.
    Broken,
    /// What came is no HTTP.
    Malformed(String),
    /// The client went away itself.
    GaveUp,
}

/// A message a client did not ask for.
#[derive(Clone, Debug)]
pub struct Unasked {
    /// When it came.
    pub at: Instant,
    /// On which connection of the clients.
    pub conn: u32,
    /// How it begins.
    pub text: String,
}

/// One request as a server saw it.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// The name it carries.
    pub nonce: String,
    /// The server.
    pub server: Arc<str>,
    /// Which connection of the servers.
    pub conn: u32,
    /// When its head was complete.
    pub head_at: Instant,
    /// When its body was complete.
    pub whole_at: Option<Instant>,
    /// What a strict reader finds wrong with it.
    pub problem: Option<String>,
    /// Method.
    pub method: String,
    /// Bytes of its body.
    pub body_len: usize,
    /// Whether they are those of this nonce.
    pub matches: bool,
    /// When the first byte of a response was sent.
    pub reply_at: Option<Instant>,
    /// When the last was.
    pub reply_end: Option<Instant>,
    /// Bytes of the response's body as the server means it.
    pub reply_len: usize,
    /// Only the end of the connection ends the response's body.
    pub until_close: bool,
    /// Whether the server notices when the proxy goes away.
    pub watches: bool,
    /// What the server did wrong on purpose.
    pub mischief: Option<&'static str>,
    /// When the server saw that the proxy had gone.
    pub gone_at: Option<Instant>,
}

/// One connection as a server saw it.
#[derive(Clone, Debug)]
pub struct ServerConn {
    /// The server.
    pub server: Arc<str>,
    /// Whose it is, as the server was told.
    pub introduced: Option<SocketAddr>,
    /// Its ends in the network, where the server should see its client's address.
    pub disguised: Option<(SocketAddr, SocketAddr)>,
    /// When the server sent FIN, or bytes after a response that break the framing.
    pub spoiled_at: Option<(Instant, &'static str)>,
    /// When a request came after that.
    pub request_after: Option<Instant>,
    /// When a request came before the one before it was answered.
    pub overlapped_at: Option<Instant>,
}

/// A byte stream through a proxy in TCP mode, as both ends saw it.
#[derive(Clone, Debug)]
pub struct Pipe {
    /// When it began.
    pub begun: Instant,
    /// When it ended.
    pub ended: Option<Instant>,
    /// Bytes sent by the client and how many arrived.
    pub up: Way,
    /// Bytes sent by the server and how many arrived.
    pub down: Way,
}

/// One direction of a [`Pipe`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Way {
    /// Bytes written.
    pub sent: usize,
    /// Bytes read at the other end.
    pub arrived: usize,
    /// When the last of them did.
    pub arrived_at: Option<Instant>,
    /// A byte that arrived was not the one sent at its place.
    pub differs: bool,
    /// When FIN was sent.
    pub fin_sent: Option<Instant>,
    /// When FIN arrived.
    pub fin_arrived: Option<Instant>,
    /// The connection broke at either end.
    pub broken: bool,
}

/// A log line of the proxy.
#[derive(Clone, Debug)]
pub struct LogLine {
    /// When.
    pub at: Instant,
    /// The line.
    pub text: String,
}

/// The most connections that one instance of the proxy had at once in one place.
#[derive(Clone, Debug)]
pub struct Peak<P> {
    /// Where.
    pub place: P,
    /// Which instance of the proxy, from 0.
    pub generation: u32,
    /// Connections in all.
    pub total: u64,
    /// Connections now.
    pub now: u32,
    /// Most at once.
    pub most: u32,
    /// When there were most.
    pub at: Instant,
}

impl<P: PartialEq> Peak<P> {
    /// Counts a connection; says where in `peaks`.
    pub fn count(peaks: &mut Vec<Self>, place: P, generation: u32, at: Instant) -> usize {
        let is_this = |peak: &Self| peak.place == place && peak.generation == generation;
        let found = peaks.iter().position(is_this).unwrap_or_else(|| {
            peaks.push(Self {
                place,
                generation,
                total: 0,
                now: 0,
                most: 0,
                at,
            });
            peaks.len() - 1
        });
        let peak = &mut peaks[found];
        peak.total += 1;
        peak.now += 1;
        if peak.now > peak.most {
            (peak.most, peak.at) = (peak.now, at);
        }
        found
    }
}

impl Journal {
    /// Writes something down.
    pub fn write<T>(&self, act: impl FnOnce(&mut Pages) -> T) -> T {
        act(&mut self.0.borrow_mut())
    }

    /// Reads it.
    pub fn read<T>(&self, act: impl FnOnce(&Pages) -> T) -> T {
        act(&self.0.borrow())
    }

    /// From now on this stands in a list.
    pub fn stands(&self, list: &'static str, what: &str, at: Instant) {
        self.write(|pages| {
            let mut before = pages.stood.iter_mut().rev();
            if let Some(before) = before.find(|stood| stood.list == list) {
                before.until = Some(at);
            }
            pages.stood.push(Stood {
                list,
                what: what.into(),
                from: at,
                until: None,
            });
        });
    }

    /// A request begins; its number.
    pub fn request(&self, request: Request) -> usize {
        self.write(|pages| {
            pages.requests.push(request);
            pages.requests.len() - 1
        })
    }

    /// A request ends.
    pub fn outcome(&self, number: usize, at: Instant, outcome: Outcome) {
        self.write(|pages| {
            let request = &mut pages.requests[number];
            if request.outcome == Outcome::Pending {
                request.outcome = outcome;
                request.outcome_at = Some(at);
            }
        });
    }

    /// Where the bodies of a request and its response are counted.
    pub fn flow_of(&self, nonce: &str) -> usize {
        self.write(|pages| match pages.flow_numbers.get(nonce) {
            Some(number) => *number,
            None => {
                let number = pages.flows.len();
                pages.flows.push(Flows::default());
                pages.flow_numbers.insert(nonce.into(), number);
                number
            }
        })
    }

    /// Bytes of a body pass a peer.
    pub fn flow(&self, number: usize, flow: Flow, bytes: usize) {
        let (way, bytes) = match flow {
            Flow::UpSent => (0, bytes as i64),
            Flow::UpArrived => (0, -(bytes as i64)),
            Flow::DownSent => (1, bytes as i64),
            Flow::DownArrived => (1, -(bytes as i64)),
        };
        self.write(|pages| {
            let flows = &mut pages.flows[number];
            flows.held[way] += bytes;
            flows.most[way] = flows.most[way].max(flows.held[way]);
        });
    }

    /// A server sees a request; its number.
    pub fn arrival(&self, arrival: Arrival) -> usize {
        self.write(|pages| {
            // What an attempt before this one was answered with went with its connection.
            if let Some(&number) = pages.flow_numbers.get(arrival.nonce.as_str()) {
                pages.flows[number].held[1] = 0;
            }
            pages.arrivals.push(arrival);
            pages.arrivals.len() - 1
        })
    }

    /// A server accepts a connection; its number.
    pub fn server_conn(&self, server: &Arc<str>) -> u32 {
        self.write(|pages| {
            pages.server_conns.push(ServerConn {
                server: server.clone(),
                introduced: None,
                disguised: None,
                spoiled_at: None,
                request_after: None,
                overlapped_at: None,
            });
            pages.server_conns.len() as u32 - 1
        })
    }
}
