//! Lines that start a section.

use super::{Reader, Section};
use crate::keyword::Sections;
use crate::known;
use crate::nearest::nearest;
use crate::problem::{Parsed, Problem};
use crate::rules::ProfileDraft;
use crate::sections::errors::ErrorsDraft;
use crate::sections::fcgi::FcgiDraft;
use crate::sections::forward::ForwardDraft;
use crate::sections::ring::RingDraft;
use crate::sections::userlist::UserlistDraft;
use crate::source::Place;
use crate::statement::{Polarity, Statement};
use alloc::collections::btree_map::Entry;
use alloc::format;
use alloc::string::String;

/// What a section line starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Global,
    Defaults,
    Proxy(Sections),
    Userlist,
    Errors,
    Profile,
    Ring,
    Fcgi,
    Forward,
    /// A section HAProxy has and we do not have yet.
    Later,
}

/// The section a line starts, if it starts one.
pub(super) fn kind(statement: &Statement<'_>) -> Option<Kind> {
    if statement.polarity != Polarity::Plain {
        return None;
    }
    Some(match statement.word(0) {
        "global" => Kind::Global,
        "defaults" => Kind::Defaults,
        "frontend" => Kind::Proxy(Sections::FRONTEND),
        "backend" => Kind::Proxy(Sections::BACKEND),
        "listen" => Kind::Proxy(Sections::LISTEN),
        "userlist" => Kind::Userlist,
        "http-errors" => Kind::Errors,
        "log-profile" => Kind::Profile,
        "ring" => Kind::Ring,
        "fcgi-app" => Kind::Fcgi,
        "log-forward" => Kind::Forward,
        word if known::SECTIONS.contains(&word) => Kind::Later,
        _ => return None,
    })
}

