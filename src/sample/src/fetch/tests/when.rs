//! The converter `when`: what it goes by are facts, as with fetches.

use super::world::{World, work};
use crate::expr::{Expr, Ground};
use crate::facts::{Context, Facts, Server, Transaction, Unstarted};
use crate::value::{Fetched, Value};
use alloc::format;
use alloc::string::String;

/// A stream as its log line would show it.
fn ended<'a>(letters: &[u8; 2], status: u16) -> Transaction<'a> {
    Transaction {
        termination: [letters[0], letters[1], b'-', b'-'],
        status,
        ..Transaction::default()
    }
}

const SERVER: Option<Server> = Some(Server {
    backend: 0,
    place: 0,
});

/// Which of the conditions hold at the end of a stream.
fn holding(transaction: &Transaction<'_>, server: Option<Server>) -> String {
    let process = Unstarted::default();
    let facts = Facts {
        transaction: Some(transaction),
        server,
        ..Context::cli(&process).facts()
    };
    let mut work = work();
    let mut holding = String::new();
    for name in CONDITIONS {
        for mark in ["", "!"] {
            let text = format!("str(a),when({mark}{name})");
            let expr = Expr::parse(&text, &Ground::anywhere(), &mut World::default());
            let (expr, _) = expr.expect("an expression");
            if expr.value(&facts, &mut work) == Fetched::Is(Value::text(b"a")) {
                holding.extend([" ", mark, name]);
            }
        }
    }
    holding
}

const CONDITIONS: [&str; 6] = [
    "normal",
    "error",
    "forwarded",
    "toapplet",
    "processed",
    "stopping",
];

/// What haproxy 3.5-dev wrote into log lines.
#[test]
fn conditions_hold_at_the_end_of_streams_as_with_the_reference() {
    let check = |transaction: Transaction<'_>, server, expected: &str| {
        assert_eq!(holding(&transaction, server), expected, "{transaction:?}");
    };
    let answered_by_a_rule = " normal !error !forwarded !toapplet !processed !stopping";
    check(ended(b"LR", 200), None, answered_by_a_rule);
    let denied = " !normal error !forwarded !toapplet !processed !stopping";
    check(ended(b"PR", 403), None, denied);
    check(ended(b"SC", 503), None, denied);
    let served = " normal !error forwarded !toapplet processed !stopping";
    check(ended(b"--", 200), SERVER, served);
    let broken = " !normal error forwarded !toapplet processed !stopping";
    check(ended(b"--", 503), SERVER, broken);
    check(ended(b"sH", 504), SERVER, broken);
    let tried = Transaction {
        redispatched: true,
        retries: 1,
        ..ended(b"--", 200)
    };
    check(tried, SERVER, broken);
    let page = Transaction {
        served_here: true,
        ..ended(b"LR", 200)
    };
    let by_a_page = " normal !error !forwarded toapplet processed !stopping";
    check(page, None, by_a_page);
}

#[test]
fn what_is_no_condition_is_refused() {
    let said = |text: &str| {
        let read = Expr::parse(text, &Ground::anywhere(), &mut World::default());
        read.map(|_| ()).map_err(|bad| bad.message)
    };
    assert_eq!(said("str(a),when(normal,a,b)"), Ok(()));
    assert_eq!(said("str(a),when(!acl,foo)"), Ok(()));
    let list = "{stopping,normal,error,forwarded,toapplet,processed,acl}";
    for (text, name) in [("when", ""), ("when(!)", ""), ("when(foo)", "foo")] {
        let expected = format!(
            "invalid args in converter 'when' : expects a supported keyword among {list} but got '{name}'"
        );
        assert_eq!(said(&format!("str(a),{text}")), Err(expected));
    }
    assert_eq!(
        said("str(a),when(acl)"),
        Err("invalid args in converter 'when' : 'acl' selector requires an extra argument with the ACL name".into())
    );
}
