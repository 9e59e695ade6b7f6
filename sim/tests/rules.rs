//! Rules whose effect shows in the network alone, or depends on its addresses.

use crate::runs::scenario;
use sim::peer::{Ask, Span};
use sim::runner::once;
use sim::scenario::Scenario;
use sim::world::Report;

/// A calm run in which `rules` stand in the frontend and clients ask for these paths.
fn run_with(rules: &str, paths: &[&str]) -> Report {
    let mut ruled = scenario("server-dies-mid-response.toml");
    let rules = format!("{rules}\n    default_backend app");
    ruled.config = ruled.config.replace("default_backend app", &rules);
    ruled.clients.truncate(1);
    ruled.clients[0].asks = asks(paths);
    let ruled = Scenario {
        // Longer than the patience of clients.
        heal_ms: 130_000,
        ..ruled
    };
    calm(ruled, 1000)
}

/// A run of so many milliseconds without faults.
fn calm(of: Scenario, length_ms: u64) -> Report {
    let calm = Scenario {
        length_ms,
        faults: Vec::new(),
        swarm: None,
        expect: Vec::new(),
        ..of
    };
    once(&calm, 1, None).expect("a run")
}

/// What clients ask who want these paths.
fn asks(paths: &[&str]) -> Vec<Ask> {
    let asks = paths.iter().map(|path| Ask {
        method: "GET",
        path: (*path).into(),
        body: Span::exactly(0),
        chunked: false,
    });
    asks.collect()
}

/// The streams of a connection have limits of their own: who waits for days keeps nobody waiting.
#[test]
fn a_stream_that_a_limit_holds_back_does_not_hold_back_its_neighbours() {
    let mut shared = scenario("h2-to-h2.toml");
    let rules = "filter bwlim-out slow default-limit 100 default-period 20d
    http-request set-bandwidth-limit slow if { path /slow }
    default_backend app";
    shared.config = shared.config.replace("default_backend app", rules);
    shared.config = shared
        .config
        .replace("timeout client 3s", "timeout client 2s");
    shared.servers[0].plan.body = Span::exactly(20_000);
    shared.clients[0].asks = asks(&["/slow", "/page", "/page"]);
    let report = calm(shared, 2000);
    let pages = seen(&report, "/page");
    assert!(pages.len() > 20, "{pages:?}");
    assert!(
        pages.iter().all(|it| it.starts_with("200 from app/")),
        "{pages:?}"
    );
    let slow = seen(&report, "/slow");
    assert!(
        slow.iter().all(|it| !it.starts_with("200 from app/")),
        "{slow:?}"
    );
}

#[test]
fn tunnels_under_limits_pass_every_byte_and_the_end_behind_the_last() {
    let mut tunnels = scenario("half-closed-tunnels.toml");
    let limits = "balance leastconn
    filter bwlim-in up default-limit 5000 default-period 200ms
    filter bwlim-out down limit 30k key int(0) table rates min-size 700
    tcp-request content set-bandwidth-limit up
    tcp-response content set-bandwidth-limit down";
    tunnels.config = tunnels.config.replace("balance leastconn", limits)
        + "backend rates\n stick-table type integer size 1 store bytes_out_rate(300ms)\n";
    let report = calm(tunnels, 4000);
    assert_eq!(report.violations, []);
    assert_eq!(report.crashes, [""; 0]);
    assert!(report.users.pipes > 5, "{:?}", report.users);
}

/// What clients saw who asked for `path`: each its own line, the last words of it.
fn seen(report: &Report, path: &str) -> Vec<String> {
    let events = report.events.iter();
    let of_path = events.filter(|event| event.what.starts_with(&format!("GET {path} ")));
    let mut seen: Vec<_> = of_path
        .filter_map(|event| event.what.split_once(": "))
        .map(|(_, what)| what.split(',').next().unwrap_or_default().to_owned())
        .collect();
    seen.dedup();
    seen
}

#[test]
fn who_is_dropped_silently_sees_neither_fin_nor_reset() {
    let silent = run_with("    http-request silent-drop if { path /page }", &["/page"]);
    assert_eq!(seen(&silent, "/page"), ["gave up"]);
    let rejected = run_with("    http-request reject if { path /page }", &["/page"]);
    assert_eq!(seen(&rejected, "/page"), ["closed without a response"]);
}

#[test]
fn addresses_of_the_machine_itself_are_local() {
    let rules = "
    http-request set-src str(10.0.0.1) if { path /own }
    http-request set-dst str(198.51.100.7) if { path /far }
    http-request deny deny_status 410 if { src_is_local }
    http-request deny deny_status 403 unless { dst_is_local }";
    let report = run_with(rules, &["/own", "/far", "/page"]);
    assert_eq!(seen(&report, "/own"), ["410 from the proxy"]);
    assert_eq!(seen(&report, "/far"), ["403 from the proxy"]);
    let others = seen(&report, "/page");
    assert!(
        others.iter().all(|it| it.starts_with("200 from app/")),
        "{others:?}"
    );
}
