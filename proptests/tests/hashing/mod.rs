//! Which server a hash leads to: as HAProxy was seen to choose, and what changes when a server goes.

use proptests::harness::nowhere::settings;
use proptests::pair::{Address, Answerer, Dial, Pace, Pair, Say, Talker};

/// Requests that differ in everything by which they may be hashed.
fn request(at: u64) -> String {
    let host = match at / 6 % 6 {
        0 => format!("www.site{at}.example.com"),
        1 => format!("site{at}.com"),
        2 => format!("site{at}"),
        3 => format!("a.b.c{at}.co.uk:80"),
        4 => format!("10.0.0.{at}"),
        _ => format!("x.{at}."),
    };
    let target = match at % 6 {
        0 => format!("/{at}"),
        1 => format!("/path/{}/x?y={at}", at * 7919),
        2 => format!("http://{host}/p/{at}/q?z=1&y=v{at}"),
        3 => format!("/a/b{at}/c/d?y="),
        4 => format!("/one/?x=1;y=k{at}"),
        _ => format!("http://{host}"),
    };
    let source = match at % 2 {
        0 => format!("2001:db8:{at:x}::{:x}", at * 77),
        _ => format!("10.{at}.{}.{}", at * 3 % 256, at * 37 % 256),
    };
    let number = at * 2_654_435_761 % (1 << 32);
    let key = match at % 5 {
        0 => Some(format!("key{at}")),
        1 => Some((at * 7919).to_string()),
        2 if at % 9 == 4 => None,
        2 => Some(format!("{at}abc")),
        3 => Some(format!("0x{at:x}")),
        _ => Some(format!("-{at}")),
    };
    let key = key.map_or_else(String::new, |key| format!("x-k: {key}\r\n"));
    format!(
        "GET {target} HTTP/1.1\r\nHost: {host}\r\nx-src: {source}\r\nx-int: {number}\r\n\
         x-list:   a{number} ,b\r\n{key}Connection: close\r\n\r\n"
    )
}

/// A proxy whose servers answer with their numbers.
fn world(lines: &str, servers: &str) -> Pair {
    let lines = lines.replace("; ", "\n ");
    let servers = servers.split(", ").enumerate();
    let servers: String = servers
        .map(|(at, options)| format!(" server {at} 127.0.0.{}:25000 {options}\n", at + 1))
        .collect();
    let config = format!(
        "defaults\n mode http\n timeout client 1h\n timeout server 1h\n timeout connect 1s\n\
         listen in\n bind 127.0.0.1:80\n {lines}\n{servers}"
    );
    Pair::new(settings(&config), Pace::in_order(16_384), |address| {
        let Address::Ip(address) = address else {
            return Dial::Refused;
        };
        let number = match address.ip() {
            std::net::IpAddr::V4(ip) => ip.octets()[3] - 1,
            std::net::IpAddr::V6(_) => return Dial::Refused,
        };
        Dial::Accepted(Box::new(Answerer::new(move |_| {
            let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n{number}");
            vec![Say::Bytes(answer.into_bytes())]
        })))
    })
}

/// The server that answers.
fn ask(pair: &mut Pair, request: &str) -> char {
    let at = pair.connect(Talker::saying(request.as_bytes()));
    pair.run();
    let heard = &pair.sockets()[at].heard;
    assert!(
        heard.starts_with(b"HTTP/1.1 200 "),
        "{}",
        heard.escape_ascii()
    );
    char::from(heard[heard.len() - 1])
}

fn all(pair: &mut Pair) -> String {
    (0..60).map(|at| ask(pair, &request(at))).collect()
}

#[test]
fn hashes_lead_to_the_servers_that_haproxy_chooses() {
    let observed = include_str!("observed.txt").lines();
    let mut count = 0;
    for line in observed.filter(|line| !line.starts_with('#')) {
        let columns: Vec<&str> = line.split(" | ").collect();
        let [lines, servers, seen] = columns[..] else {
            panic!("three columns: {line}");
        };
        let mut pair = world(lines, servers);
        assert_eq!(all(&mut pair), seen, "{lines} | {servers}");
        count += 1;
    }
    assert!(count > 100);
}
