//! When a line is written, and what each target is told.

use crate::settings::{
    LineFormat, LogFormat, LogLines, LogProfile, LogSteps, Mode, Options, Override,
};
use sample::format::{Format, Origin};
use sample::{For, Log, Stable};

impl LogLines {
    /// Whether something is to be said now that `origin` has come for an exchange of a frontend in
    /// `mode`; `logged` says that something was said of it before.
    pub fn are_due(&self, origin: Origin, mode: Mode, options: Options, logged: bool) -> bool {
        let asap = options.contains(Options::LOGASAP);
        match origin {
            // Nobody asked for lines that say more than who connects.
            Origin::Error | Origin::Killed => !logged && (self.error.is_some() || !self.is_short()),
            _ if !self.steps.is_empty() && !asap => {
                step(origin).is_some_and(|step| self.steps.contains(step)) && !self.is_short()
            }
            _ => !logged && place(origin) >= place(self.first(mode, asap)),
        }
    }

    /// The first moment at which nothing of the line changes any more; with `option logasap`, the last
    /// that does not have to wait for the end.
    fn first(&self, mode: Mode, asap: bool) -> Origin {
        let begun = match mode {
            Mode::Tcp => Origin::Accept,
            Mode::Http => Origin::Request,
        };
        let (stable, is_short) = match &self.line {
            LineFormat::Usual(LogFormat::Short) => (Stable::Accept, true),
            LineFormat::Usual(_) => (Stable::End, false),
            LineFormat::Custom(format) => (format.get().stable(), false),
        };
        match (stable, mode) {
            (Stable::Accept, _) => begun,
            (Stable::Request, _) => Origin::Request,
            (Stable::Backend | Stable::Server, _) => Origin::Connect,
            (Stable::Response | Stable::End, Mode::Tcp) if asap && !is_short => Origin::Connect,
            (Stable::End, Mode::Http) if asap && !is_short => Origin::Response,
            (Stable::Response, _) => Origin::Response,
            (Stable::End, _) => Origin::Close,
        }
    }

    fn is_short(&self) -> bool {
        matches!(self.line, LineFormat::Usual(LogFormat::Short))
    }

    /// What a target is told of `origin`, if it is told anything.
    pub fn told<'a>(&'a self, origin: Origin, profile: Option<&'a LogProfile>) -> Option<Told<'a>> {
        let change = profile.and_then(|profile| profile.at(origin));
        if change.is_some_and(|change| change.drop) {
            return None;
        }
        let error = match origin {
            Origin::Error | Origin::Killed => self.error.as_ref(),
            _ => None,
        };
        let line = match (change.and_then(|change| change.line.as_ref()), error) {
            (Some(format), _) | (None, Some(format)) => Line::Custom(format),
            (None, None) => match &self.line {
                LineFormat::Usual(format) => Line::Usual(*format),
                LineFormat::Custom(format) => Line::Custom(format),
            },
        };
        let structured = |change: &'a Override| change.structured.as_ref();
        // The shortest line has nothing that structured data could add to.
        let own = self.structured.as_ref().filter(|_| !self.is_short());
        Some(Told {
            line,
            structured: change.and_then(structured).or(own),
            tag: profile.and_then(|profile| profile.tag.as_deref()),
        })
    }
}

/// What a target is told.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// The line.
    pub line: Line<'a>,
    /// Structured data in front of it, if the target's format has a place for it.
    pub structured: Option<&'a For<Log, Format>>,
    /// The tag, if it is not the proxy's.
    pub tag: Option<&'a str>,
}

/// A line before it is written.
#[derive(Clone, Copy, Debug)]
pub enum Line<'a> {
    /// What an option says.
    Usual(LogFormat),
    /// What a format says.
    Custom(&'a For<Log, Format>),
}

