//! Folders of case files, with what comes of each beside it.

use std::path::{Path, PathBuf};

/// Gives every file of a folder with this extension to `play`, with its name; snapshots go beside it.
/// Fewer files than `least` mean that the folder was not found whole.
pub fn each(folder: &str, extension: &str, least: usize, mut play: impl FnMut(&str, &str)) {
    let cases = files(&path(folder), extension);
    assert!(cases.len() >= least, "only {} cases", cases.len());
    beside(folder, || {
        for case in cases {
            let name = case.file_stem().expect("a name").to_string_lossy();
            let text = std::fs::read_to_string(&case).expect("a readable case");
            play(&name, &text);
        }
    });
}

/// Snapshots that `check` takes lie in this folder of cases, under their own names.
pub fn beside(folder: &str, check: impl FnOnce()) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(path(folder));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(check);
}

fn path(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("cases")
        .join(folder)
}

fn files(folder: &Path, wanted: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder of cases");
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == wanted)
        })
        .collect();
    files.sort();
    files
}
