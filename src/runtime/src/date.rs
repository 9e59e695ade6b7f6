//! Durations as the answers show them.

use alloc::format;
use alloc::string::String;

/// `0d 1h01m28s`, as in `show info`.
pub(crate) fn uptime(seconds: u64) -> String {
    format!(
        "{}d {}h{:02}m{:02}s",
        seconds / 86_400,
        seconds / 3600 % 24,
        seconds / 60 % 60,
        seconds % 60,
    )
}

/// `0:01:01:28`, as in a timed prompt.
pub(crate) fn uptime_short(seconds: u64) -> String {
    format!(
        "{}:{:02}:{:02}:{:02}",
        seconds / 86_400,
        seconds / 3600 % 24,
        seconds / 60 % 60,
        seconds % 60,
    )
}

#[cfg(test)]
mod tests {
    use super::{uptime, uptime_short};

    #[test]
    fn an_uptime_has_days_beyond_a_day() {
        assert_eq!(uptime(88), "0d 0h01m28s");
        assert_eq!(uptime(90_061), "1d 1h01m01s");
        assert_eq!(uptime_short(90_061), "1:01:01:01");
    }
}
