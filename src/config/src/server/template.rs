//! What a server starts with: the options of `default-server`, of another server, or none.

use super::introduction::IntroductionDraft;
use super::options::InitAddr;
use crate::draft::{LogServer, ProxyDraft};
use crate::known;
use crate::nearest::nearest;
use crate::problem::Problem;
use crate::statement::Statement;
use alloc::format;
use balance::{Address, Keep, Proto, ServerSettings};

/// Options without a server.
#[derive(Clone, Debug)]
pub(crate) struct Template {
    /// Name, address and place mean nothing.
    pub server: ServerSettings,
    pub introduction: IntroductionDraft,
    pub init_addr: InitAddr,
    pub log: LogServer,
}

impl Default for Template {
    /// The options as documented.
    fn default() -> Self {
        Self {
            server: ServerSettings {
                id: 0,
                id_given: false,
                name: "".into(),
                address: Address::Unresolved("".into()),
                host: None,
                weight: 1,
                maxconn: 0,
                minconn: 0,
                maxqueue: 0,
                backup: false,
                disabled: false,
                source: None,
                proto: Proto::default(),
                cookie: None,
                non_stick: false,
                hash_key: Default::default(),
                keep: Keep::default(),
                place: Default::default(),
            },
            introduction: IntroductionDraft::default(),
            init_addr: InitAddr::default(),
            log: LogServer::default(),
        }
    }
}

/// The name after `default-server name`, and the word after it.
pub(super) fn name<'l>(statement: &Statement<'l>) -> Result<Option<(&'l str, usize)>, Problem> {
    if statement.word(1) != "name" {
        return Ok(None);
    }
    let name = statement.expect(2, "a name")?;
    Ok(Some((name, 3)))
}

/// What `from` at word `at` names, and the word after it; `otherwise` without `from`.
pub(super) fn origin(
    statement: &Statement<'_>,
    at: usize,
    draft: &ProxyDraft,
    otherwise: Template,
) -> Result<(Template, usize), Problem> {
    if statement.word(at) != "from" {
        return Ok((otherwise, at));
    }
    let at = at + 1;
    let origin = statement.expect(at, "'none', 'be:' or 'srv:<name>'")?;
    let template = match origin.split_once(':') {
        _ if origin == "none" => Template::default(),
        Some(("be", backend)) if own(backend, draft) => draft.default_server.clone(),
        Some(("srv", name)) => match name.split_once('/') {
            Some((backend, name)) if own(backend, draft) => named(at, name, draft)?,
            Some(_) => return Err(known::not_yet(at, "from a server of another backend")),
            None => named(at, name, draft)?,
        },
        Some(("be", _)) => return Err(known::not_yet(at, "from another backend")),
        _ => {
            return Err(
                Problem::at(at, format!("'from' : unknown origin '{origin}'."))
                    .because("'none', 'be:' or 'srv:<name>' is expected"),
            );
        }
    };
    Ok((template, at + 1))
}

fn own(backend: &str, draft: &ProxyDraft) -> bool {
    backend.is_empty() || backend == &*draft.proxy.name
}

/// The options of a server of this backend, or of a named `default-server`.
fn named(at: usize, name: &str, draft: &ProxyDraft) -> Result<Template, Problem> {
    if let Some(template) = draft.named_defaults.get(name) {
        return Ok(template.clone());
    }
    let mut servers = draft.servers.iter();
    if let Some(found) = servers.find(|draft| &*draft.server.name == name) {
        return Ok(Template {
            server: found.server.clone(),
            introduction: found.introduction.clone(),
            init_addr: InitAddr::default(),
            log: LogServer::default(),
        });
    }
    let names = draft.named_defaults.keys().map(|name| &**name);
    let names = names.chain(draft.servers.iter().map(|draft| &*draft.server.name));
    Err(Problem::at(
        at,
        format!("'from' : no server or default-server '{name}'."),
    )
    .because("nothing above in this backend has this name")
    .did_you_mean(nearest(name, names)))
}
