//! Fetches of raw bytes in a buffer.

use super::{Bin, Fetch, fetch};
use crate::args::{Arg, Args, Kind, Signature};
use crate::facts::Window;
use crate::names::Names;
use crate::value::Fetched;
use crate::work::Work;
use alloc::string::String;

/// Where it begins, and how long it is; all there is if that is 0.
const PLAIN: Signature = Signature::new(2, &[Kind::Int, Kind::Int]);
/// Where its length stands, how many bytes that has, and where it begins: a sign says from there on.
const COUNTED: Signature = Signature::new(2, &[Kind::Int, Kind::Int, Kind::Text]);

pub(super) const FETCHES: &[Fetch] = &[
    fetch!("req.len", "Bytes of the request that are in its buffer.", Signature::NONE, RequestBytes: len).also(&["req_len"]),
    fetch!("res.len", "Bytes of the response that are in its buffer.", Signature::NONE, ResponseBytes: len),
    fetch!("req.payload", "Bytes of the request's buffer.", PLAIN, RequestBytes: plain).check(check_plain),
    fetch!("res.payload", "Bytes of the response's buffer.", PLAIN, ResponseBytes: plain).check(check_plain),
    fetch!("payload", "Bytes of the request's buffer, or of the response's in its rules.", PLAIN, RequestBytes: plain, ResponseBytes: plain).check(check_plain),
    fetch!("req.payload_lv", "Bytes of the request's buffer that say how many they are.", COUNTED, RequestBytes: counted).check(check_counted),
    fetch!("res.payload_lv", "Bytes of the response's buffer that say how many they are.", COUNTED, ResponseBytes: counted).check(check_counted),
    fetch!("payload_lv", "Bytes of the request's buffer that say how many they are, or of the response's in its rules.", COUNTED, RequestBytes: counted, ResponseBytes: counted).check(check_counted),
];

fn len(window: Window<'_>, _: &Args, _: &mut Work) -> Fetched<u64> {
    let len = window.bytes.len() as u64;
    if window.complete {
        Fetched::Is(len)
    } else {
        Fetched::IsSoFar(len)
    }
}

fn plain<'a>(window: Window<'a>, args: &Args, work: &mut Work) -> Fetched<Bin<'a>> {
    let (Some(start), Some(len)) = (whole(args, 0), whole(args, 1)) else {
        return Fetched::Not;
    };
    if len > 0 {
        return piece(window, start, len, work);
    }
    match window.bytes.get(start..) {
        Some(bytes) if window.complete => Fetched::Is(Bin::of(bytes)),
        Some(bytes) => Fetched::IsSoFar(Bin::of(bytes)),
        None => missing(window),
    }
}

fn counted<'a>(window: Window<'a>, args: &Args, work: &mut Work) -> Fetched<Bin<'a>> {
    let (Some(at), Some(size)) = (whole(args, 0), whole(args, 1)) else {
        return Fetched::Not;
    };
    let behind = at.saturating_add(size);
    let Some(count) = window.bytes.get(at..behind) else {
        return missing(window);
    };
    let count = count
        .iter()
        .fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    let start = match args.get(2) {
        Some(Arg::Int(by)) => usize::try_from(*by).map_or_else(
            |_| behind.checked_sub(by.unsigned_abs() as usize),
            |by| behind.checked_add(by),
        ),
        Some(Arg::Size(start)) => usize::try_from(*start).ok(),
        _ => Some(behind),
    };
    match (start, usize::try_from(count)) {
        (Some(start), Ok(count @ 1..)) => piece(window, start, count, work),
        _ => Fetched::Not,
    }
}

fn piece<'a>(window: Window<'a>, start: usize, len: usize, work: &Work) -> Fetched<Bin<'a>> {
    let end = start.saturating_add(len);
    match window.bytes.get(start..end) {
        Some(bytes) => Fetched::Is(Bin::of(bytes)),
        None if end > work.bufsize => Fetched::Not,
        None => missing(window),
    }
}

/// What is not there may come if anything does.
pub(super) fn missing<T>(window: Window<'_>) -> Fetched<T> {
    if window.complete {
        Fetched::Not
    } else {
        Fetched::NotYet
    }
}

fn whole(args: &Args, at: usize) -> Option<usize> {
    usize::try_from(args.int(at)?).ok()
}

fn check_plain(args: &mut Args, _: &mut dyn Names) -> Result<(), String> {
    match (args.int(0), args.int(1)) {
        (Some(0..), Some(0..)) => Ok(()),
        _ => Err("offset and length must not be negative".into()),
    }
}

fn check_counted(args: &mut Args, _: &mut dyn Names) -> Result<(), String> {
    match (args.int(0), args.int(1)) {
        (Some(0..), Some(1..=8)) => {}
        (Some(0..), _) => return Err("the length has from 1 to 8 bytes".into()),
        _ => return Err("the offset must not be negative".into()),
    }
    let Some(text) = args.text(2).filter(|text| !text.is_empty()) else {
        return Ok(());
    };
    let number = core::str::from_utf8(text).ok();
    let Some(start) = number.and_then(|text| text.parse::<i64>().ok()) else {
        return Err("the third argument is an offset, with a sign if it is relative".into());
    };
    args.0[2] = Some(match text[0] {
        b'+' | b'-' => Arg::Int(start),
        _ => Arg::Size(start.unsigned_abs()),
    });
    Ok(())
}
