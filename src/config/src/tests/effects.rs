//! What lines do to the settings.

use super::{load, messages, settings};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use balance::{Address, Algorithm, Keep, ServerIndex};
use base::Duration;
use session::settings::{
    BindAddress, ErrorPage, LineFormat, LogFormat, LogSocket, LogWhere, Mode, Options, Proxy,
    Reuse, SyslogFormat,
};

/// A `listen` section with these lines.
fn proxy(lines: &str) -> Proxy {
    let text = format!("listen l\n mode http\n bind :80\n{lines}");
    settings(&text).proxies.remove(0)
}

#[test]
fn no_takes_back_what_defaults_switch_on() {
    let text = "defaults\n option nolinger\n option tcpka\n option redispatch\n option abortonclose\n no log\n log stdout local0\nlisten l\n bind :80\n no option nolinger\n no option clitcpka\n no option redispatch\n no option abortonclose\n no log\n";
    let proxy = settings(text).proxies.remove(0);
    assert_eq!(proxy.options, Options::SRVTCPKA | Options::NO_ABORTONCLOSE);
    assert_eq!(proxy.redispatch, None);
    assert!(proxy.logs.is_empty());
}

#[test]
fn the_last_connection_mode_wins() {
    assert!(
        proxy(" option httpclose\n option http-server-close\n").options
            == Options::HTTP_SERVER_CLOSE
    );
    assert!(
        proxy(" option httpclose\n option http-keep-alive\n")
            .options
            .is_empty()
    );
    assert!(
        proxy(" option httpclose\n no option http-server-close\n").options == Options::HTTPCLOSE
    );
}

#[test]
fn named_defaults_are_inherited_in_a_chain() {
    let text = "defaults a\n mode http\n timeout client 1s\ndefaults b from a\n timeout client 2s\ndefaults c\n mode tcp\nlisten x from b\n bind :1\nlisten y\n bind :2\n";
    let [x, y] = &settings(text).proxies[..] else {
        panic!()
    };
    assert_eq!(
        (x.mode, x.timeouts.client),
        (Mode::Http, Some(Duration::from_secs(2)))
    );
    assert_eq!((y.mode, y.timeouts.client), (Mode::Tcp, None));
}

#[test]
fn rules_come_before_the_default_and_stay_behind_one_without_a_condition() {
    let text = "frontend f\n bind :1\n default_backend a\n use_backend b\n use_backend a\nbackend a\nbackend b\n";
    let proxy = settings(text).proxies.remove(0);
    assert_eq!(proxy.backend.map(|b| b.0), Some(1));
    assert_eq!(proxy.rules.switches.map(|rules| rules.get().len()), Some(2));
}

#[test]
fn a_frontend_without_backend_has_none() {
    assert_eq!(settings("frontend f\n bind :1\n").proxies[0].backend, None);
}

#[test]
fn balance_random_draws_two_unless_told() {
    let draws = |line: &str| proxy(line).balance.algorithm;
    assert_eq!(draws(" balance random\n"), Algorithm::Random { draws: 2 });
    assert_eq!(
        draws(" balance random(7)\n"),
        Algorithm::Random { draws: 7 }
    );
}

#[test]
fn bind_addresses_come_apart() {
    let proxy = proxy(" bind ipv6@:81,unix@/x,abns@y,fd@7,*:90-91\n");
    let addresses: Vec<BindAddress> = proxy.binds.into_iter().skip(1).map(|b| b.address).collect();
    assert_eq!(
        addresses,
        [
            BindAddress::Ip("[::]:81".parse().unwrap()),
            BindAddress::Unix("/x".into()),
            BindAddress::Abstract("y".into()),
            BindAddress::Inherited(7),
            BindAddress::Ip("0.0.0.0:90".parse().unwrap()),
            BindAddress::Ip("0.0.0.0:91".parse().unwrap()),
        ]
    );
}

#[test]
fn unix_bind_is_for_unix_sockets_only_and_options_of_the_line_win() {
    let text = "global\n unix-bind prefix /run mode 600 user haproxy\n stats socket /s mode 660\nlisten l\n bind /x,:80\n";
    let settings = settings(text);
    let socket = &settings.global.stats_sockets[0].bind;
    assert_eq!(socket.address, BindAddress::Unix("/run/s".into()));
    assert_eq!(
        (socket.socket.mode, socket.socket.uid),
        (Some(0o660), Some(107))
    );
    let [unix, ip] = &settings.proxies[0].binds[..] else {
        panic!()
    };
    assert_eq!(unix.address, BindAddress::Unix("/run/x".into()));
    assert_eq!((ip.socket.mode, ip.socket.uid), (None, None));
}

