//! What is allowed, but probably not meant.

use crate::diagnostic::{Diagnostic, Severity};
use crate::draft::ProxyDraft;
use crate::keyword::Sections;
use crate::problem::Problem;
use crate::sections::forward::ForwardDraft;
use crate::statement::Spot;
use alloc::format;
use alloc::vec::Vec;
use session::rules::{Action, Choice};
use session::settings::{LineFormat, LogFormat, Mode, Options, ProxyIndex};

/// Looks at every proxy that is started; `logs_globally` says whether `log global` leads anywhere.
pub(super) fn check(
    drafts: &mut [ProxyDraft],
    logs_globally: bool,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let modes: Vec<Mode> = drafts.iter().map(|draft| draft.proxy.mode).collect();
    for draft in drafts.iter_mut().filter(|draft| !draft.proxy.disabled) {
        no_listener(draft, diagnostics);
        if draft.proxy.mode == Mode::Tcp {
            if !becomes_http(draft, &modes) {
                http_only(draft, diagnostics);
            }
            switched_to_nowhere(draft, diagnostics);
            cookies(draft, diagnostics);
            http_log(draft, diagnostics);
        }
        log_to_nowhere(draft, logs_globally, diagnostics);
        missing_timeouts(draft, diagnostics);
    }
}

/// Whether connections of a proxy in TCP mode may become HTTP: then what is said of HTTP applies to them.
fn becomes_http(draft: &ProxyDraft, modes: &[Mode]) -> bool {
    let is_http = |backend: &ProxyIndex| modes[backend.0 as usize] == Mode::Http;
    draft.accepts()
        && (switches_mode(draft)
            || draft.proxy.backend.as_ref().is_some_and(is_http)
            || draft.rules.switches.iter().any(|rule| match &rule.to {
                Choice::This(backend) => is_http(backend),
                Choice::Named(_) => true,
            }))
}

fn switches_mode(draft: &ProxyDraft) -> bool {
    let mut rules = draft.rules.content.iter();
    rules.any(|rule| matches!(rule.action, Action::SwitchMode(_)))
}

/// A section whose requests have only TCP servers to go to.
fn switched_to_nowhere(draft: &ProxyDraft, diagnostics: &mut Vec<Diagnostic>) {
    let alone = draft.serves() && draft.default_backend.is_none();
    if alone && draft.rules.switches.is_empty() && switches_mode(draft) {
        let problem = Problem::at(
            0,
            format!(
                "Proxy '{}' : 'switch-mode http' configured for a tcp proxy with no backend. Incoming connections upgraded to HTTP cannot be routed to TCP servers",
                draft.proxy.name
            ),
        )
        .because("requests are answered 500");
        diagnostics.push(draft.spot.diagnostic(Severity::Warning, problem));
    }
}

fn no_listener(draft: &ProxyDraft, diagnostics: &mut Vec<Diagnostic>) {
    if draft.accepts() && draft.binds.is_empty() {
        let problem = Problem::at(
            0,
            format!(
                "{} has no 'bind' directive. Please declare it as a backend if this was intended.",
                draft.title()
            ),
        )
        .because("nobody can connect to it");
        diagnostics.push(draft.spot.diagnostic(Severity::Warning, problem));
    }
}

/// Messages cannot come to a `log-forward` section without sockets.
pub(super) fn no_source(draft: &ForwardDraft, diagnostics: &mut Vec<Diagnostic>) {
    if draft.forward.binds.is_empty() && draft.forward.datagrams.is_empty() {
        let message = format!("{} has no 'bind' or 'dgram-bind' directive.", draft.title());
        let problem = Problem::at(0, message).because("no message can come to it");
        diagnostics.push(draft.spot.diagnostic(Severity::Warning, problem));
    }
}

