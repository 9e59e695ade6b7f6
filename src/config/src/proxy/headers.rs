//! `option forwardfor` and `option originalto`; which header names there may be.

use crate::draft::ProxyDraft;
use crate::keyword::{Keyword, Sections};
use crate::problem::Problem;
use crate::statement::Statement;
use alloc::format;
use alloc::vec::Vec;
use core::net::IpAddr;
use session::settings::{AddressHeader, Network, Options};

pub(super) const KEYWORDS: &[Keyword<ProxyDraft>] = &[
    Keyword {
        name: "option http-restrict-req-hdr-names",
        doc: "what is done with header names of other characters than letters, digits and hyphens",
        sections: Sections::ANY,
        negatable: false,
        parse: |statement, draft, _| {
            let both = Options::DROP_ODD_NAMES | Options::REFUSE_ODD_NAMES;
            let on = match statement.word(2) {
                "preserve" => Options::empty(),
                "delete" => Options::DROP_ODD_NAMES,
                "reject" => Options::REFUSE_ODD_NAMES,
                _ => {
                    let name = statement.name(2);
                    let message = format!(
                        "'{name}' expects 'preserve', 'delete' or 'reject' as an argument."
                    );
                    return Err(Problem::at(2, message).because("not one of them"));
                }
            };
            draft.proxy.options = draft.proxy.options.difference(both) | on;
            statement.at_most(3)
        },
    },
    Keyword {
        name: "option forwardfor",
        doc: "adds the client's address to requests",
        sections: Sections::ANY,
        negatable: false,
        parse: |statement, draft, _| {
            draft.proxy.forwardfor = Some(parse(statement, "X-Forwarded-For", true)?);
            Ok(())
        },
    },
    Keyword {
        name: "option originalto",
        doc: "adds the address the client connected to to requests",
        sections: Sections::ANY,
        negatable: false,
        parse: |statement, draft, _| {
            draft.proxy.originalto = Some(parse(statement, "X-Original-To", false)?);
            Ok(())
        },
    },
];

/// `[except <network>] [header <name>] [if-none]`
fn parse(
    statement: &Statement<'_>,
    default_name: &str,
    if_none_possible: bool,
) -> Result<AddressHeader, Problem> {
    let name = statement.name(2);
    let mut header = AddressHeader {
        name: default_name.into(),
        except: Vec::new(),
        if_none: false,
    };
    let mut at = 2;
    while at < statement.len() {
        match statement.word(at) {
            "except" => {
                let network = network(statement.word(at + 1)).ok_or_else(|| {
                    Problem::at(
                        at + 1,
                        format!("'{name} except' expects <address>[/mask] as argument."),
                    )
                    .because("an address or a network such as 10.0.0.0/8 is expected")
                })?;
                header.except.push(network);
                at += 2;
            }
            "header" => {
                let value = statement.word(at + 1);
                valid_header(value).map_err(|reason| {
                    Problem::at(
                        at + 1,
                        format!("'{name} header' expects <header_name> as argument."),
                    )
                    .because(reason)
                })?;
                header.name = value.into();
                at += 2;
            }
            "if-none" if if_none_possible => {
                header.if_none = true;
                at += 1;
            }
            _ => {
                let values = if if_none_possible {
                    "'except', 'header' and 'if-none'"
                } else {
                    "'except' and 'header'"
                };
                return Err(Problem::at(
                    at,
                    format!("'{name}' only supports optional values: {values}."),
                )
                .because("not one of them"));
            }
        }
    }
    Ok(header)
}

/// RFC 9110 §5.1: a field name is a token.
fn valid_header(name: &str) -> Result<(), &'static str> {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() {
        Err("a header name is missing here")
    } else if name.bytes().all(token) {
        Ok(())
    } else {
        Err("not a header name")
    }
}

/// `10.0.0.0/8`, `10.0.0.0/255.0.0.0`, `::1` or `fe80::/10`
pub(crate) fn network(text: &str) -> Option<Network> {
    let (address, mask) = match text.split_once('/') {
        Some((address, mask)) => (address, Some(mask)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let widest: u8 = if address.is_ipv4() { 32 } else { 128 };
    let prefix_bits = match mask {
        None => widest,
        Some(mask) => match mask.parse::<u8>() {
            Ok(bits) => Some(bits).filter(|bits| *bits <= widest)?,
            Err(_) => dotted(mask).filter(|_| address.is_ipv4())?,
        },
    };
    Some(Network {
        address,
        prefix_bits,
    })
}

/// A mask such as 255.255.0.0 as a number of leading ones.
fn dotted(mask: &str) -> Option<u8> {
    let bits = mask.parse::<core::net::Ipv4Addr>().ok()?.to_bits();
    let ones = bits.leading_ones();
    (bits.checked_shl(ones).unwrap_or(0) == 0).then_some(ones as u8)
}

#[cfg(test)]
mod tests {
    use super::network;

    #[test]
    fn networks_have_lengths_or_masks() {
        assert_eq!(network("10.0.0.0/8").unwrap().prefix_bits, 8);
        assert_eq!(network("10.0.0.0/255.128.0.0").unwrap().prefix_bits, 9);
        assert_eq!(network("10.1.2.3").unwrap().prefix_bits, 32);
        assert_eq!(network("fe80::/10").unwrap().prefix_bits, 10);
        for bad in [
            "10.0.0.0/33",
            "10.0.0.0/255.0.255.0",
            "::/129",
            "x",
            "",
            "::/255.0.0.0",
        ] {
            assert_eq!(network(bad), None, "{bad}");
        }
    }
}