#[test]
fn a_master_goes_with_a_worker_that_fails_unless_it_is_told_not_to() {
    let of = |lines: &str| {
        let global = settings(&format!("global\n{lines}\n")).global;
        (global.master_outlives_failures, global.max_reloads)
    };
    assert_eq!(of(""), (false, 50));
    let lines = " master-worker no-exit-on-failure\n mworker-max-reloads 3";
    assert_eq!(of(lines), (true, 3));
}

#[test]
fn ids_that_are_given_are_left_out_for_the_others() {
    let proxy = proxy(
        " bind :81-82 id 1\n server a 192.0.2.1:80 id 2\n server b 192.0.2.1:81\n server c 192.0.2.1:82\n",
    );
    let binds: Vec<u32> = proxy.binds.iter().map(|b| b.id).collect();
    assert_eq!(binds, [2, 1, 3]);
    let servers: Vec<u32> = proxy.servers.iter().map(|s| s.id).collect();
    assert_eq!(servers, [2, 1, 3]);
}

#[test]
fn server_addresses_in_every_form() {
    let address = |text: &str| {
        let line = format!(" server s {text}\n");
        proxy(&line).servers.remove(0).address
    };
    let mapped = |ip: &str, shift| Address::IpPortOf {
        ip: ip.parse().unwrap(),
        shift,
    };
    assert_eq!(
        address("192.0.2.1:80"),
        Address::Ip("192.0.2.1:80".parse().unwrap())
    );
    assert_eq!(
        address("[2001:db8::1]:80"),
        Address::Ip("[2001:db8::1]:80".parse().unwrap())
    );
    assert_eq!(
        address("2001:db8::1:80"),
        Address::Ip("[2001:db8::1]:80".parse().unwrap())
    );
    assert_eq!(address("192.0.2.1"), mapped("192.0.2.1:0", 0));
    assert_eq!(address("192.0.2.1:+10"), mapped("192.0.2.1:0", 10));
    assert_eq!(address("[2001:db8::1]:-10"), mapped("[2001:db8::1]:0", -10));
    assert_eq!(address("unix@/s"), Address::Unix("/s".into()));
    assert_eq!(address("abns@s"), Address::Abstract("s".into()));
    assert_eq!(
        address("app.example:80"),
        Address::Ip("198.51.100.1:80".parse().unwrap())
    );
}

#[test]
fn a_name_without_address_may_start_in_maintenance_or_elsewhere() {
    let server = |text: &str| proxy(&format!(" server s {text}\n")).servers.remove(0);
    let none = server("gone.example:80 init-addr libc,none");
    assert!(none.disabled && none.address == Address::Unresolved("gone.example:80".into()));
    assert_eq!(none.host.as_deref(), Some("gone.example"));
    let fixed = server("gone.example:80 init-addr libc,192.0.2.7");
    assert!(!fixed.disabled);
    assert_eq!(fixed.address, Address::Ip("192.0.2.7:80".parse().unwrap()));
    let unasked = server("app.example:80 init-addr none");
    assert!(unasked.disabled);
}

#[test]
fn servers_start_from_nothing_from_defaults_or_from_each_other() {
    let lines = " default-server weight 10
 server a 192.0.2.1:80
 server b 192.0.2.1:81 from none
 default-server from none maxconn 4
 server c 192.0.2.1:82 weight 2
 default-server name other
 server d 192.0.2.1:83 from srv:other
 default-server name other from be: weight 5
 server e 192.0.2.1:84 from srv:other
 server f 192.0.2.1:85 from srv:l/c backup
";
    let servers = proxy(lines).servers;
    let seen: Vec<(u32, u32)> = servers.iter().map(|s| (s.weight, s.maxconn)).collect();
    assert_eq!(seen, [(10, 0), (1, 0), (2, 4), (1, 0), (5, 4), (2, 4)]);
    assert!(servers[5].backup && servers[5].id == 6);
    for wrong in ["srv:nobody", "nothing", "be:other", "srv:other/x"] {
        let text = format!("listen l\n bind :1\n server s 192.0.2.1:1 from {wrong}\n");
        assert!(load(&text).settings.is_none(), "{wrong}");
    }
}

