//! Which protocol machine a connection gets, and within which bounds.

use crate::conn::Side;
use crate::engine::{Engine, cx};
use crate::settings::{Http2Side, Tune};
use crate::wire::Wire;
use alloc::boxed::Box;
use balance::{Proto, ServerIndex};
use base::Buf;
use core::num::NonZeroU32;
use message::Role;
use session::ConnId;
use session::settings::{Mode, Options, Proxy, ProxyIndex};

impl Engine {
    /// The machine of a client of bind line `bind`.
    pub(crate) fn machine_for_client(&mut self, frontend: ProxyIndex, bind: u32) -> Wire {
        let proxy = self.proxy(frontend);
        match proxy.mode {
            Mode::Tcp => Wire::Raw(http1::Raw::new(Role::Accepting)),
            Mode::Http => self.accepting(frontend, proxy.binds[bind as usize].proto),
        }
    }

    /// The machine of a client that speaks `proto`.
    pub(crate) fn accepting(&mut self, frontend: ProxyIndex, proto: Proto) -> Wire {
        let proxy = &self.shared.settings.proxies[frontend.0 as usize];
        let tune = &self.shared.settings.global.tune;
        match proto {
            Proto::Raw => Wire::Raw(http1::Raw::new(Role::Accepting)),
            Proto::Unset | Proto::Http1 => Wire::Http1(http1_machine(proxy, tune, Role::Accepting)),
            Proto::Http2 => {
                let limits = http2_limits(tune, &tune.h2.fe);
                let machine = http2::Connection::new(cx!(self), Role::Accepting, limits);
                Wire::Http2(Box::new(machine))
            }
        }
    }

    /// The machine of a connection to a server.
    pub(crate) fn machine_for_server(&mut self, backend: ProxyIndex, server: ServerIndex) -> Wire {
        let proxy = &self.shared.settings.proxies[backend.0 as usize];
        let tune = &self.shared.settings.global.tune;
        match (proxy.mode, proxy.servers[server.0 as usize].proto) {
            (Mode::Tcp, _) | (Mode::Http, Proto::Raw) => Wire::Raw(http1::Raw::new(Role::Opening)),
            (Mode::Http, Proto::Unset | Proto::Http1) => {
                Wire::Http1(http1_machine(proxy, tune, Role::Opening))
            }
            (Mode::Http, Proto::Http2) => {
                let limits = http2::Limits {
                    idle_ping: proxy.servers[server.0 as usize].keep.ping,
                    ..http2_limits(tune, &tune.h2.be)
                };
                let machine = http2::Connection::new(cx!(self), Role::Opening, limits);
                Wire::Http2(Box::new(machine))
            }
        }
    }

    /// Whether clients of a bind line may begin with the preface of HTTP/2 where HTTP/1 is expected.
    pub(crate) fn upgrades(&self, frontend: ProxyIndex, bind: u32) -> bool {
        let proxy = self.proxy(frontend);
        proxy.mode == Mode::Http && self.takes_preface(frontend, proxy.binds[bind as usize].proto)
    }

    /// The same of those that are known to speak HTTP (`option disable-h2-upgrade`).
    pub(crate) fn takes_preface(&self, frontend: ProxyIndex, proto: Proto) -> bool {
        let options = self.proxy(frontend).options;
        proto == Proto::Unset && !options.contains(Options::DISABLE_H2_UPGRADE)
    }

    /// Takes in the first bytes of a client that may turn out to speak HTTP/2.
    pub(crate) fn receive_first(&mut self, id: ConnId, bytes: Buf) {
        let conn = &mut self.conns[id];
        let tune = &self.shared.settings.global.tune;
        conn.wire.receive_first(cx!(self), bytes, |cx| {
            http2::Connection::new(cx, Role::Accepting, http2_limits(tune, &tune.h2.fe))
        });
        if let Side::Client(client) = &mut conn.side {
            client.upgrades = conn.wire.is_undecided();
        }
        if self.conns[id].wire.is_multiplexed() {
            self.count_protocol(id);
            self.forget_session(id);
        }
    }
}

fn http1_machine(proxy: &Proxy, tune: &Tune, role: Role) -> http1::Connection {
    http1::Connection::new(role, http1_limits(proxy, tune, role))
}

/// What is held to be HTTP/1 of the peer of `role`.
pub(crate) fn http1_limits(proxy: &Proxy, tune: &Tune, role: Role) -> http1::Limits {
    let relaxed = match role {
        Role::Accepting => Options::RELAXED_REQUESTS,
        Role::Opening => Options::RELAXED_RESPONSES,
    };
    http1::Limits {
        head_bytes_max: head_bytes_max(tune),
        fields_max: tune.maxhdr,
        relaxed: proxy.options.contains(relaxed),
        ..http1::Limits::default()
    }
}

fn http2_limits(tune: &Tune, side: &Http2Side) -> http2::Limits {
    let all = &tune.h2;
    let streams_max = side.streams_max.or(all.streams_max).unwrap_or(STREAMS_MAX);
    // One buffer for each stream at least, and whole buffers.
    let streams = streams_max.min(STREAMS_BUFFERED_MAX);
    let rxbuf = side.rxbuf.unwrap_or(RXBUF_BYTES);
    let rxbuf = rxbuf.max(streams.saturating_mul(tune.bufsize));
    let rxbuf = rxbuf.checked_next_multiple_of(tune.bufsize);
    // No frame is larger than a buffer, nor smaller than RFC 9113 §4.2 has it.
    let frame = all.frame_bytes_max.unwrap_or(tune.bufsize);
    let frame = frame
        .min(tune.bufsize)
        .clamp(FRAME_BYTES_MIN, FRAME_BYTES_MAX);
    http2::Limits {
        block_bytes_max: head_bytes_max(tune),
        fields: http2::fields::Limits {
            fields_max: tune.maxhdr,
            list_bytes_max: tune.bufsize,
        },
        table_bytes_max: all.table_bytes_max,
        frame_bytes_max: frame,
        window_bytes: side
            .window_bytes
            .or(all.window_bytes)
            .unwrap_or(tune.bufsize),
        connection_window_bytes: rxbuf.unwrap_or(u32::MAX).min(WINDOW_BYTES_MAX),
        streams_max,
        streams_total_max: all.streams_total_max.map_or(u32::MAX, NonZeroU32::get),
        glitches_max: side.glitches_max,
        idle_ping: None,
    }
}

/// `tune.h2.max-concurrent-streams` where nobody said.
const STREAMS_MAX: u32 = 100;
/// Streams that have a right to a buffer each; without a limit there would be no end of them.
const STREAMS_BUFFERED_MAX: u32 = 1000;
/// `tune.h2.{fe,be}.rxbuf` where nobody said.
const RXBUF_BYTES: u32 = 1600 * 1024;
/// RFC 9113 §4.2 and §6.9.1.
const FRAME_BYTES_MIN: u32 = 1 << 14;
const FRAME_BYTES_MAX: u32 = (1 << 24) - 1;
const WINDOW_BYTES_MAX: u32 = (1 << 31) - 1;

/// What a head may take of a buffer.
fn head_bytes_max(tune: &Tune) -> u32 {
    tune.bufsize.saturating_sub(tune.maxrewrite)
}
