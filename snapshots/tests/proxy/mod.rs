//! A whole engine between a client and a server that are scripted: one file a situation.

pub mod script;

use crate::cases;

/// What the proxy does for, or in spite of, well-formed requests.
#[test]
fn exchanges_in_every_situation() {
    cases::each("proxy", "txt", 12, |name, case| {
        insta::assert_snapshot!(name, script::play(case).text);
    });
}

/// Every malformed request is answered with an error, logged once, and no server hears of it.
#[test]
fn malformed_requests_never_reach_a_server() {
    cases::each("malformed", "txt", 40, |name, case| {
        let outcome = script::play(case);
        insta::assert_snapshot!(name, outcome.text);
        assert_eq!(outcome.servers, 0, "{name} reached a server");
        assert_eq!(outcome.logs, 1, "{name} is logged {} times", outcome.logs);
        let status = outcome.heard.get(9..10).unwrap_or_default();
        assert!(
            matches!(status, b"4" | b"5"),
            "{name} is answered {}",
            outcome.heard.escape_ascii()
        );
    });
}
