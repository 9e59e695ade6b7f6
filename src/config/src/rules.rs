//! Lines that name other sections, ACLs or expressions: read in order once all sections are known.

mod acl;
mod actions;
mod capture;
mod contents;
mod drafts;
mod forwarded;
mod hashing;
mod http;
mod introductions;
mod kept;
mod landscape;
mod limits;
mod logs;
mod names;
mod pages;
mod persist;
mod process;
mod profiles;
mod reading;
mod rule;
mod set;
mod shared;
mod stick;
mod switching;
mod tcp;

pub(crate) use drafts::RuleDrafts;
pub(crate) use kept::{Inherited, Kept, Kind, Later, Remembered};
pub(crate) use landscape::Landscape;
pub(crate) use process::VarsDraft;
pub(crate) use profiles::ProfileDraft;
pub(crate) use reading::Reading;
pub(crate) use shared::Shared;

use crate::context::Context;
use crate::draft::ProxyDraft;
use crate::global::GlobalDraft;
use crate::keyword::Sections;
use crate::sections::NamedSections;
use alloc::string::String;
use set::Sets;

/// All keywords whose lines are kept, by file.
pub(crate) const TABLES: &[&[Later]] = &[
    acl::KEYWORDS,
    capture::KEYWORDS,
    forwarded::KEYWORDS,
    http::KEYWORDS,
    logs::KEYWORDS,
    pages::KEYWORDS,
    persist::KEYWORDS,
    stick::KEYWORDS,
    switching::KEYWORDS,
    tcp::KEYWORDS,
];

/// Reads the kept lines of all sections.
pub(crate) fn read(
    drafts: &mut [ProxyDraft],
    defaults: &[ProxyDraft],
    sections: &NamedSections,
    profiles: &mut [ProfileDraft],
    global: &mut GlobalDraft,
    context: &mut Context<'_>,
) -> Shared {
    let landscape = Landscape::of(drafts, sections);
    let mut shared = Shared::new(context.options, global.global.tune.bufsize);
    let (kept, draft) = global.vars.lines();
    Reading::new(
        &landscape,
        &mut shared,
        draft,
        context,
        None,
        Sections::GLOBAL,
    )
    .lines(&kept);
    // A defaults section is read for itself once, whoever inherits from it: what is wrong with its
    // lines is said once.
    for section in defaults {
        let mut section = section.clone();
        let kept = core::mem::take(&mut section.kept);
        let mut reading = Reading::new(
            &landscape,
            &mut shared,
            &mut section,
            context,
            None,
            Sections::DEFAULTS,
        );
        reading.lines(&kept);
    }
    for (at, draft) in (0..).zip(drafts.iter_mut()) {
        let inherited = core::mem::take(&mut draft.inherited);
        let kept = core::mem::take(&mut draft.kept);
        let own = draft.section;
        let mut reading = Reading::new(&landscape, &mut shared, draft, context, Some(at), own);
        limits::read(&mut reading);
        // Named ACLs of defaults sections are theirs alone.
        for (lines, origin) in [(inherited, Sections::DEFAULTS), (kept, own)] {
            // Nor does anybody mean them by the order of the section's own lines.
            draft.rules.ended = Sets::empty();
            draft.last_rule = None;
            let mut reading =
                Reading::new(&landscape, &mut shared, draft, context, Some(at), origin);
            reading.lines(&lines);
        }
        let mut reading = Reading::new(&landscape, &mut shared, draft, context, Some(at), own);
        introductions::read(&mut reading);
        hashing::read(&mut reading);
    }
    for profile in profiles {
        let (kept, draft) = profile.lines();
        let origin = Sections::DEFAULTS;
        Reading::new(&landscape, &mut shared, draft, context, None, origin).lines(&kept);
        let steps = core::mem::take(&mut shared.profile_steps);
        shared.profiles.push(profile.finish(steps));
    }
    shared
}

/// Keywords and actions as `-dK` shows them: where they stand, their names, what they do.
pub(crate) fn keywords() -> impl Iterator<Item = (String, &'static str, &'static str)> {
    let lines = TABLES.iter().copied().flatten();
    let lines = lines.map(|keyword| (keyword.sections.list(), keyword.name, keyword.doc));
    let actions = actions::TABLES.iter().copied().flatten();
    lines.chain(actions.map(|action| (action.sets.list(), action.name, action.doc)))
}
