//! What the fields of a head say about its body and its connection (RFC 9112 §6.3, §9.3).

use crate::violation::Violation;
use message::{Head, Name, NameSet, is_lower};

/// The facts of one head, gathered in one pass over its fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    /// What Content-Length says.
    pub(crate) length: Option<u64>,
    /// It says so several times, or with zeros in front.
    pub(crate) length_uneven: bool,
    /// What Transfer-Encoding says.
    pub(crate) coding: Coding,
    /// `Connection: close`.
    pub(crate) close: bool,
    /// `Connection: keep-alive`.
    pub(crate) keep_alive: bool,
    /// `Connection: upgrade`, and an Upgrade field that names something we may switch to.
    pub(crate) upgrade: bool,
    /// One of them is a WebSocket.
    pub(crate) websocket: bool,
}

/// What Transfer-Encoding says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Coding {
    /// There is none.
    #[default]
    Absent,
    /// `chunked`, once.
    Chunked,
    /// `chunked` once and last, behind others.
    Unknown,
    /// Anything else: where the body ends is not known.
    Faulty,
}

impl Facts {
    /// Gathers the facts; Content-Length errors come out at once.
    pub(crate) fn of(head: &Head, relaxed: bool) -> Result<Self, Violation> {
        let mut facts = Self::default();
        if !head.may_have(TELLING) {
            return Ok(facts);
        }
        let mut codings = Codings::default();
        let (mut token, mut protocol) = (false, false);
        for field in head.fields() {
            let value = head.bytes(field.value);
            match field.id {
                Name::ContentLength => facts.add_length(value)?,
                Name::TransferEncoding => codings.add(value),
                // What nearly all of them say.
                Name::Connection if is_lower(value, "keep-alive") => facts.keep_alive = true,
                Name::Connection if is_lower(value, "close") => facts.close = true,
                Name::Connection => {
                    for item in items(value) {
                        facts.close |= item.eq_ignore_ascii_case(b"close");
                        facts.keep_alive |= item.eq_ignore_ascii_case(b"keep-alive");
                        token |= item.eq_ignore_ascii_case(b"upgrade");
                    }
                }
                Name::Upgrade => {
                    for item in items(value) {
                        protocol |= is_forwarded_protocol(item);
                        facts.websocket |= is_lower(item, "websocket");
                    }
                }
                _ => {}
            }
        }
        facts.upgrade = token && protocol;
        facts.websocket &= token;
        facts.coding = codings.result(relaxed);
        Ok(facts)
    }

    /// Several values must agree, and each must be there (RFC 9112 §6.3).
    fn add_length(&mut self, value: &[u8]) -> Result<(), Violation> {
        if self.length.is_none() {
            self.length = decimal(value);
            if self.length.is_some() {
                self.length_uneven = value.len() > 1 && value.starts_with(b"0");
                return Ok(());
            }
        }
        self.length_uneven = true;
        for item in value.split(|byte| *byte == b',') {
            let length = decimal(item.trim_ascii()).ok_or(Violation::ContentLength)?;
            if self.length.is_some_and(|before| before != length) {
                return Err(Violation::ContentLengthConflict);
            }
            self.length = Some(length);
        }
        Ok(())
    }

    /// Both ways of framing at once: a sign of smuggling (RFC 9112 §6.1).
    pub(crate) fn is_contradictory(&self) -> bool {
        self.coding != Coding::Absent && self.length.is_some()
    }
}

/// The fields that tell something.
const TELLING: NameSet = NameSet::of(&[
    Name::Connection,
    Name::ContentLength,
    Name::TransferEncoding,
    Name::Upgrade,
]);

#[derive(Default)]
struct Codings {
    any: bool,
    chunked: u32,
    others: bool,
    empty: bool,
    chunked_last: bool,
}

impl Codings {
    fn add(&mut self, value: &[u8]) {
        self.any = true;
        for item in value.split(|byte| *byte == b',') {
            let item = item.trim_ascii();
            if item.is_empty() {
                self.empty = true;
                continue;
            }
            self.chunked_last = item.eq_ignore_ascii_case(b"chunked");
            if self.chunked_last {
                self.chunked += 1;
            } else {
                self.others = true;
            }
        }
    }

