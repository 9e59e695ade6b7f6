//! User lists, `http-errors`, stick tables, and who inherits what.

use super::{load, messages, settings};
use crate::Severity;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use session::settings::ErrorPage;
use tables::{DataType, KeyType};

/// The alerts about single lines and sections, without the two that say that there are some.
fn alerts(text: &str) -> Vec<String> {
    let all = load(text).diagnostics.into_iter();
    let all = all.filter(|it| it.severity == Severity::Alert && it.place.is_some());
    all.map(|it| it.message).collect()
}

fn has_alert(text: &str, part: &str) {
    let alerts = alerts(text);
    assert!(
        alerts.iter().any(|it| it.contains(part)),
        "{part}: {alerts:#?}"
    );
}

#[test]
fn users_are_in_the_groups_of_either_line() {
    let text = "userlist u\n group g users a\n group h\n user a insecure-password x\n user b password $5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5 groups g,h\nlisten l\n bind :1\n";
    let lists = settings(text).userlists;
    let found = |name: &[u8], password: &[u8]| {
        let user = lists[0].find(name, password)?;
        Some(
            user.groups
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(","),
        )
    };
    assert_eq!(found(b"a", b"x").as_deref(), Some("g"));
    assert_eq!(found(b"b", b"Hello world!").as_deref(), Some("g,h"));
    assert_eq!(found(b"b", b"x"), None);
}

#[test]
fn names_in_user_lists_are_of_somebody() {
    let text = |lines: &str| format!("userlist u\n{lines}listen l\n bind :1\n");
    has_alert(&text(" group g users nobody\n"), "no such user 'nobody'");
    has_alert(&text(" user a groups none\n"), "no such group 'none'");
    has_alert(&text(" user\n"), "'user' expects <name>");
    has_alert(&text(" user a x y\n"), "only supports 'password'");
    has_alert(&text(" group g x\n"), "only supports 'users'");
    has_alert(&text(" user a password x\n"), "'password' : ");
    has_alert(
        &text(" usr a\n"),
        "unknown keyword 'usr' in 'userlist' section",
    );
    has_alert("userlist\n", "'userlist' expects <name>");
    assert!(alerts(&text(" user a\n user a\n group g\n group g\n")).is_empty());
}

#[test]
fn rules_know_user_lists_by_their_place() {
    let text = "userlist u\n user a insecure-password x\nlisten l\n mode http\n bind :1\n http-request auth unless { http_auth(u) }\n";
    assert!(alerts(text).is_empty());
    has_alert(&text.replace("(u)", "(v)"), "userlist 'v'");
}

#[test]
fn the_last_line_about_an_answer_wins() {
    let text = "http-errors e\n errorfile 503 503.http\n errorloc 404 /x\nlisten l\n mode http\n bind :1\n errorloc 503 /y\n errorfiles e 503\n errorloc 500 /z\n http-error status 500 default-errorfiles\n http-error status 404 errorfiles e\n";
    let pages = settings(text).proxies.remove(0).pages.0;
    assert!(matches!(pages.get(&503), Some(ErrorPage::File(_))));
    assert!(matches!(pages.get(&404), Some(ErrorPage::Redirect { .. })));
    assert_eq!(pages.len(), 2);
}

#[test]
fn what_servers_are_told_of_clients_can_be_taken_back() {
    let text = "defaults\n mode http\n timeout connect 1s\n timeout server 1s\n option forwarded\nbackend a\nbackend b\n no option forwarded\nbackend c\n option forwarded host\n no option forwarded\n option forwarded by by_port\nbackend d\n mode tcp\n";
    let proxies = settings(text).proxies;
    let parts = |at: usize| {
        let all = proxies[at].forwarded.as_ref()?.get();
        Some([
            all.proto,
            all.host.is_some(),
            all.by.is_some(),
            all.from.is_some(),
        ])
    };
    let told: Vec<_> = (0..4).map(parts).collect();
    let (first, third) = ([true, false, false, true], [false, false, true, false]);
    assert_eq!(told, [Some(first), None, Some(third), None]);
}

#[test]
fn a_page_of_statistics_is_inherited_whole_or_not_at_all() {
    let text = "defaults\n mode http\n stats uri /a\n stats auth me:secret\nfrontend f\n bind :1\nfrontend g\n bind :2\n stats refresh 5\n stats admin if TRUE\nfrontend h\n bind :3\n mode tcp\n";
    let proxies = settings(text).proxies;
    let page = |at: usize| {
        let page = proxies[at].stats.as_ref()?;
        let refresh = page.refresh.map(|time| time.as_secs());
        Some((&*page.uri, page.users.len(), refresh))
    };
    assert_eq!(page(0), Some(("/a", 1, None)));
    assert_eq!(page(1), Some(("/haproxy?stats", 0, Some(5))));
    assert_eq!(page(2), None);
    assert!(proxies[0].rules.front_admin.is_none() && proxies[1].rules.front_admin.is_some());
}

