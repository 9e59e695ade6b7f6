//! Commands that show something of the process.

use super::modes::level_name;
use super::{Answer, Severity};
use crate::dump::{Dump, Errors, Filter, Format, Info, InfoFormat, Kinds, Servers, Stat};
use crate::session::Rights;
use crate::view::View;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use core::fmt::Write;
use engine::settings::AccessLevel;
use session::Direction;
use session::settings::BindAddress;

/// `show version`
pub(super) fn version(_args: &[String], _rights: &mut Rights, view: &dyn View) -> Answer {
    Answer::Text(format!("{}\n", view.process().version))
}

/// `show info [typed|json]`
pub(super) fn info(args: &[String], _rights: &mut Rights, _view: &dyn View) -> Answer {
    let mut format = InfoFormat::default();
    for arg in args {
        match arg.as_str() {
            "typed" => format = InfoFormat::Typed,
            "json" => format = InfoFormat::Json,
            // Others are for builds that know more.
            _ => {}
        }
    }
    Answer::Dump(Dump::Info(Info(format)))
}

/// `show stat [domain proxy] [{<iid>|<proxy>} <type> <sid>] [typed|json] [up|no-maint]`
pub(super) fn stat(args: &[String], rights: &mut Rights, view: &dyn View) -> Answer {
    let args = match args {
        [word, domain, rest @ ..] if word == "domain" && domain == "proxy" => rest,
        [word, ..] if word == "domain" => return Answer::error("Invalid statistics domain."),
        _ => args,
    };
    let mut filter = Filter {
        discreet: rights.level < AccessLevel::Operator,
        ..Filter::default()
    };
    // Only three words together are a selection.
    let words = match args {
        [proxy, kinds, server, rest @ ..] => {
            let Ok(proxy) = proxy_id(proxy, view) else {
                return no_such_proxy();
            };
            filter.proxy = proxy;
            filter.kinds = match number(kinds) {
                -1 => None,
                kinds => Some(Kinds::from_bits_truncate(kinds as u32)),
            };
            filter.server = u32::try_from(number(server)).ok();
            rest
        }
        _ => args,
    };
    let mut format = Format::default();
    for word in words {
        match word.as_str() {
            "typed" => format = Format::Typed,
            "json" => format = Format::Json,
            "up" => filter.servers = Servers::Up,
            "no-maint" => filter.servers = Servers::NoMaintenance,
            // Others are for builds that know more.
            _ => {}
        }
    }
    Answer::Dump(Dump::Stat(Box::new(Stat::new(filter, format))))
}

/// `show errors [<iid>|<proxy>] [request|response]`
pub(super) fn errors(args: &[String], _rights: &mut Rights, view: &dyn View) -> Answer {
    let mut proxy = None;
    let mut direction = None;
    for (at, arg) in args.iter().enumerate() {
        match (at, arg.as_str()) {
            (_, "request") => direction = Some(Direction::Request),
            (_, "response") => direction = Some(Direction::Response),
            (0, arg) => match proxy_id(arg, view) {
                Ok(id) => proxy = id,
                Err(NoSuchProxy) => return no_such_proxy(),
            },
            _ => {}
        }
    }
    Answer::Dump(Dump::Errors(Errors::new(proxy, direction)))
}

/// `show cli sockets`
pub(super) fn cli_sockets(_args: &[String], _rights: &mut Rights, view: &dyn View) -> Answer {
    let mut text = String::from("# socket lvl processes\n");
    for socket in &view.settings().global.stats_sockets {
        let _ = match &socket.bind.address {
            BindAddress::Ip(address) => write!(text, "{address}"),
            BindAddress::Unix(path) => write!(text, "unix@{path}"),
            BindAddress::Abstract(name) => write!(text, "abns@{name}"),
            BindAddress::Inherited(fd) => write!(text, "fd@{fd}"),
            BindAddress::Reversed(reversed) => write!(text, "rhttp@{}", reversed.name),
        };
        let _ = writeln!(text, " {} all", level_name(socket.level));
    }
    Answer::Text(text)
}

/// There is no proxy of this name, and it is no number either.
struct NoSuchProxy;

/// The id that a name or a number stands for; `None` for -1, which is all.
fn proxy_id(text: &str, view: &dyn View) -> Result<Option<u32>, NoSuchProxy> {
    let named = view
        .settings()
        .proxies
        .iter()
        .find(|proxy| *proxy.name == *text);
    match (named, number(text)) {
        (Some(proxy), _) => Ok(Some(proxy.id)),
        (None, 0) => Err(NoSuchProxy),
        (None, id) => Ok(u32::try_from(id).ok()),
    }
}

fn no_such_proxy() -> Answer {
    Answer::Remark(Severity::Error, "No such proxy.".into())
}

/// The number a word begins with; 0 if it begins with none.
fn number(word: &str) -> i64 {
    let sign = usize::from(word.starts_with(['-', '+']));
    let digits = word
        .bytes()
        .skip(sign)
        .take_while(u8::is_ascii_digit)
        .count();
    word[..sign + digits].parse().unwrap_or(0)
}
