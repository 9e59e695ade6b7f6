//! `tidegate explain`.

use super::{Config, run, stderr, stdout};

const SITE: &str = "\
defaults
    mode http
    timeout client 5s
    timeout server 5s
    timeout connect 5s
frontend in
    bind :8080
    acl is_api path_beg /api
    acl inside src 192.0.2.0/24
    http-request deny if { path_beg /admin } !inside
    http-request tarpit if { path /slow }
    http-request set-header X-Way %[path,upper]
    use_backend api if is_api
    default_backend www
    http-response set-header X-Seen %s
    log-format \"%HU -> %b/%s %ST\"
    log 127.0.0.1:514 local0
backend api
    balance leastconn
    use-server a2 unless { hdr(x-first) -m found }
    server a1 127.0.0.1:9001
    server a2 127.0.0.1:9003
backend www
    server w1 127.0.0.1:9002
";

fn explain(name: &str, words: &[&str]) -> String {
    let config = Config::new(name, SITE);
    let output = run(&[&["explain", "-f", config.path()], words].concat());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    stdout(&output).replace(config.path(), "site.cfg")
}

fn assert_tells(told: &str, lines: &[&str]) {
    let mut rest = told;
    for line in lines {
        let at = rest.find(line);
        let at = at
            .unwrap_or_else(|| panic!("'{line}' is not told behind what comes before it:\n{told}"));
        rest = &rest[at + line.len()..];
    }
}

#[test]
fn a_request_that_is_served_is_told_from_rule_to_rule() {
    let told = explain("explained", &["--request", "GET http://h:8080/api/x"]);
    assert_tells(
        &told,
        &[
            "frontend in, 0.0.0.0:8080",
            "no     site.cfg:10  http-request deny if { path_beg /admin } !inside\n",
            "path_beg is '/api/x', does not match\n",
            "no     site.cfg:11  http-request tarpit",
            "yes    site.cfg:12  http-request set-header X-Way",
            "yes    site.cfg:13  use_backend api if is_api\n",
            "is_api: path_beg is '/api/x', matches\n",
            "backend api\n",
            "yes    site.cfg:20  use-server a2 unless",
            "hdr(x-first) finds nothing, does not match\n",
            "server api/a2, 127.0.0.1:9003, balance leastconn\n",
            "sent to the server\n    GET /api/x HTTP/1.1\n",
            "    X-Way: /API/X\n",
            "yes    site.cfg:15  http-response set-header X-Seen %s\n",
            "sent to the client\n    HTTP/1.1 200 OK\n",
            "    X-Seen: a2\n",
            "/api/x -> api/a2 200",
        ],
    );
}

#[test]
fn a_request_that_is_refused_never_meets_a_server() {
    let words = [
        "--request",
        "GET http://h:8080/admin",
        "--src",
        "198.51.100.7",
    ];
    let told = explain("refused", &words);
    assert_tells(
        &told,
        &[
            "yes    site.cfg:10",
            "inside: src is 198.51.100.7, does not match\n",
            "sent to the client\n    HTTP/1.1 403 Forbidden\n",
        ],
    );
    assert!(!told.contains("sent to the server"), "{told}");
    let inside = ["--request", "GET http://h:8080/admin", "--src", "192.0.2.7"];
    assert_tells(
        &explain("inside", &inside),
        &["no     site.cfg:10", "backend www", "200 OK"],
    );
}

#[test]
fn a_request_that_is_held_takes_its_time_at_once() {
    let told = explain("held", &["--request", "http://h:8080/slow"]);
    assert_tells(
        &told,
        &["yes    site.cfg:11", "  5.0 s pass\n", "    HTTP/1.1 500 "],
    );
}

#[test]
fn where_a_request_comes_in_is_asked_if_it_is_not_clear() {
    let two = format!("{SITE}frontend other\n    bind :8081\n    default_backend www\n");
    let config = Config::new("two-doors", &two);
    let output = run(&["explain", "-f", config.path(), "--request", "http://h/"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr(&output).contains("'--frontend' : in, other."),
        "{}",
        stderr(&output)
    );
    let words = ["--request", "http://h/", "--frontend", "other"];
    let output = run(&[&["explain", "-f", config.path()], &words[..]].concat());
    assert!(stdout(&output).contains("frontend other, 0.0.0.0:8081"));
}
