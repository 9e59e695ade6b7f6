//! `show info`: facts about the process.

use crate::date::uptime;
use crate::value::{Field, Tags, Value};
use crate::view::{BackendNow, Process, View};
use alloc::string::String;
use session::settings::{Mode, ProxyIndex};
use session::{ProxyTotals, WorkerTotals};

/// How the facts are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum InfoFormat {
    /// `<name>: <value>`
    #[default]
    Plain,
    Typed,
    Json,
}

/// All of it in one piece: it is short.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Info(pub(crate) InfoFormat);

impl Info {
    /// Writes everything.
    pub(crate) fn step(self, view: &dyn View, out: &mut String) -> bool {
        let facts = Facts::of(view);
        let mut next = '[';
        for &(position, name, tags, value_of) in FIELDS {
            let field = Field {
                position,
                name,
                tags: Tags(*tags),
                value: value_of(&facts),
            };
            match self.0 {
                InfoFormat::Plain => {
                    out.push_str(name);
                    out.push_str(": ");
                    field.value.write_plain(out);
                    out.push('\n');
                }
                InfoFormat::Typed => field.write_typed(out),
                InfoFormat::Json => {
                    out.extend([next, '{']);
                    field.write_json(out);
                    out.push('}');
                    next = ',';
                }
            }
        }
        if self.0 == InfoFormat::Json {
            out.push_str("]\n");
        }
        true
    }
}

/// What the fields are made of.
struct Facts {
    process: Process,
    workers: WorkerTotals,
    traffic: Traffic,
    bytes_out: u64,
    uptime: u64,
    started_wall_secs: u64,
}

impl Facts {
    fn of(view: &dyn View) -> Self {
        let process = view.process();
        Self {
            workers: view.workers(),
            traffic: Traffic::of(view),
            bytes_out: view.bytes_out(),
            uptime: view.now().since(process.started).as_secs(),
            started_wall_secs: view.epoch().wall_nanos(process.started) / 1_000_000_000,
            process,
        }
    }
}

/// What all proxies and the runtime API did, taken together.
#[derive(Default)]
struct Traffic {
    curr_conns: u64,
    cum_conns: u64,
    curr_streams: u64,
    cum_streams: u64,
    server_conns: u64,
}

impl Traffic {
    fn of(view: &dyn View) -> Self {
        let process = view.process();
        let mut all = Self {
            // A connection to the runtime API is one stream.
            cum_conns: process.control_connections,
            cum_streams: process.control_connections,
            ..Self::default()
        };
        for (index, proxy) in (0..).zip(&view.settings().proxies) {
            if proxy.disabled {
                continue;
            }
            if proxy.capability.accepts() {
                all.add_frontend(&view.frontend(ProxyIndex(index)).totals, proxy.mode);
            }
            if proxy.capability.serves() {
                all.add_backend(&view.backend(ProxyIndex(index)));
            }
        }
        all
    }

    fn add_frontend(&mut self, frontend: &ProxyTotals, mode: Mode) {
        self.curr_conns = self.curr_conns.saturating_add(frontend.scur);
        self.cum_conns = self.cum_conns.saturating_add(frontend.conn_tot);
        let ever = match mode {
            Mode::Http => frontend.req_tot,
            Mode::Tcp => frontend.stot,
        };
        self.curr_streams = self.curr_streams.saturating_add(frontend.streams);
        self.cum_streams = self.cum_streams.saturating_add(ever);
    }

    fn add_backend(&mut self, backend: &BackendNow) {
        let served = &backend.served;
        self.server_conns = self.server_conns.saturating_add(served.used);
        self.server_conns = self.server_conns.saturating_add(served.idle);
    }

    /// Sockets that are served, each by a task of its own.
    fn tasks(&self, listeners: u32) -> u64 {
        let conns = self.curr_conns.saturating_add(self.server_conns);
        conns.saturating_add(listeners.into())
    }
}

/// A field: its number, its name, its tags, and how to find its value.
type Row = (
    usize,
    &'static str,
    &'static [u8; 4],
    fn(&Facts) -> Value<'_>,
);

/// What we do not have, as HAProxy shows it when it is unused.
const NONE: fn(&Facts) -> Value<'_> = |_| Value::U32(0);
/// The same in 64 bits.
const NONE_U64: fn(&Facts) -> Value<'_> = |_| Value::U64(0);

