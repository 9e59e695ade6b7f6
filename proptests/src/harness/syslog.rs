//! Syslog: any bytes as a stream of messages, as a message, and through a ring.

use sample::date::Clock;
use session::log::{Intake, Malformed, Received, put_framed};
use session::ring::{Feed, Read, Ring};
use session::settings::{
    Facility, ForwardTarget, Framing, HostStrategy, Level, LogSocket, LogTarget, LogWhere,
    SyslogFormat,
};

/// However a stream is cut, the same messages are in it, none longer than may be; and what was sent as
/// messages is received as the same.
pub fn bytes_as_a_stream(input: &[u8]) {
    let [first, bytes @ ..] = input else {
        return;
    };
    let lines_only = first & 1 == 1;
    let whole = received(lines_only, std::iter::once(bytes));
    let size = 1 + usize::from(first >> 1);
    assert_eq!(
        received(lines_only, bytes.chunks(size)),
        whole,
        "cut in {size}"
    );
    let mut stream = Vec::new();
    let pieces: Vec<&[u8]> = bytes.chunks(size.min(MESSAGE_BYTES_MAX / 2)).collect();
    for message in &pieces {
        put_framed(&mut stream, Framing::Counted, message);
    }
    let (messages, result) = received(false, stream.chunks(size));
    assert_eq!(result, Ok(()));
    assert_eq!(messages, pieces);
}

/// A message has the parts it was made of, and in every format the line it is passed on as is as long as
/// it may be at most, and a message again.
pub fn bytes_as_a_message(input: &[u8]) {
    let now = Clock {
        wall_nanos: 1_795_287_111_500_000_000,
        utc_offset_minutes: 60,
    };
    for received in [Received::read(input), Received::unread(input)]
        .into_iter()
        .flatten()
    {
        assert!(received.text.len() <= input.len());
        for format in FORMATS {
            for hosts in STRATEGIES {
                let mut out = b"before".to_vec();
                let to = target(format);
                let severity = received.severity();
                let source = Some(&b"192.0.2.1"[..]);
                received.pass_on(&mut out, &to, severity, hosts, source, now);
                let line = out.strip_prefix(b"before").expect("what was there stays");
                assert!(line.len() <= to.target.len as usize && line.ends_with(b"\n"));
                let has_all = input.len() + HEADER_BYTES < to.target.len as usize;
                if format == Some(SyslogFormat::Rfc5424) && has_all {
                    let again = Received::read(line).expect("a message");
                    assert_eq!(again.severity(), received.severity());
                }
            }
        }
    }
}

/// A ring holds the last messages that fit, and whoever reads it gets each of them once, or is told how
/// many are gone.
pub fn bytes_through_a_ring(input: &[u8]) {
    let mut ring = Ring::new(RING_BYTES);
    let mut place = ring.oldest();
    let mut feed = Feed::new(ring.oldest(), Framing::Lines);
    let (mut pushed, mut seen, mut fed) = (0_u64, 0_u64, 0_u64);
    for step in input.chunks(7) {
        let (kind, message) = (step[0] % 4, &step[1..]);
        match kind {
            0 | 1 => {
                assert!(ring.push(message));
                pushed += 1;
            }
            2 => {
                let mut out = Vec::new();
                match ring.read(&mut place, &mut out) {
                    Read::Message => seen += 1,
                    Read::Missed(count) => seen += count,
                    Read::End => assert_eq!(place, ring.newest()),
                }
                assert!(seen <= pushed);
            }
            _ => {
                fed += feed.fill(|place, out| {
                    let read = ring.read(place, out);
                    fed += u64::from(read == Read::Message);
                    read
                });
                let count = message.len().min(feed.pending().len());
                feed.written(count);
                if message.len() < 3 {
                    feed.disconnected();
                }
            }
        }
    }
    let mut out = Vec::new();
    loop {
        match ring.read(&mut place, &mut out) {
            Read::Message => seen += 1,
            Read::Missed(count) => seen += count,
            Read::End => break,
        }
    }
    assert_eq!(seen, pushed, "every message was seen or missed");
    assert!(fed <= pushed);
    assert!(!ring.push(&[0; RING_BYTES]));
}

fn received<'a>(
    lines_only: bool,
    pieces: impl Iterator<Item = &'a [u8]>,
) -> (Vec<Vec<u8>>, Result<(), Malformed>) {
    let mut intake = Intake::new(MESSAGE_BYTES_MAX, lines_only);
    let mut messages = Vec::new();
    let mut result = Ok(());
    for piece in pieces {
        result = intake.receive(piece, &mut |message| {
            assert!(message.len() < MESSAGE_BYTES_MAX);
            messages.push(message.to_vec());
        });
        if result.is_err() {
            break;
        }
    }
    (messages, result)
}

fn target(format: Option<SyslogFormat>) -> ForwardTarget {
    ForwardTarget {
        target: LogTarget {
            to: LogWhere::Socket(LogSocket::Fd(1)),
            len: 200,
            format: format.unwrap_or(SyslogFormat::Raw),
            sample: None,
            facility: Facility(16),
            level: Level::Debug,
            min_level: Level::Emerg,
            profile: None,
        },
        keeps_format: format.is_none(),
    }
}

const FORMATS: [Option<SyslogFormat>; 9] = [
    None,
    Some(SyslogFormat::Local),
    Some(SyslogFormat::Rfc3164),
    Some(SyslogFormat::Rfc5424),
    Some(SyslogFormat::Priority),
    Some(SyslogFormat::Short),
    Some(SyslogFormat::Timed),
    Some(SyslogFormat::Iso),
    Some(SyslogFormat::Raw),
];
const STRATEGIES: [HostStrategy; 4] = [
    HostStrategy::Replace,
    HostStrategy::Fill,
    HostStrategy::Keep,
    HostStrategy::Append,
];
/// What a header of ours takes at most, beside what was received.
const HEADER_BYTES: usize = 80;
const MESSAGE_BYTES_MAX: usize = 64;
const RING_BYTES: usize = 32;
