//! What the system measures of a connection.

use engine::Measures;
use std::io;
use std::mem::size_of;
use std::os::fd::{AsFd, AsRawFd};

/// `TCP_INFO`; nothing if the socket has none.
pub(super) fn of(socket: &impl AsFd) -> Option<Measures> {
    let info = tcp_info(socket).ok()?;
    Some(Measures {
        rtt_us: info.tcpi_rtt,
        rttvar_us: info.tcpi_rttvar,
        unacked: info.tcpi_unacked,
        sacked: info.tcpi_sacked,
        lost: info.tcpi_lost,
        retrans: info.tcpi_retrans,
        fackets: info.tcpi_fackets,
        reordering: info.tcpi_reordering,
    })
}

fn tcp_info(socket: &impl AsFd) -> io::Result<libc::tcp_info> {
    let descriptor = socket.as_fd().as_raw_fd();
    let mut bytes = size_of::<libc::tcp_info>() as libc::socklen_t;
    // SAFETY: `tcp_info` consists of integers, of which zero is one; the system writes at most `bytes`
    // bytes to it, and the descriptor is borrowed for that long.
    #[expect(unsafe_code, reason = "TCP_INFO")]
    let (result, info) = unsafe {
        let mut info: libc::tcp_info = std::mem::zeroed();
        let to = (&raw mut info).cast();
        let (level, name) = (libc::IPPROTO_TCP, libc::TCP_INFO);
        let result = libc::getsockopt(descriptor, level, name, to, &raw mut bytes);
        (result, info)
    };
    match result {
        0 => Ok(info),
        _ => Err(io::Error::last_os_error()),
    }
}
