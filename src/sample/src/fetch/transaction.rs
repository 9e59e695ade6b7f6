//! Fetches of what stays of an exchange: its first line, captures, ids, what became of it.

use super::{Fetch, MethodName, Str, fetch, millis, version_text};
use crate::args::{Args, Kind, Signature};
use crate::facts::{ResponseLine, Transaction};
use crate::source::Stable;
use crate::value::Fetched;
use crate::work::Work;
use alloc::borrow::Cow;
use alloc::vec::Vec;

const NONE: Signature = Signature::NONE;
const SLOT: Signature = Signature::new(1, &[Kind::Int]);

pub(super) const FETCHES: &[Fetch] = &[
    fetch!("method", "The request's method.", NONE, Transaction: method).stable(Stable::Request),
    fetch!("req.ver", "The request's version of HTTP.", NONE, Transaction: version).stable(Stable::Request).also(&["req_ver"]),
    fetch!("res.ver", "The response's version of HTTP.", NONE, ResponseLine: response_version).also(&["resp_ver"]),
    fetch!("status", "The response's status.", NONE, ResponseLine: status),
    fetch!("server_status", "The status the server gave.", NONE, ResponseLine: server_status),
    fetch!("txn.status", "The status in the log line.", NONE, Served: logged_status).stable(Stable::End),
    fetch!("res.comp", "The proxy compressed the response.", NONE, ResponseLine: is_compressed),
    fetch!("res.comp_algo", "How the proxy compressed the response.", NONE, ResponseLine: compression),
    fetch!("res.cache_hit", "The response came from a cache.", NONE, ResponseLine: is_cached),
    fetch!("res.cache_name", "The cache the response came from.", NONE, ResponseLine: cache),
    fetch!("capture.req.hdr", "What a slot captured of the request.", SLOT, Transaction: request_capture).stable(Stable::Request),
    fetch!("capture.res.hdr", "What a slot captured of the response.", SLOT, Answered: response_capture).stable(Stable::Response),
    fetch!("capture.req.method", "The request's method.", NONE, Transaction: captured_method).stable(Stable::Request),
    fetch!("capture.req.uri", "The request's path with its query.", NONE, Transaction: captured_uri).stable(Stable::Request),
    fetch!("capture.req.ver", "The request's version of HTTP, as HTTP/1 writes it.", NONE, Transaction: captured_version).stable(Stable::Request),
    fetch!("capture.res.ver", "The response's version of HTTP, as HTTP/1 writes it.", NONE, Transaction: captured_response_version).stable(Stable::Response),
    fetch!("http_first_req", "The request is the first of its connection.", NONE, Transaction: first).stable(Stable::Request),
    fetch!("req.proto_http", "The request parses as HTTP.", NONE, Transaction: is_http).stable(Stable::Request).also(&["req_proto_http"]),
    fetch!("internal.strm.is_htx", "The stream carries messages of HTTP and no raw bytes.", NONE, Transaction: has_messages),
    fetch!("unique-id", "What 'unique-id-format' made of the request.", NONE, Transaction: unique_id),
    fetch!("txn.id32", "The transaction's number, 32 bits.", NONE, Transaction: id),
    fetch!("txn.conn_retries", "Attempts to connect after the first.", NONE, Served: retries).stable(Stable::Server),
    fetch!("txn.redispatched", "An attempt to connect went to another server.", NONE, Served: redispatched).stable(Stable::Server),
    fetch!("txn.sess_term_state", "The first two letters of the termination state.", NONE, Transaction: termination).stable(Stable::End),
    fetch!("term_events", "Events that closed each layer: not kept.", NONE, Internal: events),
    fetch!("last_rule_file", "The file of the rule that ended a rule set.", NONE, Transaction: last_rule_file).stable(Stable::End),
    fetch!("last_rule_line", "The line of the rule that ended a rule set.", NONE, Transaction: last_rule_line).stable(Stable::End),
    fetch!("last_entity", "File and line of the rule that ended a rule set.", NONE, Transaction: last_entity).stable(Stable::End),
    fetch!("waiting_entity", "The rule that was waited for when the exchange broke off.", NONE, Transaction: waiting_entity).stable(Stable::End),
    fetch!("wait_end", "Nothing more is waited for; nothing before that.", NONE, Transaction: waited),
    fetch!("prio_class", "The priority class in queues.", NONE, Transaction: priority_class).stable(Stable::End),
    fetch!("prio_offset", "The priority offset in queues, milliseconds.", NONE, Transaction: priority_offset).stable(Stable::End),
    fetch!("bc_be_queue", "Requests ahead in the backend's queue.", NONE, Served: backend_queue),
    fetch!("bc_srv_queue", "Requests ahead in the server's queue.", NONE, Served: server_queue),
    fetch!("cur_client_timeout", "The client timeout in force, milliseconds.", NONE, Transaction: client_timeout).stable(Stable::End),
    fetch!("cur_tarpit_timeout", "The tarpit timeout in force, milliseconds.", NONE, Transaction: tarpit_timeout).stable(Stable::End),
    fetch!("cur_connect_timeout", "The connect timeout in force, milliseconds.", NONE, Assigned: connect_timeout).stable(Stable::End),
    fetch!("cur_queue_timeout", "The queue timeout in force, milliseconds.", NONE, Assigned: queue_timeout).stable(Stable::End),
    fetch!("cur_server_timeout", "The server timeout in force, milliseconds.", NONE, Assigned: server_timeout).stable(Stable::End),
    fetch!("cur_tunnel_timeout", "The tunnel timeout in force, milliseconds.", NONE, Assigned: tunnel_timeout).stable(Stable::End),
    fetch!("cur_max_retries", "The attempts to connect in force after the first.", NONE, Assigned: retries_max).stable(Stable::End),
];

