//! What haproxy 3.5-dev finds in requests, responses and streams (`*.tsv`), beside what we find.
//!
//! A line that begins with `>` is a message, escaped, or the bytes of a stream in hexadecimal; each
//! line behind it is an expression, a tab, and `=` with the text it yields, `none` or `error`. Where we
//! differ on purpose, what we find stands behind another tab:
//!
//! - a header that is not there has no token (`http_auth_bearer`);
//! - a cookie may be empty at the end of its line as it may elsewhere;
//! - the attributes of a cookie that is set are no cookies;
//! - an offset without a sign is not halved (`payload_lv`);
//! - bytes that have not come are not there (`distcc_body`);
//! - cookies of RDP are counted where there is one (`rdp_cookie_cnt`).

use super::world::{Stage, State, World, message, unescape, unhex, work};
use crate::checkpoint::{BackendResponseBody, Checkpoint, FrontendBody, FrontendContent};
use crate::expr::{Expr, Ground};
use crate::value::{Type, Value};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use message::Head;

/// Checks a table of vectors with a function that shows what an expression yields at a message.
fn check(table: &str, yields: impl Fn(&str, &str) -> String) {
    let mut message = "";
    let mut failed = Vec::new();
    for line in table.lines() {
        if line.starts_with("> ") {
            message = line;
            continue;
        }
        let (expr, said) = line.split_once('\t').expect("a tab");
        let said = match said.split_once('\t') {
            Some((theirs, ours)) => {
                assert_ne!(theirs, ours, "{message} {expr}");
                ours
            }
            None => said,
        };
        let ours = yields(&message[2..], expr);
        if ours != said {
            failed.push(format!(
                "{message}\n  {expr}\n  reference {said}\n  ours      {ours}"
            ));
        }
    }
    assert!(
        failed.is_empty(),
        "{} differ\n{}",
        failed.len(),
        failed.join("\n")
    );
}

fn shown<C: Checkpoint>(expr: &str, stage: &Stage<'_>) -> String {
    let parsed = Expr::parse(expr, &Ground::of::<C>(), &mut World::default());
    let Some((expr, _)) = parsed.ok().filter(|(_, taken)| *taken == expr.len()) else {
        return "error".to_string();
    };
    let context = stage.context::<C>(State::Present);
    let mut work = work();
    match expr
        .value_as(Type::Text, &context.facts(), &mut work)
        .found()
    {
        Some(Value::Text(text)) => format!("={}", escaped(&text)),
        _ => "none".to_string(),
    }
}

fn escaped(text: &[u8]) -> String {
    let escape = |byte: &u8| match byte {
        b'\\' => "\\\\".to_string(),
        0x20..0x7f => char::from(*byte).to_string(),
        byte => byte.escape_ascii().to_string(),
    };
    text.iter().map(escape).collect()
}

#[test]
fn requests_are_read_as_the_reference_reads_them() {
    check(include_str!("requests.tsv"), |text, expr| {
        let (head, body) = message(&unescape(text));
        let world = World::default();
        let response = Head::default();
        shown::<FrontendBody>(expr, &Stage::of(&world, &head, &response, &body))
    });
}

#[test]
fn responses_are_read_as_the_reference_reads_them() {
    check(include_str!("responses.tsv"), |text, expr| {
        let (head, body) = message(&unescape(text));
        let world = World::default();
        let request = Head::default();
        shown::<BackendResponseBody>(expr, &Stage::of(&world, &request, &head, &body))
    });
}

#[test]
fn streams_are_read_as_the_reference_reads_them() {
    check(include_str!("streams.tsv"), |digits, expr| {
        let bytes = unhex(digits);
        let world = World::default();
        let head = Head::default();
        let expr = format!("{expr},hex");
        shown::<FrontendContent>(&expr, &Stage::of(&world, &head, &head, &bytes))
    });
}
