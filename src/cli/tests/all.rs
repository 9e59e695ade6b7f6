//! The binary as scripts use it: exit codes, and what goes to which stream.

mod demo;
mod explain;
mod traffic;

use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};

/// The binary. Whoever started the tests in the background may have had them ignore Ctrl-C, and what
/// is ignored is inherited.
fn tidegate() -> Command {
    let mut command = Command::new("env");
    command.args(["--default-signal=INT", env!("CARGO_BIN_EXE_tidegate")]);
    command
}

fn run(words: &[&str]) -> Output {
    tidegate().args(words).output().expect("the binary runs")
}

fn code(words: &[&str]) -> i32 {
    run(words).status.code().expect("an exit code")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A configuration file, removed when the test ends. Tests run at once: no two share one, whatever
/// their names.
struct Config(std::path::PathBuf);

impl Config {
    fn new(name: &str, text: &str) -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let file = format!("tidegate-{}-{number}-{name}.cfg", std::process::id());
        let path = std::env::temp_dir().join(file);
        std::fs::write(&path, text).expect("a file in the temporary directory");
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().expect("a path of text")
    }
}

impl Drop for Config {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

const GOOD: &str = "listen l\n bind 127.0.0.1:1\n timeout client 1s\n";
const WARNED: &str = "listen l\n bind 127.0.0.1:1\n";
const BAD: &str = "listen l\n bnid :1\n";
const SILENT: &str = "backend b\n";

#[test]
fn conditions_are_true_false_or_wrong() {
    assert_eq!(code(&["-cc", "version_atleast(2.4)"]), 0);
    assert_eq!(code(&["-cc", "streq(foo,bar)"]), 1);
    assert_eq!(code(&["-cc", ""]), 1);
    assert_eq!(code(&["-cc", "200rrr"]), 2);
    let output = run(&["-cc", "streq(a,\"a)"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("Syntax Error in condition: unmatched quote."));
}

#[test]
fn a_good_configuration_says_nothing_unless_asked() {
    let config = Config::new("good", GOOD);
    let output = run(&["-c", "-f", config.path()]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(
        (stdout(&output), stderr(&output)),
        (String::new(), String::new())
    );
    let output = run(&["-c", "-V", "-f", config.path()]);
    assert_eq!(stdout(&output), "Configuration file is valid\n");
}

#[test]
fn warnings_are_fatal_only_when_asked_for() {
    let config = Config::new("warned", WARNED);
    assert_eq!(code(&["-c", "-f", config.path()]), 0);
    let output = run(&["-c", "-dW", "-f", config.path()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("Some warnings were found and 'zero-warning' is set."));
}

#[test]
fn a_bad_configuration_introduces_the_speaker_and_ends_with_the_closing_line() {
    let config = Config::new("bad", BAD);
    let output = run(&["-c", "-f", config.path()]);
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines[0].starts_with("[NOTICE]   (") && lines[0].contains("version is 3.5-dev5"));
    assert!(
        lines[2].starts_with("[ALERT]    (") && lines[2].contains("'bnid'"),
        "{said}"
    );
    let last = lines.last().expect("lines");
    assert!(
        last.ends_with("config : Fatal errors found in configuration."),
        "{said}"
    );
    let quiet = run(&["-c", "-q", "-f", config.path()]);
    assert_eq!(
        (quiet.status.code(), stderr(&quiet)),
        (Some(1), String::new())
    );
}

#[test]
fn nothing_to_listen_on_is_no_error_but_does_not_start() {
    let config = Config::new("silent", SILENT);
    assert_eq!(code(&["-c", "-f", config.path()]), 0);
    let output = run(&["-f", config.path()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("No enabled listener found"));
}

#[test]
fn an_address_in_use_is_named_with_its_line() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address");
    let text = format!("listen l\n bind {address}\n timeout client 1s\n");
    let config = Config::new("taken", &text);
    let output = run(&["-f", config.path()]);
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    assert!(
        said.contains(&address.to_string()) && said.contains(".cfg:2"),
        "{said}"
    );
}

#[test]
fn files_that_cannot_be_read_are_named() {
    let output = run(&["-c", "-f", "/nonexistent/x.cfg"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("/nonexistent/x.cfg : No such file or directory"));
    assert_eq!(code(&["-c", "-C", "/nonexistent", "-f", "x"]), 1);
}

#[test]
fn keywords_can_be_listed() {
    let config = Config::new("keywords", GOOD);
    let output = run(&["-dKall", "-q", "-c", "-f", config.path()]);
    let listed = stdout(&output);
    assert!(listed.contains("\ttimeout client "), "{listed}");
    assert!(
        listed.contains("] req.hdr([string,integer]): str\n"),
        "{listed}"
    );
    assert!(listed.contains("\nlower: str => str\n"), "{listed}");
}

#[test]
fn a_daemon_writes_its_id_and_stops_when_told() {
    let pidfile = Config::new("pid", "");
    let port = traffic::world::free_port();
    let text = format!("listen l\n bind 127.0.0.1:{port}\n timeout client 1s\n");
    let config = Config::new("daemon", &text);
    let output = run(&["-D", "-p", pidfile.path(), "-f", config.path()]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let written = std::fs::read_to_string(pidfile.path()).expect("a file");
    let pid: i32 = written.trim_end().parse().expect("a process id");
    std::net::TcpStream::connect(("127.0.0.1", port)).expect("the daemon listens");
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), nix::sys::signal::SIGTERM)
        .expect("the daemon runs");
}

#[test]
fn a_daemon_that_cannot_start_says_so_where_it_was_started() {
    let text = GOOD.replace(":1\n", &format!(":{}\n", traffic::world::free_port()));
    let config = Config::new("doomed", &format!("global\n chroot /nonexistent\n{text}"));
    let output = run(&["-D", "-f", config.path()]);
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    assert!(said.contains("Cannot chroot(/nonexistent)"), "{said}");
}

#[test]
fn more_connections_than_files_allow_are_refused_at_the_start() {
    let text = format!("global\n fd-hard-limit 100\n maxconn 500\n{GOOD}");
    let config = Config::new("files", &text);
    let output = run(&["-f", config.path()]);
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    assert!(
        said.contains("[haproxy.main()] Cannot raise FD limit to "),
        "{said}"
    );
    assert!(said.contains(", limit is 100."), "{said}");
}
