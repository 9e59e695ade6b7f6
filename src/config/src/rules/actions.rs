//! Actions: what rules do. Each is one item.

mod capture;
mod connection;
mod count;
mod end;
mod head;
mod map;
mod pace;
mod redirect;
mod reply;
mod reversed;
mod target;
mod variable;

pub(crate) use redirect::redirect;
pub(crate) use reply::page;

use super::reading::Reading;
use super::rule::RuleLine;
use super::set::Sets;
use crate::known;
use crate::nearest::nearest;
use crate::problem::Problem;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use session::rules::Action;

/// An action.
pub(crate) struct ActionKeyword {
    /// The word; one that ends in `(` has an argument in parentheses, which may also be missing.
    pub name: &'static str,
    /// What it does, in a line.
    pub doc: &'static str,
    pub sets: Sets,
    /// Nothing of the set comes behind it.
    pub ends: bool,
    pub parse: fn(&mut RuleLine<'_, '_>, &mut Reading<'_, '_>) -> Result<Action, Problem>,
}

/// All actions, by file.
pub(crate) const TABLES: &[&[ActionKeyword]] = &[
    capture::ACTIONS,
    connection::ACTIONS,
    count::ACTIONS,
    end::ACTIONS,
    head::ACTIONS,
    super::limits::ACTIONS,
    map::ACTIONS,
    pace::ACTIONS,
    redirect::ACTIONS,
    reversed::ACTIONS,
    target::ACTIONS,
    variable::ACTIONS,
];

/// Actions HAProxy has and we do not have yet.
const LATER: &[(&str, Sets)] = &[
    ("cache-store", Sets::RESPONSE),
    ("cache-use", Sets::REQUEST),
    ("do-resolve", Sets::CONTENTS),
    (
        "send-spoe-group",
        Sets::CONTENTS.union(Sets::RESPONSE).union(Sets::REPLY),
    ),
    ("use-service", Sets::CONTENTS),
    ("wait-for-handshake", Sets::REQUEST),
];

impl ActionKeyword {
    /// The action of a rule.
    pub(crate) fn find(line: &RuleLine<'_, '_>) -> Result<&'static Self, Problem> {
        let name = line.action.split('(').next().unwrap_or_default();
        let all = TABLES.iter().copied().flatten();
        let mut of_set = all.filter(|action| action.sets.contains(line.set.flag()));
        match of_set.find(|action| action.is(name)) {
            Some(found) => Ok(found),
            None => Err(unknown(line, name)),
        }
    }

    /// Whether it is called so. Numbers behind `track-sc` are part of the name.
    fn is(&self, name: &str) -> bool {
        match self.name {
            "track-sc" => name
                .strip_prefix(self.name)
                .is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit())),
            own => own == name,
        }
    }
}

fn unknown(line: &RuleLine<'_, '_>, name: &str) -> Problem {
    let at = line.set.words();
    let keyword = line.set.name();
    let later = LATER
        .iter()
        .filter(|later| later.1.contains(line.set.flag()));
    if later.clone().any(|later| later.0 == name) {
        let mut problem = known::not_yet(at, &format!("{keyword} {name}"));
        problem.words = 0..at + 1;
        return problem;
    }
    let all = TABLES.iter().copied().flatten();
    let names = all.filter(|action| action.sets.contains(line.set.flag()));
    let mut names: Vec<&str> = names.map(|action| action.name).collect();
    names.extend(later.map(|later| later.0));
    names.sort_unstable();
    let list: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
    let near = nearest(name, names.iter().copied());
    let maybe = near.map_or_else(String::new, |near| {
        format!(" Did you mean '{near}' maybe ?")
    });
    let got = match line.action {
        "" => "'' (missing argument)".into(),
        action => format!("'{action}'"),
    };
    let message = format!(
        "'{keyword}' expects {}, but got {got}.{maybe}",
        list.join(", ")
    );
    Problem::at(at, message)
        .because(format!("no action of '{keyword}' has this name"))
        .did_you_mean(near)
}
