//! `set-var`, `set-var-fmt`, `unset-var`

use super::ActionKeyword;
use crate::problem::Problem;
use crate::rules::reading::Reading;
use crate::rules::rule::RuleLine;
use crate::rules::set::Sets;
use alloc::boxed::Box;
use alloc::format;
use sample::assign::Condition;
use sample::names::Names;
use sample::vars::Variable;
use session::rules::Action;

pub(super) const ACTIONS: &[ActionKeyword] = &[
    ActionKeyword {
        name: "set-var",
        doc: "gives a variable the value of an expression",
        sets: Sets::ALL,
        ends: false,
        parse: |line, reading| {
            let (to, when) = variable(line, reading)?;
            let value = line.expr(reading)?;
            Ok(Action::SetVar { to, when, value })
        },
    },
    ActionKeyword {
        name: "set-var-fmt",
        doc: "gives a variable a text",
        sets: Sets::ALL,
        ends: false,
        parse: |line, reading| {
            let (to, when) = variable(line, reading)?;
            let value = line.text(reading, "missing format string")?;
            Ok(Action::SetVarFmt { to, when, value })
        },
    },
    ActionKeyword {
        name: "unset-var",
        doc: "forgets a variable",
        sets: Sets::ALL,
        ends: false,
        parse: |line, reading| {
            let (to, when) = variable(line, reading)?;
            if !when.is_empty() {
                let what = "'unset-var' takes no conditions in its parentheses";
                return Err(line.wrong(line.set.words(), what));
            }
            Ok(Action::UnsetVar(to))
        },
    },
];

/// `(<variable>[,<condition>…])`
fn variable(
    line: &RuleLine<'_, '_>,
    reading: &mut Reading<'_, '_>,
) -> Result<(Variable, Box<[Condition]>), Problem> {
    let at = line.set.words();
    let Some(argument) = line.argument()? else {
        let what = format!(
            "invalid or incomplete action '{}'. Expects 'set-var(<var-name>)', 'set-var-fmt(<var-name>)' or 'unset-var(<var-name>)'",
            line.action
        );
        return Err(line.wrong(at, &what));
    };
    let mut words = argument.split(',');
    let name = words.next().unwrap_or_default();
    let variable = reading.names(line.statement).variable(name);
    let variable = variable.map_err(|why| line.wrong(at, &why))?;
    let conditions = words.map(|word| {
        let unknown = || line.wrong(at, &format!("unknown condition \"{word}\""));
        Condition::find(word.as_bytes()).ok_or_else(unknown)
    });
    let when = conditions.collect::<Result<_, _>>()?;
    Ok((variable, when))
}
