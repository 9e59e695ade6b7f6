//! Peers that would have us hold or do much for little, by what they make us hold or do, counted.

use crate::bench::{Bench, END, GET, cx};
use crate::support::id;
use base::Buf;
use http2::Limits;
use message::{Framing, Machine, Role, Shutdown};

const STREAMS: u32 = 100;

/// A peer whose window is closed, and as many answers for it as there can be.
fn stalled(window: u8) -> Bench {
    let mut bench = Bench::new(Role::Accepting, Limits::default());
    bench.frame(4, 0, 0, &[0, 4, 0, 0, 0, window]);
    for at in 0..STREAMS {
        bench.headers(END, 2 * at + 1, GET);
    }
    bench.events();
    for at in 0..STREAMS {
        bench.answer(2 * at + 1, Framing::Streamed);
    }
    bench.sent();
    bench
}

#[test]
fn a_peer_that_opens_no_window_makes_us_hold_one_buffer_a_stream() {
    let mut bench = stalled(0);
    let mut held = 0;
    for at in 0..STREAMS {
        let stream = id(2 * at + 1);
        while bench.machine.room(stream) > 0 {
            held += 1;
            let piece = Buf::copy_of(&[b'x'; 16_384]);
            bench.machine.send_data(cx!(bench), stream, piece);
        }
    }
    assert_eq!(held, STREAMS);
    assert_eq!(bench.sent(), [""; 0]);
}

#[test]
fn a_window_that_is_opened_byte_by_byte_ends_the_connection() {
    let mut bench = stalled(0);
    bench.data(1, &[b'x'; 16_384]);
    let mut updates = 0;
    while bench.machine.shutdown() == Shutdown::Open {
        bench.frame(8, 0, 1, &[0, 0, 0, 1]);
        bench.sent();
        updates += 1;
        assert!(updates <= 10_000, "a byte a frame for ever");
    }
}

#[test]
fn a_header_block_without_an_end_ends_the_connection() {
    let mut bench = Bench::server();
    bench.frame(1, END, 1, b"");
    let mut pieces = 0;
    while bench.machine.shutdown() == Shutdown::Open {
        bench.frame(9, 0, 1, b"");
        pieces += 1;
        assert!(pieces <= 17);
    }
    assert_eq!(bench.sent(), ["go away 0 ENHANCE_YOUR_CALM"]);
}

#[test]
fn the_last_number_there_is_can_be_used_and_nothing_comes_behind_it() {
    let mut bench = Bench::server();
    bench.headers(END, (1 << 31) - 1, GET);
    assert_eq!(bench.events().len(), 2);
    bench.headers(END, 1, GET);
    assert_eq!(bench.sent(), ["go away 2147483647 PROTOCOL_ERROR"]);
}

#[test]
fn many_fields_out_of_a_small_block_are_not_copied() {
    let mut bench = Bench::server();
    // One field of 4000 bytes into the table, and then an index for it, each a byte.
    let mut block = vec![0x82, 0x86, 0x84, 0x40, 1, b'n', 0x7f, 0xa1, 0x1e];
    block.extend([b'v'; 4000]);
    block.extend([0xbe; 8000]);
    bench.frame(1, END | 4, 1, &block);
    assert_eq!(bench.events(), ["malformed 1 431"]);
}
