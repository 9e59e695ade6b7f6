//! The rows about a proxy's listeners and servers.

use super::columns::Column;
use super::proxy::{age, set_times, status};
use super::row::{Kind, Row};
use crate::value::Value;
use crate::view::{FrontendStatus, ServerNow, ServerStatus};
use alloc::format;
use alloc::string::ToString;
use balance::{Address, ServerSettings};
use base::Instant;
use core::net::SocketAddr;
use session::settings::{Bind, BindAddress, Mode, Proxy};
use session::{ListenerTotals, ServerTotals};

/// A listener.
pub(crate) fn listener<'a>(
    proxy: &'a Proxy,
    bind: &'a Bind,
    frontend: FrontendStatus,
    totals: &ListenerTotals,
) -> Row<'a> {
    let name = match &bind.name {
        Some(name) => Value::text(&**name),
        None => Value::text(format!("sock-{}", bind.id)),
    };
    let mut row = Row::new(Kind::Listener, proxy, bind.id, name);
    let is_full = bind.maxconn > 0 && totals.scur >= u64::from(bind.maxconn);
    let now = match frontend {
        FrontendStatus::Open if is_full => FrontendStatus::Full,
        FrontendStatus::Open
        | FrontendStatus::Full
        | FrontendStatus::Paused
        | FrontendStatus::Stopped => frontend,
    };
    row.set(Column::Status, Value::text(status(now)));
    row.set_numbers(&[
        (Column::Scur, totals.scur),
        (Column::Smax, totals.smax.max(totals.scur)),
        (Column::Slim, u64::from(bind.maxconn)),
    ]);
    row.set_counts(&[
        (Column::Stot, totals.stot),
        (Column::ConnTot, totals.conn_tot),
        (Column::Bin, totals.bin),
        (Column::Bout, totals.bout),
        (Column::Dreq, totals.dreq),
        (Column::Dresp, totals.dresp),
        (Column::Ereq, totals.ereq),
        (Column::Dcon, totals.dcon),
        (Column::Dses, totals.dses),
        (Column::Wrew, totals.wrew),
        (Column::Eint, totals.eint),
        (Column::Reqbin, totals.bin),
        (Column::Reqbout, totals.reqbout),
        (Column::Resbin, totals.resbin),
        (Column::Resbout, totals.bout),
    ]);
    let (address, protocol) = match &bind.address {
        BindAddress::Ip(address @ SocketAddr::V4(_)) => (Value::text(address.to_string()), "tcpv4"),
        BindAddress::Ip(address @ SocketAddr::V6(_)) => (Value::text(address.to_string()), "tcpv6"),
        BindAddress::Unix(_) => (Value::text("unix"), "unix_stream"),
        BindAddress::Abstract(_) => (Value::text("unix"), "abns_stream"),
        // Whoever handed the descriptor over knows its address; the configuration does not.
        BindAddress::Inherited(_) => (Value::Empty, "tcpv4"),
        BindAddress::Reversed(_) => (Value::Empty, "rev"),
    };
    row.set(Column::Addr, address);
    row.set(Column::Proto, Value::text(protocol));
    row
}

