//! What `-v` and `-vv` print. Test runners and scripts read the first line, `TARGET` and the
//! feature list.

use config::identity;
use std::fmt::Write as _;

const OURS: &str = env!("CARGO_PKG_VERSION");

/// The version as one word.
pub fn name() -> String {
    format!("{} (tidegate {OURS})", identity::VERSION)
}

/// `-v`
pub fn short() -> String {
    format!(
        "HAProxy version {}-tidegate-{OURS}\n\
         This is tidegate {OURS}: it reads the configuration of the HAProxy version above.\n",
        identity::VERSION
    )
}

/// `-vv`
pub fn long() -> String {
    let mut text = short();
    text.push_str("Build options :\n  TARGET  = linux-glibc\n\nFeature list :");
    for (feature, present) in identity::FEATURES {
        let sign = if *present { '+' } else { '-' };
        let _ = write!(text, " {sign}{feature}");
    }
    text.push_str(
        "\n\nDefault settings :\n  bufsize = 16384, maxrewrite = 1024\n\n\
         Available polling systems :\n      epoll : pref=300,  test result OK\n\
         Total: 1 (1 usable), will use epoll.\n",
    );
    text
}
