//! A machine for tests.

use crate::surroundings::{Family, Surroundings};
use alloc::string::String;
use alloc::vec::Vec;
use core::net::IpAddr;

pub(super) struct Fake;

impl Surroundings for Fake {
    fn env(&self, name: &str) -> Option<String> {
        (name == "HOME").then(|| "/root".into())
    }

    fn read_file(&self, path: &str) -> Result<Vec<u8>, String> {
        match path {
            "503.http" => Ok(b"HTTP/1.0 503 Busy\r\n\r\n".to_vec()),
            "/dev/null" => Ok(Vec::new()),
            "not.http" => Ok(b"<html>".to_vec()),
            _ => Err("no such file".into()),
        }
    }

    fn resolve(&self, host: &str, family: Family) -> Result<IpAddr, String> {
        match (host, family) {
            ("app.example", Family::Any | Family::V4) => Ok([198, 51, 100, 1].into()),
            _ => Err("unknown host".into()),
        }
    }

    fn user_id(&self, name: &str) -> Option<u32> {
        (name == "haproxy").then_some(107)
    }

    fn group_id(&self, name: &str) -> Option<u32> {
        (name == "haproxy").then_some(113)
    }

    fn host_name(&self) -> String {
        "here".into()
    }
}
