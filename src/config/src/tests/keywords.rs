//! Every keyword has a line that is accepted and one that is refused.

use super::load;
use crate::Severity;
use crate::keywords;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;

/// A keyword, lines that are accepted, lines that are refused.
pub(super) type Example = (
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
);

const PROXIES: &[Example] = &[
    (
        "stats enable",
        &["stats enable"],
        &["stats enable x", "no stats enable"],
    ),
    (
        "stats uri",
        &["stats uri /s?x"],
        &["stats uri", "stats uri /a b"],
    ),
    (
        "stats realm",
        &["stats realm Some\\ Where"],
        &["stats realm", "stats realm a b"],
    ),
    (
        "stats auth",
        &["stats auth me:secret"],
        &["stats auth", "stats auth me"],
    ),
    (
        "stats scope",
        &["stats scope .", "stats scope b"],
        &["stats scope"],
    ),
    (
        "stats refresh",
        &["stats refresh 5", "stats refresh 5m"],
        &["stats refresh", "stats refresh x"],
    ),
    (
        "stats admin",
        &[
            "stats admin if TRUE",
            "stats admin unless { src 127.0.0.1 }",
        ],
        &["stats admin", "stats admin if nobody", "stats admin x"],
    ),
    (
        "stats hide-version",
        &["stats hide-version"],
        &["stats hide-version x"],
    ),
    (
        "stats show-version",
        &["stats show-version"],
        &["stats show-version x"],
    ),
    (
        "stats show-legends",
        &["stats show-legends"],
        &["stats show-legends x"],
    ),
    (
        "stats show-node",
        &["stats show-node", "stats show-node n"],
        &["stats show-node a b"],
    ),
    (
        "stats show-desc",
        &["stats show-desc", "stats show-desc a b"],
        &["no stats show-desc"],
    ),
    (
        "errorfiles",
        &["errorfiles answers", "errorfiles answers 503 504"],
        &["errorfiles", "errorfiles none", "errorfiles answers 999"],
    ),
    (
        "http-error",
        &[
            "http-error status 503",
            "http-error status 503 errorfile 503.http",
            "http-error status 503 errorfiles answers",
            "http-error hdr x-path %[path] content-type a/b lf-string %[path] status 503",
        ],
        &[
            "http-error",
            "http-error status",
            "http-error status 999",
            "http-error status 418",
            "http-error deny_status 503",
            "http-error string x content-type a/b",
            "http-error status 503 string x string y content-type a/b",
            "http-error status 503 lf-string %[res.hdr(x)] content-type a/b",
            "http-error status 503 if TRUE",
            "http-error status 503 x",
            "http-error status 503 errorfile none",
            "http-error status 503 string x",
        ],
    ),
    (
        "stick-table",
        &[
            "stick-table type ip size 1m expire 5s store gpc0,http_req_rate(10s)",
            "stick-table type binary len 16 size 10 recv-only srvkey addr brates-factor 3",
        ],
        &[
            "stick-table",
            "stick-table type",
            "stick-table type x size 10",
            "stick-table type ip",
            "stick-table type ip size",
            "stick-table type ip size x",
            "stick-table type string len x size 10",
            "stick-table type ip size 10 expire",
            "stick-table type ip size 10 expire x",
            "stick-table type ip size 10 store",
            "stick-table type ip size 10 store nothing",
            "stick-table type ip size 10 store gpc0(3)",
            "stick-table type ip size 10 store conn_rate",
            "stick-table type ip size 10 store conn_rate(x)",
            "stick-table type ip size 10 store gpc(3),gpc0",
            "stick-table type ip size 10 srvkey x",
            "stick-table type ip size 10 brates-factor 2000",
            "stick-table type ip size 10 peers x",
            "stick-table type ip size 10 x",
        ],
    ),
    (
        "http-request",
        &["http-request deny if TRUE"],
        &["http-request", "http-request x", "http-request deny x"],
    ),
    (
        "http-response",
        &["http-response deny unless { status 200 }"],
        &["http-response", "http-response x"],
    ),
    (
        "http-after-response",
        &["http-after-response set-status 200"],
        &["http-after-response", "http-after-response deny"],
    ),
    (
        "redirect",
        &["redirect prefix https://x if TRUE"],
        &["redirect", "redirect prefix", "redirect location / x"],
    ),
    (
        "tcp-request",
        &[
            "tcp-request inspect-delay 5s",
            "tcp-request connection reject if { src 10.0.0.1 }",
        ],
        &[
            "tcp-request",
            "tcp-request x",
            "tcp-request inspect-delay",
            "tcp-request content x",
            "tcp-request content accept x",
        ],
    ),
    (
        "tcp-response",
        &[
            "tcp-response inspect-delay 5s",
            "tcp-response content accept",
        ],
        &["tcp-response", "tcp-response x", "tcp-response content x"],
    ),
    (
        "acl",
        &["acl a path /x", "acl a src -f /dev/null 10.0.0.0/8"],
        &[
            "acl",
            "acl a",
            "acl or path /",
            "acl a/b path /",
            "acl a nothing",
            "acl a path,nothing x",
            "acl a src 10.0.0.x",
            "acl a path -f none",
            "no acl a path /",
        ],
    ),
    (
        "backlog",
        &["backlog 100"],
        &["backlog", "backlog x", "backlog 1 2"],
    ),
    (
        "balance",
        &["balance", "balance static-rr", "balance random(3)"],
        &["balance x", "balance uri", "balance first x"],
    ),
    (
        "bind",
        &["bind :80,[::1]:81-83,unix@/x,abns@y,fd@7 name n"],
        &["bind", "bind x", "bind :0"],
    ),
    (
        "default-server",
        &[
            "default-server",
            "default-server weight 5",
            "default-server from none",
            "default-server name n from be: weight 3",
        ],
        &["default-server x", "default-server id 5"],
    ),
    (
        "default_backend",
        &["default_backend peer"],
        &["default_backend", "default_backend peer x"],
    ),
    ("description", &["description two words"], &["description"]),
    ("disabled", &["disabled"], &["disabled x", "no disabled"]),
    ("enabled", &["enabled"], &["enabled x"]),
    (
        "errorfile",
        &["errorfile 503 503.http", "errorfile 500 /dev/null"],
        &[
            "errorfile",
            "errorfile 503",
            "errorfile 503 x",
            "errorfile 1 503.http",
            "errorfile 503 not.http",
        ],
    ),
    (
        "errorloc",
        &["errorloc 503 /x"],
        &["errorloc 503", "errorloc x /x"],
    ),
    ("errorloc302", &["errorloc302 503 /x"], &["errorloc302 503"]),
    (
        "errorloc303",
        &["errorloc303 503 /x"],
        &["errorloc303 503", "errorloc303 503 /x y"],
    ),
    ("fullconn", &["fullconn 100"], &["fullconn", "fullconn x"]),
    (
        "http-reuse",
        &[
            "http-reuse never",
            "http-reuse safe",
            "http-reuse aggressive",
            "http-reuse always",
        ],
        &["http-reuse", "http-reuse x"],
    ),
    ("id", &["id 5"], &["id", "id 0", "id x"]),
    (
        "log",
        &[
            "log global",
            "log 127.0.0.1:514 len 100 format rfc5424 sample 1,3-4:4 local0 err alert",
            "log stdout format raw daemon",
            "log /dev/log user",
            "no log",
        ],
        &[
            "log",
            "log global x",
            "log 127.0.0.1",
            "log 127.0.0.1 local0 err alert x",
            "log ring@x local0",
            "log tcp@127.0.0.1:1 local0",
            "log 127.0.0.1 format x local0",
        ],
    ),
    (
        "capture cookie",
        &["capture cookie SID len 10"],
        &[
            "capture cookie",
            "capture cookie SID",
            "capture cookie SID len 0",
        ],
    ),
    (
        "capture request",
        &["capture request header X-A len 10"],
        &[
            "capture request",
            "capture request header",
            "capture request header X-A len x",
            "capture request header X-A len 1 x",
        ],
    ),
    (
        "capture response",
        &["capture response header X-A len 10"],
        &[
            "capture response x X-A len 10",
            "capture response header X-A",
        ],
    ),
    (
        "declare capture",
        &[
            "declare capture request len 10",
            "declare capture response len 10",
        ],
        &[
            "declare capture",
            "declare capture request",
            "declare capture request len",
            "declare capture request len 0",
            "declare capture x len 1",
        ],
    ),
    (
        "error-log-format",
        &["error-log-format %ci"],
        &["error-log-format", "error-log-format %zz"],
    ),
    (
        "log-format",
        &[
            "log-format %ci\\ %[src]",
            "log-format %HU",
            "log-format %[fe_conn]",
        ],
        &[
            "log-format",
            "log-format %zz",
            "log-format a b",
            "log-format %[path]",
            "log-format %[nope]",
            "log-format %[be_conn(none)]",
            "no log-format",
        ],
    ),
    (
        "log-format-sd",
        &["log-format-sd %{+Q,+E}o\\ [a@1\\ b=%ci]"],
        &["log-format-sd", "log-format-sd %", "log-format-sd a b"],
    ),
    (
        "unique-id-format",
        &[
            "unique-id-format %{+X}o\\ %ci:%cp_%fi:%fp_%Ts_%rt:%pid",
            "unique-id-format %[req.hdr(x)]",
        ],
        &["unique-id-format", "unique-id-format %[bs.id]"],
    ),
    (
        "unique-id-header",
        &["unique-id-header X-Id"],
        &["unique-id-header", "unique-id-header a b"],
    ),
    (
        "log-steps",
        &[
            "log-steps",
            "log-steps all",
            "log-steps accept,close",
            "log-steps http-req",
        ],
        &[
            "log-steps x",
            "log-steps all,close",
            "log-steps any",
            "no log-steps",
        ],
    ),
    ("log-tag", &["log-tag x"], &["log-tag", "log-tag x y"]),
    (
        "max-session-srv-conns",
        &["max-session-srv-conns 5", "max-session-srv-conns 0"],
        &["max-session-srv-conns", "max-session-srv-conns x"],
    ),
    ("maxconn", &["maxconn 5"], &["maxconn", "maxconn -5"]),
    (
        "mode",
        &["mode tcp", "mode http"],
        &["mode", "mode x", "mode log", "mode tcp x"],
    ),
    (
        "monitor-uri",
        &["monitor-uri /x"],
        &["monitor-uri", "monitor-uri /x y"],
    ),
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
    ("option logasap", &["option logasap"], &["option logasap x"]),
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
    ("be-unpublished", &["be-unpublished"], &["be-unpublished x"]),
    (
        "force-be-switch",
        &["force-be-switch if TRUE"],
        &["force-be-switch", "force-be-switch x"],
    ),
    (
        "option persist",
        &["option persist", "no option persist"],
        &["option persist x"],
    ),
    (
        "cookie",
        &[
            "cookie S",
            "cookie S insert indirect nocache httponly secure domain .a.com maxidle 30m maxlife 8h",
            "cookie S rewrite postonly",
            "cookie S prefix",
            "cookie S insert preserve dynamic attr SameSite=Strict",
        ],
        &[
            "cookie",
            "cookie S x",
            "cookie S insert prefix",
            "cookie S preserve",
            "cookie S domain",
            "cookie S maxidle",
            "cookie S maxidle x",
            "cookie S maxlife 2147483648",
            "cookie S attr",
            "cookie S attr a;b",
        ],
    ),
    (
        "dynamic-cookie-key",
        &["dynamic-cookie-key k"],
        &["dynamic-cookie-key"],
    ),
    (
        "stick match",
        &["stick-table type ip size 10\n stick match src if TRUE"],
        &["stick match", "stick match src", "stick match nothing"],
    ),
    (
        "stick on",
        &["stick-table type ip size 10\n stick on src table l unless FALSE"],
        &[
            "stick on src table",
            "stick on src table x",
            "stick-table type ip size 10\n stick on src x",
            "stick-table type ip size 10\n stick on src if x",
            "stick-table type ip size 10\n stick on method",
            "stick-table type string size 10\n stick on res.hdr(x)",
        ],
    ),
    (
        "stick store-request",
        &["stick-table type string size 10\n stick store-request req.hdr(x)"],
        &["stick store-request"],
    ),
    (
        "stick store-response",
        &["stick-table type string size 10\n stick store-response res.hdr(x)"],
        &["stick-table type string size 10\n stick store-response req.hdr(x)"],
    ),
    (
        "use-server",
        &[
            "server s 127.0.0.1:1\n use-server s if TRUE",
            "use-server %[path] unless FALSE",
        ],
        &[
            "use-server",
            "use-server s",
            "use-server s if TRUE",
            "server s 127.0.0.1:1\n use-server s",
        ],
    ),
    (
        "force-persist",
        &["force-persist if TRUE"],
        &["force-persist", "force-persist x"],
    ),
    (
        "ignore-persist",
        &["ignore-persist unless FALSE"],
        &["ignore-persist", "ignore-persist if x"],
    ),
    ("monitor fail", &["monitor fail if TRUE"], &["monitor fail"]),
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
    ("option tcpka", &["option tcpka"], &["option tcpka x"]),
    (
        "option tcplog",
        &["option tcplog", "option tcplog clf"],
        &["option tcplog x", "option tcplog clf x"],
    ),
    ("retries", &["retries 0"], &["retries", "retries x"]),
    (
        "server",
        &[
            "server z 192.0.2.9:80",
            "server z unix@/z",
            "server z [::1]:+5",
            "server z app.example",
        ],
        &[
            "server",
            "server z",
            "server z *:80",
            "server z fd@3",
            "server z other.example:80",
        ],
    ),
    (
        "source",
        &["source 192.0.2.1", "source 192.0.2.1:80"],
        &["source", "source unix@/x", "source 192.0.2.1 usesrc client"],
    ),
    ("timeout check", &["timeout check 1s"], &["timeout check"]),
    (
        "timeout client",
        &["timeout client 1s", "timeout client 0"],
        &["timeout client", "timeout client 1x", "timeout client 1 2"],
    ),
    (
        "timeout client-fin",
        &["timeout client-fin 1s"],
        &["timeout client-fin x"],
    ),
    (
        "timeout client-hs",
        &["timeout client-hs 1s"],
        &["timeout client-hs x"],
    ),
    (
        "timeout connect",
        &["timeout connect 1s"],
        &["timeout connect x"],
    ),
    (
        "timeout http-keep-alive",
        &["timeout http-keep-alive 1s"],
        &["timeout http-keep-alive x"],
    ),
    (
        "timeout http-request",
        &["timeout http-request 1s"],
        &["timeout http-request x"],
    ),
    ("timeout queue", &["timeout queue 1s"], &["timeout queue x"]),
    (
        "timeout server",
        &["timeout server 1s"],
        &["timeout server x"],
    ),
    (
        "timeout server-fin",
        &["timeout server-fin 1s"],
        &["timeout server-fin x"],
    ),
    (
        "timeout tarpit",
        &["timeout tarpit 1s"],
        &["timeout tarpit x"],
    ),
    (
        "timeout tunnel",
        &["timeout tunnel 1s"],
        &["timeout tunnel x"],
    ),
    (
        "use_backend",
        &[
            "use_backend peer",
            "use_backend peer if { path /a }",
            "use_backend %[path,lower] unless TRUE",
        ],
        &[
            "use_backend",
            "use_backend nobody",
            "use_backend peer if nobody",
            "use_backend %[nothing]",
            "use_backend peer x",
        ],
    ),
];

