//! Windows, and what the proxy holds of bodies.

use super::{Case, Violation};

pub(super) fn check(case: &Case<'_>, found: &mut Vec<Violation>) {
    for (rule, at, what) in &case.pages.wrongs {
        found.push(Violation {
            rule,
            at: *at,
            what: what.clone(),
        });
    }
    held(case, found);
}

/// What may be under way between a sender and a receiver of a body: a window's worth or two buffers in
/// the proxy for each of its sides, and what the systems in between hold.
fn held(case: &Case<'_>, found: &mut Vec<Violation>) {
    let bufsize = case.evidence.settings.global.tune.bufsize as usize;
    let bound = 2 * 2 * bufsize + case.evidence.buffers;
    for (nonce, &number) in &case.pages.flow_numbers {
        let most = case.pages.flows[number].most;
        for (way, most) in ["request", "response"].into_iter().zip(most) {
            if most > bound as i64 {
                let request = case.requests.get(&**nonce);
                found.push(Violation {
                    rule: "mem.conn",
                    at: request.and_then(|one| one.outcome_at).unwrap_or_default(),
                    what: format!("{most} bytes of the {way} of {nonce} are held, not {bound}"),
                });
            }
        }
    }
}
