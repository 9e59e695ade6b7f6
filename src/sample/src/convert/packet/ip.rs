//! The header of IPv4 (RFC 791) and IPv6 (RFC 8200).

use super::tcp::{Options, header_bytes};
use super::{number, part, two};
use crate::args::{Args, Kind, Signature};
use crate::convert::Converter;
use crate::value::{Type, Value};
use crate::work::Work;
use alloc::vec::Vec;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use core::ops::Range;

pub(super) const CONVERTERS: &[Converter] = &[
    Converter {
        name: "ip.data",
        doc: "What comes behind the header and its extensions.",
        args: Signature::NONE,
        input: Type::Bytes,
        output: Type::Bytes,
        check: None,
        run: |value, args, work| {
            part(value, args, work, |packet| {
                Some(header(packet)?.bytes..packet.len())
            })
        },
    },
    Converter {
        name: "ip.df",
        doc: "1 if it must not be fragmented.",
        args: Signature::NONE,
        input: Type::Bytes,
        output: Type::Int,
        check: None,
        run: |value, _, work| number(value, work, df),
    },
    Converter {
        name: "ip.dst",
        doc: "The address it goes to.",
        args: Signature::NONE,
        input: Type::Bytes,
        output: Type::Address,
        check: None,
        run: |value, _, work| address(value, work, 1),
    },
    Converter {
        name: "ip.fp",
        doc: "What hosts behind one address can be told apart by.",
        args: Signature::new(0, &[Kind::Int]),
        input: Type::Bytes,
        output: Type::Bytes,
        check: None,
        run: fingerprint,
    },
    Converter {
        name: "ip.hdr",
        doc: "The header with its options and extensions.",
        args: Signature::NONE,
        input: Type::Bytes,
        output: Type::Bytes,
        check: None,
        run: |value, args, work| part(value, args, work, |packet| Some(0..header(packet)?.bytes)),
    },
    Converter {
        name: "ip.proto",
        doc: "The protocol of what comes behind the header.",
        args: Signature::NONE,
        input: Type::Bytes,
        output: Type::Int,
        check: None,
        run: |value, _, work| number(value, work, |packet| protocol(packet).map(i64::from)),
    },
    Converter {
        name: "ip.src",
        doc: "The address it comes from.",
        args: Signature::NONE,
        input: Type::Bytes,
        output: Type::Address,
        check: None,
        run: |value, _, work| address(value, work, 0),
    },
    Converter {
        name: "ip.tos",
        doc: "The type of service or the traffic class.",
        args: Signature::NONE,
        input: Type::Bytes,
        output: Type::Int,
        check: None,
        run: |value, _, work| number(value, work, |packet| service(packet).map(i64::from)),
    },
    Converter {
        name: "ip.ttl",
        doc: "How many hops it may still go.",
        args: Signature::NONE,
        input: Type::Bytes,
        output: Type::Int,
        check: None,
        run: |value, _, work| number(value, work, |packet| hops(packet).map(i64::from)),
    },
    Converter {
        name: "ip.ver",
        doc: "The version.",
        args: Signature::NONE,
        input: Type::Bytes,
        output: Type::Int,
        check: None,
        run: |value, _, work| {
            number(value, work, |packet| {
                packet.first().map(|byte| i64::from(byte >> 4))
            })
        },
    },
];

/// The versions there are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Version {
    Four,
    Six,
}

/// A header with its options or extensions.
struct Header {
    version: Version,
    /// How long it is.
    bytes: usize,
    /// The protocol of what comes behind it; for version 4 it is looked at only when it is asked for.
    protocol: u8,
}

fn version(packet: &[u8]) -> Option<Version> {
    match packet.first()? >> 4 {
        4 => Some(Version::Four),
        6 => Some(Version::Six),
        _ => None,
    }
}

fn header(packet: &[u8]) -> Option<Header> {
    let version = version(packet)?;
    let (bytes, protocol) = match version {
        Version::Four => {
            let bytes = 4 * usize::from(packet.first()? & 15);
            if bytes == 0 {
                return None;
            }
            (bytes, packet.get(9).copied().unwrap_or(0))
        }
        Version::Six => {
            let mut next = *packet.get(6)?;
            let mut bytes = SIX_BYTES;
            // Whatever is neither TCP nor UDP is taken for an extension header.
            while next != TCP && next != UDP {
                let extension = packet.get(bytes..)?;
                next = *extension.first()?;
                bytes += 8 * (usize::from(*extension.get(1)?) + 1);
            }
            (bytes, next)
        }
    };
    (bytes <= packet.len()).then_some(Header {
        version,
        bytes,
        protocol,
    })
}

fn protocol(packet: &[u8]) -> Option<u8> {
    match version(packet)? {
        Version::Four => packet.get(9).copied(),
        Version::Six => header(packet).map(|header| header.protocol),
    }
}

