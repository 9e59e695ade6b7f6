//! From messages to bytes.

pub(crate) mod body;
pub(crate) mod head;
pub(crate) mod queue;
