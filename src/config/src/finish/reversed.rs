//! Reverse HTTP where the mode is another.

use crate::diagnostic::{Diagnostic, Severity};
use crate::draft::ProxyDraft;
use crate::problem::Problem;
use alloc::format;
use alloc::vec::Vec;
use balance::Address;
use session::settings::Mode;

/// Servers that connect to us speak HTTP/2.
pub(super) fn check(drafts: &[ProxyDraft], diagnostics: &mut Vec<Diagnostic>) {
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
}
