//! `tune.h2.*`: what a connection of HTTP/2 may cost, on either side.

use super::GlobalDraft;
use crate::keyword::Keyword;
use crate::problem::{Parsed, Problem};
use crate::statement::Statement;
use alloc::format;
use core::num::NonZeroU32;

pub(super) const KEYWORDS: &[Keyword<GlobalDraft>] = &[
    keyword!(
        "tune.h2.be.glitches-threshold",
        "glitches after which a server's HTTP/2 connection is ended; 0 is none",
        |s, d, _| glitches(s, &mut d.global.tune.h2.be.glitches_max)
    ),
    keyword!(
        "tune.h2.be.initial-window-size",
        "bytes of a response that a server may always send",
        |s, d, _| window(s, &mut d.global.tune.h2.be.window_bytes)
    ),
    keyword!(
        "tune.h2.be.max-concurrent-streams",
        "requests at a time on a server's HTTP/2 connection",
        |s, d, _| {
            streams(s, &mut d.global.tune.h2.be.streams_max)?;
            s.at_most(2)
        }
    ),
    keyword!(
        "tune.h2.be.rxbuf",
        "bytes of responses that are held for a server's HTTP/2 connection",
        |s, d, _| rxbuf(s, &mut d.global.tune.h2.be.rxbuf)
    ),
    keyword!(
        "tune.h2.fe.glitches-threshold",
        "glitches after which a client's HTTP/2 connection is ended; 0 is none",
        |s, d, _| glitches(s, &mut d.global.tune.h2.fe.glitches_max)
    ),
    keyword!(
        "tune.h2.fe.initial-window-size",
        "bytes of a request that a client may always send",
        |s, d, _| window(s, &mut d.global.tune.h2.fe.window_bytes)
    ),
    keyword!(
        "tune.h2.fe.max-concurrent-streams",
        "requests at a time on a client's HTTP/2 connection",
        |s, d, _| {
            streams(s, &mut d.global.tune.h2.fe.streams_max)?;
            moderation(s)
        }
    ),
    keyword!(
        "tune.h2.fe.max-total-streams",
        "requests after which a client's HTTP/2 connection takes no more; 0 is no limit",
        |s, d, _| {
            let count = s.number_u32(1, 0..=i32::MAX as u32)?;
            d.global.tune.h2.streams_total_max = NonZeroU32::new(count);
            s.at_most(2)
        }
    ),
    keyword!(
        "tune.h2.fe.rxbuf",
        "bytes of requests that are held for a client's HTTP/2 connection",
        |s, d, _| rxbuf(s, &mut d.global.tune.h2.fe.rxbuf)
    ),
    keyword!(
        "tune.h2.header-table-size",
        "bytes of a peer's table of header compression",
        |s, d, _| {
            d.global.tune.h2.table_bytes_max = s.number_u32(1, 0..=65_536)?;
            s.at_most(2)
        }
    ),
    keyword!(
        "tune.h2.initial-window-size",
        "the same for both sides, where a side has none of its own",
        |s, d, _| window(s, &mut d.global.tune.h2.window_bytes)
    ),
    keyword!(
        "tune.h2.max-concurrent-streams",
        "the same for both sides, where a side has none of its own",
        |s, d, _| {
            streams(s, &mut d.global.tune.h2.streams_max)?;
            s.at_most(2)
        }
    ),
    keyword!(
        "tune.h2.max-frame-size",
        "bytes of the largest frame that a peer may send; never beyond tune.bufsize",
        |s, d, _| {
            let bytes = s.number_u32(1, 16_384..=(1 << 24) - 1)?;
            d.global.tune.h2.frame_bytes_max = Some(bytes);
            s.at_most(2)
        }
    ),
];

fn glitches(statement: &Statement<'_>, field: &mut Option<NonZeroU32>) -> Parsed {
    *field = NonZeroU32::new(statement.number_u32(1, 0..=i32::MAX as u32)?);
    statement.at_most(2)
}

fn window(statement: &Statement<'_>, field: &mut Option<u32>) -> Parsed {
    *field = Some(statement.number_u32(1, 0..=i32::MAX as u32)?);
    statement.at_most(2)
}

fn rxbuf(statement: &Statement<'_>, field: &mut Option<u32>) -> Parsed {
    *field = Some(statement.size(1, 0..=i32::MAX as u64)? as u32);
    statement.at_most(2)
}

/// 0 is no limit.
fn streams(statement: &Statement<'_>, field: &mut Option<u32>) -> Parsed {
    let count = statement.number_u32(1, 0..=i32::MAX as u32)?;
    *field = Some(if count == 0 { i32::MAX as u32 } else { count });
    Ok(())
}

/// `rq-load` and `min`: there is no run queue that could moderate.
fn moderation(statement: &Statement<'_>) -> Parsed {
    let mut at = 2;
    while at < statement.len() {
        let (option, value) = (statement.word(at), statement.expect(at + 1, "a value")?);
        match (option, value) {
            ("rq-load", "ignore") => {}
            ("min", _) => {
                statement.number_u32(at + 1, 1..=i32::MAX as u32)?;
            }
            ("rq-load", _) => {
                return Err(Problem::at(
                    at + 1,
                    format!("'rq-load {value}' is not supported: only 'ignore' is."),
                )
                .because("nothing moderates the number of streams"));
            }
            _ => {
                return Err(Problem::at(
                    at,
                    format!(
                        "'{}' expects 'rq-load' or 'min' but got '{option}'.",
                        statement.word(0)
                    ),
                )
                .because("neither 'rq-load' nor 'min'"));
            }
        }
        at += 2;
    }
    Ok(())
}
