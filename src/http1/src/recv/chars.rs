//! Character classes of the grammar.

/// Whether `byte` may stand in a token (RFC 9110 §5.6.2).
pub(crate) fn is_token(byte: u8) -> bool {
    TOKEN[byte as usize]
}

const TOKEN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        let b = byte as u8;
        table[byte] = b.is_ascii_alphanumeric()
            || matches!(
                b,
                b'!' | b'#'
                    | b'$'
                    | b'%'
                    | b'&'
                    | b'\''
                    | b'*'
                    | b'+'
                    | b'-'
                    | b'.'
                    | b'^'
                    | b'_'
                    | b'`'
                    | b'|'
                    | b'~'
            );
        byte += 1;
    }
    table
};

/// Whether `byte` may stand in a request-target: the printable characters without `#`, the sign of a
/// fragment, which is never sent (RFC 9112 §3.2).
pub(crate) fn is_target(byte: u8) -> bool {
    matches!(byte, b'!'..=b'~') && byte != b'#'
}

/// What `option accept-unsafe-violations-in-http-request` adds.
pub(crate) fn is_relaxed_target(byte: u8) -> bool {
    byte == b'#' || byte >= 128
}
