//! `option` lines of proxies.

use super::Example;

pub(super) const OPTIONS: &[Example] = &[
    (
        "option abortonclose",
        &[
            "option abortonclose",
            "no option abortonclose",
            "default option abortonclose",
        ],
        &["option abortonclose x"],
    ),
    (
        "option accept-invalid-http-request",
        &["option accept-invalid-http-request"],
        &["option accept-invalid-http-request x"],
    ),
    (
        "option accept-invalid-http-response",
        &["option accept-invalid-http-response"],
        &["option accept-invalid-http-response x"],
    ),
    (
        "option accept-unsafe-violations-in-http-request",
        &["option accept-unsafe-violations-in-http-request"],
        &["option accept-unsafe-violations-in-http-request x"],
    ),
    (
        "option accept-unsafe-violations-in-http-response",
        &["option accept-unsafe-violations-in-http-response"],
        &["option accept-unsafe-violations-in-http-response x"],
    ),
    (
        "option allbackups",
        &["option allbackups", "no option allbackups"],
        &["option allbackups x"],
    ),
    (
        "option clitcpka",
        &["option clitcpka"],
        &["option clitcpka x"],
    ),
    (
        "option contstats",
        &["option contstats"],
        &["option contstats x"],
    ),
    (
        "option disable-h2-upgrade",
        &["option disable-h2-upgrade"],
        &["option disable-h2-upgrade x"],
    ),
    (
        "option dontlog-normal",
        &["option dontlog-normal"],
        &["option dontlog-normal x"],
    ),
    (
        "option dontlognull",
        &["option dontlognull", "no option dontlognull"],
        &["option dontlognull x"],
    ),
    (
        "option forwardfor",
        &[
            "option forwardfor",
            "option forwardfor except 10.0.0.0/8 header X-A if-none",
        ],
        &[
            "option forwardfor x",
            "option forwardfor except",
            "option forwardfor header X:Y",
            "no option forwardfor",
        ],
    ),
    (
        "option http-buffer-request",
        &[
            "option http-buffer-request",
            "no option http-buffer-request",
        ],
        &["option http-buffer-request x"],
    ),
    (
        "option http-ignore-probes",
        &["option http-ignore-probes"],
        &["option http-ignore-probes x"],
    ),
    (
        "option http-keep-alive",
        &["option http-keep-alive"],
        &["option http-keep-alive x"],
    ),
    (
        "option http-no-delay",
        &["option http-no-delay"],
        &["option http-no-delay x"],
    ),
    (
        "option http-pretend-keepalive",
        &["option http-pretend-keepalive"],
        &["option http-pretend-keepalive x"],
    ),
    (
        "option http-restrict-req-hdr-names",
        &[
            "option http-restrict-req-hdr-names preserve",
            "option http-restrict-req-hdr-names delete",
            "option http-restrict-req-hdr-names reject",
        ],
        &[
            "option http-restrict-req-hdr-names",
            "option http-restrict-req-hdr-names x",
        ],
    ),
    (
        "option http-server-close",
        &["option http-server-close"],
        &["option http-server-close x"],
    ),
    (
        "option http-use-proxy-header",
        &["option http-use-proxy-header"],
        &["option http-use-proxy-header x"],
    ),
    (
        "option httpclose",
        &["option httpclose", "no option httpclose"],
        &["option httpclose x"],
    ),
    (
        "option httplog",
        &["option httplog", "option httplog clf"],
        &["option httplog x", "no option httplog"],
    ),
    (
        "option httpslog",
        &["option httpslog"],
        &["option httpslog x"],
    ),
    (
        "option log-health-checks",
        &["option log-health-checks"],
        &["option log-health-checks x"],
    ),
    (
        "option log-separate-errors",
        &["option log-separate-errors"],
        &["option log-separate-errors x"],
    ),
    (
        "option nolinger",
        &["option nolinger"],
        &["option nolinger x"],
    ),
    (
        "option forwarded",
        &[
            "option forwarded",
            "no option forwarded",
            "option forwarded proto host by by_port for for_port",
            "option forwarded host-expr str(a) by-expr dst by_port-expr dst_port for-expr src for_port-expr src_port",
        ],
        &[
            "option forwarded x",
            "option forwarded proto-expr src",
            "option forwarded for-expr",
            "option forwarded for-expr foo",
            "option forwarded for-expr res.hdr(a)",
            "default option forwarded",
        ],
    ),
    (
        "option originalto",
        &["option originalto except ::1 header X-B"],
        &["option originalto if-none"],
    ),
    (
        "option prefer-last-server",
        &["option prefer-last-server"],
        &["option prefer-last-server x"],
    ),
    (
        "option persist",
        &["option persist", "no option persist"],
        &["option persist x"],
    ),
    (
        "option redispatch",
        &[
            "option redispatch",
            "option redispatch -2",
            "no option redispatch",
        ],
        &["option redispatch x", "option redispatch 1 2"],
    ),
    (
        "option socket-stats",
        &["option socket-stats"],
        &["option socket-stats x"],
    ),
    (
        "option splice-auto",
        &["option splice-auto"],
        &["option splice-auto x"],
    ),
    (
        "option splice-request",
        &["option splice-request"],
        &["option splice-request x"],
    ),
    (
        "option splice-response",
        &["option splice-response"],
        &["option splice-response x"],
    ),
    (
        "option srvtcpka",
        &["option srvtcpka"],
        &["option srvtcpka x"],
    ),
    (
        "option tcp-smart-accept",
        &["option tcp-smart-accept"],
        &["option tcp-smart-accept x"],
    ),
    (
        "option tcp-smart-connect",
        &["option tcp-smart-connect"],
        &["option tcp-smart-connect x"],
    ),
    (
        "option tcplog",
        &["option tcplog", "option tcplog clf"],
        &["option tcplog x", "option tcplog clf x"],
    ),
];
