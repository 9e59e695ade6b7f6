//! What operators rely on: stopping, logs, counters, and nothing left behind.

use super::rr::{by_connection, is_spoiled};
use super::{Case, Violation};
use crate::journal::{Loss, Manner, Outcome};
use session::settings::{LineFormat, LogFormat, Options};
use std::collections::BTreeMap;

pub(super) fn check(case: &Case<'_>, found: &mut Vec<Violation>) {
    graceful_stop(case, found);
    logged_once(case, found);
    logged_truly(case, found);
    counters(case, found);
    quiet(case, found);
}

/// A request under way when a soft stop begins is answered as if there were none.
fn graceful_stop(case: &Case<'_>, found: &mut Vec<Violation>) {
    for &stop in &case.pages.stops {
        for request in &case.pages.requests {
            let (Some(sent), Some(end)) = (request.sent, request.outcome_at) else {
                continue;
            };
            let under_way = sent + case.round_trip() < stop && end > stop;
            let lost = matches!(
                request.outcome,
                Outcome::Lost(Loss::Closed | Loss::Broken | Loss::Unconnected)
            ) || matches!(&request.outcome, Outcome::Answered(answer) if !answer.whole);
            let spoiled = case
                .arrivals_of(&request.nonce)
                .iter()
                .any(|arrival| is_spoiled(arrival));
            let polite = request.manner == Manner::Polite;
            let others_calm = case.were_off(request.begun, end, |fault| {
                !matches!(
                    fault.kind,
                    crate::fault::Kind::Crowd { .. }
                        | crate::fault::Kind::Surge { .. }
                        | crate::fault::Kind::Proxy(crate::fault::ProxyFault::Reload)
                )
            });
            if under_way && lost && polite && !spoiled && others_calm {
                found.push(Violation {
                    rule: "stop.graceful",
                    at: end,
                    what: format!("{} was lost to the soft stop", request.nonce),
                });
            }
        }
    }
}

/// Whether all frontends write one line a request.
fn logs_everything(case: &Case<'_>) -> bool {
    let mut frontends = case.evidence.settings.proxies.iter();
    frontends.all(|proxy| {
        !proxy.capability.accepts()
            || (!proxy.logs.is_empty()
                && matches!(proxy.log_lines.line, LineFormat::Usual(LogFormat::Http))
                && !proxy.options.contains(Options::DONTLOG_NORMAL))
    })
}

fn logged_once(case: &Case<'_>, found: &mut Vec<Violation>) {
    if !logs_everything(case) {
        return;
    }
    let mut lines: BTreeMap<&str, usize> = BTreeMap::new();
    for line in &case.lines {
        if let Some(nonce) = line.nonce {
            *lines.entry(nonce).or_default() += 1;
        }
    }
    for requests in by_connection(case).values() {
        for request in requests {
            let count = lines.get(&*request.nonce).copied().unwrap_or(0);
            let reached = !case.arrivals_of(&request.nonce).is_empty();
            if count > 1 || (count == 0 && reached) {
                found.push(Violation {
                    rule: "log.once",
                    at: request.outcome_at.unwrap_or(case.evidence.over),
                    what: format!("{} has {count} log lines", request.nonce),
                });
            }
        }
    }
}

fn logged_truly(case: &Case<'_>, found: &mut Vec<Violation>) {
    for line in &case.lines {
        let request = line.nonce.and_then(|nonce| case.requests.get(nonce));
        let Some(Outcome::Answered(answer)) = request.map(|request| &request.outcome) else {
            continue;
        };
        if i64::from(answer.status) != line.status {
            found.push(Violation {
                rule: "log.true",
                at: line.at,
                what: format!(
                    "{} got {}, the log says {}",
                    line.nonce.unwrap_or("?"),
                    answer.status,
                    line.status
                ),
            });
        }
    }
}

fn counters(case: &Case<'_>, found: &mut Vec<Violation>) {
    let seen: u64 = case
        .pages
        .accepted_peaks
        .iter()
        .map(|peak| peak.total)
        .sum();
    if seen != case.evidence.conn_tot {
        found.push(Violation {
            rule: "cnt.sum",
            at: case.evidence.over,
            what: format!(
                "{seen} connections came, {} are counted",
                case.evidence.conn_tot
            ),
        });
    }
}

fn quiet(case: &Case<'_>, found: &mut Vec<Violation>) {
    let left = case.evidence.sockets_left;
    if left > 0 || !case.evidence.stopped {
        let stopped = if case.evidence.stopped {
            "stopped"
        } else {
            "still running"
        };
        found.push(Violation {
            rule: "alloc.quiet",
            at: case.evidence.over,
            what: format!("the proxy is {stopped} and holds {left} sockets"),
        });
    }
}
