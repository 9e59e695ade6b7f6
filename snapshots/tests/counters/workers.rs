//! Several workers, each counting for itself, are one process to who asks.

use super::stat::counted;
use base::{Core, Epoch, Instant};
use engine::{Engine, Identity, Input, Output, Shared};
use proptests::harness::nowhere::settings;
use session::settings::ProxyIndex;
use std::sync::Arc;

/// Clients come to two workers in turn and stay, each with a request that nobody answers.
#[test]
fn peaks_and_rates_are_those_of_all_workers() {
    let identity = Identity::default();
    let shared = Arc::new(Shared::new(settings(PROXY), 2, [7; 32], identity));
    let mut workers = [0, 1].map(|number| Engine::new(shared.clone(), number, Epoch(0)));
    for _ in 0..10 {
        for worker in &mut workers {
            let now = Instant::ZERO;
            let client = worker.accepted(now, ProxyIndex(0), 0, None, None);
            worker.handle(
                now,
                Input::Bytes(client, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
            );
            while let Some(output) = worker.poll_output() {
                assert!(!matches!(output, Output::Close { .. }), "{output:?}");
            }
        }
    }
    let text = counted(&shared, Instant::ZERO);
    crate::cases::beside("counters", || insta::assert_snapshot!("two-workers", text));
}

const PROXY: &str = "\
global
    maxconn 20
defaults
    mode http
    timeout client 10s
    timeout server 20s
    timeout connect 1s
listen in
    bind 127.0.0.1:80
    option socket-stats
    server a 127.0.0.1:81 maxconn 6
    server b 127.0.0.1:82 maxconn 6
";
