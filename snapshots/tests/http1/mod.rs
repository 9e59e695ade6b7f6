//! HTTP/1: what a connection says and writes, one file a situation, and what every input does in every
//! state.

mod script;
mod table;

use std::path::{Path, PathBuf};

#[test]
fn connections_in_every_situation() {
    let folder = folder();
    let cases = cases(&folder);
    assert!(cases.len() >= CASES_MIN, "only {} cases", cases.len());
    with_snapshots_in(&folder, || {
        for case in cases {
            let name = case.file_stem().expect("a name").to_string_lossy();
            let text = std::fs::read_to_string(&case).expect("a readable case");
            insta::assert_snapshot!(name.as_ref(), script::play(&text));
        }
    });
}

#[test]
fn every_input_in_every_state() {
    with_snapshots_in(&folder(), || {
        insta::assert_snapshot!("transitions", table::transitions());
    });
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/http1")
}

fn with_snapshots_in(folder: &Path, body: impl FnOnce()) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(folder);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(body);
}

/// The scripts of a folder, in order of their names.
fn cases(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder of cases");
    let mut cases: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    cases.sort();
    cases
}

/// Fewer files than this mean that the folder was not found whole.
const CASES_MIN: usize = 20;
