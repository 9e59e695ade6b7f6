//! Notes what a run can only be repeated with: the sources, `Cargo.lock` and the compiler.

use std::env::var;
use std::process::Command;

fn main() {
    // What is built in, so that no change of it goes unnoticed.
    for path in ["../src", "src", "../Cargo.lock", "../.git/logs/HEAD"] {
        println!("cargo:rerun-if-changed={path}");
    }
    let commit = said("git", &["rev-parse", "--short=12", "HEAD"]);
    let changes = said(
        "git",
        &[
            "status",
            "--porcelain",
            "--",
            "../src",
            ".",
            "../Cargo.lock",
        ],
    );
    let commit = match (commit.as_str(), changes.is_empty()) {
        ("", _) => "unknown".to_owned(),
        (commit, true) => commit.to_owned(),
        (commit, false) => format!("{commit} with changes"),
    };
    println!("cargo:rustc-env=SIM_COMMIT={commit}");
    let rustc = var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    println!("cargo:rustc-env=SIM_RUSTC={}", said(&rustc, &["--version"]));
}

/// What a program says on one line; nothing if it cannot be asked.
fn said(program: &str, words: &[&str]) -> String {
    let output = Command::new(program).args(words).output();
    let Some(output) = output.ok().filter(|output| output.status.success()) else {
        return String::new();
    };
    String::from_utf8_lossy(&output.stdout)
        .trim()
        .replace('\n', ", ")
}
