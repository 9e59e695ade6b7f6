//! Reading scenario files.

use super::units::{bytes, millis, number, span};
use super::{Clients, Scenario, ServerRule, Swarm};
use crate::expect::Expectation;
use crate::fault::{Fault, Kind};
use crate::net::Substrate;
use crate::peer::{Ask, Plan, Span, Style};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

/// Why a scenario cannot be run.
#[derive(Debug)]
pub struct BadScenario {
    /// The file.
    pub file: String,
    /// What is wrong.
    pub problem: String,
}

impl fmt::Display for BadScenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file, self.problem)
    }
}

impl std::error::Error for BadScenario {}

/// Reads the scenario in `file`; its configuration is found beside it.
pub fn load(file: &Path) -> Result<Scenario, BadScenario> {
    let name = file.display().to_string();
    let bad = |problem: String| BadScenario {
        file: name.clone(),
        problem,
    };
    let text = std::fs::read_to_string(file).map_err(|error| bad(error.to_string()))?;
    let beside = |path: &str| {
        let path = file.parent().unwrap_or(Path::new(".")).join(path);
        std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))
    };
    parse(&name, &text, beside)
}

/// Reads a scenario; `beside` gives the text of a configuration file.
pub fn parse(
    file: &str,
    text: &str,
    beside: impl Fn(&str) -> Result<String, String>,
) -> Result<Scenario, BadScenario> {
    let read = || -> Result<Scenario, String> {
        let written: Written = toml::from_str(text).map_err(|error| error.to_string())?;
        written.scenario(file, beside)
    };
    read().map_err(|problem| BadScenario {
        file: file.to_owned(),
        problem,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Written {
    scenario: Head,
    #[serde(default)]
    server: Vec<WrittenServer>,
    #[serde(default)]
    clients: Vec<WrittenClients>,
    #[serde(default)]
    fault: Vec<WrittenFault>,
    swarm: Option<WrittenSwarm>,
    #[serde(default)]
    expect: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Head {
    name: String,
    length: String,
    heal: Option<String>,
    config: Option<String>,
    config_text: Option<String>,
    latency: Option<String>,
    hash: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct WrittenServer {
    r#match: String,
    latency: Option<String>,
    body: Option<String>,
    pause: Option<String>,
    idle_close: Option<String>,
    #[serde(default)]
    hyper: bool,
    #[serde(default)]
    tcp: bool,
    protocol: Option<String>,
    streams: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct WrittenClients {
    name: String,
    frontend: String,
    #[serde(default = "one")]
    count: u32,
    style: Option<String>,
    protocol: Option<String>,
    streams: Option<String>,
    think: Option<String>,
    per_connection: Option<String>,
    #[serde(default)]
    requests: Vec<String>,
    body: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct WrittenFault {
    at: String,
    r#for: Option<String>,
    kind: String,
    #[serde(default)]
    target: String,
    level: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct WrittenSwarm {
    faults: Vec<String>,
    #[serde(default = "four")]
    max: u64,
}

fn one() -> u32 {
    1
}

fn four() -> u64 {
    4
}

/// How long everything may take to be well again unless the scenario says so.
const HEAL_MS: u64 = 20_000;

impl Written {
    fn scenario(
        self,
        file: &str,
        beside: impl Fn(&str) -> Result<String, String>,
    ) -> Result<Scenario, String> {
        let head = self.scenario;
        let (config, config_name) = match (head.config_text, head.config) {
            (Some(text), _) => (text, format!("{file}[config-text]")),
            (None, Some(path)) => (beside(&path)?, path),
            (None, None) => return Err("neither `config` nor `config-text`".into()),
        };
        let or = |text: Option<String>, usual: Span, read: fn(&str) -> Result<u64, String>| {
            text.map_or(Ok(usual), |text| span(&text, read))
        };
        let servers = self.server.into_iter().map(|server| {
            let usual = Plan::default();
            let idle_close = server
                .idle_close
                .map_or(Ok(usual.idle_close_ms), |text| millis(&text))?;
            let plan = Plan {
                latency_ms: or(server.latency, usual.latency_ms, millis)?,
                body: or(server.body, usual.body, bytes)?,
                pause_ms: or(server.pause, usual.pause_ms, millis)?,
                idle_close_ms: idle_close,
                hyper: server.hyper,
                tcp: server.tcp,
                http2: is_http2(server.protocol.as_deref())?,
                streams: or(server.streams, usual.streams, number)?,
            };
            Ok(ServerRule {
                matches: server.r#match,
                plan,
            })
        });
        let servers = servers.collect::<Result<_, String>>()?;
        let clients = self.clients.into_iter().map(WrittenClients::read);
        let clients = clients.collect::<Result<_, String>>()?;
        let faults = self.fault.into_iter().map(|fault| {
            Ok(Fault {
                at_ms: millis(&fault.at)?,
                for_ms: fault.r#for.map_or(Ok(0), |text| millis(&text))?,
                kind: Kind::named(&fault.kind, fault.level.as_deref())?,
                target: fault.target,
            })
        });
        let faults = faults.collect::<Result<Vec<_>, String>>()?;
        let swarm = self.swarm.map(|swarm| Swarm {
            menu: swarm.faults,
            max: swarm.max,
        });
        for name in swarm.iter().flat_map(|swarm| &swarm.menu) {
            Kind::named(name, None)?;
        }
        let expect = self
            .expect
            .iter()
            .map(|(what, bound)| Expectation::read(what, bound));
        Ok(Scenario {
            name: head.name,
            file: file.to_owned(),
            length_ms: millis(&head.length)?,
            heal_ms: head.heal.map_or(Ok(HEAL_MS), |text| millis(&text))?,
            substrate: Substrate::Packets,
            config,
            config_name,
            latency_ms: or(head.latency, Span { low: 1, high: 3 }, millis)?,
            servers,
            clients,
            faults,
            swarm,
            expect: expect.collect::<Result<_, String>>()?,
            hash: head.hash,
        })
    }
}

impl WrittenClients {
    fn read(self) -> Result<Clients, String> {
        let style = match self.style.as_deref() {
            None if is_http2(self.protocol.as_deref())? => Style::Http2,
            None => Style::KeepAlive,
            Some(name) => match Style::ALL.into_iter().find(|(known, _)| *known == name) {
                Some((_, style)) => style,
                None => return Err(format!("there is no style `{name}`")),
            },
        };
        let body = self
            .body
            .map_or(Ok(Span::exactly(0)), |text| span(&text, bytes))?;
        let mut asks = self
            .requests
            .iter()
            .map(|text| ask(text, body))
            .collect::<Result<Vec<_>, String>>()?;
        if asks.is_empty() {
            asks.push(ask("GET /", body)?);
        }
        if style == Style::Pipe {
            // Tunnels know no methods: what they carry is the body alone.
            asks.iter_mut().for_each(|ask| ask.body = body);
        }
        let think = self
            .think
            .map_or(Ok(Span { low: 10, high: 200 }), |text| span(&text, millis))?;
        let per_connection = self
            .per_connection
            .map_or(Ok(Span { low: 1, high: 20 }), |text| span(&text, number))?;
        let streams = Span { low: 1, high: 6 };
        let streams = self
            .streams
            .map_or(Ok(streams), |text| span(&text, number))?;
        Ok(Clients {
            name: self.name,
            frontend: self.frontend,
            count: self.count,
            style,
            think_ms: think,
            streams,
            per_connection: if style == Style::Close {
                Span::exactly(1)
            } else {
                per_connection
            },
            asks,
        })
    }
}

/// `h1` or `h2`, in clear text and without asking.
fn is_http2(protocol: Option<&str>) -> Result<bool, String> {
    match protocol {
        None | Some("h1") => Ok(false),
        Some("h2") => Ok(true),
        Some(other) => Err(format!("there is no protocol `{other}`; write h1 or h2")),
    }
}

/// `GET /path` or `POST /path chunked`.
fn ask(text: &str, body: Span) -> Result<Ask, String> {
    let mut words = text.split_whitespace();
    let method = words.next().unwrap_or_default();
    let known = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"];
    let Some(method) = known.into_iter().find(|known| *known == method) else {
        return Err(format!("`{text}`: no method that clients know"));
    };
    let path = words.next().unwrap_or("/").to_owned();
    let bodiless = matches!(method, "GET" | "HEAD" | "DELETE" | "OPTIONS");
    Ok(Ask {
        method,
        path,
        body: if bodiless { Span::exactly(0) } else { body },
        chunked: words.next() == Some("chunked"),
    })
}
