use super::*;

fn env(name: &str) -> Option<String> {
    match name {
        "A" => Some("va".into()),
        "LIST" => Some("one two  three".into()),
        "EMPTY" => Some(String::new()),
        "DOLLAR" => Some("$A \"#".into()),
        _ => None,
    }
}

fn words(line: &str) -> Result<Vec<Word>, Mistake> {
    split(
        line,
        &Variables {
            env: &env,
            file: "f.cfg",
            line: 12,
            section: "web",
        },
    )
}

fn texts(line: &str) -> Vec<String> {
    words(line).unwrap().into_iter().map(|w| w.text).collect()
}

fn fails(line: &str) -> (MistakeKind, usize) {
    let mistake = words(line).unwrap_err();
    (mistake.kind, mistake.at)
}

#[test]
fn spaces_tabs_and_comments_separate() {
    assert_eq!(texts("  a\t b  # c d"), ["a", "b"]);
    assert_eq!(texts("global#this"), ["global"]);
    assert_eq!(texts("# only"), [""; 0]);
    assert_eq!(texts(""), [""; 0]);
}

#[test]
fn every_way_to_write_a_special_character() {
    assert_eq!(
        texts(r"\x09 a\ b a\#b a\\b a\'b"),
        ["\t", "a b", "a#b", "a\\b", "a'b"]
    );
    assert_eq!(texts(r#"a\"b "a\"b" '"'"#), ["a\"b", "a\"b", "\""]);
    assert_eq!(texts(r"\n\r\t"), ["\n\r\t"]);
    assert_eq!(texts(r#""'" "\'" "\x27""#), ["'", "'", "'"]);
    assert_eq!(texts(r#"$ "\$" "\x24" '$'"#), ["$", "$", "$", "$"]);
    assert_eq!(texts(r##"'#' "#" "\#""##), ["#", "#", "#"]);
}

#[test]
fn bytes_that_form_no_text_are_kept() {
    for (word, bytes) in [
        (r"\xe0", b"\xe0".as_slice()),
        (r"a\xC3\xA9\xff", b"a\xc3\xa9\xff"),
        (&kept::text_of(b"'\xe0'\\xe1"), b"\xe0\xe1"),
    ] {
        let found = texts(word);
        let found: Vec<_> = found
            .iter()
            .map(|it| kept::bytes_of(it.as_bytes()))
            .collect();
        assert_eq!(found, [bytes], "{word}");
    }
}

#[test]
fn a_backslash_that_escapes_nothing_stays() {
    assert_eq!(texts(r"\.css$ \1 a\$b"), [r"\.css$", r"\1", r"a\$b"]);
    assert_eq!(texts(r"'a\'b"), [r"a\b"]);
    assert_eq!(texts("a\\"), ["a\\"]);
}

#[test]
fn pieces_without_space_between_are_one_word() {
    assert_eq!(texts(r#"a"b c"d'e f'g x"#), ["ab cde fg", "x"]);
    assert_eq!(texts(r#""%{+Q}o %t"' %s'\ %r"#), ["%{+Q}o %t %s %r"]);
}

#[test]
fn variables_only_inside_double_quotes() {
    assert_eq!(
        texts(r#"$A '$A' "$A" "${A}x" "-$A-""#),
        ["$A", "$A", "va", "vax", "-va-"]
    );
    assert_eq!(texts(r#""${NONE-dflt}" "${A-dflt}""#), ["dflt", "va"]);
    assert_eq!(texts(r#""${NONE-a b}""#), ["a b"]);
    assert_eq!(texts(r#""$DOLLAR""#), ["$A \"#"]);
    assert_eq!(
        texts(r#""${.FILE}:${.LINE}:${.SECTION}""#),
        ["f.cfg:12:web"]
    );
}

#[test]
fn a_list_becomes_words_and_an_unset_one_nothing() {
    assert_eq!(
        texts(r#"x "${LIST[*]}" y"#),
        ["x", "one", "two", "three", "y"]
    );
    assert_eq!(texts(r#""a${LIST[*]}b""#), ["aone", "two", "threeb"]);
    assert_eq!(texts(r#"x "${NONE[*]}" y"#), ["x", "y"]);
    assert_eq!(texts(r#"x "${EMPTY[*]}" y"#), ["x", "y"]);
}

#[test]
fn an_empty_word_is_a_word_and_knows_its_variable() {
    let found = words(r#"x "" '' "$NONE" "$EMPTY""#).unwrap();
    let seen: Vec<_> = found
        .iter()
        .map(|w| (w.text.as_str(), w.unset.as_deref()))
        .collect();
    assert_eq!(
        seen,
        [
            ("x", None),
            ("", None),
            ("", None),
            ("", Some("NONE")),
            ("", None)
        ]
    );
    assert_eq!(texts(r#""a$NONE""#), ["a"]);
}

#[test]
fn words_know_their_columns() {
    let found = words(r#"  bind "a b" x"#).unwrap();
    let columns: Vec<_> = found.iter().map(|w| (w.start, w.end)).collect();
    assert_eq!(columns, [(2, 6), (7, 12), (13, 14)]);
}

#[test]
fn mistakes_point_at_their_byte() {
    assert_eq!(fails(r#"  bind :80 ""#), (MistakeKind::UnmatchedQuote, 11));
    assert_eq!(fails("a 'b"), (MistakeKind::UnmatchedQuote, 2));
    assert_eq!(fails(r"a \xZZ"), (MistakeKind::Hexadecimal, 2));
    assert_eq!(fails(r"a \x1"), (MistakeKind::Hexadecimal, 2));
    assert_eq!(fails(r"a \x00"), (MistakeKind::Hexadecimal, 2));
    assert_eq!(fails(r#"a "$1""#), (MistakeKind::VariableName, 4));
    assert_eq!(fails(r#"a "${.NOPE}""#), (MistakeKind::VariableName, 5));
    assert_eq!(fails(r#"a "${A""#), (MistakeKind::UnmatchedBrace, 4));
    assert_eq!(fails(r#"a "${A B}""#), (MistakeKind::UnmatchedBrace, 4));
    assert_eq!(fails(r#"a "${NONE-""#), (MistakeKind::UnmatchedBrace, 4));
    assert_eq!(fails(r#"a "${A[1]}""#), (MistakeKind::Expansion, 6));
}

#[test]
fn the_sixty_fifth_word_is_one_too_many() {
    let line = "w ".repeat(WORDS_MAX);
    assert_eq!(words(&line).unwrap().len(), WORDS_MAX);
    let line = "w ".repeat(WORDS_MAX + 1);
    assert_eq!(fails(&line).0, MistakeKind::TooManyWords("w".into()));
}
