//! Fetches of times and byte counts. What has not happened is -1, as in a log line.

use super::{Fetch, fetch};
use crate::args::{Args, Signature};
use crate::facts::Transaction;
use crate::source::Stable;
use crate::work::Work;

const NONE: Signature = Signature::NONE;

pub(super) const FETCHES: &[Fetch] = &[
    fetch!("req.timer.idle", "From the handshakes to the request's first byte (%Ti), milliseconds.", NONE, Transaction: idle).stable(Stable::Request),
    fetch!("req.timer.tq", "From accept to the end of the request's head (%Tq), milliseconds.", NONE, Transaction: asked).stable(Stable::Request),
    fetch!("req.timer.hdr", "From the request's first byte to the end of its head (%TR), milliseconds.", NONE, Transaction: request).stable(Stable::Request),
    fetch!("req.timer.queue", "In queues (%Tw), milliseconds.", NONE, Served: queue).stable(Stable::Server),
    fetch!("bc.timer.connect", "From the queue to the server's connection (%Tc), milliseconds.", NONE, Served: connect).stable(Stable::Server),
    fetch!("res.timer.hdr", "From the server's connection to the end of the response's head (%Tr), milliseconds.", NONE, Answered: response).stable(Stable::Response),
    fetch!("res.timer.data", "From the response's head to its last byte (%Td), milliseconds.", NONE, ResponseStats: data).stable(Stable::End),
    fetch!("txn.timer.total", "From the request's first byte to the response's last (%Ta), milliseconds.", NONE, Transaction: active).stable(Stable::End),
    fetch!("txn.timer.user", "From the request's first byte to the end, handshakes included (%Tu), milliseconds.", NONE, Transaction: user).stable(Stable::End),
    fetch!("fc.timer.total", "From accept to the end of both sides (%Tt), milliseconds.", NONE, Transaction: total).stable(Stable::End),
    fetch!("req.bytes_in", "Bytes received from the client.", NONE, Transaction: request_in).stable(Stable::End).also(&["bytes_in"]),
    fetch!("req.bytes_out", "Bytes sent to the server.", NONE, Transaction: request_out).stable(Stable::End),
    fetch!("res.bytes_in", "Bytes received from the server.", NONE, ResponseStats: response_in).stable(Stable::End).also(&["bytes_out"]),
    fetch!("res.bytes_out", "Bytes sent to the client.", NONE, ResponseStats: response_out).stable(Stable::End),
];

fn millis(nanos: Option<u64>) -> i64 {
    nanos.map_or(-1, |nanos| (nanos / 1_000_000) as i64)
}

fn idle(of: &Transaction<'_>, _: &Args, _: &mut Work) -> i64 {
    millis(of.timers.idle)
}

fn asked(of: &Transaction<'_>, _: &Args, _: &mut Work) -> i64 {
    millis(of.timers.asked)
}

fn request(of: &Transaction<'_>, _: &Args, _: &mut Work) -> i64 {
    millis(of.timers.request)
}

fn queue(of: &Transaction<'_>, _: &Args, _: &mut Work) -> i64 {
    millis(of.timers.queue)
}

fn connect(of: &Transaction<'_>, _: &Args, _: &mut Work) -> i64 {
    millis(of.timers.connect)
}

fn response(of: &Transaction<'_>, _: &Args, _: &mut Work) -> i64 {
    millis(of.timers.response)
}

fn data(of: &Transaction<'_>, _: &Args, _: &mut Work) -> i64 {
    millis(of.timers.data)
}

fn active(of: &Transaction<'_>, _: &Args, _: &mut Work) -> i64 {
    millis(of.timers.active)
}

fn user(of: &Transaction<'_>, _: &Args, _: &mut Work) -> i64 {
    millis(of.timers.user)
}

fn total(of: &Transaction<'_>, _: &Args, _: &mut Work) -> i64 {
    millis(of.timers.total)
}

fn request_in(of: &Transaction<'_>, _: &Args, _: &mut Work) -> u64 {
    of.request_in
}

fn request_out(of: &Transaction<'_>, _: &Args, _: &mut Work) -> u64 {
    of.request_out
}

fn response_in(of: &Transaction<'_>, _: &Args, _: &mut Work) -> u64 {
    of.response_in
}

fn response_out(of: &Transaction<'_>, _: &Args, _: &mut Work) -> u64 {
    of.response_out
}
