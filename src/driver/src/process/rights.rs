//! What a process may still do when it is no longer root (`setcap`).

use engine::settings::{Capability, Settings};
use rustix::thread::{self, CapabilitySet, CapabilitySets};
use std::io;

/// The rights a process keeps when it changes its user.
#[derive(Debug)]
pub struct Rights {
    kept: CapabilitySet,
}

impl Rights {
    /// Those that the configuration names. The system is told to leave them to us.
    pub fn keep(named: &[Capability]) -> io::Result<Self> {
        let kept = named.iter().map(|name| set_of(*name)).collect();
        if !named.is_empty() {
            thread::set_keep_capabilities(true)?;
        }
        Ok(Self { kept })
    }

    /// The user has changed: they are in force again, and no others. Threads that start later have them
    /// too.
    pub fn restore(self) -> io::Result<()> {
        if self.kept.is_empty() {
            return Ok(());
        }
        let had = thread::capabilities(None)?.permitted;
        let kept = self.kept & had;
        thread::set_capabilities(
            None,
            CapabilitySets {
                effective: kept,
                permitted: kept,
                inheritable: kept,
            },
        )?;
        Ok(())
    }
}

/// Whether a process that is not root does without what connections to servers need: to be bound to the
/// addresses of others, and to interfaces (`source`).
pub fn lacks_network_rights() -> bool {
    thread::capabilities(None).is_ok_and(|sets| !sets.effective.intersects(NETWORK))
}

/// Whether any of these rights is enough for that.
pub fn has_network_rights(named: &[Capability]) -> bool {
    named.iter().any(|name| set_of(*name).intersects(NETWORK))
}

/// Whether connections to servers need such rights.
pub fn needs_network_rights(settings: &Settings) -> bool {
    let of_backends = settings.proxies.iter().flat_map(|proxy| &proxy.source);
    let servers = settings.proxies.iter().flat_map(|proxy| &proxy.servers);
    let mut sources = of_backends.chain(servers.flat_map(|server| &server.source));
    sources.any(|source| source.shown.is_some() || source.interface.is_some())
}

fn set_of(name: Capability) -> CapabilitySet {
    match name {
        Capability::NetRaw => CapabilitySet::NET_RAW,
        Capability::NetAdmin => CapabilitySet::NET_ADMIN,
        Capability::NetBindService => CapabilitySet::NET_BIND_SERVICE,
        Capability::SysAdmin => CapabilitySet::SYS_ADMIN,
    }
}

const NETWORK: CapabilitySet = CapabilitySet::NET_RAW
    .union(CapabilitySet::NET_ADMIN)
    .union(CapabilitySet::SYS_ADMIN);
