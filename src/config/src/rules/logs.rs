//! Formats: `log-format` and its kin, `unique-id-format`.

use super::{Kind, Later, Reading};
use crate::keyword::Sections;
use crate::problem::Problem;
use crate::statement::Statement;
use alloc::format;
use sample::expr::For;
use sample::format::{Format, Style};
use sample::{Checkpoint, Log};
use session::settings::{LineFormat, LogFormat};

pub(super) const KEYWORDS: &[Later] = &[
    Later {
        name: "error-log-format",
        doc: "what is logged of connections that fail before there is a request",
        sections: Sections::ACCEPTS,
        kind: Kind::Setting,
        parse: |statement, reading| {
            let line = only_format::<Log>(statement, reading, Style::Log)?;
            reading.draft.proxy.log_lines.error = Some(line);
            Ok(())
        },
    },
    Later {
        name: "log-format",
        doc: "what is logged of requests and connections",
        sections: Sections::ACCEPTS,
        kind: Kind::Setting,
        parse: |statement, reading| {
            let line = only_format::<Log>(statement, reading, Style::Log)?;
            reading.draft.proxy.log_lines.line = match line.get().is_empty() {
                true => LineFormat::Usual(LogFormat::Short),
                false => LineFormat::Custom(line),
            };
            Ok(())
        },
    },
    Later {
        name: "log-format-sd",
        doc: "structured data of log lines (RFC 5424)",
        sections: Sections::ACCEPTS,
        kind: Kind::Setting,
        parse: |statement, reading| {
            let data = only_format::<Log>(statement, reading, Style::Log)?;
            reading.draft.proxy.log_lines.structured = Some(data);
            Ok(())
        },
    },
    Later {
        name: "unique-id-format",
        doc: "what names of requests are made of",
        sections: Sections::ANY,
        kind: Kind::Setting,
        parse: |statement, reading| {
            let name = only_format(statement, reading, Style::UniqueId)?;
            reading.draft.proxy.unique_id.format = Some(name);
            Ok(())
        },
    },
];

/// The one argument of a line, which is a format.
fn only_format<C: Checkpoint>(
    statement: &Statement<'_>,
    reading: &mut Reading<'_, '_>,
    style: Style,
) -> Result<For<C, Format>, Problem> {
    let keyword = statement.word(0);
    if statement.word(1).is_empty() {
        return Err(Problem::at(1, format!("{keyword} expects an argument."))
            .because("a format is missing here"));
    }
    if statement.len() > 2 {
        let message =
            format!("{keyword} expects only one argument, don't forget to escape spaces!");
        return Err(Problem::at(2, message).because("put the format in quotes"));
    }
    let what = keyword
        .strip_suffix("-format")
        .filter(|it| *it == "unique-id");
    let what = what.unwrap_or(keyword);
    For::read(|ground| {
        reading.format(statement, 1, style, ground, &|why| {
            format!("failed to parse {what} : {why}.")
        })
    })
}
