//! The default log formats, field for field.

use super::record::{Peer, Record, RequestLine};
use crate::Ahead;
use crate::settings::{LogFormat, Mode};
use alloc::vec::Vec;
use core::fmt::Write;
use core::net::IpAddr;
use message::Version;
use sample::text::{put_escaped, put_escaped_header, put_number, put_padded};

/// Writes the line of an exchange, without a header and without a line's end.
///
/// `loguri_len` is `tune.http.logurilen`: the request line is cut so that it fits with one byte more.
pub fn write_line(out: &mut Vec<u8>, format: LogFormat, record: &Record<'_>, loguri_len: usize) {
    let mut line = Line { out };
    match format {
        LogFormat::Short => line.put_short(record),
        LogFormat::Tcp => line.put_tcp(record),
        LogFormat::Http => line.put_http(record, loguri_len),
        LogFormat::Clf => line.put_clf(record, loguri_len),
        LogFormat::TcpClf => line.put_tcp_clf(record),
        LogFormat::Https => {
            line.put_http(record, loguri_len);
            // What TLS would say of a clear connection.
            line.put(" 0/-/-/-/0 -/-/-");
        }
    }
}

/// A line in the making.
struct Line<'a> {
    out: &'a mut Vec<u8>,
}

impl Line<'_> {
    /// No format chosen: `Connect from 10.0.1.2:33312 to 10.0.3.31:8012 (www/HTTP)`
    fn put_short(&mut self, record: &Record<'_>) {
        match (record.client, record.destination) {
            (Peer::Ip(client), Some(destination)) => {
                self.put("Connect from ");
                self.put_peer(Peer::Ip(client));
                self.put(" to ");
                self.put_peer(Peer::Ip(destination));
            }
            (peer, _) => {
                self.put("Connect to ");
                self.put_peer(peer);
            }
        }
        self.put(" (");
        self.put(record.frontend);
        self.put(match record.mode {
            Mode::Tcp => "/TCP)",
            Mode::Http => "/HTTP)",
        });
    }

    /// `option tcplog`: `%ci:%cp [%t] %ft %b/%s %Tw/%Tc/%Tt %B %ts %ac/%fc/%bc/%sc/%rc %sq/%bq`
    fn put_tcp(&mut self, record: &Record<'_>) {
        self.put_peer(record.client);
        self.put(" [");
        record.accepted.put_log_date_millis(self.out);
        self.put("] ");
        self.put_route(record);
        self.put(" ");
        self.put_timer(record.timers.queue);
        self.put("/");
        self.put_timer(record.timers.connect);
        self.put("/");
        self.put_so_far(record, record.timers.total);
        self.put(" ");
        self.put_so_far(record, record.bytes_out);
        self.put(" ");
        self.out.extend_from_slice(&record.termination.letters());
        self.put(" ");
        self.put_counts(record, '/');
    }

    /// `option httplog`: `%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc
    /// %ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs %{+Q}r`
    fn put_http(&mut self, record: &Record<'_>, loguri_len: usize) {
        self.put_peer(record.client);
        self.put(" [");
        record.begun.put_log_date_millis(self.out);
        self.put("] ");
        self.put_route(record);
        self.put(" ");
        self.put_http_timers(record, '/');
        self.put(" ");
        self.put_status(record.status);
        self.put(" ");
        self.put_so_far(record, record.bytes_out);
        for cookie in [
            record.captured.request_cookie,
            record.captured.response_cookie,
        ] {
            self.put(" ");
            self.out.extend_from_slice(cookie.unwrap_or(b"-"));
        }
        self.put(" ");
        self.put_http_termination(record);
        self.put(" ");
        self.put_counts(record, '/');
        self.put(" ");
        self.put_captures(record.captured.request);
        self.put_captures(record.captured.response);
        self.put_request(record.request, loguri_len);
    }

    /// `option httplog clf`: `%{+Q}o %{-Q}ci - - [%trg] %r %ST %B \"\" \"\" %cp %ms %ft %b %s %TR %Tw
    /// %Tc %Tr %Ta %tsc %ac %fc %bc %sc %rc %sq %bq %CC %CS %hrl %hsl`
    fn put_clf(&mut self, record: &Record<'_>, loguri_len: usize) {
        self.put_host(record.client);
        self.put(" - - [");
        record.begun.utc().put_log_date(self.out);
        self.put(" +0000] ");
        self.put_request(record.request, loguri_len);
        self.put(" ");
        self.put_status(record.status);
        self.put(" ");
        self.put_so_far(record, record.bytes_out);
        self.put_clf_route(record);
        self.put_http_timers(record, ' ');
        self.put(" ");
        self.put_http_termination(record);
        self.put(" ");
        self.put_counts(record, ' ');
        for cookie in [
            record.captured.request_cookie,
            record.captured.response_cookie,
        ] {
            self.put(" \"");
            self.out.extend_from_slice(cookie.unwrap_or_default());
            self.put("\"");
        }
        self.put(" ");
        self.put_capture_list(record.captured.request);
        if self.out.last() != Some(&b' ') {
            self.put(" ");
        }
        self.put_capture_list(record.captured.response);
    }

    /// `option tcplog clf`: `%{+Q}o %{-Q}ci - - [%T] "TCP " 000 %B "" "" %cp %ms %ft %b %s %Th %Tw %Tc
    /// %Tt %U %ts-- %ac %fc %bc %sc %rc %sq %bq "" "" `
    fn put_tcp_clf(&mut self, record: &Record<'_>) {
        self.put_host(record.client);
        self.put(" - - [");
        record.accepted.utc().put_log_date(self.out);
        self.put(" +0000] \"TCP \" 000 ");
        self.put_so_far(record, record.bytes_out);
        self.put_clf_route(record);
        put_number(self.out, record.timers.handshake);
        for timer in [record.timers.queue, record.timers.connect] {
            self.put(" ");
            self.put_timer(timer);
        }
        self.put(" ");
        self.put_so_far(record, record.timers.total);
        self.put(" ");
        put_number(self.out, record.bytes_in);
        self.put(" ");
        self.out.extend_from_slice(&record.termination.letters());
        self.put("-- ");
        self.put_counts(record, ' ');
        self.put(" \"\" \"\" ");
    }

    /// ` "" "" %cp %ms %ft %b %s `
    fn put_clf_route(&mut self, record: &Record<'_>) {
        self.put(" \"\" \"\" ");
        self.put_port(record.client);
        self.put(" ");
        put_padded(self.out, record.accepted.millis(), 3, b'0');
        for name in [
            record.frontend,
            record.backend,
            record.server.unwrap_or(NO_SERVER),
        ] {
            self.put(" \"");
            self.put(name);
            self.put("\"");
        }
        self.put(" ");
    }

    fn put(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    fn put_char(&mut self, char: char) {
        self.put(char.encode_utf8(&mut [0; 4]));
    }

    /// `%ci:%cp`
    fn put_peer(&mut self, peer: Peer) {
        self.put_host(peer);
        self.put(":");
        self.put_port(peer);
    }

    /// `%ci`
    fn put_host(&mut self, peer: Peer) {
        match peer {
            Peer::Ip(address) => self.put_ip(address.ip()),
            Peer::Unix(_) => self.put("unix"),
        }
    }

    /// `%cp`
    fn put_port(&mut self, peer: Peer) {
        put_number(
            self.out,
            match peer {
                Peer::Ip(address) => address.port().into(),
                Peer::Unix(bind) => bind.into(),
            },
        );
    }

    fn put_ip(&mut self, ip: IpAddr) {
        let written = write!(self, "{ip}");
        debug_assert!(written.is_ok(), "a buffer takes everything");
    }

    /// `%ft %b/%s`
    fn put_route(&mut self, record: &Record<'_>) {
        self.put(record.frontend);
        self.put(" ");
        self.put(record.backend);
        self.put("/");
        self.put(record.server.unwrap_or(NO_SERVER));
    }

    /// `%TR`, `%Tw`, `%Tc`, `%Tr`, `%Ta`
    fn put_http_timers(&mut self, record: &Record<'_>, between: char) {
        let timers = &record.timers;
        for timer in [
            timers.request,
            timers.queue,
            timers.connect,
            timers.response,
        ] {
            self.put_timer(timer);
            self.put_char(between);
        }
        self.put_so_far(record, timers.active);
    }

    fn put_timer(&mut self, timer: Option<u64>) {
        match timer {
            Some(millis) => put_number(self.out, millis),
            None => self.put("-1"),
        }
    }

    /// `%ST`
    fn put_status(&mut self, status: u16) {
        match status {
            0 => self.put("-1"),
            status => put_number(self.out, status.into()),
        }
    }

    /// A number that is still growing if the line comes before the end.
    fn put_so_far(&mut self, record: &Record<'_>, number: u64) {
        if record.asap {
            self.put("+");
        }
        put_number(self.out, number);
    }

    /// `%tsc`
    fn put_http_termination(&mut self, record: &Record<'_>) {
        self.out.extend_from_slice(&record.termination.letters());
        self.out.extend_from_slice(&record.cookies);
    }

    /// `%hr` or `%hs`, with a space behind it, if anything is captured at all.
    fn put_captures(&mut self, slots: &[Option<Vec<u8>>]) {
        for (at, slot) in slots.iter().enumerate() {
            self.put(if at == 0 { "{" } else { "|" });
            put_escaped_header(self.out, slot.as_deref().unwrap_or_default());
        }
        if !slots.is_empty() {
            self.put("} ");
        }
    }

    /// `%{+Q}hrl` or `%{+Q}hsl`, with a space in front of all but the first of the line.
    fn put_capture_list(&mut self, slots: &[Option<Vec<u8>>]) {
        for slot in slots {
            if self.out.last() != Some(&b' ') {
                self.put(" ");
            }
            self.put("\"");
            put_escaped_header(self.out, slot.as_deref().unwrap_or_default());
            self.put("\"");
        }
    }

    /// `%ac`, `%fc`, `%bc`, `%sc`, `%rc`, then `%sq`, `%bq`
    fn put_counts(&mut self, record: &Record<'_>, between: char) {
        let counts = &record.counts;
        for count in [
            counts.process,
            counts.frontend,
            counts.backend,
            counts.server,
        ] {
            put_number(self.out, count.into());
            self.put_char(between);
        }
        if record.redispatched {
            self.put("+");
        }
        put_number(self.out, record.retries.into());
        self.put(" ");
        let Ahead { server, backend } = record.ahead;
        put_number(self.out, server.into());
        self.put_char(between);
        put_number(self.out, backend.into());
    }

    /// `%{+Q}r`
    fn put_request(&mut self, request: Option<RequestLine<'_>>, loguri_len: usize) {
        let Some(request) = request else {
            return self.put("\"<BADREQ>\"");
        };
        let version: &[u8] = match request.version {
            Version::Http10 => b"HTTP/1.0",
            Version::Http11 => b"HTTP/1.1",
            Version::Http2 => b"HTTP/2.0",
        };
        let mut room = loguri_len.saturating_sub(1);
        self.put("\"");
        for piece in [request.method, b" ", request.target, b" ", version] {
            let fits = piece.len().min(room);
            put_escaped(self.out, &piece[..fits]);
            room -= fits;
        }
        self.put("\"");
    }
}

impl Write for Line<'_> {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        self.put(text);
        Ok(())
    }
}

/// In place of a server's name.
const NO_SERVER: &str = "<NOSRV>";
