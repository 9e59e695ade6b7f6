//! Answers: the words behind `return`, `deny` and `tarpit`, and those of `http-error`.

use crate::keyword::Sections;
use crate::problem::Problem;
use crate::proxy::{PageEntry, STATUSES};
use crate::rules::reading::Reading;
use crate::rules::rule::RuleLine;
use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;
use core::convert::Infallible;
use sample::For;
use sample::format::{Format, Style};
use sample::kept;
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

/// What the words of an answer say.
struct Words<'s> {
    /// The status and where it stands.
    status: Option<(usize, u16)>,
    /// It was given as `deny_status`.
    is_old: bool,
    content_type: Option<(usize, &'s str)>,
    source: Source<'s>,
    headers: Vec<(Box<str>, Format)>,
}

/// `[status <code>] [content-type <type>] [<body>] [hdr <name> <value>]…`
pub(crate) fn parse(
    line: &mut RuleLine<'_, '_>,
    reading: &mut Reading<'_, '_>,
    defaults: Defaults,
) -> Result<Reply, Problem> {
    let words = words(line, reading)?;
    let here = line.set.words();
    let (status_at, status) = words.status.unwrap_or(match defaults {
        Defaults::Answer => (here, 200),
        Defaults::Error(status) => (here, status),
    });
    let is_error = defaults != Defaults::Answer;
    let is_page = match words.source {
        // An error without a word about its body is the page of its status.
        Source::Nothing => {
            let is_plain = words.headers.is_empty();
            is_error && is_plain && (words.is_old || STATUSES.contains(&status))
        }
        Source::DefaultPages | Source::Pages(..) => true,
        Source::Page(..) | Source::File(..) | Source::Text(..) => false,
    };
    if is_page && !STATUSES.contains(&status) {
        let word = match words.source {
            Source::Pages(..) => "errorfiles",
            _ => "default-errorfiles",
        };
        let what = format!("status code '{status}' not handled by default with '{word}' argument");
        return Err(line.wrong(status_at, &what));
    }
    let body = match words.source {
        Source::Nothing if is_page => ReplyBody::Page,
        Source::Pages(at, name) => page_of(line, reading, at, name, status)?,
        _ => body(line, reading, &words.source)?,
    };
    reply(line, reading, words, (status_at, status), body)
}

/// `http-error status <code> …`: what is answered in place of the page of a status.
pub(crate) fn page(
    line: &mut RuleLine<'_, '_>,
    reading: &mut Reading<'_, '_>,
) -> Result<(u16, PageEntry), Problem> {
    let missing = "expects at least a <status> as arguments";
    if matches!(line.peek(), "" | "deny_status") {
        let problem = line.wrong(line.at, missing);
        return Err(problem.because("'status' and a number have to follow"));
    }
    let words = words(line, reading)?;
    if !line.peek().is_empty() {
        let what = format!("unknown keyword '{}'", line.peek());
        let problem = line.wrong(line.at, &what);
        return Err(problem.because("nothing an answer is made of"));
    }
    let Some((at, status)) = words.status else {
        return Err(line.wrong(line.statement.len(), missing));
    };
    if !STATUSES.contains(&status) {
        return Err(line.wrong(at, &format!("status code '{status}' not handled")));
    }
    if let Source::Pages(at, name) = words.source {
        let entry = PageEntry::Section {
            name: name.into(),
            statuses: Vec::from([status]),
            spot: line.statement.spot(at..at + 1),
        };
        reply(line, reading, words, (at, status), ReplyBody::Page)?;
        return Ok((status, entry));
    }
    let body = body(line, reading, &words.source)?;
    let reply = reply(line, reading, words, (at, status), body)?;
    let entry = match reply.body {
        ReplyBody::Page => PageEntry::Default(status),
        ReplyBody::Raw(bytes) => PageEntry::Page(status, ErrorPage::File(bytes)),
        ReplyBody::Empty | ReplyBody::Text(_) | ReplyBody::Format(_) => {
            PageEntry::Page(status, made(reading, reply))
        }
    };
    Ok((status, entry))
}

