//! Where a panic happened, for those who catch it.

use std::backtrace::Backtrace;
use std::cell::RefCell;
use std::sync::Once;

thread_local! {
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// The environment variable that makes panics of a simulated process say where they come from.
pub const BACKTRACE: &str = "SIM_BACKTRACE";

static INSTALLED: Once = Once::new();

/// From now on panics of this process say nothing themselves, unless [`BACKTRACE`] is set;
/// their places are kept for [`take_place`].
pub fn keep_quiet() {
    INSTALLED.call_once(|| {
        std::panic::set_hook(Box::new(|panic| {
            let place = panic.location().map(ToString::to_string);
            PLACE.with_borrow_mut(|kept| *kept = place);
            if std::env::var_os(BACKTRACE).is_some() {
                eprintln!("{panic}\n{}", Backtrace::force_capture());
            }
        }));
    });
}

/// Where the last panic of this thread was.
pub fn take_place() -> Option<String> {
    PLACE.with_borrow_mut(Option::take)
}
