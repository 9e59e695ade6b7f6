//! The PROXY protocol: what a proxy before us says of a client, in front of everything the client sends,
//! and what we say of one to a server ([`write`]).
//!
//! NetScaler's way to say the former is read as well ([`insertion`]).
//!
//! Both versions of its specification are read (`doc/proxy-protocol.txt` of HAProxy). Whatever is not said,
//! or not of a kind that we know, leaves the addresses of the transport as they are.

pub mod insertion;
pub mod write;

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use core::ops::Range;

/// What a header says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proxied {
    /// How long the header is, bytes.
    pub len: usize,
    /// Who connected, and to what; none where the transport's addresses are the right ones.
    pub addresses: Option<(SocketAddr, SocketAddr)>,
    /// Where in the header the fields are that the second version has behind addresses.
    pub fields: Range<usize>,
}

/// It is no header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotProxied;

/// A longer header is none. It leaves room for all that the first version can say (107 bytes), and in the
/// second for as many fields as a buffer of the usual size holds.
pub const HEADER_BYTES_MAX: usize = 16_384;

impl Proxied {
    /// The header at the beginning of `bytes`; `None` while it is not complete.
    pub fn read(bytes: &[u8]) -> Result<Option<Self>, NotProxied> {
        if begins(bytes, SIGNATURE) {
            return read_binary(bytes);
        }
        match begins(bytes, TEXT) {
            true => read_text(bytes),
            false => Err(NotProxied),
        }
    }

    fn unknown(len: usize) -> Self {
        Self {
            len,
            addresses: None,
            fields: len..len,
        }
    }
}

/// Whether these are the first bytes of something that begins with `with`.
fn begins(bytes: &[u8], with: &[u8]) -> bool {
    let count = bytes.len().min(with.len());
    bytes[..count] == with[..count]
}

/// The first version: one line.
fn read_text(bytes: &[u8]) -> Result<Option<Proxied>, NotProxied> {
    let within = &bytes[..bytes.len().min(LINE_BYTES_MAX)];
    let Some(end) = within.iter().position(|byte| *byte == b'\n') else {
        return match within.len() {
            LINE_BYTES_MAX => Err(NotProxied),
            _ => Ok(None),
        };
    };
    let line = within[..end].strip_suffix(b"\r").ok_or(NotProxied)?;
    let line = core::str::from_utf8(line).map_err(|_| NotProxied)?;
    let mut words = line.split(' ').skip(1);
    let kind = words.next().unwrap_or_default();
    if kind == "UNKNOWN" {
        // Whatever follows says nothing.
        return Ok(Some(Proxied::unknown(end + 1)));
    }
    let mut next = || words.next().ok_or(NotProxied);
    let (from, to) = (next()?, next()?);
    let (from_port, to_port) = (port(next()?)?, port(next()?)?);
    let addresses = (ip(kind, from)?, ip(kind, to)?);
    if words.next().is_some() {
        return Err(NotProxied);
    }
    Ok(Some(Proxied {
        addresses: Some((
            SocketAddr::new(addresses.0, from_port),
            SocketAddr::new(addresses.1, to_port),
        )),
        ..Proxied::unknown(end + 1)
    }))
}

fn ip(kind: &str, text: &str) -> Result<IpAddr, NotProxied> {
    let ip = match kind {
        "TCP4" => text.parse::<Ipv4Addr>().map(IpAddr::V4),
        "TCP6" => text.parse::<Ipv6Addr>().map(IpAddr::V6),
        _ => return Err(NotProxied),
    };
    ip.map_err(|_| NotProxied)
}

/// A decimal number without a sign or leading zeros.
fn port(text: &str) -> Result<u16, NotProxied> {
    let plain = text == "0" || !text.starts_with(['0', '+']);
    let port = text.parse().map_err(|_| NotProxied);
    if plain { port } else { Err(NotProxied) }
}

/// The second version: 16 bytes, addresses, fields.
fn read_binary(bytes: &[u8]) -> Result<Option<Proxied>, NotProxied> {
    let Some((fixed, _)) = bytes.split_first_chunk::<FIXED_BYTES>() else {
        return Ok(None);
    };
    let [.., version_and_command, kind, high, low] = *fixed;
    let len = FIXED_BYTES + usize::from(u16::from_be_bytes([high, low]));
    if version_and_command >> 4 != 2 || len > HEADER_BYTES_MAX {
        return Err(NotProxied);
    }
    let local = match version_and_command & 0xf {
        LOCAL => true,
        PROXY => false,
        _ => return Err(NotProxied),
    };
    let Some(header) = bytes.get(..len) else {
        return Ok(None);
    };
    let block = &header[FIXED_BYTES..];
    let (addresses, behind) = match kind {
        // Of a connection that the sender makes for itself nothing else is looked at.
        _ if local => return Ok(Some(Proxied::unknown(len))),
        UNSPECIFIED => return Ok(Some(Proxied::unknown(len))),
        TCP4 => (Some(pair_of::<4>(block)?), PAIR4_BYTES),
        TCP6 => (Some(pair_of::<16>(block)?), PAIR6_BYTES),
        UDP4 => (None, PAIR4_BYTES),
        UDP6 => (None, PAIR6_BYTES),
        UNIX_STREAM | UNIX_DATAGRAM => (None, PAIR_UNIX_BYTES),
        _ => return Err(NotProxied),
    };
    let fields = FIXED_BYTES + behind..len;
    check_fields(header, fields.clone())?;
    Ok(Some(Proxied {
        len,
        addresses,
        fields,
    }))
}

