//! Fetches of parameters: of queries, and of bodies that are written like them.

use super::action::Certainty;
use super::{Bin, Fetch, See, Str, fetch};
use crate::args::{Args, Kind, Signature};
use crate::cast::number;
use crate::facts::Body;
use crate::work::Work;
use core::ops::ControlFlow;
use message::Head;

/// A name, what stands in front of the parameters, and `i` if the case of names does not matter.
const OF_QUERY: Signature = Signature::new(0, &[Kind::Text, Kind::Text, Kind::Text]);
const OF_BODY: Signature = Signature::new(0, &[Kind::Text, Kind::Text]);

pub(super) const FETCHES: &[Fetch] = &[
    fetch!("url_param", "A parameter of the query.", OF_QUERY, RequestHead: of_query => first)
        .also(&["urlp"]),
    fetch!("urlp_val", "A parameter of the query as a number.", OF_QUERY, RequestHead: numbers => first),
    fetch!("req.body_param", "A parameter of the body.", OF_BODY, RequestBody: of_body => first),
];

fn of_query<'a>(head: &'a Head, args: &'a Args, work: &mut Work, see: See<'_, Str<'a>>) {
    let delimiter = args.text(1).and_then(|text| text.first());
    let delimiter = *delimiter.unwrap_or(&b'?');
    let target = head.target();
    let Some(at) = memchr::memchr(delimiter, target) else {
        return;
    };
    let wanted = Wanted::of(args, 2);
    wanted.show(&target[at + 1..], delimiter, work, see);
}

fn numbers(head: &Head, args: &Args, work: &mut Work, see: See<'_, i64>) {
    of_query(head, args, work, &mut |work, value| {
        see(work, number(&value.0).unwrap_or(0))
    });
}

fn of_body<'a>(
    body: Body<'a>,
    args: &'a Args,
    work: &mut Work,
    see: See<'_, Bin<'a>>,
) -> Certainty {
    Wanted::of(args, 1).show(body.bytes, b'&', work, &mut |work, value| {
        see(work, Bin(value.0))
    });
    if body.complete {
        Certainty::Final
    } else {
        Certainty::MayChange
    }
}

/// The parameters that are looked for.
struct Wanted<'n> {
    /// Their name; any without one.
    name: &'n [u8],
    /// Whatever its case.
    any_case: bool,
}

impl<'n> Wanted<'n> {
    fn of(args: &'n Args, option: usize) -> Self {
        Self {
            name: args.text(0).unwrap_or_default(),
            any_case: args.text(option) == Some(b"i"),
        }
    }

    fn is(&self, name: &[u8]) -> bool {
        self.name.is_empty()
            || self.name == name
            || self.any_case && self.name.eq_ignore_ascii_case(name)
    }

    /// Shows the values in `text`; what has no equals sign has none.
    fn show<'a>(&self, text: &'a [u8], delimiter: u8, work: &mut Work, see: See<'_, Str<'a>>) {
        let ends = |byte: &u8| matches!(byte, b'&' | b';') || *byte == delimiter;
        for param in text.split(ends) {
            let Some(equals) = memchr::memchr(b'=', param) else {
                continue;
            };
            if self.is(&param[..equals])
                && see(work, Str::of(&param[equals + 1..])) == ControlFlow::Break(())
            {
                return;
            }
        }
    }
}
