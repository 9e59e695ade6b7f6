//! Fetches of credentials (RFC 7617, RFC 6750), and their comparison with user lists.

use super::{Action, Certainty, Fetch, Run, Str, fetch};
use crate::args::{Arg, Args, Kind, Signature};
use crate::base64;
use crate::facts::Process;
use crate::userlist::User;
use crate::value::{Fetched, Type, Value};
use crate::work::Work;
use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::ops::ControlFlow;
use message::{Head, Name};

const NONE: Signature = Signature::NONE;
const USERLIST: Signature = Signature::new(1, &[Kind::Userlist]);

pub(super) const FETCHES: &[Fetch] = &[
    fetch!("http_auth", "The credentials are those of a user of a list.", USERLIST, Credentials: is_user),
    Fetch {
        name: "http_auth_group",
        also: &[],
        doc: "The user whose credentials they are; for conditions, the groups it belongs to.",
        args: USERLIST,
        check: None,
        runs: &[Run::Credentials(Action::Many {
            one: |view, args, work| {
                let user = user(view, args, work).and_then(|user| user);
                user.map(|user| Value::text(user.name.as_bytes()))
            },
            each: |view, args, work, see| {
                let user = user(view, args, work).found().flatten();
                for group in user.map_or(&[][..], |user| &user.groups) {
                    if see(work, Value::text(group.as_bytes())) == ControlFlow::Break(()) {
                        break;
                    }
                }
                Certainty::Final
            },
        })],
        output: Type::Text,
        stable: None,
    },
    fetch!("http_auth_type", "The scheme of the credentials, if it is Basic or Bearer.", NONE, RequestHead: scheme),
    fetch!("http_auth_user", "The user of Basic credentials.", NONE, RequestHead: user_name),
    fetch!("http_auth_pass", "The password of Basic credentials.", NONE, RequestHead: password),
    fetch!("http_auth_bearer", "The token of Bearer credentials, of Authorization or of another header.", Signature::new(0, &[Kind::Text]), RequestHead: bearer),
];

/// The user and the password of Basic credentials with a colon between them, and where it stands.
fn basic(head: &Head, work: &mut Work) -> Option<(Vec<u8>, usize)> {
    let encoded = after_scheme(head.value(Name::Authorization)?, b"basic")?;
    let mut text = work.buffer();
    let colon = base64::decode(encoded, &mut text).and_then(|()| memchr::memchr(b':', &text));
    match colon {
        Some(colon) => Some((text, colon)),
        None => {
            work.give(text);
            None
        }
    }
}

/// What stands behind a scheme and its spaces; something has to.
fn after_scheme<'a>(line: &'a [u8], scheme: &[u8]) -> Option<&'a [u8]> {
    let (found, rest) = line.split_at_checked(scheme.len())?;
    let rest = rest.strip_prefix(b" ")?.trim_ascii();
    (found.eq_ignore_ascii_case(scheme) && !rest.is_empty()).then_some(rest)
}

fn user<'a>(
    (head, process): (&Head, &'a dyn Process),
    args: &Args,
    work: &mut Work,
) -> Fetched<Option<&'a User>> {
    let (Some(Arg::Userlist(list)), Some((text, colon))) = (args.get(0), basic(head, work)) else {
        return Fetched::Not;
    };
    let list = process.userlist(*list);
    let user = list.and_then(|list| list.find(&text[..colon], &text[colon + 1..]));
    work.give(text);
    Fetched::Is(user)
}

fn is_user(view: (&Head, &dyn Process), args: &Args, work: &mut Work) -> Fetched<bool> {
    user(view, args, work).map(|user| user.is_some())
}

fn scheme<'a>(head: &Head, _: &Args, work: &mut Work) -> Option<Str<'a>> {
    let line = head.value(Name::Authorization)?;
    if after_scheme(line, b"bearer").is_some() {
        return Some(Str::of(b"Bearer"));
    }
    let (text, _) = basic(head, work)?;
    work.give(text);
    Some(Str::of(b"Basic"))
}

fn user_name<'a>(head: &Head, _: &Args, work: &mut Work) -> Option<Str<'a>> {
    let (mut text, colon) = basic(head, work)?;
    text.truncate(colon);
    Some(Str(Cow::Owned(text)))
}

fn password<'a>(head: &Head, _: &Args, work: &mut Work) -> Option<Str<'a>> {
    let (mut text, colon) = basic(head, work)?;
    text.drain(..=colon);
    Some(Str(Cow::Owned(text)))
}

fn bearer<'a>(head: &'a Head, args: &Args, _: &mut Work) -> Option<Str<'a>> {
    let name = match args.text(0) {
        Some(name @ [_, ..]) => name,
        Some([]) | None => b"authorization",
    };
    let mut fields = head.fields();
    let field = fields.find(|field| head.bytes(field.name).eq_ignore_ascii_case(name))?;
    after_scheme(head.bytes(field.value), b"bearer").map(Str::of)
}
