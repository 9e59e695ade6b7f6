//! Fetches of bodies: what of them is in a buffer.

use super::{Bin, Fetch, fetch};
use crate::args::{Args, Signature};
use crate::facts::Body;
use crate::value::Fetched;
use crate::work::Work;

const NONE: Signature = Signature::NONE;

pub(super) const FETCHES: &[Fetch] = &[
    fetch!("req.body", "The request's body, as far as it is there.", NONE, RequestBody: bytes),
    fetch!("res.body", "The response's body, as far as it is there.", NONE, ResponseBody: bytes),
    fetch!("req.body_len", "How much of the request's body is there, bytes.", NONE, RequestBody: len),
    fetch!("res.body_len", "How much of the response's body is there, bytes.", NONE, ResponseBody: len),
    fetch!("req.body_size", "What the request announces of its body, or what is there, bytes.", NONE, RequestBody: size),
    fetch!("res.body_size", "What the response announces of its body, or what is there, bytes.", NONE, ResponseBody: size),
];

fn so_far<T>(body: Body<'_>, value: T) -> Fetched<T> {
    if body.complete {
        Fetched::Is(value)
    } else {
        Fetched::IsSoFar(value)
    }
}

fn bytes<'a>(body: Body<'a>, _: &Args, _: &mut Work) -> Fetched<Bin<'a>> {
    so_far(body, Bin::of(body.bytes))
}

fn len(body: Body<'_>, _: &Args, _: &mut Work) -> Fetched<u64> {
    so_far(body, body.bytes.len() as u64)
}

fn size(body: Body<'_>, _: &Args, _: &mut Work) -> Fetched<u64> {
    so_far(body, body.size)
}
