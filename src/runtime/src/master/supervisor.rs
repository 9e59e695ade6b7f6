//! Which worker processes there are.

use crate::notices::Notice;
use alloc::collections::VecDeque;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use base::Instant;
use session::settings::Level;

/// The worker processes of a master, and what is to be done about them.
///
/// A worker is *starting* until it says that it serves; then it is the *current* one, and the one before
/// it is told to leave. One that fails to start leaves the one before it in place.
#[derive(Debug)]
pub struct Supervisor {
    mishaps: Mishaps,
    /// In the order in which they were started.
    workers: Vec<Worker>,
    /// Reloads that were asked for.
    reloads: u32,
    /// Reloads that failed since the last that did not.
    failed: u32,
    /// How the worker before goes once the one that is starting serves.
    parting: Farewell,
    /// Somebody asked for another reload while a worker is starting, and how.
    again: Option<Farewell>,
    /// The end was asked for, or cannot be helped.
    ending: bool,
    /// What the process exits with.
    code: u8,
    acts: VecDeque<Act>,
}

/// What happens after mishaps (`master-worker no-exit-on-failure`, `mworker-max-reloads`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mishaps {
    /// A worker that fails takes all others and the master along.
    pub exit_on_failure: bool,
    /// A worker that has seen more reloads is ended.
    pub max_reloads: u32,
}

/// How a worker is told to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Farewell {
    /// SIGUSR1: requests under way end first.
    Soft,
    /// SIGTERM: at once.
    Hard,
    /// SIGINT: at once, and the master's exit code says so.
    Interrupt,
}

/// What a service manager is told (`-Ws`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// The first worker serves, or one after a reload.
    Ready,
    /// A reload began.
    Reloading,
    /// A reload failed; the worker before goes on.
    ReloadFailed,
    /// The end has begun.
    Stopping,
}

/// What is to be done.
#[derive(Debug)]
pub enum Act {
    /// Start a worker; then call [`Supervisor::started`] or [`Supervisor::not_started`].
    Start,
    /// Send a signal to a process.
    Signal(u32, Farewell),
    /// Tell people.
    Tell(Notice),
    /// Tell the service manager.
    Notify(Word),
    /// Answer whoever waits for the result of a reload.
    Reloaded(bool),
    /// All workers are gone: exit with this code.
    Exit(u8),
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkerExit {
    /// With this code.
    Code(i32),
    /// By this signal.
    Signal(i32),
}

#[derive(Debug)]
struct Worker {
    pid: u32,
    began: Instant,
    /// Reloads it has seen.
    reloads: u32,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Starting,
    Current,
    Leaving,
}

impl Supervisor {
    /// Starts the first worker.
    pub fn new(mishaps: Mishaps) -> Self {
        Self {
            mishaps,
            workers: Vec::new(),
            reloads: 0,
            failed: 0,
            parting: Farewell::Soft,
            again: None,
            ending: false,
            code: 0,
            acts: VecDeque::from([Act::Start]),
        }
    }

    /// What is to be done next.
    pub fn poll_act(&mut self) -> Option<Act> {
        self.acts.pop_front()
    }

    /// A worker was started.
    pub fn started(&mut self, now: Instant, pid: u32) {
        self.notice(format!("Initializing new worker ({pid})"));
        self.workers.push(Worker {
            pid,
            began: now,
            reloads: 0,
            state: State::Starting,
        });
        if self.ending {
            self.acts.push_back(Act::Signal(pid, Farewell::Hard));
        }
    }

    /// A worker could not be started.
    pub fn not_started(&mut self, why: &str) {
        self.alert(format!("Cannot start a worker : {why}"));
        self.load_failed(1);
    }

