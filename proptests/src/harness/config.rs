//! Configurations: any bytes as text, as one line, as a condition.

use config::{Family, LoadOptions, Loaded, Severity, SourceFile, Surroundings, render};
use std::net::{IpAddr, Ipv4Addr};

/// Whatever a file holds, reading it ends with settings or with an alert, says the same twice, and
/// everything it says can be shown with its words underlined.
pub fn bytes_as_a_file(input: &[u8]) {
    let text = text(input);
    let loaded = load(&text);
    check(&text, &loaded);
    let again = load(&text);
    assert_eq!(loaded.diagnostics, again.diagnostics, "read twice");
    assert_eq!(
        format!("{:?}", loaded.settings),
        format!("{:?}", again.settings),
        "read twice"
    );
    comments_change_nothing(&text, &loaded);
}

/// Whatever stands on a line of each section, it is read or refused; never both, never neither.
pub fn bytes_as_a_line(input: &[u8]) {
    let [section, bytes @ ..] = input else {
        return;
    };
    let line: String = text(bytes)
        .chars()
        .filter(|c| !matches!(c, '\n' | '\r'))
        .collect();
    let before = SECTIONS[usize::from(*section) % SECTIONS.len()];
    let text = format!("{before}{line}\n");
    check(&text, &load(&text));
}

/// Whatever a condition is, it has a value or a mistake, and its negation the other value or a
/// mistake too.
pub fn bytes_as_a_condition(input: &[u8]) {
    let text = text(input);
    let value = config::check_condition(&text, &Somewhere);
    let quoted = text.contains(['#', '"', '\'', '\\', '\n', '\r']);
    if quoted || text.trim().is_empty() {
        return;
    }
    let negated = config::check_condition(&format!("!({text})"), &Somewhere);
    if let (Ok(value), Ok(negated)) = (value, negated) {
        assert_ne!(value, negated, "{text:?}");
    }
}

fn text(input: &[u8]) -> String {
    String::from_utf8_lossy(&input[..input.len().min(INPUT_BYTES_MAX)]).into_owned()
}

fn load(text: &str) -> Loaded {
    let file = SourceFile {
        name: "fuzz.cfg".into(),
        text: text.into(),
    };
    config::load(&[file], &Somewhere, &LoadOptions::default())
}

fn check(text: &str, loaded: &Loaded) {
    assert_eq!(
        loaded.settings.is_none(),
        loaded.has(Severity::Alert),
        "refused without a reason, or accepted in spite of one"
    );
    for diagnostic in &loaded.diagnostics {
        let shown = render::diagnostic(diagnostic, 0);
        assert!(shown.starts_with('[') && shown.ends_with('\n'), "{shown:?}");
        if let Some(snippet) = &diagnostic.snippet {
            assert!(snippet.start < snippet.end, "{diagnostic:?}");
            assert!(shown.contains('^'), "{shown}");
            let line = text.split('\n').nth(snippet.number as usize - 1);
            let line = line.expect("a line of the file");
            assert!(
                line.starts_with(&snippet.line),
                "{line:?} is not {snippet:?}"
            );
        }
    }
}

/// Comment lines at the end are not part of a configuration.
fn comments_change_nothing(text: &str, loaded: &Loaded) {
    if !text.ends_with('\n') {
        return;
    }
    let commented = load(&format!("{text}# a comment\n\n  \t# another\n"));
    assert_eq!(
        format!("{:?}", loaded.settings),
        format!("{:?}", commented.settings),
        "a comment changed the settings"
    );
}

/// A machine where some questions have answers.
#[derive(Clone, Copy, Debug)]
struct Somewhere;

impl Surroundings for Somewhere {
    fn env(&self, name: &str) -> Option<String> {
        match name.len() {
            1 => Some("value".into()),
            2 => Some("a list of  words ".into()),
            3 => Some(String::new()),
            _ => None,
        }
    }

    fn read_file(&self, path: &str) -> Result<Vec<u8>, String> {
        if path.len() > 3 {
            Err("no such file".into())
        } else {
            Ok(b"HTTP/1.0 503 Busy\r\n\r\n".to_vec())
        }
    }

    fn resolve(&self, host: &str, _family: Family) -> Result<IpAddr, String> {
        if host.len() > 3 {
            Err("unknown host".into())
        } else {
            Ok(Ipv4Addr::LOCALHOST.into())
        }
    }

    fn user_id(&self, name: &str) -> Option<u32> {
        (name.len() < 4).then_some(1)
    }

    fn group_id(&self, name: &str) -> Option<u32> {
        (name.len() < 4).then_some(1)
    }

    fn host_name(&self) -> String {
        "somewhere".into()
    }
}

/// A longer input only takes longer.
const INPUT_BYTES_MAX: usize = 4096;

/// What stands before the line.
const SECTIONS: [&str; 8] = [
    "",
    "global\n",
    "defaults\n",
    "frontend f\n",
    "listen l\n",
    "backend b\n",
    "frontend f\nbind ",
    "backend b\nserver s ",
];

#[cfg(test)]
mod tests {
    use super::{bytes_as_a_condition, bytes_as_a_file, bytes_as_a_line};
    use base::Rng;

    const PIECES: &[&str] = &[
        "global\n",
        "defaults d\n",
        "frontend f\n",
        "backend b\n",
        "listen l\n",
        " from d",
        "bind ",
        ":80",
        "*:1-65535,",
        "unix@/x",
        "fd@3",
        "server s ",
        "127.0.0.1:80",
        "[::1]:+5",
        " weight ",
        "timeout client ",
        "5s",
        "99999999999d",
        "mode http",
        "balance random(",
        "log ",
        "local0 ",
        "sample 1-2,4:5 ",
        "option ",
        "httplog",
        "no ",
        "default ",
        "\"",
        "'",
        "\\x4",
        "\\",
        "${A",
        "${AB[*]}",
        "$",
        "}",
        "\n",
        "\n",
        " ",
        " ",
        "#",
        ".if ",
        ".elif ",
        ".else\n",
        ".endif\n",
        "streq(",
        "a,b)",
        "&&",
        "||",
        "!",
        "(",
        ")",
        "1",
        "-",
        ",",
        "errorfile 503 x",
        "id 1",
        "default_backend b",
        "use_backend b",
        "stats socket /s level ",
        "tune.bufsize ",
        "é",
        "\0",
        "\r",
        "\t",
        "defined(A)",
        "version_atleast(3.5-dev",
        "default-server ",
        "maxconn ",
        "18",
    ];

    fn mixture(rng: &mut Rng) -> Vec<u8> {
        let mut input = vec![rng.below(256) as u8];
        for _ in 0..rng.below(40) {
            let piece = PIECES[rng.below(PIECES.len() as u64) as usize];
            input.extend_from_slice(piece.as_bytes());
            if rng.below(8) == 0 {
                input.push(rng.below(256) as u8);
            }
        }
        input
    }

    #[test]
    fn pieces_of_configurations_in_any_order_keep_the_promises() {
        let mut rng = Rng::new([7; 32]);
        for _ in 0..RUNS {
            let input = mixture(&mut rng);
            bytes_as_a_file(&input[1..]);
            bytes_as_a_line(&input);
            bytes_as_a_condition(&input[1..]);
        }
    }

    const RUNS: usize = 1000;
}
