//! Requests and responses: each whole, once, in order, and each other's.

use super::{Case, GRAIN, Violation};
use crate::journal::{Answer, Arrival, Manner, Outcome, Request};
use crate::peer::Mischief;
use session::settings::Options;
use std::collections::BTreeMap;

pub(super) fn check(case: &Case<'_>, found: &mut Vec<Violation>) {
    for request in &case.pages.requests {
        if let Outcome::Answered(answer) = &request.outcome {
            matches(request, answer, found);
            variables(request, answer, found);
            response_body(case, request, answer, found);
        }
        once(case, request, found);
        reset(case, request, found);
    }
    order(case, found);
    framing(case, found);
    limits(case, found);
}

fn matches(request: &Request, answer: &Answer, found: &mut Vec<Violation>) {
    if answer.by.is_some() && answer.nonce.as_deref() != Some(&*request.nonce) {
        found.push(Violation {
            rule: "rr.match",
            at: request.outcome_at.unwrap_or_default(),
            what: format!("{} got the response to {:?}", request.nonce, answer.nonce),
        });
    }
}

/// Variables as rules show them, `<txn>/<req>`: a request's own or none, and no `req` in a response.
fn variables(request: &Request, answer: &Answer, found: &mut Vec<Violation>) {
    let shown = answer.vars.as_deref().and_then(|vars| vars.split_once('/'));
    let Some((transaction, of_request)) = shown else {
        return;
    };
    let own = transaction.is_empty() || *transaction == *request.nonce;
    if !own || !of_request.is_empty() {
        found.push(Violation {
            rule: "var.own",
            at: request.outcome_at.unwrap_or_default(),
            what: format!(
                "{} was shown {transaction:?} and {of_request:?}",
                request.nonce
            ),
        });
    }
}

fn order(case: &Case<'_>, found: &mut Vec<Violation>) {
    for unasked in &case.pages.unasked {
        // The proxy may say why it closes a connection.
        if !unasked.text.starts_with("HTTP/1.1 408") && !unasked.text.starts_with("HTTP/1.0 408") {
            found.push(Violation {
                rule: "rr.order",
                at: unasked.at,
                what: format!(
                    "client connection {} got unasked: {:?}",
                    unasked.conn, unasked.text
                ),
            });
        }
    }
}

fn response_body(case: &Case<'_>, request: &Request, answer: &Answer, found: &mut Vec<Violation>) {
    if answer.by.is_none() || answer.nonce.as_deref() != Some(&*request.nonce) {
        return;
    }
    let at = request.outcome_at.unwrap_or_default();
    if !answer.matches {
        found.push(Violation {
            rule: "rr.body",
            at,
            what: format!(
                "{} got a body with other bytes than were sent",
                request.nonce
            ),
        });
    }
    let Some(arrival) = case.arrivals_of(&request.nonce).last() else {
        return;
    };
    // Where only the end of the connection ends a body, nobody can tell an early end.
    let unsure = arrival.until_close;
    let short = answer.body_len != arrival.reply_len && request.method != "HEAD";
    if answer.whole && short && !unsure {
        found.push(Violation {
            rule: "rr.body",
            at,
            what: format!(
                "{} got {} of {} bytes as if that were all",
                request.nonce, answer.body_len, arrival.reply_len
            ),
        });
    }
}

fn framing(case: &Case<'_>, found: &mut Vec<Violation>) {
    for arrival in &case.pages.arrivals {
        if let Some(what) = misread(case, arrival) {
            found.push(Violation {
                rule: "rr.framing",
                at: arrival.head_at,
                what: format!("{} got {:?}: {what}", arrival.server, arrival.nonce),
            });
        }
    }
}

