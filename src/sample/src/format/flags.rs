//! Flags of items: `%{+Q,-E}`, and types of named ones: `%(name:sint)`.

use crate::value::Type;

bitflags::bitflags! {
    /// What is done to an item's value.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub(super) struct Flags: u8 {
        /// `Q`: in quotes.
        const QUOTE = 1;
        /// `X`: addresses and some numbers in hexadecimal digits.
        const HEX = 1 << 1;
        /// `E`: a backslash before quotes, backslashes and closing brackets (RFC 5424 §6.3.3).
        const ESCAPE = 1 << 2;
        /// `bin`: what is binary stays as it is.
        const BIN = 1 << 3;
        /// `json`
        const JSON = 1 << 4;
        /// `cbor`
        const CBOR = 1 << 5;
    }
}

impl Flags {
    /// The flags after the words between `{` and `}`. As in HAProxy, a word that is no flag is passed
    /// over, a word counts from its last sign on and not at all without one, and of two encodings the
    /// first stays.
    pub(super) fn changed_by(mut self, words: &str) -> Self {
        for word in words.split(',') {
            let Some(sign) = word.rfind(['+', '-']) else {
                continue;
            };
            let flag = match &word[sign + 1..] {
                "Q" => Self::QUOTE,
                "X" => Self::HEX,
                "E" => Self::ESCAPE,
                "bin" => Self::BIN,
                "json" => Self::JSON,
                "cbor" => Self::CBOR,
                _ => continue,
            };
            let encodings = Self::JSON | Self::CBOR;
            if word.as_bytes()[sign] == b'-' {
                self.remove(flag);
            } else if !(encodings.contains(flag) && self.intersects(encodings)) {
                self.insert(flag);
            }
        }
        self
    }
}

/// What a named item is made of before it is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// `str`
    Text,
    /// `sint`
    Int,
    /// `bool`
    Bool,
    /// `raw`: bytes that are not encoded at all.
    Raw,
}

impl Wanted {
    /// The type called `name`.
    pub(super) fn find(name: &str) -> Option<Self> {
        match name {
            "str" => Some(Self::Text),
            "sint" => Some(Self::Int),
            "bool" => Some(Self::Bool),
            "raw" => Some(Self::Raw),
            _ => None,
        }
    }

    /// The type of values.
    pub(super) const fn kind(self) -> Type {
        match self {
            Self::Text => Type::Text,
            Self::Int => Type::Int,
            Self::Bool => Type::Bool,
            Self::Raw => Type::Bytes,
        }
    }
}
