//! From bytes to messages.

mod chars;
pub(crate) mod chunked;
mod fields;
pub(crate) mod framing;
pub(crate) mod head;
mod host;
pub(crate) mod judge;
mod lines;
mod request;
mod response;
mod scan;
mod target;
mod version;
