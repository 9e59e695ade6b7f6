//! The commands: one item each, with its words, its rights, its help and what it does.

mod backends;
mod events;
mod modes;
mod patterns;
mod servers;
mod show;
mod tables;
mod vars;

use crate::dump::Dump;
use crate::follow::Follow;
use crate::order::Order;
use crate::session::Rights;
use crate::view::View;
use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use core::fmt::Write;
use engine::settings::AccessLevel;

/// What a command answers.
pub(crate) enum Answer {
    /// Nothing but the empty line that ends every answer.
    Done,
    /// The same, once the process has done this.
    Order(Order),
    /// A text.
    Text(String),
    /// A remark on the command itself, with its severity in front if the client asked for that.
    Remark(Severity, Cow<'static, str>),
    /// A long text.
    Dump(Dump),
    /// The messages of a ring.
    Follow(Follow),
    /// The connection is closed at once.
    Quit,
}

impl Answer {
    fn error(text: impl Into<Cow<'static, str>>) -> Self {
        Self::Remark(Severity::Error, text.into())
    }

    fn denied() -> Self {
        Self::error("Permission denied")
    }
}

/// How serious a remark is, as a syslog level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Severity {
    Error = 3,
    Info = 6,
}

impl Severity {
    /// Its name, for `set severity-output string`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Error => "err",
            Self::Info => "info",
        }
    }
}

/// A command.
pub(crate) struct Command {
    /// The words it begins with.
    words: &'static [&'static str],
    /// These words and its arguments, for `help`.
    usage: &'static str,
    /// What it does, for `help`.
    help: &'static str,
    /// Who may use it.
    level: AccessLevel,
    /// Does it, with the words after its own.
    run: fn(&[String], &mut Rights, &dyn View) -> Answer,
}

/// Does what `words` say; `payload` is what followed the line (`<<`).
pub(crate) fn run(
    words: &[String],
    payload: Option<&str>,
    rights: &mut Rights,
    view: &dyn View,
) -> Answer {
    let Some(first) = words.first() else {
        return Answer::Done;
    };
    let command = COMMANDS.iter().find(|command| command.is_meant_by(words));
    let Some(command) = command else {
        return unknown(first, words, rights.level);
    };
    if command.level > rights.level {
        return Answer::denied();
    }
    let args = &words[command.words.len()..];
    let mut with_payload = WITH_PAYLOAD.iter().filter(|with| with.0 == command.words);
    match (payload, with_payload.next()) {
        (Some(payload), Some((_, run))) => run(args, payload, view),
        (Some(_), None) | (None, _) => (command.run)(args, rights, view),
    }
}

/// Does a command that was given a payload.
type WithPayload = fn(&[String], &str, &dyn View) -> Answer;

/// The commands that may be given a payload; others do not look at it.
const WITH_PAYLOAD: &[(&[&str], WithPayload)] = &[(&["add", "map"], patterns::add_map_lines)];

impl Command {
    fn is_meant_by(&self, words: &[String]) -> bool {
        words.len() >= self.words.len() && self.words.iter().zip(words).all(|(a, b)| a == b)
    }

    /// Whether `words`, as far as they go, begin it.
    fn may_be_meant_by(&self, words: &[String]) -> bool {
        words
            .iter()
            .zip(self.words)
            .all(|(typed, word)| word.starts_with(typed.as_str()))
    }
}

fn unknown(first: &str, words: &[String], level: AccessLevel) -> Answer {
    let near = |command: &Command| command.may_be_meant_by(words);
    let some_near = COMMANDS
        .iter()
        .any(|command| command.level <= level && near(command));
    let mut text = match some_near {
        true => format!(
            "Unknown command: '{first}', but maybe one of the following ones is a better match:\n"
        ),
        false => format!(
            "Unknown command: '{first}'. Please enter one of the following commands only:\n"
        ),
    };
    list(&mut text, level, |command| near(command) || !some_near);
    Answer::Remark(Severity::Info, text.into())
}

/// `help [<command>]`
fn help(args: &[String], rights: &mut Rights, _view: &dyn View) -> Answer {
    let mut text = String::from("The following commands are valid at this level:\n");
    list(&mut text, rights.level, |command| {
        command.may_be_meant_by(args)
    });
    Answer::Text(text)
}

/// A line for each command of the level that `shown` picks, and for those that are always at hand.
fn list(text: &mut String, level: AccessLevel, shown: impl Fn(&Command) -> bool) {
    for command in COMMANDS {
        let always = matches!(command.words, ["help"] | ["prompt"] | ["quit"]);
        if command.level <= level && (always || shown(command)) {
            let _ = writeln!(text, "  {:<USAGE_WIDTH$}: {}", command.usage, command.help);
        }
    }
}

