//! What an instance of the proxy has for itself, and what it asks its process for.

use crate::runs::{path, scenario};
use sim::fault::{Fault, Kind};
use sim::peer::{Ask, Span};
use sim::runner::once;
use sim::scenario::Scenario;
use std::process::Command;
use std::thread;

/// The run of a scenario in a process of its own.
fn hash_alone(name: &str, seed: u64) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_tidegate-sim"))
        .args(["run", "--json", "--seed", &seed.to_string()])
        .arg(path(name))
        .output()
        .expect("the binary runs");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn runs_that_change_lists_and_variables_see_nothing_of_each_other() {
    let maps = scenario("maps.toml");
    let hash = |seed| once(&maps, seed, None).expect("a run").hash;
    let one_after_the_other = [1, 2].map(hash);
    let at_once = thread::scope(|scope| {
        let both = [1, 2].map(|seed| scope.spawn(move || hash(seed)));
        both.map(|run| run.join().expect("a run"))
    });
    assert_eq!(one_after_the_other, at_once);
    for (seed, here) in [1, 2].into_iter().zip(&one_after_the_other) {
        let alone = hash_alone("maps.toml", seed);
        assert!(alone.contains(here), "seed {seed} is another run alone");
    }
}

/// Each instance's counts add up with the variables that rules count in beside them.
#[test]
fn an_instance_has_lists_and_variables_of_its_own() {
    for name in ["tables.toml", "maps.toml"] {
        let shipped = scenario(name);
        let reload = Fault {
            at_ms: 2000,
            for_ms: 0,
            kind: Kind::named("proxy.reload", None).expect("a fault"),
            target: String::new(),
        };
        let reloads = Scenario {
            length_ms: 5000,
            heal_ms: 4000,
            faults: vec![reload],
            swarm: None,
            expect: Vec::new(),
            ..shipped
        };
        let report = once(&reloads, 1, None).expect("a run");
        assert_eq!(report.violations, [], "{name}");
    }
}

#[test]
fn a_page_of_statistics_is_made_by_the_process() {
    let mut asking = scenario("tables.toml");
    asking.config = asking.config.replace(
        "default_backend app",
        "stats enable\n stats uri /stats\n default_backend app",
    );
    asking.clients[0].asks.push(Ask {
        method: "GET",
        path: "/stats".into(),
        body: Span::exactly(0),
        chunked: false,
    });
    let asking = Scenario {
        length_ms: 2000,
        heal_ms: 2000,
        faults: Vec::new(),
        swarm: None,
        expect: Vec::new(),
        ..asking
    };
    let report = once(&asking, 1, None).expect("a run");
    assert_eq!(report.violations, []);
    let of_pages = report
        .events
        .iter()
        .filter(|event| event.what.starts_with("GET /stats "));
    let pages: Vec<_> = of_pages.map(ToString::to_string).collect();
    assert!(pages.len() > 3, "{pages:?}");
    let made = |page: &String| page.contains(": 200 from the proxy") && !page.contains("cut off");
    assert!(pages.iter().all(made), "{pages:?}");
}
