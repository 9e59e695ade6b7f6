//! Heads out of header blocks and back, and messages that are refused.

use http2::Violation;
use http2::fields::{Limits, Reader, Saying, Section, Writer};
use http2::hpack::{Decoder, Encoder, Field};
use message::{Head, Version};

const LIMITS: Limits = Limits {
    list_bytes_max: 1000,
    fields_max: 8,
};

type Fields<'a> = &'a [(&'a str, &'a str)];

fn block(fields: Fields<'_>) -> Vec<u8> {
    let mut encoder = Encoder::new();
    let mut block = Vec::new();
    for (name, value) in fields {
        encoder.field(name.as_bytes(), value.as_bytes(), &mut block);
    }
    block
}

/// Start line and fields as text, or what is wrong.
fn read(section: Section, fields: Fields<'_>) -> String {
    let mut head = Head::default();
    match Reader::default().read(section, &block(fields), &LIMITS, &mut head) {
        Ok(meaning) => {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            let mut lines = match section {
                Section::Request => text(head.method()) + " " + &text(head.target()),
                Section::Response => head.status().to_string(),
                Section::Trailers => String::new(),
            };
            for field in head.fields() {
                assert_eq!(
                    head.text()[field.line().expect("a line as HTTP/1 has it")],
                    [
                        head.bytes(field.name),
                        b": ",
                        head.bytes(field.value),
                        b"\r\n"
                    ]
                    .concat()
                );
                lines += &format!(
                    "|{}: {}",
                    text(head.bytes(field.name)),
                    text(head.bytes(field.value))
                );
            }
            if let Some(length) = meaning.length {
                lines += &format!("|length {length}");
            }
            lines
        }
        Err(violation) => format!("{violation:?}"),
    }
}

const GET: [(&str, &str); 4] = [
    (":method", "GET"),
    (":scheme", "http"),
    (":path", "/a?b"),
    (":authority", "x:81"),
];

/// A request with these fields behind its pseudo-fields.
fn request(more: Fields<'_>, expected: &str) {
    let fields = [&GET, more].concat();
    assert_eq!(read(Section::Request, &fields), expected, "{more:?}");
}

fn pseudo(fields: Fields<'_>, expected: &str) {
    assert_eq!(read(Section::Request, fields), expected, "{fields:?}");
}

#[test]
fn a_request_looks_as_http1_would_have_brought_it() {
    request(&[], "GET http://x:81/a?b|host: x:81");
    request(
        &[("a", "1"), ("te", "Trailers")],
        "GET http://x:81/a?b|host: x:81|a: 1|te: Trailers",
    );
}

#[test]
fn cookies_become_one_field() {
    request(
        &[("cookie", "a=1"), ("b", "2"), ("cookie", "c=3")],
        "GET http://x:81/a?b|host: x:81|b: 2|cookie: a=1; c=3",
    );
}

#[test]
fn the_authority_wins_over_host_and_hosts_must_agree() {
    request(&[("host", "other")], "GET http://x:81/a?b|host: x:81");
    let without = |hosts: &[(&'static str, &'static str)]| [&GET[..3], hosts].concat();
    pseudo(&without(&[("host", "h")]), "GET /a?b|host: h");
    pseudo(
        &without(&[("host", "h"), ("host", "h")]),
        "GET /a?b|host: h",
    );
    pseudo(&without(&[("host", "h"), ("host", "i")]), "HostRepeated");
    pseudo(&without(&[]), "GET /a?b|host: ");
    for authority in [
        "user@h", "a,b", "a/b", "a b", "a#", "a\u{7f}", "a[b]", "[::1", "[::1]x",
    ] {
        pseudo(&without(&[(":authority", authority)]), "Authority");
        pseudo(&without(&[("host", authority)]), "Authority");
    }
}

