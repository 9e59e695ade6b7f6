//! Frames as they are read, whole and cut, and frames that are refused.

use crate::support::{BOUNDS, SETTINGS, frame, from_server, id, read};
use http2::Code;
use http2::frame::{PREFACE, Setting, write};
use message::Role;

/// One frame and what it is read as.
fn check(kind: u8, flags: u8, stream: u32, payload: &[u8], expected: &str) {
    let lines = from_server(&frame(kind, flags, stream, payload));
    assert_eq!(lines, [expected], "{kind} {flags:#x} {stream} {payload:?}");
}

#[test]
fn data_is_handed_out_without_its_padding_which_counts() {
    check(0, 0, 1, b"abc", "data 1 \"abc\" +0 end=false");
    check(0, 1, 1, b"", "data 1 \"\" +0 end=true");
    check(0, 8, 3, b"\x02abc\0\0", "data 3 \"abc\" +3 end=false");
    check(0, 9, 3, b"\x00abc", "data 3 \"abc\" +1 end=true");
    check(0, 9, 3, b"\x02\0\0", "data 3 \"\" +3 end=true");
}

#[test]
fn padding_longer_than_its_frame_is_refused() {
    check(0, 8, 1, b"\x03abc", "data 1 \"\" +4 end=false");
    check(0, 8, 1, b"\x04abc", "Padding on 1");
    check(0, 8, 1, b"", "FrameLength on 1");
    check(1, 4 | 8, 1, b"\x04abc", "Padding on 1");
    check(1, 4 | 8 | 0x20, 1, b"\x01\0\0\0\0\0", "Padding on 1");
    check(1, 4 | 0x20, 1, b"\0\0\0\0", "FrameLength on 1");
}

#[test]
fn a_header_block_comes_without_priority_and_padding() {
    let headers = |stream, block: &[u8], end, on_itself| {
        format!(
            "Headers {{ stream: StreamId({stream}), block: {block:?}, end: {end}, \
             continuations: 0, depends_on_itself: {on_itself} }}"
        )
    };
    check(1, 4, 1, b"ab", &headers(1, b"ab", false, false));
    check(1, 5, 1, b"", &headers(1, b"", true, false));
    let padded = b"\x01\x80\0\0\x05\x10ab\0";
    check(1, 4 | 8 | 0x20, 5, padded, &headers(5, b"ab", false, true));
    check(1, 4 | 8 | 0x20, 7, padded, &headers(7, b"ab", false, false));
}

#[test]
fn a_header_block_in_pieces_is_put_together() {
    let bytes = [
        frame(1, 1, 3, b"a"),
        frame(9, 0, 3, b"b"),
        frame(9, 0, 3, b""),
        frame(9, 4, 3, b"cd"),
        frame(6, 0, 0, b"12345678"),
    ]
    .concat();
    let lines = from_server(&bytes);
    assert_eq!(
        lines,
        [
            "Headers { stream: StreamId(3), block: [97, 98, 99, 100], end: true, \
             continuations: 3, depends_on_itself: false }",
            "Ping { ack: false, payload: [49, 50, 51, 52, 53, 54, 55, 56] }"
        ]
    );
}

#[test]
fn nothing_stands_within_a_header_block() {
    for other in [
        frame(0, 0, 1, b""),
        frame(6, 0, 0, b"12345678"),
        frame(9, 4, 3, b"x"),
        frame(1, 4, 1, b"x"),
        frame(0x7f, 0, 1, b"x"),
    ] {
        let lines = from_server(&[frame(1, 0, 1, b"a"), other].concat());
        assert_eq!(lines.len(), 1);
        assert!(lines[0].starts_with("BlockInterrupted"), "{lines:?}");
    }
    check(9, 4, 1, b"", "ContinuationAlone on 1");
    check(9, 4, 0, b"", "StreamZero on 0");
}

#[test]
fn header_blocks_are_bounded_in_bytes_and_in_pieces() {
    let large = [frame(1, 0, 1, &[0; 15_000]), frame(9, 4, 1, &[0; 5_001])].concat();
    let read = |bytes: &[u8]| read(Role::Opening, BOUNDS, &[SETTINGS, bytes]);
    assert_eq!(read(&large)[1..], ["BlockTooLarge on 1"]);
    let mut pieces = frame(1, 0, 1, b"");
    for _ in 0..5 {
        pieces.extend(frame(9, 0, 1, b""));
    }
    assert_eq!(read(&pieces)[1..], ["BlockInPieces on 1"]);
}

#[test]
fn frames_of_streams_and_of_the_connection_are_kept_apart() {
    for kind in [0, 1, 2, 3] {
        check(kind, 4, 0, &[0; 8], "StreamZero on 0");
    }
    for kind in [4, 6, 7] {
        check(kind, 0, 1, &[0; 6], "StreamNamed on 1");
    }
    check(5, 4, 1, &[0; 8], "Push on 1");
}

