//! Lines of `global`.

use super::Example;

pub(super) const GLOBAL: &[Example] = &[
    ("chroot", &["chroot /x"], &["chroot", "chroot /x y"]),
    ("daemon", &["daemon"], &["daemon x"]),
    (
        "master-worker",
        &["master-worker no-exit-on-failure"],
        &["master-worker", "master-worker x"],
    ),
    (
        "mworker-max-reloads",
        &["mworker-max-reloads 3"],
        &["mworker-max-reloads", "mworker-max-reloads x"],
    ),
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
        "setcap",
        &["setcap cap_net_raw", "setcap cap_net_admin,cap_sys_admin"],
        &["setcap", "setcap cap_chown", "setcap cap_net_raw,"],
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