#[test]
fn a_port_that_the_scheme_implies_is_left_out() {
    for (scheme, authority, expected) in [
        ("http", "h:80", "h"),
        ("http", "h:", "h"),
        ("http", "h:443", "h:443"),
        ("https", "h:443", "h"),
        ("https", "h:80", "h:80"),
        ("https", "[::1]:443", "[::1]"),
        ("http", "h:8080", "h:8080"),
        ("ftp", "h:80", "h:80"),
    ] {
        pseudo(
            &[
                GET[0],
                (":scheme", scheme),
                (":path", "/p"),
                (":authority", authority),
            ],
            &format!("GET {scheme}://{expected}/p|host: {expected}"),
        );
    }
}

#[test]
fn pseudo_fields_stand_first_once_and_are_all_there() {
    pseudo(&GET[..2], "PseudoMissing");
    pseudo(&GET[1..], "PseudoMissing");
    pseudo(&[], "PseudoMissing");
    request(&[(":path", "/")], "PseudoUnknown");
    request(&[(":status", "200")], "PseudoUnknown");
    request(&[(":protocol", "websocket")], "PseudoMissing");
    pseudo(&[GET[0], GET[1], ("a", "b"), GET[2]], "PseudoMissing");
    pseudo(&[GET[0], GET[1], GET[2], ("a", "b"), GET[3]], "PseudoLate");
}

#[test]
fn paths_methods_and_schemes_are_checked() {
    for path in ["", "a", "*", "/ b", "/#", "/\u{e9}", "http://a/"] {
        pseudo(&[GET[0], GET[1], (":path", path)], "Path");
    }
    pseudo(
        &[(":method", "OPTIONS"), GET[1], (":path", "*")],
        "OPTIONS *|host: ",
    );
    pseudo(&[(":method", "G T"), GET[1], GET[2]], "Method");
    pseudo(&[(":method", ""), GET[1], GET[2]], "Method");
    pseudo(&[GET[0], (":scheme", "h ttp"), GET[2]], "Scheme");
    pseudo(&[GET[0], (":scheme", ""), GET[2]], "Scheme");
}

#[test]
fn connect_has_an_authority_and_nothing_else() {
    let connect = (":method", "CONNECT");
    pseudo(&[connect, (":authority", "a:1")], "CONNECT a:1|host: a:1");
    pseudo(&[connect, (":authority", "a")], "Authority");
    pseudo(&[connect], "PseudoMissing");
    pseudo(
        &[connect, (":authority", "a:1"), (":path", "/")],
        "PseudoUnknown",
    );
}

#[test]
fn fields_of_a_connection_have_no_place() {
    for field in [
        ("connection", "close"),
        ("keep-alive", "1"),
        ("proxy-connection", "close"),
        ("transfer-encoding", "chunked"),
        ("upgrade", "x"),
        ("te", "gzip"),
    ] {
        request(&[field], "ConnectionField");
    }
}

#[test]
fn names_and_values_cannot_end_a_line() {
    for name in ["A", "a b", "a:", "", "a\r", "\u{e9}"] {
        request(&[(name, "v")], "FieldName");
    }
    for value in ["a\r\nb", "\0", " a", "a\t", "a\n"] {
        request(&[("a", value)], "FieldValue");
    }
    request(&[("a", "")], "GET http://x:81/a?b|host: x:81|a: ");
}

#[test]
fn lengths_are_one_number() {
    request(
        &[("content-length", "7")],
        "GET http://x:81/a?b|host: x:81|content-length: 7|length 7",
    );
    request(
        &[("content-length", "7"), ("content-length", "7")],
        "GET http://x:81/a?b|host: x:81|content-length: 7|length 7",
    );
    request(
        &[("content-length", "7"), ("content-length", "8")],
        "ContentLength",
    );
    for value in ["", "+1", "1, 1", "18446744073709551616", "0x1"] {
        request(&[("content-length", value)], "ContentLength");
    }
}

#[test]
fn statuses_have_three_digits_and_101_does_not_exist() {
    let check = |status: &str, expected: &str| {
        assert_eq!(read(Section::Response, &[(":status", status)]), expected);
    };
    check("200", "200");
    check("999", "999");
    for status in ["", "20", "2000", "099", "2x0", "101"] {
        check(status, "Status");
    }
    assert_eq!(read(Section::Response, &[("a", "b")]), "PseudoMissing");
}

