use super::{Act, Deed, Farewell, MasterSession, Mishaps, Supervisor, Word, WorkerExit};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use base::{Duration, Instant};
use engine::settings::AccessLevel;

const MISHAPS: Mishaps = Mishaps {
    exit_on_failure: true,
    max_reloads: 1,
};

fn at(seconds: u64) -> Instant {
    Instant::ZERO + Duration::from_secs(seconds)
}

/// What is to be done, in short; what people are told is left out.
fn acts(supervisor: &mut Supervisor) -> Vec<String> {
    core::iter::from_fn(|| supervisor.poll_act())
        .filter_map(|act| match act {
            Act::Tell(_) => None,
            Act::Start => Some("start".into()),
            Act::Signal(pid, how) => Some(format!("{how:?} {pid}")),
            Act::Notify(word) => Some(format!("{word:?}")),
            Act::Reloaded(well) => Some(format!("reloaded {well}")),
            Act::Exit(code) => Some(format!("exit {code}")),
        })
        .collect()
}

/// A master whose first worker, 10, serves.
fn serving() -> Supervisor {
    let mut supervisor = Supervisor::new(MISHAPS);
    assert_eq!(acts(&mut supervisor), ["start"]);
    supervisor.started(at(0), 10);
    assert_eq!(supervisor.find("1"), Some(10));
    supervisor.serves(10);
    assert_eq!(acts(&mut supervisor), ["Ready", "reloaded true"]);
    supervisor
}

#[test]
fn a_reload_replaces_the_worker_once_the_new_one_serves() {
    let mut master = serving();
    master.reload(Farewell::Soft);
    assert_eq!(acts(&mut master), ["Reloading", "start"]);
    master.started(at(5), 11);
    assert_eq!(acts(&mut master), [""; 0]);
    assert_eq!(master.find("1"), Some(10));
    master.serves(11);
    assert_eq!(acts(&mut master), ["Soft 10", "Ready", "reloaded true"]);
    assert_eq!(master.find("1"), Some(11));
    assert_eq!(master.find("!10"), Some(10));
    master.exited(10, WorkerExit::Code(0));
    assert_eq!(master.find("!10"), None);
    assert_eq!(acts(&mut master), [""; 0]);
}

#[test]
fn a_reload_that_fails_leaves_the_worker_in_place() {
    let mut master = serving();
    master.reload(Farewell::Soft);
    master.started(at(5), 11);
    acts(&mut master);
    master.exited(11, WorkerExit::Code(1));
    assert_eq!(acts(&mut master), ["ReloadFailed", "reloaded false"]);
    assert_eq!(master.find("1"), Some(10));
    assert!(master.last_reload_failed());
    let shown = master.show(at(60), at(0), 9, "v");
    let row = |text: &str| -> Vec<String> { text.split_whitespace().map(str::to_string).collect() };
    let lines: Vec<_> = shown.lines().map(row).collect();
    assert_eq!(
        lines[1],
        ["9", "master", "1", "[failed:", "1]", "0d00h01m00s", "v"]
    );
    assert_eq!(lines[3], ["10", "worker", "1", "0d00h01m00s", "v"]);
}

#[test]
fn reloads_that_come_while_one_is_under_way_become_one() {
    let mut master = serving();
    master.reload(Farewell::Soft);
    master.started(at(1), 11);
    master.reload(Farewell::Soft);
    master.reload(Farewell::Hard);
    acts(&mut master);
    master.serves(11);
    assert_eq!(
        acts(&mut master),
        ["Soft 10", "Ready", "Reloading", "Hard 10", "start"]
    );
    master.started(at(2), 12);
    master.serves(12);
    assert_eq!(acts(&mut master), ["Hard 11", "Ready", "reloaded true"]);
}

#[test]
fn a_worker_that_outlives_too_many_reloads_is_ended() {
    let mut master = serving();
    for pid in 11..=12 {
        master.reload(Farewell::Soft);
        let expected: &[&str] = match pid {
            11 => &["Reloading", "start"],
            _ => &["Reloading", "Hard 10", "start"],
        };
        assert_eq!(acts(&mut master), expected);
        master.started(at(1), pid);
        master.serves(pid);
        acts(&mut master);
    }
}

#[test]
fn a_worker_that_fails_takes_all_along_unless_it_is_told_not_to() {
    for (exit_on_failure, expected) in [(true, &["Hard 10", "exit 139"][..]), (false, &[])] {
        let mut master = Supervisor::new(Mishaps {
            exit_on_failure,
            ..MISHAPS
        });
        master.started(at(0), 10);
        master.serves(10);
        master.reload(Farewell::Soft);
        master.started(at(0), 11);
        master.serves(11);
        acts(&mut master);
        master.exited(11, WorkerExit::Signal(11));
        let mut done = acts(&mut master);
        if exit_on_failure {
            master.exited(10, WorkerExit::Code(0));
            done.extend(acts(&mut master));
        }
        assert_eq!(done, expected);
    }
}

#[test]
fn the_first_worker_that_cannot_start_is_the_end() {
    let mut master = Supervisor::new(MISHAPS);
    acts(&mut master);
    master.started(at(0), 10);
    master.exited(10, WorkerExit::Code(1));
    assert_eq!(acts(&mut master), ["exit 1"]);
    let mut master = Supervisor::new(MISHAPS);
    acts(&mut master);
    master.not_started("no memory");
    assert_eq!(acts(&mut master), ["exit 1"]);
}

