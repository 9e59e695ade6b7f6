//! The header of TCP (RFC 9293) and its options.

use super::{four, number, two};
use crate::args::{Args, Signature};
use crate::convert::Converter;
use crate::value::{Type, Value};
use crate::work::Work;

pub(super) const CONVERTERS: &[Converter] = &[
    Converter {
        name: "tcp.dst",
        doc: "The port it goes to.",
        args: Signature::NONE,
        input: Type::Bytes,
        output: Type::Int,
        check: None,
        run: |value, _, work| {
            number(value, work, |segment| {
                two(whole(segment)?, 2).map(i64::from)
            })
        },
    },
    Converter {
        name: "tcp.flags",
        doc: "The eight flags, FIN lowest.",
        args: Signature::NONE,
        input: Type::Bytes,
        output: Type::Int,
        check: None,
        run: |value, _, work| {
            number(value, work, |segment| {
                whole(segment)?.get(13).map(|byte| i64::from(*byte))
            })
        },
    },
    Converter {
        name: "tcp.options.mss",
        doc: "The largest segment the peer takes; 0 if it does not say.",
        args: Signature::NONE,
        input: Type::Bytes,
        output: Type::Int,
        check: None,
        run: |value, _, work| {
            number(value, work, |segment| {
                Some(
                    Options::of(segment)?
                        .find(2)
                        .map_or(0, |it| i64::from(u16::from_be_bytes([it.at(0), it.at(1)]))),
                )
            })
        },
    },
    Converter {
        name: "tcp.options.sack",
        doc: "1 if acknowledgments may be selective.",
        args: Signature::NONE,
        input: Type::Bytes,
        output: Type::Int,
        check: None,
        run: |value, _, work| number(value, work, |segment| has(segment, 4)),
    },
    Converter {
        name: "tcp.options.tsopt",
        doc: "1 if there is a timestamp.",
        args: Signature::NONE,
        input: Type::Bytes,
        output: Type::Int,
        check: None,
        run: |value, _, work| number(value, work, |segment| has(segment, 8)),
    },
    Converter {
        name: "tcp.options.tsval",
        doc: "The timestamp; 0 if there is none.",
        args: Signature::NONE,
        input: Type::Bytes,
        output: Type::Int,
        check: None,
        run: |value, _, work| {
            number(value, work, |segment| {
                Some(Options::of(segment)?.find(8).map_or(0, |it| {
                    i64::from(u32::from_be_bytes([0, 1, 2, 3].map(|at| it.at(at))))
                }))
            })
        },
    },
    Converter {
        name: "tcp.options.wscale",
        doc: "The scale of the window; 0 if there is none.",
        args: Signature::NONE,
        input: Type::Bytes,
        output: Type::Int,
        check: None,
        run: |value, _, work| {
            number(value, work, |segment| {
                Some(
                    Options::of(segment)?
                        .find(3)
                        .map_or(0, |it| i64::from(it.at(0))),
                )
            })
        },
    },
    Converter {
        name: "tcp.options.wsopt",
        doc: "1 if the window has a scale.",
        args: Signature::NONE,
        input: Type::Bytes,
        output: Type::Int,
        check: None,
        run: |value, _, work| number(value, work, |segment| has(segment, 3)),
    },
    Converter {
        name: "tcp.options_list",
        doc: "The kinds of the options in their order.",
        args: Signature::NONE,
        input: Type::Bytes,
        output: Type::Bytes,
        check: None,
        run: options_list,
    },
    Converter {
        name: "tcp.seq",
        doc: "The sequence number.",
        args: Signature::NONE,
        input: Type::Bytes,
        output: Type::Int,
        check: None,
        run: |value, _, work| {
            number(value, work, |segment| {
                four(whole(segment)?, 4).map(i64::from)
            })
        },
    },
    Converter {
        name: "tcp.src",
        doc: "The port it comes from.",
        args: Signature::NONE,
        input: Type::Bytes,
        output: Type::Int,
        check: None,
        run: |value, _, work| {
            number(value, work, |segment| {
                two(whole(segment)?, 0).map(i64::from)
            })
        },
    },
    Converter {
        name: "tcp.win",
        doc: "The window, not scaled.",
        args: Signature::NONE,
        input: Type::Bytes,
        output: Type::Int,
        check: None,
        run: |value, _, work| {
            number(value, work, |segment| {
                two(whole(segment)?, 14).map(i64::from)
            })
        },
    },
];

/// The options of one header, one after the other. What is broken ends them.
pub(super) struct Options<'a> {
    /// From the option that comes next to the end of the header.
    rest: &'a [u8],
}

/// One option.
pub(super) struct TcpOption<'a> {
    pub(super) kind: u8,
    /// From behind its kind and length to the end of the header, as nobody looks whether a value fits
    /// into its option.
    behind: &'a [u8],
    /// Whether all of it is there.
    whole: bool,
}

impl TcpOption<'_> {
    /// A byte of its value; 0 beyond the end of the header.
    pub(super) fn at(&self, at: usize) -> u8 {
        self.behind.get(at).copied().unwrap_or(0)
    }
}

impl<'a> Options<'a> {
    /// The options of the segment, if its header is there.
    pub(super) fn of(segment: &'a [u8]) -> Option<Self> {
        let rest = segment.get(HEADER_BYTES..header_bytes(segment)?)?;
        Some(Self { rest })
    }

    /// Those that are all there.
    pub(super) fn whole(self) -> impl Iterator<Item = TcpOption<'a>> {
        self.take_while(|option| option.whole)
    }

    /// The first of that kind that is all there.
    fn find(self, kind: u8) -> Option<TcpOption<'a>> {
        self.whole().find(|option| option.kind == kind)
    }
}

impl<'a> Iterator for Options<'a> {
    type Item = TcpOption<'a>;

    fn next(&mut self) -> Option<TcpOption<'a>> {
        let (&kind, after) = self.rest.split_first()?;
        if kind == 0 {
            self.rest = &[];
            return None;
        }
        if kind == 1 {
            self.rest = after;
            return Some(TcpOption {
                kind,
                behind: &[],
                whole: true,
            });
        }
        let bytes = after.first().map_or(0, |bytes| usize::from(*bytes));
        let next = self.rest.get(bytes..).filter(|_| bytes >= 2);
        self.rest = next.unwrap_or_default();
        Some(TcpOption {
            kind,
            behind: after.get(1..).unwrap_or_default(),
            whole: next.is_some(),
        })
    }
}

/// How long the header is, with its options, if it is all there.
pub(super) fn header_bytes(segment: &[u8]) -> Option<usize> {
    let bytes = 4 * usize::from(segment.get(12)? >> 4);
    (HEADER_BYTES..=segment.len())
        .contains(&bytes)
        .then_some(bytes)
}

/// The segment, if a header without options is there.
fn whole(segment: &[u8]) -> Option<&[u8]> {
    (segment.len() >= HEADER_BYTES).then_some(segment)
}

fn has(segment: &[u8], kind: u8) -> Option<i64> {
    Some(i64::from(Options::of(segment)?.find(kind).is_some()))
}

fn options_list<'a>(value: Value<'a>, _: &'a Args, work: &mut Work) -> Option<Value<'a>> {
    let Value::Bytes(segment) = &value else {
        return None;
    };
    let mut out = work.buffer();
    let options = Options::of(segment).map(|it| out.extend(it.map(|option| option.kind)));
    work.done(value);
    match options {
        Some(()) => Some(Value::Bytes(out.into())),
        None => {
            work.give(out);
            None
        }
    }
}

/// The header without options.
const HEADER_BYTES: usize = 20;
