//! Clients that stay with their servers: curl keeps the cookie, or a stick table knows it.

use super::world::{Proxy, ask, head, path, server, whole};
use std::io::{BufReader, Write};
use std::process::Command;

/// A server that says its name.
fn named(name: &'static str) -> u16 {
    server(move |mut stream| {
        let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
        while !head(&mut reader).is_empty() {
            let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n{name}");
            if stream.write_all(answer.as_bytes()).is_err() {
                return;
            }
        }
    })
}

/// Two servers behind these lines, and the runtime API at a socket.
fn proxy(name: &str, socket: &str, lines: &str) -> Proxy {
    let (a, b) = (named("a"), named("b"));
    let text = format!(
        "global\n stats socket {socket} level admin\n\
         defaults\n mode http\n timeout connect 20s\n timeout client 20s\n timeout server 20s\n\
         listen l\n bind 127.0.0.1:PORT\n {lines}\n \
         server a 127.0.0.1:{a} cookie a\n server b 127.0.0.1:{b} cookie b\n"
    );
    Proxy::start(name, &text)
}

/// Who serves a client that asks this.
fn served(proxy: &Proxy, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    let answer = whole(proxy.connect(), &request);
    answer.chars().next_back().into_iter().collect()
}

#[test]
fn curl_with_its_cookies_stays_with_a_server_until_that_is_down() {
    let (socket, jar) = (path("cookies.sock"), path("cookies.jar"));
    let proxy = proxy(
        "cookies",
        &socket,
        "cookie S insert indirect nocache maxlife 1h",
    );
    let url = format!(
        "http://{}/",
        proxy.connect().peer_addr().expect("an address")
    );
    let curl = || {
        let curl = Command::new("curl")
            .args([
                "--silent",
                "--noproxy",
                "*",
                "--cookie",
                &jar,
                "--cookie-jar",
                &jar,
                &url,
            ])
            .output()
            .expect("curl runs");
        String::from_utf8_lossy(&curl.stdout).into_owned()
    };
    let first = curl();
    assert!(first == "a" || first == "b", "{first}");
    let again: Vec<String> = (0..4).map(|_| curl()).collect();
    assert!(again.iter().all(|served| *served == first), "{again:?}");
    assert_eq!(ask(&socket, &format!("disable server l/{first}")), "\n");
    let other = if first == "a" { "b" } else { "a" };
    assert_eq!(curl(), other);
    // The cookie names the other one from now on.
    assert_eq!(ask(&socket, &format!("enable server l/{first}")), "\n");
    assert_eq!(curl(), other);
    drop(proxy);
    let _ = std::fs::remove_file(jar);
    let _ = std::fs::remove_file(socket);
}

#[test]
fn a_stick_table_keeps_clients_with_servers_that_are_up() {
    let socket = path("stick.sock");
    let lines = "stick-table type string size 10\n stick on path";
    let proxy = proxy("stick", &socket, lines);
    let first = served(&proxy, "/k");
    let again: Vec<String> = (0..3).map(|_| served(&proxy, "/k")).collect();
    assert!(again.iter().all(|served| *served == first), "{again:?}");
    let other = if first == "a" { "b" } else { "a" };
    assert_eq!(ask(&socket, &format!("disable server l/{first}")), "\n");
    assert_eq!(served(&proxy, "/k"), other);
    let said = ask(&socket, "show table l");
    assert!(said.contains("key=/k use=0"), "{said}");
    assert!(said.contains(&format!("server_key={other}\n")), "{said}");
    assert_eq!(ask(&socket, &format!("enable server l/{first}")), "\n");
    let back: Vec<String> = (0..3).map(|_| served(&proxy, "/k")).collect();
    assert!(back.iter().all(|served| *served == other), "{back:?}");
    drop(proxy);
    let _ = std::fs::remove_file(socket);
}
