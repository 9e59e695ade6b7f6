//! Expressions and conditions: any text at every checkpoint, evaluated on whatever has arrived.

use super::convert::{Known, length};
use base::{Epoch, Rng};
use http1::Sniffed;
use message::{Head, Heads, Version};
use sample::condition::{Acls, Condition, Test};
use sample::facts::{
    Arrival, Body, Client, Conn, Context, RequestLine, ResponseLine, Server, Track, Transaction,
    Unstarted, Window,
};
use sample::names::{Lists, Names};
use sample::pattern::{References, Verdict};
use sample::vars::Variable;
use sample::{Checkpoint, Expr, Fetched, For, Slot, Type, Value, Visit, Work, visit_all};
use std::net::IpAddr;
use std::ops::ControlFlow;
use tables::{DataType, Definition, KeyRef, KeyType, Stored, Table};

/// Whatever stands in an expression or a condition, it is read or refused at a place in it; where it is
/// read it finds nothing, or something of its type that fits into a buffer, and the same the second
/// time; a condition is decided once nothing more can come.
///
/// The first byte of `input` chooses how much has arrived, the second where the request begins. In front
/// of it is one `acl`, condition or expression a line.
pub fn bytes_as_expressions(input: &[u8]) {
    let [state, split, bytes @ ..] = input else {
        return;
    };
    let bytes = &bytes[..bytes.len().min(INPUT_BYTES_MAX)];
    let (text, request) = bytes.split_at(bytes.len() * usize::from(*split) / 256);
    let text = String::from_utf8_lossy(text);
    visit_all(&mut Everywhere {
        lines: text.lines().take(LINES_MAX).collect(),
        stage: &Stage::new(request),
        state: [State::Absent, State::Expected, State::Present][usize::from(state % 3)],
    });
}

struct Everywhere<'a> {
    lines: Vec<&'a str>,
    stage: &'a Stage,
    state: State,
}

impl Visit for Everywhere<'_> {
    fn visit<C: Checkpoint>(&mut self) {
        let mut names = Place::default();
        let mut acls = Acls::default();
        let tracked = self.stage.tracked();
        let set = self.stage.set(&tracked);
        let context = set.context::<C>(self.state);
        for line in &self.lines {
            let words: Vec<&str> = line.split_ascii_whitespace().collect();
            match words[..] {
                ["acl", name, ..] => {
                    if let Ok((test, _)) = Test::parse(&words[2..], &mut names) {
                        acls.add(name, test);
                    }
                }
                ["if" | "unless", ..] => {
                    judge::<C>(&words, &acls, &mut names, &context, self.stage)
                }
                _ => find::<C>(line, &mut names, &context, self.stage),
            }
        }
    }
}

fn judge<C: Checkpoint>(
    words: &[&str],
    acls: &Acls,
    names: &mut Place,
    context: &Context<'_, C>,
    stage: &Stage,
) {
    let read = For::<C, Condition>::read(|ground| {
        Condition::parse(words, ground, acls, names).map(|(condition, _)| condition)
    });
    let condition = match read {
        Ok(condition) => condition,
        Err(why) => {
            let (first, last) = why.words;
            assert!(first <= last && last <= words.len(), "{why:?}");
            assert!(!why.message.is_empty(), "{words:?}");
            return;
        }
    };
    let (condition, facts) = condition.with(context);
    let open = condition.verdict(&facts, &mut stage.work(), false);
    let last = condition.verdict(&facts, &mut stage.work(), true);
    assert_ne!(last, Verdict::Maybe, "{words:?} is never decided");
    let again = condition.verdict(&facts, &mut stage.work(), false);
    assert!(open == again || counts(words), "{words:?} judged twice");
}