#[test]
fn lines_about_answers_count_in_their_order_also_behind_a_defaults_section() {
    let text = "defaults d
 mode http
 http-error status 500 string a content-type t
 http-error status 503
frontend f from d
 bind :1
 errorfile 503 503.http
 errorloc 403 /x
 http-error status 403 string b content-type t
";
    let pages = settings(text).proxies.remove(0).pages.0;
    assert!(matches!(pages.get(&500), Some(ErrorPage::Back(_))));
    assert!(matches!(pages.get(&503), Some(ErrorPage::File(_))));
    assert!(matches!(pages.get(&403), Some(ErrorPage::Front(_))));
}

#[test]
fn what_an_answer_has_beside_a_page_or_without_a_body_is_ignored_with_a_warning() {
    let text = |line: &str| {
        format!("http-errors e\n errorfile 503 503.http\nlisten l\n mode http\n bind :1\n {line}\n")
    };
    for (line, part) in [
        (
            "http-error status 503 default-errorfiles hdr a b",
            "hdr parameters ignored",
        ),
        (
            "http-request return status 503 errorfile 503.http content-type a/b",
            "content-type 'a/b' ignored",
        ),
        (
            "http-request deny deny_status 404 errorfiles e",
            "status '404' referenced by an http reply not declared",
        ),
    ] {
        let said = messages(&text(line));
        assert!(said.iter().any(|it| it.contains(part)), "{line}: {said:?}");
        assert!(alerts(&text(line)).is_empty());
    }
    has_alert(
        &text("http-request return status 418 errorfiles e"),
        "not handled by default with 'errorfiles' argument",
    );
}

#[test]
fn sections_of_answers_exist_and_have_what_is_named() {
    has_alert(
        "listen l\n mode http\n bind :1\n errorfiles none\n",
        "unknown http-errors section 'none'",
    );
    has_alert("http-errors\n", "missing name for http-errors section");
    has_alert("http-errors e\nhttp-errors e\n", "already exists");
    has_alert(
        "http-errors e\n errorfile 503\n",
        "'errorfile' expects a file name",
    );
    has_alert(
        "http-errors e\n x\n",
        "unknown keyword 'x' in 'http-errors' section",
    );
    let text = "http-errors e\nlisten l\n mode http\n bind :1\n errorfiles e 503\n";
    let warned = messages(text);
    assert!(
        warned
            .iter()
            .any(|it| it.contains("status '503' not declared")),
        "{warned:?}"
    );
}

#[test]
fn a_table_stores_what_it_is_told_to() {
    let text = "backend b\n mode http\n stick-table type string len 40 size 1k expire 30s nopurge store gpc0,conn_rate(10s),gpt(3)\nlisten l\n mode http\n bind :1\n http-request track-sc0 path table b\n http-request deny if { sc_gpc0_rate(0) gt 3 }\n";
    let tables = settings(text).tables;
    let table = &tables[0];
    assert_eq!((&*table.name, table.size, table.nopurge), ("b", 1024, true));
    assert_eq!(table.key, KeyType::String { bytes_max: 40 });
    let stored = table.stored().iter();
    let stored: Vec<_> = stored
        .map(|it| (it.data, it.elements, it.period_ms))
        .collect();
    assert_eq!(
        stored,
        [
            (DataType::Gpc0, 1, 0),
            (DataType::ConnRate, 1, 10_000),
            (DataType::Gpt, 3, 0)
        ]
    );
}

#[test]
fn what_is_tracked_fits_the_table() {
    let text = |line: &str| {
        format!(
            "backend t\n stick-table type integer size 10\nlisten l\n mode http\n bind :1\n http-request {line}\n"
        )
    };
    assert!(alerts(&text("track-sc1 path table t")).is_empty());
    has_alert(
        &text("track-sc1 method table t"),
        "type of fetch not usable with type of stick-table 't'",
    );
    has_alert(
        &text("track-sc1 path"),
        "unable to find table 'l' referenced by track-sc1",
    );
    has_alert(
        &text("track-sc1 bs.id table t"),
        "none of which is available here",
    );
}

