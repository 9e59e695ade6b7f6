//! Fetches of headers, of requests and responses alike.

use super::{Bin, Fetch, See, Str, fetch};
use crate::address::{parse4, parse6};
use crate::args::{Args, Kind, Signature};
use crate::cast::number;
use crate::text::items;
use crate::work::Work;
use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::net::IpAddr;
use core::ops::ControlFlow;
use message::{Field, Head, same_name};

/// A name, and which of its values: from 1 from the front, from -1 from the back; all without it.
const WHICH: Signature = Signature::new(0, &[Kind::Text, Kind::Int]);
const NAME: Signature = Signature::new(0, &[Kind::Text]);

pub(super) const FETCHES: &[Fetch] = &[
    fetch!("req.hdr", "A header of the request, by value: commas separate them.", WHICH, RequestHead: values => last),
    fetch!("res.hdr", "A header of the response, by value: commas separate them.", WHICH, ResponseHead: values => last).also(&["shdr"]),
    fetch!("hdr", "A header of the request, or of the response in its rules, by value: commas separate them.", WHICH, RequestHead: values => last, ResponseHead: values => last),
    fetch!("req.fhdr", "A header of the request, by line.", WHICH, RequestHead: lines => last),
    fetch!("res.fhdr", "A header of the response, by line.", WHICH, ResponseHead: lines => last),
    fetch!("req.hdr_cnt", "How many values of a header the request has.", NAME, RequestHead: value_count).also(&["hdr_cnt"]),
    fetch!("res.hdr_cnt", "How many values of a header the response has.", NAME, ResponseHead: value_count).also(&["shdr_cnt"]),
    fetch!("req.fhdr_cnt", "How many lines of a header the request has.", NAME, RequestHead: line_count),
    fetch!("res.fhdr_cnt", "How many lines of a header the response has.", NAME, ResponseHead: line_count),
    fetch!("req.hdr_ip", "An address in a header of the request.", WHICH, RequestHead: addresses => last).also(&["hdr_ip"]),
    fetch!("res.hdr_ip", "An address in a header of the response.", WHICH, ResponseHead: addresses => last).also(&["shdr_ip"]),
    fetch!("req.hdr_val", "A number in a header of the request.", WHICH, RequestHead: numbers => last).also(&["hdr_val"]),
    fetch!("res.hdr_val", "A number in a header of the response.", WHICH, ResponseHead: numbers => last).also(&["shdr_val"]),
    fetch!("req.hdr_names", "The names of all headers of the request.", NAME, RequestHead: names),
    fetch!("res.hdr_names", "The names of all headers of the response.", NAME, ResponseHead: names),
    fetch!("req.hdrs", "All headers of the request, as HTTP/1 writes them.", Signature::NONE, RequestHead: all),
    fetch!("res.hdrs", "All headers of the response, as HTTP/1 writes them.", Signature::NONE, ResponseHead: all),
    fetch!("req.hdrs_bin", "All headers of the request, each name and value behind its length.", Signature::NONE, RequestHead: all_binary),
    fetch!("res.hdrs_bin", "All headers of the response, each name and value behind its length.", Signature::NONE, ResponseHead: all_binary),
];

/// Whether the field is one of the header called `name`, or of any if that is empty.
#[inline]
fn is_called(head: &Head, field: &Field, name: &[u8]) -> bool {
    // Most others are of another length.
    let as_long = field.name.len as usize == name.len();
    as_long && same_name(head.bytes(field.name), name) || name.is_empty()
}

/// The lines of the header called `name`, of all if it is empty. White space around a value is no part
/// of it (RFC 9110 §5.5), though rules may have put some there.
fn lines_of<'a>(head: &'a Head, name: &'a [u8]) -> impl DoubleEndedIterator<Item = &'a [u8]> {
    let fields = head.fields();
    let called = fields.filter(move |field| is_called(head, field, name));
    called.map(|field| head.bytes(field.value).trim_ascii())
}

fn values<'a>(head: &'a Head, args: &'a Args, work: &mut Work, mut see: See<'_, Str<'a>>) {
    let Some(name) = args.text(0) else {
        return;
    };
    if let Some(at) = args.int(1).filter(|at| *at != 0) {
        show(value_at(head, name, at).into_iter(), work, &mut see);
        return;
    }
    // Rules ask for headers most: loops are less than half of what iterators over iterators cost.
    for field in head.fields() {
        if !is_called(head, field, name) {
            continue;
        }
        for value in items(head.bytes(field.value)) {
            if see(work, Str::of(value)) == ControlFlow::Break(()) {
                return;
            }
        }
    }
}

/// One value of a header: from 1 from the front, from -1 from the back.
fn value_at<'a>(head: &'a Head, name: &'a [u8], at: i64) -> Option<&'a [u8]> {
    let mut values = lines_of(head, name).flat_map(items);
    match at {
        0 => None,
        1.. => values.nth(at as usize - 1),
        back => {
            let count = lines_of(head, name).flat_map(items).count() as u64;
            let at = count.checked_sub(back.unsigned_abs())?;
            values.nth(at as usize)
        }
    }
}

