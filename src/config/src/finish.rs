//! What is only known once everything is read: numbers, links between sections, limits.

mod links;
mod log_backends;
mod logs;
mod numbers;
mod protocols;
mod reversed;
mod rings;
mod sinks;
mod warnings;

use crate::context::Context;
use crate::diagnostic::{Diagnostic, Severity};
use crate::draft::ProxyDraft;
use crate::global::GlobalDraft;
use crate::proxy::cookie::dynamic;
use crate::proxy::pages::resolve;
use crate::reader::Everything;
use crate::sections::NamedSections;
use crate::sections::forward::ForwardDraft;
use crate::server::place;
use crate::{Loaded, rules};
use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;
use engine::settings::Settings;
use logs::Referents;
use rings::Rings;
use sample::userlist::Userlist;
use session::settings::{Bind, BindAddress, Proxy, ProxyIndex, SocketOptions};
use tables::{DataType, StoreError, Stored};

/// Checks the whole, and makes settings of it if nothing is fatal.
pub(crate) fn finish(mut context: Context<'_>, everything: Everything) -> Loaded {
    let Everything {
        mut global,
        proxies: mut drafts,
        defaults,
        mut sections,
        mut profiles,
    } = everything;
    let options = context.options;
    for draft in &mut drafts {
        place::read(draft, &mut context);
    }
    let mut shared = rules::read(
        &mut drafts,
        &defaults,
        &sections,
        &mut profiles,
        &mut global,
        &mut context,
    );
    let mut diagnostics = context.notes.in_order();
    let rings = rings(&mut sections, &global, &mut diagnostics);
    diagnostics.extend(sections.fcgi.iter().filter_map(|app| app.missing()));
    links::same_names(&drafts, &mut diagnostics);
    numbers::assign(
        &mut drafts,
        &mut global.global.stats_sockets,
        &mut diagnostics,
    );
    // Links of a configuration with wrong lines would only report consequences.
    if !fatal(&diagnostics) {
        links::connect(&mut drafts, &sections, &mut diagnostics);
        if options.diagnostic_mode {
            links::unreached(&drafts, &mut diagnostics);
        }
        pages(&mut drafts, &sections, &mut diagnostics);
        protocols::check(&drafts, &mut diagnostics);
        reversed::check(&mut drafts, &mut diagnostics);
        sinks::check(&shared.sinks, &rings, &mut diagnostics);
        logs::check(&global.logs, &rings, &drafts, &mut diagnostics);
        for draft in &drafts {
            log_backends::check(draft, &mut diagnostics);
            logs::check(&draft.logs, &rings, &drafts, &mut diagnostics);
        }
        for draft in &sections.forwards {
            logs::check(&draft.logs, &rings, &drafts, &mut diagnostics);
            warnings::no_source(draft, &mut diagnostics);
        }
        warnings::check(&mut drafts, !global.logs.is_empty(), &mut diagnostics);
    }
    let forwards = core::mem::take(&mut sections.forwards);
    let userlists = userlists(sections, &mut diagnostics);
    if fatal(&diagnostics) {
        diagnostics.push(Diagnostic::general(
            Severity::Alert,
            "Fatal errors found in configuration.",
        ));
    } else if (options.zero_warning || global.zero_warning)
        && diagnostics
            .iter()
            .any(|diagnostic| diagnostic.severity == Severity::Warning)
    {
        diagnostics.push(Diagnostic::general(
            Severity::Alert,
            "Some warnings were found and 'zero-warning' is set. Aborting.",
        ));
    }
    let quiet = global.quiet;
    let learning = core::mem::take(&mut shared.learning);
    let settings = (!fatal(&diagnostics))
        .then(|| settings(global, drafts, userlists, rings, forwards, shared, options));
    let settings = settings.map(|mut settings| {
        for table in learning {
            teach(&mut settings.tables[table as usize]);
        }
        settings
    });
    Loaded {
        settings,
        diagnostics,
        quiet,
    }
}

/// What is answered in place of servers.
fn pages(drafts: &mut [ProxyDraft], sections: &NamedSections, diagnostics: &mut Vec<Diagnostic>) {
    for draft in drafts {
        draft.proxy.pages = resolve(draft, &sections.errors, &mut |spot, severity, problem| {
            diagnostics.push(spot.diagnostic(severity, problem));
        });
    }
}

/// The rings of sections.
fn rings(
    sections: &mut NamedSections,
    global: &GlobalDraft,
    diagnostics: &mut Vec<Diagnostic>,
) -> Rings {
    let bufsize = global.global.tune.bufsize;
    let rings = core::mem::take(&mut sections.rings).into_iter();
    let rings = rings.map(|ring| {
        ring.finish(bufsize, &mut |spot, severity, problem| {
            diagnostics.push(spot.diagnostic(severity, problem));
        })
    });
    Rings::of(rings.collect(), bufsize)
}

