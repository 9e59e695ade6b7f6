//! `stats …` of a proxy: a page of statistics among what it serves.

use alloc::boxed::Box;
use alloc::vec::Vec;
use base::Duration;

/// The page, and who may see what of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatsPage {
    /// `stats uri`: requests whose target begins so are for the page.
    pub uri: Box<str>,
    /// `stats realm`
    pub realm: Box<str>,
    /// `stats auth`: `user:password`; everybody may see it where there is none.
    pub users: Vec<Box<str>>,
    /// `stats scope`: names of the proxies that are shown, `.` for its own; all where there is none.
    pub scope: Vec<Box<str>>,
    /// `stats refresh`
    pub refresh: Option<Duration>,
    /// `stats show-version`
    pub shows_version: bool,
    /// `stats show-legends`
    pub shows_legends: bool,
    /// `stats show-node`: this name, or that of the process.
    pub node: Option<Option<Box<str>>>,
    /// `stats show-desc`: this text, or that of the process.
    pub description: Option<Option<Box<str>>>,
}

impl Default for StatsPage {
    fn default() -> Self {
        Self {
            uri: "/haproxy?stats".into(),
            realm: "HAProxy Statistics".into(),
            users: Vec::new(),
            scope: Vec::new(),
            refresh: None,
            shows_version: false,
            shows_legends: false,
            node: None,
            description: None,
        }
    }
}

impl StatsPage {
    /// Whether it shows, and may change, the proxy called `name`; `own` is whose page it is.
    pub fn covers(&self, name: &str, own: &str) -> bool {
        let is_meant = |scope: &str| scope == name || (scope == "." && name == own);
        self.scope.is_empty() || self.scope.iter().any(|scope| is_meant(scope))
    }
}
