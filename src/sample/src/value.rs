//! What a sample fetch yields and a converter turns into something else.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The type of a value, as the configuration manual names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Type {
    /// `any`: whatever comes in (of converters).
    Any,
    /// `boolean`
    Bool,
    /// `integer`: 64 bits, signed.
    Int,
    /// An address of either family, known when it is read.
    Address,
    /// `ipv4`
    Ip4,
    /// `ipv6`
    Ip6,
    /// `string`
    Text,
    /// `binary`
    Bytes,
    /// `method`: a string that is compared as a method name.
    Method,
}

impl Type {
    /// Its name in messages and tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Bool => "bool",
            Self::Int => "sint",
            Self::Address => "addr",
            Self::Ip4 => "ipv4",
            Self::Ip6 => "ipv6",
            Self::Text => "str",
            Self::Bytes => "bin",
            Self::Method => "meth",
        }
    }
}

/// A value. What is borrowed lives as long as the message or the configuration it was read from; what
/// is owned sits in a buffer of [`crate::Work`], to which whoever is done with it gives it back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// `boolean`
    Bool(bool),
    /// `integer`
    Int(i64),
    /// `ipv4`
    Ip4(Ipv4Addr),
    /// `ipv6`
    Ip6(Ipv6Addr),
    /// `string`: bytes that are meant to be read; any byte can be in it.
    Text(Cow<'a, [u8]>),
    /// `binary`
    Bytes(Cow<'a, [u8]>),
    /// `method`
    Method(Cow<'a, [u8]>),
}

impl<'a> Value<'a> {
    /// Text that is not copied.
    pub const fn text(bytes: &'a [u8]) -> Self {
        Self::Text(Cow::Borrowed(bytes))
    }

    /// An address of either family.
    pub const fn address(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => Self::Ip4(address),
            IpAddr::V6(address) => Self::Ip6(address),
        }
    }

    /// What it is.
    pub const fn kind(&self) -> Type {
        match self {
            Self::Bool(_) => Type::Bool,
            Self::Int(_) => Type::Int,
            Self::Ip4(_) => Type::Ip4,
            Self::Ip6(_) => Type::Ip6,
            Self::Text(_) => Type::Text,
            Self::Bytes(_) => Type::Bytes,
            Self::Method(_) => Type::Method,
        }
    }

    /// The same value, free of what it was read from.
    pub fn into_owned(self) -> Value<'static> {
        let own = |bytes: Cow<'a, [u8]>| Cow::Owned(bytes.into_owned());
        match self {
            Self::Bool(it) => Value::Bool(it),
            Self::Int(it) => Value::Int(it),
            Self::Ip4(it) => Value::Ip4(it),
            Self::Ip6(it) => Value::Ip6(it),
            Self::Text(it) => Value::Text(own(it)),
            Self::Bytes(it) => Value::Bytes(own(it)),
            Self::Method(it) => Value::Method(own(it)),
        }
    }

    /// The same value, its text moved into `buffer`, which is taken.
    pub(crate) fn copy_into(&self, buffer: &mut Vec<u8>) -> Value<'static> {
        let mut own = |bytes: &Cow<'_, [u8]>| {
            let mut own = core::mem::take(buffer);
            own.extend_from_slice(bytes);
            Cow::Owned(own)
        };
        match self {
            Self::Bool(it) => Value::Bool(*it),
            Self::Int(it) => Value::Int(*it),
            Self::Ip4(it) => Value::Ip4(*it),
            Self::Ip6(it) => Value::Ip6(*it),
            Self::Text(it) => Value::Text(own(it)),
            Self::Bytes(it) => Value::Bytes(own(it)),
            Self::Method(it) => Value::Method(own(it)),
        }
    }

    /// Its buffer, if it has one of its own.
    #[inline]
    pub(crate) fn into_buffer(self) -> Option<Vec<u8>> {
        match self {
            Self::Text(Cow::Owned(it))
            | Self::Bytes(Cow::Owned(it))
            | Self::Method(Cow::Owned(it)) => Some(it),
            Self::Bool(_) | Self::Int(_) | Self::Ip4(_) | Self::Ip6(_) => None,
            Self::Text(Cow::Borrowed(_))
            | Self::Bytes(Cow::Borrowed(_))
            | Self::Method(Cow::Borrowed(_)) => None,
        }
    }
}

/// What a fetch found. The state of a stream is still changing: what is missing may come, and what is
/// there may become something else (three-valued logic of content rules).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched<T> {
    /// This, for good.
    Is(T),
    /// This for now.
    IsSoFar(T),
    /// Nothing, for good.
    Not,
    /// Nothing yet.
    NotYet,
}

impl<T> Fetched<T> {
    /// The same with another value.
    pub fn map<U>(self, with: impl FnOnce(T) -> U) -> Fetched<U> {
        self.and_then(|value| Some(with(value)))
    }

    /// The same with another value, or nothing.
    pub fn and_then<U>(self, with: impl FnOnce(T) -> Option<U>) -> Fetched<U> {
        match self {
            Self::Is(value) => with(value).map_or(Fetched::Not, Fetched::Is),
            Self::IsSoFar(value) => with(value).map_or(Fetched::NotYet, Fetched::IsSoFar),
            Self::Not => Fetched::Not,
            Self::NotYet => Fetched::NotYet,
        }
    }

    /// The value, however long it stays.
    pub fn found(self) -> Option<T> {
        match self {
            Self::Is(value) | Self::IsSoFar(value) => Some(value),
            Self::Not | Self::NotYet => None,
        }
    }

    /// Whether asking again later may give something else.
    pub const fn may_change(&self) -> bool {
        matches!(self, Self::IsSoFar(_) | Self::NotYet)
    }
}

impl<T> From<Option<T>> for Fetched<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Not, Self::Is)
    }
}
