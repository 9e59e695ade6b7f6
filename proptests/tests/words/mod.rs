//! Words of a configuration whose bytes are no UTF-8: values are the bytes that were written.

use proptests::harness::nowhere::settings;
use proptests::pair::{Dial, Pace, Pair, Talker};
use sample::kept;

/// What a client hears of a proxy with these lines that asks for `/a%E0`.
fn answer(lines: &[u8]) -> Vec<u8> {
    let head = b"listen l\n mode http\n timeout client 1s\n bind 127.0.0.1:80\n";
    let text = kept::text_of(&[head, lines].concat());
    let mut pair = Pair::new(settings(&text), Pace::in_order(16_384), |_| Dial::Refused);
    let client = pair.connect(Talker::saying(b"GET /a%E0 HTTP/1.1\r\nHost: h\r\n\r\n"));
    pair.run();
    pair.sockets()[client].heard.clone()
}

#[test]
fn bytes_that_form_no_text_are_sent_as_they_were_written() {
    for byte in [b"\\xE0".as_slice(), b"\xe0"] {
        let line = [
            b" http-request return status 200 hdr x \"\\xC3\\xA9 ",
            byte,
            b" %[str(-",
            byte,
            b"-),hex]\" content-type a/b string \"=",
            byte,
            b"=\"\n",
        ]
        .concat();
        let heard = answer(&line);
        let has = |part: &[u8]| heard.windows(part.len()).any(|it| it == part);
        assert!(
            has(b"x: \xc3\xa9 \xe0 2DE02D\r\n"),
            "{}",
            heard.escape_ascii()
        );
        assert!(
            heard.ends_with(b"\r\n\r\n=\xe0="),
            "{}",
            heard.escape_ascii()
        );
    }
}

#[test]
fn patterns_are_compared_with_the_bytes_that_were_written() {
    let rule = b" http-request return status 204 if { path,url_dec -m str /a\\xE0 }\n \
        http-request return status 403\n";
    assert!(answer(rule).starts_with(b"HTTP/1.1 204 "));
    let rule = b" http-request return status 204 if { path,url_dec -m str /a\\xE1 }\n \
        http-request return status 403\n";
    assert!(answer(rule).starts_with(b"HTTP/1.1 403 "));
}
