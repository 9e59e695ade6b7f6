//! Fetches of the request-target and of the host in front of it.

use super::{Bin, Fetch, Str, fetch};
use crate::address::parse4;
use crate::args::{Args, Kind, Signature};
use crate::facts::Client;
use crate::hash::{avalanche, sdbm};
use crate::names::Names;
use crate::work::Work;
use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::net::{IpAddr, Ipv4Addr};
use message::{Head, Name, target};

const NONE: Signature = Signature::NONE;

pub(super) const FETCHES: &[Fetch] = &[
    fetch!("url", "The request-target.", NONE, RequestHead: url),
    fetch!("path", "The path of the request-target, without query.", NONE, RequestHead: path),
    fetch!("pathq", "The path of the request-target with its query.", NONE, RequestHead: pathq),
    fetch!("query", "The query of the request-target.", Signature::new(0, &[Kind::Text]), RequestHead: query).check(check_query),
    fetch!("url_ip", "The IPv4 address in the request-target.", NONE, RequestHead: url_ip),
    fetch!("url_port", "The port in a request-target with an IPv4 address, 80 without one.", NONE, RequestHead: url_port),
    fetch!("base", "The host and the path.", NONE, RequestHead: base),
    fetch!("baseq", "The host and the path with its query.", NONE, RequestHead: baseq),
    fetch!("base32", "A hash of the host and the path.", NONE, RequestHead: base32),
    fetch!("url32", "A hash of the host and the path with its query.", NONE, RequestHead: url32),
    fetch!("base32+src", "A hash of the host and the path, and the client's address behind it.", NONE, Asked: base32_and_src),
    fetch!("url32+src", "A hash of the host and the path with its query, and the client's address behind it.", NONE, Asked: url32_and_src),
];

fn url<'a>(head: &'a Head, _: &Args, _: &mut Work) -> Str<'a> {
    Str::of(head.target())
}

fn path<'a>(head: &'a Head, _: &Args, _: &mut Work) -> Option<Str<'a>> {
    target::path(head.target()).map(Str::of)
}

fn pathq<'a>(head: &'a Head, _: &Args, _: &mut Work) -> Option<Str<'a>> {
    target::path_and_query(head.target()).map(Str::of)
}

/// The option is the only one there is: with the question mark, unless nothing stands behind it.
fn query<'a>(head: &'a Head, args: &Args, _: &mut Work) -> Option<Str<'a>> {
    let target = head.target();
    let query = target::query(target)?;
    let with_mark = !query.is_empty() && args.text(0).is_some_and(|option| !option.is_empty());
    let start = target.len() - query.len() - usize::from(with_mark);
    Some(Str::of(&target[start..]))
}

fn check_query(args: &mut Args, _: &mut dyn Names) -> Result<(), String> {
    match args.text(0) {
        None | Some(b"" | b"with_qm") => Ok(()),
        Some(_) => Err("the only option is 'with_qm'".into()),
    }
}

fn url_ip(head: &Head, _: &Args, _: &mut Work) -> Option<Ipv4Addr> {
    Some(address(head)?.0)
}

fn url_port(head: &Head, _: &Args, _: &mut Work) -> Option<u32> {
    Some(address(head)?.1.into())
}

fn address(head: &Head) -> Option<(Ipv4Addr, u16)> {
    let authority = target::authority(head.target())?;
    let end = memchr::memchr(b':', authority).unwrap_or(authority.len());
    let port = match authority.get(end + 1..) {
        Some(digits) => core::str::from_utf8(digits).ok()?.parse().ok()?,
        None => 80,
    };
    Some((parse4(&authority[..end])?, port))
}

/// The host, and what of the target stands behind it: a path, or nothing.
fn parts<'a>(head: &'a Head, of: fn(&'a [u8]) -> Option<&'a [u8]>) -> (&'a [u8], &'a [u8]) {
    let host = head.value(Name::Host).unwrap_or_default();
    let behind = of(head.target()).filter(|path| path.first() == Some(&b'/'));
    (host, behind.unwrap_or_default())
}

fn joined<'a>((host, behind): (&'a [u8], &'a [u8]), work: &mut Work) -> Str<'a> {
    if host.is_empty() {
        return Str::of(behind);
    }
    let mut text = work.buffer();
    text.extend_from_slice(host);
    text.extend_from_slice(behind);
    Str(Cow::Owned(text))
}

fn hash((host, behind): (&[u8], &[u8]), work: &mut Work) -> u32 {
    let mut text = work.buffer();
    text.extend_from_slice(host);
    text.extend_from_slice(behind);
    let hash = avalanche(sdbm(&text));
    work.give(text);
    hash
}

fn base<'a>(head: &'a Head, _: &Args, work: &mut Work) -> Str<'a> {
    joined(parts(head, target::path), work)
}

fn baseq<'a>(head: &'a Head, _: &Args, work: &mut Work) -> Str<'a> {
    joined(parts(head, target::path_and_query), work)
}

fn base32(head: &Head, _: &Args, work: &mut Work) -> u32 {
    hash(parts(head, target::path), work)
}

fn url32(head: &Head, _: &Args, work: &mut Work) -> u32 {
    hash(parts(head, target::path_and_query), work)
}

fn base32_and_src<'a>(
    (head, client): (&Head, &Client<'_>),
    _: &Args,
    work: &mut Work,
) -> Option<Bin<'a>> {
    let hash = hash(parts(head, target::path), work);
    with_src(hash, client, work)
}

fn url32_and_src<'a>(
    (head, client): (&Head, &Client<'_>),
    _: &Args,
    work: &mut Work,
) -> Option<Bin<'a>> {
    let hash = hash(parts(head, target::path_and_query), work);
    with_src(hash, client, work)
}

fn with_src<'a>(hash: u32, client: &Client<'_>, work: &mut Work) -> Option<Bin<'a>> {
    let src = client.peer?.ip();
    let mut bytes: Vec<u8> = work.buffer();
    bytes.extend(hash.to_be_bytes());
    match src {
        IpAddr::V4(src) => bytes.extend(src.octets()),
        IpAddr::V6(src) => bytes.extend(src.octets()),
    }
    Some(Bin(Cow::Owned(bytes)))
}
