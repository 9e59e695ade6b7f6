//! Who hears of entries, and who is left in peace.

use super::{at, definition, key};
use crate::{Bell, Table};
use base::Rng;

fn tables() -> (Bell, [Table; 3]) {
    let bell = Bell::default();
    let make = |expire_ms| {
        let definition = definition(100, expire_ms, &[]);
        Table::with_bell(definition, &Rng::from_u64(1), bell.clone())
    };
    let tables = [make(Some(100)), make(Some(200)), make(None)];
    (bell, tables)
}

#[test]
fn the_first_entry_rings_and_one_more_does_not_once_somebody_has_come() {
    let (bell, [table, other, _]) = tables();
    assert!(!bell.answer());
    assert_eq!(table.attend(), None);
    drop(table.hold_or_make(key(1), at(5)));
    assert!(bell.answer());
    assert!(!bell.answer());
    assert_eq!((table.attend(), other.attend()), (Some(at(105)), None));
    assert_eq!(table.attend(), None, "it is looked after");
    drop(table.hold_or_make(key(2), at(6)));
    assert!(!bell.answer());
    drop(other.hold_or_make(key(1), at(7)));
    assert!(bell.answer());
}

#[test]
fn who_looks_after_a_table_comes_back_until_it_is_empty_and_is_called_again() {
    let (bell, [table, ..]) = tables();
    drop(table.hold_or_make(key(1), at(0)));
    drop(table.hold_or_make(key(2), at(50)));
    assert!(bell.answer());
    assert_eq!(table.attend(), Some(at(100)));
    assert_eq!(table.tend(at(100), 10), Some(at(150)));
    assert_eq!(table.tend(at(150), 10), None);
    assert_eq!(table.used(), 0);
    assert!(!bell.answer());
    drop(table.hold_or_make(key(1), at(160)));
    assert!(bell.answer());
    assert_eq!(table.attend(), Some(at(260)));
}

#[test]
fn what_is_held_when_it_is_due_rings_when_it_is_let_go() {
    let (bell, [table, ..]) = tables();
    let tracked = table.track(key(1), at(0)).expect("room");
    assert!(bell.answer());
    assert_eq!(table.attend(), Some(at(100)));
    assert_eq!(table.tend(at(100), 10), None, "it waits for who holds it");
    tracked.end(at(500));
    assert!(bell.answer());
    let due = table.attend();
    // It is filed under when it was due before it was touched, or later; never later than it is due.
    assert!(due.is_some_and(|due| due <= at(600)), "{due:?}");
    assert_eq!(table.tend(at(600), 10), None);
    assert_eq!(table.used(), 0);
}

#[test]
fn where_nothing_expires_nobody_is_called() {
    let (bell, [_, _, forever]) = tables();
    drop(forever.hold_or_make(key(1), at(0)));
    assert!(!bell.answer());
    assert_eq!(forever.attend(), None);
}
