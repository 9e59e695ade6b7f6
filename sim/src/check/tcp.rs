//! Byte streams.

use super::{Case, Violation};
use crate::journal::Way;
use base::Duration;

pub(super) fn check(case: &Case<'_>, found: &mut Vec<Violation>) {
    for (number, pipe) in case.pages.pipes.iter().enumerate() {
        let end = pipe.ended.unwrap_or(case.evidence.over);
        for (name, way) in [("up", &pipe.up), ("down", &pipe.down)] {
            if let Some(what) = damage(way) {
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

fn damage(way: &Way) -> Option<String> {
    if way.differs {
        return Some("bytes changed on the way".into());
    }
    let ended = way.fin_sent.is_some() && way.fin_arrived.is_some();
    let short = ended && way.arrived != way.sent;
    short.then(|| format!("{} of {} bytes came before FIN", way.arrived, way.sent))
}

/// How long FIN may take: what is still in buffers goes before it.
const FIN_MAX: Duration = Duration::from_millis(1500);
