//! Fetches that need nothing but their arguments: constants, the environment, chance.

use super::{Bin, Fetch, MethodName, Str, fetch};
use crate::args::{Arg, Args, Kind, Signature};
use crate::names::Names;
use crate::work::Work;
use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::net::{Ipv4Addr, Ipv6Addr};

const TEXT: Signature = Signature::new(1, &[Kind::Text]);

pub(super) const FETCHES: &[Fetch] = &[
    fetch!("always_true", "True.", Signature::NONE, Constant: always_true),
    fetch!("always_false", "False.", Signature::NONE, Constant: always_false),
    fetch!("str", "The text in parentheses.", TEXT, Constant: text),
    fetch!("int", "The number in parentheses.", Signature::new(1, &[Kind::Int]), Constant: int),
    fetch!("bool", "The truth value in parentheses.", TEXT, Constant: boolean).check(check_bool),
    fetch!("bin", "The bytes whose hexadecimal digits are in parentheses.", TEXT, Constant: bin).check(check_bin),
    fetch!("ipv4", "The IPv4 address in parentheses.", Signature::new(1, &[Kind::Ip4]), Constant: ip4),
    fetch!("ipv6", "The IPv6 address in parentheses.", Signature::new(1, &[Kind::Ip6]), Constant: ip6),
    fetch!("meth", "The method in parentheses.", TEXT, Constant: method),
    fetch!("env", "A variable of the environment as it was at the start.", TEXT, Constant: environment).check(check_env),
    fetch!("rand", "A random number below the one in parentheses, or below 2^32.", Signature::new(0, &[Kind::Int]), Constant: random),
    fetch!("uuid", "A new UUID: of version 4, which is random, or 7, which begins with the time (RFC 9562).", Signature::new(0, &[Kind::Int]), Constant: uuid).check(check_uuid),
];

fn always_true(_: (), _: &Args, _: &mut Work) -> bool {
    true
}

fn always_false(_: (), _: &Args, _: &mut Work) -> bool {
    false
}

fn text<'a>(_: (), args: &'a Args, _: &mut Work) -> Option<Str<'a>> {
    args.text(0).map(Str::of)
}

fn int(_: (), args: &Args, _: &mut Work) -> Option<i64> {
    args.int(0)
}

fn boolean(_: (), args: &Args, _: &mut Work) -> Option<bool> {
    args.int(0).map(|it| it != 0)
}

fn check_bool(args: &mut Args, _: &mut dyn Names) -> Result<(), String> {
    let truth = match args.text(0) {
        Some(b"true" | b"1") => 1,
        Some(b"false" | b"0") => 0,
        _ => return Err("expects 'true', 'false', '0' or '1'".into()),
    };
    args.0[0] = Some(Arg::Int(truth));
    Ok(())
}

fn bin<'a>(_: (), args: &'a Args, _: &mut Work) -> Option<Bin<'a>> {
    args.text(0).map(Bin::of)
}

fn check_bin(args: &mut Args, _: &mut dyn Names) -> Result<(), String> {
    let digits = args.text(0).unwrap_or_default();
    let Some(bytes) = unhex(digits) else {
        return Err("expects an even number of hexadecimal digits".into());
    };
    args.0[0] = Some(Arg::Text(bytes.into()));
    Ok(())
}

fn unhex(digits: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let pairs = digits.chunks(2).map(|pair| match pair {
        [high, low] => Some((digit(*high)? * 16 + digit(*low)?) as u8),
        _ => None,
    });
    pairs.collect()
}

fn ip4(_: (), args: &Args, _: &mut Work) -> Option<Ipv4Addr> {
    match args.get(0)? {
        Arg::Ip4(address) => Some(*address),
        _ => None,
    }
}

fn ip6(_: (), args: &Args, _: &mut Work) -> Option<Ipv6Addr> {
    match args.get(0)? {
        Arg::Ip6(address) => Some(*address),
        _ => None,
    }
}

fn method<'a>(_: (), args: &'a Args, _: &mut Work) -> Option<MethodName<'a>> {
    args.text(0).map(MethodName)
}

fn environment<'a>(_: (), args: &'a Args, _: &mut Work) -> Option<Str<'a>> {
    args.text(0).map(Str::of)
}

/// The environment is read once: a variable that is not there stays so.
fn check_env(args: &mut Args, names: &mut dyn Names) -> Result<(), String> {
    let name = args.text(0).unwrap_or_default();
    let value = core::str::from_utf8(name)
        .ok()
        .and_then(|name| names.environment(name));
    args.0[0] = value.map(|value| Arg::Text(value.into_bytes().into()));
    Ok(())
}

fn random(_: (), args: &Args, work: &mut Work) -> u64 {
    let bound = args.int(0).and_then(|bound| u64::try_from(bound).ok());
    work.rng.below(bound.unwrap_or(1 << 32))
}

fn uuid<'a>(_: (), args: &Args, work: &mut Work) -> Str<'a> {
    let mut bytes = [0; 16];
    work.rng.fill(&mut bytes);
    let version = match args.int(0) {
        Some(7) => {
            let millis = work.wall_nanos() / 1_000_000;
            bytes[..6].copy_from_slice(&millis.to_be_bytes()[2..]);
            7
        }
        _ => 4,
    };
    bytes[6] = version << 4 | bytes[6] & 0x0f;
    bytes[8] = 0x80 | bytes[8] & 0x3f;
    let mut text = work.buffer();
    for (at, byte) in bytes.into_iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push(b'-');
        }
        text.extend(super::hex(byte));
    }
    Str(Cow::Owned(text))
}

fn check_uuid(args: &mut Args, _: &mut dyn Names) -> Result<(), String> {
    match args.int(0) {
        Some(version @ (..=3 | 5 | 6 | 8..)) => Err(format!(
            "unsupported UUID version {version}, only 4 and 7 are"
        )),
        Some(4 | 7) | None => Ok(()),
    }
}
