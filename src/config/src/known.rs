//! Every keyword HAProxy has, so that one we lack is refused by name instead of as unknown.

use crate::problem::Problem;
use alloc::format;

/// Keywords of `global`, one a line.
pub(crate) const GLOBAL: &str = include_str!("known/global.txt");
/// Keywords of proxies, one a line, families with their second word.
pub(crate) const PROXY: &str = include_str!("known/proxy.txt");
/// Options of `bind` lines, one a line.
pub(crate) const BIND: &str = include_str!("known/bind.txt");
/// Options of `server` lines, one a line.
pub(crate) const SERVER: &str = include_str!("known/server.txt");
/// Sample fetches, one a line.
pub(crate) const FETCHES: &str = include_str!("known/fetches.txt");
/// Converters, one a line.
pub(crate) const CONVERTERS: &str = include_str!("known/converters.txt");

/// Every kind of section.
pub(crate) const SECTIONS: &[&str] = &[
    "acme",
    "backend",
    "cache",
    "crt-store",
    "defaults",
    "fcgi-app",
    "frontend",
    "global",
    "healthcheck",
    "http-errors",
    "listen",
    "log-forward",
    "log-profile",
    "mailers",
    "namespace_list",
    "peers",
    "program",
    "resolvers",
    "ring",
    "traces",
    "userlist",
];

/// Directives of conditional blocks and messages.
pub(crate) const DIRECTIVES: &[&str] = &[
    ".alert", ".diag", ".elif", ".else", ".endif", ".if", ".notice", ".warning",
];

/// Keywords that were removed from HAProxy, and what to write instead.
const REMOVED: &[(&str, &str)] = &[
    ("appsession", "use 'stick-table' and 'stick' rules"),
    ("bind-process", "use 'thread' on the 'bind' lines"),
    ("block", "use 'http-request deny'"),
    ("cliexp", "use 'http-request replace-header'"),
    ("clitimeout", "use 'timeout client'"),
    ("contimeout", "use 'timeout connect'"),
    ("dispatch", "use a 'server' line"),
    ("forceclose", "use 'option httpclose'"),
    ("grace", "use 'grace' in the 'global' section"),
    (
        "monitor-net",
        "use 'http-request return' or 'tcp-request connection reject'",
    ),
    ("nbproc", "use 'nbthread'"),
    ("redisp", "use 'option redispatch'"),
    ("redispatch", "use 'option redispatch'"),
    ("reqadd", "use 'http-request add-header'"),
    ("reqallow", "use 'http-request allow'"),
    ("reqdel", "use 'http-request del-header'"),
    ("reqdeny", "use 'http-request deny'"),
    ("reqiallow", "use 'http-request allow'"),
    ("reqidel", "use 'http-request del-header'"),
    ("reqideny", "use 'http-request deny'"),
    ("reqipass", "use 'http-request' rules"),
    ("reqirep", "use 'http-request replace-header'"),
    ("reqitarpit", "use 'http-request tarpit'"),
    ("reqpass", "use 'http-request' rules"),
    ("reqrep", "use 'http-request replace-header'"),
    ("reqtarpit", "use 'http-request tarpit'"),
    ("rspadd", "use 'http-response add-header'"),
    ("rspdel", "use 'http-response del-header'"),
    ("rspdeny", "use 'http-response deny'"),
    ("rspidel", "use 'http-response del-header'"),
    ("rspideny", "use 'http-response deny'"),
    ("rspirep", "use 'http-response replace-header'"),
    ("rsprep", "use 'http-response replace-header'"),
    ("srvexp", "use 'http-response replace-header'"),
    ("srvtimeout", "use 'timeout server'"),
    (
        "transparent",
        "use 'server' with address '*' and 'source ... usesrc'",
    ),
    ("usesrc", "use 'source ... usesrc'"),
    ("option forceclose", "use 'option httpclose'"),
    ("option http-tunnel", "use 'mode tcp', or CONNECT"),
    (
        "option http_proxy",
        "use 'http-request do-resolve' and 'http-request set-dst'",
    ),
    ("option transparent", "use 'server' with address '*'"),
    ("option tcpsplice", "use 'option splice-auto'"),
];

/// What replaced a removed keyword.
pub(crate) fn removed(name: &str) -> Option<Problem> {
    let (_, instead) = REMOVED.iter().find(|(removed, _)| *removed == name)?;
    let last = usize::from(name.contains(' '));
    Some(Problem {
        words: 0..last + 1,
        ..Problem::at(
            0,
            format!("the '{name}' keyword is not supported any more."),
        )
        .because("removed from HAProxy")
        .help(*instead)
    })
}

/// Whether a list has this keyword, or a family that starts with it.
pub(crate) fn has(list: &str, name: &str) -> bool {
    list.lines().any(|known| {
        known == name
            || known
                .strip_prefix(name)
                .is_some_and(|rest| rest.starts_with(' '))
    })
}

/// The problem that a keyword of HAProxy is missing here.
pub(crate) fn not_yet(at: usize, name: &str) -> Problem {
    Problem::at(at, format!("'{name}' is not supported yet."))
        .because("HAProxy has this, we do not have it yet")
}
