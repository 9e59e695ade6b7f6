//! What names in expressions stand for.

use super::landscape::{Landscape, ProxyInfo};
use super::shared::Shared;
use crate::context::Context;
use crate::source::Place;
use crate::statement::Spot;
use crate::surroundings::Family;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::net::IpAddr;
use sample::condition::{Acls, Test};
use sample::names::{Lists, Names};
use sample::pattern::References;
use sample::vars::Variable;

/// Finds what expressions of one proxy name.
pub(crate) struct Lookup<'r, 'c> {
    pub landscape: &'r Landscape,
    pub shared: &'r mut Shared,
    pub context: &'r Context<'c>,
    /// The proxy that is being read; a `defaults` section is none.
    pub me: Option<u32>,
    /// Named ACLs so far.
    pub acls: &'r Acls,
    /// Those that nobody has used.
    pub idle_acls: &'r mut BTreeMap<Box<str>, Spot>,
    /// The line that is being read.
    pub place: &'r Place,
}

impl Lookup<'_, '_> {
    /// The proxy called `name`, or the one that is being read, if it can do what is asked of it.
    fn proxy(
        &self,
        name: Option<&str>,
        what: &str,
        able: impl Fn(&ProxyInfo) -> bool,
    ) -> Result<u32, String> {
        let found = match (name, self.me) {
            (Some(name), _) => self.landscape.find(name),
            (None, Some(me)) => self.landscape.at(me).map(|info| (me, info)),
            // What a defaults section says of "this proxy" is only known where it is inherited.
            (None, None) => return Ok(0),
        };
        match found {
            Some((at, info)) if able(info) => Ok(at),
            Some((_, info)) => Err(format!("{} has not got {what} capability", info.title)),
            None => Err(format!(
                "unable to find {what} '{}'",
                name.unwrap_or_default()
            )),
        }
    }
}

impl Names for Lookup<'_, '_> {
    fn frontend(&mut self, name: Option<&str>) -> Result<u32, String> {
        self.proxy(name, "frontend", |info| info.accepts)
    }

    fn backend(&mut self, name: Option<&str>) -> Result<u32, String> {
        self.proxy(name, "backend", |info| info.serves)
    }

    fn server(&mut self, name: &str) -> Result<(u32, u32), String> {
        let (backend, server) = match name.split_once('/') {
            Some((backend, server)) => (Some(backend), server),
            None => (None, name),
        };
        if backend.is_none() && self.me.is_none() {
            return Err(format!(
                "server '{name}' needs the name of its backend in a 'defaults' section"
            ));
        }
        let at = self.backend(backend)?;
        let info = self.landscape.at(at);
        let found = info.and_then(|info| info.servers.get(server));
        found.map(|server| (at, *server)).ok_or_else(|| {
            let backend = info.map_or("", |info| &info.name);
            format!("unable to find server '{server}' in proxy '{backend}'")
        })
    }

    fn table(&mut self, name: Option<&str>) -> Result<u32, String> {
        let me = self.me.and_then(|me| self.landscape.at(me));
        let name = match (name, me) {
            (Some(name), _) => name,
            (None, Some(info)) => &info.name,
            (None, None) => {
                return Err("a stick table has to be named in a 'defaults' section".to_string());
            }
        };
        let found = self.landscape.tables.get(name).copied();
        found.ok_or_else(|| match self.landscape.find(name) {
            Some(_) => format!("no stick-table in proxy '{name}'"),
            None => format!("unable to find table '{name}'"),
        })
    }

    fn userlist(&mut self, name: &str) -> Result<u32, String> {
        let found = self.landscape.userlists.get(name).copied();
        found.ok_or_else(|| format!("unable to find userlist '{name}'"))
    }

    fn variable(&mut self, name: &str) -> Result<Variable, String> {
        self.shared.vars.variable(name)
    }

    fn file(&mut self, path: &str) -> Result<Vec<u8>, String> {
        self.context.surroundings.read_file(path)
    }

    fn environment(&self, name: &str) -> Option<String> {
        self.context.env(name)
    }

    fn acl(&mut self, name: &str) -> Vec<Test> {
        self.idle_acls.remove(name);
        self.acls.get(name).unwrap_or_default().to_vec()
    }

    fn sink(&mut self, name: &str) -> Result<u32, String> {
        let sinks = &mut self.shared.sinks;
        let at = sinks.iter().position(|sink| *sink.0 == *name);
        let at = at.unwrap_or_else(|| {
            sinks.push((name.into(), self.place.clone()));
            sinks.len() - 1
        });
        Ok(at as u32)
    }

    fn measures(&mut self) {
        self.shared.measures = true;
    }

    fn bodies(&mut self) {
        self.shared.bodies = true;
    }

    fn lists(&mut self) -> Result<&mut dyn Lists, String> {
        Ok(self)
    }
}

impl Lists for Lookup<'_, '_> {
    fn references(&mut self) -> &mut References {
        &mut self.shared.references
    }

    fn file(&mut self, path: &str) -> Result<Vec<u8>, String> {
        let read = self.context.surroundings.read_file(path);
        read.map_err(|why| format!("failed to open pattern file <{path}>: {why}"))
    }

    fn optional_file(&mut self, path: &str) -> Result<Option<Vec<u8>>, String> {
        match self.context.surroundings.has_file(path) {
            true => Lists::file(self, path).map(Some),
            false => Ok(None),
        }
    }

    fn resolve(&mut self, host: &str) -> Option<IpAddr> {
        self.context.surroundings.resolve(host, Family::Any).ok()
    }

    fn place(&self) -> String {
        format!("file '{}' line {}", self.place.file, self.place.line)
    }
}
