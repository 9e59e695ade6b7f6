//! Which exchanges are logged, and how loudly.

use super::record::Record;
use crate::Cause;
use crate::settings::{Level, Options};
use sample::format::Origin;

/// The level at which an exchange is logged, if it is, when `origin` has come.
pub fn level(origin: Origin, record: &Record<'_>, options: Options) -> Option<Level> {
    let normal = is_normal(record);
    // Nothing can have been received before, and rules ask for a line whatever was received.
    let is_early = matches!(origin, Origin::Accept | Origin::Rule(_));
    let null = record.bytes_in == 0 && !is_early;
    if options.contains(Options::DONTLOGNULL) && null {
        return None;
    }
    match normal {
        true if options.contains(Options::DONTLOG_NORMAL) => None,
        false if options.contains(Options::LOG_SEPARATE_ERRORS) => Some(Level::Err),
        true | false => Some(Level::Info),
    }
}

/// Neither error, timeout, retry nor redispatch, and no 5xx. What we answered by ourselves on purpose
/// is no error.
fn is_normal(record: &Record<'_>) -> bool {
    let undisturbed = match record.termination.cause {
        Cause::Normal | Cause::Local => true,
        Cause::Client
        | Cause::Server
        | Cause::Proxy
        | Cause::Resource
        | Cause::Internal
        | Cause::Killed
        | Cause::ClientTimeout
        | Cause::ServerTimeout => false,
    };
    undisturbed && record.retries == 0 && !record.redispatched && record.status < 500
}
