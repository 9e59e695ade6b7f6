//! Rings of messages.

use super::Answer;
use crate::follow::Follow;
use crate::session::Rights;
use crate::view::View;
use alloc::string::String;
use core::fmt::Write;
use session::settings::RingIndex;

/// `show events [<ring>] [-w] [-n] [-0]`
pub(super) fn show(args: &[String], _rights: &mut Rights, view: &dyn View) -> Answer {
    let Some((name, switches)) = args.split_first() else {
        return list(view);
    };
    let settings = &view.settings().rings;
    let Some(at) = settings.iter().position(|ring| *ring.name == **name) else {
        return Answer::error("No such event sink");
    };
    let ring = &view.rings()[at];
    let mut follow = Follow {
        ring: RingIndex(at as u32),
        place: ring.oldest(),
        waits: false,
        end: b'\n',
    };
    for switch in switches {
        let Some(letters) = switch.strip_prefix('-') else {
            return Answer::error("unknown option");
        };
        for letter in letters.chars() {
            match letter {
                'w' => follow.waits = true,
                'n' => follow.place = ring.newest(),
                '0' => follow.end = 0,
                _ => return Answer::error("unknown option"),
            }
        }
    }
    Answer::Follow(follow)
}

fn list(view: &dyn View) -> Answer {
    let mut text = String::from(
        "Supported events sinks are listed below. Add -0(zero), -w(wait), -n(new). Any key to stop.\n",
    );
    for (settings, ring) in view.settings().rings.iter().zip(view.rings()) {
        let _ = writeln!(
            text,
            "    {:<11}: type=buffer, {} dropped, {}",
            settings.name,
            ring.dropped(),
            settings.description
        );
    }
    Answer::Text(text)
}