fn words<'s>(
    line: &mut RuleLine<'_, 's>,
    reading: &mut Reading<'_, '_>,
) -> Result<Words<'s>, Problem> {
    let mut words = Words {
        status: None,
        is_old: false,
        content_type: None,
        source: Source::Nothing,
        headers: Vec::new(),
    };
    let mut body = "";
    loop {
        let at = line.at;
        let word = line.peek();
        match word {
            "status" | "deny_status" => {
                line.at += 1;
                words.is_old = word == "deny_status";
                words.status = Some(read_status(line, word)?);
            }
            "content-type" => {
                line.at += 1;
                let (_, kind) = line.word("'content-type' expects <ctype> as argument")?;
                words.content_type = Some((at, kind));
            }
            "default-errorfiles" | "errorfile" | "errorfiles" | "file" | "lf-file" | "string"
            | "lf-string" => {
                line.at += 1;
                if !matches!(words.source, Source::Nothing) {
                    let what = format!("unexpected '{word}' argument, '{body}' already defined");
                    let problem = line.wrong(at, &what);
                    return Err(problem.because("only one body is possible"));
                }
                words.source = read_source(line, word)?;
                body = word;
            }
            "hdr" => {
                line.at += 1;
                let what = "'hdr' expects <name> and <value> as arguments";
                line.needs(2, what)?;
                let (_, name) = line.word(what)?;
                let header = (Box::from(name), line.format(reading, what)?);
                words.headers.push(header);
            }
            _ => return Ok(words),
        }
    }
}

/// The body that words name, but for the pages of a section.
fn body(
    line: &RuleLine<'_, '_>,
    reading: &mut Reading<'_, '_>,
    source: &Source<'_>,
) -> Result<ReplyBody, Problem> {
    match *source {
        Source::Nothing => Ok(ReplyBody::Empty),
        Source::DefaultPages | Source::Pages(..) => Ok(ReplyBody::Page),
        Source::Page(at, path) => raw(line, reading, at, path),
        Source::File(at, path, is_format) => {
            let bytes = read_file(line, reading, at, path)?;
            text(line, reading, at, bytes, is_format)
        }
        Source::Text(at, words, is_format) => {
            let bytes = kept::bytes_of(words.as_bytes()).into_owned();
            text(line, reading, at, bytes, is_format)
        }
    }
}

/// Puts an answer together, whose status stands in the word in front of it.
fn reply(
    line: &RuleLine<'_, '_>,
    reading: &mut Reading<'_, '_>,
    words: Words<'_>,
    (status_at, status): (usize, u16),
    body: ReplyBody,
) -> Result<Reply, Problem> {
    let has_text = match &body {
        ReplyBody::Text(text) => !text.is_empty(),
        ReplyBody::Format(_) => true,
        ReplyBody::Page | ReplyBody::Raw(_) | ReplyBody::Empty => false,
    };
    let content_type = check_type(line, reading, words.content_type, &body, has_text)?;
    if has_text && matches!(status, 204 | 304) {
        let what = format!("No body expected for {status} responses");
        return Err(line.wrong(status_at, &what));
    }
    let mut headers = words.headers;
    if matches!(body, ReplyBody::Page | ReplyBody::Raw(_)) && !headers.is_empty() {
        let message = "hdr parameters ignored by the http reply when used with an errorfile.";
        let problem = Problem::at(0, message).because("a page has a head of its own");
        reading.warn(line.statement, problem);
        headers.clear();
    }
    Ok(Reply {
        status,
        content_type,
        headers,
        body,
    })
}

/// A page that depends on the request.
fn made(reading: &Reading<'_, '_>, reply: Reply) -> ErrorPage {
    let reply = Box::new(reply);
    let made = match reading.origin == Sections::FRONTEND {
        true => For::read(|_| Ok::<_, Infallible>(reply)).map(ErrorPage::Front),
        false => For::read(|_| Ok::<_, Infallible>(reply)).map(ErrorPage::Back),
    };
    match made {
        Ok(page) => page,
        Err(never) => match never {},
    }
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
        ReplyBody::Raw(_) => "it is used with an errorfile",
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
    reading: &mut Reading<'_, '_>,
    at: usize,
    name: &str,
    status: u16,
) -> Result<ReplyBody, Problem> {
    let own = reading.draft.proxy.name.clone();
    let Some(pages) = reading.landscape.errors(name) else {
        let message = format!(
            "Proxy '{own}': unknown http-errors section '{name}' referenced by an http reply."
        );
        return Err(Problem::bare(at, message).because("no http-errors section has this name"));
    };
    match pages.0.get(&status) {
        Some(ErrorPage::File(bytes)) => Ok(ReplyBody::Raw(bytes.clone())),
        // As in the reference the default takes the place of what the section lacks.
        None => {
            let message = format!(
                "Proxy '{own}': status '{status}' referenced by an http reply not declared in http-errors section '{name}'."
            );
            let problem = Problem::bare(at, message).because("the section lacks it");
            reading.warn(line.statement, problem);
            Ok(ReplyBody::Page)
        }
        Some(ErrorPage::Redirect { .. } | ErrorPage::Front(_) | ErrorPage::Back(_)) => {
            let what = "the page of this status is no file, and only files can be used here yet";
            Err(line.wrong(at, what))
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
    let text = kept::text_of(&bytes);
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
