//! `normalize-uri`: equivalent paths and queries made equal (RFC 3986 §6.2.2).

use alloc::vec::Vec;

/// A normalizer. Each works on path and query of a request-target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Normalizer {
    /// `fragment-encode`: `#` becomes `%23`.
    FragmentEncode,
    /// `fragment-strip`: a fragment goes.
    FragmentStrip,
    /// `path-merge-slashes`: of slashes in a row one stays.
    PathMergeSlashes,
    /// `path-strip-dot`: segments `.` go.
    PathStripDot,
    /// `path-strip-dotdot`: segments `..` go with the one in front.
    PathStripDotDot {
        /// `full`: those without one in front go as well.
        full: bool,
    },
    /// `percent-decode-unreserved`
    PercentDecodeUnreserved {
        /// `strict`: a percent sign that encodes nothing is an error.
        strict: bool,
    },
    /// `percent-to-uppercase`
    PercentToUppercase {
        /// `strict`: a percent sign that encodes nothing is an error.
        strict: bool,
    },
    /// `query-sort-by-name`: parameters in order of their names.
    QuerySortByName,
}

/// A percent sign is not followed by two hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadPercent;

impl Normalizer {
    /// Puts the normalised form of `path`, with query and fragment, into `out`.
    pub fn normalize(self, path: &[u8], out: &mut Vec<u8>) -> Result<(), BadPercent> {
        let end = path.iter().position(|byte| matches!(byte, b'?' | b'#'));
        let (alone, rest) = path.split_at(end.unwrap_or(path.len()));
        match self {
            Self::FragmentEncode => {
                for byte in path {
                    match byte {
                        b'#' => out.extend_from_slice(b"%23"),
                        byte => out.push(*byte),
                    }
                }
            }
            Self::FragmentStrip => {
                let end = path.iter().position(|byte| *byte == b'#');
                out.extend_from_slice(&path[..end.unwrap_or(path.len())]);
            }
            Self::PathMergeSlashes => {
                for byte in alone {
                    if !(*byte == b'/' && out.last() == Some(&b'/')) {
                        out.push(*byte);
                    }
                }
                out.extend_from_slice(rest);
            }
            Self::PathStripDot => {
                strip_dot(alone, out);
                out.extend_from_slice(rest);
            }
            Self::PathStripDotDot { full } => {
                strip_dot_dot(alone, full, out);
                out.extend_from_slice(rest);
            }
            Self::PercentDecodeUnreserved { strict } => {
                percents(path, strict, out, |pair, out| {
                    let byte = value(pair[0]) << 4 | value(pair[1]);
                    if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                        out.push(byte);
                    } else {
                        out.push(b'%');
                        out.extend_from_slice(&pair);
                    }
                })?;
            }
            Self::PercentToUppercase { strict } => {
                percents(path, strict, out, |pair, out| {
                    out.push(b'%');
                    out.extend_from_slice(&pair.map(|digit| digit.to_ascii_uppercase()));
                })?;
            }
            Self::QuerySortByName => sort_query(path, out),
        }
        Ok(())
    }
}

fn strip_dot(path: &[u8], out: &mut Vec<u8>) {
    let mut segments = path.split(|byte| *byte == b'/').peekable();
    let mut first = true;
    while let Some(segment) = segments.next() {
        let last = segments.peek().is_none();
        if segment == b"." {
            // What stood in front keeps its slash.
            if last && !first {
                out.push(b'/');
            }
            continue;
        }
        if !first {
            out.push(b'/');
        }
        out.extend_from_slice(segment);
        first = false;
    }
}

fn strip_dot_dot(path: &[u8], full: bool, out: &mut Vec<u8>) {
    let mut kept: Vec<&[u8]> = Vec::new();
    // Segments in front that lead out of the root and stay.
    let mut outside = 0;
    let mut segments = path.split(|byte| *byte == b'/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let last = segments.peek().is_none();
        if segment != b".." {
            kept.push(segment);
            continue;
        }
        if kept.len() > outside {
            kept.pop();
        } else if !full {
            kept.push(segment);
            outside += 1;
            continue;
        }
        if last {
            kept.push(b"");
        }
    }
    for segment in &kept {
        out.push(b'/');
        out.extend_from_slice(segment);
    }
    if kept.is_empty() {
        out.push(b'/');
    }
}

fn percents(
    text: &[u8],
    strict: bool,
    out: &mut Vec<u8>,
    mut pair: impl FnMut([u8; 2], &mut Vec<u8>),
) -> Result<(), BadPercent> {
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        at += 1;
        if *byte != b'%' {
            out.push(*byte);
            continue;
        }
        match text.get(at..at + 2) {
            Some(&[high, low]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                pair([high, low], out);
                at += 2;
            }
            _ if strict => return Err(BadPercent),
            _ => out.push(b'%'),
        }
    }
    Ok(())
}

fn value(digit: u8) -> u8 {
    (digit as char).to_digit(16).unwrap_or(0) as u8
}

