//! Implicit casts: what a value becomes where another type is wanted. Which pairs there are is known
//! when the configuration is read; whether a value can be cast only when it is there.

use crate::address;
use crate::value::{Type, Value};
use crate::work::Work;
use alloc::borrow::Cow;

/// Whether a value of type `from` may stand where `to` is wanted. [`Type::Any`] promises nothing, so
/// it may stand anywhere, and [`Type::Address`] is whatever address is there.
pub const fn castable(from: Type, to: Type) -> bool {
    match (from, to) {
        (Type::Any, _) | (_, Type::Any) => true,
        (Type::Bool, to) => matches!(to, Type::Bool | Type::Int | Type::Text | Type::Bytes),
        (Type::Int, to) => !matches!(to, Type::Method),
        (Type::Ip4, to) => !matches!(to, Type::Bool | Type::Method),
        (Type::Address | Type::Ip6, to) => !matches!(to, Type::Bool | Type::Int | Type::Method),
        (Type::Text, _) => true,
        (Type::Bytes | Type::Method, to) => {
            matches!(to, Type::Text | Type::Bytes | Type::Method)
        }
    }
}

/// The value as `to`; nothing if it is none, and the buffer it had is kept for the next.
#[inline]
pub fn cast<'a>(value: Value<'a>, to: Type, work: &mut Work) -> Option<Value<'a>> {
    let is_address = matches!(value, Value::Ip4(_) | Value::Ip6(_));
    if value.kind() == to || is_address && to == Type::Address {
        return Some(value);
    }
    recast(value, to, work)
}

fn recast<'a>(value: Value<'a>, to: Type, work: &mut Work) -> Option<Value<'a>> {
    let from = value.kind();
    if !castable(from, to) {
        work.done(value);
        return None;
    }
    match to {
        Type::Any => Some(value),
        Type::Bool => to_int(value, work).map(|number| Value::Bool(number != 0)),
        Type::Int => to_int(value, work).map(Value::Int),
        Type::Address => to_address(value, work),
        Type::Ip4 => to_ip4(value, work),
        Type::Ip6 => to_ip6(value, work),
        Type::Text => to_text(value, work).map(Value::Text),
        Type::Bytes => Some(Value::Bytes(to_bytes(value, work))),
        Type::Method => match value {
            Value::Text(it) | Value::Bytes(it) | Value::Method(it) => Some(Value::Method(it)),
            Value::Bool(_) | Value::Int(_) | Value::Ip4(_) | Value::Ip6(_) => None,
        },
    }
}

/// The number at the beginning of a text: a sign, then digits; what follows is not looked at, and no
/// digits are 0. Beyond 64 bits it is the nearest there is. An empty text is no number.
pub fn number(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text {
        [] => return None,
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        digits => (false, digits),
    };
    let digits = digits.iter().take_while(|byte| byte.is_ascii_digit());
    Some(digits.fold(0_i64, |number, byte| {
        let digit = i64::from(byte - b'0');
        let shifted = number.saturating_mul(10);
        match negative {
            true => shifted.saturating_sub(digit),
            false => shifted.saturating_add(digit),
        }
    }))
}

fn to_int(value: Value<'_>, work: &mut Work) -> Option<i64> {
    match &value {
        Value::Bool(it) => Some(i64::from(*it)),
        Value::Int(it) => Some(*it),
        Value::Ip4(it) => Some(i64::from(it.to_bits())),
        Value::Text(text) => {
            let number = number(text);
            work.done(value);
            number
        }
        Value::Ip6(_) | Value::Bytes(_) | Value::Method(_) => None,
    }
}

fn to_address<'a>(value: Value<'a>, work: &mut Work) -> Option<Value<'a>> {
    match &value {
        Value::Ip4(_) | Value::Ip6(_) => Some(value),
        Value::Int(it) => Some(Value::Ip4((*it as u32).into())),
        Value::Text(text) => {
            let found = match address::parse4(text) {
                Some(found) => Some(Value::Ip4(found)),
                None => address::parse6(text).map(Value::Ip6),
            };
            work.done(value);
            found
        }
        Value::Bool(_) | Value::Bytes(_) | Value::Method(_) => None,
    }
}

fn to_ip4<'a>(value: Value<'a>, work: &mut Work) -> Option<Value<'a>> {
    match &value {
        Value::Text(text) => {
            let found = address::parse4(text).map(Value::Ip4);
            work.done(value);
            found
        }
        _ => match to_address(value, work)? {
            Value::Ip6(it) => address::within6(it).map(Value::Ip4),
            it => Some(it),
        },
    }
}

fn to_ip6<'a>(value: Value<'a>, work: &mut Work) -> Option<Value<'a>> {
    match &value {
        Value::Text(text) => {
            let found = address::parse6(text).map(Value::Ip6);
            work.done(value);
            found
        }
        _ => match to_address(value, work)? {
            Value::Ip4(it) => Some(Value::Ip6(it.to_ipv6_mapped())),
            it => Some(it),
        },
    }
}

fn to_text<'a>(value: Value<'a>, work: &mut Work) -> Option<Cow<'a, [u8]>> {
    match value {
        Value::Text(it) | Value::Method(it) => Some(it),
        // What is binary ends where C's strings do.
        Value::Bytes(it) => {
            let end = memchr::memchr(0, &it).unwrap_or(it.len());
            Some(match it {
                Cow::Borrowed(it) => Cow::Borrowed(&it[..end]),
                Cow::Owned(mut it) => {
                    it.truncate(end);
                    Cow::Owned(it)
                }
            })
        }
        Value::Bool(it) => Some(Cow::Borrowed(if it { b"1" } else { b"0" })),
        Value::Int(it) => {
            let mut buffer = work.buffer();
            buffer.extend_from_slice(itoa::Buffer::new().format(it).as_bytes());
            Some(Cow::Owned(buffer))
        }
        Value::Ip4(it) => {
            let mut buffer = work.buffer();
            address::write4(it, &mut buffer);
            Some(Cow::Owned(buffer))
        }
        Value::Ip6(it) => {
            let mut buffer = work.buffer();
            address::write6(it, &mut buffer);
            Some(Cow::Owned(buffer))
        }
    }
}

fn to_bytes<'a>(value: Value<'a>, work: &mut Work) -> Cow<'a, [u8]> {
    let mut own = |bytes: &[u8]| {
        let mut buffer = work.buffer();
        buffer.extend_from_slice(bytes);
        Cow::Owned(buffer)
    };
    match value {
        Value::Text(it) | Value::Bytes(it) | Value::Method(it) => it,
        Value::Bool(it) => own(&i64::from(it).to_be_bytes()),
        Value::Int(it) => own(&it.to_be_bytes()),
        Value::Ip4(it) => own(&it.octets()),
        Value::Ip6(it) => own(&it.octets()),
    }
}

#[cfg(test)]
mod tests;
