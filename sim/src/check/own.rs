//! Who owns which connection.

use super::{Case, GRAIN, Violation};
use session::settings::{BindAddress, Mode, Reuse};
use std::collections::BTreeMap;

pub(super) fn check(case: &Case<'_>, found: &mut Vec<Violation>) {
    lease(case, found);
    private(case, found);
    identity(case, found);
    one_pool(case, found);
    no_dead(case, found);
    dialed(case, found);
}

fn lease(case: &Case<'_>, found: &mut Vec<Violation>) {
    for conn in &case.pages.server_conns {
        if let Some(at) = conn.overlapped_at {
            found.push(Violation {
                rule: "own.lease",
                at,
                what: format!(
                    "{} got a request before it had answered the last",
                    conn.server
                ),
            });
        }
    }
}

fn private(case: &Case<'_>, found: &mut Vec<Violation>) {
    let mut owners: BTreeMap<u32, u32> = BTreeMap::new();
    for arrival in &case.pages.arrivals {
        let Some(request) = case.requests.get(&*arrival.nonce) else {
            continue;
        };
        let backend = case.backend_of(&arrival.server);
        if !backend.is_some_and(|backend| backend.reuse == Reuse::Never) {
            continue;
        }
        let owner = *owners.entry(arrival.conn).or_insert(request.conn);
        if owner != request.conn {
            found.push(Violation {
                rule: "own.private",
                at: arrival.head_at,
                what: format!(
                    "{} came to {} on a connection of another client",
                    arrival.nonce, arrival.server
                ),
            });
        }
    }
}

fn identity(case: &Case<'_>, found: &mut Vec<Violation>) {
    for arrival in &case.pages.arrivals {
        let conn = &case.pages.server_conns[arrival.conn as usize];
        let seen = |ends| {
            // What shows nothing else shows itself.
            let (proxy, _) = ends;
            case.pages.shown.get(&ends).copied().unwrap_or(proxy)
        };
        let told = conn.introduced.or(conn.disguised.map(seen));
        let client = case
            .requests
            .get(&*arrival.nonce)
            .and_then(|request| case.pages.clients.get(&request.conn));
        let (Some(told), Some(client)) = (told, client) else {
            continue;
        };
        if told != *client {
            found.push(Violation {
                rule: "own.identity",
                at: arrival.head_at,
                what: format!(
                    "{} of {client} came to {}, who was told of {told}",
                    arrival.nonce, arrival.server
                ),
            });
        }
    }
}

fn one_pool(case: &Case<'_>, found: &mut Vec<Violation>) {
    for line in &case.lines {
        let Some(nonce) = line.nonce.filter(|_| line.status == 200) else {
            continue;
        };
        let arrivals = case.arrivals_of(nonce);
        let named = line.full_server();
        if let Some(last) = arrivals.last()
            && arrivals.iter().all(|arrival| *arrival.server != *named)
        {
            found.push(Violation {
                rule: "own.onepool",
                at: line.at,
                what: format!("{nonce} went to {}, the log says {named}", last.server),
            });
        }
    }
}

fn no_dead(case: &Case<'_>, found: &mut Vec<Violation>) {
    for conn in &case.pages.server_conns {
        let (Some((spoiled, why)), Some(after)) = (conn.spoiled_at, conn.request_after) else {
            continue;
        };
        // What a tunnel carries is its ends' own business.
        if case
            .backend_of(&conn.server)
            .is_none_or(|backend| backend.mode == Mode::Tcp)
        {
            continue;
        }
        // It may have been on its way when the end was.
        let crossed = after.since(spoiled) <= case.round_trip() + GRAIN;
        if crossed || !case.links_were_calm(spoiled, after) {
            continue;
        }
        let (rule, what) = match why {
            "surplus bytes" => ("rr.cleanreuse", "surplus bytes".to_owned()),
            "GOAWAY" => ("own.nodead", why.to_owned()),
            why => ("own.nodead", format!("FIN after {why}")),
        };
        found.push(Violation {
            rule,
            at: after,
            what: format!(
                "{} got a request on a connection with {what}, {} ms after it",
                conn.server,
                after.since(spoiled).as_millis()
            ),
        });
    }
}

/// Where listeners of ours connect to, nobody else of us does: scenarios send no requests there.
fn dialed(case: &Case<'_>, found: &mut Vec<Violation>) {
    let proxies = &case.evidence.settings.proxies;
    for peak in &case.pages.connected_peaks {
        let binds = proxies.iter().flat_map(|proxy| &proxy.binds);
        let counts = binds.filter_map(|bind| match &bind.address {
            BindAddress::Reversed(it) => {
                let server = &proxies[it.backend.0 as usize].servers[it.server.0 as usize];
                (server.address == peak.place).then_some(it.count)
            }
            BindAddress::Ip(_)
            | BindAddress::Unix(_)
            | BindAddress::Abstract(_)
            | BindAddress::Inherited(_) => None,
        });
        let most: u32 = counts.sum();
        if most > 0 && peak.most > most {
            found.push(Violation {
                rule: "own.dialed",
                at: peak.at,
                what: format!(
                    "{} connections to {:?} at once, `nbconn` is {most}",
                    peak.most, peak.place
                ),
            });
        }
    }
}
