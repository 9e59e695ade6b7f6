//! From settings to a process that serves.

use crate::args::Args;
use crate::limits;
use crate::output::Output;
use crate::process;
use crate::surroundings::Machine;
use config::{Severity, render};
use driver::process::{Background, Farewell, Handover, Held, Side, Start, StartError, Stderr};
use engine::settings::{Global, Settings};
use runtime::Process;
use session::settings::Level;
use std::io;

/// Opens the listening sockets, takes the process's final shape, and serves until a soft stop is
/// complete. `quiet` is whether the running process keeps silent on stderr; `master` is what started
/// this process, if that was a master.
pub fn run(
    mut settings: Settings,
    args: &Args,
    quiet: bool,
    master: Option<Handover>,
    output: &mut Output,
) -> Result<(), Vec<String>> {
    let one = |error: String| vec![error];
    // From here on a client may come, and be the reason for a signal.
    let signals = hold_signals()?;
    let workers = driver::process::worker_count(&settings);
    let limits = limits::set(&settings, workers).map_err(one)?;
    for (severity, message) in &limits.said {
        output.line(*severity, message);
    }
    if let Some(mib) = args.memory_mib {
        limits::set_memory(mib).map_err(one)?;
    }
    settings.global.maxconn = limits.maxconn;
    if master.is_some() {
        // These are the master's.
        (settings.global.daemon, settings.global.pidfile) = (false, None);
    }
    if let Some(warning) = process::check_rights(&settings)? {
        output.line(Severity::Warning, warning);
    }
    let global = settings.global.clone();
    let pidfile = process::open_pidfile(&global).map_err(one)?;
    let prepared = driver::process::prepare(settings).map_err(texts)?;
    // Threads do not survive a fork, and the sockets are open by now: this is the moment.
    let background = match choose_ground(&global)? {
        Ground::Left => return Ok(()),
        Ground::Kept(background) => background,
    };
    process::write_pid(pidfile).map_err(|error| one(error.to_string()))?;
    process::drop_privileges(&global).map_err(one)?;
    if let Some(master) = &master {
        master.follow().map_err(|error| one(error.to_string()))?;
    }
    let process = Process {
        name: "HAProxy",
        version: config::identity::VERSION,
        release_date: config::identity::RELEASE_DATE,
        node: match &global.node {
            Some(node) => node.clone(),
            None => config::Surroundings::host_name(&Machine::default()).into(),
        },
        pid: std::process::id(),
        ulimit_n: limits.files,
        memory_max_mb: args.memory_mib.unwrap_or(0),
        ..Process::default()
    };
    let older = args.parting.clone();
    let start = Start {
        process,
        signals,
        stderr: stderr(quiet),
        master,
        serves: Box::new(|| serves(background, older)),
    };
    prepared.run(start).map_err(|error| one(error.to_string()))
}

/// Holds back every signal that is obeyed later.
pub fn hold_signals() -> Result<Held, Vec<String>> {
    driver::process::hold().map_err(|error| vec![format!("Cannot hold signals : {error}")])
}

/// Why sockets could not be opened.
pub fn texts(errors: Vec<StartError>) -> Vec<String> {
    errors.iter().map(ToString::to_string).collect()
}

/// Where the process finds itself.
pub enum Ground {
    /// It goes on, in the background or where it was.
    Kept(Option<Background>),
    /// Another process goes on in the background.
    Left,
}

/// Goes to the background if that is wanted.
pub fn choose_ground(global: &Global) -> Result<Ground, Vec<String>> {
    if !global.daemon {
        return Ok(Ground::Kept(None));
    }
    match driver::process::daemonize() {
        Ok(Side::Background(background)) => Ok(Ground::Kept(Some(background))),
        Ok(Side::Foreground { serves: true }) => Ok(Ground::Left),
        // What there was to say was said in the background.
        Ok(Side::Foreground { serves: false }) => Err(Vec::new()),
        Err(error) => Err(vec![format!("[haproxy.main()] Cannot fork : {error}")]),
    }
}

/// The process serves: older ones may go, and who started it is told.
pub fn serves(
    background: Option<Background>,
    older: Option<(Farewell, Vec<u32>)>,
) -> io::Result<()> {
    if let Some((farewell, pids)) = older {
        for pid in pids {
            driver::process::part(pid, farewell);
        }
    }
    background.map_or(Ok(()), Background::serves)
}

/// What the running process has to say.
pub fn stderr(quiet: bool) -> Stderr {
    Box::new(move |level, text| {
        if !quiet {
            let severity = match level {
                Level::Emerg | Level::Alert | Level::Crit | Level::Err => Severity::Alert,
                Level::Warning => Severity::Warning,
                Level::Notice | Level::Info | Level::Debug => Severity::Notice,
            };
            eprint!("{}", render::line(severity, std::process::id(), text));
        }
    })
}