#[test]
fn trailers_have_neither_pseudo_fields_nor_framing() {
    assert_eq!(
        read(
            Section::Trailers,
            &[("a", "1"), ("content-length", "5"), ("host", "x")]
        ),
        "|a: 1"
    );
    assert_eq!(read(Section::Trailers, &[(":status", "200")]), "PseudoLate");
}

#[test]
fn lists_are_bounded_in_size_and_number_and_the_table_lives_on() {
    let mut reader = Reader::default();
    let mut encoder = Encoder::new();
    let mut send = |fields: Fields<'_>| {
        let mut block = Vec::new();
        for (name, value) in fields {
            encoder.field(name.as_bytes(), value.as_bytes(), &mut block);
        }
        let mut head = Head::default();
        reader
            .read(Section::Request, &block, &LIMITS, &mut head)
            .err()
    };
    let long = "x".repeat(1000);
    let large = [&GET[..], &[("a", &long), ("kept", "1")]].concat();
    assert_eq!(send(&large), Some(Violation::ListTooLarge));
    let many = [&GET[..], &[("a", "b"); 9], &[("kept", "2")]].concat();
    assert_eq!(send(&many), Some(Violation::TooManyFields));
    let wrong = [&GET[..], &[("A", "b"), ("kept", "3")]].concat();
    assert_eq!(send(&wrong), Some(Violation::FieldName));
    let kept = [("kept", "1"), ("kept", "2"), ("kept", "3")];
    assert_eq!(send(&[&GET[..], &kept].concat()), None);
}

#[test]
fn a_block_that_cannot_be_decoded_is_not_the_fault_of_a_stream() {
    let mut head = Head::default();
    let read = Reader::default().read(Section::Request, &[0x80], &LIMITS, &mut head);
    assert_eq!(read, Err(Violation::Compression));
}

/// What is written of a head.
fn written(head: &Head) -> String {
    let mut text = String::new();
    let mut writer = Writer::default();
    let block = writer.write(head, Saying::AsIs);
    let decoded = Decoder::new().decode(block, u32::MAX, |Field { name, value, .. }| {
        text += &format!("{}={}|", name.escape_ascii(), value.escape_ascii());
    });
    decoded.expect("a block of ours");
    text
}

fn asked(method: &str, target: &str, fields: Fields<'_>) -> Head {
    let mut head = Head::default();
    head.set_request(method.as_bytes(), target.as_bytes(), Version::Http11);
    for (name, value) in fields {
        head.push(name.as_bytes(), value.as_bytes());
    }
    head
}

#[test]
fn a_request_of_http1_leaves_what_belonged_to_its_connection() {
    let fields = [
        ("Host", "h"),
        ("X-Kept", "1"),
        ("Connection", "close, x-dropped"),
        ("X-Dropped", "2"),
        ("Keep-Alive", "3"),
        ("Transfer-Encoding", "chunked"),
        ("Upgrade", "h2c"),
        ("HTTP2-Settings", "4"),
        ("TE", "gzip"),
        ("te", "trailers"),
        ("Cookie", "a=b"),
    ];
    assert_eq!(
        written(&asked("GET", "/p", &fields)),
        ":method=GET|:scheme=https|:authority=h|:path=/p|x-kept=1|te=trailers|cookie=a=b|"
    );
}

#[test]
fn every_form_of_target_becomes_pseudo_fields() {
    let host = [("Host", "h")];
    for (method, target, expected) in [
        (
            "GET",
            "https://a:1/p?q",
            ":scheme=https|:authority=a:1|:path=/p?q|",
        ),
        ("GET", "http://a", ":scheme=http|:authority=a|:path=/|"),
        ("GET", "http://a?q", ":scheme=http|:authority=a|:path=/?q|"),
        ("OPTIONS", "http://a", ":scheme=http|:authority=a|:path=*|"),
        ("OPTIONS", "*", ":scheme=https|:authority=h|:path=*|"),
        (
            "GET",
            "/?u=http://b",
            ":scheme=https|:authority=h|:path=/?u=http://b|",
        ),
        ("CONNECT", "a:1", ":authority=a:1|"),
    ] {
        let text = written(&asked(method, target, &host));
        assert_eq!(text, format!(":method={method}|{expected}"));
    }
}

