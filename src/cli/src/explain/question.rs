//! What is asked: a request, who sends it, and where it comes in.

use engine::settings::Settings;
use session::settings::{BindAddress, Mode, Proxy, ProxyIndex};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// A request, and which files it meets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// `-f`
    pub files: Vec<String>,
    /// The method of `--request`.
    method: String,
    /// The host and port of its URL, if it has them.
    authority: Option<String>,
    /// Its path and query.
    target: String,
    /// `-H`: lines of headers.
    headers: Vec<String>,
    /// `--body`
    body: Option<String>,
    /// `--src`
    source: IpAddr,
    /// `--frontend`
    frontend: Option<String>,
}

/// The `bind` line a request comes in by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entrance {
    /// Of this proxy.
    pub proxy: ProxyIndex,
    /// Its place there.
    pub bind: usize,
    /// The address the client connected to; none on a Unix socket.
    pub local: Option<SocketAddr>,
}

impl Question {
    /// Reads the words after `explain`.
    pub fn parse(words: &[String]) -> Result<Self, String> {
        let mut question = Self {
            files: Vec::new(),
            method: String::new(),
            authority: None,
            target: String::new(),
            headers: Vec::new(),
            body: None,
            source: IpAddr::V4(Ipv4Addr::LOCALHOST),
            frontend: None,
        };
        let mut rest = words.iter();
        while let Some(word) = rest.next() {
            let known = ["-f", "--request", "--src", "-H", "--frontend", "--body"];
            if !known.contains(&word.as_str()) {
                return Err(format!("'explain' does not know '{word}'."));
            }
            let value = rest
                .next()
                .ok_or_else(|| format!("'{word}' expects a value."))?;
            match word.as_str() {
                "-f" => question.files.push(value.clone()),
                "--request" => question.request(value)?,
                "-H" => question.header(value)?,
                "--body" => question.body = Some(value.clone()),
                "--frontend" => question.frontend = Some(value.clone()),
                _ => {
                    question.source = value
                        .parse()
                        .map_err(|_| format!("'--src' expects an IP address, not '{value}'."))?;
                }
            }
        }
        if question.files.is_empty() || question.method.is_empty() {
            return Err(
                "'explain' needs '-f FILE' and '--request \"GET http://host/path\"'.".into(),
            );
        }
        Ok(question)
    }

    /// `[METHOD ]URL`
    fn request(&mut self, text: &str) -> Result<(), String> {
        let (method, url) = text.trim().split_once(' ').unwrap_or(("GET", text.trim()));
        let visible = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
        if method.is_empty() || !visible(method) || !visible(url) {
            return Err(format!("'{text}' is no request: a method and a URL are."));
        }
        self.method = method.into();
        if url.starts_with("https://") {
            return Err("'https://' : TLS is not supported yet.".into());
        }
        let Some(rest) = url.strip_prefix("http://") else {
            if !url.starts_with(['/', '*']) {
                return Err(format!("'{url}' is neither a URL of http nor a path."));
            }
            self.target = url.into();
            return Ok(());
        };
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        self.authority = Some(rest[..end].into());
        self.target = match &rest[end..] {
            "" => "/".into(),
            query if query.starts_with('?') => format!("/{query}"),
            path => path.into(),
        };
        Ok(())
    }

    fn header(&mut self, line: &str) -> Result<(), String> {
        let name = line.split_once(':').map_or("", |(name, _)| name);
        if name.is_empty() || line.contains(['\r', '\n']) {
            return Err(format!("'{line}' is no header: 'Name: value' is."));
        }
        self.headers.push(line.into());
        Ok(())
    }

    /// Who sends it.
    pub fn peer(&self) -> SocketAddr {
        SocketAddr::new(self.source, CLIENT_PORT)
    }

    /// As it was asked.
    pub fn title(&self) -> String {
        let authority = self.authority.as_deref();
        let host = authority.map_or_else(String::new, |host| format!("http://{host}"));
        format!("{} {host}{} from {}", self.method, self.target, self.source)
    }

