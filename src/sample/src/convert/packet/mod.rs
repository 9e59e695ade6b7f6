//! Parts of the packet that opened a connection, as `fc_saved_syn` gives it.

mod eth;
mod ip;
mod tcp;

use super::{Converter, cut};
use crate::args::Args;
use crate::value::Value;
use crate::work::Work;
use core::ops::Range;

pub(super) const ETH: &[Converter] = eth::CONVERTERS;
pub(super) const IP: &[Converter] = ip::CONVERTERS;
pub(super) const TCP: &[Converter] = tcp::CONVERTERS;

/// The number that `with` finds in the packet.
fn number<'a>(
    value: Value<'a>,
    work: &mut Work,
    with: fn(&[u8]) -> Option<i64>,
) -> Option<Value<'a>> {
    let Value::Bytes(packet) = &value else {
        return None;
    };
    let number = with(packet);
    work.done(value);
    number.map(Value::Int)
}

/// The part of the packet that `with` finds.
fn part<'a>(
    value: Value<'a>,
    _: &'a Args,
    work: &mut Work,
    with: fn(&[u8]) -> Option<Range<usize>>,
) -> Option<Value<'a>> {
    let Value::Bytes(packet) = value else {
        return None;
    };
    let Some(range) = with(&packet) else {
        work.done(Value::Bytes(packet));
        return None;
    };
    Some(Value::Bytes(cut(packet, range)))
}

/// Two bytes of the packet, the first one higher.
fn two(packet: &[u8], at: usize) -> Option<u16> {
    let bytes = packet.get(at..)?.first_chunk()?;
    Some(u16::from_be_bytes(*bytes))
}

/// Four bytes of the packet, the first one highest.
fn four(packet: &[u8], at: usize) -> Option<u32> {
    let bytes = packet.get(at..)?.first_chunk()?;
    Some(u32::from_be_bytes(*bytes))
}