/// The address in one value of a header, if it is one: from 1 from the front, from -1 from the back.
pub fn address_in_header(head: &Head, name: &[u8], at: i64) -> Option<IpAddr> {
    value_at(head, name, at).and_then(address)
}

fn lines<'a>(head: &'a Head, args: &'a Args, work: &mut Work, mut see: See<'_, Str<'a>>) {
    let Some(name) = args.text(0) else {
        return;
    };
    let lines = lines_of(head, name);
    match args.int(1) {
        None | Some(0) => show(lines, work, &mut see),
        Some(at @ 1..) => show(lines.skip(at as usize - 1).take(1), work, &mut see),
        Some(back) => {
            let skipped = back.unsigned_abs() as usize - 1;
            show(lines.rev().skip(skipped).take(1), work, &mut see);
        }
    }
}

fn show<'a>(values: impl Iterator<Item = &'a [u8]>, work: &mut Work, see: &mut See<'_, Str<'a>>) {
    for value in values {
        if see(work, Str::of(value)) == ControlFlow::Break(()) {
            return;
        }
    }
}

fn value_count(head: &Head, args: &Args, _: &mut Work) -> u64 {
    let lines = lines_of(head, args.text(0).unwrap_or_default());
    lines.flat_map(items).count() as u64
}

fn line_count(head: &Head, args: &Args, _: &mut Work) -> u64 {
    lines_of(head, args.text(0).unwrap_or_default()).count() as u64
}

fn addresses<'a>(head: &'a Head, args: &'a Args, work: &mut Work, see: See<'_, IpAddr>) {
    values(
        head,
        args,
        work,
        &mut |work, value| match address(&value.0) {
            Some(address) => see(work, address),
            None => ControlFlow::Continue(()),
        },
    );
}

/// As in Forwarded (RFC 7239 §6), the port of an IPv4 address being ignored.
fn address(text: &[u8]) -> Option<IpAddr> {
    if let Some(text) = text.strip_prefix(b"[") {
        return parse6(text.strip_suffix(b"]")?).map(IpAddr::V6);
    }
    if let Some(address) = parse6(text) {
        return Some(IpAddr::V6(address));
    }
    let end = memchr::memchr(b':', text).unwrap_or(text.len());
    if let Some(port) = text.get(end + 1..) {
        core::str::from_utf8(port).ok()?.parse::<u16>().ok()?;
    }
    let digits = |byte: &u8| byte.is_ascii_digit() || *byte == b'.';
    let all = text[..end].iter().all(digits);
    all.then(|| parse4(&text[..end])).flatten().map(IpAddr::V4)
}

fn numbers<'a>(head: &'a Head, args: &'a Args, work: &mut Work, see: See<'_, i64>) {
    values(head, args, work, &mut |work, value| {
        see(work, number(&value.0).unwrap_or(0))
    });
}

/// Names are in lower case, however they were received: so are those of HTTP/2.
fn names<'a>(head: &Head, args: &Args, work: &mut Work) -> Str<'a> {
    let delimiter = args.text(0).and_then(|text| text.first());
    let delimiter = *delimiter.unwrap_or(&b',');
    let mut text = work.buffer();
    for (at, field) in head.fields().enumerate() {
        if at > 0 {
            text.push(delimiter);
        }
        push_lower(head.bytes(field.name), &mut text);
    }
    Str(Cow::Owned(text))
}

pub(super) fn push_lower(name: &[u8], text: &mut Vec<u8>) {
    text.extend(name.iter().map(u8::to_ascii_lowercase));
}

fn all<'a>(head: &Head, _: &Args, work: &mut Work) -> Option<Bin<'a>> {
    let mut text = work.buffer();
    for field in head.fields() {
        push_lower(head.bytes(field.name), &mut text);
        text.extend_from_slice(b": ");
        text.extend_from_slice(head.bytes(field.value));
        text.extend_from_slice(b"\r\n");
    }
    text.extend_from_slice(b"\r\n");
    bounded(text, work).map(|text| Bin(Cow::Owned(text)))
}

fn all_binary<'a>(head: &Head, _: &Args, work: &mut Work) -> Option<Bin<'a>> {
    let mut bytes = work.buffer();
    for field in head.fields() {
        push_length(field.name.len, &mut bytes);
        push_lower(head.bytes(field.name), &mut bytes);
        push_length(field.value.len, &mut bytes);
        bytes.extend_from_slice(head.bytes(field.value));
    }
    bytes.extend([0, 0]);
    bounded(bytes, work).map(|bytes| Bin(Cow::Owned(bytes)))
}

/// A number of variable length (SPOE specification, §3.1).
fn push_length(length: u32, to: &mut Vec<u8>) {
    if length < 240 {
        to.push(length as u8);
        return;
    }
    to.push(length as u8 | 240);
    let mut rest = (length - 240) >> 4;
    while rest >= 128 {
        to.push(rest as u8 | 128);
        rest = (rest - 128) >> 7;
    }
    to.push(rest as u8);
}

/// The buffer unless it is longer than a value may be.
fn bounded(buffer: Vec<u8>, work: &mut Work) -> Option<Vec<u8>> {
    if buffer.len() <= work.bufsize {
        return Some(buffer);
    }
    work.give(buffer);
    None
}
