//! Whole runs: scenarios, their seeds, and what must be the same again.

use sim::build::{Build, short_hash};
use sim::canary::Canary;
use sim::fault::{DELIBERATE, Fault, Kind, MENU};
use sim::net::Substrate;
use sim::peer::Mischief;
use sim::runner::{Verdict, first_seed_that_notices, once, twice};
use sim::scenario::{Scenario, load, parse};
use std::path::PathBuf;
use std::process::Command;

pub(crate) fn scenario(name: &str) -> Scenario {
    load(&path(name)).expect("a shipped scenario")
}

pub(crate) fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("scenarios")
        .join(name)
}

const SHIPPED: [&str; 18] = [
    "bandwidth.toml",
    "flapping-server.toml",
    "h1-to-h2.toml",
    "h2-crowd.toml",
    "h2-to-h2.toml",
    "half-closed-tunnels.toml",
    "http2-tunnel.toml",
    "introduced-clients.toml",
    "maps.toml",
    "partition-during-deploy.toml",
    "queue-overflow.toml",
    "reversed.toml",
    "server-comes-back-slow.toml",
    "server-dies-mid-response.toml",
    "shared-pools.toml",
    "slow-loris-crowd.toml",
    "slow-readers.toml",
    "tables.toml",
];

/// A short run, for what does not depend on the scenario.
fn short() -> Scenario {
    let mut short = scenario("server-dies-mid-response.toml");
    short.length_ms = 1500;
    short.heal_ms = 2500;
    short.expect.clear();
    short
}

/// Whole ones take too long without optimisation; `scripts/test` sweeps them with it.
#[test]
fn the_beginning_of_every_shipped_scenario_passes() {
    for name in SHIPPED {
        let beginning = Scenario {
            length_ms: 4000,
            heal_ms: 6000,
            expect: Vec::new(),
            ..scenario(name)
        };
        let report = once(&beginning, 0, None).expect("a run");
        let broken: Vec<String> = report.violations.iter().map(ToString::to_string).collect();
        let verdict = Verdict::of(&report);
        assert_eq!(
            verdict,
            Verdict::Pass,
            "{name}: {broken:#?} {:?}",
            report.crashes
        );
    }
}

/// Two faults at once made a server name more streams in a later GOAWAY than in the one before.
#[test]
fn a_server_that_says_goaway_for_two_reasons_names_no_higher_stream_later() {
    let report = once(&scenario("http2-tunnel.toml"), 397, None).expect("a run");
    let broken: Vec<String> = report.violations.iter().map(ToString::to_string).collect();
    assert!(broken.is_empty(), "{broken:?}");
}

#[test]
fn a_seed_gives_the_same_run_twice_in_one_process() {
    let report = twice(&short(), 3, None).expect("a run");
    let again = report.violations.iter().find(|one| one.rule == "det.hash");
    assert_eq!(again, None);
}

#[test]
fn workers_that_share_their_idle_connections_need_fewer() {
    let connections = |shared: &str| {
        let calm = scenario("shared-pools.toml");
        let calm = Scenario {
            length_ms: 2000,
            heal_ms: 2000,
            faults: Vec::new(),
            swarm: None,
            config: calm.config.replace(
                "nbthread 3",
                &format!("nbthread 3\n tune.idle-pool.shared {shared}"),
            ),
            ..calm
        };
        let report = once(&calm, 1, None).expect("a run");
        assert_eq!(report.violations, [], "{shared}");
        let counted = report.expectations.iter();
        let mut counted = counted.filter(|(what, ..)| what.starts_with("connections"));
        counted.next().expect("they are counted").1
    };
    let (shared, apart) = (connections("on"), connections("off"));
    assert!(
        shared < apart,
        "a new connection for {shared}% of the requests, {apart}% if not shared"
    );
}

#[test]
fn another_seed_gives_another_run() {
    let one = once(&short(), 3, None).expect("a run").hash;
    let other = once(&short(), 4, None).expect("a run").hash;
    assert_ne!(one, other);
}

