//! Fetches of the client's addresses, of where it came in, and of its connection.

use super::{Fetch, fetch};
use crate::args::{Args, Signature};
use crate::facts::{Client, Conn, Process};
use crate::source::Stable;
use crate::work::Work;
use core::net::IpAddr;

pub(super) const FETCHES: &[Fetch] = &[
    fetch!("src", "The client's address.", Signature::NONE, Client: src),
    fetch!("src_port", "The client's port.", Signature::NONE, Client: src_port),
    fetch!("fe_id", "The frontend's number.", Signature::NONE, Client: fe_id),
    fetch!("fs.id", "The stream's number on the client's connection.", Signature::NONE, ClientConn: stream_id),
    fetch!("bs.id", "The stream's number on the server's connection.", Signature::NONE, ServerConn: stream_id),
    fetch!("fs.aborted", "The client has aborted the stream.", Signature::NONE, ClientConn: aborted; stable: Stable::End),
    fetch!("bs.aborted", "The server has aborted the stream.", Signature::NONE, ServerConn: aborted; stable: Stable::End),
];

type Came<'a> = (&'a Client<'a>, &'a dyn Process);

fn src(from: Came<'_>, _: &Args, _: &mut Work) -> Option<IpAddr> {
    from.0.peer.map(|peer| peer.ip())
}

fn src_port(from: Came<'_>, _: &Args, _: &mut Work) -> Option<u32> {
    from.0.peer.map(|peer| peer.port().into())
}

fn fe_id((client, process): Came<'_>, _: &Args, _: &mut Work) -> u32 {
    process.proxy_id(client.frontend)
}

/// One function for both sides.
fn stream_id(conn: &Conn, _: &Args, _: &mut Work) -> Option<u64> {
    conn.stream_id
}

fn aborted(conn: &Conn, _: &Args, _: &mut Work) -> bool {
    conn.aborted
}
