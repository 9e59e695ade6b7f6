//! No byte is lost, doubled or given to another request: random exchanges over the engine, whose every
//! message carries its own number, read back by parsers that are not ours.

mod check;
mod peers;
mod plan;

use base::{Duration, Rng};
use peers::{Client, Origin};
use plan::Plan;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use proptests::harness::nowhere::settings;
use proptests::pair::{Dial, Pace, Pair};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// What differs between configurations; each gets the same [`COMMON`] lines.
const CONFIGURATIONS: [&str; 5] = [
    "    server a 127.0.0.1:81\n    server b 127.0.0.1:82\n",
    "    option http-server-close\n    server a 127.0.0.1:81\n",
    "    option httpclose\n    server a 127.0.0.1:81\n",
    "    http-reuse never\n    server a 127.0.0.1:81\n    server b 127.0.0.1:82\n",
    "    server a 127.0.0.1:81 maxconn 1\n",
];

const COMMON: &str = "\
global
    tune.bufsize 2048
    tune.maxrewrite 512
defaults
    mode http
    timeout client 10s
    timeout server 10s
    timeout connect 1s
    no option abortonclose
listen in
    bind 127.0.0.1:80
";

fn run(plan: Plan) {
    let plan = Rc::new(plan);
    let seen = Rc::new(RefCell::new(BTreeMap::new()));
    let text = format!("{COMMON}{}", CONFIGURATIONS[plan.settings]);
    let pace = Pace::random(Rng::from_u64(plan.seed), plan.cut_max);
    let origin = plan.clone();
    let mut pair = Pair::new(settings(&text), pace, move |_| {
        Dial::Accepted(Box::new(Origin::new(&origin, &seen)))
    });
    let clients: Vec<usize> = (0..plan.visits.len())
        .map(|visit| pair.connect(Client::new(&plan, visit)))
        .collect();
    pair.run();
    if plan.is_orderly() {
        for at in &clients {
            assert!(
                pair.sockets()[*at].is_closed(),
                "live.timers: a client waits for time to pass"
            );
        }
    }
    check::servers(&plan, &pair);
    for (visit, at) in clients.iter().enumerate() {
        check::client(&plan, visit, &pair.sockets()[*at]);
    }
    pair.pass_for(Duration::from_secs(120));
    pair.assert_at_rest();
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: CASES,
        rng_seed: RngSeed::Fixed(SEED),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn messages_keep_their_boundaries(plan in plan::plans()) {
        run(plan);
    }
}

/// A few seconds in a debug build; `PROPTEST_CASES` is not read, so that every run is the same.
const CASES: u32 = 1_000;
const SEED: u64 = 1;
