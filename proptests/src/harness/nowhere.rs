//! A machine with nothing around it, so that a configuration means the same everywhere.

use config::{Family, LoadOptions, SourceFile, Surroundings};
use engine::settings::Settings;
use std::net::{IpAddr, Ipv4Addr};

/// No environment, no files, no accounts; every name is 127.0.0.1.
#[derive(Clone, Copy, Debug)]
pub struct Nowhere;

impl Surroundings for Nowhere {
    fn env(&self, _name: &str) -> Option<String> {
        None
    }

    fn read_file(&self, path: &str) -> Result<Vec<u8>, String> {
        match path {
            "/dev/null" => Ok(Vec::new()),
            _ => Err("there are no files".into()),
        }
    }

    fn resolve(&self, _host: &str, _family: Family) -> Result<IpAddr, String> {
        Ok(Ipv4Addr::LOCALHOST.into())
    }

    fn user_id(&self, _name: &str) -> Option<u32> {
        None
    }

    fn group_id(&self, _name: &str) -> Option<u32> {
        None
    }

    fn host_name(&self) -> String {
        "nowhere".into()
    }
}

/// What a configuration says, read there.
pub fn settings(text: &str) -> Settings {
    let file = SourceFile {
        name: "test.cfg".into(),
        text: text.into(),
    };
    let loaded = config::load(&[file], &Nowhere, &LoadOptions::default());
    match loaded.settings {
        Some(settings) => settings,
        None => panic!("the configuration is refused: {:?}", loaded.diagnostics),
    }
}