/// `quit`
fn quit(_args: &[String], _rights: &mut Rights, _view: &dyn View) -> Answer {
    Answer::Quit
}

/// `echo <text>`
fn echo(args: &[String], _rights: &mut Rights, _view: &dyn View) -> Answer {
    let mut text = args.join(" ");
    text.push('\n');
    Answer::Text(text)
}

/// The column of the colon in `help`.
const USAGE_WIDTH: usize = 40;

/// All commands, in the order of `help`.
const COMMANDS: &[Command] = &[
    Command {
        words: &["add", "acl"],
        usage: "add acl [@<ver>] <acl> <pattern>",
        help: "an entry more in an ACL",
        level: AccessLevel::Admin,
        run: patterns::add_acl,
    },
    Command {
        words: &["add", "map"],
        usage: "add map [@<ver>] <map> <key> <val>",
        help: "an entry more in a map, or one for each line of a payload",
        level: AccessLevel::Admin,
        run: patterns::add_map,
    },
    Command {
        words: &["clear", "acl"],
        usage: "clear acl [@<ver>] <acl>",
        help: "no entries any more in an ACL",
        level: AccessLevel::Admin,
        run: patterns::clear_acl,
    },
    Command {
        words: &["clear", "map"],
        usage: "clear map [@<ver>] <map>",
        help: "no entries any more in a map",
        level: AccessLevel::Admin,
        run: patterns::clear_map,
    },
    Command {
        words: &["clear", "table"],
        usage: "clear table <table> [<filter>]*",
        help: "forget entries of a stick table: all, some, or one",
        level: AccessLevel::Operator,
        run: tables::clear,
    },
    Command {
        words: &["commit", "acl"],
        usage: "commit acl @<ver> <acl>",
        help: "use a prepared version of an ACL",
        level: AccessLevel::Admin,
        run: patterns::commit_acl,
    },
    Command {
        words: &["commit", "map"],
        usage: "commit map @<ver> <map>",
        help: "use a prepared version of a map",
        level: AccessLevel::Admin,
        run: patterns::commit_map,
    },
    Command {
        words: &["del", "acl"],
        usage: "del acl <acl> [<key>|#<ref>]",
        help: "entries less in an ACL",
        level: AccessLevel::Admin,
        run: patterns::del_acl,
    },
    Command {
        words: &["del", "map"],
        usage: "del map <map> [<key>|#<ref>]",
        help: "entries less in a map",
        level: AccessLevel::Admin,
        run: patterns::del_map,
    },
    Command {
        words: &["disable", "server"],
        usage: "disable server <bk>/<srv>",
        help: "take a server out of use: nothing is sent to it any more",
        level: AccessLevel::Admin,
        run: servers::disable,
    },
    Command {
        words: &["echo"],
        usage: "echo <text>",
        help: "say the text again",
        level: AccessLevel::User,
        run: echo,
    },
    Command {
        words: &["enable", "server"],
        usage: "enable server <bk>/<srv>",
        help: "use a server again that was taken out of use",
        level: AccessLevel::Admin,
        run: servers::enable,
    },
    Command {
        words: &["experimental-mode"],
        usage: "experimental-mode [on|off]",
        help: "whether commands are understood that may still change",
        level: AccessLevel::Admin,
        run: modes::experimental,
    },
    Command {
        words: &["get", "acl"],
        usage: "get acl <acl> <value>",
        help: "what a value finds in an ACL",
        level: AccessLevel::Admin,
        run: patterns::get_acl,
    },
    Command {
        words: &["get", "map"],
        usage: "get map <map> <value>",
        help: "what a value finds in a map",
        level: AccessLevel::Admin,
        run: patterns::get_map,
    },
    Command {
        words: &["get", "var"],
        usage: "get var <name>",
        help: "the value of a variable of the process",
        level: AccessLevel::Operator,
        run: vars::get,
    },
    Command {
        words: &["operator"],
        usage: "operator",
        help: "give up the rights of an admin",
        level: AccessLevel::User,
        run: modes::operator,
    },
    Command {
        words: &["prepare", "acl"],
        usage: "prepare acl <acl>",
        help: "a new version of an ACL, to be filled and committed",
        level: AccessLevel::Admin,
        run: patterns::prepare_acl,
    },
    Command {
        words: &["prepare", "map"],
        usage: "prepare map <map>",
        help: "a new version of a map, to be filled and committed",
        level: AccessLevel::Admin,
        run: patterns::prepare_map,
    },
    Command {
        words: &["set", "map"],
        usage: "set map <map> [<key>|#<ref>] <value>",
        help: "another value for entries of a map",
        level: AccessLevel::Admin,
        run: patterns::set_map,
    },
    Command {
        words: &["set", "server"],
        usage: "set server <bk>/<srv> state [<state>]",
        help: "what a server is used for: ready, drain or maint",
        level: AccessLevel::Admin,
        run: servers::set,
    },
    Command {
        words: &["set", "severity-output"],
        usage: "set severity-output [none|number|string]",
        help: "whether remarks say how serious they are",
        level: AccessLevel::User,
        run: modes::set_severity_output,
    },
    Command {
        words: &["set", "table"],
        usage: "set table <table> key <k> [data.* <v>]*",
        help: "change an entry of a stick table, or make it",
        level: AccessLevel::Operator,
        run: tables::set,
    },
    Command {
        words: &["set", "timeout"],
        usage: "set timeout [cli] <delay>",
        help: "how long this connection may be idle",
        level: AccessLevel::User,
        run: modes::set_timeout,
    },
    Command {
        words: &["publish", "backend"],
        usage: "publish backend <bk>",
        help: "frontends send requests to a backend again",
        level: AccessLevel::Admin,
        run: backends::publish,
    },
    Command {
        words: &["set", "var"],
        usage: "set var <name> [fmt|expr] {<fmt>|<expr>}",
        help: "another value for a variable of the process",
        level: AccessLevel::Operator,
        run: vars::set,
    },
    Command {
        words: &["show", "acl"],
        usage: "show acl [[@<ver>] <acl>]",
        help: "the ACLs, or the entries of one",
        level: AccessLevel::Admin,
        run: patterns::show_acl,
    },
    Command {
        words: &["show", "cli", "level"],
        usage: "show cli level",
        help: "which rights this connection has",
        level: AccessLevel::User,
        run: modes::show_cli_level,
    },
    Command {
        words: &["show", "cli", "sockets"],
        usage: "show cli sockets",
        help: "where commands are taken, and with which rights",
        level: AccessLevel::User,
        run: show::cli_sockets,
    },
    Command {
        words: &["show", "events"],
        usage: "show events [<ring>] [-w] [-n] [-0]",
        help: "the rings, or the messages in one of them",
        level: AccessLevel::Operator,
        run: events::show,
    },
    Command {
        words: &["show", "errors"],
        usage: "show errors [<px>] [request|response]",
        help: "the last invalid request and response of each proxy",
        level: AccessLevel::Operator,
        run: show::errors,
    },
    Command {
        words: &["show", "info"],
        usage: "show info [json|typed]*",
        help: "the state of the process",
        level: AccessLevel::User,
        run: show::info,
    },
    Command {
        words: &["show", "map"],
        usage: "show map [[@<ver>] <map>]",
        help: "the maps, or the entries of one",
        level: AccessLevel::Admin,
        run: patterns::show_map,
    },
    Command {
        words: &["show", "servers", "conn"],
        usage: "show servers conn [<bk>]",
        help: "the connections of each server",
        level: AccessLevel::User,
        run: servers::show_conn,
    },
    Command {
        words: &["show", "servers", "state"],
        usage: "show servers state [<bk>]",
        help: "what each server is used for",
        level: AccessLevel::User,
        run: servers::show_state,
    },
    Command {
        words: &["show", "stat"],
        usage: "show stat [json|no-maint|typed|up]*",
        help: "counters of each proxy, listener and server",
        level: AccessLevel::User,
        run: show::stat,
    },
    Command {
        words: &["show", "table"],
        usage: "show table [<table> [<filter>]*]",
        help: "the stick tables, or the entries of one",
        level: AccessLevel::User,
        run: tables::show,
    },
    Command {
        words: &["show", "version"],
        usage: "show version",
        help: "the version of this process",
        level: AccessLevel::User,
        run: show::version,
    },
    Command {
        words: &["unpublish", "backend"],
        usage: "unpublish backend <bk>",
        help: "frontends send no more requests to a backend",
        level: AccessLevel::Admin,
        run: backends::unpublish,
    },
    Command {
        words: &["user"],
        usage: "user",
        help: "give up all rights but those of a user",
        level: AccessLevel::User,
        run: modes::user,
    },
    Command {
        words: &["help"],
        usage: "help [<command>]",
        help: "the commands that begin like this, or all",
        level: AccessLevel::User,
        run: help,
    },
    Command {
        words: &["prompt"],
        usage: "prompt [help | n | i | p | timed ]*",
        help: "whether more lines may follow, and whether a prompt asks for them",
        level: AccessLevel::User,
        run: modes::prompt,
    },
    Command {
        words: &["quit"],
        usage: "quit",
        help: "close the connection",
        level: AccessLevel::User,
        run: quit,
    },
];
