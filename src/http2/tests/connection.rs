//! A whole connection between a peer's frames and an owner's parts.

use crate::bench::{Bench, END, GET, OK, POST, cx, narrow};
use crate::support::id;
use base::{Instant, Pool};
use http2::{Connection, Limits};
use message::{Cx, Framing, Heads, Machine, Role, Shutdown};

#[test]
fn both_sides_begin_with_settings_and_a_wide_connection_window() {
    for role in [Role::Accepting, Role::Opening] {
        let mut cx_pool = Pool::new(16_384);
        let mut heads = Heads::default();
        let mut cx = Cx {
            now: Instant::ZERO,
            pool: &mut cx_pool,
            heads: &mut heads,
            rng: &mut base::Rng::from_u64(1),
        };
        let machine = Connection::new(&mut cx, role, narrow());
        assert!(machine.has_pending());
    }
    let mut bench = Bench::server();
    bench.frame(4, 0, 0, &[0, 3, 0, 0, 0, 9]);
    assert_eq!(bench.sent(), ["settings ack"]);
}

#[test]
fn a_request_is_answered_and_its_stream_is_done() {
    let mut bench = Bench::server();
    bench.headers(END, 1, GET);
    assert_eq!(bench.events(), ["opened 1", "readable 1"]);
    assert_eq!(bench.parts(1), "head None|end|");
    bench.answer(1, Framing::Streamed);
    bench.data(1, b"hello");
    bench.end(1);
    assert_eq!(bench.sent(), ["headers 1 end=false", "data 1 5 end=true"]);
    assert_eq!(bench.events(), ["done 1"]);
}

#[test]
fn an_end_that_comes_after_its_data_was_written_has_a_frame_of_its_own() {
    let mut bench = Bench::server();
    bench.headers(END, 1, GET);
    bench.answer(1, Framing::Streamed);
    bench.data(1, b"hello");
    bench.sent();
    bench.end(1);
    assert_eq!(bench.sent(), ["data 1 0 end=true"]);
}

#[test]
fn an_answer_without_a_body_is_one_frame() {
    let mut bench = Bench::server();
    bench.headers(END, 1, GET);
    bench.answer(1, Framing::None);
    assert_eq!(bench.sent(), ["headers 1 end=true"]);
    assert_eq!(bench.events(), ["opened 1", "readable 1"]);
    // Its owner goes on until it has found the end.
    assert!(bench.machine.room(id(1)) > 0);
    bench.end(1);
    assert_eq!(bench.machine.room(id(1)), 0);
    assert_eq!(bench.events(), ["done 1"]);
}

#[test]
fn a_body_is_as_long_as_it_says_wherever_it_ends() {
    let post = |length| [POST, &[("content-length", length)]].concat();
    // In the head.
    let mut bench = Bench::server();
    bench.headers(END, 1, &post("1"));
    assert_eq!(bench.sent(), ["reset 1 PROTOCOL_ERROR"]);
    assert_eq!(
        bench.events(),
        ["rejected: the body is not as long as Content-Length says"]
    );
    // In data, in an empty frame, in trailers; too much.
    type End = fn(&mut Bench);
    let ends: [End; 4] = [
        |bench| bench.frame(0, END, 1, b"ab"),
        |bench| bench.frame(0, END, 1, b""),
        |bench| bench.headers(END, 1, &[("x", "y")]),
        |bench| bench.frame(0, 0, 1, b"abcd"),
    ];
    for end in ends {
        let mut bench = Bench::server();
        bench.headers(0, 1, &post("3"));
        assert_eq!(bench.events(), ["opened 1", "readable 1"]);
        end(&mut bench);
        assert_eq!(bench.sent(), ["reset 1 PROTOCOL_ERROR"]);
        assert_eq!(
            bench.events(),
            ["broken 1: the body is not as long as Content-Length says"]
        );
    }
    let mut bench = Bench::server();
    bench.headers(0, 1, &post("3"));
    bench.frame(0, 0, 1, b"ab");
    bench.frame(0, END, 1, b"c");
    assert_eq!(bench.parts(1), "head Length(3)|abc|end|");
}

#[test]
fn trailers_follow_the_body_and_must_end_it() {
    let mut bench = Bench::server();
    bench.headers(0, 1, POST);
    bench.frame(0, 0, 1, b"x");
    bench.headers(END, 1, &[("a", "b")]);
    assert_eq!(bench.parts(1), "head Streamed|x|trailers|end|");
    bench.headers(0, 3, POST);
    bench.headers(0, 3, &[("a", "b")]);
    assert_eq!(bench.sent(), ["reset 3 PROTOCOL_ERROR"]);
}

