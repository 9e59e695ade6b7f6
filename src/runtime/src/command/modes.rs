//! Commands about the connection itself: its rights, its mode, its patience.

use super::{Answer, Severity};
use crate::session::{Mode, Rights, SeverityOutput};
use crate::view::View;
use alloc::format;
use alloc::string::String;
use base::Duration;
use engine::settings::AccessLevel;

/// `operator`: rights can only be given up.
pub(super) fn operator(_args: &[String], rights: &mut Rights, _view: &dyn View) -> Answer {
    if rights.level < AccessLevel::Operator {
        return Answer::denied();
    }
    rights.level = AccessLevel::Operator;
    Answer::Done
}

/// `user`
pub(super) fn user(_args: &[String], rights: &mut Rights, _view: &dyn View) -> Answer {
    rights.level = AccessLevel::User;
    Answer::Done
}

/// `show cli level`
pub(super) fn show_cli_level(_args: &[String], rights: &mut Rights, _view: &dyn View) -> Answer {
    Answer::Text(format!("{}\n", level_name(rights.level)))
}

/// `experimental-mode [on|off]`
pub(super) fn experimental(args: &[String], rights: &mut Rights, _view: &dyn View) -> Answer {
    match args.first().map(String::as_str) {
        None => {
            let state = if rights.experimental { "ON" } else { "OFF" };
            return Answer::Text(format!("experimental-mode is {state}\n"));
        }
        // What is neither changes nothing to the better.
        word => rights.experimental = word == Some("on"),
    }
    Answer::Done
}

/// A level as `level` of a `stats socket` says it.
pub(super) fn level_name(level: AccessLevel) -> &'static str {
    match level {
        AccessLevel::User => "user",
        AccessLevel::Operator => "operator",
        AccessLevel::Admin => "admin",
    }
}

/// `prompt [help | n | i | p | timed]*`
pub(super) fn prompt(args: &[String], rights: &mut Rights, _view: &dyn View) -> Answer {
    let (mut mode, mut timed) = (None, rights.timed);
    for arg in args {
        match arg.as_str() {
            "n" => mode = Some(Mode::OneLine),
            "i" => mode = Some(Mode::Interactive),
            "p" => mode = Some(Mode::Prompt),
            "timed" => {
                timed = !timed;
                mode = Some(mode.unwrap_or(Mode::Prompt));
            }
            _ => return Answer::Remark(Severity::Info, PROMPT_USAGE.into()),
        }
    }
    rights.timed = timed;
    rights.mode = mode.unwrap_or(match rights.mode {
        Mode::OneLine | Mode::Interactive => Mode::Prompt,
        Mode::Prompt => Mode::OneLine,
    });
    Answer::Done
}

const PROMPT_USAGE: &str = "\
Usage: prompt [help | n | i | p | timed]*
  help    this text
  n       the connection closes after one line of commands
  i       lines of commands until quit, without a prompt
  p       lines of commands until quit, with a prompt
  timed   the prompt shows how long the process has been running, or no longer does
Without a word, p; and n if it was p already.
";

/// `set severity-output {none|number|string}`
pub(super) fn set_severity_output(
    args: &[String],
    rights: &mut Rights,
    _view: &dyn View,
) -> Answer {
    rights.severity = match args.first().map(String::as_str) {
        Some("none") => SeverityOutput::None,
        Some("number") => SeverityOutput::Number,
        Some("string") => SeverityOutput::Text,
        _ => return Answer::error("one of 'none', 'number', 'string' is a required argument"),
    };
    Answer::Done
}

/// `set timeout cli <delay>`, in seconds without a unit.
pub(super) fn set_timeout(args: &[String], rights: &mut Rights, _view: &dyn View) -> Answer {
    match args {
        [what, ..] if what == "cli" => {}
        _ => return Answer::error("'set timeout' only supports 'cli'."),
    }
    let Some(delay) = args.get(1) else {
        return Answer::error("Expects an integer value.");
    };
    match parse_delay(delay) {
        Some(delay) => {
            rights.idle_max = delay;
            Answer::Done
        }
        None => Answer::error("Invalid timeout value."),
    }
}

/// A positive number of seconds, or of another unit that is said.
fn parse_delay(text: &str) -> Option<Duration> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().ok()?;
    let micros = match unit {
        "us" => 1,
        "ms" => 1_000,
        "" | "s" => 1_000_000,
        "m" => 60_000_000,
        "h" => 3_600_000_000,
        "d" => 86_400_000_000,
        _ => return None,
    };
    let delay = Duration::from_micros(number.checked_mul(micros)?);
    (!delay.is_zero()).then_some(delay)
}
