//! What is counted of connections and exchanges, for `show stat` and `show info`.
//!
//! Each worker counts for itself, in plain numbers that nobody else writes; readers sum. Columns are
//! named as in management.txt §9.1.

use crate::conn::Side;
use crate::engine::Engine;
use crate::shared::{Counters, Shared};
use balance::ServerIndex;
use message::Version;
use session::log::Timers;
use session::settings::{Mode, ProxyIndex};
use session::{ConnId, Exchange, ExchangeId, ListenerCounters, ProxyCounters, ServerCounters};

/// The rows of `show stat` that an exchange counts in.
pub(crate) struct Rows<'a> {
    pub(crate) frontend: &'a ProxyCounters,
    /// With `option socket-stats`.
    pub(crate) listener: Option<&'a ListenerCounters>,
    /// From the moment it is chosen.
    pub(crate) backend: Option<&'a ProxyCounters>,
    /// As long as the exchange holds a slot on it.
    pub(crate) server: Option<&'a ServerCounters>,
}

impl<'a> Rows<'a> {
    pub(crate) fn of(shared: &'a Shared, worker: u16, x: &Exchange) -> Self {
        let proxies = &shared.counters[usize::from(worker)];
        let frontend = &proxies[x.frontend.0 as usize];
        let backend = &proxies[x.backend.0 as usize];
        Self {
            frontend: &frontend.frontend,
            listener: x.listener.map(|bind| &frontend.listeners[bind as usize]),
            backend: x.in_backend.then_some(&backend.backend),
            server: x.slot.map(|server| &backend.servers[server.0 as usize]),
        }
    }

    /// `bin` (and `reqbin`): bytes of a request came from the client.
    pub(crate) fn request_in(&self, bytes: u64) {
        self.frontend.bin.add(bytes);
        if let Some(listener) = self.listener {
            listener.bin.add(bytes);
        }
        if let Some(backend) = self.backend {
            backend.bin.add(bytes);
        }
        if let Some(server) = self.server {
            server.bin.add(bytes);
        }
    }

    /// `reqbout`: bytes of a request went to the server.
    pub(crate) fn request_out(&self, bytes: u64) {
        self.frontend.reqbout.add(bytes);
        if let Some(listener) = self.listener {
            listener.reqbout.add(bytes);
        }
        if let Some(backend) = self.backend {
            backend.reqbout.add(bytes);
        }
        if let Some(server) = self.server {
            server.reqbout.add(bytes);
        }
    }

    /// `resbin`: bytes of a response came from the server. They go on to the client.
    pub(crate) fn response_in(&self, bytes: u64) {
        self.frontend.resbin.add(bytes);
        if let Some(listener) = self.listener {
            listener.resbin.add(bytes);
        }
        if let Some(backend) = self.backend {
            backend.resbin.add(bytes);
        }
        if let Some(server) = self.server {
            server.resbin.add(bytes);
            server.bout.add(bytes);
        }
        self.response_out(bytes);
    }

    /// `bout` (and `resbout`): bytes go to the client, whoever made them. A server only counts its
    /// own.
    pub(crate) fn response_out(&self, bytes: u64) {
        self.frontend.bout.add(bytes);
        if let Some(listener) = self.listener {
            listener.bout.add(bytes);
        }
        if let Some(backend) = self.backend {
            backend.bout.add(bytes);
        }
    }
}

impl Engine {
    /// A client connected; `clients` of its frontend are here now, whichever worker has them.
    pub(crate) fn count_accepted(&self, frontend: ProxyIndex, bind: u32, clients: u32) {
        let index = frontend.0 as usize;
        let workers = self.shared.counters.iter();
        let rates = workers.map(|proxies| &proxies[index].frontend.conn_rate);
        let counters = self.counters(frontend);
        let of = &counters.frontend;
        of.conn_tot.add(1);
        of.scur.add(1);
        // `maxconn` is a limit of all workers, so that their number is at hand.
        of.smax.raise_to(clients.into());
        of.conn_rate.add(self.now, 1, rates);
        let listener = &counters.listeners[bind as usize];
        listener.conn_tot.add(1);
        listener.scur.add(1);
        let listeners = |of: &Counters| of.listeners[bind as usize].scur.get();
        listener.smax.observe(listener.scur.get(), || {
            self.sum_of_workers(frontend, listeners)
        });
        let workers = &self.shared.workers;
        let of = &workers[usize::from(self.worker)];
        let rates = workers.iter().map(|of| &of.conn_rate);
        of.conn_rate.add(self.now, 1, rates);
        let rates = workers.iter().map(|of| &of.sess_rate);
        of.sess_rate.add(self.now, 1, rates);
    }

