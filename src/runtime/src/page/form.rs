//! The form of the page of statistics: servers of a backend, and what they are to be.

use crate::order::Order;
use crate::view::View;
use alloc::string::String;
use alloc::vec::Vec;
use balance::{ServerIndex, ServerState};
use engine::Form;
use session::settings::{Proxy, ProxyIndex, StatsPage};

/// What becomes of a form, as the page names it, and what is to be done.
pub(super) fn obey(
    view: &dyn View,
    page: &StatsPage,
    own: &Proxy,
    form: &Form,
) -> (&'static str, Vec<Order>) {
    match form {
        Form::Denied => ("DENY", Vec::new()),
        Form::Excess => ("EXCD", Vec::new()),
        Form::Fields(fields) => orders(view, page, own, fields),
    }
}

fn orders(
    view: &dyn View,
    page: &StatsPage,
    own: &Proxy,
    fields: &[u8],
) -> (&'static str, Vec<Order>) {
    let (mut backend, mut state, mut names) = (None, None, Vec::new());
    for field in fields.split(|byte| *byte == b'&') {
        let Some(equals) = field.iter().position(|byte| *byte == b'=') else {
            continue;
        };
        let Some(value) = decoded(&field[equals + 1..]) else {
            return (ERROR, Vec::new());
        };
        match &field[..equals] {
            b"b" => match find(view, &value) {
                Some(found) => backend = Some(found),
                None => return (ERROR, Vec::new()),
            },
            b"action" => match state_of(&value) {
                Some(found) => state = Some(found),
                None => return (ERROR, Vec::new()),
            },
            b"s" => names.push(value),
            _ => {}
        }
    }
    let (Some((at, backend)), Some(state)) = (backend, state) else {
        return (ERROR, Vec::new());
    };
    if !page.covers(&backend.name, &own.name) {
        return ("DENY", Vec::new());
    }
    let found = names.iter().filter_map(|name| {
        let mut servers = backend.servers.iter();
        servers.position(|server| *server.name == **name)
    });
    let orders: Vec<Order> = found
        .map(|server| Order::SetServer {
            backend: at,
            server: ServerIndex(server as u32),
            state,
        })
        .collect();
    let outcome = match (orders.len(), names.len()) {
        (0, _) => "NONE",
        (done, all) if done < all => "PART",
        _ => "DONE",
    };
    (outcome, orders)
}

/// A backend by its name or `#` and its number.
fn find<'a>(view: &'a dyn View, name: &str) -> Option<(ProxyIndex, &'a Proxy)> {
    let mut proxies = (0..).zip(&view.settings().proxies);
    let found = proxies.find(|(_, proxy)| {
        let is_called = match name.strip_prefix('#') {
            Some(number) => number.parse() == Ok(proxy.id),
            None => *proxy.name == *name,
        };
        is_called && proxy.capability.serves() && !proxy.disabled
    });
    found.map(|(at, proxy)| (ProxyIndex(at), proxy))
}

fn state_of(action: &str) -> Option<ServerState> {
    Some(match action {
        "ready" => ServerState::Up,
        "drain" => ServerState::Drain,
        "maint" => ServerState::Maintenance,
        _ => return None,
    })
}

/// `application/x-www-form-urlencoded`: `+` is a space, `%` stands before two digits.
fn decoded(value: &[u8]) -> Option<String> {
    let mut out = Vec::with_capacity(value.len());
    let mut rest = value;
    while let [first, behind @ ..] = rest {
        rest = behind;
        match first {
            b'+' => out.push(b' '),
            b'%' => {
                let digits = behind.get(..2)?;
                let digits = core::str::from_utf8(digits).ok()?;
                out.push(u8::from_str_radix(digits, 16).ok()?);
                rest = &behind[2..];
            }
            byte => out.push(*byte),
        }
    }
    String::from_utf8(out).ok()
}

/// Something in the form makes no sense.
const ERROR: &str = "ERRP";
