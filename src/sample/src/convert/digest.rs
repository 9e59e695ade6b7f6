//! Digests and message authentication codes.

use super::Converter;
use super::given::Given;
use crate::args::{Arg, Args, Kind, Signature};
use crate::digest::{self, Algorithm};
use crate::names::Names;
use crate::value::{Type, Value};
use crate::work::Work;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;

pub(super) const CONVERTERS: &[Converter] = &[
    Converter {
        name: "sha1",
        doc: "The SHA-1 digest.",
        args: Signature::NONE,
        input: Type::Bytes,
        output: Type::Bytes,
        check: None,
        run: |value, _, work| digest_with(value, work, &digest::SHA1),
    },
    Converter {
        name: "sha2",
        doc: "A digest of the SHA-2 family: 224, 256, 384 or 512 bits.",
        args: Signature::new(0, &[Kind::Int]),
        input: Type::Bytes,
        output: Type::Bytes,
        check: Some(check_sha2),
        run: |value, args, work| digest_with(value, work, sha2(args.int(0)).ok()?),
    },
    Converter {
        name: "digest",
        doc: "A digest by the name of its algorithm.",
        args: Signature::new(1, &[Kind::Text]),
        input: Type::Bytes,
        output: Type::Bytes,
        check: Some(check_digest),
        run: |value, args, work| {
            let algorithm = args.made::<&'static Algorithm>(0)?;
            digest_with(value, work, algorithm)
        },
    },
    Converter {
        name: "hmac",
        doc: "A message authentication code with a key that is base64 (RFC 2104).",
        args: Signature::new(2, &[Kind::Text, Kind::Text]),
        input: Type::Bytes,
        output: Type::Bytes,
        check: Some(check_hmac),
        run: hmac,
    },
];

/// What `hmac` needs.
struct Hmac {
    algorithm: &'static Algorithm,
    key: Given,
}

fn check_sha2(args: &mut Args, _: &mut dyn Names) -> Result<(), String> {
    sha2(args.int(0)).map(drop)
}

fn check_digest(args: &mut Args, _: &mut dyn Names) -> Result<(), String> {
    let algorithm = named(args)?;
    args.0 = Box::new([Some(Arg::Made(Arc::new(algorithm)))]);
    Ok(())
}

fn check_hmac(args: &mut Args, names: &mut dyn Names) -> Result<(), String> {
    let algorithm = named(args)?;
    if algorithm.block_bytes == 0 {
        return Err(format!("there is no hmac with {}", algorithm.name));
    }
    let key = Given::read_base64(args, 1, "key", names)?;
    args.0 = Box::new([Some(Arg::Made(Arc::new(Hmac { algorithm, key })))]);
    Ok(())
}

fn sha2(bits: Option<i64>) -> Result<&'static Algorithm, String> {
    match bits {
        Some(224) => Ok(&digest::SHA224),
        Some(256) | None => Ok(&digest::SHA256),
        Some(384) => Ok(&digest::SHA384),
        Some(512) => Ok(&digest::SHA512),
        Some(bits) => Err(format!("Unsupported number of bits: '{bits}'")),
    }
}

fn named(args: &Args) -> Result<&'static Algorithm, String> {
    let name = args.text(0).unwrap_or_default();
    Algorithm::find(name)
        .ok_or_else(|| "algorithm must be a valid OpenSSL message digest name".to_string())
}

fn digest_with<'a>(
    value: Value<'a>,
    work: &mut Work,
    algorithm: &'static Algorithm,
) -> Option<Value<'a>> {
    let Value::Bytes(bytes) = &value else {
        return None;
    };
    let mut out = work.buffer();
    (algorithm.digest)(&[bytes], &mut out);
    work.done(value);
    Some(Value::Bytes(out.into()))
}

fn hmac<'a>(value: Value<'a>, args: &'a Args, work: &mut Work) -> Option<Value<'a>> {
    let Hmac { algorithm, key } = args.made(0)?;
    let code = match (&value, key.get_base64(work)) {
        (Value::Bytes(bytes), Some(key)) => {
            let mut out = work.buffer();
            algorithm.hmac(&key, &[bytes], &mut out);
            work.done(Value::Bytes(key));
            Some(Value::Bytes(out.into()))
        }
        _ => None,
    };
    work.done(value);
    code
}
