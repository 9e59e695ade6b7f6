//! What is said of configurations: one file a situation, its diagnostics beside it.

use config::{Family, LoadOptions, SourceFile, Surroundings, render};
use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};

#[test]
fn diagnostics_of_every_situation() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/config");
    let cases = cases(&folder);
    assert!(cases.len() >= CASES_MIN, "only {} cases", cases.len());
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(&folder);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for case in cases {
            let name = case.file_stem().expect("a name").to_string_lossy();
            let text = std::fs::read_to_string(&case).expect("a readable case");
            insta::assert_snapshot!(name.as_ref(), said(&name, text));
        }
    });
}

/// The configurations of a folder, in order of their names.
fn cases(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder of cases");
    let mut cases: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "cfg"))
        .collect();
    cases.sort();
    cases
}

/// Everything a run would show, and whether it would start.
fn said(name: &str, text: String) -> String {
    let file = SourceFile {
        name: format!("{name}.cfg"),
        text,
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

/// Cases there are at least; fewer means that the folder was not found.
const CASES_MIN: usize = 40;
