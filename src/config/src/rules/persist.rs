//! `persist`: what a client brings that names its server.

use super::{Kind, Later, Reading};
use crate::keyword::Sections;
use crate::problem::{Parsed, Problem};
use crate::statement::Statement;
use alloc::format;
use alloc::string::String;
use sample::ServerChoice;
use sample::expr::{Expr, For};

pub(super) const KEYWORDS: &[Later] = &[Later {
    name: "persist",
    doc: "a cookie of RDP names the server",
    sections: Sections::SERVES,
    kind: Kind::Setting,
    parse: persist,
}];

/// `persist rdp-cookie[(<name>)]`
fn persist(statement: &Statement<'_>, reading: &mut Reading<'_, '_>) -> Parsed {
    let word = statement.word(1);
    let name = match word.strip_prefix("rdp-cookie") {
        Some("") => "msts",
        Some(rest) => rest
            .strip_prefix('(')
            .and_then(|rest| rest.strip_suffix(')'))
            .filter(|name| !name.is_empty())
            .ok_or_else(|| {
                let message = "'persist rdp-cookie(name)' requires an rdp cookie name.";
                Problem::at(1, message).because("it is missing in the parentheses")
            })?,
        None if word.is_empty() => {
            let message = "missing persist method.";
            return Err(Problem::at(1, message).because("'rdp-cookie' is expected here"));
        }
        None => {
            let message = "unknown persist method.";
            return Err(Problem::at(1, message)
                .because("'rdp-cookie' is the only one")
                .did_you_mean(Some("rdp-cookie")));
        }
    };
    statement.at_most(2)?;
    let text = format!("req.rdp_cookie({name})");
    let expr = For::<ServerChoice, _>::read(|ground| {
        let read = Expr::parse(&text, ground, &mut reading.names(statement));
        read.map(|(expr, _)| expr).map_err(|bad| {
            let message: String = format!("persist rdp-cookie : {}.", bad.message);
            Problem::at(1, message).because("no name of a cookie")
        })
    })?;
    reading.draft.proxy.rules.rdp_cookie = Some(expr);
    Ok(())
}
