//! Stick tables, maps and variables of a running process, over its socket.

use super::world::{Proxy, ask, path, whole};

fn request(path: &str, key: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: h\r\nkey: {key}\r\nConnection: close\r\n\r\n")
}

/// An answer without what the reference prints addresses for.
fn plain(answer: &str) -> String {
    let lines = answer
        .lines()
        .map(|line| match line.split_once([' ', ':']) {
            Some((id, rest)) if id.starts_with("0x") => rest.trim_start(),
            Some(_) | None => line,
        });
    lines.map(|line| format!("{line}\n")).collect()
}

#[test]
fn tables_and_maps_are_shown_and_changed_while_several_workers_use_them() {
    let (at, list) = (path("tables.sock"), path("tables.map"));
    std::fs::write(&list, "/a one\n/b two\n").expect("a file");
    let text = format!(
        "global\n nbthread 2\n stats socket {at} level admin\ndefaults\n mode http\n \
         timeout connect 20s\n timeout client 20s\n timeout server 20s\n\
         backend t1\n stick-table type string len 20 size 50 store http_req_cnt\n\
         listen l\n bind 127.0.0.1:PORT\n \
         stick-table type integer size 10 expire 1h store gpc(2)\n \
         http-request track-sc0 hdr(key) table t1\n \
         http-request return status 200 content-type text/plain lf-string \"%[path,map({list},none)] %[int(3),table_gpc(1,l)]\"\n"
    );
    let proxy = Proxy::start("tables", &text);
    let body = |path: &str, key: &str| {
        let answer = whole(proxy.connect(), &request(path, key));
        answer
            .rsplit_once("\r\n\r\n")
            .map(|it| it.1.to_owned())
            .expect("a body")
    };
    for _ in 0..3 {
        assert_eq!(body("/a", "k"), "one 0");
    }
    let do_all = |commands: &str| plain(&ask(&at, commands));
    // Line by line what HAProxy 3.5 prints for the same.
    assert_eq!(
        do_all("show table"),
        "# table: l, type: integer, size:10, used:0\n# table: t1, type: string, size:50, used:1\n\n"
    );
    assert_eq!(
        do_all("show table t1"),
        "# table: t1, type: string, size:50, used:1\nkey=k use=0 exp=0 shard=0 http_req_cnt=3\n\n"
    );
    assert_eq!(do_all("set table l key 3 data.gpc[1] 5"), "\n");
    assert_eq!(body("/b", "k"), "two 5");
    assert_eq!(do_all("clear table t1 data.http_req_cnt ge 3"), "\n");
    assert_eq!(do_all("show table t1 key k"), "\n");
    assert_eq!(
        do_all(&format!(
            "set map {list} /a three; add map {list} /c four; del map {list} /b"
        )),
        "\n\n\n"
    );
    assert_eq!(
        [body("/a", "k"), body("/b", "k"), body("/c", "k")],
        ["three 5", "none 5", "four 5"]
    );
    assert_eq!(do_all(&format!("show map {list}")), "/a three\n/c four\n\n");
    assert_eq!(
        do_all(&format!("get map {list} /c")),
        "type=str, case=sensitive, found=yes, idx=tree, key=\"/c\", value=\"four\", type=\"str\"\n\n"
    );
    assert_eq!(
        do_all(&format!("prepare map {list}")),
        "New version created: 1\n\n"
    );
    assert_eq!(do_all(&format!("add map @1 {list} /d five")), "\n");
    assert_eq!([body("/c", "k"), body("/d", "k")], ["four 5", "none 5"]);
    assert_eq!(do_all(&format!("commit map @1 {list}")), "\n");
    assert_eq!([body("/c", "k"), body("/d", "k")], ["none 5", "five 5"]);
    drop(proxy);
    for path in [at, list] {
        let _ = std::fs::remove_file(path);
    }
}
