//! Fetches of proxies: which they are, how they are set, what is going on there.

use super::{Fetch, Str, fetch, millis};
use crate::args::{Args, Kind, Signature};
use crate::facts::{Client, Load, Process, ServerLoad};
use crate::work::Work;

const FRONTEND: Signature = Signature::new(1, &[Kind::Frontend]);
const BACKEND: Signature = Signature::new(1, &[Kind::Backend]);
const NONE: Signature = Signature::NONE;

pub(super) const FETCHES: &[Fetch] = &[
    fetch!("fe_conn", "Sessions of a frontend.", FRONTEND, Internal: fe_conn),
    fetch!("fe_sess_rate", "New sessions of a frontend in a second.", FRONTEND, Internal: fe_sess_rate),
    fetch!("fe_req_rate", "HTTP requests of a frontend in a second.", FRONTEND, Internal: fe_req_rate),
    fetch!("be_conn", "Sessions of a backend.", BACKEND, Internal: be_conn),
    fetch!("be_sess_rate", "New sessions of a backend in a second.", BACKEND, Internal: be_sess_rate),
    fetch!("nbsrv", "Usable servers of a backend.", BACKEND, Internal: nbsrv),
    fetch!("queue", "Requests that wait for a server of a backend.", BACKEND, Internal: queue),
    fetch!("avg_queue", "Requests that wait for each server of a backend.", BACKEND, Internal: avg_queue),
    fetch!("be_conn_free", "Sessions that the servers of a backend could still take; -1 without a limit.", BACKEND, Internal: be_conn_free),
    fetch!("connslots", "Sessions that the servers of a backend and their queues could still take; -1 without a limit.", BACKEND, Internal: connslots),
    fetch!("fe_id", "The frontend's number.", NONE, Client: fe_id),
    fetch!("fe_name", "The frontend's name.", NONE, Client: fe_name),
    fetch!("fe_defbe", "The name of the frontend's default backend.", NONE, Client: fe_defbe),
    fetch!("fe_client_timeout", "The frontend's 'timeout client', milliseconds.", NONE, Client: fe_client_timeout),
    fetch!("fe_tarpit_timeout", "The frontend's 'timeout tarpit', milliseconds.", NONE, Client: fe_tarpit_timeout),
    fetch!("be_id", "The backend's number.", NONE, Backend: be_id),
    fetch!("be_name", "The backend's name.", NONE, Backend: be_name),
    fetch!("be_connect_timeout", "The backend's 'timeout connect', milliseconds.", NONE, Backend: be_connect_timeout),
    fetch!("be_queue_timeout", "The backend's 'timeout queue', milliseconds.", NONE, Backend: be_queue_timeout),
    fetch!("be_server_timeout", "The backend's 'timeout server', milliseconds.", NONE, Backend: be_server_timeout),
    fetch!("be_tarpit_timeout", "The backend's 'timeout tarpit', milliseconds.", NONE, Backend: be_tarpit_timeout),
    fetch!("be_tunnel_timeout", "The backend's 'timeout tunnel', milliseconds.", NONE, Backend: be_tunnel_timeout),
    fetch!("be_max_retries", "The backend's 'retries'.", NONE, Backend: be_max_retries),
];

type Came<'a> = (&'a Client<'a>, &'a dyn Process);
type Went<'a> = (u32, &'a dyn Process);

fn frontend(process: &dyn Process, args: &Args) -> Option<Load> {
    Some(process.frontend_load(args.proxy(0)?))
}

fn backend(process: &dyn Process, args: &Args) -> Option<Load> {
    Some(process.backend_load(args.proxy(0)?))
}

fn fe_conn(process: &dyn Process, args: &Args, _: &mut Work) -> Option<u32> {
    Some(frontend(process, args)?.sessions)
}

fn fe_sess_rate(process: &dyn Process, args: &Args, _: &mut Work) -> Option<u32> {
    Some(frontend(process, args)?.session_rate)
}

fn fe_req_rate(process: &dyn Process, args: &Args, _: &mut Work) -> Option<u32> {
    Some(frontend(process, args)?.request_rate)
}

fn be_conn(process: &dyn Process, args: &Args, _: &mut Work) -> Option<u32> {
    Some(backend(process, args)?.sessions)
}

