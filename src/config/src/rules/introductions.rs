//! What headers of the PROXY protocol say to servers (`set-proxy-v2-tlv-fmt`).

use super::Reading;
use crate::problem::Problem;
use crate::server::introduction::{FieldDraft, IntroductionDraft};
use alloc::format;
use alloc::vec::Vec;
use sample::For;
use sample::format::Style;
use session::settings::{Introduction, ProxyField, ProxyVersion};

/// Reads the formats of all servers of a section.
pub(super) fn read(reading: &mut Reading<'_, '_>) {
    let servers = reading.draft.servers.iter();
    let drafts: Vec<_> = servers.map(|server| server.introduction.clone()).collect();
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