    /// A worker says that it serves.
    pub fn serves(&mut self, pid: u32) {
        if self.ending {
            return;
        }
        let parting = self.parting;
        for worker in &mut self.workers {
            match worker.state {
                State::Current => {
                    worker.state = State::Leaving;
                    self.acts.push_back(Act::Signal(worker.pid, parting));
                }
                State::Starting if worker.pid == pid => worker.state = State::Current,
                State::Starting | State::Leaving => {}
            }
        }
        self.failed = 0;
        self.notice("Loading success.".into());
        self.acts.push_back(Act::Notify(Word::Ready));
        self.loaded(true);
    }

    /// A reload was asked for: the worker before goes this way if the new one serves.
    pub fn reload(&mut self, parting: Farewell) {
        if self.ending {
            self.acts.push_back(Act::Reloaded(false));
        } else if self.workers.iter().any(|it| it.state == State::Starting) {
            self.again = Some(parting);
        } else {
            self.reload_now(parting);
        }
    }

    fn reload_now(&mut self, parting: Farewell) {
        self.parting = parting;
        self.reloads += 1;
        self.notice("Reloading HAProxy".into());
        self.acts.push_back(Act::Notify(Word::Reloading));
        for worker in &mut self.workers {
            worker.reloads += 1;
            if worker.state == State::Leaving && worker.reloads > self.mishaps.max_reloads {
                self.acts.push_back(Act::Signal(worker.pid, Farewell::Hard));
            }
        }
        self.acts.push_back(Act::Start);
    }

    /// The end was asked for.
    pub fn end(&mut self, farewell: Farewell) {
        if !self.ending {
            self.warn("Exiting Master process...".into());
            self.acts.push_back(Act::Notify(Word::Stopping));
        }
        self.end_all(farewell);
    }

    fn end_all(&mut self, farewell: Farewell) {
        self.ending = true;
        self.again = None;
        for worker in &self.workers {
            // What does not serve yet has nothing to end, and may not hear a softer word.
            let farewell = match worker.state {
                State::Starting => Farewell::Hard,
                State::Current | State::Leaving => farewell,
            };
            self.acts.push_back(Act::Signal(worker.pid, farewell));
        }
        self.exit_if_alone();
    }

    /// A worker is gone.
    pub fn exited(&mut self, pid: u32, exit: WorkerExit) {
        let Some(at) = self.workers.iter().position(|it| it.pid == pid) else {
            return;
        };
        let worker = self.workers.remove(at);
        let (code, reason) = (exit.code(), exit.reason());
        let ended = format!("worker ({pid}) exited with code {code} ({reason})");
        match worker.state {
            State::Starting => {
                self.warn(format!("Failed to load {ended}"));
                self.load_failed(code);
            }
            State::Leaving => self.warn(format!("Former {ended}")),
            State::Current if code == 0 => self.warn(format!("Current {ended}")),
            State::Current => {
                self.alert(format!("Current {ended}"));
                if exit != TERMINATED {
                    self.code = code;
                }
                let asked_for = self.ending || exit == TERMINATED || exit == INTERRUPTED;
                if !asked_for && self.mishaps.exit_on_failure {
                    self.alert("exit-on-failure: killing every processes with SIGTERM".into());
                    self.end_all(Farewell::Hard);
                }
            }
        }
        self.exit_if_alone();
    }

    fn load_failed(&mut self, code: u8) {
        if self.ending {
            return;
        }
        if self.reloads == 0 {
            self.code = code;
            return self.end_all(Farewell::Hard);
        }
        self.failed += 1;
        self.acts.push_back(Act::Notify(Word::ReloadFailed));
        self.loaded(false);
    }

    fn loaded(&mut self, well: bool) {
        match self.again.take() {
            // Who asked since waits for that one.
            Some(parting) => self.reload_now(parting),
            None => self.acts.push_back(Act::Reloaded(well)),
        }
    }

    fn exit_if_alone(&mut self) {
        // There is nothing to watch any more.
        let starts = |act: &Act| matches!(act, Act::Start | Act::Exit(_));
        if self.workers.is_empty() && !self.acts.iter().any(starts) {
            let code = self.code;
            self.warn(format!("All workers exited. Exiting... ({code})"));
            self.acts.push_back(Act::Exit(code));
        }
    }