/// The fields of HAProxy 3.5, with the holes its numbers have.
#[rustfmt::skip]
const FIELDS: &[Row] = &[
    (0, "Name", b"POSV", |f| Value::text(f.process.name)),
    (1, "Version", b"POSV", |f| Value::text(f.process.version)),
    (2, "Release_date", b"POSV", |f| Value::text(f.process.release_date)),
    (3, "Nbthread", b"CGSV", |f| Value::U32(f.process.workers)),
    (4, "Nbproc", b"CGSV", |_| Value::U32(1)),
    (5, "Process_num", b"KGPV", |_| Value::U32(1)),
    (6, "Pid", b"SGPV", |f| Value::U32(f.process.pid)),
    (7, "Uptime", b"MDPV", |f| Value::text(uptime(f.uptime))),
    (8, "Uptime_sec", b"MDPV", |f| Value::u32(f.uptime)),
    (9, "Memmax_MB", b"CLPV", |f| Value::u32(f.process.memory_max_mb)),
    (10, "PoolAlloc_MB", b"MGPV", NONE),
    (11, "PoolUsed_MB", b"MGPV", NONE),
    (12, "PoolFailed", b"MCPV", NONE),
    (13, "Ulimit-n", b"CLPV", |f| Value::u32(f.process.ulimit_n)),
    (14, "Maxsock", b"CLPV", |f| Value::u32(f.process.ulimit_n)),
    (15, "Maxconn", b"CLPV", |f| Value::U32(f.process.maxconn)),
    (16, "Hard_maxconn", b"CLPV", |f| Value::U32(f.process.maxconn)),
    (17, "CurrConns", b"MGPV", |f| Value::u32(f.traffic.curr_conns)),
    (18, "CumConns", b"MCPV", |f| Value::u32(f.traffic.cum_conns)),
    (19, "CumReq", b"MCPV", |f| Value::u32(f.traffic.cum_streams)),
    (20, "MaxSslConns", b"MMPV", NONE),
    (21, "CurrSslConns", b"MGPV", NONE),
    (22, "CumSslConns", b"MCPV", NONE),
    (23, "Maxpipes", b"CLPV", NONE),
    (24, "PipesUsed", b"MGPV", NONE),
    (25, "PipesFree", b"MGPV", NONE),
    (26, "ConnRate", b"MRPV", |f| Value::u32(f.workers.conn_rate.per_second)),
    (27, "ConnRateLimit", b"CLPV", NONE),
    (28, "MaxConnRate", b"MMPV", |f| Value::u32(f.workers.conn_rate.highest())),
    (29, "SessRate", b"MRPV", |f| Value::u32(f.workers.sess_rate.per_second)),
    (30, "SessRateLimit", b"CLPV", NONE),
    (31, "MaxSessRate", b"MRPV", |f| Value::u32(f.workers.sess_rate.highest())),
    (32, "SslRate", b"MRPV", NONE),
    (33, "SslRateLimit", b"CLPV", NONE),
    (34, "MaxSslRate", b"MMPV", NONE),
    (35, "SslFrontendKeyRate", b"MGPV", NONE),
    (36, "SslFrontendMaxKeyRate", b"MMPV", NONE),
    (37, "SslFrontendSessionReuse_pct", b"MGPV", NONE),
    (38, "SslBackendKeyRate", b"MRPV", NONE),
    (39, "SslBackendMaxKeyRate", b"MMPV", NONE),
    (40, "SslCacheLookups", b"MCPV", NONE),
    (41, "SslCacheMisses", b"MCPV", NONE),
    (42, "CompressBpsIn", b"MRPV", NONE),
    (43, "CompressBpsOut", b"MRPV", NONE),
    (44, "CompressBpsRateLim", b"CLPV", NONE),
    (47, "Tasks", b"MGPV", |f| Value::u32(f.traffic.tasks(f.process.listeners))),
    (48, "Run_queue", b"MGPV", NONE),
    (49, "Idle_pct", b"MaPV", |f| Value::U32(f.process.idle_percent)),
    (50, "node", b"COSV", |f| Value::text(&*f.process.node)),
    (52, "Stopping", b"MGPV", |f| Value::U32(f.process.stopping.into())),
    (53, "Jobs", b"MGPV", |f| Value::u32(f.traffic.curr_conns.saturating_add(f.process.listeners.into()))),
    (54, "Unstoppable Jobs", b"MGPV", NONE),
    (55, "Listeners", b"MGPV", |f| Value::U32(f.process.listeners)),
    (56, "ActivePeers", b"MGPV", NONE),
    (57, "ConnectedPeers", b"MGPV", NONE),
    (58, "DroppedLogs", b"MGPV", |f| Value::u32(f.workers.dropped_logs)),
    (59, "BusyPolling", b"MGPV", NONE),
    (60, "FailedResolutions", b"MGPV", NONE),
    (61, "TotalBytesOut", b"MGPV", |f| Value::U64(f.bytes_out)),
    (62, "TotalSplicedBytesOut", b"MGPV", NONE_U64),
    (63, "BytesOutRate", b"MRPV", |f| Value::U64(f.process.bytes_out_rate)),
    (64, "DebugCommandsIssued", b"MGPV", NONE),
    (65, "CumRecvLogs", b"MCPV", NONE),
    (66, "Build info", b"POSV", |f| Value::text(f.process.version)),
    (67, "Memmax_bytes", b"CLPV", |f| Value::u32(f.process.memory_max_mb.saturating_mul(1 << 20))),
    (68, "PoolAlloc_bytes", b"MGPV", NONE_U64),
    (69, "PoolUsed_bytes", b"MGPV", NONE_U64),
    (70, "Start_time_sec", b"MDPV", |f| Value::u32(f.started_wall_secs)),
    (71, "Tainted", b"SGPV", |_| Value::text("0")),
    (72, "TotalWarnings", b"MCPV", |f| Value::u32(f.process.warnings)),
    (73, "MaxconnReached", b"MCPV", |f| Value::u32(f.workers.maxconn_reached)),
    (74, "BootTime_ms", b"MDPV", |f| Value::u32(f.process.boot.as_millis() as u64)),
    (75, "Niced_tasks", b"MGPV", NONE),
    (76, "CurrStreams", b"MGPV", |f| Value::U64(f.traffic.curr_streams)),
    (77, "CumStreams", b"MGPV", |f| Value::U64(f.traffic.cum_streams)),
    (78, "BlockedTrafficWarnings", b"MGPV", NONE),
    (79, "PatternsAdded", b"MGPV", NONE_U64),
    (80, "PatternsFreed", b"MGPV", NONE_U64),
    (81, "NbThreadGroups", b"CGSV", |_| Value::U32(1)),
];

