//! The field names the proxy itself looks at.

macro_rules! names {
    ($($variant:ident = $text:literal,)*) => {
        /// A field name, recognised once when the head is parsed; [`Name::Other`] for all the rest.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Name {
            /// A name without a meaning to the proxy.
            #[default]
            Other,
            $(#[doc = concat!("`", $text, "`")] $variant,)*
        }

        impl Name {
            /// Recognises `name`, whatever its case (RFC 9110 §5.1).
            pub fn of(name: &[u8]) -> Self {
                $(
                    const _: () = assert!($text.len() <= LONGEST);
                )*
                if name.len() > LONGEST {
                    return Self::Other;
                }
                // The length alone rules most names out; then one comparison decides.
                $(
                    if name.len() == $text.len() && name.eq_ignore_ascii_case($text.as_bytes()) {
                        return Self::$variant;
                    }
                )*
                Self::Other
            }

            /// The name in lower case; empty for [`Name::Other`].
            pub const fn as_str(self) -> &'static str {
                match self {
                    Self::Other => "",
                    $(Self::$variant => $text,)*
                }
            }
        }
    };
}

names! {
    Authorization = "authorization",
    Connection = "connection",
    ContentLength = "content-length",
    ContentType = "content-type",
    Cookie = "cookie",
    Expect = "expect",
    Host = "host",
    Http2Settings = "http2-settings",
    KeepAlive = "keep-alive",
    ProxyAuthenticate = "proxy-authenticate",
    ProxyConnection = "proxy-connection",
    SecWebsocketAccept = "sec-websocket-accept",
    SecWebsocketKey = "sec-websocket-key",
    SetCookie = "set-cookie",
    Te = "te",
    Trailer = "trailer",
    TransferEncoding = "transfer-encoding",
    Upgrade = "upgrade",
    WwwAuthenticate = "www-authenticate",
    XForwardedFor = "x-forwarded-for",
}

/// Length of the longest known name in bytes.
const LONGEST: usize = 20;

#[cfg(test)]
mod tests {
    use super::Name;

    #[test]
    fn case_does_not_matter_and_prefixes_do_not_count() {
        assert_eq!(Name::of(b"Content-LENGTH"), Name::ContentLength);
        assert_eq!(Name::of(b"content-lengt"), Name::Other);
        assert_eq!(Name::of(b""), Name::Other);
        assert_eq!(Name::Host.as_str(), "host");
    }
}
