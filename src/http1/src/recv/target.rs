//! The form of the request-target, and its agreement with Host (RFC 9112 §3.2).

use super::chars::is_token;
use crate::violation::Violation;
use message::target::{implied_ports, is_host_and_port};

/// One of the four forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target<'a> {
    /// `/path?query`.
    Origin,
    /// `*`, with OPTIONS.
    Asterisk,
    /// `scheme://authority/path`.
    Absolute {
        authority: Authority<'a>,
        /// Behind the authority: empty, or from `/`, `?` or `#` on.
        path: &'a [u8],
        /// `scheme://userinfo@`, or without the latter.
        prefix: &'a [u8],
    },
    /// `host:port`, with CONNECT.
    Authority(Authority<'a>),
}

/// Host and port of a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Authority<'a> {
    pub(crate) host: &'a [u8],
    /// `None` without a colon, empty with nothing behind it.
    pub(crate) port: Option<&'a [u8]>,
    /// The ports that mean the same as none.
    implied: &'static [&'static [u8]],
}

impl<'a> Authority<'a> {
    fn split(text: &'a [u8], implied: &'static [&'static [u8]]) -> Self {
        let (host, port) = split_port(text);
        Self {
            host,
            port,
            implied,
        }
    }

    /// Whether `port` means the same as none.
    fn is_default(&self, port: Option<&[u8]>) -> bool {
        match port {
            None | Some(b"") => true,
            Some(port) => self.implied.contains(&port),
        }
    }

    /// Whether the port can be left out of the target and of Host (RFC 3986 §6.2.3).
    pub(crate) fn has_redundant_port(&self) -> bool {
        self.port.is_some() && self.is_default(self.port)
    }

    /// Whether a Host value names the same authority.
    pub(crate) fn agrees_with(&self, host_value: &[u8]) -> bool {
        let (host, port) = split_port(host_value);
        host.eq_ignore_ascii_case(self.host)
            && (port.unwrap_or(b"") == self.port.unwrap_or(b"")
                || (self.is_default(port) && self.is_default(self.port) && self.same_default(port)))
    }

    /// Of two default ports that are both given, only equal ones agree (CONNECT has two).
    fn same_default(&self, port: Option<&[u8]>) -> bool {
        let given = |port: Option<&[u8]>| port.is_some_and(|port| !port.is_empty());
        !given(port) || !given(self.port)
    }
}

/// `host:port`; a colon within brackets belongs to an IPv6 address.
pub(crate) fn split_port(text: &[u8]) -> (&[u8], Option<&[u8]>) {
    match memchr::memrchr2(b':', b']', text) {
        Some(at) if text[at] == b':' => (&text[..at], Some(&text[at + 1..])),
        Some(_) | None => (text, None),
    }
}

/// Reads a target whose characters were checked already.
pub(crate) fn parse<'a>(
    method: &[u8],
    target: &'a [u8],
    relaxed: bool,
) -> Result<Target<'a>, Violation> {
    if method == b"CONNECT" {
        // A client may leave both out of Host, as HAProxy has it.
        let authority = Authority::split(target, &[b"80", b"443"]);
        if !relaxed && !is_connect_authority(&authority) {
            return Err(Violation::Authority);
        }
        return Ok(Target::Authority(authority));
    }
    match target {
        [b'/', ..] => Ok(Target::Origin),
        b"*" if method == b"OPTIONS" => Ok(Target::Asterisk),
        _ => absolute(target, relaxed).ok_or(Violation::TargetForm)?,
    }
}

