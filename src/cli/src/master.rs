//! The master of master-worker mode (`-W`): what it is told, and what it tells its workers.

use crate::args::{Args, MasterArgs};
use crate::process;
use crate::run::{self, Ground};
use crate::surroundings::Machine;
use config::{LoadOptions, SourceFile};
use driver::process::{Master, MasterSockets, Mishaps};
use engine::settings::{Global, StatsSocket};
use std::ffi::OsString;

/// Starts workers and watches them until they are gone; says what to exit with. `global` is from the
/// files, which each worker reads for itself.
pub fn run(
    global: &Global,
    args: &Args,
    master: &MasterArgs,
    quiet: bool,
) -> Result<u8, Vec<String>> {
    let one = |error: String| vec![error];
    let signals = run::hold_signals()?;
    let sockets = sockets(&master.sockets)?;
    let sockets = MasterSockets::open(&sockets).map_err(run::texts)?;
    let program = std::env::current_exe()
        .map_err(|error| one(format!("Cannot find the program : {error}")))?;
    let pidfile = process::open_pidfile(global).map_err(one)?;
    let background = match run::choose_ground(global)? {
        Ground::Left => return Ok(0),
        Ground::Kept(background) => background,
    };
    process::write_pid(pidfile).map_err(|error| one(error.to_string()))?;
    let older = args.parting.clone();
    let master = Master {
        program,
        words: master.words.iter().map(OsString::from).collect(),
        sockets,
        mishaps: Mishaps {
            exit_on_failure: !global.master_outlives_failures,
            max_reloads: global.max_reloads,
        },
        notify: master.notify,
        detach: background.is_some(),
        version: config::identity::VERSION,
        signals,
        stderr: run::stderr(quiet),
        serves: Box::new(|| run::serves(background, older)),
    };
    master.run().map_err(|error| one(error.to_string()))
}

/// The sockets of `-S`. They are what `stats socket` lines are, with commas for blanks, and whoever
/// may connect may do everything unless they say less.
fn sockets(places: &[String]) -> Result<Vec<StatsSocket>, Vec<String>> {
    let mut text = String::from("global\n");
    for place in places {
        let (address, options) = place.split_once(',').unwrap_or((place, ""));
        let options = options.replace(',', " ");
        text.push_str(&format!("stats socket {address} level admin {options}\n"));
    }
    let source = SourceFile {
        name: "-S".into(),
        text,
    };
    let loaded = config::load(&[source], &Machine::default(), &LoadOptions::default());
    let messages = loaded.diagnostics.into_iter().map(|it| it.message);
    match loaded.settings {
        Some(settings) => Ok(settings.global.stats_sockets),
        None => Err(messages.collect()),
    }
}
