//! What the runtime API counts of a running process.

use super::world::{Proxy, ask, echo, path, server, until, whole};

const REQUEST: &str = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

fn fact(info: &str, name: &str) -> u64 {
    let mut lines = info.lines().filter_map(|line| line.split_once(": "));
    let line = lines.find(|(key, _)| *key == name);
    let value = line.and_then(|(_, value)| value.parse().ok());
    value.unwrap_or_else(|| panic!("{name} in {info}"))
}

#[test]
fn show_info_counts_clients_and_those_who_ask() {
    let socket = path("stats.sock");
    let text = format!(
        "global\n nbthread 1\n stats socket {socket}\ndefaults\n mode http\n \
         timeout connect 20s\n timeout client 20s\n timeout server 20s\n\
         listen l\n bind 127.0.0.1:PORT\n server s 127.0.0.1:{}\n",
        server(echo)
    );
    let proxy = Proxy::start("stats", &text);
    // Clients are taken in the order they came: whoever knocked at the start is counted with this one.
    let answer = whole(proxy.connect(), REQUEST);
    let before = ask(&socket, "show info");
    assert_eq!(whole(proxy.connect(), REQUEST), answer);
    let after = ask(&socket, "show info");
    let more = |name| fact(&after, name) - fact(&before, name);
    assert_eq!(more("CumConns"), 2, "a client and one who asks");
    assert_eq!(more("CumReq"), 2);
    let sent = (before.len() + answer.len()) as u64;
    assert!(more("TotalBytesOut") >= sent, "{before}\n{after}");
    until("a second with something sent is measured", || {
        fact(&ask(&socket, "show info"), "BytesOutRate") > 0
    });
    drop(proxy);
    let _ = std::fs::remove_file(socket);
}

/// A page that is many times what a connection holds comes whole, and its form changes servers.
#[test]
fn the_page_of_statistics_shows_all_servers_and_what_became_of_them() {
    const SERVERS: usize = 500;
    let servers: String = (0..SERVERS)
        .map(|at| format!(" server s{at} 127.0.0.1:1\n"))
        .collect();
    let text = format!(
        "defaults\n mode http\n timeout connect 20s\n timeout client 20s\n timeout server 20s\n\
         frontend f\n bind 127.0.0.1:PORT\n stats uri /stats\n stats admin if TRUE\n\
         backend b\n{servers}"
    );
    let proxy = Proxy::start("page", &text);
    let page = |query: &str| {
        let request = format!("GET /stats{query} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        whole(proxy.connect(), &request)
    };
    let status = |server: usize| {
        let (csv, name) = (page(";csv"), format!("b,s{server},"));
        let row = csv.lines().find(|row| row.starts_with(&name));
        let status = row.and_then(|row| row.split(',').nth(17));
        status.map(str::to_owned)
    };
    assert_eq!(page(";csv").matches("\nb,s").count(), SERVERS);
    assert_eq!(status(SERVERS - 1).as_deref(), Some("no check"));
    assert!(page("").trim_end().ends_with("</html>"));
    let form = format!("s=s{}&action=maint&b=b", SERVERS - 1);
    let request = format!(
        "POST /stats HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{form}",
        form.len()
    );
    let answer = whole(proxy.connect(), &request);
    assert!(answer.starts_with("HTTP/1.1 303 "), "{answer}");
    assert!(answer.contains("location: /stats;st=DONE"), "{answer}");
    until("the server is in maintenance", || {
        status(SERVERS - 1).as_deref() == Some("MAINT")
    });
    assert_eq!(status(0).as_deref(), Some("no check"));
}
