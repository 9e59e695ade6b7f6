//! The built-in answers: error pages and the reply to `monitor-uri`.

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
}

/// The answer for an error status; that of 500 for one without a page.
pub fn error(status: u16) -> &'static Page {
    PAGES
        .iter()
        .find(|page| page.status == status)
        .unwrap_or(&PAGES[0])
}

/// The answer to `monitor-uri`.
pub fn monitor() -> &'static Page {
    &MONITOR
}

/// The reason phrase of a redirection.
pub fn reason(status: u16) -> &'static str {
    match status {
        302 => "Found",
        303 => "See Other",
        _ => "",
    }
}

static MONITOR: Page = Page {
    status: 200,
    reason: "OK",
    fields: &[
        ("content-length", "58"),
        ("cache-control", "no-cache"),
        ("content-type", "text/html"),
    ],
    body: "<html><body><h1>200 OK</h1>\nService ready.\n</body></html>\n",
};

static PAGES: [Page; 2] = [
    Page {
        status: 500,
        reason: "Internal Server Error",
        fields: &[("content-length", "0")],
        body: "",
    },
    Page {
        status: 503,
        reason: "Service Unavailable",
        fields: &[("content-length", "0")],
        body: "",
    },
];
