//! `redirect`: where to, and with what.

use super::put;
use alloc::boxed::Box;
use alloc::vec::Vec;
use message::{Head, Name, target};
use sample::format::Format;
use sample::{Facts, Work};

/// A redirection.
#[derive(Clone, Debug)]
pub struct Redirect {
    /// `code`: 301, 302, 303, 307 or 308.
    pub status: u16,
    /// Where to.
    pub to: RedirectTo,
    /// `drop-query`
    pub drop_query: bool,
    /// `keep-query`
    pub keep_query: bool,
    /// `append-slash`
    pub append_slash: bool,
    /// `ignore-empty`: an empty location is no redirection.
    pub ignore_empty: bool,
    /// `set-cookie`, `clear-cookie`: the value of a `Set-Cookie` field.
    pub cookie: Option<Box<[u8]>>,
}

/// Where a redirection leads.
#[derive(Clone, Debug)]
pub enum RedirectTo {
    /// `location`
    Location(Format),
    /// `prefix`, before the path of the request.
    Prefix(Format),
    /// `scheme`, with host and path of the request.
    Scheme(Format),
}

/// Puts the value of `Location` into `out`; `false` if there is to be no redirection.
pub fn location(
    redirect: &Redirect,
    facts: &Facts<'_>,
    work: &mut Work,
    out: &mut Vec<u8>,
) -> bool {
    let request = facts.request();
    match &redirect.to {
        RedirectTo::Location(format) => {
            put(format, facts, work, out);
            if redirect.keep_query
                && let Some(query) = request.and_then(|head| target::query(head.target()))
                && !query.is_empty()
            {
                out.push(if out.contains(&b'?') { b'&' } else { b'?' });
                out.extend_from_slice(query);
            }
            !(redirect.ignore_empty && out.is_empty())
        }
        RedirectTo::Prefix(format) => {
            let before = out.len();
            put(format, facts, work, out);
            // The prefix `/` stands for none: a path begins with a slash already.
            if &out[before..] == b"/" {
                out.truncate(before);
            }
            put_path(redirect, request, out);
            true
        }
        RedirectTo::Scheme(format) => {
            put(format, facts, work, out);
            out.extend_from_slice(b"://");
            if let Some(head) = request {
                let host = head.value(Name::Host).or(target::authority(head.target()));
                out.extend_from_slice(host.unwrap_or_default());
            }
            put_path(redirect, request, out);
            true
        }
    }
}

fn put_path(redirect: &Redirect, request: Option<&Head>, out: &mut Vec<u8>) {
    let target = request.map_or(&b""[..], Head::target);
    let path = target::path_and_query(target).unwrap_or(b"/");
    let end = path.iter().position(|byte| *byte == b'?');
    let (path, query) = match end {
        Some(at) => (&path[..at], &path[at..]),
        None => (path, &b""[..]),
    };
    out.extend_from_slice(path);
    if redirect.append_slash && !path.ends_with(b"/") {
        out.push(b'/');
    }
    if !redirect.drop_query {
        out.extend_from_slice(query);
    }
}
