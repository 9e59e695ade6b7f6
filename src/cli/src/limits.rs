//! How many files the process may open, and how many clients that allows.

use config::Severity;
use engine::settings::Settings;
use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// What was settled, and what is to be said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Open files.
    pub files: u64,
    /// `maxconn`: clients at once.
    pub maxconn: u32,
    /// What does not keep the process from starting (`no strict-limits`).
    pub said: Vec<(Severity, String)>,
}

/// Sets the limit of open files: what `ulimit-n` says, or else what `maxconn` needs and as many more
/// as there are.
pub fn set(settings: &Settings, workers: usize) -> Result<Limits, String> {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)
        .map_err(|error| format!("[haproxy.main()] Cannot tell the FD limit : {error}"))?;
    decide(
        settings,
        files_kept(settings, workers),
        soft.max(hard),
        |files| setrlimit(Resource::RLIMIT_NOFILE, files, hard.max(files)).is_ok(),
    )
}

/// `-m`: memory of the process, mebibytes.
pub fn set_memory(mib: u64) -> Result<(), String> {
    let bytes = mib.saturating_mul(1 << 20);
    setrlimit(Resource::RLIMIT_DATA, bytes, bytes).map_err(|error| {
        format!("[haproxy.main()] Cannot set the memory limit to {mib} megabytes : {error}")
    })
}

/// Files that are not those of clients and their servers.
fn files_kept(settings: &Settings, workers: usize) -> u64 {
    let binds = settings
        .proxies
        .iter()
        .filter(|proxy| !proxy.disabled)
        .map(|proxy| proxy.binds.len())
        .sum::<usize>();
    let api = settings.global.stats_sockets.len();
    let api_clients = if api > 0 {
        settings.global.stats_maxconn as usize
    } else {
        0
    };
    (FILES_OF_PROCESS + workers * (FILES_OF_WORKER + binds) + api + api_clients) as u64
}

/// `available` is what the system lets us have, `raise` asks it for a number.
fn decide(
    settings: &Settings,
    kept: u64,
    available: u64,
    raise: impl Fn(u64) -> bool,
) -> Result<Limits, String> {
    let global = &settings.global;
    let mut said = Vec::new();
    // Strictly, what is missing keeps the process from starting; else it is only said.
    let mut missing = |severity, message: String| {
        if global.strict_limits {
            return Err(format!("[haproxy.main()] {message}"));
        }
        said.push((severity, format!("[haproxy.main()] {message}")));
        Ok(())
    };
    let needed = |maxconn: u64| maxconn * FILES_OF_CLIENT + kept;
    let available = available.min(global.fd_hard_limit);
    let least = match (global.ulimit_n, global.maxconn) {
        (Some(files), _) => files,
        (None, maxconn) => needed(u64::from(maxconn.max(1))),
    };
    let mut files = match global.ulimit_n {
        Some(files) => files,
        None => least.max(available),
    };
    if files > global.fd_hard_limit || !raise(files) {
        let message = format!("Cannot raise FD limit to {least}, limit is {available}.");
        missing(Severity::Warning, message)?;
        files = available;
        raise(files);
    }
    let maxconn = match global.maxconn {
        0 => u32::try_from(files.saturating_sub(kept) / FILES_OF_CLIENT).unwrap_or(u32::MAX),
        maxconn => maxconn,
    };
    let maxconn = maxconn.max(1);
    let needed = needed(u64::from(maxconn));
    if files < needed {
        let message = format!(
            "FD limit ({files}) too low for maxconn={maxconn}/maxsock={needed}. \
             Please raise 'ulimit-n' to {needed} or more to avoid any trouble."
        );
        missing(Severity::Alert, message)?;
    }
    Ok(Limits {
        files,
        maxconn,
        said,
    })
}

/// A client's own connection, and one to a server.
const FILES_OF_CLIENT: u64 = 2;
/// Standard streams, log sockets, signals and waiting, the pid file.
const FILES_OF_PROCESS: usize = 16;
/// Waiting and log sockets of a worker.
const FILES_OF_WORKER: usize = 8;

#[cfg(test)]
mod tests;
