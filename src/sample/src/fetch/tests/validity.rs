//! every fetch at every checkpoint is either not valid there, or finds nothing or something of
//! its type, whatever is there., as far as it does not take connections.

use super::world::{Stage, State, World, message, track, unhex, work, work_with_tables};
use crate::args::Kind;
use crate::checkpoint::{self as at, Checkpoint, Visit, visit_all};
use crate::expr::{Expr, Ground};
use crate::facts::Facts;
use crate::fetch::Fetch;
use crate::value::{Fetched, Type, Value};
use crate::work::Work;
use alloc::string::String;
use alloc::vec::Vec;
use alloc::{format, vec};
use core::net::Ipv4Addr;
use core::ops::ControlFlow;
use tables::KeyRef;

/// What an argument of a kind may look like.
fn samples(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Text => &["x", "true", "1", "ARGV", "", "s", "i", "with_qm", "+1"],
        Kind::Int => &["0", "1", "-1", "7", "99999999999"],
        Kind::Time(_) => &["1s"],
        Kind::Size => &["1k"],
        Kind::Mask4 => &["8"],
        Kind::Mask6 => &["64"],
        Kind::Ip4 => &["1.2.3.4"],
        Kind::Ip6 => &["::1"],
        Kind::Frontend | Kind::Backend => &["", "proxy"],
        Kind::Table => &["t3", "", "t1"],
        Kind::Server => &["proxy/server"],
        Kind::Userlist => &["list"],
        Kind::Variable => &["txn.x"],
        Kind::Regex => &["x"],
        Kind::Map => &["map"],
    }
}

/// Of a fetch that takes more arguments of one kind, no more are tried.
const ARGUMENTS_MAX: usize = 4;

/// Each way to write a fetch with arguments, of which its check may refuse some.
pub(super) fn texts(fetch: &Fetch) -> Vec<String> {
    let mut lists = vec![Vec::new()];
    let mut all = Vec::new();
    for count in 0..=fetch.args.kinds.len().min(ARGUMENTS_MAX) {
        if count >= fetch.args.needed {
            all.extend(lists.iter().map(|list: &Vec<&str>| match list[..] {
                [] => fetch.name.into(),
                _ => format!("{}({})", fetch.name, list.join(",")),
            }));
        }
        let Some(&kind) = fetch.args.kinds.get(count) else {
            break;
        };
        let longer = |list: &Vec<&'static str>| {
            let list = list.clone();
            let with = move |sample: &&'static str| [&list[..], &[*sample]].concat();
            let few = if count > 1 { 3 } else { usize::MAX };
            samples(kind).iter().take(few).map(with).collect::<Vec<_>>()
        };
        lists = lists.iter().flat_map(longer).collect();
    }
    all
}

struct Everywhere<'a> {
    stages: &'a [Stage<'a>],
    names: World,
    work: Work,
    places: usize,
    found: Vec<&'static str>,
}

impl Visit for Everywhere<'_> {
    fn visit<C: Checkpoint>(&mut self) {
        self.places += 1;
        let ground = Ground::of::<C>();
        for fetch in Fetch::all() {
            let read = |text: &String| Expr::parse_with(fetch, text, &ground, &mut self.names).ok();
            let exprs: Vec<_> = texts(fetch).iter().filter_map(read).collect();
            assert!(!exprs.is_empty(), "no arguments fit {}", fetch.name);
            for (expr, _) in exprs {
                for stage in self.stages {
                    for state in [State::Absent, State::Expected, State::Present] {
                        let context = stage.context::<C>(state);
                        if evaluate(&expr, &context.facts(), state, &mut self.work) {
                            self.found.push(fetch.name);
                        }
                    }
                }
            }
        }
    }
}

/// Whether it finds something.
fn evaluate(expr: &Expr, facts: &Facts<'_>, state: State, work: &mut Work) -> bool {
    let value = expr.value(facts, work);
    let kind = |value: &Value<'_>| match (expr.output(), value.kind()) {
        (Type::Any, _) => true,
        (Type::Address, kind) => matches!(kind, Type::Ip4 | Type::Ip6),
        (output, kind) => output == kind,
    };
    if !expr.is_valid() {
        assert_eq!(value, Fetched::Not, "{expr:?} is not valid");
    }
    if state != State::Expected && value == Fetched::NotYet {
        let waits = [
            "fs.id",
            "bs.id",
            "fs.rst_code",
            "bs.rst_code",
            "wait_end",
            "req.proto_http",
        ];
        let name = expr.fetch().name;
        assert!(waits.contains(&name), "{expr:?} waits for nothing");
    }
    expr.each(facts, work, &mut |work, value| {
        assert!(kind(&value), "{expr:?} shows {value:?}");
        work.done(value);
        ControlFlow::Continue(())
    });
    match value {
        Fetched::Is(value) | Fetched::IsSoFar(value) => {
            assert!(kind(&value), "{expr:?} is {value:?}");
            work.done(value);
            true
        }
        Fetched::Not | Fetched::NotYet => false,
    }
}