fn find<C: Checkpoint>(text: &str, names: &mut Place, context: &Context<'_, C>, stage: &Stage) {
    let read = For::<C, Expr>::read(|ground| {
        Expr::parse(text, ground, names).map(|(expr, taken)| {
            assert!(taken <= text.len(), "{text:?}");
            expr
        })
    });
    let expr = match read {
        Ok(expr) => expr,
        Err(why) => {
            assert!(why.at <= text.len(), "{text:?}: {why:?}");
            assert!(!why.message.is_empty(), "{text:?}");
            return;
        }
    };
    let (expr, facts) = expr.with(context);
    let value = |work: &mut Work| expr.value(&facts, work).map(Value::into_owned);
    let first = value(&mut stage.work());
    let again = value(&mut stage.work());
    assert!(first == again || counts(&[text]), "{text:?} is {again:?}");
    if !expr.is_valid() {
        assert_eq!(first, Fetched::Not, "{text:?} reads what is not there");
    }
    if let Some(value) = first.found() {
        fits(expr, &value);
    }
    let mut shown = 0;
    expr.each(&facts, &mut stage.work(), &mut |work, value| {
        fits(expr, &value);
        work.done(value);
        shown += 1;
        assert!(shown <= VALUES_MAX, "{text:?} shows values without an end");
        ControlFlow::Continue(())
    });
}

/// Whether evaluating counts something.
fn counts(words: &[&str]) -> bool {
    let counting = |word: &&str| {
        ["_inc_gpc", "_clr_gpc", "_updt_conn_cnt"]
            .iter()
            .any(|it| word.contains(it))
    };
    words.iter().any(counting)
}

fn fits(expr: &Expr, value: &Value<'_>) {
    let kind = value.kind();
    let is_wanted = match expr.output() {
        Type::Any => true,
        Type::Address => matches!(kind, Type::Ip4 | Type::Ip6),
        // `bytes` leaves a text what it is.
        Type::Bytes => matches!(kind, Type::Bytes | Type::Text),
        wanted => kind == wanted,
    };
    assert!(is_wanted, "{expr:?} is {kind:?}");
    let length = length(value);
    assert!(length <= BUFSIZE, "{expr:?} is of {length} bytes");
}

/// How much there is of what a checkpoint has.
#[derive(Clone, Copy)]
enum State {
    /// Nothing that need not be there, for good.
    Absent,
    /// Nothing yet.
    Expected,
    /// Everything.
    Present,
}

impl State {
    fn arrival<T>(self, it: T) -> Arrival<T> {
        match self {
            Self::Absent => Arrival::Never,
            Self::Expected => Arrival::Expected,
            Self::Present => Arrival::Here(it),
        }
    }
}

/// A request and a response, and the tables that rules may ask.
struct Stage {
    bytes: Vec<u8>,
    request: Head,
    body: Vec<u8>,
    response: Head,
    tables: std::sync::Arc<[std::sync::Arc<Table>]>,
}

impl Stage {
    /// A stage on which a request has arrived.
    fn new(bytes: &[u8]) -> Self {
        let limits = http1::Limits::default();
        let (request, body) = match http1::sniff(bytes, &limits, &mut Heads::default()) {
            Sniffed::Request(head, length) => (*head, &bytes[length..]),
            Sniffed::Perhaps | Sniffed::Other => {
                let mut head = Head::default();
                head.set_request(b"GET", b"/p?a=1", Version::Http11);
                (head, bytes)
            }
        };
        let mut response = Head::default();
        response.set_response(200, b"OK", Version::Http11);
        for field in request.fields() {
            response.push(request.bytes(field.name), request.bytes(field.value));
        }
        let plain = [DataType::ConnCnt, DataType::Gpc0, DataType::HttpReqCnt];
        let mut definition = Definition::new("t", KeyType::Ip, 10);
        for data in plain {
            let stored = definition.store(Stored::plain(data));
            stored.expect("stored once");
        }
        Self {
            bytes: bytes.to_vec(),
            request,
            body: body.to_vec(),
            response,
            tables: [Table::new(definition, &Rng::from_u64(1)).into()].into(),
        }
    }

