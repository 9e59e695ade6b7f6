//! Every keyword has a line that is accepted and one that is refused.

mod ends;
mod global;
mod options;
mod proxies;

use super::load;
use crate::Severity;
use crate::keywords;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use ends::{BIND, SERVER};
use global::GLOBAL;
use options::OPTIONS;
use proxies::PROXIES;

/// A keyword, lines that are accepted, lines that are refused.
pub(super) type Example = (
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
);

/// The line in a section where it may stand, with everything it may refer to.
fn configuration(place: &str, line: &str) -> String {
    let peer = "backend peer\n mode http\nhttp-errors answers\n errorfile 503 503.http\nring r\n size 9k\n";
    match place {
        "global" => format!("global\n {line}\nlisten l\n bind :80\n timeout client 1s\n"),
        "bind" => format!("listen l\n mode http\n bind :80 {line}\n"),
        "server" => format!("listen l\n mode http\n bind :80\n server s 192.0.2.1:80 {line}\n"),
        _ => format!("listen l\n mode http\n {line}\n{peer}"),
    }
}

pub(super) fn check(place: &str, examples: &[Example]) {
    for (name, accepted, refused) in examples {
        let examples = accepted.len() + refused.len();
        assert!(examples > 0, "{place} {name} has no example");
        for line in *accepted {
            let loaded = load(&configuration(place, line));
            assert!(
                !loaded.has(Severity::Alert),
                "{line}: {:#?}",
                loaded.diagnostics
            );
        }
        for line in *refused {
            let loaded = load(&configuration(place, line));
            assert!(loaded.has(Severity::Alert), "{place} accepts: {line}");
        }
    }
}

#[test]
fn lines_of_proxies_are_accepted_and_refused() {
    check("proxy", PROXIES);
    check("proxy", OPTIONS);
}

#[test]
fn lines_of_global_are_accepted_and_refused() {
    check("global", GLOBAL);
}

#[test]
fn options_of_bind_are_accepted_and_refused() {
    check("bind", BIND);
}

#[test]
fn options_of_server_are_accepted_and_refused() {
    check("server", SERVER);
}

/// Those that are accepted without effect take a value or none; there is nothing to choose from.
#[test]
fn every_keyword_that_does_something_has_an_example() {
    let mut examples = BTreeSet::new();
    for (place, table) in [("global", GLOBAL), ("bind", BIND), ("server", SERVER)] {
        examples.extend(table.iter().map(|(name, ..)| (String::from(place), *name)));
    }
    examples.extend(
        PROXIES
            .iter()
            .chain(OPTIONS)
            .chain(super::actions::ACTIONS)
            .map(|(name, ..)| (String::from("proxy"), *name)),
    );
    for keyword in keywords() {
        if keyword.doc.contains("without effect") {
            continue;
        }
        let place = match keyword.place.as_str() {
            place @ ("global" | "bind" | "server") => place,
            _ => "proxy",
        };
        let key = (String::from(place), keyword.name);
        assert!(examples.contains(&key), "no example of {key:?}");
    }
}

#[test]
fn every_keyword_is_one_of_haproxys() {
    let is_action = |place: &str| place.contains("-request") || place.contains("-response");
    for keyword in keywords() {
        if is_action(&keyword.place) {
            continue;
        }
        let list = match keyword.place.as_str() {
            "global" => crate::known::GLOBAL,
            "bind" => crate::known::BIND,
            "server" => crate::known::SERVER,
            _ => crate::known::PROXY,
        };
        let name = keyword.name.split(' ').next().unwrap_or_default();
        let old_name = keyword.name.starts_with("option accept-invalid");
        assert!(
            crate::known::has(list, keyword.name)
                || old_name
                || (name == "stats" && keyword.place == "global"),
            "{keyword:?}"
        );
    }
}
