//! `show errors`: the last invalid messages.

use crate::view::View;
use alloc::string::String;
use alloc::vec::Vec;
use base::Instant;
use core::fmt::Write;
use session::settings::{Proxy, ProxyIndex};
use session::{Capture, Direction, Event};

/// How far the answer has come.
#[derive(Clone, Debug)]
pub(crate) struct Errors {
    /// Only this proxy's messages; `None` is everyone's.
    proxy: Option<u32>,
    /// Only those of this direction.
    direction: Option<Direction>,
    next: Next,
}

#[derive(Clone, Copy, Debug)]
enum Next {
    Title,
    /// The head of the report on a message.
    Head(Place),
    /// The line of the message that starts at `from`, or goes on there.
    Bytes {
        place: Place,
        event: u64,
        from: usize,
        continued: bool,
    },
}

/// A message, by who shows it.
#[derive(Clone, Copy, Debug)]
struct Place {
    proxy: u32,
    direction: Direction,
}

impl Place {
    const FIRST: Self = Self {
        proxy: 0,
        direction: Direction::Request,
    };

    fn last(self, view: &dyn View) -> Option<Event> {
        view.captures().last(ProxyIndex(self.proxy), self.direction)
    }

    fn after(self) -> Self {
        match self.direction {
            Direction::Request => Self {
                direction: Direction::Response,
                ..self
            },
            Direction::Response => Self {
                proxy: self.proxy.saturating_add(1),
                direction: Direction::Request,
            },
        }
    }
}

impl Errors {
    pub(crate) fn new(proxy: Option<u32>, direction: Option<Direction>) -> Self {
        Self {
            proxy,
            direction,
            next: Next::Title,
        }
    }

    /// Writes at most one line of a message, or a report's head; true once there is no more.
    pub(crate) fn step(&mut self, view: &dyn View, out: &mut String) -> bool {
        match self.next {
            Next::Title => {
                let now = date(view, view.now());
                let _ = writeln!(
                    out,
                    "Total events captured on [{now}] : {}",
                    view.captures().count()
                );
                self.next = Next::Head(Place::FIRST);
                false
            }
            Next::Head(place) => {
                let Some(proxy) = view.settings().proxies.get(place.proxy as usize) else {
                    return true;
                };
                self.next = Next::Head(place.after());
                if self.wants(proxy, place)
                    && let Some((event, capture)) = place.last(view)
                {
                    write_head(event, &capture, view, out);
                    self.next = Next::Bytes {
                        place,
                        event,
                        from: 0,
                        continued: false,
                    };
                }
                false
            }
            Next::Bytes {
                place,
                event,
                from,
                continued,
            } => {
                self.next = match place.last(view) {
                    Some((now, capture)) if now == event && from < capture.bytes.len() => {
                        let (from, continued) = write_line(&capture, from, continued, out);
                        Next::Bytes {
                            place,
                            event,
                            from,
                            continued,
                        }
                    }
                    // At its end, or another message has taken its place since the last pull.
                    Some(_) | None => Next::Head(place.after()),
                };
                false
            }
        }
    }

    fn wants(&self, proxy: &Proxy, place: Place) -> bool {
        self.proxy.is_none_or(|id| id == proxy.id)
            && self
                .direction
                .is_none_or(|direction| direction == place.direction)
    }
}

/// `04/Mar/2009:15:46:56.081`, in local time.
fn date(view: &dyn View, at: Instant) -> String {
    let mut text = Vec::new();
    view.clock(at).put_log_date_millis(&mut text);
    String::from_utf8_lossy(&text).into_owned()
}

