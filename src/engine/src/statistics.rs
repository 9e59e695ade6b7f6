//! The page of statistics (`stats enable`): who may see it, and how it gets to the client. What it says
//! is known to the process as a whole, which is asked for it.

use crate::count::Rows;
use crate::engine::{Engine, cx};
use crate::output::Output;
use crate::rules::{Went, hand};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use base::{Buf, Duration, Instant};
use message::{Framing, Head, Machine, Name, Part, Version};
use sample::base64;
use session::rules::Gate;
use session::settings::{ProxyIndex, StatsPage};
use session::{Cause, During, ExchangeId, Flow, Phase, Wait, Withheld, pages};

/// What is asked of the page of statistics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageAsked {
    /// Whose page it is.
    pub proxy: ProxyIndex,
    /// The target of the request, behind the authority if it has one.
    pub target: Vec<u8>,
    /// What is to change, if something is.
    pub form: Option<Form>,
}

/// A form that was sent (POST).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// The sender may not change anything.
    Denied,
    /// It is longer than a buffer, or did not come in time.
    Excess,
    /// `application/x-www-form-urlencoded`
    Fields(Vec<u8>),
}

/// A page of statistics, or what there is in place of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageMade {
    /// The status.
    pub status: u16,
    /// Its fields, but for the length.
    pub fields: Vec<(&'static str, String)>,
    /// Its body.
    pub body: Vec<u8>,
}

impl Engine {
    /// Serves the page of the frontend or of the backend, if the request is for it.
    pub(crate) fn serve_statistics(&mut self, exchange: ExchangeId, front: bool) -> Went {
        let x = &self.exchanges[exchange];
        let proxy = if front { x.frontend } else { x.backend };
        let again = !front && x.backend == x.frontend;
        let settings = self.proxy(proxy);
        if again || settings.stats.is_none() {
            return Went::On;
        }
        let shared = self.shared.clone();
        let Some(page) = &shared.proxy(proxy).stats else {
            return Went::On;
        };
        let Some(head) = self.exchanges[exchange].request.as_deref() else {
            return Went::On;
        };
        let is_meant = head.origin_target().starts_with(page.uri.as_bytes());
        let posts = head.method() == b"POST";
        if !is_meant || !(posts || matches!(head.method(), b"GET" | b"HEAD")) {
            return Went::On;
        }
        if !is_user(page, head) {
            self.count_intercepted(exchange);
            let x = &mut self.exchanges[exchange];
            x.terminate_at(Cause::Local, During::Request);
            self.challenge(exchange, Some(page.realm.as_bytes().to_vec()));
            return Went::Ended;
        }
        let target = head.origin_target().to_vec();
        let form = match posts {
            false => None,
            true if !is_same_origin(head) => Some(Form::Denied),
            true => match self.form(exchange, proxy) {
                Some(form) => Some(form),
                None => {
                    // Its rules have run.
                    self.exchanges[exchange].ruled.next = u32::MAX;
                    self.touch(exchange);
                    return Went::Waits;
                }
            },
        };
        self.wait(exchange, Wait::Page, PAGE_TIME_MAX);
        self.touch(exchange);
        let asked = PageAsked {
            proxy,
            target,
            form,
        };
        self.outputs.push_back(Output::Statistics {
            exchange,
            asked: Box::new(asked),
        });
        Went::Waits
    }

    /// The form that was sent; nothing as long as it is to be waited for.
    fn form(&mut self, exchange: ExchangeId, proxy: ProxyIndex) -> Option<Form> {
        if !self.may_change(exchange, proxy) {
            return Some(Form::Denied);
        }
        let x = &self.exchanges[exchange];
        let has_waited = x.ruled.next == u32::MAX;
        let time = self.proxy(proxy).timeouts.http_request;
        let time = time.unwrap_or(PAGE_TIME_MAX);
        if !has_waited && self.begin_wait_for_body(exchange, time, None) {
            return None;
        }
        let held = &self.exchanges[exchange].held;
        if !matches!(held.back(), Some(Part::End)) {
            return Some(Form::Excess);
        }
        let mut fields = Vec::new();
        for part in held {
            if let Part::Data(data) = part {
                fields.extend_from_slice(data);
            }
        }
        Some(Form::Fields(fields))
    }