#[test]
fn lengths_that_a_type_cannot_have_are_refused() {
    check(2, 0, 1, &[0; 4], "PriorityLength on 1");
    check(2, 0, 1, &[0; 6], "PriorityLength on 1");
    check(3, 0, 1, &[0; 5], "FrameLength on 1");
    check(4, 0, 0, &[0; 5], "FrameLength on 0");
    check(4, 1, 0, &[0; 6], "FrameLength on 0");
    check(6, 0, 0, &[0; 7], "FrameLength on 0");
    check(7, 0, 0, &[0; 7], "FrameLength on 0");
    check(8, 0, 1, &[0; 3], "FrameLength on 1");
    let large = frame(0x7f, 0, 1, &vec![0; 16_385]);
    let read = read(Role::Opening, BOUNDS, &[SETTINGS, &large]);
    assert_eq!(read[1..], ["FrameTooLarge on 1"]);
}

#[test]
fn what_reaches_only_its_stream_leaves_the_reader_at_work() {
    let ping = frame(6, 1, 0, &[0; 8]);
    for (flawed, expected) in [
        (frame(2, 0, 1, &[0; 4]), "PriorityLength on 1"),
        (frame(2, 0, 1, &[0, 0, 0, 1, 9]), "DependsOnItself on 1"),
        (frame(8, 0, 1, &[0; 4]), "UpdateOfNothing on 1"),
    ] {
        let lines = from_server(&[flawed, ping.clone()].concat());
        assert_eq!(lines[0], expected);
        assert!(lines[1].starts_with("Ping"), "{lines:?}");
    }
    let lines = from_server(&[frame(8, 0, 0, &[0x80, 0, 0, 0]), ping].concat());
    assert_eq!(lines, ["ConnectionUpdateOfNothing on 0"]);
}

#[test]
fn settings_are_checked_and_unknown_ones_ignored() {
    let setting = |id: u8, value: u32| {
        let mut payload = vec![0, id];
        payload.extend(value.to_be_bytes());
        payload
    };
    for (id, value, expected) in [
        (1, 0, "settings [TableBytes(0)]"),
        (2, 1, "settings [Push(true)]"),
        (2, 2, "SettingSwitch on 0"),
        (3, 7, "settings [StreamsMax(7)]"),
        (4, 0x7fff_ffff, "settings [WindowBytes(2147483647)]"),
        (4, 0x8000_0000, "SettingWindow on 0"),
        (5, 16_383, "SettingFrame on 0"),
        (5, 16_384, "settings [FrameBytes(16384)]"),
        (5, 0x100_0000, "SettingFrame on 0"),
        (6, 9, "settings [ListBytes(9)]"),
        (8, 1, "settings [ConnectProtocol(true)]"),
        (8, 3, "SettingSwitch on 0"),
        (99, 3, "settings []"),
    ] {
        check(4, 0, 0, &setting(id, value), expected);
    }
}

#[test]
fn a_client_begins_with_the_preface_and_everybody_with_settings() {
    let read = |pieces: &[&[u8]]| read(Role::Accepting, BOUNDS, pieces);
    assert_eq!(read(&[PREFACE, SETTINGS]), ["settings []"]);
    assert_eq!(
        read(&[&PREFACE[..5], &PREFACE[5..], SETTINGS]),
        ["settings []"]
    );
    assert_eq!(read(&[b"GET / HTTP/1.1\r\n"]), ["Preface on 0"]);
    assert_eq!(read(&[b"PRI * HTTP/2.0\r\n\r\nSX"]), ["Preface on 0"]);
    let ping = frame(6, 0, 0, &[0; 8]);
    assert_eq!(read(&[PREFACE, &ping]), ["FirstFrame on 0"]);
    let ack = frame(4, 1, 0, &[]);
    assert_eq!(read(&[PREFACE, &ack]), ["FirstFrame on 0"]);
}

#[test]
fn what_is_written_reads_back() {
    let mut bytes = Vec::new();
    write::settings(
        &mut bytes,
        &[
            Setting::TableBytes(1),
            Setting::Push(false),
            Setting::StreamsMax(100),
            Setting::WindowBytes(65_536),
            Setting::FrameBytes(16_384),
            Setting::ListBytes(7),
            Setting::ConnectProtocol(true),
        ],
    );
    bytes.extend(write::settings_ack());
    write::headers(id(1), b"abcdefg", true, 3, |piece| bytes.extend(piece));
    bytes.extend(write::data(id(1), 2, true));
    bytes.extend(b"xy");
    bytes.extend(write::reset(id(3), Code::RefusedStream));
    bytes.extend(write::ping(*b"pingpong", true));
    bytes.extend(write::go_away(id(0x7fff_ffff), Code::EnhanceYourCalm));
    bytes.extend(write::window_update(id(0), 0x7fff_ffff));
    assert_eq!(
        from_server(&bytes),
        [
            "settings [TableBytes(1), Push(false), StreamsMax(100), WindowBytes(65536), \
             FrameBytes(16384), ListBytes(7), ConnectProtocol(true)]",
            "SettingsAck",
            "Headers { stream: StreamId(1), block: [97, 98, 99, 100, 101, 102, 103], end: true, \
             continuations: 2, depends_on_itself: false }",
            "data 1 \"xy\" +0 end=true",
            "Reset { stream: StreamId(3), code: 7 }",
            "Ping { ack: true, payload: [112, 105, 110, 103, 112, 111, 110, 103] }",
            "GoAway { last: StreamId(2147483647), code: 11 }",
            "WindowUpdate { stream: StreamId(0), bytes: 2147483647 }",
        ]
    );
}
