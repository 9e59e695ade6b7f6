//! The frame of Ethernet, with the tags of VLANs (IEEE 802.1Q).

use super::{number, part, two};
use crate::args::Signature;
use crate::convert::Converter;
use crate::value::Type;
use core::ops::Range;

pub(super) const CONVERTERS: &[Converter] = &[
    Converter {
        name: "eth.data",
        doc: "What comes behind the header.",
        args: Signature::NONE,
        input: Type::Bytes,
        output: Type::Bytes,
        check: None,
        run: |value, args, work| part(value, args, work, data),
    },
    Converter {
        name: "eth.dst",
        doc: "The address it goes to.",
        args: Signature::NONE,
        input: Type::Bytes,
        output: Type::Bytes,
        check: None,
        run: |value, args, work| part(value, args, work, |frame| within(frame, 0..6)),
    },
    Converter {
        name: "eth.hdr",
        doc: "The header with its tags.",
        args: Signature::NONE,
        input: Type::Bytes,
        output: Type::Bytes,
        check: None,
        run: |value, args, work| part(value, args, work, |frame| Some(0..kind_at(frame)? + 2)),
    },
    Converter {
        name: "eth.proto",
        doc: "The protocol of what comes behind the header.",
        args: Signature::NONE,
        input: Type::Bytes,
        output: Type::Int,
        check: None,
        run: |value, _, work| {
            number(value, work, |frame| {
                two(frame, kind_at(frame)?).map(i64::from)
            })
        },
    },
    Converter {
        name: "eth.src",
        doc: "The address it comes from.",
        args: Signature::NONE,
        input: Type::Bytes,
        output: Type::Bytes,
        check: None,
        run: |value, args, work| part(value, args, work, |frame| within(frame, 6..12)),
    },
    Converter {
        name: "eth.vlan",
        doc: "The number of the last VLAN.",
        args: Signature::NONE,
        input: Type::Bytes,
        output: Type::Int,
        check: None,
        run: |value, _, work| number(value, work, vlan),
    },
];

fn within(frame: &[u8], range: Range<usize>) -> Option<Range<usize>> {
    (range.end <= frame.len()).then_some(range)
}

fn data(frame: &[u8]) -> Option<Range<usize>> {
    Some(kind_at(frame)? + 2..frame.len())
}

fn vlan(frame: &[u8]) -> Option<i64> {
    let tag = kind_at(frame)? - 2;
    // The tag's number stands in front of the kind that follows it.
    (tag > ADDRESSES_BYTES).then(|| two(frame, tag).map(|tag| i64::from(tag & 0xfff)))?
}

/// Where the protocol stands: behind the addresses and all tags, with something behind it.
fn kind_at(frame: &[u8]) -> Option<usize> {
    let mut at = ADDRESSES_BYTES;
    while two(frame, at)? == TAGGED {
        at += 4;
    }
    (frame.len() > at + 2).then_some(at)
}

/// Both addresses.
const ADDRESSES_BYTES: usize = 12;

/// The protocol that says that a tag follows.
const TAGGED: u16 = 0x8100;