#[test]
fn rules_of_defaults_are_for_proxies_of_one_kind() {
    let refused = [
        (
            "http-request deny\nlisten l from d\n bind :1",
            "a listen section cannot inherit",
        ),
        (
            "http-request deny\ndefaults e from d",
            "a defaults section cannot inherit",
        ),
        (
            "http-request deny\nfrontend f from d\nbackend b from d",
            "frontends and backends cannot inherit",
        ),
        (
            "http-request capture path len 9\nbackend b from d",
            "defining captures",
        ),
        (
            "tcp-request session accept\nbackend b from d",
            "'tcp-request connection' or",
        ),
        (
            "tcp-response content accept\nfrontend f from d",
            "'tcp-response content' rules",
        ),
    ];
    for (rest, part) in refused {
        has_alert(&format!("defaults d\n mode http\n {rest}\n"), part);
    }
    for rest in [
        "acl a path /\nlisten l from d\n bind :1",
        "tcp-request inspect-delay 5s\nlisten l from d\n bind :1",
        "http-request deny\nfrontend f from d\n bind :1\nfrontend g from d\n bind :2",
        "http-request deny\ndefaults e",
    ] {
        let alerts = alerts(&format!("defaults d\n mode http\n {rest}\n"));
        assert!(alerts.is_empty(), "{rest}: {alerts:?}");
    }
}

#[test]
fn rules_without_a_name_to_inherit_them_by_are_refused() {
    let text = |line: &str| format!("defaults\n mode http\n {line}\n");
    has_alert(
        &text("http-request deny"),
        "'http-request' not allowed in anonymous 'defaults' section",
    );
    has_alert(&text("acl a path /"), "'acl' not allowed in anonymous");
    has_alert(
        &text("tcp-request content accept"),
        "tcp-request content is not allowed in anonymous",
    );
    has_alert(
        &text("use_backend b"),
        "'use_backend' not allowed in 'defaults' section",
    );
}

#[test]
fn a_defaults_section_means_those_who_inherit_where_it_names_nobody() {
    let text = |line: &str| {
        format!(
            "defaults d\n mode http\n http-request set-header a {line}\nbackend b from d\n server s 192.0.2.1:1\n"
        )
    };
    assert!(alerts(&text("%[be_conn]")).is_empty());
    assert!(alerts(&text("%[srv_conn(b/s)]")).is_empty());
    has_alert(&text("%[srv_conn(s)]"), "needs the name of its backend");
}

#[test]
fn tables_of_stick_rules_keep_who_served_their_keys() {
    let text = "backend t\n stick-table type ip size 10 store gpc0,server_id\nbackend u\n stick-table type ip size 10\nlisten l\n mode http\n bind :1\n stick on src table t\n server s 192.0.2.1:80 cookie x non-stick\n";
    let settings = settings(text);
    let [t, u] = &settings.tables[..] else {
        panic!()
    };
    assert!(t.stores(DataType::ServerId) && t.stores(DataType::ServerKey));
    assert!(!u.stores(DataType::ServerId));
    let server = &settings.proxies[2].servers[0];
    assert_eq!(
        (server.cookie.as_deref(), server.non_stick),
        (Some("x"), true)
    );
}

#[test]
fn cookies_are_made_of_addresses_and_a_secret_where_a_server_has_none() {
    // As HAProxy makes them.
    let text = "listen l\n mode http\n bind :1\n cookie S insert dynamic\n dynamic-cookie-key secret\n server s 127.0.0.1:23003\n server t 127.0.0.1:23003 cookie t\n";
    let proxy = settings(text).proxies.remove(0);
    let cookies: Vec<_> = proxy
        .servers
        .iter()
        .map(|it| it.cookie.as_deref())
        .collect();
    assert_eq!(cookies, [Some("80e410a267c0e918"), Some("t")]);
    let text = text.replace(" dynamic-cookie-key secret\n", "");
    assert_eq!(settings(&text).proxies[0].servers[0].cookie, None);
}

#[test]
fn cookies_of_tcp_are_ignored_and_it_is_said() {
    let text = "listen l\n bind :1\n timeout client 1s\n timeout connect 1s\n timeout server 1s\n cookie S insert\n server s 127.0.0.1:80 cookie s\n";
    let proxy = settings(text).proxies.remove(0);
    assert!(proxy.cookie.is_none() && proxy.servers[0].cookie.is_none());
    let said = messages(text);
    assert_eq!(
        said,
        [
            "cookie will be ignored for proxy 'l' (needs 'mode http').",
            "proxy 'l' : ignoring cookie for server 's' as HTTP mode is disabled."
        ]
    );
}
