//! What names in the expressions of a command stand for.

use crate::view::View;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use sample::names::{Lists, Names};
use sample::vars::Variable;
use session::settings::Proxy;

/// The names of a running process. There is no proxy of which a name could be left out, and nothing is
/// read from files.
pub(super) struct ProcessNames<'v> {
    pub(super) view: &'v dyn View,
}

impl ProcessNames<'_> {
    fn proxy(
        &self,
        name: Option<&str>,
        what: &str,
        able: impl Fn(&Proxy) -> bool,
    ) -> Result<u32, String> {
        let name = name.ok_or_else(|| format!("the name of a {what} is missing"))?;
        let all = self.view.settings().proxies.iter();
        let found = { all }.position(|proxy| able(proxy) && *proxy.name == *name);
        let place = found.map(|place| place as u32);
        place.ok_or_else(|| format!("unable to find {what} '{name}'"))
    }
}

impl Names for ProcessNames<'_> {
    fn frontend(&mut self, name: Option<&str>) -> Result<u32, String> {
        self.proxy(name, "frontend", |proxy| proxy.capability.accepts())
    }

    fn backend(&mut self, name: Option<&str>) -> Result<u32, String> {
        self.proxy(name, "backend", |proxy| proxy.capability.serves())
    }

    fn server(&mut self, name: &str) -> Result<(u32, u32), String> {
        let (backend, server) = name
            .split_once('/')
            .ok_or_else(|| format!("server '{name}' needs the name of its backend"))?;
        let at = self.backend(Some(backend))?;
        let servers = &self.view.settings().proxies[at as usize].servers;
        let found = servers.iter().position(|it| *it.name == *server);
        let place = found.map(|place| (at, place as u32));
        place.ok_or_else(|| format!("unable to find server '{server}' in proxy '{backend}'"))
    }

    fn table(&mut self, name: Option<&str>) -> Result<u32, String> {
        let name = name.unwrap_or_default();
        let mut tables = self.view.tables().iter();
        let found = tables.position(|table| *table.definition().name == *name);
        let place = found.map(|place| place as u32);
        place.ok_or_else(|| format!("unable to find table '{name}'"))
    }

    fn userlist(&mut self, name: &str) -> Result<u32, String> {
        // Who asks for it has a request to look at.
        Err(format!("user list '{name}' cannot be used here"))
    }

    fn variable(&mut self, name: &str) -> Result<Variable, String> {
        self.view.settings().vars.variable(name)
    }

    fn file(&mut self, path: &str) -> Result<Vec<u8>, String> {
        Err(format!("'{path}' is not read at run time"))
    }

    fn environment(&self, _name: &str) -> Option<String> {
        None
    }

    fn lists(&mut self) -> Result<&mut dyn Lists, String> {
        Err("map: cannot load map at runtime".to_string())
    }
}
