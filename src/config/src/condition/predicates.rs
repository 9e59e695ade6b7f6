//! The predicates, one item each.

use crate::identity;
use alloc::format;
use alloc::string::String;
use core::cmp::Ordering;

/// The values a predicate is asked about.
type Ask<'a> = (&'a [String], &'a dyn Fn(&str) -> Option<String>);

/// A predicate of conditions.
pub(super) struct Predicate {
    name: &'static str,
    /// How many arguments it takes.
    arguments: usize,
    evaluate: fn(Ask<'_>) -> Result<bool, String>,
}

/// All of them. There is no TLS library here, so questions about one are answered with no.
const PREDICATES: &[Predicate] = &[
    Predicate {
        name: "awslc_api_atleast",
        arguments: 1,
        evaluate: |_| Ok(false),
    },
    Predicate {
        name: "awslc_api_before",
        arguments: 1,
        evaluate: |_| Ok(false),
    },
    Predicate {
        name: "defined",
        arguments: 1,
        evaluate: |(args, env)| Ok(env(&args[0]).is_some()),
    },
    Predicate {
        name: "enabled",
        arguments: 1,
        evaluate: |(args, _)| Ok(identity::ENABLED.contains(&args[0].as_str())),
    },
    Predicate {
        name: "feature",
        arguments: 1,
        evaluate: |(args, _)| Ok(identity::FEATURES.contains(&(args[0].as_str(), true))),
    },
    Predicate {
        name: "fips_mode",
        arguments: 0,
        evaluate: |_| Ok(false),
    },
    Predicate {
        name: "openssl_version_atleast",
        arguments: 1,
        evaluate: |_| Ok(false),
    },
    Predicate {
        name: "openssl_version_before",
        arguments: 1,
        evaluate: |_| Ok(false),
    },
    Predicate {
        name: "ssllib_name_startswith",
        arguments: 1,
        evaluate: |_| Ok(false),
    },
    Predicate {
        name: "streq",
        arguments: 2,
        evaluate: |(args, _)| Ok(args[0] == args[1]),
    },
    Predicate {
        name: "strneq",
        arguments: 2,
        evaluate: |(args, _)| Ok(args[0] != args[1]),
    },
    Predicate {
        name: "strstr",
        arguments: 2,
        evaluate: |(args, _)| Ok(args[0].contains(args[1].as_str())),
    },
    Predicate {
        name: "version_atleast",
        arguments: 1,
        evaluate: |(args, _)| Ok(compare(&args[0])? != Ordering::Less),
    },
    Predicate {
        name: "version_before",
        arguments: 1,
        evaluate: |(args, _)| Ok(compare(&args[0])? == Ordering::Less),
    },
];

fn compare(version: &str) -> Result<Ordering, String> {
    identity::compare_version(version).ok_or_else(|| format!("'{version}' is not a version"))
}

/// All names.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    PREDICATES.iter().map(|predicate| predicate.name)
}

impl Predicate {
    /// The predicate of this name.
    pub(super) fn of(name: &str) -> Option<&'static Self> {
        PREDICATES.iter().find(|predicate| predicate.name == name)
    }

    /// Its value, or what is wrong with its arguments.
    pub(super) fn evaluate(
        &self,
        arguments: &[String],
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<bool, String> {
        if arguments.len() != self.arguments {
            return Err(format!(
                "'{}' takes {} argument(s), {} given",
                self.name,
                self.arguments,
                arguments.len()
            ));
        }
        (self.evaluate)((arguments, env))
    }
}
