//! Limits and queues.

use super::{Case, Violation};
use base::{Duration, Instant};
use session::settings::BindAddress;

pub(super) fn check(case: &Case<'_>, found: &mut Vec<Violation>) {
    server_maxconn(case, found);
    accepted(case, found);
    queue(case, found);
}

/// Instances of the proxy that ran at once at most: each counts for itself.
fn instances(case: &Case<'_>) -> u32 {
    let most = case.pages.accepted_peaks.iter().map(|peak| peak.generation);
    most.max().unwrap_or(0) + 1
}

fn server_maxconn(case: &Case<'_>, found: &mut Vec<Violation>) {
    for backend in &case.evidence.settings.proxies {
        for server in &backend.servers {
            if server.maxconn == 0 || server.minconn != 0 {
                continue;
            }
            let name = format!("{}/{}", backend.name, server.name);
            // +1 at the beginning of a request, -1 at its end; ends first at one instant.
            let mut steps: Vec<(Instant, i32)> = Vec::new();
            for arrival in &case.pages.arrivals {
                let end = match (arrival.reply_end, arrival.gone_at) {
                    (Some(end), _) => end,
                    // The slot was free before the server saw why.
                    (None, Some(gone)) => gone_earlier(gone, case.round_trip()),
                    (None, None) => continue,
                };
                let usual = arrival.mischief.is_none() && *arrival.server == *name;
                if usual && end > arrival.head_at && case.links_were_calm(arrival.head_at, end) {
                    steps.push((arrival.head_at, 1));
                    steps.push((end, -1));
                }
            }
            steps.sort_unstable();
            let most = (server.maxconn * instances(case)) as i32;
            let mut now = 0;
            for (at, step) in steps {
                now += step;
                if now > most {
                    found.push(Violation {
                        rule: "lim.maxconn",
                        at,
                        what: format!("{name} has {now} requests, `maxconn` is {}", server.maxconn),
                    });
                    break;
                }
            }
        }
    }
}

fn gone_earlier(gone: Instant, by: Duration) -> Instant {
    let by = u64::try_from(by.as_nanos()).unwrap_or(u64::MAX);
    Instant::from_nanos(gone.as_nanos().saturating_sub(by))
}

fn accepted(case: &Case<'_>, found: &mut Vec<Violation>) {
    for frontend in &case.evidence.settings.proxies {
        let ports = frontend
            .binds
            .iter()
            .filter_map(|bind| match &bind.address {
                BindAddress::Ip(address) => Some(address.port()),
                BindAddress::Unix(_)
                | BindAddress::Abstract(_)
                | BindAddress::Inherited(_)
                | BindAddress::Reversed(_) => None,
            });
        let ports: Vec<u16> = ports.collect();
        for peak in &case.pages.accepted_peaks {
            if frontend.maxconn > 0 && ports.contains(&peak.place) && peak.most > frontend.maxconn {
                found.push(Violation {
                    rule: "lim.accept",
                    at: peak.at,
                    what: format!(
                        "{} has {} connections, `maxconn` is {}",
                        frontend.name, peak.most, frontend.maxconn
                    ),
                });
            }
        }
    }
}

/// What a timer may be late: the clock's grain, and work of the same instant.
const LATE_MS: i64 = 60;

fn queue(case: &Case<'_>, found: &mut Vec<Violation>) {
    for line in &case.lines {
        let Some(backend) = case.backend(line.backend) else {
            continue;
        };
        let limit = backend.timeouts.queue.or(backend.timeouts.connect);
        let waited = line.times[1];
        // A request that is tried again waits again; the log adds it all up.
        let request = line.nonce.and_then(|nonce| case.requests.get(nonce));
        if !request.is_some_and(|request| case.world_was_calm(request.begun, line.at)) {
            continue;
        }
        if limit.is_some_and(|limit| waited > limit.as_millis() as i64 + LATE_MS) {
            found.push(Violation {
                rule: "lim.queue",
                at: line.at,
                what: format!(
                    "{} waited {waited} ms for a server",
                    line.nonce.unwrap_or("?")
                ),
            });
        }
    }
}