#[cfg(test)]
mod tests {
    use super::{FIELDS, Info, InfoFormat};
    use crate::fixture::Fake;
    use alloc::string::String;

    fn show(format: InfoFormat) -> String {
        let view = Fake::new();
        view.frontend.scur.add(2);
        view.frontend.stot.add(7);
        view.frontend.req_tot.add(9);
        let mut out = String::new();
        assert!(Info(format).step(&view, &mut out));
        out
    }

    #[test]
    fn every_field_has_a_line_and_its_value() {
        let shown = show(InfoFormat::Plain);
        assert_eq!(shown.lines().count(), FIELDS.len());
        for line in [
            "Name: proxy",
            "Pid: 42",
            "Uptime: 1d 1h01m01s",
            "Uptime_sec: 90061",
            "Maxconn: 9984",
            // Of an HTTP and a TCP frontend that count the same.
            "CurrConns: 4",
            "CumReq: 16",
            "DroppedLogs: 3",
            "TotalBytesOut: 77",
            "node: here",
            "Jobs: 9",
            "Unstoppable Jobs: 0",
            "Start_time_sec: 1236124801",
            "BootTime_ms: 142",
        ] {
            assert!(shown.lines().any(|shown| shown == line), "{line}");
        }
    }

    #[test]
    fn numbers_names_tags_and_types_are_those_of_haproxy() {
        let shown = show(InfoFormat::Typed);
        // What HAProxy 3.5 answers, without the values.
        let expected = include_str!("info.expected");
        assert_eq!(shown.lines().count(), expected.lines().count());
        for (shown, expected) in shown.lines().zip(expected.lines()) {
            let (place, _value) = shown.rsplit_once(expected).expect(expected);
            assert_eq!(place, "");
        }
    }

    #[test]
    fn json_is_one_list() {
        let shown = show(InfoFormat::Json);
        assert!(shown.starts_with("[{\"field\":{\"pos\":0,\"name\":\"Name\"},"));
        assert!(shown.ends_with("}]\n"));
        assert_eq!(shown.matches("\"field\"").count(), FIELDS.len());
    }
}
