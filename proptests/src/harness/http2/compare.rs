//! A header block as the head of a request, for us and for the `h2` crate, and the table of intended
//! differences.

use super::wire::Wire;
use base::{Instant, Pool, Rng};
use http::HeaderValue;
use http::uri::{Authority, PathAndQuery};
use http2::frame::PREFACE;
use http2::{Connection, Limits, Violation};
use message::{Cx, Event, Heads, Machine, Part, Role, StreamId};
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// What a server makes of the first request.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Verdict {
    Taken(Request),
    Refused,
}

/// A request, as far as both show it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Request {
    method: Vec<u8>,
    authority: Vec<u8>,
    path: Vec<u8>,
    /// Sorted, without Host, cookies joined.
    fields: Vec<(Vec<u8>, Vec<u8>)>,
}

/// We refuse what they take.
pub(super) const REFUSED: &[(Violation, &str)] = &[
    (
        Violation::PseudoMissing,
        "no path or no scheme: they make one up",
    ),
    (
        Violation::Authority,
        "user information and other characters of no host",
    ),
    (
        Violation::Path,
        "characters of no request-target, and fragments",
    ),
    (Violation::Scheme, "what is no scheme"),
    (Violation::FieldValue, "whitespace around a value"),
    (
        Violation::ConnectionField,
        "TE that names more than trailers, in any case",
    ),
    (Violation::HostRepeated, "several hosts"),
    (
        Violation::ContentLength,
        "a length that is no number, or several",
    ),
    (Violation::BodyLength, "a length without a body"),
    (
        Violation::TooManyFields,
        "more fields than tune.http.maxhdr",
    ),
    (Violation::ListTooLarge, "more than a head may hold"),
    (
        Violation::Protocol,
        "a protocol that is no token, or HTTP/2",
    ),
    (
        Violation::Compression,
        "padding and integers that RFC 7541 does not allow",
    ),
];

type Predicate = fn(&Request) -> bool;

/// We take what they refuse.
const TAKEN: &[(Predicate, &str)] = &[
    (
        |it| {
            it.fields
                .iter()
                .any(|it| HeaderValue::from_bytes(&it.1).is_err())
        },
        "control characters that end no line: RFC 9113 §8.2.1 forbids no others",
    ),
    (
        |it| PathAndQuery::try_from(&it.path[..]).is_err(),
        "characters in paths that RFC 3986 does not know and HTTP/1 servers may see",
    ),
    (
        |it| Authority::try_from(&it.authority[..]).is_err(),
        "authorities of any form, as long as nothing in them could end one",
    ),
    (
        |it| {
            it.fields
                .iter()
                .any(|it| it.0 == b"te" && it.1 != b"trailers")
        },
        "TE in any case, as RFC 9110 §10.1.4 has it",
    ),
];

/// Compares the two on a block of a request that ends with it.
pub(super) fn request(block: &[u8]) {
    let block = &block[..block.len().min(BLOCK_BYTES_MAX)];
    let bytes = [&PREFACE[..], &[0, 0, 0, 4, 0, 0, 0, 0, 0], &headers(block)].concat();
    let (ours, violation) = ours(&bytes);
    let theirs = theirs(&bytes);
    let show = || {
        format!(
            "{}: {ours:?} {violation:?}, {theirs:?}",
            block.escape_ascii()
        )
    };
    match (&ours, &theirs) {
        (Verdict::Taken(ours), Verdict::Taken(theirs)) => assert_eq!(ours, theirs, "{}", show()),
        (Verdict::Refused, Verdict::Taken(_)) => {
            let meant = |(it, _): &&(Violation, &str)| Some(*it) == violation;
            assert!(REFUSED.iter().any(|it| meant(&it)), "{}", show());
        }
        (Verdict::Taken(ours), Verdict::Refused) => {
            assert!(TAKEN.iter().any(|(meant, _)| meant(ours)), "{}", show());
        }
        (Verdict::Refused, Verdict::Refused) => {}
    }
}

fn headers(block: &[u8]) -> Vec<u8> {
    let [_, l0, l1, l2] = (block.len() as u32).to_be_bytes();
    [&[l0, l1, l2, 1, 5, 0, 0, 0, 1], block].concat()
}

