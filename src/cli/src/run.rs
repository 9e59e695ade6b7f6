//! From settings to a process that serves.

use crate::args::Args;
use crate::process;
use engine::settings::Settings;

/// Opens the listening sockets, takes the process's final shape, and serves until a soft stop is
/// complete.
pub fn run(settings: Settings, args: &Args) -> Result<(), Vec<String>> {
    let one = |error: String| vec![error];
    let global = settings.global.clone();
    process::limits(&global, args.memory_mib).map_err(one)?;
    let pidfile = process::open_pidfile(&global).map_err(one)?;
    let prepared = driver::process::prepare(settings)
        .map_err(|errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>())?;
    // Threads do not survive a fork, and the sockets are open by now: this is the moment.
    if global.daemon {
        process::daemonize().map_err(one)?;
    }
    process::write_pid(pidfile).map_err(|error| one(error.to_string()))?;
    process::drop_privileges(&global).map_err(one)?;
    prepared.run().map_err(|error| one(error.to_string()))
}
