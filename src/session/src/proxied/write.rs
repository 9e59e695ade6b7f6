//! Headers of the PROXY protocol that servers get (`send-proxy`, `send-proxy-v2`).

use super::{
    CHECKSUM, FIXED_BYTES, HEADER_BYTES_MAX, LOCAL, PROXY, SIGNATURE, TCP4, TCP6, TEXT, UNIQUE_ID,
    UNSPECIFIED,
};
use crate::Ends;
use alloc::vec::Vec;
use core::fmt::Write;
use core::net::{IpAddr, Ipv6Addr, SocketAddr};

/// What a header would say is longer than [`HEADER_BYTES_MAX`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong;

/// The first version: one line. A client without an address of IP is `UNKNOWN`.
pub fn text(ends: Ends, out: &mut Vec<u8>) {
    out.extend_from_slice(TEXT);
    let told = match Pair::of(ends) {
        Some(Pair::V4(from, to)) => write!(
            Text(out),
            "TCP4 {} {} {} {}",
            from.ip(),
            to.ip(),
            from.port(),
            to.port()
        ),
        Some(Pair::V6((from, from_port), (to, to_port))) => {
            write!(Text(out), "TCP6 {from} {to} {from_port} {to_port}")
        }
        None => Text(out).write_str("UNKNOWN"),
    };
    debug_assert!(told.is_ok(), "a vector grows");
    out.extend_from_slice(b"\r\n");
}

/// A header of the second version being written, behind whatever is in its buffer.
#[derive(Debug)]
pub struct Binary<'a> {
    out: &'a mut Vec<u8>,
    begin: usize,
    /// Where the checksum goes.
    checksum: Option<usize>,
}

impl<'a> Binary<'a> {
    /// The addresses. A client without one of IP is as if we spoke for ourselves (`LOCAL`).
    pub fn begin(ends: Ends, out: &'a mut Vec<u8>) -> Self {
        let begin = out.len();
        let pair = Pair::of(ends);
        let (command, kind) = match pair {
            Some(Pair::V4(..)) => (PROXY, TCP4),
            Some(Pair::V6(..)) => (PROXY, TCP6),
            None => (LOCAL, UNSPECIFIED),
        };
        out.extend_from_slice(SIGNATURE);
        out.extend_from_slice(&[VERSION << 4 | command, kind, 0, 0]);
        let ports = match pair {
            Some(Pair::V4(from, to)) => {
                octets(out, from.ip());
                octets(out, to.ip());
                Some((from.port(), to.port()))
            }
            Some(Pair::V6((from, from_port), (to, to_port))) => {
                octets(out, from.into());
                octets(out, to.into());
                Some((from_port, to_port))
            }
            None => None,
        };
        if let Some((from, to)) = ports {
            out.extend_from_slice(&from.to_be_bytes());
            out.extend_from_slice(&to.to_be_bytes());
        }
        Self {
            out,
            begin,
            checksum: None,
        }
    }

    /// A field of a kind, whose value `write` puts behind what is there.
    pub fn field(&mut self, kind: u8, write: impl FnOnce(&mut Vec<u8>)) -> Result<(), TooLong> {
        self.out.extend_from_slice(&[kind, 0, 0]);
        let at = self.out.len();
        write(self.out);
        let len = self.out.len() - at;
        // Before anything is cast to two bytes.
        self.fits()?;
        self.out[at - 2..at].copy_from_slice(&(len as u16).to_be_bytes());
        Ok(())
    }

    /// A checksum of the whole header.
    pub fn checksum(&mut self) -> Result<(), TooLong> {
        self.field(CHECKSUM, |out| out.extend_from_slice(&[0; 4]))?;
        self.checksum = Some(self.out.len() - 4);
        Ok(())
    }

    /// The name of a request, cut where the protocol allows no more.
    pub fn unique_id(&mut self, name: &[u8]) -> Result<(), TooLong> {
        let name = &name[..name.len().min(super::UNIQUE_ID_BYTES_MAX)];
        self.field(UNIQUE_ID, |out| out.extend_from_slice(name))
    }

    /// All was said.
    pub fn finish(self) {
        let header = &mut self.out[self.begin..];
        let len = header.len() - FIXED_BYTES;
        header[FIXED_BYTES - 2..FIXED_BYTES].copy_from_slice(&(len as u16).to_be_bytes());
        if let Some(at) = self.checksum {
            let sum = sample::hash::crc32c(header).to_be_bytes();
            self.out[at..at + 4].copy_from_slice(&sum);
        }
    }

    fn fits(&self) -> Result<(), TooLong> {
        let len = self.out.len() - self.begin;
        if len > HEADER_BYTES_MAX {
            return Err(TooLong);
        }
        Ok(())
    }
}

/// Both ends, of one family: next to one of IPv6 an address of IPv4 is mapped to it.
enum Pair {
    V4(SocketAddr, SocketAddr),
    V6((Ipv6Addr, u16), (Ipv6Addr, u16)),
}

