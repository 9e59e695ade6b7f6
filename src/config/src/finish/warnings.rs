//! What is allowed, but probably not meant.

use crate::diagnostic::{Diagnostic, Severity};
use crate::draft::ProxyDraft;
use crate::problem::Problem;
use alloc::format;
use alloc::vec::Vec;
use session::settings::{LogFormat, Mode};

/// Looks at every proxy that is started.
pub(super) fn check(drafts: &mut [ProxyDraft], diagnostics: &mut Vec<Diagnostic>) {
    for draft in drafts.iter_mut().filter(|draft| !draft.proxy.disabled) {
        no_listener(draft, diagnostics);
        http_only(draft, diagnostics);
        missing_timeouts(draft, diagnostics);
    }
}

fn no_listener(draft: &ProxyDraft, diagnostics: &mut Vec<Diagnostic>) {
    if draft.accepts() && draft.binds.is_empty() {
        let hint = if draft.serves() {
            "backend"
        } else {
            "listening address"
        };
        let problem = Problem::at(
            0,
            format!(
                "{} has no 'bind' directive. Please declare it as a {hint} if this was intended.",
                draft.title()
            ),
        )
        .because("nobody can connect to it");
        diagnostics.push(draft.spot.diagnostic(Severity::Warning, problem));
    }
}

/// A log line about requests needs requests.
fn http_only(draft: &mut ProxyDraft, diagnostics: &mut Vec<Diagnostic>) {
    let http_log = matches!(draft.proxy.log_format, LogFormat::Http | LogFormat::Clf);
    if draft.proxy.mode != Mode::Tcp || !http_log || !draft.accepts() {
        return;
    }
    draft.proxy.log_format = LogFormat::Tcp;
    if let Some(spot) = &draft.httplog {
        let problem = Problem::at(
            0,
            format!(
                "parsing [{}] : 'option httplog' not usable with {} (needs 'mode http'). Falling back to 'option tcplog'.",
                spot.place,
                draft.title()
            ),
        )
        .because("only in 'mode http'");
        diagnostics.push(spot.diagnostic(Severity::Warning, problem));
    }
}

fn missing_timeouts(draft: &ProxyDraft, diagnostics: &mut Vec<Diagnostic>) {
    let timeouts = &draft.proxy.timeouts;
    let client = draft.accepts() && timeouts.client.is_none();
    let server = draft.serves()
        && !draft.servers.is_empty()
        && (timeouts.connect.is_none() || timeouts.server.is_none());
    if !client && !server {
        return;
    }
    let mut missing = Vec::new();
    if client {
        missing.push("'client'");
    }
    if server && timeouts.connect.is_none() {
        missing.push("'connect'");
    }
    if server && timeouts.server.is_none() {
        missing.push("'server'");
    }
    let mut diagnostic = Diagnostic::general(
        Severity::Warning,
        format!("missing timeouts for {}.", draft.title()),
    );
    diagnostic.place = Some(draft.spot.place.clone());
    diagnostic.reason = Some(format!(
        "Without a timeout a peer that went away silently is waited for without end.\nSet to more than zero: {}.",
        missing.join(", ")
    ));
    diagnostics.push(diagnostic);
}
