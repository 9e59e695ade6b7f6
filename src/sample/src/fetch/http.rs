//! Fetches of HTTP messages.

use super::{Fetch, MethodName, Str, fetch};
use crate::args::{Args, Kind, Signature};
use crate::facts::{ResponseLine, Transaction};
use crate::fetch::{Action, Each, Run};
use crate::source::Stable;
use crate::value::{Type, Value};
use crate::work::Work;
use core::ops::ControlFlow;
use message::Head;

pub(super) const FETCHES: &[Fetch] = &[
    fetch!("method", "The request's method.", Signature::NONE, Transaction: method; stable: Stable::Request),
    fetch!("path", "The path of the request-target, without query.", Signature::NONE, RequestHead: path),
    fetch!("url", "The request-target.", Signature::NONE, RequestHead: url),
    fetch!("status", "The response's status.", Signature::NONE, ResponseLine: status),
    Fetch {
        name: "req.hdr",
        doc: "A header of the request: each value of its lists, or the one that is counted.",
        args: Signature::new(0, &[Kind::Text, Kind::Int]),
        check: None,
        runs: &[Run::RequestHead(Action::Many(|head, args, work, see| {
            hdr(head, args, work, see)
        }))],
        output: Type::Text,
        stable: None,
    },
    Fetch {
        name: "hdr",
        doc: "A header of the request, or of the response in rules of responses.",
        args: Signature::new(0, &[Kind::Text, Kind::Int]),
        check: None,
        runs: &[
            Run::RequestHead(Action::Many(|head, args, work, see| {
                hdr(head, args, work, see)
            })),
            Run::ResponseHead(Action::Many(|head, args, work, see| {
                hdr(head, args, work, see)
            })),
        ],
        output: Type::Text,
        stable: None,
    },
];

fn method<'a>(of: &'a Transaction<'a>, _: &Args, _: &mut Work) -> Option<MethodName<'a>> {
    of.line.map(|line| MethodName(line.method))
}

fn url<'a>(head: &'a Head, _: &Args, _: &mut Work) -> Str<'a> {
    Str::of(head.target())
}

fn path<'a>(head: &'a Head, _: &Args, _: &mut Work) -> Option<Str<'a>> {
    let target = head.origin_target();
    let end = memchr::memchr2(b'?', b'#', target).unwrap_or(target.len());
    Some(Str::of(&target[..end]))
}

fn status(line: ResponseLine<'_>, _: &Args, _: &mut Work) -> u32 {
    line.status.into()
}

fn hdr<'a>(head: &'a Head, args: &'a Args, work: &mut Work, see: Each<'_, 'a>) {
    let name = args.text(0);
    for field in head.fields() {
        if name.is_none_or(|name| head.bytes(field.name).eq_ignore_ascii_case(name)) {
            for item in head.bytes(field.value).split(|byte| *byte == b',') {
                if see(work, Value::text(item.trim_ascii())) == ControlFlow::Break(()) {
                    return;
                }
            }
        }
    }
}
