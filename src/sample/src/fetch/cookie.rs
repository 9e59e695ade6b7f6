//! Fetches of cookies.

use super::{Fetch, See, Str, fetch};
use crate::args::{Args, Kind, Signature};
use crate::cast::number;
use crate::text::unquoted;
use crate::work::Work;
use alloc::borrow::Cow;
use core::ops::ControlFlow;
use message::{Head, Name};

const NAME: Signature = Signature::new(0, &[Kind::Text]);

pub(super) const FETCHES: &[Fetch] = &[
    fetch!("req.cook", "A cookie of the request.", NAME, RequestHead: request => named).also(&["cook"]),
    fetch!("res.cook", "A cookie that the response sets.", NAME, ResponseHead: response => named).also(&["scook", "set-cookie"]),
    fetch!("cookie", "A cookie of the request, or one that the response sets.", NAME, RequestHead: request => named, ResponseHead: response => named),
    fetch!("req.cook_val", "A cookie of the request as a number.", NAME, RequestHead: request_number => named).also(&["cook_val"]),
    fetch!("res.cook_val", "A cookie that the response sets as a number.", NAME, ResponseHead: response_number => named).also(&["scook_val"]),
    fetch!("req.cook_cnt", "How many cookies of a name the request has.", NAME, RequestHead: request_count).also(&["cook_cnt"]),
    fetch!("res.cook_cnt", "How many cookies of a name the response sets.", NAME, ResponseHead: response_count).also(&["scook_cnt"]),
    fetch!("req.cook_names", "The names of all cookies of the request.", NAME, RequestHead: request_names),
    fetch!("res.cook_names", "The names of all cookies that the response sets.", NAME, ResponseHead: response_names),
];

/// A cookie's name and value.
type Pair<'a> = (&'a [u8], &'a [u8]);

/// The cookies of a request: all of each Cookie line.
fn sent(head: &Head) -> impl Iterator<Item = Pair<'_>> {
    head.values(Name::Cookie).flat_map(pairs)
}

/// The cookies that a response sets: the first of each Set-Cookie line; attributes are behind it.
fn set(head: &Head) -> impl Iterator<Item = Pair<'_>> {
    let lines = head.values(Name::SetCookie);
    lines.filter_map(|line| pairs(line).next())
}

/// The cookies of a line, as RFC 2109 §4.4 had it, which separates them by commas as well: without
/// what has no value, and without its attributes, which begin with a dollar sign.
fn pairs(line: &[u8]) -> impl Iterator<Item = Pair<'_>> {
    let mut rest = Some(line);
    let parts = core::iter::from_fn(move || {
        let line = rest?;
        let end = unquoted(line, |byte| matches!(byte, b';' | b','));
        rest = line.get(end + 1..);
        Some(&line[..end])
    });
    parts.filter_map(|part| {
        let equals = memchr::memchr(b'=', part)?;
        let name = part[..equals].trim_ascii();
        let value = part[equals + 1..].trim_ascii();
        (name.first() != Some(&b'$')).then_some((name, value))
    })
}

/// The values of the cookie that the first argument names, of all without it.
fn values<'a>(
    pairs: impl Iterator<Item = Pair<'a>>,
    args: &Args,
) -> impl Iterator<Item = &'a [u8]> {
    let name = args.text(0).unwrap_or_default();
    pairs.filter_map(move |(found, value)| (name.is_empty() || found == name).then_some(value))
}

fn show<T>(values: impl Iterator<Item = T>, work: &mut Work, see: See<'_, T>) {
    for value in values {
        if see(work, value) == ControlFlow::Break(()) {
            return;
        }
    }
}

fn as_number(value: &[u8]) -> i64 {
    number(value).unwrap_or(0)
}

fn names<'a, 'b>(pairs: impl Iterator<Item = Pair<'b>>, args: &Args, work: &mut Work) -> Str<'a> {
    let delimiter = args.text(0).and_then(|text| text.first());
    let delimiter = *delimiter.unwrap_or(&b',');
    let mut text = work.buffer();
    for (name, _) in pairs.filter(|(name, _)| !name.is_empty()) {
        if !text.is_empty() {
            text.push(delimiter);
        }
        text.extend_from_slice(name);
    }
    Str(Cow::Owned(text))
}

fn request<'a>(head: &'a Head, args: &'a Args, work: &mut Work, see: See<'_, Str<'a>>) {
    show(values(sent(head), args).map(Str::of), work, see);
}

fn response<'a>(head: &'a Head, args: &'a Args, work: &mut Work, see: See<'_, Str<'a>>) {
    show(values(set(head), args).map(Str::of), work, see);
}

fn request_number(head: &Head, args: &Args, work: &mut Work, see: See<'_, i64>) {
    show(values(sent(head), args).map(as_number), work, see);
}

fn response_number(head: &Head, args: &Args, work: &mut Work, see: See<'_, i64>) {
    show(values(set(head), args).map(as_number), work, see);
}

fn request_count(head: &Head, args: &Args, _: &mut Work) -> u64 {
    values(sent(head), args).count() as u64
}

fn response_count(head: &Head, args: &Args, _: &mut Work) -> u64 {
    values(set(head), args).count() as u64
}

fn request_names<'a>(head: &Head, args: &Args, work: &mut Work) -> Str<'a> {
    names(sent(head), args, work)
}

fn response_names<'a>(head: &Head, args: &Args, work: &mut Work) -> Str<'a> {
    names(set(head), args, work)
}