#[test]
fn every_fetch_is_refused_or_finds_its_type_at_every_checkpoint() {
    let world = World::default();
    let (request, _) = message(
        b"GET http://1.2.3.4:8/p/q?x=1&1=2 HTTP/1.1\r\nHost: h\r\nx: 1, 1.2.3.4\r\nCookie: x=1; y\r\n\
          Authorization: Basic dTpw\r\nTrue: Bearer token\r\n\r\n",
    );
    let (response, _) = message(b"HTTP/1.1 200 OK\r\nx: 1.2.3.4\r\nset-cookie: x=2\r\n\r\n");
    let hello = include_str!("streams.tsv").lines().next();
    let hello = unhex(&hello.expect("a hello")[2..]);
    let bodies: [&[u8]; 4] = [
        &hello,
        b"x=1&y=2",
        b"\x03\0\0\x1f\x1a\xe0\0\0\0\0\0Cookie: x=1.2.3\r\n",
        b"ARGV00000001x",
    ];
    let work = work_with_tables();
    let tracks = [(); 3].map(|()| track(&work, 3, KeyRef::Ip(Ipv4Addr::LOCALHOST)));
    let captures = [Some(b"captured".to_vec()), None];
    let stages = bodies.map(|body| {
        let mut stage = Stage::of(&world, &request, &response, body);
        stage.client.tracked = &tracks;
        stage.transaction.request_captures = &captures;
        stage.transaction.response_captures = &captures;
        stage
    });
    let mut everywhere = Everywhere {
        stages: &stages,
        names: World::default(),
        work,
        places: 0,
        found: Vec::new(),
    };
    visit_all(&mut everywhere);
    assert_eq!(everywhere.places, at::all().len());

    // Each finds something somewhere, so that all of this is about something.
    let nothing: Vec<_> = Fetch::all()
        .map(|fetch| fetch.name)
        .filter(|name| !everywhere.found.contains(name))
        .collect();
    assert_eq!(nothing, [""; 0]);
}

struct Accepted<'a>(&'a str, Vec<u8>);

impl Visit for Accepted<'_> {
    fn visit<C: Checkpoint>(&mut self) {
        let fetch = Fetch::find(self.0).expect("a fetch");
        if fetch.run_with(Ground::of::<C>().sources).is_some() {
            self.1.extend(C::PLACE.step);
        }
    }
}

#[test]
fn streams_have_numbers_where_their_connections_exist() {
    let steps = |name| {
        let mut accepted = Accepted(name, Vec::new());
        visit_all(&mut accepted);
        accepted.1
    };
    assert_eq!(steps("bs.id"), (12..=19).collect::<Vec<_>>());
    assert_eq!(steps("fs.id"), (2..=19).collect::<Vec<_>>());
    assert_eq!(steps("bs.aborted"), steps("bs.id"));
    assert_eq!(steps("fs.aborted"), steps("fs.id"));
    for timer in ["req.timer.idle", "req.timer.tq", "req.timer.hdr"] {
        assert_eq!(steps(timer), (3..=19).collect::<Vec<_>>(), "{timer}");
    }
}

#[test]
fn an_abort_is_known_for_good_and_its_absence_is_not() {
    let world = World::default();
    let head = message::Head::default();
    let mut stage = Stage::of(&world, &head, &head, b"");
    let ground = Ground::of::<at::Log>();
    let (expr, _) = Expr::parse("fs.aborted", &ground, &mut World::default()).expect("a fetch");
    assert_eq!(expr.stable(), crate::Stable::End);
    let aborted = |stage: &Stage<'_>| {
        let context = stage.context::<at::Log>(State::Present);
        expr.value(&context.facts(), &mut work())
            .map(Value::into_owned)
    };
    assert_eq!(aborted(&stage), Fetched::Is(Value::Bool(true)));
    stage.conn.aborted = false;
    assert_eq!(aborted(&stage), Fetched::IsSoFar(Value::Bool(false)));
}