#[test]
fn log_lines_say_where_and_how() {
    let text = "global\n log-send-hostname\n log 192.0.2.1 local3 err\nlisten l\n bind :80\n log global\n log global\n log /dev/log format short sample 2,1:3 user\n";
    let settings = settings(text);
    assert_eq!(settings.global.log_hostname.as_deref(), Some("here"));
    let [inherited, own] = &settings.proxies[0].logs[..] else {
        panic!()
    };
    assert_eq!(
        inherited.to,
        LogWhere::Socket(LogSocket::Udp("192.0.2.1:514".parse().unwrap()))
    );
    assert_eq!(
        (inherited.facility.0, inherited.format),
        (19, SyslogFormat::Rfc3164)
    );
    assert_eq!(own.format, SyslogFormat::Short);
    assert_eq!(own.sample.as_ref().unwrap().ranges, [(1, 1), (2, 2)]);
}

#[test]
fn addresses_of_servers_mean_what_the_mode_says_wherever_it_stands() {
    let settings = settings(
        "listen l\n bind :1\nbackend logs\n server a udp@192.0.2.1\n mode log\n\
         backend web\n mode log\n server a 192.0.2.1\n mode http\n",
    );
    let [_, logs, web] = &settings.proxies[..] else {
        panic!()
    };
    let to = "192.0.2.1:514".parse().unwrap();
    assert_eq!(logs.log_servers, [LogWhere::Socket(LogSocket::Udp(to))]);
    assert!(web.log_servers.is_empty());
    assert!(matches!(web.servers[0].address, Address::IpPortOf { .. }));
}

#[test]
fn pages_are_files_or_redirections() {
    let pages = proxy(" errorfile 503 503.http\n errorloc303 500 /sorry\n")
        .pages
        .0;
    assert!(matches!(&pages[&503], ErrorPage::File(bytes) if bytes.starts_with(b"HTTP/1.0 503")));
    assert!(matches!(
        &pages[&500],
        ErrorPage::Redirect { status: 303, to } if &**to == "/sorry"
    ));
}

#[test]
fn httplog_of_a_tcp_proxy_becomes_tcplog_with_a_warning() {
    let text = "listen l\n bind :80\n log stdout local0\n option httplog\n timeout client 1s\n";
    let line = &settings(text).proxies[0].log_lines.line;
    assert!(matches!(line, LineFormat::Usual(LogFormat::Tcp)));
    assert_eq!(messages(text).len(), 1);
}

#[test]
fn lists_of_codes_are_replaced_reduced_and_extended() {
    let text = "global\n http-err-codes 220 +300-499 -300-399\n http-fail-codes -550-580 +555,599,556-566\nlisten l\n bind :80\n timeout client 1\n";
    let global = settings(text).global;
    let errors = [220, 299, 300, 399, 400, 499, 500].map(|code| global.http_errors.contains(code));
    assert_eq!(errors, [true, false, false, false, true, true, false]);
    let failures = [501, 549, 550, 555, 566, 567, 581, 599];
    let failures = failures.map(|code| global.http_failures.contains(code));
    assert_eq!(
        failures,
        [false, true, false, true, true, false, true, true]
    );
}

#[test]
fn zero_is_no_timeout() {
    assert_eq!(proxy(" timeout client 0\n").timeouts.client, None);
}

#[test]
fn fullconn_is_a_tenth_of_what_the_frontends_take() {
    let fullconn = |text: &str| {
        let shared = engine::Shared::new(settings(text), 1, [0; 32], engine::Identity::default());
        shared.settings.proxies[2].balance.fullconn
    };
    let text = "frontend f\n maxconn 1000\n bind :1\n default_backend b\nfrontend g\n maxconn 500\n bind :2\n default_backend b\nbackend b\n server s 192.0.2.1:80 minconn 1 maxconn 9\n";
    assert_eq!(fullconn(text), 150);
    let unlimited = text.replace(" maxconn 500\n", "");
    assert_eq!(fullconn(&unlimited), 0);
    assert_eq!(fullconn(&format!("global\n maxconn 700\n{unlimited}")), 170);
    assert_eq!(
        fullconn(&text.replace("backend b\n ", "backend b\n fullconn 7\n ")),
        7
    );
}

