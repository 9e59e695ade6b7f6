//! Hashes of passwords as crypt(5) writes them: `$<method>$<parameters>$<salt>$<hash>`, or salt and
//! hash alone.

mod bcrypt;
mod des;
mod md5;

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use sha_crypt::{Sha256Params, Sha512Params};
use subtle::ConstantTimeEq;

/// A hash, and what was hashed beside the password.
#[derive(Clone, Debug)]
pub(super) struct Hash {
    method: Method,
    salt: Box<[u8]>,
    hash: Box<[u8]>,
}

#[derive(Clone, Copy, Debug)]
enum Method {
    /// Salt and hash alone.
    Des([u8; 2]),
    /// `$1$`
    Md5,
    /// `$5$`, in so many rounds.
    Sha256(usize),
    /// `$6$`, in so many rounds.
    Sha512(usize),
    /// `$2b$` and its like; the cost, and a salt of its own.
    Bcrypt(u32, [u8; 16]),
}

impl Hash {
    pub(super) fn read(text: &str) -> Result<Self, String> {
        if let Some((salt, hash)) = des::read(text) {
            return Ok(Self {
                method: Method::Des(salt),
                salt: Box::default(),
                hash: hash.as_bytes().into(),
            });
        }
        let parts = text.strip_prefix('$').and_then(|text| text.split_once('$'));
        let (method, rest) = parts.ok_or("a password that is no hash")?;
        match method {
            "1" => Self::with_salt(Method::Md5, rest, md5::SALT_BYTES_MAX),
            "5" | "6" => {
                let (rounds, rest) = rounds(rest)?;
                let method = if method == "5" {
                    Method::Sha256(rounds)
                } else {
                    Method::Sha512(rounds)
                };
                Self::with_salt(method, rest, SHA_SALT_BYTES_MAX)
            }
            "2" | "2a" | "2b" | "2x" | "2y" => {
                let (cost, salt, hash) = bcrypt::read(rest).ok_or_else(incomplete)?;
                Ok(Self {
                    method: Method::Bcrypt(cost, salt),
                    salt: Box::default(),
                    hash: hash.as_bytes().into(),
                })
            }
            _ => Err(format!("unsupported hash of a password, '${method}$'")),
        }
    }

    fn with_salt(method: Method, rest: &str, most: usize) -> Result<Self, String> {
        let (salt, hash) = rest.split_once('$').ok_or_else(incomplete)?;
        let salt = salt.as_bytes();
        Ok(Self {
            method,
            salt: salt[..salt.len().min(most)].into(),
            hash: hash.as_bytes().into(),
        })
    }

    /// Whether it is the hash of this password.
    pub(super) fn is_of(&self, password: &[u8]) -> bool {
        let equal = |hash: &[u8]| hash.ct_eq(&self.hash).into();
        match self.method {
            Method::Des(salt) => equal(&des::hash(password, salt)),
            Method::Md5 => equal(&md5::hash(password, &self.salt)),
            Method::Sha256(rounds) => Sha256Params::new(rounds)
                .and_then(|rounds| sha_crypt::sha256_crypt_b64(password, &self.salt, &rounds))
                .is_ok_and(|hash| equal(hash.as_bytes())),
            Method::Sha512(rounds) => Sha512Params::new(rounds)
                .and_then(|rounds| sha_crypt::sha512_crypt_b64(password, &self.salt, &rounds))
                .is_ok_and(|hash| equal(hash.as_bytes())),
            Method::Bcrypt(cost, salt) => equal(&bcrypt::hash(password, cost, salt)),
        }
    }
}

/// The rounds that stand in front of a salt, and what stands behind them.
fn rounds(text: &str) -> Result<(usize, &str), String> {
    let Some(rest) = text.strip_prefix("rounds=") else {
        return Ok((sha_crypt::ROUNDS_DEFAULT, text));
    };
    let (number, rest) = rest.split_once('$').ok_or_else(incomplete)?;
    match number.parse() {
        Ok(rounds @ sha_crypt::ROUNDS_MIN..=sha_crypt::ROUNDS_MAX) => Ok((rounds, rest)),
        _ => Err(format!(
            "the rounds of a hash are from {} to {}, not '{number}'",
            sha_crypt::ROUNDS_MIN,
            sha_crypt::ROUNDS_MAX
        )),
    }
}

fn incomplete() -> String {
    "incomplete hash of a password".to_owned()
}

/// A longer salt is cut.
const SHA_SALT_BYTES_MAX: usize = 16;
