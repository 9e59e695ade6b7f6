//! `log-forward`: messages of others, passed on to log servers.

use crate::address::{self, Transport, listen};
use crate::bind::{self, BindLine};
use crate::context::Context;
use crate::draft::LogEntry;
use crate::known;
use crate::log;
use crate::nearest::nearest;
use crate::problem::{Parsed, Problem};
use crate::statement::{Polarity, Spot, Statement};
use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;
use balance::Proto;
use session::settings::{BindAddress, HostStrategy, LogForward};

/// A `log-forward` section being read.
#[derive(Debug)]
pub(crate) struct ForwardDraft {
    pub forward: LogForward,
    pub logs: Vec<LogEntry>,
    pub spot: Spot,
    backlog: Option<u32>,
}

impl ForwardDraft {
    /// `log-forward <name>`
    pub(crate) fn open(statement: &Statement<'_>) -> Result<Self, Problem> {
        let name: Box<str> =
            super::name(statement, "missing name for log-forward section.")?.into();
        Ok(Self {
            forward: LogForward {
                name,
                binds: Vec::new(),
                datagrams: Vec::new(),
                targets: Vec::new(),
                maxconn: MAXCONN_DEFAULT,
                client_timeout: None,
                lines_only: false,
                unread: false,
                hosts: HostStrategy::default(),
            },
            logs: Vec::new(),
            spot: statement.spot(0..2),
            backlog: None,
        })
    }

    /// As messages name it.
    pub(crate) fn title(&self) -> alloc::string::String {
        format!("log-forward '{}'", self.forward.name)
    }

    /// A line of the section.
    pub(crate) fn line(&mut self, statement: &Statement<'_>, context: &mut Context<'_>) -> Parsed {
        let word = statement.word(0);
        let switchable = matches!(word, "log" | "option");
        if statement.polarity != Polarity::Plain && !switchable {
            let message = format!("negation/default is not supported for '{word}'.");
            return Err(Problem::at(0, message).because("this keyword cannot be switched off"));
        }
        match word {
            "bind" => self.bind(statement, context),
            "dgram-bind" => self.dgram_bind(statement, context),
            "log" => self.log(statement, context),
            "maxconn" => {
                self.forward.maxconn = statement.number_u32(1, 0..=i32::MAX as u32)?;
                statement.at_most(2)
            }
            "backlog" => {
                self.backlog = Some(statement.number_u32(1, 0..=i32::MAX as u32)?);
                statement.at_most(2)
            }
            "timeout" if statement.word(1) == "client" => {
                let time = statement.time(2)?;
                self.forward.client_timeout = Some(time).filter(|time| !time.is_zero());
                statement.at_most(3)
            }
            "timeout" => Err(Problem::at(
                1,
                format!(
                    "unknown keyword 'timeout {}' in log-forward section.",
                    statement.word(1)
                ),
            )
            .because("only 'timeout client' is possible")),
            "option" => self.option(statement),
            _ => super::unknown(statement, "log-forward", &KEYWORDS),
        }
    }

    /// `bind <addresses> [options]`
    fn bind(&mut self, statement: &Statement<'_>, context: &mut Context<'_>) -> Parsed {
        let text = statement.expect(1, "{<path>|[addr1]:port1[-end1]}{,[addr]:port[-end]}...")?;
        let addresses = bind::addresses(statement, 1, context)?;
        let mut line = BindLine::new(statement);
        let title = format!("'bind {text}' in section 'log-forward'");
        bind::options(statement, 2, &title, &mut line, context)?;
        let not_yet = |name: &str| {
            let at = (2..statement.len()).find(|at| statement.word(*at) == name);
            let mut problem = known::not_yet(at.unwrap_or(0), name);
            problem.message = format!("{title}: {}", problem.message);
            Err(problem)
        };
        if line.bind.accept_proxy {
            return not_yet("accept-proxy");
        }
        if line.bind.netscaler_magic.is_some() {
            return not_yet("accept-netscaler-cip");
        }
        if line.bind.maxconn != 0 {
            return not_yet("maxconn");
        }
        if line.bind.proto != Proto::Unset {
            return not_yet("proto");
        }
        let binds = addresses.into_iter().map(|address| line.at(address));
        self.forward.binds.extend(binds);
        Ok(())
    }

