//! HTTP/1: what a connection says and writes, one file a situation, and what every input does in every
//! state.

mod script;
mod table;

use crate::cases;

#[test]
fn connections_in_every_situation() {
    cases::each("http1", "txt", 20, |name, case| {
        insta::assert_snapshot!(name, script::play(case));
    });
}

#[test]
fn every_input_in_every_state() {
    cases::beside("http1", || {
        insta::assert_snapshot!("transitions", table::transitions());
    });
}
