//! The keywords of expressions as a listing (`-dKsmp`, `-dKcnv`).

use crate::args::Signature;
use crate::checkpoint;
use crate::convert::Converter;
use crate::fetch::Fetch;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// Fetches by name, a line each: where it is valid, its arguments, its type. In front of them stands
/// what the places are.
pub fn fetches() -> String {
    let places = checkpoint::all();
    let mut text = String::from("# List of registered sample fetch functions:\n");
    for (at, (place, _)) in places.iter().enumerate() {
        let margin = " ".repeat(places.len() - at);
        let slashes = "/ ".repeat(at);
        let line = "-".repeat(places.len() - at);
        text.push_str(&format!("#{margin}{slashes}_.{line} {}\n", place.name));
    }
    let names = Fetch::all().flat_map(|fetch| {
        let names = [fetch.name].into_iter().chain(fetch.also.iter().copied());
        names.map(move |name| (name, fetch))
    });
    let mut names: Vec<_> = names.collect();
    names.sort_unstable_by_key(|(name, _)| *name);
    for (name, fetch) in names {
        text.push_str("[ ");
        for (_, sources) in &places {
            let valid = fetch.run_with(*sources).is_some();
            text.push_str(if valid { "Y " } else { ". " });
        }
        let args = arguments(fetch.args);
        text.push_str(&format!("] {name}{args}: {}\n", fetch.output.name()));
    }
    text
}

/// Converters by name, a line each: its arguments, its type, and the type of what it takes.
pub fn converters() -> String {
    let mut text = String::from("# List of registered sample converter functions:\n");
    let mut all: Vec<_> = Converter::all().collect();
    all.sort_unstable_by_key(|converter| converter.name);
    for converter in all {
        let (name, args) = (converter.name, arguments(converter.args));
        let (input, output) = (converter.input.name(), converter.output.name());
        text.push_str(&format!("{name}{args}: {output} => {input}\n"));
    }
    text
}

/// `(needed,needed[,optional])`; nothing without any.
fn arguments(signature: Signature) -> String {
    if signature.kinds.is_empty() {
        return String::new();
    }
    let mut text = String::from("(");
    for (at, kind) in signature.kinds.iter().enumerate() {
        if at == signature.needed {
            text.push('[');
        }
        if at > 0 {
            text.push(',');
        }
        text.push_str(kind.name());
    }
    if signature.needed < signature.kinds.len() {
        text.push(']');
    }
    text.push(')');
    text
}