fn write_head(event: u64, capture: &Capture, view: &dyn View, out: &mut String) {
    let proxy_of = |index: ProxyIndex| view.settings().proxies.get(index.0 as usize);
    let (frontend, backend) = (
        proxy_of(capture.frontend),
        capture.backend.and_then(proxy_of),
    );
    let at = date(view, capture.at);
    let name = |proxy: Option<&Proxy>| match proxy {
        Some(proxy) => alloc::format!("{} (#{})", proxy.name, proxy.id),
        None => NOBODY.into(),
    };
    // A blank before each report: an empty line would end the answer.
    let _ = match capture.direction {
        Direction::Request => write!(
            out,
            " \n[{at}] frontend {}: invalid request\n  backend {}",
            name(frontend),
            name(backend)
        ),
        Direction::Response => write!(
            out,
            " \n[{at}] backend {}: invalid response\n  frontend {}",
            name(backend),
            name(frontend)
        ),
    };
    let server = capture
        .server
        .and_then(|index| backend?.servers.get(index.0 as usize));
    let _ = match server {
        Some(server) => write!(out, ", server {} (#{})", server.name, server.id),
        None => write!(out, ", server {NOBODY}"),
    };
    let _ = write!(out, ", event #{event}, src ");
    let _ = match capture.source {
        Some(source) => writeln!(out, "{source}"),
        None => writeln!(out, "unix"),
    };
    let _ = writeln!(
        out,
        "  len {}, error at position {} ({}):\n  ",
        capture.bytes.len(),
        capture.position,
        capture.reason,
    );
}

/// Writes what fits of the line at `from`; says where the next one begins, and whether that goes on
/// with the same line.
fn write_line(capture: &Capture, from: usize, continued: bool, out: &mut String) -> (usize, bool) {
    let offset = capture.start as usize + from;
    let mark = if continued { '+' } else { ' ' };
    let _ = write!(out, "  {offset:05}{mark} ");
    let mut width = 0;
    let mut at = from;
    let mut ended = false;
    while let Some(&byte) = capture.bytes.get(at).filter(|_| !ended) {
        let before = out.len();
        write_byte(byte, out);
        width += out.len() - before;
        if width > LINE_WIDTH_MAX {
            out.truncate(before);
            break;
        }
        at += 1;
        ended = byte == b'\n';
    }
    out.push('\n');
    (at, !ended)
}

/// As it is, or in C's notation if it cannot be printed.
fn write_byte(byte: u8, out: &mut String) {
    match byte {
        b'\\' => out.push_str("\\\\"),
        b'\t' => out.push_str("\\t"),
        b'\n' => out.push_str("\\n"),
        b'\r' => out.push_str("\\r"),
        0x1b => out.push_str("\\e"),
        b' '..=b'~' => out.push(char::from(byte)),
        _ => {
            let _ = write!(out, "\\x{byte:02X}");
        }
    }
}

/// Where there is no backend or server.
const NOBODY: &str = "<NONE> (#-1)";

/// Characters of a message on one line of the answer: with its offset that makes 79.
const LINE_WIDTH_MAX: usize = 70;

#[cfg(test)]
mod tests {
    use super::write_line;
    use alloc::string::String;
    use base::Instant;
    use session::settings::ProxyIndex;
    use session::{Capture, Direction};

    fn lines(start: u32, bytes: &[u8]) -> String {
        let capture = Capture {
            at: Instant::ZERO,
            direction: Direction::Request,
            frontend: ProxyIndex(0),
            backend: None,
            server: None,
            source: None,
            reason: "",
            bytes: bytes.into(),
            start,
            position: 0,
        };
        let mut out = String::new();
        let (mut from, mut continued) = (0, false);
        while from < bytes.len() {
            (from, continued) = write_line(&capture, from, continued, &mut out);
        }
        out
    }

    #[test]
    fn a_message_is_cut_at_its_lines() {
        assert_eq!(
            lines(0, b"GET / HTTP/1.1\r\nBad Header: \x01\\\r\n"),
            "  00000  GET / HTTP/1.1\\r\\n\n  00016  Bad Header: \\x01\\\\\\r\\n\n"
        );
    }

    #[test]
    fn a_long_line_goes_on_with_a_plus() {
        let text = lines(1000, &[b'x'; 150]);
        let expected = alloc::format!(
            "  01000  {0}\n  01070+ {0}\n  01140+ {1}\n",
            "x".repeat(70),
            "x".repeat(10)
        );
        assert_eq!(text, expected);
        assert!(text.lines().all(|line| line.len() <= 79));
    }
}
