//! Fetches of distcc's messages: tokens of four letters, each with a number of eight hexadecimal
//! digits, and some with as many bytes behind it.

use super::payload::missing;
use super::{Bin, Fetch, fetch};
use crate::args::{Args, Kind, Signature};
use crate::facts::Window;
use crate::value::Fetched;
use crate::work::Work;

/// A token, and which of those that are called so, from 1.
const TOKEN: Signature = Signature::new(1, &[Kind::Text, Kind::Int]);

pub(super) const FETCHES: &[Fetch] = &[
    fetch!("distcc_param", "The number of a token of distcc.", TOKEN, RequestBytes: number, ResponseBytes: number),
    fetch!("distcc_body", "The bytes of a token of distcc.", TOKEN, RequestBytes: body, ResponseBytes: body),
];

fn number(window: Window<'_>, args: &Args, _: &mut Work) -> Fetched<u32> {
    find(window, args).map(|(number, _)| number)
}

fn body<'a>(window: Window<'a>, args: &Args, work: &mut Work) -> Fetched<Bin<'a>> {
    match find(window, args) {
        Fetched::Is((_, Ok(body))) => Fetched::Is(Bin::of(body)),
        Fetched::Is((number, Err(_))) if number as usize > work.bufsize => Fetched::Not,
        Fetched::Is((_, Err(Cut))) | Fetched::IsSoFar(_) | Fetched::NotYet => missing(window),
        Fetched::Not => Fetched::Not,
    }
}

/// Not all bytes of a token are there.
struct Cut;

/// The number of the token that is asked for, and its bytes.
fn find<'a>(window: Window<'a>, args: &Args) -> Fetched<(u32, Result<&'a [u8], Cut>)> {
    let wanted = args.text(0).unwrap_or_default();
    let mut left = args.int(1).unwrap_or(0).max(1);
    let mut rest = window.bytes;
    loop {
        let Some((&head, behind)) = rest.split_first_chunk::<12>() else {
            return missing(window);
        };
        let (token, digits) = head.split_at(4);
        let digits = core::str::from_utf8(digits).ok();
        let Some(number) = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()) else {
            return Fetched::Not;
        };
        let len = if WITHOUT_BODY.contains(&token) {
            0
        } else {
            number as usize
        };
        let body = behind.get(..len).ok_or(Cut);
        if token == wanted {
            left -= 1;
            if left == 0 {
                return Fetched::Is((number, body));
            }
        }
        match body {
            Ok(_) => rest = &behind[len..],
            Err(Cut) => return missing(window),
        }
    }
}

/// The tokens whose number does not say how many bytes stand behind it.
const WITHOUT_BODY: &[&[u8]] = &[b"ARGC", b"DIST", b"DONE", b"NFIL", b"STAT"];
