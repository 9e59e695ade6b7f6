//! Going through a rule set.

use super::edit::Change;
use super::put;
use super::{Action, Captured, Count, Filled, Limit, MapEdit, Redirect, Reply, Rule, Screened};
use super::{PRIORITY_CLASS_MAX, PRIORITY_OFFSET_MAX};
use super::{limit, location};
use crate::settings::{Level, ProxyIndex};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use balance::ServerIndex;
use base::Duration;
use core::net::IpAddr;
use sample::assign::set;
use sample::expr::Expr;
use sample::pattern::Verdict;
use sample::screen::Outlook;
use sample::{Facts, Fetched, Type, Value, Work};

/// Where the evaluation of a rule set stands.
#[derive(Debug)]
pub enum Step<'r> {
    /// No rule is left.
    Done,
    /// The rule at this place has an effect; those behind it come next.
    Effect(usize, Effect<'r>),
    /// What the rule at this place depends on has not arrived yet.
    Wait(usize),
}

/// An effect of a rule beyond values, worked out as far as it can be without touching anything.
#[derive(Debug)]
pub enum Effect<'r> {
    /// No further rule of the set.
    Allow,
    /// `deny`
    Deny(Arc<Reply>, Filled),
    /// `tarpit`
    Tarpit(Arc<Reply>, Filled),
    /// `return`
    Return(Arc<Reply>, Filled),
    /// `auth`: the realm, if one is named.
    Auth(Option<Vec<u8>>),
    /// `redirect`
    Redirect(&'r Redirect, Vec<u8>),
    /// `reject`
    Reject,
    /// `close`
    Close,
    /// `silent-drop`
    SilentDrop,
    /// A change of the head.
    Edit(Change<'r>),
    /// `early-hint`
    EarlyHint(Vec<u8>, Vec<u8>),
    /// What changes neither the message nor the way it goes.
    Adjust(Adjust<'r>),
    /// `switch-mode http`
    SwitchMode(balance::Proto),
    /// `wait-for-body`
    WaitForBody(Duration, Option<u64>),
    /// `pause`
    Pause(Duration),
}

/// What changes neither the message nor the way it goes.
#[derive(Debug)]
pub enum Adjust<'r> {
    /// `capture`
    Capture(Captured, Vec<u8>),
    /// `track-scN`
    Track {
        /// N.
        counter: u8,
        /// The table.
        table: u32,
        /// The key.
        key: Value<'static>,
    },
    /// `sc-…`: the change, and its number where it takes one.
    Count(&'r Count, u32),
    /// `set-log-level`
    SetLogLevel(Option<Level>),
    /// `do-log`
    DoLog,
    /// `set-src`, `set-dst`
    SetAddress(super::AddressPart, IpAddr),
    /// `set-src-port`, `set-dst-port`
    SetPort(super::AddressPart, u16),
    /// `set-mark`, `set-tos`
    Mark(super::Mark, super::Side, u32),
    /// `set-timeout`
    SetTimeout(super::TimeoutKind, Duration),
    /// `set-retries`
    SetRetries(u32),
    /// `set-priority-class`
    SetPriorityClass(i16),
    /// `set-priority-offset`, milliseconds.
    SetPriorityOffset(i32),
    /// `strict-mode`
    StrictMode(bool),
    /// `disable-l7-retry`
    DisableL7Retry,
    /// `expect-proxy layer4`
    ExpectProxy,
    /// `attach-srv`, with the connection's name.
    AttachServer(ProxyIndex, ServerIndex, Box<[u8]>),
    /// `expect-netscaler-cip layer4`
    ExpectNetscaler,
    /// `set-bandwidth-limit`
    Limit(Limit),
}

/// Goes through the rules from `from` on. `last` says that no more will arrive: what is not there now
/// is not there at all. `outlook` is what calls for the same facts told each other of the rules ahead.
pub fn advance<'r>(
    rules: &'r Screened<Rule>,
    from: usize,
    facts: &Facts<'_>,
    work: &mut Work,
    last: bool,
    outlook: &mut Outlook,
) -> Step<'r> {
    let mut next = from;
    while let Some((at, rule)) = rules.next(next, facts, work, last, outlook) {
        next = at + 1;
        match rule.gate.verdict(facts, work, last) {
            Verdict::Yes => {}
            Verdict::No => continue,
            Verdict::Maybe => return Step::Wait(at),
        }
        if !last && is_open(&rule.action, facts, work) {
            return Step::Wait(at);
        }
        if let Some(effect) = effect(&rule.action, facts, work) {
            rules.applied(at, outlook);
            return Step::Effect(at, effect);
        }
    }
    Step::Done
}

