//! What was heard against what was planned.

use super::plan::{Ask, Body, Fault, Leaves, Plan};
use proptests::pair::{Closed, Pair, Socket};
use proptests::wire::{self, Message};
use std::collections::BTreeMap;

/// Every server got whole requests, each at most once unless it may be repeated, and nothing else.
pub fn servers(plan: &Plan, pair: &Pair) {
    let mut times: BTreeMap<usize, usize> = BTreeMap::new();
    for socket in pair.servers() {
        let (requests, used) = match wire::read_requests(&socket.heard) {
            Ok(read) => read,
            Err(bad) => panic!("http.framing: {bad:?} in {}", socket.heard.escape_ascii()),
        };
        let rest = &socket.heard[used..];
        assert!(
            rest.is_empty() || socket.is_closed() || plan_breaks(plan),
            "http.framing: a head is not complete: {}",
            rest.escape_ascii()
        );
        for request in &requests {
            let nonce: usize = request.target()[1..].parse().expect("a nonce");
            let ask = plan.ask(nonce).expect("a request that was asked");
            request_is(nonce, ask, request);
            if request.complete {
                *times.entry(nonce).or_default() += 1;
            }
        }
    }
    for (nonce, times) in times {
        let ask = plan.ask(nonce).expect("a request that was asked");
        assert!(
            times == 1 || ask.is_repeatable(),
            "http.once: request {nonce} was sent {times} times"
        );
    }
}

fn request_is(nonce: usize, ask: &Ask, request: &Message) {
    assert_eq!(
        request.method(),
        ask.method,
        "http.whole: method of {nonce}"
    );
    assert_eq!(
        request.field("x-nonce"),
        Some(nonce.to_string().as_bytes()),
        "http.mix: request {nonce} carries fields of another"
    );
    let content = ask.content(nonce);
    if request.complete {
        assert!(
            request.body == content,
            "http.mix: the body of request {nonce} is {request}"
        );
        let trailer = request
            .trailers
            .iter()
            .any(|(name, value)| name == "X-End" && value == b"yes");
        assert_eq!(
            trailer,
            ask.body.has_trailer(),
            "http.whole: trailers of request {nonce}"
        );
    } else {
        assert!(
            content.starts_with(&request.body),
            "http.mix: the body of request {nonce} is {request}"
        );
    }
}

/// Every client got its answers in order, each whole unless the plan breaks it, and nothing else.
pub fn client(plan: &Plan, visit: usize, socket: &Socket) {
    let first = plan.first_nonce(visit);
    let asks = &plan.visits[visit].asks;
    let methods: Vec<&str> = asks.iter().map(|ask| ask.method).collect();
    let ended = socket.closed != Closed::Open && socket.closed != Closed::Reset;
    let (answers, used) = match wire::read_responses(&socket.heard, &methods, ended) {
        Ok(read) => read,
        Err(bad) => panic!("http.framing: {bad:?} in {}", socket.heard.escape_ascii()),
    };
    let mut at = 0;
    let mut interim = Vec::new();
    let mut over = false;
    for answer in &answers {
        assert!(!over, "http.after: an answer behind the last: {answer}");
        let ask = &asks[at];
        let nonce = first + at;
        if matches!(answer.status(), 100 | 102..=199) {
            assert_eq!(answer.field("x-nonce"), Some(nonce.to_string().as_bytes()));
            interim.push(answer.status());
            continue;
        }
        over = ask.is_last() || !answer.complete;
        if answer.field("x-nonce").is_some() {
            over |= ask.ends_with_connection();
            answer_is(plan, nonce, ask, answer);
            if answer.complete && !ask.old {
                assert_eq!(
                    interim, ask.answer.interim,
                    "http.interim: before answer {nonce}"
                );
            }
        } else {
            own_answer_is_due(plan, visit, nonce, answer);
        }
        interim.clear();
        at += 1;
    }
    if plan.is_orderly() {
        assert_eq!(
            used,
            socket.heard.len(),
            "http.whole: bytes behind the answers"
        );
        let closes = super::CONFIGURATIONS[plan.settings].contains("option httpclose");
        let last = asks
            .iter()
            .position(|ask| closes || ask.is_last() || ask.ends_with_connection());
        let expected = last.map_or(asks.len(), |last| last + 1);
        let heard = socket.heard.escape_ascii();
        assert_eq!(
            at, expected,
            "http.whole: answers to visit {visit}: {heard}"
        );
    }
}

fn answer_is(plan: &Plan, nonce: usize, ask: &Ask, answer: &Message) {
    assert_eq!(
        answer.field("x-nonce"),
        Some(nonce.to_string().as_bytes()),
        "http.mix: request {nonce} got {answer}"
    );
    assert_eq!(
        answer.status(),
        ask.answer.status,
        "http.whole: status of {nonce}"
    );
    let content = ask.answer.content(nonce, ask.method);
    let breaks = matches!(ask.answer.fault, Fault::BreakOff { .. });
    let cut_cleanly = breaks && matches!(ask.answer.body, Body::UntilClose(_));
    if answer.complete && !cut_cleanly {
        assert!(
            answer.body == content,
            "http.mix: the body of answer {nonce} is {answer}"
        );
        if !ask.old && !content.is_empty() {
            let trailer = answer
                .trailers
                .iter()
                .any(|(name, value)| name == "X-End" && value == b"yes");
            assert_eq!(
                trailer,
                ask.answer.body.has_trailer(),
                "http.whole: trailers of {nonce}"
            );
        }
    } else {
        assert!(
            content.starts_with(&answer.body),
            "http.mix: the body of answer {nonce} is {answer}"
        );
        assert!(
            breaks || client_leaves(plan) || ask.answer.fault == Fault::Early,
            "http.whole: answer {nonce} breaks off: {answer}"
        );
    }
}

/// The proxy answers by itself only where a server failed or the client's request is broken off.
fn own_answer_is_due(plan: &Plan, visit: usize, nonce: usize, answer: &Message) {
    let failed = plan_breaks(plan) && matches!(answer.status(), 502..=504);
    let left = matches!(plan.visits[visit].leaves, Leaves::Early { .. });
    assert!(
        failed || (left && matches!(answer.status(), 400 | 408)),
        "http.own: request {nonce} got {answer}"
    );
}

fn plan_breaks(plan: &Plan) -> bool {
    client_leaves(plan)
        || plan
            .visits
            .iter()
            .flat_map(|visit| &visit.asks)
            .any(|ask| ask.answer.fault != Fault::None)
}

fn client_leaves(plan: &Plan) -> bool {
    plan.visits
        .iter()
        .any(|visit| matches!(visit.leaves, Leaves::Early { .. }))
}
