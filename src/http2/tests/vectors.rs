//! The examples of RFC 7541, Appendix C: three requests or responses on one connection each.

use http2::hpack::{Decoder, Encoder, Error, Field};

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u32> = hex.chars().filter_map(|digit| digit.to_digit(16)).collect();
    digits
        .chunks(2)
        .map(|pair| (pair[0] << 4 | pair[1]) as u8)
        .collect()
}

fn decoded(decoder: &mut Decoder, block: &[u8]) -> Result<String, Error> {
    let mut text = String::new();
    decoder.decode(block, u32::MAX, |Field { name, value, .. }| {
        text += &String::from_utf8_lossy(name);
        text += ": ";
        text += &String::from_utf8_lossy(value);
        text += "\n";
    })?;
    Ok(text)
}

fn check(table_bytes: u32, blocks: [(&str, &str); 3]) {
    let mut decoder = Decoder::new();
    let mut resize = Vec::new();
    if table_bytes < 4096 {
        // As if SETTINGS had said so: the blocks of the examples do not.
        let mut encoder = Encoder::new();
        encoder.set_table_bytes_max(table_bytes);
        encoder.begin(&mut resize);
    }
    assert_eq!(decoded(&mut decoder, &resize), Ok(String::new()));
    for (hex, fields) in blocks {
        assert_eq!(decoded(&mut decoder, &bytes(hex)).as_deref(), Ok(fields));
    }
}

const REQUESTS: [&str; 3] = [
    ":method: GET\n:scheme: http\n:path: /\n:authority: www.example.com\n",
    ":method: GET\n:scheme: http\n:path: /\n:authority: www.example.com\n\
     cache-control: no-cache\n",
    ":method: GET\n:scheme: https\n:path: /index.html\n:authority: www.example.com\n\
     custom-key: custom-value\n",
];

const RESPONSES: [&str; 3] = [
    ":status: 302\ncache-control: private\ndate: Mon, 21 Oct 2013 20:13:21 GMT\n\
     location: https://www.example.com\n",
    ":status: 307\ncache-control: private\ndate: Mon, 21 Oct 2013 20:13:21 GMT\n\
     location: https://www.example.com\n",
    ":status: 200\ncache-control: private\ndate: Mon, 21 Oct 2013 20:13:22 GMT\n\
     location: https://www.example.com\ncontent-encoding: gzip\n\
     set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1\n",
];

#[test]
fn requests_without_huffman() {
    check(
        4096,
        [
            (
                "8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
                REQUESTS[0],
            ),
            ("8286 84be 5808 6e6f 2d63 6163 6865", REQUESTS[1]),
            (
                "8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65",
                REQUESTS[2],
            ),
        ],
    );
}

#[test]
fn requests_with_huffman() {
    check(
        4096,
        [
            ("8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff", REQUESTS[0]),
            ("8286 84be 5886 a8eb 1064 9cbf", REQUESTS[1]),
            (
                "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf",
                REQUESTS[2],
            ),
        ],
    );
}

#[test]
fn responses_without_huffman_in_a_small_table() {
    check(
        256,
        [
            (
                "4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 \
                 2032 303a 3133 3a32 3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 \
                 6c65 2e63 6f6d",
                RESPONSES[0],
            ),
            ("4803 3330 37c1 c0bf", RESPONSES[1]),
            (
                "88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d \
                 54c0 5a04 677a 6970 7738 666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049 \
                 5541 5851 5745 4f49 553b 206d 6178 2d61 6765 3d33 3630 303b 2076 6572 7369 6f6e \
                 3d31",
                RESPONSES[2],
            ),
        ],
    );
}

#[test]
fn responses_with_huffman_in_a_small_table() {
    check(
        256,
        [
            (
                "4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 \
                 2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3",
                RESPONSES[0],
            ),
            ("4883 640e ffc1 c0bf", RESPONSES[1]),
            (
                "88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab \
                 77ad 94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f \
                 9587 3160 65c0 03ed 4ee5 b106 3d50 07",
                RESPONSES[2],
            ),
        ],
    );
}

#[test]
fn an_encoder_writes_the_first_request_as_the_rfc_does() {
    let mut encoder = Encoder::new();
    let mut block = Vec::new();
    encoder.begin(&mut block);
    for line in REQUESTS[0].lines() {
        let (name, value) = line.split_once(": ").expect("a field");
        encoder.field(name.as_bytes(), value.as_bytes(), &mut block);
    }
    assert_eq!(block, bytes("8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff"));
}

#[test]
fn changes_of_the_table_come_before_the_next_block_smallest_first() {
    let mut encoder = Encoder::new();
    encoder.set_table_bytes_max(0);
    encoder.set_table_bytes_max(100_000);
    let mut block = Vec::new();
    encoder.begin(&mut block);
    assert_eq!(block, bytes("20 3fe11f"));
    block.clear();
    encoder.begin(&mut block);
    assert_eq!(block, []);
}
