//! The page of statistics that proxies serve (`stats enable`): as CSV, JSON or HTML, and what its form
//! changes.

mod form;
mod html;
#[cfg(test)]
mod tests;

use crate::dump::{Filter, Format, Row, Servers, Stat, write_header};
use crate::order::Order;
use crate::view::View;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use engine::{PageAsked, PageMade};
use session::settings::{Proxy, StatsPage};

/// Makes the page that is asked for, and says what is to be done.
pub fn make(view: &dyn View, asked: &PageAsked) -> (PageMade, Vec<Order>) {
    let Some(proxy) = view.settings().proxies.get(asked.proxy.0 as usize) else {
        return (nothing(), Vec::new());
    };
    let Some(page) = &proxy.stats else {
        return (nothing(), Vec::new());
    };
    let query = Query::of(page, &asked.target);
    match &asked.form {
        Some(form) => {
            let (outcome, orders) = form::obey(view, page, proxy, form);
            (query.again(page, outcome), orders)
        }
        None => (query.page(view, page, proxy), Vec::new()),
    }
}

fn nothing() -> PageMade {
    PageMade {
        status: 404,
        fields: Vec::new(),
        body: Vec::new(),
    }
}

/// What the target says behind the prefix: words that begin with `;`, `?` or `&`.
#[derive(Debug, Default)]
struct Query<'q> {
    csv: bool,
    json: bool,
    /// `up`: no servers that are down.
    up: bool,
    /// `no-maint`: no servers in maintenance.
    no_maintenance: bool,
    /// `norefresh`
    still: bool,
    /// `scope`: only proxies with this in their names.
    scope: &'q str,
    /// `st`: what became of a form.
    outcome: &'q str,
}

impl<'q> Query<'q> {
    fn of(page: &StatsPage, target: &'q [u8]) -> Self {
        let mut query = Self::default();
        let rest = target.get(page.uri.len()..).unwrap_or_default();
        let rest = core::str::from_utf8(rest).unwrap_or_default();
        for word in rest.split([';', '?', '&']) {
            match word.split_once('=') {
                Some(("scope", name)) => query.scope = name,
                Some(("st", outcome)) => query.outcome = outcome,
                Some(_) => {}
                None => match word {
                    "csv" => query.csv = true,
                    "json" => query.json = true,
                    "up" => query.up = true,
                    "no-maint" => query.no_maintenance = true,
                    "norefresh" => query.still = true,
                    _ => {}
                },
            }
        }
        query
    }

    /// The words that stay the same from page to page.
    fn kept(&self) -> String {
        let mut words = String::new();
        for (there, word) in [
            (self.up, ";up"),
            (self.no_maintenance, ";no-maint"),
            (self.still, ";norefresh"),
        ] {
            if there {
                words.push_str(word);
            }
        }
        if !self.scope.is_empty() && self.scope.bytes().all(is_name_byte) {
            words.push_str(";scope=");
            words.push_str(self.scope);
        }
        words
    }

    /// Behind a form the browser is sent to the page, so that loading it anew sends nothing twice.
    fn again(&self, page: &StatsPage, outcome: &str) -> PageMade {
        let to = format!("{};st={outcome}{}", page.uri, self.kept());
        PageMade {
            status: 303,
            fields: Vec::from([
                ("cache-control", "no-cache".into()),
                ("content-type", "text/plain".into()),
                ("location", to),
            ]),
            body: Vec::new(),
        }
    }

    fn page(&self, view: &dyn View, page: &StatsPage, own: &Proxy) -> PageMade {
        let mut out = String::new();
        let includes =
            |proxy: &Proxy| page.covers(&proxy.name, &own.name) && proxy.name.contains(self.scope);
        let kind = if self.csv {
            write_header(&mut out);
            self.rows(view, page, includes, |_, row| {
                row.write(Format::Csv, &mut out)
            });
            "text/plain"
        } else if self.json {
            out.push('[');
            let mut is_first = true;
            self.rows(view, page, includes, |_, row| {
                if !core::mem::take(&mut is_first) {
                    out.push(',');
                }
                row.write(Format::Json, &mut out);
            });
            out.push_str("]\n");
            "application/json"
        } else {
            html::write(self, view, page, own, includes, &mut out);
            "text/html; charset=utf-8"
        };
        let mut fields = Vec::from([
            ("cache-control", "no-cache".into()),
            ("content-type", kind.into()),
        ]);
        if let Some(refresh) = page.refresh.filter(|_| !self.still) {
            fields.push(("refresh", format!("{}", refresh.as_secs())));
        }
        if !(self.csv || self.json) {
            fields.push(("x-frame-options", "SAMEORIGIN".into()));
        }
        PageMade {
            status: 200,
            fields,
            body: out.into_bytes(),
        }
    }

    /// Shows the rows that are asked for. Where legends are not shown, nothing tells how the service is
    /// built.
    fn rows(
        &self,
        view: &dyn View,
        page: &StatsPage,
        includes: impl Fn(&Proxy) -> bool,
        mut see: impl FnMut(&Proxy, &Row<'_>),
    ) {
        let servers = match (self.up, self.no_maintenance) {
            (true, _) => Servers::Up,
            (false, true) => Servers::NoMaintenance,
            (false, false) => Servers::All,
        };
        let filter = Filter {
            servers,
            discreet: !page.shows_legends,
            ..Filter::default()
        };
        Stat::new(filter, Format::Csv).each_row(view, includes, |proxy, row| see(proxy, row));
    }
}

/// Whether a byte may stand in the name of a proxy.
fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':')
}
