//! Whether bytes of which nobody knows what they are begin with a request.

use crate::Limits;
use crate::recv::head::{Reader, Section};
use alloc::boxed::Box;
use base::Buf;
use message::{Head, Heads, Version};

/// What bytes begin with.
#[derive(Debug)]
pub enum Sniffed {
    /// The head of a request, of so many bytes.
    Request(Box<Head>, usize),
    /// So far it may become one.
    Perhaps,
    /// Something else.
    Other,
}

/// Looks at the first bytes of a client; how its request would be framed nobody has looked at. The preface
/// of HTTP/2 is all that can be seen of that.
pub fn sniff(bytes: &[u8], limits: &Limits, heads: &mut Heads) -> Sniffed {
    if let Some(behind) = bytes.strip_prefix(PREFACE) {
        let mut head = heads.take();
        head.set_request(b"PRI", b"*", Version::Http2);
        return Sniffed::Request(head, bytes.len() - behind.len());
    }
    if PREFACE.starts_with(bytes) {
        return Sniffed::Perhaps;
    }
    let mut rest = Buf::copy_of(bytes);
    let mut reader = Reader::default();
    match reader.read(Section::Request, limits, heads, &mut rest) {
        Ok(Some(head)) => Sniffed::Request(head, bytes.len() - rest.len()),
        Ok(None) => {
            reader.reset(heads);
            Sniffed::Perhaps
        }
        Err(_) => {
            reader.reset(heads);
            Sniffed::Other
        }
    }
}

/// What a client begins with that speaks HTTP/2 without having been asked (RFC 9113 §3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

#[cfg(test)]
mod tests {
    use super::{PREFACE, Sniffed, sniff};
    use crate::Limits;
    use message::Heads;

    #[test]
    fn a_request_is_one_once_its_head_is_there_and_noise_never_is() {
        let limits = Limits::default();
        let mut heads = Heads::default();
        let head = b"GET /a HTTP/1.1\r\nHost: b\r\n\r\n";
        for length in 0..head.len() {
            let sniffed = sniff(&head[..length], &limits, &mut heads);
            assert!(matches!(sniffed, Sniffed::Perhaps), "{length}: {sniffed:?}");
        }
        match sniff(&[head, b"body".as_slice()].concat(), &limits, &mut heads) {
            Sniffed::Request(it, bytes) => {
                assert_eq!((it.target(), bytes), (b"/a".as_slice(), head.len()));
            }
            other => panic!("{other:?}"),
        }
        for length in 0..PREFACE.len() {
            let sniffed = sniff(&PREFACE[..length], &limits, &mut heads);
            assert!(matches!(sniffed, Sniffed::Perhaps), "{length}: {sniffed:?}");
        }
        match sniff(&[PREFACE, b"\0\0"].concat(), &limits, &mut heads) {
            Sniffed::Request(it, 24) => assert_eq!(it.method(), b"PRI"),
            other => panic!("{other:?}"),
        }
        for noise in [
            b"SSH-2.0-OpenSSH_9\r\n".as_slice(),
            b"\x16\x03\x01\x02\0\x01\0\x01\xfc",
            b"\0\0",
        ] {
            let sniffed = sniff(noise, &limits, &mut heads);
            assert!(matches!(sniffed, Sniffed::Other), "{noise:?}: {sniffed:?}");
        }
    }
}
