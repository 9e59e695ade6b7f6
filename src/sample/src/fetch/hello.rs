//! Fetches of the first message of TLS, seen in a buffer: no TLS is spoken (RFC 8446 §4.1.2).

use super::action::Certainty;
use super::payload::missing;
use super::{Bin, Fetch, See, Str, fetch};
use crate::args::{Args, Signature};
use crate::facts::Window;
use crate::value::Fetched;
use crate::work::Work;
use alloc::borrow::Cow;
use core::ops::ControlFlow;

const NONE: Signature = Signature::NONE;

pub(super) const FETCHES: &[Fetch] = &[
    fetch!("req.ssl_hello_type", "1 if the request's buffer begins with a client's hello, 2 if it does with a server's.", NONE, RequestBytes: hello_type).also(&["req_ssl_hello_type"]),
    fetch!("res.ssl_hello_type", "1 if the response's buffer begins with a client's hello, 2 if it does with a server's.", NONE, ResponseBytes: hello_type).also(&["rep_ssl_hello_type"]),
    fetch!("req.ssl_ver", "The version of TLS in a hello: 65536 times major and minor.", NONE, RequestBytes: version).also(&["req_ssl_ver"]),
    fetch!("req.ssl_sni", "The server's name in a hello.", NONE, RequestBytes: server_name).also(&["req_ssl_sni"]),
    fetch!("req.ssl_alpn", "The protocols in a hello.", NONE, RequestBytes: protocols => first),
    fetch!("req.ssl_ec_ext", "A hello says which groups the client knows.", NONE, RequestBytes: has_groups),
    fetch!("req.ssl_st_ext", "0 if a hello has no session ticket, 1 if it has an empty one, 2 if it has one.", NONE, RequestBytes: ticket),
    fetch!("req.ssl_cipherlist", "The ciphers in a hello, two bytes each.", NONE, RequestBytes: ciphers),
    fetch!("req.ssl_sigalgs", "The signature algorithms in a hello, two bytes each.", NONE, RequestBytes: algorithms),
    fetch!("req.ssl_supported_groups", "The groups in a hello, two bytes each.", NONE, RequestBytes: groups),
    fetch!("req.ssl_keyshare_groups", "The groups of which a hello has keys, two bytes each.", NONE, RequestBytes: key_groups),
];

/// What a hello says of itself.
struct Hello<'a> {
    ciphers: &'a [u8],
    extensions: &'a [u8],
}

/// What is read so far of something that has to be whole: none where it ends too early.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self, bytes: usize) -> Option<usize> {
        let number = self.take(bytes)?;
        Some(
            number
                .iter()
                .fold(0, |sum, byte| sum << 8 | usize::from(*byte)),
        )
    }

    /// Bytes behind their length, which has so many bytes.
    fn counted(&mut self, bytes: usize) -> Option<&'a [u8]> {
        let len = self.number(bytes)?;
        self.take(len)
    }
}

/// The hello in the first record: its type and its text. It has to be whole, as clients have it.
fn handshake(window: Window<'_>) -> Fetched<(u8, &[u8])> {
    let bytes = window.bytes;
    let begins = |at: usize, is: fn(u8) -> bool| bytes.get(at).is_none_or(|byte| is(*byte));
    if !(begins(0, |byte| byte == HANDSHAKE) && begins(1, |byte| byte >= 3)) {
        return Fetched::Not;
    }
    let mut reader = Reader(bytes);
    let record = reader.take(3).and_then(|_| reader.counted(2));
    let Some(record) = record else {
        return missing(window);
    };
    let message = |record: &'_ [u8]| {
        let (&kind, rest) = record.split_first()?;
        let len = Reader(rest).number(3)?;
        Some((kind, len))
    };
    match message(record) {
        Some((kind @ (CLIENT_HELLO | SERVER_HELLO), len)) => {
            record.get(4..4 + len).map(|text| (kind, text)).into()
        }
        Some(_) | None => Fetched::Not,
    }
}

fn hello(window: Window<'_>) -> Fetched<Hello<'_>> {
    handshake(window).and_then(|(kind, text)| {
        let mut reader = Reader(text);
        let [major, _] = reader.take(34)?.first_chunk::<2>()?;
        reader.counted(1)?;
        let ciphers = reader.counted(2)?;
        reader.counted(1)?;
        let extensions = match reader.0 {
            [] => &[],
            _ => reader.counted(2)?,
        };
        (kind == CLIENT_HELLO && *major >= 3).then_some(Hello {
            ciphers,
            extensions,
        })
    })
}

impl<'a> Hello<'a> {
    fn extension(&self, wanted: usize) -> Option<&'a [u8]> {
        let mut reader = Reader(self.extensions);
        loop {
            let kind = reader.number(2)?;
            let value = reader.counted(2)?;
            if kind == wanted {
                return Some(value);
            }
        }
    }

    /// The list in an extension, without its length of so many bytes.
    fn list(&self, wanted: usize, bytes: usize) -> Option<&'a [u8]> {
        Reader(self.extension(wanted)?).counted(bytes)
    }
}

