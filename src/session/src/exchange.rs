//! A request and its response, or one TCP session: its phase, its two directions, its deadline.
//!
//! The engine moves bytes and owns connections; what an exchange waits for, and for how long, is
//! decided here. Facts that follow from others are computed, not stored: the server timer runs
//! exactly when the request is complete or the exchange is a tunnel (founding.md ).

use crate::pace::Pacing;
use crate::ruled::{Ruled, Stage};
use crate::settings::{Proxy, ProxyIndex, Timeouts};
use crate::{Cause, ConnId, During, Termination, Withheld};
use alloc::boxed::Box;
use alloc::collections::VecDeque;
use balance::ServerIndex;
use base::{Deadline, Duration, Instant, TimerSlot, Why};
use message::{Code, Head, Part, Reset, StreamId};

/// A request and its response, or one TCP session.
#[derive(Debug)]
pub struct Exchange {
    /// The client's stream.
    pub client: Link,
    /// The server's stream, from the moment a connection is chosen.
    pub server: Option<Link>,
    /// Where the client came in.
    pub frontend: ProxyIndex,
    /// Where the request goes; the frontend itself until that is decided.
    pub backend: ProxyIndex,
    /// The `bind` line it came in by, if that has counters of its own (`option socket-stats`).
    pub listener: Option<u32>,
    /// It is counted among the backend's sessions.
    pub in_backend: bool,
    /// The server on which this exchange holds a slot.
    pub slot: Option<ServerIndex>,
    /// The server tried last, for the log.
    pub last_server: Option<ServerIndex>,
    /// What it is doing.
    pub phase: Phase,
    /// The request's head, kept for the log and for another try; none in TCP mode.
    pub request: Option<Box<Head>>,
    /// From the client to the server.
    pub upload: Flow,
    /// From the server to the client.
    pub download: Flow,
    /// Both directions are raw bytes: TCP mode, or after 101 or 2xx to CONNECT.
    pub tunnel: bool,
    /// The first request of its client connection (`http-reuse safe`).
    pub first: bool,
    /// A request on a reused server connection was sent and may be sent again.
    pub replayable: bool,
    /// Parts of the request that were read and not passed on: rules look at them first.
    pub held: VecDeque<Part>,
    /// The response, as long as rules keep it back.
    pub withheld: Option<Box<Withheld>>,
    /// Limits of what is passed on (`set-bandwidth-limit`).
    pub pacing: Option<Box<Pacing>>,
    /// What rules have decided or collected.
    pub ruled: Ruled,
    /// Something of the request's body was passed on: it cannot be sent again.
    pub body_sent: bool,
    /// How often a server refused to look at it.
    pub refused: u8,
    /// The code with which a peer reset its stream, to be passed on to the other.
    pub code: Option<Code>,
    /// Connection attempts after the first.
    pub retries: u32,
    /// A retry went to another server.
    pub redispatched: bool,
    /// Requests ahead in the server's and the backend's queue on arrival.
    pub ahead: Ahead,
    /// Status of the final response; 0 before.
    pub status: u16,
    /// Bytes of the message received from the client.
    pub bytes_in: u64,
    /// Bytes of the message sent to the client.
    pub bytes_out: u64,
    /// When things happened.
    pub times: Times,
    /// The last byte read from or written to the client.
    pub client_at: Instant,
    /// The last byte read from or written to the server.
    pub server_at: Instant,
    /// The first terminal event.
    pub termination: Option<Termination>,
    /// Not logged (`monitor-uri`).
    pub silent: bool,
    /// A line of it was written.
    pub logged: bool,
    /// Its number in the process (`%rt`).
    pub number: u32,
    /// Its entry in the timer table.
    pub timer: TimerSlot,
}

/// A stream of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// The connection.
    pub conn: ConnId,
    /// The stream on it.
    pub stream: StreamId,
}

/// Positions in the queues on arrival (`%sq` and `%bq`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ahead {
    /// In the server's queue.
    pub server: u32,
    /// In the backend's queue.
    pub backend: u32,
}

/// What an exchange is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Waiting with a rule set for what it needs.
    Waiting {
        /// What for.
        on: Wait,
        /// It goes on then at the latest.
        until: Instant,
    },
    /// Waiting for the body of the request (`option http-buffer-request`).
    Buffering,
    /// Waiting for a slot on a server.
    Queued {
        /// Since when.
        since: Instant,
    },
    /// Waiting for a connection to the server.
    Connecting {
        /// Since when.
        since: Instant,
        /// The connection in the making.
        conn: ConnId,
    },
    /// Waiting for a connection that another worker may give.
    Asking {
        /// Since when.
        since: Instant,
    },
    /// Waiting before the next attempt on the same server.
    Pausing {
        /// Until when.
        until: Instant,
    },
    /// Linked to a server: whatever arrives is passed on.
    Forwarding,
    /// The answer is complete or made by ourselves; what is left is to hand it over.
    Closing,
}

