//! What is counted, per worker.
//!
//! Each worker has counters of its own and is their only writer; anyone may read. So an increment is
//! a load and a store without a lock, and a reader sums over the workers.

use core::sync::atomic::{AtomicU64, Ordering};

/// A number with one writer and many readers.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Adds `count`. Only for the worker that owns the counter.
    pub fn add(&self, count: u64) {
        self.0
            .store(self.get().wrapping_add(count), Ordering::Relaxed);
    }

    /// Takes `count` away from a gauge. Only for the worker that owns the counter.
    pub fn sub(&self, count: u64) {
        self.0
            .store(self.get().wrapping_sub(count), Ordering::Relaxed);
    }

    /// Raises the counter to `value` if it is lower. Only for the worker that owns the counter.
    pub fn raise_to(&self, value: u64) {
        if value > self.get() {
            self.0.store(value, Ordering::Relaxed);
        }
    }

    /// The number now.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

macro_rules! counters {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Default)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: Counter,)*
        }
    };
}

counters! {
    /// One worker's counters of one side (frontend or backend) of a proxy; names as in `show stat`.
    ProxyCounters {
        /// `scur`: sessions now.
        scur,
        /// `smax`: most sessions at once, on this worker.
        smax,
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
    }
}

counters! {
    /// One worker's counters of one server; names as in `show stat`.
    ServerCounters {
        /// `scur`
        scur,
        /// `smax`
        smax,
        /// `stot`
        stot,
        /// `bin`
        bin,
        /// `bout`
        bout,
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
        /// `qtime` numerator: queue time in milliseconds, summed.
        queue_ms,
        /// `ctime` numerator: connect time in milliseconds, summed.
        connect_ms,
        /// `rtime` numerator: response time in milliseconds, summed.
        response_ms,
        /// `ttime` numerator: total time in milliseconds, summed.
        total_ms,
    }
}