    /// The rules of connections and sessions have let a client in, and what precedes it is complete: its
    /// session begins.
    pub(crate) fn count_admitted(&self, id: ConnId) {
        let Side::Client(client) = &self.conns[id].side else {
            return;
        };
        let index = client.frontend.0 as usize;
        let counters = self.counters(client.frontend);
        let workers = self.shared.counters.iter();
        let rates = workers.map(|proxies| &proxies[index].frontend.rate);
        counters.frontend.stot.add(1);
        counters.frontend.rate.add(self.now, 1, rates);
        counters.listeners[client.bind as usize].stot.add(1);
        self.count_protocol(id);
    }

    /// What a client speaks is known, or another protocol than before.
    pub(crate) fn count_protocol(&self, id: ConnId) {
        let conn = &self.conns[id];
        let Side::Client(client) = &conn.side else {
            return;
        };
        let of = &self.counters(client.frontend).frontend;
        match conn.wire.version() {
            Some(Version::Http2) => of.h2_sessions.add(1),
            Some(Version::Http10 | Version::Http11) => of.h1_sessions.add(1),
            None => {}
        }
    }

    /// An exchange begins. What turns out to be no request counts as one, as in HAProxy.
    pub(crate) fn count_begun(&self, frontend: ProxyIndex, multiplexed: bool) {
        let of = &self.counters(frontend).frontend;
        of.streams.add(1);
        if self.proxy(frontend).mode == Mode::Http {
            of.req_tot.add(1);
            of.h2_requests.add(multiplexed.into());
            let workers = self.shared.counters.iter();
            let index = frontend.0 as usize;
            let rates = workers.map(|proxies| &proxies[index].frontend.req_rate);
            of.req_rate.add(self.now, 1, rates);
        }
    }

    /// A backend was chosen for an exchange: what came of it until now counts there too.
    pub(crate) fn count_in_backend(&self, x: &Exchange) {
        let backend = x.backend;
        let of = &self.counters(backend).backend;
        of.bin.add(x.bytes_in);
        of.stot.add(1);
        of.scur.add(1);
        of.smax.observe(of.scur.get(), || {
            self.sum_of_workers(backend, |of| of.backend.scur.get())
        });
        let index = backend.0 as usize;
        let workers = self.shared.counters.iter();
        let rates = workers.map(|proxies| &proxies[index].backend.rate);
        of.rate.add(self.now, 1, rates);
        of.last_session.mark(self.now);
    }

    /// An exchange holds a slot on a server.
    pub(crate) fn count_served(&self, backend: ProxyIndex, server: ServerIndex) {
        let of = &self.counters(backend).servers[server.0 as usize];
        of.scur.add(1);
        of.smax.observe(of.scur.get(), || {
            self.sum_of_workers(backend, |of| of.servers[server.0 as usize].scur.get())
        });
        self.count_session(backend, server);
    }

    /// A session of a server begins: each connection attempt is one.
    pub(crate) fn count_session(&self, backend: ProxyIndex, server: ServerIndex) {
        let (proxy, at) = (backend.0 as usize, server.0 as usize);
        let of = &self.counters(backend).servers[at];
        of.stot.add(1);
        let workers = self.shared.counters.iter();
        let rates = workers.map(|proxies| &proxies[proxy].servers[at].rate);
        of.rate.add(self.now, 1, rates);
        of.last_session.mark(self.now);
    }

    /// `ereq`: a request was none, and its machine has dealt with it.
    pub(crate) fn count_rejected(&self, id: ConnId) {
        let Side::Client(client) = &self.conns[id].side else {
            return;
        };
        let counters = &self.shared.counters[usize::from(self.worker)];
        let of = &counters[client.frontend.0 as usize];
        of.frontend.ereq.add(1);
        if let Some(listener) = of.listeners.get(client.bind as usize) {
            listener.ereq.add(1);
        }
    }

    /// `ereq`: what came is no request, or did not come in time.
    pub(crate) fn count_bad_request(&self, x: &Exchange) {
        let rows = Rows::of(&self.shared, self.worker, x);
        rows.frontend.ereq.add(1);
        if let Some(listener) = rows.listener {
            listener.ereq.add(1);
        }
    }

    /// `dreq`: a rule denied a request.
    pub(crate) fn count_denied(&self, exchange: ExchangeId) {
        let rows = Rows::of(&self.shared, self.worker, &self.exchanges[exchange]);
        rows.frontend.dreq.add(1);
        if let Some(backend) = rows.backend {
            backend.dreq.add(1);
        }
        if let Some(listener) = rows.listener {
            listener.dreq.add(1);
        }
    }

