//! Reports for people and for programs.

use super::Arguments;
use crate::build::{Build, short_hash};
use crate::net::Substrate;
use crate::runner::Verdict;
use crate::scenario::{BadScenario, Scenario};
use crate::trace::{Event, Kind};
use crate::world::Report;
use std::fmt::{self, Write as _};

/// A whole report: timeline, users, verdict.
pub(super) fn text(scenario: &Scenario, report: &Report, arguments: &Arguments) -> String {
    let mut out = String::new();
    if !arguments.quiet {
        let _ = writeln!(
            out,
            "{} · seed {} · {}.{:03} s simulated · {} packets · trace {}",
            scenario.name,
            report.seed,
            report.length_ms / 1000,
            report.length_ms % 1000,
            report.packets,
            &report.hash[..16],
        );
        let _ = writeln!(out, "{}", origin(scenario));
        for event in chosen(&report.events, arguments.timeline) {
            let _ = writeln!(out, "{event}");
        }
        out.push_str(&users(report));
    }
    out.push_str(&verdict(scenario, report));
    out
}

/// What besides the seed a run depends on.
fn origin(scenario: &Scenario) -> String {
    format!(
        "{} · {} {}",
        Build::this(),
        scenario.config_name,
        short_hash(scenario.config.as_bytes())
    )
}

/// Faults and violations always; of the rest what is out of the ordinary, then what fits.
fn chosen(events: &[Event], most: usize) -> Vec<&Event> {
    let rank = |event: &Event| match event.kind {
        Kind::Violation | Kind::Fault => 0,
        Kind::Client if !event.what.contains(": 200 from") || event.what.contains("cut off") => 1,
        Kind::Log if !event.what.contains(" ---- ") => 2,
        Kind::Client | Kind::Server | Kind::Proxy | Kind::Log => 3,
    };
    let mut chosen: Vec<&Event> = events.iter().collect();
    chosen.sort_by_key(|event| (rank(event), event.number));
    chosen.truncate(most);
    chosen.sort_by_key(|event| (event.at, event.number));
    chosen
}

fn users(report: &Report) -> String {
    let users = &report.users;
    let mut out = String::new();
    if users.requests > 0 {
        let _ = write!(out, "users: {} requests · {} ok", users.requests, users.ok);
        for (status, count) in &users.others {
            let _ = write!(out, " · {count} × {status}");
        }
        let [p50, p99, max] = users.latency_ms;
        let _ = write!(
            out,
            " · {} lost · {p50}/{p99}/{max} ms (half, 99%, all)",
            users.lost
        );
        if users.rude > 0 {
            let _ = write!(out, " · {} of difficult clients", users.rude);
        }
        out.push('\n');
    }
    if users.pipes > 0 {
        let _ = writeln!(out, "tunnels: {}", users.pipes);
    }
    out
}

fn verdict(scenario: &Scenario, report: &Report) -> String {
    let mut out = String::new();
    for (text, value, holds) in &report.expectations {
        let word = if *holds { "holds" } else { "FAILS" };
        let _ = writeln!(out, "expected {text}: {word} ({value})");
    }
    out.push_str(&violations(report));
    let verdict = Verdict::of(report);
    let _ = writeln!(out, "{}", verdict.word());
    if verdict != Verdict::Pass {
        let _ = writeln!(out, "{}", repro(scenario, report.seed));
    }
    out
}

/// At most so many violations of one rule are worth reading.
const PER_RULE: usize = 3;

fn violations(report: &Report) -> String {
    let mut out = String::new();
    let mut shown: Vec<(&str, usize)> = Vec::new();
    for violation in &report.violations {
        let place = shown.iter().position(|(rule, _)| *rule == violation.rule);
        let place = place.unwrap_or_else(|| {
            shown.push((violation.rule, 0));
            shown.len() - 1
        });
        shown[place].1 += 1;
        if shown[place].1 <= PER_RULE {
            let _ = writeln!(out, "BROKEN {violation}");
        }
    }
    for (rule, count) in shown.into_iter().filter(|(_, count)| *count > PER_RULE) {
        let _ = writeln!(out, "BROKEN {rule}: {} more", count - PER_RULE);
    }
    for crash in &report.crashes {
        let _ = writeln!(out, "SIMULATOR {crash}");
    }
    out
}

