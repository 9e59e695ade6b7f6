//! Fetches of servers.

use super::{Fetch, Str, fetch};
use crate::args::{Arg, Args, Kind, Signature};
use crate::facts::{Process, Server, ServerLoad};
use crate::work::Work;

const SERVER: Signature = Signature::new(1, &[Kind::Server]);

pub(super) const FETCHES: &[Fetch] = &[
    fetch!("srv_conn", "Sessions of a server.", SERVER, Internal: conn),
    fetch!("srv_conn_free", "Sessions that a server could still take; -1 without a limit.", SERVER, Internal: conn_free),
    fetch!("srv_is_up", "A server is neither down nor in maintenance.", SERVER, Internal: is_up),
    fetch!("srv_queue", "Requests that wait for a server.", SERVER, Internal: queue),
    fetch!("srv_sess_rate", "New sessions of a server in a second.", SERVER, Internal: sess_rate),
    fetch!("srv_iweight", "A server's weight as it was configured.", SERVER, Internal: initial_weight),
    fetch!("srv_uweight", "A server's weight as the runtime API sets it.", SERVER, Internal: user_weight),
    fetch!("srv_weight", "A server's weight as the algorithm has it.", SERVER, Internal: weight),
    fetch!("srv_id", "The server's number.", Signature::NONE, Server: id),
    fetch!("srv_name", "The server's name.", Signature::NONE, Server: name),
];

fn load(process: &dyn Process, args: &Args) -> Option<ServerLoad> {
    match args.get(0)? {
        Arg::Server(backend, server) => Some(process.server_load(*backend, *server)),
        _ => None,
    }
}

fn conn(process: &dyn Process, args: &Args, _: &mut Work) -> Option<u32> {
    Some(load(process, args)?.sessions)
}

fn conn_free(process: &dyn Process, args: &Args, _: &mut Work) -> Option<i64> {
    let load = load(process, args)?;
    let free = load
        .sessions_max
        .map(|max| max.saturating_sub(load.sessions));
    Some(free.map_or(-1, i64::from))
}

fn is_up(process: &dyn Process, args: &Args, _: &mut Work) -> Option<bool> {
    Some(load(process, args)?.up)
}

fn queue(process: &dyn Process, args: &Args, _: &mut Work) -> Option<u32> {
    Some(load(process, args)?.queued)
}

fn sess_rate(process: &dyn Process, args: &Args, _: &mut Work) -> Option<u32> {
    Some(load(process, args)?.session_rate)
}

fn initial_weight(process: &dyn Process, args: &Args, _: &mut Work) -> Option<u32> {
    Some(load(process, args)?.initial_weight)
}

fn user_weight(process: &dyn Process, args: &Args, _: &mut Work) -> Option<u32> {
    Some(load(process, args)?.user_weight)
}

fn weight(process: &dyn Process, args: &Args, _: &mut Work) -> Option<u32> {
    Some(load(process, args)?.weight)
}

fn id((server, process): (Server, &dyn Process), _: &Args, _: &mut Work) -> u32 {
    process.server_id(server.backend, server.place)
}

fn name<'a>((server, process): (Server, &'a dyn Process), _: &Args, _: &mut Work) -> Str<'a> {
    Str::of(process.server_name(server.backend, server.place).as_bytes())
}