/// Both addresses, then both ports.
fn pair_of<const N: usize>(block: &[u8]) -> Result<(SocketAddr, SocketAddr), NotProxied>
where
    [u8; N]: Into<IpAddr>,
{
    let (from, rest) = block.split_first_chunk::<N>().ok_or(NotProxied)?;
    let (to, rest) = rest.split_first_chunk::<N>().ok_or(NotProxied)?;
    let (&[a, b, c, d], _) = rest.split_first_chunk().ok_or(NotProxied)?;
    Ok((
        SocketAddr::new((*from).into(), u16::from_be_bytes([a, b])),
        SocketAddr::new((*to).into(), u16::from_be_bytes([c, d])),
    ))
}

/// Fields follow each other up to the end: kind, length in two bytes, value. Those whose values have a
/// bound keep it, and a checksum is right.
fn check_fields(header: &[u8], fields: Range<usize>) -> Result<(), NotProxied> {
    let mut rest = header.get(fields).ok_or(NotProxied)?;
    while !rest.is_empty() {
        let (&[kind, high, low], behind) = rest.split_first_chunk().ok_or(NotProxied)?;
        let len = usize::from(u16::from_be_bytes([high, low]));
        let at = header.len() - behind.len();
        let (value, behind) = behind.split_at_checked(len).ok_or(NotProxied)?;
        let holds = match kind {
            CHECKSUM => checksum_holds(header, at, value),
            AUTHORITY => len <= AUTHORITY_BYTES_MAX,
            UNIQUE_ID => len <= UNIQUE_ID_BYTES_MAX,
            _ => true,
        };
        if !holds {
            return Err(NotProxied);
        }
        rest = behind;
    }
    Ok(())
}

/// CRC32C of the whole header, in which its own four bytes, at `at`, count as zeros.
fn checksum_holds(header: &[u8], at: usize, value: &[u8]) -> bool {
    let Ok(told) = <[u8; 4]>::try_from(value) else {
        return false;
    };
    let parts = [&header[..at], &[0; 4], &header[at + 4..]];
    sample::hash::crc32c_of(parts) == u32::from_be_bytes(told)
}

const TEXT: &[u8] = b"PROXY ";
const LINE_BYTES_MAX: usize = 107;
const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";
const FIXED_BYTES: usize = 16;

// Commands.
const LOCAL: u8 = 0;
const PROXY: u8 = 1;

// Families and transports.
const UNSPECIFIED: u8 = 0x00;
const TCP4: u8 = 0x11;
const UDP4: u8 = 0x12;
const TCP6: u8 = 0x21;
const UDP6: u8 = 0x22;
const UNIX_STREAM: u8 = 0x31;
const UNIX_DATAGRAM: u8 = 0x32;

// Lengths of their addresses with ports.
const PAIR4_BYTES: usize = 12;
const PAIR6_BYTES: usize = 36;
const PAIR_UNIX_BYTES: usize = 216;

// Kinds of fields.
const AUTHORITY: u8 = 0x02;
const CHECKSUM: u8 = 0x03;
const UNIQUE_ID: u8 = 0x05;

