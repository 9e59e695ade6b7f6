//! The binary: a command line like HAProxy's, configuration files, and the process around the engine.

mod args;
mod demo;
mod explain;
mod files;
mod limits;
mod master;
mod output;
mod process;
mod run;
mod surroundings;
mod version;

use args::{Args, Command};
use config::{LoadOptions, Severity, SourceFile};
use driver::process::Handover;
use output::Output;
use std::process::ExitCode;
use surroundings::Machine;

/// Connections and buffers come and go by the thousand; this allocator keeps them dense.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args_os()
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    match args::parse(words.get(1..).unwrap_or_default()) {
        Command::Usage => {
            print!("{}", version::short());
            eprint!("{}", args::USAGE);
            ExitCode::FAILURE
        }
        Command::Print(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Command::Refused(message) => {
            Output::new(false).line(Severity::Alert, &message);
            ExitCode::FAILURE
        }
        Command::Condition(condition) => check_condition(&condition),
        Command::Start(args) => start(&args),
        Command::Explain(question) => explain::explain(&question),
        Command::Demo => match demo::start() {
            Ok(source) => start_with(&[source], &Args::default(), Output::new(false)),
            Err(error) => {
                let message = format!("Cannot start the demo : {error}");
                Output::new(false).line(Severity::Alert, &message);
                ExitCode::FAILURE
            }
        },
    }
}

/// `-cc`: 0 is true, 1 false, 2 not a condition.
fn check_condition(condition: &str) -> ExitCode {
    match config::check_condition(condition, &Machine::default()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            Output::new(false).line(Severity::Alert, &format!("config : {message}"));
            ExitCode::from(2)
        }
    }
}

fn start(args: &Args) -> ExitCode {
    let mut output = Output::new(args.quiet && !args.verbose);
    if let Some(directory) = &args.directory
        && let Err(error) = std::env::set_current_dir(directory)
    {
        let message = format!("Could not change to directory {directory} : {error}");
        output.line(Severity::Alert, &message);
        return ExitCode::FAILURE;
    }
    let sources = match files::read(&args.files) {
        Ok(sources) if sources.is_empty() => {
            eprint!("{}", args::USAGE);
            return ExitCode::FAILURE;
        }
        Ok(sources) => sources,
        Err(message) => {
            output.line(Severity::Alert, &format!("config : {message}"));
            return ExitCode::FAILURE;
        }
    };
    start_with(&sources, args, output)
}

/// Reads a configuration, and checks it or runs.
fn start_with(sources: &[SourceFile], args: &Args, mut output: Output) -> ExitCode {
    let machine = Machine {
        only_v4: args.only_v4,
    };
    let options = LoadOptions {
        ignore_resolution_failures: args.ignore_resolution_failures,
        zero_warning: args.zero_warning,
        diagnostic_mode: args.diagnostic_mode,
        default_maxconn: args.default_maxconn,
        localpeer: args.localpeer.clone(),
        hash_key: surroundings::hash_key(),
        epoch: driver::real::Clock::start().epoch(),
    };
    let loaded = config::load(sources, &machine, &options);
    let master = args.master.as_ref().filter(|_| !args.check);
    if master.is_none() || loaded.settings.is_none() {
        // Each worker of a master says it for itself.
        for diagnostic in &loaded.diagnostics {
            output.diagnostic(diagnostic);
        }
    }
    if let Some(classes) = &args.dump_keywords {
        print!("{}", output::keywords(classes));
    }
    let warned = loaded.has(Severity::Warning);
    let Some(mut settings) = loaded.settings else {
        return ExitCode::FAILURE;
    };
    args.override_settings(&mut settings);
    let listens = settings
        .proxies
        .iter()
        .any(|proxy| !proxy.disabled && !proxy.binds.is_empty())
        || !settings.global.stats_sockets.is_empty();
    if args.check {
        return checked(&mut output, args, warned, listens);
    }
    let quiet = (loaded.quiet || args.quiet) && !args.verbose;
    if let Some(master) = master {
        return match master::run(&settings.global, args, master, quiet) {
            Ok(code) => ExitCode::from(code),
            Err(errors) => failed(&mut output, errors),
        };
    }
    if !listens {
        output.line(
            Severity::Alert,
            "[haproxy.main()] No enabled listener found (check for 'bind' directives) ! Exiting.",
        );
        return ExitCode::FAILURE;
    }
    if quiet {
        output = Output::new(true);
    }
    let master = Handover::take().map_err(|error| vec![error.to_string()]);
    match master.and_then(|master| run::run(settings, args, quiet, master, &mut output)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(errors) => failed(&mut output, errors),
    }
}

/// Says why the process cannot start.
fn failed(output: &mut Output, errors: Vec<String>) -> ExitCode {
    for error in errors {
        output.line(Severity::Alert, &error);
    }
    ExitCode::FAILURE
}

/// What `-c` says of a configuration without errors.
fn checked(output: &mut Output, args: &Args, warned: bool, listens: bool) -> ExitCode {
    if !listens {
        output.plain("Configuration file has no error but will not start (no listener).");
        return ExitCode::SUCCESS;
    }
    if warned {
        output.plain("Warnings were found.");
    }
    if args.verbose {
        output.plain("Configuration file is valid");
    }
    ExitCode::SUCCESS
}
