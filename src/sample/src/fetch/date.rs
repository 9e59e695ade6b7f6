//! Fetches of the date.

use super::{Fetch, fetch};
use crate::args::{Arg, Args, Kind, Signature};
use crate::facts::{Client, Process, Transaction};
use crate::names::Names;
use crate::source::Stable;
use crate::work::Work;
use alloc::string::String;
use base::Instant;

const UNIT: Signature = Signature::new(0, &[Kind::Text]);

pub(super) const FETCHES: &[Fetch] = &[
    fetch!("date", "Seconds since 1970 and some more: those in parentheses.", Signature::new(0, &[Kind::Int, Kind::Text]), Constant: date).check(check_second),
    fetch!("date_us", "Microseconds of the present second.", Signature::NONE, Constant: date_us),
    fetch!("accept_date", "When the connection was accepted, or ready for this request; seconds since 1970.", UNIT, Client: accept_date).check(check_first),
    fetch!("request_date", "When the first byte of the request came; seconds since 1970.", UNIT, Transaction: request_date).check(check_first).stable(Stable::Request),
];

fn date(_: (), args: &Args, work: &mut Work) -> i64 {
    let now = in_unit(args.int(1), work.wall_nanos());
    now.saturating_add(args.int(0).unwrap_or(0))
}

fn date_us(_: (), _: &Args, work: &mut Work) -> u64 {
    work.wall_nanos() / 1000 % 1_000_000
}

fn accept_date((client, _): (&Client<'_>, &dyn Process), args: &Args, work: &mut Work) -> i64 {
    at(client.accepted, args, work)
}

fn request_date(of: &Transaction<'_>, args: &Args, work: &mut Work) -> i64 {
    at(of.requested, args, work)
}

fn at(instant: Instant, args: &Args, work: &Work) -> i64 {
    in_unit(args.int(0), work.epoch.wall_nanos(instant))
}

fn in_unit(unit_nanos: Option<i64>, nanos: u64) -> i64 {
    nanos as i64 / unit_nanos.unwrap_or(SECOND)
}

const SECOND: i64 = 1_000_000_000;

fn check_first(args: &mut Args, _: &mut dyn Names) -> Result<(), String> {
    check_unit(args, 0)
}

fn check_second(args: &mut Args, _: &mut dyn Names) -> Result<(), String> {
    check_unit(args, 1)
}

/// Makes the name of a unit its length, nanoseconds.
fn check_unit(args: &mut Args, at: usize) -> Result<(), String> {
    let Some(name) = args.text(at) else {
        return Ok(());
    };
    let nanos = match name {
        b"s" => SECOND,
        b"ms" => 1_000_000,
        b"us" => 1000,
        _ => return Err("unit should be 's', 'ms' or 'us'".into()),
    };
    args.0[at] = Some(Arg::Int(nanos));
    Ok(())
}
