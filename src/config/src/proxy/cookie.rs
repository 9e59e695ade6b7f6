//! `cookie`, `dynamic-cookie-key`

use crate::context::Context;
use crate::draft::ProxyDraft;
use crate::keyword::{Keyword, Sections};
use crate::nearest::nearest;
use crate::problem::{Parsed, Problem};
use crate::statement::Statement;
use crate::units::{self, BadNumber};
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use balance::{Address, ServerSettings};
use core::net::IpAddr;
use session::settings::{CookieUses, PersistCookie};

pub(super) const KEYWORDS: &[Keyword<ProxyDraft>] = &[
    Keyword {
        name: "cookie",
        doc: "the cookie that binds clients to servers",
        sections: Sections::SERVES,
        negatable: false,
        parse: cookie,
    },
    Keyword {
        name: "dynamic-cookie-key",
        doc: "the secret of which 'cookie ... dynamic' makes the values of servers",
        sections: Sections::SERVES,
        negatable: false,
        parse: |statement, draft, _| {
            let key = statement.word(1);
            if key.is_empty() {
                let message = "'dynamic-cookie-key' expects <secret_key> as argument.";
                return Err(Problem::at(1, message).because("a text is missing here"));
            }
            draft.dynamic_cookie_key = Some(key.into());
            Ok(())
        },
    },
];

const OPTIONS: &[&str] = &[
    "attr", "domain", "dynamic", "httponly", "indirect", "insert", "maxidle", "maxlife", "nocache",
    "postonly", "prefix", "preserve", "rewrite", "secure",
];

/// `cookie <name> [<options>]`; what an earlier line said counts no more.
fn cookie(statement: &Statement<'_>, draft: &mut ProxyDraft, context: &mut Context<'_>) -> Parsed {
    let name = statement.word(1);
    if name.is_empty() {
        let message = "'cookie' expects <cookie_name> as argument.";
        return Err(Problem::at(1, message).because("a name is missing here"));
    }
    let mut uses = CookieUses::empty();
    let (mut idle_max, mut life_max, mut dynamic) = (None, None, false);
    let (mut domains, mut flags, mut attributes) = (String::new(), [""; 2], String::new());
    let mut at = 2;
    while at < statement.len() {
        let value = statement.word(at + 1);
        let mut taken = 1;
        match statement.word(at) {
            "rewrite" => uses |= CookieUses::REWRITE,
            "insert" => uses |= CookieUses::INSERT,
            "prefix" => uses |= CookieUses::PREFIX,
            "indirect" => uses |= CookieUses::INDIRECT,
            "nocache" => uses |= CookieUses::NOCACHE,
            "postonly" => uses |= CookieUses::POSTONLY,
            "preserve" => uses |= CookieUses::PRESERVE,
            "httponly" => flags[0] = "; HttpOnly",
            "secure" => flags[1] = "; Secure",
            "dynamic" => dynamic = true,
            "domain" => {
                domain(statement, at + 1, context)?;
                domains += &format!("; domain={value}");
                taken = 2;
            }
            "maxidle" => {
                idle_max = Some(seconds(statement, at + 1, "idletime")?);
                taken = 2;
            }
            "maxlife" => {
                life_max = Some(seconds(statement, at + 1, "lifetime")?);
                taken = 2;
            }
            "attr" => {
                attribute(statement, at + 1)?;
                attributes += &format!("; {value}");
                taken = 2;
            }
            other => {
                let message = "'cookie' supports 'rewrite', 'insert', 'prefix', 'indirect', 'nocache', 'postonly', 'domain', 'maxidle', 'dynamic', 'maxlife' and 'attr' options.";
                return Err(Problem::at(at, message)
                    .because("no option of 'cookie' has this name")
                    .did_you_mean(nearest(other, OPTIONS.iter().copied())));
            }
        }
        at += taken;
    }
    let modes = CookieUses::REWRITE | CookieUses::INSERT | CookieUses::PREFIX;
    if (uses & modes).iter().count() > 1 {
        let message = "cookie 'rewrite', 'insert' and 'prefix' modes are incompatible.";
        return Err(Problem::at(0, message).because("one of them at most"));
    }
    let preservable = CookieUses::INSERT | CookieUses::INDIRECT;
    if uses.contains(CookieUses::PRESERVE) && !uses.intersects(preservable) {
        let message = "cookie 'preserve' requires at least 'insert' or 'indirect'.";
        return Err(Problem::at(0, message).because("nothing is to be preserved otherwise"));
    }
    draft.dynamic_cookies = dynamic;
    let [httponly, secure] = flags;
    draft.proxy.cookie = Some(PersistCookie {
        name: name.into(),
        uses,
        attributes: format!("; path=/{domains}{httponly}{secure}{attributes}").into(),
        idle_max,
        life_max,
    });
    Ok(())
}

