//! What a master gives to a worker.

use crate::process::daemon::Terminal;
use crate::real::OpenListener;
use rustix::io::{FdFlags, fcntl_setfd};
use rustix::process::{Pid, Signal, getppid, set_parent_process_death_signal};
use std::fs::File;
use std::io::{self, PipeWriter, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixListener;

/// The variable that it stands in: the master's process id, the descriptors of the pipe and of the
/// socket, and whether the terminal is to be let go.
const VARIABLE: &str = "TIDEGATE_WORKER";

/// What a worker has of its master: whom it tells that it serves, and where the master talks to it.
#[derive(Debug)]
pub struct Handover {
    master: i32,
    word: File,
    door: OpenListener,
    /// What is let go of once it serves.
    terminal: Option<Terminal>,
}

impl Handover {
    /// For a child that is started next: the variable and its value. Only this process starts any, so
    /// nobody else gets the descriptors.
    pub(super) fn pack(
        word: &PipeWriter,
        door: &UnixListener,
        detach: bool,
    ) -> io::Result<(&'static str, String)> {
        fcntl_setfd(word, FdFlags::empty())?;
        fcntl_setfd(door, FdFlags::empty())?;
        let value = format!(
            "{} {} {} {detach}",
            std::process::id(),
            word.as_raw_fd(),
            door.as_raw_fd()
        );
        Ok((VARIABLE, value))
    }

    /// Takes what the master gave to this process; nothing if no master started it.
    pub fn take() -> io::Result<Option<Self>> {
        let Ok(value) = std::env::var(VARIABLE) else {
            return Ok(None);
        };
        let broken = || io::Error::other(format!("{VARIABLE} is not of our master's making"));
        let words: Vec<&str> = value.split(' ').collect();
        let [master, word, door, detach] = words[..] else {
            return Err(broken());
        };
        let number = |text: &str| text.parse::<i32>().map_err(|_| broken());
        let master = number(master)?;
        if getppid().map(Pid::as_raw_pid) != Some(master) {
            return Err(io::Error::other("the master is gone"));
        }
        Ok(Some(Self {
            master,
            word: File::from(own(number(word)?)?),
            door: OpenListener::of_unix(own(number(door)?)?),
            terminal: match detach {
                "true" => Some(Terminal::new()?),
                _ => None,
            },
        }))
    }

    /// From now on this process ends when the master does. Privileges are to be dropped before: that
    /// makes the kernel forget it.
    pub fn follow(&self) -> io::Result<()> {
        set_parent_process_death_signal(Some(Signal::TERM))?;
        match getppid().map(Pid::as_raw_pid) == Some(self.master) {
            true => Ok(()),
            false => Err(io::Error::other("the master is gone")),
        }
    }

    /// The socket of the runtime API, and the word that this process serves.
    pub(in crate::process) fn unpack(self) -> (OpenListener, impl FnOnce() -> io::Result<()>) {
        let (mut word, terminal) = (self.word, self.terminal);
        let serves = move || {
            terminal.map_or(Ok(()), Terminal::let_go)?;
            word.write_all(b"!")
        };
        (self.door, serves)
    }
}

/// Takes a descriptor that this process was started with.
fn own(fd: RawFd) -> io::Result<OwnedFd> {
    if fd <= 2 {
        return Err(io::Error::other(
            "standard descriptors are nobody's to hand over",
        ));
    }
    // SAFETY: the master, whose process id was compared, opened it for this process, and the variable
    // that names it is read once.
    #[expect(unsafe_code, reason = "what was handed over is known by its number")]
    let fd = unsafe { OwnedFd::from_raw_fd(fd) };
    fcntl_setfd(&fd, FdFlags::CLOEXEC)?;
    Ok(fd)
}
