use super::{Filter, Format, Kinds, Servers, Stat};
use crate::fixture::Fake;
use alloc::string::String;
use alloc::vec::Vec;
use base::{Duration, Instant};
use session::settings::Mode;

fn show(view: &Fake, filter: Filter, format: Format) -> String {
    let mut stat = Stat::new(filter, format);
    let mut out = String::new();
    while !stat.step(view, &mut out) {}
    out
}

/// Proxy and server names of the rows shown.
fn names(filter: Filter) -> Vec<String> {
    show(&Fake::new(), filter, Format::Csv)
        .lines()
        .skip(1)
        .map(|row| row.splitn(3, ',').take(2).collect::<Vec<_>>().join("/"))
        .collect()
}

/// The value of a column of a frontend's row.
fn frontend_value(view: &Fake, column: &str) -> String {
    let text = show(view, Filter::default(), Format::Csv);
    let mut lines = text
        .lines()
        .map(|line| line.trim_start_matches("# ").split(','));
    let header = lines.next().expect("a header");
    let row = lines.next().expect("a frontend");
    let value = header.zip(row).find(|(name, _)| *name == column);
    value.expect("the column").1.into()
}

#[test]
fn every_cell_is_filled_or_empty_as_in_haproxy() {
    let shown = show(&Fake::new(), Filter::default(), Format::Csv);
    // What HAProxy 3.5 answers about the same proxies a second after its start.
    let expected = include_str!("expected.csv");
    assert_eq!(shown.lines().count(), expected.lines().count());
    for (shown, expected) in shown.lines().zip(expected.lines()) {
        let cells = shown.split(',').zip(expected.split(','));
        for (column, (shown_cell, expected_cell)) in cells.enumerate() {
            assert_eq!(shown_cell, expected_cell, "column {column} of {expected}");
        }
        assert_eq!(shown, expected);
    }
}

#[test]
fn a_selection_picks_proxy_kind_and_server() {
    let filter = Filter {
        proxy: Some(3),
        ..Filter::default()
    };
    assert_eq!(names(filter), ["be/s1", "be/s2", "be/s3", "be/BACKEND"]);
    let server = Filter {
        server: Some(2),
        kinds: Some(Kinds::SERVERS),
        ..filter
    };
    assert_eq!(names(server), ["be/s2"]);
    let sides = Filter {
        kinds: Some(Kinds::FRONTENDS | Kinds::BACKENDS),
        ..Filter::default()
    };
    assert_eq!(
        names(sides),
        [
            "fe/FRONTEND",
            "be/BACKEND",
            "li/FRONTEND",
            "li/BACKEND",
            "b3/BACKEND"
        ]
    );
    let nobody = Filter {
        proxy: Some(1),
        ..Filter::default()
    };
    assert_eq!(names(nobody), [""; 0]);
}

#[test]
fn servers_in_maintenance_can_be_left_out() {
    for servers in [Servers::NoMaintenance, Servers::Up] {
        let filter = Filter {
            proxy: Some(3),
            kinds: Some(Kinds::SERVERS),
            servers,
            ..Filter::default()
        };
        assert_eq!(names(filter), ["be/s1", "be/s2"]);
    }
}

#[test]
fn users_do_not_see_addresses_and_algorithms() {
    let filter = Filter {
        discreet: true,
        ..Filter::default()
    };
    let shown = show(&Fake::new(), filter, Format::Csv);
    assert!(!shown.contains("127.0.0.1") && !shown.contains("leastconn"));
}

#[test]
fn counters_of_the_workers_show() {
    let view = Fake::new();
    view.frontend.stot.add(7);
    view.frontend.h1_sessions.add(6);
    view.frontend.h2_sessions.add(3);
    view.frontend.req_tot.add(9);
    view.frontend.h2_requests.add(4);
    view.frontend.scur.add(2);
    view.frontend.hrsp_2xx.add(5);
    let now = Instant::ZERO + Duration::from_secs(90_062);
    view.frontend
        .rate
        .add(now, 3, [&view.frontend.rate].into_iter());
    for (column, value) in [
        ("stot", "7"),
        ("scur", "2"),
        ("smax", "2"),
        ("hrsp_2xx", "5"),
    ] {
        assert_eq!(frontend_value(&view, column), value, "{column}");
    }
    for (column, value) in [
        ("rate", "3"),
        ("rate_max", "3"),
        ("h1sess", "6"),
        ("h2sess", "3"),
        ("h1req", "5"),
        ("h2req", "4"),
        ("sess_other", "0"),
    ] {
        assert_eq!(frontend_value(&view, column), value, "{column}");
    }
}

#[test]
fn a_tcp_frontend_has_no_http_columns() {
    let mut view = Fake::new();
    view.settings.proxies[0].mode = Mode::Tcp;
    view.frontend.stot.add(7);
    assert_eq!(frontend_value(&view, "hrsp_2xx"), "");
    assert_eq!(frontend_value(&view, "sess_other"), "7");
}

#[test]
fn a_backend_without_a_usable_server_is_down() {
    let mut view = Fake::new();
    let server = |view: &mut Fake, at: usize| view.settings.proxies[1].servers[at].disabled = true;
    let row = |view: &Fake| {
        let filter = Filter {
            proxy: Some(3),
            kinds: Some(Kinds::BACKENDS),
            ..Filter::default()
        };
        let text = show(view, filter, Format::Csv);
        let cells: Vec<String> = text.lines().nth(1).map_or_else(Vec::new, |row| {
            row.split(',').skip(17).take(8).map(String::from).collect()
        });
        cells.join(",")
    };
    // status, weight, act, bck, chkfail, chkdown, lastchg, downtime
    assert_eq!(row(&view), "UP,1,1,1,,0,1,0");
    server(&mut view, 0);
    assert_eq!(row(&view), "UP,3,0,1,,0,1,0");
    server(&mut view, 1);
    assert_eq!(row(&view), "DOWN,0,0,0,,0,1,1");
}

#[test]
fn typed_output_has_a_line_for_each_value() {
    let filter = Filter {
        proxy: Some(3),
        kinds: Some(Kinds::SERVERS),
        server: Some(2),
        ..Filter::default()
    };
    let shown = show(&Fake::new(), filter, Format::Typed);
    assert!(shown.starts_with("S.3.2.0.pxname.1:KNSV:str:be\nS.3.2.1.svname.1:KNSV:str:s2\n"));
    for line in [
        "S.3.2.6.slim.1:CLPV:u32:10",
        "S.3.2.20.bck.1:SGPV:u32:1",
        "S.3.2.55.lastsess.1:MAPP:s32:-1",
        "S.3.2.73.addr.1:CGSV:str:127.0.0.1:18802",
        "S.3.2.132.ssl_sess.1:MCPV:u64:0",
    ] {
        assert!(shown.lines().any(|shown| shown == line), "{line}");
    }
    assert!(!shown.contains("h1_open"));
}

#[test]
fn json_output_is_a_list_of_rows() {
    let filter = Filter {
        kinds: Some(Kinds::FRONTENDS),
        ..Filter::default()
    };
    let shown = show(&Fake::new(), filter, Format::Json);
    assert!(
        shown.starts_with(
            "[[{\"objType\":\"Frontend\",\"proxyId\":2,\"id\":0,\"field\":{\"pos\":0,"
        )
    );
    assert!(shown.contains("}],[{\"objType\":\"Frontend\",\"proxyId\":4,"));
    assert!(shown.ends_with("}]]\n"));
}
