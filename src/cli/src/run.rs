//! From settings to a process that serves.

use crate::args::Args;
use crate::process;
use crate::surroundings::Machine;
use engine::settings::Settings;
use runtime::Process;

/// Opens the listening sockets, takes the process's final shape, and serves until a soft stop is
/// complete.
pub fn run(settings: Settings, args: &Args) -> Result<(), Vec<String>> {
    let one = |error: String| vec![error];
    let files = process::limits(&settings.global, args.memory_mib).map_err(one)?;
    let mut settings = settings;
    if settings.global.maxconn == 0 {
        settings.global.maxconn = maxconn_for(files);
    }
    let global = settings.global.clone();
    let pidfile = process::open_pidfile(&global).map_err(one)?;
    let prepared = driver::process::prepare(settings)
        .map_err(|errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>())?;
    // Threads do not survive a fork, and the sockets are open by now: this is the moment.
    if global.daemon {
        process::daemonize().map_err(one)?;
    }
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
        ulimit_n: files,
        memory_max_mb: args.memory_mib.unwrap_or(0),
        ..Process::default()
    };
    prepared
        .run(process)
        .map_err(|error| one(error.to_string()))
}

/// The connections that a number of open files allows: two a connection, some kept for the rest.
fn maxconn_for(files: u64) -> u32 {
    u32::try_from(files.saturating_sub(FILES_KEPT) / 2)
        .unwrap_or(u32::MAX)
        .max(1)
}

/// Files that are not connections: listeners, logs, the pid file, runtime sockets.
const FILES_KEPT: u64 = 100;
