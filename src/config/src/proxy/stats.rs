//! `stats …`: a page of statistics among what a proxy serves.

use crate::draft::ProxyDraft;
use crate::keyword::{Keyword, Sections};
use crate::problem::Problem;
use alloc::vec::Vec;
use base::Duration;
use session::settings::StatsPage;

pub(super) const KEYWORDS: &[Keyword<ProxyDraft>] = &[
    Keyword {
        name: "stats enable",
        doc: "a page of statistics",
        sections: Sections::ANY,
        negatable: false,
        parse: |statement, draft, _| {
            statement.at_most(2)?;
            page(draft);
            Ok(())
        },
    },
    Keyword {
        name: "stats uri",
        doc: "where the page of statistics is",
        sections: Sections::ANY,
        negatable: false,
        parse: |statement, draft, _| {
            page(draft).uri = statement.expect(2, "a prefix")?.into();
            statement.at_most(3)
        },
    },
    Keyword {
        name: "stats realm",
        doc: "what the page of statistics is called where it asks for a password",
        sections: Sections::ANY,
        negatable: false,
        parse: |statement, draft, _| {
            page(draft).realm = statement.expect(2, "a name")?.into();
            statement.at_most(3)
        },
    },
    Keyword {
        name: "stats auth",
        doc: "who may see the page of statistics",
        sections: Sections::ANY,
        negatable: false,
        parse: |statement, draft, _| {
            let user = statement.expect(2, "<user>:<password>")?;
            if !user.contains(':') {
                let message = "'stats auth' expects 'user:passwd' as argument.";
                return Err(Problem::at(2, message).because("there is no colon"));
            }
            page(draft).users.push(user.into());
            statement.at_most(3)
        },
    },
    Keyword {
        name: "stats scope",
        doc: "what the page of statistics shows",
        sections: Sections::ANY,
        negatable: false,
        parse: |statement, draft, _| {
            let name = statement.expect(2, "the name of a proxy, or '.'")?;
            page(draft).scope.push(name.into());
            statement.at_most(3)
        },
    },
    Keyword {
        name: "stats refresh",
        doc: "how often the page of statistics is fetched anew",
        sections: Sections::ANY,
        negatable: false,
        parse: |statement, draft, _| {
            let text = statement.expect(2, "a time")?;
            // Without a unit these are seconds.
            let number = text.parse().map(Duration::from_secs);
            let time = number.or_else(|_| statement.time(2))?;
            page(draft).refresh = Some(time).filter(|time| !time.is_zero());
            statement.at_most(3)
        },
    },
    Keyword {
        name: "stats hide-version",
        doc: "the page of statistics does not tell the version",
        sections: Sections::ANY,
        negatable: false,
        parse: |statement, draft, _| {
            page(draft).shows_version = false;
            statement.at_most(2)
        },
    },
    Keyword {
        name: "stats show-version",
        doc: "the page of statistics tells the version",
        sections: Sections::ANY,
        negatable: false,
        parse: |statement, draft, _| {
            page(draft).shows_version = true;
            statement.at_most(2)
        },
    },
    Keyword {
        name: "stats show-legends",
        doc: "the page of statistics tells addresses and numbers",
        sections: Sections::ANY,
        negatable: false,
        parse: |statement, draft, _| {
            page(draft).shows_legends = true;
            statement.at_most(2)
        },
    },
    Keyword {
        name: "stats show-node",
        doc: "the page of statistics tells the name of the node",
        sections: Sections::ANY,
        negatable: false,
        parse: |statement, draft, _| {
            let name = statement.word(2);
            page(draft).node = Some((!name.is_empty()).then(|| name.into()));
            statement.at_most(3)
        },
    },
    Keyword {
        name: "stats show-desc",
        doc: "the page of statistics has a description",
        sections: Sections::ANY,
        negatable: false,
        parse: |statement, draft, _| {
            let words: Vec<&str> = (2..statement.len()).map(|at| statement.word(at)).collect();
            let text = words.join(" ");
            page(draft).description = Some((!text.is_empty()).then(|| text.into()));
            Ok(())
        },
    },
];

/// The page of a section. Its first line begins a new one: nothing is added to that of a `defaults`
/// section.
pub(crate) fn page(draft: &mut ProxyDraft) -> &mut StatsPage {
    if core::mem::take(&mut draft.stats_inherited) {
        draft.proxy.stats = None;
    }
    draft.proxy.stats.get_or_insert_default()
}
