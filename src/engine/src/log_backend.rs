//! Servers of backends in `mode log`: each message goes to one of them.

use crate::shared::Shared;
use balance::ServerIndex;
use sample::{Type, Value, Work, cast::cast};
use session::settings::{HashOf, LogWhere, ProxyIndex};

impl Shared {
    /// The server that a message goes to, and where that is; none if there is none to take it.
    pub fn log_server(
        &self,
        backend: ProxyIndex,
        text: &[u8],
        work: &mut Work,
    ) -> Option<(ServerIndex, &LogWhere)> {
        let proxy = self.proxy(backend);
        let hash = proxy.hashing.as_ref().and_then(|hashing| {
            let HashOf::Message(converters) = &hashing.of else {
                return None;
            };
            let value = converters.value(Value::Text(text.into()), work)?;
            let value = cast(value, Type::Text, work)?;
            let (Value::Text(key) | Value::Bytes(key)) = &value else {
                return None;
            };
            let hash = hashing.of_bytes(key);
            work.done(value);
            Some(hash)
        });
        let server = self.backends[backend.0 as usize].lock().choose(hash)?;
        Some((server, &proxy.log_servers[server.0 as usize]))
    }
}
