//! Options of `bind` and `server` lines.

use super::Example;

pub(super) const BIND: &[Example] = &[
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
        &["proto h1"],
        &["proto none", "proto fcgi", "proto x"],
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

pub(super) const SERVER: &[Example] = &[
    ("send-proxy", &["send-proxy"], &["send-proxy x"]),
    ("send-proxy-v2", &["send-proxy-v2"], &["send-proxy-v2-ssl"]),
    ("no-send-proxy", &["no-send-proxy"], &[]),
    ("no-send-proxy-v2", &["no-send-proxy-v2"], &[]),
    (
        "proxy-v2-options",
        &[
            "proxy-v2-options crc32c",
            "proxy-v2-options crc32c,unique-id,authority",
        ],
        &[
            "proxy-v2-options",
            "proxy-v2-options crc32c,",
            "proxy-v2-options ssl",
            "proxy-v2-options crc32c,cert-cn",
            "proxy-v2-options x",
        ],
    ),
    (
        "set-proxy-v2-tlv-fmt",
        &[
            "send-proxy-v2 set-proxy-v2-tlv-fmt(0xE1) %[src]foo",
            "set-proxy-v2-tlv-fmt(226) %[srv_id] set-proxy-v2-tlv-fmt(3)",
        ],
        &[
            "set-proxy-v2-tlv-fmt x",
            "set-proxy-v2-tlv-fmt(256) x",
            "set-proxy-v2-tlv-fmt(-1) x",
            "set-proxy-v2-tlv-fmt(x) x",
            "set-proxy-v2-tlv-fmt() x",
            "set-proxy-v2-tlv-fmt(1 x",
            "set-proxy-v2-tlv-fmt(1) %[nothing]",
            "set-proxy-v2-tlv-fmt(1) %[res.hdr(x)]",
        ],
    ),
    ("backup", &["backup"], &[]),
    ("cookie", &["cookie x"], &["cookie"]),
    ("disabled", &["disabled"], &["disabled x"]),
    (
        "log-bufsize",
        &[],
        &["log-bufsize", "log-bufsize 10", "log-bufsize x"],
    ),
    ("log-proto", &[], &["log-proto", "log-proto x"]),
    ("non-stick", &["non-stick"], &[]),
    ("stick", &["stick"], &[]),
    ("enabled", &["enabled"], &[]),
    (
        "hash-key",
        &["hash-key id", "hash-key addr", "hash-key addr-port"],
        &["hash-key", "hash-key x", "hash-key id32", "hash-key guid"],
    ),
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
        &["pool-conn-name str(a)", "pool-conn-name req.hdr(host)"],
        &[
            "pool-conn-name",
            "pool-conn-name abc",
            "pool-conn-name bs.id",
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
        &["proto h1"],
        &["proto none", "proto fcgi", "proto x"],
    ),
    (
        "source",
        &[
            "source 192.0.2.1",
            "source 192.0.2.1 usesrc clientip interface lo weight 1",
        ],
        &["source x y", "source 192.0.2.1 usesrc", "source ::1 client"],
    ),
    (
        "weight",
        &["weight 0", "weight 256"],
        &["weight 257", "weight"],
    ),
];
