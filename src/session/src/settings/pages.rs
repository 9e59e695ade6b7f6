//! What is answered in place of a server: `errorfile`, `errorloc`, `http-error`.

use crate::rules::Reply;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use sample::{BackendBody, For, FrontendBody};

/// The answer for one status.
#[derive(Clone, Debug)]
pub enum ErrorPage {
    /// `errorfile`: a whole HTTP response, sent as it is. An empty one: nothing is sent, the
    /// connection ends.
    File(Box<[u8]>),
    /// `errorloc`, `errorloc302` (302) or `errorloc303` (303): a redirection to a URL.
    Redirect {
        /// 302 or 303.
        status: u16,
        /// The `Location`.
        to: Box<str>,
    },
    /// `http-error` of a frontend, with a body or fields of its own.
    Front(For<FrontendBody, Box<Reply>>),
    /// The same of another section.
    Back(For<BackendBody, Box<Reply>>),
}

/// Answers that replace the built-in ones, by status.
#[derive(Clone, Debug, Default)]
pub struct ErrorPages(pub BTreeMap<u16, ErrorPage>);
