//! The worker processes of a master.

use super::handover::Handover;
use runtime::master::WorkerExit;
use rustix::fs::{CWD, Mode, OFlags};
use std::ffi::OsString;
use std::fs::DirBuilder;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::net::UnixListener;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Command};
use tokio::net::unix::pipe;

/// The workers that were started and are not gone yet.
#[derive(Debug)]
pub(super) struct Children {
    program: PathBuf,
    words: Vec<OsString>,
    detach: bool,
    running: Vec<Running>,
    /// Rooms for sockets that were made.
    rooms: u64,
}

#[derive(Debug)]
struct Running {
    child: Child,
    /// The socket of its runtime API that is ours alone.
    door: OwnedFd,
}

/// A worker's word that it serves.
#[derive(Debug)]
pub(super) struct ServesWord(pipe::Receiver);

impl Children {
    pub(super) fn new(program: PathBuf, words: Vec<OsString>, detach: bool) -> Self {
        Self {
            program,
            words,
            detach,
            running: Vec::new(),
            rooms: 0,
        }
    }

    /// Starts one: its process id, and its word that it serves.
    pub(super) fn start(&mut self) -> io::Result<(u32, ServesWord)> {
        let (reader, word) = io::pipe()?;
        let word_given = ServesWord(pipe::Receiver::from_owned_fd(reader.into())?);
        let (listener, door) = self.open_door()?;
        let (name, value) = Handover::pack(&word, &listener, self.detach)?;
        let child = Command::new(&self.program)
            .args(&self.words)
            .env("HAPROXY_MWORKER", "1")
            .env(name, value)
            .spawn()?;
        let pid = child.id();
        self.running.push(Running { child, door });
        Ok((pid, word_given))
    }

    /// Those that are gone now.
    pub(super) fn gone(&mut self) -> Vec<(u32, WorkerExit)> {
        let mut gone = Vec::new();
        self.running.retain_mut(|running| {
            let Ok(Some(status)) = running.child.try_wait() else {
                return true;
            };
            let exit = match (status.code(), status.signal()) {
                (Some(code), _) => WorkerExit::Code(code),
                (None, signal) => WorkerExit::Signal(signal.unwrap_or_default()),
            };
            gone.push((running.child.id(), exit));
            false
        });
        gone
    }

    /// Where the runtime API of a worker is reached.
    pub(super) fn path(&self, pid: u32) -> Option<PathBuf> {
        let running = self.running.iter().find(|it| it.child.id() == pid)?;
        Some(format!("/proc/self/fd/{}", running.door.as_raw_fd()).into())
    }

    /// A socket that only this process can connect to: it had a name in a folder of ours only until
    /// we held it.
    fn open_door(&mut self) -> io::Result<(UnixListener, OwnedFd)> {
        let room = loop {
            self.rooms += 1;
            let name = format!("tidegate-{}-{}", std::process::id(), self.rooms);
            let room = std::env::temp_dir().join(name);
            match DirBuilder::new().mode(0o700).create(&room) {
                Ok(()) => break room,
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        };
        let path = room.join("worker");
        let opened = UnixListener::bind(&path).and_then(|listener| {
            let flags = OFlags::PATH | OFlags::CLOEXEC;
            let door = rustix::fs::openat(CWD, &path, flags, Mode::empty())?;
            Ok((listener, door))
        });
        // What cannot be removed is an empty folder that nobody else can use.
        let _ = std::fs::remove_file(&path);
        let _ = std::fs::remove_dir(&room);
        opened
    }
}

impl ServesWord {
    /// Waits for it: whether it was given before the worker ended.
    pub(super) async fn given(self) -> bool {
        loop {
            if self.0.readable().await.is_err() {
                return false;
            }
            match self.0.try_read(&mut [0]) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                read => return matches!(read, Ok(1)),
            }
        }
    }
}
