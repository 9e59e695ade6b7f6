//! The page of statistics for people.

use super::Query;
use crate::dump::{Column, Kind};
use crate::value::Value;
use crate::view::View;
use alloc::string::String;
use core::fmt::Write;
use session::settings::{Proxy, StatsPage};

/// A table for each proxy; a form around it where servers may be changed.
pub(super) fn write(
    query: &Query<'_>,
    view: &dyn View,
    page: &StatsPage,
    own: &Proxy,
    includes: impl Fn(&Proxy) -> bool,
    out: &mut String,
) {
    let process = view.process();
    out.push_str("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">");
    out.push_str("<title>Statistics</title><style>");
    out.push_str(STYLE);
    out.push_str("</style></head><body>\n<h1>");
    escape(process.name, out);
    if page.shows_version {
        out.push(' ');
        escape(process.version, out);
    }
    out.push_str("</h1>\n<p>");
    if let Some(node) = &page.node {
        escape(node.as_deref().unwrap_or(&process.node), out);
        out.push_str(": ");
    }
    let general = view.settings().global.description.as_ref();
    let description = page.description.as_ref();
    let description = description.map(|it| it.as_ref().or(general));
    if let Some(Some(description)) = description {
        escape(description, out);
        out.push_str(". ");
    }
    let up = view.now().since(process.started).as_secs();
    let _ = write!(
        out,
        "process {}, up for {up} s, {} workers, {} clients at most",
        process.pid, process.workers, process.maxconn
    );
    out.push_str("</p>\n<p>");
    let uri = Escaped(&page.uri);
    for (words, text) in [
        ("", "all servers"),
        (";up", "without those that are down"),
        (";no-maint", "without those in maintenance"),
        (";norefresh", "standing still"),
        (";csv", "as CSV"),
        (";json", "as JSON"),
    ] {
        let _ = write!(out, "<a href=\"{uri}{words}\">{text}</a> ");
    }
    out.push_str("</p>\n");
    if let Some(outcome) = OUTCOMES.iter().find(|it| it.0 == query.outcome) {
        let _ = writeln!(out, "<p><b>{}</b></p>", outcome.1);
    }
    let changes = own.rules.front_admin.is_some() || own.rules.back_admin.is_some();
    let mut table: Option<u32> = None;
    let mut in_form = false;
    query.rows(view, page, includes, |proxy, row| {
        let has_form = changes && proxy.capability.serves() && !proxy.servers.is_empty();
        if table != Some(proxy.id) {
            end_table(table, in_form, out);
            table = Some(proxy.id);
            in_form = has_form;
            begin_table(page, query, proxy, has_form, out);
        }
        let class = match row.kind() {
            Kind::Frontend => "frontend",
            Kind::Backend => "backend",
            Kind::Server => "server",
            Kind::Listener => "listener",
        };
        let _ = write!(out, "<tr class=\"{class}\">");
        if has_form {
            out.push_str("<td>");
            if row.kind() == Kind::Server {
                out.push_str("<input type=\"checkbox\" name=\"s\" value=\"");
                put(row.get(Column::Svname), out);
                out.push_str("\">");
            }
            out.push_str("</td>");
        }
        for (column, _) in COLUMNS {
            out.push_str("<td>");
            put(row.get(*column), out);
            out.push_str("</td>");
        }
        if page.shows_legends {
            for column in [Column::Addr, Column::Algo, Column::Mode] {
                out.push_str("<td>");
                put(row.get(column), out);
                out.push_str("</td>");
            }
        }
        out.push_str("</tr>\n");
    });
    end_table(table, in_form, out);
    out.push_str("</body></html>\n");
}

fn begin_table(page: &StatsPage, query: &Query<'_>, proxy: &Proxy, form: bool, out: &mut String) {
    out.push_str("<h2>");
    escape(&proxy.name, out);
    out.push_str("</h2>\n");
    if form {
        let (uri, kept) = (Escaped(&page.uri), query.kept());
        let _ = writeln!(out, "<form method=\"post\" action=\"{uri}{kept}\">");
        let _ = writeln!(
            out,
            "<input type=\"hidden\" name=\"b\" value=\"#{}\">",
            proxy.id
        );
    }
    out.push_str("<table><tr>");
    if form {
        out.push_str("<th></th>");
    }
    for (_, name) in COLUMNS {
        let _ = write!(out, "<th>{name}</th>");
    }
    if page.shows_legends {
        out.push_str("<th>address</th><th>balance</th><th>mode</th>");
    }
    out.push_str("</tr>\n");
}

fn end_table(table: Option<u32>, in_form: bool, out: &mut String) {
    if table.is_none() {
        return;
    }
    out.push_str("</table>\n");
    if in_form {
        for (state, text) in [
            ("ready", "ready"),
            ("drain", "drain"),
            ("maint", "maintenance"),
        ] {
            let _ = write!(
                out,
                "<button name=\"action\" value=\"{state}\">{text}</button> "
            );
        }
        out.push_str("</form>\n");
    }
}

fn put(value: &Value<'_>, out: &mut String) {
    let mut text = String::new();
    value.write_csv(&mut text);
    escape(&text, out);
}

fn escape(text: &str, out: &mut String) {
    let _ = write!(out, "{}", Escaped(text));
}

/// Text that is no markup.
struct Escaped<'t>(&'t str);

impl core::fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        for char in self.0.chars() {
            match char {
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '&' => f.write_str("&amp;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                other => f.write_char(other)?,
            }
        }
        Ok(())
    }
}

/// The columns people look at.
const COLUMNS: &[(Column, &str)] = &[
    (Column::Svname, "name"),
    (Column::Status, "status"),
    (Column::Weight, "weight"),
    (Column::Scur, "sessions"),
    (Column::Smax, "most"),
    (Column::Slim, "limit"),
    (Column::Stot, "in all"),
    (Column::Rate, "a second"),
    (Column::Qcur, "queued"),
    (Column::Bin, "bytes in"),
    (Column::Bout, "bytes out"),
    (Column::Dreq, "denied"),
    (Column::Ereq, "bad requests"),
    (Column::Econ, "connect errors"),
    (Column::Eresp, "response errors"),
    (Column::Wretr, "retries"),
    (Column::Wredis, "redispatches"),
    (Column::Hrsp2xx, "2xx"),
    (Column::Hrsp3xx, "3xx"),
    (Column::Hrsp4xx, "4xx"),
    (Column::Hrsp5xx, "5xx"),
    (Column::Lastchg, "changed, s"),
];

/// What became of a form.
const OUTCOMES: &[(&str, &str)] = &[
    ("DONE", "Done."),
    (
        "PART",
        "Done for some of the servers; the others are not there.",
    ),
    ("NONE", "Nothing was done: no server was named."),
    ("ERRP", "Nothing was done: the form makes no sense."),
    ("EXCD", "Nothing was done: the form is too long."),
    ("DENY", "Nothing was done: it is not allowed."),
];

const STYLE: &str = "body{font:14px sans-serif}table{border-collapse:collapse}\
td,th{border:1px solid #ccc;padding:2px 6px;text-align:right}\
.frontend,.backend{background:#eef}.listener{background:#f6f6f6}";