#[test]
fn requests_that_are_none_are_reset_and_large_ones_answered() {
    let mut bench = Bench::server();
    bench.headers(END, 1, &[(":method", "GET")]);
    assert_eq!(bench.sent(), ["reset 1 PROTOCOL_ERROR"]);
    assert_eq!(bench.events(), ["rejected: a pseudo-field is missing"]);
    let many = [GET, &[("a", "b"); 102]].concat();
    bench.headers(END, 3, &many);
    assert_eq!(bench.events(), ["malformed 3 431"]);
    bench.answer(3, Framing::None);
    bench.end(3);
    assert_eq!(bench.sent(), ["headers 3 end=true"]);
    assert_eq!(bench.events(), ["done 3"]);
}

#[test]
fn a_method_or_scheme_that_is_none_is_answered_and_no_glitch() {
    for wrong in [
        [(":method", "GET?"), GET[1], GET[2]],
        [GET[0], (":scheme", "http://localhost/?"), GET[2]],
    ] {
        let mut bench = Bench::server();
        bench.headers(END, 1, &wrong);
        assert_eq!(bench.events(), ["malformed 1 400"]);
        bench.answer(1, Framing::None);
        bench.end(1);
        assert_eq!(bench.sent(), ["headers 1 end=true"]);
        assert_eq!(bench.machine.glitches(), 0);
    }
    let mut bench = Bench::server();
    bench.headers(END, 1, &[GET[0], GET[1], (":path", "hello-world")]);
    assert_eq!(bench.sent(), ["reset 1 PROTOCOL_ERROR"]);
    assert_eq!(bench.machine.glitches(), 1);
}

#[test]
fn an_answer_to_head_ends_with_its_owners_and_holds_nothing_of_its_body() {
    let mut bench = Bench::server();
    bench.headers(END, 1, &[(":method", "HEAD"), GET[1], GET[2]]);
    bench.events();
    bench.answer(1, Framing::Length(4));
    for _ in 0..100_000 {
        assert!(bench.machine.room(id(1)) > 0);
        bench.data(1, b"body");
    }
    assert_eq!(bench.sent(), ["headers 1 end=false"]);
    bench.end(1);
    assert_eq!(bench.sent(), ["data 1 0 end=true"]);
    assert_eq!(bench.events(), ["done 1"]);
    bench.headers(END, 3, &[(":method", "HEAD"), GET[1], GET[2]]);
    bench.answer(3, Framing::None);
    bench.end(3);
    assert_eq!(bench.sent(), ["headers 3 end=true"]);
}

#[test]
fn more_than_a_window_allows_is_refused() {
    let limits = Limits {
        window_bytes: 10,
        connection_window_bytes: 0,
        ..narrow()
    };
    let mut bench = Bench::new(Role::Accepting, limits);
    bench.headers(0, 1, POST);
    bench.frame(0, 0, 1, b"0123456789");
    bench.frame(0, 0, 1, b"x");
    assert_eq!(bench.sent(), ["reset 1 FLOW_CONTROL_ERROR"]);
}

#[test]
fn what_is_read_is_given_back_and_what_is_dropped_too() {
    let limits = Limits {
        window_bytes: 10,
        connection_window_bytes: 0,
        ..narrow()
    };
    let mut bench = Bench::new(Role::Accepting, limits);
    bench.headers(0, 1, &[POST, &[("content-length", "10")]].concat());
    bench.frame(0, 0, 1, b"012345");
    assert_eq!(bench.sent(), [""; 0]);
    bench.parts(1);
    assert_eq!(bench.sent(), ["window 1 6"]);
    // Padding is nobody's to read.
    bench.frame(0, 8, 1, b"\x05x\0\0\0\0\0");
    assert_eq!(bench.sent(), ["window 1 6"]);
}

#[test]
fn a_window_that_became_smaller_is_given_back_without_another_read() {
    let mut bench = Bench::unsettled(Role::Accepting, narrow());
    bench.headers(0, 1, POST);
    for _ in 0..2 {
        bench.frame(0, 0, 1, &[b'x'; 16_000]);
    }
    bench.parts(1);
    assert_eq!(bench.sent(), [""; 0]);
    // The peer sees only now that the window is 16384 bytes, of which it has used 32000.
    bench.frame(4, 1, 0, b"");
    assert_eq!(bench.sent(), ["window 1 32000"]);
}

