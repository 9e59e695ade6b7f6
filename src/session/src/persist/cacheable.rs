//! Whether a cache may keep a response.

use message::Head;

/// Whether a cache may keep a response to a request of this method, as HAProxy sees it: the status is
/// one that is cacheable by itself (RFC 9110 §15.1), something says for how long or whether it is still
/// fresh, and nothing forbids it (RFC 9111 §3).
pub(super) fn is_cacheable(head: &Head, method: &[u8]) -> bool {
    let safe = matches!(method, b"GET" | b"HEAD" | b"OPTIONS" | b"TRACE");
    let by_itself = matches!(
        head.status(),
        200 | 203 | 204 | 206 | 300 | 301 | 404 | 405 | 410 | 414 | 501
    );
    if !safe || !by_itself {
        return false;
    }
    let mut fresh = false;
    for field in head.fields() {
        let value = head.bytes(field.value);
        let is = |name: &str| head.bytes(field.name).eq_ignore_ascii_case(name.as_bytes());
        if is("cache-control") {
            for directive in sample::text::items(value) {
                match effect(directive) {
                    Effect::Forbids => return false,
                    Effect::Refreshes => fresh = true,
                    Effect::None => {}
                }
            }
        } else if is("pragma") {
            if value.eq_ignore_ascii_case(b"no-cache") {
                return false;
            }
        } else {
            fresh |= is("etag") || is("last-modified") || is("expires");
        }
    }
    fresh
}

enum Effect {
    Forbids,
    Refreshes,
    None,
}

/// What a directive of Cache-Control does (RFC 9111 §5.2.2).
fn effect(directive: &[u8]) -> Effect {
    let end = directive.iter().position(|byte| *byte == b'=');
    let (name, argument) = directive.split_at(end.unwrap_or(directive.len()));
    let is = |other: &str| name.eq_ignore_ascii_case(other.as_bytes());
    if is("private") || is("no-store") {
        return Effect::Forbids;
    }
    if is("no-cache") {
        // Without the cookie it may be kept.
        return match argument.eq_ignore_ascii_case(b"=\"set-cookie\"") {
            true => Effect::None,
            false => Effect::Forbids,
        };
    }
    match (is("max-age") || is("s-maxage"), argument) {
        (true, b"=0") => Effect::Forbids,
        (true, _) => Effect::Refreshes,
        (false, _) => Effect::None,
    }
}