#[test]
fn variables_set_in_global_are_seen_by_later_lines() {
    let text = "global\n setenv PORT 81\n presetenv HOME x\n unsetenv NOPE\nlisten l\n bind \":$PORT\"\n description \"$HOME ${NOPE-none} $HAPROXY_BRANCH\"\n";
    let settings = settings(text);
    assert_eq!(
        settings.proxies[0].binds[0].address,
        BindAddress::Ip("0.0.0.0:81".parse().unwrap())
    );
    assert_eq!(
        settings.proxies[0].description.as_deref(),
        Some("/root none 3.5")
    );
    let forgotten = "global\n resetenv\n.if defined(HOME)\n bogus\n.endif\nlisten l\n bind :1\n";
    assert!(load(forgotten).settings.is_some());
}

#[test]
fn several_files_are_one_configuration_and_each_starts_on_a_section() {
    let file = |name: &str, text: &str| crate::SourceFile {
        name: name.into(),
        text: text.into(),
    };
    let read = |files: &[crate::SourceFile]| {
        crate::load(files, &super::Fake, &crate::LoadOptions::default())
    };
    let global = file("1.cfg", "global\n maxconn 5\ndefaults\n mode http\n");
    let rest = file("2.cfg", "listen l\n bind :1\nglobal\n nbthread 3\n");
    let settings = read(&[global.clone(), rest]).settings.unwrap();
    assert_eq!(
        (settings.global.maxconn, settings.global.nbthread),
        (5, Some(3))
    );
    assert_eq!(settings.proxies[0].mode, Mode::Http);
    let lone = read(&[global, file("3.cfg", " bind :2\n")]);
    let said: Vec<String> = lone.diagnostics.into_iter().map(|d| d.message).collect();
    assert_eq!(
        said[0],
        "parsing [3.cfg:1] : unknown keyword 'bind' out of section."
    );
}

#[test]
fn warnings_are_fatal_when_asked_for() {
    let text = "listen l\n bind :80\n";
    assert!(load(text).settings.is_some());
    assert!(
        load(&format!("global\n zero-warning\n{text}"))
            .settings
            .is_none()
    );
}

#[test]
fn listeners_of_one_configuration_are_bounded() {
    let mut text = String::new();
    for n in 0..4 {
        text.push_str(&format!("listen l{n}\n bind :1-65535\n"));
    }
    assert!(messages(&text)[0].contains("too many listeners"));
}

#[test]
fn protocols_are_chosen_in_http_mode_alone() {
    let text = |mode: &str| {
        format!("listen l\n mode {mode}\n bind :80 proto h2\n server s 192.0.2.1:80 proto h1\n")
    };
    let proxy = settings(&text("http")).proxies.remove(0);
    let protos = (proxy.binds[0].proto, proxy.servers[0].proto);
    assert_eq!(protos, (balance::Proto::Http2, balance::Proto::Http1));
    let refused = messages(&text("tcp"));
    assert_eq!(
        refused[..2],
        [
            "listen 'l' : MUX protocol 'h2' is not usable for 'bind :80' at [t.cfg:3].",
            "listen 'l' : MUX protocol 'h1' is not usable for server 's' at [t.cfg:4]."
        ]
    );
}

#[test]
fn bytes_are_a_protocol_of_tcp_mode_alone() {
    let text = |mode: &str| format!("listen l\n mode {mode}\n bind :80 proto none\n");
    assert_eq!(
        settings(&text("tcp")).proxies[0].binds[0].proto,
        balance::Proto::Raw
    );
    assert_eq!(
        messages(&text("http"))[0],
        "listen 'l' : MUX protocol 'none' is not usable for 'bind :80' at [t.cfg:3]."
    );
}

