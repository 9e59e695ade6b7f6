//! Where a panic happened, for those who catch it.

use std::cell::RefCell;
use std::sync::Once;

thread_local! {
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

static INSTALLED: Once = Once::new();

/// From now on panics of this process say nothing themselves; their places are kept for
/// [`take_place`].
pub fn keep_quiet() {
    INSTALLED.call_once(|| {
        std::panic::set_hook(Box::new(|panic| {
            let place = panic.location().map(ToString::to_string);
            PLACE.with_borrow_mut(|kept| *kept = place);
        }));
    });
}

/// Where the last panic of this thread was.
pub fn take_place() -> Option<String> {
    PLACE.with_borrow_mut(Option::take)
}
