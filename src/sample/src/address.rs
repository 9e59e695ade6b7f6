//! Addresses as text, as the reference reads and writes them.

use alloc::vec::Vec;
use core::net::{Ipv4Addr, Ipv6Addr};

/// Reads `a.b.c.d`. Leading zeros mean nothing, and what follows the fourth number is not looked at
/// unless it is a digit or a dot.
pub fn parse4(text: &[u8]) -> Option<Ipv4Addr> {
    let mut octets = [0_u8; 4];
    let mut rest = text;
    for (at, octet) in octets.iter_mut().enumerate() {
        if at > 0 {
            rest = rest.strip_prefix(b".")?;
        }
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 {
            return None;
        }
        for digit in &rest[..digits] {
            *octet = octet.checked_mul(10)?.checked_add(digit - b'0')?;
        }
        rest = &rest[digits..];
    }
    (rest.first() != Some(&b'.')).then(|| octets.into())
}

/// Reads an IPv6 address (RFC 4291 §2.2), and nothing after it.
pub fn parse6(text: &[u8]) -> Option<Ipv6Addr> {
    core::str::from_utf8(text).ok()?.parse().ok()
}

/// Writes `a.b.c.d`.
pub fn write4(address: Ipv4Addr, to: &mut Vec<u8>) {
    for (at, octet) in address.octets().into_iter().enumerate() {
        if at > 0 {
            to.push(b'.');
        }
        to.extend_from_slice(itoa::Buffer::new().format(octet).as_bytes());
    }
}

/// Writes an IPv6 address as `inet_ntop` does: the first longest run of zeros is left out, and an IPv4
/// address in its last 32 bits is written as one (RFC 4291 §2.5.5).
pub fn write6(address: Ipv6Addr, to: &mut Vec<u8>) {
    let groups = address.segments();
    let embedded = match groups {
        [0, 0, 0, 0, 0, 0xffff, ..] => Some(&b"::ffff:"[..]),
        [0, 0, 0, 0, 0, 0, 1..=0xffff, _] => Some(&b"::"[..]),
        _ => None,
    };
    if let Some(prefix) = embedded {
        to.extend_from_slice(prefix);
        write4(Ipv4Addr::from(address.to_bits() as u32), to);
        return;
    }
    let left_out = zeros(groups);
    for (at, &group) in groups.iter().enumerate() {
        if left_out.contains(&at) {
            if at == left_out.start {
                to.extend_from_slice(b"::");
            }
            continue;
        }
        if at > 0 && at != left_out.end {
            to.push(b':');
        }
        write_group(group, to);
    }
}

/// The IPv4 address that stands for an IPv6 one: compatible, mapped (RFC 4291 §2.5.5) or 6to4
/// (RFC 3056 §2).
pub fn within6(address: Ipv6Addr) -> Option<Ipv4Addr> {
    match address.segments() {
        [0, 0, 0, 0, 0, 0 | 0xffff, ..] => Some(Ipv4Addr::from(address.to_bits() as u32)),
        [0x2002, ..] => Some(Ipv4Addr::from((address.to_bits() >> 80) as u32)),
        _ => None,
    }
}

/// The first longest run of two or more groups that are zero.
fn zeros(groups: [u16; 8]) -> core::ops::Range<usize> {
    let mut best = 0..0;
    let mut start = 0;
    for (at, &group) in groups.iter().enumerate() {
        if group != 0 {
            start = at + 1;
        } else if at + 1 - start > best.len().max(1) {
            best = start..at + 1;
        }
    }
    // No group has this place.
    if best.is_empty() { 8..8 } else { best }
}

fn write_group(group: u16, to: &mut Vec<u8>) {
    let digits = (4 - group.leading_zeros() as usize / 4).max(1);
    for at in (0..digits).rev() {
        let digit = usize::from(group >> (4 * at)) & 15;
        to.push(b"0123456789abcdef"[digit]);
    }
}
