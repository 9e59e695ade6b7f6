//! Fetches of the client's addresses, and of where it came in.

use super::{Fetch, See, Str, fetch};
use crate::args::{Arg, Args, Kind, Signature};
use crate::facts::{Client, Process};
use crate::names::Names;
use crate::work::Work;
use alloc::string::String;
use core::net::{IpAddr, SocketAddr};
use core::ops::ControlFlow;

const NONE: Signature = Signature::NONE;

pub(super) const FETCHES: &[Fetch] = &[
    fetch!("src", "The client's address.", NONE, Client: src),
    fetch!("src_port", "The client's port.", NONE, Client: src_port),
    fetch!("src_is_local", "The client's address is one of the system's own.", NONE, Client: src_is_local),
    fetch!("dst", "The address the client connected to.", NONE, Client: dst),
    fetch!("dst_port", "The port the client connected to.", NONE, Client: dst_port),
    fetch!("dst_is_local", "The address the client connected to is one of the system's own.", NONE, Client: dst_is_local),
    fetch!("fc_src", "The client's address as the connection has it.", NONE, Client: fc_src),
    fetch!("fc_src_port", "The client's port as the connection has it.", NONE, Client: fc_src_port),
    fetch!("fc_src_is_local", "The client's address on the connection is one of the system's own.", NONE, Client: fc_src_is_local),
    fetch!("fc_dst", "The address the client connected to as the connection has it.", NONE, Client: fc_dst),
    fetch!("fc_dst_port", "The port the client connected to as the connection has it.", NONE, Client: fc_dst_port),
    fetch!("fc_dst_is_local", "The connection's own address is one of the system's own.", NONE, Client: fc_dst_is_local),
    fetch!("so_id", "The number of the 'bind' line.", NONE, Client: so_id),
    fetch!("so_name", "The name of the 'bind' line.", NONE, Client: so_name),
    fetch!("dst_conn", "Connections of the same 'bind' line.", NONE, Client: dst_conn),
    fetch!("fc_pp_authority", "The host name in the PROXY protocol.", NONE, Greeting: authority),
    fetch!("fc_pp_unique_id", "The connection's name in the PROXY protocol.", NONE, Greeting: unique_id),
    fetch!("fc_pp_tlv", "A field of the PROXY protocol, by number or name.", Signature::new(1, &[Kind::Text]), Greeting: fields => first).check(check_field),
];

type Came<'a> = (&'a Client<'a>, &'a dyn Process);

fn ip(address: Option<SocketAddr>) -> Option<IpAddr> {
    address.map(|address| address.ip())
}

fn port(address: Option<SocketAddr>) -> Option<u32> {
    address.map(|address| address.port().into())
}

/// Whoever has no address, as over a Unix socket, is on the same system.
fn is_local(address: Option<SocketAddr>, process: &dyn Process) -> bool {
    address.is_none_or(|address| process.is_local(address.ip()))
}

fn src((client, _): Came<'_>, _: &Args, _: &mut Work) -> Option<IpAddr> {
    ip(client.peer)
}

fn src_port((client, _): Came<'_>, _: &Args, _: &mut Work) -> Option<u32> {
    port(client.peer)
}

fn src_is_local((client, process): Came<'_>, _: &Args, _: &mut Work) -> bool {
    is_local(client.peer, process)
}

fn dst((client, _): Came<'_>, _: &Args, _: &mut Work) -> Option<IpAddr> {
    ip(client.local)
}

fn dst_port((client, _): Came<'_>, _: &Args, _: &mut Work) -> Option<u32> {
    port(client.local)
}

fn dst_is_local((client, process): Came<'_>, _: &Args, _: &mut Work) -> bool {
    is_local(client.local, process)
}

fn fc_src((client, _): Came<'_>, _: &Args, _: &mut Work) -> Option<IpAddr> {
    ip(client.transport_peer)
}

fn fc_src_port((client, _): Came<'_>, _: &Args, _: &mut Work) -> Option<u32> {
    port(client.transport_peer)
}