/// Users in their groups.
fn userlists(sections: NamedSections, diagnostics: &mut Vec<Diagnostic>) -> Vec<Userlist> {
    let lists = sections.userlists.into_iter();
    let lists = lists.map(|list| {
        list.finish(&mut |spot, problem| {
            diagnostics.push(spot.diagnostic(Severity::Alert, problem));
        })
    });
    lists.collect()
}

/// A table that rules refer clients to keeps who served them.
fn teach(table: &mut tables::Definition) {
    for data in [DataType::ServerId, DataType::ServerKey] {
        match table.store(Stored::plain(data)) {
            // It does already.
            Ok(()) | Err(StoreError::Twice) => {}
            Err(why) => unreachable!("neither an array nor a rate: {why}"),
        }
    }
}

fn fatal(diagnostics: &[Diagnostic]) -> bool {
    diagnostics
        .iter()
        .any(|diagnostic| diagnostic.severity == Severity::Alert)
}

fn settings(
    mut draft: GlobalDraft,
    drafts: Vec<ProxyDraft>,
    userlists: Vec<Userlist>,
    rings: Rings,
    forwards: Vec<ForwardDraft>,
    shared: rules::Shared,
    options: &crate::LoadOptions,
) -> Settings {
    let log_profiles = shared.profiles;
    let mut global = draft.global;
    let names = drafts.iter().map(|draft| draft.proxy.name.clone());
    let mut referents = Referents {
        rings,
        backends: names.zip((0..).map(ProxyIndex)).collect(),
        profiles: &log_profiles,
        hostname_sent: global.log_hostname.is_some(),
    };
    global.logs = logs::targets(&draft.logs, &[], &mut referents);
    if let Some(peer) = &options.localpeer {
        global.localpeer = Some(peer.as_str().into());
    }
    let unix = UnixBind {
        prefix: draft.unix_prefix.take(),
        socket: draft.unix_socket,
    };
    for socket in &mut global.stats_sockets {
        unix.apply(&mut socket.bind);
    }
    let tables = drafts.iter().filter_map(|draft| draft.table.as_ref());
    let tables = tables.map(|table| table.0.clone()).collect();
    let proxies = drafts
        .into_iter()
        .map(|mut draft| {
            let logs = core::mem::take(&mut draft.logs);
            let logs = logs::targets(&logs, &global.logs, &mut referents);
            let is_log = draft.is_log;
            let servers = match is_log {
                true => log_backends::servers(&draft, &mut referents.rings),
                false => Vec::new(),
            };
            let mut proxy = proxy(draft, options, &unix);
            proxy.is_log = is_log;
            proxy.log_servers = servers;
            if is_log {
                // Weights are ignored.
                proxy
                    .servers
                    .iter_mut()
                    .for_each(|server| server.weight = 1);
            }
            proxy.logs = logs;
            proxy
        })
        .collect();
    let forwards = forwards.into_iter().map(|mut section| {
        let logs = core::mem::take(&mut section.logs);
        let mut forward = section.finish();
        forward.binds.iter_mut().for_each(|bind| unix.apply(bind));
        forward.targets = logs::forwarded(&logs, &draft.logs, &global.logs, &mut referents);
        forward
    });
    let forwards = forwards.collect();
    let sinks = sinks::targets(&shared.sinks, &mut referents.rings);
    let rings = referents.rings.finish();
    Settings {
        global,
        proxies,
        tables,
        userlists,
        log_profiles,
        rings,
        sinks,
        forwards,
        patterns: shared.references.numbered(),
        vars: shared.vars,
        measures: shared.measures,
        bodies: shared.bodies,
    }
}

fn proxy(draft: ProxyDraft, options: &crate::LoadOptions, unix: &UnixBind) -> Proxy {
    let mut proxy = draft.proxy;
    draft.rules.finish(draft.section, &mut proxy.rules);
    if proxy.maxconn == 0 {
        proxy.maxconn = options.default_maxconn.unwrap_or(0);
    }
    proxy.binds = draft.binds.into_iter().map(|draft| draft.bind).collect();
    for bind in &mut proxy.binds {
        bind.socket.backlog = bind.socket.backlog.or(draft.backlog);
        unix.apply(bind);
    }
    proxy.servers = draft
        .servers
        .into_iter()
        .map(|draft| draft.server)
        .collect();
    if let (true, Some(key)) = (draft.dynamic_cookies, &draft.dynamic_cookie_key) {
        for server in &mut proxy.servers {
            let cookie = server.cookie.take();
            server.cookie = cookie.or_else(|| dynamic(server, key));
        }
    }
    proxy
}

/// `unix-bind`: what Unix sockets start with.
struct UnixBind {
    prefix: Option<Box<str>>,
    socket: SocketOptions,
}

impl UnixBind {
    fn apply(&self, bind: &mut Bind) {
        let BindAddress::Unix(path) = &mut bind.address else {
            return;
        };
        if let Some(prefix) = &self.prefix {
            *path = format!("{prefix}{path}").into();
        }
        let socket = &mut bind.socket;
        socket.mode = socket.mode.or(self.socket.mode);
        socket.uid = socket.uid.or(self.socket.uid);
        socket.gid = socket.gid.or(self.socket.gid);
    }
}
