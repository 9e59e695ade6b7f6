//! What binds a request to a server: rules, persistence cookies, stick tables.
//!
//! The functions here read and change heads; who asks them knows which servers there are.

mod cacheable;
mod date;
mod pair;
mod rdp;
mod request;
mod response;

pub use rdp::rdp_address;
pub use request::{Holder, Presented, present};
pub use response::answer;

use crate::settings::PersistCookie;
use alloc::vec::Vec;
use balance::{ServerIndex, Want};
use sample::Value;

/// What binds a request to a server.
#[derive(Debug, Default)]
pub struct Tie {
    /// The server that a rule, a cookie or a stick table has chosen, as long as it is to be that one.
    pub server: Option<ServerIndex>,
    /// `force-persist`: it goes to a server that is down as well, and to no other.
    pub forced: bool,
    /// `ignore-persist`: cookies are neither asked nor set.
    pub ignored: bool,
    /// It goes to the server although that takes no requests.
    pub insists: bool,
    /// The cookie was looked for.
    pub read: bool,
    /// The dates of the cookie that the client has.
    pub dates: Dates,
    /// The last two letters of the termination state.
    pub cookies: Cookies,
    /// What stick tables are to learn: the table and the key.
    pub lessons: Vec<(u32, Value<'static>)>,
}

/// When a cookie was sent, seconds since 1970.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dates {
    /// The last time.
    pub last: Option<u64>,
    /// The first time.
    pub first: Option<u64>,
}

/// What became of persistence cookies: the last two letters of the termination state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cookies {
    /// Of the request.
    pub request: u8,
    /// Of the response.
    pub response: u8,
}

impl Default for Cookies {
    fn default() -> Self {
        Self {
            request: b'N',
            response: b'N',
        }
    }
}

impl Cookies {
    /// As a log line has them.
    pub fn letters(self, cookie: Option<&PersistCookie>) -> [u8; 2] {
        match cookie.is_some_and(PersistCookie::is_told) {
            true => [self.request, self.response],
            false => *b"--",
        }
    }
}

impl Tie {
    /// What is asked of the choice of a server.
    pub fn want(&self) -> Want {
        Want {
            only: self.server,
            forced: self.insists,
            ..Want::default()
        }
    }

    /// The server is not to be reached: another one serves the request.
    pub fn redispatch(&mut self) {
        if self.server.take().is_some() && self.cookies.request == b'V' {
            self.cookies.request = b'D';
        }
        self.insists = false;
    }
}

#[cfg(test)]
mod tests;
