//! `show servers conn` and `show servers state`: a line for each server.

use crate::view::{ServerNow, ServerStatus, View};
use alloc::string::{String, ToString};
use balance::{Address, ServerIndex, ServerSettings, ServerState};
use core::fmt::Write;
use session::settings::{Proxy, ProxyIndex};

/// What is shown of servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// `conn`
    Connections,
    /// `state`
    State,
}

/// How far the answer has come.
#[derive(Clone, Debug)]
pub(crate) struct ServerList {
    shown: Shown,
    only: Option<ProxyIndex>,
    /// The next proxy and server; `None` is the title.
    next: Option<(u32, u32)>,
}

impl ServerList {
    pub(crate) fn new(shown: Shown, only: Option<ProxyIndex>) -> Self {
        Self {
            shown,
            only,
            next: None,
        }
    }

    /// Writes the title or a line; true once there is no more.
    pub(crate) fn step(&mut self, view: &dyn View, out: &mut String) -> bool {
        let Some((at, server)) = self.next else {
            self.write_title(view, out);
            self.next = Some((self.only.map_or(0, |only| only.0), 0));
            return false;
        };
        let Some(proxy) = view.settings().proxies.get(at as usize) else {
            return true;
        };
        let settings = proxy.servers.get(server as usize);
        let Some(settings) = settings.filter(|_| !proxy.disabled) else {
            self.next = Some((at + 1, 0));
            return self.only.is_some();
        };
        self.next = Some((at, server + 1));
        let at = (ProxyIndex(at), ServerIndex(server));
        let now = view.server(at.0, at.1);
        match self.shown {
            Shown::Connections => {
                let idle = view.idle(at.0, at.1);
                write_connections(proxy, settings, &now, &idle, out);
            }
            Shown::State => {
                let changed = view.now().since(now.changed).as_secs();
                write_state(proxy, settings, &now, changed, out);
            }
        }
        false
    }

    fn write_title(&self, view: &dyn View, out: &mut String) {
        let _ = match self.shown {
            Shown::Connections => {
                let workers = view.process().workers;
                writeln!(out, "{CONNECTIONS_TITLE} idle_per_thr[{workers}]")
            }
            Shown::State => writeln!(out, "{STATE_FORMAT}\n{STATE_TITLE}"),
        };
    }
}

fn write_connections(
    proxy: &Proxy,
    settings: &ServerSettings,
    now: &ServerNow,
    idle: &[u64],
    out: &mut String,
) {
    let totals = &now.totals;
    let (address, port) = address(&settings.address);
    let limit = settings.keep.idle_max.map_or(-1, i64::from);
    let _ = write!(
        out,
        "{}/{} {}/{} {address} {port} - {} {} {} {} {} {} {} {} {limit} {}",
        proxy.name,
        settings.name,
        proxy.id,
        settings.id,
        settings.keep.purge_delay.as_millis(),
        now.served,
        totals.used_conn_cur,
        totals.used_conn_max,
        totals.need_conn_est,
        totals.priv_idle_cur,
        totals.idle_conn_cur,
        totals.safe_conn_cur,
        idle.iter().sum::<u64>(),
    );
    for idle in idle {
        let _ = write!(out, " {idle}");
    }
    out.push('\n');
}

fn write_state(
    proxy: &Proxy,
    settings: &ServerSettings,
    now: &ServerNow,
    changed_secs: u64,
    out: &mut String,
) {
    let (address, port) = address(&settings.address);
    let runs = match now.status {
        ServerStatus::NoCheck | ServerStatus::Up | ServerStatus::Drain => RUNNING,
        ServerStatus::Down | ServerStatus::Maintenance | ServerStatus::Unresolved => STOPPED,
    };
    let check = if settings.disabled { CHECK_PAUSED } else { 0 };
    let _ = writeln!(
        out,
        "{} {} {} {} {address} {runs} {} {} {} {changed_secs} {CHECK_UNKNOWN} 0 0 {check} 0 {} {} {} {port} - 0 0 - - 0",
        proxy.id,
        proxy.name,
        settings.id,
        settings.name,
        admin_state(settings, now),
        now.weight,
        settings.weight,
        u8::from(proxy.id_given),
        u8::from(settings.id_given),
        settings.host.as_deref().unwrap_or("-"),
    );
}

/// `srv_admin_state`: who wants the server not to be used as usual, as bits (management.txt).
fn admin_state(settings: &ServerSettings, now: &ServerNow) -> u8 {
    let forced = match now.wanted {
        ServerState::Up => 0,
        ServerState::Drain => 0x08,
        ServerState::Maintenance => 0x01,
    };
    let configured = if settings.disabled { 0x04 } else { 0 };
    let unresolved = match settings.address {
        Address::Unresolved(_) => 0x20,
        Address::Ip(_)
        | Address::IpPortOf { .. }
        | Address::Unix(_)
        | Address::Abstract(_)
        | Address::Reversed => 0,
    };
    forced | configured | unresolved
}

/// The address and port of a server, where it has them.
fn address(address: &Address) -> (String, u16) {
    match address {
        Address::Ip(to) => (to.ip().to_string(), to.port()),
        // HAProxy shows the shift as if it were the port.
        Address::IpPortOf { ip, shift } => {
            let shift = u16::try_from(shift.unsigned_abs()).unwrap_or(0);
            (ip.ip().to_string(), shift)
        }
        Address::Unix(_) | Address::Abstract(_) | Address::Unresolved(_) | Address::Reversed => {
            ("-".into(), 0)
        }
    }
}

/// `srv_op_state`
const STOPPED: u8 = 0;
const RUNNING: u8 = 2;
/// `srv_check_status` of a server that is not checked.
const CHECK_UNKNOWN: u8 = 1;
/// `srv_check_state` of a server that began in maintenance.
const CHECK_PAUSED: u8 = 8;

const CONNECTIONS_TITLE: &str = "# bkname/svname bkid/svid addr port - purge_delay served used_cur \
used_max need_est idle_sess unsafe_nb safe_nb idle_lim idle_cur";

/// The version of what follows.
const STATE_FORMAT: u8 = 1;
const STATE_TITLE: &str = "# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state \
srv_uweight srv_iweight srv_time_since_last_change srv_check_status srv_check_result \
srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port \
srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr srv_agent_port";
