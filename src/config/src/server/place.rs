//! Where the server of a `server` line is.
//!
//! `mode log` gives addresses another meaning, and may come after them: they are read when the mode is
//! known.

use crate::address::{self, Transport, server};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::draft::{ProxyDraft, ServerDraft};
use crate::problem::{Parsed, Problem};
use crate::server::options::Otherwise;
use alloc::format;
use alloc::sync::Arc;
use balance::{Address, Proto};

/// Reads the addresses of a section's servers.
pub(crate) fn read(draft: &mut ProxyDraft, context: &mut Context<'_>) {
    for server in &mut draft.servers {
        let title = format!("server {}/{}", draft.proxy.name, server.server.name);
        let read = match draft.is_log {
            true => log_address(&title, server, context),
            false => address(&title, server, context),
        };
        if let Err(problem) = read {
            say(server, Severity::Alert, problem, context);
        }
    }
}

fn say(server: &ServerDraft, severity: Severity, problem: Problem, context: &mut Context<'_>) {
    let diagnostic = server.line.statement().diagnostic(severity, problem);
    context.notes.push_at(server.line.mark(), diagnostic);
}

/// The address of a log server in word 2: of datagrams if it says so, or else of a stream.
fn log_address(title: &str, server: &mut ServerDraft, context: &Context<'_>) -> Parsed {
    let line = Arc::clone(&server.line);
    let text = line.statement().word(2);
    server.log.datagrams = names_datagrams(text);
    let transport = match server.log.datagrams {
        true => Transport::Datagram,
        false => Transport::Stream,
    };
    server.server.address = server::log_server(text, transport, context)
        .map_err(|bad| address::problem(2, title, bad))?;
    Ok(())
}

fn names_datagrams(text: &str) -> bool {
    let prefixes = ["udp@", "udp4@", "udp6@", "uxdg@"];
    prefixes.iter().any(|prefix| text.starts_with(prefix))
}

/// The address in word 2, resolved as `init-addr` says.
fn address(title: &str, draft: &mut ServerDraft, context: &mut Context<'_>) -> Parsed {
    let line = Arc::clone(&draft.line);
    let text = line.statement().word(2);
    let found = server::address(text, draft.init_addr.resolve, context)
        .map_err(|bad| address::problem(2, title, bad))?;
    if found.address == Address::Reversed {
        reversed(title, draft)?;
    }
    draft.server.address = found.address;
    draft.server.host = found.host;
    let Some(bad) = found.unresolved else {
        return Ok(());
    };
    match draft.init_addr.otherwise {
        Otherwise::Fatal if !context.options.ignore_resolution_failures => {
            return Err(address::problem(2, title, bad)
                .help("'-dr' or 'init-addr none' starts the server in maintenance instead"));
        }
        Otherwise::Fatal | Otherwise::Maintenance => {
            let message = format!("{}, disabling server.", bad.0);
            let problem = address::problem(2, title, (message, bad.1));
            say(draft, Severity::Notice, problem, context);
            draft.server.disabled = true;
        }
        Otherwise::Address(ip) => draft.server.address = found.port.at(ip),
    }
    Ok(())
}

/// What makes no sense where nothing is connected to.
fn reversed(title: &str, draft: &mut ServerDraft) -> Parsed {
    let wrong = |what: &str| {
        let message = format!("'{title}' : {what} is not possible with 'rhttp@'.");
        Err(Problem::at(2, message).because("its connections are not opened by us"))
    };
    if draft.introduction.text || draft.introduction.binary {
        return wrong("'send-proxy'");
    }
    if draft.server.source.is_some() {
        return wrong("'source'");
    }
    match draft.server.proto {
        Proto::Unset | Proto::Http2 => draft.server.proto = Proto::Http2,
        Proto::Http1 | Proto::Raw => return wrong("a 'proto' other than 'h2'"),
    }
    Ok(())
}
