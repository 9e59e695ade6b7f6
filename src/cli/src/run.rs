//! From settings to a process that serves.

use crate::args::Args;
use crate::limits;
use crate::output::Output;
use crate::process;
use crate::surroundings::Machine;
use config::{Severity, render};
use driver::process::{Side, Start, Stderr};
use engine::settings::Settings;
use runtime::Process;
use session::settings::Level;

/// Opens the listening sockets, takes the process's final shape, and serves until a soft stop is
/// complete. `quiet` is whether the running process keeps silent on stderr.
pub fn run(
    mut settings: Settings,
    args: &Args,
    quiet: bool,
    output: &mut Output,
) -> Result<(), Vec<String>> {
    let one = |error: String| vec![error];
    // From here on a client may come, and be the reason for a signal.
    let signals =
        driver::process::hold().map_err(|error| one(format!("Cannot hold signals : {error}")))?;
    let workers = driver::process::worker_count(&settings);
    let limits = limits::set(&settings, workers).map_err(one)?;
    for (severity, message) in &limits.said {
        output.line(*severity, message);
    }
    if let Some(mib) = args.memory_mib {
        limits::set_memory(mib).map_err(one)?;
    }
    settings.global.maxconn = limits.maxconn;
    let global = settings.global.clone();
    let pidfile = process::open_pidfile(&global).map_err(one)?;
    let prepared = driver::process::prepare(settings)
        .map_err(|errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>())?;
    // Threads do not survive a fork, and the sockets are open by now: this is the moment.
    let background = if global.daemon {
        match driver::process::daemonize() {
            Ok(Side::Background(background)) => Some(background),
            Ok(Side::Foreground { serves: true }) => return Ok(()),
            // What there was to say was said in the background.
            Ok(Side::Foreground { serves: false }) => return Err(Vec::new()),
            Err(error) => return Err(one(format!("[haproxy.main()] Cannot fork : {error}"))),
        }
    } else {
        None
    };
    process::write_pid(pidfile).map_err(|error| one(error.to_string()))?;
    process::drop_privileges(&global).map_err(one)?;
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
    let start = Start {
        process,
        signals,
        stderr: stderr(quiet),
        serves: Box::new(|| background.map_or(Ok(()), |background| background.serves())),
    };
    prepared.run(start).map_err(|error| one(error.to_string()))
}

/// What the running process has to say.
fn stderr(quiet: bool) -> Stderr {
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