fn sort_query(path: &[u8], out: &mut Vec<u8>) {
    let Some(at) = path.iter().position(|byte| *byte == b'?') else {
        return out.extend_from_slice(path);
    };
    let query = &path[at + 1..];
    let end = query.iter().position(|byte| *byte == b'#');
    let (query, fragment) = query.split_at(end.unwrap_or(query.len()));
    let mut parameters: Vec<&[u8]> = query.split(|byte| *byte == b'&').collect();
    parameters.sort_by_key(|parameter| parameter.split(|byte| *byte == b'=').next());
    out.extend_from_slice(&path[..=at]);
    for (at, parameter) in parameters.iter().enumerate() {
        if at > 0 {
            out.push(b'&');
        }
        out.extend_from_slice(parameter);
    }
    out.extend_from_slice(fragment);
}

#[cfg(test)]
mod tests {
    use super::{BadPercent, Normalizer};
    use alloc::vec::Vec;

    fn check(normalizer: Normalizer, cases: &[(&str, &str)]) {
        for (path, expected) in cases {
            let mut out = Vec::new();
            normalizer.normalize(path.as_bytes(), &mut out).unwrap();
            let out = core::str::from_utf8(&out).unwrap();
            assert_eq!(out, *expected, "{path} by {normalizer:?}");
        }
    }

    #[test]
    fn slashes_in_a_row_become_one_in_the_path_alone() {
        check(
            Normalizer::PathMergeSlashes,
            &[
                ("/foo//bar", "/foo/bar"),
                ("///foo///bar///", "/foo/bar/"),
                ("///", "/"),
                ("//foo?bar=///", "/foo?bar=///"),
            ],
        );
    }

    #[test]
    fn segments_of_one_dot_go() {
        check(
            Normalizer::PathStripDot,
            &[
                ("/.", "/"),
                ("/./", "/"),
                ("/./bar/", "/bar/"),
                ("/a/.", "/a/"),
                ("/a/./a", "/a/a"),
                ("/a.", "/a."),
                ("/.well-known/", "/.well-known/"),
                ("/a/../", "/a/../"),
                ("/?a=/./", "/?a=/./"),
            ],
        );
    }

    #[test]
    fn segments_of_two_dots_go_with_the_one_in_front() {
        check(
            Normalizer::PathStripDotDot { full: false },
            &[
                ("/foo/..", "/"),
                ("/foo/../", "/"),
                ("/foo/bar/../", "/foo/"),
                ("/foo/../bar", "/bar"),
                ("/foo/../../bar/", "/../bar/"),
                ("/foo//../../bar/", "/bar/"),
                ("/../bar/", "/../bar/"),
                ("/bar/../../", "/../"),
                ("/foo//../", "/foo/"),
                ("/foo/../?bar=/foo/../", "/?bar=/foo/../"),
            ],
        );
        check(
            Normalizer::PathStripDotDot { full: true },
            &[
                ("/foo/../../bar/", "/bar/"),
                ("/../bar/", "/bar/"),
                ("/bar/../../", "/"),
                ("/..", "/"),
            ],
        );
    }

    #[test]
    fn percent_signs_are_normalised_or_refused() {
        check(
            Normalizer::PercentToUppercase { strict: false },
            &[("/%aa?a=%aa", "/%AA?a=%AA"), ("/%zz?a=%zz", "/%zz?a=%zz")],
        );
        check(
            Normalizer::PercentDecodeUnreserved { strict: false },
            &[
                ("/%61?%61=%61", "/a?a=a"),
                ("/%3F?foo=bar", "/%3F?foo=bar"),
                ("/%%36%36", "/%66"),
            ],
        );
        for (normalizer, path) in [
            (Normalizer::PercentToUppercase { strict: true }, "/%zz"),
            (
                Normalizer::PercentDecodeUnreserved { strict: true },
                "/%%36",
            ),
        ] {
            let made = normalizer.normalize(path.as_bytes(), &mut Vec::new());
            assert_eq!(made, Err(BadPercent));
        }
    }

    #[test]
    fn parameters_are_sorted_by_name_and_equal_names_keep_their_order() {
        check(
            Normalizer::QuerySortByName,
            &[
                ("/?z=a&a=z", "/?a=z&z=a"),
                ("/?c&b&a&z&x&y", "/?a&b&c&x&y&z"),
                ("/?aaaa=&a=&aa=&aaa=", "/?a=&aa=&aaa=&aaaa="),
                ("/?a=5&b=3&a=1&a=2&b=4", "/?a=5&a=1&a=2&b=3&b=4"),
                ("/", "/"),
                ("/?", "/?"),
                ("/?b&a#c", "/?a&b#c"),
            ],
        );
    }

    #[test]
    fn fragments_are_encoded_or_go() {
        check(
            Normalizer::FragmentEncode,
            &[("/#foo/#foo", "/%23foo/%23foo"), ("/%23foo", "/%23foo")],
        );
        check(
            Normalizer::FragmentStrip,
            &[("/#foo", "/"), ("/%23foo", "/%23foo"), ("/?a#b", "/?a")],
        );
    }
}
