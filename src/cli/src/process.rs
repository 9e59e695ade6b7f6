//! What happens to the process itself around its start.

use engine::settings::Global;
use nix::unistd::{self, Gid, Uid};
use std::fs::File;
use std::io::{self, Write};

/// Opens the pid file while its path can still be reached.
pub fn open_pidfile(global: &Global) -> Result<Option<File>, String> {
    let Some(path) = &global.pidfile else {
        return Ok(None);
    };
    File::create(&**path)
        .map(Some)
        .map_err(|error| format!("[haproxy.main()] Cannot create pidfile {path} : {error}"))
}

/// Writes our process id.
pub fn write_pid(pidfile: Option<File>) -> io::Result<()> {
    match pidfile {
        Some(mut file) => writeln!(file, "{}", std::process::id()),
        None => Ok(()),
    }
}

/// `chroot`, `group` and `user`, in the order in which each is still allowed.
pub fn drop_privileges(global: &Global) -> Result<(), String> {
    let failed =
        |what: String| move |error: nix::Error| format!("[haproxy.main()] Cannot {what} : {error}");
    if let Some(directory) = &global.chroot {
        unistd::chroot(&**directory)
            .and_then(|()| unistd::chdir("/"))
            .map_err(failed(format!("chroot({directory})")))?;
    }
    if let Some(gid) = global.gid {
        let gid = Gid::from_raw(gid);
        if unistd::geteuid().is_root() {
            unistd::setgroups(&[gid]).map_err(failed("drop supplementary groups".to_string()))?;
        }
        unistd::setgid(gid).map_err(failed(format!("set gid {gid}")))?;
    }
    if let Some(uid) = global.uid {
        let uid = Uid::from_raw(uid);
        unistd::setuid(uid).map_err(failed(format!("set uid {uid}")))?;
    }
    Ok(())
}
