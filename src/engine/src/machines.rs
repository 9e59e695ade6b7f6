//! Which protocol machine a connection gets, and within which bounds.

use crate::conn::Side;
use crate::engine::{Engine, cx};
use crate::settings::Tune;
use crate::wire::Wire;
use alloc::boxed::Box;
use balance::{Proto, ServerIndex};
use base::Buf;
use message::{Cx, Role};
use session::ConnId;
use session::settings::{Mode, Options, Proxy, ProxyIndex};

impl Engine {
    /// The machine of a client of bind line `bind`.
    pub(crate) fn machine_for_client(&mut self, frontend: ProxyIndex, bind: u32) -> Wire {
        let proxy = &self.shared.settings.proxies[frontend.0 as usize];
        let tune = &self.shared.settings.global.tune;
        match (proxy.mode, proxy.binds[bind as usize].proto) {
            (Mode::Tcp, _) => Wire::Raw(http1::Raw::new(Role::Accepting)),
            (Mode::Http, Proto::Unset | Proto::Http1) => {
                Wire::Http1(http1_machine(proxy, tune, Role::Accepting))
            }
            (Mode::Http, Proto::Http2) => {
                Wire::Http2(Box::new(http2_machine(cx!(self), tune, Role::Accepting)))
            }
        }
    }

    /// The machine of a connection to a server.
    pub(crate) fn machine_for_server(&mut self, backend: ProxyIndex, server: ServerIndex) -> Wire {
        let proxy = &self.shared.settings.proxies[backend.0 as usize];
        let tune = &self.shared.settings.global.tune;
        match (proxy.mode, proxy.servers[server.0 as usize].proto) {
            (Mode::Tcp, _) => Wire::Raw(http1::Raw::new(Role::Opening)),
            (Mode::Http, Proto::Unset | Proto::Http1) => {
                Wire::Http1(http1_machine(proxy, tune, Role::Opening))
            }
            (Mode::Http, Proto::Http2) => {
                Wire::Http2(Box::new(http2_machine(cx!(self), tune, Role::Opening)))
            }
        }
    }

    /// Whether clients of a bind line may begin with the preface of HTTP/2 where HTTP/1 is expected
    /// (`option disable-h2-upgrade`).
    pub(crate) fn upgrades(&self, frontend: ProxyIndex, bind: u32) -> bool {
        let proxy = self.proxy(frontend);
        proxy.mode == Mode::Http
            && proxy.binds[bind as usize].proto == Proto::Unset
            && !proxy.options.contains(Options::DISABLE_H2_UPGRADE)
    }

    /// Takes in the first bytes of a client that may turn out to speak HTTP/2.
    pub(crate) fn receive_first(&mut self, id: ConnId, bytes: Buf) {
        let conn = &mut self.conns[id];
        let tune = &self.shared.settings.global.tune;
        conn.wire.receive_first(cx!(self), bytes, |cx| {
            http2_machine(cx, tune, Role::Accepting)
        });
        if let Side::Client(client) = &mut conn.side {
            client.upgrades = conn.wire.is_undecided();
        }
    }
}

fn http1_machine(proxy: &Proxy, tune: &Tune, role: Role) -> http1::Connection {
    let relaxed = match role {
        Role::Accepting => Options::RELAXED_REQUESTS,
        Role::Opening => Options::RELAXED_RESPONSES,
    };
    let limits = http1::Limits {
        head_bytes_max: head_bytes_max(tune),
        fields_max: tune.maxhdr,
        relaxed: proxy.options.contains(relaxed),
        ..http1::Limits::default()
    };
    http1::Connection::new(role, limits)
}

fn http2_machine(cx: &mut Cx<'_>, tune: &Tune, role: Role) -> http2::Connection {
    let limits = http2::Limits {
        block_bytes_max: head_bytes_max(tune),
        fields: http2::fields::Limits {
            fields_max: tune.maxhdr,
            list_bytes_max: tune.bufsize,
        },
        ..http2::Limits::default()
    };
    http2::Connection::new(cx, role, limits)
}

/// What a head may take of a buffer.
fn head_bytes_max(tune: &Tune) -> u32 {
    tune.bufsize.saturating_sub(tune.maxrewrite)
}