fn domain(statement: &Statement<'_>, at: usize, context: &mut Context<'_>) -> Parsed {
    let text = statement.word(at);
    if text.is_empty() {
        let message = "'domain' expects <domain> as argument.";
        return Err(Problem::at(at, message).because("a domain is missing here"));
    }
    if !text.get(1..).is_some_and(|rest| rest.contains('.')) && !text.starts_with('.') {
        let message = format!(
            "domain '{text}' contains no embedded dot, this configuration may not work properly (see RFC6265#5.2.3)."
        );
        let problem = Problem::at(at, message).because("clients may ignore such a cookie");
        context.warn(statement, problem);
    }
    is_text(at, text)
}

fn attribute(statement: &Statement<'_>, at: usize) -> Parsed {
    let text = statement.word(at);
    if text.is_empty() {
        let message = "'attr' expects <value> as argument.";
        return Err(Problem::at(at, message).because("an attribute is missing here"));
    }
    is_text(at, text)
}

/// What would end the attribute, or the header, must not be in it.
fn is_text(at: usize, text: &str) -> Parsed {
    match text.chars().find(|c| c.is_control() || *c == ';') {
        None => Ok(()),
        Some(bad) => {
            let message = format!(
                "character '%x{:02X}' is not permitted in attribute value.",
                u32::from(bad)
            );
            Err(Problem::at(at, message).because("it would end the attribute"))
        }
    }
}

fn seconds(statement: &Statement<'_>, at: usize, what: &str) -> Result<u32, Problem> {
    let text = statement.word(at);
    let name = statement.word(at - 1);
    let (message, reason) = match units::seconds(text) {
        Ok(seconds) => return Ok(seconds),
        Err(BadNumber::Empty) => (
            format!("'{name}' expects <{what}> in seconds as argument."),
            "a time is missing here",
        ),
        Err(BadNumber::Unexpected(bad, _)) => (
            format!("unexpected character '{bad}' in argument to <{name}>."),
            "a time such as 30m is expected",
        ),
        Err(BadNumber::Overflow) => (
            format!(
                "timer overflow in argument <{text}> to <{name}>, maximum value is 2147483647 s (~68 years)."
            ),
            "too long",
        ),
    };
    Err(Problem::at(at, message).because(reason))
}

/// The cookie of a server that has none of its own, of its address and a secret.
pub(crate) fn dynamic(server: &ServerSettings, key: &str) -> Option<Box<str>> {
    let Address::Ip(address) = &server.address else {
        return None;
    };
    let mut bytes = key.as_bytes().to_vec();
    match address.ip() {
        IpAddr::V4(ip) => bytes.extend_from_slice(&ip.octets()),
        IpAddr::V6(ip) => bytes.extend_from_slice(&ip.octets()),
    }
    bytes.extend_from_slice(&u32::from(address.port()).to_be_bytes());
    Some(format!("{:016x}", sample::hash::xxh64(&bytes)).into())
}
