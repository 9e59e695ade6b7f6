use super::{Args, Command, parse};
use driver::process::Farewell;

fn parsed(line: &str) -> Command {
    let words: Vec<String> = line.split_whitespace().map(str::to_string).collect();
    parse(&words)
}

fn started(line: &str) -> Args {
    match parsed(line) {
        Command::Start(args) => *args,
        other => panic!("{other:?}"),
    }
}

#[test]
fn files_keep_their_order_before_and_after_the_double_dash() {
    let args = started("-f a -c -f b -- c -d");
    assert_eq!(args.files, ["a", "b", "c", "-d"]);
    assert!(args.check && !args.foreground);
}

#[test]
fn what_the_test_runner_always_passes_is_accepted() {
    let args = started("-d -dM -dI -dW -f x -L A -n 12");
    assert!(args.foreground && args.zero_warning);
    assert_eq!(args.localpeer.as_deref(), Some("A"));
    assert_eq!(args.maxconn, Some(12));
}

#[test]
fn nothing_and_nonsense_show_the_usage() {
    for line in [
        "",
        "-c",
        "-f",
        "-foo -f x",
        "x",
        "-n abc -f x",
        "-cc",
        "-vx",
    ] {
        assert_eq!(parsed(line), Command::Usage, "{line}");
    }
}

#[test]
fn what_is_not_there_yet_is_refused_by_name() {
    for line in ["-x /s -f x", "-de -f x", "-dt -f x"] {
        let Command::Refused(message) = parsed(line) else {
            panic!("{line} is accepted");
        };
        assert!(message.contains("not supported yet"), "{message}");
    }
}

#[test]
fn an_empty_list_of_old_processes_is_fine() {
    assert_eq!(started("-f x -sf").files, ["x"]);
    assert!(started("-f x -st -D").daemon);
}

#[test]
fn old_processes_are_those_up_to_the_next_switch() {
    let args = started("-sf 12 13 -f x");
    assert_eq!(args.parting, Some((Farewell::Soft, vec![12, 13])));
    let args = started("-f x -st 1 2");
    assert_eq!(args.parting, Some((Farewell::Hard, vec![1, 2])));
    assert_eq!(parsed("-f x -sf y"), Command::Usage);
}

#[test]
fn workers_get_the_words_that_are_not_the_masters_own() {
    let args = started("-Ws -S /m,level,user -D -p /p -n 5 -sf 1 2 -f x -dM -S -- y");
    let master = args.master.expect("a master");
    assert!(master.notify && args.daemon);
    assert_eq!(master.sockets, ["/m,level,user"]);
    assert_eq!(master.words, ["-n", "5", "-f", "x", "-dM", "--", "y"]);
    assert_eq!(started("-f x").master, None);
}

#[test]
fn a_condition_ends_the_command_line() {
    assert_eq!(parsed("-cc 1 -f x"), Command::Condition("1".into()));
}

#[test]
fn versions_are_printed() {
    let print = |line: &str| match parsed(line) {
        Command::Print(text) => text,
        other => panic!("{other:?}"),
    };
    assert!(print("-v").starts_with("HAProxy version 3.5-dev5"));
    let long = print("-vv");
    assert!(long.contains("\n  TARGET  = linux-glibc\n"), "{long}");
    assert!(long.contains("\nFeature list : "), "{long}");
    assert!(
        long.contains(" +THREAD") && long.contains(" -OPENSSL"),
        "{long}"
    );
    assert_eq!(print("-vqb"), "3.5\n");
}
