//! What is answered in place of a server: `errorfile` and `errorloc`.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;

/// The answer for one status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrorPage {
    /// `errorfile`: a whole HTTP response, sent as it is.
    File(Box<[u8]>),
    /// `errorloc`, `errorloc302` (302) or `errorloc303` (303): a redirection to a URL.
    Redirect {
        /// 302 or 303.
        status: u16,
        /// The `Location`.
        to: Box<str>,
    },
}

/// Answers that replace the built-in ones, by status.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ErrorPages(pub BTreeMap<u16, ErrorPage>);
