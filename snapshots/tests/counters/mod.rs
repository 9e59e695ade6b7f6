//! What is counted in which situation: one file a situation, and several workers together.

pub mod stat;
mod workers;

use crate::cases;
use crate::proxy::script;

/// What the runtime API counts, and the log lines in the end. The counters are those that HAProxy 3.5
/// shows after the same exchanges, but for the sizes of messages, which it takes of a form of its own.
#[test]
fn counters_in_every_situation() {
    cases::each("counters", "txt", 20, |name, case| {
        let outcome = script::play(case);
        let lines = outcome.text.lines();
        let logs: Vec<&str> = lines.filter(|line| line.starts_with("log: ")).collect();
        insta::assert_snapshot!(name, outcome.stat + &logs.join("\n"));
    });
}
