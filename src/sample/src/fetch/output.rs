//! What functions that fetch may return, and the type each stands for.

use super::action::See;
use crate::args::Args;
use crate::value::{Fetched, Type, Value};
use crate::work::Work;
use alloc::borrow::Cow;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Something that a function which fetches may return.
pub trait Output<'a>: Sized {
    /// The type of its values.
    const TYPE: Type;
    /// The same as every fetch returns it.
    fn fetched(self) -> Fetched<Value<'a>>;
}

/// `string`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Str<'a>(pub Cow<'a, [u8]>);

/// `binary`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bin<'a>(pub Cow<'a, [u8]>);

/// `method`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MethodName<'a>(pub &'a [u8]);

impl<'a> Str<'a> {
    /// Text that is not copied.
    pub const fn of(bytes: &'a [u8]) -> Self {
        Self(Cow::Borrowed(bytes))
    }
}

impl<'a> Bin<'a> {
    /// Bytes that are not copied.
    pub const fn of(bytes: &'a [u8]) -> Self {
        Self(Cow::Borrowed(bytes))
    }
}

macro_rules! outputs {
    ($($type:ty = $kind:ident, |$it:ident| $value:expr;)*) => {
        $(impl<'a> Output<'a> for $type {
            const TYPE: Type = Type::$kind;

            fn fetched(self) -> Fetched<Value<'a>> {
                let $it = self;
                Fetched::Is($value)
            }
        })*
    };
}

outputs! {
    bool = Bool, |it| Value::Bool(it);
    i64 = Int, |it| Value::Int(it);
    u64 = Int, |it| Value::Int(i64::try_from(it).unwrap_or(i64::MAX));
    u32 = Int, |it| Value::Int(it.into());
    IpAddr = Address, |it| Value::address(it);
    Ipv4Addr = Ip4, |it| Value::Ip4(it);
    Ipv6Addr = Ip6, |it| Value::Ip6(it);
    Str<'a> = Text, |it| Value::Text(it.0);
    Bin<'a> = Bytes, |it| Value::Bytes(it.0);
    MethodName<'a> = Method, |it| Value::Method(Cow::Borrowed(it.0));
    Value<'a> = Any, |it| it;
}

impl<'a, T: Output<'a>> Output<'a> for Option<T> {
    const TYPE: Type = T::TYPE;

    fn fetched(self) -> Fetched<Value<'a>> {
        self.map_or(Fetched::Not, T::fetched)
    }
}

impl<'a, T: Output<'a>> Output<'a> for Fetched<T> {
    const TYPE: Type = T::TYPE;

    fn fetched(self) -> Fetched<Value<'a>> {
        match self {
            Self::Is(it) => it.fetched(),
            Self::IsSoFar(it) => match it.fetched() {
                Fetched::Is(value) | Fetched::IsSoFar(value) => Fetched::IsSoFar(value),
                Fetched::Not | Fetched::NotYet => Fetched::NotYet,
            },
            Self::Not => Fetched::Not,
            Self::NotYet => Fetched::NotYet,
        }
    }
}

/// The type of what a function returns.
pub const fn type_of<'a, V, R: Output<'a>>(_: fn(V, &'a Args, &mut Work) -> R) -> Type {
    R::TYPE
}

/// The type of what a function shows.
pub const fn type_of_each<'a, V, T: Output<'a>, C>(
    _: fn(V, &'a Args, &mut Work, See<'_, T>) -> C,
) -> Type {
    T::TYPE
}
