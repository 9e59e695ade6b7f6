//! Commands about servers: what they are used for, and how they are.

use super::Answer;
use crate::dump::{Dump, ServerList, Shown};
use crate::order::Order;
use crate::session::Rights;
use crate::view::View;
use alloc::format;
use alloc::string::String;
use balance::{ServerIndex, ServerState};
use session::settings::{Proxy, ProxyIndex};

/// `disable server <backend>/<server>`
pub(super) fn disable(args: &[String], _rights: &mut Rights, view: &dyn View) -> Answer {
    order(args.first(), ServerState::Maintenance, view)
}

/// `enable server <backend>/<server>`
pub(super) fn enable(args: &[String], _rights: &mut Rights, view: &dyn View) -> Answer {
    order(args.first(), ServerState::Up, view)
}

/// `set server <backend>/<server> state {ready|drain|maint}`
pub(super) fn set(args: &[String], _rights: &mut Rights, view: &dyn View) -> Answer {
    if let Err(why) = find(args.first(), view) {
        return Answer::error(why);
    }
    match args.get(1).map(String::as_str) {
        Some("state") => {}
        Some(other) if OTHERS.contains(&other) => {
            return Answer::error(format!("'set server <srv> {other}' is not supported yet."));
        }
        Some(_) | None => return Answer::error("usage: set server <backend>/<server> state"),
    }
    let state = match args.get(2).map(String::as_str) {
        Some("ready") => ServerState::Up,
        Some("drain") => ServerState::Drain,
        Some("maint") => ServerState::Maintenance,
        Some(_) | None => {
            return Answer::error("'set server <srv> state' expects 'ready', 'drain' and 'maint'.");
        }
    };
    order(args.first(), state, view)
}

/// What else can be set of a server in HAProxy.
const OTHERS: [&str; 12] = [
    "addr",
    "agent",
    "agent-addr",
    "agent-port",
    "agent-send",
    "check-addr",
    "check-port",
    "fqdn",
    "health",
    "name",
    "ssl",
    "weight",
];

fn order(name: Option<&String>, state: ServerState, view: &dyn View) -> Answer {
    match find(name, view) {
        Ok((backend, server)) => Answer::Order(Order::SetServer {
            backend,
            server,
            state,
        }),
        Err(why) => Answer::error(why),
    }
}

/// The server that `<backend>/<server>` names, each by its name or `#` and its number.
fn find(name: Option<&String>, view: &dyn View) -> Result<(ProxyIndex, ServerIndex), &'static str> {
    let name = name.and_then(|name| name.split_once('/'));
    let (backend, server) = name.ok_or("Require 'backend/server'.")?;
    let (at, proxy) = find_backend(backend, view).ok_or("No such backend.")?;
    let mut servers = proxy.servers.iter();
    let found = servers.position(|one| is_called(server, &one.name, one.id));
    let found = found.ok_or("No such server.")?;
    Ok((at, ServerIndex(found as u32)))
}

fn find_backend<'a>(name: &str, view: &'a dyn View) -> Option<(ProxyIndex, &'a Proxy)> {
    let proxies = view.settings().proxies.iter().enumerate();
    let mut backends = proxies.filter(|(_, proxy)| proxy.capability.serves());
    let found = backends.find(|(_, proxy)| is_called(name, &proxy.name, proxy.id));
    found.map(|(at, proxy)| (ProxyIndex(at as u32), proxy))
}

/// Whether `word` stands for what has this name and this number.
fn is_called(word: &str, name: &str, id: u32) -> bool {
    match word.strip_prefix('#') {
        Some(number) => number.parse() == Ok(id),
        None => word == name,
    }
}

/// `show servers conn [<backend>]`
pub(super) fn show_conn(args: &[String], _rights: &mut Rights, view: &dyn View) -> Answer {
    show(Shown::Connections, args, view)
}

/// `show servers state [<backend>]`
pub(super) fn show_state(args: &[String], _rights: &mut Rights, view: &dyn View) -> Answer {
    show(Shown::State, args, view)
}

fn show(shown: Shown, args: &[String], view: &dyn View) -> Answer {
    let only = match args.first() {
        Some(name) => match find_backend(name, view) {
            Some((at, _)) => Some(at),
            None => return Answer::error("Can't find backend."),
        },
        None => None,
    };
    Answer::Dump(Dump::Servers(ServerList::new(shown, only)))
}
