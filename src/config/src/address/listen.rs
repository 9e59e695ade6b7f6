//! Addresses of `bind` and `stats socket` lines: lists and port ranges.

use super::{Bad, Form, Transport, form, ip, port};
use crate::context::Context;
use alloc::format;
use alloc::vec::Vec;
use core::net::SocketAddr;
use session::settings::BindAddress;

/// Every address of a comma-separated list, `most` at most.
pub(crate) fn addresses(
    text: &str,
    transport: Transport,
    most: usize,
    context: &Context<'_>,
) -> Result<Vec<BindAddress>, Bad> {
    let mut all = Vec::new();
    for part in text.split(',') {
        if all.len() >= most {
            return Err(too_many());
        }
        match form(part, transport)? {
            Form::Unix(path) => all.push(BindAddress::Unix(path.into())),
            Form::Abstract(name) => all.push(BindAddress::Abstract(name.into())),
            Form::Fd(fd) => all.push(BindAddress::Inherited(fd)),
            Form::Host {
                family,
                host,
                port: range,
            } => {
                let (first, last) = ports(part, range)?;
                let ip = ip(host, family, context)?;
                if all.len() + usize::from(last - first) >= most {
                    return Err(too_many());
                }
                all.extend((first..=last).map(|port| BindAddress::Ip(SocketAddr::new(ip, port))));
            }
        }
    }
    Ok(all)
}

fn too_many() -> Bad {
    (
        "too many listeners".into(),
        "this range would exceed what one configuration may listen on",
    )
}

/// `80` or `80-90`
fn ports(part: &str, range: Option<&str>) -> Result<(u16, u16), Bad> {
    let Some(range) = range.filter(|range| !range.is_empty()) else {
        return Err((
            format!("missing port specification in '{part}'"),
            "an address to listen on needs a port, such as ':80'",
        ));
    };
    let (first, last) = match range.split_once('-') {
        Some((first, last)) => (port(first)?, port(last)?),
        None => {
            let port = port(range)?;
            (port, port)
        }
    };
    if first > last {
        return Err((
            format!("invalid port range '{range}'"),
            "the first port is above the last one",
        ));
    }
    Ok((first, last))
}
