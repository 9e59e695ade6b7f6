//! Every action has a line that is accepted and one that is refused.

use super::keywords::{Example, check};
use super::{load, messages, settings};
use crate::Severity;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// An action, lines that are accepted, lines that are refused.
pub(super) const ACTIONS: &[Example] = &[
    (
        "accept",
        &["tcp-request content accept"],
        &["tcp-request content accept x", "http-request accept"],
    ),
    (
        "add-acl",
        &["http-request add-acl(/dev/null) %[src]"],
        &[
            "http-request add-acl(/dev/null)",
            "http-request add-acl x",
            "http-request add-acl(x y",
        ],
    ),
    (
        "add-header",
        &[
            "http-request add-header X-A %[src]",
            "http-after-response add-header a b if TRUE",
        ],
        &[
            "http-request add-header X-A",
            "http-request add-header a %[nothing]",
            "http-request add-header a b c",
        ],
    ),
    (
        "add-headers-bin",
        &["http-request add-headers-bin req.hdrs_bin prefix X-"],
        &[
            "http-request add-headers-bin",
            "http-request add-headers-bin req.hdrs_bin prefix",
        ],
    ),
    (
        "allow",
        &["http-response allow"],
        &["http-request allow x", "tcp-request content allow"],
    ),
    (
        "attach-srv",
        &[],
        &[
            "tcp-request session attach-srv l/s",
            "tcp-request connection attach-srv l/s",
        ],
    ),
    (
        "auth",
        &["http-request auth", "http-request auth realm a\\ b if TRUE"],
        &[
            "http-request auth realm",
            "http-request auth realm x y",
            "http-response auth",
        ],
    ),
    (
        "capture",
        &["http-request capture path len 10"],
        &[
            "http-request capture path",
            "http-request capture path len 0",
            "http-request capture path id 7",
            "http-request capture nothing len 10",
            "http-response capture path len 10",
        ],
    ),
    (
        "close",
        &["tcp-response content close"],
        &["tcp-request content close"],
    ),
    (
        "del-acl",
        &["http-response del-acl(/dev/null) x"],
        &["http-response del-acl(/dev/null)"],
    ),
    (
        "del-header",
        &[
            "http-request del-header X-A",
            "http-request del-header X- -m beg if TRUE",
            "http-response del-header ^x -m reg",
        ],
        &[
            "http-request del-header",
            "http-request del-header x -m",
            "http-request del-header x -m len",
            "http-request del-header [ -m reg",
        ],
    ),
    (
        "del-headers-bin",
        &["http-request del-headers-bin req.hdrs_bin"],
        &["http-request del-headers-bin"],
    ),
    (
        "del-map",
        &["http-request del-map(/dev/null) %[path]"],
        &["http-request del-map(/dev/null)"],
    ),
    (
        "deny",
        &[
            "http-request deny",
            "http-request deny status 429 content-type text/plain string no hdr Retry-After 5",
            "http-response deny deny_status 503 if TRUE",
        ],
        &[
            "http-request deny x",
            "http-request deny status 9",
            "http-request deny deny_status 444",
            "http-request deny if nobody",
            "http-after-response deny",
        ],
    ),
    (
        "disable-l7-retry",
        &["http-request disable-l7-retry"],
        &["http-request disable-l7-retry x"],
    ),
    (
        "do-log",
        &["http-request do-log"],
        &["http-request do-log profile x"],
    ),
    (
        "early-hint",
        &["http-request early-hint Link </a>"],
        &[
            "http-request early-hint Link",
            "http-response early-hint a b",
        ],
    ),
    (
        "expect-netscaler-cip",
        &["tcp-request connection expect-netscaler-cip layer4 if { src ::1 }"],
        &[
            "tcp-request connection expect-netscaler-cip",
            "tcp-request session expect-netscaler-cip layer4",
        ],
    ),
    (
        "expect-proxy",
        &["tcp-request connection expect-proxy layer4 if { src ::1 }"],
        &[
            "tcp-request connection expect-proxy",
            "tcp-request session expect-proxy layer4",
        ],
    ),
    (
        "normalize-uri",
        &[],
        &["http-request normalize-uri path-strip-dot"],
    ),
    (
        "pause",
        &["http-request pause 5s", "http-request pause int(5)"],
        &["http-request pause", "http-request pause x"],
    ),
    (
        "redirect",
        &[
            "http-request redirect location /%[path,lower] code 301",
            "http-request redirect scheme https drop-query append-slash",
            "http-response redirect prefix /x set-cookie A=1",
        ],
        &[
            "http-request redirect",
            "http-request redirect location",
            "http-request redirect location / code 200",
            "http-request redirect location / x",
            "http-request redirect code 301",
        ],
    ),
    (
        "reject",
        &[
            "tcp-request connection reject if { src 10.0.0.1 }",
            "http-request reject",
        ],
        &["tcp-request session reject x"],
    ),
    (
        "replace-header",
        &["http-request replace-header Host (.*):80 \\1"],
        &[
            "http-request replace-header Host x",
            "http-request replace-header Host [ x",
        ],
    ),
    (
        "replace-path",
        &["http-request replace-path ^/a /b"],
        &[
            "http-request replace-path /a",
            "http-response replace-path a b",
        ],
    ),
    (
        "replace-pathq",
        &["http-request replace-pathq ^/a /b"],
        &["http-request replace-pathq /a"],
    ),
    (
        "replace-uri",
        &["http-request replace-uri ^/a /b"],
        &["http-request replace-uri ( b"],
    ),
    (
        "replace-value",
        &["http-response replace-value Vary a b"],
        &["http-response replace-value Vary a"],
    ),
    (
        "return",
        &[
            "http-request return",
            "http-request return status 204 hdr X-A %[src]",
            "http-request return content-type text/plain lf-string %[path]",
            "http-request return status 503 errorfile 503.http",
        ],
        &[
            "http-request return string x",
            "http-request return status 204 content-type text/plain string x",
            "http-request return content-type text/plain lf-string %[nothing]",
            "http-request return hdr a",
            "http-request return errorfile none",
            "http-request return errorfiles none",
            "http-request return file none content-type text/plain",
        ],
    ),
    (
        "sc-add-gpc",
        &["http-request sc-add-gpc(0,1) 5"],
        &[
            "http-request sc-add-gpc(0) 5",
            "http-request sc-add-gpc(0,9) 5",
            "http-request sc-add-gpc(0,0)",
        ],
    ),
    (
        "sc-inc-gpc",
        &["tcp-request content sc-inc-gpc(3,0)"],
        &[
            "tcp-request content sc-inc-gpc",
            "tcp-request content sc-inc-gpc(100,0)",
        ],
    ),
    (
        "sc-inc-gpc0",
        &["http-response sc-inc-gpc0(2)", "http-response sc-inc-gpc0"],
        &[
            "http-response sc-inc-gpc0(3)",
            "http-response sc-inc-gpc0(x)",
        ],
    ),
    (
        "sc-inc-gpc1",
        &["http-request sc-inc-gpc1(0)"],
        &["http-request sc-inc-gpc1(x)"],
    ),
    (
        "sc-set-gpt",
        &["http-request sc-set-gpt(1,0) int(3)"],
        &["http-request sc-set-gpt(1,0)"],
    ),
    (
        "sc-set-gpt0",
        &["http-request sc-set-gpt0(0) 99999"],
        &["http-request sc-set-gpt0(0) 99999999999"],
    ),
    (
        "set-bc-mark",
        &["http-request set-bc-mark 0x10"],
        &["http-request set-bc-mark", "http-response set-bc-mark 1"],
    ),
    (
        "set-bc-tos",
        &["tcp-request content set-bc-tos 3"],
        &["tcp-request content set-bc-tos nothing"],
    ),
    (
        "set-dst",
        &["http-request set-dst src"],
        &["http-request set-dst", "http-response set-dst src"],
    ),
    (
        "set-dst-port",
        &["tcp-request connection set-dst-port int(80)"],
        &["tcp-request connection set-dst-port"],
    ),
    (
        "set-fc-mark",
        &["tcp-response content set-fc-mark 1"],
        &["tcp-response content set-fc-mark"],
    ),
    (
        "set-fc-tos",
        &["http-response set-fc-tos src_port"],
        &["http-after-response set-fc-tos 1"],
    ),
    (
        "set-header",
        &[
            "http-request set-header X-A \"%[req.hdr(a),lower] b\"",
            "http-response set-header a %[status]",
        ],
        &[
            "http-request set-header X-A",
            "http-request set-header a %[bs.id]",
            "http-request set-header a %xx",
            "http-response set-header a %[path]",
        ],
    ),
    (
        "set-headers-bin",
        &["http-response set-headers-bin res.hdrs_bin"],
        &["http-response set-headers-bin nothing"],
    ),
    (
        "set-log-level",
        &[
            "http-request set-log-level silent",
            "tcp-response content set-log-level err",
        ],
        &[
            "http-request set-log-level",
            "http-request set-log-level loud",
        ],
    ),
    (
        "set-map",
        &["http-request set-map(/dev/null) %[src] %[path]"],
        &[
            "http-request set-map(/dev/null) a",
            "http-request set-map a b",
        ],
    ),
    (
        "set-mark",
        &["tcp-request session set-mark 7"],
        &["tcp-request session set-mark 99999999999"],
    ),
    (
        "set-method",
        &["http-request set-method POST"],
        &["http-request set-method", "http-request set-method a b"],
    ),
    (
        "set-nice",
        &["http-request set-nice 5"],
        &["http-request set-nice"],
    ),
    (
        "set-path",
        &["http-request set-path /x%[path]"],
        &["http-request set-path", "http-response set-path /x"],
    ),
    (
        "set-pathq",
        &["http-request set-pathq /x?y"],
        &["http-request set-pathq"],
    ),
    (
        "set-query",
        &["http-request set-query a=%[path]"],
        &["http-request set-query"],
    ),
    (
        "set-retries",
        &["http-request set-retries 3"],
        &["http-request set-retries"],
    ),
    (
        "set-src",
        &[
            "tcp-request connection set-src src",
            "http-request set-src req.hdr(X-F)",
        ],
        &["http-request set-src status"],
    ),
    (
        "set-src-port",
        &["http-request set-src-port int(5)"],
        &["http-request set-src-port"],
    ),
    (
        "set-status",
        &[
            "http-response set-status 503 reason \"Slow Down\"",
            "http-after-response set-status 200",
        ],
        &[
            "http-response set-status",
            "http-response set-status 99",
            "http-response set-status 200 x",
            "http-request set-status 200",
        ],
    ),
    (
        "set-timeout",
        &[
            "http-request set-timeout server 5s",
            "http-response set-timeout tunnel int(100)",
        ],
        &[
            "http-request set-timeout",
            "http-request set-timeout x 5s",
            "http-request set-timeout server",
        ],
    ),
    (
        "set-tos",
        &["http-request set-tos 0x10"],
        &["http-request set-tos"],
    ),
    (
        "set-uri",
        &["http-request set-uri /%[path]"],
        &["http-request set-uri"],
    ),
    (
        "set-var",
        &[
            "http-request set-var(txn.a) path,lower",
            "tcp-request connection set-var(sess.a,ifnotexists) src",
            "http-after-response set-var(proc.a) status",
        ],
        &[
            "http-request set-var path",
            "http-request set-var(a) path",
            "http-request set-var(txn.a-b) path",
            "http-request set-var(txn.a,x) path",
            "http-request set-var(txn.a",
            "http-request set-var(txn.a) status",
            "http-request set-var(txn.a)",
        ],
    ),
    (
        "set-var-fmt",
        &["http-request set-var-fmt(req.a) %[src]:%[src_port]"],
        &["http-request set-var-fmt(req.a)"],
    ),
    (
        "silent-drop",
        &[
            "tcp-request connection silent-drop",
            "http-response silent-drop",
        ],
        &[
            "http-request silent-drop x",
            "http-request silent-drop rst-ttl 5",
        ],
    ),
    (
        "set-bandwidth-limit",
        &[
            "filter bwlim-in a default-limit 1m default-period 1s\n http-request set-bandwidth-limit a",
            "http-response set-bandwidth-limit a limit 5k period 10s\n filter bwlim-out a default-limit 1m default-period 1s",
            "filter bwlim-in a default-limit 1m default-period 1s\n tcp-request content set-bandwidth-limit a period int(5) limit int(9),mul(2) if TRUE",
            "stick-table type ip size 1m store bytes_out_rate(1s)\n filter bwlim-out a limit 1m key src\n tcp-response content set-bandwidth-limit a",
        ],
        &[
            "http-request set-bandwidth-limit",
            "http-request set-bandwidth-limit a",
            "filter bwlim-in a default-limit 1m default-period 1s\n http-request set-bandwidth-limit b",
            "filter bwlim-in a default-limit 1m default-period 1s\n http-request set-bandwidth-limit a limit x",
            "filter bwlim-in a default-limit 1m default-period 1s\n http-request set-bandwidth-limit a period",
            "filter bwlim-in a default-limit 1m default-period 1s\n http-request set-bandwidth-limit a limit 4g",
            "filter bwlim-in a default-limit 1m default-period 1s\n http-request set-bandwidth-limit a limit status",
            "filter bwlim-in a default-limit 1m default-period 1s\n http-after-response set-bandwidth-limit a",
            "stick-table type ip size 1m store bytes_out_rate(1s)\n filter bwlim-out a limit 1m key src\n http-request set-bandwidth-limit a limit 1m",
            "stick-table type integer size 9 store bytes_out_rate(1s)\n filter bwlim-out a limit 1m key status\n http-request set-bandwidth-limit a",
        ],
    ),
    (
        "set-priority-class",
        &["http-request set-priority-class int(3)"],
        &[
            "http-request set-priority-class",
            "http-response set-priority-class int(3)",
        ],
    ),
    (
        "set-priority-offset",
        &["tcp-request content set-priority-offset int(-3)"],
        &["http-request set-priority-offset"],
    ),
    (
        "strict-mode",
        &["http-request strict-mode off"],
        &["http-request strict-mode", "http-request strict-mode x"],
    ),
    (
        "tarpit",
        &["http-request tarpit deny_status 429"],
        &["http-response tarpit"],
    ),
    (
        "track-sc",
        &[],
        &[
            "http-request track-sc0 src",
            "http-request track-sc0 src table none",
            "http-request track-sc9 src",
            "http-request track-scx src",
            "http-request track-sc0",
        ],
    ),
    (
        "switch-mode",
        &[
            "tcp-request content switch-mode http",
            "tcp-request content switch-mode http proto h1",
            "tcp-request content switch-mode http proto h2",
        ],
        &[
            "tcp-request content switch-mode",
            "tcp-request content switch-mode tcp",
            "tcp-request content switch-mode http proto",
            "tcp-request content switch-mode http proto none",
            "tcp-request content switch-mode http proto h3",
            "tcp-request content switch-mode http proto fcgi",
            "http-request switch-mode http",
        ],
    ),
    (
        "unset-var",
        &["http-response unset-var(res.a)"],
        &["http-response unset-var", "http-response unset-var(a)"],
    ),
    (
        "wait-for-body",
        &[
            "http-request wait-for-body time 1s at-least 1k",
            "http-response wait-for-body time 1s",
        ],
        &[
            "http-request wait-for-body",
            "http-request wait-for-body time x",
            "http-request wait-for-body at-least 5",
        ],
    ),
];