    /// `dresp`: a rule denied a response.
    pub(crate) fn count_denied_response(&self, exchange: ExchangeId) {
        let x = &self.exchanges[exchange];
        let rows = Rows::of(&self.shared, self.worker, x);
        rows.frontend.dresp.add(1);
        if let Some(backend) = rows.backend {
            backend.dresp.add(1);
        }
        if let Some(server) = x.last_server {
            let of = self.counters(x.backend);
            of.servers[server.0 as usize].dresp.add(1);
        }
    }

    /// `intercepted`: a rule answered a request.
    pub(crate) fn count_intercepted(&self, exchange: ExchangeId) {
        let frontend = self.exchanges[exchange].frontend;
        self.counters(frontend).frontend.intercepted.add(1);
    }

    /// `wrew`: a rule could not change a message.
    pub(crate) fn count_failed_rewrite(&self, exchange: ExchangeId) {
        let rows = Rows::of(&self.shared, self.worker, &self.exchanges[exchange]);
        rows.frontend.wrew.add(1);
        if let Some(backend) = rows.backend {
            backend.wrew.add(1);
        }
    }

    /// `econ`: no connection to a server will be had.
    pub(crate) fn count_unconnected(&self, x: &Exchange, server: Option<ServerIndex>) {
        let of = self.counters(x.backend);
        of.backend.econ.add(1);
        if let Some(server) = server {
            of.servers[server.0 as usize].econ.add(1);
        }
    }

    /// `cli_abrt`: the client left, or was too slow.
    pub(crate) fn count_client_abort(&self, x: &Exchange) {
        let rows = Rows::of(&self.shared, self.worker, x);
        rows.frontend.cli_abrt.add(1);
        if let Some(backend) = rows.backend {
            backend.cli_abrt.add(1);
        }
        if let Some(server) = x.last_server {
            let of = self.counters(x.backend);
            of.servers[server.0 as usize].cli_abrt.add(1);
        }
    }

    /// `eresp`: the server failed; `srv_abrt` if that was within its answer, which is no `eresp` if it
    /// fell silent.
    pub(crate) fn count_server_failed(&self, x: &Exchange, in_answer: bool, silent: bool) {
        let of = self.counters(x.backend);
        let server = x.slot.map(|server| &of.servers[server.0 as usize]);
        if in_answer {
            of.backend.srv_abrt.add(1);
            if let Some(server) = server {
                server.srv_abrt.add(1);
            }
        }
        if !in_answer || !silent {
            of.backend.eresp.add(1);
            if let Some(server) = server {
                server.eresp.add(1);
            }
        }
    }

    /// An exchange has ended. Whoever answered, the answer counts for frontend and backend; servers
    /// count what they say themselves, interim answers included.
    pub(crate) fn count_end(&self, x: &Exchange) {
        let rows = Rows::of(&self.shared, self.worker, x);
        rows.frontend.streams.sub(1);
        let is_http = self.proxy(x.frontend).mode == Mode::Http || x.request.is_some();
        if is_http {
            rows.frontend.count_status(x.status);
        }
        let Some(backend) = rows.backend else {
            return;
        };
        if is_http {
            backend.req_tot.add(1);
            backend.count_status(x.status);
        }
        if let Some(server) = x.last_server {
            let of = &self.counters(x.backend).servers[server.0 as usize];
            if x.times.connected.is_none() {
                // What was meant for it counts for the last server that was tried.
                of.bin.add(x.bytes_in);
            }
            let timers = Timers::new(&x.times, self.now);
            // The session of a request begins where that of the one before ended.
            let total = self.now.since(x.times.idle_from).as_millis() as u64;
            count_times(of, &timers, total, is_http);
        }
    }

    fn sum_of_workers(&self, proxy: ProxyIndex, of: impl Fn(&Counters) -> u64) -> u64 {
        let workers = self.shared.counters.iter();
        workers.map(|proxies| of(&proxies[proxy.0 as usize])).sum()
    }
}

/// `qtime`, `ctime`, `rtime` (of HTTP alone) and `ttime`, milliseconds: only of what was answered,
/// since the others have no such times.
fn count_times(of: &ServerCounters, timers: &Timers, total: u64, is_http: bool) {
    let response = if is_http { timers.response } else { Some(0) };
    if let (Some(queue), Some(connect), Some(response)) = (timers.queue, timers.connect, response) {
        of.queue_ms.add(queue);
        of.connect_ms.add(connect);
        of.response_ms.add(response);
        of.total_ms.add(total);
    }
}
