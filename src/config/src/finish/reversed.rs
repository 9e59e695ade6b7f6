//! Reverse HTTP: servers that connect to us, and listeners that connect to servers.

use crate::diagnostic::{Diagnostic, Severity};
use crate::draft::{ProxyDraft, ServerDraft};
use crate::nearest::nearest;
use crate::problem::Problem;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use balance::{Address, Proto, ServerIndex};
use session::settings::{BindAddress, Mode, ProxyIndex};

/// Finds the servers that listeners connect to; both ends speak HTTP/2.
pub(super) fn check(drafts: &mut [ProxyDraft], diagnostics: &mut Vec<Diagnostic>) {
    for draft in drafts.iter().filter(|draft| draft.proxy.mode != Mode::Http) {
        let servers = draft.servers.iter();
        for draft_of in servers.filter(|it| it.server.address == Address::Reversed) {
            let message = format!(
                "{} : server {} uses reverse HTTP addressing which can only be used with HTTP mode.",
                draft.title(),
                draft_of.server.name
            );
            let problem = Problem::at(0, message).because("'mode http' is needed");
            diagnostics.push(draft_of.spot.diagnostic(Severity::Alert, problem));
        }
    }
    for at in 0..drafts.len() {
        // What a disabled proxy names is never looked at.
        if drafts[at].proxy.disabled {
            continue;
        }
        for bind in 0..drafts[at].binds.len() {
            let found = target(drafts, at, bind).transpose();
            let draft = &mut drafts[at].binds[bind];
            match found {
                None => {}
                Some(Ok((backend, server))) => {
                    if let BindAddress::Reversed(reversed) = &mut draft.bind.address {
                        (reversed.backend, reversed.server) = (backend, server);
                    }
                }
                Some(Err(problem)) => {
                    diagnostics.push(draft.spot.diagnostic(Severity::Alert, problem));
                }
            }
        }
    }
}

/// The server that a listener connects to, if it does.
fn target(
    drafts: &[ProxyDraft],
    at: usize,
    bind: usize,
) -> Result<Option<(ProxyIndex, ServerIndex)>, Problem> {
    let draft = &drafts[at];
    let BindAddress::Reversed(reversed) = &draft.binds[bind].bind.address else {
        return Ok(None);
    };
    let name = &*reversed.name;
    let wrong = |what: String, why: &'static str| {
        let message = format!("{} : 'bind rhttp@{name}' : {what}", draft.title());
        Problem::at(0, message).because(why)
    };
    if draft.proxy.mode != Mode::Http {
        let what = "reverse HTTP can only be used with HTTP mode.";
        return Err(wrong(what.into(), "'mode http' is needed"));
    }
    let halves = name
        .split_once('/')
        .filter(|(_, server)| !server.is_empty());
    let Some((backend, server)) = halves else {
        let what = format!("Invalid server name: '{name}'.");
        return Err(wrong(what, "'<backend>/<server>' is expected"));
    };
    let serving = || drafts.iter().filter(|draft| draft.serves());
    let is_it = |draft: &ProxyDraft| draft.serves() && *draft.proxy.name == *backend;
    let Some(place) = drafts.iter().position(is_it) else {
        let near = nearest(backend, serving().map(|draft| &*draft.proxy.name));
        let what = format!("No such backend: '{backend}'.");
        return Err(wrong(what, "no backend has this name").did_you_mean(near));
    };
    let servers = &drafts[place].servers;
    let is_it = |it: &ServerDraft| *it.server.name == *server;
    let Some(found) = servers.iter().position(is_it) else {
        let near = nearest(server, servers.iter().map(|it| &*it.server.name));
        let what = format!("No such server: '{name}'.");
        return Err(wrong(what, "no server has this name").did_you_mean(near));
    };
    let draft_of = &servers[found];
    match &draft_of.server.address {
        Address::Reversed => {
            let what =
                format!("Cannot use reverse HTTP server '{name}' as target to a reverse bind.");
            return Err(wrong(what, "one of both has to connect"));
        }
        Address::Ip(address) if !address.ip().is_unspecified() => {}
        Address::Ip(_)
        | Address::IpPortOf { .. }
        | Address::Unix(_)
        | Address::Abstract(_)
        | Address::Unresolved(_) => {
            let what =
                format!("Cannot use transparent server '{name}' as target to a reverse bind.");
            return Err(wrong(what, "it needs an IP address and a port of its own"));
        }
    }
    if draft_of.server.proto != Proto::Http2 {
        let what = format!(
            "Cannot reverse connect with server '{name}' unless HTTP/2 is activated on it with either proto or alpn keyword."
        );
        return Err(wrong(what, "'proto h2' is needed"));
    }
    let introduced = draft_of.introduction.text || draft_of.introduction.binary;
    if introduced {
        let what = format!("server '{name}' : 'send-proxy' is not supported yet here.");
        return Err(wrong(what, "there is no client to speak of"));
    }
    Ok(Some((ProxyIndex(place as u32), ServerIndex(found as u32))))
}
