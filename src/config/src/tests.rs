//! Whole configurations.

mod actions;
mod effects;
mod fake;
mod keywords;
mod lacking;
mod sections;

use crate::{LoadOptions, Loaded, SourceFile};
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use engine::settings::Settings;
use fake::Fake;

fn load(text: &str) -> Loaded {
    let files = vec![SourceFile {
        name: "t.cfg".into(),
        text: text.into(),
    }];
    crate::load(&files, &Fake, &LoadOptions::default())
}

fn settings(text: &str) -> Settings {
    let loaded = load(text);
    loaded
        .settings
        .unwrap_or_else(|| panic!("refused: {:#?}", loaded.diagnostics))
}

fn messages(text: &str) -> Vec<String> {
    load(text)
        .diagnostics
        .into_iter()
        .map(|diagnostic| diagnostic.message)
        .collect()
}

const ORDINARY: &str = "\
global
    maxconn 1000
    log /dev/log local0 notice
    stats socket unix@/run/t.sock mode 600 level admin
defaults
    mode http
    log global
    option httplog
    timeout connect 5s
    timeout client 30s
    timeout server \"${HAPROXY_TEST_TIMEOUT-5s}\"
frontend web
    bind :80
    bind [::1]:8080-8082,unix@/tmp/x name many
    default_backend app
backend app
    balance leastconn
    option redispatch
    default-server maxconn 50
    server a 192.0.2.1:80 weight 10
    server b app.example:8080 backup id 7
listen db
    mode tcp
    bind *:5432
    server c 192.0.2.3
";

#[test]
fn an_ordinary_file_becomes_settings() {
    use balance::{Address, Algorithm};
    let settings = settings(ORDINARY);
    assert_eq!(settings.global.maxconn, 1000);
    let [web, app, db] = &settings.proxies[..] else {
        panic!("three proxies")
    };
    assert_eq!((web.id, app.id, db.id), (2, 3, 4));
    assert_eq!(web.backend.map(|index| index.0), Some(1));
    assert_eq!(db.backend.map(|index| index.0), Some(2));
    let ids: Vec<u32> = web.binds.iter().map(|bind| bind.id).collect();
    assert_eq!(ids, [1, 2, 3, 4, 5]);
    assert_eq!(web.logs, settings.global.logs);
    assert_eq!(app.balance.algorithm, Algorithm::LeastConn);
    assert_eq!(app.redispatch, Some(-1));
    assert_eq!(app.servers[0].maxconn, 50);
    assert_eq!((app.servers[0].id, app.servers[1].id), (1, 7));
    assert_eq!(
        app.servers[1].address,
        Address::Ip("198.51.100.1:8080".parse().unwrap())
    );
    assert_eq!(app.servers[1].host.as_deref(), Some("app.example"));
    assert_eq!(
        db.servers[0].address,
        Address::IpPortOf {
            ip: "192.0.2.3:0".parse().unwrap(),
            shift: 0
        }
    );
    assert_eq!(db.place, "t.cfg:22");
}

#[test]
fn automatic_numbers_skip_one_and_those_written_down() {
    let ids = |text: &str| -> Vec<u32> {
        settings(text)
            .proxies
            .iter()
            .map(|proxy| proxy.id)
            .collect()
    };
    assert_eq!(ids("listen a\n bind :1\nlisten b\n bind :2\n"), [2, 3]);
    assert_eq!(
        ids("listen a\n bind :1\nlisten b\n bind :2\n id 1\nlisten c\n bind :3\n id 2\n"),
        [3, 1, 2]
    );
}

#[test]
fn ten_wrong_lines_are_ten_alerts_and_the_closing_lines() {
    let text = "global\n a1 x\n maxconn abc\n\ndefaults\n timeout client 5zz\n mode htt\nfrontend a\n bind :0\n bnid :80\n server s 1.2.3.4\nbackend b\n server s1 1.2.3.4:80 wieght 5\n balance rr\n option httplgo\n";
    let messages = messages(text);
    assert_eq!(messages.len(), 12, "{messages:#?}");
    assert_eq!(
        messages[10..],
        [
            "Error(s) found in configuration file : t.cfg",
            "Fatal errors found in configuration."
        ]
    );
}
