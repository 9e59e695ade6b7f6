//! Byte streams.

use super::{Case, Violation};
use crate::journal::Way;
use base::{Duration, Instant};

pub(super) fn check(case: &Case<'_>, found: &mut Vec<Violation>) {
    let patience = patience(case);
    for (number, pipe) in case.pages.pipes.iter().enumerate() {
        let end = pipe.ended.unwrap_or(case.evidence.over);
        for (name, way) in [("up", &pipe.up), ("down", &pipe.down)] {
            if let Some(what) = damage(way, pipe.begun, patience) {
                found.push(Violation {
                    rule: "tcp.pipe",
                    at: end,
                    what: format!("pipe {number} {name}: {what}"),
                });
            }
            if let Some(sent) = way.fin_sent {
                let arrived = way.fin_arrived.unwrap_or(case.evidence.over);
                let took = arrived.since(sent);
                // The client may be gone long before its last bytes are where they belong.
                if took > FIN_MAX && case.world_was_calm(pipe.begun, sent + FIN_MAX) {
                    found.push(Violation {
                        rule: "tcp.fin",
                        at: arrived,
                        what: format!(
                            "pipe {number} {name}: FIN took {} ms; {pipe:?}",
                            took.as_millis()
                        ),
                    });
                }
            }
        }
    }
}

/// The shortest time of silence after which a tunnel may be ended; what is silent for so long is closed
/// without a reset, as HAProxy does, though its peer has more to say that does not arrive.
fn patience(case: &Case<'_>) -> Option<Duration> {
    let proxies = case.evidence.settings.proxies.iter();
    let timeouts = proxies.flat_map(|proxy| {
        let timeouts = &proxy.timeouts;
        let both = [timeouts.client, timeouts.server, timeouts.tunnel];
        let ends = [timeouts.client_fin, timeouts.server_fin];
        both.into_iter().chain(ends).flatten()
    });
    timeouts
        .min()
        .map(|shortest| shortest.saturating_sub(ON_THE_WAY))
}

fn damage(way: &Way, begun: Instant, patience: Option<Duration>) -> Option<String> {
    if way.differs {
        return Some("bytes changed on the way".into());
    }
    let ended = way.fin_sent.is_some() && way.fin_arrived.is_some();
    let heard = way.arrived_at.unwrap_or(begun);
    let silent = way.fin_arrived.map(|end| end.since(heard));
    let given_up = patience.is_some_and(|patience| silent >= Some(patience));
    let short = ended && way.arrived != way.sent && !given_up;
    short.then(|| format!("{} of {} bytes came before FIN", way.arrived, way.sent))
}

/// How much later than the proxy the end of a tunnel may hear of bytes, and earlier of their end.
const ON_THE_WAY: Duration = Duration::from_millis(500);

/// How long FIN may take: what is still in buffers goes before it.
const FIN_MAX: Duration = Duration::from_millis(1500);
