//! What a configuration may ask of the machine it is read on.
//!
//! Reading a configuration touches nothing by itself: environment, files, names and accounts are
//! asked for here, so the same text gives the same settings wherever the answers are the same.

use alloc::string::String;
use alloc::vec::Vec;
use core::net::IpAddr;

/// An address family a name is resolved to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Whatever the resolver gives first.
    Any,
    /// `ipv4@`, `udp4@`, `tcp4@`.
    V4,
    /// `ipv6@`, `udp6@`, `tcp6@`.
    V6,
}

/// The machine around a configuration.
pub trait Surroundings {
    /// An environment variable; one that is not text counts as unset.
    fn env(&self, name: &str) -> Option<String>;
    /// A file's bytes, or why it cannot be read.
    fn read_file(&self, path: &str) -> Result<Vec<u8>, String>;
    /// Whether there is a file of this name.
    fn has_file(&self, path: &str) -> bool {
        self.read_file(path).is_ok()
    }
    /// The first address of a host name in this family, or why there is none.
    fn resolve(&self, host: &str, family: Family) -> Result<IpAddr, String>;
    /// The numeric id of a user.
    fn user_id(&self, name: &str) -> Option<u32>;
    /// The numeric id of a group.
    fn group_id(&self, name: &str) -> Option<u32>;
    /// The machine's name.
    fn host_name(&self) -> String;
    /// The addresses of its interfaces.
    fn local_addresses(&self) -> Vec<IpAddr> {
        Vec::new()
    }
}
