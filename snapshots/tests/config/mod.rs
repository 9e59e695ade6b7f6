//! What is said of configurations: one file a situation, its diagnostics beside it.

use crate::cases;
use config::{Family, LoadOptions, SourceFile, Surroundings, render};
use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr};

#[test]
fn diagnostics_of_every_situation() {
    cases::each("config", "cfg", 40, |name, text| {
        insta::assert_snapshot!(name, said(name, text));
    });
}

/// Everything a run would show, and whether it would start.
fn said(name: &str, text: &str) -> String {
    let file = SourceFile {
        name: format!("{name}.cfg"),
        text: text.into(),
    };
    let loaded = config::load(&[file], &Machine, &LoadOptions::default());
    let mut said = String::new();
    for diagnostic in &loaded.diagnostics {
        said.push_str(&render::diagnostic(diagnostic, 0));
    }
    let verdict = match loaded.settings {
        Some(_) => "accepted",
        None => "refused",
    };
    let _ = writeln!(said, "=> {verdict}");
    said
}

/// A machine that knows little, but always the same.
struct Machine;

impl Surroundings for Machine {
    fn env(&self, name: &str) -> Option<String> {
        (name == "HOME").then(|| "/root".into())
    }

    fn read_file(&self, path: &str) -> Result<Vec<u8>, String> {
        match path {
            "503.http" => Ok(b"HTTP/1.0 503 Busy\r\n\r\n".to_vec()),
            "page.html" => Ok(b"<html>".to_vec()),
            _ => Err("No such file or directory".into()),
        }
    }

    fn resolve(&self, host: &str, _family: Family) -> Result<IpAddr, String> {
        if host == "localhost" {
            Ok(Ipv4Addr::LOCALHOST.into())
        } else {
            Err("Name or service not known".into())
        }
    }

    fn user_id(&self, _name: &str) -> Option<u32> {
        None
    }

    fn group_id(&self, _name: &str) -> Option<u32> {
        None
    }

    fn host_name(&self) -> String {
        "here".into()
    }
}
