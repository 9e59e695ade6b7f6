//! `tidegate demo`: an embedded configuration in front of embedded origin servers.

mod origin;

use config::SourceFile;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};

/// Ports that are used if they are free, so that the addresses are easy to type.
const WEB_PORT: u16 = 8080;
const RAW_PORT: u16 = 8081;
const NOBODY_PORT: u16 = 8082;
const STATS_PORT: u16 = 8083;

/// Starts the origins, says what there is to try, and gives the configuration to run.
pub fn start() -> io::Result<SourceFile> {
    let red = origin::start("red")?;
    let blue = origin::start("blue")?;
    // Held until all are chosen: no two are the same.
    let held = [WEB_PORT, RAW_PORT, NOBODY_PORT, STATS_PORT]
        .into_iter()
        .map(free)
        .chain([free(0)])
        .collect::<io::Result<Vec<_>>>()?;
    let addresses = held
        .iter()
        .map(TcpListener::local_addr)
        .collect::<io::Result<Vec<_>>>()?;
    let addresses = Addresses {
        web: addresses[0],
        raw: addresses[1],
        nobody: addresses[2],
        stats: addresses[3],
        gone: addresses[4],
        red,
        blue,
    };
    let text = addresses.configuration();
    // Who connects at once must not end in a queue that nobody will ever accept from.
    drop(held);
    println!("# The configuration:\n\n{text}");
    println!("{}", addresses.suggestions());
    Ok(SourceFile {
        name: "demo.cfg".to_string(),
        text,
    })
}

/// Listens on this port of the loopback interface, or on any free one.
fn free(port: u16) -> io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .or_else(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))
}

/// Where everything is.
struct Addresses {
    web: SocketAddr,
    raw: SocketAddr,
    nobody: SocketAddr,
    stats: SocketAddr,
    gone: SocketAddr,
    red: SocketAddr,
    blue: SocketAddr,
}

impl Addresses {
    fn configuration(&self) -> String {
        let Self {
            web,
            raw,
            nobody,
            stats,
            gone,
            red,
            blue,
        } = self;
        format!(
            "\
global
    nbthread 2
    log stdout format raw local0
    stats socket ipv4@{stats} level user

defaults
    mode http
    log global
    option httplog
    timeout connect 2s
    timeout client 60s
    timeout server 60s

frontend web
    bind {web}
    option forwardfor
    monitor-uri /alive
    default_backend origins

backend origins
    balance roundrobin
    timeout tunnel 1h
    server red {red} maxconn 100
    server blue {blue} maxconn 100

listen nobody
    bind {nobody}
    server gone {gone}

listen raw
    mode tcp
    option tcplog
    bind {raw}
    server red {red}
"
        )
    }

    fn suggestions(&self) -> String {
        let Self {
            web,
            raw,
            nobody,
            stats,
            ..
        } = self;
        format!(
            "\
# To try, from another terminal:

curl http://{web}/                       red and blue take turns, and say what they got
curl -d 'some text' http://{web}/        with a body
curl http://{web}/slow                   an answer after three seconds
curl -N http://{web}/chunked             five chunks, one each half second
curl -o /dev/null http://{web}/large     64 MiB
curl http://{web}/alive                  an answer of the proxy's own
curl http://{nobody}/                       a server that is not there: 503
curl http://{raw}/                       the same origin in TCP mode
websocat ws://{web}/echo                 a WebSocket that answers what it is told
echo 'show stat' | socat - TCP:{stats}  counters, as HAProxy gives them

# Ctrl-C ends it. What follows is the traffic, one log line an exchange:
"
        )
    }
}
