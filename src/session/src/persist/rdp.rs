//! The cookie of RDP by which a terminal server is found again (`persist rdp-cookie`, [MS-RDPBCGR]
//! §3.2.5.3.1): address and port as decimal numbers, the bytes of each the wrong way round.

use core::net::{Ipv4Addr, SocketAddrV4};

/// The server that a cookie names: `<address>.<port>.<anything>`.
pub fn rdp_address(value: &[u8]) -> Option<SocketAddrV4> {
    let text = core::str::from_utf8(value).ok()?;
    let mut numbers = text.split('.');
    let address: u32 = numbers.next()?.parse().ok()?;
    let port: u16 = numbers.next()?.parse().ok()?;
    numbers.next()?;
    let ip = Ipv4Addr::from(address.to_le_bytes());
    Some(SocketAddrV4::new(ip, port.swap_bytes()))
}

#[cfg(test)]
mod tests {
    use super::rdp_address;
    use alloc::string::ToString;

    #[test]
    fn a_cookie_names_a_server_only_if_it_is_whole() {
        for (cookie, server) in [
            ("3640205228.15629.0000", Some("172.31.249.216:3389")),
            ("16777343.20992.", Some("127.0.0.1:82")),
            ("16777343.20992", None),
            ("4294967296.1.0", None),
            ("1.65536.0", None),
            ("a.1.0", None),
            ("", None),
        ] {
            let found = rdp_address(cookie.as_bytes()).map(|it| it.to_string());
            assert_eq!(found.as_deref(), server, "{cookie}");
        }
    }
}
