//! Every input in every state, as one table.

use super::script::Stage;
use std::fmt::Write as _;

/// The states by name: the role and the steps that lead there.
const STATES: &[(&str, &str, &[&str])] = &[
    ("client: fresh", "accepting", &[]),
    ("client: within a head", "accepting", &["< GET / HT"]),
    (
        "client: within a body",
        "accepting",
        &["< POST / HTTP/1.1\\r\\nContent-Length: 9\\r\\n\\r\\nab"],
    ),
    (
        "client: within chunks",
        "accepting",
        &["< POST / HTTP/1.1\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n2\\r\\na"],
    ),
    (
        "client: waits for its answer",
        "accepting",
        &["< GET / HTTP/1.1\\r\\n\\r\\n"],
    ),
    ("client: malformed", "accepting", &["< :\\r\\n\\r\\n"]),
    (
        "client: half closed",
        "accepting",
        &["< GET / HTTP/1.1\\r\\n\\r\\n", "close"],
    ),
    (
        "client: within its answer",
        "accepting",
        &["< GET / HTTP/1.1\\r\\n\\r\\n", "head 200 length:9"],
    ),
    (
        "client: within an answer until close",
        "accepting",
        &["< GET / HTTP/1.1\\r\\n\\r\\n", "head 200 until-close"],
    ),
    (
        "client: between requests",
        "accepting",
        &["< GET / HTTP/1.1\\r\\n\\r\\n", "head 200 none", "end"],
    ),
    (
        "client: lingering",
        "accepting",
        &[
            "close-after",
            "< GET / HTTP/1.1\\r\\n\\r\\nGET",
            "head 200 none",
            "end",
        ],
    ),
    (
        "client: tunnel",
        "accepting",
        &["< CONNECT a:1 HTTP/1.1\\r\\n\\r\\n", "head 200 tunnel"],
    ),
    ("server: fresh", "opening", &[]),
    (
        "server: asked",
        "opening",
        &["open", "head GET none", "end"],
    ),
    (
        "server: asked again",
        "opening",
        &[
            "open",
            "head GET none",
            "end",
            "< HTTP/1.1 204 No\\r\\n\\r\\n",
            "open",
            "head GET none",
            "end",
        ],
    ),
    (
        "server: request unfinished",
        "opening",
        &["open", "head POST streamed"],
    ),
    (
        "server: after an interim answer",
        "opening",
        &[
            "open",
            "head GET none",
            "end",
            "< HTTP/1.1 100 Go\\r\\n\\r\\n",
        ],
    ),
    (
        "server: within an answer",
        "opening",
        &[
            "open",
            "head GET none",
            "end",
            "< HTTP/1.1 200 OK\\r\\nContent-Length: 9\\r\\n\\r\\nab",
        ],
    ),
    (
        "server: within an answer until close",
        "opening",
        &[
            "open",
            "head GET none",
            "end",
            "< HTTP/1.1 200 OK\\r\\n\\r\\nab",
        ],
    ),
    (
        "server: early answer",
        "opening",
        &[
            "open",
            "head POST streamed",
            "< HTTP/1.1 204 No\\r\\n\\r\\n",
        ],
    ),
    (
        "server: idle again",
        "opening",
        &[
            "open",
            "head GET none",
            "end",
            "< HTTP/1.1 204 No\\r\\n\\r\\n",
        ],
    ),
    (
        "server: tunnel",
        "opening",
        &[
            "open",
            "head CONNECT none",
            "end",
            "< HTTP/1.1 200 OK\\r\\n\\r\\n",
        ],
    ),
];

/// The inputs.
const INPUTS: &[&str] = &[
    "< X",
    "< \\r\\n",
    "< :\\r\\n\\r\\n",
    "close",
    "fail",
    "open",
    "head 200 none",
    "data z",
    "end",
    "reset",
    "drain",
    "refuse",
];

/// One block a state, one line an input: what came of it, and the state after it.
pub fn transitions() -> String {
    let mut shown = String::new();
    for (name, role, steps) in STATES {
        let _ = writeln!(shown, "{name}: {}", reached(role, steps).state());
        for input in INPUTS {
            let is_response = input.starts_with("head");
            if is_response && *role == "opening" {
                continue;
            }
            let mut stage = reached(role, steps);
            let before = stage.state();
            stage.step(input);
            let said = stage.said.join("; ");
            let after = stage.state();
            if said.is_empty() && before == after {
                continue;
            }
            let _ = writeln!(shown, "  {input:<16} {said} => {after}");
        }
        shown.push('\n');
    }
    shown
}

fn reached(role: &str, steps: &[&str]) -> Stage {
    let mut stage = Stage::new(role);
    for step in steps {
        stage.step(step);
    }
    stage.said.clear();
    stage
}