#[test]
fn lines_of_rules_are_accepted_and_refused() {
    check("proxy", ACTIONS);
}

/// What nothing would bring about is not accepted as if something did.
#[test]
fn actions_that_nothing_executes_are_refused_by_name() {
    let said = messages("listen l\n mode http\n bind :80\n http-request use-service lua.x\n");
    let refused = |it: &String| it.contains("use-service") && it.contains("not supported yet");
    assert!(said.iter().any(refused), "{said:?}");
}

/// The rules of a `listen` section with these lines, by name of the rule set.
fn rules(lines: &str) -> session::rules::Rules {
    let text = format!("listen l\n mode http\n bind :80\n{lines}");
    settings(&text).proxies.remove(0).rules
}

#[test]
fn rules_keep_their_order_and_redirects_come_behind_them() {
    let rules = rules(
        " redirect location /r\n http-request deny if { path /a }\n http-request set-header a b\n",
    );
    let set = rules.back_request.expect("rules");
    let lines: Vec<u32> = set.get().iter().map(|rule| rule.gate.spot.line).collect();
    assert_eq!(lines, [5, 6, 4]);
}

#[test]
fn rules_of_a_named_defaults_section_run_first() {
    let text = "defaults d\n mode http\n http-request set-var(txn.a) path\nfrontend f from d\n bind :1\n http-request deny\n";
    let proxy = settings(text).proxies.remove(0);
    let set = proxy.rules.front_request.expect("rules");
    let lines: Vec<u32> = set.get().iter().map(|rule| rule.gate.spot.line).collect();
    assert_eq!(lines, [3, 6]);
}