/// The step of an origin, if it is one.
fn step(origin: Origin) -> Option<LogSteps> {
    match origin {
        Origin::Accept => Some(LogSteps::ACCEPT),
        Origin::Request => Some(LogSteps::REQUEST),
        Origin::Connect => Some(LogSteps::CONNECT),
        Origin::Response => Some(LogSteps::RESPONSE),
        Origin::Close => Some(LogSteps::CLOSE),
        Origin::Unspecified | Origin::Error | Origin::Killed | Origin::Rule(_) => None,
    }
}

/// Steps that come later are greater.
fn place(origin: Origin) -> u8 {
    step(origin).map_or(0, |step| step.bits())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::ProfileStep;
    use alloc::string::String;
    use alloc::vec;
    use alloc::vec::Vec;
    use core::convert::Infallible;
    use sample::format::{RuleKind, Style};
    use sample::names::Names;
    use sample::vars::Variable;

    /// No name stands for anything.
    struct Nobody;

    fn nothing<T>() -> Result<T, String> {
        Err("there is none".into())
    }

    impl Names for Nobody {
        fn frontend(&mut self, _: Option<&str>) -> Result<u32, String> {
            nothing()
        }

        fn backend(&mut self, _: Option<&str>) -> Result<u32, String> {
            nothing()
        }

        fn server(&mut self, _: &str) -> Result<(u32, u32), String> {
            nothing()
        }

        fn table(&mut self, _: Option<&str>) -> Result<u32, String> {
            nothing()
        }

        fn userlist(&mut self, _: &str) -> Result<u32, String> {
            nothing()
        }

        fn variable(&mut self, _: &str) -> Result<Variable, String> {
            nothing()
        }

        fn file(&mut self, _: &str) -> Result<Vec<u8>, String> {
            nothing()
        }

        fn environment(&self, _: &str) -> Option<String> {
            None
        }
    }

    fn format(text: &str) -> For<Log, Format> {
        let read = For::read(|ground| {
            let format = Format::parse(text, Style::Log, ground, &mut Nobody).expect(text);
            Ok::<_, Infallible>(format)
        });
        let Ok(format) = read;
        format
    }

    fn custom(text: &str) -> LogLines {
        LogLines {
            line: LineFormat::Custom(format(text)),
            ..LogLines::default()
        }
    }

    fn usual(line: LogFormat) -> LogLines {
        LogLines {
            line: LineFormat::Usual(line),
            ..LogLines::default()
        }
    }

    /// The names of the lines of an exchange that comes from accept to close.
    fn written(lines: &LogLines, mode: Mode, options: Options) -> Vec<&'static str> {
        let mut written = Vec::new();
        for origin in [
            Origin::Accept,
            Origin::Request,
            Origin::Connect,
            Origin::Response,
            Origin::Close,
        ] {
            let of_http = matches!(origin, Origin::Request | Origin::Response);
            let happens = mode == Mode::Http || !of_http;
            if happens && lines.are_due(origin, mode, options, !written.is_empty()) {
                written.push(origin.name());
            }
        }
        written
    }

    #[test]
    fn a_line_is_written_once_and_when_nothing_of_it_changes_any_more() {
        let none = Options::empty();
        for (text, tcp, http) in [
            ("%ci", "txn_accept", "txn_request"),
            ("%ci %HU", "txn_connect", "txn_request"),
            ("%b", "txn_connect", "txn_connect"),
            ("%s", "txn_connect", "txn_connect"),
            ("%ST", "txn_close", "txn_response"),
            ("%B", "txn_close", "txn_close"),
            ("%[fs.aborted]", "txn_close", "txn_close"),
        ] {
            assert_eq!(written(&custom(text), Mode::Tcp, none), [tcp], "{text}");
            assert_eq!(written(&custom(text), Mode::Http, none), [http], "{text}");
        }
        let short = usual(LogFormat::Short);
        assert_eq!(written(&short, Mode::Tcp, none), ["txn_accept"]);
        assert_eq!(written(&short, Mode::Http, none), ["txn_request"]);
        assert_eq!(
            written(&usual(LogFormat::Http), Mode::Http, none),
            ["txn_close"]
        );
    }

    #[test]
    fn as_soon_as_may_be_is_before_the_end_whatever_steps_say() {
        let asap = Options::LOGASAP;
        for lines in [custom("%B"), usual(LogFormat::Http), custom("%ST")] {
            assert_eq!(written(&lines, Mode::Http, asap), ["txn_response"]);
            assert_eq!(written(&lines, Mode::Tcp, asap), ["txn_connect"]);
        }
        assert_eq!(written(&custom("%ci"), Mode::Http, asap), ["txn_request"]);
        let mut all = custom("%B");
        all.steps = LogSteps::all();
        assert_eq!(written(&all, Mode::Http, asap), ["txn_response"]);
    }

    #[test]
    fn steps_have_a_line_each() {
        let mut lines = custom("%B");
        lines.steps = LogSteps::all();
        let all = [
            "txn_accept",
            "txn_request",
            "txn_connect",
            "txn_response",
            "txn_close",
        ];
        assert_eq!(written(&lines, Mode::Http, Options::empty()), all);
        lines.steps = LogSteps::ACCEPT | LogSteps::CLOSE;
        let two = ["txn_accept", "txn_close"];
        assert_eq!(written(&lines, Mode::Tcp, Options::empty()), two);
        lines.steps = LogSteps::RULES;
        assert!(written(&lines, Mode::Http, Options::empty()).is_empty());
        // The shortest line has no steps, and neither says more of who never had a request.
        let mut short = usual(LogFormat::Short);
        short.steps = LogSteps::all();
        assert!(written(&short, Mode::Http, Options::empty()).is_empty());
        assert!(!short.are_due(Origin::Error, Mode::Http, Options::empty(), false));
    }

    #[test]
    fn who_never_had_a_request_is_logged_at_once_with_the_format_for_errors() {
        let mut lines = usual(LogFormat::Short);
        lines.error = Some(format("ERR %OG"));
        assert!(lines.are_due(Origin::Error, Mode::Http, Options::empty(), false));
        let told = lines.told(Origin::Error, None).expect("it is told");
        assert!(matches!(told.line, Line::Custom(_)));
        let told = lines.told(Origin::Close, None).expect("it is told");
        assert!(matches!(told.line, Line::Usual(LogFormat::Short)));
    }

    #[test]
    fn a_profile_changes_drops_and_leaves_alone() {
        let profile = LogProfile {
            name: "p".into(),
            tag: Some("custom".into()),
            steps: vec![
                (ProfileStep::Any, change("any")),
                (ProfileStep::On(Origin::Error), change("error")),
                (
                    ProfileStep::On(Origin::Connect),
                    Override {
                        drop: true,
                        ..change("dropped")
                    },
                ),
                (ProfileStep::On(Origin::Close), change("first")),
                (
                    ProfileStep::On(Origin::Close),
                    Override {
                        structured: Some(format("sd")),
                        ..Override::default()
                    },
                ),
            ],
        };
        let mut lines = custom("%B");
        lines.structured = Some(format("own"));
        let text = |origin| {
            let told = lines.told(origin, Some(&profile))?;
            let line = match told.line {
                Line::Custom(format) => alloc::format!("{format:?}"),
                Line::Usual(format) => alloc::format!("{format:?}"),
            };
            Some((line, alloc::format!("{:?}", told.structured), told.tag))
        };
        let own = r#"Some(["own"])"#;
        let tag = Some("custom");
        assert_eq!(
            text(Origin::Accept),
            Some((r#"["any"]"#.into(), own.into(), tag))
        );
        assert_eq!(
            text(Origin::Killed),
            Some((r#"["error"]"#.into(), own.into(), tag))
        );
        assert_eq!(text(Origin::Connect), None);
        let sd = r#"Some(["sd"])"#;
        assert_eq!(text(Origin::Close), Some(("[%B]".into(), sd.into(), tag)));
        let rule = Origin::Rule(RuleKind::Request);
        assert_eq!(text(rule), Some((r#"["any"]"#.into(), own.into(), tag)));
    }

    fn change(line: &str) -> Override {
        Override {
            line: Some(format(line)),
            ..Override::default()
        }
    }
}
