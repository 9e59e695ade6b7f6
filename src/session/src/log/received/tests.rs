//! What HAProxy 3.5-dev makes of messages, line by line, and where we differ on purpose.

use super::{Kind, Received};
use crate::settings::{
    Facility, ForwardTarget, HostStrategy, Level, LogSocket, LogTarget, LogWhere, SyslogFormat,
};
use alloc::string::String;
use alloc::vec::Vec;
use sample::date::Clock;

fn target(format: Option<SyslogFormat>) -> ForwardTarget {
    ForwardTarget {
        target: LogTarget {
            to: LogWhere::Socket(LogSocket::Fd(1)),
            len: 1024,
            format: format.unwrap_or(SyslogFormat::Local),
            sample: None,
            facility: Facility(19),
            level: Level::Debug,
            min_level: Level::Emerg,
            profile: None,
        },
        keeps_format: format.is_none(),
    }
}

fn passed_on(message: &str, format: Option<SyslogFormat>, hosts: HostStrategy) -> String {
    // 2026-11-21T18:51:51.5Z
    let now = Clock {
        wall_nanos: 1_795_287_111_500_000_000,
        utc_offset_minutes: 0,
    };
    let Some(received) = Received::read(message.as_bytes()) else {
        return "nothing".into();
    };
    let mut out = Vec::new();
    let severity = received.severity();
    let source = Some(&b"127.0.0.1"[..]);
    received.pass_on(&mut out, &target(format), severity, hosts, source, now);
    String::from_utf8(out).expect("text")
}

#[track_caller]
fn check(message: &str, format: Option<SyslogFormat>, expected: &str) {
    let text = passed_on(message, format, HostStrategy::Fill);
    assert_eq!(text.trim_end_matches('\n'), expected, "{message}");
}

const BSD: &str = "<134>Feb  6 12:14:14 host1 app[12]: hello world";
const IETF: &str = "<134>1 2009-02-06T12:14:14.655000+00:00 host2 app2 99 ID47 [a b=\"c\"] hello";

#[test]
fn a_message_keeps_its_format_where_no_other_is_wanted() {
    for whole in [
        BSD,
        IETF,
        "<134>Feb  6 12:14:14 app[12]: hello world",
        "<134>Feb  6 12:14:14 host1 app hello world",
        "<134>Feb 16 12:14:14 host1 my_app.x/y[1a]: tail ",
        "<0>Oct 11 22:14:15 mymachine su: 'su root' failed",
        "<134>1 2009-02-06T12:14:14Z h a p m [x y=\"\\]\"][z k=\"2\"] two",
        "<134>Feb  6 12:14:14 host1 app [12]: z",
    ] {
        check(whole, None, whole);
    }
    check(
        "<134>1 2009-02-06T12:14:14Z - - - - - hello",
        None,
        "<134>1 2009-02-06T12:14:14Z 127.0.0.1 - - - - hello",
    );
    check("<134>hello", None, "<134>Nov 21 18:51:51 127.0.0.1 hello");
    check(
        "<134>Feb  6 12:14:14  two spaces",
        None,
        "<134>Nov 21 18:51:51 127.0.0.1 Feb  6 12:14:14  two spaces",
    );
}

#[test]
fn headers_are_translated_as_far_as_the_formats_say_the_same() {
    let rfc3164 = Some(SyslogFormat::Rfc3164);
    check(IETF, rfc3164, "<134>Feb  6 12:14:14 host2 app2[99]: hello");
    let rfc5424 = Some(SyslogFormat::Rfc5424);
    check(
        BSD,
        rfc5424,
        "<134>1 2026-02-06T12:14:14-00:00 host1 app 12 - - hello world",
    );
    check(
        "<134>Feb  6 12:14:14 app[12]: hello world",
        rfc5424,
        "<134>1 2026-02-06T12:14:14-00:00 app[12]: - - - - hello world",
    );
    check(
        "<134>Feb 16 12:14:14 host1 app hello",
        rfc5424,
        "<134>1 2026-02-16T12:14:14-00:00 host1 - - - - app hello",
    );
    check(
        BSD,
        Some(SyslogFormat::Local),
        "<134>Feb  6 12:14:14 app[12]: hello world",
    );
    check(BSD, Some(SyslogFormat::Raw), "hello world");
    check(IETF, Some(SyslogFormat::Raw), "hello");
    check(IETF, Some(SyslogFormat::Short), "<6>hello");
    check(IETF, Some(SyslogFormat::Priority), "<134>hello");
    check(
        BSD,
        Some(SyslogFormat::Timed),
        "<6>2026-02-06T12:14:14-00:00 hello world",
    );
    check(
        IETF,
        Some(SyslogFormat::Iso),
        "2009-02-06T12:14:14.655000+00:00 hello",
    );
}

