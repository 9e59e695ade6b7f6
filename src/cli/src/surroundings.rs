//! The machine a configuration is read on.

use crate::files;
use config::{Family, Surroundings};
use std::fs::File;
use std::io::Read;
use std::net::{IpAddr, ToSocketAddrs};

/// Bytes of a file a keyword names.
const FILE_MAX: u64 = 64 << 20;

/// This machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct Machine {
    /// `-4`: names are resolved to IPv4 addresses only.
    pub only_v4: bool,
}

/// Two numbers nobody can guess. On a system without randomness they are zero: then somebody who
/// writes the files of lists and maps could make them slow to search, and nothing worse.
pub fn hash_key() -> [u64; 2] {
    let mut bytes = [[0; 8]; 2];
    let source = File::open("/dev/urandom");
    let read = source.and_then(|mut source| source.read_exact(bytes.as_flattened_mut()));
    if read.is_err() {
        return [0; 2];
    }
    bytes.map(u64::from_ne_bytes)
}

impl Surroundings for Machine {
    fn env(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn read_file(&self, path: &str) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        File::open(path)
            .and_then(|file| file.take(FILE_MAX).read_to_end(&mut bytes))
            .map_err(|error| files::reason(&error))?;
        Ok(bytes)
    }

    fn has_file(&self, path: &str) -> bool {
        std::path::Path::new(path).exists()
    }

    fn resolve(&self, host: &str, family: Family) -> Result<IpAddr, String> {
        let mut found = (host, 0)
            .to_socket_addrs()
            .map_err(|error| error.to_string())?
            .map(|address| address.ip());
        let wanted = |ip: &IpAddr| match family {
            Family::Any => ip.is_ipv4() || !self.only_v4,
            Family::V4 => ip.is_ipv4(),
            Family::V6 => ip.is_ipv6(),
        };
        found
            .find(wanted)
            .ok_or_else(|| "no address of this family".to_string())
    }

    fn user_id(&self, name: &str) -> Option<u32> {
        let user = nix::unistd::User::from_name(name).ok()??;
        Some(user.uid.as_raw())
    }

    fn group_id(&self, name: &str) -> Option<u32> {
        let group = nix::unistd::Group::from_name(name).ok()??;
        Some(group.gid.as_raw())
    }

    fn host_name(&self) -> String {
        nix::unistd::gethostname()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default()
    }

    fn local_addresses(&self) -> Vec<IpAddr> {
        let interfaces = nix::ifaddrs::getifaddrs().into_iter().flatten();
        let addresses = interfaces.filter_map(|interface| {
            let address = interface.address?;
            let v4 = address.as_sockaddr_in().map(|it| it.ip().into());
            v4.or_else(|| address.as_sockaddr_in6().map(|it| it.ip().into()))
        });
        addresses.collect()
    }
}
