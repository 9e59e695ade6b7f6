//! Canaries: switches that break one rule each, so that no checker can rot unnoticed.
//!
//! Most break the proxy's behaviour at the seam to its world: what it reads, writes, connects to or
//! logs is tampered with, or it runs with other settings than the checkers believe. So a canary
//! needs no code in the proxy.

use base::Duration;
use engine::settings::Settings;
use sample::{Checkpoint, For};
use session::rules::{Action, Rule, RuleSet, Rules};
use std::convert::Infallible;

/// A switch that breaks one rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Canary {
    /// Clients get responses that name another request.
    CrossAnswers,
    /// Clients get responses twice.
    AnswersTwice,
    /// Responses lose a byte's value.
    FlipsBodies,
    /// Servers get a second length.
    SmugglesLength,
    /// Servers get requests twice.
    SendsTwice,
    /// Requests are written into the connection of another.
    SharesConnections,
    /// Surplus bytes after a response are not seen.
    HidesSurplus,
    /// A server's FIN is not seen.
    HidesFin,
    /// Connections go to another server.
    ConnectsElsewhere,
    /// Servers are told of another client.
    CrossesIdentities,
    /// Servers see the address of another client.
    ShowsAnother,
    /// `http-reuse never` is forgotten.
    ForgetsPrivacy,
    /// `option abortonclose` is forgotten.
    ForgetsAborts,
    /// A server's `maxconn` is forgotten.
    ForgetsServerLimit,
    /// Listeners that connect open more connections than `nbconn`.
    DialsTooMany,
    /// A frontend's `maxconn` is forgotten.
    ForgetsClientLimit,
    /// `timeout queue` is ten times as long.
    QueuesLong,
    /// Bandwidth limits are forgotten.
    ForgetsPaces,
    /// More `retries` than configured.
    RetriesMore,
    /// Timeouts are three times as long.
    TimesOutLate,
    /// There are no timeouts.
    NeverTimesOut,
    /// A partition does not heal.
    StaysCut,
    /// Socket calls say "ready" for ever.
    Spins,
    /// Bytes of a tunnel change.
    FlipsStreams,
    /// A FIN is not passed on.
    SwallowsFin,
    /// A soft stop kills.
    StopsHard,
    /// A log line is lost.
    LosesLogs,
    /// Log lines have another status.
    LogsLies,
    /// Sockets are not closed.
    LeaksSockets,
    /// Connections of clients are not all counted.
    ForgetsConnections,
    /// HTTP/2 windows count for more than they are.
    OverrunsWindow,
    /// Clients that do not read get everything nevertheless.
    HoardsBodies,
    /// HTTP/2 responses go to the stream of another request.
    CrossesStreams,
    /// HTTP/2 responses end before their end.
    EndsStreamsEarly,
    /// How many streams a server takes is not seen.
    OpensTooManyStreams,
    /// GOAWAY is not seen.
    HidesGoaway,
    /// What stick tables have counted is forgotten.
    LosesCounts,
    /// Entries of stick tables live three times as long.
    OutlivesTables,
    /// Clients get what variables of another request are.
    CrossesVariables,
    /// An operator changes the version of a map that is in use instead of the next.
    MixesVersions,
    /// Entries that rules have put into a list are lost.
    LosesEntries,
    /// The run depends on the real clock.
    RealTime,
}

impl Canary {
    /// All of them.
    pub const ALL: [Self; 42] = [
        Self::CrossAnswers,
        Self::AnswersTwice,
        Self::FlipsBodies,
        Self::SmugglesLength,
        Self::SendsTwice,
        Self::SharesConnections,
        Self::HidesSurplus,
        Self::HidesFin,
        Self::ConnectsElsewhere,
        Self::CrossesIdentities,
        Self::ShowsAnother,
        Self::ForgetsPrivacy,
        Self::ForgetsAborts,
        Self::ForgetsServerLimit,
        Self::DialsTooMany,
        Self::ForgetsClientLimit,
        Self::QueuesLong,
        Self::ForgetsPaces,
        Self::RetriesMore,
        Self::TimesOutLate,
        Self::NeverTimesOut,
        Self::StaysCut,
        Self::Spins,
        Self::FlipsStreams,
        Self::SwallowsFin,
        Self::StopsHard,
        Self::LosesLogs,
        Self::LogsLies,
        Self::LeaksSockets,
        Self::ForgetsConnections,
        Self::OverrunsWindow,
        Self::HoardsBodies,
        Self::CrossesStreams,
        Self::EndsStreamsEarly,
        Self::OpensTooManyStreams,
        Self::HidesGoaway,
        Self::LosesCounts,
        Self::OutlivesTables,
        Self::CrossesVariables,
        Self::MixesVersions,
        Self::LosesEntries,
        Self::RealTime,
    ];

