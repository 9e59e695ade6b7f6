//! Everything lines may name, with its place: known once all sections are read.

use crate::draft::ProxyDraft;
use crate::nearest::nearest;
use crate::problem::Problem;
use crate::sections::NamedSections;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use balance::Address;
use session::settings::{ErrorPages, Mode, ProxyIndex};
use tables::Definition;

/// What a configuration has, by name.
#[derive(Debug, Default)]
pub(crate) struct Landscape {
    /// The proxies, in order of declaration.
    pub proxies: Vec<ProxyInfo>,
    by_name: BTreeMap<Box<str>, u32>,
    /// Stick tables by the name of their proxy.
    pub tables: BTreeMap<Box<str>, u32>,
    /// What the tables are, by place.
    pub definitions: Vec<Definition>,
    /// `userlist` sections.
    pub userlists: BTreeMap<Box<str>, u32>,
    /// `http-errors` sections.
    errors: BTreeMap<Box<str>, ErrorPages>,
}

/// What others may want to know of a proxy.
#[derive(Debug)]
pub(crate) struct ProxyInfo {
    pub name: Box<str>,
    /// As messages name it.
    pub title: String,
    pub accepts: bool,
    pub serves: bool,
    pub mode: Mode,
    /// `mode log`
    pub is_log: bool,
    /// Its servers' places by name.
    pub servers: BTreeMap<Box<str>, u32>,
    /// The servers that connect to us, by place; true where their connections have names.
    pub reversed: BTreeMap<u32, bool>,
}

impl Landscape {
    pub(crate) fn of(drafts: &[ProxyDraft], sections: &NamedSections) -> Self {
        let mut landscape = Self::default();
        for (at, draft) in (0..).zip(drafts) {
            let names = draft
                .servers
                .iter()
                .map(|server| server.server.name.clone());
            landscape.by_name.insert(draft.proxy.name.clone(), at);
            landscape.proxies.push(ProxyInfo {
                name: draft.proxy.name.clone(),
                title: draft.title(),
                accepts: draft.accepts(),
                serves: draft.serves(),
                mode: draft.proxy.mode,
                is_log: draft.is_log,
                servers: names.zip(0..).collect(),
                reversed: reversed(draft),
            });
            if let Some((table, _)) = &draft.table {
                let place = landscape.definitions.len() as u32;
                landscape.tables.insert(draft.proxy.name.clone(), place);
                landscape.definitions.push(table.clone());
            }
        }
        let lists = sections.userlists.iter().map(|list| list.name.clone());
        landscape.userlists = lists.zip(0..).collect();
        let errors = sections.errors.iter();
        let errors = errors.map(|section| (section.name.clone(), section.pages.clone()));
        landscape.errors = errors.collect();
        landscape
    }

    /// A proxy by its name.
    pub(crate) fn find(&self, name: &str) -> Option<(u32, &ProxyInfo)> {
        let at = *self.by_name.get(name)?;
        Some((at, self.proxies.get(at as usize)?))
    }

    /// A proxy by its place.
    pub(crate) fn at(&self, at: u32) -> Option<&ProxyInfo> {
        self.proxies.get(at as usize)
    }

    /// The backend that `keyword` names for a proxy, if it may send requests there.
    pub(crate) fn backend(
        &self,
        name: &str,
        from: &ProxyDraft,
        keyword: &str,
    ) -> Result<ProxyIndex, Problem> {
        let (title, own) = (from.title(), from.proxy.mode);
        match self.find(name) {
            Some((_, info)) if info.is_log => {
                let message = format!(
                    "{title} tries to use {} (log) with '{keyword}', which takes log lines alone.",
                    info.title
                );
                Err(Problem::bare(0, message).because("no traffic gets to a backend in 'mode log'"))
            }
            Some((at, info)) if info.serves => {
                if info.mode == own || (own == Mode::Tcp && info.mode == Mode::Http) {
                    return Ok(ProxyIndex(at));
                }
                let message = format!(
                    "{title} tries to use {} ({}) with '{keyword}', which is not compatible with its mode ({}).",
                    info.title,
                    mode(info.mode),
                    mode(own)
                );
                Err(Problem::bare(0, message).because("the modes of both have to fit"))
            }
            Some((_, info)) => {
                let message = format!(
                    "{} has no backend capability, but is used with '{keyword}' by {title}.",
                    info.title
                );
                Err(Problem::bare(0, message).because("not a backend"))
            }
            None => {
                let backends = self.proxies.iter().filter(|info| info.serves);
                let near = nearest(name, backends.map(|info| &*info.name));
                let message = format!(
                    "Proxy '{}': unable to find required {keyword}: '{name}'.",
                    from.proxy.name
                );
                let problem = Problem::bare(0, message).because("no backend has this name");
                Err(problem.did_you_mean(near))
            }
        }
    }

    /// An `http-errors` section by its name.
    pub(crate) fn errors(&self, name: &str) -> Option<&ErrorPages> {
        self.errors.get(name)
    }
}

fn reversed(draft: &ProxyDraft) -> BTreeMap<u32, bool> {
    let servers = (0..).zip(&draft.servers);
    let reversed = servers.filter(|(_, it)| it.server.address == Address::Reversed);
    reversed
        .map(|(at, it)| (at, it.introduction.conn_name.is_some()))
        .collect()
}

fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Tcp => "tcp",
        Mode::Http => "http",
    }
}
