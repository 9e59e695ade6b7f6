//! What a complete head means: how its body is framed, and whether the connection outlives it.

use super::framing::{Coding, Facts};
use super::host::check_host;
use crate::{Limits, Violation};
use message::websocket::Accept;
use message::{Framing, Head, Name, Version};

/// What the machine must know of the request that a message belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) verb: Verb,
    /// The request offered to switch protocols.
    pub(crate) upgrade: bool,
    /// The client said that it sends no other.
    pub(crate) close: bool,
}

/// The methods that change how a response is framed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Verb {
    Head,
    Connect,
    #[default]
    Other,
}

impl Verb {
    pub(crate) fn of(method: &[u8]) -> Self {
        match method {
            b"HEAD" => Self::Head,
            b"CONNECT" => Self::Connect,
            _ => Self::Other,
        }
    }
}

/// What a complete head means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Meaning {
    pub(crate) framing: Framing,
    /// The connection ends with this message.
    pub(crate) close: bool,
    pub(crate) upgrade: bool,
}

/// Judges a complete request, and puts Host and target into their normal form.
pub(crate) fn judge_request(head: &mut Head, limits: &Limits) -> Result<Meaning, Violation> {
    let facts = gathered(head, limits)?;
    check_host(head, limits.relaxed)?;
    let old = head.version == Version::Http10;
    let framing = match (facts.coding, facts.length) {
        (Coding::Faulty, _) => return Err(Violation::TransferEncoding),
        (Coding::Unknown, _) => return Err(Violation::TransferCoding),
        (Coding::Chunked, _) => Framing::Streamed,
        (Coding::Absent, None | Some(0)) => Framing::None,
        (Coding::Absent, Some(length)) => Framing::Length(length),
    };
    let method = head.method();
    if framing != Framing::None {
        if method == b"CONNECT" {
            return Err(Violation::PayloadInConnect);
        }
        let bodiless = matches!(method, b"GET" | b"HEAD" | b"DELETE");
        if old && bodiless && !limits.payload_with_any_method {
            return Err(Violation::PayloadInOldRequest);
        }
    }
    if facts.websocket && !head.has(Name::SecWebsocketKey) {
        return Err(Violation::WebsocketKey);
    }
    Ok(Meaning {
        framing,
        close: must_close(&facts, head.version, limits),
        upgrade: facts.upgrade && !old,
    })
}

/// Judges a complete response to what was `asked`; `sent` says whether the request is complete, and
/// `accept` what answers the key if it is one of ours.
pub(crate) fn judge_response(
    head: &mut Head,
    asked: Asked,
    sent: bool,
    accept: Option<&Accept>,
    limits: &Limits,
) -> Result<Meaning, Violation> {
    let facts = gathered(head, limits)?;
    let framing = match (head.status(), asked.verb) {
        (101, _) if asked.upgrade && sent && facts.upgrade => {
            if facts.websocket && !is_accepted(head, accept) {
                return Err(Violation::WebsocketAccept);
            }
            Framing::Tunnel
        }
        (101, _) => return Err(Violation::UpgradeUnasked),
        (200..=299, Verb::Connect) => Framing::Tunnel,
        (100..=199 | 204 | 304, _) | (_, Verb::Head) => Framing::None,
        (_, Verb::Connect | Verb::Other) => match (facts.coding, facts.length) {
            (Coding::Faulty, _) => return Err(Violation::TransferEncoding),
            (Coding::Unknown, _) => return Err(Violation::TransferCoding),
            (Coding::Chunked, _) => Framing::Streamed,
            (Coding::Absent, Some(0)) => Framing::None,
            (Coding::Absent, Some(length)) => Framing::Length(length),
            (Coding::Absent, None) => Framing::UntilClose,
        },
    };
    Ok(Meaning {
        framing,
        close: framing == Framing::UntilClose || must_close(&facts, head.version, limits),
        upgrade: facts.upgrade,
    })
}

/// Whether a server knows what a WebSocket is (RFC 6455 §4.1). An answer to a client's key is the
/// client's to check.
fn is_accepted(head: &Head, accept: Option<&Accept>) -> bool {
    match (head.value(Name::SecWebsocketAccept), accept) {
        (Some(value), Some(accept)) => value == accept,
        (Some(_), None) => true,
        (None, _) => false,
    }
}

/// Where both ways of framing are given, the length goes at once: nobody behind us may act on it
/// (RFC 9112 §6.3). A length that was repeated or has zeros in front is said once and plainly.
fn gathered(head: &mut Head, limits: &Limits) -> Result<Facts, Violation> {
    let facts = Facts::of(head, limits.relaxed)?;
    if facts.is_contradictory() {
        head.remove(Name::ContentLength);
    } else if facts.length_uneven
        && let Some(length) = facts.length
    {
        let mut digits = itoa::Buffer::new();
        head.set(Name::ContentLength, digits.format(length).as_bytes());
    }
    Ok(facts)
}

/// RFC 9112 §9.3, and §6.1 for faulty framing.
fn must_close(facts: &Facts, version: Version, limits: &Limits) -> bool {
    match version {
        Version::Http10 => !facts.keep_alive || facts.close || facts.coding != Coding::Absent,
        Version::Http11 | Version::Http2 => {
            facts.close || (facts.is_contradictory() && !limits.keep_insecure_framing)
        }
    }
}
