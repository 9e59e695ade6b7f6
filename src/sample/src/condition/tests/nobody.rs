//! A configuration without names.

use crate::names::{Lists, Names};
use crate::pattern::References;
use crate::vars::Variable;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::net::IpAddr;

pub(super) struct Nobody(References);

impl Default for Nobody {
    fn default() -> Self {
        Self(References::new([0; 2]))
    }
}

fn none<T>() -> Result<T, String> {
    Err("nobody has a name here".to_string())
}

impl Names for Nobody {
    fn frontend(&mut self, _: Option<&str>) -> Result<u32, String> {
        none()
    }

    fn backend(&mut self, _: Option<&str>) -> Result<u32, String> {
        none()
    }

    fn server(&mut self, _: &str) -> Result<(u32, u32), String> {
        none()
    }

    fn table(&mut self, _: Option<&str>) -> Result<u32, String> {
        none()
    }

    fn userlist(&mut self, _: &str) -> Result<u32, String> {
        none()
    }

    fn variable(&mut self, _: &str) -> Result<Variable, String> {
        none()
    }

    fn file(&mut self, _: &str) -> Result<Vec<u8>, String> {
        none()
    }

    fn environment(&self, _: &str) -> Option<String> {
        None
    }

    fn lists(&mut self) -> Result<&mut dyn Lists, String> {
        Ok(self)
    }
}

impl Lists for Nobody {
    fn references(&mut self) -> &mut References {
        &mut self.0
    }

    fn file(&mut self, _: &str) -> Result<Vec<u8>, String> {
        none()
    }

    fn optional_file(&mut self, _: &str) -> Result<Option<Vec<u8>>, String> {
        Ok(None)
    }

    fn resolve(&mut self, _: &str) -> Option<IpAddr> {
        None
    }

    fn place(&self) -> String {
        String::new()
    }
}
