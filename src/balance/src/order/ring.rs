//! `hash-type consistent`: servers stand on a ring in many places each, and a hash goes to the nearest.

use crate::{Address, HashKey, ServerIndex, ServerSettings};
use alloc::vec::Vec;
use base::avalanche;
use core::net::IpAddr;

#[derive(Debug)]
pub(super) struct Ring {
    lanes: Vec<Lane>,
    /// Places with their servers, in order; `None` until it is asked for.
    places: Option<Vec<(u32, ServerIndex)>>,
    /// The place whose turn was last.
    last: Option<u32>,
}

/// A server.
#[derive(Debug)]
struct Lane {
    /// Where its places are counted from.
    key: u32,
    weight: u32,
    takes: bool,
}

/// What its places are counted from. Ids leave room for the places of 256 units of weight.
fn key_of(server: &ServerSettings) -> u32 {
    let by_id = server.id.wrapping_mul(256 * PLACES);
    let address = match &server.address {
        Address::Ip(address) | Address::IpPortOf { ip: address, .. } => *address,
        Address::Unix(_) | Address::Abstract(_) | Address::Unresolved(_) | Address::Reversed => {
            return by_id;
        }
    };
    let IpAddr::V4(ip) = address.ip() else {
        return by_id;
    };
    let ip = u32::from_le_bytes(ip.octets());
    match server.hash_key {
        HashKey::Id => by_id,
        HashKey::Address => avalanche(ip),
        HashKey::AddressAndPort => avalanche(avalanche(address.port().into()).wrapping_add(ip)),
    }
}

/// Places on the ring for each unit of weight.
const PLACES: u32 = 16;

impl Ring {
    pub(super) fn new(servers: &[ServerSettings]) -> Self {
        let lane = |server: &ServerSettings| Lane {
            key: key_of(server),
            weight: server.weight,
            takes: false,
        };
        Self {
            lanes: servers.iter().map(lane).collect(),
            places: None,
            last: None,
        }
    }

    pub(super) fn start(&mut self, server: ServerIndex) {
        self.lanes[server.0 as usize].takes = true;
        self.places = None;
    }

    pub(super) fn stop(&mut self, server: ServerIndex) {
        self.lanes[server.0 as usize].takes = false;
        self.places = None;
    }

    /// The server of the next place that is open. `avoid` is only taken if there is no other.
    pub(super) fn pick(
        &mut self,
        is_open: &dyn Fn(ServerIndex) -> bool,
        avoid: Option<ServerIndex>,
    ) -> Option<ServerIndex> {
        let last = self.last;
        let places = self.places();
        let behind = |last| places.partition_point(|(key, _)| *key <= last);
        let from = last.map_or(0, behind);
        let round = places[from..].iter().chain(&places[..from]);
        let mut avoided = None;
        for (key, server) in round.filter(|(_, server)| is_open(*server)) {
            avoided = Some((*key, *server));
            if Some(*server) != avoid {
                break;
            }
        }
        let (key, server) = avoided?;
        self.last = Some(key);
        Some(server)
    }

    /// The server nearest to a hash, or the next behind it that passes; the last one of the ring if none
    /// does.
    pub(super) fn nearest(
        &mut self,
        hash: u32,
        passes: &dyn Fn(ServerIndex) -> bool,
    ) -> Option<ServerIndex> {
        let places = self.places();
        let count = places.len();
        let (_, last) = places.last()?;
        let after = places.partition_point(|(key, _)| *key < hash);
        let (after, before) = (after % count, (after + count - 1) % count);
        let up = places[after].0.wrapping_sub(hash);
        let down = hash.wrapping_sub(places[before].0);
        let from = if down <= up { before } else { after };
        let mut round = places[from..].iter().chain(&places[..from]);
        let found = round.find(|(_, server)| passes(*server));
        Some(found.map_or(*last, |(_, server)| *server))
    }

    fn places(&mut self) -> &[(u32, ServerIndex)] {
        let lanes = &self.lanes;
        self.places.get_or_insert_with(|| lay_out(lanes))
    }
}

fn lay_out(lanes: &[Lane]) -> Vec<(u32, ServerIndex)> {
    let mut places = Vec::new();
    for (at, lane) in lanes.iter().enumerate().filter(|(_, lane)| lane.takes) {
        let of_server = 0..lane.weight * PLACES;
        let place = |number| avalanche(lane.key.wrapping_add(number));
        places.extend(of_server.map(|number| (place(number), ServerIndex(at as u32))));
    }
    // Of several in one place the first declared comes first.
    places.sort_unstable();
    places
}