    /// The rule it breaks.
    pub fn breaks(self) -> &'static str {
        match self {
            Self::CrossAnswers => "rr.match",
            Self::AnswersTwice => "rr.order",
            Self::FlipsBodies => "rr.body",
            Self::SmugglesLength => "rr.framing",
            Self::SendsTwice => "rr.once",
            Self::SharesConnections => "own.lease",
            Self::HidesSurplus => "rr.cleanreuse",
            Self::HidesFin => "own.nodead",
            Self::ConnectsElsewhere => "own.onepool",
            Self::CrossesIdentities | Self::ShowsAnother => "own.identity",
            Self::ForgetsPrivacy => "own.private",
            Self::ForgetsAborts => "rr.reset",
            Self::ForgetsServerLimit => "lim.maxconn",
            Self::DialsTooMany => "own.dialed",
            Self::ForgetsClientLimit => "lim.accept",
            Self::QueuesLong => "lim.queue",
            Self::ForgetsPaces => "lim.pace",
            Self::RetriesMore => "rr.limits",
            Self::TimesOutLate => "live.timers",
            Self::NeverTimesOut => "live.answer",
            Self::StaysCut => "live.heal",
            Self::Spins => "live.spin",
            Self::FlipsStreams => "tcp.pipe",
            Self::SwallowsFin => "tcp.fin",
            Self::StopsHard => "stop.graceful",
            Self::LosesLogs => "log.once",
            Self::LogsLies => "log.true",
            Self::LeaksSockets => "alloc.quiet",
            Self::ForgetsConnections => "cnt.sum",
            Self::OverrunsWindow => "fc.h2",
            Self::HoardsBodies => "mem.conn",
            Self::CrossesStreams => "rr.match",
            Self::EndsStreamsEarly => "rr.body",
            Self::OpensTooManyStreams => "own.lease",
            Self::HidesGoaway => "own.nodead",
            Self::LosesCounts => "tab.sum",
            Self::OutlivesTables => "tab.expiry",
            Self::CrossesVariables => "var.own",
            Self::MixesVersions => "map.version",
            Self::LosesEntries => "map.sum",
            Self::RealTime => "det.hash",
        }
    }

    /// The one that breaks `rule`.
    pub fn of(rule: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|canary| canary.breaks() == rule)
    }
}

/// Runs the proxy with other settings than the checkers believe.
pub fn distort(canary: Option<Canary>, settings: &mut Settings) {
    use session::settings::{BindAddress, Options, Reuse};
    if canary == Some(Canary::OutlivesTables) {
        for table in &mut settings.tables {
            stretch(&mut table.expire, 3);
        }
    }
    for proxy in &mut settings.proxies {
        match canary {
            Some(Canary::ForgetsPrivacy) => proxy.reuse = Reuse::Safe,
            Some(Canary::ForgetsAborts) => {
                proxy.options.remove(Options::ABORTONCLOSE);
                proxy.options.insert(Options::NO_ABORTONCLOSE);
            }
            Some(Canary::ForgetsServerLimit) => {
                for server in &mut proxy.servers {
                    server.maxconn = 0;
                }
            }
            Some(Canary::DialsTooMany) => {
                for bind in &mut proxy.binds {
                    if let BindAddress::Reversed(reversed) = &mut bind.address {
                        reversed.count += 1;
                    }
                }
            }
            Some(Canary::ForgetsClientLimit) => proxy.maxconn = 0,
            Some(Canary::QueuesLong) => stretch(&mut proxy.timeouts.queue, 10),
            Some(Canary::ForgetsPaces) => forget_paces(&mut proxy.rules),
            Some(Canary::RetriesMore) => proxy.retries += 5,
            Some(Canary::TimesOutLate) => {
                stretch(&mut proxy.timeouts.server, 3);
                stretch(&mut proxy.timeouts.http_request, 3);
            }
            Some(Canary::NeverTimesOut) => {
                proxy.timeouts.server = None;
                proxy.timeouts.client = None;
            }
            Some(_) | None => {}
        }
    }
}

fn forget_paces(rules: &mut Rules) {
    rules.front_request = rules.front_request.as_ref().map(without_paces);
}

fn without_paces<C: Checkpoint>(set: &RuleSet<C>) -> RuleSet<C> {
    let rules = set.get().iter();
    let others = rules.filter(|rule| !matches!(rule.action, Action::Limit(_)));
    let others: Vec<Rule> = others.cloned().collect();
    For::read(|_| Ok::<_, Infallible>(others.into())).unwrap_or_else(|never| match never {})
}

fn stretch(timeout: &mut Option<Duration>, factor: u32) {
    *timeout = timeout.map(|timeout| timeout * factor);
}
