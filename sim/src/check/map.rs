//! Lists and maps that change while requests look into them.

use super::{Case, Violation};
use crate::journal::{Answer, Outcome, Request};

pub(super) fn check(case: &Case<'_>, found: &mut Vec<Violation>) {
    if case.pages.stood.is_empty() {
        // Nobody wrote down what stands there.
        return;
    }
    for request in &case.pages.requests {
        if let Outcome::Answered(answer) = &request.outcome
            && let Some(Err(what)) = answer
                .lists
                .as_deref()
                .map(|seen| saw(case, request, answer, seen))
        {
            found.push(Violation {
                rule: "map.version",
                at: request.outcome_at.unwrap_or_default(),
                what: format!("{} {what}", request.nonce),
            });
        }
    }
}

/// Compares what a request saw with what there was: the routes of three keys, the single entry, the
/// gate, its own name.
fn saw(case: &Case<'_>, request: &Request, answer: &Answer, seen: &str) -> Result<(), String> {
    let [routes, single, gate, name] = seen.split(' ').collect::<Vec<_>>()[..] else {
        return Err(format!("saw {seen:?}"));
    };
    let route = routes.split('/').next().unwrap_or_default();
    if routes.split('/').any(|other| other != route) {
        return Err(format!("saw {routes} in one map"));
    }
    stood(case, request, "routes", route)?;
    stood(case, request, "single", single)?;
    stood(case, request, "gate", gate)?;
    if name != &*request.nonce {
        return Err(format!("found {name:?} where its own name should be"));
    }
    let backend = route.split('.').nth(1).unwrap_or_default();
    let served = answer.by.as_deref().and_then(|by| by.split('/').next());
    match served {
        Some(served) if served != backend => Err(format!("was sent to {served} by {route}")),
        Some(_) | None => Ok(()),
    }
}

/// Whether this stood in the list while the request was there.
fn stood(case: &Case<'_>, request: &Request, list: &str, what: &str) -> Result<(), String> {
    // A server sees it after the decision.
    let arrival = case.arrivals_of(&request.nonce).first();
    let over = arrival
        .map(|arrival| arrival.head_at)
        .or(request.outcome_at);
    let over = over.unwrap_or(case.evidence.over);
    let mut stood = case.pages.stood.iter().filter(|stood| stood.list == list);
    let known = stood.any(|stood| {
        let until = stood.until.unwrap_or(case.evidence.over);
        *stood.what == *what && stood.from <= over && request.begun <= until
    });
    match known {
        true => Ok(()),
        false => Err(format!(
            "saw {what:?} in {list}, which did not stand there then"
        )),
    }
}