#[test]
fn a_wrong_line_of_a_defaults_section_is_said_once() {
    let text = "defaults d\n mode http\n http-request denyy\nfrontend f from d\n bind :1\nfrontend g from d\n bind :2\n";
    let wrong = messages(text);
    let wrong = wrong.iter().filter(|message| message.contains("denyy"));
    assert_eq!(wrong.count(), 1);
}

#[test]
fn what_is_wrong_comes_in_the_order_of_the_lines() {
    let text = "frontend f\n bind :0\n http-request deny if nobody\n bind :x\n use_backend b if { nothing }\nbackend b\n";
    let lines = load(text).diagnostics;
    let lines = lines
        .iter()
        .filter_map(|it| it.place.as_ref().map(|place| place.line));
    assert_eq!(lines.collect::<Vec<_>>(), [2, 3, 4, 5]);
}

#[test]
fn the_words_that_are_wrong_are_underlined_and_the_nearest_is_named() {
    let underlined = |line: &str| {
        let loaded = load(&format!("frontend f\n mode http\n bind :1\n {line}\n"));
        let it = loaded.diagnostics.into_iter().next().expect("a diagnostic");
        let snippet = it.snippet.expect("a snippet");
        let words = snippet.line[snippet.start..snippet.end].into();
        (words, it.help.unwrap_or_default())
    };
    let cases: [(&str, &str, &str); 6] = [
        ("http-request dney", "dney", "did you mean 'deny'?"),
        (
            "http-request deny if { pth /a }",
            "pth",
            "did you mean 'path'?",
        ),
        (
            "http-request deny if { path,lowr /a }",
            "lowr",
            "did you mean 'lower'?",
        ),
        (
            "http-request set-header a x%[path,lowr]",
            "lowr]",
            "did you mean 'lower'?",
        ),
        ("http-request deny if TRUE nobody", "nobody", ""),
        ("acl a src 10.0.0.1 10.0.0.x", "10.0.0.x", ""),
    ];
    for (line, words, help) in cases {
        let (found, said): (String, String) = underlined(line);
        assert_eq!((&*found, &*said), (words, help), "{line}");
    }
}

