//! Fetches of connections and of streams on them: the same functions for both sides.

use super::{Fetch, Str, error, fetch};
use crate::args::{Args, Signature};
use crate::facts::Conn;
use crate::source::Stable;
use crate::value::Fetched;
use crate::work::Work;
use core::net::IpAddr;
use message::Version;

const NONE: Signature = Signature::NONE;

pub(super) const FETCHES: &[Fetch] = &[
    fetch!("fs.id", "The stream's number on the client's connection.", NONE, ClientConn: stream_id),
    fetch!("bs.id", "The stream's number on the server's connection.", NONE, ServerConn: stream_id),
    fetch!("fs.aborted", "The client has aborted the stream.", NONE, ClientConn: aborted).stable(Stable::End),
    fetch!("bs.aborted", "The server has aborted the stream.", NONE, ServerConn: aborted).stable(Stable::End),
    fetch!("fs.rst_code", "The code with which the client aborted the stream.", NONE, ClientConn: reset_code).stable(Stable::End),
    fetch!("bs.rst_code", "The code with which the server aborted the stream.", NONE, ServerConn: reset_code).stable(Stable::End),
    fetch!("fc_http_major", "The major version of HTTP on the client's connection.", NONE, ClientConn: http_major),
    fetch!("bc_http_major", "The major version of HTTP on the server's connection.", NONE, ServerConn: http_major),
    fetch!("fc_nb_streams", "Streams on the client's connection.", NONE, ClientConn: streams),
    fetch!("bc_nb_streams", "Streams on the server's connection.", NONE, ServerConn: streams),
    fetch!("fc_settings_streams_limit", "Streams the client's connection may have at a time.", NONE, ClientConn: streams_max),
    fetch!("bc_settings_streams_limit", "Streams the server's connection may have at a time.", NONE, ServerConn: streams_max),
    fetch!("fc_glitches", "Oddities of the client that were put up with.", NONE, ClientConn: glitches).stable(Stable::End),
    fetch!("bc_glitches", "Oddities of the server that were put up with.", NONE, ServerConn: glitches).stable(Stable::End),
    fetch!("fc_err", "The number of the client connection's error; 0 without one.", NONE, ClientConn: error_number).stable(Stable::End),
    fetch!("bc_err", "The number of the server connection's error; 0 without one.", NONE, ServerConn: error_number).stable(Stable::End),
    fetch!("fc_err_name", "The name of the client connection's error.", NONE, ClientConn: error_name).stable(Stable::End),
    fetch!("bc_err_name", "The name of the server connection's error.", NONE, ServerConn: error_name).stable(Stable::End),
    fetch!("fc_err_str", "The client connection's error in words.", NONE, ClientConn: error_text).stable(Stable::End),
    fetch!("bc_err_str", "The server connection's error in words.", NONE, ServerConn: error_text).stable(Stable::End),
    fetch!("fc_rcvd_proxy", "The client's connection began with the PROXY protocol.", NONE, ClientConn: proxied),
    fetch!("fc.timer.handshake", "From accept to the end of the handshakes (%Th), milliseconds.", NONE, ClientConn: handshake),
    fetch!("bc_reused", "The server's connection was used before.", NONE, ServerConn: reused),
    fetch!("bc_src", "The address from which the server was connected to.", NONE, ServerConn: local),
    fetch!("bc_src_port", "The port from which the server was connected to.", NONE, ServerConn: local_port),
    fetch!("bc_dst", "The address of the server that was connected to.", NONE, ServerConn: peer),
    fetch!("bc_dst_port", "The port of the server that was connected to.", NONE, ServerConn: peer_port),
];

/// None yet where there is no protocol machine yet.
fn stream_id(conn: &Conn, _: &Args, _: &mut Work) -> Fetched<u64> {
    conn.stream_id.map_or(Fetched::NotYet, Fetched::Is)
}

fn aborted(conn: &Conn, _: &Args, _: &mut Work) -> Fetched<bool> {
    if conn.aborted {
        Fetched::Is(true)
    } else {
        Fetched::IsSoFar(false)
    }
}

fn reset_code(conn: &Conn, _: &Args, _: &mut Work) -> Fetched<u32> {
    match (conn.reset_code, conn.aborted) {
        (Some(code), _) => Fetched::Is(code),
        (None, true) => Fetched::Not,
        (None, false) => Fetched::NotYet,
    }
}

fn http_major(conn: &Conn, _: &Args, _: &mut Work) -> Option<u32> {
    conn.version.map(|version| match version {
        Version::Http10 | Version::Http11 => 1,
        Version::Http2 => 2,
    })
}

fn streams(conn: &Conn, _: &Args, _: &mut Work) -> u32 {
    conn.streams
}

fn streams_max(conn: &Conn, _: &Args, _: &mut Work) -> u32 {
    conn.streams_max
}

fn glitches(conn: &Conn, _: &Args, _: &mut Work) -> u32 {
    conn.glitches
}

fn error_number(conn: &Conn, _: &Args, _: &mut Work) -> u32 {
    conn.error
}

fn error_name<'a>(conn: &Conn, _: &Args, _: &mut Work) -> Option<Str<'a>> {
    error::name(conn.error).map(|name| Str::of(name.as_bytes()))
}

fn error_text<'a>(conn: &Conn, _: &Args, _: &mut Work) -> Option<Str<'a>> {
    error::text(conn.error).map(|text| Str::of(text.as_bytes()))
}

fn proxied(conn: &Conn, _: &Args, _: &mut Work) -> bool {
    conn.proxied
}

fn handshake(conn: &Conn, _: &Args, _: &mut Work) -> u64 {
    conn.handshake_nanos / 1_000_000
}

fn reused(conn: &Conn, _: &Args, _: &mut Work) -> bool {
    conn.reused
}

fn local(conn: &Conn, _: &Args, _: &mut Work) -> Option<IpAddr> {
    conn.local.map(|address| address.ip())
}

fn local_port(conn: &Conn, _: &Args, _: &mut Work) -> Option<u32> {
    conn.local.map(|address| address.port().into())
}

fn peer(conn: &Conn, _: &Args, _: &mut Work) -> Option<IpAddr> {
    conn.peer.map(|address| address.ip())
}

fn peer_port(conn: &Conn, _: &Args, _: &mut Work) -> Option<u32> {
    conn.peer.map(|address| address.port().into())
}
