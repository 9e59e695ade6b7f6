//! Patterns that are addresses and networks: the smallest network wins.

use super::prefixes::{Prefixes, first_bits};
use crate::address;
use crate::pattern::network::{Network, same_masked};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::net::{IpAddr, Ipv4Addr};

/// The entries of a list by networks.
#[derive(Clone, Debug, Default)]
pub(super) struct Networks {
    v4: Prefixes,
    v6: Prefixes,
    /// Networks whose masks are not first bits, in the order in which they came.
    masked: Vec<(Ipv4Addr, Ipv4Addr, u32)>,
    /// What entries stand for that are names of hosts, by their slots.
    hosts: BTreeMap<u32, Network>,
}

impl Networks {
    /// The entry of the smallest network with this address. An IPv4 address is looked for as such, then
    /// as a mapped one; an IPv6 address as such, then as the IPv4 address it stands for.
    pub(super) fn find(&self, address: IpAddr) -> Option<u32> {
        match address {
            IpAddr::V4(address) => {
                let bits = address.to_ipv6_mapped().to_bits();
                let found = self.v4.find(left4(address));
                found
                    .or_else(|| self.v6.find(bits))
                    .or_else(|| self.find_masked(address))
            }
            IpAddr::V6(address) => self.v6.find(address.to_bits()).or_else(|| {
                let address = address::within6(address)?;
                let found = self.v4.find(left4(address));
                found.or_else(|| self.find_masked(address))
            }),
        }
    }

    fn find_masked(&self, address: Ipv4Addr) -> Option<u32> {
        let mut all = self.masked.iter();
        let found = all.find(|&&(network, mask, _)| same_masked(network, address, mask))?;
        Some(found.2)
    }

    pub(super) fn add(&mut self, network: Network, slot: u32) {
        match network {
            Network::V4(address, bits) => self.v4.add(left4(address), bits, slot),
            Network::Masked(address, mask) => self.masked.push((address, mask, slot)),
            Network::V6(address, bits) => self.v6.add(address.to_bits(), bits, slot),
        }
    }

    pub(super) fn add_host(&mut self, network: Network, slot: u32) {
        self.add(network, slot);
        self.hosts.insert(slot, network);
    }

    pub(super) fn remove_host(&mut self, slot: u32) {
        if let Some(network) = self.hosts.remove(&slot) {
            self.remove(network, slot);
        }
    }

    pub(super) fn remove(&mut self, network: Network, slot: u32) {
        match network {
            Network::V4(address, bits) => self.v4.remove(left4(address), bits, slot),
            Network::Masked(..) => self.masked.retain(|entry| entry.2 != slot),
            Network::V6(address, bits) => self.v6.remove(address.to_bits(), bits, slot),
        }
    }
}

/// A number by which networks are kept near each other; 0 for those that are kept in order.
pub(super) fn near(network: Network) -> u128 {
    match network {
        Network::V4(address, bits) => first_bits(left4(address), bits),
        Network::Masked(..) => 0,
        Network::V6(address, bits) => first_bits(address.to_bits(), bits),
    }
}

/// An IPv4 address in the first bits.
fn left4(address: Ipv4Addr) -> u128 {
    u128::from(address.to_bits()) << 96
}
