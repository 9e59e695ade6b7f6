//! What the author of a scenario expects of users' experience.

use crate::journal::{Manner, Outcome, Pages};
use crate::scenario::millis;
use std::fmt;

/// A bound on something that is counted.
#[derive(Clone, Debug, PartialEq)]
pub struct Expectation {
    what: What,
    relation: Relation,
    bound: f64,
    text: String,
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Requests,
    /// Answered with status 2xx, whole.
    Ok,
    /// Percent of requests.
    OkPercent,
    /// Not answered, or cut off.
    Lost,
    /// One status, or one hundred of them.
    Status(u16),
    Class(u16),
    /// Longest and 99th percentile of answered requests, milliseconds.
    LatencyMax,
    LatencyP99,
    /// Tunnels whose bytes all arrived.
    PipesWhole,
    Pipes,
    /// Connections that servers accepted.
    Connections,
    /// Percent of the requests that came to servers.
    ConnectionsPercent,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Relation {
    Less,
    LessOrEqual,
    Equal,
    GreaterOrEqual,
    Greater,
}

const RELATIONS: [(&str, Relation); 5] = [
    ("<=", Relation::LessOrEqual),
    (">=", Relation::GreaterOrEqual),
    ("<", Relation::Less),
    (">", Relation::Greater),
    ("=", Relation::Equal),
];

impl Expectation {
    /// Reads `"requests.ok" = ">= 90%"`.
    pub fn read(what: &str, bound: &str) -> Result<Self, String> {
        let text = format!("{what} {bound}");
        let found = RELATIONS
            .into_iter()
            .find_map(|(sign, relation)| Some((relation, bound.strip_prefix(sign)?.trim())));
        let Some((relation, value)) = found else {
            return Err(format!(
                "`{text}`: no bound; write \"< 500ms\" or \">= 90%\""
            ));
        };
        let percent = value.strip_suffix('%');
        let what = match (what, percent) {
            ("requests", None) => What::Requests,
            ("ok", None) => What::Ok,
            ("ok", Some(_)) => What::OkPercent,
            ("lost", None) => What::Lost,
            ("pipes", None) => What::Pipes,
            ("connections", None) => What::Connections,
            ("connections", Some(_)) => What::ConnectionsPercent,
            ("pipes.whole", None) => What::PipesWhole,
            ("latency.max", None) => What::LatencyMax,
            ("latency.p99", None) => What::LatencyP99,
            (status, None) if status.ends_with("xx") => match status[..1].parse() {
                Ok(class) => What::Class(class),
                Err(_) => return Err(format!("`{status}` cannot be counted")),
            },
            (status, None) => match status.parse() {
                Ok(status) => What::Status(status),
                Err(_) => return Err(format!("`{status}` cannot be counted")),
            },
            (other, Some(_)) => return Err(format!("`{other}` has no percentage")),
        };
        let number = match what {
            What::LatencyMax | What::LatencyP99 => millis(value)? as f64,
            _ => percent
                .unwrap_or(value)
                .parse()
                .map_err(|_| format!("`{value}` is no number"))?,
        };
        Ok(Self {
            what,
            relation,
            bound: number,
            text,
        })
    }

    /// What was counted, and whether it is as expected. Probes after the faults do not count.
    pub fn check(&self, pages: &Pages) -> (f64, bool) {
        let value = self.what.count(pages);
        let holds = match self.relation {
            Relation::Less => value < self.bound,
            Relation::LessOrEqual => value <= self.bound,
            Relation::Equal => value == self.bound,
            Relation::GreaterOrEqual => value >= self.bound,
            Relation::Greater => value > self.bound,
        };
        (value, holds)
    }
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl What {
    fn count(self, pages: &Pages) -> f64 {
        let requests = || {
            let polite = pages.requests.iter().filter(|request| !request.probe);
            polite.filter(|request| request.manner == Manner::Polite)
        };
        let with = |holds: &dyn Fn(u16, bool) -> bool| {
            let answers = requests().filter(|request| match &request.outcome {
                Outcome::Answered(answer) => holds(answer.status, answer.whole),
                Outcome::Pending | Outcome::Lost(_) => false,
            });
            answers.count() as f64
        };
        let ok = || with(&|status, whole| whole && (200..300).contains(&status));
        match self {
            Self::Connections => pages.server_conns.len() as f64,
            Self::ConnectionsPercent => {
                let arrivals = (pages.arrivals.len() as f64).max(1.0);
                100.0 * pages.server_conns.len() as f64 / arrivals
            }
            Self::Requests => requests().count() as f64,
            Self::Ok => ok(),
            Self::OkPercent => 100.0 * ok() / (requests().count() as f64).max(1.0),
            Self::Lost => requests().count() as f64 - with(&|_, whole| whole),
            Self::Status(wanted) => with(&|status, _| status == wanted),
            Self::Class(class) => with(&|status, _| status / 100 == class),
            Self::LatencyMax => latencies(pages).last().copied().unwrap_or(0) as f64,
            Self::LatencyP99 => {
                let all = latencies(pages);
                all.get(all.len() * 99 / 100).copied().unwrap_or(0) as f64
            }
            Self::Pipes => pages.pipes.len() as f64,
            Self::PipesWhole => {
                let whole = pages.pipes.iter().filter(|pipe| {
                    let ways = [pipe.up, pipe.down];
                    ways.iter()
                        .all(|way| way.fin_arrived.is_some() && way.arrived == way.sent)
                });
                whole.count() as f64
            }
        }
    }
}

/// Milliseconds that answered requests took, in order of size.
pub fn latencies(pages: &Pages) -> Vec<u64> {
    let answered = pages.requests.iter().filter(|request| {
        request.manner == Manner::Polite && matches!(request.outcome, Outcome::Answered(_))
    });
    let times = answered
        .filter_map(|request| Some(request.outcome_at?.since(request.begun).as_millis() as u64));
    let mut times: Vec<u64> = times.collect();
    times.sort_unstable();
    times
}
