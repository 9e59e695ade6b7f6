//! What a seed adds to a scenario: faults from its menu, and another network.

use super::usual;
use crate::fault::{Fault, Kind};
use crate::net::{Settings, Substrate};
use crate::peer::Rude;
use crate::scenario::Scenario;
use base::Rng;

/// The shortest time between the beginnings of two drawn faults, milliseconds.
const SPACING_MS: u64 = 150;

/// The scenario's own faults and those drawn, in order of time; none outlasts the scenario.
pub(super) fn faults(scenario: &Scenario, seed: &Rng, servers: &[String]) -> Vec<Fault> {
    let mut faults = scenario.faults.clone();
    if let Some(swarm) = &scenario.swarm {
        let mut rng = seed.fork("swarm");
        // Each seed leaves out a random half of the menu, so that some faults meet others alone.
        let menu: Vec<&String> = swarm.menu.iter().filter(|_| rng.chance(1, 2)).collect();
        let count = if menu.is_empty() {
            0
        } else {
            rng.between(0, swarm.max)
        };
        for number in 0..count {
            let name = menu[rng.below(menu.len() as u64) as usize];
            let mut own = seed.fork(&format!("swarm/{number}"));
            let Ok(mut fault) = Fault::draw(name, &mut own, scenario.length_ms, servers) else {
                continue;
            };
            if scenario.substrate == Substrate::Turmoil && !fault.kind.works_in_turmoil() {
                continue;
            }
            while faults
                .iter()
                .any(|other| other.at_ms.abs_diff(fault.at_ms) < SPACING_MS)
            {
                fault.at_ms += SPACING_MS;
            }
            faults.push(fault);
        }
    }
    for fault in &mut faults {
        fault.at_ms = fault.at_ms.min(scenario.length_ms);
        fault.for_ms = fault.for_ms.min(scenario.length_ms - fault.at_ms);
    }
    faults.sort_by_key(|fault| fault.at_ms);
    faults
}

/// Machines of crowds, one a fault.
pub(super) fn crowd_names(faults: &[Fault]) -> Vec<String> {
    let crowds = faults
        .iter()
        .enumerate()
        .filter_map(|(number, fault)| match fault.kind {
            Kind::Crowd { rude, .. } => Some(crowd_name(number, rude)),
            Kind::Link(_) | Kind::Server(_) | Kind::Surge { .. } | Kind::Proxy(_) => None,
        });
    crowds.collect()
}

/// The machine of the crowd that fault `number` brings.
pub(super) fn crowd_name(number: usize, rude: Rude) -> String {
    let name = Rude::ALL.into_iter().find(|(_, known)| *known == rude);
    format!("{}-{number}", name.map_or("crowd", |(name, _)| name))
}

/// The network of a seed: buffers and packets of different sizes find different bugs.
pub(super) fn network(scenario: &Scenario, seed: &Rng) -> Settings {
    let mut rng = seed.fork("network");
    let usual = usual(scenario);
    if scenario.swarm.is_none() {
        return usual;
    }
    let buffers = [4096, 16384, 65535];
    let mtus = [576, 1500, 1500, 9000, 9000];
    Settings {
        receive_buffer: buffers[rng.below(3) as usize],
        send_buffer: buffers[rng.below(3) as usize],
        mtu: mtus[rng.below(5) as usize],
        ..usual
    }
}
