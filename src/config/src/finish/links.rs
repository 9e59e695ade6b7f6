//! Sections that name each other.

use crate::diagnostic::{Diagnostic, Severity};
use crate::draft::{ProxyDraft, Reference};
use crate::nearest::nearest;
use crate::problem::Problem;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec::Vec;
use session::settings::{Mode, ProxyIndex};

/// The servers of a backend need names of their own.
pub(super) fn same_names(drafts: &[ProxyDraft], diagnostics: &mut Vec<Diagnostic>) {
    for draft in drafts {
        same_servers(draft, diagnostics);
    }
}

fn same_servers(draft: &ProxyDraft, diagnostics: &mut Vec<Diagnostic>) {
    let mut seen = BTreeMap::new();
    for server in &draft.servers {
        let name = &*server.server.name;
        if let Some(line) = seen.get(name) {
            let problem = Problem::at(
                0,
                format!(
                    "parsing [{}] : {}, another server named '{name}' was already defined at line {line}, please use distinct names.",
                    server.spot.place,
                    draft.title()
                ),
            )
            .because("two servers of a backend cannot share a name");
            diagnostics.push(server.spot.diagnostic(Severity::Alert, problem));
        } else {
            seen.insert(name, server.spot.place.line);
        }
    }
}

/// Finds the backend of every frontend.
pub(super) fn connect(drafts: &mut [ProxyDraft], diagnostics: &mut Vec<Diagnostic>) {
    let index: BTreeMap<Box<str>, usize> = drafts
        .iter()
        .enumerate()
        .map(|(at, draft)| (draft.proxy.name.clone(), at))
        .collect();
    for at in 0..drafts.len() {
        let draft = &drafts[at];
        // What a disabled proxy names is never looked at.
        if !draft.accepts() || draft.proxy.disabled {
            continue;
        }
        let own = draft.serves().then_some(ProxyIndex(at as u32));
        // Both are looked up: a name that does not exist is wrong even where it is never reached.
        let used = draft.use_backend.as_ref();
        let default = draft.default_backend.as_ref();
        let used = used.and_then(|name| find(name, at, drafts, &index, diagnostics));
        let default = default.and_then(|name| find(name, at, drafts, &index, diagnostics));
        drafts[at].proxy.backend = used.or(default).or(own);
    }
}

fn find(
    reference: &Reference,
    from: usize,
    drafts: &[ProxyDraft],
    index: &BTreeMap<Box<str>, usize>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<ProxyIndex> {
    let draft = &drafts[from];
    let name = &*reference.name;
    let keyword = reference.keyword;
    let problem = match index.get(name).map(|at| (*at, &drafts[*at])) {
        Some((at, target)) if target.serves() => {
            if target.proxy.mode == draft.proxy.mode
                || (draft.proxy.mode == Mode::Tcp && target.proxy.mode == Mode::Http)
            {
                return Some(ProxyIndex(at as u32));
            }
            Problem::at(
                0,
                format!(
                    "{} tries to use {} ({}) with '{keyword}', which is not compatible with its mode ({}).",
                    draft.title(),
                    target.title(),
                    mode(target.proxy.mode),
                    mode(draft.proxy.mode)
                ),
            )
            .because("the modes of both have to fit")
        }
        Some((_, target)) => Problem::at(
            0,
            format!(
                "{} has no backend capability, but is used with '{keyword}' by {}.",
                target.title(),
                draft.title()
            ),
        )
        .because("not a backend"),
        None => {
            let names = drafts
                .iter()
                .filter(|draft| draft.serves())
                .map(|draft| &*draft.proxy.name);
            Problem::at(
                0,
                format!(
                    "Proxy '{}': unable to find required {keyword}: '{name}'.",
                    draft.proxy.name
                ),
            )
            .because("no backend has this name")
            .did_you_mean(nearest(name, names))
        }
    };
    diagnostics.push(reference.spot.diagnostic(Severity::Alert, problem));
    None
}

fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Tcp => "tcp",
        Mode::Http => "http",
    }
}
