//! Files and hosts for tests.

use super::References;
use crate::names::Lists;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::net::{IpAddr, Ipv4Addr};

/// A configuration that is read, and the files around it.
pub(crate) struct World {
    pub(crate) files: BTreeMap<&'static str, &'static str>,
    pub(crate) references: References,
}

impl World {
    /// Files with these names and texts.
    pub(crate) fn with(files: &[(&'static str, &'static str)]) -> Self {
        Self {
            files: files.iter().copied().collect(),
            references: References::new([1, 2]),
        }
    }
}

impl Lists for World {
    fn references(&mut self) -> &mut References {
        &mut self.references
    }

    fn file(&mut self, path: &str) -> Result<Vec<u8>, String> {
        let file = self.optional_file(path)?;
        file.ok_or_else(|| format!("failed to open pattern file <{path}>"))
    }

    fn optional_file(&mut self, path: &str) -> Result<Option<Vec<u8>>, String> {
        Ok(self.files.get(path).map(|text| text.as_bytes().to_vec()))
    }

    fn resolve(&mut self, host: &str) -> Option<IpAddr> {
        (host == "localhost").then_some(IpAddr::V4(Ipv4Addr::LOCALHOST))
    }

    fn place(&self) -> String {
        "file 'a.cfg' line 1".into()
    }
}
