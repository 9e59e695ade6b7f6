//! Files of patterns and of maps: an entry a line.

use memchr::memchr;

/// What a line of a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A pattern.
    List,
    /// A key and its value.
    Map,
}

/// An entry of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line<'a> {
    /// From 1.
    pub(super) number: usize,
    pub(super) key: &'a [u8],
    /// What a map has for it.
    pub(super) value: Option<&'a [u8]>,
}

/// The entries of a file. Lines that begin with `#` say nothing, as do empty ones; blanks in front of an
/// entry are left out. A pattern keeps the blanks behind it; a value ends before them.
pub(super) fn lines(text: &[u8], shape: Shape) -> impl Iterator<Item = Line<'_>> {
    let mut rest = Some(text);
    let lines = core::iter::from_fn(move || {
        let text = rest?;
        let (line, behind) = match memchr(b'\n', text) {
            Some(end) => (&text[..end], Some(&text[end + 1..])),
            None => (text, None),
        };
        rest = behind;
        Some(line)
    });
    lines.enumerate().filter_map(move |(at, line)| {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.first() == Some(&b'#') {
            return None;
        }
        let line = without_blanks(line);
        let (key, value) = match shape {
            Shape::List => (line, None),
            Shape::Map => {
                let end = line.iter().position(is_blank).unwrap_or(line.len());
                let (key, value) = line.split_at(end);
                let value = without_blanks(value);
                let end = value.iter().rposition(|byte| !is_blank(byte));
                (key, Some(&value[..end.map_or(0, |end| end + 1)]))
            }
        };
        (!key.is_empty()).then_some(Line {
            number: at + 1,
            key,
            value,
        })
    })
}

fn without_blanks(line: &[u8]) -> &[u8] {
    let begin = line.iter().position(|byte| !is_blank(byte));
    &line[begin.unwrap_or(line.len())..]
}

fn is_blank(byte: &u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

#[cfg(test)]
mod tests {
    use super::{Shape, lines};
    use alloc::format;
    use alloc::string::String;

    fn read(text: &str, shape: Shape) -> String {
        let shown = |bytes| String::from_utf8_lossy(bytes);
        lines(text.as_bytes(), shape)
            .map(|line| match line.value {
                Some(value) => format!("{}<{}={}>", line.number, shown(line.key), shown(value)),
                None => format!("{}<{}>", line.number, shown(line.key)),
            })
            .collect()
    }

    #[test]
    fn a_list_has_a_pattern_a_line_with_the_blanks_behind_it() {
        let text = "foo\n foo\n#c\n #d\n\n  \nbar baz \n\tx\t\r\nfoo\n\r\nlast";
        assert_eq!(
            read(text, Shape::List),
            "1<foo>2<foo>4<#d>7<bar baz >8<x\t>9<foo>11<last>"
        );
    }

    #[test]
    fn a_map_has_a_key_and_the_rest_of_the_line() {
        let text = "/a 1\n/ab \t two words \t\n/abc\n#x\n /abcd 4\r\n # 5\n";
        assert_eq!(
            read(text, Shape::Map),
            "1</a=1>2</ab=two words>3</abc=>5</abcd=4>6<#=5>"
        );
    }
}