#[test]
fn a_message_without_a_priority_is_a_notice_of_the_targets_facility() {
    for text in ["hello", "<abc>def", "<134", "< 5>y", "<>y", "<192>x"] {
        let expected = alloc::format!("<157>Nov 21 18:51:51 127.0.0.1 {text}");
        check(text, None, &expected);
    }
    check("<191>y", None, "<191>Nov 21 18:51:51 127.0.0.1 y");
}

#[test]
fn a_header_that_breaks_off_is_text() {
    for text in [
        "1 foo",
        "1 2009-02-06T12:14:14Z host app",
        "1 yesterday h a p m - hello",
        "1 2009-13-06T12:14:14Z h a p m - hello",
        "1 2009-02-06T12:14:14Z h a p m [x y=\"]\" hello",
        "1 2009-02-06T12:14:14Z h a p m hello",
        "Xxx 99 hello there",
        "Feb 06 12:14:1x host app: hello",
        "2009-02-06T12:14:14.655000+00:00 host3 app4[3]: iso stamp",
    ] {
        let expected = alloc::format!("<134>Nov 21 18:51:51 127.0.0.1 {text}");
        check(&alloc::format!("<134>{text}"), None, &expected);
    }
}

#[test]
fn a_message_that_says_nothing_is_none() {
    for message in ["", "\n", "<13>", "<13>\n\n", "\0"] {
        assert_eq!(Received::read(message.as_bytes()), None, "{message:?}");
    }
    assert_eq!(Received::unread(b"\n"), None);
    let unread = Received::unread(b"<134>hello\n").expect("a message");
    assert_eq!(
        (unread.kind, unread.text),
        (Kind::Unread, &b"<134>hello"[..])
    );
    let mut out = Vec::new();
    let now = Clock::default();
    let hosts = HostStrategy::Append;
    unread.pass_on(&mut out, &target(None), Level::Notice, hosts, None, now);
    assert_eq!(out, b"<134>hello\n");
}

#[test]
fn the_machine_is_what_the_strategy_says() {
    let without = "<131>1 2009-02-06T12:14:14Z - app - - - hello";
    for (hosts, bsd, ietf, none) in [
        (HostStrategy::Replace, "127.0.0.1", "127.0.0.1", "127.0.0.1"),
        (HostStrategy::Fill, "host1", "127.0.0.1", "127.0.0.1"),
        (HostStrategy::Keep, "host1", "-", "localhost"),
        (
            HostStrategy::Append,
            "host1,127.0.0.1",
            "127.0.0.1",
            "127.0.0.1",
        ),
    ] {
        let expected = alloc::format!("<134>Feb  6 12:14:14 {bsd} app[12]: hello world\n");
        assert_eq!(passed_on(BSD, None, hosts), expected);
        let expected = alloc::format!("<131>1 2009-02-06T12:14:14Z {ietf} app - - - hello\n");
        assert_eq!(passed_on(without, None, hosts), expected);
        let expected = alloc::format!("<129>Nov 21 18:51:51 {none} hello\n");
        let rfc3164 = Some(SyslogFormat::Rfc3164);
        assert_eq!(passed_on("<129>hello", rfc3164, hosts), expected);
    }
    assert_eq!(
        passed_on("<129>hello", None, HostStrategy::Keep),
        "<129>hello\n"
    );
    assert_eq!(passed_on("hello", None, HostStrategy::Keep), "hello\n");
}

#[test]
fn what_does_not_fit_is_cut() {
    let mut target = target(None);
    target.target.len = 45;
    let received = Received::read(BSD.as_bytes()).expect("a message");
    let mut out = Vec::new();
    let now = Clock::default();
    received.pass_on(
        &mut out,
        &target,
        Level::Info,
        HostStrategy::Fill,
        None,
        now,
    );
    assert_eq!(out, b"<134>Feb  6 12:14:14 host1 app[12]: hello wo\n");
}
