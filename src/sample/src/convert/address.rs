//! `ipmask`

use super::Converter;
use crate::address::within6;
use crate::args::{Arg, Args, Kind, Signature};
use crate::value::{Type, Value};
use crate::work::Work;
use core::net::{Ipv4Addr, Ipv6Addr};

pub(super) const CONVERTERS: &[Converter] = &[Converter {
    name: "ipmask",
    doc: "An address without the bits behind a mask.",
    args: Signature::new(1, &[Kind::Mask4, Kind::Mask6]),
    input: Type::Address,
    output: Type::Address,
    check: None,
    run: ipmask,
}];

/// An IPv6 address that stands for an IPv4 one is masked as that; without a mask for others, there are
/// none of them.
fn ipmask<'a>(value: Value<'a>, args: &'a Args, _: &mut Work) -> Option<Value<'a>> {
    let four = match value {
        Value::Ip4(four) => Ok(four),
        Value::Ip6(six) => within6(six).ok_or(six),
        _ => return None,
    };
    match (four, args.get(0), args.get(1)) {
        (Ok(address), Some(Arg::Ip4(mask)), _) => Some(Value::Ip4(Ipv4Addr::from_bits(
            address.to_bits() & mask.to_bits(),
        ))),
        (Err(address), _, Some(Arg::Ip6(mask))) => Some(Value::Ip6(Ipv6Addr::from_bits(
            address.to_bits() & mask.to_bits(),
        ))),
        _ => None,
    }
}