/// `None` if there is no scheme.
fn absolute(target: &[u8], relaxed: bool) -> Option<Result<Target<'_>, Violation>> {
    let colon = target.iter().position(|byte| *byte == b':')?;
    let scheme = &target[..colon];
    if !scheme.first()?.is_ascii_alphabetic()
        || !scheme.iter().all(|byte| is_token(*byte))
        || !target[colon..].starts_with(b"://")
    {
        return None;
    }
    let after = &target[colon + 3..];
    let end = after
        .iter()
        .position(|byte| matches!(byte, b'/' | b'?' | b'#'))
        .unwrap_or(after.len());
    let host_at = memchr::memrchr(b'@', &after[..end]).map_or(0, |at| at + 1);
    let authority = Authority::split(&after[host_at..end], implied_ports(scheme));
    if !relaxed
        && (after[..host_at].contains(&b',')
            || !is_host_and_port(&after[host_at..end])
            || !is_port(authority.port.unwrap_or(b"")))
    {
        return Some(Err(Violation::Authority));
    }
    Some(Ok(Target::Absolute {
        authority,
        path: &after[end..],
        prefix: &target[..colon + 3 + host_at],
    }))
}

/// RFC 9112 §3.2.3: host and port, both given.
fn is_connect_authority(authority: &Authority<'_>) -> bool {
    !authority.host.is_empty()
        && is_host_and_port(authority.host)
        && (authority.host.starts_with(b"[") || !authority.host.contains(&b':'))
        && authority
            .port
            .is_some_and(|port| !port.is_empty() && is_port(port))
}

fn is_port(port: &[u8]) -> bool {
    port.len() <= 5 && port.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host_of<'a>(method: &str, target: &'a str) -> Result<Option<Authority<'a>>, Violation> {
        match parse(method.as_bytes(), target.as_bytes(), false)? {
            Target::Origin | Target::Asterisk => Ok(None),
            Target::Absolute { authority, .. } | Target::Authority(authority) => {
                Ok(Some(authority))
            }
        }
    }

    #[test]
    fn each_method_has_its_forms() {
        for (method, target, expected) in [
            ("GET", "/a?b", Ok(())),
            ("OPTIONS", "*", Ok(())),
            ("OPTIONS", "*/test", Err(Violation::TargetForm)),
            ("GET", "*", Err(Violation::TargetForm)),
            ("GET", "a:80", Err(Violation::TargetForm)),
            ("GET", "admin/a", Err(Violation::TargetForm)),
            ("GET", "://a/", Err(Violation::TargetForm)),
            ("GET", "http:/a", Err(Violation::TargetForm)),
            ("GET", "http://a,b/", Err(Violation::Authority)),
            ("GET", "http://a:8x/", Err(Violation::Authority)),
            ("GET", "http://:", Ok(())),
            ("CONNECT", "a:80", Ok(())),
            ("CONNECT", "[::1]:80", Ok(())),
            ("CONNECT", "a", Err(Violation::Authority)),
            ("CONNECT", "a:", Err(Violation::Authority)),
            ("CONNECT", "/", Err(Violation::Authority)),
            ("CONNECT", "::1:80", Err(Violation::Authority)),
            ("CONNECT", "http://a:80", Err(Violation::Authority)),
            ("CONNECT", "u@a:80", Err(Violation::Authority)),
        ] {
            assert_eq!(
                host_of(method, target).map(|_| ()),
                expected,
                "{method} {target}"
            );
        }
    }

    #[test]
    fn host_agrees_with_the_authority_up_to_the_default_port() {
        for (method, target, host, agrees) in [
            ("GET", "http://a/", "a:80", true),
            ("GET", "http://a:80/", "A", true),
            ("GET", "http://a:/", "a:80", true),
            ("GET", "http://u:p@a/", "a:", true),
            ("GET", "https://a/", "a:80", false),
            ("GET", "http://a:80/", "a:81", false),
            ("GET", "http://a:8080/", "a", false),
            ("GET", "http://a/", "b", false),
            ("GET", "http://[::1]/", "[::1]", true),
            ("GET", "ws://a/", "a", true),
            ("GET", "http://:", ":80", true),
            ("CONNECT", "a:443", "a", true),
            ("CONNECT", "a:80", "a:443", false),
            ("CONNECT", "a:8080", "a", false),
        ] {
            let authority = host_of(method, target)
                .expect("a target")
                .expect("an authority");
            assert_eq!(
                authority.agrees_with(host.as_bytes()),
                agrees,
                "{target} {host}"
            );
        }
    }
}
