//! The command line (management.txt §3).

#[cfg(test)]
mod tests;

use crate::explain::Question;
use crate::version;
use driver::process::Farewell;
use engine::settings::Settings;

/// What the command line asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// The command line makes no sense: show how it works.
    Usage,
    /// Print this and be done.
    Print(String),
    /// A switch that is not supported, and why.
    Refused(String),
    /// `-cc`: evaluate a condition.
    Condition(String),
    /// `demo`: run an embedded configuration before embedded servers.
    Demo,
    /// `explain`: print the way of a request.
    Explain(Box<Question>),
    /// Read configuration files, and check them or run.
    Start(Box<Args>),
}

/// How to start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Args {
    /// `-f` and what follows `--`: files and directories.
    pub files: Vec<String>,
    /// `-c`
    pub check: bool,
    /// `-V`
    pub verbose: bool,
    /// `-q`
    pub quiet: bool,
    /// `-D`
    pub daemon: bool,
    /// `-d` or `-db`
    pub foreground: bool,
    /// `-p`
    pub pidfile: Option<String>,
    /// `-C`
    pub directory: Option<String>,
    /// `-L`
    pub localpeer: Option<String>,
    /// `-n`
    pub maxconn: Option<u32>,
    /// `-N`
    pub default_maxconn: Option<u32>,
    /// `-m`: mebibytes of memory.
    pub memory_mib: Option<u64>,
    /// `-dW`
    pub zero_warning: bool,
    /// `-dD`
    pub diagnostic_mode: bool,
    /// `-dr`
    pub ignore_resolution_failures: bool,
    /// `-4`
    pub only_v4: bool,
    /// `-dK`: the classes of keywords to print.
    pub dump_keywords: Option<String>,
    /// `-W`, `-Ws`
    pub master: Option<MasterArgs>,
    /// `-sf`, `-st`: the processes that go once this one serves, and how.
    pub parting: Option<(Farewell, Vec<u32>)>,
}

/// How to start as the master of workers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MasterArgs {
    /// `-Ws`: the service manager is told how things go.
    pub notify: bool,
    /// `-S`: where the master listens, as a `bind` line says it, with commas for blanks.
    pub sockets: Vec<String>,
    /// The words of the workers.
    pub words: Vec<String>,
}

impl Args {
    /// The command line has precedence over the files.
    pub fn override_settings(&self, settings: &mut Settings) {
        let global = &mut settings.global;
        if let Some(maxconn) = self.maxconn {
            global.maxconn = maxconn;
        }
        if let Some(pidfile) = &self.pidfile {
            global.pidfile = Some(pidfile.as_str().into());
        }
        global.daemon = (global.daemon || self.daemon) && !self.foreground;
    }
}

/// Switches about machinery that is not there, or that works another way: nothing to do.
const NOTHING: [&str; 11] = [
    "-dF", "-dG", "-dI", "-dS", "-dT", "-dV", "-dZ", "-dc", "-dk", "-dp", "-dv",
];
/// Switches that a master does not pass on to its workers.
const MASTERS_OWN: [&str; 7] = ["-W", "-Ws", "-S", "-D", "-p", "-sf", "-st"];
/// Switches that would have to do something we cannot do yet, and whether a word follows.
const LATER: [(&str, &str); 4] = [
    ("-dL", "listing shared libraries"),
    ("-dR", "listening without SO_REUSEPORT"),
    ("-de", "running without epoll"),
    ("-dC", "dumping the configuration"),
];

