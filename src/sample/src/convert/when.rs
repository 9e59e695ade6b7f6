//! `when`: a value passes only under a condition of the stream.

use super::Converter;
use crate::args::{Arg, Args, Kind, Signature};
use crate::condition::{Condition, Verdict};
use crate::facts::{Facts, Transaction};
use crate::fetch::named_acls;
use crate::names::Names;
use crate::value::Type;
use crate::work::Work;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;

pub(super) const CONVERTERS: &[Converter] = &[Converter {
    name: "when",
    doc: "The same under this condition, nothing otherwise.",
    args: Signature::new(0, &[Kind::Text; 12]),
    input: Type::Any,
    output: Type::Any,
    check: Some(check),
    // Whether it passes is decided in front of this, with the facts of where it stands ([`When::holds`]).
    run: |value, _, _| Some(value),
}];

/// A condition, perhaps turned round.
pub(crate) struct When {
    negated: bool,
    what: What,
}

enum What {
    Stopping,
    Error,
    Forwarded,
    ToApplet,
    Processed,
    Acl(Condition),
}

fn check(args: &mut Args, names: &mut dyn Names) -> Result<(), String> {
    let text = String::from_utf8_lossy(args.text(0).unwrap_or_default());
    let (mut negated, name) = match text.strip_prefix('!') {
        Some(name) => (true, name),
        None => (false, &*text),
    };
    let what = match name {
        "stopping" => What::Stopping,
        "error" => What::Error,
        "normal" => {
            negated = !negated;
            What::Error
        }
        "forwarded" => What::Forwarded,
        "toapplet" => What::ToApplet,
        "processed" => What::Processed,
        "acl" => {
            let Some(acl) = args.text(1) else {
                let message = "'acl' selector requires an extra argument with the ACL name";
                return Err(message.to_string());
            };
            What::Acl(named_acls(&[String::from_utf8_lossy(acl)], names)?)
        }
        _ => {
            return Err(format!(
                "expects a supported keyword among {{stopping,normal,error,forwarded,toapplet,processed,acl}} but got '{name}'"
            ));
        }
    };
    let when = When { negated, what };
    args.0 = [Some(Arg::Made(Arc::new(when)))].into();
    Ok(())
}

impl When {
    /// Whether a value passes.
    pub(crate) fn holds<'a>(&'a self, facts: &Facts<'a>, work: &mut Work) -> bool {
        let holds = match &self.what {
            What::Stopping => facts.process.is_stopping(),
            What::Error => facts.transaction().is_some_and(is_error),
            What::Forwarded => facts.server.is_some(),
            What::ToApplet => is_ours(facts),
            What::Processed => facts.server.is_some() || is_ours(facts),
            What::Acl(acls) => acls.verdict(facts, work, true) == Verdict::Yes,
        };
        holds != self.negated
    }
}

/// Whether something went wrong: what `option dontlog-normal` goes by.
fn is_error(of: &Transaction<'_>) -> bool {
    let disturbed = !matches!(of.termination[0], b'-' | b'L');
    disturbed || of.retries > 0 || of.redispatched || of.status >= 500
}

/// Whether the proxy serves the request itself.
fn is_ours(facts: &Facts<'_>) -> bool {
    facts.transaction().is_some_and(|it| it.served_here)
}
