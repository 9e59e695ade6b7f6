//! `http-err-codes`, `http-fail-codes`: which responses count as errors, which as failures.

use super::GlobalDraft;
use crate::keyword::Keyword;
use crate::problem::{Parsed, Problem};
use crate::statement::Statement;
use alloc::format;
use core::ops::RangeInclusive;
use engine::settings::Statuses;

pub(super) const KEYWORDS: &[Keyword<GlobalDraft>] = &[
    keyword!(
        "http-err-codes",
        "responses that count as errors of clients",
        |statement, draft, _| change(statement, &mut draft.global.http_errors)
    ),
    keyword!(
        "http-fail-codes",
        "responses that count as failures of servers",
        |statement, draft, _| change(statement, &mut draft.global.http_failures)
    ),
];

/// `[+-]<range>[,<range>…]…`: without a sign in place of what was there.
fn change(statement: &Statement<'_>, to: &mut Statuses) -> Parsed {
    let keyword = statement.word(0);
    if statement.len() < 2 {
        let message = format!("Missing status codes range for '{keyword}'.");
        return Err(Problem::at(1, message).because("codes are missing here"));
    }
    for at in 1..statement.len() {
        let text = statement.word(at);
        let (ranges, is_in) = match text.as_bytes().first() {
            Some(b'-') => (&text[1..], false),
            Some(b'+') => (&text[1..], true),
            Some(_) | None => {
                *to = Statuses::default();
                (text, true)
            }
        };
        for range in ranges.split(',') {
            let codes = codes(range).ok_or_else(|| {
                let message = format!("Invalid status codes range '{text}' in '{keyword}'.");
                Problem::at(at, message).because("such as 404 or 400-499, from 100 to 599")
            })?;
            to.set(codes, is_in);
        }
    }
    Ok(())
}

/// `404`, `400-499`
fn codes(range: &str) -> Option<RangeInclusive<u16>> {
    let (low, high) = range.split_once('-').unwrap_or((range, range));
    let (low, high) = (low.parse().ok()?, high.parse().ok()?);
    let all = Statuses::RANGE;
    let valid = all.contains(&low) && all.contains(&high) && low <= high;
    valid.then_some(low..=high)
}
