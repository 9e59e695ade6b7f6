//! Names of connections and exchanges that are never reused while somebody may hold them.

slotmap::new_key_type! {
    /// A transport connection of one worker, to a client or to a server.
    pub struct ConnId;
    /// A request and its response, or one TCP session, on one worker.
    pub struct ExchangeId;
}
