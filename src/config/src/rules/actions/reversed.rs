//! Servers that connect to us (reverse HTTP).

use super::ActionKeyword;
use crate::nearest::nearest;
use crate::problem::Problem;
use crate::rules::reading::Reading;
use crate::rules::rule::RuleLine;
use crate::rules::set::Sets;
use alloc::format;
use alloc::string::String;
use balance::ServerIndex;
use session::rules::Action;
use session::settings::{Mode, ProxyIndex};

pub(super) const ACTIONS: &[ActionKeyword] = &[ActionKeyword {
    name: "attach-srv",
    doc: "who connects is a server: its connection is for requests to it",
    sets: Sets::SESSION,
    ends: false,
    parse: attach,
}];

/// `attach-srv <backend>/<server> [name <expression>]`
fn attach(line: &mut RuleLine<'_, '_>, reading: &mut Reading<'_, '_>) -> Result<Action, Problem> {
    let action = line.set.words();
    if !reading.context.experimental {
        let message = "'attach-srv' action is experimental, must be allowed via a global 'expose-experimental-directives'";
        return Err(Problem::at(action, message).because("not allowed without"));
    }
    let rule = |what: &str| {
        format!(
            "Proxy '{}': attach-srv rule{what}",
            reading.draft.proxy.name
        )
    };
    let (at, path) = line.word("missing server name")?;
    let (backend, server) = named(at, path, reading, &rule)?;
    if reading.draft.proxy.mode != Mode::Http {
        let message = rule(" requires HTTP proxy mode.");
        return Err(Problem::at(action, message).because("HTTP/2 has no place in 'mode tcp'"));
    }
    let info = reading.landscape.at(backend.0);
    let Some(named) = info.and_then(|info| info.reversed.get(&server.0)).copied() else {
        let message = rule(&format!(": server '{path}' does not use 'rhttp@'."));
        return Err(Problem::at(at, message).because("this server is connected to by us"));
    };
    if !named && line.peek() == "name" {
        let message = rule(&format!(
            " has a name argument while server '{path}' does not use pool-conn-name; either reconfigure the server or remove the name argument from this attach-srv rule."
        ));
        return Err(Problem::at(line.at, message).because("nobody asks for a name"));
    }
    let name = match line.takes("name") {
        true if line.is_over() => return Err(line.wrong(line.at, "missing name value")),
        true => Some(line.expr(reading)?),
        false => None,
    };
    Ok(Action::AttachServer {
        backend,
        server,
        name,
    })
}

/// The server that a path names.
fn named(
    at: usize,
    path: &str,
    reading: &Reading<'_, '_>,
    rule: &dyn Fn(&str) -> String,
) -> Result<(ProxyIndex, ServerIndex), Problem> {
    let wrong = |what: String| Problem::at(at, rule(&format!(": {what}."))).because("not a server");
    let halves = path
        .split_once('/')
        .filter(|(_, server)| !server.is_empty());
    let Some((backend, server)) = halves else {
        return Err(wrong(format!("invalid server name '{path}'")));
    };
    let landscape = reading.landscape;
    let Some((place, info)) = landscape.find(backend).filter(|(_, info)| info.serves) else {
        let backends = landscape.proxies.iter().filter(|info| info.serves);
        let near = nearest(backend, backends.map(|info| &*info.name));
        return Err(wrong(format!("no such backend '{path}'")).did_you_mean(near));
    };
    match info.servers.get(server) {
        Some(found) => Ok((ProxyIndex(place), ServerIndex(*found))),
        None => {
            let near = nearest(server, info.servers.keys().map(|name| &**name));
            Err(wrong(format!("no such server '{path}'")).did_you_mean(near))
        }
    }
}