const GLOBAL: &[Example] = &[
    ("chroot", &["chroot /x"], &["chroot", "chroot /x y"]),
    ("daemon", &["daemon"], &["daemon x"]),
    ("description", &["description a b"], &["description"]),
    (
        "fd-hard-limit",
        &["fd-hard-limit 50000"],
        &["fd-hard-limit", "fd-hard-limit x"],
    ),
    ("gid", &["gid 5"], &["gid x"]),
    ("grace", &["grace 5s"], &["grace"]),
    ("group", &["group haproxy"], &["group", "group x"]),
    (
        "close-spread-time",
        &["close-spread-time 5s", "close-spread-time infinite"],
        &["close-spread-time 5x", "close-spread-time"],
    ),
    (
        "hard-stop-after",
        &["hard-stop-after 5s"],
        &["hard-stop-after 5x"],
    ),
    ("localpeer", &["localpeer a"], &["localpeer"]),
    (
        "log",
        &["log 127.0.0.1 local0", "no log"],
        &["log global", "log"],
    ),
    (
        "log-send-hostname",
        &["log-send-hostname", "log-send-hostname a"],
        &["log-send-hostname a b"],
    ),
    ("log-tag", &["log-tag a"], &["log-tag"]),
    ("maxconn", &["maxconn 5"], &["maxconn x"]),
    (
        "nbthread",
        &["nbthread 2"],
        &["nbthread 0", "no nbthread 2"],
    ),
    ("node", &["node a"], &["node"]),
    ("pidfile", &["pidfile /x"], &["pidfile"]),
    ("presetenv", &["presetenv A b"], &["presetenv A"]),
    ("quiet", &["quiet"], &["quiet x"]),
    ("resetenv", &["resetenv", "resetenv A B"], &["no resetenv"]),
    (
        "set-var",
        &["set-var proc.a int(1)", "set-var proc.a,ifexists str(b)"],
        &[
            "set-var proc.a",
            "set-var txn.a int(1)",
            "set-var proc.a src",
        ],
    ),
    (
        "set-var-fmt",
        &["set-var-fmt proc.a %[date]"],
        &["set-var-fmt proc.a", "set-var-fmt proc.a %[src]"],
    ),
    ("setenv", &["setenv A b"], &["setenv A", "setenv A b c"]),
    (
        "http-err-codes",
        &["http-err-codes 400,402-444 -410 +500-501,505"],
        &[
            "http-err-codes",
            "http-err-codes 99",
            "http-err-codes 400-",
            "http-err-codes 404-400",
            "http-err-codes +",
        ],
    ),
    (
        "http-fail-codes",
        &["http-fail-codes -500"],
        &["http-fail-codes 500,x", "http-fail-codes 600"],
    ),
    ("stats maxconn", &["stats maxconn 5"], &["stats maxconn 0"]),
    (
        "stats socket",
        &[
            "stats socket unix@/x mode 600 level admin user haproxy group haproxy expose-fd listeners",
            "stats socket ipv4@127.0.0.1:99",
        ],
        &[
            "stats socket",
            "stats socket /x level x",
            "stats socket /x mode 9",
        ],
    ),
    ("stats timeout", &["stats timeout 5s"], &["stats timeout"]),
    (
        "tune.bufsize",
        &["tune.bufsize 32k"],
        &["tune.bufsize x", "tune.bufsize 1"],
    ),
    (
        "tune.h2.be.glitches-threshold",
        &["tune.h2.be.glitches-threshold 0"],
        &["tune.h2.be.glitches-threshold x"],
    ),
    (
        "tune.h2.be.initial-window-size",
        &["tune.h2.be.initial-window-size 65535"],
        &["tune.h2.be.initial-window-size 2147483648"],
    ),
    (
        "tune.h2.be.max-concurrent-streams",
        &["tune.h2.be.max-concurrent-streams 0"],
        &["tune.h2.be.max-concurrent-streams 1 rq-load ignore"],
    ),
    (
        "tune.h2.be.rxbuf",
        &["tune.h2.be.rxbuf 1m"],
        &["tune.h2.be.rxbuf x"],
    ),
    (
        "tune.h2.fe.glitches-threshold",
        &["tune.h2.fe.glitches-threshold 100"],
        &["tune.h2.fe.glitches-threshold"],
    ),
    (
        "tune.h2.fe.initial-window-size",
        &["tune.h2.fe.initial-window-size 0"],
        &["tune.h2.fe.initial-window-size -1"],
    ),
    (
        "tune.h2.fe.max-concurrent-streams",
        &[
            "tune.h2.fe.max-concurrent-streams 50",
            "tune.h2.fe.max-concurrent-streams 50 rq-load ignore min 5",
        ],
        &[
            "tune.h2.fe.max-concurrent-streams x",
            "tune.h2.fe.max-concurrent-streams 50 rq-load auto",
            "tune.h2.fe.max-concurrent-streams 50 rq-load",
            "tune.h2.fe.max-concurrent-streams 50 x y",
            "tune.h2.fe.max-concurrent-streams 50 min 0",
        ],
    ),
    (
        "tune.h2.fe.max-total-streams",
        &["tune.h2.fe.max-total-streams 1000"],
        &["tune.h2.fe.max-total-streams x"],
    ),
    (
        "tune.h2.fe.rxbuf",
        &["tune.h2.fe.rxbuf 65536"],
        &["tune.h2.fe.rxbuf 1 2"],
    ),
    (
        "tune.h2.header-table-size",
        &["tune.h2.header-table-size 65536"],
        &["tune.h2.header-table-size 65537"],
    ),
    (
        "tune.h2.initial-window-size",
        &["tune.h2.initial-window-size 100"],
        &["tune.h2.initial-window-size"],
    ),
    (
        "tune.h2.max-concurrent-streams",
        &["tune.h2.max-concurrent-streams 1"],
        &["tune.h2.max-concurrent-streams 1 2"],
    ),
    (
        "tune.h2.max-frame-size",
        &["tune.h2.max-frame-size 16384"],
        &[
            "tune.h2.max-frame-size 16383",
            "tune.h2.max-frame-size 16777216",
        ],
    ),
    (
        "tune.stick-counters",
        &["tune.stick-counters 100", "tune.stick-counters 0"],
        &["tune.stick-counters 101", "tune.stick-counters x"],
    ),
    (
        "tune.http.logurilen",
        &["tune.http.logurilen 100"],
        &["tune.http.logurilen x"],
    ),
    (
        "tune.http.maxhdr",
        &["tune.http.maxhdr 100"],
        &["tune.http.maxhdr 0"],
    ),
    (
        "tune.idle-pool.shared",
        &[
            "tune.idle-pool.shared on",
            "tune.idle-pool.shared full",
            "tune.idle-pool.shared off",
        ],
        &["tune.idle-pool.shared", "tune.idle-pool.shared x"],
    ),
    (
        "tune.pool-high-fd-ratio",
        &["tune.pool-high-fd-ratio 100"],
        &["tune.pool-high-fd-ratio 101"],
    ),
    (
        "tune.pool-low-fd-ratio",
        &["tune.pool-low-fd-ratio 0"],
        &["tune.pool-low-fd-ratio x"],
    ),
    (
        "tune.maxrewrite",
        &["tune.maxrewrite 100"],
        &["tune.maxrewrite x"],
    ),
    (
        "tune.rcvbuf.client",
        &["tune.rcvbuf.client 100k"],
        &["tune.rcvbuf.client x"],
    ),
    (
        "tune.rcvbuf.server",
        &["tune.rcvbuf.server 100k"],
        &["tune.rcvbuf.server x"],
    ),
    (
        "tune.sndbuf.client",
        &["tune.sndbuf.client 100k"],
        &["tune.sndbuf.client x"],
    ),
    (
        "tune.sndbuf.server",
        &["tune.sndbuf.server 100k"],
        &["tune.sndbuf.server x"],
    ),
    (
        "strict-limits",
        &["strict-limits", "no strict-limits"],
        &["strict-limits x"],
    ),
    ("uid", &["uid 5"], &["uid x"]),
    ("ulimit-n", &["ulimit-n 500"], &["ulimit-n x"]),
    (
        "unix-bind",
        &["unix-bind prefix /x mode 600 user haproxy"],
        &["unix-bind", "unix-bind x y", "unix-bind mode"],
    ),
    ("unsetenv", &["unsetenv A B"], &["unsetenv"]),
    ("user", &["user haproxy"], &["user", "user x"]),
    ("zero-warning", &["zero-warning"], &["zero-warning x"]),
];

