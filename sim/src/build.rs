//! What a seed belongs to: the same scenario and seed give the same run only with the same sources,
//! the same dependencies and the same compiler.

use sha2::{Digest, Sha256};
use std::fmt::{self, Write as _};

/// What this simulator was built from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Build {
    /// The version of the workspace.
    pub version: &'static str,
    /// The commit, and whether there were changes besides.
    pub commit: &'static str,
    /// The beginning of the SHA-256 of `Cargo.lock`.
    pub lock: String,
    /// What the compiler calls itself.
    pub rustc: &'static str,
}

impl Build {
    /// This one.
    pub fn this() -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION"),
            commit: env!("SIM_COMMIT"),
            lock: short_hash(include_bytes!("../../Cargo.lock")),
            rustc: env!("SIM_RUSTC"),
        }
    }
}

impl fmt::Display for Build {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "tidegate {} · commit {} · Cargo.lock {} · {}",
            self.version, self.commit, self.lock, self.rustc
        )
    }
}

/// The first bytes of the SHA-256 of `bytes`, as hexadecimal digits.
pub fn short_hash(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest[..6].iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