#[test]
fn an_end_that_was_asked_for_waits_for_all_workers() {
    for (farewell, exit, code) in [
        (Farewell::Soft, WorkerExit::Code(0), 0),
        (Farewell::Hard, WorkerExit::Signal(15), 0),
        (Farewell::Interrupt, WorkerExit::Signal(2), 130),
    ] {
        let mut master = serving();
        master.reload(Farewell::Soft);
        master.started(at(1), 11);
        acts(&mut master);
        master.end(farewell);
        // What does not serve yet has nothing to finish.
        let expected = [
            "Stopping".into(),
            format!("{farewell:?} 10"),
            "Hard 11".into(),
        ];
        assert_eq!(acts(&mut master), expected);
        master.exited(11, WorkerExit::Signal(15));
        assert_eq!(acts(&mut master), [""; 0]);
        master.exited(10, exit);
        assert_eq!(acts(&mut master), [format!("exit {code}")]);
    }
}

/// What a connection says and has done when it is sent `text`, each worker answering with its number.
fn talk(master: &Supervisor, level: AccessLevel, text: &str) -> (String, Vec<Deed>) {
    let mut session = MasterSession::new(level, "v1");
    let mut deeds = Vec::new();
    session.receive(text.as_bytes());
    session.end_of_input();
    loop {
        session.advance(master);
        let Some(deed) = session.take_deed() else {
            break;
        };
        if let Deed::Ask(pid, _) = &deed {
            session.forward(format!("<{pid}>").as_bytes());
        }
        match &deed {
            Deed::Reload(_) => session.reloaded(true),
            _ => session.answered(),
        }
        deeds.push(deed);
    }
    let said = String::from_utf8_lossy(session.output()).into_owned();
    session.consume(said.len());
    assert!(session.is_over(), "{text}");
    (said, deeds)
}

fn ask(text: &str) -> Deed {
    Deed::Ask(10, text.as_bytes().to_vec())
}

#[test]
fn commands_go_to_whom_they_name() {
    let master = serving();
    let admin = |text| talk(&master, AccessLevel::Admin, text);
    assert_eq!(
        admin("@1 show info\n"),
        ("<10>".into(), [ask("show info\n")].into())
    );
    assert_eq!(
        admin("@1; show info; @; show version; @!10 a\\;b\n"),
        (
            "<10>v1\n\n<10>".into(),
            [ask("show info\n"), ask("a\\;b\n")].into()
        )
    );
    assert_eq!(admin("@@1 one; two\n").1, [ask("one; two\n")]);
    let (said, deeds) = admin("@2 show info; show version\n");
    assert_eq!(
        (said.as_str(), deeds.len()),
        ("There is no process '@2'.\n\nv1\n\n", 0)
    );
    let (said, _) = admin("nonsense\n");
    assert!(said.starts_with("Unknown command: 'nonsense'."), "{said}");
}

#[test]
fn a_payload_goes_along_with_the_last_command() {
    let master = serving();
    let text = "show version; @1 add map m <<%E%\na 1\n\nb 2\n%E%\nquit\n";
    let (_, deeds) = talk(&master, AccessLevel::Admin, &format!("prompt i\n{text}"));
    assert_eq!(deeds, [ask("add map m <<%E%\na 1\n\nb 2\n%E%\n")]);
    let (said, deeds) = talk(&master, AccessLevel::Admin, "@1 add map m <<\nnever ends\n");
    assert_eq!((said.as_str(), deeds.len()), ("", 0));
}

#[test]
fn workers_are_asked_with_the_rights_of_the_connection() {
    let master = serving();
    let (_, deeds) = talk(&master, AccessLevel::User, "@1 show info\n");
    assert_eq!(deeds, [ask("user;show info\n")]);
    let (said, deeds) = talk(&master, AccessLevel::User, "operator; reload\n");
    assert_eq!((said.as_str(), deeds.len()), ("Permission denied\n\n", 0));
    let line = "experimental-mode on; operator; @1 show info; reload; show version\n";
    let (said, deeds) = talk(&master, AccessLevel::Admin, line);
    let asked = ask("operator;experimental-mode on;show info\n");
    assert_eq!(deeds, [asked, Deed::Reload(Farewell::Soft)]);
    // A reload is the last that is answered.
    assert_eq!(said, "<10>Success=1\n");
}

#[test]
fn a_prompt_says_who_is_talked_to() {
    let mut master = serving();
    let (said, _) = talk(
        &master,
        AccessLevel::Admin,
        "prompt\n@1\n@\nexperimental-mode on\nquit\n",
    );
    assert_eq!(said, "master> 10> master> master(x)> ");
    master.reload(Farewell::Soft);
    master.not_started("no memory");
    let (said, _) = talk(&master, AccessLevel::Admin, "prompt\nquit\n");
    assert_eq!(said, "master[ReloadFailed]> ");
    assert_eq!(
        acts(&mut master).last().map(String::as_str),
        Some("reloaded false")
    );
}

#[test]
fn what_is_too_long_is_not_answered() {
    let master = serving();
    let mut session = MasterSession::new(AccessLevel::Admin, "v1");
    while session.room() > 0 {
        session.receive(b"a");
    }
    session.advance(&master);
    assert!(session.output().starts_with(b"The command line is longer"));
}

#[test]
fn a_service_manager_hears_of_each_turn() {
    let mut master = serving();
    master.end(Farewell::Soft);
    let said = core::iter::from_fn(|| master.poll_act());
    let word = said.filter_map(|act| match act {
        Act::Notify(word) => Some(word),
        _ => None,
    });
    assert_eq!(word.collect::<Vec<_>>(), [Word::Stopping]);
}
