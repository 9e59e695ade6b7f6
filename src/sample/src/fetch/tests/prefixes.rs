//! Three values: what is found for good in a part of a stream is found in all of it.

use super::validity::texts;
use super::world::{Stage, State, World, unhex, work};
use crate::checkpoint::FrontendContent;
use crate::expr::{Expr, Ground};
use crate::fetch::Fetch;
use crate::source::{Source, Sources};
use crate::value::Value;
use alloc::vec::Vec;
use base::Rng;
use message::Head;

/// Of longer streams only the first bytes are looked at.
const BYTES_MAX: usize = 100;

/// All fetches of raw bytes with all kinds of arguments.
fn exprs() -> Vec<Expr> {
    let ground = Ground::of::<FrontendContent>();
    let raw = Sources::of(Source::RequestBytes);
    let fetches = Fetch::all().filter(|fetch| fetch.sources().meets(raw));
    let texts = fetches.flat_map(|fetch| texts(fetch).into_iter().map(move |text| (fetch, text)));
    let mut names = World::default();
    texts
        .filter_map(|(fetch, text)| Expr::parse_with(fetch, &text, &ground, &mut names).ok())
        .map(|(expr, _)| expr)
        .collect()
}

/// Looks at each part of `bytes` from the front.
fn check(exprs: &[Expr], bytes: &[u8]) {
    let world = World::default();
    let head = Head::default();
    let mut work = work();
    let mut found = |expr: &Expr, end: usize, complete: bool| {
        let mut stage = Stage::of(&world, &head, &head, &bytes[..end]);
        stage.window.complete = complete;
        let context = stage.context::<FrontendContent>(State::Present);
        expr.value(&context.facts(), &mut work)
            .map(Value::into_owned)
    };
    for expr in exprs {
        let all = found(expr, bytes.len(), true);
        assert!(!all.may_change(), "{expr:?} waits at the end");
        for end in 0..=bytes.len() {
            let part = found(expr, end, false);
            if !part.may_change() {
                assert_eq!(part, all, "{expr:?} at {end} of {bytes:?}");
            }
        }
    }
}

#[test]
fn what_is_found_for_good_in_a_part_stays_when_the_rest_comes() {
    let exprs = exprs();
    let vectors = include_str!("streams.tsv").lines();
    for line in vectors.filter_map(|line| line.strip_prefix("> ")).take(12) {
        let bytes = unhex(line);
        check(&exprs, &bytes[..bytes.len().min(BYTES_MAX)]);
    }
}

#[test]
fn no_bytes_make_a_fetch_of_bytes_panic() {
    let exprs = exprs();
    let mut rng = Rng::from_u64(7);
    let starts: [&[u8]; 5] = [
        b"",
        b"\x16\x03\x01",
        b"\x03\0\0\x20\x1b\xe0\0\0\0\0\0Cookie: ",
        b"DIST0000000",
        b"\x80\x20\x01",
    ];
    for _ in 0..20 {
        for start in starts {
            let mut bytes = start.to_vec();
            let len = rng.below(40) as usize;
            bytes.extend((0..len).map(|_| rng.below(256) as u8));
            check(&exprs, &bytes);
        }
    }
}
