//! What haproxy 3.5-dev writes, field by field, against what we write.

mod refused;
mod world;

use super::{Format, Moment, Origin, Style};
use crate::source::{Source, Stable};
use alloc::string::String;
use alloc::vec::Vec;
use world::{Known, Situation, ground, work};

/// The output of one row, with the escapes of a Rust string.
fn escaped(bytes: &[u8]) -> String {
    let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
    let escape = |c: char| match c {
        '\\' => "\\\\".into(),
        ' '..='~' => String::from(c),
        '\t' => "\\t".into(),
        '\n' => "\\n".into(),
        '\r' => "\\r".into(),
        c => alloc::format!("\\x{:02x}", c as u32),
    };
    text.chars().map(escape).collect()
}

fn style(name: &str) -> Style {
    match name {
        "log" => Style::Log,
        "unique-id" => Style::UniqueId,
        "header" => Style::Header,
        "text" => Style::Text,
        other => panic!("no style {other}"),
    }
}

fn write(text: &str, style: Style, situation: &Situation, max: usize) -> (Vec<u8>, bool) {
    let format = Format::parse(text, style, &ground(style), &mut Known).expect(text);
    let mut out = Vec::new();
    let all =
        situation.see(|facts, moment| format.write(facts, moment, &mut work(), &mut out, max));
    (out, all)
}

#[test]
fn everything_is_written_as_the_reference_writes_it() {
    let mut wrong = String::new();
    for row in include_str!("vectors.tsv").lines() {
        if row.starts_with('#') {
            continue;
        }
        let columns: Vec<&str> = row.split('\t').collect();
        let [kind, what, facts, frontend, text, expected] = columns[..] else {
            panic!("a row of {} columns: {row}", columns.len());
        };
        let situation = Situation::new(what, facts, frontend);
        // The numbers were in front of it in the same format, and a bar between.
        let bar = if facts.is_empty() { "" } else { "|" };
        let text = alloc::format!("{bar}{}", text.replace("\\t", "\t"));
        let (out, all) = write(&text, style(kind), &situation, usize::MAX);
        assert!(all);
        let out = escaped(&out[bar.len()..]);
        if out != expected {
            wrong += &alloc::format!("{kind} {what}: {text}\n  {expected}\n  {out}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn a_request_line_is_cut_and_its_parts_are_those_of_what_is_left() {
    let parts = "%r|%HM|%HU|%HP|%HPO|%HQ|%HV";
    for (line, expected) in [
        (
            "GET /p/0123456789/123456789?q=1",
            "GET /p/0123456789/12|GET|/p/0123456789/12|/p/0123456789/12|/p/0123456789/12||HTTP/0.9",
        ),
        (
            "GET /?q0123456789/123456789?q=1",
            "GET /?q0123456789/12|GET|/?q0123456789/12|/|/|?q0123456789/12|HTTP/0.9",
        ),
        (
            "GET /p/01234",
            "GET /p/01234 HTTP/1.|GET|/p/01234|/p/01234|/p/01234||HTTP/1.",
        ),
        (
            "GET /p/01234567890",
            "GET /p/01234567890 H|GET|/p/01234567890|/p/01234567890|/p/01234567890||H",
        ),
        (
            "GET /p/012345678901",
            "GET /p/012345678901 |GET|/p/012345678901|/p/012345678901|/p/012345678901||HTTP/0.9",
        ),
    ] {
        let mut situation = Situation::new(&alloc::format!("uri {line}"), "", "f");
        situation.process.log_uri_len = 20;
        let (out, _) = write(parts, Style::Log, &situation, usize::MAX);
        assert_eq!(escaped(&out), expected);
    }
}

#[test]
fn what_does_not_fit_is_cut_and_told() {
    let situation = Situation::new("http", "", "f");
    for (text, max, expected, all) in [
        ("abc%ci", 5, "abc12", false),
        ("%[str(abcdef)]", 6, "abcdef", true),
        ("%{+Q}[str(abcdef)]x", 7, "\"abcdef", false),
        ("%{+json}o%(a)[str(b)]", 4, "{\"a\"", false),
        ("%{+cbor}[str(abcdef)]", 3, "666", false),
        ("%HU%HU", 0, "", false),
    ] {
        let (out, fits) = write(text, Style::Log, &situation, max);
        assert_eq!((&*escaped(&out), fits), (expected, all), "{text}");
    }
}

#[test]
fn a_line_is_stable_when_the_last_of_its_items_is() {
    for (text, expected) in [
        ("", Stable::Accept),
        ("text", Stable::Accept),
        ("%ci %cp %[src]", Stable::Accept),
        ("%ci %HU", Stable::Request),
        ("%b %HU", Stable::Backend),
        ("%s %si", Stable::Server),
        ("%ST %Tr", Stable::Response),
        ("%ST %B", Stable::End),
        ("%[fs.aborted]", Stable::End),
        ("%[bs.id]", Stable::Server),
    ] {
        let parsed = Format::parse(text, Style::Log, &ground(Style::Log), &mut Known);
        assert_eq!(parsed.map(|format| format.stable()), Ok(expected), "{text}");
    }
}

#[test]
fn a_format_knows_what_it_reads() {
    let sources = |text| {
        let parsed = Format::parse(text, Style::Log, &ground(Style::Log), &mut Known);
        let sources = parsed.expect(text).sources();
        sources.iter().collect::<Vec<_>>()
    };
    assert_eq!(sources("text"), []);
    assert_eq!(sources("%ci %[str(a)]"), [Source::Constant, Source::Client]);
    assert_eq!(
        sources("%HU %[bs.id]"),
        [Source::Transaction, Source::ServerConn]
    );
}

#[test]
fn text_alone_is_constant() {
    let constant = |text, style| {
        let parsed = Format::parse(text, style, &ground(style), &mut Known);
        parsed.expect(text).constant().map(escaped)
    };
    assert_eq!(constant("a  b%%", Style::Header).as_deref(), Some("a  b%"));
    assert_eq!(constant("", Style::Text).as_deref(), Some(""));
    assert_eq!(constant("a%ci", Style::Header), None);
    assert_eq!(constant("%{+json}o a", Style::Text), None);
}

#[test]
fn every_alias_can_be_written_where_there_is_nothing_yet() {
    for alias in super::Alias::all() {
        for flags in ["", "{+Q}", "{+X}", "{+json}", "{+cbor}"] {
            let text = alloc::format!("%{flags}{}", alias.name);
            let format = Format::parse(&text, Style::Text, &ground(Style::Text), &mut Known);
            let mut out = Vec::new();
            let process = world::World::default();
            let moment = Moment {
                origin: Origin::Killed,
                ..Moment::default()
            };
            let facts = world::nothing(&process);
            let all =
                format
                    .expect("it is an alias")
                    .write(&facts, moment, &mut work(), &mut out, 1000);
            assert!(all, "{text}");
        }
    }
}
