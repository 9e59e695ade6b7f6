//! Rules in order, with a screen in front of them.

use super::{Action, Gate, Rule, SwitchRule};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ops::Deref;
use sample::screen::{Change, Outlook, Screens};
use sample::{Facts, Work};

/// Rules in order, and what keeps those that cannot apply from being evaluated.
#[derive(Clone, Debug)]
pub struct Screened<R> {
    rules: Box<[R]>,
    screens: Screens,
}

/// A rule with a gate.
pub trait Guarded {
    /// When it applies.
    fn gate(&self) -> &Gate;

    /// What it changes for the conditions of rules behind it.
    fn change(&self) -> Change<'_>;
}

impl<R: Guarded> From<Vec<R>> for Screened<R> {
    fn from(rules: Vec<R>) -> Self {
        let conditions = rules
            .iter()
            .map(|rule| (rule.gate().condition.as_ref(), rule.change()));
        Self {
            screens: Screens::of(conditions),
            rules: rules.into(),
        }
    }
}

impl<R> Screened<R> {
    /// The first rule that may apply, the one at `from` or one behind it, and its place. `last` says that
    /// no more will arrive: before that, what a rule needs may be still to come, and each is one that may.
    /// `outlook` is what calls for the same facts told each other of the rules ahead.
    pub fn next(
        &self,
        from: usize,
        facts: &Facts<'_>,
        work: &mut Work,
        last: bool,
        outlook: &mut Outlook,
    ) -> Option<(usize, &R)> {
        let at = match last {
            true => self.screens.next(from, facts, work, outlook),
            false => from,
        };
        Some((at, self.rules.get(at)?))
    }

    /// The rule has applied: what it changes may be what those ahead test.
    pub fn applied(&self, rule: usize, outlook: &mut Outlook) {
        self.screens.applied(rule, outlook);
    }
}

impl<R> Deref for Screened<R> {
    type Target = [R];

    fn deref(&self) -> &[R] {
        &self.rules
    }
}

impl Guarded for SwitchRule {
    fn gate(&self) -> &Gate {
        &self.gate
    }

    fn change(&self) -> Change<'_> {
        Change::Nothing
    }
}

impl Guarded for Rule {
    fn gate(&self) -> &Gate {
        &self.gate
    }

    fn change(&self) -> Change<'_> {
        match &self.action {
            Action::Edit(edit) => edit.changes(),
            Action::SetAddress { .. } | Action::ExpectProxy | Action::ExpectNetscaler => {
                Change::Client
            }
            Action::Allow
            | Action::Deny(_)
            | Action::Tarpit(_)
            | Action::Return(_)
            | Action::Auth { .. }
            | Action::Redirect(_)
            | Action::Reject
            | Action::Close
            | Action::SilentDrop
            | Action::EarlyHint { .. }
            | Action::SetVar { .. }
            | Action::SetVarFmt { .. }
            | Action::UnsetVar(_)
            | Action::Map(_)
            | Action::SetNice(_)
            | Action::WaitForBody { .. }
            | Action::Pause(_)
            | Action::Capture { .. }
            | Action::Track { .. }
            | Action::Count(_)
            | Action::SetLogLevel(_)
            | Action::DoLog
            | Action::Mark { .. }
            | Action::SetTimeout { .. }
            | Action::SetRetries(_)
            | Action::SetPriority { .. }
            | Action::StrictMode(_)
            | Action::DisableL7Retry
            | Action::AttachServer { .. }
            | Action::Limit(_)
            | Action::SwitchMode(_) => Change::Nothing,
        }
    }
}