const BIND: &[Example] = &[
    ("accept-proxy", &["accept-proxy"], &[]),
    ("backlog", &["backlog 5"], &["backlog x"]),
    ("cc", &["cc cubic"], &["cc"]),
    ("defer-accept", &["defer-accept"], &[]),
    ("expose-fd", &["expose-fd listeners"], &["expose-fd x"]),
    ("gid", &["gid 5"], &["gid x"]),
    ("group", &["group haproxy"], &["group x"]),
    ("id", &["id 5"], &["id 0"]),
    ("interface", &["interface lo"], &["interface"]),
    ("level", &["level user"], &["level x"]),
    ("maxconn", &["maxconn 5"], &["maxconn x"]),
    ("mode", &["mode 640"], &["mode 8"]),
    ("mss", &["mss -5"], &["mss 0"]),
    ("name", &["name a"], &["name"]),
    ("nice", &["nice -5"], &["nice 2000"]),
    ("process", &["process 1/1"], &["process"]),
    (
        "proto",
        &["proto h1", "proto none"],
        &["proto fcgi", "proto x"],
    ),
    (
        "severity-output",
        &["severity-output none"],
        &["severity-output string"],
    ),
    ("shards", &["shards 2"], &["shards"]),
    ("tcp-ut", &["tcp-ut 5s"], &["tcp-ut x"]),
    ("tfo", &["tfo"], &[]),
    ("thread", &["thread 1"], &["thread"]),
    ("transparent", &["transparent"], &[]),
    ("uid", &["uid 5"], &["uid x"]),
    ("user", &["user haproxy"], &["user x"]),
    ("v4v6", &["v4v6"], &[]),
    ("v6only", &["v6only"], &[]),
];