fn ours(bytes: &[u8]) -> (Verdict, Option<Violation>) {
    let (mut pool, mut heads, mut rng) = (Pool::new(16_384), Heads::default(), Rng::from_u64(1));
    let mut cx = Cx {
        now: Instant::ZERO,
        pool: &mut pool,
        heads: &mut heads,
        rng: &mut rng,
    };
    let mut machine = Connection::new(&mut cx, Role::Accepting, Limits::default());
    for piece in bytes.chunks(16_384) {
        let mut buf = cx.pool.take();
        buf.append(piece);
        machine.receive(&mut cx, buf);
    }
    let mut verdict = Verdict::Refused;
    let mut violation = machine.violation();
    while let Some(event) = machine.poll_event(&mut cx) {
        // What is answered is no violation of the connection's.
        if let Event::Malformed(_, fault) = event {
            let mut all = Violation::ALL.iter();
            violation = all.find(|it| it.what() == fault.what).copied();
        }
        if event == Event::Readable(StreamId(1))
            && let Some(Part::Head(head)) = machine.read(&mut cx, StreamId(1))
        {
            let fields = head.fields();
            let fields = fields.map(|it| (head.bytes(it.name), head.bytes(it.value)));
            let host = head.value(message::Name::Host).unwrap_or_default();
            verdict = Verdict::Taken(Request {
                method: head.method().to_vec(),
                authority: host.to_vec(),
                path: head.origin_target().to_vec(),
                fields: canonical(fields),
            });
        }
    }
    (verdict, violation)
}

fn theirs(bytes: &[u8]) -> Verdict {
    let wire = Wire::default();
    wire.to_peer.borrow_mut().extend(bytes);
    let mut cx = Context::from_waker(Waker::noop());
    let mut builder = h2::server::Builder::new();
    builder.enable_connect_protocol();
    let mut handshake = pin!(builder.handshake::<_, bytes::Bytes>(wire.clone()));
    let Poll::Ready(Ok(mut connection)) = handshake.as_mut().poll(&mut cx) else {
        return Verdict::Refused;
    };
    let Poll::Ready(Some(Ok((request, _)))) = connection.poll_accept(&mut cx) else {
        return Verdict::Refused;
    };
    let fields = request.headers().iter();
    let fields = fields.map(|(name, value)| (name.as_str().as_bytes(), value.as_bytes()));
    let uri = request.uri();
    let host = request.headers().get("host").map(|host| host.as_bytes());
    let authority = authority(uri);
    let protocol = request.extensions().get::<h2::ext::Protocol>();
    let connects = request.method() == http::Method::CONNECT;
    let mut fields = canonical(fields);
    let method = match protocol {
        Some(protocol) => {
            fields.push((b"connection".to_vec(), b"upgrade".to_vec()));
            fields.push((b"upgrade".to_vec(), protocol.as_str().into()));
            fields.sort();
            "GET"
        }
        None => request.method().as_str(),
    };
    let path = match uri.path_and_query() {
        Some(path) => path.as_str().as_bytes().to_vec(),
        None if connects => authority.unwrap_or_default().to_vec(),
        None => Vec::new(),
    };
    Verdict::Taken(Request {
        method: method.into(),
        authority: authority.or(host).unwrap_or_default().to_vec(),
        path,
        fields,
    })
}

/// What a request says of its host, without a port that its scheme implies: that is how ours has it.
pub(super) fn authority(uri: &http::Uri) -> Option<&[u8]> {
    let whole = uri.authority()?.as_str();
    let host = match uri.scheme_str().unwrap_or_default() {
        "" => None,
        scheme => whole.strip_suffix(':').or(match scheme {
            "http" => whole.strip_suffix(":80"),
            "https" => whole.strip_suffix(":443"),
            _ => None,
        }),
    };
    Some(host.unwrap_or(whole).as_bytes())
}

pub(super) fn canonical<'a>(
    fields: impl Iterator<Item = (&'a [u8], &'a [u8])>,
) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut all = Vec::new();
    let mut cookie = Vec::new();
    for (name, value) in fields {
        match name {
            b"host" => {}
            b"cookie" => {
                // Empty ones in front are nothing to us.
                if !cookie.is_empty() {
                    cookie.extend_from_slice(b"; ");
                }
                cookie.extend_from_slice(value);
            }
            _ => all.push((name.to_vec(), value.to_vec())),
        }
    }
    if !cookie.is_empty() {
        all.push((b"cookie".to_vec(), cookie));
    }
    all.sort();
    all
}

/// Both take frames of this many bytes.
const BLOCK_BYTES_MAX: usize = 15_000;
