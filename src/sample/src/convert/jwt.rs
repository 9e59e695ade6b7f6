//! JSON Web Tokens: `jwt_header_query`, `jwt_payload_query`, `jwt_verify`.

use super::given::Given;
use super::{Converter, json_query};
use crate::args::{Arg, Args, Kind, Signature};
use crate::base64;
use crate::names::Names;
use crate::signature::{Hash, PublicKey, Scheme};
use crate::value::{Type, Value};
use crate::work::Work;
use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use subtle::ConstantTimeEq;

pub(super) const CONVERTERS: &[Converter] = &[
    Converter {
        name: "jwt_header_query",
        doc: "The header of a JSON Web Token, or one value of it.",
        args: QUERY,
        input: Type::Text,
        output: Type::Any,
        check: Some(check_query),
        run: |value, args, work| query(value, args, work, 0),
    },
    Converter {
        name: "jwt_payload_query",
        doc: "The payload of a JSON Web Token, or one value of it.",
        args: QUERY,
        input: Type::Text,
        output: Type::Any,
        check: Some(check_query),
        run: |value, args, work| query(value, args, work, 1),
    },
    Converter {
        name: "jwt_verify",
        doc: "1 if the signature of a JSON Web Token is right, 0 if not, less if it cannot be told.",
        args: Signature::new(2, &[Kind::Text, Kind::Text]),
        input: Type::Text,
        output: Type::Int,
        check: Some(check_verify),
        run: verify,
    },
];

/// `[json_path[, output_type]]`
const QUERY: Signature = Signature::new(0, &[Kind::Text, Kind::Text]);

fn check_query(args: &mut Args, _: &mut dyn Names) -> Result<(), String> {
    match args.text(1) {
        None | Some(b"" | b"int") => Ok(()),
        Some(_) => Err("output_type only supports \"int\" as argument".to_string()),
    }
}

fn query<'a>(value: Value<'a>, args: &'a Args, work: &mut Work, part: usize) -> Option<Value<'a>> {
    let Value::Text(token) = &value else {
        return None;
    };
    let mut json = work.buffer();
    let part = token.split(|byte| *byte == b'.').nth(part);
    let decoded = part
        .filter(|part| !part.is_empty())
        .and_then(|part| base64::decode_url(part, &mut json));
    work.done(value);
    if decoded.is_none() {
        work.give(json);
        return None;
    }
    match args.text(0) {
        None => Some(Value::Text(Cow::Owned(json))),
        Some(path) => {
            let as_int = args.text(1) == Some(b"int");
            json_query::query(Cow::Owned(json), path, as_int, work)
        }
    }
}

/// How tokens are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Algorithm {
    Hmac(Hash),
    Key(Scheme, Hash),
    None,
}

impl Algorithm {
    /// The algorithm of that name (RFC 7518 §3.1).
    fn named(name: &[u8]) -> Option<Self> {
        if name == b"none" {
            return Some(Self::None);
        }
        let (family, bits) = name.split_at_checked(2)?;
        let hash = match bits {
            b"256" => Hash::Sha256,
            b"384" => Hash::Sha384,
            b"512" => Hash::Sha512,
            _ => return None,
        };
        Some(match family {
            b"HS" => Self::Hmac(hash),
            b"RS" => Self::Key(Scheme::Pkcs1, hash),
            b"PS" => Self::Key(Scheme::Pss, hash),
            b"ES" => Self::Key(Scheme::Ecdsa, hash),
            _ => return None,
        })
    }
}

/// What one use of `jwt_verify` is given.
struct Its {
    algorithm: Given,
    secret: Given,
    /// The key in the file that is called as the secret, where there is one.
    key: Option<PublicKey>,
}

