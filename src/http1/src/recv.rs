//! From bytes to messages.

pub(crate) mod chars;
pub(crate) mod chunked;
pub(crate) mod fields;
pub(crate) mod framing;
pub(crate) mod head;
pub(crate) mod lines;
pub(crate) mod request;
pub(crate) mod response;
pub(crate) mod target;
pub(crate) mod trailers;
pub(crate) mod version;
