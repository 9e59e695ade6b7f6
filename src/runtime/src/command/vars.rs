//! Commands about the variables of the process.

mod names;

use super::Answer;
use crate::session::Rights;
use crate::view::View;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use names::ProcessNames;
use sample::assign::{BadTarget, Given, Target};
use sample::expr::For;
use sample::format::{Format, Style};
use sample::vars::Scope;
use sample::{Cli, Expr, Ground, Source, Value};

/// `get var <name>`
pub(super) fn get(args: &[String], _rights: &mut Rights, view: &dyn View) -> Answer {
    let Some(name) = args.first() else {
        return Answer::error(MISSING);
    };
    let vars = &view.settings().vars;
    let variable = vars.known(name).filter(|it| it.scope == Scope::Process);
    let value = variable.and_then(|it| vars.get(it.name, &mut Vec::new()));
    match value {
        Some(value) => Answer::Text(format!(
            "{name}: type={} value=<{}>\n",
            value.kind().name(),
            shown(&value)
        )),
        None => Answer::error("Variable not found."),
    }
}

/// A value as text. Bytes that need not be text are not shown.
fn shown(value: &Value<'_>) -> String {
    match value {
        Value::Bool(it) => u8::from(*it).to_string(),
        Value::Int(it) => it.to_string(),
        Value::Ip4(it) => it.to_string(),
        Value::Ip6(it) => it.to_string(),
        Value::Text(text) | Value::Method(text) => String::from_utf8_lossy(text).into_owned(),
        Value::Bytes(_) => String::new(),
    }
}

/// `set var <name> {<expression> | expr <expression> | fmt <format>}`
pub(super) fn set(args: &[String], rights: &mut Rights, view: &dyn View) -> Answer {
    if !rights.experimental {
        return Answer::error("This command is restricted to experimental mode only.");
    }
    match assign(args, view) {
        Ok(()) => Answer::Done,
        Err(why) => Answer::error(why),
    }
}

fn assign(args: &[String], view: &dyn View) -> Result<(), String> {
    let (name, kind, text) = match args {
        [] => return Err(MISSING.into()),
        [_] => return Err("Missing either 'expr', 'fmt' or expression.".into()),
        [name, text] => (name, "expr", text),
        [name, kind, text, ..] => (name, kind.as_str(), text),
    };
    let mut names = ProcessNames { view };
    let target = Target::read(name, &mut names).map_err(|bad| match bad {
        BadTarget::Name(why) => why,
        BadTarget::Scope => {
            format!("'set var': cannot set variable '{name}', only scope 'proc' is permitted here.")
        }
    })?;
    let given: For<Cli, Given> = match kind {
        "expr" => For::read(|ground| expression(name, text, ground, &mut names)),
        "fmt" => For::read(|ground| {
            let format = Format::parse(text, Style::Text, ground, &mut names);
            Ok(Given::Text(format.map_err(|bad| bad.message)?))
        }),
        _ => {
            return Err(format!(
                "'set var': arg type must be either 'expr' or 'fmt' but got '{kind}'."
            ));
        }
    }?;
    view.evaluate(&mut |context, work| {
        let (given, facts) = given.with(context);
        target.assign(given, &facts, work);
    });
    Ok(())
}

fn expression(
    name: &str,
    text: &str,
    ground: &Ground,
    names: &mut ProcessNames<'_>,
) -> Result<Given, String> {
    let (value, length) = Expr::parse(text, ground, names).map_err(|bad| bad.message)?;
    if length < text.len() {
        return Err("missing comma after fetch keyword".into());
    }
    let sources = value.sources();
    if !sources.meets(ground.sources) {
        let missing: Vec<&str> = sources.iter().map(Source::name).collect();
        return Err(format!(
            "fetch method 'set-var({name})' extracts information from '{}', none of which is available here",
            missing.join("', '")
        ));
    }
    Ok(Given::Value(value))
}

const MISSING: &str = "Missing process-wide variable identifier.";

#[cfg(test)]
mod tests;