    /// The process with this number as `@1` and `@!<pid>` name it.
    pub fn find(&self, name: &str) -> Option<u32> {
        let worker = match name.strip_prefix('!') {
            Some(pid) => {
                let pid = pid.parse().ok()?;
                self.workers.iter().find(|it| it.pid == pid)
            }
            None if name == "1" => {
                let is = |state| self.workers.iter().find(move |it| it.state == state);
                // The first one can be asked before it serves: it answers then.
                is(State::Current).or_else(|| is(State::Starting))
            }
            None => None,
        };
        worker.map(|it| it.pid)
    }

    /// Whether the last reload failed.
    pub fn last_reload_failed(&self) -> bool {
        self.failed > 0
    }

    /// `show proc`: this process, `pid`, runs since `began`.
    pub fn show(&self, now: Instant, began: Instant, pid: u32, version: &str) -> String {
        let heading = ["#<PID>", "<type>", "<reloads>", "<uptime>", "<version>"];
        let mut text = row(heading.map(String::from));
        let process = |pid: u32, kind: &str, reloads: String, began: Instant| {
            let uptime = uptime(now.since(began).as_secs());
            row([
                pid.to_string(),
                kind.into(),
                reloads,
                uptime,
                version.into(),
            ])
        };
        let reloads = format!("{} [failed: {}]", self.reloads, self.failed);
        text.push_str(&process(pid, "master", reloads, began));
        let rows = |leaving: bool| -> String {
            let workers = self.workers.iter();
            let chosen = workers.filter(|it| (it.state == State::Leaving) == leaving);
            chosen
                .map(|it| process(it.pid, "worker", it.reloads.to_string(), it.began))
                .collect()
        };
        text.push_str("# workers\n");
        text.push_str(&rows(false));
        let old = rows(true);
        if !old.is_empty() {
            text.push_str("# old workers\n");
            text.push_str(&old);
        }
        text
    }

    fn notice(&mut self, text: String) {
        self.tell(Level::Notice, text);
    }

    fn warn(&mut self, text: String) {
        self.tell(Level::Warning, text);
    }

    fn alert(&mut self, text: String) {
        self.tell(Level::Alert, text);
    }

    fn tell(&mut self, level: Level, text: String) {
        self.acts.push_back(Act::Tell(Notice {
            stderr: Some(level),
            log: None,
            proxy: None,
            text,
        }));
    }
}

/// By SIGTERM.
const TERMINATED: WorkerExit = WorkerExit::Signal(15);
/// By SIGINT.
const INTERRUPTED: WorkerExit = WorkerExit::Signal(2);

impl WorkerExit {
    /// As a shell says it.
    fn code(self) -> u8 {
        match self {
            Self::Code(code) => code as u8,
            Self::Signal(number) => (128 + number) as u8,
        }
    }

    fn reason(self) -> &'static str {
        match self {
            Self::Code(_) => "Exit",
            Self::Signal(2) => "Interrupt",
            Self::Signal(6) => "Aborted",
            Self::Signal(9) => "Killed",
            Self::Signal(11) => "Segmentation fault",
            Self::Signal(15) => "Terminated",
            Self::Signal(_) => "Signal",
        }
    }
}

/// A line of `show proc`.
fn row(columns: [String; 5]) -> String {
    let [pid, kind, reloads, uptime, version] = columns;
    format!("{pid:<15} {kind:<15} {reloads:<15} {uptime:<15} {version:<15}\n")
}

/// `0d00h02m07s`
fn uptime(seconds: u64) -> String {
    format!(
        "{}d{:02}h{:02}m{:02}s",
        seconds / 86_400,
        seconds / 3600 % 24,
        seconds / 60 % 60,
        seconds % 60
    )
}
