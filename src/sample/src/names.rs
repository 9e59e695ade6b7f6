//! What names in expressions stand for: asked of whoever reads the configuration.

use crate::condition::Test;
use crate::pattern::References;
use crate::vars::Variable;
use alloc::string::String;
use alloc::vec::Vec;
use core::net::IpAddr;

/// Whoever reads the configuration. Errors are whole sentences without a full stop.
pub trait Names {
    /// The place of the frontend called `name`; the proxy that is being read where there is none.
    fn frontend(&mut self, name: Option<&str>) -> Result<u32, String>;
    /// The place of the backend called `name`; the proxy that is being read where there is none.
    fn backend(&mut self, name: Option<&str>) -> Result<u32, String>;
    /// The places of the backend and the server of `[backend/]server`.
    fn server(&mut self, name: &str) -> Result<(u32, u32), String>;
    /// The place of the stick table called `name`; the one of the proxy that is being read where there
    /// is none.
    fn table(&mut self, name: Option<&str>) -> Result<u32, String>;
    /// The place of the user list called `name`.
    fn userlist(&mut self, name: &str) -> Result<u32, String>;
    /// The variable called `name`, its scope in front.
    fn variable(&mut self, name: &str) -> Result<Variable, String>;
    /// The text of a file.
    fn file(&mut self, path: &str) -> Result<Vec<u8>, String>;
    /// A variable of the environment.
    fn environment(&self, name: &str) -> Option<String>;
    /// The lines of the named ACL `name` so far; there may be places that know none.
    fn acl(&mut self, _name: &str) -> Vec<Test> {
        Vec::new()
    }
    /// The number of the ring or stream called `name`, which somebody has to write to; there may be places
    /// that know none.
    fn sink(&mut self, _name: &str) -> Result<u32, String> {
        Err("nothing is written from here".into())
    }
    /// What the system measures of connections is asked for: somebody has to measure it.
    fn measures(&mut self) {}
    /// The body of requests is asked for: somebody has to keep what of it is there.
    fn bodies(&mut self) {}
    /// What lists of patterns and maps need; there may be places where none can be used.
    fn lists(&mut self) -> Result<&mut dyn Lists, String> {
        Err("no list of patterns can be used here".into())
    }
}

/// What lists of patterns and maps need of whoever reads the configuration.
pub trait Lists {
    /// All of them so far.
    fn references(&mut self) -> &mut References;
    /// The text of a file that has to be there.
    fn file(&mut self, path: &str) -> Result<Vec<u8>, String>;
    /// The text of a file that need not be there.
    fn optional_file(&mut self, path: &str) -> Result<Option<Vec<u8>>, String>;
    /// An address of a host, if its name has one.
    fn resolve(&mut self, host: &str) -> Option<IpAddr>;
    /// Where the configuration is being read: `file 'haproxy.cfg' line 10`.
    fn place(&self) -> String;
}
