//! The packets that open a connection of MQTT (3.1, 3.1.1 and 5.0).

mod packet;
mod property;

use super::{Converter, cut};
use crate::args::{Arg, Args, Kind, Signature};
use crate::names::Names;
use crate::value::{Type, Value};
use crate::work::Work;
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use packet::{Field, Packet};

pub(super) const CONVERTERS: &[Converter] = &[
    Converter {
        name: "mqtt_field_value",
        doc: "A field of a CONNECT or CONNACK packet of MQTT.",
        args: Signature::new(2, &[Kind::Text, Kind::Text]),
        input: Type::Bytes,
        output: Type::Bytes,
        check: Some(check),
        run: field_value,
    },
    Converter {
        name: "mqtt_is_valid",
        doc: "Whether a packet of MQTT is valid; nothing while more of it has to come.",
        args: Signature::NONE,
        input: Type::Bytes,
        output: Type::Bool,
        check: None,
        run: is_valid,
    },
];

/// The packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kinds {
    Connect,
    Connack,
}

/// What is wanted of which packet.
struct Wanted {
    kind: Kinds,
    field: Field,
}

/// What reading a packet ends with.
enum Read<T> {
    Valid(T),
    Invalid,
    /// More of it has to come.
    Part,
}

fn check(args: &mut Args, _: &mut dyn Names) -> Result<(), String> {
    let name = core::str::from_utf8(args.text(0).unwrap_or_default()).unwrap_or_default();
    let digits = name.bytes().all(|byte| byte.is_ascii_digit());
    let number = name.parse::<u64>().ok().filter(|_| digits);
    let kind = match number {
        Some(1) => Kinds::Connect,
        Some(2) => Kinds::Connack,
        None if name.eq_ignore_ascii_case("connect") => Kinds::Connect,
        None if name.eq_ignore_ascii_case("connack") => Kinds::Connack,
        Some(_) | None => return Err("unsupported or unknown packet type".to_string()),
    };
    let name = core::str::from_utf8(args.text(1).unwrap_or_default()).unwrap_or_default();
    let field = Field::named(kind, name)
        .ok_or_else(|| "unknown field name or property of this packet".to_string())?;
    args.0 = Box::new([Some(Arg::Made(Arc::new(Wanted { kind, field })))]);
    Ok(())
}

fn is_valid<'a>(value: Value<'a>, _: &'a Args, work: &mut Work) -> Option<Value<'a>> {
    let Value::Bytes(bytes) = &value else {
        return None;
    };
    let valid = match Packet::read(bytes) {
        Read::Valid(_) => Some(true),
        Read::Invalid => Some(false),
        Read::Part => None,
    };
    work.done(value);
    valid.map(Value::Bool)
}

fn field_value<'a>(value: Value<'a>, args: &'a Args, work: &mut Work) -> Option<Value<'a>> {
    let Value::Bytes(bytes) = value else {
        return None;
    };
    let Wanted { kind, field } = args.made(0)?;
    let found = match Packet::read(&bytes) {
        Read::Valid(packet) if packet.kind() == *kind => packet.get(*field),
        Read::Valid(_) | Read::Invalid | Read::Part => None,
    };
    let number = match found {
        Some(packet::Found::At(range)) if !range.is_empty() => {
            return Some(Value::Bytes(cut(bytes, range)));
        }
        Some(packet::Found::Number(number)) => Some(number),
        Some(packet::Found::At(_)) | None => None,
    };
    work.done(Value::Bytes(bytes));
    let number = number?;
    let mut out = work.buffer();
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
    Some(Value::Bytes(out.into()))
}
