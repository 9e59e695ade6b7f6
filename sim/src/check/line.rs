//! A log line of `option httplog`, read back.

use crate::journal::LogLine;
use base::Instant;

/// What a line says.
#[derive(Debug)]
pub(super) struct Line<'a> {
    /// When it was written.
    pub(super) at: Instant,
    /// The name of the request, from its target.
    pub(super) nonce: Option<&'a str>,
    pub(super) frontend: &'a str,
    pub(super) backend: &'a str,
    /// `<NOSRV>` if there was none.
    pub(super) server: &'a str,
    /// TR, Tw, Tc, Tr, Ta: milliseconds, -1 if not reached.
    pub(super) times: [i64; 5],
    pub(super) status: i64,
    /// Termination state.
    pub(super) state: &'a str,
    pub(super) retries: u32,
    /// The last attempt went to another server.
    pub(super) redispatched: bool,
}

impl<'a> Line<'a> {
    /// Reads a line; `None` if it is of another form.
    pub(super) fn read(line: &'a LogLine) -> Option<Self> {
        let (before, request) = line.text.split_once('"').unwrap_or((&line.text, ""));
        let words: Vec<&str> = before.split_whitespace().collect();
        let at = words
            .iter()
            .rposition(|word| word.split('/').count() == 5)?;
        // The five counts come after the state; the five times before the status.
        let [times, status, _bytes, _, _, state, counts, ..] = words.get(at.checked_sub(6)?..)?
        else {
            return None;
        };
        let (frontend, server) = (words.get(at.checked_sub(8)?)?, words.get(at - 7)?);
        let (backend, server) = server.split_once('/')?;
        let mut parsed = [-1; 5];
        for (slot, text) in parsed.iter_mut().zip(times.split('/')) {
            *slot = text.trim_start_matches('+').parse().ok()?;
        }
        let retries = counts.rsplit('/').next()?;
        let nonce = request.split_once("?n=").map(|(_, rest)| {
            let end = rest.find([' ', '"']).unwrap_or(rest.len());
            &rest[..end]
        });
        Some(Self {
            at: line.at,
            nonce,
            frontend: frontend.trim_end_matches('~'),
            backend,
            server,
            times: parsed,
            status: status.parse().ok()?,
            state,
            retries: retries.trim_start_matches('+').parse().ok()?,
            redispatched: retries.starts_with('+'),
        })
    }

    /// Its server as `backend/server`.
    pub(super) fn full_server(&self) -> String {
        format!("{}/{}", self.backend, self.server)
    }
}

#[cfg(test)]
mod tests {
    use super::Line;
    use crate::journal::LogLine;
    use base::Instant;

    #[test]
    fn the_example_of_the_manual_is_read() {
        let text = "haproxy[674]: 127.0.0.1:33318 [15/Oct/2003:08:31:57.130] px-http \
            px-http/srv1 6559/0/7/147/6723 200 243 - - ---- 5/3/3/1/+2 0/0 \
            \"GET /image.iso?n=web-001-00002 HTTP/1.0\"";
        let line = LogLine {
            at: Instant::ZERO,
            text: text.into(),
        };
        let line = Line::read(&line).expect("a line");
        assert_eq!(line.nonce, Some("web-001-00002"));
        assert_eq!(
            (line.frontend, line.backend, line.server),
            ("px-http", "px-http", "srv1")
        );
        assert_eq!(line.times, [6559, 0, 7, 147, 6723]);
        assert_eq!((line.status, line.state), (200, "----"));
        assert_eq!((line.retries, line.redispatched), (2, true));
    }
}
