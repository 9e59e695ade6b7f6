//! Fetches of the cookie in the first message of RDP ([MS-RDPBCGR] §2.2.1.1).

use super::payload::missing;
use super::{Fetch, Str, fetch};
use crate::args::{Args, Kind, Signature};
use crate::facts::Window;
use crate::value::Fetched;
use crate::work::Work;

const NAME: Signature = Signature::new(0, &[Kind::Text]);

pub(super) const FETCHES: &[Fetch] = &[
    fetch!("req.rdp_cookie", "The cookie of RDP, if it has the name.", NAME, RequestBytes: cookie).also(&["rdp_cookie"]),
    fetch!("req.rdp_cookie_cnt", "1 if there is a cookie of RDP with the name.", NAME, RequestBytes: count).also(&["rdp_cookie_cnt"]),
];

fn cookie<'a>(window: Window<'a>, args: &Args, _: &mut Work) -> Fetched<Str<'a>> {
    find(window).and_then(|(name, value)| is_wanted(name, args).then(|| Str::of(value)))
}

fn count(window: Window<'_>, args: &Args, _: &mut Work) -> Fetched<u32> {
    find(window).map(|(name, _)| is_wanted(name, args).into())
}

fn is_wanted(name: &[u8], args: &Args) -> bool {
    let wanted = args.text(0).unwrap_or_default();
    wanted.is_empty() || name.eq_ignore_ascii_case(wanted)
}

/// Name and value of the cookie: behind the headers of TPKT and X.224, up to the end of the line.
fn find(window: Window<'_>) -> Fetched<(&[u8], &[u8])> {
    let Some((&headers, line)) = window.bytes.split_first_chunk::<HEADERS_BYTES>() else {
        return missing(window);
    };
    let begins = line.len().min(COOKIE.len());
    if headers[5] != CONNECTION_REQUEST || !line[..begins].eq_ignore_ascii_case(&COOKIE[..begins]) {
        return Fetched::Not;
    }
    let end = line.windows(2).position(|two| two == b"\r\n");
    let (Some(end), Some(_)) = (end, line.get(COOKIE.len())) else {
        return missing(window);
    };
    let text = &line[COOKIE.len().min(end)..end];
    let text = text.trim_ascii_start();
    let parts = memchr::memchr(b'=', text).map(|at| (&text[..at], &text[at + 1..]));
    parts.into()
}

/// A TPKT header (RFC 1006 §6), and that of an X.224 connection request.
const HEADERS_BYTES: usize = 11;
/// Its code.
const CONNECTION_REQUEST: u8 = 0xe0;
const COOKIE: &[u8] = b"Cookie:";