#[test]
fn responses_and_trailers_are_written() {
    let mut head = Head::default();
    head.set_response(404, b"Not Found", Version::Http11);
    head.push(b"Server", b"s");
    head.push(b"Connection", b"close");
    assert_eq!(written(&head), ":status=404|server=s|");
    let mut trailers = Head::default();
    trailers.push(b"X-Sum", b"1");
    trailers.push(b"Content-Length", b"1");
    assert_eq!(written(&trailers), "x-sum=1|");
}

#[test]
fn white_space_around_a_value_is_not_sent() {
    let head = asked("GET", "/", &[("a", " x y\t"), ("b", " ")]);
    let sent = written(&head);
    assert!(sent.ends_with("|a=x y|b=|"), "{sent}");
}

#[test]
fn a_target_is_whole_and_says_what_http1_leaves_out() {
    let read = |fields: Fields<'_>| {
        let mut head = Head::default();
        let read = Reader::default().read(Section::Request, &block(fields), &LIMITS, &mut head);
        read.expect("a request");
        assert_eq!(head.version, Version::Http2);
        (
            head.target().to_vec(),
            head.origin_target().to_vec(),
            written(&head),
        )
    };
    let (whole, origin, again) = read(&GET);
    assert_eq!(whole, b"http://x:81/a?b");
    assert_eq!(origin, b"/a?b");
    assert_eq!(
        again,
        ":method=GET|:scheme=http|:authority=x:81|:path=/a?b|"
    );
    let options = [
        (":method", "OPTIONS"),
        GET[1],
        (":path", "*"),
        (":authority", "x"),
    ];
    assert_eq!(read(&options).0, b"*");
    let connect = [(":method", "CONNECT"), (":authority", "a:1")];
    let (whole, origin, _) = read(&connect);
    assert_eq!((whole, origin), (b"a:1".to_vec(), b"a:1".to_vec()));
}

#[test]
fn what_the_sender_calls_secret_stays_so() {
    let mut encoder = Encoder::new();
    let mut block = Vec::new();
    for (name, value) in GET {
        encoder.field(name.as_bytes(), value.as_bytes(), &mut block);
    }
    encoder.secret(b"x-token", b"1", &mut block);
    encoder.field(b"x-plain", b"2", &mut block);
    encoder.secret(b"cookie", b"a=b", &mut block);
    let mut head = Head::default();
    let read = Reader::default().read(Section::Request, &block, &LIMITS, &mut head);
    read.expect("a request");
    let mut secrets = Vec::new();
    let mut writer = Writer::default();
    let block = writer.write(&head, Saying::AsIs);
    let decoded = Decoder::new().decode(block, u32::MAX, |field| {
        if field.secret {
            secrets.push(String::from_utf8_lossy(field.name).into_owned());
        }
    });
    decoded.expect("a block of ours");
    assert_eq!(secrets, ["x-token", "cookie"]);
}

/// A block of a GET with an indexed name that is not in the static table.
fn asking(path: &str, extra: &[u8]) -> Vec<u8> {
    // GET, http; the path as a literal that no table keeps; the newest entry of the table.
    [
        &[0x82, 0x86, 0x04, path.len() as u8],
        path.as_bytes(),
        &[0xbe],
        extra,
    ]
    .concat()
}

