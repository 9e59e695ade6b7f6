//! Sections that name each other.

use crate::diagnostic::{Diagnostic, Severity};
use crate::draft::ProxyDraft;
use crate::keyword::Sections;
use crate::problem::Problem;
use crate::rules::Landscape;
use crate::sections::NamedSections;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::vec::Vec;
use session::rules::Choice;
use session::settings::ProxyIndex;

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
pub(super) fn connect(
    drafts: &mut [ProxyDraft],
    sections: &NamedSections,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let landscape = Landscape::of(drafts, sections);
    for (at, draft) in (0..).zip(drafts) {
        // What a disabled proxy names is never looked at.
        if !draft.accepts() || draft.proxy.disabled {
            continue;
        }
        let own = draft.serves().then_some(ProxyIndex(at));
        let default = draft.default_backend.as_ref();
        let default = default.and_then(|named| {
            let found = landscape.backend(&named.name, draft, named.keyword);
            found
                .map_err(|problem| {
                    diagnostics.push(named.spot.diagnostic(Severity::Alert, problem));
                })
                .ok()
        });
        draft.proxy.backend = default.or(own);
    }
}

/// Backends nobody sends requests to; not known where names are made of requests.
pub(super) fn unreached(drafts: &[ProxyDraft], diagnostics: &mut Vec<Diagnostic>) {
    let mut reached = BTreeSet::new();
    for draft in drafts {
        reached.extend(draft.proxy.backend);
        for rule in &draft.rules.switches {
            match &rule.to {
                Choice::This(backend) => reached.insert(*backend),
                Choice::Named(_) => return,
            };
        }
    }
    for (at, draft) in (0..).zip(drafts) {
        if draft.section == Sections::BACKEND && !reached.contains(&ProxyIndex(at)) {
            let message = format!("{} is used by no frontend.", draft.title());
            let problem = Problem::bare(0, message).because("no request gets here");
            diagnostics.push(draft.spot.diagnostic(Severity::Diag, problem));
        }
    }
}
