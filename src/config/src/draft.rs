//! A proxy while its section is being read.

use crate::keyword::Sections;
use crate::notes::Mark;
use crate::proxy::PageEntry;
use crate::proxy::filters::FilterDraft;
use crate::proxy::hashing::HashingDraft;
use crate::rules::{Kept, Kind, Remembered, RuleDrafts};
use crate::server::introduction::IntroductionDraft;
use crate::server::options::InitAddr;
use crate::server::template::Template;
use crate::source::Place;
use crate::statement::Spot;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use balance::{Address, Algorithm, BackendSettings, ServerSettings};
use session::rules::Rules;
use session::settings::{
    Bind, Capability, CaptureSlots, ErrorPages, Framing, LogLines, LogTarget, Mode, Options, Proxy,
    Reuse, Timeouts,
};
use tables::Definition;

/// Another section named by a keyword, to be found once all are read.
#[derive(Clone, Debug)]
pub(crate) struct Reference {
    pub name: Box<str>,
    pub spot: Spot,
    /// The keyword that names it.
    pub keyword: &'static str,
}

/// One `log` line.
#[derive(Clone, Debug)]
pub(crate) enum LogEntry {
    /// `log global`
    Global,
    Target(Box<LogDraft>),
}

/// A `log` line with a target of its own.
#[derive(Clone, Debug)]
pub(crate) struct LogDraft {
    pub target: LogTarget,
    pub format_given: FormatGiven,
    /// What it names: `to` of the target is known once that is found.
    pub names: Option<Named>,
    pub profile: Option<Reference>,
}

/// What a `log` line names.
#[derive(Clone, Debug)]
pub(crate) enum Named {
    /// `ring@name`
    Ring(Reference),
    /// `backend@name`
    Backend(Reference),
    /// `tcp@address` and its like: a ring of its own, with one server.
    Stream(Address, Place),
}

impl LogEntry {
    pub(crate) fn is_global(&self) -> bool {
        matches!(self, Self::Global)
    }
}

/// Whether `format` was given, or is decided by `log-send-hostname`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FormatGiven(pub bool);

/// A `bind` line's listener.
#[derive(Clone, Debug)]
pub(crate) struct BindDraft {
    pub bind: Bind,
    pub explicit_id: bool,
    pub spot: Spot,
}

/// A `server` line.
#[derive(Clone, Debug)]
pub(crate) struct ServerDraft {
    pub server: ServerSettings,
    pub introduction: IntroductionDraft,
    pub explicit_id: bool,
    pub init_addr: InitAddr,
    /// What only log servers have.
    pub log: LogServer,
    /// The line, until its address is read.
    pub line: Arc<Remembered>,
    pub spot: Spot,
}

/// What a server of a backend in `mode log` has beside an address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LogServer {
    /// It takes datagrams.
    pub datagrams: bool,
    /// `log-proto`
    pub framing: Option<Framing>,
    /// `log-bufsize`, bytes.
    pub bytes_max: Option<u32>,
}

