//! The header of the PROXY protocol, and NetScaler's: any bytes, cut anywhere; and what is written is read.

use session::Ends;
use session::proxied::write::{self, Binary, TooLong};
use session::proxied::{HEADER_BYTES_MAX, NotProxied, Proxied, insertion};
use std::net::{IpAddr, SocketAddr};

/// What is a header of the PROXY protocol, or NetScaler's, does not depend on what is behind it or on how
/// it is cut. Of the latter the magic number is the first four bytes: no other would be agreed on.
pub fn bytes_as_a_header(input: &[u8]) {
    holds_wherever_it_is_cut(input, Proxied::read);
    let magic = input.first_chunk().map_or(0, |it| u32::from_be_bytes(*it));
    holds_wherever_it_is_cut(input, |bytes| insertion::read(magic, bytes));
}

/// A header is the same however much is behind it; as long as it is not complete, every beginning of it is
/// unfinished as well; and what is none does not become one.
fn holds_wherever_it_is_cut(
    input: &[u8],
    read: impl Fn(&[u8]) -> Result<Option<Proxied>, NotProxied>,
) {
    let whole = read(input);
    if let Ok(Some(header)) = &whole {
        assert!(header.len <= input.len().min(HEADER_BYTES_MAX));
        assert!(header.fields.start <= header.fields.end && header.fields.end <= header.len);
    }
    for count in 0..input.len().min(CUTS_MAX) {
        let cut = read(&input[..count]);
        match (&cut, &whole) {
            (Ok(None), _) => {}
            (cut, whole) => assert_eq!(cut, whole, "{count} bytes"),
        }
        if let Ok(Some(header)) = &whole {
            assert_eq!(cut == Ok(None), count < header.len, "{count} bytes");
        }
    }
}

/// What is said of two ends, in either version and with any fields, is read as it was said. Ends without
/// an address are not told.
pub fn ends_as_a_header(ends: Ends, fields: &[(u8, Vec<u8>)], checksum: bool) {
    let told = ends.peer.zip(ends.local).map(|(peer, local)| {
        let same = peer.is_ipv4() == local.is_ipv4();
        let tell = |end: SocketAddr| match end.ip() {
            IpAddr::V4(ip) if !same => SocketAddr::new(ip.to_ipv6_mapped().into(), end.port()),
            ip => SocketAddr::new(ip, end.port()),
        };
        (tell(peer), tell(local))
    });
    let mut line = Vec::new();
    write::text(ends, &mut line);
    let read = Proxied::read(&line).map(|it| it.map(|it| (it.len, it.addresses)));
    assert_eq!(
        read,
        Ok(Some((line.len(), told))),
        "{}",
        line.escape_ascii()
    );

    let mut bytes = b"before".to_vec();
    let before = bytes.len();
    let mut header = Binary::begin(ends, &mut bytes);
    let mut written = Ok(());
    for (kind, value) in fields {
        written = written.and(header.field(*kind, |out| out.extend_from_slice(value)));
    }
    if checksum {
        written = written.and(header.checksum());
    }
    if written == Err(TooLong) {
        return;
    }
    header.finish();
    let bytes = &bytes[before..];
    let read = Proxied::read(bytes).expect("a header").expect("all of it");
    assert_eq!((read.len, read.addresses), (bytes.len(), told));
    if told.is_some() {
        let kept = fields.iter().map(|(kind, value)| {
            let length = (value.len() as u16).to_be_bytes();
            [&[*kind], &length[..], value].concat()
        });
        let kept = kept.collect::<Vec<_>>().concat();
        assert!(bytes[read.fields].starts_with(&kept));
    }
}

/// Behind that all that differs is how much is there.
const CUTS_MAX: usize = 300;