fn method<'a>(of: &'a Transaction<'a>, _: &Args, _: &mut Work) -> Option<MethodName<'a>> {
    of.line.map(|line| MethodName(line.method))
}

fn version<'a>(of: &Transaction<'_>, _: &Args, _: &mut Work) -> Option<Str<'a>> {
    of.line
        .map(|line| Str::of(&version_text(line.version)[NAME..]))
}

fn response_version<'a>(line: ResponseLine<'_>, _: &Args, _: &mut Work) -> Str<'a> {
    Str::of(&version_text(line.version)[NAME..])
}

/// What `HTTP/` takes.
const NAME: usize = 5;

fn status(line: ResponseLine<'_>, _: &Args, _: &mut Work) -> u32 {
    line.status.into()
}

fn server_status(line: ResponseLine<'_>, _: &Args, _: &mut Work) -> Option<u32> {
    (line.server_status > 0).then(|| line.server_status.into())
}

fn logged_status(of: &Transaction<'_>, _: &Args, _: &mut Work) -> Option<u32> {
    (of.status > 0).then(|| of.status.into())
}

fn is_compressed(line: ResponseLine<'_>, _: &Args, _: &mut Work) -> bool {
    line.compressed.is_some()
}

fn compression<'a>(line: ResponseLine<'a>, _: &Args, _: &mut Work) -> Option<Str<'a>> {
    line.compressed.map(|name| Str::of(name.as_bytes()))
}

fn is_cached(line: ResponseLine<'_>, _: &Args, _: &mut Work) -> bool {
    line.cached.is_some()
}

fn cache<'a>(line: ResponseLine<'a>, _: &Args, _: &mut Work) -> Option<Str<'a>> {
    line.cached.map(|name| Str::of(name.as_bytes()))
}

fn slot<'a>(captures: &'a [Option<Vec<u8>>], args: &Args) -> Option<Str<'a>> {
    let at = usize::try_from(args.int(0)?).ok()?;
    captures.get(at)?.as_deref().map(Str::of)
}

fn request_capture<'a>(of: &'a Transaction<'a>, args: &Args, _: &mut Work) -> Option<Str<'a>> {
    slot(of.request_captures, args)
}

fn response_capture<'a>(of: &'a Transaction<'a>, args: &Args, _: &mut Work) -> Option<Str<'a>> {
    slot(of.response_captures, args)
}

fn captured_method<'a>(of: &'a Transaction<'a>, _: &Args, _: &mut Work) -> Option<Str<'a>> {
    of.received_line().map(|line| Str::of(line.method))
}

fn captured_uri<'a>(of: &'a Transaction<'a>, _: &Args, _: &mut Work) -> Option<Str<'a>> {
    message::target::path_and_query(of.received_line()?.target).map(Str::of)
}

fn captured_version<'a>(of: &Transaction<'_>, _: &Args, _: &mut Work) -> Option<Str<'a>> {
    of.received_line()
        .map(|line| Str::of(version_text(line.version)))
}

