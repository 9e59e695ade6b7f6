//! The cookie in a response: what becomes of the server's, and when we set one.

use super::cacheable::is_cacheable;
use super::pair::{Pair, split};
use super::request::{DATE_BEGIN, PREFIX_END};
use super::{Tie, date};
use crate::settings::{CookieUses, PersistCookie};
use alloc::vec::Vec;
use message::{Head, Name};

/// Brings the cookie into a response, or takes it out. `value` is what the cookie says of the server,
/// `method` that of the request, `now` the time in seconds since 1970, `buffer` room to work in.
///
/// Gives the fourth letter of the termination state.
pub fn answer(
    head: &mut Head,
    method: &[u8],
    cookie: &PersistCookie,
    tie: &Tie,
    value: Option<&[u8]>,
    now: u64,
    buffer: &mut Vec<u8>,
) -> u8 {
    let uses = cookie.uses;
    let cacheable = uses.contains(CookieUses::NOCACHE) && is_cacheable(head, method);
    let found = take(head, cookie, tie, value, buffer);
    let preserved = found == b'P' && uses.contains(CookieUses::PRESERVE);
    let wanted = tie.server.is_none() || is_stale(cookie, tie, now);
    let silent = uses.contains(CookieUses::POSTONLY) && method != b"POST";
    if !uses.contains(CookieUses::INSERT) || preserved || !wanted || silent || tie.ignored {
        return found;
    }
    buffer.clear();
    buffer.extend_from_slice(cookie.name.as_bytes());
    buffer.push(b'=');
    match value {
        Some(value) => {
            buffer.extend_from_slice(value);
            put_dates(buffer, cookie, tie, now);
        }
        // It is not to come back to the server it names now.
        None => buffer.extend_from_slice(b"; Expires=Thu, 01-Jan-1970 00:00:01 GMT"),
    }
    buffer.extend_from_slice(cookie.attributes.as_bytes());
    head.push_as(Name::SetCookie, b"set-cookie", buffer);
    if cacheable {
        head.push(b"cache-control", b"private");
    }
    match tie.server {
        Some(_) => b'U',
        None => b'I',
    }
}

/// Does with the server's own cookies what is to be done with them; says what that was.
fn take(
    head: &mut Head,
    cookie: &PersistCookie,
    tie: &Tie,
    value: Option<&[u8]>,
    buffer: &mut Vec<u8>,
) -> u8 {
    let uses = cookie.uses;
    let is_ours = |pair: &Pair<'_>| pair.name == cookie.name.as_bytes();
    let known = uses.contains(CookieUses::INDIRECT) && tie.server.is_some();
    let goes = (uses.contains(CookieUses::INSERT) || known)
        && !uses.contains(CookieUses::PRESERVE)
        && !tie.ignored;
    let value = value.filter(|_| !tie.ignored && !goes);
    let mut letter = b'N';
    head.change_values(
        |name, line, out| {
            let (part, rest) = split(line);
            let Some(mut pair) = Pair::of(part) else {
                return false;
            };
            if Name::of(name) != Name::SetCookie {
                return false;
            }
            let mut prefix: (&[u8], &[u8]) = (b"", b"");
            if is_ours(&pair) && !tie.ignored {
                letter = match (goes, value) {
                    (true, _) => b'D',
                    (false, Some(server)) if uses.contains(CookieUses::REWRITE) => {
                        pair.value = server;
                        b'R'
                    }
                    (false, Some(server)) if uses.contains(CookieUses::PREFIX) => {
                        prefix = (server, &[PREFIX_END]);
                        b'R'
                    }
                    (false, _) => b'P',
                };
            }
            pair.put_with(prefix.0, prefix.1, out);
            out.extend_from_slice(rest);
            out != line
        },
        buffer,
    );
    if letter == b'D' {
        head.remove_if(|field, _, line| {
            let pair = Pair::of(split(line).0);
            field.id == Name::SetCookie && pair.is_some_and(|pair| is_ours(&pair))
        });
    }
    letter
}

/// Whether a cookie that is valid has to be sent again because of its dates.
fn is_stale(cookie: &PersistCookie, tie: &Tie, now: u64) -> bool {
    let idle = match tie.dates.last {
        Some(last) => last < now,
        None => cookie.idle_max.is_some(),
    };
    idle || cookie.life_max.is_some() != tie.dates.first.is_some()
}

fn put_dates(out: &mut Vec<u8>, cookie: &PersistCookie, tie: &Tie, now: u64) {
    if cookie.idle_max.is_none() && cookie.life_max.is_none() {
        return;
    }
    // Never one that is past already.
    let now = now.next_multiple_of(4);
    out.push(DATE_BEGIN);
    date::put(out, now);
    if cookie.life_max.is_some() {
        out.push(DATE_BEGIN);
        date::put(out, tie.dates.first.unwrap_or(now));
    }
}