#[test]
fn rules_of_http_stay_in_tcp_mode_where_sessions_may_become_http() {
    let rules = |lines: &str| {
        let text = format!(
            "frontend f\n bind :80\n http-request deny\n option forwardfor\n{lines}backend t\nbackend h\n mode http\n"
        );
        let proxy = settings(&text).proxies.remove(0);
        (
            proxy.rules.front_request.is_some(),
            proxy.forwardfor.is_some(),
        )
    };
    for (lines, stay) in [
        (" default_backend t\n", false),
        (" default_backend h\n", true),
        (
            " use_backend h if { src 192.0.2.1 }\n default_backend t\n",
            true,
        ),
        (" use_backend %[src]\n", true),
        (
            " tcp-request content switch-mode http\n default_backend t\n",
            true,
        ),
    ] {
        assert_eq!(rules(lines), (stay, stay), "{lines}");
    }
    let alone =
        "listen l\n bind :80\n server s 192.0.2.1:80\n tcp-request content switch-mode http\n";
    let told = "Proxy 'l' : 'switch-mode http' configured for a tcp proxy with no backend.";
    assert!(messages(alone).iter().any(|it| it.starts_with(told)));
}

#[test]
fn what_is_kept_of_server_connections_is_as_documented_unless_told() {
    let plain = proxy(" server s 192.0.2.1:80\n");
    assert_eq!((plain.reuse, plain.session_idle_max), (Reuse::Safe, 5));
    assert_eq!(plain.servers[0].keep, Keep::default());
    let told = proxy(concat!(
        " http-reuse always\n max-session-srv-conns 3\n",
        " default-server pool-max-conn 7 pool-low-conn 2 max-reuse 9\n",
        " server s 192.0.2.1:80 pool-max-conn -1 pool-purge-delay 1m strict-maxconn",
        " pool-conn-name str(x) idle-ping 3s\n"
    ));
    assert_eq!((told.reuse, told.session_idle_max), (Reuse::Always, 3));
    let keep = Keep {
        idle_max: None,
        idle_low: 2,
        purge_delay: Duration::from_secs(60),
        reuses_max: Some(9),
        strict_maxconn: true,
        ping: Some(Duration::from_secs(3)),
    };
    assert_eq!(told.servers[0].keep, keep);
    let name = told.conn_name(ServerIndex(0)).expect("a name");
    assert_eq!(name.get().text(), "str(x)");
    assert!(plain.conn_name(ServerIndex(0)).is_none());
}

#[test]
fn pools_are_shared_unless_told() {
    let tune = |line: &str| settings(&format!("global\n {line}\nlisten l\n bind :80\n"));
    let tune = |line: &str| tune(line).global.tune;
    assert!(tune("nbthread 1").shared_pools);
    assert!(tune("tune.idle-pool.shared full").shared_pools);
    assert!(!tune("tune.idle-pool.shared off").shared_pools);
    let ratios = tune("tune.pool-low-fd-ratio 1\n tune.pool-high-fd-ratio 2");
    assert_eq!(
        (ratios.pool_low_fd_ratio, ratios.pool_high_fd_ratio),
        (1, 2)
    );
}

#[test]
fn bounds_of_http2_are_told_for_each_side_or_both() {
    let tune = settings(concat!(
        "global\n tune.h2.initial-window-size 1\n tune.h2.fe.initial-window-size 2\n",
        " tune.h2.max-concurrent-streams 0\n tune.h2.be.max-concurrent-streams 3\n",
        " tune.h2.fe.rxbuf 4k\n tune.h2.be.glitches-threshold 5\n",
        " tune.h2.fe.glitches-threshold 0\n tune.h2.fe.max-total-streams 6\n",
        " tune.h2.header-table-size 7\n tune.h2.max-frame-size 20000\nlisten l\n bind :80\n"
    ))
    .global
    .tune
    .h2;
    assert_eq!(
        (tune.window_bytes, tune.fe.window_bytes),
        (Some(1), Some(2))
    );
    assert_eq!(tune.be.window_bytes, None);
    let unlimited = i32::MAX as u32;
    assert_eq!(
        (tune.streams_max, tune.be.streams_max),
        (Some(unlimited), Some(3))
    );
    assert_eq!((tune.fe.rxbuf, tune.be.rxbuf), (Some(4096), None));
    let counts = [
        tune.be.glitches_max,
        tune.fe.glitches_max,
        tune.streams_total_max,
    ];
    let counts = counts.map(|it| it.map(core::num::NonZeroU32::get));
    assert_eq!(counts, [Some(5), None, Some(6)]);
    assert_eq!(
        (tune.table_bytes_max, tune.frame_bytes_max),
        (7, Some(20_000))
    );
}