/// A server.
pub(crate) fn server<'a>(
    proxy: &'a Proxy,
    settings: &'a ServerSettings,
    server: &ServerNow,
    now: Instant,
) -> Row<'a> {
    let mut row = Row::new(
        Kind::Server,
        proxy,
        settings.id,
        Value::text(&*settings.name),
    );
    let totals = &server.totals;
    row.set(Column::Status, Value::text(server_status(server.status)));
    row.set(Column::Addr, server_address(&settings.address));
    if let Some(cookie) = &settings.cookie {
        row.set(Column::Cookie, Value::text(&**cookie));
    }
    row.set_numbers(&[
        (Column::Qcur, u64::from(server.queued)),
        (Column::Qmax, totals.qmax.max(u64::from(server.queued))),
        (Column::Scur, totals.scur),
        (Column::Smax, totals.smax.max(totals.scur)),
        (Column::Weight, u64::from(server.weight)),
        (Column::Uweight, u64::from(settings.weight)),
        (Column::Act, u64::from(!settings.backup)),
        (Column::Bck, u64::from(settings.backup)),
        (Column::Lastchg, now.since(server.changed).as_secs()),
        (Column::Rate, totals.rate.per_second),
        (Column::RateMax, totals.rate.highest()),
        (
            Column::SrvIcur,
            totals.idle_conn_cur.saturating_add(totals.safe_conn_cur),
        ),
        (Column::IdleConnCur, totals.idle_conn_cur),
        (Column::SafeConnCur, totals.safe_conn_cur),
        (Column::UsedConnCur, totals.used_conn_cur),
        (Column::PrivIdleCur, totals.priv_idle_cur),
        (Column::NeedConnEst, totals.need_conn_est),
        (Column::Srid, 0),
    ]);
    // A limit of 0 is none, and shows as nothing.
    for (column, limit) in [
        (Column::Slim, settings.maxconn),
        (Column::Qlimit, settings.maxqueue),
    ] {
        if limit > 0 {
            row.set(column, Value::U32(limit));
        }
    }
    set_server_counts(&mut row, totals, proxy.mode);
    row.set(Column::Lastsess, age(totals.last_session, now));
    set_times(
        &mut row,
        [
            totals.queue_ms,
            totals.connect_ms,
            totals.response_ms,
            totals.total_ms,
        ],
    );
    row
}

fn set_server_counts(row: &mut Row<'_>, totals: &ServerTotals, mode: Mode) {
    row.set_counts(&[
        (Column::Stot, totals.stot),
        (Column::Bin, totals.bin),
        (Column::Bout, totals.bout),
        (Column::Dresp, totals.dresp),
        (Column::Econ, totals.econ),
        (Column::Eresp, totals.eresp),
        (Column::Wretr, totals.wretr),
        (Column::Wredis, totals.wredis),
        (Column::Lbtot, totals.lbtot),
        (Column::CliAbrt, totals.cli_abrt),
        (Column::SrvAbrt, totals.srv_abrt),
        (Column::Wrew, totals.wrew),
        (Column::Connect, totals.connect),
        (Column::Reuse, totals.reuse),
        (Column::Eint, totals.eint),
        (Column::Reqbin, totals.bin),
        (Column::Reqbout, totals.reqbout),
        (Column::Resbin, totals.resbin),
        (Column::Resbout, totals.bout),
    ]);
    if mode == Mode::Http {
        row.set_counts(&[
            (Column::ReqTot, totals.req_tot),
            (Column::Hrsp1xx, totals.hrsp_1xx),
            (Column::Hrsp2xx, totals.hrsp_2xx),
            (Column::Hrsp3xx, totals.hrsp_3xx),
            (Column::Hrsp4xx, totals.hrsp_4xx),
            (Column::Hrsp5xx, totals.hrsp_5xx),
            (Column::HrspOther, totals.hrsp_other),
        ]);
    }
}

fn server_status(status: ServerStatus) -> &'static str {
    match status {
        ServerStatus::NoCheck => "no check",
        ServerStatus::Up => "UP",
        ServerStatus::Down => "DOWN",
        ServerStatus::Drain => "DRAIN",
        ServerStatus::Maintenance => "MAINT",
        ServerStatus::Unresolved => "MAINT (resolution)",
    }
}

fn server_address(address: &Address) -> Value<'static> {
    match address {
        Address::Ip(address) => Value::text(address.to_string()),
        // HAProxy shows the shift as if it were the port.
        Address::IpPortOf { ip, shift } => {
            let mut address = *ip;
            address.set_port(u16::try_from(shift.unsigned_abs()).unwrap_or(0));
            Value::text(address.to_string())
        }
        Address::Unix(_) | Address::Abstract(_) => Value::text("unix"),
        Address::Unresolved(_) | Address::Reversed => Value::Empty,
    }
}
