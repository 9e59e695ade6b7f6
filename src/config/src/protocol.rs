//! `proto` on `bind` and `server` lines.

use crate::keyword::Cursor;
use crate::known;
use crate::nearest::nearest;
use crate::problem::Problem;
use alloc::format;
use balance::Proto;

/// The value of `proto`.
pub(crate) fn proto(cursor: &mut Cursor<'_, '_>) -> Result<Proto, Problem> {
    let (at, name) = cursor.value("a protocol name")?;
    match name {
        "none" => Ok(Proto::Raw),
        "h1" => Ok(Proto::Http1),
        "h2" => Ok(Proto::Http2),
        "fcgi" | "quic" | "qmux" | "spop" => Err(known::not_yet(at, &format!("proto {name}"))),
        other => Err(
            Problem::at(at, format!("'proto' :  unknown MUX protocol '{other}'"))
                .because("not a protocol")
                .did_you_mean(nearest(other, ["h1", "h2"])),
        ),
    }
}
