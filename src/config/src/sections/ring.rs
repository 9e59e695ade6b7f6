//! `ring`: messages kept in memory, and sent to log servers over TCP.

use crate::address::{self, Transport, server};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::keyword::Cursor;
use crate::known;
use crate::log;
use crate::nearest::nearest;
use crate::problem::{Parsed, Problem};
use crate::server::options::framing;
use crate::statement::{Spot, Statement};
use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;
use session::ring::LENGTH_BYTES;
use session::settings::{RingServer, RingSettings, SyslogFormat};

/// A `ring` section being read.
#[derive(Debug)]
pub(crate) struct RingDraft {
    pub ring: RingSettings,
    /// `size`; `tune.bufsize` without it.
    bytes_max: Option<u32>,
    /// `maxlen`
    len_max: Option<(u32, Spot)>,
}

impl RingDraft {
    /// `ring <name>`
    pub(crate) fn open(statement: &Statement<'_>) -> Result<Self, Problem> {
        let name: Box<str> = super::name(statement, "missing ring name.")?.into();
        Ok(Self {
            ring: RingSettings {
                description: name.clone(),
                name,
                format: SyslogFormat::Raw,
                len_max: u32::MAX,
                bytes_max: 0,
                connect_timeout: None,
                server_timeout: None,
                servers: Vec::new(),
            },
            bytes_max: None,
            len_max: None,
        })
    }

    /// A line of the section.
    pub(crate) fn line(&mut self, statement: &Statement<'_>, context: &Context<'_>) -> Parsed {
        match statement.word(0) {
            "description" => {
                statement.expect(1, "a text")?;
                let words: Vec<&str> = (1..statement.len()).map(|at| statement.word(at)).collect();
                self.ring.description = words.join(" ").into();
                return Ok(());
            }
            "format" => self.ring.format = log::format(statement, 1)?,
            "maxlen" => {
                let len_max = statement.size(1, 1..=u64::from(BYTES_MAX))? as u32;
                self.len_max = Some((len_max, statement.spot(0..2)));
            }
            "size" => self.bytes_max = Some(statement.size(1, 1..=u64::from(BYTES_MAX))? as u32),
            "timeout" => return self.timeout(statement),
            "server" => return self.server(statement, context),
            "backing-file" => return Err(known::not_yet(0, "backing-file")),
            _ => return super::unknown(statement, "ring", &KEYWORDS),
        }
        statement.at_most(2)
    }

    fn timeout(&mut self, statement: &Statement<'_>) -> Parsed {
        let timeout = match statement.word(1) {
            "connect" => &mut self.ring.connect_timeout,
            "server" => &mut self.ring.server_timeout,
            other => {
                return Err(Problem::at(
                    1,
                    "'timeout' supports connect, server in 'ring' sections.",
                )
                .because("a ring has no other timeouts")
                .did_you_mean(nearest(other, ["connect", "server"])));
            }
        };
        *timeout = Some(statement.time(2)?).filter(|time| !time.is_zero());
        statement.at_most(3)
    }

    /// `server <name> <address> [log-proto <framing>]`
    fn server(&mut self, statement: &Statement<'_>, context: &Context<'_>) -> Parsed {
        let (name, text) = match (statement.words.get(1), statement.words.get(2)) {
            (Some(name), Some(address)) => (&*name.text, &*address.text),
            _ => {
                return Err(Problem::at(
                    statement.len(),
                    "'server' expects <name> and <addr>[:<port>] as arguments.",
                )
                .because("a name and an address are expected"));
            }
        };
        crate::server::valid_name(name)?;
        if self.ring.servers.iter().any(|other| *other.name == *name) {
            return Err(Problem::at(
                1,
                format!("another server of this ring is named '{name}' already."),
            )
            .because("two servers of a ring cannot share a name"));
        }
        let title = format!("server {}/{name}", self.ring.name);
        let address = server::log_server(text, Transport::Stream, context)
            .map_err(|bad| address::problem(2, &title, bad))?;
        let mut server = RingServer {
            name: name.into(),
            address,
            framing: Default::default(),
        };
        let mut cursor = Cursor::new(statement, 3);
        while let Some(word) = cursor.option() {
            match word {
                "log-proto" => server.framing = framing(&mut cursor, &title)?,
                _ => return Err(unknown(cursor.at, &title, word)),
            }
        }
        self.ring.servers.push(server);
        Ok(())
    }

    /// The ring; what of a message can never fit into it is cut off.
    pub(crate) fn finish(
        self,
        bufsize: u32,
        report: &mut dyn FnMut(Spot, Severity, Problem),
    ) -> RingSettings {
        let mut ring = self.ring;
        ring.bytes_max = self.bytes_max.unwrap_or(bufsize);
        let fits = ring.bytes_max.saturating_sub(LENGTH_BYTES as u32);
        ring.len_max = match self.len_max {
            Some((len_max, spot)) if len_max > fits => {
                let message = format!(
                    "ring '{}' event max length '{len_max}' exceeds max payload size, forced to '{fits}'.",
                    ring.name
                );
                let problem = Problem::at(0, message).because("longer than the ring");
                report(spot, Severity::Warning, problem);
                fits
            }
            Some((len_max, _)) => len_max,
            None => fits,
        };
        ring
    }
}

/// A server of a ring is connected to, and that is all.
fn unknown(at: usize, title: &str, word: &str) -> Problem {
    if known::has(known::SERVER, word) {
        let mut problem = known::not_yet(at, word);
        problem.message = format!("'{title}' : {} (in 'ring' sections)", problem.message);
        return problem;
    }
    Problem::at(at, format!("'{title}' : unknown keyword '{word}'"))
        .because("no option of 'server' has this name")
        .did_you_mean(nearest(word, known::SERVER.lines()))
}

/// Bytes of a ring.
const BYTES_MAX: u32 = 1 << 30;
const KEYWORDS: [&str; 7] = [
    "backing-file",
    "description",
    "format",
    "maxlen",
    "server",
    "size",
    "timeout",
];
