//! What the maps of one instance hold that rules add to, beside what rules have counted: compared at the
//! same times as stick tables.

use super::Shared;
use crate::canary::Canary;
use base::Instant;
use sample::Value;
use sample::pattern::Reference;
use sample::vars::SharedVars;
use std::cell::RefCell;
use std::ops::ControlFlow;
use std::rc::Rc;
use std::sync::Arc;

/// The maps whose entries are counted: each rule that adds one counts it in a variable, and each that
/// takes one away in another.
pub(super) struct Lists(Vec<Counted>);

struct Counted {
    list: Arc<Reference>,
    added: u32,
    removed: u32,
    /// What the variables were when was looked last.
    known: RefCell<(i64, i64)>,
}

impl Lists {
    pub(super) fn of(instance: &engine::Shared) -> Self {
        let lists = instance.settings.patterns.iter().filter_map(|(_, list)| {
            let name = list.name()?.strip_prefix("virt@")?;
            let number = |what: &str| {
                let variable = instance.vars.known(&format!("proc.{name}_{what}"))?;
                Some(variable.name)
            };
            Some(Counted {
                list: list.clone(),
                added: number("added")?,
                removed: number("removed")?,
                known: RefCell::default(),
            })
        });
        Self(lists.collect())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Compares, and writes down what is wrong.
    pub(super) fn look(&self, vars: &SharedVars, shared: &Rc<Shared>, now: Instant) {
        for counted in &self.0 {
            let number = |name| match vars.get(name, &mut Vec::new()) {
                Some(Value::Int(number)) => number,
                Some(_) | None => 0,
            };
            let totals = (number(counted.added), number(counted.removed));
            if counted.known.replace(totals) == totals {
                continue;
            }
            counted.lose_some(shared);
            let held = counted.entries().len();
            if held as i64 == totals.0 - totals.1 {
                continue;
            }
            let name = counted.list.name().unwrap_or_default();
            let what = format!(
                "{} entries were added to {name} and {} taken away, {held} are there",
                totals.0, totals.1
            );
            shared
                .journal
                .write(|pages| pages.wrongs.push(("map.sum", now, what)));
        }
    }
}

impl Counted {
    fn entries(&self) -> Vec<u64> {
        let mut ids = Vec::new();
        self.list.show(None, None, &mut |entry| {
            ids.push(entry.id);
            ControlFlow::Continue(())
        });
        ids
    }

    /// A canary: an entry is gone.
    fn lose_some(&self, shared: &Shared) {
        let acts =
            shared.canary == Some(Canary::LosesEntries) && shared.rng.borrow_mut().chance(1, 50);
        if acts && let Some(id) = self.entries().first() {
            self.list.delete_id(*id);
        }
    }
}