impl Reader<'_> {
    pub(super) fn open_section(&mut self, kind: Kind, statement: &Statement<'_>) -> Parsed {
        match kind {
            Kind::Global => {
                self.section = Section::Global;
                statement.at_most(1)
            }
            Kind::Defaults => self.open_defaults(statement),
            Kind::Proxy(section) => self.open_proxy(section, statement),
            Kind::Userlist => self.open_userlist(statement),
            Kind::Errors => self.open_errors(statement),
            Kind::Profile => self.open_profile(statement),
            Kind::Ring => self.open_ring(statement),
            Kind::Fcgi => self.open_fcgi(statement),
            Kind::Forward => self.open_forward(statement),
            Kind::Later => {
                self.section = Section::Refused;
                let word = statement.word(0);
                Err(
                    Problem::at(0, format!("section '{word}' is not supported yet."))
                        .because("HAProxy has this section, we do not have it yet"),
                )
            }
        }
    }

    /// `defaults [name] [from other]`
    fn open_defaults(&mut self, statement: &Statement<'_>) -> Parsed {
        self.section = Section::Defaults;
        let name = match statement.word(1) {
            "from" if statement.len() == 3 => "",
            name => name,
        };
        let from_at = 1 + usize::from(!name.is_empty());
        let spot = statement.spot(0..statement.len());
        let (base, problem) = self.base_of(statement, from_at, None, Sections::DEFAULTS);
        self.defaults
            .push(base.derive(Sections::DEFAULTS, name, spot));
        problem.and_then(|()| valid_name(statement, name))
    }

    /// `userlist <name>`; the lines of one that is refused are not looked at.
    fn open_userlist(&mut self, statement: &Statement<'_>) -> Parsed {
        self.section = Section::Refused;
        let draft = UserlistDraft::open(statement)?;
        let lists = &mut self.sections.userlists;
        if lists.iter().any(|list| list.name == draft.name) {
            let message = format!("ignoring duplicated userlist '{}'.", draft.name);
            let problem = Problem::at(1, message).because("only the first of them counts");
            self.context.warn(statement, problem);
            return Ok(());
        }
        lists.push(draft);
        self.section = Section::Userlist;
        Ok(())
    }

    /// `http-errors <name>`
    fn open_errors(&mut self, statement: &Statement<'_>) -> Parsed {
        self.section = Section::Refused;
        let draft = ErrorsDraft::open(statement)?;
        let sections = &mut self.sections.errors;
        if let Some(first) = sections.iter().find(|other| other.name == draft.name) {
            let message = format!(
                "http-errors section '{}' already exists (declared at {}).",
                draft.name, first.place
            );
            return Err(Problem::at(1, message).because("two sections cannot share a name"));
        }
        sections.push(draft);
        self.section = Section::Errors;
        Ok(())
    }

    /// `ring <name>`
    fn open_ring(&mut self, statement: &Statement<'_>) -> Parsed {
        self.section = Section::Refused;
        let draft = RingDraft::open(statement)?;
        let rings = &mut self.sections.rings;
        if rings.iter().any(|other| other.ring.name == draft.ring.name) {
            let message = format!("sink named '{}' already exists.", draft.ring.name);
            return Err(Problem::at(1, message).because("two rings cannot share a name"));
        }
        rings.push(draft);
        self.section = Section::Ring;
        Ok(())
    }

    /// `fcgi-app <name>`
    fn open_fcgi(&mut self, statement: &Statement<'_>) -> Parsed {
        self.section = Section::Refused;
        let draft = FcgiDraft::open(statement)?;
        let apps = &mut self.sections.fcgi;
        if let Some(first) = apps.iter().find(|other| other.name == draft.name) {
            let message = format!(
                "fcgi-app section '{}' has the same name as another one declared at {}.",
                draft.name, first.spot.place
            );
            return Err(Problem::at(1, message).because("two sections cannot share a name"));
        }
        apps.push(draft);
        self.section = Section::Fcgi;
        Ok(())
    }

    /// `frontend name [from defaults]` and its kin
    fn open_proxy(&mut self, section: Sections, statement: &Statement<'_>) -> Parsed {
        self.section = Section::Proxy;
        let kind = section.list();
        let name = statement.word(1);
        let spot = statement.spot(0..2);
        let last = self.defaults.len().checked_sub(1);
        let (base, problem) = self.base_of(statement, 2, last, section);
        self.proxies.push(base.derive(section, name, spot));
        problem?;
        if name.is_empty() {
            return Err(Problem::at(
                1,
                format!(
                    "'{kind}' expects an <id> argument and optionally supports 'from <defaults>'."
                ),
            )
            .because("a name is missing here"));
        }
        valid_name(statement, name)?;
        let here = (format!("{kind} '{name}'"), statement.place.clone());
        self.new_name(statement, name, here)
    }

    /// `log-forward <name>`
    fn open_forward(&mut self, statement: &Statement<'_>) -> Parsed {
        self.section = Section::Refused;
        let draft = ForwardDraft::open(statement)?;
        let name = draft.forward.name.clone();
        let here = (draft.title(), statement.place.clone());
        self.sections.forwards.push(draft);
        self.section = Section::Forward;
        self.new_name(statement, &name, here)
    }

    /// `log-profile <name>`
    fn open_profile(&mut self, statement: &Statement<'_>) -> Parsed {
        self.section = Section::Profile;
        let name = statement.word(1);
        let spot = statement.spot(0..2);
        let before = self.profiles.iter().find(|profile| *profile.name == *name);
        let before = before.map(|profile| profile.spot.place.clone());
        self.profiles.push(ProfileDraft::new(name, spot));
        if name.is_empty() {
            return Err(Problem::at(1, "missing name for log-profile section.")
                .because("a name is missing here"));
        }
        if let Some(place) = before {
            let message = format!(
                "log-profile section '{name}' has the same name as another log-profile section declared at {place}."
            );
            return Err(Problem {
                words: 0..2,
                ..Problem::at(1, message).because("two profiles cannot share a name")
            });
        }
        valid_name(statement, name)?;
        statement.at_most(2)
    }

    /// Two proxies cannot share a name, whatever their kinds.
    fn new_name(&mut self, statement: &Statement<'_>, name: &str, here: (String, Place)) -> Parsed {
        let title = here.0.clone();
        match self.names.entry(name.into()) {
            Entry::Vacant(entry) => {
                entry.insert(here);
                Ok(())
            }
            Entry::Occupied(entry) => {
                let (first, place) = entry.get();
                Err(Problem {
                    words: 0..2,
                    ..Problem::at(
                        1,
                        format!("{title} has the same name as {first} declared at {place}."),
                    )
                    .because("two proxies cannot share a name")
                }
                .help(format!("give the {} another name", statement.word(0))))
            }
        }
    }

    /// The `defaults` section that `from` at word `at` names, or `otherwise` without `from`.
    pub(super) fn base(
        &self,
        statement: &Statement<'_>,
        at: usize,
        otherwise: Option<usize>,
    ) -> Result<Option<usize>, Problem> {
        let word = statement.word(at);
        if word.is_empty() {
            return Ok(otherwise);
        }
        if word != "from" {
            let looks_like_address = word.contains(':') || word.starts_with('/');
            return Err(if looks_like_address {
                Problem::at(at, "please use the 'bind' keyword for listening addresses.")
                    .because("an address has a line of its own")
            } else {
                Problem::at(
                    at,
                    format!(
                        "'{}' cannot handle unexpected argument '{word}'.",
                        statement.word(0)
                    ),
                )
                .because("only 'from <defaults>' may follow the name")
            });
        }
        let name = statement.expect(at + 1, "the name of a defaults section")?;
        statement.at_most(at + 2)?;
        let mut named = self
            .defaults
            .iter()
            .enumerate()
            .filter(|(_, draft)| &*draft.proxy.name == name);
        let title = format!("{} '{}'", statement.word(0), statement.word(1));
        match (named.next(), named.next()) {
            (Some((only, _)), None) => Ok(Some(only)),
            (Some((_, first)), Some((_, second))) => Err(Problem::at(
                at + 1,
                format!(
                    "ambiguous defaults section name '{name}' referenced by {title} exists at least at {} and {}.",
                    first.spot.place, second.spot.place
                ),
            )
            .because("two defaults sections have this name")),
            (None, _) => {
                let names = self.defaults.iter().map(|draft| &*draft.proxy.name);
                Err(Problem::at(
                    at + 1,
                    format!("defaults section '{name}' not found for {title}."),
                )
                .because("no defaults section above has this name")
                .did_you_mean(nearest(name, names)))
            }
        }
    }
}

/// Names are letters, digits and `-_.:`.
pub(crate) fn valid_name(statement: &Statement<'_>, name: &str) -> Parsed {
    let bad = name
        .chars()
        .find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':')));
    match bad {
        None => Ok(()),
        Some(c) => Err(Problem::at(
            1,
            format!(
                "character '{c}' is not permitted in '{}' name '{name}'.",
                statement.word(0)
            ),
        )
        .because("a name is made of letters, digits, '-', '_', '.' and ':'")),
    }
}