    fn work(&self) -> Work {
        let mut work = Work::new(Epoch(0), Rng::from_u64(1), BUFSIZE);
        work.tables = self.tables.clone();
        work
    }

    fn tracked(&self) -> [Option<Track>; 2] {
        let key = KeyRef::Ip(std::net::Ipv4Addr::LOCALHOST);
        let entry = self.tables[0].track(key, base::Instant::ZERO);
        let track = entry.ok().map(|entry| Track { table: 0, entry });
        [track, None]
    }

    /// The stage with everybody on it.
    fn set<'a>(&'a self, tracked: &'a [Option<Track>]) -> Set<'a> {
        let address = "127.0.0.1:80".parse().ok();
        let line = RequestLine {
            method: self.request.method(),
            target: self.request.target(),
            version: self.request.version,
        };
        Set {
            stage: self,
            process: Unstarted::default(),
            client: Client {
                peer: address,
                local: address,
                tracked,
                proxy_fields: &self.body,
                ..Client::default()
            },
            conn: Conn {
                stream_id: Some(3),
                aborted: true,
                version: Some(Version::Http2),
                peer: address,
                ..Conn::default()
            },
            transaction: Transaction {
                line: Some(line),
                unique_id: Some(&self.body),
                status: 200,
                is_http: Some(true),
                ..Transaction::default()
            },
        }
    }
}

struct Set<'a> {
    stage: &'a Stage,
    process: Unstarted<'a>,
    client: Client<'a>,
    conn: Conn,
    transaction: Transaction<'a>,
}

impl Set<'_> {
    fn context<C: Checkpoint>(&self, state: State) -> Context<'_, C> {
        let Stage {
            bytes,
            request,
            body,
            response,
            ..
        } = self.stage;
        let there = matches!(state, State::Present);
        let window = Window {
            bytes,
            complete: false,
        };
        let body = Body {
            bytes: body,
            size: body.len() as u64,
            complete: there,
        };
        let line = ResponseLine {
            status: 200,
            ..ResponseLine::default()
        };
        let server = Server {
            backend: 0,
            place: 0,
        };
        Context {
            process: &self.process,
            client: C::Client::hold(&self.client),
            client_conn: C::ClientConn::hold(&self.conn),
            request_bytes: C::RequestBytes::hold(state.arrival(window)),
            request_head: C::RequestHead::hold(state.arrival(request)),
            request_body: C::RequestBody::hold(state.arrival(body)),
            transaction: C::Transaction::hold(&self.transaction),
            backend: C::Backend::hold(0),
            server: C::Server::hold(there.then_some(server)),
            server_conn: C::ServerConn::hold(there.then_some(&self.conn)),
            response_bytes: C::ResponseBytes::hold(state.arrival(window)),
            response_head: C::ResponseHead::hold(state.arrival(response)),
            response_line: C::ResponseLine::hold(there.then_some(line)),
            response_body: C::ResponseBody::hold(state.arrival(body)),
            response_stats: C::ResponseStats::hold(&self.transaction),
        }
    }
}

/// A configuration with one proxy, one server and one table, lists, and no files.
struct Place {
    known: Known,
    lists: References,
}

impl Default for Place {
    fn default() -> Self {
        Self {
            known: Known::default(),
            lists: References::new([1, 2]),
        }
    }
}

impl Names for Place {
    fn frontend(&mut self, _: Option<&str>) -> Result<u32, String> {
        Ok(0)
    }

    fn backend(&mut self, _: Option<&str>) -> Result<u32, String> {
        Ok(0)
    }

    fn server(&mut self, _: &str) -> Result<(u32, u32), String> {
        Ok((0, 0))
    }

    fn table(&mut self, _: Option<&str>) -> Result<u32, String> {
        Ok(0)
    }

    fn userlist(&mut self, _: &str) -> Result<u32, String> {
        Ok(0)
    }

