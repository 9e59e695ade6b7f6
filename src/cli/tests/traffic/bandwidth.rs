//! `filter bwlim-in`, `filter bwlim-out`: what passes a limit, and what does not.

use super::world::{Proxy, ask, beside, echo, head, path, server, until, whole};
use std::io::{BufReader, Read, Write};
use std::sync::mpsc;

const DEFAULTS: &str = "defaults\n mode http\n timeout connect 20s\n timeout client 20s\n \
                        timeout server 20s\n";

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
}

#[test]
fn a_shared_limit_lets_pass_what_it_allows_and_others_are_not_held_up() {
    let at = path("bandwidth.sock");
    let port = server(|mut stream| {
        let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
        while !head(&mut reader).is_empty() {
            let answer = format!(
                "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{:5000}",
                "x"
            );
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    let text = format!(
        "global\n stats socket {at} level admin\n{DEFAULTS}\
         backend rates\n stick-table type integer size 9 expire 1h store bytes_out_rate(20d)\n\
         listen l\n bind 127.0.0.1:PORT\n \
         filter bwlim-out slow limit 1000 key int(7) table rates\n \
         http-request set-bandwidth-limit slow if {{ path /slow }}\n \
         server s 127.0.0.1:{port}\n"
    );
    let proxy = Proxy::start("bandwidth", &text);
    let mut slow = proxy.connect();
    slow.write_all(get("/slow").as_bytes()).expect("a request");
    let mut reader = BufReader::new(slow.try_clone().expect("a second handle"));
    assert!(head(&mut reader).starts_with("HTTP/1.1 200 "));
    let mut body = [0; 1000];
    reader.read_exact(&mut body).expect("what may pass at once");
    let other = whole(proxy.connect(), &get("/"));
    assert!(other.len() > 5000, "{} bytes", other.len());
    let entry = || ask(&at, "show table rates");
    let shown = entry();
    assert!(
        shown.contains("key=7 use=1") && shown.contains("bytes_out_rate(1728000000)=1000"),
        "{shown}"
    );
    drop((reader, slow));
    until("the entry is let go", || entry().contains("key=7 use=0"));
}

#[test]
fn what_a_tcp_client_sends_beyond_its_limit_does_not_reach_the_server() {
    let (told, came) = mpsc::channel();
    let port = server(move |mut stream| {
        let mut first = vec![0; 700];
        if stream.read_exact(&mut first).is_ok() {
            let _ = stream.write_all(b"enough");
            let bytes = BufReader::new(stream).bytes();
            let more = bytes.map_while(Result::ok).count();
            let _ = told.send(more);
        }
    });
    let text = format!(
        "{DEFAULTS}listen l\n bind 127.0.0.1:PORT\n mode tcp\n \
         filter bwlim-in up default-limit 5k default-period 20d\n \
         tcp-request content set-bandwidth-limit up limit int(350),mul(2)\n \
         server s 127.0.0.1:{port}\n"
    );
    let proxy = Proxy::start("bandwidth-tcp", &text);
    let mut client = proxy.connect();
    client.write_all(&[b'y'; 3000]).expect("bytes");
    let mut answer = [0; 6];
    client.read_exact(&mut answer).expect("an answer");
    assert_eq!(&answer, b"enough");
    drop(proxy);
    assert_eq!(came.recv().expect("what else came"), 0);
}

#[test]
fn bodies_pass_limits_of_frontend_and_backend_unchanged() {
    let port = server(echo);
    let text = format!(
        "{DEFAULTS}frontend f\n bind 127.0.0.1:PORT\n \
         filter bwlim-in up default-limit 9000 default-period 10ms min-size 700\n \
         filter bwlim-out down default-limit 7k default-period 8ms\n \
         http-request set-bandwidth-limit up\n \
         http-response set-bandwidth-limit down\n default_backend b\n\
         backend b\n filter bwlim-out all default-limit 20k default-period 9ms\n \
         filter bwlim-in all-in default-limit 1 default-period 1s\n \
         http-response set-bandwidth-limit all limit int(0) period int(11)\n \
         http-request set-bandwidth-limit all-in limit req.hdr(x-limit)\n \
         server s 127.0.0.1:{port}\n"
    );
    let proxy = Proxy::start("bandwidth-both", &text);
    let body: String = (0..12_000).map(|n| format!("{n:05}")).collect();
    let request = format!(
        "POST / HTTP/1.1\r\nHost: h\r\nx-limit: 100000\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let client = proxy.connect();
    let answer = beside(move || whole(client, &request));
    let answer = answer.join().expect("an answer");
    let got = answer.split_once("\r\n\r\n").map(|it| it.1);
    assert!(got == Some(&*body), "{} bytes", answer.len());
}