    /// `dgram-bind <addresses> [options]`; options that datagrams have no use for are ignored, as the
    /// manual says.
    fn dgram_bind(&mut self, statement: &Statement<'_>, context: &mut Context<'_>) -> Parsed {
        let text = statement.expect(1, "[addr1]:port1[-end1]{,[addr]:port[-end]}...")?;
        let addresses = listen::addresses(text, Transport::Datagram, DATAGRAMS_MAX, context)
            .map_err(|bad| address::problem(1, &format!("dgram-bind {text}"), bad))?;
        let others = |address: &BindAddress| !matches!(address, BindAddress::Ip(_));
        if addresses.iter().any(others) {
            return Err(known::not_yet(1, "dgram-bind on other than IP addresses"));
        }
        let mut line = BindLine::new(statement);
        let title = format!("'dgram-bind {text}' in section 'log-forward'");
        bind::options(statement, 2, &title, &mut line, context)?;
        let binds = addresses.into_iter().map(|address| line.at(address));
        self.forward.datagrams.extend(binds);
        Ok(())
    }

    fn log(&mut self, statement: &Statement<'_>, context: &Context<'_>) -> Parsed {
        if statement.polarity != Polarity::Plain {
            self.logs.clear();
            return statement.at_most(1);
        }
        if statement.word(1) == "global" {
            if !self.logs.iter().any(LogEntry::is_global) {
                self.logs.push(LogEntry::Global);
            }
            return statement.at_most(2);
        }
        let entry = log::target(statement, &self.logs, context)?;
        if let LogEntry::Target(draft) = &entry
            && draft.profile.is_some()
        {
            return Err(known::not_yet(1, "log profile (in 'log-forward' sections)"));
        }
        self.logs.push(entry);
        Ok(())
    }

    fn option(&mut self, statement: &Statement<'_>) -> Parsed {
        let on = statement.polarity == Polarity::Plain;
        match statement.word(1) {
            "assume-rfc6587-ntf" => self.forward.lines_only = on,
            "dont-parse-log" => self.forward.unread = on,
            "host" => {
                self.forward.hosts = match on {
                    true => hosts(statement)?,
                    false => HostStrategy::default(),
                };
                return statement.at_most(3);
            }
            "" => {
                return Err(Problem::at(1, "'option' expects an option name.")
                    .because(format!("one of {} is expected", OPTIONS.join(", "))));
            }
            other => {
                return Err(Problem::at(
                    1,
                    format!("unknown option '{other}' in log-forward section."),
                )
                .because("'option' has no such member")
                .did_you_mean(nearest(other, OPTIONS)));
            }
        }
        statement.at_most(2)
    }

    /// The section, but for its targets.
    pub(crate) fn finish(self) -> LogForward {
        let mut forward = self.forward;
        for bind in &mut forward.binds {
            bind.socket.backlog = bind.socket.backlog.or(self.backlog);
        }
        forward
    }
}

fn hosts(statement: &Statement<'_>) -> Result<HostStrategy, Problem> {
    let name = statement.word(2);
    let found = HOSTS.iter().find(|(known, _)| *known == name);
    found.map(|(_, hosts)| *hosts).ok_or_else(|| {
        let names = HOSTS.iter().map(|(known, _)| *known);
        Problem::at(2, "option 'host' expects {replace|fill|keep|append}.")
            .because("no strategy has this name")
            .did_you_mean(nearest(name, names))
    })
}

/// Streams at once.
const MAXCONN_DEFAULT: u32 = 10;
/// Sockets of one `dgram-bind` line.
const DATAGRAMS_MAX: usize = 1024;
const HOSTS: [(&str, HostStrategy); 4] = [
    ("replace", HostStrategy::Replace),
    ("fill", HostStrategy::Fill),
    ("keep", HostStrategy::Keep),
    ("append", HostStrategy::Append),
];
const OPTIONS: [&str; 3] = ["assume-rfc6587-ntf", "dont-parse-log", "host"];
const KEYWORDS: [&str; 7] = [
    "backlog",
    "bind",
    "dgram-bind",
    "log",
    "maxconn",
    "option",
    "timeout",
];
