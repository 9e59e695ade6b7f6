//! `debug`: what a value is goes to a ring or a stream, and on as it is.

use super::Converter;
use crate::args::{Arg, Args, Kind, Signature};
use crate::cast::cast;
use crate::names::Names;
use crate::value::{Type, Value};
use crate::work::Work;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;

pub(super) const CONVERTERS: &[Converter] = &[Converter {
    name: "debug",
    doc: "The same; what it is is written to a ring or a stream.",
    args: Signature::new(0, &[Kind::Text, Kind::Text]),
    input: Type::Any,
    output: Type::Any,
    check: Some(check),
    run,
}];

/// What one use of it is given.
struct Its {
    prefix: Box<[u8]>,
    /// The number of what is written to.
    sink: u32,
}

fn check(args: &mut Args, names: &mut dyn Names) -> Result<(), String> {
    let sink = args.text(1).filter(|name| !name.is_empty());
    let sink = String::from_utf8_lossy(sink.unwrap_or(b"buf0"));
    let its = Its {
        prefix: args.text(0).unwrap_or_default().into(),
        sink: names.sink(&sink)?,
    };
    args.0 = [Some(Arg::Made(Arc::new(its)))].into();
    Ok(())
}

fn run<'a>(value: Value<'a>, args: &'a Args, work: &mut Work) -> Option<Value<'a>> {
    let its: &Its = args.made(0)?;
    let mut line = work.buffer();
    line.extend_from_slice(b"[debug] ");
    line.extend_from_slice(&its.prefix);
    line.extend_from_slice(b": type=");
    line.extend_from_slice(value.kind().name().as_bytes());
    line.extend_from_slice(b" <");
    let mut room = work.buffer();
    let copy = value.copy_into(&mut room);
    work.give(room);
    if let Some(copy) = cast(copy, Type::Text, work) {
        if let Value::Text(text) = &copy {
            line.extend_from_slice(text);
        }
        work.done(copy);
    }
    line.push(b'>');
    work.tell(its.sink, line);
    Some(value)
}