    fn variable(&mut self, name: &str) -> Result<Variable, String> {
        self.known.variable(name)
    }

    fn file(&mut self, path: &str) -> Result<Vec<u8>, String> {
        self.known.file(path)
    }

    fn environment(&self, _: &str) -> Option<String> {
        Some("value".into())
    }

    fn lists(&mut self) -> Result<&mut dyn Lists, String> {
        Ok(self)
    }
}

impl Lists for Place {
    fn references(&mut self) -> &mut References {
        &mut self.lists
    }

    fn file(&mut self, path: &str) -> Result<Vec<u8>, String> {
        Err(format!("no file '{path}'"))
    }

    fn optional_file(&mut self, _: &str) -> Result<Option<Vec<u8>>, String> {
        Ok(None)
    }

    fn resolve(&mut self, _: &str) -> Option<IpAddr> {
        None
    }

    fn place(&self) -> String {
        "file 'it' line 1".into()
    }
}

/// No value grows beyond it, bytes; more than the whole input has.
const BUFSIZE: usize = 2048;
/// What of an input is looked at, bytes.
const INPUT_BYTES_MAX: usize = 1024;
/// What of its lines is looked at.
const LINES_MAX: usize = 8;
/// No fetch shows more values of an input.
const VALUES_MAX: usize = INPUT_BYTES_MAX;

#[cfg(test)]
mod tests {
    use super::bytes_as_expressions;
    use base::Rng;
    use sample::convert::Converter;
    use sample::fetch::Fetch;

    /// Arguments, flags and patterns that one keyword or another understands.
    const PIECES: &[&str] = &[
        "",
        "(a)",
        "(1)",
        "(x,2)",
        "(txn.a)",
        "(0,4)",
        "(t)",
        "(,)",
        "('a b',-1)",
        "($.a)",
    ];
    const BEHIND: &[&str] = &[
        "",
        " a",
        " -m found",
        " -m str -i a b",
        " -m reg ^a(.)*$",
        " gt 1 lt 4",
        " -m ip 127.0.0.0/8",
        " -m len 1:9",
        " -m bin 00ff",
        " -m sub -- -a",
        " -f no",
        " 1.2.3.4",
    ];
    const REQUEST: &str = "POST /p/q?a=1&b=%20 HTTP/1.1\r\nHost: h:8\r\nA: 1, \"b\", 1.2.3.4\r\n\
        Cookie: a=1; b=2\r\nAuthorization: Basic dTpw\r\n\r\n{\"a\":[1,{\"b\":\"c\"}]}";

    #[test]
    fn expressions_of_all_keywords_keep_their_promises_everywhere() {
        let mut rng = Rng::from_u64(5);
        let fetches: Vec<_> = Fetch::all().map(|fetch| fetch.name).collect();
        let converters: Vec<_> = Converter::all().map(|it| it.name).collect();
        for round in 0..600 {
            let mut pick = |from: &[&'static str]| from[rng.below(from.len() as u64) as usize];
            let mut text = String::new();
            for line in 0..3 {
                let fetch = match round {
                    _ if round < fetches.len() => fetches[round],
                    _ => pick(&fetches),
                };
                let mut expr = format!("{fetch}{}", pick(PIECES));
                for _ in 0..(round + line) % 3 {
                    expr += &format!(",{}{}", pick(&converters), pick(PIECES));
                }
                text += &match (round + line) % 3 {
                    0 => format!("{expr}\n"),
                    1 => format!("acl it {expr}{}\nif it or !it\n", pick(BEHIND)),
                    _ => format!("unless !{{ {expr}{} }} TRUE\n", pick(BEHIND)),
                };
            }
            let split = text.len() * 256 / (text.len() + REQUEST.len()) + 1;
            let mut input = vec![round as u8, split as u8];
            input.extend_from_slice(text.as_bytes());
            input.extend_from_slice(REQUEST.as_bytes());
            bytes_as_expressions(&input);
        }
    }
}