fn check_verify(args: &mut Args, names: &mut dyn Names) -> Result<(), String> {
    let algorithm = Given::read(args.text(0).unwrap_or_default(), names);
    let secret = Given::read(args.text(1).unwrap_or_default(), names);
    let fixed = match &algorithm {
        Given::Text(name) => match Algorithm::named(name) {
            Some(Algorithm::None) | None => {
                return Err(format!("unknown algorithm '{}'", name.escape_ascii()));
            }
            fixed => fixed,
        },
        Given::Variable(_) => None,
    };
    let key = match (fixed, &secret) {
        (Some(Algorithm::Hmac(_)), _) => None,
        (_, Given::Variable(_)) => {
            return Err("a variable that names a public key is not supported yet".to_string());
        }
        (fixed, Given::Text(path)) => {
            let path = String::from_utf8_lossy(path);
            let pem = names.file(&path).ok();
            let key = pem.and_then(|pem| PublicKey::from_pem(&pem));
            if fixed.is_some() && key.is_none() {
                return Err(format!("there is no public key in '{path}'"));
            }
            key
        }
    };
    let its = Its {
        algorithm,
        secret,
        key,
    };
    args.0 = Box::new([Some(Arg::Made(Arc::new(its)))]);
    Ok(())
}

fn verify<'a>(value: Value<'a>, args: &'a Args, work: &mut Work) -> Option<Value<'a>> {
    let Value::Text(token) = &value else {
        return None;
    };
    let verdict = verdict(token, args.made(0)?, work);
    work.done(value);
    verdict.map(|verdict| Value::Int(verdict as i64))
}

/// What `jwt_verify` yields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Right = 1,
    Wrong = 0,
    UnknownAlgorithm = -1,
    InvalidToken = -3,
    UnknownKey = -5,
}

fn verdict(token: &[u8], its: &Its, work: &mut Work) -> Option<Verdict> {
    let name = its.algorithm.get(work)?;
    let algorithm = Algorithm::named(&name);
    work.done(Value::Text(name));
    let secret = its.secret.get(work)?;
    let verdict = if secret.is_empty() {
        None
    } else if let Some(algorithm) = algorithm {
        let mut signature = work.buffer();
        let verdict = match (split(token), algorithm) {
            (None, _) => Verdict::InvalidToken,
            (Some((_, [])), Algorithm::None) => Verdict::Right,
            (Some(_), Algorithm::None) => Verdict::Wrong,
            (Some((signed, encoded)), algorithm) => {
                match base64::decode_url(encoded, &mut signature) {
                    Some(()) => check(signed, &signature, algorithm, its, &secret),
                    None => Verdict::InvalidToken,
                }
            }
        };
        work.give(signature);
        Some(verdict)
    } else {
        Some(Verdict::UnknownAlgorithm)
    };
    work.done(Value::Text(secret));
    verdict
}

/// What is signed, and the signature as it stands there: the last of three parts.
fn split(token: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut dots = memchr::memchr_iter(b'.', token);
    let (_, second) = (dots.next()?, dots.next()?);
    dots.next()
        .is_none()
        .then(|| (&token[..second], &token[second + 1..]))
}

fn check(
    signed: &[u8],
    signature: &[u8],
    algorithm: Algorithm,
    its: &Its,
    secret: &[u8],
) -> Verdict {
    let right = match algorithm {
        _ if signature.is_empty() => return Verdict::InvalidToken,
        Algorithm::None => false,
        Algorithm::Hmac(hash) => {
            let mut code = alloc::vec::Vec::new();
            hash.digest().hmac(secret, &[signed], &mut code);
            bool::from(code.ct_eq(signature))
        }
        // Two numbers of the same length.
        Algorithm::Key(Scheme::Ecdsa, _) if signature.len() % 2 == 1 => {
            return Verdict::InvalidToken;
        }
        Algorithm::Key(scheme, hash) => match &its.key {
            Some(key) => key.verifies(scheme, hash, signed, signature),
            None => return Verdict::UnknownKey,
        },
    };
    if right {
        Verdict::Right
    } else {
        Verdict::Wrong
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::{Epoch, Rng};

    /// As the manual says; haproxy 3.5-dev yields nothing at all.
    #[test]
    fn without_a_path_the_whole_part_is_yielded() {
        let mut work = Work::new(Epoch(0), Rng::from_u64(1), 16_384);
        let args = Args::default();
        let mut part = |at| query(Value::text(b"eyJhIjoxfQ.W10.x"), &args, &mut work, at);
        assert_eq!(part(0), Some(Value::text(b"{\"a\":1}")));
        assert_eq!(part(1), Some(Value::text(b"[]")));
    }
}
