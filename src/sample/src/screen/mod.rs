//! Rules that cannot apply are not looked at: what most of them test is looked for at once.
//!
//! A rule set is gone through for every request, and hardly any of its rules applies. So the tests without
//! which conditions do not hold are collected when the configuration is read. Those of the same expression
//! are a group: it is evaluated once, and its value says which of their rules may apply. Only these are
//! evaluated, and their conditions alone decide: a screen may let pass what does not hold, but never the
//! other way round.

mod choice;
mod grams;
mod group;
mod marks;
mod reads;
mod spans;
#[cfg(test)]
mod tests;
mod texts;

pub use reads::Change;

use crate::condition::Condition;
use crate::facts::Facts;
use crate::pattern::Reference;
use crate::work::Work;
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use choice::{Chosen, chosen};
use core::sync::atomic::{AtomicBool, Ordering};
use group::{Group, GroupDraft};
use marks::{Marks, RULES_MAX};

/// The screens of a rule set, one for so many rules; none for rules that are not worth one.
#[derive(Clone, Debug)]
pub struct Screens(Box<[Option<Screen>]>);

/// What is known of the rules ahead in one evaluation of a rule set.
#[derive(Debug, Default)]
pub struct Outlook(Option<(usize, Marks)>);

#[derive(Clone, Debug)]
struct Screen {
    /// Rules that are evaluated whatever comes.
    always: Marks,
    groups: Box<[Group]>,
    /// Of each rule that changes what rules behind it test: these.
    minding: Box<[(usize, Marks)]>,
    /// An entry was added to one of the lists or taken out of it since.
    is_old: Arc<AtomicBool>,
    /// The lists whose entries are in the groups, their editions, and the rules that ask them.
    lists: Box<[(Arc<Reference>, u64, Marks)]>,
}

impl Screens {
    /// For the conditions of rules, and what each rule changes when it applies.
    pub fn of<'c>(rules: impl IntoIterator<Item = (Option<&'c Condition>, Change<'c>)>) -> Self {
        let rules: Vec<_> = rules.into_iter().collect();
        Self(rules.chunks(RULES_MAX).map(Screen::of).collect())
    }

    /// The first rule that may apply, `from` or one behind it, when nothing more arrives; or some number
    /// behind all rules. What is found out about those ahead is kept in `outlook`.
    #[inline]
    pub fn next(
        &self,
        mut from: usize,
        facts: &Facts<'_>,
        work: &mut Work,
        outlook: &mut Outlook,
    ) -> usize {
        // Whoever keeps a trail is shown each rule.
        if work.trail.is_some() {
            return from;
        }
        while let Some(Some(screen)) = self.0.get(from / RULES_MAX) {
            let (at, rule) = (from / RULES_MAX, from % RULES_MAX);
            if screen.always.has(rule) {
                break;
            }
            let marks = match &outlook.0 {
                Some((known, marks)) if *known == at => marks,
                _ => &outlook.0.insert((at, screen.look(facts, work))).1,
            };
            match marks.next(rule) {
                Some(rule) => return at * RULES_MAX + rule,
                None => from = (at + 1) * RULES_MAX,
            }
        }
        from
    }

    /// The rule has applied.
    pub fn applied(&self, rule: usize, outlook: &mut Outlook) {
        let (at, rule) = (rule / RULES_MAX, rule % RULES_MAX);
        let Some(Some(Screen { minding, .. })) = self.0.get(at) else {
            return;
        };
        let Ok(place) = minding.binary_search_by_key(&rule, |minding| minding.0) else {
            return;
        };
        let minding = &minding[place].1;
        match &mut outlook.0 {
            Some((known, marks)) if *known == at && minding.count() < AGAIN_MIN => {
                marks.add_all(minding);
            }
            known => *known = None,
        }
    }
}

impl Screen {
    fn of(rules: &[(Option<&Condition>, Change<'_>)]) -> Option<Self> {
        let mut always = Marks::default();
        let mut groups: Vec<GroupDraft> = Vec::new();
        let mut lists: Vec<(Arc<Reference>, u64, Marks)> = Vec::new();
        let is_old = Arc::new(AtomicBool::new(false));
        for (rule, (condition, _)) in rules.iter().enumerate() {
            let Some(tests) = condition.and_then(chosen) else {
                always.add(rule);
                continue;
            };
            for Chosen {
                test,
                reads,
                keys,
                lists: asked,
            } in tests
            {
                let known = groups.iter().position(|group| group.is_of(test.expr()));
                let at = known.unwrap_or(groups.len());
                if known.is_none() {
                    groups.push(GroupDraft::of(test.expr(), reads));
                }
                groups[at].add(&keys, rule);
                for list in asked {
                    match lists.iter_mut().find(|known| Arc::ptr_eq(&known.0, list)) {
                        Some(known) => known.2.add(rule),
                        None => {
                            let edition = list.watched(&is_old);
                            lists.push((Arc::clone(list), edition, Marks::of(rule)));
                        }
                    }
                }
            }
        }
        let screened = rules.len() - always.count() as usize;
        if screened < SCREENED_MIN || screened < groups.len() * SHARING_MIN {
            return None;
        }
        let groups: Box<[Group]> = groups.into_iter().map(GroupDraft::finish).collect();
        let minding = rules.iter().enumerate().filter_map(|(rule, (_, change))| {
            let mut minding = Marks::default();
            for group in &groups {
                minding.add_all(&group.minding(*change));
            }
            (minding.count() > 0).then_some((rule, minding))
        });
        Some(Self {
            always,
            minding: minding.collect(),
            groups,
            is_old,
            lists: lists.into(),
        })
    }

    /// The rules that may apply.
    fn look(&self, facts: &Facts<'_>, work: &mut Work) -> Marks {
        let mut marks = self.always;
        if self.is_old.load(Ordering::Acquire) {
            for (list, edition, rules) in &self.lists {
                if list.edition() != *edition {
                    marks.add_all(rules);
                }
            }
        }
        for group in &self.groups {
            group.look(facts, work, &mut marks);
        }
        marks
    }
}

/// Makes one of bytes that are not told apart: the cases of a letter, and some others.
#[inline]
fn fold(byte: &u8) -> u8 {
    byte | FOLDED
}

/// The bit by which letters of ASCII differ in their cases.
const FOLDED: u8 = 0x20;

/// Fewer rules are evaluated one by one.
const SCREENED_MIN: usize = 4;
/// So many rules at least share a group, on average.
const SHARING_MIN: usize = 2;
/// If so many rules mind a change, it is found out anew which of them may apply.
const AGAIN_MIN: u32 = 8;
