//! Everything ends, in time.

use super::{Case, Violation};
use crate::fault::{Kind, ServerFault};
use crate::journal::{Manner, Outcome};
use base::{Duration, Instant};

pub(super) fn check(case: &Case<'_>, found: &mut Vec<Violation>) {
    answer(case, found);
    timers(case, found);
    heal(case, found);
    for &at in &case.pages.spins {
        found.push(Violation {
            rule: "live.spin",
            at,
            what: "a task works while the clock stands still".into(),
        });
    }
}

/// What all timeouts that apply to a request take together, and what faults add.
fn longest(case: &Case<'_>) -> Duration {
    let mut longest = Duration::ZERO;
    for proxy in &case.evidence.settings.proxies {
        let timeouts = &proxy.timeouts;
        let or_zero = |timeout: Option<Duration>| timeout.unwrap_or_default();
        let connect = or_zero(timeouts.connect) + Duration::from_secs(1);
        let queue = timeouts.queue.or(timeouts.connect);
        let sum = connect * (proxy.retries + 1)
            + or_zero(queue) * (proxy.retries + 1)
            + or_zero(timeouts.server)
            + or_zero(timeouts.client)
            + or_zero(timeouts.http_request);
        longest = longest.max(sum);
    }
    let mut slow = 1;
    let mut disturbed = Duration::ZERO;
    for fault in case.evidence.faults {
        if fault.kind.disturbs_links() {
            disturbed += Duration::from_millis(fault.for_ms);
        }
        if let Kind::Server(ServerFault::Slow(factor)) = fault.kind {
            slow = slow.max(factor as u32);
        }
    }
    longest + case.evidence.service * slow + disturbed + SLACK
}

/// Ways, retransmissions, thinking of the machine.
const SLACK: Duration = Duration::from_secs(8);

fn answer(case: &Case<'_>, found: &mut Vec<Violation>) {
    let limit = longest(case);
    for request in &case.pages.requests {
        let end = request.outcome_at.unwrap_or(case.evidence.over);
        let took = end.since(request.begun);
        if request.manner == Manner::Polite && took > limit {
            found.push(Violation {
                rule: "live.answer",
                at: end,
                what: format!(
                    "{} took {} ms, its timeouts allow {} ms",
                    request.nonce,
                    took.as_millis(),
                    limit.as_millis()
                ),
            });
        }
    }
}

/// How much later than its connection a client sends its first byte.
const EARLY_MS: i64 = 300;

/// How much later than due a timeout may act.
const LATE_MS: i64 = 60;

fn timers(case: &Case<'_>, found: &mut Vec<Violation>) {
    for line in &case.lines {
        let [request_ms, queue_ms, connect_ms, _, total_ms] = line.times.map(|time| time.max(0));
        let before = request_ms + queue_ms + connect_ms;
        let request = line.nonce.and_then(|nonce| case.requests.get(nonce));
        let simple = request.is_some_and(|request| {
            request.manner == Manner::Polite && matches!(request.method, "GET" | "HEAD")
        });
        let backend = case.backend(line.backend);
        let frontend = case.frontend(line.frontend);
        let (due, acted) = match &line.state[..2] {
            "sH" if simple && line.retries == 0 => (
                backend.and_then(|proxy| proxy.timeouts.server),
                total_ms - before,
            ),
            "cR" => {
                let timeouts = frontend.map(|proxy| proxy.timeouts);
                let own = timeouts.and_then(|timeouts| timeouts.http_request.or(timeouts.client));
                (own, total_ms)
            }
            "sQ" if request.is_some_and(|one| case.world_was_calm(one.begun, line.at)) => {
                let timeouts = backend.map(|proxy| proxy.timeouts);
                (
                    timeouts.and_then(|timeouts| timeouts.queue.or(timeouts.connect)),
                    queue_ms,
                )
            }
            _ => continue,
        };
        let Some(due) = due.map(|due| due.as_millis() as i64) else {
            continue;
        };
        // The time for a request begins with the connection, its log with the first byte.
        let early = if line.state.starts_with("cR") {
            due - EARLY_MS
        } else {
            due - 1
        };
        if acted < early || acted > due + LATE_MS {
            found.push(Violation {
                rule: "live.timers",
                at: line.at,
                what: format!("{} after {acted} ms, due after {due} ms", line.state),
            });
        }
    }
}

fn heal(case: &Case<'_>, found: &mut Vec<Violation>) {
    for request in case.pages.requests.iter().filter(|request| request.probe) {
        let well = matches!(
            &request.outcome,
            Outcome::Answered(answer) if answer.status == 200 && answer.whole
        );
        if !well {
            found.push(Violation {
                rule: "live.heal",
                at: request.outcome_at.unwrap_or(Instant::ZERO),
                what: format!("{} after all faults: {:?}", request.nonce, request.outcome),
            });
        }
    }
}
