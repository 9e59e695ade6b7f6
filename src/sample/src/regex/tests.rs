//! Patterns, texts, and what haproxy 2.6 with PCRE2 10.42 says to them.

use super::*;

#[test]
fn smoke() {
    let check = |pattern: &str, text: &str, expected: bool| {
        let regex = Regex::compile(pattern, false).expect(pattern);
        assert_eq!(
            regex.is_match(text.as_bytes()),
            expected,
            "{pattern} {text}"
        );
    };
    check("^/api/v[0-9]+/", "/api/v12/x", true);
    check("a$", "a\n", true);
    check("(?<!a)b", "ab", false);
    check("(a+)\\1$", "aaaa", true);
}
