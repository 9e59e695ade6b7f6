//! Going to the background (`daemon`, `-D`).

use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, fork, setsid};
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};

/// Where the caller finds itself after [`daemonize`].
#[derive(Debug)]
pub enum Side {
    /// In the process that was started: the one in the background serves, or has said on stderr why
    /// it does not.
    Foreground {
        /// It serves.
        serves: bool,
    },
    /// In the background.
    Background(Background),
}

/// The process in the background, until it serves.
#[derive(Debug)]
pub struct Background {
    word: io::PipeWriter,
    terminal: Terminal,
}

/// Forks. No thread may run yet. The process in the foreground returns once the other one serves or
/// has failed, so that whoever started it knows which.
pub fn daemonize() -> io::Result<Side> {
    let terminal = Terminal::new()?;
    let (mut reader, word) = io::pipe()?;
    // SAFETY: there is one thread, so the child finds every lock as it is.
    #[expect(unsafe_code, reason = "a fork is the only way to the background")]
    match unsafe { fork() }? {
        ForkResult::Parent { child } => {
            drop(word);
            let serves = reader.read_exact(&mut [0]).is_ok();
            if !serves {
                reap(child);
            }
            Ok(Side::Foreground { serves })
        }
        ForkResult::Child => {
            drop(reader);
            setsid()?;
            Ok(Side::Background(Background { word, terminal }))
        }
    }
}

/// Waits until a child that failed is gone, so that all it had to say is said.
fn reap(child: Pid) {
    while let Ok(WaitStatus::StillAlive) | Err(nix::errno::Errno::EINTR) = waitpid(child, None) {}
}

impl Background {
    /// Lets go of the terminal, and of the process in the foreground.
    pub fn serves(mut self) -> io::Result<()> {
        self.terminal.let_go()?;
        self.word.write_all(b"!")
    }
}

/// The terminal, or whatever the standard descriptors are, until it is let go.
#[derive(Debug)]
pub(super) struct Terminal {
    /// What comes in its place, opened while it can still be reached.
    null: File,
}

impl Terminal {
    pub(super) fn new() -> io::Result<Self> {
        let mut options = OpenOptions::new();
        let null = options.read(true).write(true).open("/dev/null")?;
        Ok(Self { null })
    }

    pub(super) fn let_go(self) -> io::Result<()> {
        rustix::stdio::dup2_stdin(&self.null)?;
        rustix::stdio::dup2_stdout(&self.null)?;
        rustix::stdio::dup2_stderr(&self.null)?;
        Ok(())
    }
}