const SERVER: &[Example] = &[
    ("backup", &["backup"], &[]),
    ("cookie", &["cookie x"], &["cookie"]),
    ("disabled", &["disabled"], &["disabled x"]),
    ("non-stick", &["non-stick"], &[]),
    ("stick", &["stick"], &[]),
    ("enabled", &["enabled"], &[]),
    ("id", &["id 5"], &["id 0"]),
    (
        "init-addr",
        &["init-addr last,libc,none", "init-addr 192.0.2.1"],
        &["init-addr x"],
    ),
    ("maxconn", &["maxconn 5"], &["maxconn x"]),
    (
        "idle-ping",
        &["idle-ping 5s", "idle-ping 0"],
        &["idle-ping", "idle-ping x"],
    ),
    (
        "max-reuse",
        &["max-reuse -1", "max-reuse 0", "max-reuse 100"],
        &["max-reuse", "max-reuse -2", "max-reuse x"],
    ),
    ("maxqueue", &["maxqueue 5"], &["maxqueue x"]),
    (
        "pool-conn-name",
        &["pool-conn-name str(a)"],
        &[
            "pool-conn-name",
            "pool-conn-name abc",
            "pool-conn-name req.hdr(host)",
        ],
    ),
    (
        "pool-low-conn",
        &["pool-low-conn 3"],
        &["pool-low-conn", "pool-low-conn -1"],
    ),
    (
        "pool-max-conn",
        &["pool-max-conn -1", "pool-max-conn 0"],
        &["pool-max-conn", "pool-max-conn -2", "pool-max-conn x"],
    ),
    (
        "pool-purge-delay",
        &["pool-purge-delay 0", "pool-purge-delay 10m"],
        &["pool-purge-delay", "pool-purge-delay -1"],
    ),
    ("strict-maxconn", &["strict-maxconn"], &["strict-maxconn x"]),
    ("minconn", &["minconn 5"], &["minconn x"]),
    ("no-backup", &["no-backup"], &[]),
    (
        "proto",
        &["proto h1", "proto none"],
        &["proto fcgi", "proto x"],
    ),
    ("source", &["source 192.0.2.1"], &["source x y"]),
    (
        "weight",
        &["weight 0", "weight 256"],
        &["weight 257", "weight"],
    ),
];