#[test]
fn an_owner_that_found_the_connection_full_hears_of_room() {
    let mut bench = Bench::server();
    for stream in [1, 3] {
        bench.headers(END, stream, GET);
        bench.answer(stream, Framing::Streamed);
    }
    // One stream fills what may wait to be written; the other has not sent anything.
    bench.frame(8, 0, 1, &[0, 1, 0, 0]);
    while bench.machine.room(id(1)) > 0 {
        bench.data(1, &[b'x'; 16_384]);
    }
    assert_eq!(bench.machine.room(id(3)), 0);
    bench.events();
    bench.sent();
    assert!(bench.events().contains(&String::from("writable 3")));
}

#[test]
fn an_owner_whose_room_another_took_hears_of_room() {
    let mut bench = Bench::server();
    for stream in [1, 3] {
        bench.headers(END, stream, GET);
        bench.answer(stream, Framing::Streamed);
    }
    while bench.machine.room(id(1)) > 0 {
        bench.data(1, &[b'x'; 16_384]);
    }
    // Some of it is written: there is little room, of which both take some.
    bench.machine.transmitted(cx!(bench), 15_000);
    bench.data(3, &[b'x'; 100]);
    assert!(bench.machine.room(id(3)) > 0);
    bench.data(1, &[b'x'; 16_384]);
    assert_eq!(bench.machine.room(id(3)), 0);
    bench.events();
    while bench.machine.has_pending() {
        bench.machine.transmitted(cx!(bench), 1);
    }
    assert!(bench.events().contains(&String::from("writable 3")));
}

#[test]
fn data_waits_for_windows_and_streams_take_turns() {
    let mut bench = Bench::server();
    // SETTINGS_INITIAL_WINDOW_SIZE is 3.
    bench.frame(4, 0, 0, &[0, 4, 0, 0, 0, 3]);
    for stream in [1, 3] {
        bench.headers(END, stream, GET);
        bench.answer(stream, Framing::Streamed);
        bench.data(stream, b"abcdef");
        assert_eq!(bench.machine.room(id(stream)), 0);
    }
    let sent = bench.sent();
    assert!(
        sent.contains(&String::from("data 1 3 end=false")),
        "{sent:?}"
    );
    assert!(
        sent.contains(&String::from("data 3 3 end=false")),
        "{sent:?}"
    );
    bench.events();
    bench.frame(8, 0, 3, &[0, 0, 0, 9]);
    assert_eq!(bench.sent(), ["data 3 3 end=false"]);
    assert_eq!(bench.events(), ["writable 3"]);
    // The peer takes back what it allowed; what was not held back goes on as it opens again.
    bench.frame(4, 0, 0, &[0, 4, 0, 0, 0, 0]);
    bench.data(3, b"ghijkl");
    assert_eq!(bench.sent(), ["settings ack", "data 3 3 end=false"]);
    // A buffer of the stream waits: there is room for no other.
    assert_eq!(bench.machine.room(id(3)), 0);
}

#[test]
fn streams_beyond_the_limit_are_refused() {
    let limits = Limits {
        streams_max: 2,
        ..narrow()
    };
    let mut bench = Bench::new(Role::Accepting, limits);
    for stream in [1, 3, 5] {
        bench.headers(END, stream, GET);
    }
    assert_eq!(bench.sent(), ["reset 5 REFUSED_STREAM"]);
    // A reset frees its place.
    bench.frame(3, 0, 1, &[0, 0, 0, 8]);
    bench.headers(END, 7, GET);
    assert_eq!(bench.sent(), [""; 0]);
    assert!(
        bench
            .events()
            .contains(&String::from("reset 1 Told(Code(8))"))
    );
}

#[test]
fn what_comes_late_on_a_stream_that_is_long_gone_does_no_harm() {
    let mut bench = Bench::server();
    for stream in (1..200).step_by(2) {
        bench.headers(0, stream, POST);
        bench.answer(stream, Framing::None);
        bench.end(stream);
        bench.sent();
    }
    bench.events();
    bench.frame(0, 0, 1, b"late");
    bench.frame(8, 0, 1, &[0, 0, 0, 1]);
    bench.headers(END, 1, &[("x", "y")]);
    bench.frame(3, 0, 1, &[0, 0, 0, 8]);
    assert_eq!(bench.sent(), [""; 0]);
    assert_eq!(bench.events(), [""; 0]);
}