    /// As a client sends it.
    pub fn bytes(&self) -> Vec<u8> {
        let names = |wanted: &str| {
            let name = |line: &String| line.split(':').next().unwrap_or_default().to_lowercase();
            self.headers.iter().any(|line| name(line) == wanted)
        };
        let mut text = format!("{} {} HTTP/1.1\r\n", self.method, self.target);
        if !names("host") {
            let host = self.authority.as_deref().unwrap_or("localhost");
            text.push_str(&format!("Host: {host}\r\n"));
        }
        for line in &self.headers {
            text.push_str(line);
            text.push_str("\r\n");
        }
        if let Some(body) = &self.body
            && !names("content-length")
        {
            text.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        text.push_str("\r\n");
        text.push_str(self.body.as_deref().unwrap_or_default());
        text.into_bytes()
    }

    /// Where it comes in: by the port of its URL, the named frontend, or the only one there is.
    pub fn entrance(&self, settings: &Settings) -> Result<Entrance, String> {
        let fronts = settings.proxies.iter().enumerate().filter(|(_, proxy)| {
            let meant = self.frontend.as_deref();
            proxy.capability.accepts()
                && !proxy.disabled
                && proxy.mode == Mode::Http
                && meant.is_none_or(|name| *proxy.name == *name)
        });
        let doors: Vec<(usize, &Proxy, usize)> = fronts
            .flat_map(|(at, proxy)| (0..proxy.binds.len()).map(move |bind| (at, proxy, bind)))
            .collect();
        let port = self.port();
        let fits = |door: &&(usize, &Proxy, usize)| {
            let (_, proxy, bind) = door;
            matches!(proxy.binds[*bind].address, BindAddress::Ip(ip) if ip.port() == port)
        };
        let alone = |doors: &[(usize, &Proxy, usize)]| {
            let first = doors.first().map(|door| door.0);
            doors.iter().all(|door| Some(door.0) == first)
        };
        let found = doors.iter().find(fits).or(match alone(&doors) {
            true => doors.first(),
            false => None,
        });
        let Some((at, proxy, bind)) = found else {
            let names: Vec<&str> = doors.iter().map(|(_, proxy, _)| &*proxy.name).collect();
            return Err(match (names.is_empty(), &self.frontend) {
                (true, Some(name)) => format!("No frontend '{name}' listens in HTTP mode."),
                (true, None) => "No frontend listens in HTTP mode.".into(),
                (false, _) => format!(
                    "Nothing listens on port {port} ; name one with '--frontend' : {}.",
                    names.join(", ")
                ),
            });
        };
        let local = match proxy.binds[*bind].address {
            BindAddress::Ip(address) => Some(SocketAddr::new(host(address.ip()), address.port())),
            _ => None,
        };
        Ok(Entrance {
            proxy: ProxyIndex(*at as u32),
            bind: *bind,
            local,
        })
    }

    fn port(&self) -> u16 {
        let authority = self.authority.as_deref().unwrap_or_default();
        let port = authority.rsplit_once(':').map(|(_, port)| port.parse());
        port.and_then(Result::ok).unwrap_or(HTTP_PORT)
    }
}

/// Where a client comes that was told of a listener on any address.
fn host(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    }
}

/// The port of a URL without one.
const HTTP_PORT: u16 = 80;
/// The port the client comes from: the first of those for passing use (RFC 6335 §6).
const CLIENT_PORT: u16 = 49_152;

#[cfg(test)]
mod tests {
    use super::Question;

    fn parse(words: &[&str]) -> Result<Question, String> {
        let words: Vec<String> = words.iter().copied().map(String::from).collect();
        Question::parse(&words)
    }

    #[test]
    fn a_request_is_sent_as_it_was_asked() {
        let words = ["-f", "a", "--request", "PUT http://h:8080?x", "-H", "A: b"];
        let question = parse(&[&words[..], &["--body", "four"]].concat()).expect("a question");
        let sent = String::from_utf8(question.bytes()).expect("text");
        assert_eq!(
            sent,
            "PUT /?x HTTP/1.1\r\nHost: h:8080\r\nA: b\r\nContent-Length: 4\r\n\r\nfour"
        );
        assert_eq!(question.port(), 8080);
    }

    #[test]
    fn a_host_and_a_length_that_are_given_are_not_doubled() {
        let words = ["-f", "a", "--request", "/x", "-H", "HOST: b", "--body", "c"];
        let question = parse(&[&words[..], &["-H", "content-length:9"]].concat());
        let sent = String::from_utf8(question.expect("a question").bytes()).expect("text");
        assert_eq!(
            sent,
            "GET /x HTTP/1.1\r\nHOST: b\r\ncontent-length:9\r\n\r\nc"
        );
    }

    #[test]
    fn what_cannot_be_asked_is_refused_with_its_reason() {
        let refused =
            |request: &str| parse(&["-f", "a", "--request", request]).expect_err("refused");
        assert!(refused("GET https://h/").contains("TLS is not supported yet"));
        assert!(refused("GET h/").contains("neither a URL of http nor a path"));
        assert!(refused("GET /a\r\nX: y").contains("is no request"));
        assert!(
            parse(&["-f", "a"])
                .expect_err("refused")
                .contains("--request")
        );
        let words = ["-f", "a", "--request", "/", "-H", "no colon"];
        assert!(parse(&words).expect_err("refused").contains("is no header"));
        assert!(
            parse(&["-f"])
                .expect_err("refused")
                .contains("expects a value")
        );
        assert!(
            parse(&["--what", "x"])
                .expect_err("refused")
                .contains("'--what'")
        );
        let words = ["-f", "a", "--request", "/", "--src", "x"];
        assert!(
            parse(&words)
                .expect_err("refused")
                .contains("expects an IP address")
        );
    }
}