#[test]
fn what_never_runs_or_never_matches_is_warned_of() {
    let warnings = |lines: &str| {
        let text = format!("frontend f\n mode http\n bind :1\n timeout client 1s\n{lines}");
        let loaded = load(&text);
        assert!(!loaded.has(Severity::Alert), "{:?}", loaded.diagnostics);
        loaded.diagnostics.len()
    };
    assert_eq!(
        warnings(" http-request deny if TRUE\n http-request deny\n"),
        0
    );
    assert_eq!(warnings(" http-request deny\n http-request deny\n"), 1);
    let redirect = " http-request redirect location %[path] ignore-empty\n http-request deny\n";
    assert_eq!(warnings(redirect), 0);
    assert_eq!(warnings(" http-request deny if { bs.id 1 }\n"), 1);
    assert_eq!(
        warnings(" acl a bs.id 1\n acl a path /\n http-request deny if a\n"),
        1
    );
    assert_eq!(warnings(" acl a path\n"), 1);
    assert_eq!(warnings(" redirect location /\n http-request deny\n"), 1);
}

#[test]
fn slots_for_captures_have_numbers_in_the_order_of_the_lines() {
    let text = "defaults d\n mode http\n http-request capture hdr(Host) len 64\nfrontend f from d\n bind :1\n declare capture request len 5\n capture request header Host len 20\n http-request capture path len 9\n http-request capture path id 1\n";
    let proxy = settings(text).proxies.remove(0);
    let lens: Vec<u32> = proxy.captures.request.iter().map(|slot| slot.len).collect();
    assert_eq!(lens, [64, 5, 20, 9]);
    let rules = proxy.rules.front_request.expect("rules");
    let slots = rules.get().iter().map(|rule| match &rule.action {
        session::rules::Action::Capture { to, len, .. } => (*to, *len),
        other => panic!("{other:?}"),
    });
    use session::rules::Captured::Request;
    let expected = [(Request(0), 64), (Request(3), 9), (Request(1), 5)];
    assert_eq!(slots.collect::<Vec<_>>(), expected);
}