#[test]
fn a_number_that_was_passed_over_is_not_opened_later() {
    let mut bench = Bench::server();
    bench.headers(END, 5, GET);
    bench.headers(END, 3, GET);
    assert_eq!(bench.sent(), ["go away 5 PROTOCOL_ERROR"]);
}

#[test]
fn stream_numbers_are_odd_and_ascend() {
    let mut bench = Bench::server();
    bench.headers(END, 2, GET);
    assert_eq!(bench.sent(), ["go away 0 PROTOCOL_ERROR"]);
    let mut bench = Bench::server();
    bench.frame(0, 0, 9, b"x");
    assert_eq!(bench.sent(), ["go away 0 PROTOCOL_ERROR"]);
    assert_eq!(bench.events(), ["finished"]);
    assert_eq!(bench.machine.shutdown(), Shutdown::Linger);
}

/// Each flood ends the connection after a bounded number of frames.
#[test]
fn floods_end_the_connection() {
    type Flood = fn(&mut Bench, u32);
    let floods: [(&str, Flood); 7] = [
        ("ping", |bench, _| bench.frame(6, 0, 0, &[0; 8])),
        ("settings", |bench, _| bench.frame(4, 0, 0, &[])),
        ("empty data", |bench, at| {
            if at == 0 {
                bench.headers(0, 1, POST);
            }
            bench.frame(0, 0, 1, b"");
        }),
        ("rapid reset", |bench, at| {
            bench.headers(END, 2 * at + 1, GET);
            bench.frame(3, 0, 2 * at + 1, &[0, 0, 0, 8]);
        }),
        ("made you reset", |bench, at| {
            bench.headers(END, 2 * at + 1, GET);
            bench.frame(8, 0, 2 * at + 1, &[0; 4]);
        }),
        ("window update", |bench, _| {
            bench.frame(8, 0, 0, &[0, 0, 0, 1])
        }),
        ("unknown", |bench, _| bench.frame(99, 0, 0, &[])),
    ];
    for (name, flood) in floods {
        let mut bench = Bench::server();
        let mut sent = Vec::new();
        for at in 0..20_000 {
            flood(&mut bench, at);
            bench.events();
            sent = bench.sent();
            if bench.machine.violation().is_some() && bench.machine.shutdown() != Shutdown::Open {
                break;
            }
        }
        let last = sent.last().map(String::as_str).unwrap_or_default();
        assert!(last.ends_with("ENHANCE_YOUR_CALM"), "{name}: {sent:?}");
    }
}

#[test]
fn answers_that_nobody_reads_stop_the_reading() {
    let mut bench = Bench::server();
    let mut count = 0;
    while bench.machine.wants_bytes() {
        bench.frame(6, 0, 0, &[0; 8]);
        count += 1;
    }
    assert!(count < 64 * 1024 / 17 + 2);
}

#[test]
fn a_drain_is_announced_and_streams_under_way_are_served() {
    let mut bench = Bench::server();
    bench.headers(END, 1, GET);
    bench.machine.drain(cx!(bench));
    assert_eq!(
        bench.sent(),
        ["go away 2147483647 NO_ERROR", "ping ack=false"]
    );
    bench.headers(END, 3, GET);
    bench.frame(6, 1, 0, b"draining");
    assert_eq!(bench.sent(), ["go away 3 NO_ERROR"]);
    bench.headers(END, 5, GET);
    bench.events();
    for stream in [1, 3] {
        bench.answer(stream, Framing::None);
        bench.end(stream);
    }
    assert_eq!(bench.sent(), ["headers 1 end=true", "headers 3 end=true"]);
    assert_eq!(bench.events(), ["done 1", "done 3", "finished"]);
}

#[test]
fn what_a_server_never_looked_at_is_refused() {
    let mut bench = Bench::client();
    let first = bench.ask("GET");
    let second = bench.ask("GET");
    assert_eq!((first.0, second.0), (1, 3));
    assert_eq!(bench.sent(), ["headers 1 end=true", "headers 3 end=true"]);
    bench.frame(7, 0, 0, &[0, 0, 0, 1, 0, 0, 0, 0]);
    assert_eq!(bench.events(), ["reset 3 Refused"]);
    assert_eq!(bench.machine.capacity().ever, 0);
    bench.headers(END, 1, OK);
    assert_eq!(bench.parts(1), "head None|end|");
    assert_eq!(bench.events(), ["readable 1", "done 1"]);
    assert_eq!(bench.sent(), ["go away 0 NO_ERROR"]);
    let mut bench = Bench::client();
    bench.ask("GET");
    bench.frame(3, 0, 1, &[0, 0, 0, 7]);
    assert_eq!(bench.events(), ["reset 1 Refused"]);
}

