//! `option` keywords that are plain switches.

use super::is_off;
use crate::draft::ProxyDraft;
use crate::keyword::{Keyword, Sections};
use crate::problem::{Parsed, Problem};
use crate::statement::{Polarity, Statement};
use session::settings::Options;

macro_rules! switches {
    ($($name:literal, $flags:expr, $sections:ident, $doc:literal;)*) => {
        &[$(Keyword {
            name: concat!("option ", $name),
            doc: $doc,
            sections: Sections::$sections,
            negatable: true,
            parse: |statement, draft, _| switch(statement, draft, $flags),
        },)*
        Keyword {
            name: "option abortonclose",
            doc: "a client that closes before its answer is served no more",
            sections: Sections::ANY,
            negatable: true,
            parse: |statement, draft, _| abortonclose(statement, draft),
        },
        Keyword {
            name: "option allbackups",
            doc: "all backup servers are used together, not only the first",
            sections: Sections::SERVES,
            negatable: true,
            parse: |statement, draft, _| {
                statement.at_most(2)?;
                draft.proxy.balance.allbackups = !is_off(statement);
                Ok(())
            },
        },
        Keyword {
            name: "option http-keep-alive",
            doc: "connections are kept on both sides; the default",
            sections: Sections::ANY,
            negatable: true,
            parse: |statement, draft, _| connection_mode(statement, draft, Options::empty()),
        },
        Keyword {
            name: "option http-server-close",
            doc: "the server's connection is closed after each answer",
            sections: Sections::ANY,
            negatable: true,
            parse: |statement, draft, _| {
                connection_mode(statement, draft, Options::HTTP_SERVER_CLOSE)
            },
        },
        Keyword {
            name: "option httpclose",
            doc: "both connections are closed after each answer",
            sections: Sections::ANY,
            negatable: true,
            parse: |statement, draft, _| connection_mode(statement, draft, Options::HTTPCLOSE),
        },
        Keyword {
            name: "option accept-invalid-http-request",
            doc: "old name of 'option accept-unsafe-violations-in-http-request'",
            sections: Sections::ACCEPTS,
            negatable: true,
            parse: |statement, draft, context| {
                context.warn(statement, renamed("accept-invalid-http-request", "accept-unsafe-violations-in-http-request"));
                switch(statement, draft, Options::RELAXED_REQUESTS)
            },
        },
        Keyword {
            name: "option accept-invalid-http-response",
            doc: "old name of 'option accept-unsafe-violations-in-http-response'",
            sections: Sections::SERVES,
            negatable: true,
            parse: |statement, draft, context| {
                context.warn(statement, renamed("accept-invalid-http-response", "accept-unsafe-violations-in-http-response"));
                switch(statement, draft, Options::RELAXED_RESPONSES)
            },
        },]
    };
}

/// Switches without a flag are accepted because what they ask for is always so, or only tunes what
/// is not there.
pub(super) const KEYWORDS: &[Keyword<ProxyDraft>] = switches! {
    "accept-unsafe-violations-in-http-request", Options::RELAXED_REQUESTS, ACCEPTS,
        "requests that break the grammar in known ways are let through";
    "accept-unsafe-violations-in-http-response", Options::RELAXED_RESPONSES, SERVES,
        "responses that break the grammar in known ways are let through";
    "clitcpka", Options::CLITCPKA, ACCEPTS, "TCP keep-alive on the client side";
    "contstats", Options::CONTSTATS, ACCEPTS, "counters move as bytes pass; always so";
    "disable-h2-upgrade", Options::DISABLE_H2_UPGRADE, ACCEPTS,
        "no HTTP/2 where HTTP/1 is expected";
    "dontlog-normal", Options::DONTLOG_NORMAL, ACCEPTS, "only what went wrong is logged";
    "dontlognull", Options::DONTLOGNULL, ACCEPTS, "connections without data are not logged";
    "http-buffer-request", Options::HTTP_BUFFER_REQUEST, ANY,
        "requests wait for their body, as much as fits a buffer";
    "http-ignore-probes", Options::HTTP_IGNORE_PROBES, ACCEPTS,
        "connections closed before a request are neither logged nor counted";
    "http-no-delay", Options::HTTP_NO_DELAY, ANY, "segments are never held back";
    "http-pretend-keepalive", Options::HTTP_PRETEND_KEEPALIVE, SERVES,
        "the server is not told that its connection will close";
    "http-use-proxy-header", Options::USE_PROXY_HEADER, ACCEPTS,
        "Proxy-Connection counts instead of Connection for proxy requests";
    "log-health-checks", Options::empty(), SERVES,
        "health check results are logged; without checks there are none";
    "log-separate-errors", Options::LOG_SEPARATE_ERRORS, ACCEPTS,
        "what went wrong is logged one level higher";
    "logasap", Options::LOGASAP, ACCEPTS, "requests are logged once the response starts";
    "nolinger", Options::NOLINGER, ANY, "connections are reset instead of closed";
    "persist", Options::PERSIST, SERVES,
        "a client's server is tried even if it is down";
    "prefer-last-server", Options::PREFER_LAST_SERVER, SERVES,
        "a client's next request goes to the same server if possible";
    "socket-stats", Options::SOCKET_STATS, ACCEPTS, "statistics of each listener";
    "splice-auto", Options::empty(), ANY, "splicing where it helps; ours to decide";
    "splice-request", Options::empty(), ANY, "splicing of requests; ours to decide";
    "splice-response", Options::empty(), ANY, "splicing of responses; ours to decide";
    "srvtcpka", Options::SRVTCPKA, SERVES, "TCP keep-alive on the server side";
    "tcp-smart-accept", Options::empty(), ACCEPTS, "saves an acknowledgement; ours to decide";
    "tcp-smart-connect", Options::empty(), SERVES, "saves an acknowledgement; ours to decide";
    "tcpka", Options::CLITCPKA.union(Options::SRVTCPKA), ANY, "TCP keep-alive on both sides";
};

fn switch(statement: &Statement<'_>, draft: &mut ProxyDraft, flags: Options) -> Parsed {
    statement.at_most(2)?;
    draft.proxy.options.set(flags, !is_off(statement));
    Ok(())
}

/// On, off and unset differ: HTTP backends have it on unless told otherwise.
fn abortonclose(statement: &Statement<'_>, draft: &mut ProxyDraft) -> Parsed {
    statement.at_most(2)?;
    let options = &mut draft.proxy.options;
    options.remove(Options::ABORTONCLOSE | Options::NO_ABORTONCLOSE);
    match statement.polarity {
        Polarity::Plain => options.insert(Options::ABORTONCLOSE),
        Polarity::No => options.insert(Options::NO_ABORTONCLOSE),
        Polarity::Default => {}
    }
    Ok(())
}

/// The last of these three wins; switching off one that is not on changes nothing.
fn connection_mode(statement: &Statement<'_>, draft: &mut ProxyDraft, mode: Options) -> Parsed {
    statement.at_most(2)?;
    let all = Options::HTTP_SERVER_CLOSE | Options::HTTPCLOSE;
    let options = &mut draft.proxy.options;
    if is_off(statement) {
        options.remove(mode);
    } else {
        options.remove(all);
        options.insert(mode);
    }
    Ok(())
}

fn renamed(old: &str, new: &str) -> Problem {
    Problem {
        words: 0..2,
        ..Problem::at(
            1,
            alloc::format!("option '{old}' is deprecated, use '{new}' instead."),
        )
        .because("old name")
    }
}
