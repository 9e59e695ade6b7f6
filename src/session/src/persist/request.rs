//! The cookie in a request: which server it names, and what servers are to see of it.

use super::pair::{Pair, split};
use super::{Dates, date};
use crate::settings::{CookieUses, PersistCookie};
use alloc::vec::Vec;
use balance::ServerIndex;
use message::{Head, Name};

/// Whose value it is that a cookie has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// No server's.
    Nobody,
    /// That of servers that are down.
    Down,
    /// That of a server that is down, and is used nevertheless (`option persist`, `force-persist`).
    Insisted(ServerIndex),
    /// That of a server.
    Usable(ServerIndex),
}

/// What the cookies of a request come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Presented {
    /// The third letter of the termination state.
    pub letter: u8,
    /// The server they name.
    pub holder: Holder,
    /// When the cookie was sent.
    pub dates: Dates,
}

/// Looks for the cookie in a request, and takes out of the request what servers are not to see.
///
/// `open` says that the server is still to be chosen, and may be by a cookie; `now` is the time in
/// seconds since 1970; `holder` knows the servers; `buffer` is room to work in.
pub fn present(
    head: &mut Head,
    cookie: &PersistCookie,
    open: bool,
    now: u64,
    holder: &mut dyn FnMut(&[u8]) -> Holder,
    buffer: &mut Vec<u8>,
) -> Presented {
    let mut search = Search {
        cookie,
        open,
        now,
        holder,
        found: Presented {
            letter: b'N',
            holder: Holder::Nobody,
            dates: Dates::default(),
        },
    };
    let mut emptied = false;
    head.change_values(
        |name, value, out| {
            if Name::of(name) != Name::Cookie {
                return false;
            }
            search.line(value, out);
            emptied |= out.is_empty();
            out != value
        },
        buffer,
    );
    if emptied {
        head.remove_if(|field, _, value| field.id == Name::Cookie && value.is_empty());
    }
    search.found
}

struct Search<'a> {
    cookie: &'a PersistCookie,
    open: bool,
    now: u64,
    holder: &'a mut dyn FnMut(&[u8]) -> Holder,
    found: Presented,
}

