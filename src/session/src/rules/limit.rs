//! `set-bandwidth-limit`: what a rule limits, and what that comes to.

use super::advance::{number, time};
use crate::pace::{Pace, Way};
use crate::settings::ProxyIndex;
use base::Duration;
use sample::expr::Expr;
use sample::{Facts, Value, Work};

/// A limit of a message's bytes, as its `filter` line and the rule have it.
#[derive(Clone, Debug)]
pub struct SetLimit {
    /// Its direction: `bwlim-in` or `bwlim-out`.
    pub way: Way,
    /// Whose limit it is.
    pub proxy: ProxyIndex,
    /// The place of its `filter` line among those of the proxy.
    pub line: u32,
    /// `min-size`, bytes.
    pub min_bytes: u32,
    /// What is limited.
    pub to: LimitTo,
}

/// Whom a limit is for.
#[derive(Clone, Debug)]
pub enum LimitTo {
    /// One stream.
    Stream {
        /// `default-limit`, bytes.
        bytes_max: u32,
        /// `limit` of the rule, in its place unless it comes to nothing.
        own_bytes_max: Option<Result<u32, Expr>>,
        /// `default-period`
        period: Duration,
        /// `period` of the rule, in its place unless it comes to nothing.
        own_period: Option<Result<Duration, Expr>>,
    },
    /// All with the same key.
    Shared {
        /// `limit`, bytes.
        bytes_max: u32,
        /// The table, by its place.
        table: u32,
        /// The key.
        key: Expr,
    },
}

/// A limit of a message's bytes.
#[derive(Debug)]
pub struct Limit {
    /// Its direction.
    pub way: Way,
    /// Whose limit it is.
    pub proxy: ProxyIndex,
    /// The place of its `filter` line among those of the proxy.
    pub line: u32,
    /// How much may pass; the period of one that is shared is that of its table.
    pub pace: Pace,
    /// With whom it is shared: the table and the key.
    pub shared: Option<(u32, Value<'static>)>,
}

/// A limit whose own terms come to nothing has those of its `filter` line; nothing is limited for all with
/// a key that does not exist.
pub(super) fn limit(set: &SetLimit, facts: &Facts<'_>, work: &mut Work) -> Option<Limit> {
    let (bytes_max, period, shared) = match &set.to {
        LimitTo::Stream {
            bytes_max,
            own_bytes_max,
            period,
            own_period,
        } => {
            let own = own_bytes_max.as_ref().and_then(|value| match value {
                Ok(bytes) => Some(*bytes),
                Err(expr) => u32::try_from(number(expr, facts, work)?).ok(),
            });
            let own = own.filter(|bytes| *bytes > 0);
            let own_period = own_period
                .as_ref()
                .and_then(|value| time(value, facts, work));
            let own_period = own_period.filter(|time| !time.is_zero());
            (
                own.unwrap_or(*bytes_max),
                own_period.unwrap_or(*period),
                None,
            )
        }
        LimitTo::Shared {
            bytes_max,
            table,
            key,
        } => {
            let key = key.value(facts, work).found()?;
            let key = work.owned(key);
            (*bytes_max, Duration::ZERO, Some((*table, key)))
        }
    };
    Some(Limit {
        way: set.way,
        proxy: set.proxy,
        line: set.line,
        pace: Pace {
            bytes_max,
            period,
            min_bytes: set.min_bytes,
        },
        shared,
    })
}
