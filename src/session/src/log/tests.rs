//! Lines as HAProxy wrote them (3.5-dev5; 2.6 writes the same).

use super::{
    Captured, Clock, Counts, Peer, Record, RequestLine, Sender, Timers, level, write_line,
    write_message,
};
use crate::settings::{
    Facility, Level, LogFormat, LogSocket, LogTarget, LogWhere, Mode, Options, SyslogFormat,
};
use crate::{Ahead, Cause, During, Termination, Times};
use alloc::string::String;
use alloc::vec::Vec;
use base::{Duration, Instant};
use message::Version;
use sample::format::Origin;

/// 2026-11-21 04:09:37.798953 UTC
const ACCEPTED: Clock = Clock {
    wall_nanos: 1_795_234_177_798_953_000,
    utc_offset_minutes: 0,
};

const GET: RequestLine<'static> = RequestLine {
    method: b"GET",
    target: b"/a?b=1",
    version: Version::Http11,
};

/// An exchange of no particular interest, over port 57088.
fn record() -> Record<'static> {
    Record {
        client: Peer::Ip("127.0.0.1:57088".parse().unwrap()),
        destination: Some("127.0.0.1:17903".parse().unwrap()),
        mode: Mode::Http,
        frontend: "http",
        backend: "http",
        server: Some("s1"),
        accepted: ACCEPTED,
        begun: ACCEPTED,
        timers: Timers {
            handshake: 0,
            request: Some(0),
            queue: Some(0),
            connect: Some(0),
            response: Some(4),
            active: 4,
            total: 4,
        },
        status: 200,
        bytes_in: 50,
        bytes_out: 55,
        termination: Termination::NORMAL,
        cookies: *b"--",
        captured: Captured::default(),
        counts: Counts {
            process: 1,
            frontend: 1,
            backend: 0,
            server: 0,
        },
        retries: 0,
        redispatched: false,
        ahead: Ahead::default(),
        request: Some(GET),
        asap: false,
    }
}

/// A request that could not be understood.
fn bad_request() -> Record<'static> {
    Record {
        server: None,
        timers: Timers::default(),
        status: 400,
        bytes_out: 0,
        termination: Termination {
            cause: Cause::Proxy,
            during: During::Request,
        },
        request: None,
        ..record()
    }
}

fn line(format: LogFormat, record: &Record<'_>) -> String {
    let mut out = Vec::new();
    write_line(&mut out, format, record, 1024);
    String::from_utf8(out).expect("only ASCII")
}

#[test]
fn httplog() {
    assert_eq!(
        line(LogFormat::Http, &record()),
        "127.0.0.1:57088 [21/Nov/2026:04:09:37.798] http http/s1 0/0/0/4/4 200 55 - - ---- \
         1/1/0/0/0 0/0 \"GET /a?b=1 HTTP/1.1\""
    );
    assert_eq!(
        line(LogFormat::Http, &bad_request()),
        "127.0.0.1:57088 [21/Nov/2026:04:09:37.798] http http/<NOSRV> -1/-1/-1/-1/0 400 0 - - PR-- \
         1/1/0/0/0 0/0 \"<BADREQ>\""
    );
}

#[test]
fn httplog_of_one_who_waited_in_vain() {
    let waited = Record {
        server: None,
        timers: Timers {
            request: Some(0),
            queue: Some(299),
            active: 299,
            ..Timers::default()
        },
        status: 503,
        bytes_out: 217,
        termination: Termination {
            cause: Cause::ServerTimeout,
            during: During::Queue,
        },
        counts: Counts {
            process: 3,
            frontend: 3,
            backend: 2,
            server: 0,
        },
        ahead: Ahead {
            server: 0,
            backend: 1,
        },
        ..record()
    };
    assert_eq!(
        line(LogFormat::Http, &waited),
        "127.0.0.1:57088 [21/Nov/2026:04:09:37.798] http http/<NOSRV> 0/299/-1/-1/299 503 217 - - \
         sQ-- 3/3/2/0/0 0/1 \"GET /a?b=1 HTTP/1.1\""
    );
}

