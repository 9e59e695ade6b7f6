//! Patterns, texts, and what haproxy 2.6 with PCRE2 10.42 says to them.

use super::*;
use alloc::string::ToString;
use alloc::vec::Vec;

/// Bytes as a test shows them, one text a line.
const TEXTS: &str = include_str!("reference/texts.txt");

/// A pattern; for `-m reg` and for `-m reg -i` which texts match, one bit each in hexadecimal digits,
/// or `error`.
const VERDICTS: &str = include_str!("reference/verdicts.tsv");

/// A pattern; for each text without a control character or a comma that matches its number and what
/// `\0` to `\9` are in `replace-header`, a tilde between them and none at the end; or `error`.
const CAPTURES: &str = include_str!("reference/captures.tsv");

#[test]
fn the_reference_finds_the_same_matches() {
    let texts = texts();
    let mut wrong = Vec::new();
    for line in VERDICTS.lines() {
        let mut fields = line.rsplitn(3, '\t');
        let (ignoring, counting) = (fields.next(), fields.next());
        let pattern = fields.next().expect("a pattern");
        for (ignore_case, said) in [(false, counting), (true, ignoring)] {
            let said = said.expect("a verdict");
            let ours = match Regex::compile(pattern, ignore_case) {
                Ok(regex) => verdicts(&texts, |text| regex.is_match(text)),
                Err(_) => "error".to_string(),
            };
            // Numbered groups are there for us always; the reference has none in conditions.
            let differs = said != ours && !(said == "error" && refers_to_group(pattern));
            if differs && !REFUSED.contains(&pattern) {
                wrong.push(format!("{pattern} ({ignore_case}): {said}, ours {ours}"));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn the_reference_remembers_the_same_groups() {
    let texts = texts();
    let mut wrong = Vec::new();
    for line in CAPTURES.lines() {
        let (pattern, said) = line.split_once('\t').unwrap_or((line, ""));
        if REFUSED.contains(&pattern) {
            continue;
        }
        let regex = match Regex::compile(pattern, false) {
            Ok(regex) => regex,
            Err(why) => {
                if said != "error" {
                    wrong.push(format!("{pattern}: {why}"));
                }
                continue;
            }
        };
        let said = said.split('\t').filter(|it| !it.is_empty());
        let ours = texts.iter().enumerate().filter(|it| is_plain(it.1));
        let ours = ours.filter_map(|(at, text)| {
            let found = regex.captures(text, Begin::Start)?;
            Some(format!("{at} {}", shown(text, &found)))
        });
        let (said, ours): (Vec<_>, Vec<_>) = (said.collect(), ours.collect());
        if said != ours {
            let pairs = said.iter().zip(&ours).find(|(said, ours)| *said != ours);
            wrong.push(format!(
                "{pattern}: {pairs:?} ({} and {})",
                said.len(),
                ours.len()
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// An automaton and trying agree wherever there is an automaton.
#[test]
fn both_ways_to_match_agree() {
    let texts = texts();
    for line in CAPTURES.lines() {
        let pattern = line.split('\t').next().unwrap_or_default();
        let Ok(regex) = Regex::compile(pattern, false) else {
            continue;
        };
        for text in &texts {
            let tried = backtrack::find(&regex.program, text, Begin::Start, &mut 0);
            assert_eq!(
                regex.is_match(text),
                tried.is_some(),
                "{pattern} {}",
                text.escape_ascii()
            );
        }
    }
}

/// Patterns put together by chance: none panics, and both ways agree on matches and groups.
#[test]
fn patterns_by_chance_mean_the_same_to_both_ways() {
    const PARTS: &[&str] = &[
        "a",
        "b",
        "ab",
        ".",
        "[ab]",
        "[^a]",
        "(",
        "(",
        ")",
        ")",
        "(?:",
        "|",
        "*",
        "+",
        "?",
        "{2}",
        "{1,2}",
        "*?",
        "+?",
        "^",
        "$",
        "\\b",
        "\\d",
        "\\",
        "[",
        "]",
        "(?i)",
        "(?=",
        "(?<=",
        "\\1",
        "(?>",
        "++",
        "\\A",
        "\\z",
        "{",
        "}",
        "-",
        "[[:alpha:]-",
        "\\Q",
        "\\E",
        "(?m)",
        "\n",
    ];
    const LETTERS: &[u8] = b"aabbAB\n1 ";
    let mut rng = base::Rng::from_u64(3);
    let mut compiled = 0;
    for _ in 0..8_000 {
        let length = 1 + rng.below(7);
        let part = |_| PARTS[rng.below(PARTS.len() as u64) as usize];
        let pattern: String = (0..length).map(part).collect();
        let Ok(regex) = Regex::compile(&pattern, false) else {
            continue;
        };
        compiled += 1;
        for _ in 0..4 {
            let length = rng.below(6);
            let letter = |_| LETTERS[rng.below(LETTERS.len() as u64) as usize];
            let text: Vec<u8> = (0..length).map(letter).collect();
            let tried = backtrack::find(&regex.program, &text, Begin::Start, &mut 0);
            let tried = tried.map(|slots| (slots[0], slots[1]));
            assert_eq!(
                regex.is_match(&text),
                tried.is_some(),
                "{pattern:?} {text:?}"
            );
            let found = regex.captures(&text, Begin::Start).map(|it| it.whole());
            let found = found.map(|(begin, end)| (Some(begin), Some(end)));
            assert_eq!(found, tried, "{pattern:?} {text:?}");
        }
    }
    assert!(compiled > 800, "{compiled}");
}

#[test]
fn a_text_that_takes_too_long_does_not_match() {
    let regex = Regex::compile("(?=a)(a+)+$", false).expect("a pattern");
    let text = [&[b'a'; 60][..], b"b"].concat();
    assert!(!regex.is_match(&text));
    assert!(regex.note().is_some());
}

#[test]
fn behind_an_earlier_match_the_text_does_not_begin() {
    let regex = Regex::compile("^a|b", false).expect("a pattern");
    let found = |begin| regex.captures(b"ab", begin).map(|it| it.whole());
    assert_eq!(found(Begin::Start), Some((0, 1)));
    assert_eq!(found(Begin::Middle), Some((1, 2)));
}

#[test]
fn what_is_too_large_is_refused() {
    for pattern in ["((a{1000}){1000}){1000}", "(.{60000}){9}"] {
        Regex::compile(pattern, false).expect_err(pattern);
    }
    let deep = ["(".repeat(300), ")".repeat(300)].concat();
    Regex::compile(&deep, false).expect_err("300 parentheses");
    Regex::compile(&"a".repeat(70_000), false).expect_err("70000 bytes");
}

/// Valid for PCRE2 and refused by us, by name.
const REFUSED: &[&str] = &["\\pL", "(?<=\\1)(a)"];

fn texts() -> Vec<Vec<u8>> {
    TEXTS.lines().map(unescape).collect()
}

fn verdicts(texts: &[Vec<u8>], matches: impl Fn(&[u8]) -> bool) -> String {
    let bits = texts.iter().enumerate();
    let bits = bits.fold(0_u128, |bits, (at, text)| {
        bits | u128::from(matches(text)) << at
    });
    format!("{bits:x}")
}

fn refers_to_group(pattern: &str) -> bool {
    Regex::compile(pattern, false).is_ok_and(|regex| regex.program.refers_to_group())
}

fn shown(text: &[u8], found: &Captures) -> String {
    let groups = (0..GROUPS).map(|at| found.group(at).map_or(&[][..], |it| &text[it.0..it.1]));
    let joined = groups.collect::<Vec<_>>().join(&b'~');
    let joined = joined.escape_ascii().to_string();
    joined.trim_end_matches('~').to_string()
}

fn is_plain(text: &[u8]) -> bool {
    text.iter()
        .all(|byte| matches!(byte, 32..=126 | 128..) && *byte != b',')
}

/// What `escape_ascii` made of bytes.
fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match (byte, byte == b'\\') {
            (byte, false) => byte,
            (_, true) => match rest.next().expect("an escape") {
                b't' => b'\t',
                b'n' => b'\n',
                b'r' => b'\r',
                b'x' => {
                    let digits = [rest.next(), rest.next()].map(|it| it.expect("a digit"));
                    let digits = core::str::from_utf8(&digits).expect("digits");
                    u8::from_str_radix(digits, 16).expect("digits")
                }
                byte => byte,
            },
        });
    }
    bytes
}

#[test]
fn templates_name_groups_and_bytes_and_mean_nothing_behind_a_last_backslash() {
    let regex = Regex::compile("(b+)(x)?", false).expect("a pattern");
    let found = regex.captures(b"abbc", Begin::Start).expect("a match");
    let made = |template: &str, most| {
        let mut made = b"<".to_vec();
        let result = expand(template.as_bytes(), b"abbc", &found, most, &mut made);
        (result.is_ok(), String::from_utf8_lossy(&made).into_owned())
    };
    let whole = |template| made(template, 100);
    let good = |text: &str| (true, text.to_string());
    let bad = (false, "<".to_string());
    assert_eq!(whole(r"-\0\1\2\9-"), good("<-bbbb-"));
    assert_eq!(whole(r"\x41\x5a\q\\"), good(r"<AZq\"));
    for meaningless in [r"p\", r"p\x4", r"p\x", r"p\xZ1"] {
        assert_eq!(whole(meaningless), bad, "{meaningless}");
    }
    assert_eq!(made(r"\0\0\0", 4), good("<bbbb"));
}