    fn result(&self, relaxed: bool) -> Coding {
        if !self.any || (relaxed && self.chunked == 0 && !self.others) {
            Coding::Absent
        } else if !self.chunked_last || (!relaxed && (self.empty || self.chunked > 1)) {
            Coding::Faulty
        } else if self.others {
            Coding::Unknown
        } else {
            Coding::Chunked
        }
    }
}

/// The items of a comma-separated list.
pub(crate) fn items(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value
        .split(|byte| *byte == b',')
        .map(<[u8]>::trim_ascii)
        .filter(|item| !item.is_empty())
}

/// Whether a protocol named by Upgrade is passed on. HTTP/2 is not: it is negotiated for each hop
/// (RFC 9113 §3.1).
pub(crate) fn is_forwarded_protocol(item: &[u8]) -> bool {
    !item.eq_ignore_ascii_case(b"h2c") && !item.eq_ignore_ascii_case(b"h2")
}

fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    let mut value = 0u64;
    for digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        value = value
            .checked_mul(10)?
            .checked_add(u64::from(digit - b'0'))?;
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(fields: &[(&str, &str)]) -> Result<Facts, Violation> {
        let mut head = Head::default();
        for (name, value) in fields {
            head.push(name.as_bytes(), value.as_bytes());
        }
        Facts::of(&head, false)
    }

    #[test]
    fn lengths_must_agree() {
        for (values, expected) in [
            (&["5"][..], Ok(Some(5))),
            (&["5", "5"], Ok(Some(5))),
            (&["5, 5"], Ok(Some(5))),
            (&["5, 6"], Err(Violation::ContentLengthConflict)),
            (&["5", "6"], Err(Violation::ContentLengthConflict)),
            (&["5,"], Err(Violation::ContentLength)),
            (&[""], Err(Violation::ContentLength)),
            (&["+5"], Err(Violation::ContentLength)),
            (&["-1"], Err(Violation::ContentLength)),
            (&["0x5"], Err(Violation::ContentLength)),
            (&["5 5"], Err(Violation::ContentLength)),
            (&["18446744073709551615"], Ok(Some(u64::MAX))),
            (&["18446744073709551616"], Err(Violation::ContentLength)),
        ] {
            let fields: alloc::vec::Vec<_> = values
                .iter()
                .map(|value| ("content-length", *value))
                .collect();
            assert_eq!(facts(&fields).map(|it| it.length), expected, "{values:?}");
        }
    }

    #[test]
    fn chunked_stands_once_and_last() {
        for (values, expected) in [
            (&[][..], Coding::Absent),
            (&["chunked"], Coding::Chunked),
            (&["CHUNKED"], Coding::Chunked),
            (&["gzip, chunked"], Coding::Unknown),
            (&["gzip", "chunked"], Coding::Unknown),
            (&["chunked", "chunked"], Coding::Faulty),
            (&["chunked, gzip"], Coding::Faulty),
            (&["gzip"], Coding::Faulty),
            (&[""], Coding::Faulty),
            (&["chunked,"], Coding::Faulty),
            (&["\"chunked\""], Coding::Faulty),
            (&["chunked;a=b"], Coding::Faulty),
            (&["xchunked"], Coding::Faulty),
        ] {
            let fields: alloc::vec::Vec<_> = values
                .iter()
                .map(|value| ("transfer-encoding", *value))
                .collect();
            assert_eq!(
                facts(&fields).map(|it| it.coding),
                Ok(expected),
                "{values:?}"
            );
        }
    }

    #[test]
    fn an_upgrade_needs_both_fields_and_a_protocol_that_is_passed_on() {
        for (connection, upgrade, expected) in [
            ("upgrade", "websocket", true),
            ("keep-alive, Upgrade", "h2c, websocket", true),
            ("upgrade", "h2c", false),
            ("close", "websocket", false),
        ] {
            let got = facts(&[("connection", connection), ("upgrade", upgrade)]);
            assert_eq!(
                got.map(|it| it.upgrade),
                Ok(expected),
                "{connection} {upgrade}"
            );
        }
    }
}
