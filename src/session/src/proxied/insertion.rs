//! NetScaler's client IP insertion: another way in which what stands before us says who connected
//! (`accept-netscaler-cip`, `doc/netscaler-client-ip-insertion-protocol.txt` of HAProxy).
//!
//! In front of everything the client sends are a magic number, lengths, and the IP and TCP headers of a
//! packet of the client's. The older form has the IP header right behind one length; the newer one has a
//! type there, whose first byte is no version of IP.

use super::{HEADER_BYTES_MAX, NotProxied, Proxied};
use core::net::{IpAddr, SocketAddr};

/// The header at the beginning of `bytes`, of those who agreed on `magic`; `None` while it is not complete.
pub fn read(magic: u32, bytes: &[u8]) -> Result<Option<Proxied>, NotProxied> {
    let expected = magic.to_be_bytes();
    if !super::begins(bytes, &expected) {
        return Err(NotProxied);
    }
    let Some(kind) = bytes.get(LEGACY_BYTES) else {
        return Ok(None);
    };
    let (at, packet_bytes) = if matches!(kind >> 4, IP4 | IP6) {
        let Some(len) = number::<4>(bytes, MAGIC_BYTES) else {
            return Ok(None);
        };
        (LEGACY_BYTES, u32::from_be_bytes(len) as usize)
    } else {
        let Some(len) = number::<2>(bytes, STANDARD_BYTES - 2) else {
            return Ok(None);
        };
        (STANDARD_BYTES, u16::from_be_bytes(len).into())
    };
    let len = at.saturating_add(packet_bytes);
    if len > HEADER_BYTES_MAX {
        return Err(NotProxied);
    }
    let Some(packet) = bytes.get(at..len) else {
        return Ok(None);
    };
    Ok(Some(Proxied {
        addresses: Some(ends(packet)?),
        ..Proxied::unknown(len)
    }))
}

/// Who sent a packet of TCP, and to whom.
fn ends(packet: &[u8]) -> Result<(SocketAddr, SocketAddr), NotProxied> {
    let first = packet.first().copied().ok_or(NotProxied)?;
    let (protocol_at, ips, ports_at) = match first >> 4 {
        IP4 => {
            let words = usize::from(first & 0xf);
            if words < IP4_WORDS_MIN {
                return Err(NotProxied);
            }
            (
                IP4_PROTOCOL_AT,
                pair::<4>(packet, IP4_ADDRESSES_AT)?,
                words * 4,
            )
        }
        IP6 => (
            IP6_NEXT_AT,
            pair::<16>(packet, IP6_ADDRESSES_AT)?,
            IP6_BYTES,
        ),
        _ => return Err(NotProxied),
    };
    if packet.get(protocol_at) != Some(&TCP) {
        return Err(NotProxied);
    }
    let from = number(packet, ports_at).ok_or(NotProxied)?;
    let to = number(packet, ports_at + 2).ok_or(NotProxied)?;
    Ok((
        SocketAddr::new(ips.0, u16::from_be_bytes(from)),
        SocketAddr::new(ips.1, u16::from_be_bytes(to)),
    ))
}

fn pair<const N: usize>(packet: &[u8], at: usize) -> Result<(IpAddr, IpAddr), NotProxied>
where
    [u8; N]: Into<IpAddr>,
{
    let from = number::<N>(packet, at).ok_or(NotProxied)?;
    let to = number::<N>(packet, at + N).ok_or(NotProxied)?;
    Ok((from.into(), to.into()))
}

fn number<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}

const MAGIC_BYTES: usize = 4;
/// Magic number and length.
const LEGACY_BYTES: usize = 8;
/// Magic number, length of all, type, length of the headers.
const STANDARD_BYTES: usize = 12;

