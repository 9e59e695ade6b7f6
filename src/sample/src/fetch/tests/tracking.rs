//! Tracked entries, entries of the client's address, and keys.

use super::world::{Stage, State, World, track, work_with_tables};
use crate::checkpoint::FrontendRequest;
use crate::expr::{Expr, Ground};
use crate::facts::Track;
use crate::value::{Type, Value};
use crate::work::Work;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::net::Ipv4Addr;
use message::Head;
use tables::KeyRef;

/// The client's address is tracked first, in the first table; a text second, in the third.
struct Scene {
    work: Work,
    tracked: Vec<Option<Track>>,
}

impl Scene {
    fn new() -> Self {
        let work = work_with_tables();
        let tracked = [
            track(&work, 0, KeyRef::Ip(Ipv4Addr::LOCALHOST)),
            track(&work, 2, KeyRef::Bytes(b"text")),
            None,
        ];
        Self {
            work,
            tracked: tracked.into(),
        }
    }

    fn yields(&mut self, text: &str) -> String {
        let ground = Ground::of::<FrontendRequest>();
        let (expr, _) = Expr::parse(text, &ground, &mut World::default()).expect(text);
        let world = World::default();
        let head = Head::default();
        let mut stage = Stage::of(&world, &head, &head, b"");
        stage.client.tracked = &self.tracked;
        let context = stage.context::<FrontendRequest>(State::Present);
        let value = expr.value_as(Type::Text, &context.facts(), &mut self.work);
        match value.found() {
            Some(Value::Text(text)) => String::from_utf8_lossy(&text).to_string(),
            _ => "none".to_string(),
        }
    }

    fn check(&mut self, text: &str, yields: &str) {
        assert_eq!(self.yields(text), yields, "{text}");
    }
}

#[test]
fn entries_are_asked_by_the_number_under_which_they_are_tracked() {
    let mut scene = Scene::new();
    scene.check("sc0_conn_cnt", "1");
    scene.check("sc_conn_cnt(0)", "1");
    scene.check("sc0_conn_cur(t0)", "1");
    scene.check("sc0_trackers", "1");
    scene.check("sc0_key", "127.0.0.1");
    scene.check("sc_key(1)", "text");
    scene.check("sc1_conn_cnt", "1");
    scene.check("sc0_http_req_cnt", "none");
    scene.check("sc2_conn_cnt", "none");
    scene.check("sc_conn_cnt(9)", "none");
    scene.check("sc_conn_cnt(-1)", "none");
    scene.check("sc0_tracked", "1");
    scene.check("sc2_tracked", "0");
}

#[test]
fn counters_count_when_they_are_asked_to_and_tell_what_they_counted() {
    let mut scene = Scene::new();
    scene.check("sc0_get_gpc0", "0");
    scene.check("sc0_inc_gpc0", "1");
    scene.check("sc_inc_gpc0(0)", "2");
    scene.check("src_inc_gpc0(t0)", "3");
    scene.check("src,table_gpc0(t0)", "3");
    scene.check("sc0_clr_gpc0", "3");
    scene.check("sc0_get_gpc0", "0");
    scene.check("sc0_inc_gpc1", "0");
    scene.check("sc0_clr_gpc1", "none");
    scene.check("sc_inc_gpc(0,0)", "0");
}

#[test]
fn the_same_key_is_looked_up_in_a_table_that_is_named() {
    let mut scene = Scene::new();
    scene.check("sc0_get_gpc0(t1)", "0");
    scene.check("sc0_tracked(t1)", "0");
    scene.check("sc_inc_gpc(1,0,t1)", "1");
    scene.check("sc0_tracked(t1)", "1");
    scene.check("sc_get_gpc(1,0,t1)", "1");
    scene.check("sc_get_gpc(2,0,t1)", "none");
    scene.check("sc0_get_gpt0(t1)", "0");
    scene.check("sc0_conn_cnt(t1)", "none");
    scene.check("sc0_conn_cnt(t2)", "none");
    scene.check("sc1_conn_cnt(t1)", "none");
    scene.check("sc1_tracked(t1)", "0");
    scene.check("src_get_gpc(1,t1)", "1");
    scene.check("src_clr_gpc(1,t1)", "1");
}

#[test]
fn keys_are_known_once_something_was_counted_of_them() {
    let mut scene = Scene::new();
    scene.check("str(9.9.9.9),in_table(t0)", "0");
    scene.check("str(9.9.9.9),table_conn_cnt(t0)", "0");
    scene.check("str(9.9.9.9),table_server_id(t0)", "0");
    scene.check("str(9.9.9.9),table_expire(t0)", "none");
    scene.check("str(9.9.9.9),table_expire(t0,-2)", "-2");
    scene.check("str(9.9.9.9),table_idle(t0,7)", "7");
    scene.check("str(no address),in_table(t0)", "0");
    scene.check("str(no address),table_gpc0(t0)", "none");
    scene.check("table_cnt(t0)", "1");
    scene.check("str(9.9.9.9),table_inc_gpc0(t0)", "1");
    scene.check("str(9.9.9.9),in_table(t0)", "1");
    scene.check("table_cnt(t0)", "2");
    scene.check("table_avl(t0)", "8");
    scene.check("src_updt_conn_cnt(t0)", "2");
    scene.check("src_updt_conn_cnt(t1)", "none");
    scene.check("src,table_kbytes_in(t0)", "0");
    scene.check("src,table_conn_cnt(t2)", "0");
    scene.check("src_updt_conn_cnt(t2)", "1");
    scene.check("str(127.0.0.1),table_conn_cnt(t2)", "1");
}
