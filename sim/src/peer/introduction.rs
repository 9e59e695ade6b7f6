//! Servers that are told whose connection it is before anything else (`send-proxy`).

use crate::net::Stream;
use std::net::{Ipv4Addr, SocketAddr};
use tokio::io::AsyncReadExt;

/// Reads the header of the PROXY protocol and not a byte more: who connected. `None` if the connection
/// ended first, `Some(Err)` if it is no header of a client.
pub(super) async fn read(stream: &mut Stream) -> Option<Result<SocketAddr, String>> {
    let mut header = Vec::new();
    while !is_whole(&header) {
        header.push(stream.read_u8().await.ok()?);
        if header.len() > HEADER_MAX {
            break;
        }
    }
    let who = line(&header).or_else(|| block(&header));
    Some(who.ok_or_else(|| header.escape_ascii().to_string()))
}

fn is_whole(header: &[u8]) -> bool {
    if header.starts_with(b"P") {
        return header.ends_with(b"\r\n");
    }
    let length = header.get(14..16);
    length.is_some_and(|two| header.len() == 16 + usize::from(two[0]) * 256 + usize::from(two[1]))
}

/// `PROXY TCP4 <from> <to> <port> <port>`
fn line(header: &[u8]) -> Option<SocketAddr> {
    let text = std::str::from_utf8(header).ok()?.strip_suffix("\r\n")?;
    let words: Vec<&str> = text.split(' ').collect();
    let ["PROXY", "TCP4", from, _, port, _] = words[..] else {
        return None;
    };
    Some(SocketAddr::new(from.parse().ok()?, port.parse().ok()?))
}

/// The same in the second version: 12 bytes of signature, 4 of kind and length, both addresses, both ports.
fn block(header: &[u8]) -> Option<SocketAddr> {
    let pair = header
        .strip_prefix(b"\r\n\r\n\0\r\nQUIT\n\x21\x11")?
        .get(2..14)?;
    let [a, b, c, d, _, _, _, _, high, low, ..] = *pair else {
        return None;
    };
    let port = u16::from_be_bytes([high, low]);
    Some(SocketAddr::from((Ipv4Addr::new(a, b, c, d), port)))
}

/// Longer than any that scenarios ask for.
const HEADER_MAX: usize = 1000;
