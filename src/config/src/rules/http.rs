//! `http-request`, `http-response`, `http-after-response`, `redirect`.

use super::actions::{self, ActionKeyword};
use super::rule::RuleLine;
use super::set::Set;
use super::{Kind, Later, Reading};
use crate::keyword::Sections;
use crate::problem::{Parsed, Problem};
use crate::statement::Statement;
use alloc::format;
use sample::condition::Condition;
use session::rules::{Action, Gate, Rule, Spot};

pub(super) const KEYWORDS: &[Later] = &[
    Later {
        name: "http-request",
        doc: "what is done with requests",
        sections: Sections::ANY,
        kind: Kind::Rule,
        parse: |statement, reading| rule(statement, reading, Set::Request),
    },
    Later {
        name: "http-response",
        doc: "what is done with responses of servers",
        sections: Sections::ANY,
        kind: Kind::Rule,
        parse: |statement, reading| rule(statement, reading, Set::Response),
    },
    Later {
        name: "http-after-response",
        doc: "what is done with all responses, our own included",
        sections: Sections::ANY,
        kind: Kind::Rule,
        parse: |statement, reading| rule(statement, reading, Set::After),
    },
    Later {
        name: "redirect",
        doc: "sends the client elsewhere",
        sections: Sections::PROXY,
        kind: Kind::Rule,
        parse: redirect,
    },
];

/// `<keyword> <action> [if|unless <condition>]`
fn rule(statement: &Statement<'_>, reading: &mut Reading<'_, '_>, set: Set) -> Parsed {
    let keyword = set.name();
    let mut line = RuleLine::new(statement, set, reading);
    let found = ActionKeyword::find(&line)?;
    let action = (found.parse)(&mut line, reading)?;
    if !line.is_over() {
        let message = format!(
            "'{keyword} {}' expects either 'if' or 'unless' followed by a condition but found '{}'.",
            line.action,
            line.peek()
        );
        return Err(unexpected(statement, line.at, message));
    }
    let what = format!("an '{keyword} {}' condition", line.action);
    let condition = reading.condition(statement, line.at, &line.ground, &what)?;
    let rules = &mut reading.draft.rules;
    if rules.ended.contains(set.flag()) {
        let message = format!(
            "previous '{keyword}' action is final and has no condition attached, further entries are NOOP."
        );
        let problem = Problem::at(0, message).because("nothing ever gets here");
        reading.warn(statement, problem);
    }
    let rules = &mut reading.draft.rules;
    let always = condition.is_none() && !may_pass(&action);
    rules.ended.set(set.flag(), always && found.ends);
    rules.of(set).push(Rule {
        gate: gate(statement, condition),
        action,
    });
    reading.order(statement, set.name());
    Ok(())
}

/// Whether rules behind an action that ends may still run: it does nothing without a value.
fn may_pass(action: &Action) -> bool {
    matches!(action, Action::Redirect(redirect) if redirect.ignore_empty)
}

/// `redirect …` is `http-request redirect …` behind all `http-request` rules.
fn redirect(statement: &Statement<'_>, reading: &mut Reading<'_, '_>) -> Parsed {
    let mut line = RuleLine::new(statement, Set::Request, reading);
    line.at = 1;
    line.action = "redirect";
    let action = actions::redirect(&mut line, reading)?;
    let condition = reading.condition(statement, line.at, &line.ground, "a redirect condition")?;
    reading.draft.rules.redirects.push(Rule {
        gate: gate(statement, condition),
        action,
    });
    reading.order(statement, "redirect");
    Ok(())
}

/// When the rule of a line applies.
pub(super) fn gate(statement: &Statement<'_>, condition: Option<Condition>) -> Gate {
    let spot = Spot {
        file: statement.place.file.clone(),
        line: statement.place.line,
    };
    Gate { condition, spot }
}

/// Words from `at` on that belong to nothing.
pub(super) fn unexpected(
    statement: &Statement<'_>,
    at: usize,
    message: impl Into<alloc::string::String>,
) -> Problem {
    Problem {
        words: at..statement.len(),
        ..Problem::at(at, message).because("a condition starts with 'if' or 'unless'")
    }
}
