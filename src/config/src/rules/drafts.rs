//! The rules of a proxy while its lines are read.

use super::set::{Set, Sets};
use crate::keyword::Sections;
use alloc::vec::Vec;
use sample::Checkpoint;
use sample::expr::For;
use session::rules::{Gate, PersistRule, Rule, RuleSet, Rules, ServerRule, StickRule, SwitchRule};

/// The rules of a proxy so far.
#[derive(Clone, Debug)]
pub(crate) struct RuleDrafts {
    connection: Vec<Rule>,
    session: Vec<Rule>,
    pub content: Vec<Rule>,
    request: Vec<Rule>,
    reply: Vec<Rule>,
    response: Vec<Rule>,
    after: Vec<Rule>,
    /// `redirect`: they come behind those of `http-request`.
    pub redirects: Vec<Rule>,
    pub switches: Vec<SwitchRule>,
    /// `force-be-switch`
    pub force_switch: Vec<Gate>,
    pub servers: Vec<ServerRule>,
    pub persist: Vec<PersistRule>,
    pub monitor_fail: Vec<Gate>,
    /// `stick match`, `stick on`, `stick store-request`
    pub stick: Vec<StickRule>,
    /// `stick store-response`
    pub learn: Vec<StickRule>,
    pub stats_admin: Vec<Gate>,
    /// Sets whose last rule always ends them.
    pub ended: Sets,
}

impl Default for RuleDrafts {
    fn default() -> Self {
        Self {
            connection: Vec::new(),
            session: Vec::new(),
            content: Vec::new(),
            request: Vec::new(),
            reply: Vec::new(),
            response: Vec::new(),
            after: Vec::new(),
            redirects: Vec::new(),
            switches: Vec::new(),
            force_switch: Vec::new(),
            servers: Vec::new(),
            persist: Vec::new(),
            monitor_fail: Vec::new(),
            stick: Vec::new(),
            learn: Vec::new(),
            stats_admin: Vec::new(),
            ended: Sets::empty(),
        }
    }
}

impl RuleDrafts {
    /// The rules of a set.
    pub(crate) fn of(&mut self, set: Set) -> &mut Vec<Rule> {
        match set {
            Set::Connection => &mut self.connection,
            Set::Session => &mut self.session,
            Set::Content => &mut self.content,
            Set::Request => &mut self.request,
            Set::Reply => &mut self.reply,
            Set::Response => &mut self.response,
            Set::After => &mut self.after,
        }
    }

    /// Forgets rules of HTTP; says the keywords of those there were.
    pub(crate) fn take_http(&mut self) -> Vec<&'static str> {
        let sets = [
            (&mut self.request, "'http-request' rules"),
            (&mut self.response, "'http-response' rules"),
            (&mut self.after, "'http-after-response' rules"),
            (&mut self.redirects, "'redirect' rules"),
        ];
        let there = sets.into_iter().filter(|(set, _)| !set.is_empty());
        there
            .map(|(set, name)| {
                set.clear();
                name
            })
            .collect()
    }

    /// The rules where they run.
    pub(crate) fn finish(self, section: Sections, rules: &mut Rules) {
        let mut requests = self.request;
        requests.extend(self.redirects);
        rules.connection = set(self.connection);
        rules.session = set(self.session);
        rules.switches = bound(self.switches);
        rules.force_switch = bound(self.force_switch);
        rules.servers = bound(self.servers);
        rules.persist = bound(self.persist);
        rules.monitor_fail = bound(self.monitor_fail);
        rules.stick = bound(self.stick);
        rules.learn = bound(self.learn);
        rules.back_reply = set(self.reply);
        if section == Sections::FRONTEND {
            rules.front_admin = bound(self.stats_admin);
            rules.front_content = set(self.content);
            rules.front_request = set(requests);
            rules.front_response = set(self.response);
            rules.front_after = set(self.after);
        } else {
            rules.back_admin = bound(self.stats_admin);
            rules.back_content = set(self.content);
            rules.back_request = set(requests);
            rules.back_response = set(self.response);
            rules.back_after = set(self.after);
        }
    }
}

fn set<C: Checkpoint>(rules: Vec<Rule>) -> Option<RuleSet<C>> {
    bound(rules)
}

/// Something that was read for the checkpoint `C`; nothing if there is none of it.
fn bound<C: Checkpoint, T, All: From<Vec<T>>>(all: Vec<T>) -> Option<For<C, All>> {
    if all.is_empty() {
        return None;
    }
    For::read(|_| Ok::<_, core::convert::Infallible>(all.into())).ok()
}
