//! One connection of the runtime API.

use crate::command::{self, Answer, Severity};
use crate::date::uptime_short;
use crate::dump::Dump;
use crate::follow::{Follow, Found};
use crate::line::{self, Line};
use crate::order::Order;
use crate::view::View;
use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::vec::Vec;
use base::{Deadline, Duration, Instant, Why};
use core::fmt::Write;
use engine::settings::AccessLevel;
use session::ring::Place;
use session::settings::RingIndex;

/// One connection of the runtime API (management.txt §9.3): bytes in, bytes out.
///
/// The caller gives it what came ([`Self::receive`], [`Self::end_of_input`]), lets it work
/// ([`Self::advance`]), sends what [`Self::output`] lends and says how much of it was taken
/// ([`Self::consume`]). Answers are made as they are taken: at most [`OUTPUT_BYTES_LOW`] bytes and
/// one row wait. What a command changes leaves by [`Self::take_order`]. Once [`Self::is_over`], the connection is to be closed.
#[derive(Debug)]
pub struct Session {
    rights: Rights,
    phase: Phase,
    input: VecDeque<u8>,
    input_ended: bool,
    output: Vec<u8>,
    order: Option<Order>,
    last_activity: Instant,
}

/// What a connection may do, and how it is talked to.
#[derive(Debug)]
pub(crate) struct Rights {
    pub(crate) level: AccessLevel,
    pub(crate) mode: Mode,
    /// The prompt shows the process's uptime.
    pub(crate) timed: bool,
    pub(crate) severity: SeverityOutput,
    /// `experimental-mode`: commands that may change are understood.
    pub(crate) experimental: bool,
    /// How long the connection may be idle.
    pub(crate) idle_max: Duration,
}

/// What follows a line of commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// The end.
    OneLine,
    /// Another line.
    Interactive,
    /// Another line, and a prompt asks for it.
    Prompt,
}

/// `set severity-output`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SeverityOutput {
    None,
    Number,
    Text,
}

#[derive(Debug)]
enum Phase {
    /// Waiting for a line.
    Reading,
    /// Waiting for the end of the payload of a line.
    Payload {
        commands: VecDeque<Vec<String>>,
        payload: Payload,
    },
    /// Answering a line's commands.
    Running {
        commands: VecDeque<Vec<String>>,
        payload: Option<String>,
        answer: Option<Dump>,
    },
    /// Showing the messages of a ring.
    Following {
        commands: VecDeque<Vec<String>>,
        follow: Follow,
    },
    /// Nothing more will be answered.
    Closing,
}

/// The lines after a line that ended in `<<`.
#[derive(Debug)]
struct Payload {
    /// The line that ends it.
    end: Box<[u8]>,
    text: Vec<u8>,
    /// What is buffered is the rest of a line whose beginning is gone.
    in_line: bool,
}

impl Session {
    /// A connection that came in at `now` on a socket of this `level`; `idle_max` is `stats timeout`.
    pub fn new(now: Instant, level: AccessLevel, idle_max: Duration) -> Self {
        Self {
            rights: Rights {
                level,
                mode: Mode::OneLine,
                timed: false,
                severity: SeverityOutput::None,
                experimental: false,
                idle_max,
            },
            phase: Phase::Reading,
            input: VecDeque::new(),
            input_ended: false,
            output: Vec::new(),
            order: None,
            last_activity: now,
        }
    }

    /// Takes in what the peer sent, or the first part of it: says how many bytes. What is not taken
    /// is to be given again once [`Self::wants_input`].
    pub fn receive(&mut self, now: Instant, bytes: &[u8]) -> usize {
        if matches!(self.phase, Phase::Closing) {
            return bytes.len();
        }
        let taken = bytes.len().min(LINE_BYTES_MAX - self.input.len());
        self.input.extend(&bytes[..taken]);
        if taken > 0 {
            self.last_activity = now;
        }
        taken
    }

    /// The peer sends no more. What it sent is still answered.
    pub fn end_of_input(&mut self) {
        self.input_ended = true;
    }

    /// Whether there is room for more input.
    pub fn wants_input(&self) -> bool {
        !self.input_ended
            && !matches!(self.phase, Phase::Closing)
            && self.input.len() < LINE_BYTES_MAX
    }

    /// Does what was asked, as far as there is room for answers, or until there is an order.
    pub fn advance(&mut self, view: &dyn View) {
        while self.output.len() < OUTPUT_BYTES_LOW && self.order.is_none() && self.step(view) {}
    }

