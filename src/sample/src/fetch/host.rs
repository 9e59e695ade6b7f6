//! Fetches of what the process knows of itself.

use super::{Fetch, Str, fetch};
use crate::args::{Args, Signature};
use crate::facts::{Host, Process};
use crate::work::Work;

pub(super) const FETCHES: &[Fetch] = &[
    fetch!("hostname", "The system's name.", Signature::NONE, Host: hostname),
    fetch!("pid", "The number of the process.", Signature::NONE, Host: pid),
    fetch!("proc", "One, as there is one process.", Signature::NONE, Constant: one),
    fetch!("nbproc", "One, as there is one process.", Signature::NONE, Constant: one),
    fetch!("thread", "The number of the worker, from 0.", Signature::NONE, Host: worker),
    fetch!("tgroup", "Zero, as there is one group of workers.", Signature::NONE, Constant: zero),
    fetch!("uptime", "Seconds since the process started.", Signature::NONE, Host: uptime),
    fetch!("quic_enabled", "The process listens for QUIC.", Signature::NONE, Host: quic),
    fetch!("stopping", "The process is stopping.", Signature::NONE, Internal: stopping),
    fetch!("act_conn", "Client connections that are open.", Signature::NONE, Internal: connections),
];

fn hostname<'a>(host: Host<'a>, _: &Args, _: &mut Work) -> Str<'a> {
    Str::of(host.name.as_bytes())
}

fn pid(host: Host<'_>, _: &Args, _: &mut Work) -> u32 {
    host.pid
}

fn one(_: (), _: &Args, _: &mut Work) -> u32 {
    1
}

fn zero(_: (), _: &Args, _: &mut Work) -> u32 {
    0
}

fn worker(host: Host<'_>, _: &Args, _: &mut Work) -> u32 {
    host.worker
}

fn uptime(host: Host<'_>, _: &Args, work: &mut Work) -> u64 {
    work.now.since(host.started).as_secs()
}

fn quic(host: Host<'_>, _: &Args, _: &mut Work) -> bool {
    host.quic
}

fn stopping(process: &dyn Process, _: &Args, _: &mut Work) -> bool {
    process.is_stopping()
}

fn connections(process: &dyn Process, _: &Args, _: &mut Work) -> u32 {
    process.connections()
}