#[test]
fn a_seed_gives_the_same_run_under_load() {
    let calm = once(&short(), 5, None).expect("a run").hash;
    let done = std::sync::atomic::AtomicBool::new(false);
    let busy = std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while !done.load(std::sync::atomic::Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            });
        }
        let busy = once(&short(), 5, None).expect("a run").hash;
        done.store(true, std::sync::atomic::Ordering::Relaxed);
        busy
    });
    assert_eq!(calm, busy);
}

#[test]
fn a_seed_gives_the_same_run_in_another_process() {
    let here = once(&scenario("half-closed-tunnels.toml"), 2, None)
        .expect("a run")
        .hash;
    let output = Command::new(env!("CARGO_BIN_EXE_tidegate-sim"))
        .args(["run", "--json", "--seed", "2"])
        .arg(path("half-closed-tunnels.toml"))
        .output()
        .expect("the binary runs");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains(&here), "another hash than {here}");
}

/// One canary a family here; `tidegate-sim canaries` runs them all.
#[test]
fn canaries_are_noticed() {
    let cases = [
        (Canary::CrossAnswers, "server-dies-mid-response.toml"),
        (Canary::CrossesIdentities, "introduced-clients.toml"),
        (Canary::ShowsAnother, "introduced-clients.toml"),
        (Canary::SharesConnections, "server-dies-mid-response.toml"),
        (Canary::ForgetsServerLimit, "queue-overflow.toml"),
        (Canary::ForgetsPaces, "bandwidth.toml"),
        (Canary::StaysCut, "partition-during-deploy.toml"),
        (Canary::FlipsStreams, "half-closed-tunnels.toml"),
        (Canary::LosesLogs, "server-dies-mid-response.toml"),
        (Canary::CrossesStreams, "h2-to-h2.toml"),
        (Canary::OverrunsWindow, "h2-crowd.toml"),
        (Canary::HoardsBodies, "slow-readers.toml"),
        (Canary::LosesCounts, "tables.toml"),
        (Canary::OutlivesTables, "tables.toml"),
        (Canary::CrossesVariables, "tables.toml"),
        (Canary::MixesVersions, "maps.toml"),
        (Canary::LosesEntries, "maps.toml"),
        (Canary::DialsTooMany, "reversed.toml"),
    ];
    for (canary, name) in cases {
        let noticed = first_seed_that_notices(&[scenario(name)], 0..5, canary);
        assert!(
            noticed.is_some(),
            "{canary:?} is not noticed by {}",
            canary.breaks()
        );
    }
}

#[test]
fn every_rule_has_a_canary() {
    for (rule, _) in sim::check::RULES {
        assert!(Canary::of(rule).is_some(), "{rule} has none");
    }
}

#[test]
fn a_run_that_depends_on_the_real_clock_is_noticed() {
    let report = twice(&short(), 1, Some(Canary::RealTime)).expect("a run");
    assert_eq!(Verdict::of(&report), Verdict::Diverged);
}

/// Scenarios without faults of links run on the second substrate too.
fn under_turmoil(name: &str) -> Scenario {
    Scenario {
        substrate: Substrate::Turmoil,
        length_ms: 2500,
        heal_ms: 3000,
        expect: Vec::new(),
        ..scenario(name)
    }
}

#[test]
fn the_same_proxy_and_peers_keep_the_rules_under_turmoils_own_scheduler() {
    for name in [
        "slow-loris-crowd.toml",
        "server-dies-mid-response.toml",
        "h2-crowd.toml",
    ] {
        let report = twice(&under_turmoil(name), 1, None).expect("a run");
        assert_eq!(report.violations, [], "{name}");
        assert_eq!(report.crashes, [""; 0], "{name}");
        assert!(report.users.ok > 20, "{name}: {:?}", report.users);
    }
}