/// What a rule set waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// What its conditions read (`inspect-delay`).
    Content,
    /// The body (`wait-for-body`).
    Body {
        /// This many bytes are enough.
        at_least: Option<u64>,
    },
    /// Nothing: time is to pass (`pause`).
    Pause,
    /// The same before an answer (`tarpit`).
    Tarpit,
    /// The page of statistics, which the process makes.
    Page,
}

/// One direction of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// The head is still to come.
    Head,
    /// The body is passing.
    Body,
    /// Complete.
    Done,
}

/// When things happened; `None` where they did not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// The client connection was accepted, or the request before ended: its part of the connection's life
    /// began.
    pub accepted: Instant,
    /// The wait for this request began: acceptance, or the end of the one before.
    pub idle_from: Instant,
    /// Its first byte arrived.
    pub begun: Instant,
    /// Its head was complete.
    pub head: Option<Instant>,
    /// A server was assigned: the end of the queue.
    pub assigned: Option<Instant>,
    /// The connection to the server was established or reused.
    pub connected: Option<Instant>,
    /// The head of the final response was complete.
    pub response: Option<Instant>,
}

/// What the two connections of an exchange still hold, seen from outside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unsent {
    /// Bytes wait to be written to the client.
    pub to_client: bool,
    /// Bytes wait to be written to the server.
    pub to_server: bool,
}

impl Exchange {
    /// A response has come: variables of requests are gone, those of responses live.
    pub fn responding(&self) -> bool {
        self.times.response.is_some()
            || self.ruled.replied
            || self.ruled.answered
            || self.phase == Phase::Closing
    }

    /// How often a connection to a server of `backend` is tried again: `retries`, or `set-retries`.
    pub fn retries_max(&self, backend: &Proxy) -> u32 {
        self.ruled.retries.unwrap_or(backend.retries)
    }

    /// Records the terminal event, unless there was one before.
    pub fn terminate(&mut self, cause: Cause) {
        let during = self.during();
        self.termination
            .get_or_insert(Termination { cause, during });
    }

    /// Records a terminal event whose phase is known better than from the exchange's own.
    pub fn terminate_at(&mut self, cause: Cause, during: During) {
        self.termination
            .get_or_insert(Termination { cause, during });
    }

    /// Something was waited for before the server of a request was chosen: that is a part of the request's
    /// own time, and of none in queues.
    pub fn note_request_waited(&mut self, now: Instant) {
        let to_be_sent = self.ruled.stage != Stage::Server && self.termination.is_none();
        if to_be_sent && self.times.head.is_some() {
            self.times.head = Some(now);
        }
    }

    /// How its streams are given up if it ends incomplete: silence, or a server that was never
    /// reached, leaves nothing of a tunnel missing.
    pub fn reset(&self) -> Reset {
        let cause = self.termination.map(|termination| termination.cause);
        match cause {
            Some(Cause::ClientTimeout | Cause::ServerTimeout) => Reset::GivenUp,
            _ if self.times.connected.is_none() || self.ruled.dropped => Reset::GivenUp,
            _ => self.code.map_or(Reset::Aborted, Reset::Told),
        }
    }

    /// A peer reset its stream; if it said why, the other peer hears the same.
    pub fn note_code(&mut self, reset: Reset) {
        match reset {
            Reset::Told(code) => self.code = Some(code),
            Reset::Aborted | Reset::Refused | Reset::Raced | Reset::Broken(_) | Reset::GivenUp => {}
        }
    }

    /// The second letter of the termination state if it ended now.
    pub fn during(&self) -> During {
        match self.phase {
            Phase::Waiting {
                on: Wait::Tarpit, ..
            } => During::Tarpit,
            Phase::Waiting { .. } | Phase::Buffering => During::Request,
            Phase::Queued { .. } => During::Queue,
            Phase::Connecting { .. } | Phase::Asking { .. } | Phase::Pausing { .. } => {
                During::Connect
            }
            // Half closed, a tunnel still carries data.
            Phase::Forwarding if self.tunnel && self.upload != Flow::Done => During::Data,
            Phase::Forwarding => match self.download {
                Flow::Head => During::Head,
                Flow::Body => During::Data,
                Flow::Done => During::Last,
            },
            Phase::Closing => During::Last,
        }
    }