/// A section being read: its settings so far, and what is only known at the end.
#[derive(Clone, Debug)]
pub(crate) struct ProxyDraft {
    pub section: Sections,
    pub proxy: Proxy,
    pub spot: Spot,
    /// Where `id` was given.
    pub id_spot: Option<Spot>,
    pub default_backend: Option<Reference>,
    pub logs: Vec<LogEntry>,
    /// `default-server`
    pub default_server: Template,
    /// `default-server name`
    pub named_defaults: BTreeMap<Box<str>, Template>,
    pub binds: Vec<BindDraft>,
    pub servers: Vec<ServerDraft>,
    /// `mode log`
    pub is_log: bool,
    /// `backlog` of the frontend.
    pub backlog: Option<u32>,
    /// Where `option httplog` or `option httpslog` was given, for proxies that turn out not to be HTTP.
    pub httplog: Option<(&'static str, Spot)>,
    /// Lines to be read when all sections are known.
    pub kept: Vec<Kept>,
    /// The same of the `defaults` section it started with.
    pub inherited: Vec<Kept>,
    /// Where the `defaults` section it started with is.
    pub base: Option<Spot>,
    /// `errorfile` and its like, with their places in the order.
    pub pages: Vec<(Mark, PageEntry)>,
    /// `dynamic` of `cookie`
    pub dynamic_cookies: bool,
    /// `dynamic-cookie-key`
    pub dynamic_cookie_key: Option<Box<str>>,
    /// The page of statistics is that of the `defaults` section it started with.
    pub stats_inherited: bool,
    /// `stick-table`
    pub table: Option<(Definition, Spot)>,
    pub rules: RuleDrafts,
    /// `filter bwlim-in`, `filter bwlim-out`, in order.
    pub filters: Vec<FilterDraft>,
    /// `balance` with a hash, `hash-type`
    pub hashing: HashingDraft,
    /// The last of the rules so far in the order in which they run, as its place in that order.
    pub last_rule: Option<usize>,
}

impl ProxyDraft {
    /// An empty section.
    pub(crate) fn new(section: Sections, spot: Spot) -> Self {
        let place = spot.place.to_string();
        Self {
            section,
            proxy: Proxy {
                id: 0,
                id_given: false,
                name: "".into(),
                capability: capability(section),
                mode: Mode::Tcp,
                disabled: false,
                unpublished: false,
                description: None,
                place,
                binds: Vec::new(),
                maxconn: 0,
                backend: None,
                monitor_uri: None,
                balance: BackendSettings {
                    algorithm: Algorithm::RoundRobin,
                    fullconn: 0,
                    share_percent_max: 0,
                    affinity: Default::default(),
                    allbackups: false,
                },
                servers: Vec::new(),
                is_log: false,
                log_servers: Vec::new(),
                introductions: Vec::new(),
                conn_names: Vec::new(),
                hashing: None,
                retries: 3,
                redispatch: None,
                source: None,
                cookie: None,
                reuse: Reuse::default(),
                session_idle_max: SESSION_IDLE_MAX_DEFAULT,
                rules: Rules::default(),
                captures: CaptureSlots::default(),
                timeouts: Timeouts::default(),
                options: Options::empty(),
                forwardfor: None,
                originalto: None,
                forwarded: None,
                stats: None,
                pages: ErrorPages::default(),
                logs: Vec::new(),
                log_lines: LogLines::default(),
                log_tag: None,
                unique_id: Default::default(),
            },
            spot,
            id_spot: None,
            default_backend: None,
            logs: Vec::new(),
            default_server: Template::default(),
            named_defaults: BTreeMap::new(),
            binds: Vec::new(),
            servers: Vec::new(),
            is_log: false,
            backlog: None,
            httplog: None,
            kept: Vec::new(),
            inherited: Vec::new(),
            base: None,
            pages: Vec::new(),
            dynamic_cookies: false,
            dynamic_cookie_key: None,
            stats_inherited: false,
            table: None,
            rules: RuleDrafts::default(),
            filters: Vec::new(),
            hashing: HashingDraft::default(),
            last_rule: None,
        }
    }

    /// A new section that starts with what this `defaults` section says.
    pub(crate) fn derive(self, section: Sections, name: &str, spot: Spot) -> Self {
        let mut draft = self;
        let to_defaults = section == Sections::DEFAULTS;
        let kept = draft.kept.drain(..);
        let kept = kept.filter(|kept| !to_defaults || kept.kind() != Kind::Rule);
        draft.inherited.extend(kept);
        draft.base = Some(draft.spot);
        draft.stats_inherited = draft.proxy.stats.is_some();
        draft.section = section;
        draft.proxy.capability = capability(section);
        draft.proxy.name = name.into();
        draft.proxy.place = spot.place.to_string();
        draft.spot = spot;
        draft
    }

    /// Lines of `keyword` so far count no more.
    pub(crate) fn forget(&mut self, keyword: &str) {
        for lines in [&mut self.inherited, &mut self.kept] {
            lines.retain(|line| line.keyword().name != keyword);
        }
    }

    /// `frontend`, `backend`, `listen` or `defaults`.
    pub(crate) fn kind(&self) -> String {
        self.section.list()
    }

    /// As messages name it: `frontend 'web'`.
    pub(crate) fn title(&self) -> String {
        alloc::format!("{} '{}'", self.kind(), self.proxy.name)
    }

    pub(crate) fn accepts(&self) -> bool {
        Sections::ACCEPTS.contains(self.section)
    }

    pub(crate) fn serves(&self) -> bool {
        Sections::SERVES.contains(self.section)
    }
}

fn capability(section: Sections) -> Capability {
    if section == Sections::FRONTEND {
        Capability::Frontend
    } else if section == Sections::BACKEND {
        Capability::Backend
    } else {
        Capability::Listen
    }
}

/// `max-session-srv-conns`.
const SESSION_IDLE_MAX_DEFAULT: u32 = 5;