#[test]
fn clf() {
    let local = Clock {
        utc_offset_minutes: 120,
        ..ACCEPTED
    };
    let record = Record {
        accepted: local,
        begun: local,
        ..record()
    };
    assert_eq!(
        line(LogFormat::Clf, &record),
        "127.0.0.1 - - [21/Nov/2026:04:09:37 +0000] \"GET /a?b=1 HTTP/1.1\" 200 55 \"\" \"\" 57088 \
         798 \"http\" \"http\" \"s1\" 0 0 0 4 4 ---- 1 1 0 0 0 0 0 \"\" \"\" "
    );
    assert_eq!(
        line(LogFormat::Clf, &bad_request()),
        "127.0.0.1 - - [21/Nov/2026:04:09:37 +0000] \"<BADREQ>\" 400 0 \"\" \"\" 57088 798 \"http\" \
         \"http\" \"<NOSRV>\" -1 -1 -1 -1 0 PR-- 1 1 0 0 0 0 0 \"\" \"\" "
    );
}

#[test]
fn what_was_captured_stands_before_the_request() {
    let request = [Some(b"q\"{|}z".to_vec()), None];
    let response = [None];
    let captured = Record {
        captured: Captured {
            request: &request,
            response: &response,
            request_cookie: Some(b"SID=abc"),
            response_cookie: None,
        },
        cookies: *b"NI",
        ..record()
    };
    assert_eq!(
        line(LogFormat::Http, &captured),
        "127.0.0.1:57088 [21/Nov/2026:04:09:37.798] http http/s1 0/0/0/4/4 200 55 SID=abc - --NI \
         1/1/0/0/0 0/0 {q#22#7B#7C#7Dz|} {} \"GET /a?b=1 HTTP/1.1\""
    );
    assert_eq!(
        line(LogFormat::Clf, &captured),
        "127.0.0.1 - - [21/Nov/2026:04:09:37 +0000] \"GET /a?b=1 HTTP/1.1\" 200 55 \"\" \"\" 57088 798 \
         \"http\" \"http\" \"s1\" 0 0 0 4 4 --NI 1 1 0 0 0 0 0 \"SID=abc\" \"\" \"q#22#7B#7C#7Dz\" \"\" \"\""
    );
    let captured = Record {
        captured: Captured {
            response: &[],
            ..captured.captured
        },
        ..captured
    };
    let clf = line(LogFormat::Clf, &captured);
    assert!(clf.ends_with(" \"q#22#7B#7C#7Dz\" \"\" "), "{clf}");
}

#[test]
fn httpslog_of_a_clear_connection_has_nothing_of_tls() {
    assert_eq!(
        line(LogFormat::Https, &record()),
        line(LogFormat::Http, &record()) + " 0/-/-/-/0 -/-/-"
    );
}

#[test]
fn tcplog_clf() {
    let record = Record {
        bytes_in: 58,
        bytes_out: 40,
        ..record()
    };
    assert_eq!(
        line(LogFormat::TcpClf, &record),
        "127.0.0.1 - - [21/Nov/2026:04:09:37 +0000] \"TCP \" 000 40 \"\" \"\" 57088 798 \"http\" \
         \"http\" \"s1\" 0 0 0 4 58 ---- 1 1 0 0 0 0 0 \"\" \"\" "
    );
}

#[test]
fn tcplog() {
    let refused = Record {
        timers: Timers {
            queue: Some(1),
            total: 1001,
            ..Timers::default()
        },
        bytes_out: 0,
        termination: Termination {
            cause: Cause::Server,
            during: During::Connect,
        },
        retries: 1,
        redispatched: true,
        ..record()
    };
    assert_eq!(
        line(LogFormat::Tcp, &refused),
        "127.0.0.1:57088 [21/Nov/2026:04:09:37.798] http http/s1 1/-1/1001 0 SC 1/1/0/0/+1 0/0"
    );
}

#[test]
fn what_is_logged_early_has_a_plus_before_what_still_grows() {
    let early = Record {
        asap: true,
        ..record()
    };
    let http = line(LogFormat::Http, &early);
    assert!(http.contains(" 0/0/0/4/+4 200 +55 "), "{http}");
    let clf = line(LogFormat::Clf, &early);
    assert!(clf.contains(" 200 +55 "), "{clf}");
    assert!(clf.contains(" 0 0 0 4 +4 "), "{clf}");
    let tcp = line(LogFormat::Tcp, &early);
    assert!(tcp.contains(" 0/0/+4 +55 -- "), "{tcp}");
}

#[test]
fn without_a_format_the_addresses_are_logged() {
    assert_eq!(
        line(LogFormat::Short, &record()),
        "Connect from 127.0.0.1:57088 to 127.0.0.1:17903 (http/HTTP)"
    );
    let six = Record {
        client: Peer::Ip("[::1]:44074".parse().unwrap()),
        destination: Some("[::1]:17912".parse().unwrap()),
        mode: Mode::Tcp,
        ..record()
    };
    assert_eq!(
        line(LogFormat::Short, &six),
        "Connect from ::1:44074 to ::1:17912 (http/TCP)"
    );
    let unix = Record {
        client: Peer::Unix(7),
        destination: None,
        ..record()
    };
    assert_eq!(
        line(LogFormat::Short, &unix),
        "Connect to unix:7 (http/HTTP)"
    );
    assert!(line(LogFormat::Http, &unix).starts_with("unix:7 ["));
}

