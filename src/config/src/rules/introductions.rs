//! What of connections to servers depends on the client: what headers of the PROXY protocol say
//! (`set-proxy-v2-tlv-fmt`), and what connections are called (`pool-conn-name`).

use super::Reading;
use crate::problem::Problem;
use crate::server::introduction::{FieldDraft, IntroductionDraft};
use alloc::format;
use alloc::vec::Vec;
use sample::format::Style;
use sample::{Connecting, Expr, For};
use session::settings::{Introduction, ProxyField, ProxyVersion};

/// Reads the formats of all servers of a section.
pub(super) fn read(reading: &mut Reading<'_, '_>) {
    let servers = reading.draft.servers.iter();
    let drafts: Vec<_> = servers.map(|server| server.introduction.clone()).collect();
    let names: Vec<_> = drafts
        .iter()
        .map(|draft| conn_name(draft, reading))
        .collect();
    if names.iter().any(Option::is_some) {
        reading.draft.proxy.conn_names = names;
    }
    let all: Vec<_> = drafts
        .into_iter()
        .map(|draft| introduction(draft, reading))
        .collect();
    if all.iter().any(Option::is_some) {
        reading.draft.proxy.introductions = all;
    }
}

fn introduction(draft: IntroductionDraft, reading: &mut Reading<'_, '_>) -> Option<Introduction> {
    // What is said of fields is said of those that nobody gets, too.
    let fields = draft.fields.iter();
    let fields =
        fields.filter_map(|field| reading.on(&field.line, |reading| value(field, reading)));
    let fields = fields.collect();
    let version = match (draft.text, draft.binary) {
        (_, true) => ProxyVersion::Binary,
        (true, false) => ProxyVersion::Text,
        (false, false) => return None,
    };
    Some(Introduction {
        version,
        checksum: draft.checksum,
        unique_id: draft.unique_id,
        fields,
    })
}

fn value(field: &FieldDraft, reading: &mut Reading<'_, '_>) -> Result<ProxyField, Problem> {
    let statement = field.line.statement();
    let at = field.at;
    let value = match statement.words.get(at) {
        None => None,
        Some(_) => Some(For::read(|ground| {
            reading.format(&statement, at, Style::Text, ground, &|why| {
                format!("'set-proxy-v2-tlv-fmt' : {why}.")
            })
        })?),
    };
    Ok(ProxyField {
        kind: field.kind,
        value,
    })
}

/// `pool-conn-name`
fn conn_name(
    draft: &IntroductionDraft,
    reading: &mut Reading<'_, '_>,
) -> Option<For<Connecting, Expr>> {
    let name = draft.conn_name.as_ref()?;
    let rule = |why: &str| {
        let title = &name.title;
        format!(
            "'{title}' : error detected while parsing sni or pool-conn-name expressions : {why}."
        )
    };
    reading.on(&name.line, |reading| {
        let statement = name.line.statement();
        For::read(|ground| {
            let expr = reading.expr(&statement, name.at, ground, &rule)?;
            reading.is_here(&statement, name.at, &expr, ground, &rule)?;
            Ok(expr)
        })
    })
}