/// What `global` with these lines has made of a variable of the process.
fn of_process(lines: &str, name: &str) -> Option<sample::Value<'static>> {
    let vars = settings(&format!("global\n{lines}frontend f\n bind :1\n")).vars;
    let variable = vars.known(name)?;
    vars.get(variable.name, &mut Vec::new())
}

#[test]
fn variables_of_the_process_are_set_in_order_as_the_configuration_is_read() {
    let lines = " set-var proc.a int(12)\n set-var proc.b var(proc.none,60),div(proc.a)\n \
                 set-var-fmt proc.c \"%[var(proc.b)] of %[var(proc.a)]\" more\n \
                 set-var proc.a,ifnotexists int(1)\n set-var proc.d var(proc.nobody)\n";
    let value = |name| of_process(lines, name);
    assert_eq!(value("proc.a"), Some(sample::Value::Int(12)));
    assert_eq!(value("proc.b"), Some(sample::Value::Int(5)));
    assert_eq!(value("proc.c"), Some(sample::Value::text(b"5 of 12")));
    assert_eq!(value("proc.d"), None, "nothing is no value");
}

#[test]
fn a_variable_of_the_process_needs_a_value_that_exists_before_the_process_runs() {
    for (line, why) in [
        (
            "set-var proc.a src",
            "fetch method 'src' extracts information from 'the client's addresses', none of which is available here",
        ),
        (
            "set-var proc.a stopping",
            "fetch method 'stopping' extracts information from 'internal states', none of which is available here",
        ),
        (
            "set-var txn.a int(1)",
            "'set-var': cannot set variable 'txn.a', only scope 'proc' is permitted in the global section.",
        ),
        (
            "set-var proc.a",
            "'set-var' requires a process-wide variable name ('proc.<name>') and a sample expression.",
        ),
        (
            "set-var-fmt proc.a",
            "'set-var-fmt' requires a process-wide variable name ('proc.<name>') and a format string.",
        ),
        ("set-var proc.a nope", "unknown fetch method 'nope'"),
        ("set-var proc.a,x int(1)", "unknown condition \"x\"."),
    ] {
        let said = &messages(&format!("global\n {line}\nfrontend f\n bind :1\n"))[0];
        assert_eq!(*said, format!("parsing [t.cfg:2] : {why}"), "{line}");
    }
}

#[test]
fn the_machine_says_what_it_is_called() {
    let settings = settings("listen l\n bind :80\n");
    assert_eq!(&*settings.global.host_name, "here");
}

#[test]
fn acl_in_an_expression_names_what_stands_above_it_and_uses_it() {
    let with = |lines: &str| {
        let text = format!("frontend f\n mode http\n timeout client 1s\n bind :80\n{lines}");
        messages(&text)
    };
    let fine = " acl a path /a\n acl b acl(a,!TRUE) /more\n http-request set-header x %[acl(!b)]\n";
    assert_eq!(with(fine), Vec::<String>::new());
    assert_eq!(
        with(" acl a acl(a)\n")[0],
        "parsing [t.cfg:5] : error detected while parsing ACL 'a' : invalid args in fetch method 'acl' : ACL 'a' not found in ACL expression 'acl(a)'."
    );
    let late = with(" http-request set-header x %[acl(b)]\n acl b path /b\n");
    assert!(
        late[0].ends_with("invalid args in fetch method 'acl' : ACL 'b' not found."),
        "{late:?}"
    );
}

#[test]
fn as_many_entries_may_be_tracked_as_tune_stick_counters_says() {
    let with = |tune: &str, rule: &str| {
        let text = format!(
            "global\n quiet\n {tune}\nlisten l\n mode http\n bind :80\n stick-table type ip size 1k\n http-request {rule}\n"
        );
        load(&text).settings.is_some()
    };
    assert!(with("quiet", "track-sc2 src"));
    assert!(!with("quiet", "track-sc3 src"));
    assert!(with("tune.stick-counters 5", "track-sc4 src"));
    assert!(!with("tune.stick-counters 5", "sc-inc-gpc0(5)"));
    assert!(!with("tune.stick-counters 0", "track-sc0 src"));
}