/// A host name is not longer.
const AUTHORITY_BYTES_MAX: usize = 255;
const UNIQUE_ID_BYTES_MAX: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    fn binary(command: u8, kind: u8, block: &[u8]) -> Vec<u8> {
        let len = (block.len() as u16).to_be_bytes();
        [SIGNATURE, &[command, kind], &len, block].concat()
    }

    fn field(kind: u8, value: &[u8]) -> Vec<u8> {
        let len = (value.len() as u16).to_be_bytes();
        [&[kind], &len[..], value].concat()
    }

    /// `1.2.3.4:1000` to `5.6.7.8:2000`, and what is behind.
    fn four(behind: &[u8]) -> Vec<u8> {
        let pair = [1, 2, 3, 4, 5, 6, 7, 8, 0x03, 0xe8, 0x07, 0xd0];
        binary(0x21, TCP4, &[&pair, behind].concat())
    }

    /// Every beginning is unfinished; with anything behind, the header is the same.
    fn said(header: &[u8]) -> Result<Option<(SocketAddr, SocketAddr)>, NotProxied> {
        let whole = Proxied::read(header)?.ok_or(NotProxied)?;
        assert_eq!(whole.len, header.len());
        for count in 0..header.len() {
            assert_eq!(Proxied::read(&header[..count]), Ok(None), "{count} bytes");
        }
        let more = [header, b"GET / HTTP/1.1\r\n"].concat();
        assert_eq!(Proxied::read(&more), Ok(Some(whole.clone())));
        Ok(whole.addresses)
    }

    fn addresses(from: &str, to: &str) -> Result<Option<(SocketAddr, SocketAddr)>, NotProxied> {
        Ok(Some((
            from.parse().expect("an address"),
            to.parse().expect("an address"),
        )))
    }

    #[test]
    fn addresses_are_those_that_are_told() {
        let v4 = addresses("1.2.3.4:1000", "5.6.7.8:2000");
        let v6 = addresses("[2001:db8::1]:1000", "[2001:db8::2]:2000");
        assert_eq!(said(b"PROXY TCP4 1.2.3.4 5.6.7.8 1000 2000\r\n"), v4);
        assert_eq!(
            said(b"PROXY TCP6 2001:db8::1 2001:db8::2 1000 2000\r\n"),
            v6
        );
        assert_eq!(said(&four(b"")), v4);
        let mut pair = Vec::new();
        for last in [1, 2] {
            pair.extend([
                0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last,
            ]);
        }
        pair.extend([0x03, 0xe8, 0x07, 0xd0]);
        assert_eq!(said(&binary(0x21, TCP6, &pair)), v6);
    }

    #[test]
    fn what_is_not_told_leaves_addresses_as_they_are() {
        for header in [
            b"PROXY UNKNOWN\r\n".to_vec(),
            b"PROXY UNKNOWN ffff:f ffff:f 65535 65535\r\n".to_vec(),
            binary(0x20, UNSPECIFIED, b""),
            binary(0x20, UNSPECIFIED, b"junk"),
            binary(0x20, TCP4, b"junk"),
            binary(0x21, UNSPECIFIED, b"junk"),
            binary(0x21, UDP4, &[0; 12]),
            binary(0x21, UDP6, &[0; 36]),
            binary(0x21, UNIX_STREAM, &[0; 216]),
            binary(0x21, UNIX_DATAGRAM, &[0; 216]),
        ] {
            assert_eq!(said(&header), Ok(None), "{}", header.escape_ascii());
        }
    }

    #[test]
    fn fields_are_found_and_their_checksum_is_checked() {
        let header = four(&[field(0xea, b"a"), field(AUTHORITY, b"bc")].concat());
        let read = Proxied::read(&header)
            .expect("a header")
            .expect("all of it");
        assert_eq!(&header[read.fields], b"\xea\0\x01a\x02\0\x02bc");
        let mut header = four(&[field(AUTHORITY, b"auth"), field(CHECKSUM, &[0; 4])].concat());
        let sum = sample::hash::crc32c(&header).to_be_bytes();
        let at = header.len() - 4;
        assert_eq!(said(&header), Err(NotProxied));
        header[at..].copy_from_slice(&sum);
        assert!(said(&header).is_ok());
        header[FIXED_BYTES] ^= 1;
        assert_eq!(said(&header), Err(NotProxied));
    }

    #[test]
    fn everything_else_is_no_header() {
        let long = b"PROXY UNKNOWN ".iter().chain(&[b'x'; 92]).chain(b"\r\n");
        for header in [
            b"GET / HTTP/1.1\r\n".to_vec(),
            b"PROXY TCP4 1.2.3.4 5.6.7.8 1000 2000\n".to_vec(),
            b"PROXY TCP4 1.2.3.4 5.6.7.8 1000\r\n".to_vec(),
            b"PROXY TCP4 1.2.3.4 5.6.7.8 1000 2000 \r\n".to_vec(),
            b"PROXY TCP4 1.2.3.4  5.6.7.8 1000 2000\r\n".to_vec(),
            b"PROXY TCP4 1.2.3.4 5.6.7.8 70000 2000\r\n".to_vec(),
            b"PROXY TCP4 1.2.3.4 5.6.7.8 01 2000\r\n".to_vec(),
            b"PROXY TCP4 1.2.3.4 5.6.7.8 +1 2000\r\n".to_vec(),
            b"PROXY TCP6 1.2.3.4 5.6.7.8 1000 2000\r\n".to_vec(),
            b"PROXY UDP4 1.2.3.4 5.6.7.8 1000 2000\r\n".to_vec(),
            b"PROXY UNKNOWNx\r\n".to_vec(),
            b"PROXY \r\n".to_vec(),
            b"proxy UNKNOWN\r\n".to_vec(),
            long.copied().collect(),
            binary(0x11, TCP4, &[0; 12]),
            binary(0x22, TCP4, &[0; 12]),
            binary(0x21, TCP4, &[0; 11]),
            binary(0x21, TCP6, &[0; 35]),
            binary(0x21, UNIX_STREAM, &[0; 215]),
            binary(0x21, 0x41, &[0; 12]),
            binary(0x20, UNSPECIFIED, &[0; HEADER_BYTES_MAX]),
            four(b"\x02\0"),
            four(b"\x02\0\x02a"),
            four(&field(AUTHORITY, &[b'a'; 256])),
            four(&field(UNIQUE_ID, &[b'a'; 129])),
            four(&field(CHECKSUM, b"abc")),
        ] {
            let read = Proxied::read(&header);
            assert_eq!(read, Err(NotProxied), "{}", header.escape_ascii());
        }
    }
}
