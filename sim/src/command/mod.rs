//! The command line of `tidegate-sim`.

mod arguments;
mod show;

use crate::canary::Canary;
use crate::check::RULES;
use crate::fault::{DELIBERATE, MENU};
use crate::peer::Mischief;
use crate::runner::{Verdict, once, sweep, twice};
use crate::scenario::{Scenario, load};
use arguments::Arguments;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The exit code of bad usage.
const USAGE: u8 = 64;

const HELP: &str = "\
tidegate-sim: the proxy against clients, servers and faults, from a seed

  tidegate-sim run SCENARIO [--seed N] [--json]      one run: timeline and verdict
  tidegate-sim replay SCENARIO --seed N [--hash H]   the same run again, twice, compared
  tidegate-sim sweep SCENARIO... [--seeds A..B] [-j N]
                                                     many seeds; prints what fails
  tidegate-sim check-determinism SCENARIO... [--seeds A..B]
                                                     each seed twice, hashes compared
  tidegate-sim canaries SCENARIO... [--seeds A..B]   each rule broken on purpose must be noticed
  tidegate-sim list-faults                           what can go wrong
  tidegate-sim list-rules                            what must hold nevertheless

  --canary RULE   break this rule on purpose
  --substrate S   what carries bytes: packets, with every fault, or turmoil, which is
                  turmoil::Sim with its own scheduler, without faults of links
  --quiet         verdict only
  --timeline N    at most N lines of timeline (60)

exit codes: 0 all holds, 1 an expectation does not, 2 a rule is broken, 3 something never ends,
4 a run was not the same again, 64 usage, 65 bad scenario or configuration, 70 the simulator failed
";

/// Obeys a command line; the exit code.
pub fn main(words: &[String]) -> u8 {
    let Some((command, rest)) = words.split_first() else {
        print!("{HELP}");
        return USAGE;
    };
    let arguments = match Arguments::read(rest) {
        Ok(arguments) => arguments,
        Err(problem) => {
            eprintln!("tidegate-sim: {problem}");
            return USAGE;
        }
    };
    let verdict = match command.as_str() {
        "run" => run(&arguments),
        "replay" => replay(&arguments),
        "sweep" => sweep_command(&arguments),
        "check-determinism" => check_determinism(&arguments),
        "canaries" => canaries(&arguments),
        "list-faults" => return list_faults(),
        "list-rules" => return list_rules(),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            return 0;
        }
        other => {
            eprintln!("tidegate-sim: there is no command `{other}`; see `tidegate-sim help`");
            return USAGE;
        }
    };
    verdict as u8
}

/// Reads all scenarios, or says what is wrong with the first bad one.
fn scenarios(arguments: &Arguments) -> Result<Vec<Scenario>, Verdict> {
    if arguments.files.is_empty() {
        eprintln!("tidegate-sim: which scenario?");
        return Err(Verdict::BadScenario);
    }
    let loaded = arguments.files.iter().map(|file| {
        load(file).map(|scenario| Scenario {
            substrate: arguments.substrate,
            ..scenario
        })
    });
    loaded.collect::<Result<_, _>>().map_err(|bad| {
        eprintln!("{bad}");
        Verdict::BadScenario
    })
}

fn run(arguments: &Arguments) -> Verdict {
    one_run(arguments, |scenario| {
        once(scenario, arguments.seed, arguments.canary)
    })
}

fn replay(arguments: &Arguments) -> Verdict {
    one_run(arguments, |scenario| {
        let mut report = twice(scenario, arguments.seed, arguments.canary)?;
        if let Some(hash) = arguments.hash.as_ref().or(scenario.hash.as_ref())
            && !report.hash.starts_with(hash.as_str())
        {
            report.violations.push(crate::check::Violation {
                rule: "det.hash",
                at: base::Instant::ZERO,
                what: format!("the recorded run was {hash}, this is {}", report.hash),
            });
        }
        Ok(report)
    })
}

fn one_run(
    arguments: &Arguments,
    run: impl Fn(&Scenario) -> Result<crate::world::Report, crate::scenario::BadScenario>,
) -> Verdict {
    let scenarios = match scenarios(arguments) {
        Ok(scenarios) => scenarios,
        Err(verdict) => return verdict,
    };
    let mut worst = Verdict::Pass;
    for scenario in &scenarios {
        let verdict = match run(scenario) {
            Ok(report) => {
                if arguments.json {
                    println!("{}", show::json(scenario, &report));
                } else {
                    print!("{}", show::text(scenario, &report, arguments));
                }
                Verdict::of(&report)
            }
            Err(bad) => {
                eprintln!("{bad}");
                Verdict::BadScenario
            }
        };
        worst = worst.max(verdict);
    }
    worst
}

