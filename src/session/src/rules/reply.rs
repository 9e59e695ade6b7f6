//! Answers that rules and error pages make.

use super::put;
use alloc::boxed::Box;
use alloc::vec::Vec;
use sample::format::Format;
use sample::{Facts, Work};

/// An answer: `return`, `deny`, `tarpit`, `http-error status …`.
#[derive(Clone, Debug)]
pub struct Reply {
    /// Its status.
    pub status: u16,
    /// `content-type`; none where there is no body or the body says it itself.
    pub content_type: Option<Box<str>>,
    /// `hdr`: names and values.
    pub headers: Vec<(Box<str>, Format)>,
    /// Its body.
    pub body: ReplyBody,
}

/// The body of an answer.
#[derive(Clone, Debug)]
pub enum ReplyBody {
    /// `default-errorfiles`, or nothing said at all: the page of the status, as the proxy has it.
    Page,
    /// `errorfile`, and `errorfiles` of a section: a whole answer with its head.
    Raw(Box<[u8]>),
    /// None at all.
    Empty,
    /// `string`, `file`
    Text(Box<[u8]>),
    /// `lf-string`, `lf-file`
    Format(Format),
}

/// The parts of an answer that depend on the request, worked out.
#[derive(Debug, Default)]
pub struct Filled {
    /// The values of its fields, in order.
    pub headers: Vec<Vec<u8>>,
    /// Its body, if that is a format.
    pub body: Vec<u8>,
}

impl Reply {
    /// Works out what depends on the request.
    pub fn fill(&self, facts: &Facts<'_>, work: &mut Work) -> Filled {
        let mut headers = Vec::with_capacity(self.headers.len());
        for (_, value) in &self.headers {
            let mut text = work.buffer();
            put(value, facts, work, &mut text);
            headers.push(text);
        }
        let mut body = work.buffer();
        if let ReplyBody::Format(format) = &self.body {
            put(format, facts, work, &mut body);
        }
        Filled { headers, body }
    }
}
