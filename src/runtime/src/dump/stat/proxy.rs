//! The rows about a proxy itself: `FRONTEND` and `BACKEND`.

use super::columns::Column;
use super::row::{Kind, Row};
use crate::value::Value;
use crate::view::{BackendNow, FrontendNow, FrontendStatus, ServerNow};
use balance::{Algorithm, ServerSettings};
use base::Instant;
use session::ProxyTotals;
use session::settings::{Mode, Proxy};

/// A proxy as a frontend; without a limit of its own it has that of the process.
pub(crate) fn frontend<'a>(proxy: &'a Proxy, frontend: &FrontendNow, process_max: u32) -> Row<'a> {
    let mut row = Row::new(Kind::Frontend, proxy, 0, Value::text("FRONTEND"));
    let totals = &frontend.totals;
    let limit = match proxy.maxconn {
        0 => process_max,
        limit => limit,
    };
    row.set(Column::Status, Value::text(status(frontend.status)));
    row.set_numbers(&[
        (Column::Slim, u64::from(limit)),
        (Column::RateLim, 0),
        (Column::ReqRate, totals.req_rate.per_second),
        (Column::ReqRateMax, totals.req_rate.highest()),
        (Column::ConnRate, totals.conn_rate.per_second),
        (Column::ConnRateMax, totals.conn_rate.highest()),
    ]);
    row.set_counts(&[
        (Column::Ereq, totals.ereq),
        (Column::ReqTot, totals.req_tot),
        (Column::ConnTot, totals.conn_tot),
        (Column::Dcon, totals.dcon),
        (Column::Dses, totals.dses),
        (Column::H1sess, totals.h1_sessions),
        (Column::H2sess, totals.h2_sessions),
        (Column::H3sess, 0),
        (
            Column::H1req,
            totals.req_tot.saturating_sub(totals.h2_requests),
        ),
        (Column::H2req, totals.h2_requests),
        (Column::H3req, 0),
        // For multiplexed protocols that are not HTTP: there are none.
        (Column::ReqOther, 0),
    ]);
    let other = match proxy.mode {
        Mode::Http => 0,
        Mode::Tcp => totals.stot,
    };
    row.set(Column::SessOther, Value::U64(other));
    if proxy.mode == Mode::Http {
        row.set(Column::Intercepted, Value::U64(totals.intercepted));
        row.set_h1([
            totals.scur,
            totals.streams,
            totals.conn_tot,
            totals.req_tot,
            totals.bin,
            totals.bout,
            0,
            0,
        ]);
    }
    common(&mut row, proxy, totals);
    row
}

/// A proxy as a backend, with its servers as they are.
pub(crate) fn backend<'a>(
    proxy: &'a Proxy,
    backend: &BackendNow,
    servers: &ServersNow,
    now: Instant,
) -> Row<'a> {
    let mut row = Row::new(Kind::Backend, proxy, 0, Value::text("BACKEND"));
    let totals = &backend.totals;
    let is_up = proxy.servers.is_empty() || servers.weight > 0;
    row.set(
        Column::Status,
        Value::text(match (is_up, backend.published) {
            (true, true) => "UP",
            (true, false) => "UP (UNPUB)",
            (false, true) => "DOWN",
            (false, false) => "DOWN (UNPUB)",
        }),
    );
    row.set_numbers(&[
        (Column::Qcur, u64::from(backend.queued)),
        (Column::Qmax, totals.qmax.max(u64::from(backend.queued))),
        (Column::Slim, u64::from(proxy.balance.fullconn)),
        (Column::Weight, servers.weight),
        (Column::Uweight, servers.weight),
        (Column::Act, servers.active),
        (Column::Bck, servers.backup),
        (Column::Lastchg, now.since(backend.changed).as_secs()),
        (Column::AggServerStatus, 0),
        (Column::AggServerCheckStatus, 0),
        (Column::AggCheckStatus, 0),
    ]);
    if !proxy.servers.is_empty() {
        let since_change = if is_up {
            0
        } else {
            now.since(backend.changed).as_secs()
        };
        let downtime = backend.downtime.as_secs().saturating_add(since_change);
        row.set(Column::Downtime, Value::u32(downtime));
    }
    row.set_counts(&[
        (Column::Econ, totals.econ),
        (Column::Eresp, totals.eresp),
        (Column::Wretr, totals.wretr),
        (Column::Wredis, totals.wredis),
        (Column::Chkdown, backend.downs),
        (Column::Lbtot, totals.lbtot),
        (Column::CliAbrt, totals.cli_abrt),
        (Column::SrvAbrt, totals.srv_abrt),
        (Column::Connect, totals.connect),
        (Column::Reuse, totals.reuse),
    ]);
    row.set(Column::Lastsess, age(totals.last_session, now));
    row.set(Column::Algo, Value::text(algorithm(proxy)));
    if let Some(cookie) = &proxy.cookie {
        row.set(Column::Cookie, Value::text(&*cookie.name));
    }
    set_times(
        &mut row,
        [
            backend.served.queue_ms,
            backend.served.connect_ms,
            backend.served.response_ms,
            backend.served.total_ms,
        ],
    );
    if proxy.mode == Mode::Http {
        row.set(Column::ReqTot, Value::U64(totals.req_tot));
        let served = &backend.served;
        row.set_h1([
            served.used.saturating_add(served.idle),
            served.used,
            totals.connect,
            totals.connect.saturating_add(totals.reuse),
            totals.resbin,
            totals.reqbout,
            0,
            0,
        ]);
    }
    common(&mut row, proxy, totals);
    row
}

