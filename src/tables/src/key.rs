//! Keys (`type` of `stick-table`).

use alloc::boxed::Box;
use core::fmt;
use core::hash::Hasher;
use core::net::{Ipv4Addr, Ipv6Addr};
use siphasher::sip::SipHasher13;

/// What a table's keys are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyType {
    /// `ip` or `ipv4`
    Ip,
    /// `ipv6`
    Ip6,
    /// `integer`: 32 bits.
    Integer,
    /// `string`: so many bytes at most; the rest does not count.
    String {
        /// `len`, in bytes.
        bytes_max: u32,
    },
    /// `binary`: so many bytes; the rest does not count, and zeros are added to shorter ones.
    Binary {
        /// `len`, in bytes.
        bytes: u32,
    },
}

/// `len` of `type string` where none is given.
pub const STRING_BYTES_DEFAULT: u32 = 31;

/// `len` of `type binary` where none is given.
pub const BINARY_BYTES_DEFAULT: u32 = 32;

/// A key to look for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyRef<'a> {
    /// For tables of [`KeyType::Ip`].
    Ip(Ipv4Addr),
    /// For tables of [`KeyType::Ip6`].
    Ip6(Ipv6Addr),
    /// For tables of [`KeyType::Integer`].
    Integer(u32),
    /// For tables of [`KeyType::String`] and [`KeyType::Binary`].
    Bytes(&'a [u8]),
}

/// The key of an entry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// An IPv4 address.
    Ip(Ipv4Addr),
    /// An IPv6 address.
    Ip6(Ipv6Addr),
    /// A number.
    Integer(u32),
    /// A text or a block, cut to the length of the table; a block without the zeros at its end.
    Bytes(Box<[u8]>),
}

impl KeyType {
    /// The name of the type, for `show table`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ip => "ip",
            Self::Ip6 => "ipv6",
            Self::Integer => "integer",
            Self::String { .. } => "string",
            Self::Binary { .. } => "binary",
        }
    }

    /// The key as the table keeps it; `None` if it is of another kind.
    pub(crate) fn fit(self, key: KeyRef<'_>) -> Option<KeyRef<'_>> {
        match (self, key) {
            (Self::Ip, KeyRef::Ip(_))
            | (Self::Ip6, KeyRef::Ip6(_))
            | (Self::Integer, KeyRef::Integer(_)) => Some(key),
            (Self::String { bytes_max }, KeyRef::Bytes(text)) => {
                Some(KeyRef::Bytes(cut(text, bytes_max)))
            }
            (Self::Binary { bytes }, KeyRef::Bytes(block)) => {
                let block = cut(block, bytes);
                let zeros = block.iter().rev().take_while(|&&byte| byte == 0).count();
                Some(KeyRef::Bytes(&block[..block.len() - zeros]))
            }
            (
                Self::Ip | Self::Ip6 | Self::Integer | Self::String { .. } | Self::Binary { .. },
                KeyRef::Ip(_) | KeyRef::Ip6(_) | KeyRef::Integer(_) | KeyRef::Bytes(_),
            ) => None,
        }
    }
}

fn cut(bytes: &[u8], most: u32) -> &[u8] {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    &bytes[..bytes.len().min(most)]
}

impl KeyRef<'_> {
    /// A hash that nobody can foresee who does not know the keys.
    pub(crate) fn hash(self, [key0, key1]: [u64; 2]) -> u64 {
        let number = match self {
            Self::Ip(address) => address.to_bits().into(),
            Self::Ip6(address) => address.to_bits(),
            Self::Integer(number) => number.into(),
            Self::Bytes(bytes) => {
                let mut hasher = SipHasher13::new_with_keys(key0, key1);
                hasher.write(bytes);
                return hasher.finish();
            }
        };
        // One multiplication, which is a fifth of what the other takes for a few bytes.
        let (low, high) = (number as u64 ^ key0, (number >> u64::BITS) as u64 ^ key1);
        let product = u128::from(low) * u128::from(high);
        product as u64 ^ (product >> u64::BITS) as u64
    }

    pub(crate) fn to_key(self) -> Key {
        match self {
            Self::Ip(address) => Key::Ip(address),
            Self::Ip6(address) => Key::Ip6(address),
            Self::Integer(number) => Key::Integer(number),
            Self::Bytes(bytes) => Key::Bytes(bytes.into()),
        }
    }
}

impl Key {
    /// The key, to look for.
    pub fn as_ref(&self) -> KeyRef<'_> {
        match self {
            Self::Ip(address) => KeyRef::Ip(*address),
            Self::Ip6(address) => KeyRef::Ip6(*address),
            Self::Integer(number) => KeyRef::Integer(*number),
            Self::Bytes(bytes) => KeyRef::Bytes(bytes),
        }
    }

    /// The key of a table of type `kind`, as `show table` writes it.
    pub fn display(&self, kind: KeyType) -> impl fmt::Display + '_ {
        Shown { key: self, kind }
    }
}

struct Shown<'a> {
    key: &'a Key,
    kind: KeyType,
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.key, self.kind) {
            (Key::Ip(address), _) => write!(f, "{address}"),
            (Key::Ip6(address), _) => write!(f, "{address}"),
            (Key::Integer(number), _) => write!(f, "{number}"),
            (Key::Bytes(block), KeyType::Binary { bytes }) => {
                let padding = usize::try_from(bytes).unwrap_or(0) - block.len();
                for byte in block.iter().chain(core::iter::repeat_n(&0, padding)) {
                    write!(f, "{byte:02X}")?;
                }
                Ok(())
            }
            (Key::Bytes(text), _) => write_escaped(text, f),
        }
    }
}

/// Text on one line, in which a blank ends nothing.
fn write_escaped(text: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for &byte in text {
        match byte {
            b' ' | b'=' | b'\\' => write!(f, "\\{}", char::from(byte))?,
            b'\n' => f.write_str("\\n")?,
            b'\r' => f.write_str("\\r")?,
            b'\t' => f.write_str("\\t")?,
            0x1b => f.write_str("\\e")?,
            0x20..0x7f => write!(f, "{}", char::from(byte))?,
            _ => write!(f, "\\x{byte:02X}")?,
        }
    }
    Ok(())
}
