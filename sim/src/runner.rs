//! Runs of many seeds, each on a fresh thread.

use crate::canary::Canary;
use crate::check::Violation;
use crate::panics;
use crate::scenario::{BadScenario, Scenario};
use crate::world::{Report, run};
use base::Instant;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// How a run ended; the values are exit codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Verdict {
    /// All rules and expectations hold.
    Pass = 0,
    /// An expectation does not hold.
    Expectation = 1,
    /// A rule is broken.
    Broken = 2,
    /// Something did not come to its end.
    Stalled = 3,
    /// A run was not the same again.
    Diverged = 4,
    /// The scenario cannot be run.
    BadScenario = 65,
    /// The simulator itself failed.
    Crashed = 70,
}

impl Verdict {
    /// The verdict over a report.
    pub fn of(report: &Report) -> Self {
        let broken = |rule: &str| {
            report
                .violations
                .iter()
                .any(|one| one.rule.starts_with(rule))
        };
        let only_live = report.violations.iter().all(|one| {
            matches!(
                one.rule,
                "live.answer" | "live.heal" | "live.spin" | "alloc.quiet"
            )
        });
        if !report.crashes.is_empty() {
            Self::Crashed
        } else if broken("det.") {
            Self::Diverged
        } else if !report.violations.is_empty() && only_live {
            Self::Stalled
        } else if !report.violations.is_empty() {
            Self::Broken
        } else if report.expectations.iter().any(|(_, _, holds)| !holds) {
            Self::Expectation
        } else {
            Self::Pass
        }
    }

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "PASS",
            Self::Expectation => "FAIL: not as expected",
            Self::Broken => "FAIL: a rule is broken",
            Self::Stalled => "FAIL: something never ends",
            Self::Diverged => "FAIL: the same seed gave another run",
            Self::BadScenario => "the scenario cannot be run",
            Self::Crashed => "the simulator failed",
        }
    }
}

/// Runs one seed on a fresh thread.
pub fn once(scenario: &Scenario, seed: u64, canary: Option<Canary>) -> Result<Report, BadScenario> {
    panics::keep_quiet();
    let scenario_of_thread = scenario.clone();
    let thread = thread::Builder::new()
        .name(format!("seed-{seed}"))
        .stack_size(STACK)
        .spawn(move || {
            run(&scenario_of_thread, seed, canary).map_err(|bad| (bad.file, bad.problem))
        });
    let joined = match thread {
        Ok(thread) => thread.join(),
        Err(error) => return Err(bad(scenario, error.to_string())),
    };
    match joined {
        Ok(Ok(report)) => Ok(report),
        Ok(Err((file, problem))) => Err(BadScenario { file, problem }),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
            Err(bad(
                scenario,
                format!("the simulator failed: {}", text.unwrap_or("no text")),
            ))
        }
    }
}

/// Enough for debug builds of deep futures.
const STACK: usize = 16 << 20;

fn bad(scenario: &Scenario, problem: String) -> BadScenario {
    BadScenario {
        file: scenario.file.clone(),
        problem,
    }
}

/// Runs a seed twice; another hash is a broken rule.
pub fn twice(
    scenario: &Scenario,
    seed: u64,
    canary: Option<Canary>,
) -> Result<Report, BadScenario> {
    let mut first = once(scenario, seed, canary)?;
    let again = once(scenario, seed, canary)?;
    if first.hash != again.hash {
        let at = first
            .events
            .iter()
            .zip(&again.events)
            .find(|(one, other)| one != other)
            .map_or_else(
                || "no event differs, only packets".to_owned(),
                |(one, _)| one.to_string(),
            );
        first.violations.push(Violation {
            rule: "det.hash",
            at: Instant::ZERO,
            what: format!("{} then {}; first difference: {at}", first.hash, again.hash),
        });
    }
    Ok(first)
}

/// One seed of a sweep.
pub struct Swept {
    /// Which of the scenarios.
    pub scenario: usize,
    /// The seed.
    pub seed: u64,
    /// What came of it.
    pub report: Result<Report, BadScenario>,
}

/// Every so many seeds of a sweep one is run twice.
const REPEAT_EVERY: u64 = 20;

/// Runs all seeds of all scenarios on `jobs` threads; `done` hears of each, in no order.
pub fn sweep(
    scenarios: &[Scenario],
    seeds: Range<u64>,
    jobs: usize,
    canary: Option<Canary>,
    done: impl Fn(Swept) + Sync,
) {
    let work: Vec<(usize, u64)> = seeds
        .flat_map(|seed| (0..scenarios.len()).map(move |scenario| (scenario, seed)))
        .collect();
    let next = AtomicUsize::new(0);
    let one_at_a_time = Mutex::new(());
    thread::scope(|scope| {
        for _ in 0..jobs.max(1) {
            scope.spawn(|| {
                while let Some(&(scenario, seed)) = work.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let repeat = seed % REPEAT_EVERY == 0;
                    let run = if repeat { twice } else { once };
                    let report = run(&scenarios[scenario], seed, canary);
                    let _order = one_at_a_time.lock();
                    done(Swept {
                        scenario,
                        seed,
                        report,
                    });
                }
            });
        }
    });
}

/// The first seed, over all scenarios, in which the rule that a canary breaks says so.
pub fn first_seed_that_notices(
    scenarios: &[Scenario],
    seeds: Range<u64>,
    canary: Canary,
) -> Option<(usize, u64)> {
    let run = if canary == Canary::RealTime {
        twice
    } else {
        once
    };
    for seed in seeds {
        for (number, scenario) in scenarios.iter().enumerate() {
            let Ok(report) = run(scenario, seed, Some(canary)) else {
                continue;
            };
            if report
                .violations
                .iter()
                .any(|one| one.rule == canary.breaks())
            {
                return Some((number, seed));
            }
        }
    }
    None
}
