//! Limits that the workers of a process share.

use base::{Epoch, Instant};
use engine::{Engine, Output, Shared};
use proptests::harness::nowhere::settings;
use session::ConnId;
use session::settings::ProxyIndex;
use std::sync::Arc;

const TEXT: &str = "\
defaults
    timeout client 10s
    timeout server 10s
    timeout connect 1s
listen in
    bind 127.0.0.1:80 maxconn 2
    bind 127.0.0.1:81
    server a 127.0.0.1:90
";

const FRONTEND: ProxyIndex = ProxyIndex(0);

fn accept(worker: &mut Engine, bind: u32) -> ConnId {
    let id = worker.accepted(Instant::ZERO, FRONTEND, bind, None, None);
    while worker.next_output().is_some() {}
    id
}

#[test]
fn workers_share_the_limit_of_a_bind_line_and_hear_when_there_is_room() {
    let identity = engine::Identity::default();
    let shared = Arc::new(Shared::new(settings(TEXT), 2, [7; 32], identity));
    let mut workers = [0, 1].map(|number| Engine::new(shared.clone(), number, Epoch(0)));
    let may_accept = |workers: &[Engine; 2], bind| {
        workers
            .each_ref()
            .map(|worker| worker.may_accept(FRONTEND, bind))
    };
    let first = accept(&mut workers[0], 0);
    assert_eq!(may_accept(&workers, 0), [true; 2]);
    accept(&mut workers[1], 0);
    accept(&mut workers[1], 1);
    assert_eq!(may_accept(&workers, 0), [false; 2]);
    assert_eq!(may_accept(&workers, 1), [true; 2]);
    workers[0].peer_closed(Instant::ZERO, first, true);
    let told = core::iter::from_fn(|| workers[0].next_output())
        .any(|output| matches!(output, Output::Room { frontend: Some(frontend) } if frontend == FRONTEND));
    assert!(told, "those who wait are not told");
    assert_eq!(may_accept(&workers, 0), [true; 2]);
}

#[test]
fn a_soft_stop_is_not_over_while_clients_may_come_out_of_the_backlog() {
    let identity = engine::Identity::default();
    let shared = Arc::new(Shared::new(settings(TEXT), 1, [7; 32], identity));
    let mut worker = Engine::new(shared, 0, Epoch(0));
    let stopped = |worker: &mut Engine| {
        core::iter::from_fn(|| worker.next_output())
            .filter(|output| matches!(output, Output::Stopped))
            .count()
    };
    worker.soft_stop(Instant::ZERO);
    assert_eq!(stopped(&mut worker), 0);
    assert!(worker.may_accept(FRONTEND, 0));
    let late = accept(&mut worker, 0);
    worker.unlistened(Instant::ZERO);
    assert_eq!(stopped(&mut worker), 0, "the late client is served");
    worker.peer_closed(Instant::ZERO, late, true);
    assert_eq!(stopped(&mut worker), 1);
}
