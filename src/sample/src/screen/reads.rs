//! What a screen may ask for without anybody noticing, and what changes it.

use crate::args::Args;
use crate::expr::Expr;

/// What an expression reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reads {
    /// Addresses and where the client came in.
    Client,
    /// The lines of the header that the first argument names.
    Header,
    /// The first line of the message, and of the header `host`.
    Line,
    /// Anything of the head.
    Head,
}

/// What a rule changes when it applies, for the rules behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change<'a> {
    /// Nothing that stands in the head of a message, and no address.
    Nothing,
    /// Lines of the header of this name.
    Header(&'a [u8]),
    /// Anything in the head.
    Head,
    /// Addresses of the client.
    Client,
}

impl Reads {
    /// What an expression reads. Nothing if asking for its value does anything, such as counting or
    /// drawing a random number, or if something else than a [`Change`] may change it.
    pub(super) fn of(expr: &Expr) -> Option<Self> {
        let name = expr.fetch().name;
        let found = FETCHES.iter().find(|known| known.1.contains(&name));
        let mut converters = expr.converters();
        let quiet = converters.all(|converter| CONVERTERS.contains(&converter.name));
        found.map(|known| known.0).filter(|_| quiet)
    }

    /// Whether a change may change what is read; `args` are those of the fetch.
    pub(super) fn minds(self, args: &Args, change: Change<'_>) -> bool {
        match (self, change) {
            (_, Change::Nothing) => false,
            (Self::Client, change) => change == Change::Client,
            (_, Change::Client) => false,
            (_, Change::Head) | (Self::Head, Change::Header(_)) => true,
            // `host` is a part of the target as well.
            (_, Change::Header(name)) if name.eq_ignore_ascii_case(b"host") => true,
            (Self::Line, Change::Header(_)) => false,
            (Self::Header, Change::Header(name)) => match args.text(0) {
                Some(own @ [_, ..]) => own.eq_ignore_ascii_case(name),
                Some([]) | None => true,
            },
        }
    }
}

const FETCHES: &[(Reads, &[&str])] = &[
    (
        Reads::Client,
        &["src", "src_port", "dst", "dst_port", "so_id", "so_name"],
    ),
    (
        Reads::Header,
        &[
            "req.hdr",
            "res.hdr",
            "hdr",
            "req.fhdr",
            "res.fhdr",
            "req.hdr_cnt",
            "res.hdr_cnt",
            "req.fhdr_cnt",
            "res.fhdr_cnt",
            "req.hdr_ip",
            "res.hdr_ip",
            "req.hdr_val",
            "res.hdr_val",
        ],
    ),
    (
        Reads::Line,
        &[
            "method",
            "path",
            "pathq",
            "query",
            "url",
            "base",
            "baseq",
            "url_param",
            "urlp_val",
            "status",
        ],
    ),
    (
        Reads::Head,
        &[
            "req.cook",
            "res.cook",
            "cookie",
            "req.cook_cnt",
            "res.cook_cnt",
        ],
    ),
];

const CONVERTERS: &[&str] = &[
    "bytes",
    "field",
    "host_only",
    "length",
    "lower",
    "ltrim",
    "port_only",
    "rtrim",
    "upper",
    "url_dec",
    "word",
];

#[cfg(test)]
mod tests {
    use super::{CONVERTERS, FETCHES};
    use crate::convert::Converter;
    use crate::fetch::Fetch;

    #[test]
    fn each_name_is_one() {
        let fetches = FETCHES.iter().flat_map(|known| known.1);
        let named = |name: &&str| Fetch::find(name).is_some_and(|fetch| fetch.name == *name);
        assert!(fetches.clone().all(named));
        assert!(
            CONVERTERS
                .iter()
                .all(|name| Converter::find(name).is_some())
        );
    }
}
