//! Patterns that are numbers: `5`, `5:7`, `:7`, `5:`, and the operators that stand for ranges.

use alloc::format;
use alloc::string::String;

/// A range of numbers, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) from: i64,
    pub(super) to: i64,
}

impl Range {
    pub(super) fn contains(self, number: i64) -> bool {
        (self.from..=self.to).contains(&number)
    }

    /// The only number in it.
    pub(super) fn single(self) -> Option<i64> {
        (self.from == self.to).then_some(self.from)
    }

    /// Reads a number or a range. Either end may be missing, but not both; the upper one may have a
    /// sign. A dash parts the ends like a colon, so that `-5` is what does not exceed 5: numbers below
    /// zero are not patterns, says the manual, and a lower end has no place for a sign.
    pub(super) fn parse(text: &[u8]) -> Result<Self, String> {
        Self::read(text, whole)
    }

    /// Reads a version or a range of versions: a major number, perhaps a minor one behind a dot.
    pub(super) fn parse_versions(text: &[u8]) -> Result<Self, String> {
        Self::read(text, version)
    }

    fn read(text: &[u8], end: fn(&[u8]) -> Option<i64>) -> Result<Self, String> {
        let Some(at) = text.iter().position(|byte| matches!(byte, b':' | b'-')) else {
            return match end(text) {
                Some(number) => Ok(Self {
                    from: number,
                    to: number,
                }),
                None => Err(not("a number", text)),
            };
        };
        let (lower, upper) = (&text[..at], &text[at + 1..]);
        let (digits, negative) = match upper {
            [b'-', digits @ ..] => (digits, true),
            digits => (digits, false),
        };
        let range = match (lower, upper) {
            ([], []) => None,
            (lower, []) => end(lower).map(|from| Self { from, to: i64::MAX }),
            (lower, _) => end(digits).and_then(|to| {
                let to = if negative { -to } else { to };
                let from = match lower {
                    [] => i64::MIN,
                    lower => end(lower)?,
                };
                (from <= to).then_some(Self { from, to })
            }),
        };
        range.ok_or_else(|| not("a valid number range", text))
    }
}

/// Whether a pattern looks like a number below zero but is a range without a lower end.
pub(super) fn looks_negative(text: &str) -> bool {
    text.strip_prefix('-')
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// An operator in front of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Eq,
    Gt,
    Ge,
    Le,
    Lt,
}

impl Operator {
    pub(super) fn by_name(name: &str) -> Option<Self> {
        match name {
            "eq" => Some(Self::Eq),
            "gt" => Some(Self::Gt),
            "ge" => Some(Self::Ge),
            "le" => Some(Self::Le),
            "lt" => Some(Self::Lt),
            _ => None,
        }
    }

    /// The pattern that means the same as a version behind this operator. A range means itself.
    pub(super) fn applied_to_version(self, text: &str) -> Result<String, String> {
        let range = Range::parse_versions(text.as_bytes())?;
        let Some(number) = range.single().filter(|_| !text.contains([':', '-'])) else {
            return Ok(text.into());
        };
        let written = |number: i64| format!("{}.{}", number >> 16, number & 0xffff);
        let beyond = || not("a valid number range", text.as_bytes());
        Ok(match self {
            Self::Eq => text.into(),
            Self::Gt => format!("{}:", written(number + 1)),
            Self::Ge => format!("{text}:"),
            Self::Le => format!(":{text}"),
            Self::Lt if number == 0 => return Err(beyond()),
            Self::Lt => format!(":{}", written(number - 1)),
        })
    }

    /// The pattern that means the same as `text` behind this operator. A range means itself.
    pub(super) fn applied(self, text: &str) -> Result<String, String> {
        let range = Range::parse(text.as_bytes())?;
        let Some(number) = range.single().filter(|_| !text.contains([':', '-'])) else {
            return Ok(text.into());
        };
        let beyond = || not("a valid number range", text.as_bytes());
        Ok(match self {
            Self::Eq => text.into(),
            Self::Gt => format!("{}:", number.checked_add(1).ok_or_else(beyond)?),
            Self::Ge => format!("{number}:"),
            Self::Le => format!(":{number}"),
            Self::Lt => format!(":{}", number - 1),
        })
    }
}