    /// What the process is to do; then [`Self::advance`] goes on, so that the next command finds it
    /// done.
    pub fn take_order(&mut self) -> Option<Order> {
        self.order.take()
    }

    /// What is to be sent.
    pub fn output(&self) -> &[u8] {
        &self.output
    }

    /// The first `sent` bytes of [`Self::output`] were sent.
    pub fn consume(&mut self, now: Instant, sent: usize) {
        self.output.drain(..sent);
        if sent > 0 {
            self.last_activity = now;
        }
    }

    /// Whether the connection is to be closed.
    pub fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Closing) && self.output.is_empty()
    }

    /// When [`Self::handle_timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Deadline> {
        // Who waits for messages may wait for ever; who does not take them may not.
        let waits = self.follows().is_some() && self.output.is_empty();
        (!self.is_over() && !waits).then(|| Deadline {
            at: self.last_activity + self.rights.idle_max,
            why: Why::Client,
        })
    }

    /// Time has passed.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self
            .poll_timeout()
            .is_some_and(|deadline| deadline.at <= now)
        {
            self.output.clear();
            self.phase = Phase::Closing;
        }
    }

    /// One small piece of work; false if there is nothing to do.
    fn step(&mut self, view: &dyn View) -> bool {
        match core::mem::replace(&mut self.phase, Phase::Reading) {
            Phase::Reading => self.on_reading(),
            Phase::Payload { commands, payload } => self.on_payload(commands, payload),
            Phase::Running {
                commands,
                payload,
                answer,
            } => {
                self.on_running(commands, payload, answer, view);
                true
            }
            Phase::Following { commands, follow } => self.on_following(commands, follow, view),
            Phase::Closing => {
                self.phase = Phase::Closing;
                false
            }
        }
    }

    fn on_reading(&mut self) -> bool {
        let Some(line) = line::take(&mut self.input) else {
            return match (self.input.len() >= LINE_BYTES_MAX, self.input_ended) {
                (true, _) => {
                    self.refuse("The command line is longer than 16384 bytes.\n");
                    true
                }
                // What follows the last line feed is no command.
                (false, true) => {
                    self.phase = Phase::Closing;
                    true
                }
                (false, false) => false,
            };
        };
        let Line { commands, payload } = Line::parse(&line);
        self.phase = match payload {
            Some(end) => {
                self.ask_for_payload();
                Phase::Payload {
                    commands: commands.into(),
                    payload: Payload {
                        end,
                        text: Vec::new(),
                        in_line: false,
                    },
                }
            }
            None => Phase::Running {
                commands: commands.into(),
                payload: None,
                answer: None,
            },
        };
        true
    }

    fn on_payload(&mut self, commands: VecDeque<Vec<String>>, mut payload: Payload) -> bool {
        let Some(line) = line::take(&mut self.input) else {
            if self.input_ended {
                self.phase = Phase::Closing;
                return true;
            }
            if self.input.len() >= LINE_BYTES_MAX {
                payload.in_line = true;
                payload.text.extend(self.input.drain(..));
            }
            self.keep_payload(commands, payload);
            return false;
        };
        let text = line.strip_suffix(b"\r").unwrap_or(&line);
        if !payload.in_line && *text == *payload.end {
            let text = String::from_utf8_lossy(&payload.text).into_owned();
            self.phase = Phase::Running {
                commands,
                payload: Some(text),
                answer: None,
            };
            return true;
        }
        payload.in_line = false;
        payload.text.extend_from_slice(&line);
        payload.text.push(b'\n');
        self.ask_for_payload();
        self.keep_payload(commands, payload);
        true
    }

    fn keep_payload(&mut self, commands: VecDeque<Vec<String>>, payload: Payload) {
        if payload.text.len() > PAYLOAD_BYTES_MAX {
            self.refuse("The payload is larger than 131072 bytes.\n");
        } else {
            self.phase = Phase::Payload { commands, payload };
        }
    }

    fn on_running(
        &mut self,
        mut commands: VecDeque<Vec<String>>,
        payload: Option<String>,
        answer: Option<Dump>,
        view: &dyn View,
    ) {
        let answer = match (answer, commands.pop_front()) {
            (Some(mut dump), next) => {
                if let Some(words) = next {
                    commands.push_front(words);
                }
                let mut piece = String::new();
                let done = dump.step(view, &mut piece);
                self.output.extend_from_slice(piece.as_bytes());
                if done {
                    self.output.push(b'\n');
                    None
                } else {
                    Some(dump)
                }
            }
            (None, Some(words)) => {
                match command::run(&words, payload.as_deref(), &mut self.rights, view) {
                    Answer::Done => {
                        self.output.push(b'\n');
                        None
                    }
                    Answer::Order(order) => {
                        self.order = Some(order);
                        self.output.push(b'\n');
                        None
                    }
                    Answer::Text(text) => {
                        self.answer(&text);
                        None
                    }
                    Answer::Remark(severity, text) => {
                        self.remark(severity, &text);
                        None
                    }
                    Answer::Dump(dump) => Some(dump),
                    Answer::Follow(follow) => {
                        self.phase = Phase::Following { commands, follow };
                        return;
                    }
                    Answer::Quit => {
                        self.phase = Phase::Closing;
                        return;
                    }
                }
            }
            (None, None) => {
                self.end_line(view);
                return;
            }
        };
        self.phase = Phase::Running {
            commands,
            payload,
            answer,
        };
    }

    /// Goes on with the messages of a ring, to its end or, if more are waited for, to that of the client's
    /// patience: it says something, no matter what, or leaves.
    fn on_following(
        &mut self,
        commands: VecDeque<Vec<String>>,
        mut follow: Follow,
        view: &dyn View,
    ) -> bool {
        let is_over = match follow.step(view, &mut self.output) {
            Found::More => false,
            Found::End => true,
            Found::WaitsForMore if !self.input.is_empty() || self.input_ended => {
                self.input.clear();
                true
            }
            Found::WaitsForMore => {
                self.phase = Phase::Following { commands, follow };
                return false;
            }
        };
        self.phase = match is_over {
            false => Phase::Following { commands, follow },
            true => {
                self.output.push(b'\n');
                Phase::Running {
                    commands,
                    payload: None,
                    answer: None,
                }
            }
        };
        true
    }

    /// The ring whose messages are shown as they come, and how far that has come.
    pub fn follows(&self) -> Option<(RingIndex, Place)> {
        match &self.phase {
            Phase::Following { follow, .. } => follow.awaits(),
            Phase::Reading | Phase::Payload { .. } | Phase::Running { .. } | Phase::Closing => None,
        }
    }

    /// All commands of a line are answered.
    fn end_line(&mut self, view: &dyn View) {
        self.phase = match self.rights.mode {
            Mode::OneLine => Phase::Closing,
            Mode::Interactive => Phase::Reading,
            Mode::Prompt => {
                let mut prompt = String::new();
                if self.rights.timed {
                    let uptime = view.now().since(view.process().started).as_secs();
                    let _ = write!(prompt, "[{}]", uptime_short(uptime));
                }
                prompt.push_str("> ");
                self.output.extend_from_slice(prompt.as_bytes());
                Phase::Reading
            }
        };
    }

    fn ask_for_payload(&mut self) {
        if self.rights.mode == Mode::Prompt {
            self.output.extend_from_slice(b"+ ");
        }
    }

    /// Answers with a text, and the empty line that ends every answer.
    fn answer(&mut self, text: &str) {
        self.output.extend_from_slice(text.as_bytes());
        if !text.ends_with('\n') {
            self.output.push(b'\n');
        }
        self.output.push(b'\n');
    }

    fn remark(&mut self, severity: Severity, text: &str) {
        let mut prefix = String::new();
        let _ = match self.rights.severity {
            SeverityOutput::None => Ok(()),
            SeverityOutput::Number => write!(prefix, "[{}]: ", severity as u8),
            SeverityOutput::Text => write!(prefix, "[{}]: ", severity.name()),
        };
        self.output.extend_from_slice(prefix.as_bytes());
        self.answer(text);
    }

    /// Says why nothing more will be answered.
    fn refuse(&mut self, why: &str) {
        self.output.extend_from_slice(why.as_bytes());
        self.input.clear();
        self.phase = Phase::Closing;
    }
}

/// The longest line, its line feed included; what comes beyond waits in the socket.
pub const LINE_BYTES_MAX: usize = 16_384;

/// The largest payload (`tune.cli.max-payload-size`).
pub const PAYLOAD_BYTES_MAX: usize = 131_072;

/// While so much waits to be sent, no more answers are made.
pub const OUTPUT_BYTES_LOW: usize = 16_384;

#[cfg(test)]
mod tests;
