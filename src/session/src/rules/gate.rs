//! When a rule applies, and where it stands.

use alloc::sync::Arc;
use sample::condition::Condition;
use sample::pattern::Verdict;
use sample::{Facts, Work};

/// What every rule has in front of what it does.
#[derive(Clone, Debug)]
pub struct Gate {
    /// `if` or `unless`; always open without one.
    pub condition: Option<Condition>,
    /// Where it stands (`last_rule_file`, `last_rule_line`).
    pub spot: Spot,
}

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// The file's name as it was given.
    pub file: Arc<str>,
    /// From 1.
    pub line: u32,
}

impl Gate {
    /// Whether the rule applies. `last` says that no more will arrive: what is not there now is not there
    /// at all.
    pub fn verdict(&self, facts: &Facts<'_>, work: &mut Work, last: bool) -> Verdict {
        let condition = self.condition.as_ref();
        let verdict = condition.map_or(Verdict::Yes, |it| it.verdict(facts, work, last));
        if let Some(trail) = &mut work.trail {
            trail.rule(&self.spot.file, self.spot.line, verdict);
        }
        verdict
    }

    /// Whether it applies to what is there now.
    pub fn is_open(&self, facts: &Facts<'_>, work: &mut Work) -> bool {
        self.verdict(facts, work, true).holds()
    }
}
