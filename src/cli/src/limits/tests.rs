use super::decide;
use crate::surroundings::Machine;
use config::{LoadOptions, SourceFile};

/// Files that are kept in all these cases.
const KEPT: u64 = 40;

/// What is settled with `global` lines where the system lets us have `available` files and up to
/// `ceiling` if it is asked: files and connections, then what is said.
fn check(global: &str, available: u64, ceiling: u64, expected: &str) {
    let text = format!("global\n{global}listen l\n bind 127.0.0.1:1\n timeout client 1s\n");
    let source = SourceFile {
        name: "x.cfg".into(),
        text,
    };
    let loaded = config::load(&[source], &Machine::default(), &LoadOptions::default());
    let settings = loaded.settings.expect("a good configuration");
    let settled = match decide(&settings, KEPT, available, |files| files <= ceiling) {
        Ok(limits) => {
            let said: Vec<String> = limits.said.into_iter().map(|(_, text)| text).collect();
            format!("{} {}: {}", limits.files, limits.maxconn, said.join(" | "))
        }
        Err(message) => message,
    };
    let settled = settled.replace("[haproxy.main()] ", "");
    assert_eq!(settled.trim_end(), expected, "{global}");
}

#[test]
fn without_settings_everything_available_is_used_and_half_of_it_is_for_clients() {
    check("", 1040, 1040, "1040 500:");
    check(" fd-hard-limit 140\n", 1040, 1040, "140 50:");
    check("", 20, 20, "Cannot raise FD limit to 42, limit is 20.");
}

#[test]
fn maxconn_needs_two_files_a_client() {
    check(" maxconn 500\n", 1040, 1040, "1040 500:");
    check(" maxconn 10\n", 1040, 1040, "1040 10:");
    check(
        " maxconn 501\n",
        1040,
        1040,
        "Cannot raise FD limit to 1042, limit is 1040.",
    );
    check(" maxconn 501\n", 1040, 2000, "1042 501:");
}

#[test]
fn ulimit_n_is_taken_by_its_word() {
    check(" ulimit-n 140\n", 1040, 1040, "140 50:");
    check(" ulimit-n 140\n maxconn 20\n", 1040, 1040, "140 20:");
    check(
        " ulimit-n 140\n maxconn 500\n",
        1040,
        1040,
        "FD limit (140) too low for maxconn=500/maxsock=1040. \
         Please raise 'ulimit-n' to 1040 or more to avoid any trouble.",
    );
    check(
        " ulimit-n 2000\n",
        1040,
        1040,
        "Cannot raise FD limit to 2000, limit is 1040.",
    );
    check(
        " ulimit-n 2000\n fd-hard-limit 1500\n",
        1040,
        9999,
        "Cannot raise FD limit to 2000, limit is 1040.",
    );
}

#[test]
fn without_strict_limits_what_is_missing_is_only_said() {
    check(
        " no strict-limits\n maxconn 600\n",
        1040,
        1040,
        "1040 600: Cannot raise FD limit to 1240, limit is 1040. | \
         FD limit (1040) too low for maxconn=600/maxsock=1240. \
         Please raise 'ulimit-n' to 1240 or more to avoid any trouble.",
    );
}