/// The line in a section where it may stand, with everything it may refer to.
fn configuration(place: &str, line: &str) -> String {
    let peer = "backend peer\n mode http\nhttp-errors answers\n errorfile 503 503.http\n";
    match place {
        "global" => format!("global\n {line}\nlisten l\n bind :80\n timeout client 1s\n"),
        "bind" => format!("listen l\n mode http\n bind :80 {line}\n"),
        "server" => format!("listen l\n mode http\n bind :80\n server s 192.0.2.1:80 {line}\n"),
        _ => format!("listen l\n mode http\n {line}\n{peer}"),
    }
}

pub(super) fn check(place: &str, examples: &[Example]) {
    for (name, accepted, refused) in examples {
        let examples = accepted.len() + refused.len();
        assert!(examples > 0, "{place} {name} has no example");
        for line in *accepted {
            let loaded = load(&configuration(place, line));
            assert!(
                !loaded.has(Severity::Alert),
                "{line}: {:#?}",
                loaded.diagnostics
            );
        }
        for line in *refused {
            let loaded = load(&configuration(place, line));
            assert!(loaded.has(Severity::Alert), "{place} accepts: {line}");
        }
    }
}

#[test]
fn lines_of_proxies_are_accepted_and_refused() {
    check("proxy", PROXIES);
}

