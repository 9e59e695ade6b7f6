//! Host and its agreement with the request-target (RFC 9112 §3.2).

use super::target::{self, Target};
use crate::Violation;
use alloc::boxed::Box;
use alloc::vec::Vec;
use message::target::is_host_and_port;
use message::{Head, Kind, Name, Span};

/// Host must be one, and must name the authority of the target (RFC 9112 §3.2). A default port
/// goes away from both (RFC 3986 §6.2.3), and an absolute target gets at least the path `/`.
pub(crate) fn check_host(head: &mut Head, relaxed: bool) -> Result<(), Violation> {
    let mut hosts = head.values(Name::Host);
    let host = hosts.next();
    let mut repeated = false;
    for other in hosts {
        repeated = true;
        if host.is_none_or(|host| host != other) {
            return Err(Violation::HostRepeated);
        }
    }
    if !relaxed && host.is_some_and(|host| !is_host_and_port(host)) {
        return Err(Violation::HostValue);
    }
    // What the target asks of Host and of itself.
    let (new_host, new_target) = match target::parse(head.method(), head.target(), relaxed)? {
        Target::Origin | Target::Asterisk => (None, None),
        Target::Authority(authority) | Target::Absolute { authority, .. }
            if !relaxed && host.is_some_and(|host| !authority.agrees_with(host)) =>
        {
            return Err(Violation::HostMismatch);
        }
        Target::Authority(authority) => (normal_host(&authority, host), None),
        Target::Absolute {
            authority,
            path,
            prefix,
        } => (
            normal_host(&authority, host),
            normal_target(&authority, path, prefix),
        ),
    };
    let kept = match new_host {
        Some(kept) => Some(kept),
        None if repeated => host.map(Box::<[u8]>::from),
        None => None,
    };
    if let Some(kept) = kept {
        head.set(Name::Host, &kept);
    }
    if let (Some(target), Kind::Request { method, .. }) = (new_target, head.kind) {
        let at = head.push_text(&target);
        head.kind = Kind::Request {
            method,
            target: Span::new(at, at + target.len()),
        };
    }
    Ok(())
}

/// Host as it should be if it is missing or its target's port is the default and written out.
fn normal_host(authority: &target::Authority<'_>, host: Option<&[u8]>) -> Option<Box<[u8]>> {
    match host {
        Some(host) if authority.has_redundant_port() => match target::split_port(host) {
            (name, Some(_)) => Some(name.into()),
            (_, None) => None,
        },
        Some(_) => None,
        None if authority.has_redundant_port() => Some(authority.host.into()),
        None => {
            let mut whole = Vec::from(authority.host);
            if let Some(port) = authority.port {
                whole.push(b':');
                whole.extend_from_slice(port);
            }
            Some(whole.into())
        }
    }
}

fn normal_target(
    authority: &target::Authority<'_>,
    path: &[u8],
    prefix: &[u8],
) -> Option<Box<[u8]>> {
    if !path.is_empty() && !authority.has_redundant_port() {
        return None;
    }
    let mut whole = Vec::from(prefix);
    whole.extend_from_slice(authority.host);
    if let Some(port) = authority.port
        && !authority.has_redundant_port()
    {
        whole.push(b':');
        whole.extend_from_slice(port);
    }
    whole.extend_from_slice(if path.is_empty() { b"/" } else { path });
    Some(whole.into())
}