#[test]
fn a_block_that_comes_again_means_what_the_tables_say_by_then() {
    let mut reader = Reader::default();
    let mut read = |section, block: &[u8]| {
        let mut head = Head::default();
        let meaning = reader.read(section, block, &LIMITS, &mut head);
        let lines = head.fields().map(|it| {
            let line = [head.bytes(it.name), b"=", head.bytes(it.value)].concat();
            String::from_utf8(line).expect("text")
        });
        let lines = lines.collect::<Vec<_>>().join("|");
        let target = String::from_utf8_lossy(head.target()).into_owned();
        meaning.map(|meaning| (target, lines, meaning.length))
    };
    let told = |target: &str, lines: &str| Ok((target.into(), lines.into(), None));
    let keeps = |value: &[u8]| [&[0x40, 1, b'n', value.len() as u8], value].concat();
    let first = [&[0x82, 0x86, 0x84][..], &keeps(b"1")].concat();
    assert_eq!(read(Section::Request, &first), told("/", "n=1|host="));
    for _ in 0..3 {
        assert_eq!(
            read(Section::Request, &asking("/a", &[])),
            told("/a", "n=1|host=")
        );
    }
    assert_eq!(
        read(Section::Request, &asking("/b", &[])),
        told("/b", "n=1|host=")
    );
    // The section tells what a block means.
    assert_eq!(read(Section::Trailers, &[0xbe]), told("", "n=1"));
    assert_eq!(read(Section::Trailers, &[0xbe]), told("", "n=1"));
    assert_eq!(
        read(Section::Request, &[0xbe]),
        Err(Violation::PseudoMissing)
    );
    assert_eq!(read(Section::Trailers, &[0xbe]), told("", "n=1"));
    // One that changes the table changes it each time.
    for value in [b"2", b"3"] {
        let changes = asking("/a", &keeps(value));
        let before = format!("n={}|n={}|host=", value[0] - b'1', value[0] - b'0');
        assert_eq!(read(Section::Request, &changes), told("/a", &before));
    }
    let same = keeps(b"4");
    assert_eq!(read(Section::Trailers, &same), told("", "n=4"));
    assert_eq!(read(Section::Trailers, &same), told("", "n=4"));
    // Two entries are above that of the last but one.
    assert_eq!(read(Section::Trailers, &[0xc0]), told("", "n=3"));
    for _ in 0..3 {
        assert_eq!(
            read(Section::Request, &asking("/a", &[])),
            told("/a", "n=4|host=")
        );
    }
    // An empty table.
    assert_eq!(read(Section::Trailers, &[0x20]), told("", ""));
    assert_eq!(
        read(Section::Request, &asking("/a", &[])),
        Err(Violation::Compression)
    );
}

#[test]
fn a_head_that_is_sent_again_is_read_the_same_whatever_came_between() {
    let head = |status, fields: Fields<'_>| {
        let mut head = Head::default();
        head.set_response(status, b"", Version::Http11);
        for (name, value) in fields {
            head.push(name.as_bytes(), value.as_bytes());
        }
        head
    };
    let one = head(
        200,
        &[("Server", "a"), ("Content-Length", "3"), ("X-Y", "1")],
    );
    let like = head(
        200,
        &[("Server", "a"), ("Content-Length", "3"), ("X-Y", "2")],
    );
    let other = head(404, &[("x-y", " 1 "), ("Server", "a"), ("X^Y", "1")]);
    let odd = head(404, &[("x-y", "1"), ("Server", "a"), ("X~Y", "1")]);
    let mut without = one.clone();
    without.remove_if(|_, name, _| name == b"X-Y");
    let mut writer = Writer::default();
    let mut decoder = Decoder::new();
    let order = [
        &one, &one, &one, &like, &one, &one, &one, &without, &without, &without, &one, &other,
        &odd, &other, &other, &other, &one, &one,
    ];
    for (at, head) in order.into_iter().enumerate() {
        if at == 15 {
            writer.set_table_bytes_max(0);
            decoder.set_table_bytes_max(0);
        }
        let mut told = Vec::new();
        let block = writer.write(head, Saying::AsIs);
        let decoded = decoder.decode(block, u32::MAX, |it| {
            told.push((it.name.to_vec(), it.value.to_vec()));
        });
        decoded.expect("a block of ours");
        let status = (b":status".to_vec(), head.status().to_string().into_bytes());
        let fields = head.fields().map(|it| {
            let name = head.bytes(it.name).to_ascii_lowercase();
            (name, head.bytes(it.value).trim_ascii().to_vec())
        });
        let expected: Vec<_> = std::iter::once(status).chain(fields).collect();
        assert_eq!(told, expected, "head number {at}");
    }
}