impl Pair {
    fn of(ends: Ends) -> Option<Self> {
        let (from, to) = (ends.peer?, ends.local?);
        Some(match (from.is_ipv4(), to.is_ipv4()) {
            (true, true) => Self::V4(from, to),
            (false, _) | (_, false) => Self::V6(mapped(from), mapped(to)),
        })
    }
}

fn mapped(address: SocketAddr) -> (Ipv6Addr, u16) {
    let ip = match address.ip() {
        IpAddr::V4(ip) => ip.to_ipv6_mapped(),
        IpAddr::V6(ip) => ip,
    };
    (ip, address.port())
}

fn octets(out: &mut Vec<u8>, ip: IpAddr) {
    match ip {
        IpAddr::V4(ip) => out.extend_from_slice(&ip.octets()),
        IpAddr::V6(ip) => out.extend_from_slice(&ip.octets()),
    }
}

/// Text that goes into bytes.
struct Text<'a>(&'a mut Vec<u8>);

impl Write for Text<'_> {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

const VERSION: u8 = 2;

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(peer: &str, local: &str) -> Ends {
        Ends {
            peer: peer.parse().ok(),
            local: local.parse().ok(),
        }
    }

    fn line(ends: Ends) -> alloc::string::String {
        let mut out = Vec::new();
        text(ends, &mut out);
        alloc::string::String::from_utf8(out).expect("text")
    }

    fn plain(ends: Ends) -> Vec<u8> {
        let mut out = Vec::new();
        Binary::begin(ends, &mut out).finish();
        out
    }

    /// Lines and bytes are those that HAProxy 3.5-dev was seen to send.
    #[test]
    fn a_line_names_both_ends_in_one_family() {
        assert_eq!(
            line(ends("127.0.0.1:40758", "127.0.0.1:21001")),
            "PROXY TCP4 127.0.0.1 127.0.0.1 40758 21001\r\n"
        );
        assert_eq!(
            line(ends("[2001:db8::1]:60128", "127.0.0.1:21007")),
            "PROXY TCP6 2001:db8::1 ::ffff:127.0.0.1 60128 21007\r\n"
        );
        assert_eq!(
            line(ends("[2001:db8::1]:51320", "[2001:db8::2]:21017")),
            "PROXY TCP6 2001:db8::1 2001:db8::2 51320 21017\r\n"
        );
        for unknown in [ends("", ""), ends("1.2.3.4:5", ""), ends("", "1.2.3.4:5")] {
            assert_eq!(line(unknown), "PROXY UNKNOWN\r\n");
        }
    }

    #[test]
    fn bytes_name_both_ends_in_one_family() {
        assert_eq!(
            plain(ends("127.0.0.1:49148", "127.0.0.1:21002")),
            b"\r\n\r\n\0\r\nQUIT\n!\x11\0\x0c\x7f\0\0\x01\x7f\0\0\x01\xbf\xfcR\n"
        );
        assert_eq!(
            plain(ends("127.0.0.1:41728", "[2001:db8::1]:21009")),
            b"\r\n\r\n\0\r\nQUIT\n!!\0$\0\0\0\0\0\0\0\0\0\0\xff\xff\x7f\0\0\x01 \x01\r\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\xa3\0R\x11"
        );
        assert_eq!(plain(ends("1.2.3.4:0", "")), b"\r\n\r\n\0\r\nQUIT\n \0\0\0");
    }

    #[test]
    fn a_checksum_counts_what_stands_behind_it_too() {
        let mut out = Vec::new();
        let mut header = Binary::begin(ends("127.0.0.1:43410", "127.0.0.1:21003"), &mut out);
        let value = |text: &'static [u8]| move |out: &mut Vec<u8>| out.extend_from_slice(text);
        assert_eq!(header.field(0xe1, value(b"127.0.0.1foo")), Ok(()));
        assert_eq!(header.field(226, value(b"x")), Ok(()));
        assert_eq!(header.checksum(), Ok(()));
        assert_eq!(header.unique_id(b"ID-127.0.0.1"), Ok(()));
        header.finish();
        assert_eq!(
            out.as_slice(),
            b"\r\n\r\n\0\r\nQUIT\n!\x11\x005\x7f\0\0\x01\x7f\0\0\x01\xa9\x92R\x0b\xe1\0\x0c127.0.0.1foo\xe2\0\x01x\x03\0\x04\x10\xd9\x7fy\x05\0\x0cID-127.0.0.1"
        );
    }

    #[test]
    fn a_header_that_nobody_would_read_is_none() {
        let mut out = Vec::new();
        let mut header = Binary::begin(Ends::default(), &mut out);
        let half = |out: &mut Vec<u8>| out.extend_from_slice(&[b'a'; HEADER_BYTES_MAX / 2]);
        assert_eq!(header.field(1, half), Ok(()));
        assert_eq!(header.field(1, half), Err(TooLong));
    }
}
