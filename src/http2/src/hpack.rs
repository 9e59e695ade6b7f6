//! HPACK, the compression of header blocks (RFC 7541).
//!
//! [`Decoder`] and [`Encoder`] each hold the state of one direction of a connection, above all its
//! dynamic table. What a block may cost is bounded: the table by what we announced or accept, the
//! list of fields by a limit of the caller, the work by the bytes of the block.

mod case;
mod decoder;
mod encoder;
mod huffman;
mod integer;
mod statics;
mod table;

pub use decoder::{Decoder, Listed};
pub use encoder::{Encoder, TABLE_BYTES_MAX};

use message::Name;

/// A field of a header block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// In lower case, if the sender keeps to the rules.
    pub name: &'a [u8],
    /// The value.
    pub value: &'a [u8],
    /// No table may ever hold it, here or further on (RFC 7541 §6.2.3).
    pub secret: bool,
    /// Name and value as HTTP/1 has them on a line, its end included, if they stand so in a table.
    pub line: Option<&'a [u8]>,
    /// What is known of it from the last time.
    pub memo: Memo,
}

/// What the reader of fields knows of one, kept with its entry in a table so that it need not be found
/// out for each message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Memo {
    called: Called,
    value: bool,
}

/// What a field is called, if that is as it must be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Called {
    /// Nobody has looked.
    #[default]
    Unknown,
    /// This name.
    Name(Name),
    /// It is this pseudo-field.
    Pseudo(Pseudo),
}

/// The pseudo-fields of RFC 9113 §8.3 and RFC 8441 §4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pseudo {
    /// `:method`
    Method,
    /// `:scheme`
    Scheme,
    /// `:authority`
    Authority,
    /// `:path`
    Path,
    /// `:protocol`
    Protocol,
    /// `:status`
    Status,
}

impl Pseudo {
    /// The one of this name.
    pub const fn of(name: &[u8]) -> Option<Self> {
        Some(match name {
            b":method" => Self::Method,
            b":scheme" => Self::Scheme,
            b":authority" => Self::Authority,
            b":path" => Self::Path,
            b":protocol" => Self::Protocol,
            b":status" => Self::Status,
            _ => return None,
        })
    }
}

impl Memo {
    /// Nothing is known.
    const NONE: Self = Self {
        called: Called::Unknown,
        value: false,
    };

    /// It is called this; `good_value` says that its value is as it must be.
    pub const fn new(called: Called, good_value: bool) -> Self {
        Self {
            called,
            value: good_value,
        }
    }

    /// What it is called.
    pub const fn called(self) -> Called {
        self.called
    }

    /// Whether the value is as it must be.
    pub const fn has_good_value(self) -> bool {
        self.value
    }

    /// The same name with another value.
    const fn of_name(self) -> Self {
        Self {
            called: self.called,
            value: false,
        }
    }
}

/// Size of a dynamic table before anybody said anything (RFC 9113 §6.5.2), in bytes as RFC 7541 §4.1
/// counts them.
pub const TABLE_BYTES_DEFAULT: u32 = 4096;

/// What an entry counts besides its name and its value, in a table (RFC 7541 §4.1) as in a list of
/// fields (RFC 9113 §6.5.2), in bytes.
pub const ENTRY_OVERHEAD_BYTES: u32 = 32;

/// Why a header block is no header block. Nobody knows the peer's table after it: the connection is
/// lost (RFC 9113 §4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// The block ends within a field.
    Truncated,
    /// An index of zero, or beyond both tables (RFC 7541 §2.3.3).
    Index,
    /// An integer that is larger, or written at greater length, than any we accept (§5.1).
    Integer,
    /// Padding longer than seven bits or not of ones, or the code of the end (§5.2).
    Huffman,
    /// A size update behind a field (§4.2).
    UpdateLate,
    /// A size update beyond what we announced (§6.3).
    UpdateTooLarge,
    /// No size update although we announced a smaller table (§4.2).
    UpdateMissing,
}

impl Error {
    /// The error in words.
    pub const fn what(self) -> &'static str {
        match self {
            Self::Truncated => "a header block ends within a field",
            Self::Index => "a header block names an entry that does not exist",
            Self::Integer => "an integer in a header block is too large",
            Self::Huffman => "a Huffman code in a header block is not valid",
            Self::UpdateLate => "a header block resizes its table behind a field",
            Self::UpdateTooLarge => "a header block resizes its table beyond what was announced",
            Self::UpdateMissing => "a header block does not shrink its table as announced",
        }
    }
}

impl core::fmt::Display for Error {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.what())
    }
}

impl core::error::Error for Error {}
