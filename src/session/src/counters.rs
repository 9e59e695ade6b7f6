//! What is counted, per worker.

use crate::metric::{Average, Counter, Latest, Metric, Peak, Rate};
use base::Instant;

/// A set of metrics (`Counter` where no type is said) and their totals over all workers.
macro_rules! counters {
    (@type) => { Counter };
    (@type $kind:ty) => { $kind };
    (
        $(#[$doc:meta])* $name:ident, $(#[$total_doc:meta])* $total:ident
        { $($(#[$field_doc:meta])* $field:ident $(: $kind:ty)?,)* }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Default)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: counters!(@type $($kind)?),)*
        }

        $(#[$total_doc])*
        #[derive(Clone, Copy, Debug, Default)]
        pub struct $total {
            $($(#[$field_doc])* pub $field: <counters!(@type $($kind)?) as Metric>::Total,)*
        }

        impl $total {
            /// All workers' counters taken together at `now`.
            pub fn of<'a>(workers: impl IntoIterator<Item = &'a $name>, now: Instant) -> Self {
                let mut total = Self::default();
                for worker in workers {
                    $(worker.$field.fold_into(&mut total.$field, now);)*
                }
                total
            }
        }
    };
}

counters! {
    /// One worker's counters of one side (frontend or backend) of a proxy; names as in `show stat`.
    ///
    /// A backend's average times are those of its servers: only what a server answered has them.
    ProxyCounters,
    /// [`ProxyCounters`] of all workers.
    ProxyTotals {
        /// `scur`: sessions now.
        scur,
        /// `smax`: most sessions of the whole proxy at once.
        smax: Peak,
        /// `stot`: sessions in all.
        stot,
        /// Connections accepted in all (`conn_tot`).
        conn_tot,
        /// `bin`: bytes from clients.
        bin,
        /// `bout`: bytes to clients.
        bout,
        /// `dreq`: requests denied.
        dreq,
        /// `dresp`: responses denied.
        dresp,
        /// `ereq`: requests in error.
        ereq,
        /// `econ`: connection errors.
        econ,
        /// `eresp`: response errors.
        eresp,
        /// `wretr`: connection retries.
        wretr,
        /// `wredis`: redispatches.
        wredis,
        /// `req_tot`: HTTP requests.
        req_tot,
        /// `h1sess`: sessions that began as HTTP/1.
        h1_sessions,
        /// `h2sess`: sessions that speak HTTP/2.
        h2_sessions,
        /// `h2req`: requests that came in HTTP/2.
        h2_requests,
        /// `hrsp_1xx`
        hrsp_1xx,
        /// `hrsp_2xx`
        hrsp_2xx,
        /// `hrsp_3xx`
        hrsp_3xx,
        /// `hrsp_4xx`
        hrsp_4xx,
        /// `hrsp_5xx`
        hrsp_5xx,
        /// `hrsp_other`
        hrsp_other,
        /// `cli_abrt`: aborts by clients.
        cli_abrt,
        /// `srv_abrt`: aborts by servers.
        srv_abrt,
        /// `lbtot`: times a server was chosen by balancing.
        lbtot,
        /// `connect`: server connections opened.
        connect,
        /// `reuse`: server connections reused.
        reuse,
        /// `intercepted`: requests the proxy answers itself (`monitor-uri`, statistics).
        intercepted,
        /// `dcon`: connections denied.
        dcon,
        /// `dses`: sessions denied.
        dses,
        /// Streams now: requests being worked on, or TCP sessions.
        streams,
        /// `qmax`: most requests waiting for any server of the backend.
        qmax: Peak,
        /// `rate`: sessions a second.
        rate: Rate,
        /// `conn_rate`: connections a second.
        conn_rate: Rate,
        /// `req_rate`: HTTP requests a second.
        req_rate: Rate,
        /// `reqbout`: request bytes sent on, to servers.
        reqbout,
        /// `resbin`: response bytes received, from servers.
        resbin,
        /// `wrew`: header rewrites that failed.
        wrew,
        /// `eint`: internal errors.
        eint,
        /// `lastsess`: when the last session came.
        last_session: Latest,
    }
}

counters! {
    /// One worker's counters of one server; names as in `show stat`.
    ServerCounters,
    /// [`ServerCounters`] of all workers.
    ServerTotals {
        /// `scur`
        scur,
        /// `smax`
        smax: Peak,
        /// `stot`
        stot,
        /// `bin`
        bin,
        /// `bout`
        bout,
        /// `dresp`
        dresp,
        /// `econ`
        econ,
        /// `eresp`
        eresp,
        /// `wretr`
        wretr,
        /// `wredis`
        wredis,
        /// `req_tot`
        req_tot,
        /// `hrsp_1xx`
        hrsp_1xx,
        /// `hrsp_2xx`
        hrsp_2xx,
        /// `hrsp_3xx`
        hrsp_3xx,
        /// `hrsp_4xx`
        hrsp_4xx,
        /// `hrsp_5xx`
        hrsp_5xx,
        /// `hrsp_other`
        hrsp_other,
        /// `cli_abrt`
        cli_abrt,
        /// `srv_abrt`
        srv_abrt,
        /// `lbtot`
        lbtot,
        /// `connect`
        connect,
        /// `reuse`
        reuse,
        /// `qmax`: most requests waiting for this server.
        qmax: Peak,
        /// `used_conn_cur`: connections in use.
        used_conn_cur,
        /// Connections that were in use at once since idle ones were last purged.
        used_conn_max,
        /// `idle_conn_cur`: idle connections that carried one request and never were reused.
        idle_conn_cur,
        /// `safe_conn_cur`: idle connections that were reused before.
        safe_conn_cur,
        /// `need_conn_est`: connections that were in use at once, of late.
        need_conn_est,
        /// `priv_idle_cur`: idle connections kept for one client.
        priv_idle_cur,
        /// `rate`: requests a second.
        rate: Rate,
        /// `reqbout`: request bytes sent on, to servers.
        reqbout,
        /// `resbin`: response bytes received, from servers.
        resbin,
        /// `wrew`: header rewrites that failed.
        wrew,
        /// `eint`: internal errors.
        eint,
        /// `qtime`: queue time of a request, milliseconds.
        queue_ms: Average,
        /// `ctime`: connect time, milliseconds.
        connect_ms: Average,
        /// `rtime`: response time, milliseconds.
        response_ms: Average,
        /// `ttime`: total time, milliseconds.
        total_ms: Average,
        /// `lastsess`: when the last session came.
        last_session: Latest,
    }
}

counters! {
    /// One worker's counters of one listener, kept with `option socket-stats`; names as in `show stat`.
    ListenerCounters,
    /// [`ListenerCounters`] of all workers.
    ListenerTotals {
        /// `scur`
        scur,
        /// `smax`
        smax: Peak,
        /// `stot`
        stot,
        /// `conn_tot`
        conn_tot,
        /// `bin`
        bin,
        /// `bout`
        bout,
        /// `dreq`
        dreq,
        /// `dresp`
        dresp,
        /// `ereq`
        ereq,
        /// `dcon`
        dcon,
        /// `dses`
        dses,
        /// `reqbout`: request bytes sent on, to servers.
        reqbout,
        /// `resbin`: response bytes received, from servers.
        resbin,
        /// `wrew`: header rewrites that failed.
        wrew,
        /// `eint`: internal errors.
        eint,
    }
}

counters! {
    /// What one worker counts beside the proxies; names as in `show info`.
    ///
    /// Those of all workers lie side by side: none shares a cache line with the next.
    #[repr(align(128))]
    WorkerCounters,
    /// [`WorkerCounters`] of all workers.
    WorkerTotals {
        /// `ConnRate`: connections a second, of all frontends.
        conn_rate: Rate,
        /// `SessRate`: sessions a second, of all frontends.
        sess_rate: Rate,
        /// `DroppedLogs`: log lines that found no room.
        dropped_logs,
        /// `MaxconnReached`: accepted connections that reached the process's `maxconn`.
        maxconn_reached,
    }
}

macro_rules! count_status {
    ($name:ident) => {
        impl $name {
            /// Counts a final response by the class of its status.
            pub fn count_status(&self, status: u16) {
                match status {
                    100..=199 => self.hrsp_1xx.add(1),
                    200..=299 => self.hrsp_2xx.add(1),
                    300..=399 => self.hrsp_3xx.add(1),
                    400..=499 => self.hrsp_4xx.add(1),
                    500..=599 => self.hrsp_5xx.add(1),
                    _ => self.hrsp_other.add(1),
                }
            }
        }
    };
}

count_status!(ProxyCounters);
count_status!(ServerCounters);