fn misread(case: &Case<'_>, arrival: &Arrival) -> Option<String> {
    if let Some(problem) = &arrival.problem {
        return Some(problem.clone());
    }
    let Some(request) = case.requests.get(&*arrival.nonce) else {
        return Some("no client sent it".into());
    };
    if request.manner == Manner::Malformed {
        return arrival
            .whole_at
            .map(|_| "it breaks the grammar and was passed on".into());
    }
    if arrival.method != request.method {
        return Some(format!("{} instead of {}", arrival.method, request.method));
    }
    if arrival.whole_at.is_some() && (arrival.body_len != request.body_len || !arrival.matches) {
        return Some(format!(
            "{} bytes as the whole body of {}",
            arrival.body_len, request.body_len
        ));
    }
    None
}

fn once(case: &Case<'_>, request: &Request, found: &mut Vec<Violation>) {
    let whole = case.arrivals_of(&request.nonce).iter();
    let mut whole = whole.filter_map(|arrival| arrival.whole_at);
    let (Some(_), Some(again)) = (whole.next(), whole.next()) else {
        return;
    };
    if request.method == "POST" {
        found.push(Violation {
            rule: "rr.once",
            at: again,
            what: format!("{} came whole twice", request.nonce),
        });
    }
}

fn limits(case: &Case<'_>, found: &mut Vec<Violation>) {
    for line in &case.lines {
        let Some(backend) = case.backend(line.backend) else {
            continue;
        };
        if line.retries > backend.retries {
            found.push(Violation {
                rule: "rr.limits",
                at: line.at,
                what: format!(
                    "{} was tried again {} times, `retries` is {}",
                    line.nonce.unwrap_or("?"),
                    line.retries,
                    backend.retries
                ),
            });
        }
        if line.redispatched && backend.redispatch.is_none() {
            found.push(Violation {
                rule: "rr.limits",
                at: line.at,
                what: format!(
                    "{} was redispatched without the option",
                    line.nonce.unwrap_or("?")
                ),
            });
        }
    }
}

fn reset(case: &Case<'_>, request: &Request, found: &mut Vec<Violation>) {
    let (Manner::Aborts | Manner::Leaves, Some(_), Some(left)) =
        (request.manner, request.sent, request.outcome_at)
    else {
        return;
    };
    for arrival in case.arrivals_of(&request.nonce) {
        let gives_up = case
            .backend_of(&arrival.server)
            .is_some_and(|backend| !backend.options.contains(Options::NO_ABORTONCLOSE));
        let known_by = left + case.round_trip() + GRAIN;
        if !gives_up || !case.world_was_calm(left, known_by) {
            continue;
        }
        // While a body waits to be taken the end behind it cannot be seen.
        let came_after = arrival.head_at > known_by && request.body_len == 0;
        let came_before = arrival.whole_at.is_some_and(|whole| whole <= left);
        let answered_before = arrival.reply_at.is_some_and(|reply| reply <= known_by);
        let saw = arrival.gone_at.is_some_and(|gone| gone <= known_by);
        // A reset ends everything; FIN only what has not reached a server.
        let goes_on = request.manner == Manner::Aborts
            && arrival.watches
            && came_before
            && !answered_before
            && !saw;
        if came_after || goes_on {
            found.push(Violation {
                rule: "rr.reset",
                at: left,
                what: format!("{} works on {} for nobody", arrival.server, request.nonce),
            });
        }
    }
}

/// Whether a server did what no proxy can hide.
pub(super) fn is_spoiled(arrival: &Arrival) -> bool {
    arrival.mischief.is_some_and(|name| {
        let known = Mischief::ALL.into_iter().find(|known| known.name() == name);
        !known.is_some_and(Mischief::answers_well)
    })
}

/// The connection each request was on, to its requests in order.
pub(super) fn by_connection<'a>(case: &Case<'a>) -> BTreeMap<u32, Vec<&'a Request>> {
    let mut by = BTreeMap::<u32, Vec<&Request>>::new();
    for request in &case.pages.requests {
        by.entry(request.conn).or_default().push(request);
    }
    by
}
