//! One connection of the master's runtime API (management.txt §9.4).

use super::{Farewell, Supervisor};
use crate::line::{self, payload_end};
use crate::session::{LINE_BYTES_MAX, PAYLOAD_BYTES_MAX};
use alloc::borrow::ToOwned;
use alloc::collections::VecDeque;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use engine::settings::AccessLevel;

/// One connection of the master's runtime API: bytes in, bytes out.
///
/// A line has commands, parted by `;`. One that begins with `@1` or `@!<pid>`, or comes after such a word
/// alone, is for a worker: it leaves by [`Self::take_deed`], word for word, and its answer comes back
/// through [`Self::forward`] until [`Self::answered`]. The rest is the master's own.
#[derive(Debug)]
pub struct MasterSession {
    level: AccessLevel,
    version: &'static str,
    after_line: AfterLine,
    /// Whom commands without a prefix are for: a worker, or the master itself.
    context: Option<u32>,
    /// `experimental-mode`, for all that workers are asked.
    experimental: bool,
    input: VecDeque<u8>,
    input_ended: bool,
    output: Vec<u8>,
    deed: Option<Deed>,
    phase: Phase,
}

/// What is to be done for a connection before it goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Send this to the runtime API of a process, and give back what it answers.
    Ask(u32, Vec<u8>),
    /// Reload; then [`MasterSession::reloaded`].
    Reload(Farewell),
    /// Give back [`Supervisor::show`].
    ShowProcesses,
}

#[derive(Debug)]
enum Phase {
    /// Waiting for a line.
    Reading,
    /// Waiting for the end of the payload that a line announced.
    Payload { text: Vec<u8>, end: Vec<u8> },
    /// Answering the commands of a line.
    Running(VecDeque<Vec<u8>>),
    /// Waiting for a deed; then these commands are left.
    Waiting(VecDeque<Vec<u8>>),
    /// Nothing more will be answered.
    Closing,
}

/// What follows a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AfterLine {
    /// The end.
    End,
    /// Another line.
    Line,
    /// Another line, and a prompt asks for it.
    Prompt,
}

impl MasterSession {
    /// A connection on a socket of this `level`.
    pub fn new(level: AccessLevel, version: &'static str) -> Self {
        Self {
            level,
            version,
            after_line: AfterLine::End,
            context: None,
            experimental: false,
            input: VecDeque::new(),
            input_ended: false,
            output: Vec::new(),
            deed: None,
            phase: Phase::Reading,
        }
    }

    /// Bytes it can take in; some, once [`Self::advance`] has found nothing to do.
    pub fn room(&self) -> usize {
        LINE_BYTES_MAX - self.input.len()
    }

    /// Takes in what the peer sent, [`Self::room`] at most.
    pub fn receive(&mut self, bytes: &[u8]) {
        debug_assert!(bytes.len() <= self.room());
        self.input.extend(bytes);
    }

    /// The peer sends no more. What it sent is still answered.
    pub fn end_of_input(&mut self) {
        self.input_ended = true;
    }

    /// Does what was asked until something is to be done for it or nothing is left.
    pub fn advance(&mut self, workers: &Supervisor) {
        while self.step(workers) {}
    }

    /// What is to be done for it.
    pub fn take_deed(&mut self) -> Option<Deed> {
        self.deed.take()
    }

    /// A piece of an answer.
    pub fn forward(&mut self, bytes: &[u8]) {
        self.output.extend_from_slice(bytes);
    }

    /// The answer is complete.
    pub fn answered(&mut self) {
        self.phase = match core::mem::replace(&mut self.phase, Phase::Closing) {
            Phase::Waiting(commands) => Phase::Running(commands),
            other => other,
        };
    }

    /// The reload that was waited for is through. It is the last command of a connection.
    pub fn reloaded(&mut self, well: bool) {
        self.forward(format!("Success={}\n", u8::from(well)).as_bytes());
        self.phase = Phase::Closing;
    }

    /// What is to be sent.
    pub fn output(&self) -> &[u8] {
        &self.output
    }

    /// The first `sent` bytes of [`Self::output`] were sent.
    pub fn consume(&mut self, sent: usize) {
        self.output.drain(..sent);
    }

