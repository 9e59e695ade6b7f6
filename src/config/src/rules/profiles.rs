//! `log-profile` sections.

use super::kept::{Kept, Kind, Later};
use super::reading::Reading;
use crate::context::Context;
use crate::draft::ProxyDraft;
use crate::keyword::Sections;
use crate::nearest::nearest;
use crate::problem::{Parsed, Problem};
use crate::statement::{Spot, Statement};
use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;
use sample::expr::For;
use sample::format::{Origin, RuleKind, Style};
use session::settings::{LogProfile, Override, ProfileStep};

/// A `log-profile` section being read.
#[derive(Debug)]
pub(crate) struct ProfileDraft {
    pub name: Box<str>,
    pub spot: Spot,
    tag: Option<Box<str>>,
    /// Its lines stand in for those of a proxy until all sections are known.
    lines: ProxyDraft,
}

impl ProfileDraft {
    pub(crate) fn new(name: &str, spot: Spot) -> Self {
        Self {
            name: name.into(),
            tag: None,
            lines: ProxyDraft::new(Sections::DEFAULTS, spot.clone()),
            spot,
        }
    }

    /// A line of the section.
    pub(crate) fn statement(
        &mut self,
        statement: &Statement<'_>,
        context: &mut Context<'_>,
    ) -> Parsed {
        match statement.word(0) {
            "log-tag" => {
                if statement.word(1).is_empty() {
                    return Err(Problem::at(1, "'log-tag' expects a tag for use in syslog.")
                        .because("a tag is missing here"));
                }
                self.tag = Some(statement.word(1).into());
                statement.at_most(2)
            }
            "on" => ON.keep(statement, &mut self.lines, context),
            word => Err(Problem::at(
                0,
                format!("unknown keyword '{word}' in log-profile section."),
            )
            .because("not a keyword of this section")
            .did_you_mean(nearest(word, ["log-tag", "on"]))),
        }
    }

    /// The lines of the section, for whoever reads them now.
    pub(super) fn lines(&mut self) -> (Vec<Kept>, &mut ProxyDraft) {
        (core::mem::take(&mut self.lines.kept), &mut self.lines)
    }

    /// The section with what its lines say.
    pub(super) fn finish(&self, steps: Vec<(ProfileStep, Override)>) -> LogProfile {
        LogProfile {
            name: self.name.clone(),
            tag: self.tag.clone(),
            steps,
        }
    }
}

static ON: Later = Later {
    name: "on",
    doc: "what is logged at a step",
    sections: Sections::empty(),
    kind: Kind::Setting,
    parse: on,
};

/// `on <step> [drop] [format <fmt>] [sd <fmt>]`
fn on(statement: &Statement<'_>, reading: &mut Reading<'_, '_>) -> Parsed {
    let name = statement.word(1);
    let Some((_, step)) = STEPS.iter().find(|(known, _)| *known == name) else {
        let names: Vec<&str> = STEPS.iter().map(|(known, _)| *known).collect();
        return Err(Problem::at(
            1,
            format!(
                "'on' expects a log step. expected values are: '{}'.",
                names.join("', '")
            ),
        )
        .because("no step has this name")
        .did_you_mean(nearest(name, names)));
    };
    let what = format!("'on {name}' expects 'drop', 'format' or 'sd'.");
    let mut change = Override::default();
    let mut at = 2;
    if statement.word(at) == "drop" {
        change.drop = true;
        at += 1;
    }
    if statement.len() == 2 {
        return Err(Problem::at(2, what).because("nothing is changed"));
    }
    while at < statement.len() {
        let to = match statement.word(at) {
            "format" => &mut change.line,
            "sd" => &mut change.structured,
            _ => {
                return Err(Problem::at(at, what).because("'format' or 'sd' is expected"));
            }
        };
        if statement.word(at + 1).is_empty() {
            let keyword = statement.word(at);
            return Err(Problem::at(
                at + 1,
                format!("'on {name} {keyword}' expects a logformat string."),
            )
            .because("a format is missing here"));
        }
        *to = Some(For::read(|ground| {
            reading.format(statement, at + 1, Style::Log, ground, &|why| {
                format!("failed to parse logformat: {why}.")
            })
        })?);
        at += 2;
    }
    reading.shared.profile_steps.push((*step, change));
    Ok(())
}

/// Steps by name.
const STEPS: [(&str, ProfileStep); 15] = [
    ("accept", ProfileStep::On(Origin::Accept)),
    ("request", ProfileStep::On(Origin::Request)),
    ("connect", ProfileStep::On(Origin::Connect)),
    ("response", ProfileStep::On(Origin::Response)),
    ("close", ProfileStep::On(Origin::Close)),
    ("error", ProfileStep::On(Origin::Error)),
    ("any", ProfileStep::Any),
    ("quic-init", rule(RuleKind::QuicInitial)),
    ("http-req", rule(RuleKind::Request)),
    ("http-res", rule(RuleKind::Response)),
    ("http-after-res", rule(RuleKind::AfterResponse)),
    ("tcp-req-conn", rule(RuleKind::Connection)),
    ("tcp-req-sess", rule(RuleKind::Session)),
    ("tcp-req-cont", rule(RuleKind::Content)),
    ("tcp-res-cont", rule(RuleKind::Reply)),
];

const fn rule(kind: RuleKind) -> ProfileStep {
    ProfileStep::On(Origin::Rule(kind))
}
