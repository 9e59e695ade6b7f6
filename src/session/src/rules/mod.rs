//! Rules: `http-request`, `tcp-request` and their kin, as the configuration has them.
//!
//! A rule set belongs to a checkpoint ([`RuleSet`] is a [`For`] of it), so its expressions can only be
//! evaluated where what they read exists. Evaluation is a pure function, [`advance`]: it goes through
//! conditions, sets variables, and stops at the first rule whose effect lies outside of values, which
//! the engine then brings about before it goes on behind that rule.

mod action;
mod advance;
mod edit;
mod gate;
mod limit;
mod redirect;
mod reply;
mod screened;
mod switching;

pub use action::{
    Action, AddressPart, Captured, Count, MapEdit, Mark, PRIORITY_CLASS_MAX, PRIORITY_OFFSET_MAX,
    Side, TimeoutKind,
};
pub use advance::{Adjust, Effect, Step, advance};
pub use edit::{Change, Edit, Lines, NameMatch, NotMade, PathPart, apply, is_token};
pub use gate::{Gate, Spot};
use limit::limit;
pub use limit::{Limit, LimitTo, SetLimit};
pub use redirect::{Redirect, RedirectTo, location};
pub use reply::{Filled, Reply, ReplyBody};
pub use screened::{Guarded, Screened};
pub use switching::{
    Choice, Persist, PersistRule, PersistRules, ServerRule, ServerRules, StickRequests,
    StickResponses, StickRule, StickUses, SwitchRule, Switches,
};

use alloc::boxed::Box;
use alloc::vec::Vec;
use sample::expr::Expr;
use sample::format::{Format, Moment};
use sample::{
    BackendBody, BackendContent, BackendReply, BackendResponseBody, Facts, For, FrontendBody,
    FrontendConnection, FrontendContent, FrontendReply, FrontendResponseBody, FrontendSession,
    ServerChoice, Switching, Work,
};

/// One rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// When.
    pub gate: Gate,
    /// What it does.
    pub action: Action,
}

/// Rules in order, for the checkpoint `C`.
pub type RuleSet<C> = For<C, Screened<Rule>>;

/// The rule sets of a proxy. A `listen` has those of a backend: when its rules run, it is the backend.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// `tcp-request inspect-delay`: how long content rules wait for what they need.
    pub inspect_delay: Option<base::Duration>,
    /// `tcp-response inspect-delay`: the same for what servers send.
    pub reply_delay: Option<base::Duration>,
    /// `tcp-request connection`
    pub connection: Option<RuleSet<FrontendConnection>>,
    /// `tcp-request session`
    pub session: Option<RuleSet<FrontendSession>>,
    /// `tcp-request content` of a frontend.
    pub front_content: Option<RuleSet<FrontendContent>>,
    /// `http-request` and `redirect` of a frontend.
    pub front_request: Option<RuleSet<FrontendBody>>,
    /// `tcp-request content` of a backend or listen.
    pub back_content: Option<RuleSet<BackendContent>>,
    /// `http-request` and `redirect` of a backend or listen.
    pub back_request: Option<RuleSet<BackendBody>>,
    /// `use_backend`
    pub switches: Option<Switches>,
    /// `force-be-switch`: one that holds is enough.
    pub force_switch: Option<For<Switching, Box<[Gate]>>>,
    /// `use-server`
    pub servers: Option<ServerRules>,
    /// `force-persist`, `ignore-persist`
    pub persist: Option<PersistRules>,
    /// `stick match`, `stick on`, `stick store-request`
    pub stick: Option<StickRequests>,
    /// `stick store-response`
    pub learn: Option<StickResponses>,
    /// `persist rdp-cookie`: the cookie that names a server.
    pub rdp_cookie: Option<For<ServerChoice, Expr>>,
    /// `monitor fail`: one that holds is enough.
    pub monitor_fail: Option<For<FrontendBody, Box<[Gate]>>>,
    /// `stats admin` of a frontend: one that holds is enough.
    pub front_admin: Option<For<FrontendBody, Box<[Gate]>>>,
    /// `stats admin` of a backend or listen.
    pub back_admin: Option<For<BackendBody, Box<[Gate]>>>,
    /// `tcp-response content` of a backend or listen.
    pub back_reply: Option<RuleSet<BackendReply>>,
    /// `http-response` of a backend or listen.
    pub back_response: Option<RuleSet<BackendResponseBody>>,
    /// `http-after-response` of a backend or listen.
    pub back_after: Option<RuleSet<BackendResponseBody>>,
    /// `tcp-response content` of a frontend.
    pub front_reply: Option<RuleSet<FrontendReply>>,
    /// `http-response` of a frontend.
    pub front_response: Option<RuleSet<FrontendResponseBody>>,
    /// `http-after-response` of a frontend.
    pub front_after: Option<RuleSet<FrontendResponseBody>>,
}

/// Puts what a format says here and now into `out`.
pub fn put<'a>(format: &'a Format, facts: &Facts<'a>, work: &mut Work, out: &mut Vec<u8>) {
    let max = work.bufsize;
    format.write(facts, Moment::default(), work, out, max);
}

impl Rules {
    /// Whether a response passes without meeting any.
    pub fn passes_responses(&self) -> bool {
        self.back_reply.is_none()
            && self.back_response.is_none()
            && self.front_reply.is_none()
            && self.front_response.is_none()
    }

    /// Whether an answer passes without meeting any.
    pub fn passes_answers(&self) -> bool {
        self.back_after.is_none() && self.front_after.is_none()
    }

    /// Whether any may ask what the client of a TCP session has sent.
    pub fn looks_at_bytes(&self) -> bool {
        self.front_content.is_some()
            || self.back_content.is_some()
            || self.switches.is_some()
            || self.force_switch.is_some()
            || self.servers.is_some()
            || self.persist.is_some()
            || self.stick.is_some()
            || self.rdp_cookie.is_some()
    }

    /// Whether a request passes without meeting any.
    pub fn is_empty(&self) -> bool {
        self.front_content.is_none()
            && self.front_request.is_none()
            && self.back_content.is_none()
            && self.back_request.is_none()
    }
}
