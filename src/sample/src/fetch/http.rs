//! Fetches of HTTP messages.

use super::{Fetch, Str, fetch};
use crate::args::{Args, Kind, Signature};
use crate::fetch::See;
use crate::work::Work;
use core::ops::ControlFlow;
use message::Head;

pub(super) const FETCHES: &[Fetch] = &[
    fetch!("path", "The path of the request-target, without query.", Signature::NONE, RequestHead: path),
    fetch!("url", "The request-target.", Signature::NONE, RequestHead: url),
    fetch!("req.hdr", "A header of the request: each value of its lists, or the one that is counted.", Signature::new(0, &[Kind::Text, Kind::Int]), RequestHead: hdr => last),
    fetch!("hdr", "A header of the request, or of the response in rules of responses.", Signature::new(0, &[Kind::Text, Kind::Int]), RequestHead: hdr => last, ResponseHead: hdr => last),
];

fn url<'a>(head: &'a Head, _: &Args, _: &mut Work) -> Str<'a> {
    Str::of(head.target())
}

fn path<'a>(head: &'a Head, _: &Args, _: &mut Work) -> Option<Str<'a>> {
    let target = head.origin_target();
    let end = memchr::memchr2(b'?', b'#', target).unwrap_or(target.len());
    Some(Str::of(&target[..end]))
}

fn hdr<'a>(head: &'a Head, args: &'a Args, work: &mut Work, see: See<'_, Str<'a>>) {
    let name = args.text(0);
    for field in head.fields() {
        if name.is_none_or(|name| head.bytes(field.name).eq_ignore_ascii_case(name)) {
            for item in head.bytes(field.value).split(|byte| *byte == b',') {
                if see(work, Str::of(item.trim_ascii())) == ControlFlow::Break(()) {
                    return;
                }
            }
        }
    }
}
