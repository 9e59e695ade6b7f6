//! Bandwidth limits: what passes, in proportion to the time.

use super::{Case, Violation};
use base::{Duration, Instant};
use session::pace::Way;
use session::rules::{Action, LimitTo, SetLimit};
use session::settings::Proxy;

/// A limit that holds for every request of a frontend.
struct Pace<'a> {
    name: &'a str,
    way: Way,
    bytes_max: u64,
    period: Duration,
    /// All of them share it.
    shared: bool,
}

/// Bytes of a body and the time in which they passed.
struct Passed<'a> {
    nonce: &'a str,
    bytes: u64,
    from: Instant,
    to: Instant,
}

pub(super) fn check(case: &Case<'_>, found: &mut Vec<Violation>) {
    let burst_max = u64::from(case.evidence.settings.global.tune.bufsize);
    for proxy in &case.evidence.settings.proxies {
        for pace in paces(case, proxy) {
            let mut passed = passed(case, &pace);
            let burst = pace.bytes_max.min(burst_max);
            if !pace.shared {
                for one in &passed {
                    judge(&pace, one.bytes, one, one.from, burst, found);
                }
                continue;
            }
            passed.sort_by_key(|one| one.to);
            let began = passed.iter().map(|one| one.from).min().unwrap_or_default();
            let mut sum = 0;
            for one in &passed {
                sum += one.bytes;
                judge(&pace, sum, one, began, burst, found);
            }
        }
    }
}

fn judge(
    pace: &Pace<'_>,
    bytes: u64,
    last: &Passed<'_>,
    from: Instant,
    burst: u64,
    found: &mut Vec<Violation>,
) {
    let millis = last.to.since(from).as_millis() as u64 + 1;
    let share = pace.bytes_max * millis / (pace.period.as_millis() as u64).max(1);
    if bytes > share + burst {
        found.push(Violation {
            rule: "lim.pace",
            at: last.to,
            what: format!(
                "{bytes} bytes under a limit of {} in {} ms by {}, with {}",
                pace.name, millis, pace.bytes_max, last.nonce
            ),
        });
    }
}

/// The limits that rules of a frontend set without a condition.
fn paces<'a>(case: &Case<'a>, proxy: &'a Proxy) -> Vec<Pace<'a>> {
    let rules = proxy.rules.front_request.as_ref();
    let rules = rules.into_iter().flat_map(|set| set.get().iter());
    let always = rules.filter(|rule| rule.gate.condition.is_none());
    let limits = always.filter_map(|rule| match &rule.action {
        Action::Limit(limit) => Some(&**limit),
        _ => None,
    });
    limits
        .filter_map(|limit| pace(case, proxy, limit))
        .collect()
}

fn pace<'a>(case: &Case<'a>, proxy: &'a Proxy, limit: &SetLimit) -> Option<Pace<'a>> {
    let (bytes_max, period, shared) = match &limit.to {
        LimitTo::Stream {
            bytes_max,
            own_bytes_max: None,
            period,
            own_period: None,
        } => (*bytes_max, *period, false),
        LimitTo::Stream { .. } => return None,
        LimitTo::Shared {
            bytes_max, table, ..
        } => {
            let table = case.evidence.settings.tables.get(*table as usize)?;
            let rate = match limit.way {
                Way::Upload => tables::DataType::BytesInRate,
                Way::Download => tables::DataType::BytesOutRate,
            };
            let rate = table.stored().iter().find(|stored| stored.data == rate)?;
            let period = Duration::from_millis(rate.period_ms.into());
            (*bytes_max, period, true)
        }
    };
    Some(Pace {
        name: &proxy.name,
        way: limit.way,
        bytes_max: bytes_max.into(),
        period,
        shared,
    })
}

/// What passed a limit, by when.
fn passed<'a>(case: &Case<'a>, pace: &Pace<'a>) -> Vec<Passed<'a>> {
    let of_frontend = case.lines.iter().filter(|line| line.frontend == pace.name);
    let requests = of_frontend.filter_map(|line| case.requests.get(line.nonce?));
    requests
        .filter_map(|request| {
            let (bytes, to) = match pace.way {
                Way::Upload => {
                    let arrivals = case.arrivals_of(&request.nonce);
                    let whole = arrivals
                        .iter()
                        .filter_map(|arrival| Some((arrival.body_len, arrival.whole_at?)));
                    whole.max_by_key(|(bytes, _)| *bytes)?
                }
                Way::Download => match &request.outcome {
                    crate::journal::Outcome::Answered(answer) if answer.by.is_some() => {
                        (answer.body_len, request.outcome_at?)
                    }
                    _ => return None,
                },
            };
            Some(Passed {
                nonce: &request.nonce,
                bytes: bytes as u64,
                from: request.begun,
                to,
            })
        })
        .collect()
}
