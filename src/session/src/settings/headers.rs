//! `option forwardfor` and `option originalto`.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::net::IpAddr;

/// An IP prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    /// The address, host bits included as written.
    pub address: IpAddr,
    /// Leading bits that count: 0..=32 or 0..=128.
    pub prefix_bits: u8,
}

impl Network {
    /// Whether `ip` lies in it; never across address families.
    pub fn contains(&self, ip: IpAddr) -> bool {
        match (self.address, ip) {
            (IpAddr::V4(net), IpAddr::V4(ip)) => {
                let shift = 32 - u32::from(self.prefix_bits.min(32));
                (u64::from(net.to_bits() ^ ip.to_bits())) >> shift == 0
            }
            (IpAddr::V6(net), IpAddr::V6(ip)) => {
                let shift = 128 - u32::from(self.prefix_bits.min(128));
                (net.to_bits() ^ ip.to_bits())
                    .checked_shr(shift)
                    .unwrap_or(0)
                    == 0
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

/// A header that carries an address: the client's (`forwardfor`) or the destination (`originalto`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressHeader {
    /// `header`: its name.
    pub name: Box<str>,
    /// `except`: addresses for which it is not added.
    pub except: Vec<Network>,
    /// `if-none`: only added when the request has none yet.
    pub if_none: bool,
}

#[cfg(test)]
mod tests {
    use super::Network;

    #[test]
    fn prefixes_cut_where_they_say() {
        let net = |address: &str, prefix_bits| Network {
            address: address.parse().unwrap(),
            prefix_bits,
        };
        assert!(net("10.1.0.0", 16).contains("10.1.255.1".parse().unwrap()));
        assert!(!net("10.1.0.0", 16).contains("10.2.0.1".parse().unwrap()));
        assert!(net("0.0.0.0", 0).contains("1.2.3.4".parse().unwrap()));
        assert!(net("::", 0).contains("fe80::1".parse().unwrap()));
        assert!(!net("::1", 128).contains("::2".parse().unwrap()));
        assert!(!net("::", 0).contains("1.2.3.4".parse().unwrap()));
    }
}
