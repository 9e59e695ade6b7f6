//! Who may inherit what: rules of a `defaults` section are for proxies of one kind.

use super::Reader;
use crate::draft::ProxyDraft;
use crate::keyword::Sections;
use crate::problem::{Parsed, Problem};
use crate::rules::{Inherited, Kind};
use crate::statement::Statement;
use alloc::format;

/// Who inherits from a `defaults` section.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Heirs {
    frontends: bool,
    backends: bool,
    /// Some say so with `from`.
    by_name: bool,
}

impl Reader<'_> {
    /// What a section starts with, even if its line is wrong: the rest of it is read all the same.
    /// `from` may stand at word `at`; without it, it is the section at `otherwise`.
    pub(super) fn base_of(
        &mut self,
        statement: &Statement<'_>,
        at: usize,
        otherwise: Option<usize>,
        section: Sections,
    ) -> (ProxyDraft, Parsed) {
        let spot = statement.spot(0..2);
        let new = || ProxyDraft::new(Sections::DEFAULTS, spot);
        match self.base(statement, at, otherwise) {
            Ok(Some(base)) => {
                let by_name = !statement.word(at).is_empty();
                let may = self.inherit(statement, base, by_name, section);
                (self.defaults[base].clone(), may)
            }
            Ok(None) => (new(), Ok(())),
            Err(problem) => (new(), Err(problem)),
        }
    }

    /// Notes that a section inherits, if it may.
    fn inherit(
        &mut self,
        statement: &Statement<'_>,
        base: usize,
        by_name: bool,
        section: Sections,
    ) -> Parsed {
        let draft = &self.defaults[base];
        let name = &draft.proxy.name;
        let place = &draft.spot.place;
        let heirs = self.heirs.entry(base).or_default();
        heirs.by_name |= by_name && section != Sections::DEFAULTS;
        let ambiguous = heirs.by_name && !by_name && section != Sections::DEFAULTS;
        let kept = draft.kept.iter();
        let what = kept.filter(|kept| kept.kind() == Kind::Rule);
        let what = what.fold(Inherited::empty(), |all, kept| all | kept.inherits());
        let first = statement.word(0);
        let refused = if what.contains(Inherited::CAPTURES)
            && !(Sections::FRONTEND | Sections::LISTEN).contains(section)
        {
            Some(format!(
                "backend or defaults sections cannot inherit from a defaults section defining captures (defaults section at {place})."
            ))
        } else if !what.contains(Inherited::RULES) {
            None
        } else if section == Sections::LISTEN {
            Some(
                "a listen section cannot inherit from a defaults section defining TCP/HTTP rules."
                    .into(),
            )
        } else if section == Sections::DEFAULTS {
            Some(format!(
                "a defaults section cannot inherit from a defaults section defining TCP/HTTP rules (defaults section at {place})."
            ))
        } else if section == Sections::BACKEND && what.contains(Inherited::CONNECTION) {
            Some(format!(
                "a backend section cannot inherit from a defaults section defining 'tcp-request connection' or 'tcp-request session' rules (defaults section at {place})."
            ))
        } else if section == Sections::FRONTEND && what.contains(Inherited::REPLIES) {
            Some(format!(
                "a frontend section cannot inherit from a defaults section defining 'tcp-response content' rules (defaults section at {place})."
            ))
        } else {
            heirs.frontends |= section == Sections::FRONTEND;
            heirs.backends |= section == Sections::BACKEND;
            (heirs.frontends && heirs.backends).then(|| {
                format!(
                    "frontends and backends cannot inherit from the same defaults section if it defines TCP/HTTP rules (defaults section at {place})."
                )
            })
        };
        if ambiguous {
            let message = format!(
                "defaults section '{name}' (declared at {place}) is explicitly referenced by another proxy and implicitly used here. To avoid any ambiguity don't mix both usage. Add a last defaults section not explicitly used or always use explicit references."
            );
            let problem = Problem::at(0, message).because("'from' would say what is meant");
            self.context.warn(statement, problem);
        }
        match refused {
            Some(message) => Err(Problem {
                words: 0..statement.len(),
                ..Problem::at(0, message).because(format!("this {first} cannot have its rules"))
            }),
            None => Ok(()),
        }
    }
}