#[test]
fn what_a_client_sent_cannot_break_the_line() {
    let odd = Record {
        request: Some(RequestLine {
            target: b"/\"#\x7f\xe9\n{|}\\",
            version: Version::Http10,
            ..GET
        }),
        ..record()
    };
    assert!(
        line(LogFormat::Http, &odd).ends_with("\"GET /#22#23#7F#E9#0A{|}\\ HTTP/1.0\""),
        "{}",
        line(LogFormat::Http, &odd)
    );
}

#[test]
fn a_request_of_http2_is_shown_whole() {
    let whole = Record {
        request: Some(RequestLine {
            target: b"http://a/b",
            version: Version::Http2,
            ..GET
        }),
        ..record()
    };
    let line = line(LogFormat::Http, &whole);
    assert!(line.ends_with("\"GET http://a/b HTTP/2.0\""), "{line}");
}

#[test]
fn a_long_request_line_is_cut_one_byte_below_the_limit() {
    let target = [b'x'; 3000];
    let long = Record {
        request: Some(RequestLine {
            target: &target,
            ..GET
        }),
        ..record()
    };
    let line = line(LogFormat::Http, &long);
    let (_, quoted) = line.split_once('"').expect("a request line");
    assert_eq!(quoted.len(), 1023 + 1);
    assert!(quoted.ends_with("xx\""));
}

#[test]
fn timers_that_did_not_end_are_minus_one() {
    let at = |millis| Instant::ZERO + Duration::from_millis(millis);
    let times = Times {
        accepted: at(10),
        begun: at(20),
        head: Some(at(25)),
        assigned: Some(at(125)),
        connected: Some(at(128)),
        response: None,
        ..Times::default()
    };
    assert_eq!(
        Timers::new(&times, at(200)),
        Timers {
            handshake: 0,
            request: Some(5),
            queue: Some(100),
            connect: Some(3),
            response: None,
            active: 180,
            total: 190,
        }
    );
}

fn target(format: SyslogFormat) -> LogTarget {
    LogTarget {
        to: LogWhere::Socket(LogSocket::Fd(1)),
        len: 1024,
        format,
        sample: None,
        facility: Facility(16),
        level: Level::Debug,
        min_level: Level::Emerg,
        profile: None,
    }
}

const SENDER: Sender<'static> = Sender {
    tag: "haproxy",
    pid: 9370,
    hostname: None,
};

fn message(target: &LogTarget, sender: &Sender<'_>, now: Clock, line: &str) -> String {
    let mut out = Vec::new();
    write_message(
        &mut out,
        target,
        sender,
        now,
        Level::Info,
        b"",
        line.as_bytes(),
    );
    String::from_utf8(out).expect("only ASCII")
}

#[test]
fn structured_data_has_a_place_in_one_format_alone() {
    let with_data = |format| {
        let mut out = Vec::new();
        let data = b"[x@1 a=\"1\"]";
        write_message(
            &mut out,
            &target(format),
            &SENDER,
            ACCEPTED,
            Level::Info,
            data,
            b"line",
        );
        String::from_utf8(out).expect("only ASCII")
    };
    assert_eq!(
        with_data(SyslogFormat::Rfc5424),
        "<134>1 2026-11-21T04:09:37.798953+00:00 - haproxy 9370 - [x@1 a=\"1\"] line\n"
    );
    assert_eq!(
        with_data(SyslogFormat::Local),
        "<134>Nov 21 04:09:37 haproxy[9370]: line\n"
    );
}

