//! What a proxy expects of sockets, asserted alike of Linux' loopback and of the simulated network.

mod expectations;
mod stacks;

use expectations::*;
use stacks::{on_linux, on_simulated};

/// Makes one test for each network of each expectation.
macro_rules! both {
    ($($expectation:ident)*) => {
        mod linux {
            $(#[test] fn $expectation() { super::on_linux(async |stack| super::$expectation(stack).await); })*
        }
        mod simulated {
            $(#[test] fn $expectation() { super::on_simulated(async |stack| super::$expectation(stack).await); })*
        }
    };
}

both! {
    a_fin_is_read_after_the_bytes_before_it
    half_close_leaves_the_other_direction_open
    a_refused_connection_says_so
    closing_with_unread_bytes_resets
    an_aborted_connection_resets
    bytes_before_a_reset_stay_readable
    writing_to_a_closed_peer_fails_in_the_end
    a_slow_reader_stops_the_writer
    a_full_backlog_lets_connections_wait
    closing_a_listener_resets_what_waits
    a_megabyte_arrives_whole_both_ways
    addresses_agree_at_both_ends
    writing_after_shutdown_is_a_broken_pipe
    a_reset_wakes_a_blocked_writer
}
