//! Rule sets with a screen in front of them apply the same rules as without: whoever keeps a trail is shown
//! every rule, so that nothing is screened there.

mod rules;
mod stage;

use base::{Epoch, Rng};
use engine::settings::Settings;
use proptest::prelude::*;
use proptests::harness::nowhere::settings;
use rules::{Edited, Request, configuration, edited, request};
use sample::screen::Outlook;
use sample::{FrontendBody, Work};
use session::rules::{AddressPart, Adjust, Effect, RuleSet, Step, advance, apply};
use stage::Stage;

/// How rules are gone through.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kept {
    Trail,
    Nothing,
}

fn rules_of(settings: &Settings) -> &RuleSet<FrontendBody> {
    let mut all = settings.proxies.iter();
    let rules = all.find_map(|proxy| proxy.rules.front_request.as_ref());
    rules.expect("there are rules")
}

/// The places of the rules that apply to a request, what they change being changed. No rule ends the set.
fn applied(settings: &Settings, request: &Request, work: &mut Work, kept: Kept) -> Vec<usize> {
    work.trail = (kept == Kept::Trail).then(Box::default);
    let mut stage = Stage::of(request);
    let mut all = Vec::new();
    let mut outlook = Outlook::default();
    let mut next = 0;
    loop {
        let scene = stage.scene();
        let context = scene.context();
        let (rules, facts) = rules_of(settings).with(&context);
        let step = advance(rules, next, &facts, work, true, &mut outlook);
        let Step::Effect(at, effect) = step else {
            assert!(matches!(step, Step::Done));
            return all;
        };
        all.push(at);
        next = at + 1;
        match effect {
            Effect::Edit(change) => {
                // One that cannot be made changes nothing.
                let _ = apply(change, &mut stage.head, HEAD_BYTES_MAX, work);
            }
            Effect::Adjust(Adjust::SetAddress(AddressPart::Source, ip)) => stage.peer.set_ip(ip),
            _ => {}
        }
    }
}

/// The places of the rules that are evaluated for a request.
fn looked_at(settings: &Settings, request: &Request) -> Vec<usize> {
    let stage = Stage::of(request);
    let scene = stage.scene();
    let context = scene.context();
    let (rules, facts) = rules_of(settings).with(&context);
    let (mut work, mut outlook) = (work(), Outlook::default());
    let mut all = Vec::new();
    let mut from = 0;
    while let Some((at, _)) = rules.next(from, &facts, &mut work, true, &mut outlook) {
        all.push(at);
        from = at + 1;
    }
    all
}

fn work() -> Work {
    Work::new(Epoch(0), Rng::from_u64(1), 16_384)
}

fn make(settings: &Settings, edits: &[Edited]) {
    let lists: Vec<_> = settings.patterns.iter().map(|known| known.1).collect();
    for edit in edits {
        if lists.is_empty() {
            return;
        }
        let list = lists[edit.list % lists.len()];
        if edit.deletes {
            list.delete(edit.key.as_bytes());
        } else {
            // A key that is none for this list is left out.
            let _ = list.add(None, edit.key.as_bytes(), None);
        }
    }
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config(128))]

    #[test]
    fn the_same_rules_apply_with_a_screen_and_without(
        text in configuration(),
        requests in prop::collection::vec((request(), prop::collection::vec(edited(), 0..3)), 1..8),
    ) {
        let settings = settings(&text);
        let mut work = work();
        for (request, edits) in requests {
            let without = applied(&settings, &request, &mut work, Kept::Trail);
            let with = applied(&settings, &request, &mut work, Kept::Nothing);
            prop_assert_eq!(with, without, "{:?} of {}", request, text);
            make(&settings, &edits);
        }
    }
}

#[test]
fn rules_that_cannot_apply_are_passed_over() {
    let lines: String = (0..40)
        .map(|at| match at % 4 {
            0 => format!("    http-request deny if {{ path_beg /a{at}/ }}\n"),
            1 => format!("    http-request deny if {{ hdr_sub(user-agent) -i bot{at} }}\n"),
            2 => format!("    http-request deny if {{ src 10.{at}.0.0/16 }}\n"),
            _ => format!("    http-request deny if {{ path_reg ^/x{at}[0-9]+$ }}\n"),
        })
        .collect();
    let settings = settings(&format!("{}{lines}", rules::HEAD));
    let seen = |target: &str, agent: &str, peer: [u8; 4]| {
        let request = Request {
            method: "GET",
            target: target.into(),
            fields: vec![("User-Agent", agent.into())],
            peer: peer.into(),
        };
        looked_at(&settings, &request)
    };
    let peer = [192, 0, 2, 1];
    assert_eq!(seen("/b", "Mozilla/5.0", peer), []);
    assert_eq!(seen("/a8/", "ROBOT37/1", [10, 22, 0, 1]), [8, 22, 37]);
    // Whether a digit follows is for the rule to say.
    assert_eq!(seen("/x7x", "", peer), [7]);
}

const HEAD_BYTES_MAX: usize = 4096;
