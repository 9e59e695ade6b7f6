//! Backends that frontends send requests to, or not, as an operator says.

use super::world::{Proxy, ask, path, server, whole};
use std::io::{Read, Write};

#[test]
fn backends_are_passed_over_until_they_are_published_unless_a_rule_insists() {
    let socket = path("switching.sock");
    let text = format!(
        "global\n stats socket {socket} level admin\n\
         defaults\n mode http\n timeout connect 20s\n timeout client 20s\n timeout server 20s\n\
         frontend f\n bind 127.0.0.1:PORT\n force-be-switch if {{ req.hdr(force) 1 }}\n \
         use_backend %[req.hdr(to)] if {{ req.hdr(to) -m found }}\n \
         use_backend off if {{ path /off }}\n use_backend a\n use_backend b\n default_backend c\n\
         backend a\n be-unpublished\n http-request return status 201\n\
         backend b\n http-request return status 202\n\
         backend c\n http-request return status 203\n\
         backend off\n disabled\n http-request return status 204\n"
    );
    let proxy = Proxy::start("switching", &text);
    let status = |path: &str, fields: &str| {
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: h\r\n{fields}Connection: close\r\n\r\n");
        whole(proxy.connect(), &request)[9..12].to_string()
    };
    // What haproxy 3.5-dev answered to the same.
    assert_eq!(status("/", ""), "202");
    assert_eq!(status("/", "Force: 1\r\n"), "201");
    assert_eq!(status("/", "To: a\r\n"), "202");
    assert_eq!(status("/", "To: a\r\nForce: 1\r\n"), "201");
    assert_eq!(status("/", "To: nobody\r\n"), "203");
    assert_eq!(status("/off", ""), "202");
    assert_eq!(status("/off", "Force: 1\r\n"), "503");
    assert_eq!(ask(&socket, "unpublish backend f"), "No such backend.\n\n");
    let disabled = "No effect on a disabled backend.\n\n";
    assert_eq!(ask(&socket, "publish backend off"), disabled);
    assert_eq!(ask(&socket, "publish backend a"), "Backend published.\n\n");
    assert_eq!(status("/", ""), "201");
    assert_eq!(
        ask(&socket, "unpublish backend a"),
        "Backend unpublished.\n\n"
    );
    assert_eq!(
        ask(&socket, "unpublish backend b"),
        "Backend unpublished.\n\n"
    );
    assert_eq!(status("/", ""), "203");
    assert!(ask(&socket, "show stat a 2 -1").contains(",UP (UNPUB),"));
    assert_eq!(
        ask(&socket, "unpublish backend c"),
        "Backend unpublished.\n\n"
    );
    assert_eq!(status("/", ""), "503");
    drop(proxy);
    let _ = std::fs::remove_file(socket);
}

/// `defer-accept` lets clients in behind their first bytes: without any rule that would wait for them, those
/// are what rules see.
#[test]
fn what_came_with_a_tcp_client_decides_where_it_goes() {
    let says = |name: &'static str| {
        server(move |mut stream| {
            let _ = stream.write_all(name.as_bytes());
            let _ = stream.read_to_end(&mut Vec::new());
        })
    };
    let (http, other) = (says("http"), says("other"));
    let text = format!(
        "defaults\n mode tcp\n timeout connect 20s\n timeout client 20s\n timeout server 20s\n\
         frontend f\n bind 127.0.0.1:PORT defer-accept\n \
         use_backend http if HTTP\n default_backend other\n\
         backend http\n server s 127.0.0.1:{http}\n\
         backend other\n server s 127.0.0.1:{other}\n"
    );
    let proxy = Proxy::start("first-bytes", &text);
    let goes_to = |bytes: &str| {
        let mut client = proxy.connect();
        client.write_all(bytes.as_bytes()).expect("bytes");
        client.shutdown(std::net::Shutdown::Write).expect("an end");
        let mut name = String::new();
        client.read_to_string(&mut name).expect("an answer");
        name
    };
    // What haproxy 3.5-dev does with the same.
    assert_eq!(goes_to("GET / HTTP/1.1\r\nHost: h\r\n\r\n"), "http");
    assert_eq!(goes_to("hello\r\n\r\n"), "other");
}
