//! By which number a request is given to a server (`balance` with a hash).

use crate::settings::{HashFunction, HashedUri, Hashing};
use core::net::IpAddr;
use message::{Head, same_name, target};

impl Hashing {
    /// The hash of some bytes.
    pub fn of_bytes(&self, bytes: &[u8]) -> u32 {
        self.mixed(match self.function {
            HashFunction::Sdbm => sample::hash::sdbm(bytes),
            HashFunction::Djb2 => sample::hash::djb2(bytes),
            HashFunction::Wt6 => sample::hash::wt6(bytes),
            HashFunction::Crc32 => sample::hash::crc32(bytes),
            HashFunction::None => leading_number(bytes),
        })
    }

    /// The hash of a client's address, to which no function is applied.
    pub fn of_address(&self, ip: IpAddr) -> u32 {
        self.mixed(match ip {
            IpAddr::V4(ip) => ip.to_bits(),
            IpAddr::V6(ip) => {
                let words = (0..4).map(|word| (ip.to_bits() >> (32 * word)) as u32);
                words.fold(0, |all, word| all ^ word)
            }
        })
    }

    fn mixed(&self, hash: u32) -> u32 {
        if self.avalanche {
            sample::hash::avalanche(hash)
        } else {
            hash
        }
    }
}

/// What is hashed of a request-target; nothing where there is no path of which it should be.
pub fn part_of_uri(target: &[u8], uri: HashedUri) -> Option<&[u8]> {
    let start = match uri.path_only {
        true => target::path_start(target)?,
        false => 0,
    };
    let from = &target[start..];
    let len = uri
        .len
        .map_or(from.len(), |len| from.len().min(len as usize));
    let from = &from[..len];
    let mut slashes = 0;
    let end = from.iter().position(|byte| {
        slashes += u32::from(*byte == b'/');
        (*byte == b'?' && !uri.whole) || uri.depth.is_some_and(|depth| slashes > depth)
    });
    Some(&from[..end.unwrap_or(from.len())])
}

/// The value of a parameter in the query of a request-target, if it has one.
pub fn parameter<'a>(target: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let mut pairs = target::query(target)?.split(|byte| *byte == b'&');
    pairs.find_map(|pair| pair.strip_prefix(name)?.strip_prefix(b"="))
}

/// The first value of a field, if there is one that says something.
pub fn field<'a>(head: &'a Head, name: &[u8]) -> Option<&'a [u8]> {
    let mut fields = head.fields();
    let field = fields.find(|field| same_name(head.bytes(field.name), name))?;
    let first = head
        .bytes(field.value)
        .split(|byte| *byte == b',')
        .next()?
        .trim_ascii();
    (!first.is_empty()).then_some(first)
}

/// `use_domain_only`: the label in front of the last dot; all of a name without dots.
pub fn domain(host: &[u8]) -> &[u8] {
    let Some(last) = host.iter().rposition(|byte| *byte == b'.') else {
        return host;
    };
    let before = &host[..last];
    let from = before.iter().rposition(|byte| *byte == b'.');
    &before[from.map_or(0, |dot| dot + 1)..]
}

/// The whole number that a text begins with, of which 32 bits count; 0 without one.
fn leading_number(text: &[u8]) -> u32 {
    let text = text.trim_ascii_start();
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    let digits = digits.iter().take_while(|byte| byte.is_ascii_digit());
    let number = digits.fold(0_u32, |number, digit| {
        number
            .wrapping_mul(10)
            .wrapping_add(u32::from(digit - b'0'))
    });
    if negative {
        number.wrapping_neg()
    } else {
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::HashOf;

    #[test]
    fn as_much_of_a_target_is_hashed_as_was_asked_for() {
        let part = |target: &'static str, uri: HashedUri| {
            let part = part_of_uri(target.as_bytes(), uri);
            part.map(|part| core::str::from_utf8(part).expect("text"))
        };
        let plain = HashedUri::default();
        let whole = HashedUri {
            whole: true,
            ..plain
        };
        let path = HashedUri {
            path_only: true,
            ..plain
        };
        let deep = |depth| HashedUri {
            depth: Some(depth),
            ..whole
        };
        assert_eq!(part("/a/b?c=/d", plain), Some("/a/b"));
        assert_eq!(part("/a/b?c=/d", whole), Some("/a/b?c=/d"));
        assert_eq!(part("/a/b?c=/d", deep(2)), Some("/a/b?c="));
        assert_eq!(part("/a/b?c=/d", deep(1)), Some("/a"));
        let short = HashedUri {
            len: Some(3),
            ..plain
        };
        assert_eq!(part("/a/b?c=/d", short), Some("/a/"));
        assert_eq!(part("http://h/a?b", path), Some("/a"));
        assert_eq!(part("http://h/a?b", plain), Some("http://h/a"));
        assert_eq!(part("*", path), None);
        assert_eq!(part("*", plain), Some("*"));
    }

    #[test]
    fn a_parameter_is_one_of_the_query_and_between_ampersands() {
        let value = |target: &'static str| parameter(target.as_bytes(), b"y");
        assert_eq!(value("/a?x=1&y=2&y=3"), Some(&b"2"[..]));
        assert_eq!(value("/a?xy=1&y=2;3"), Some(&b"2;3"[..]));
        assert_eq!(value("/a?y="), Some(&b""[..]));
        assert_eq!(value("/a?y&x=1;y=2"), None);
        assert_eq!(value("/y=2"), None);
    }

    #[test]
    fn of_a_host_the_label_before_the_last_dot_is_its_domain() {
        for (host, expected) in [
            ("www.example.com", "example"),
            ("example.com", "example"),
            ("localhost", "localhost"),
            ("x.5.", "5"),
            (".com", ""),
        ] {
            assert_eq!(domain(host.as_bytes()), expected.as_bytes(), "{host}");
        }
    }

    #[test]
    fn without_a_function_the_number_a_text_begins_with_is_its_hash() {
        let hashing = Hashing {
            of: HashOf::Source,
            function: HashFunction::None,
            avalanche: false,
        };
        for (text, expected) in [
            ("17", 17),
            (" 17abc", 17),
            ("-1", u32::MAX),
            ("+2", 2),
            ("0x10", 0),
            ("", 0),
            ("4294967298", 2),
        ] {
            assert_eq!(hashing.of_bytes(text.as_bytes()), expected, "{text}");
        }
    }
}
