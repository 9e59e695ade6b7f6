//! Fetches of what the system's TCP measures. Nobody measures unless one of them is read.

use super::{Fetch, fetch};
use crate::args::{Arg, Args, Kind, Signature};
use crate::facts::{Conn, Measures};
use crate::names::Names;
use crate::source::Stable;
use crate::work::Work;
use alloc::format;
use alloc::string::String;

const UNIT: Signature = Signature::new(0, &[Kind::Text]);
/// HAProxy takes a word here that it has no use for.
const UNUSED: Signature = UNIT;

pub(super) const FETCHES: &[Fetch] = &[
    fetch!("fc_rtt", "The round trip to the client; milliseconds or in the unit that is named.", UNIT, ClientConn: rtt).check(check_unit).stable(Stable::End),
    fetch!("bc_rtt", "The round trip to the server; milliseconds or in the unit that is named.", UNIT, ServerConn: rtt).check(check_unit).stable(Stable::End),
    fetch!("fc_rttvar", "How much the round trip to the client varies.", UNIT, ClientConn: rttvar).check(check_unit).stable(Stable::End),
    fetch!("bc_rttvar", "How much the round trip to the server varies.", UNIT, ServerConn: rttvar).check(check_unit).stable(Stable::End),
    fetch!("fc_fackets", "Segments to the client up to the last that was acknowledged selectively.", UNUSED, ClientConn: fackets).check(check).stable(Stable::End),
    fetch!("fc_lost", "Segments to the client that count as lost.", UNUSED, ClientConn: lost).check(check).stable(Stable::End),
    fetch!("fc_reordering", "How far segments to the client may overtake each other.", UNUSED, ClientConn: reordering).check(check).stable(Stable::End),
    fetch!("fc_retrans", "Segments to the client that are on their way once more.", UNUSED, ClientConn: retrans).check(check).stable(Stable::End),
    fetch!("fc_sacked", "Segments to the client that were acknowledged selectively.", UNUSED, ClientConn: sacked).check(check).stable(Stable::End),
    fetch!("fc_unacked", "Segments to the client that are not acknowledged.", UNUSED, ClientConn: unacked).check(check).stable(Stable::End),
];

fn rtt(conn: &Conn, args: &Args, _: &mut Work) -> Option<u32> {
    in_unit(conn, args, |of| of.rtt_us)
}

fn rttvar(conn: &Conn, args: &Args, _: &mut Work) -> Option<u32> {
    in_unit(conn, args, |of| of.rttvar_us)
}

fn fackets(conn: &Conn, _: &Args, _: &mut Work) -> Option<u32> {
    conn.measures.map(|of| of.fackets)
}

fn lost(conn: &Conn, _: &Args, _: &mut Work) -> Option<u32> {
    conn.measures.map(|of| of.lost)
}

fn reordering(conn: &Conn, _: &Args, _: &mut Work) -> Option<u32> {
    conn.measures.map(|of| of.reordering)
}

fn retrans(conn: &Conn, _: &Args, _: &mut Work) -> Option<u32> {
    conn.measures.map(|of| of.retrans)
}

fn sacked(conn: &Conn, _: &Args, _: &mut Work) -> Option<u32> {
    conn.measures.map(|of| of.sacked)
}

fn unacked(conn: &Conn, _: &Args, _: &mut Work) -> Option<u32> {
    conn.measures.map(|of| of.unacked)
}

/// Rounded to the nearest number of the unit.
fn in_unit(conn: &Conn, args: &Args, of: fn(&Measures) -> u32) -> Option<u32> {
    let micros = of(conn.measures.as_ref()?);
    match args.int(0) {
        Some(MICROSECOND) => Some(micros),
        Some(_) | None => Some(micros.saturating_add(MILLISECOND / 2) / MILLISECOND),
    }
}

/// A unit, microseconds.
const MICROSECOND: i64 = 1;
const MILLISECOND: u32 = 1000;

fn check(_: &mut Args, names: &mut dyn Names) -> Result<(), String> {
    names.measures();
    Ok(())
}

/// Makes the name of a unit its length, microseconds.
fn check_unit(args: &mut Args, names: &mut dyn Names) -> Result<(), String> {
    names.measures();
    let unit = match args.text(0) {
        None => return Ok(()),
        Some(b"us") => MICROSECOND,
        Some(b"ms") => MILLISECOND.into(),
        Some(other) => {
            let got = String::from_utf8_lossy(other);
            return Err(format!("expects 'us' or 'ms', got '{got}'"));
        }
    };
    args.0[0] = Some(Arg::Int(unit));
    Ok(())
}
