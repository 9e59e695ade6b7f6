//! What HAProxy has and we lack is refused by its name.

use super::messages;
use crate::known::{CONVERTERS, FETCHES};
use alloc::format;
use alloc::string::String;
use sample::convert::Converter;
use sample::fetch::Fetch;

/// What is said of a rule first.
fn said(rule: &str) -> String {
    let text = format!("frontend f\n bind :1\n mode http\n timeout client 1s\n {rule}\n");
    messages(&text).swap_remove(0)
}

#[test]
fn fetches_and_converters_that_are_not_there_yet_are_refused_by_name() {
    let mut count = 0;
    for name in FETCHES.lines().filter(|name| Fetch::find(name).is_none()) {
        let expected = format!("parsing [t.cfg:5] : '{name}' is not supported yet.");
        assert_eq!(
            said(&format!("http-request set-header a %[{name}]")),
            expected
        );
        assert_eq!(
            said(&format!("http-request deny if {{ {name} a }}")),
            expected
        );
        count += 1;
    }
    let lacking = CONVERTERS
        .lines()
        .filter(|name| Converter::find(name).is_none());
    for name in lacking {
        let expected = format!("parsing [t.cfg:5] : '{name}' is not supported yet.");
        let rule = format!("http-request set-var(txn.a) src,{name}(a)");
        assert_eq!(said(&rule), expected);
        count += 1;
    }
    assert!(count > 0, "nothing is lacking: the lists can go");
    let unknown = said("http-request set-header a %[scr]");
    assert!(unknown.contains("unknown fetch method 'scr'"), "{unknown}");
}