    /// Whether the connection is to be closed.
    pub fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Closing) && self.output.is_empty()
    }

    /// One small piece of work; false if there is nothing to do.
    fn step(&mut self, workers: &Supervisor) -> bool {
        match core::mem::replace(&mut self.phase, Phase::Reading) {
            Phase::Reading => self.on_reading(),
            Phase::Payload { text, end } => self.on_payload(text, end),
            Phase::Running(commands) => {
                self.on_running(commands, workers);
                true
            }
            idle @ (Phase::Waiting(_) | Phase::Closing) => {
                self.phase = idle;
                false
            }
        }
    }

    fn on_reading(&mut self) -> bool {
        let Some(line) = self.take_line() else {
            let too_long = self.input.len() >= LINE_BYTES_MAX;
            if too_long {
                self.forward(b"The command line is longer than 16384 bytes.\n");
            }
            if too_long || self.input_ended {
                self.phase = Phase::Closing;
            }
            return false;
        };
        self.phase = match payload_end(&line) {
            Some(end) => Phase::Payload {
                end: end.to_owned(),
                text: [&line, &b"\n"[..]].concat(),
            },
            None => Phase::Running(split(&line)),
        };
        true
    }

    fn on_payload(&mut self, mut text: Vec<u8>, end: Vec<u8>) -> bool {
        let Some(line) = self.take_line() else {
            let too_long = self.input.len() >= LINE_BYTES_MAX;
            self.phase = match too_long || self.input_ended {
                true => Phase::Closing,
                false => Phase::Payload { text, end },
            };
            return false;
        };
        text.extend_from_slice(&line);
        text.push(b'\n');
        self.phase = if line == end {
            Phase::Running(split(&text))
        } else if text.len() > PAYLOAD_BYTES_MAX {
            self.forward(b"The payload is larger than 131072 bytes.\n");
            Phase::Closing
        } else {
            Phase::Payload { text, end }
        };
        true
    }

    fn on_running(&mut self, mut commands: VecDeque<Vec<u8>>, workers: &Supervisor) {
        let Some(command) = commands.pop_front() else {
            self.end_line(workers);
            return;
        };
        self.phase = Phase::Running(commands);
        self.run(&command, workers);
        if self.deed.is_some()
            && let Phase::Running(commands) = core::mem::replace(&mut self.phase, Phase::Closing)
        {
            self.phase = Phase::Waiting(commands);
        }
    }

    /// All commands of a line are answered.
    fn end_line(&mut self, workers: &Supervisor) {
        self.phase = match self.after_line {
            AfterLine::End => Phase::Closing,
            AfterLine::Line => Phase::Reading,
            AfterLine::Prompt => {
                let context = match self.context {
                    Some(pid) => format!("{pid}"),
                    None if workers.last_reload_failed() => "master[ReloadFailed]".into(),
                    None => "master".into(),
                };
                let modes = if self.experimental { "(x)" } else { "" };
                self.forward(format!("{context}{modes}> ").as_bytes());
                Phase::Reading
            }
        };
    }

    /// Does one command, or has it done.
    fn run(&mut self, command: &[u8], workers: &Supervisor) {
        let Some(name) = command.strip_prefix(b"@") else {
            return self.run_for(self.context, command);
        };
        let all = name.strip_prefix(b"@");
        let name = all.unwrap_or(name);
        let end = name.iter().position(u8::is_ascii_whitespace);
        let (name, command) = name.split_at(end.unwrap_or(name.len()));
        let command = command.trim_ascii_start();
        let name = String::from_utf8_lossy(name);
        let target = match &*name {
            "" | "master" => None,
            name => match workers.find(name) {
                Some(pid) => Some(pid),
                None => return self.answer(&format!("There is no process '@{name}'.")),
            },
        };
        match (command.is_empty(), all) {
            (true, None) => self.context = target,
            (true, Some(_)) => {
                self.answer(
                    "'@@' without a command is not supported yet: say '@' and the process.",
                );
            }
            (false, _) => self.run_for(target, command),
        }
    }

    fn run_for(&mut self, target: Option<u32>, command: &[u8]) {
        let Some(pid) = target else {
            return self.run_here(command);
        };
        if command.is_empty() {
            return;
        }
        let level = match self.level {
            AccessLevel::User => "user;",
            AccessLevel::Operator => "operator;",
            AccessLevel::Admin => "",
        };
        let mode = match self.experimental {
            true => "experimental-mode on;",
            false => "",
        };
        let mut bytes = [level.as_bytes(), mode.as_bytes(), command].concat();
        if bytes.last() != Some(&b'\n') {
            bytes.push(b'\n');
        }
        self.deed = Some(Deed::Ask(pid, bytes));
    }

    /// A command of the master's own.
    fn run_here(&mut self, command: &[u8]) {
        let text = String::from_utf8_lossy(command);
        let words: Vec<&str> = text.split_ascii_whitespace().collect();
        match words[..] {
            [] => {}
            ["quit"] => self.phase = Phase::Closing,
            ["prompt", ref how @ ..] => self.set_prompt(how),
            ["help", ..] => self.answer(HELP),
            ["show", "version"] => self.answer(self.version),
            ["show", "proc"] => self.deed = Some(Deed::ShowProcesses),
            ["user"] => self.level = AccessLevel::User,
            ["operator"] => self.level = self.level.min(AccessLevel::Operator),
            ["experimental-mode", how] => self.experimental = how == "on",
            ["reload" | "hard-reload"] if self.level < AccessLevel::Operator => {
                self.answer("Permission denied");
            }
            ["reload"] => self.deed = Some(Deed::Reload(Farewell::Soft)),
            ["hard-reload"] => self.deed = Some(Deed::Reload(Farewell::Hard)),
            _ => self.answer(&format!("Unknown command: '{text}'.\n{HELP}")),
        }
    }

    fn set_prompt(&mut self, how: &[&str]) {
        self.after_line = match how {
            ["n"] => AfterLine::End,
            ["i"] => AfterLine::Line,
            ["p"] => AfterLine::Prompt,
            [] if self.after_line == AfterLine::Prompt => AfterLine::End,
            [] => AfterLine::Prompt,
            _ => return self.answer("Usage: prompt [n | i | p]"),
        };
    }

    /// Answers with a text, and the empty line that ends every answer.
    fn answer(&mut self, text: &str) {
        self.forward(text.trim_end_matches('\n').as_bytes());
        self.forward(b"\n\n");
    }

    /// The next line, without its end.
    fn take_line(&mut self) -> Option<Vec<u8>> {
        let mut line = line::take(&mut self.input)?;
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        Some(line)
    }
}

