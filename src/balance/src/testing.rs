//! Backends for tests.

use crate::{
    Address, Affinity, Algorithm, Backend, BackendSettings, HashKey, HashType, Keep, Proto,
    ServerSettings,
};
use base::Rng;
use std::string::String;

pub(crate) const ALGORITHMS: [Algorithm; 8] = [
    Algorithm::RoundRobin,
    Algorithm::StaticRr,
    Algorithm::LeastConn,
    Algorithm::First,
    Algorithm::Sticky,
    Algorithm::Random { draws: 2 },
    Algorithm::Hash(HashType::Map),
    Algorithm::Hash(HashType::Consistent),
];

pub(crate) struct ServerLine(ServerSettings);

/// A server line with this `id` and nothing else.
pub(crate) fn server(id: u32) -> ServerLine {
    ServerLine(ServerSettings {
        id,
        name: std::format!("s{id}").into(),
        address: Address::Unix("/s".into()),
        host: None,
        weight: 1,
        maxconn: 0,
        minconn: 0,
        maxqueue: 0,
        backup: false,
        id_given: false,
        disabled: false,
        source: None,
        proto: Proto::default(),
        cookie: None,
        non_stick: false,
        hash_key: HashKey::Id,
        keep: Keep::default(),
        place: String::new(),
    })
}

impl ServerLine {
    pub(crate) fn id(mut self, id: u32) -> Self {
        self.0.id = id;
        self
    }

    pub(crate) fn weight(mut self, weight: u32) -> Self {
        self.0.weight = weight;
        self
    }

    pub(crate) fn maxconn(mut self, maxconn: u32) -> Self {
        self.0.maxconn = maxconn;
        self
    }

    pub(crate) fn minconn(mut self, minconn: u32) -> Self {
        self.0.minconn = minconn;
        self
    }

    pub(crate) fn maxqueue(mut self, maxqueue: u32) -> Self {
        self.0.maxqueue = maxqueue;
        self
    }

    pub(crate) fn backup(mut self) -> Self {
        self.0.backup = true;
        self
    }

    pub(crate) fn disabled(mut self) -> Self {
        self.0.disabled = true;
        self
    }

    pub(crate) fn unresolved(mut self) -> Self {
        self.0.address = Address::Unresolved("host".into());
        self
    }
}

pub(crate) fn backend(
    algorithm: Algorithm,
    servers: impl IntoIterator<Item = ServerLine>,
) -> Backend {
    backend_with(algorithm, servers, |_| {})
}

pub(crate) fn backend_with(
    algorithm: Algorithm,
    servers: impl IntoIterator<Item = ServerLine>,
    change: impl FnOnce(&mut BackendSettings),
) -> Backend {
    let mut settings = BackendSettings {
        algorithm,
        fullconn: 0,
        share_percent_max: 0,
        affinity: Affinity::Always,
        allbackups: false,
    };
    change(&mut settings);
    let servers: std::vec::Vec<_> = servers.into_iter().map(|line| line.0).collect();
    Backend::new(settings, &servers, Rng::from_u64(1))
}