impl Search<'_> {
    /// Goes through the cookies of a line and puts what servers see into `out`; nothing if nothing of it
    /// is theirs.
    fn line(&mut self, line: &[u8], out: &mut Vec<u8>) {
        let (mut rest, mut separator) = (line, None);
        // The separator in front of what was taken out, if anything was in front of that.
        let mut gap = Gap::None;
        let (mut taken, mut others) = (false, false);
        let mut follows_taken = false;
        loop {
            let (part, behind) = split(rest);
            let pair = Pair::of(part);
            // Attributes belong to the cookie in front of them (RFC 2109 §4.4).
            let is_attribute = pair.is_some_and(|pair| pair.name.starts_with(b"$"));
            let pair = pair.map(|pair| self.seen(pair));
            let goes = match pair {
                _ if is_attribute => follows_taken,
                Some(None) => true,
                Some(Some(_)) | None => false,
            };
            follows_taken = goes;
            if goes {
                taken = true;
                if matches!(gap, Gap::None) {
                    gap = separator.map_or(Gap::Front, Gap::Behind);
                }
            } else {
                others |= !is_attribute;
                match (core::mem::replace(&mut gap, Gap::None), pair.flatten()) {
                    (Gap::None, pair) => {
                        out.extend(separator);
                        match pair {
                            Some(pair) => {
                                out.extend_from_slice(pair.lead);
                                pair.put(out);
                            }
                            None => out.extend_from_slice(part),
                        }
                    }
                    (closed, pair) => {
                        if let Gap::Behind(separator) = closed {
                            out.truncate(out.trim_ascii_end().len());
                            out.extend_from_slice(&[separator, b' ']);
                        }
                        match pair {
                            Some(pair) => pair.put(out),
                            None => out.extend_from_slice(part.trim_ascii_start()),
                        }
                    }
                }
            }
            let Some((next, behind)) = behind.split_first() else {
                break;
            };
            (separator, rest) = (Some(*next), behind);
        }
        if taken && !others {
            out.clear();
        }
    }

    /// What a server sees of a cookie; nothing if it is not to see it.
    fn seen<'a>(&mut self, pair: Pair<'a>) -> Option<Pair<'a>> {
        if pair.name != self.cookie.name.as_bytes() {
            return Some(pair);
        }
        let uses = self.cookie.uses;
        let end = if uses.contains(CookieUses::PREFIX) {
            PREFIX_END
        } else {
            DATE_BEGIN
        };
        let at = pair.value.iter().position(|byte| *byte == end);
        let (server, behind) = match at {
            Some(at) => (&pair.value[..at], Some(&pair.value[at + 1..])),
            None => (pair.value, None),
        };
        if !matches!(self.found.holder, Holder::Usable(_) | Holder::Insisted(_)) {
            self.look(server, behind);
        }
        match behind {
            Some(value) if uses.contains(CookieUses::PREFIX) => Some(Pair { value, ..pair }),
            _ if uses.contains(CookieUses::INSERT | CookieUses::INDIRECT) => None,
            _ => Some(pair),
        }
    }

    /// Whom a cookie names, and what stands behind that in it.
    fn look(&mut self, server: &[u8], behind: Option<&[u8]>) {
        let dated = !self.cookie.uses.contains(CookieUses::PREFIX);
        self.found.dates = match behind {
            Some(text) if dated => dates(text),
            Some(_) | None => Dates::default(),
        };
        let Dates { last, first } = self.found.dates;
        let over = [
            (last, self.cookie.idle_max, b'E'),
            (first, self.cookie.life_max, b'O'),
        ];
        let over = over
            .into_iter()
            .find(|(date, max, _)| is_over(*date, *max, self.now));
        if over.is_some() {
            self.found.dates = Dates::default();
        }
        let down = matches!(self.found.letter, b'D' | b'E' | b'O');
        self.found.letter = match over {
            _ if !self.open => b'U',
            Some((_, _, letter)) => letter,
            None => {
                let holder = match server {
                    b"" => Holder::Nobody,
                    server => (self.holder)(server),
                };
                self.found.holder = holder;
                match holder {
                    Holder::Usable(_) => b'V',
                    Holder::Insisted(_) | Holder::Down => b'D',
                    Holder::Nobody if down => self.found.letter,
                    Holder::Nobody => b'I',
                }
            }
        };
    }
}

/// What was taken out of a line right before.
enum Gap {
    None,
    /// Its beginning.
    Front,
    /// What stood behind this separator.
    Behind(u8),
}

/// The dates behind a server's value: the last one, then the first one.
fn dates(text: &[u8]) -> Dates {
    let Some((last, behind)) = date::read(text) else {
        return Dates::default();
    };
    let first = behind.strip_prefix(&[DATE_BEGIN]).and_then(date::read);
    Dates {
        last: Some(last),
        first: first.map(|first| first.0),
    }
}

/// Whether a date is too long ago, or too far in the future to be merely that of another clock.
fn is_over(date: Option<u64>, max: Option<u32>, now: u64) -> bool {
    match (date, max) {
        (Some(date), Some(max)) => {
            now > date + u64::from(max) || date > now + CLOCKS_DIFFER_SECONDS_MAX
        }
        (_, _) => false,
    }
}

/// What stands between the server's value and the rest of a cookie (`prefix`).
pub(super) const PREFIX_END: u8 = b'~';
/// What stands in front of a date.
pub(super) const DATE_BEGIN: u8 = b'|';
/// How far in the future a date may be, seconds: clocks differ.
const CLOCKS_DIFFER_SECONDS_MAX: u64 = 86_400;
