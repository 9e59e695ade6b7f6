//! Addresses of `server` lines, and addresses with one port in general.

use super::{Bad, Form, Transport, allowed, form, ip, port};
use crate::context::Context;
use crate::surroundings::Family;
use alloc::boxed::Box;
use alloc::format;
use balance::Address;
use core::net::SocketAddr;

/// Where a server is, and the host name it was written with.
pub(crate) struct ServerAddress {
    pub address: Address,
    pub host: Option<Box<str>>,
    pub port: Port,
    /// Why the name has no address yet.
    pub unresolved: Option<Bad>,
}

/// The address of a server; its port may be absent or relative to the client's.
pub(crate) fn address(
    text: &str,
    resolve: bool,
    context: &Context<'_>,
) -> Result<ServerAddress, Bad> {
    if let Some(rest) = text.strip_prefix(super::REVERSED) {
        allowed(text, context)?;
        return match rest {
            "" => Ok(ServerAddress::plain(Address::Reversed)),
            _ => Err((
                format!(
                    "address '{text}' : nothing may follow '{}'",
                    super::REVERSED
                ),
                "the server connects to us, from wherever it is",
            )),
        };
    }
    let (family, host, port_text) = match form(text, Transport::Stream)? {
        Form::Unix(path) => return Ok(ServerAddress::plain(Address::Unix(path.into()))),
        Form::Abstract(name) => return Ok(ServerAddress::plain(Address::Abstract(name.into()))),
        Form::Fd(_) => {
            return Err((
                format!("'fd@' is not possible in server address '{text}'"),
                "a server is connected to, it is not inherited",
            ));
        }
        Form::Host { family, host, port } => (family, host, port),
    };
    let port = Port::parse(port_text)?;
    let any = host.is_empty() || host == "*";
    let literal = any || host.parse::<core::net::IpAddr>().is_ok();
    let name: Option<Box<str>> = (!literal).then(|| host.into());
    let found = if literal || resolve {
        ip(host, family, context)
    } else {
        Err((
            format!("address '{host}' is not resolved at start"),
            "'init-addr' says so",
        ))
    };
    match found {
        Ok(ip) => Ok(ServerAddress {
            address: port.at(ip),
            host: name,
            port,
            unresolved: None,
        }),
        Err(bad) if literal => Err(bad),
        Err(bad) => Ok(ServerAddress {
            address: Address::Unresolved(text.into()),
            host: name,
            port,
            unresolved: Some(bad),
        }),
    }
}

/// An address with at most one port, such as that of `source`; without one the port is 0.
pub(crate) fn one(text: &str, context: &Context<'_>) -> Result<SocketAddr, Bad> {
    match form(text, Transport::Stream)? {
        Form::Host {
            family,
            host,
            port: port_text,
        } => {
            let port = match port_text {
                None | Some("" | "0") => 0,
                Some(text) => port(text)?,
            };
            Ok(SocketAddr::new(ip(host, family, context)?, port))
        }
        Form::Unix(_) | Form::Abstract(_) | Form::Fd(_) => Err((
            format!("'{text}' is not an IP address"),
            "an IP address is expected",
        )),
    }
}

/// The address of a log server of this kind of sockets.
pub(crate) fn log_server(
    text: &str,
    transport: Transport,
    context: &Context<'_>,
) -> Result<Address, Bad> {
    match form(text, transport)? {
        Form::Unix(path) => Ok(Address::Unix(path.into())),
        Form::Abstract(name) => Ok(Address::Abstract(name.into())),
        Form::Fd(_) => Err((
            format!("'fd@' is not possible in server address '{text}'"),
            "a server is connected to, it is not inherited",
        )),
        Form::Host { family, host, port } => syslog(family, host, port, context).map(Address::Ip),
    }
}

/// The address of a log server, on this machine and on the port of syslog where nothing else is said.
pub(crate) fn syslog(
    family: Family,
    host: &str,
    port_text: Option<&str>,
    context: &Context<'_>,
) -> Result<SocketAddr, Bad> {
    let port = match port_text {
        None | Some("") => SYSLOG_PORT,
        Some(text) => port(text)?,
    };
    let host = if host.is_empty() { "127.0.0.1" } else { host };
    Ok(SocketAddr::new(ip(host, family, context)?, port))
}

/// The port of syslog.
const SYSLOG_PORT: u16 = 514;

impl ServerAddress {
    fn plain(address: Address) -> Self {
        Self {
            address,
            host: None,
            port: Port::Shifted(0),
            unresolved: None,
        }
    }
}

/// The port of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Port {
    Fixed(u16),
    /// The client's destination port and this.
    Shifted(i32),
}

impl Port {
    fn parse(text: Option<&str>) -> Result<Self, Bad> {
        let Some(text) = text.filter(|text| !text.is_empty()) else {
            return Ok(Self::Shifted(0));
        };
        if text.starts_with(['+', '-']) {
            let shift = text.parse::<i32>().ok().filter(|shift| shift.abs() < 65536);
            return shift.map(Self::Shifted).ok_or_else(|| {
                (
                    format!("invalid port offset '{text}'"),
                    "an offset is a number from -65535 to +65535",
                )
            });
        }
        if text.contains('-') {
            return Err((
                format!("port range '{text}' is not possible for a server"),
                "a server has one port",
            ));
        }
        // Port 0 stands for the port the client connected to, like no port at all.
        if text == "0" {
            return Ok(Self::Shifted(0));
        }
        port(text).map(Self::Fixed)
    }

    /// The address with this port.
    pub(crate) fn at(self, ip: core::net::IpAddr) -> Address {
        match self {
            Self::Fixed(port) => Address::Ip(SocketAddr::new(ip, port)),
            Self::Shifted(shift) => Address::IpPortOf {
                ip: SocketAddr::new(ip, 0),
                shift,
            },
        }
    }
}