/// What frontends and backends have in common.
fn common(row: &mut Row<'_>, proxy: &Proxy, totals: &ProxyTotals) {
    row.set_numbers(&[
        (Column::Scur, totals.scur),
        (Column::Smax, totals.smax.max(totals.scur)),
        (Column::Rate, totals.rate.per_second),
        (Column::RateMax, totals.rate.highest()),
    ]);
    row.set_counts(&[
        (Column::Stot, totals.stot),
        (Column::Bin, totals.bin),
        (Column::Bout, totals.bout),
        (Column::Dreq, totals.dreq),
        (Column::Dresp, totals.dresp),
        (Column::CompIn, 0),
        (Column::CompOut, 0),
        (Column::CompByp, 0),
        (Column::CompRsp, 0),
        (Column::Wrew, totals.wrew),
        (Column::Eint, totals.eint),
        (Column::Reqbin, totals.bin),
        (Column::Reqbout, totals.reqbout),
        (Column::Resbin, totals.resbin),
        (Column::Resbout, totals.bout),
    ]);
    if proxy.mode == Mode::Http {
        row.set_counts(&[
            (Column::Hrsp1xx, totals.hrsp_1xx),
            (Column::Hrsp2xx, totals.hrsp_2xx),
            (Column::Hrsp3xx, totals.hrsp_3xx),
            (Column::Hrsp4xx, totals.hrsp_4xx),
            (Column::Hrsp5xx, totals.hrsp_5xx),
            (Column::HrspOther, totals.hrsp_other),
            (Column::CacheLookups, 0),
            (Column::CacheHits, 0),
            (Column::CacheHintHits, 0),
        ]);
    }
}

/// Sets the average and the highest queue, connect, response and total time.
pub(super) fn set_times(row: &mut Row<'_>, times: [session::AverageTotal; 4]) {
    let columns = [
        (Column::Qtime, Column::QtimeMax),
        (Column::Ctime, Column::CtimeMax),
        (Column::Rtime, Column::RtimeMax),
        (Column::Ttime, Column::TtimeMax),
    ];
    for ((mean, highest), time) in columns.into_iter().zip(times) {
        row.set_numbers(&[(mean, time.mean()), (highest, time.highest)]);
    }
}

/// Seconds since `at`, -1 for never.
pub(super) fn age(at: Option<Instant>, now: Instant) -> Value<'static> {
    Value::S32(at.map_or(-1, |at| {
        i32::try_from(now.since(at).as_secs()).unwrap_or(i32::MAX)
    }))
}

pub(super) fn status(status: FrontendStatus) -> &'static str {
    match status {
        FrontendStatus::Open => "OPEN",
        FrontendStatus::Full => "FULL",
        FrontendStatus::Paused => "PAUSED",
        FrontendStatus::Stopped => "STOP",
    }
}

fn algorithm(proxy: &Proxy) -> &'static str {
    match proxy.balance.algorithm {
        Algorithm::RoundRobin => "roundrobin",
        Algorithm::StaticRr => "static-rr",
        Algorithm::LeastConn => "leastconn",
        Algorithm::First => "first",
        Algorithm::Sticky => "sticky",
        Algorithm::Random { .. } => "random",
        Algorithm::Hash(_) => proxy.hashing.as_ref().map_or("hash", |it| it.of.name()),
    }
}

/// What a backend can do with its servers as they are.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ServersNow {
    active: u64,
    backup: u64,
    weight: u64,
}

impl ServersNow {
    /// Weights count while nothing better is usable: those of the backups if no other server is,
    /// and with `option allbackups` of all of them, else of the first.
    pub(crate) fn of(
        servers: &[ServerSettings],
        now: impl Fn(usize) -> ServerNow,
        allbackups: bool,
    ) -> Self {
        let mut sum = Self::default();
        let (mut active_weight, mut backup_weight) = (0, 0);
        for (at, settings) in servers.iter().enumerate() {
            let server = now(at);
            if !server.status.is_usable() || server.weight == 0 {
                continue;
            }
            let weight = u64::from(server.weight);
            if !settings.backup {
                sum.active += 1;
                active_weight += weight;
            } else {
                if sum.backup == 0 || allbackups {
                    backup_weight += weight;
                }
                sum.backup += 1;
            }
        }
        sum.weight = if sum.active > 0 {
            active_weight
        } else {
            backup_weight
        };
        sum
    }
}
