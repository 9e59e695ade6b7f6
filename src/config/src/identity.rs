//! Which HAProxy this is compatible with, and which of its optional features are present.

use core::cmp::Ordering;

/// The version whose configuration language and tools' expectations are met.
pub const VERSION: &str = "3.5-dev5";
/// The date of that version, year/month/day.
pub const RELEASE_DATE: &str = "2026/08/21";
/// Its branch (`HAPROXY_BRANCH`).
pub const BRANCH: &str = "3.5";

/// HAProxy's build features by name, and whether we can do what each stands for.
///
/// `-vv` prints this list, and `feature()` in conditions reads it.
pub const FEATURES: &[(&str, bool)] = &[
    ("51DEGREES", false),
    ("ACCEPT4", true),
    ("ACME", false),
    ("BACKTRACE", false),
    ("CLOSEFROM", false),
    ("CPU_AFFINITY", false),
    ("CRYPT_H", false),
    ("DEVICEATLAS", false),
    ("DL", false),
    ("ECH", false),
    ("ENGINE", false),
    ("EPOLL", true),
    ("EVPORTS", false),
    ("FCGI", false),
    ("GETADDRINFO", true),
    ("H2", false),
    ("HAVE_TCP_MD5SIG", false),
    ("KQUEUE", false),
    ("KTLS", false),
    ("LIBATOMIC", false),
    ("LIBCRYPT", false),
    ("LINUX_CAP", false),
    ("LINUX_SPLICE", false),
    ("LINUX_TPROXY", true),
    ("LUA", false),
    ("MATH", false),
    ("MEMORY_PROFILING", false),
    ("NETFILTER", false),
    ("NS", false),
    ("OBSOLETE_LINKER", false),
    ("OPENSSL", false),
    ("OPENSSL_AWSLC", false),
    ("OPENSSL_WOLFSSL", false),
    ("PCRE", false),
    ("PCRE2", false),
    ("PCRE2_JIT", false),
    ("PCRE_JIT", false),
    ("POLL", false),
    ("PRCTL", false),
    ("PROCCTL", false),
    ("PROMEX", false),
    ("PTHREAD_EMULATION", false),
    ("QUIC", false),
    ("QUIC_OPENSSL_COMPAT", false),
    ("RT", false),
    ("SHM_OPEN", false),
    ("SLZ", false),
    ("SPOE", false),
    ("SSL", false),
    ("STATIC_PCRE", false),
    ("STATIC_PCRE2", false),
    ("TFO", true),
    ("THREAD", true),
    ("THREAD_DUMP", false),
    ("TPROXY", true),
    ("TRACE", false),
    ("WURFL", false),
    ("ZLIB", false),
];

/// What `enabled()` in conditions answers for; anything else is off.
pub(crate) const ENABLED: &[&str] = &["EPOLL", "GETADDRINFO", "REUSEPORT"];

/// A version as conditions compare it; missing components count as zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Version {
    major: u32,
    minor: u32,
    /// Development versions come before the release they lead to.
    stage: Stage,
    /// Changes since the tag.
    commits: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Dev(u32),
    Release(u32),
}

/// How the version we stand for compares with `text`; `None` if that is not a version.
pub(crate) fn compare_version(text: &str) -> Option<Ordering> {
    let ours = Version::parse(VERSION)?;
    Some(ours.cmp(&Version::parse(text)?))
}

impl Version {
    /// `major[.minor][-devN|.patch][-commits][anything after a dash]`
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let mut numbers = parts.next()?.split('.');
        let major = numbers.next()?.parse().ok()?;
        let minor = numbers.next().map_or(Some(0), |n| n.parse().ok())?;
        let patch = numbers.next().map_or(Some(0), |n| n.parse().ok())?;
        if numbers.next().is_some() {
            return None;
        }
        let mut stage = Stage::Release(patch);
        let mut rest = parts.peekable();
        if let Some(dev) = rest.peek().and_then(|part| part.strip_prefix("dev")) {
            stage = Stage::Dev(if dev.is_empty() { 0 } else { dev.parse().ok()? });
            rest.next();
        }
        let commits = rest.next().and_then(|part| part.parse().ok()).unwrap_or(0);
        Some(Self {
            major,
            minor,
            stage,
            commits,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_development_version_is_before_its_release_and_after_the_last_one() {
        assert_eq!(compare_version("3.5-dev4"), Some(Ordering::Greater));
        assert_eq!(compare_version("3.5-dev5"), Some(Ordering::Equal));
        assert_eq!(compare_version("3.5-dev5-12"), Some(Ordering::Less));
        assert_eq!(compare_version("3.5"), Some(Ordering::Less));
        assert_eq!(compare_version("3.4.9"), Some(Ordering::Greater));
        assert_eq!(compare_version("2.4"), Some(Ordering::Greater));
        assert_eq!(compare_version("1024"), Some(Ordering::Less));
        assert_eq!(compare_version("x"), None);
        assert_eq!(compare_version("1.2.3.4"), None);
    }
}