fn be_sess_rate(process: &dyn Process, args: &Args, _: &mut Work) -> Option<u32> {
    Some(backend(process, args)?.session_rate)
}

fn nbsrv(process: &dyn Process, args: &Args, _: &mut Work) -> Option<u32> {
    Some(process.servers(args.proxy(0)?).1)
}

fn queue(process: &dyn Process, args: &Args, _: &mut Work) -> Option<u32> {
    Some(backend(process, args)?.queued)
}

fn avg_queue(process: &dyn Process, args: &Args, _: &mut Work) -> Option<u32> {
    let queued = backend(process, args)?.queued;
    Some(match process.servers(args.proxy(0)?).1 {
        // One will be back soon, yet others do better.
        0 => queued.saturating_mul(2),
        usable => queued.div_ceil(usable),
    })
}

fn be_conn_free(process: &dyn Process, args: &Args, _: &mut Work) -> Option<i64> {
    let servers = servers_of(process, args)?;
    let active = servers
        .clone()
        .any(|server| server.usable && !server.backup);
    let free = servers
        .filter(|server| server.usable && !(server.backup && active))
        .map(|server| {
            Some(i64::from(
                server.sessions_max?.saturating_sub(server.sessions),
            ))
        });
    Some(free.sum::<Option<i64>>().unwrap_or(-1))
}

fn connslots(process: &dyn Process, args: &Args, _: &mut Work) -> Option<i64> {
    let slots = servers_of(process, args)?
        .filter(|server| server.up)
        .map(|server| {
            let sessions = server.sessions_max?.saturating_sub(server.sessions);
            let places = server.queued_max?.saturating_sub(server.queued);
            Some(i64::from(sessions) + i64::from(places))
        });
    Some(slots.sum::<Option<i64>>().unwrap_or(-1))
}

fn servers_of(
    process: &dyn Process,
    args: &Args,
) -> Option<impl Iterator<Item = ServerLoad> + Clone> {
    let backend = args.proxy(0)?;
    let count = process.servers(backend).0;
    Some((0..count).map(move |server| process.server_load(backend, server)))
}

fn fe_id((client, process): Came<'_>, _: &Args, _: &mut Work) -> u32 {
    process.proxy_id(client.frontend)
}

fn fe_name<'a>((client, process): Came<'a>, _: &Args, _: &mut Work) -> Str<'a> {
    Str::of(process.proxy_name(client.frontend).as_bytes())
}

fn fe_defbe<'a>((client, process): Came<'a>, _: &Args, _: &mut Work) -> Option<Str<'a>> {
    let name = process.default_backend(client.frontend)?;
    Some(Str::of(name.as_bytes()))
}

fn fe_client_timeout((client, process): Came<'_>, _: &Args, _: &mut Work) -> u64 {
    millis(process.timeouts(client.frontend).client)
}

fn fe_tarpit_timeout((client, process): Came<'_>, _: &Args, _: &mut Work) -> u64 {
    millis(process.timeouts(client.frontend).tarpit)
}

fn be_id((backend, process): Went<'_>, _: &Args, _: &mut Work) -> u32 {
    process.proxy_id(backend)
}

fn be_name<'a>((backend, process): Went<'a>, _: &Args, _: &mut Work) -> Str<'a> {
    Str::of(process.proxy_name(backend).as_bytes())
}

fn be_connect_timeout((backend, process): Went<'_>, _: &Args, _: &mut Work) -> u64 {
    millis(process.timeouts(backend).connect)
}

fn be_queue_timeout((backend, process): Went<'_>, _: &Args, _: &mut Work) -> u64 {
    millis(process.timeouts(backend).queue)
}

fn be_server_timeout((backend, process): Went<'_>, _: &Args, _: &mut Work) -> u64 {
    millis(process.timeouts(backend).server)
}

fn be_tarpit_timeout((backend, process): Went<'_>, _: &Args, _: &mut Work) -> u64 {
    millis(process.timeouts(backend).tarpit)
}

fn be_tunnel_timeout((backend, process): Went<'_>, _: &Args, _: &mut Work) -> u64 {
    millis(process.timeouts(backend).tunnel)
}

fn be_max_retries((backend, process): Went<'_>, _: &Args, _: &mut Work) -> u32 {
    process.retries(backend)
}