/// What a proxy that never speaks HTTP cannot do.
fn http_only(draft: &mut ProxyDraft, diagnostics: &mut Vec<Diagnostic>) {
    let mut ignored = Vec::new();
    if draft.proxy.forwardfor.take().is_some() {
        ignored.push("'option forwardfor'");
    }
    if draft.proxy.originalto.take().is_some() {
        ignored.push("'option originalto'");
    }
    if draft.proxy.forwarded.take().is_some() {
        ignored.push("'option forwarded'");
    }
    if draft.proxy.stats.take().is_some() {
        ignored.push("'stats' statement");
    }
    if draft.accepts() && draft.proxy.monitor_uri.take().is_some() {
        ignored.push("'monitor-uri'");
    }
    let options = [
        (Options::HTTP_IGNORE_PROBES, "'option http-ignore-probes'"),
        (Options::HTTP_NO_DELAY, "'option http-no-delay'"),
        (Options::USE_PROXY_HEADER, "'option http-use-proxy-header'"),
    ];
    for (flag, name) in options {
        if draft.proxy.options.contains(flag) {
            draft.proxy.options.remove(flag);
            ignored.push(name);
        }
    }
    ignored.extend(draft.rules.take_http());
    for name in ignored {
        let message = format!(
            "{name} ignored for {} as {} HTTP mode.",
            draft.title(),
            if name.ends_with("rules") {
                "they require"
            } else {
                "it requires"
            }
        );
        let problem = Problem::at(0, message).because("not in 'mode http'");
        diagnostics.push(draft.spot.diagnostic(Severity::Warning, problem));
    }
}

/// Cookies are of HTTP.
fn cookies(draft: &mut ProxyDraft, diagnostics: &mut Vec<Diagnostic>) {
    let proxy = &mut draft.proxy;
    let name = &proxy.name;
    let mut say = |spot: &Spot, message| {
        let problem = Problem::at(0, message).because("not in 'mode http'");
        diagnostics.push(spot.diagnostic(Severity::Warning, problem));
    };
    if proxy.cookie.take().is_some() {
        let message = format!("cookie will be ignored for proxy '{name}' (needs 'mode http').");
        say(&draft.spot, message);
    }
    for server in &mut draft.servers {
        if server.server.cookie.take().is_some() {
            let message = format!(
                "proxy '{name}' : ignoring cookie for server '{}' as HTTP mode is disabled.",
                server.server.name
            );
            say(&server.spot, message);
        }
    }
}

/// A log line about requests needs requests.
fn http_log(draft: &mut ProxyDraft, diagnostics: &mut Vec<Diagnostic>) {
    let line = &mut draft.proxy.log_lines.line;
    let wanted = matches!(
        line,
        LineFormat::Usual(LogFormat::Http | LogFormat::Clf | LogFormat::Https)
    );
    if !wanted || !Sections::ACCEPTS.contains(draft.section) {
        return;
    }
    *line = LineFormat::Usual(LogFormat::Tcp);
    if let Some((option, spot)) = &draft.httplog {
        let problem = Problem::at(
            0,
            format!(
                "parsing [{}] : '{option}' not usable with {} (needs 'mode http'). Falling back to 'option tcplog'.",
                spot.place,
                draft.title()
            ),
        )
        .because("only in 'mode http'");
        diagnostics.push(spot.diagnostic(Severity::Warning, problem));
    }
}

/// Log lines that are described, but go nowhere.
fn log_to_nowhere(draft: &ProxyDraft, logs_globally: bool, diagnostics: &mut Vec<Diagnostic>) {
    let lines = &draft.proxy.log_lines;
    let is_short = matches!(lines.line, LineFormat::Usual(LogFormat::Short));
    let described = !is_short || lines.structured.is_some();
    let mut logs = draft.logs.iter();
    let goes = logs.any(|entry| logs_globally || !entry.is_global());
    if draft.accepts() && !draft.is_log && described && !goes {
        let message = format!(
            "log format ignored for {} since it has no log address.",
            draft.title()
        );
        let problem = Problem::at(0, message).because("no 'log' line says where to");
        diagnostics.push(draft.spot.diagnostic(Severity::Warning, problem));
    }
}

fn missing_timeouts(draft: &ProxyDraft, diagnostics: &mut Vec<Diagnostic>) {
    let timeouts = &draft.proxy.timeouts;
    let client = draft.accepts() && timeouts.client.is_none();
    let server = draft.serves()
        && !draft.is_log
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