fn service(packet: &[u8]) -> Option<u8> {
    let (first, second) = (packet.first()?, packet.get(1)?);
    Some(match version(packet)? {
        Version::Four => *second,
        Version::Six => first << 4 | second >> 4,
    })
}

fn df(packet: &[u8]) -> Option<i64> {
    match version(packet)? {
        Version::Four => {
            packet.get(5)?;
            Some(i64::from(packet.get(6).unwrap_or(&0) >> 6 & 1))
        }
        Version::Six => Some(1),
    }
}

fn hops(packet: &[u8]) -> Option<u8> {
    match version(packet)? {
        Version::Four => packet.get(..FOUR_BYTES)?.get(8).copied(),
        Version::Six => packet.get(..SIX_BYTES)?.get(7).copied(),
    }
}

/// Where the address stands that comes first or second.
fn address_at(packet: &[u8], which: usize) -> Option<Range<usize>> {
    let (begin, bytes, whole) = match version(packet)? {
        Version::Four => (12, 4, FOUR_BYTES),
        Version::Six => (8, 16, SIX_BYTES),
    };
    let begin = begin + which * bytes;
    (packet.len() >= whole).then_some(begin..begin + bytes)
}

fn address<'a>(value: Value<'a>, work: &mut Work, which: usize) -> Option<Value<'a>> {
    let Value::Bytes(packet) = &value else {
        return None;
    };
    let bytes = address_at(packet, which).and_then(|range| packet.get(range));
    let address = bytes.and_then(|bytes| match bytes.len() {
        4 => <[u8; 4]>::try_from(bytes)
            .ok()
            .map(|it| IpAddr::V4(Ipv4Addr::from(it))),
        _ => <[u8; 16]>::try_from(bytes)
            .ok()
            .map(|it| IpAddr::V6(Ipv6Addr::from(it))),
    });
    work.done(value);
    address.map(Value::address)
}

fn fingerprint<'a>(value: Value<'a>, args: &'a Args, work: &mut Work) -> Option<Value<'a>> {
    let Value::Bytes(packet) = &value else {
        return None;
    };
    let mut out = work.buffer();
    let made = print(packet, args.int(0).unwrap_or(0), &mut out);
    work.done(value);
    match made {
        Some(()) => Some(Value::Bytes(out.into())),
        None => {
            work.give(out);
            None
        }
    }
}

/// The eight bytes of `ip.fp`, then what `mode` asks for.
fn print(packet: &[u8], mode: i64, out: &mut Vec<u8>) -> Option<()> {
    let Header {
        version,
        bytes,
        protocol,
    } = header(packet)?;
    if protocol != TCP {
        return None;
    }
    let segment = packet.get(bytes..)?;
    let tcp_bytes = header_bytes(segment)?;
    let (plain, whole) = match version {
        Version::Four => (FOUR_BYTES, usize::from(two(packet, 2)?)),
        Version::Six => (SIX_BYTES, SIX_BYTES + usize::from(two(packet, 4)?)),
    };
    let data = whole.checked_sub(bytes + tcp_bytes)?;
    let hops = hops(packet)?;
    let far = match hops {
        0..=32 => 0,
        33..=64 => 1,
        65..=128 => 2,
        129..=255 => 3,
    };
    let flags = segment.get(13)?;
    let (mut scale, mut largest, mut kinds) = (0, [0; 2], 0);
    for option in Options::of(segment)?.whole() {
        match option.kind {
            1 => {}
            2..=8 => kinds |= 1 << (option.kind - 2),
            _ => kinds |= 0x80,
        }
        match option.kind {
            2 => largest = [option.at(0), option.at(1)],
            3 => scale = option.at(0).min(14) + 1,
            _ => {}
        }
    }
    out.push(service(packet)?);
    out.push(
        u8::from(version == Version::Six) << 7
            | (df(packet)? as u8) << 6
            | far << 4
            | u8::from(bytes != plain) << 3
            | u8::from(data > 0) << 2
            | flags >> 6,
    );
    out.push((tcp_bytes as u8 / 4) << 4 | scale);
    out.extend_from_slice(segment.get(14..16)?);
    out.extend_from_slice(&largest);
    out.push(kinds);
    if mode & 1 != 0 {
        out.push(hops);
    }
    if mode & 2 != 0 {
        out.extend(Options::of(segment)?.whole().map(|option| option.kind));
    }
    if mode & 4 != 0 {
        out.extend_from_slice(packet.get(address_at(packet, 0)?)?);
    }
    Some(())
}

/// The header of IPv4 without options.
const FOUR_BYTES: usize = 20;

/// The header of IPv6 without extensions.
const SIX_BYTES: usize = 40;

/// The protocol TCP.
const TCP: u8 = 6;

/// The protocol UDP.
const UDP: u8 = 17;