/// Whether it is open yet what an action is about: who is tracked is not looked for twice, nor what is
/// captured.
fn is_open(action: &Action, facts: &Facts<'_>, work: &mut Work) -> bool {
    let (Action::Track { key: value, .. } | Action::Capture { value, .. }) = action else {
        return false;
    };
    match value.value(facts, work) {
        Fetched::NotYet => true,
        Fetched::IsSoFar(value) => {
            work.done(value);
            true
        }
        Fetched::Is(value) => {
            work.done(value);
            false
        }
        Fetched::Not => false,
    }
}

/// What an action comes to; nothing if it is done already or its value does not exist.
fn effect<'r>(action: &'r Action, facts: &Facts<'_>, work: &mut Work) -> Option<Effect<'r>> {
    Some(match action {
        Action::Allow => Effect::Allow,
        Action::Deny(reply) => Effect::Deny(reply.clone(), reply.fill(facts, work)),
        Action::Tarpit(reply) => Effect::Tarpit(reply.clone(), reply.fill(facts, work)),
        Action::Return(reply) => Effect::Return(reply.clone(), reply.fill(facts, work)),
        Action::Auth { realm } => Effect::Auth(realm.as_ref().map(|realm| {
            let mut text = work.buffer();
            put(realm, facts, work, &mut text);
            text
        })),
        Action::Redirect(redirect) => {
            let mut to = work.buffer();
            if !location(redirect, facts, work, &mut to) {
                work.give(to);
                return None;
            }
            Effect::Redirect(redirect, to)
        }
        Action::Reject => Effect::Reject,
        Action::Close => Effect::Close,
        Action::SilentDrop => Effect::SilentDrop,
        Action::Edit(edit) => Effect::Edit(edit.change(facts, work)),
        Action::EarlyHint { name, value } => {
            let (mut to, mut as_value) = (work.buffer(), work.buffer());
            to.extend_from_slice(name);
            put(value, facts, work, &mut as_value);
            Effect::EarlyHint(to, as_value)
        }
        Action::SetVar { to, when, value } => {
            let value = value.value(facts, work).found()?;
            set(to, when, value, work);
            return None;
        }
        Action::SetVarFmt { to, when, value } => {
            let mut text = work.buffer();
            put(value, facts, work, &mut text);
            set(to, when, Value::Text(text.into()), work);
            return None;
        }
        Action::UnsetVar(variable) => {
            work.unset_variable(variable);
            return None;
        }
        Action::Map(edit) => {
            change_map(edit, facts, work);
            return None;
        }
        Action::SetNice(_) => return None,
        Action::SwitchMode(proto) => Effect::SwitchMode(*proto),
        Action::WaitForBody { time, at_least } => Effect::WaitForBody(*time, *at_least),
        Action::Pause(value) => Effect::Pause(time(value, facts, work)?),
        Action::Capture { .. }
        | Action::Track { .. }
        | Action::Count(_)
        | Action::SetLogLevel(_)
        | Action::DoLog
        | Action::SetAddress { .. }
        | Action::Mark { .. }
        | Action::SetTimeout { .. }
        | Action::SetRetries(_)
        | Action::SetPriority { .. }
        | Action::StrictMode(_)
        | Action::DisableL7Retry
        | Action::ExpectProxy
        | Action::ExpectNetscaler
        | Action::Limit(_)
        | Action::AttachServer { .. } => Effect::Adjust(adjust(action, facts, work)?),
    })
}