/// The number that digits make, if they make one.
fn whole(digits: &[u8]) -> Option<i64> {
    let digits = core::str::from_utf8(digits).ok()?;
    let first = digits.as_bytes().first()?;
    first.is_ascii_digit().then(|| digits.parse().ok())?
}

/// A version as one number: the major one in front of sixteen bits for the minor one.
fn version(text: &[u8]) -> Option<i64> {
    let (major, minor) = match text.iter().position(|&byte| byte == b'.') {
        Some(dot) => (&text[..dot], whole(&text[dot + 1..])?),
        None => (text, 0),
    };
    let major = whole(major)?;
    let fits = (0..=0xffff).contains(&major) && (0..=0xffff).contains(&minor);
    fits.then_some(major << 16 | minor)
}

fn not(what: &str, text: &[u8]) -> String {
    format!("'{}' is not {what}", String::from_utf8_lossy(text))
}

#[cfg(test)]
mod tests {
    use super::{Operator, Range};
    use alloc::string::ToString;

    fn read(text: &str) -> Option<(i64, i64)> {
        let range = Range::parse(text.as_bytes()).ok()?;
        Some((range.from, range.to))
    }

    #[test]
    fn numbers_and_ranges_are_read_as_the_reference_reads_them() {
        assert_eq!(read("5"), Some((5, 5)));
        assert_eq!(read("00012"), Some((12, 12)));
        assert_eq!(read("5:7"), Some((5, 7)));
        assert_eq!(read("5-7"), Some((5, 7)));
        assert_eq!(read("5:"), Some((5, i64::MAX)));
        assert_eq!(read(":7"), Some((i64::MIN, 7)));
        assert_eq!(read("-7"), Some((i64::MIN, 7)));
        assert_eq!(read(":-10"), Some((i64::MIN, -10)));
        assert_eq!(read("--5"), Some((i64::MIN, -5)));
        let refused = [
            "",
            "a",
            "+5",
            " 5",
            "5 ",
            "5.1",
            "0x10",
            ":",
            "-",
            "::",
            "1::",
            "1:2:3",
            "6:5",
            "-3:1",
            "5:-3",
            "-5:",
            "a:5",
            "5:a",
            "9223372036854775808",
            "1:9223372036854775808",
        ];
        for text in refused {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn operators_stand_for_ranges() {
        let applied = |name, text| {
            let operator = Operator::by_name(name).expect("an operator");
            operator.applied(text)
        };
        assert_eq!(applied("eq", "5").as_deref(), Ok("5"));
        assert_eq!(applied("gt", "5").as_deref(), Ok("6:"));
        assert_eq!(applied("ge", "5").as_deref(), Ok("5:"));
        assert_eq!(applied("le", "5").as_deref(), Ok(":5"));
        assert_eq!(applied("lt", "0").as_deref(), Ok(":-1"));
        assert_eq!(applied("gt", "5:6").as_deref(), Ok("5:6"));
        assert!(applied("gt", "9223372036854775807").is_err());
        let version = |name, text| {
            let operator = Operator::by_name(name).expect("an operator");
            operator.applied_to_version(text)
        };
        assert_eq!(version("gt", "3.1").as_deref(), Ok("3.2:"));
        assert_eq!(version("lt", "3").as_deref(), Ok(":2.65535"));
        assert_eq!(version("ge", "3.1").as_deref(), Ok("3.1:"));
        assert_eq!(version("le", "3.0:3.1").as_deref(), Ok("3.0:3.1"));
        assert!(version("lt", "0.0").is_err());
        assert!(Operator::by_name("ne").is_none());
    }

    #[test]
    fn versions_are_two_numbers() {
        let range = Range::parse_versions(b"3:3.1").expect("a range");
        assert_eq!((range.from, range.to), (0x3_0000, 0x3_0001));
        let error = Range::parse_versions(b"3.").expect_err("no minor number");
        assert_eq!(error.to_string(), "'3.' is not a number");
    }
}
