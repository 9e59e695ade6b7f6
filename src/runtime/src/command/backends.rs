//! Commands about backends: whether frontends send requests to them.

use super::{Answer, Severity};
use crate::session::Rights;
use crate::view::View;
use alloc::string::String;
use session::settings::ProxyIndex;

/// `publish backend <backend>`
pub(super) fn publish(args: &[String], _rights: &mut Rights, view: &dyn View) -> Answer {
    set(args.first(), true, view)
}

/// `unpublish backend <backend>`
pub(super) fn unpublish(args: &[String], _rights: &mut Rights, view: &dyn View) -> Answer {
    set(args.first(), false, view)
}

fn set(name: Option<&String>, on: bool, view: &dyn View) -> Answer {
    let proxies = &view.settings().proxies;
    let is_it = |proxy: &session::settings::Proxy| {
        proxy.capability.serves() && name.is_some_and(|name| *name == *proxy.name)
    };
    let Some(at) = proxies.iter().position(is_it) else {
        return Answer::error("No such backend.");
    };
    if proxies[at].disabled {
        return Answer::error("No effect on a disabled backend.");
    }
    view.publish(ProxyIndex(at as u32), on);
    let said = match on {
        true => "Backend published.",
        false => "Backend unpublished.",
    };
    Answer::Remark(Severity::Info, said.into())
}