#[test]
fn normalizers_are_allowed_as_experiments() {
    let accepted = |global: &str, line: &str| {
        let text = format!(
            "global\n maxconn 9\n{global}listen l\n mode http\n http-request normalize-uri {line}\n"
        );
        !load(&text).has(Severity::Alert)
    };
    let allowed = " expose-experimental-directives\n";
    assert!(accepted(allowed, "path-strip-dotdot full if TRUE"));
    assert!(accepted(allowed, "percent-to-uppercase"));
    assert!(!accepted(allowed, "path-strip-dots"));
    assert!(!accepted(allowed, ""));
    assert!(!accepted("", "path-strip-dotdot"));
}

#[test]
fn a_server_that_comes_is_attached_by_its_place_whatever_the_order_of_sections() {
    let text = "global\n expose-experimental-directives\ndefaults\n mode http\n timeout client 1s\n \
        timeout server 1s\n timeout connect 1s\nfrontend f\n bind :1\n \
        tcp-request session attach-srv b/t name src if TRUE\nbackend a\nbackend b\n \
        server s 192.0.2.1:1\n server t rhttp@ pool-conn-name str(x)\n";
    let proxies = settings(text).proxies;
    let rules = proxies[0].rules.session.as_ref().expect("rules");
    let session::rules::Action::AttachServer {
        backend,
        server,
        name: Some(_),
    } = &rules.get()[0].action
    else {
        panic!("{rules:?}");
    };
    assert_eq!((backend.0, server.0), (2, 1));
    let server = &proxies[2].servers[1];
    assert_eq!(server.address, balance::Address::Reversed);
    assert_eq!(server.proto, balance::Proto::Http2);
}

