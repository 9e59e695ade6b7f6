//! The numbers of proxies, listeners and servers.
//!
//! Numbers that are written down are taken first; the others get the next free one in order of
//! declaration, proxies from 2 (1 is only given when asked for), listeners and servers from 1.

use crate::diagnostic::{Diagnostic, Severity};
use crate::draft::ProxyDraft;
use crate::problem::Problem;
use crate::source::Place;
use crate::statement::Spot;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec::Vec;
use engine::settings::StatsSocket;

/// A proxy without a number gets one above this.
const PROXY_SKIPPED: u32 = 1;

/// Numbers everything.
pub(super) fn assign(
    drafts: &mut [ProxyDraft],
    stats: &mut [StatsSocket],
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut proxies = Numbers::default();
    for draft in drafts.iter() {
        if let Some(spot) = &draft.id_spot {
            proxies.reserve(draft.proxy.id, spot, "proxy", diagnostics);
        }
    }
    proxies.last = PROXY_SKIPPED;
    for draft in drafts.iter_mut() {
        draft.proxy.id_given = draft.id_spot.is_some();
        if !draft.proxy.id_given {
            draft.proxy.id = proxies.take();
        }
        listeners(draft, diagnostics);
        servers(draft, diagnostics);
    }
    for (socket, id) in stats.iter_mut().zip(1..) {
        socket.bind.id = id;
    }
}

fn listeners(draft: &mut ProxyDraft, diagnostics: &mut Vec<Diagnostic>) {
    let mut numbers = Numbers::default();
    for bind in draft.binds.iter().filter(|bind| bind.explicit_id) {
        numbers.reserve(bind.bind.id, &bind.spot, "listener", diagnostics);
    }
    for bind in draft.binds.iter_mut().filter(|bind| !bind.explicit_id) {
        bind.bind.id = numbers.take();
    }
}

fn servers(draft: &mut ProxyDraft, diagnostics: &mut Vec<Diagnostic>) {
    let mut numbers = Numbers::default();
    for server in draft.servers.iter().filter(|server| server.explicit_id) {
        numbers.reserve(server.server.id, &server.spot, "server", diagnostics);
    }
    for server in draft.servers.iter_mut() {
        server.server.id_given = server.explicit_id;
        if !server.explicit_id {
            server.server.id = numbers.take();
        }
    }
}

/// Numbers of one kind.
#[derive(Default)]
struct Numbers {
    /// Those written down, and where.
    taken: BTreeMap<u32, Place>,
    /// The last number given.
    last: u32,
}

impl Numbers {
    /// Takes a number that is written down.
    fn reserve(&mut self, id: u32, spot: &Spot, what: &str, diagnostics: &mut Vec<Diagnostic>) {
        if let Some(first) = self.taken.get(&id) {
            let problem = Problem::at(
                0,
                format!(
                    "parsing [{}] : {what} id {id} is already used at {first}.",
                    spot.place
                ),
            )
            .because("a number can only be given once");
            diagnostics.push(spot.diagnostic(Severity::Alert, problem));
            return;
        }
        self.taken.insert(id, spot.place.clone());
    }

    /// The next free number.
    fn take(&mut self) -> u32 {
        loop {
            self.last += 1;
            if !self.taken.contains_key(&self.last) {
                return self.last;
            }
        }
    }
}
