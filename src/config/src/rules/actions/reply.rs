//! Answers: the words behind `return`, `deny` and `tarpit`, and those of `http-error`.

use crate::problem::Problem;
use crate::proxy::STATUSES;
use crate::rules::reading::Reading;
use crate::rules::rule::RuleLine;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use sample::format::{Format, Style};
use session::rules::{Reply, ReplyBody};
use session::settings::ErrorPage;

/// What an answer is where nothing is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Defaults {
    /// `return`: 200 without a body.
    Answer,
    /// `deny`, `tarpit`: the page of this status.
    Error(u16),
}

/// What an answer's body is, and the word that says so.
enum Source<'s> {
    Nothing,
    DefaultPages,
    Page(usize, &'s str),
    Pages(usize, &'s str),
    File(usize, &'s str, bool),
    Text(usize, &'s str, bool),
}

/// `[status <code>] [content-type <type>] [<body>] [hdr <name> <value>]…`
pub(crate) fn parse(
    line: &mut RuleLine<'_, '_>,
    reading: &mut Reading<'_, '_>,
    defaults: Defaults,
) -> Result<Reply, Problem> {
    let mut status = None;
    let mut is_old = false;
    let mut content_type = None;
    let mut source = Source::Nothing;
    let mut headers = Vec::new();
    loop {
        let at = line.at;
        let word = line.peek();
        match word {
            "status" | "deny_status" => {
                line.at += 1;
                is_old = word == "deny_status";
                status = Some(read_status(line, word)?);
            }
            "content-type" => {
                line.at += 1;
                let (_, kind) = line.word("'content-type' expects <ctype> as argument")?;
                content_type = Some((at, kind));
            }
            "default-errorfiles" | "errorfile" | "errorfiles" | "file" | "lf-file" | "string"
            | "lf-string" => {
                line.at += 1;
                if !matches!(source, Source::Nothing) {
                    return Err(line.wrong(at, "only one body is possible"));
                }
                source = read_source(line, word)?;
            }
            "hdr" => {
                line.at += 1;
                let what = "'hdr' expects <name> and <value> as arguments";
                line.needs(2, what)?;
                let (_, name) = line.word(what)?;
                headers.push((Box::from(name), line.format(reading, what)?));
            }
            _ => break,
        }
    }
    let (status_at, status) = match (status, defaults) {
        (Some((at, status)), _) => (at, status),
        (None, Defaults::Answer) => (line.set.words(), 200),
        (None, Defaults::Error(status)) => (line.set.words(), status),
    };
    let is_error = defaults != Defaults::Answer;
    let is_page = match source {
        // An error without a word about its body is the page of its status.
        Source::Nothing => is_error && headers.is_empty() && (is_old || STATUSES.contains(&status)),
        Source::DefaultPages => true,
        _ => false,
    };
    if is_page && !STATUSES.contains(&status) {
        let what = format!(
            "status code '{status}' not handled by default with 'default-errorfiles' argument"
        );
        return Err(line.wrong(status_at, &what));
    }
    let body = match source {
        Source::DefaultPages => ReplyBody::Page,
        Source::Nothing if is_page => ReplyBody::Page,
        Source::Nothing => ReplyBody::Empty,
        Source::Page(at, path) => raw(line, reading, at, path)?,
        Source::Pages(at, name) => page_of(line, reading, at, name, status)?,
        Source::File(at, path, is_format) => {
            let bytes = read_file(line, reading, at, path)?;
            text(line, reading, at, bytes, is_format)?
        }
        Source::Text(at, words, is_format) => {
            text(line, reading, at, words.as_bytes().to_vec(), is_format)?
        }
    };
    let has_text = match &body {
        ReplyBody::Text(text) => !text.is_empty(),
        ReplyBody::Format(_) => true,
        ReplyBody::Page | ReplyBody::Raw(_) | ReplyBody::Empty => false,
    };
    let content_type = check_type(line, reading, content_type, &body, has_text)?;
    if has_text && matches!(status, 204 | 304) {
        let what = format!("No body expected for {status} responses");
        return Err(line.wrong(status_at, &what));
    }
    Ok(Reply {
        status,
        content_type,
        headers,
        body,
    })
}

fn read_status(line: &mut RuleLine<'_, '_>, word: &str) -> Result<(usize, u16), Problem> {
    let (at, text) = line.word(&format!("'{word}' expects <status_code> as argument"))?;
    let status = text
        .parse()
        .ok()
        .filter(|status| (200..600).contains(status));
    match status {
        Some(status) => Ok((at, status)),
        None => Err(line.wrong(at, &format!("Unexpected status code '{text}'"))),
    }
}

fn read_source<'s>(line: &mut RuleLine<'_, 's>, word: &str) -> Result<Source<'s>, Problem> {
    if word == "default-errorfiles" {
        return Ok(Source::DefaultPages);
    }
    let what = match word {
        "errorfile" | "file" | "lf-file" => "<file>",
        "errorfiles" => "<http-errors-name>",
        "string" => "<str>",
        _ => "<fmt>",
    };
    let (at, value) = line.word(&format!("'{word}' expects {what} as argument"))?;
    Ok(match word {
        "errorfile" => Source::Page(at, value),
        "errorfiles" => Source::Pages(at, value),
        "file" => Source::File(at, value, false),
        "lf-file" => Source::File(at, value, true),
        "string" => Source::Text(at, value, false),
        _ => Source::Text(at, value, true),
    })
}

/// A body needs a type, and what is no body of our own has one already.
fn check_type(
    line: &RuleLine<'_, '_>,
    reading: &mut Reading<'_, '_>,
    given: Option<(usize, &str)>,
    body: &ReplyBody,
    has_text: bool,
) -> Result<Option<Box<str>>, Problem> {
    let Some((at, kind)) = given else {
        if has_text {
            let what = "a content type must be defined when non-empty payload is configured";
            return Err(line.wrong(line.set.words(), what));
        }
        return Ok(None);
    };
    let why = match body {
        ReplyBody::Page | ReplyBody::Empty => "neither errorfile nor payload defined",
        ReplyBody::Raw(_) => "used with an erorrfile",
        ReplyBody::Text(_) | ReplyBody::Format(_) if !has_text => "empty payload",
        ReplyBody::Text(_) | ReplyBody::Format(_) => return Ok(Some(kind.into())),
    };
    let message = format!("content-type '{kind}' ignored by the http reply because {why}.");
    let problem = Problem {
        words: at..at + 2,
        ..Problem::at(at, message).because("there is no body it could describe")
    };
    reading.warn(line.statement, problem);
    Ok(None)
}

/// A whole answer in a file.
fn raw(
    line: &RuleLine<'_, '_>,
    reading: &Reading<'_, '_>,
    at: usize,
    path: &str,
) -> Result<ReplyBody, Problem> {
    let bytes = read_file(line, reading, at, path)?;
    if !bytes.is_empty() && !bytes.starts_with(b"HTTP/") {
        let what = format!("unable to parse the response in file '{path}'");
        let problem = line.wrong(at, &what);
        return Err(problem.because("the file has to hold a whole HTTP response"));
    }
    Ok(ReplyBody::Raw(bytes.into()))
}

/// The page of a status in an `http-errors` section.
fn page_of(
    line: &RuleLine<'_, '_>,
    reading: &Reading<'_, '_>,
    at: usize,
    name: &str,
    status: u16,
) -> Result<ReplyBody, Problem> {
    let own = &reading.draft.proxy.name;
    let Some(pages) = reading.landscape.errors(name) else {
        let message = format!(
            "Proxy '{own}': unknown http-errors section '{name}' referenced by an http reply."
        );
        return Err(Problem::bare(at, message).because("no http-errors section has this name"));
    };
    match pages.0.get(&status) {
        Some(ErrorPage::File(bytes)) => Ok(ReplyBody::Raw(bytes.clone())),
        Some(ErrorPage::Redirect { .. }) => Err(line.wrong(
            at,
            "the page of this status is no file, and only files can be used here yet",
        )),
        None => {
            // As in the reference the default takes the place of what the section lacks.
            Ok(ReplyBody::Page)
        }
    }
}

fn text(
    line: &RuleLine<'_, '_>,
    reading: &mut Reading<'_, '_>,
    at: usize,
    bytes: Vec<u8>,
    is_format: bool,
) -> Result<ReplyBody, Problem> {
    if !is_format {
        return Ok(ReplyBody::Text(bytes.into()));
    }
    let text = String::from_utf8(bytes)
        .map_err(|_| line.wrong(at, "the file has to hold text in UTF-8"))?;
    let format = Format::parse(
        &text,
        Style::Text,
        &line.ground,
        &mut reading.names(line.statement),
    );
    match format {
        Ok(format) => Ok(ReplyBody::Format(format)),
        Err(bad) => Err(reading.bad_format(line.statement, at, bad, |what| line.message(what))),
    }
}

fn read_file(
    line: &RuleLine<'_, '_>,
    reading: &Reading<'_, '_>,
    at: usize,
    path: &str,
) -> Result<Vec<u8>, Problem> {
    let read = reading.context.surroundings.read_file(path);
    let bytes = read.map_err(|why| {
        line.wrong(at, &format!("error opening file '{path}'"))
            .because(format!("cannot be read: {why}"))
    })?;
    match bytes.len() <= crate::proxy::PAGE_MAX {
        true => Ok(bytes),
        false => Err(line.wrong(at, &format!("file '{path}' exceeds the size of a buffer"))),
    }
}
