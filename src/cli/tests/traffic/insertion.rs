//! NetScaler's client IP insertion in front of what a client sends.

use super::world::Proxy;
use std::io::{Read, Write};
use std::net::TcpStream;

const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
const PROXY: &[u8] = b"PROXY TCP4 9.9.9.9 8.8.8.8 99 88\r\n";

/// The newer form for a client at 1.2.3.4:1000 that connected to 5.6.7.8:2000.
fn inserted(magic: u32) -> Vec<u8> {
    let mut header = magic.to_be_bytes().to_vec();
    header.extend([0, 0, 0, 52, 0, 1, 0, 40]);
    header.extend([0x45, 0, 0, 40, 0, 1, 0, 0, 64, 6, 0, 0]);
    header.extend([1, 2, 3, 4, 5, 6, 7, 8, 0x03, 0xe8, 0x07, 0xd0]);
    header.extend([0; 16]);
    header
}

/// What comes for bytes that are sent one by one.
fn drop_by_drop(mut client: TcpStream, bytes: &[u8]) -> String {
    client.set_nodelay(true).expect("a socket");
    for byte in bytes {
        if client.write_all(&[*byte]).is_err() {
            break;
        }
    }
    let mut text = String::new();
    let _ = client.read_to_string(&mut text);
    text.rsplit_once("\r\n\r\n")
        .map_or(text.clone(), |it| it.1.into())
}

fn listen(line: &str, rules: &str) -> Proxy {
    let text = format!(
        "defaults\n mode http\n timeout connect 20s\n timeout client 20s\n timeout server 20s\n\
         frontend f\n bind 127.0.0.1:PORT {line}\n{rules} \
         http-request return status 200 content-type text/plain lf-string \
         \"%ci:%cp %[dst]:%[dst_port] %[fc_rcvd_proxy]\"\n"
    );
    Proxy::start("insertion", &text)
}

#[test]
fn a_client_is_who_netscaler_says_and_who_says_nothing_is_not_served() {
    let proxy = listen("accept-netscaler-cip 305419896", "");
    let header = inserted(305_419_896);
    let request = [&header[..], GET].concat();
    let said = "1.2.3.4:1000 5.6.7.8:2000 0";
    assert_eq!(drop_by_drop(proxy.connect(), &request), said);
    let mut client = proxy.connect();
    client.write_all(&request).expect("a request");
    let mut answer = String::new();
    client.read_to_string(&mut answer).expect("an answer");
    assert!(answer.ends_with(said), "{answer}");
    assert_eq!(drop_by_drop(proxy.connect(), GET), "");
    let other = [&inserted(7), GET].concat();
    assert_eq!(drop_by_drop(proxy.connect(), &other), "");
}

#[test]
fn behind_netscalers_header_comes_that_of_the_proxy_protocol() {
    let proxy = listen("accept-netscaler-cip 9 accept-proxy", "");
    let request = [&inserted(9), PROXY, GET].concat();
    let said = drop_by_drop(proxy.connect(), &request);
    assert_eq!(said, "9.9.9.9:99 8.8.8.8:88 1");
    let request = [PROXY, &inserted(9), GET].concat();
    assert_eq!(drop_by_drop(proxy.connect(), &request), "");
}

#[test]
fn rules_say_of_whom_netscalers_header_is_expected() {
    let rules = " tcp-request connection expect-netscaler-cip layer4 if { src 127.0.0.1 }\n";
    let proxy = listen("", rules);
    // Without a number of the `bind` line it is 0.
    let request = [&inserted(0), GET].concat();
    let said = drop_by_drop(proxy.connect(), &request);
    assert_eq!(said, "1.2.3.4:1000 5.6.7.8:2000 0");
    assert_eq!(drop_by_drop(proxy.connect(), GET), "");
}
