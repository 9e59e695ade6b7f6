//! What two exchanges must have in common to use the same connection.

use alloc::boxed::Box;
use core::net::SocketAddr;

/// A server, numbered from 0 by the pool's owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target(pub u32);

/// The key of a connection: everything by which its peer, or the way to it, differs from another's.
/// Two connections may carry the same exchange exactly if their keys are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key<'a> {
    /// The server.
    pub target: Target,
    /// `pool-conn-name`; empty without it.
    pub name: &'a [u8],
    /// Where it leads, if that is an IP address: it may depend on the request.
    pub destination: Option<SocketAddr>,
    /// Where it comes from, if that is chosen.
    pub source: Option<SocketAddr>,
    /// The PROXY protocol header sent first; empty without it.
    pub proxy_header: &'a [u8],
    /// `set-fc-mark` and its kin.
    pub mark: Option<u32>,
    /// `set-fc-tos` and its kin.
    pub tos: Option<u8>,
}

impl<'a> Key<'a> {
    /// The key of connections to a server about which nothing else is special.
    pub fn of(target: Target) -> Self {
        Self {
            target,
            name: b"",
            destination: None,
            source: None,
            proxy_header: b"",
            mark: None,
            tos: None,
        }
    }

    /// A number that is the same for equal keys.
    pub(crate) fn hash(&self, seed: u64) -> u64 {
        let mut hash = Mix(seed);
        hash.number(self.target.0.into());
        hash.bytes(self.name);
        hash.address(self.destination);
        hash.address(self.source);
        hash.bytes(self.proxy_header);
        hash.number(self.mark.map_or(0, |mark| 1 << 32 | u64::from(mark)));
        hash.number(self.tos.map_or(0, |tos| 1 << 8 | u64::from(tos)));
        hash.0
    }

    pub(crate) fn to_owned(self) -> KeyBuf {
        KeyBuf {
            name: self.name.into(),
            proxy_header: self.proxy_header.into(),
            rest: Key {
                name: b"",
                proxy_header: b"",
                ..self
            },
        }
    }
}

/// A key that is kept.
#[derive(Clone, Debug)]
pub(crate) struct KeyBuf {
    name: Box<[u8]>,
    proxy_header: Box<[u8]>,
    rest: Key<'static>,
}

impl KeyBuf {
    pub(crate) fn get(&self) -> Key<'_> {
        Key {
            name: &self.name,
            proxy_header: &self.proxy_header,
            ..self.rest
        }
    }
}

/// A multiply-and-fold hash. Whoever chooses names cannot choose collisions, for want of the seed.
struct Mix(u64);

impl Mix {
    fn number(&mut self, number: u64) {
        let product = u128::from(self.0 ^ number) * u128::from(FACTOR);
        self.0 = (product as u64) ^ ((product >> 64) as u64);
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.number(u64::from_le_bytes(word));
        }
    }

    fn address(&mut self, address: Option<SocketAddr>) {
        match address {
            None => self.number(0),
            Some(SocketAddr::V4(v4)) => {
                let ip = u64::from(v4.ip().to_bits());
                self.number(1 << 48 | ip << 16 | u64::from(v4.port()));
            }
            Some(SocketAddr::V6(v6)) => {
                let ip = v6.ip().to_bits();
                self.number(ip as u64);
                self.number((ip >> 64) as u64);
                self.number(1 << 48 | u64::from(v6.scope_id()) << 16 | u64::from(v6.port()));
            }
        }
    }
}

/// Odd, with as many ones as zeroes, and no pattern.
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
