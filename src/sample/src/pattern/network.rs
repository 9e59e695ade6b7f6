//! Patterns that are addresses and networks.

use alloc::format;
use alloc::string::String;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Network {
    /// IPv4 addresses that begin like this; a number of bits.
    V4(Ipv4Addr, u8),
    /// IPv4 addresses that are the same under a mask whose bits are not the first ones.
    Masked(Ipv4Addr, Ipv4Addr),
    /// IPv6 addresses that begin like this.
    V6(Ipv6Addr, u8),
}

impl Network {
    /// Reads an address, perhaps with a mask: for IPv4 in dots or a number of bits, for IPv6 a number of
    /// bits.
    pub(super) fn parse(text: &[u8]) -> Result<Self, String> {
        let read = || {
            let (address, mask) = parted(text)?;
            if let Some(address) = abbreviated4(address) {
                return Self::v4(address, mask);
            }
            let address = address.parse().ok()?;
            let bits = mask.map_or(Some(128), |mask| bits(mask, 128))?;
            Some(Self::V6(address, bits))
        };
        read().ok_or_else(|| {
            let text = String::from_utf8_lossy(text);
            format!("'{text}' is not a valid IPv4 or IPv6 address")
        })
    }

    /// Reads the name of a host, perhaps with a mask. It has to have an IPv4 address.
    pub(super) fn parse_host(text: &[u8], resolve: super::Resolve<'_>) -> Option<Self> {
        let (host, mask) = parted(text)?;
        match resolve(host)? {
            IpAddr::V4(address) => Self::v4(address, mask),
            IpAddr::V6(_) => None,
        }
    }

    fn v4(address: Ipv4Addr, mask: Option<&str>) -> Option<Self> {
        let Some(mask) = mask else {
            return Some(Self::V4(address, 32));
        };
        if let Some(bits) = bits(mask, 32) {
            return Some(Self::V4(address, bits));
        }
        let mask: Ipv4Addr = mask.parse().ok()?;
        let ones = mask.to_bits().leading_ones();
        match ones + mask.to_bits().trailing_zeros() >= 32 {
            true => Some(Self::V4(address, ones as u8)),
            false => Some(Self::Masked(address, mask)),
        }
    }
}

/// Whether two IPv4 addresses are the same under a mask.
pub(crate) fn same_masked(a: Ipv4Addr, b: Ipv4Addr, mask: Ipv4Addr) -> bool {
    (a.to_bits() ^ b.to_bits()) & mask.to_bits() == 0
}

/// What stands before and behind the slash.
fn parted(text: &[u8]) -> Option<(&str, Option<&str>)> {
    let text = core::str::from_utf8(text).ok()?;
    Some(match text.split_once('/') {
        Some((address, mask)) => (address, Some(mask)),
        None => (text, None),
    })
}

fn bits(text: &str, max: u8) -> Option<u8> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|&bits| digits && bits <= max)
}

/// Reads one to four numbers; the last stands for all octets that are left, so that `127.1` is
/// `127.0.0.1`. A leading zero makes a number octal, as `inet_aton` has it.
fn abbreviated4(text: &str) -> Option<Ipv4Addr> {
    let mut address = 0_u32;
    let mut octets = 0;
    let mut parts = text.split('.').peekable();
    while let Some(part) = parts.next() {
        if octets == 4 || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let radix = if part.len() > 1 && part.starts_with('0') {
            8
        } else {
            10
        };
        let number = u32::from_str_radix(part, radix).ok()?;
        let last = parts.peek().is_none();
        let width = if last { 32 - 8 * octets } else { 8 };
        if width < 32 && number >> width != 0 {
            return None;
        }
        address |= if last {
            number
        } else {
            number << (24 - 8 * octets)
        };
        octets += 1;
    }
    Some(Ipv4Addr::from_bits(address))
}

#[cfg(test)]
mod tests {
    use super::Network;
    use alloc::string::String;
    use core::net::{IpAddr, Ipv4Addr};

    fn read(text: &str) -> Result<Network, String> {
        Network::parse(text.as_bytes())
    }

    #[test]
    fn addresses_may_be_abbreviated() {
        let address = |text: &str| match read(text) {
            Ok(Network::V4(address, 32)) => address.octets(),
            other => panic!("{other:?}"),
        };
        assert_eq!(address("192.168.0.1"), [192, 168, 0, 1]);
        assert_eq!(address("192.168.1"), [192, 168, 0, 1]);
        assert_eq!(address("10.300"), [10, 0, 1, 44]);
        assert_eq!(address("127.1"), [127, 0, 0, 1]);
        assert_eq!(address("1"), [0, 0, 0, 1]);
        assert_eq!(address("010.1.1.1"), [8, 1, 1, 1]);
    }

    #[test]
    fn masks_are_bits_or_dots() {
        let masked = Network::Masked(Ipv4Addr::new(0, 0, 0, 7), Ipv4Addr::new(0, 0, 0, 255));
        assert_eq!(read("0.0.0.7/0.0.0.255"), Ok(masked));
        let network = Network::V4(Ipv4Addr::new(10, 1, 2, 3), 8);
        assert_eq!(read("10.1.2.3/255.0.0.0"), Ok(network));
        assert_eq!(read("10.1.2.3/8"), Ok(network));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let refused = [
            "",
            "x",
            "1.2.3.4/33",
            "1.2.3.4/",
            "1.2.3.4.",
            "1.2.3.4.5",
            "0x10.1",
            "256.1.1.1",
            "::1/129",
            "2001:db8::/ffff:ffff::",
            "1.2.3.4/+8",
            "/8",
        ];
        for text in refused {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_host_is_its_address() {
        let home = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let read = Network::parse_host(b"localhost/8", &mut |name| {
            (name == "localhost").then_some(home)
        });
        assert_eq!(read, Some(Network::V4(Ipv4Addr::LOCALHOST, 8)));
    }
}
