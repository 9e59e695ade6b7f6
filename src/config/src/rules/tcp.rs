//! `tcp-request` and `tcp-response`.

use super::actions::ActionKeyword;
use super::http::{gate, unexpected};
use super::rule::RuleLine;
use super::set::Set;
use super::{Kind, Later, Reading};
use crate::keyword::Sections;
use crate::problem::{Parsed, Problem};
use crate::statement::Statement;
use alloc::format;
use session::rules::Rule;

pub(super) const KEYWORDS: &[Later] = &[
    Later {
        name: "tcp-request",
        doc: "what is done with connections and what they send",
        sections: Sections::ANY,
        kind: Kind::Rule,
        parse: request,
    },
    Later {
        name: "tcp-response",
        doc: "what is done with what servers send",
        sections: Sections::ANY,
        kind: Kind::Rule,
        parse: response,
    },
];

fn request(statement: &Statement<'_>, reading: &mut Reading<'_, '_>) -> Parsed {
    let owner = reading.draft.title();
    let set = match statement.word(1) {
        "" => {
            let message = format!("missing argument for 'tcp-request' in {owner}");
            return Err(Problem::at(1, message).because("one of its members has to follow"));
        }
        "inspect-delay" => {
            reading.draft.proxy.rules.inspect_delay = Some(delay(statement, reading)?);
            return Ok(());
        }
        "connection" => Set::Connection,
        "session" => Set::Session,
        "content" => Set::Content,
        other => {
            let message = format!(
                "'tcp-request' expects 'inspect-delay', 'connection', 'session' or 'content' in {owner} (got '{other}')"
            );
            return Err(Problem::at(1, message).because("not one of them"));
        }
    };
    if set != Set::Content && !reading.draft.accepts() {
        let message = format!(
            "{} is not allowed because {owner} is not a frontend",
            set.name()
        );
        let problem = Problem::at(0, message).because("no client connects here");
        return Err(Problem {
            words: 0..2,
            ..problem
        });
    }
    rule(statement, reading, set)
}

fn response(statement: &Statement<'_>, reading: &mut Reading<'_, '_>) -> Parsed {
    let second = statement.word(1);
    let owner = reading.draft.title();
    match second {
        "" => {
            let message = format!("missing argument for 'tcp-response' in {owner}");
            return Err(Problem::at(1, message).because("one of its members has to follow"));
        }
        "inspect-delay" | "content" => {}
        other => {
            let message = format!(
                "'tcp-response' expects 'inspect-delay' or 'content' in {owner} (got '{other}')"
            );
            return Err(Problem::at(1, message).because("not one of them"));
        }
    }
    if !reading.draft.serves() {
        let message = format!(
            "tcp-response {second} is only allowed in 'backend' sections or 'defaults' section with a name"
        );
        let problem = Problem::at(0, message).because("no server answers here");
        return Err(Problem {
            words: 0..2,
            ..problem
        });
    }
    if second == "inspect-delay" {
        reading.draft.proxy.rules.reply_delay = Some(delay(statement, reading)?);
        return Ok(());
    }
    rule(statement, reading, Set::Reply)
}

fn delay(statement: &Statement<'_>, reading: &Reading<'_, '_>) -> Result<base::Duration, Problem> {
    let name = format!("{} inspect-delay", statement.word(0));
    let owner = reading.draft.title();
    let message = format!("'{name}' expects a positive delay in milliseconds, in {owner}");
    let time = crate::units::time(statement.word(2));
    let time =
        time.map_err(|_| Problem::at(2, message).because("a time is expected, such as 5s"))?;
    statement.at_most(3)?;
    Ok(time)
}

/// `<keyword> <action> [if|unless <condition>]`
fn rule(statement: &Statement<'_>, reading: &mut Reading<'_, '_>, set: Set) -> Parsed {
    let keyword = set.name();
    let mut line = RuleLine::new(statement, set, reading);
    let found = ActionKeyword::find(&line)?;
    let action = (found.parse)(&mut line, reading)?;
    let owner = reading.draft.title();
    let name = format!("'{keyword} {}'", line.action);
    if !line.is_over() {
        let message = format!(
            "{name} only accepts 'if' or 'unless', in {owner} (got '{}')",
            line.peek()
        );
        return Err(unexpected(statement, line.at, message));
    }
    let what = format!("{name} in {owner}: the condition");
    let condition = reading.condition(statement, line.at, &line.ground, &what)?;
    if set == Set::Content {
        reading.tracks_contents(statement, &action, condition.as_ref());
    }
    reading.draft.rules.of(set).push(Rule {
        gate: gate(statement, condition),
        action,
    });
    reading.order(statement, keyword);
    Ok(())
}
