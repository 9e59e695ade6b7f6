//! Rules that read what a connection carries where that is odd: raw bytes under HTTP, keys that may not
//! have come.

use super::Reading;
use crate::diagnostic::Severity;
use crate::problem::Problem;
use crate::statement::{Spot, Statement};
use alloc::format;
use sample::condition::Condition;
use sample::{Source, Sources};
use session::rules::Action;
use session::settings::Mode;

/// What only arrives with a request.
const CONTENTS: [Source; 4] = [
    Source::RequestBytes,
    Source::RequestHead,
    Source::RequestBody,
    Source::Transaction,
];

fn has_contents(sources: Sources) -> bool {
    CONTENTS.into_iter().any(|source| sources.has(source))
}

impl Reading<'_, '_> {
    /// A condition that reads raw bytes where HTTP takes them away.
    pub(super) fn raw_under_http(&mut self, statement: &Statement<'_>, condition: &Condition) {
        if self.me.is_none() || self.draft.proxy.mode != Mode::Http {
            return;
        }
        let raw = [Source::RequestBytes, Source::ResponseBytes];
        let mut exprs = condition.exprs();
        if exprs.any(|expr| expr.sources().iter().all(|source| raw.contains(&source))) {
            let message = format!(
                "Proxy '{}': L6 sample fetches ignored on HTTP proxies (declared at {}).",
                self.draft.proxy.name, statement.place
            );
            self.warn(
                statement,
                Problem::bare(0, message).because("messages have no raw bytes"),
            );
        }
    }

    /// `tcp-request content track-sc`: what needs no contents belongs to the connection, what needs them
    /// has to wait for them.
    pub(super) fn tracks_contents(
        &mut self,
        statement: &Statement<'_>,
        action: &Action,
        condition: Option<&Condition>,
    ) {
        let Action::Track { key, .. } = action else {
            return;
        };
        if self.me.is_none() {
            return;
        }
        let of_condition = condition.map(Condition::sources).unwrap_or_default();
        if has_contents(key.sources()) {
            let spot = statement.spot(0..statement.len());
            self.hasty.get_or_insert(spot);
        } else if self.draft.proxy.mode == Mode::Http
            && self.draft.accepts()
            && !has_contents(of_condition)
        {
            let message = format!(
                "{} : a 'tcp-request content track-sc*' rule not depending on request contents for an HTTP frontend should be executed at the session level, using a 'tcp-request session' rule (mandatory to track invalid HTTP requests).",
                self.draft.title()
            );
            self.warn(
                statement,
                Problem::bare(0, message).because("this is known before a request comes"),
            );
        }
    }

    /// Behind all lines: whether rules that need contents wait for them.
    pub(super) fn say_hasty(&mut self) {
        let Some(spot): Option<Spot> = self.hasty.take() else {
            return;
        };
        if self.draft.proxy.rules.inspect_delay.is_some() {
            return;
        }
        let message = format!(
            "{} : a 'tcp-request content track-sc*' rule explicitly depending on request contents without any 'tcp-request inspect-delay' setting. This means that this rule will randomly find its contents. This can be fixed by setting the tcp-request inspect-delay.",
            self.draft.title()
        );
        let problem = Problem::bare(0, message).because("nothing may have come by then");
        let diagnostic = spot.diagnostic(Severity::Warning, problem);
        self.context.notes.push_late(self.line, diagnostic);
    }
}