/// The line that replays a run.
fn repro(scenario: &Scenario, seed: u64) -> String {
    let substrate = match scenario.substrate {
        Substrate::Packets => "",
        Substrate::Turmoil => " --substrate turmoil",
    };
    format!(
        "repro: tidegate-sim replay {} --seed {seed}{substrate}",
        scenario.file
    )
}

/// A seed of a sweep that failed.
pub(super) fn failure(
    scenario: &Scenario,
    seed: u64,
    report: &Result<Report, BadScenario>,
    verdict: Verdict,
    arguments: &Arguments,
) -> String {
    let mut out = format!("{} · seed {seed} · {}\n", scenario.name, verdict.word());
    match report {
        Ok(report) if !arguments.quiet => {
            for (text, value, _) in report.expectations.iter().filter(|(_, _, holds)| !holds) {
                let _ = writeln!(out, "expected {text}: FAILS ({value})");
            }
            out.push_str(&violations(report));
        }
        Ok(_) => {}
        Err(bad) => {
            let _ = writeln!(out, "{bad}");
        }
    }
    let _ = writeln!(out, "{}", repro(scenario, seed));
    let _ = writeln!(out, "with: {}", origin(scenario));
    out
}

/// What the seeds of one scenario add up to.
#[derive(Default)]
pub(super) struct Totals {
    runs: usize,
    passed: usize,
    requests: usize,
    ok: usize,
    faults: usize,
}

impl Totals {
    pub(super) fn add(&mut self, report: &Report) {
        self.runs += 1;
        self.passed += usize::from(Verdict::of(report) == Verdict::Pass);
        self.requests += report.users.requests + report.users.rude + report.users.pipes;
        self.ok += report.users.ok;
        self.faults += report.faults.len();
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:>4}/{} passed · {:>7} requests, {:>7} ok · {:>5} faults",
            self.passed, self.runs, self.requests, self.ok, self.faults
        )
    }
}

/// A report as one line of JSON.
pub(super) fn json(scenario: &Scenario, report: &Report) -> String {
    let list = |items: Vec<String>| format!("[{}]", items.join(","));
    let violations = report.violations.iter().map(|one| {
        format!(
            "{{\"rule\":{},\"at_ms\":{},\"what\":{}}}",
            quoted(one.rule),
            one.at.as_millis(),
            quoted(&one.what)
        )
    });
    let expectations = report.expectations.iter().map(|(text, value, holds)| {
        format!(
            "{{\"text\":{},\"value\":{value},\"holds\":{holds}}}",
            quoted(text)
        )
    });
    let events = report.events.iter().map(|event| {
        format!(
            "{{\"n\":{},\"at_ms\":{},\"kind\":{},\"who\":{},\"what\":{}}}",
            event.number,
            event.at.as_millis(),
            quoted(event.kind.word()),
            quoted(&event.who),
            quoted(&event.what)
        )
    });
    let users = &report.users;
    let [p50, p99, max] = users.latency_ms;
    let build = Build::this();
    let build = format!(
        "{{\"version\":{},\"commit\":{},\"cargo_lock\":{},\"rustc\":{}}}",
        quoted(build.version),
        quoted(build.commit),
        quoted(&build.lock),
        quoted(build.rustc)
    );
    format!(
        "{{\"build\":{build},\"config\":{},\"config_sha256\":{},\"scenario\":{},\"file\":{},\"seed\":{},\"verdict\":{},\"hash\":{},\"packets\":{},\
         \"length_ms\":{},\"requests\":{},\"ok\":{},\"lost\":{},\
         \"latency_ms\":{{\"p50\":{p50},\"p99\":{p99},\"max\":{max}}},\
         \"violations\":{},\"expectations\":{},\"crashes\":{},\"events\":{}}}",
        quoted(&scenario.config_name),
        quoted(&short_hash(scenario.config.as_bytes())),
        quoted(&scenario.name),
        quoted(&scenario.file),
        report.seed,
        Verdict::of(report) as u8,
        quoted(&report.hash),
        report.packets,
        report.length_ms,
        users.requests,
        users.ok,
        users.lost,
        list(violations.collect()),
        list(expectations.collect()),
        list(report.crashes.iter().map(|crash| quoted(crash)).collect()),
        list(events.collect()),
    )
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if (c as u32) < 0x20 => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
