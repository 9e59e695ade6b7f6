//! Clients and servers that follow a plan.

use super::plan::{Fault, Leaves, Plan};
use proptests::pair::{Peer, Say};
use proptests::wire::{self, Expect};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The client of one visit.
pub struct Client {
    plan: Rc<Plan>,
    visit: usize,
    /// Requests said.
    said: usize,
    bytes_said: usize,
    /// After how many bytes it leaves, if it leaves early.
    leaves_at: usize,
    /// Answers read, and the bytes they took.
    answered: usize,
    read: usize,
    gone: bool,
}

impl Client {
    pub fn new(plan: &Rc<Plan>, visit: usize) -> Self {
        let first = plan.first_nonce(visit);
        let asks = plan.visits[visit].asks.iter().enumerate();
        let total: usize = asks.map(|(at, ask)| ask.bytes(first + at).len()).sum();
        let leaves_at = match plan.visits[visit].leaves {
            Leaves::Answered | Leaves::HalfClosed => usize::MAX,
            Leaves::Early { part, .. } => total * usize::from(part) / 256,
        };
        Self {
            plan: plan.clone(),
            visit,
            said: 0,
            bytes_said: 0,
            leaves_at,
            answered: 0,
            read: 0,
            gone: false,
        }
    }

    /// Counts the answers that are complete. What is wrong with one is said when the run is over.
    fn count_answers(&mut self, heard: &[u8], ended: bool) {
        while let Some(ask) = self.plan.visits[self.visit].asks.get(self.answered) {
            let method = ask.method;
            let expect = Expect::Response { method, ended };
            let Ok(Some((message, used))) = wire::read(&heard[self.read..], expect) else {
                return;
            };
            if !message.complete {
                return;
            }
            self.read += used;
            self.answered += usize::from(!matches!(message.status(), 100 | 102..=199));
        }
    }
}

impl Peer for Client {
    fn hears(&mut self, heard: &[u8], ended: bool) -> Vec<Say> {
        if self.gone {
            return Vec::new();
        }
        let plan = self.plan.clone();
        let visit = &plan.visits[self.visit];
        let first = plan.first_nonce(self.visit);
        self.count_answers(heard, ended);
        let answered = self.answered;
        let mut bytes = Vec::new();
        while self.said < visit.asks.len() && (visit.pipelined || self.said <= answered) {
            bytes.extend(visit.asks[self.said].bytes(first + self.said));
            self.said += 1;
        }
        let mut end = (ended || answered == visit.asks.len()).then_some(Say::Fin);
        match visit.leaves {
            Leaves::Answered => {}
            Leaves::HalfClosed => end = Some(Say::Fin),
            Leaves::Early { reset, .. } => {
                if self.bytes_said + bytes.len() >= self.leaves_at {
                    bytes.truncate(self.leaves_at - self.bytes_said);
                    end = Some(if reset { Say::Reset } else { Say::Fin });
                }
            }
        }
        self.bytes_said += bytes.len();
        self.gone = end.is_some();
        let bytes = (!bytes.is_empty()).then_some(Say::Bytes(bytes));
        bytes.into_iter().chain(end).collect()
    }
}

/// A server's end of one connection.
pub struct Origin {
    plan: Rc<Plan>,
    /// How often each request has come, on any connection.
    seen: Rc<RefCell<BTreeMap<usize, usize>>>,
    read: usize,
    /// The request at hand is answered already.
    early: bool,
    gone: bool,
}

impl Origin {
    pub fn new(plan: &Rc<Plan>, seen: &Rc<RefCell<BTreeMap<usize, usize>>>) -> Self {
        Self {
            plan: plan.clone(),
            seen: seen.clone(),
            read: 0,
            early: false,
            gone: false,
        }
    }

    fn answer(&mut self, request: &wire::Message, says: &mut Vec<Say>) {
        let nonce = request.target().trim_start_matches('/').parse();
        let nonce: usize = nonce.unwrap_or(usize::MAX);
        let Some(ask) = self.plan.ask(nonce) else {
            self.gone = true;
            return says.push(Say::Reset);
        };
        let before = {
            let mut seen = self.seen.borrow_mut();
            let count = seen.entry(nonce).or_default();
            *count += 1;
            *count - 1
        };
        let answer = &ask.answer;
        let mut bytes = answer.bytes(nonce, ask.method);
        let mut end = answer.closes().then_some(Say::Fin);
        match answer.fault {
            Fault::None | Fault::Early | Fault::CloseAfter => {}
            Fault::CloseFirst if before > 0 => {}
            Fault::CloseFirst => {
                bytes.clear();
                end = Some(Say::Fin);
            }
            Fault::BreakOff { part, reset } => {
                bytes.truncate(bytes.len() * usize::from(part) / 256);
                end = Some(if reset { Say::Reset } else { Say::Fin });
            }
        }
        if !bytes.is_empty() {
            says.push(Say::Bytes(bytes));
        }
        self.gone = end.is_some();
        says.extend(end);
    }
}

impl Peer for Origin {
    fn hears(&mut self, heard: &[u8], ended: bool) -> Vec<Say> {
        let mut says = Vec::new();
        while !self.gone {
            // What is wrong with it is said when the run is over.
            let Ok(Some((request, used))) = wire::read(&heard[self.read..], Expect::Request) else {
                break;
            };
            let nonce = request.target().trim_start_matches('/').parse();
            let ask = nonce.ok().and_then(|nonce| self.plan.ask(nonce));
            let early = ask.is_some_and(|ask| ask.answer.fault == Fault::Early);
            if (request.complete || early) && !self.early {
                self.answer(&request, &mut says);
                self.early = !request.complete;
            }
            if !request.complete {
                break;
            }
            self.early = false;
            self.read += used;
        }
        if ended && !self.gone {
            self.gone = true;
            says.push(Say::Fin);
        }
        says
    }
}