#[test]
fn rules_of_http_do_nothing_in_tcp_mode() {
    let text = "listen l\n mode tcp\n bind :1\n timeout client 1s\n http-request deny\n redirect location /\n";
    let wrong = messages(text);
    let ignored = wrong
        .iter()
        .filter(|it| it.contains("as they require HTTP mode"));
    assert_eq!(ignored.count(), 2, "{wrong:?}");
    assert!(
        settings(text)
            .proxies
            .remove(0)
            .rules
            .back_request
            .is_none()
    );
}

#[test]
fn what_nobody_uses_is_said_to_those_who_ask() {
    let said = |diagnostic_mode| {
        let text = "frontend f\n mode http\n bind :1\n timeout client 1s\n acl a path /\n acl b path /\n http-request deny if b\nbackend lost\n mode http\n";
        let files = [crate::SourceFile {
            name: "t.cfg".into(),
            text: text.into(),
        }];
        let options = crate::LoadOptions {
            diagnostic_mode,
            ..crate::LoadOptions::default()
        };
        let loaded = crate::load(&files, &super::fake::Fake, &options);
        let all = loaded.diagnostics.into_iter().map(|it| it.message);
        all.collect::<Vec<_>>().join("; ")
    };
    assert_eq!(said(false), "");
    let said = said(true);
    assert!(
        said.contains("acl 'a' of frontend 'f' is used by no condition"),
        "{said}"
    );
    assert!(
        said.contains("backend 'lost' is used by no frontend"),
        "{said}"
    );
    assert!(!said.contains("acl 'b'"), "{said}");
}

/// Rules of a `defaults` section come first and have an order of their own.
#[test]
fn a_final_rule_is_warned_of_in_its_own_section_alone() {
    let inherited = "defaults d\n mode http\n http-request deny\nfrontend f from d\n bind :80\n tcp-request content accept\n http-request deny\n";
    let own = "frontend f\n mode http\n bind :80\n http-request deny\n http-request deny if { src ::1 }\n";
    let warned = |text: &str, of: &str| messages(text).iter().any(|it| it.contains(of));
    assert!(!warned(inherited, "further entries are NOOP"));
    assert!(!warned(inherited, "will still be processed before"));
    assert!(warned(own, "further entries are NOOP"));
}

#[test]
fn what_a_tcp_server_sends_is_waited_for_as_long_as_its_rules_say() {
    let text = "listen l\n mode tcp\n bind :80\n tcp-request inspect-delay 1s\n tcp-response inspect-delay 2s\n tcp-response content close if { res.len gt 5 }\n";
    let rules = settings(text).proxies.remove(0).rules;
    assert_eq!(rules.inspect_delay, Some(base::Duration::from_secs(1)));
    assert_eq!(rules.reply_delay, Some(base::Duration::from_secs(2)));
    assert!(rules.back_reply.is_some());
}
