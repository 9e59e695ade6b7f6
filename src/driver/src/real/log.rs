//! Sockets and descriptors that log lines go to.

use session::settings::LogSocket;
use std::net::SocketAddr;
use std::os::fd::BorrowedFd;
use std::os::unix::net::UnixDatagram;

/// What one worker logs through. Nothing here ever waits: a line that cannot be taken now is
/// dropped, and the caller counts it.
#[derive(Debug, Default)]
pub struct LogSockets {
    v4: Option<std::net::UdpSocket>,
    v6: Option<std::net::UdpSocket>,
    unix: Option<UnixDatagram>,
}

impl LogSockets {
    /// Sends one line, its end included; false if it was dropped.
    pub fn send(&mut self, to: &LogSocket, line: &[u8]) -> bool {
        match to {
            LogSocket::Udp(address) => self
                .udp(address)
                .is_some_and(|socket| socket.send_to(line, address).is_ok()),
            LogSocket::Unix(path) => self
                .unix()
                .is_some_and(|socket| socket.send_to(line, &**path).is_ok()),
            LogSocket::Fd(fd) => {
                // SAFETY: borrowed for one write; a number that is not open makes the write fail.
                #[expect(unsafe_code, reason = "`fd@` names a descriptor by its number")]
                let fd = unsafe { BorrowedFd::borrow_raw(*fd) };
                rustix::io::write(fd, line).is_ok_and(|written| written == line.len())
            }
        }
    }

    fn udp(&mut self, to: &SocketAddr) -> Option<&std::net::UdpSocket> {
        let (slot, any) = match to {
            SocketAddr::V4(_) => (&mut self.v4, "0.0.0.0:0"),
            SocketAddr::V6(_) => (&mut self.v6, "[::]:0"),
        };
        if slot.is_none() {
            let socket = std::net::UdpSocket::bind(any).ok()?;
            socket.set_nonblocking(true).ok()?;
            *slot = Some(socket);
        }
        slot.as_ref()
    }

    fn unix(&mut self) -> Option<&UnixDatagram> {
        if self.unix.is_none() {
            let socket = UnixDatagram::unbound().ok()?;
            socket.set_nonblocking(true).ok()?;
            self.unix = Some(socket);
        }
        self.unix.as_ref()
    }
}
