//! What happens to the process itself around its start.

use driver::process::{Rights, has_network_rights, lacks_network_rights, needs_network_rights};
use engine::settings::{Capability, Global, Settings};
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

/// Says why a process cannot become another user, or what it will not be able to do as the user it is.
pub fn check_rights(settings: &Settings) -> Result<Option<&'static str>, Vec<String>> {
    if !needs_network_rights(settings) {
        return Ok(None);
    }
    let (is_root, global) = (unistd::geteuid().is_root(), &settings.global);
    rights(
        is_root,
        lacks_network_rights(),
        global.uid,
        &global.capabilities,
    )
}

/// The same of a process that needs them: whether it is root or does without them already, whom it
/// becomes, and what it keeps.
fn rights(
    is_root: bool,
    lacks: bool,
    uid: Option<u32>,
    kept: &[Capability],
) -> Result<Option<&'static str>, Vec<String>> {
    let leaves = uid.is_some_and(|uid| uid != 0);
    match is_root {
        true if leaves && !has_network_rights(kept) => Err(vec![
            "[haproxy.main()] Some configuration options require full privileges, so global.uid cannot be changed.".to_string(),
            "[haproxy.main()] Alternately, if your system supports Linux capabilities, you may also consider using 'setcap cap_net_raw', 'setcap cap_net_admin' or 'setcap cap_sys_admin' in the 'global' section.".to_string(),
        ]),
        false if lacks => Ok(Some(
            "[haproxy.main()] Some options which require full privileges might not work well.",
        )),
        true | false => Ok(None),
    }
}

/// `chroot`, `group` and `user`, in the order in which each is still allowed.
pub fn drop_privileges(global: &Global) -> Result<(), String> {
    let rights = |error: io::Error| format!("[haproxy.main()] Cannot keep capabilities : {error}");
    let kept = Rights::keep(&global.capabilities).map_err(rights)?;
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
    match unistd::geteuid().is_root() {
        true => Ok(()),
        false => kept.restore().map_err(rights),
    }
}

#[cfg(test)]
mod tests {
    use super::rights;
    use engine::settings::Capability;

    #[test]
    fn who_needs_the_rights_of_root_keeps_them_or_keeps_being_root() {
        let said =
            |is_root, lacks, uid, kept: &[Capability]| match rights(is_root, lacks, uid, kept) {
                Ok(None) => "nothing",
                Ok(Some(_)) => "a warning",
                Err(_) => "refused",
            };
        assert_eq!(said(true, false, None, &[]), "nothing");
        assert_eq!(said(true, false, Some(0), &[]), "nothing");
        assert_eq!(said(true, false, Some(5), &[]), "refused");
        let ports = Capability::NetBindService;
        assert_eq!(said(true, false, Some(5), &[ports]), "refused");
        assert_eq!(
            said(true, false, Some(5), &[ports, Capability::NetRaw]),
            "nothing"
        );
        assert_eq!(said(false, true, None, &[]), "a warning");
        assert_eq!(said(false, true, None, &[Capability::NetRaw]), "a warning");
        assert_eq!(said(false, false, None, &[]), "nothing");
    }
}
