//! Addresses: `[<family>@]<where>[:<port>]` (configuration.txt §2.9).

pub(crate) mod listen;
pub(crate) mod server;
pub(crate) mod source;

use crate::context::Context;
use crate::problem::Problem;
use crate::surroundings::Family;
use alloc::format;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Families and transports HAProxy has and we do not have yet.
const LATER: &[&str] = &[
    "abnsz@",
    "dgram+",
    "mptcp4@",
    "mptcp6@",
    "mptcp@",
    "quic+",
    "quic4@",
    "quic6@",
    "rhttp@",
    "ring@",
    "sockpair@",
    "rev@",
];
/// The prefix of reverse HTTP.
pub(crate) const REVERSED: &str = "rhttp@";
/// Bytes of a Unix socket's path, its final zero not counted (`sockaddr_un`).
const UNIX_PATH_MAX: usize = 107;

/// An address with its prefix taken off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form<'a> {
    /// An IP address or host name, and what follows the last colon.
    Host {
        family: Family,
        host: &'a str,
        port: Option<&'a str>,
    },
    Unix(&'a str),
    Abstract(&'a str),
    Fd(i32),
}

/// What kind of sockets a keyword is about; the other kind is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    Stream,
    Datagram,
}

/// Why an address is not one; `name` and the word's number are added by the caller.
pub(crate) type Bad = (alloc::string::String, &'static str);

/// Takes an address apart.
pub(crate) fn form(text: &str, transport: Transport) -> Result<Form<'_>, Bad> {
    let other = match transport {
        Transport::Stream => ["udp@", "udp4@", "udp6@", "uxdg@"].as_slice(),
        Transport::Datagram => ["tcp@", "tcp4@", "tcp6@", "uxst@", "stream+"].as_slice(),
    };
    if let Some(prefix) = LATER.iter().find(|prefix| text.starts_with(**prefix)) {
        return Err((
            format!("address prefix '{prefix}' is not supported yet in '{text}'"),
            "HAProxy has this, we do not have it yet",
        ));
    }
    if let Some(prefix) = other.iter().find(|prefix| text.starts_with(**prefix)) {
        return Err((
            format!("address prefix '{prefix}' is not possible here in '{text}'"),
            "this kind of socket does not fit here",
        ));
    }
    let text = text.strip_prefix("stream+").unwrap_or(text);
    if let Some(path) = ["unix@", "uxst@", "uxdg@"]
        .iter()
        .find_map(|prefix| text.strip_prefix(prefix))
    {
        return unix(path);
    }
    if text.starts_with('/') {
        return unix(text);
    }
    if let Some(name) = text.strip_prefix("abns@") {
        return if name.is_empty() || name.len() > UNIX_PATH_MAX {
            Err((
                format!("socket name '{name}' too long or empty (max {UNIX_PATH_MAX})"),
                "a name of 1 to 107 bytes is expected",
            ))
        } else {
            Ok(Form::Abstract(name))
        };
    }
    if let Some(number) = text.strip_prefix("fd@") {
        return match number.parse::<i32>() {
            Ok(fd) if fd >= 0 => Ok(Form::Fd(fd)),
            _ => Err((
                format!("file descriptor '{number}' is not a valid integer in '{text}'"),
                "the number of an open file descriptor is expected",
            )),
        };
    }
    for (prefix, family) in [
        ("ipv4@", Family::V4),
        ("tcp4@", Family::V4),
        ("udp4@", Family::V4),
        ("ipv6@", Family::V6),
        ("tcp6@", Family::V6),
        ("udp6@", Family::V6),
        ("ip@", Family::Any),
        ("tcp@", Family::Any),
        ("udp@", Family::Any),
    ] {
        if let Some(rest) = text.strip_prefix(prefix) {
            return Ok(host(rest, family));
        }
    }
    Ok(host(text, Family::Any))
}

/// Whether addresses of reverse HTTP are allowed.
pub(crate) fn allowed(text: &str, context: &Context<'_>) -> Result<(), Bad> {
    match context.experimental {
        true => Ok(()),
        false => Err((
            format!(
                "Address '{text}' is experimental, must be allowed via a global 'expose-experimental-directives'"
            ),
            "not allowed without",
        )),
    }
}

fn unix(path: &str) -> Result<Form<'_>, Bad> {
    if path.is_empty() || path.len() > UNIX_PATH_MAX {
        return Err((
            format!("socket path '{path}' too long or empty (max {UNIX_PATH_MAX})"),
            "a path of 1 to 107 bytes is expected",
        ));
    }
    Ok(Form::Unix(path))
}

/// Splits at the last colon; brackets keep the colons of an IPv6 address.
fn host(text: &str, family: Family) -> Form<'_> {
    if let Some(rest) = text.strip_prefix('[')
        && let Some((host, after)) = rest.split_once(']')
    {
        return Form::Host {
            family,
            host,
            port: after.strip_prefix(':'),
        };
    }
    match text.rsplit_once(':') {
        Some((host, port)) => Form::Host {
            family,
            host,
            port: Some(port),
        },
        None => Form::Host {
            family,
            host: text,
            port: None,
        },
    }
}

/// A host as an address: literal, `*`, empty, or resolved.
pub(crate) fn ip(host: &str, family: Family, context: &Context<'_>) -> Result<IpAddr, Bad> {
    let any = match family {
        Family::Any | Family::V4 => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        Family::V6 => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    };
    if host.is_empty() || host == "*" {
        return Ok(any);
    }
    if let Ok(ip) = host.parse::<IpAddr>() {
        let fits = match family {
            Family::Any => true,
            Family::V4 => ip.is_ipv4(),
            Family::V6 => ip.is_ipv6(),
        };
        return if fits {
            Ok(ip)
        } else {
            Err((
                format!("invalid address: '{host}'"),
                "the address is not of the family its prefix names",
            ))
        };
    }
    context.surroundings.resolve(host, family).map_err(|why| {
        (
            format!("could not resolve address '{host}': {why}"),
            "no address has this name",
        )
    })
}

/// A port, 1..=65535.
pub(crate) fn port(text: &str) -> Result<u16, Bad> {
    match text.parse::<u16>() {
        Ok(port) if port > 0 && text.bytes().all(|byte| byte.is_ascii_digit()) => Ok(port),
        _ => Err((
            format!("invalid port '{text}'"),
            "a port is a number from 1 to 65535",
        )),
    }
}

/// `bad` as the problem of word `at` of keyword `name`.
pub(crate) fn problem(at: usize, name: &str, bad: Bad) -> Problem {
    Problem::at(at, format!("'{name}' : {}", bad.0)).because(bad.1)
}
