//! Encrypted JSON Web Tokens: `jwt_decrypt_secret`, `jwt_decrypt_jwk`.

use super::Converter;
use super::given::Given;
use crate::args::{Arg, Args, Kind, Signature};
use crate::base64;
use crate::jwe;
use crate::jwk::Jwk;
use crate::names::Names;
use crate::value::{Type, Value};
use crate::work::Work;
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

pub(super) const CONVERTERS: &[Converter] = &[
    Converter {
        name: "jwt_decrypt_jwk",
        doc: "What an encrypted JSON Web Token says, decrypted with a JSON Web Key.",
        args: Signature::new(1, &[Kind::Text]),
        input: Type::Text,
        output: Type::Bytes,
        check: Some(|args, names| check(args, names, KEY)),
        run,
    },
    Converter {
        name: "jwt_decrypt_secret",
        doc: "What an encrypted JSON Web Token says, decrypted with a secret.",
        args: Signature::new(1, &[Kind::Text]),
        input: Type::Text,
        output: Type::Bytes,
        check: Some(|args, names| check(args, names, SECRET)),
        run,
    },
];

/// What is given to a converter.
struct Kept {
    /// How a text is read as a key.
    read: fn(&[u8]) -> Option<Jwk>,
    /// What is said of one that is none.
    refusal: &'static str,
}

const KEY: Kept = Kept {
    read: Jwk::read,
    refusal: "this is no JSON Web Key of type 'oct', 'RSA' or 'EC' with all its fields",
};

const SECRET: Kept = Kept {
    read: |text| {
        let mut secret = Vec::new();
        base64::decode(text, &mut secret)?;
        Some(Jwk::Bytes(secret))
    },
    refusal: "failed to parse secret: argument needs to be base64 encoded, and can either be a string or a variable",
};

/// What one use of these converters decrypts with.
enum Its {
    /// A key of the configuration.
    Key(Jwk),
    /// What a variable holds then.
    Given(Given, fn(&[u8]) -> Option<Jwk>),
}

fn check(args: &mut Args, names: &mut dyn Names, kept: Kept) -> Result<(), String> {
    let its = match Given::read(args.text(0).unwrap_or_default(), names) {
        Given::Text(text) => {
            let key = (kept.read)(&text).ok_or_else(|| kept.refusal.to_string())?;
            Its::Key(key)
        }
        variable @ Given::Variable(_) => Its::Given(variable, kept.read),
    };
    args.0 = Box::new([Some(Arg::Made(Arc::new(its)))]);
    Ok(())
}

fn run<'a>(value: Value<'a>, args: &'a Args, work: &mut Work) -> Option<Value<'a>> {
    let Value::Text(token) = &value else {
        return None;
    };
    let decrypted = match args.made(0)? {
        Its::Key(key) => jwe::decrypt(token, key, &mut work.rng),
        Its::Given(given, read) => {
            let text = given.get(work)?;
            let key = read(&text);
            work.done(Value::Bytes(text));
            key.and_then(|key| jwe::decrypt(token, &key, &mut work.rng))
        }
    };
    work.done(value);
    decrypted.map(|text| Value::Bytes(text.into()))
}
