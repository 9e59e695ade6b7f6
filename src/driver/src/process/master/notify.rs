//! Telling the service manager (`-Ws`, sd_notify(3)).

use runtime::master::Word;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};

/// Whom to tell, if anybody.
#[derive(Debug)]
pub(super) struct Notifier {
    to: Option<(UnixDatagram, SocketAddr)>,
}

impl Notifier {
    pub(super) fn new(wanted: bool) -> Self {
        let name = std::env::var_os("NOTIFY_SOCKET").filter(|_| wanted);
        let address = name.and_then(|name| match name.as_bytes().strip_prefix(b"@") {
            Some(name) => SocketAddr::from_abstract_name(name).ok(),
            None => SocketAddr::from_pathname(name).ok(),
        });
        Self {
            to: address.and_then(|to| Some((UnixDatagram::unbound().ok()?, to))),
        }
    }

    pub(super) fn tell(&self, word: Word) {
        let Some((socket, to)) = &self.to else {
            return;
        };
        let text = match word {
            Word::Ready => "READY=1\nSTATUS=Ready.\n".to_string(),
            Word::Reloading => {
                let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
                let micros = now.tv_sec * 1_000_000 + now.tv_nsec / 1000;
                format!("RELOADING=1\nMONOTONIC_USEC={micros}\nSTATUS=Reloading Configuration.\n")
            }
            Word::ReloadFailed => "READY=1\nSTATUS=Reload failed!\n".to_string(),
            Word::Stopping => "STOPPING=1\n".to_string(),
        };
        // A manager that does not listen misses something; nobody else does.
        let _ = socket.send_to_addr(text.as_bytes(), to);
    }
}
