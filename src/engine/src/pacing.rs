//! Limits of what is passed on: `set-bandwidth-limit`.
//!
//! What a limit holds back stays where rules keep what they look at, at most a buffer full, and nothing
//! more is read: back-pressure does the rest. When more may pass, a timer of the exchange goes off.

use crate::buffering::{bytes_of, gather};
use crate::engine::Engine;
use crate::wire::Wire;
use alloc::collections::VecDeque;
use base::{Buf, Duration};
use message::{Cx, Machine, Part, StreamId};
use session::pace::{Lane, Meter, Pace, Rank, Way};
use session::rules::Limit;
use session::{Exchange, ExchangeId, Flow};
use tables::DataType;

impl Engine {
    /// `set-bandwidth-limit`; nothing is limited for a key that its table has no room for.
    pub(crate) fn set_limit(&mut self, exchange: ExchangeId, limit: Limit) {
        let (meter, period) = match limit.shared {
            None => (Meter::Own(None), limit.pace.period),
            Some((table, key)) => {
                let data = match limit.way {
                    Way::Upload => DataType::BytesInRate,
                    Way::Download => DataType::BytesOutRate,
                };
                let found =
                    sample::stick::with_key(key, table, &mut self.work, |table, key, now| {
                        let rate = table.layout().exactly(data, 0)?;
                        let entry = table.hold_or_make(key, now).ok()?;
                        Some((entry, rate))
                    });
                let Some(Some((entry, rate))) = found else {
                    return;
                };
                let period = Duration::from_millis(rate.period_ms().into());
                (Meter::Shared { entry, rate }, period)
            }
        };
        let pace = Pace {
            period,
            ..limit.pace
        };
        let x = &mut self.exchanges[exchange];
        let rank = Rank {
            in_backend: limit.proxy != x.frontend,
            line: limit.line,
        };
        let pacing = x.pacing.get_or_insert_default();
        pacing.lane(limit.way).set(rank, pace, meter, self.now);
    }

    /// More of what a limit holds back may pass.
    pub(crate) fn on_pace_timer(&mut self, exchange: ExchangeId) {
        let now = self.now;
        if let Some(pacing) = &mut self.exchanges[exchange].pacing {
            pacing.upload.wake(now);
            pacing.download.wake(now);
        }
        self.pump_upload(exchange);
        if self.exchanges.contains_key(exchange) {
            self.pump_download(exchange);
        }
        self.touch(exchange);
    }
}

/// The limits of what the client sends, if there are any.
pub(crate) fn limits_upload(x: &Exchange) -> bool {
    let pacing = x.pacing.as_ref();
    pacing.is_some_and(|it| !it.upload.is_empty())
}

/// The same of what the server sends. Heads are not limited.
pub(crate) fn limits_download(x: &Exchange) -> bool {
    let pacing = x.pacing.as_ref();
    x.download != Flow::Head && pacing.is_some_and(|it| !it.download.is_empty())
}

/// The next part of what the client sends that may pass.
pub(crate) fn next_of_upload(
    x: &mut Exchange,
    from: &mut Wire,
    stream: StreamId,
    cx: &mut Cx<'_>,
) -> Option<Part> {
    // A client whose end was read may be gone before its last bytes are where they belong.
    let max = if x.tunnel { 1 } else { cx.pool.block_bytes() };
    let read = fill(&mut x.held, max, from, stream, cx);
    let lane = &mut x.pacing.as_mut()?.upload;
    let part = next(lane, &mut x.held, cx);
    if read > 0 || part.is_some() {
        x.client_at = cx.now;
    }
    part
}

/// The same of what the server sends, and how many bytes were read for it.
pub(crate) fn next_of_download(
    x: &mut Exchange,
    from: Option<(&mut Wire, StreamId)>,
    cx: &mut Cx<'_>,
) -> (u64, Option<Part>) {
    let withheld = x.withheld.get_or_insert_default();
    let max = cx.pool.block_bytes();
    let read = from.map_or(0, |(from, stream)| {
        fill(&mut withheld.parts, max, from, stream, cx)
    });
    let lane = x.pacing.as_mut().map(|it| &mut it.download);
    let part = lane.and_then(|lane| next(lane, &mut withheld.parts, cx));
    if read > 0 || part.is_some() {
        x.server_at = cx.now;
    }
    (read, part)
}

/// Takes in what has come until there are so many bytes; says how many came in.
fn fill(
    parts: &mut VecDeque<Part>,
    max: usize,
    from: &mut Wire,
    stream: StreamId,
    cx: &mut Cx<'_>,
) -> u64 {
    let mut read = 0;
    while !matches!(parts.back(), Some(Part::End)) && bytes_of(parts) < max {
        let Some(part) = from.read(cx, stream) else {
            break;
        };
        if let Part::Data(data) = &part {
            read += data.len() as u64;
        }
        gather(cx.pool, parts, part);
    }
    read
}

/// The first part, or as much of it as may pass.
fn next(lane: &mut Lane, parts: &mut VecDeque<Part>, cx: &mut Cx<'_>) -> Option<Part> {
    let there = bytes_of(parts).min(cx.pool.block_bytes());
    let Some(Part::Data(data)) = parts.front_mut() else {
        return parts.pop_front();
    };
    let passes = lane.pass(there as u64, cx.now);
    let count = usize::try_from(passes).unwrap_or(there).min(data.len());
    if count == 0 {
        return None;
    }
    lane.left(count as u64);
    if count == data.len() {
        return parts.pop_front();
    }
    // As long as it is: whoever is slow to take many small pieces does not make them hold blocks.
    let piece = Buf::copy_of(&data[..count]);
    data.consume(count);
    Some(Part::Data(piece))
}