fn hello_type(window: Window<'_>, _: &Args, _: &mut Work) -> Fetched<u32> {
    handshake(window).map(|(kind, _)| kind.into())
}

fn version(window: Window<'_>, _: &Args, _: &mut Work) -> Fetched<u32> {
    if window.bytes.first().is_some_and(|byte| *byte >= 0x80) {
        return version2(window);
    }
    handshake(window).and_then(|(_, text)| {
        let &[major, minor] = text.first_chunk()?;
        Some(u32::from(major) << 16 | u32::from(minor))
    })
}

/// The version in a hello of SSL 2 (RFC 5246 §E.2): a length with its first bit set, the type, the
/// version, the lengths of the three parts that follow.
fn version2(window: Window<'_>) -> Fetched<u32> {
    let bytes = window.bytes;
    let Some(head) = bytes.first_chunk::<11>() else {
        return missing(window);
    };
    let pair = |at: usize| usize::from(head[at]) << 8 | usize::from(head[at + 1]);
    let len = pair(0) & 0x7fff;
    if head[2] != CLIENT_HELLO || len != 9 + pair(5) + pair(7) + pair(9) {
        return Fetched::Not;
    }
    if bytes.len() < len + 2 {
        return missing(window);
    }
    Fetched::Is(u32::from(head[3]) << 16 | u32::from(head[4]))
}

fn server_name<'a>(window: Window<'a>, _: &Args, _: &mut Work) -> Fetched<Str<'a>> {
    hello(window).and_then(|hello| {
        let mut names = Reader(hello.list(SERVER_NAME, 2)?);
        // The type of a name: that of a host (RFC 6066 §3).
        (names.number(1)? == 0).then_some(())?;
        names.counted(2).map(Str::of)
    })
}

fn protocols<'a>(
    window: Window<'a>,
    _: &Args,
    work: &mut Work,
    see: See<'_, Str<'a>>,
) -> Certainty {
    let found = hello(window);
    let certainty = match found {
        Fetched::IsSoFar(_) | Fetched::NotYet => Certainty::MayChange,
        Fetched::Is(_) | Fetched::Not => Certainty::Final,
    };
    let list = found.found().and_then(|hello| hello.list(PROTOCOLS, 2));
    let mut list = Reader(list.unwrap_or_default());
    while let Some(protocol) = list.counted(1) {
        if see(work, Str::of(protocol)) == ControlFlow::Break(()) {
            break;
        }
    }
    certainty
}

fn has_groups(window: Window<'_>, _: &Args, _: &mut Work) -> Fetched<bool> {
    hello(window).and_then(|hello| hello.extension(GROUPS).map(|_| true))
}

fn ticket(window: Window<'_>, _: &Args, _: &mut Work) -> Fetched<u32> {
    hello(window).map(|hello| match hello.extension(TICKET) {
        None => 0,
        Some([]) => 1,
        Some(_) => 2,
    })
}

fn ciphers<'a>(window: Window<'a>, _: &Args, _: &mut Work) -> Fetched<Bin<'a>> {
    hello(window).map(|hello| Bin::of(hello.ciphers))
}

fn algorithms<'a>(window: Window<'a>, _: &Args, _: &mut Work) -> Fetched<Bin<'a>> {
    hello(window).and_then(|hello| hello.list(ALGORITHMS, 2).map(Bin::of))
}

fn groups<'a>(window: Window<'a>, _: &Args, _: &mut Work) -> Fetched<Bin<'a>> {
    hello(window).and_then(|hello| hello.list(GROUPS, 2).map(Bin::of))
}

fn key_groups<'a>(window: Window<'_>, _: &Args, work: &mut Work) -> Fetched<Bin<'a>> {
    hello(window).and_then(|hello| {
        let mut shares = Reader(hello.list(KEY_SHARE, 2)?);
        let mut groups = work.buffer();
        while let Some(group) = shares.take(2) {
            groups.extend_from_slice(group);
            shares.counted(2)?;
        }
        Some(Bin(Cow::Owned(groups)))
    })
}

/// The content type of records with handshake messages (RFC 8446 §5.1).
const HANDSHAKE: u8 = 22;
/// Types of handshake messages (RFC 8446 §4).
const CLIENT_HELLO: u8 = 1;
const SERVER_HELLO: u8 = 2;
/// Types of extensions (RFC 8446 §4.2).
const SERVER_NAME: usize = 0;
const GROUPS: usize = 10;
const ALGORITHMS: usize = 13;
const PROTOCOLS: usize = 16;
const TICKET: usize = 35;
const KEY_SHARE: usize = 51;
