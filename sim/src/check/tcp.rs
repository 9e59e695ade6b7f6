//! Byte streams.

use super::{Case, Violation};
use crate::journal::Way;

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
            let broken = pipe.up.broken || pipe.down.broken;
            let calm = case.world_was_calm(pipe.begun, end);
            if way.fin_sent && !way.fin_arrived && !broken && calm {
                found.push(Violation {
                    rule: "tcp.fin",
                    at: end,
                    what: format!("pipe {number} {name}: FIN was sent and never came"),
                });
            }
        }
    }
}

fn damage(way: &Way) -> Option<String> {
    if way.differs {
        return Some("bytes changed on the way".into());
    }
    let short = way.fin_sent && way.fin_arrived && way.arrived != way.sent;
    short.then(|| format!("{} of {} bytes came before FIN", way.arrived, way.sent))
}