/// The commands of a line, and with the last of them the payload behind the line. A backslash makes the
/// next character an ordinary one; a process named with `@@` gets all that is left.
fn split(text: &[u8]) -> VecDeque<Vec<u8>> {
    let line = text.iter().position(|&byte| byte == b'\n');
    let line = line.unwrap_or(text.len());
    let mut commands = VecDeque::new();
    let (mut start, mut at) = (0, 0);
    while at < line {
        match text[at] {
            b'\\' => at += 1,
            b';' if !text[start..].trim_ascii_start().starts_with(b"@@") => {
                commands.push_back(text[start..at].trim_ascii().to_owned());
                start = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    let last = match line == text.len() {
        true => text[start..].trim_ascii(),
        // The payload is what it is.
        false => text[start..].trim_ascii_start(),
    };
    if !last.is_empty() {
        commands.push_back(last.to_owned());
    }
    commands
}

const HELP: &str = "\
The following commands are valid at this level:
  @<1|!pid> [command]         : send a command, or all that follow, to a worker
  @@<1|!pid> commands         : send the rest of the line to a worker
  @[master]                   : talk to the master again
  experimental-mode [on|off]  : let workers understand commands that may change
  hard-reload                 : start a new worker, end the one before at once
  help                        : this text
  operator                    : give up the rights of an administrator
  prompt [n | i | p]          : one line, several lines, several with a prompt
  quit                        : disconnect
  reload                      : start a new worker, let the one before finish
  show proc                   : the processes
  show version                : the version of the master
  user                        : give up all rights but to look
";
