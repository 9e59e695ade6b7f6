//! The `option` keywords that are plain switches.

bitflags::bitflags! {
    /// Switches of a proxy, named after their keywords.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct Options: u64 {
        /// `option abortonclose`, explicitly on.
        const ABORTONCLOSE = 1 << 0;
        /// `no option abortonclose`; without either, HTTP backends have it on (founding.md §3.4).
        const NO_ABORTONCLOSE = 1 << 1;
        /// `option http-server-close`.
        const HTTP_SERVER_CLOSE = 1 << 2;
        /// `option httpclose`.
        const HTTPCLOSE = 1 << 3;
        /// `option http-ignore-probes`.
        const HTTP_IGNORE_PROBES = 1 << 4;
        /// `option http-no-delay`.
        const HTTP_NO_DELAY = 1 << 5;
        /// `option http-pretend-keepalive`.
        const HTTP_PRETEND_KEEPALIVE = 1 << 6;
        /// `option nolinger`.
        const NOLINGER = 1 << 7;
        /// `option clitcpka` or `option tcpka`.
        const CLITCPKA = 1 << 8;
        /// `option srvtcpka` or `option tcpka`.
        const SRVTCPKA = 1 << 9;
        /// `option dontlognull`.
        const DONTLOGNULL = 1 << 10;
        /// `option dontlog-normal`.
        const DONTLOG_NORMAL = 1 << 11;
        /// `option logasap`.
        const LOGASAP = 1 << 12;
        /// `option log-separate-errors`.
        const LOG_SEPARATE_ERRORS = 1 << 13;
        /// `option socket-stats`.
        const SOCKET_STATS = 1 << 14;
        /// `option contstats`: accepted; counters are always updated as bytes pass.
        const CONTSTATS = 1 << 15;
        /// `option accept-unsafe-violations-in-http-request`.
        const RELAXED_REQUESTS = 1 << 16;
        /// `option accept-unsafe-violations-in-http-response`.
        const RELAXED_RESPONSES = 1 << 17;
        /// `option prefer-last-server`.
        const PREFER_LAST_SERVER = 1 << 18;
        /// `option persist`: a cookie's server is tried even if it is down.
        const PERSIST = 1 << 19;
        /// `option http-use-proxy-header`.
        const USE_PROXY_HEADER = 1 << 20;
        /// `option disable-h2-upgrade`.
        const DISABLE_H2_UPGRADE = 1 << 21;
        /// `option http-buffer-request`.
        const HTTP_BUFFER_REQUEST = 1 << 22;
        /// `option http-restrict-req-hdr-names delete`.
        const DROP_ODD_NAMES = 1 << 23;
        /// `option http-restrict-req-hdr-names reject`.
        const REFUSE_ODD_NAMES = 1 << 24;
    }
}
