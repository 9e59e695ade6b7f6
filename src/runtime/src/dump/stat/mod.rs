//! `show stat`: a row for each frontend, listener, server and backend, one at a time.

mod columns;
mod member;
mod proxy;
mod row;

pub(crate) use columns::Column;
pub(crate) use row::{Format, Kind, Row, write_header};

use crate::view::{ServerStatus, View};
use alloc::string::String;
use balance::ServerIndex;
use proxy::ServersNow;
use session::settings::{Options, Proxy, ProxyIndex};

/// What to show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    /// `<iid>`; `None` is all proxies.
    pub(crate) proxy: Option<u32>,
    /// `<type>`; `None` is all kinds.
    pub(crate) kinds: Option<Kinds>,
    /// `<sid>`: only this server; `None` is all of them.
    pub(crate) server: Option<u32>,
    /// Which servers.
    pub(crate) servers: Servers,
    /// Without the columns that tell how the service is built: below level `operator`.
    pub(crate) discreet: bool,
}

bitflags::bitflags! {
    /// `<type>`, a sum of these.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) struct Kinds: u32 {
        const FRONTENDS = 1;
        const BACKENDS = 2;
        const SERVERS = 4;
        const LISTENERS = 8;
    }
}

/// Which servers to show by their state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Servers {
    #[default]
    All,
    /// `no-maint`
    NoMaintenance,
    /// `up`
    Up,
}

impl Servers {
    fn include(self, status: ServerStatus) -> bool {
        match self {
            Self::All => true,
            Self::NoMaintenance => !status.is_maintenance(),
            Self::Up => status.is_usable(),
        }
    }
}

/// How far a dump has come. It names what comes next by place, so that it survives whatever
/// happens to the rows between two pulls.
#[derive(Clone, Debug)]
pub(crate) struct Stat {
    filter: Filter,
    format: Format,
    proxy: u32,
    next: Next,
    rows: u64,
}

/// What of a proxy comes next.
#[derive(Clone, Copy, Debug)]
enum Next {
    Header,
    Frontend,
    Listener(usize),
    Server(usize),
    Backend,
}

impl Stat {
    pub(crate) fn new(filter: Filter, format: Format) -> Self {
        Self {
            filter,
            format,
            proxy: 0,
            next: Next::Header,
            rows: 0,
        }
    }

    /// Shows all rows of proxies of which `includes` says so.
    pub(crate) fn each_row(
        mut self,
        view: &dyn View,
        includes: impl Fn(&Proxy) -> bool,
        mut see: impl FnMut(&Proxy, &Row<'_>),
    ) {
        for (at, proxy) in (0..).zip(&view.settings().proxies) {
            if proxy.disabled || !includes(proxy) {
                continue;
            }
            self.proxy = at;
            self.next = Next::Frontend;
            while !matches!(self.next, Next::Header) {
                if let Some(mut row) = self.row(view, proxy) {
                    if self.filter.discreet {
                        row.hide_legends();
                    }
                    see(proxy, &row);
                }
                self.next = self.after(proxy);
            }
        }
    }

    /// Writes at most one row; true once there is no more.
    pub(crate) fn step(&mut self, view: &dyn View, out: &mut String) -> bool {
        if matches!(self.next, Next::Header) {
            match self.format {
                Format::Csv => write_header(out),
                Format::Json => out.push('['),
                Format::Typed => {}
            }
            self.next = Next::Frontend;
            return false;
        }
        let Some(proxy) = view.settings().proxies.get(self.proxy as usize) else {
            if self.format == Format::Json {
                out.push_str("]\n");
            }
            return true;
        };
        let is_shown = !proxy.disabled && self.filter.proxy.is_none_or(|id| id == proxy.id);
        if is_shown {
            if let Some(mut row) = self.row(view, proxy) {
                if self.filter.discreet {
                    row.hide_legends();
                }
                if self.format == Format::Json && self.rows > 0 {
                    out.push(',');
                }
                row.write(self.format, out);
                self.rows += 1;
            }
            self.next = self.after(proxy);
        }
        if !is_shown || matches!(self.next, Next::Header) {
            self.proxy += 1;
            self.next = Next::Frontend;
        }
        false
    }

    /// What comes after what came; `Header` once the proxy is through.
    fn after(&self, proxy: &Proxy) -> Next {
        match self.next {
            Next::Header => Next::Frontend,
            Next::Frontend => Next::Listener(0),
            Next::Listener(at) if at + 1 < proxy.binds.len() => Next::Listener(at + 1),
            Next::Listener(_) => Next::Server(0),
            Next::Server(at) if at + 1 < proxy.servers.len() => Next::Server(at + 1),
            Next::Server(_) => Next::Backend,
            Next::Backend => Next::Header,
        }
    }

    /// The row that comes next, if there is one and it is asked for.
    fn row<'a>(&self, view: &dyn View, proxy: &'a Proxy) -> Option<Row<'a>> {
        let index = ProxyIndex(self.proxy);
        let accepts = proxy.capability.accepts();
        let serves = proxy.capability.serves();
        match self.next {
            Next::Header => None,
            Next::Frontend => (accepts && self.wants(Kinds::FRONTENDS))
                .then(|| proxy::frontend(proxy, &view.frontend(index), view.process().maxconn)),
            Next::Listener(at) => {
                let bind = proxy.binds.get(at)?;
                let counted = proxy.options.contains(Options::SOCKET_STATS);
                let wanted = self.wants(Kinds::LISTENERS)
                    && self.filter.server.is_none_or(|id| id == bind.id);
                (counted && wanted).then(|| {
                    let status = view.frontend(index).status;
                    member::listener(proxy, bind, status, &view.listener(index, at))
                })
            }
            Next::Server(at) => {
                let settings = proxy.servers.get(at)?;
                let wanted = self.wants(Kinds::SERVERS)
                    && self.filter.server.is_none_or(|id| id == settings.id);
                if !wanted {
                    return None;
                }
                let server = view.server(index, ServerIndex(at as u32));
                self.filter
                    .servers
                    .include(server.status)
                    .then(|| member::server(proxy, settings, &server, view.now()))
            }
            Next::Backend => (serves && self.wants(Kinds::BACKENDS)).then(|| {
                let servers = ServersNow::of(
                    &proxy.servers,
                    |at| view.server(index, ServerIndex(at as u32)),
                    proxy.balance.allbackups,
                );
                proxy::backend(proxy, &view.backend(index), &servers, view.now())
            }),
        }
    }

    fn wants(&self, kind: Kinds) -> bool {
        self.filter.kinds.is_none_or(|kinds| kinds.contains(kind))
    }
}

#[cfg(test)]
mod tests;
