//! `use_backend`, `use-server`, `force-persist`, `ignore-persist`, `monitor fail`.

use super::http::{gate, unexpected};
use super::{Kind, Later, Reading};
use crate::keyword::Sections;
use crate::problem::{Parsed, Problem};
use crate::statement::Statement;
use alloc::format;
use alloc::string::String;
use balance::ServerIndex;
use sample::condition::Condition;
use sample::expr::Ground;
use sample::format::Style;
use sample::{BackendBody, FrontendBody, ServerChoice, Switching};
use session::rules::{Choice, Persist, PersistRule, ServerRule, SwitchRule};

/// Where servers are.
const SERVES: Sections = Sections::BACKEND.union(Sections::LISTEN);

pub(super) const KEYWORDS: &[Later] = &[
    Later {
        name: "force-be-switch",
        doc: "when backends are used that are disabled or not published",
        sections: Sections::FRONTEND.union(Sections::LISTEN),
        kind: Kind::Rule,
        parse: force_switch,
    },
    Later {
        name: "force-persist",
        doc: "a client goes to its server even if it is down",
        sections: SERVES,
        kind: Kind::Rule,
        parse: |statement, reading| persist(statement, reading, Persist::Force),
    },
    Later {
        name: "ignore-persist",
        doc: "a client does not stay with its server",
        sections: SERVES,
        kind: Kind::Rule,
        parse: |statement, reading| persist(statement, reading, Persist::Ignore),
    },
    Later {
        name: "monitor fail",
        doc: "when 'monitor-uri' is answered with an error",
        sections: Sections::FRONTEND.union(Sections::LISTEN),
        kind: Kind::Rule,
        parse: monitor_fail,
    },
    Later {
        name: "stats admin",
        doc: "requests for which a condition holds may change servers on the page of statistics",
        sections: Sections::PROXY,
        kind: Kind::Rule,
        parse: stats_admin,
    },
    Later {
        name: "use_backend",
        doc: "the backend of requests for which a condition holds",
        sections: Sections::FRONTEND.union(Sections::LISTEN),
        kind: Kind::Rule,
        parse: use_backend,
    },
    Later {
        name: "use-server",
        doc: "the server of requests for which a condition holds",
        sections: SERVES,
        kind: Kind::Rule,
        parse: use_server,
    },
];

/// `use_backend <backend> [if|unless <condition>]`
fn use_backend(statement: &Statement<'_>, reading: &mut Reading<'_, '_>) -> Parsed {
    let name = statement.word(1);
    if name.is_empty() {
        return Err(Problem::at(1, "'use_backend' expects a backend name.")
            .because("a backend name is missing here"));
    }
    if !matches!(statement.word(2), "" | "if" | "unless") {
        let message = format!(
            "unexpected keyword '{}' after switching rule, only 'if' and 'unless' are allowed.",
            statement.word(2)
        );
        return Err(unexpected(statement, 2, message));
    }
    let ground = Ground::of::<Switching>();
    let condition = reading.condition(statement, 2, &ground, "switching rule")?;
    let to = if name.contains("%[") {
        let rule = |what: &str| format!("failed to parse use_backend rule '{name}' : {what}");
        Choice::Named(reading.format(statement, 1, Style::Text, &ground, &rule)?)
    } else {
        Choice::This(reading.backend(statement, 1, "use_backend")?)
    };
    let rules = &mut reading.draft.rules.switches;
    let gate = gate(statement, condition);
    rules.push(SwitchRule { gate, to });
    reading.order(statement, "use_backend");
    Ok(())
}

/// `use-server <server> if|unless <condition>`
fn use_server(statement: &Statement<'_>, reading: &mut Reading<'_, '_>) -> Parsed {
    let name = statement.word(1);
    if name.is_empty() {
        return Err(Problem::at(1, "'use-server' expects a server name.")
            .because("a server name is missing here"));
    }
    let ground = Ground::of::<ServerChoice>();
    let condition = needed(statement, reading, 2, &ground, "use-server")?;
    let to = if name.contains("%[") {
        let rule = |what: &str| format!("failed to parse use-server rule '{name}' : {what}");
        Choice::Named(reading.format(statement, 1, Style::Text, &ground, &rule)?)
    } else {
        let servers = &reading.draft.servers;
        let found = servers
            .iter()
            .position(|server| &*server.server.name == name);
        let Some(at) = found else {
            let near = servers.iter().map(|server| &*server.server.name);
            let near = crate::nearest::nearest(name, near);
            let message = format!(
                "{} : unable to find server '{name}' referenced in a 'use-server' rule.",
                reading.draft.title()
            );
            let problem = Problem::bare(1, message).because("no server has this name");
            return Err(problem.did_you_mean(near));
        };
        Choice::This(ServerIndex(at as u32))
    };
    let gate = gate(statement, Some(condition));
    reading.draft.rules.servers.push(ServerRule { gate, to });
    reading.order(statement, "use-server");
    Ok(())
}

/// `force-persist if|unless <condition>` and its like
fn persist(statement: &Statement<'_>, reading: &mut Reading<'_, '_>, kind: Persist) -> Parsed {
    let ground = Ground::of::<ServerChoice>();
    let condition = Some(needed(statement, reading, 1, &ground, statement.word(0))?);
    let gate = gate(statement, condition);
    let rules = &mut reading.draft.rules.persist;
    rules.push(PersistRule { gate, kind });
    Ok(())
}

/// `force-be-switch if|unless <condition>`
fn force_switch(statement: &Statement<'_>, reading: &mut Reading<'_, '_>) -> Parsed {
    let ground = Ground::of::<Switching>();
    let condition = needed(statement, reading, 1, &ground, "force-be-switch")?;
    let gate = gate(statement, Some(condition));
    reading.draft.rules.force_switch.push(gate);
    Ok(())
}

/// `monitor fail if|unless <condition>`
fn monitor_fail(statement: &Statement<'_>, reading: &mut Reading<'_, '_>) -> Parsed {
    let ground = Ground::of::<FrontendBody>();
    let condition = needed(statement, reading, 2, &ground, "monitor fail")?;
    let gate = gate(statement, Some(condition));
    reading.draft.rules.monitor_fail.push(gate);
    Ok(())
}

/// `stats admin if|unless <condition>`
fn stats_admin(statement: &Statement<'_>, reading: &mut Reading<'_, '_>) -> Parsed {
    let ground = match reading.origin == Sections::FRONTEND {
        true => Ground::of::<FrontendBody>(),
        false => Ground::of::<BackendBody>(),
    };
    let condition = needed(statement, reading, 2, &ground, "stats admin")?;
    crate::proxy::stats::page(reading.draft);
    let gate = gate(statement, Some(condition));
    reading.draft.rules.stats_admin.push(gate);
    Ok(())
}

/// A condition that has to be there.
fn needed(
    statement: &Statement<'_>,
    reading: &mut Reading<'_, '_>,
    at: usize,
    ground: &Ground,
    keyword: &str,
) -> Result<Condition, Problem> {
    let missing = || {
        let message =
            format!("'{keyword}' requires either 'if' or 'unless' followed by a condition.");
        Problem::at(at, message).because("a condition starts with 'if' or 'unless'")
    };
    if !matches!(statement.word(at), "if" | "unless") {
        return Err(missing());
    }
    let what = String::from(match keyword {
        "use-server" => "switching rule",
        keyword => keyword,
    });
    let condition = reading.condition(statement, at, ground, &what)?;
    condition.ok_or_else(missing)
}