fn fc_src_is_local((client, process): Came<'_>, _: &Args, _: &mut Work) -> bool {
    is_local(client.transport_peer, process)
}

fn fc_dst((client, _): Came<'_>, _: &Args, _: &mut Work) -> Option<IpAddr> {
    ip(client.transport_local)
}

fn fc_dst_port((client, _): Came<'_>, _: &Args, _: &mut Work) -> Option<u32> {
    port(client.transport_local)
}

fn fc_dst_is_local((client, process): Came<'_>, _: &Args, _: &mut Work) -> bool {
    is_local(client.transport_local, process)
}

fn so_id((client, _): Came<'_>, _: &Args, _: &mut Work) -> u32 {
    client.bind_id
}

fn so_name<'a>((client, _): Came<'a>, _: &Args, _: &mut Work) -> Option<Str<'a>> {
    (!client.bind_name.is_empty()).then(|| Str::of(client.bind_name.as_bytes()))
}

fn dst_conn((client, process): Came<'_>, _: &Args, _: &mut Work) -> u32 {
    process.listener_connections(client.frontend, client.bind_id)
}

fn authority<'a>(client: &Client<'a>, _: &Args, _: &mut Work) -> Option<Str<'a>> {
    values_of(client, AUTHORITY).next().map(Str::of)
}

fn unique_id<'a>(client: &Client<'a>, _: &Args, _: &mut Work) -> Option<Str<'a>> {
    values_of(client, UNIQUE_ID).next().map(Str::of)
}

fn fields<'a>(client: &Client<'a>, args: &'a Args, work: &mut Work, see: See<'_, Str<'a>>) {
    let Some(kind) = args.int(0).and_then(|kind| u8::try_from(kind).ok()) else {
        return;
    };
    for value in values_of(client, kind) {
        if see(work, Str::of(value)) == ControlFlow::Break(()) {
            return;
        }
    }
}

/// The values of the fields of a kind: each field is its kind, its length in two bytes, and its value.
fn values_of<'a>(client: &Client<'a>, kind: u8) -> impl Iterator<Item = &'a [u8]> {
    let mut rest = client.proxy_fields;
    let fields = core::iter::from_fn(move || {
        let (&[kind, high, low], behind) = rest.split_first_chunk()?;
        let (value, behind) = behind.split_at_checked(u16::from_be_bytes([high, low]).into())?;
        rest = behind;
        Some((kind, value))
    });
    fields.filter_map(move |(found, value)| (found == kind).then_some(value))
}

/// Makes a name of a field its number.
fn check_field(args: &mut Args, _: &mut dyn Names) -> Result<(), String> {
    let text = args.text(0).unwrap_or_default();
    let named = FIELDS.iter().find(|field| field.0.as_bytes() == text);
    let number = || {
        let text = core::str::from_utf8(text).ok()?;
        match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
            Some(digits) => u8::from_str_radix(digits, 16).ok(),
            None => text.parse().ok(),
        }
    };
    let Some(kind) = named.map(|field| field.1).or_else(number) else {
        return Err("expects a number from 0 to 255 or the name of a field".into());
    };
    args.0[0] = Some(Arg::Int(kind.into()));
    Ok(())
}

const AUTHORITY: u8 = 0x02;
const UNIQUE_ID: u8 = 0x05;

/// The kinds of fields that have names (PROXY protocol, version 2, §2.2).
const FIELDS: &[(&str, u8)] = &[
    ("ALPN", 0x01),
    ("AUTHORITY", AUTHORITY),
    ("CRC32", 0x03),
    ("CRC32C", 0x03),
    ("NOOP", 0x04),
    ("UNIQUE_ID", UNIQUE_ID),
    ("SSL", 0x20),
    ("SSL_VERSION", 0x21),
    ("SSL_CN", 0x22),
    ("SSL_CIPHER", 0x23),
    ("SSL_SIG_ALG", 0x24),
    ("SSL_KEY_ALG", 0x25),
    ("NETNS", 0x30),
];