/// The same for what changes neither the message nor the way it goes.
fn adjust<'r>(action: &'r Action, facts: &Facts<'_>, work: &mut Work) -> Option<Adjust<'r>> {
    Some(match action {
        Action::Capture { to, value, len } => {
            let value = value.value_as(Type::Text, facts, work).found()?;
            let mut text = work.buffer();
            if let Value::Text(value) = &value {
                text.extend_from_slice(&value[..value.len().min(*len)]);
            }
            work.done(value);
            Adjust::Capture(*to, text)
        }
        Action::Track {
            counter,
            table,
            key,
        } => Adjust::Track {
            counter: *counter,
            table: *table,
            key: {
                let key = key.value(facts, work).found()?;
                work.owned(key)
            },
        },
        Action::Count(count) => {
            let number = match &**count {
                Count::AddGpc { value, .. }
                | Count::SetGpt { value, .. }
                | Count::SetGpt0 { value, .. } => match value {
                    Ok(number) => *number,
                    Err(expr) => number(expr, facts, work)? as u32,
                },
                Count::IncrementGpc { .. }
                | Count::IncrementGpc0 { .. }
                | Count::IncrementGpc1 { .. } => 1,
            };
            Adjust::Count(count, number)
        }
        Action::SetLogLevel(level) => Adjust::SetLogLevel(*level),
        Action::DoLog => Adjust::DoLog,
        Action::SetAddress { part, value } => match part {
            super::AddressPart::Source | super::AddressPart::Destination => {
                let value = value.value_as(Type::Address, facts, work).found()?;
                match value {
                    Value::Ip4(ip) => Adjust::SetAddress(*part, ip.into()),
                    Value::Ip6(ip) => Adjust::SetAddress(*part, ip.into()),
                    _ => return None,
                }
            }
            super::AddressPart::SourcePort | super::AddressPart::DestinationPort => {
                let port = number(value, facts, work)?;
                Adjust::SetPort(*part, u16::try_from(port).ok()?)
            }
        },
        Action::Mark { mark, side, value } => {
            Adjust::Mark(*mark, *side, number(value, facts, work)? as u32)
        }
        Action::SetTimeout { kind, value } => Adjust::SetTimeout(*kind, time(value, facts, work)?),
        Action::SetRetries(value) => {
            Adjust::SetRetries(u32::try_from(number(value, facts, work)?).ok()?)
        }
        Action::SetPriority { class, value } => {
            let number = number(value, facts, work)?;
            let within = |max: i64| number.clamp(-max, max);
            match class {
                true => Adjust::SetPriorityClass(within(PRIORITY_CLASS_MAX) as i16),
                false => Adjust::SetPriorityOffset(within(PRIORITY_OFFSET_MAX) as i32),
            }
        }
        Action::StrictMode(on) => Adjust::StrictMode(*on),
        Action::DisableL7Retry => Adjust::DisableL7Retry,
        Action::ExpectProxy => Adjust::ExpectProxy,
        Action::AttachServer {
            backend,
            server,
            name,
        } => {
            let name = name.as_ref();
            let name = name.and_then(|name| name.value_as(Type::Text, facts, work).found());
            let text = match &name {
                Some(Value::Text(text)) => (&**text).into(),
                Some(_) | None => Box::default(),
            };
            if let Some(name) = name {
                work.done(name);
            }
            Adjust::AttachServer(*backend, *server, text)
        }
        Action::ExpectNetscaler => Adjust::ExpectNetscaler,
        Action::Limit(set) => Adjust::Limit(limit(set, facts, work)?),
        _ => return None,
    })
}

pub(super) fn number(expr: &Expr, facts: &Facts<'_>, work: &mut Work) -> Option<i64> {
    match expr.value_as(Type::Int, facts, work).found()? {
        Value::Int(number) => Some(number),
        _ => None,
    }
}

/// A time that is fixed, or a number of milliseconds; one that is not positive is none.
pub(super) fn time(
    value: &Result<Duration, Expr>,
    facts: &Facts<'_>,
    work: &mut Work,
) -> Option<Duration> {
    match value {
        Ok(time) => Some(*time),
        Err(expr) => {
            let millis = u64::try_from(number(expr, facts, work)?).ok()?;
            (millis > 0).then(|| Duration::from_millis(millis))
        }
    }
}

fn change_map(edit: &MapEdit, facts: &Facts<'_>, work: &mut Work) {
    let (mut key, mut value) = (work.buffer(), work.buffer());
    match edit {
        MapEdit::AddAcl { list, key: format } => {
            put(format, facts, work, &mut key);
            list.delete(&key);
            // A key that cannot be read as what the list holds is left out.
            let _ = list.add(None, &key, None);
        }
        MapEdit::DelAcl { list, key: format }
        | MapEdit::DelMap {
            map: list,
            key: format,
        } => {
            put(format, facts, work, &mut key);
            list.delete(&key);
        }
        MapEdit::SetMap {
            map,
            key: format,
            value: to,
        } => {
            put(format, facts, work, &mut key);
            put(to, facts, work, &mut value);
            if map.set(&key, &value) == Ok(0) {
                let _ = map.add(None, &key, Some(&value));
            }
        }
    }
    work.give(key);
    work.give(value);
}
