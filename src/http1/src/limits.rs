//! What one connection may cost, and which rules are relaxed.

/// Bounds and switches of a connection; the owner derives them from the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Longest head, and longest trailer section, in bytes (`tune.bufsize` - `tune.maxrewrite`).
    pub head_bytes_max: u32,
    /// Most field lines in a head or trailer section (`tune.http.maxhdr`).
    pub fields_max: u32,
    /// `option accept-unsafe-violations-in-http-request` on a connection that accepts,
    /// `option accept-unsafe-violations-in-http-response` on one that opens.
    pub relaxed: bool,
    /// `h1-accept-payload-with-any-method`: no 413 for a body on GET, HEAD or DELETE in HTTP/1.0.
    pub payload_with_any_method: bool,
    /// `h1-do-not-close-on-insecure-transfer-encoding`: a message with both Transfer-Encoding and
    /// Content-Length does not end the connection.
    pub keep_insecure_framing: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head_bytes_max: 16_384 - 1_024,
            fields_max: 101,
            relaxed: false,
            payload_with_any_method: false,
            keep_insecure_framing: false,
        }
    }
}