#[test]
fn each_format_has_its_header() {
    let named = Sender {
        hostname: Some("foo"),
        tag: "tg",
        ..SENDER
    };
    for (format, plain, with_host) in [
        (
            SyslogFormat::Local,
            "<134>Nov 21 04:09:37 haproxy[9370]: x\n",
            "<134>Nov 21 04:09:37 tg[9370]: x\n",
        ),
        (
            SyslogFormat::Rfc3164,
            "<134>Nov 21 04:09:37 localhost haproxy[9370]: x\n",
            "<134>Nov 21 04:09:37 foo tg[9370]: x\n",
        ),
        (
            SyslogFormat::Rfc5424,
            "<134>1 2026-11-21T04:09:37.798953+00:00 - haproxy 9370 - - x\n",
            "<134>1 2026-11-21T04:09:37.798953+00:00 foo tg 9370 - - x\n",
        ),
        (SyslogFormat::Priority, "<134>x\n", "<134>x\n"),
        (SyslogFormat::Short, "<6>x\n", "<6>x\n"),
        (
            SyslogFormat::Timed,
            "<6>2026-11-21T04:09:37.798953+00:00 x\n",
            "<6>2026-11-21T04:09:37.798953+00:00 x\n",
        ),
        (
            SyslogFormat::Iso,
            "2026-11-21T04:09:37.798953+00:00 x\n",
            "2026-11-21T04:09:37.798953+00:00 x\n",
        ),
        (SyslogFormat::Raw, "x\n", "x\n"),
    ] {
        assert_eq!(message(&target(format), &SENDER, ACCEPTED, "x"), plain);
        assert_eq!(message(&target(format), &named, ACCEPTED, "x"), with_host);
    }
}

#[test]
fn a_day_of_one_digit_is_preceded_by_a_space() {
    // 2009-02-06 11:14:14 UTC, an hour earlier than there.
    let clock = Clock {
        wall_nanos: 1_233_918_854_000_000_000,
        utc_offset_minutes: 60,
    };
    assert_eq!(
        message(&target(SyslogFormat::Local), &SENDER, clock, "x"),
        "<134>Feb  6 12:14:14 haproxy[9370]: x\n"
    );
}

#[test]
fn a_message_is_cut_so_that_its_end_is_within_the_length() {
    for (format, len, expected) in [
        (SyslogFormat::Raw, 5, "abcd\n"),
        (SyslogFormat::Raw, 9, "abcdefgh\n"),
        (SyslogFormat::Raw, 8, "abcdefg\n"),
        (SyslogFormat::Priority, 8, "<134>ab\n"),
        (SyslogFormat::Priority, 4, "<13\n"),
    ] {
        let target = LogTarget {
            len,
            ..target(format)
        };
        assert_eq!(message(&target, &SENDER, ACCEPTED, "abcdefgh"), expected);
    }
}

#[test]
fn messages_share_a_buffer() {
    let mut out = b"before ".to_vec();
    let target = LogTarget {
        len: 4,
        ..target(SyslogFormat::Raw)
    };
    write_message(
        &mut out,
        &target,
        &SENDER,
        ACCEPTED,
        Level::Info,
        b"",
        b"abcdef",
    );
    assert_eq!(out, b"before abc\n");
}

#[test]
fn a_target_hears_what_is_severe_enough_and_not_too_loudly() {
    let target = LogTarget {
        level: Level::Info,
        min_level: Level::Warning,
        ..target(SyslogFormat::Raw)
    };
    assert_eq!(target.severity(Level::Debug), None);
    assert_eq!(target.severity(Level::Info), Some(Level::Info));
    assert_eq!(target.severity(Level::Err), Some(Level::Warning));
}

#[test]
fn errors_can_be_told_from_normal_exchanges() {
    let ended = |cause, status| Record {
        termination: Termination {
            cause,
            during: During::Request,
        },
        status,
        ..record()
    };
    let retried = Record {
        retries: 1,
        ..record()
    };
    for (record, normal) in [
        (record(), true),
        (ended(Cause::Local, 404), true),
        (ended(Cause::Local, 503), false),
        (ended(Cause::Proxy, 403), false),
        (ended(Cause::Client, 400), false),
        (ended(Cause::ClientTimeout, 408), false),
        (ended(Cause::Normal, 502), false),
        (retried, false),
    ] {
        let level_with = |options| level(Origin::Close, &record, options);
        let (quiet, separate) = (Options::DONTLOG_NORMAL, Options::LOG_SEPARATE_ERRORS);
        assert_eq!(level_with(Options::empty()), Some(Level::Info));
        assert_eq!(level_with(quiet), (!normal).then_some(Level::Info));
        assert_eq!(
            level_with(separate),
            Some(if normal { Level::Info } else { Level::Err })
        );
    }
}

#[test]
fn a_connection_that_sent_nothing_need_not_be_logged() {
    let null = Record {
        bytes_in: 0,
        ..bad_request()
    };
    let options = Options::DONTLOGNULL;
    assert_eq!(level(Origin::Close, &null, options), None);
    assert_eq!(level(Origin::Connect, &null, options), None);
    assert_eq!(level(Origin::Accept, &null, options), Some(Level::Info));
    assert_eq!(
        level(Origin::Error, &bad_request(), options),
        Some(Level::Info)
    );
}
