//! Backends in `mode log`: what fits into one, and where its servers are.

use super::rings::Rings;
use crate::diagnostic::{Diagnostic, Severity};
use crate::draft::{LogServer, ProxyDraft};
use crate::problem::Problem;
use alloc::format;
use alloc::vec::Vec;
use balance::{Address, Algorithm, HashType};
use session::settings::{LogSocket, LogWhere};

/// Servers of one kind, and a way to choose among them that log lines have; and the like nowhere else.
pub(super) fn check(draft: &ProxyDraft, diagnostics: &mut Vec<Diagnostic>) {
    let mut say = |spot: &crate::statement::Spot, message, reason| {
        let problem = Problem::at(0, message).because(reason);
        diagnostics.push(spot.diagnostic(Severity::Alert, problem));
    };
    let name = &draft.proxy.name;
    let algorithm = draft.proxy.balance.algorithm;
    if !draft.is_log {
        for server in draft
            .servers
            .iter()
            .filter(|it| it.log != LogServer::default())
        {
            let message = format!(
                "server {name}/{} : 'log-proto', 'log-bufsize' and 'udp@' are only for servers of log backends.",
                server.server.name
            );
            say(&server.spot, message, "not in 'mode log'");
        }
        if algorithm == Algorithm::Sticky || draft.hashing.is_of_messages() {
            let message = format!("'balance' of backend '{name}' needs 'mode log'.");
            say(
                &draft.spot,
                message,
                "only log lines are given to servers like this",
            );
        }
        return;
    }
    let fits = match algorithm {
        Algorithm::RoundRobin | Algorithm::Random { .. } | Algorithm::Sticky => true,
        Algorithm::Hash(_) => draft.hashing.is_of_messages(),
        Algorithm::StaticRr | Algorithm::LeastConn | Algorithm::First => false,
    };
    if !fits {
        let message = format!(
            "in backend '{name}': \"balance\" only supports 'roundrobin', 'random', 'sticky' and 'log-hash'."
        );
        say(
            &draft.spot,
            message,
            "log lines are not given to servers like this",
        );
    }
    if draft.hashing.is_of_messages() && draft.hashing.kind == HashType::Consistent {
        let message = format!(
            "log backend '{name}': failed to initialize: unsupported hash method (from \"hash-type\")."
        );
        say(&draft.spot, message, "only 'map-based' is possible");
    }
    let first = draft.servers.first().map(|first| first.log.datagrams);
    for server in &draft.servers {
        let its_name = &server.server.name;
        if Some(server.log.datagrams) != first {
            let message = format!(
                "log backend '{name}': failed to initialize: cannot mix server types within a log backend, '{its_name}' srv's network type differs from previous server."
            );
            say(&server.spot, message, "either datagrams or streams");
        }
        let is_known = match &server.server.address {
            Address::Ip(to) => !to.ip().is_unspecified(),
            Address::Unix(_) => true,
            Address::Abstract(_) => !server.log.datagrams,
            Address::IpPortOf { .. } | Address::Unresolved(_) | Address::Reversed => false,
        };
        if !is_known {
            let message = format!(
                "server {name}/{its_name} : this address is not supported yet in a log backend."
            );
            say(
                &server.spot,
                message,
                "an IP address or a Unix socket's path is expected",
            );
        }
    }
}

/// Where the servers of a log backend are, each stream with a ring before it.
pub(super) fn servers(draft: &ProxyDraft, rings: &mut Rings) -> Vec<LogWhere> {
    let servers = draft.servers.iter();
    let places = servers.map(
        |server| match (&server.server.address, server.log.datagrams) {
            (Address::Ip(address), true) => LogWhere::Socket(LogSocket::Udp(*address)),
            (Address::Unix(path), true) => LogWhere::Socket(LogSocket::Unix(path.clone())),
            (address, _) => {
                let name = format!("{}/{}", draft.proxy.name, server.server.name);
                let timeouts = &draft.proxy.timeouts;
                let ring = rings.of_server(&name, address, server.log);
                ring.connect_timeout = timeouts.connect;
                ring.server_timeout = timeouts.server;
                LogWhere::Ring(rings.last())
            }
        },
    );
    places.collect()
}
