//! `redirect`

use super::ActionKeyword;
use crate::known;
use crate::nearest::nearest;
use crate::problem::Problem;
use crate::rules::reading::Reading;
use crate::rules::rule::RuleLine;
use crate::rules::set::Sets;
use alloc::boxed::Box;
use alloc::format;
use session::rules::{Action, Redirect, RedirectTo};

pub(super) const ACTIONS: &[ActionKeyword] = &[ActionKeyword {
    name: "redirect",
    doc: "sends the client elsewhere",
    sets: Sets::HTTP,
    ends: true,
    parse: redirect,
}];

const WORDS: &[&str] = &[
    "code",
    "prefix",
    "location",
    "scheme",
    "set-cookie",
    "set-cookie-fmt",
    "clear-cookie",
    "drop-query",
    "keep-query",
    "ignore-empty",
    "append-slash",
];

/// `{ location | prefix | scheme } <format> [code <code>] <options>`
pub(crate) fn redirect(
    line: &mut RuleLine<'_, '_>,
    reading: &mut Reading<'_, '_>,
) -> Result<Action, Problem> {
    let mut to = None;
    let mut status = 302;
    let mut cookie = None;
    let (mut drop_query, mut keep_query) = (false, false);
    let (mut append_slash, mut ignore_empty) = (false, false);
    while !line.is_over() {
        let (at, word) = line.word("a word is missing")?;
        match word {
            "location" | "prefix" | "scheme" => {
                let format = line.format(reading, &format!("missing argument for '{word}'"))?;
                to = Some(match word {
                    "location" => RedirectTo::Location(format),
                    "prefix" => RedirectTo::Prefix(format),
                    _ => RedirectTo::Scheme(format),
                });
            }
            "code" => status = code(line)?,
            "set-cookie" | "clear-cookie" => {
                let (_, text) = line.word(&format!("missing argument for '{word}'"))?;
                cookie = Some(cookie_line(word == "clear-cookie", text));
            }
            "set-cookie-fmt" => return Err(known::not_yet(at, "redirect ... set-cookie-fmt")),
            "drop-query" => drop_query = true,
            "keep-query" => keep_query = true,
            "append-slash" => append_slash = true,
            "ignore-empty" => ignore_empty = true,
            _ => {
                let what = format!(
                    "expects 'code', 'prefix', 'location', 'scheme', 'set-cookie', 'set-cookie-fmt', 'clear-cookie', 'drop-query', 'keep-query', 'ignore-empty' or 'append-slash' (was '{word}')"
                );
                let near = nearest(word, WORDS.iter().copied());
                return Err(line.wrong(at, &what).did_you_mean(near));
            }
        }
    }
    let Some(to) = to else {
        let what = "redirection type expected ('prefix', 'location', or 'scheme')";
        return Err(line.wrong(line.at, what));
    };
    Ok(Action::Redirect(Box::new(Redirect {
        status,
        to,
        drop_query,
        keep_query,
        append_slash,
        ignore_empty,
        cookie,
    })))
}

fn code(line: &mut RuleLine<'_, '_>) -> Result<u16, Problem> {
    let (at, code) = line.word("missing HTTP code")?;
    match code {
        "301" => Ok(301),
        "302" => Ok(302),
        "303" => Ok(303),
        "307" => Ok(307),
        "308" => Ok(308),
        _ => {
            let what = format!(
                "'code': unsupported HTTP code '{code}' (must be one of 301, 302, 303, 307 or 308)"
            );
            Err(line.wrong(at, &what))
        }
    }
}

/// The value of `Set-Cookie`: for the whole site, or already over.
fn cookie_line(clear: bool, cookie: &str) -> Box<[u8]> {
    let end = if clear {
        "; path=/; Max-Age=0;"
    } else {
        "; path=/;"
    };
    format!("{cookie}{end}").into_bytes().into()
}