/// Reads the words after the program's name.
pub fn parse(words: &[String]) -> Command {
    if words == ["demo"] {
        return Command::Demo;
    }
    if words.first().is_some_and(|word| word == "explain") {
        return match Question::parse(&words[1..]) {
            Ok(question) => Command::Explain(Box::new(question)),
            Err(message) => Command::Refused(message),
        };
    }
    let mut args = Args::default();
    let (mut master, mut asks_for_master) = (MasterArgs::default(), false);
    let mut rest = words.iter().map(String::as_str);
    while let Some(word) = rest.next() {
        let first = words.len() - rest.len() - 1;
        let mut value = || rest.next().map(str::to_string);
        match word {
            "-v" => return Command::Print(version::short()),
            "-vv" => return Command::Print(version::long()),
            "-vq" | "-vqs" => return Command::Print(format!("{}\n", config::identity::VERSION)),
            "-vqb" => return Command::Print(format!("{}\n", config::identity::BRANCH)),
            "-cc" => return value().map_or(Command::Usage, Command::Condition),
            "-c" => args.check = true,
            "-V" => args.verbose = true,
            "-q" => args.quiet = true,
            "-D" => args.daemon = true,
            "-d" | "-db" => args.foreground = true,
            "-dW" => args.zero_warning = true,
            "-dD" => args.diagnostic_mode = true,
            "-dr" => args.ignore_resolution_failures = true,
            "-4" => args.only_v4 = true,
            "-f" | "-p" | "-C" | "-L" | "-n" | "-N" | "-m" => {
                let Some(value) = value() else {
                    return Command::Usage;
                };
                if !set(&mut args, word, value) {
                    return Command::Usage;
                }
            }
            "--" => args.files.extend(rest.by_ref().map(str::to_string)),
            "-W" => asks_for_master = true,
            "-Ws" => (asks_for_master, master.notify) = (true, true),
            // Without a place, the master listens nowhere.
            "-S" => master.sockets.extend(next_value(&mut rest)),
            "-x" => return later(word, "taking over listening sockets"),
            "-sf" | "-st" => {
                let parting = if word == "-sf" {
                    Farewell::Soft
                } else {
                    Farewell::Hard
                };
                let (_, pids) = args.parting.get_or_insert((parting, Vec::new()));
                // A list that is empty asks for nothing.
                while let Some(pid) = next_value(&mut rest) {
                    let Ok(pid) = pid.parse() else {
                        return Command::Usage;
                    };
                    pids.push(pid);
                }
            }
            _ if NOTHING.contains(&word) || word.starts_with("-dM") => {}
            _ if word.starts_with("-dt") => return later(word, "traces on stderr"),
            _ if word.starts_with("-dA") => return later(word, "archiving dependencies"),
            _ if word.starts_with("-dK") => match &word[3..] {
                "help" => return Command::Print(KEYWORD_CLASSES.to_string()),
                classes => args.dump_keywords = Some(classes.to_string()),
            },
            _ => {
                return match LATER.iter().find(|(name, _)| word.starts_with(name)) {
                    Some((_, what)) => later(word, what),
                    None => Command::Usage,
                };
            }
        }
        if !MASTERS_OWN.contains(&word) {
            let next = words.len() - rest.len();
            master.words.extend_from_slice(&words[first..next]);
        }
    }
    args.master = asks_for_master.then_some(master);
    if args.files.is_empty() {
        return Command::Usage;
    }
    Command::Start(Box::new(args))
}

/// Sets a switch with a value; `false` if the value is none.
fn set(args: &mut Args, name: &str, value: String) -> bool {
    match name {
        "-f" => args.files.push(value),
        "-p" => args.pidfile = Some(value),
        "-C" => args.directory = Some(value),
        "-L" => args.localpeer = Some(value),
        "-n" => args.maxconn = value.parse().ok(),
        "-N" => args.default_maxconn = value.parse().ok(),
        _ => args.memory_mib = value.parse().ok(),
    }
    match name {
        "-n" => args.maxconn.is_some(),
        "-N" => args.default_maxconn.is_some(),
        "-m" => args.memory_mib.is_some(),
        _ => true,
    }
}

/// The next word, if it is no switch.
fn next_value<'a>(rest: &mut (impl Iterator<Item = &'a str> + Clone)) -> Option<String> {
    let value = rest.clone().next().filter(|next| !next.starts_with('-'))?;
    rest.next();
    Some(value.to_string())
}

fn later(word: &str, what: &str) -> Command {
    Command::Refused(format!("'{word}' : {what} is not supported yet."))
}

const KEYWORD_CLASSES: &str = "\
# List of supported keyword classes:
all: list all keywords
cfg: configuration keywords
cnv: sample converter keywords
smp: sample fetch keywords
";

/// How the command line works.
pub const USAGE: &str = "\
Usage : tidegate [-f <cfgfile|cfgdir>]* [ -vdVD ] [ -n <maxconn> ] [ -N <maxpconn> ]
        [ -p <pidfile> ] [ -m <max megs> ] [ -C <dir> ] [-- <cfgfile>*]
        tidegate demo : an embedded configuration before embedded servers, to try it
        tidegate explain -f <cfgfile> --request '[<method> ]<url>' [ --src <ip> ] [ -H <header> ]*
        [ --body <text> ] [ --frontend <name> ] : the way a request takes, rule by rule
        -v shows the version ; -vv also what is built in ; -vq, -vqb only the number
        -f reads a file, or all *.cfg files of a directory ; may be repeated
        -c only checks the configuration ; -V says so if it is valid
        -cc <condition> evaluates a condition : 0 true, 1 false, 2 an error
        -D goes to the background ; -d and -db stay in the foreground
        -C changes to a directory before anything is read
        -p writes the process id to a file
        -n limits the process's connections ; -N those of a frontend by default
        -m limits the process's memory, in megabytes
        -L sets the local peer's name (the host name by default)
        -q shows no messages
        -dW fails if there is any warning ; -dD shows hints too
        -dr starts servers whose name cannot be resolved in maintenance
        -W starts a master that starts workers ; SIGUSR2 reloads ; -Ws tells the service manager
        -S <bind>[,options...] the runtime API of the master
        -sf <pid>* lets older processes finish once this one serves ; -st ends them at once
        -dK{class[,...]} lists the keywords (see -dKhelp)
        -4 resolves names to IPv4 addresses only
        -dM[...] -dF -dG -dI -dS -dT -dV -dZ -dc -dk -dp -dv are accepted, without effect
        -x -dA -dC -dL -dR -de -dt are not supported yet
";
