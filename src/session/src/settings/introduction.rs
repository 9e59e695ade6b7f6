//! What connections to a server begin with.

use alloc::vec::Vec;
use sample::format::Format;
use sample::{Connecting, For};

/// `send-proxy`, `send-proxy-v2` and what belongs to them: a header of the PROXY protocol.
#[derive(Clone, Debug)]
pub struct Introduction {
    /// The version of the protocol.
    pub version: ProxyVersion,
    /// `proxy-v2-options crc32c`
    pub checksum: bool,
    /// `proxy-v2-options unique-id`
    pub unique_id: bool,
    /// `set-proxy-v2-tlv-fmt`, in order.
    pub fields: Vec<ProxyField>,
}

/// A version of the PROXY protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyVersion {
    /// A line of text.
    Text,
    /// Bytes, with fields behind the addresses.
    Binary,
}

/// A field of the second version.
#[derive(Clone, Debug)]
pub struct ProxyField {
    /// Its kind.
    pub kind: u8,
    /// What it says; nothing without a format.
    pub value: Option<For<Connecting, Format>>,
}