#[test]
fn a_broken_rule_is_noticed_under_turmoil() {
    let scenario = under_turmoil("server-dies-mid-response.toml");
    let noticed = first_seed_that_notices(&[scenario], 0..3, Canary::CrossAnswers);
    assert!(noticed.is_some());
}

#[test]
fn a_fault_that_turmoil_lacks_is_refused() {
    let refused = once(&under_turmoil("half-closed-tunnels.toml"), 1, None);
    let problem = refused.map(drop).expect_err("no such fault").problem;
    assert!(problem.contains("Partition"), "{problem}");
}

/// A fault that no scenario names and no swarm can draw is a fault nobody is tried with.
#[test]
fn every_fault_of_the_menu_is_in_a_shipped_scenario() {
    let shipped = SHIPPED.map(scenario);
    let drawn = |name: &str| {
        let swarms = shipped.iter().filter_map(|one| one.swarm.as_ref());
        swarms
            .flat_map(|swarm| &swarm.menu)
            .any(|other| other == name)
    };
    let named = |kind: &Kind| {
        let mut faults = shipped.iter().flat_map(|one| &one.faults);
        // How strong a fault is makes no other fault of it.
        let is_alike = |fault: &Fault| format!("{:?}", fault.kind) == format!("{kind:?}");
        faults.any(is_alike)
    };
    let menu = MENU
        .iter()
        .chain(&DELIBERATE)
        .map(|item| item.name.to_owned());
    let mischief = Mischief::ALL.map(|mischief| format!("server.{}", mischief.name()));
    for name in menu.chain(mischief) {
        let kind = Kind::named(&name, None).expect("a fault of the menu");
        assert!(drawn(&name) || named(&kind), "{name} is in no scenario");
    }
}

#[test]
fn a_report_says_what_it_can_be_repeated_with() {
    let output = Command::new(env!("CARGO_BIN_EXE_tidegate-sim"))
        .args([
            "run",
            "--seed",
            "1",
            "--timeline",
            "1",
            "--substrate",
            "turmoil",
        ])
        .arg(path("slow-loris-crowd.toml"))
        .output()
        .expect("the binary runs");
    let text = String::from_utf8_lossy(&output.stdout);
    let build = Build::this();
    assert!(text.contains(&build.to_string()), "{text}");
    assert!(build.rustc.starts_with("rustc "), "{build}");
    let lock = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.lock"));
    assert_eq!(build.lock, short_hash(&lock.expect("the lock file")));
}

#[test]
fn exit_codes_tell_what_is_wrong() {
    let exit = |words: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_tidegate-sim"))
            .args(words)
            .output();
        output.expect("the binary runs").status.code()
    };
    assert_eq!(exit(&["list-faults"]), Some(0));
    assert_eq!(exit(&["dance"]), Some(64));
    assert_eq!(exit(&["run", "--seed", "many"]), Some(64));
    assert_eq!(exit(&["run", "no-such-file.toml"]), Some(65));
}

#[test]
fn bad_scenarios_say_why() {
    let read = |text: &str| {
        let read = parse("s.toml", text, |_| Err("no files here".into()));
        read.map(drop).expect_err("a bad scenario").problem
    };
    let head = "[scenario]\nname = 'a'\nlength = '1s'\nconfig-text = ''\n";
    assert!(read("[scenario]\nname = 'a'\nlength = '1s'\n").contains("config"));
    assert!(read(&head.replace("1s", "soon")).contains("no time"));
    let fault = format!("{head}[[fault]]\nat = '1s'\nkind = 'server.dance'\n");
    assert!(read(&fault).contains("list-faults"));
    let expect = format!("{head}[expect]\nok = 'many'\n");
    assert!(read(&expect).contains("no bound"));
}

#[test]
fn a_configuration_with_a_mistake_is_a_bad_scenario() {
    let mut bad = short();
    bad.config.push_str("    no-such-keyword\n");
    let problem = once(&bad, 1, None)
        .expect_err("a bad configuration")
        .problem;
    assert!(problem.contains("no-such-keyword"), "{problem}");
}
