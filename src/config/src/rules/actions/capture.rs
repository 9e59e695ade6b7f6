//! `capture`: values kept for the log.

use super::ActionKeyword;
use crate::problem::Problem;
use crate::rules::reading::Reading;
use crate::rules::rule::RuleLine;
use crate::rules::set::{Set, Sets};
use alloc::format;
use session::rules::{Action, Captured};
use session::settings::CaptureSlot;

pub(super) const ACTIONS: &[ActionKeyword] = &[ActionKeyword {
    name: "capture",
    doc: "keeps a value for the log",
    sets: Sets::CONTENTS.union(Sets::RESPONSE).union(Sets::AFTER),
    ends: false,
    parse: capture,
}];

/// `capture <expression> { len <length> | id <slot> }`
fn capture(line: &mut RuleLine<'_, '_>, reading: &mut Reading<'_, '_>) -> Result<Action, Problem> {
    let what = match line.set {
        Set::Request => "expects <expression> [ 'len' <length> | id <idx> ]",
        _ if line.set.responds() => "expects <expression> 'id' <idx>",
        _ => "a positive 'len' argument is mandatory",
    };
    let value = line.expr(reading)?;
    let (at, word) = line.word(what)?;
    let (number_at, number) = line.word(what)?;
    let number: Option<u32> = number.parse().ok();
    let Some(number) = number else {
        return Err(line.wrong(number_at, what));
    };
    match (word, line.set.responds()) {
        ("len", false) => {
            if number == 0 {
                return Err(line.wrong(number_at, "length must be > 0"));
            }
            if !reading.draft.accepts() {
                let name = &reading.draft.proxy.name;
                let what = format!("proxy '{name}' has no frontend capability");
                return Err(line.wrong(line.set.words(), &what));
            }
            let slots = &mut reading.draft.proxy.captures.request;
            slots.push(CaptureSlot {
                header: None,
                len: number,
            });
            let to = Captured::Request(slots.len() as u32 - 1);
            Ok(Action::Capture {
                to,
                value,
                len: number as usize,
            })
        }
        ("id", responds) if line.set != Set::Content => {
            let (slots, to) = match responds {
                true => (
                    &reading.draft.proxy.captures.response,
                    Captured::Response(number),
                ),
                false => (
                    &reading.draft.proxy.captures.request,
                    Captured::Request(number),
                ),
            };
            let own = &reading.draft.proxy.name;
            let slot = slots.get(number as usize);
            match slot {
                Some(slot) => Ok(Action::Capture { to, value, len: slot.len as usize }),
                None => Err(Problem::bare(number_at, format!("Proxy '{own}': unable to find capture id '{number}' referenced by {} capture rule.",
                        line.set.name()
                    ),
                )
                .because("no capture slot has this number")),
            }
        }
        _ => Err(line.wrong(at, what)),
    }
}