fn captured_response_version<'a>(of: &Transaction<'_>, _: &Args, _: &mut Work) -> Option<Str<'a>> {
    of.response_version
        .map(|version| Str::of(version_text(version)))
}

fn first(of: &Transaction<'_>, _: &Args, _: &mut Work) -> bool {
    of.first
}

fn has_messages(of: &Transaction<'_>, _: &Args, _: &mut Work) -> bool {
    of.has_messages
}

fn is_http(of: &Transaction<'_>, _: &Args, _: &mut Work) -> Fetched<bool> {
    match of.is_http {
        Some(true) => Fetched::Is(true),
        Some(false) => Fetched::Not,
        None => Fetched::NotYet,
    }
}

fn unique_id<'a>(of: &'a Transaction<'a>, _: &Args, _: &mut Work) -> Option<Str<'a>> {
    of.unique_id.map(Str::of)
}

fn id(of: &Transaction<'_>, _: &Args, _: &mut Work) -> u32 {
    of.id
}

fn retries(of: &Transaction<'_>, _: &Args, _: &mut Work) -> u32 {
    of.retries
}

fn redispatched(of: &Transaction<'_>, _: &Args, _: &mut Work) -> bool {
    of.redispatched
}

fn termination<'a>(of: &'a Transaction<'a>, _: &Args, _: &mut Work) -> Str<'a> {
    Str::of(&of.termination[..2])
}

fn events<'a>(_: &dyn crate::facts::Process, _: &Args, _: &mut Work) -> Str<'a> {
    Str::of(b"-")
}

fn last_rule_file<'a>(of: &'a Transaction<'a>, _: &Args, _: &mut Work) -> Option<Str<'a>> {
    of.last_rule.map(|(file, _)| Str::of(file.as_bytes()))
}

fn last_rule_line(of: &Transaction<'_>, _: &Args, _: &mut Work) -> Option<u32> {
    of.last_rule.map(|(_, line)| line)
}

fn last_entity<'a>(of: &Transaction<'_>, _: &Args, work: &mut Work) -> Option<Str<'a>> {
    of.last_rule.map(|rule| place(rule, work))
}

fn waiting_entity<'a>(of: &Transaction<'_>, _: &Args, work: &mut Work) -> Option<Str<'a>> {
    of.waiting_entity.map(|rule| place(rule, work))
}

/// `file:line`
fn place<'a>((file, line): (&str, u32), work: &mut Work) -> Str<'a> {
    let mut text = work.buffer();
    text.extend_from_slice(file.as_bytes());
    text.push(b':');
    text.extend_from_slice(itoa::Buffer::new().format(line).as_bytes());
    Str(Cow::Owned(text))
}

fn waited(of: &Transaction<'_>, _: &Args, _: &mut Work) -> Fetched<bool> {
    if of.waited {
        Fetched::Is(true)
    } else {
        Fetched::NotYet
    }
}

fn priority_class(of: &Transaction<'_>, _: &Args, _: &mut Work) -> i64 {
    of.priority_class.into()
}

fn priority_offset(of: &Transaction<'_>, _: &Args, _: &mut Work) -> i64 {
    of.priority_offset.into()
}

fn backend_queue(of: &Transaction<'_>, _: &Args, _: &mut Work) -> u32 {
    of.backend_queue
}

fn server_queue(of: &Transaction<'_>, _: &Args, _: &mut Work) -> u32 {
    of.server_queue
}

fn client_timeout(of: &Transaction<'_>, _: &Args, _: &mut Work) -> u64 {
    millis(of.timeouts.client)
}

fn tarpit_timeout(of: &Transaction<'_>, _: &Args, _: &mut Work) -> u64 {
    millis(of.timeouts.tarpit)
}

fn connect_timeout(of: &Transaction<'_>, _: &Args, _: &mut Work) -> u64 {
    millis(of.timeouts.connect)
}

fn queue_timeout(of: &Transaction<'_>, _: &Args, _: &mut Work) -> u64 {
    millis(of.timeouts.queue)
}

fn server_timeout(of: &Transaction<'_>, _: &Args, _: &mut Work) -> u64 {
    millis(of.timeouts.server)
}

fn tunnel_timeout(of: &Transaction<'_>, _: &Args, _: &mut Work) -> u64 {
    millis(of.timeouts.tunnel)
}

fn retries_max(of: &Transaction<'_>, _: &Args, _: &mut Work) -> u32 {
    of.retries_max
}
