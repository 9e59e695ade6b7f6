//! The built-in answers: error pages and the reply to `monitor-uri`.
//!
//! Status lines, fields and bodies are those HAProxy puts on the wire.

/// An answer of our own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// The status code.
    pub status: u16,
    /// The reason phrase.
    pub reason: &'static str,
    /// Field lines, Content-Length included.
    pub fields: &'static [(&'static str, &'static str)],
    /// The body.
    pub body: &'static str,
    /// The connection is closed afterwards: what the client sent, or failed to send, leaves unclear
    /// where its next request would begin.
    pub closes: bool,
}

/// The answer for an error status; that of 500 for one without a page.
pub fn error(status: u16) -> &'static Page {
    PAGES
        .iter()
        .find(|page| page.status == status)
        .unwrap_or(&INTERNAL_ERROR)
}

/// The answer to `monitor-uri`.
pub fn monitor() -> &'static Page {
    &OK
}

/// The reason phrase of a status, as answers of our own have it.
pub fn reason(status: u16) -> &'static str {
    match status {
        100 => "Continue",
        101 => "Switching Protocols",
        102 => "Processing",
        103 => "Early Hints",
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        203 => "Non-Authoritative Information",
        204 => "No Content",
        205 => "Reset Content",
        206 => "Partial Content",
        207 => "Multi-Status",
        210 => "Content Different",
        226 => "IM Used",
        300 => "Multiple Choices",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        305 => "Use Proxy",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        310 => "Too many Redirects",
        400 => "Bad Request",
        401 => "Unauthorized",
        402 => "Payment Required",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        407 => "Proxy Authentication Required",
        408 => "Request Time-out",
        409 => "Conflict",
        410 => "Gone",
        411 => "Length Required",
        412 => "Precondition Failed",
        413 => "Request Entity Too Large",
        414 => "Request-URI Too Long",
        415 => "Unsupported Media Type",
        416 => "Requested range unsatisfiable",
        417 => "Expectation failed",
        418 => "I'm a teapot",
        421 => "Misdirected Request",
        422 => "Unprocessable Content",
        423 => "Locked",
        424 => "Method failure",
        425 => "Too Early",
        426 => "Upgrade Required",
        428 => "Precondition Required",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        449 => "Retry With",
        450 => "Blocked by Windows Parental Controls",
        451 => "Unavailable For Legal Reasons",
        456 => "Unrecoverable Error",
        499 => "client has closed connection",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway or Proxy Error",
        503 => "Service Unavailable",
        504 => "Gateway Time-out",
        505 => "HTTP Version not supported",
        506 => "Variant also negotiate",
        507 => "Insufficient storage",
        508 => "Loop detected",
        509 => "Bandwidth Limit Exceeded",
        510 => "Not extended",
        511 => "Network authentication required",
        520 => "Web server is returning an unknown error",
        _ => match status / 100 {
            1 => "Informational",
            2 => "Success",
            3 => "Redirection",
            4 => "Client Error",
            5 => "Server Error",
            _ => "Other",
        },
    }
}

/// A page whose statement of its length is one of its fields.
macro_rules! page {
    ($status:literal, $reason:literal, $length:literal, $closes:literal, $text:literal) => {
        Page {
            status: $status,
            reason: $reason,
            fields: &[
                ("content-length", $length),
                ("cache-control", "no-cache"),
                ("content-type", "text/html"),
            ],
            body: concat!(
                "<html><body><h1>",
                $status,
                " ",
                $reason,
                "</h1>\n",
                $text,
                "\n</body></html>\n"
            ),
            closes: $closes,
        }
    };
}

static OK: Page = page!(200, "OK", "58", false, "Service ready.");

static INTERNAL_ERROR: Page = page!(
    500,
    "Internal Server Error",
    "97",
    false,
    "An internal server error occurred."
);

/// By status: all that `errorfile` can replace, and 505.
static PAGES: [Page; 22] = [
    OK,
    page!(
        400,
        "Bad request",
        "90",
        true,
        "Your browser sent an invalid request."
    ),
    page!(
        401,
        "Unauthorized",
        "112",
        false,
        "You need a valid user and password to access this content."
    ),
    page!(
        403,
        "Forbidden",
        "93",
        false,
        "Request forbidden by administrative rules."
    ),
    page!(
        404,
        "Not Found",
        "83",
        false,
        "The resource could not be found."
    ),
    page!(
        405,
        "Method Not Allowed",
        "147",
        false,
        "A request was made of a resource using a request method not supported by that resource."
    ),
    page!(
        407,
        "Unauthorized",
        "112",
        false,
        "You need a valid user and password to access this content."
    ),
    page!(
        408,
        "Request Time-out",
        "110",
        true,
        "Your browser didn't send a complete request in time."
    ),
    page!(
        410,
        "Gone",
        "114",
        false,
        "The resource is no longer available and will not be available again."
    ),
    page!(
        413,
        "Payload Too Large",
        "106",
        false,
        "The request entity exceeds the maximum allowed."
    ),
    page!(
        414,
        "URI Too Long",
        "110",
        false,
        "The URI provided was too long for the server to process."
    ),
    page!(
        421,
        "Misdirected Request",
        "104",
        false,
        "Request sent to a non-authoritative server."
    ),
    page!(
        422,
        "Unprocessable Content",
        "102",
        false,
        "The server cannot process this request."
    ),
    page!(
        425,
        "Too Early",
        "80",
        false,
        "Your browser sent early data."
    ),
    page!(
        429,
        "Too Many Requests",
        "117",
        false,
        "You have sent too many requests in a given amount of time."
    ),
    page!(
        431,
        "Request Header Fields Too Large",
        "105",
        false,
        "Request Header Fields Too Large."
    ),
    INTERNAL_ERROR,
    page!(
        501,
        "Not Implemented",
        "135",
        false,
        "The server does not support the functionality required to fulfill the request."
    ),
    page!(
        502,
        "Bad Gateway",
        "107",
        false,
        "The server returned an invalid or incomplete response."
    ),
    page!(
        503,
        "Service Unavailable",
        "107",
        false,
        "No server is available to handle this request."
    ),
    page!(
        504,
        "Gateway Time-out",
        "92",
        false,
        "The server didn't respond in time."
    ),
    page!(
        505,
        "HTTP Version Not Supported",
        "129",
        true,
        "The server does not support the HTTP version of this request."
    ),
];

#[cfg(test)]
mod tests {
    use super::{PAGES, error, monitor};

    #[test]
    fn each_page_states_the_length_of_its_body() {
        for page in &PAGES {
            let (name, value) = page.fields[0];
            assert_eq!(name, "content-length");
            assert_eq!(value.parse(), Ok(page.body.len()), "{}", page.status);
        }
    }

    #[test]
    fn each_status_has_its_own_page_and_the_others_that_of_500() {
        let statuses = [
            200, 400, 401, 403, 404, 405, 407, 408, 410, 413, 414, 421, 422, 425, 429, 431, 500,
            501, 502, 503, 504,
        ];
        for status in statuses {
            assert_eq!(error(status).status, status);
        }
        assert_eq!(error(418).status, 500);
    }

    #[test]
    fn the_monitor_says_it_is_ready() {
        let body = "<html><body><h1>200 OK</h1>\nService ready.\n</body></html>\n";
        assert_eq!((monitor().status, monitor().body), (200, body));
    }

    #[test]
    fn a_request_that_is_broken_or_late_ends_the_connection() {
        let closing = PAGES.iter().filter(|page| page.closes);
        assert!(closing.map(|page| page.status).eq([400, 408, 505]));
    }
}
