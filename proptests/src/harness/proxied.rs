//! The header of the PROXY protocol: any bytes, cut anywhere.

use session::proxied::{HEADER_BYTES_MAX, Proxied};

/// A header is the same however much is behind it; as long as it is not complete, every beginning of it is
/// unfinished as well; and what is none does not become one.
pub fn bytes_as_a_header(input: &[u8]) {
    let whole = Proxied::read(input);
    if let Ok(Some(header)) = &whole {
        assert!(header.len <= input.len().min(HEADER_BYTES_MAX));
        assert!(header.fields.start <= header.fields.end && header.fields.end <= header.len);
    }
    for count in 0..input.len().min(CUTS_MAX) {
        let cut = Proxied::read(&input[..count]);
        match (&cut, &whole) {
            (Ok(None), _) => {}
            (cut, whole) => assert_eq!(cut, whole, "{count} bytes"),
        }
        if let Ok(Some(header)) = &whole {
            assert_eq!(cut == Ok(None), count < header.len, "{count} bytes");
        }
    }
}

/// Behind that all that differs is how much is there.
const CUTS_MAX: usize = 300;
