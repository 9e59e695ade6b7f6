//! `tidegate-sim`: see `sim::command`.

use std::process::ExitCode;

/// A sweep is a tenth of allocating; this allocator needs half of that. No run depends on where memory is.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    ExitCode::from(sim::command::main(&words))
}
