//! `proto` where the mode has no such protocol.

use crate::diagnostic::{Diagnostic, Severity};
use crate::draft::{ProxyDraft, ServerDraft};
use crate::problem::Problem;
use alloc::format;
use alloc::vec::Vec;
use balance::{Address, Proto};
use session::settings::Mode;

/// Only HTTP mode has protocols to choose from, and there bytes are none.
pub(super) fn check(drafts: &[ProxyDraft], diagnostics: &mut Vec<Diagnostic>) {
    for draft in drafts {
        let because = match draft.proxy.mode {
            Mode::Tcp => "'mode tcp' has no protocols to choose from",
            Mode::Http => "'mode http' needs a protocol that has messages",
        };
        let binds = draft.binds.iter();
        let binds = binds.map(|bind| (bind.bind.proto, &bind.spot, None));
        // What is wrong with these is said elsewhere.
        let opened = |it: &&ServerDraft| it.server.address != Address::Reversed;
        let servers = draft.servers.iter().filter(opened);
        let servers = servers.map(|it| (it.server.proto, &it.spot, Some(&it.server.name)));
        for (proto, spot, server) in binds.chain(servers) {
            let proto = match (proto, draft.proxy.mode) {
                (Proto::Unset, _)
                | (Proto::Http1 | Proto::Http2, Mode::Http)
                | (Proto::Raw, Mode::Tcp) => continue,
                (Proto::Http1, Mode::Tcp) => "h1",
                (Proto::Http2, Mode::Tcp) => "h2",
                (Proto::Raw, Mode::Http) => "none",
            };
            let whose = match server {
                Some(name) => format!("server '{name}'"),
                None => format!("'bind {}'", spot.text()),
            };
            let title = draft.title();
            let text = format!(
                "{title} : MUX protocol '{proto}' is not usable for {whose} at [{}].",
                spot.place
            );
            let problem = Problem::at(0, text).because(because);
            diagnostics.push(spot.diagnostic(Severity::Alert, problem));
        }
    }
}
