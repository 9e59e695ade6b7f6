//! `tidegate-sim`: see `sim::command`.

use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    ExitCode::from(sim::command::main(&words))
}
