//! The twelve `timeout` keywords.

use crate::context::Context;
use crate::draft::ProxyDraft;
use crate::keyword::{Keyword, Sections};
use crate::problem::{Parsed, Problem};
use crate::statement::Statement;
use alloc::format;
use base::Duration;
use session::settings::Timeouts;

macro_rules! timeouts {
    ($($name:literal, $field:ident, $sections:ident, $doc:literal;)*) => {
        pub(super) const KEYWORDS: &[Keyword<ProxyDraft>] = &[$(Keyword {
            name: concat!("timeout ", $name),
            doc: $doc,
            sections: Sections::$sections,
            negatable: false,
            parse: |statement, draft, context| {
                parse(statement, draft, context, |timeouts| &mut timeouts.$field)
            },
        },)*];
    };
}

timeouts! {
    "check", check, SERVES, "a health check once the connection is there";
    "client", client, ACCEPTS, "inactivity on the client side";
    "client-fin", client_fin, ACCEPTS, "inactivity of a half-closed client";
    "client-hs", client_hs, ACCEPTS, "the handshake with a client";
    "connect", connect, SERVES, "a connection attempt to a server";
    "http-keep-alive", http_keep_alive, ANY, "the wait for the next request";
    "http-request", http_request, ANY, "the whole head of a request";
    "queue", queue, SERVES, "the wait for a free slot on a server";
    "server", server, SERVES, "inactivity on the server side";
    "server-fin", server_fin, SERVES, "inactivity of a half-closed server";
    "tarpit", tarpit, ANY, "how long a tarpitted request is held";
    "tunnel", tunnel, SERVES, "inactivity of a tunnel in both directions";
}

fn parse(
    statement: &Statement<'_>,
    draft: &mut ProxyDraft,
    context: &mut Context<'_>,
    field: fn(&mut Timeouts) -> &mut Option<Duration>,
) -> Parsed {
    if statement.len() < 3 {
        return Err(statement.bad_time(2, crate::units::BadNumber::Empty));
    }
    let time = statement.time(2)?;
    if let Some(extra) = statement.words.get(3) {
        return Err(Problem::at(
            3,
            format!(
                "'{}' : unexpected extra argument '{}' after value '{}'.",
                statement.name(2),
                extra.text,
                statement.word(2)
            ),
        )
        .because("nothing more is expected"));
    }
    let bare = crate::units::number(statement.word(2));
    if let Ok(millis @ 1..SMALL_MS) = bare {
        let problem = Problem::at(
            2,
            format!(
                "'{} {millis}' in {} is suspiciously small for a value in milliseconds. Please use an explicit unit ('{millis}ms') if that was the intent.",
                statement.name(2),
                draft.title()
            ),
        )
        .because("seconds are written with an 's'");
        context.warn(statement, problem);
    }
    // Zero means no limit, like a timeout that is not given.
    *field(&mut draft.proxy.timeouts) = Some(time).filter(|time| !time.is_zero());
    Ok(())
}

/// A time without a unit that is shorter, in milliseconds, was probably meant to be one of seconds.
const SMALL_MS: u64 = 100;