#[test]
fn interim_answers_come_first_and_do_not_end_anything() {
    let mut bench = Bench::client();
    bench.ask("GET");
    bench.headers(0, 1, &[(":status", "103")]);
    bench.headers(0, 1, &[(":status", "200"), ("content-length", "2")]);
    bench.frame(0, END, 1, b"ok");
    assert_eq!(bench.parts(1), "head None|head Length(2)|ok|end|");
    let mut bench = Bench::client();
    bench.ask("GET");
    bench.sent();
    bench.headers(END, 1, &[(":status", "100")]);
    assert_eq!(bench.sent(), ["reset 1 PROTOCOL_ERROR"]);
}

#[test]
fn an_answer_to_head_has_a_length_and_no_body() {
    let mut bench = Bench::client();
    bench.ask("HEAD");
    bench.headers(END, 1, &[(":status", "200"), ("content-length", "7")]);
    assert_eq!(bench.parts(1), "head None|end|");
    bench.ask("HEAD");
    bench.sent();
    bench.headers(0, 3, OK);
    bench.frame(0, END, 3, b"x");
    assert_eq!(bench.sent(), ["reset 3 PROTOCOL_ERROR"]);
}

#[test]
fn an_early_answer_refuses_the_rest_of_the_request() {
    let mut bench = Bench::server();
    bench.headers(0, 1, POST);
    bench.frame(0, 0, 1, b"part");
    assert_eq!(bench.events(), ["opened 1", "readable 1"]);
    bench.answer(1, Framing::None);
    bench.end(1);
    assert_eq!(bench.sent(), ["headers 1 end=true", "reset 1 NO_ERROR"]);
    assert_eq!(bench.events(), ["done 1"]);
    // What was under way is no violation.
    bench.frame(0, END, 1, b"rest");
    assert_eq!(bench.sent(), [""; 0]);
}

#[test]
fn a_peer_that_reset_a_stream_sends_nothing_more_on_it_whoever_reset_it_first() {
    let mut bench = Bench::server();
    bench.headers(0, 1, POST);
    bench.answer(1, Framing::None);
    bench.end(1);
    assert_eq!(bench.sent(), ["headers 1 end=true", "reset 1 NO_ERROR"]);
    bench.frame(0, 0, 1, b"under way");
    assert_eq!(bench.sent(), [""; 0]);
    bench.frame(3, 0, 1, &[0, 0, 0, 8]);
    bench.frame(0, 0, 1, b"behind");
    assert_eq!(bench.sent(), ["reset 1 STREAM_CLOSED"]);
}

#[test]
fn a_tunnel_ends_twice() {
    let mut bench = Bench::server();
    bench.headers(0, 1, &[(":method", "CONNECT"), (":authority", "a:1")]);
    assert_eq!(bench.parts(1), "head None|end|");
    bench.answer(1, Framing::Tunnel);
    bench.frame(0, 0, 1, b"up");
    assert_eq!(bench.parts(1), "up|");
    bench.data(1, b"down");
    bench.frame(0, END, 1, b"");
    assert_eq!(bench.parts(1), "end|");
    bench.end(1);
    assert_eq!(bench.sent(), ["headers 1 end=false", "data 1 4 end=true"]);
    assert!(bench.events().contains(&String::from("done 1")));
}

#[test]
fn a_peer_that_closes_takes_what_was_not_complete_with_it() {
    let mut bench = Bench::server();
    bench.headers(END, 1, GET);
    bench.headers(0, 3, POST);
    bench.events();
    bench.machine.receive_end(cx!(bench), false);
    assert_eq!(bench.events(), ["reset 3 Aborted", "half closed"]);
    bench.answer(1, Framing::None);
    bench.end(1);
    bench.sent();
    assert_eq!(bench.events(), ["done 1", "finished"]);
}