    /// `stats admin`
    fn may_change(&mut self, exchange: ExchangeId, proxy: ProxyIndex) -> bool {
        let shared = self.shared.clone();
        let rules = &shared.proxy(proxy).rules;
        self.lend_vars(exchange);
        let hand = hand!(self, shared);
        let scene = hand.exchange(&self.exchanges[exchange], None);
        let work = &mut self.work;
        let mut any = |gates: &[Gate], facts: &sample::Facts<'_>| {
            gates.iter().any(|gate| gate.is_open(facts, work))
        };
        let allowed = match (scene, &rules.front_admin, &rules.back_admin) {
            (Some(scene), Some(conditions), _) => {
                let (conditions, facts) = conditions.with(&scene.front_request());
                any(conditions, &facts)
            }
            (Some(scene), None, Some(conditions)) => {
                let (conditions, facts) = conditions.with(&scene.back_request());
                any(conditions, &facts)
            }
            (None, _, _) | (Some(_), None, None) => false,
        };
        self.take_vars(exchange);
        allowed
    }

    /// The answer to [`Output::Statistics`]. Who has gone meanwhile gets none.
    pub fn page_made(&mut self, now: Instant, exchange: ExchangeId, page: PageMade) {
        self.now = now;
        let waits = self
            .exchanges
            .get(exchange)
            .is_some_and(|x| matches!(x.phase, Phase::Waiting { on: Wait::Page, .. }));
        if !waits {
            return;
        }
        self.send_page(exchange, page);
        self.work();
    }

    fn send_page(&mut self, exchange: ExchangeId, page: PageMade) {
        self.count_intercepted(exchange);
        let x = &mut self.exchanges[exchange];
        x.terminate_at(Cause::Local, During::Request);
        x.status = page.status;
        x.ruled.page = true;
        // Nothing was waited for: it is as if a server had answered at once.
        x.times.assigned = Some(self.now);
        x.times.connected = Some(self.now);
        x.times.response = Some(self.now);
        let bodiless = x.request.as_ref().is_some_and(|it| it.method() == b"HEAD");
        let mut head = self.heads.take();
        let reason = pages::reason(page.status).as_bytes();
        head.set_response(page.status, reason, Version::Http11);
        for (name, value) in &page.fields {
            head.push(name.as_bytes(), value.as_bytes());
        }
        let mut digits = itoa::Buffer::new();
        let length = digits.format(page.body.len()).as_bytes();
        head.push_as(Name::ContentLength, b"content-length", length);
        if page.body.is_empty() || bodiless {
            return self.send_answer(exchange, page.status, head, Buf::default());
        }
        head.framing = Framing::Length(page.body.len() as u64);
        let head = self.rule_after(exchange, head);
        let x = &mut self.exchanges[exchange];
        let bytes = (head.wire_bytes() + page.body.len()) as u64;
        x.bytes_out += bytes;
        x.download = Flow::Body;
        x.phase = Phase::Forwarding;
        x.client_at = self.now;
        let (client, frontend) = (x.client, x.frontend);
        Rows::of(&self.shared, self.worker, x).response_out(bytes);
        self.drop_held(exchange);
        self.skip_upload(client.conn, client.stream);
        let close = self.closes_after(client.conn, frontend, frontend);
        let wire = &mut self.conns[client.conn].wire;
        if close {
            wire.close_after();
        }
        wire.send_head(cx!(self), client.stream, &head);
        self.heads.give(head);
        // The client reads it as fast as it can.
        let chunks = page.body.chunks(CHUNK_BYTES);
        let mut parts: alloc::collections::VecDeque<Part> = chunks
            .map(|chunk| Part::Data(Buf::copy_of(chunk)))
            .collect();
        parts.push_back(Part::End);
        self.exchanges[exchange].withheld = Some(Box::new(Withheld {
            parts,
            ..Withheld::default()
        }));
        self.pump_download(exchange);
        self.touch(exchange);
    }
}

/// `stats auth`
fn is_user(page: &StatsPage, head: &Head) -> bool {
    if page.users.is_empty() {
        return true;
    }
    let given = head.value(Name::Authorization).unwrap_or_default();
    let Some((scheme, encoded)) = given.split_at_checked(6) else {
        return false;
    };
    let mut text = Vec::new();
    scheme.eq_ignore_ascii_case(b"basic ")
        && base64::decode(encoded.trim_ascii(), &mut text).is_some()
        && page.users.iter().any(|user| user.as_bytes() == text)
}

/// Whether a form was sent from a page of the host it is sent to, as far as the browser tells.
fn is_same_origin(head: &Head) -> bool {
    let mut fields = head.fields();
    let of =
        |name: &[u8], field: &message::Field| head.bytes(field.name).eq_ignore_ascii_case(name);
    let origin = fields.find(|field| of(b"origin", field));
    let origin = origin.or_else(|| head.fields().find(|field| of(b"referer", field)));
    let Some(origin) = origin else {
        return true;
    };
    let origin = head.bytes(origin.value);
    let host = head.value(Name::Host).unwrap_or_default();
    let behind = origin
        .windows(3)
        .position(|window| window == b"://")
        .map(|at| &origin[at + 3..]);
    behind.is_some_and(|behind| {
        let authority = behind.split(|byte| *byte == b'/').next();
        authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host))
    })
}

/// How long a page is waited for that the process makes, and a form without `timeout http-request`.
const PAGE_TIME_MAX: Duration = Duration::from_secs(10);
/// A page goes out in pieces of this many bytes.
const CHUNK_BYTES: usize = 16384;