fn sweep_command(arguments: &Arguments) -> Verdict {
    let scenarios = match scenarios(arguments) {
        Ok(scenarios) => scenarios,
        Err(verdict) => return verdict,
    };
    let worst = Mutex::new(Verdict::Pass);
    let runs = AtomicUsize::new(0);
    let totals = Mutex::new(BTreeMap::<usize, show::Totals>::new());
    sweep(
        &scenarios,
        arguments.seeds.clone(),
        arguments.jobs,
        arguments.canary,
        |swept| {
            runs.fetch_add(1, Ordering::Relaxed);
            let scenario = &scenarios[swept.scenario];
            let verdict = match &swept.report {
                Ok(report) => Verdict::of(report),
                Err(_) => Verdict::Crashed,
            };
            if let (Ok(report), Ok(mut totals)) = (&swept.report, totals.lock()) {
                totals.entry(swept.scenario).or_default().add(report);
            }
            if verdict == Verdict::Pass {
                return;
            }
            print!(
                "{}",
                show::failure(scenario, swept.seed, &swept.report, verdict, arguments)
            );
            if let Ok(mut worst) = worst.lock() {
                *worst = verdict.max(*worst);
            }
        },
    );
    if let Ok(totals) = totals.lock() {
        for (scenario, totals) in totals.iter() {
            println!("{totals} · {}", scenarios[*scenario].name);
        }
    }
    let worst = worst.into_inner().unwrap_or(Verdict::Crashed);
    println!("{} runs · {}", runs.into_inner(), worst.word());
    worst
}

fn check_determinism(arguments: &Arguments) -> Verdict {
    let scenarios = match scenarios(arguments) {
        Ok(scenarios) => scenarios,
        Err(verdict) => return verdict,
    };
    let worst = Cell::new(Verdict::Pass);
    for scenario in &scenarios {
        for seed in arguments.seeds.clone() {
            match twice(scenario, seed, arguments.canary) {
                Ok(report) => {
                    let differs = report.violations.iter().find(|one| one.rule == "det.hash");
                    if let Some(differs) = differs {
                        println!("{} seed {seed}: {differs}", scenario.file);
                        worst.set(Verdict::Diverged);
                    } else if !arguments.quiet {
                        println!("{} seed {seed}: {}", scenario.file, report.hash);
                    }
                }
                Err(bad) => {
                    eprintln!("{bad}");
                    return Verdict::BadScenario;
                }
            }
        }
    }
    worst.get()
}

/// Every canary must be noticed by its rule in some scenario within the seeds.
fn canaries(arguments: &Arguments) -> Verdict {
    let scenarios = match scenarios(arguments) {
        Ok(scenarios) => scenarios,
        Err(verdict) => return verdict,
    };
    let mut missed = 0;
    for canary in Canary::ALL {
        if arguments.canary.is_some_and(|only| only != canary) {
            continue;
        }
        match crate::runner::first_seed_that_notices(&scenarios, arguments.seeds.clone(), canary) {
            Some((scenario, seed)) => {
                println!(
                    "{:<14} {canary:?} noticed: seed {seed} of {}",
                    canary.breaks(),
                    scenarios[scenario].file
                );
            }
            None => {
                println!("{:<14} {canary:?} NOT NOTICED", canary.breaks());
                missed += 1;
            }
        }
    }
    if missed > 0 {
        Verdict::Broken
    } else {
        Verdict::Pass
    }
}

fn list_faults() -> u8 {
    for item in MENU.iter().chain(&DELIBERATE) {
        let level = if item.level.is_empty() {
            String::new()
        } else {
            format!(" [{}]", item.level)
        };
        println!("{:<24} {}{level}", item.name, item.doc);
    }
    for mischief in Mischief::ALL {
        let name = format!("server.{}", mischief.name());
        println!("{name:<24} {} [chance, 50%]", mischief.doc());
    }
    0
}

fn list_rules() -> u8 {
    for (rule, says) in RULES {
        let canary = Canary::of(rule).map_or_else(String::new, |canary| format!("{canary:?}"));
        println!("{rule:<14} {says} (canary: {canary})");
    }
    0
}