#[test]
fn the_first_bodies_get_most_of_the_connections_window() {
    let mut bench = Bench::new(Role::Accepting, Limits::default());
    bench.headers(END, 1, GET);
    bench.headers(0, 3, POST);
    bench.headers(0, 5, POST);
    // Seven eighths of what nobody was promised; the rest of it is too little to be worth a word.
    assert_eq!(bench.sent(), ["window 3 1404928", "window 5 161280"]);
    bench.frame(0, 1, 3, b"x");
    // With the first body the connection's own window becomes as large as it may be.
    assert_eq!(bench.sent(), ["window 0 1572865"]);
    // What the first was promised is free again with its end.
    bench.frame(3, 0, 3, &[0, 0, 0, 8]);
    bench.headers(0, 7, POST);
    assert_eq!(bench.sent(), ["window 7 1249472"]);
}

#[test]
fn a_body_that_fits_its_window_is_given_no_more() {
    let mut bench = Bench::new(Role::Accepting, Limits::default());
    bench.headers(0, 1, &[POST, &[("content-length", "16384")]].concat());
    bench.frame(0, 0, 1, &[b'x'; 10_000]);
    bench.parts(1);
    assert_eq!(bench.sent(), ["window 0 1572865", "window 1 10000"]);
}

#[test]
fn glitches_send_a_peer_away_first_politely() {
    let limits = Limits {
        glitches_max: core::num::NonZeroU32::new(8),
        ..Limits::default()
    };
    let mut bench = Bench::new(Role::Accepting, limits);
    let mut said = Vec::new();
    bench.headers(END, 1, GET);
    for at in 1..20 {
        bench.headers(END, 2 * at + 1, GET);
        bench.frame(3, 0, 2 * at + 1, &[0, 0, 0, 8]);
        bench.events();
        let sent = bench.sent();
        if !sent.is_empty() {
            said.push((bench.machine.glitches(), sent.join(", ")));
        }
    }
    assert_eq!(
        said,
        [
            (
                6,
                String::from("go away 2147483647 NO_ERROR, ping ack=false")
            ),
            (8, String::from("go away 17 ENHANCE_YOUR_CALM")),
        ]
    );
}

#[test]
fn a_header_block_in_many_small_pieces_is_a_glitch() {
    for (pieces, glitches) in [(4, 0), (5, 1), (16, 1)] {
        let mut bench = Bench::server();
        // :method GET, :scheme http, :path /, then nothing.
        bench.frame(1, END, 1, &[0x82, 0x86, 0x84]);
        for piece in 1..=pieces {
            bench.frame(9, if piece == pieces { 4 } else { 0 }, 1, b"");
        }
        assert_eq!(bench.events(), ["opened 1", "readable 1"]);
        assert_eq!(bench.machine.glitches(), glitches, "{pieces}");
    }
}

/// Peers that cost more than they send: what our work is, counted, for each of their bytes.
#[test]
fn cheap_frames_cost_a_bounded_number_of_bytes_in_return() {
    type Flood = fn(&mut Bench, u32);
    let floods: [(&str, Flood); 5] = [
        ("ping", |bench, _| bench.frame(6, 0, 0, &[0; 8])),
        ("settings", |bench, at| {
            bench.frame(4, 0, 0, &[0, 4, 0, 0, 0, (at % 2) as u8].repeat(2000));
        }),
        ("reset", |bench, at| {
            bench.headers(END, 2 * at + 1, GET);
            bench.frame(3, 0, 2 * at + 1, &[0, 0, 0, 8]);
        }),
        ("refused", |bench, at| {
            bench.headers(END, 2 * at + 1, &GET[..1])
        }),
        ("closed", |bench, at| {
            if at == 0 {
                bench.headers(END, 1, GET);
                bench.answer(1, Framing::None);
                bench.end(1);
                bench.sent();
            }
            bench.frame(8, 0, 1, &[0, 0, 0, 1]);
        }),
    ];
    for (name, flood) in floods {
        let mut bench = Bench::server();
        let (mut frames, mut answers) = (0, 0);
        while bench.machine.shutdown() == Shutdown::Open {
            flood(&mut bench, frames);
            bench.events();
            answers += bench.sent().len();
            frames += 1;
            assert!(frames <= 10_000, "{name}");
        }
        assert!(
            answers <= frames as usize + 2,
            "{name}: {answers} for {frames}"
        );
    }
}

#[test]
fn nobody_hears_of_a_stream_that_was_gone_before_its_turn_came() {
    let mut bench = Bench::server();
    bench.headers(END, 1, GET);
    bench.frame(3, 0, 1, &[0, 0, 0, 8]);
    bench.headers(END, 3, GET);
    assert_eq!(
        bench.events(),
        [
            "readable 1",
            "reset 1 Told(Code(8))",
            "opened 3",
            "readable 3"
        ]
    );
}