// Versions of IP, and what is where in their headers (RFC 791, RFC 8200).
const IP4: u8 = 4;
const IP4_WORDS_MIN: usize = 5;
const IP4_PROTOCOL_AT: usize = 9;
const IP4_ADDRESSES_AT: usize = 12;
const IP6: u8 = 6;
const IP6_NEXT_AT: usize = 6;
const IP6_ADDRESSES_AT: usize = 8;
const IP6_BYTES: usize = 40;
const TCP: u8 = 6;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    const MAGIC: u32 = 0x1234_5678;

    /// A packet from 1.2.3.4:1000 to 5.6.7.8:2000 with these options of IP.
    fn four(options: &[u8]) -> Vec<u8> {
        let words = 0x40 | (5 + options.len() / 4) as u8;
        let fixed = [
            words, 0, 0, 40, 0, 1, 0, 0, 64, TCP, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8,
        ];
        [&fixed[..], options, &tcp()].concat()
    }

    fn six() -> Vec<u8> {
        let mut packet = [0x60, 0, 0, 0, 0, 20, TCP, 64].to_vec();
        for last in [1, 2] {
            packet.extend([
                0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last,
            ]);
        }
        packet.extend(tcp());
        packet
    }

    fn tcp() -> [u8; 20] {
        let mut header = [0; 20];
        header[..4].copy_from_slice(&[0x03, 0xe8, 0x07, 0xd0]);
        header
    }

    fn legacy(packet: &[u8]) -> Vec<u8> {
        let len = (packet.len() as u32).to_be_bytes();
        [&MAGIC.to_be_bytes()[..], &len, packet].concat()
    }

    fn standard(kind: u8, packet: &[u8]) -> Vec<u8> {
        let all = (packet.len() as u32 + 12).to_be_bytes();
        let len = (packet.len() as u16).to_be_bytes();
        [&MAGIC.to_be_bytes()[..], &all, &[0, kind], &len, packet].concat()
    }

    /// Every beginning is unfinished; with anything behind, the header is the same.
    fn said(header: &[u8]) -> Result<Option<(SocketAddr, SocketAddr)>, NotProxied> {
        let whole = read(MAGIC, header)?.ok_or(NotProxied)?;
        assert_eq!(whole.len, header.len());
        for count in 0..header.len() {
            assert_eq!(read(MAGIC, &header[..count]), Ok(None), "{count} bytes");
        }
        let more = [header, b"GET / HTTP/1.1\r\n"].concat();
        assert_eq!(read(MAGIC, &more), Ok(Some(whole.clone())));
        Ok(whole.addresses)
    }

    #[test]
    fn addresses_and_ports_are_those_of_the_packet() {
        let v4 = Some((
            "1.2.3.4:1000".parse().expect("an address"),
            "5.6.7.8:2000".parse().expect("an address"),
        ));
        let v6 = Some((
            "[2001:db8::1]:1000".parse().expect("an address"),
            "[2001:db8::2]:2000".parse().expect("an address"),
        ));
        // HAProxy 3.5 does not look at the type either.
        for header in [
            legacy(&four(b"")),
            legacy(&four(&[1; 40])),
            standard(1, &four(b"")),
            standard(2, &four(&[1, 1, 1, 0])),
            standard(1, &[&four(b""), &b"behind"[..]].concat()),
            standard(1, &four(b"")[..30]),
        ] {
            assert_eq!(said(&header), Ok(v4), "{}", header.escape_ascii());
        }
        assert_eq!(said(&legacy(&six())), Ok(v6));
        assert_eq!(said(&standard(1, &six())), Ok(v6));
    }

    #[test]
    fn everything_else_is_no_header() {
        let mut udp = four(b"");
        udp[9] = 17;
        let mut udp6 = six();
        udp6[6] = 17;
        let mut short_words = four(b"");
        short_words[0] = 0x44;
        let mut version = four(b"");
        version[0] = 0x55;
        for header in [
            b"GET / HTTP/1.1\r\n\r\n".to_vec(),
            legacy(&udp),
            standard(1, &udp),
            standard(1, &udp6),
            standard(1, &short_words),
            standard(1, &version),
            standard(1, &four(b"")[..23]),
            legacy(&four(b"")[..20]),
            standard(1, &six()[..43]),
            standard(1, b""),
            legacy(&[&four(b"")[..], &[0; HEADER_BYTES_MAX]].concat()),
        ] {
            let read = read(MAGIC, &header);
            assert_eq!(read, Err(NotProxied), "{}", header.escape_ascii());
        }
    }
}