#[test]
fn lines_of_global_are_accepted_and_refused() {
    check("global", GLOBAL);
}

#[test]
fn options_of_bind_are_accepted_and_refused() {
    check("bind", BIND);
}

#[test]
fn options_of_server_are_accepted_and_refused() {
    check("server", SERVER);
}

/// Those that are accepted without effect take a value or none; there is nothing to choose from.
#[test]
fn every_keyword_that_does_something_has_an_example() {
    let mut examples = BTreeSet::new();
    for (place, table) in [("global", GLOBAL), ("bind", BIND), ("server", SERVER)] {
        examples.extend(table.iter().map(|(name, ..)| (String::from(place), *name)));
    }
    examples.extend(
        PROXIES
            .iter()
            .chain(super::actions::ACTIONS)
            .map(|(name, ..)| (String::from("proxy"), *name)),
    );
    for keyword in keywords() {
        if keyword.doc.contains("without effect") {
            continue;
        }
        let place = match keyword.place.as_str() {
            place @ ("global" | "bind" | "server") => place,
            _ => "proxy",
        };
        let key = (String::from(place), keyword.name);
        assert!(examples.contains(&key), "no example of {key:?}");
    }
}

#[test]
fn every_keyword_is_one_of_haproxys() {
    let is_action = |place: &str| place.contains("-request") || place.contains("-response");
    for keyword in keywords() {
        if is_action(&keyword.place) {
            continue;
        }
        let list = match keyword.place.as_str() {
            "global" => crate::known::GLOBAL,
            "bind" => crate::known::BIND,
            "server" => crate::known::SERVER,
            _ => crate::known::PROXY,
        };
        let name = keyword.name.split(' ').next().unwrap_or_default();
        let old_name = keyword.name.starts_with("option accept-invalid");
        assert!(
            crate::known::has(list, keyword.name)
                || old_name
                || (name == "stats" && keyword.place == "global"),
            "{keyword:?}"
        );
    }
}