    /// When the exchange has waited too long, and for what (founding.md §3.3).
    ///
    /// `frontend` and `backend` are the timeouts of its proxies.
    pub fn deadline(
        &self,
        frontend: &Timeouts,
        backend: &Timeouts,
        unsent: Unsent,
    ) -> Option<Deadline> {
        let rule = self.withheld.as_ref().and_then(|it| it.deadline());
        let other = match self.phase {
            Phase::Waiting { on, until } => Some(Deadline {
                at: until,
                why: match on {
                    Wait::Tarpit => Why::Tarpit,
                    Wait::Content | Wait::Body { .. } | Wait::Pause | Wait::Page => Why::Rule,
                },
            }),
            Phase::Buffering => match frontend.http_request {
                None => after(self.client_at, frontend.client, Why::Client),
                some => after(self.times.begun, some, Why::HttpRequest),
            },
            Phase::Queued { since } => after(since, backend.queue.or(backend.connect), Why::Queue),
            Phase::Connecting { since, .. } => after(since, backend.connect, Why::Connect),
            Phase::Asking { since } => after(since, backend.connect, Why::Connect),
            Phase::Pausing { until } => Some(Deadline {
                at: until,
                why: Why::Retry,
            }),
            Phase::Forwarding if self.tunnel => self.tunnel_deadline(frontend, backend, unsent),
            Phase::Forwarding => earlier(
                self.client_deadline(frontend, unsent),
                self.server_deadline(backend, unsent),
            ),
            Phase::Closing => self.client_deadline(frontend, unsent),
        };
        let pace = self.pacing.as_ref().and_then(|it| it.until());
        let pace = pace.map(|at| Deadline { at, why: Why::Pace });
        earlier(earlier(rule, pace), other)
    }

    /// A limit holds back what came from the client.
    fn holds_upload(&self) -> bool {
        let pacing = self.pacing.as_ref();
        pacing.is_some_and(|it| it.upload.until().is_some())
    }

    /// The same of what came from the server.
    fn holds_download(&self) -> bool {
        let pacing = self.pacing.as_ref();
        pacing.is_some_and(|it| it.download.until().is_some())
    }

    fn client_deadline(&self, frontend: &Timeouts, unsent: Unsent) -> Option<Deadline> {
        let owes = self.upload != Flow::Done && !self.holds_upload();
        let runs = unsent.to_client || (owes && !unsent.to_server);
        runs.then(|| after(self.client_at, frontend.client, Why::Client))?
    }

    fn server_deadline(&self, backend: &Timeouts, unsent: Unsent) -> Option<Deadline> {
        let all_here = self.withheld.as_ref().is_some_and(|it| it.is_complete());
        let owes = self.download != Flow::Done && !all_here && !self.holds_download();
        let expects = self.upload == Flow::Done && owes;
        let runs = unsent.to_server || (expects && !unsent.to_client);
        runs.then(|| after(self.server_at, backend.server, Why::Server))?
    }

    /// A tunnel that is open both ways has one timer. Once a side is closed, only the other side's
    /// runs, its `-fin` one if that is set: who has closed owes nothing but to take what is sent. Nobody
    /// owes more than that while a limit holds bytes back.
    fn tunnel_deadline(
        &self,
        frontend: &Timeouts,
        backend: &Timeouts,
        unsent: Unsent,
    ) -> Option<Deadline> {
        let half_closed = self.upload == Flow::Done || self.download == Flow::Done;
        let held = self.holds_upload() || self.holds_download();
        let client = match (half_closed, frontend.client_fin, backend.tunnel) {
            _ if (self.upload == Flow::Done || held) && !unsent.to_client => None,
            (true, Some(fin), _) => after(self.client_at, Some(fin), Why::ClientFin),
            (_, _, Some(tunnel)) => after(self.last_activity(), Some(tunnel), Why::Tunnel),
            (_, _, None) => after(self.client_at, frontend.client, Why::Client),
        };
        let server = match (half_closed, backend.server_fin, backend.tunnel) {
            _ if (self.download == Flow::Done || held) && !unsent.to_server => None,
            (true, Some(fin), _) => after(self.server_at, Some(fin), Why::ServerFin),
            (_, _, Some(tunnel)) => after(self.last_activity(), Some(tunnel), Why::Tunnel),
            (_, _, None) => after(self.server_at, backend.server, Why::Server),
        };
        match (client, server) {
            // Bytes pass both sides within a moment: then both are silent for equally long, and it is
            // the client's timeout, as in HAProxy.
            (Some(client), Some(server)) if client.at < server.at + SAME_MOMENT => Some(client),
            (client, server) => earlier(client, server),
        }
    }

    fn last_activity(&self) -> Instant {
        self.client_at.max(self.server_at)
    }
}

/// Timers that are due within this of each other are due together: the clock of HAProxy's.
const SAME_MOMENT: Duration = Duration::from_millis(1);

fn after(since: Instant, timeout: Option<Duration>, why: Why) -> Option<Deadline> {
    timeout.map(|timeout| Deadline {
        at: since + timeout,
        why,
    })
}

fn earlier(a: Option<Deadline>, b: Option<Deadline>) -> Option<Deadline> {
    match (a, b) {
        (Some(a), Some(b)) => Some(if b.at < a.at { b } else { a }),
        (one, None) | (None, one) => one,
    }
}
