//! `set-var` and `set-var-fmt` in `global`: variables of the process, set as the configuration is read.

use super::kept::{Kept, Kind, Later};
use super::reading::Reading;
use crate::context::Context;
use crate::draft::ProxyDraft;
use crate::keyword::Sections;
use crate::problem::{Parsed, Problem};
use crate::source::Place;
use crate::statement::{Spot, Statement};
use alloc::format;
use alloc::string::ToString;
use sample::assign::{BadTarget, Given, Target};
use sample::expr::For;
use sample::facts::{Host, Unstarted};
use sample::format::Style;
use sample::{Parser, Work};

/// Lines of `global` that set variables.
#[derive(Clone, Debug)]
pub(crate) struct VarsDraft {
    /// They stand in for those of a proxy until all sections are known.
    lines: ProxyDraft,
}

impl Default for VarsDraft {
    fn default() -> Self {
        let place = Place {
            file: "".into(),
            line: 0,
        };
        Self {
            lines: ProxyDraft::new(Sections::GLOBAL, Spot::new(place, "", 0, 0)),
        }
    }
}

impl VarsDraft {
    /// A line of `set-var`.
    pub(crate) fn keep_value(
        &mut self,
        statement: &Statement<'_>,
        context: &mut Context<'_>,
    ) -> Parsed {
        SET_VAR.keep(statement, &mut self.lines, context)
    }

    /// A line of `set-var-fmt`.
    pub(crate) fn keep_text(
        &mut self,
        statement: &Statement<'_>,
        context: &mut Context<'_>,
    ) -> Parsed {
        SET_VAR_FMT.keep(statement, &mut self.lines, context)
    }

    /// The lines, for whoever reads them now.
    pub(super) fn lines(&mut self) -> (alloc::vec::Vec<Kept>, &mut ProxyDraft) {
        (core::mem::take(&mut self.lines.kept), &mut self.lines)
    }
}

static SET_VAR: Later = Later {
    name: "set-var",
    doc: "gives a variable of the process the value of an expression",
    sections: Sections::GLOBAL,
    kind: Kind::Setting,
    parse: |statement, reading| {
        set(statement, reading, "a sample expression", |reading| {
            For::read(|ground| {
                let rule = &ToString::to_string;
                let value = reading.expr(statement, 2, ground, rule)?;
                reading.is_here(statement, 2, &value, ground, rule)?;
                Ok(Given::Value(value))
            })
        })
    },
};

static SET_VAR_FMT: Later = Later {
    name: "set-var-fmt",
    doc: "gives a variable of the process a text",
    sections: Sections::GLOBAL,
    kind: Kind::Setting,
    parse: |statement, reading| {
        set(statement, reading, "a format string", |reading| {
            For::read(|ground| {
                let rule = &ToString::to_string;
                let text = reading.format(statement, 2, Style::Text, ground, rule)?;
                Ok(Given::Text(text))
            })
        })
    },
};

/// Sets the variable in word 1 to what `read` makes of word 2.
fn set<'c>(
    statement: &Statement<'_>,
    reading: &mut Reading<'_, 'c>,
    what: &str,
    read: impl FnOnce(&mut Reading<'_, 'c>) -> Result<For<Parser, Given>, Problem>,
) -> Parsed {
    let keyword = statement.word(0);
    if statement.len() < 3 {
        let message = format!(
            "'{keyword}' requires a process-wide variable name ('proc.<name>') and {what}."
        );
        return Err(Problem::at(statement.len(), message).because(format!("{what} is missing")));
    }
    let name = statement.word(1);
    let target = Target::read(name, &mut reading.names(statement)).map_err(|bad| match bad {
        BadTarget::Name(why) => Problem::at(1, format!("{why}.")),
        BadTarget::Scope => Problem::at(
            1,
            format!(
                "'{keyword}': cannot set variable '{name}', only scope 'proc' is permitted in the global section."
            ),
        )
        .because("lives no longer than a connection"),
    })?;
    let given = read(reading)?;
    let host_name = reading.context.surroundings.host_name();
    let process = Unstarted(Host {
        name: &host_name,
        ..Host::default()
    });
    let context = sample::Context::parser(&process);
    let (given, facts) = given.with(&context);
    let work: &mut Work = &mut reading.shared.work;
    target.assign(given, &facts, work);
    Ok(())
}
