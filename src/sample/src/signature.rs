//! Public keys and the signatures that are checked with them, as JSON Web Tokens have them (RFC 7518).

use crate::digest::{self, Algorithm as Digest};
use alloc::vec::Vec;
use p256::ecdsa::signature::hazmat::PrehashVerifier;
use rsa::pkcs1::DecodeRsaPublicKey;
use rsa::pkcs8::DecodePublicKey;
use rsa::{Pkcs1v15Sign, Pss, RsaPublicKey};

/// A public key.
pub(crate) enum PublicKey {
    Rsa(RsaPublicKey),
    P256(p256::ecdsa::VerifyingKey),
    P384(p384::ecdsa::VerifyingKey),
    P521(p521::ecdsa::VerifyingKey),
}

impl PublicKey {
    /// The key in a file: `PUBLIC KEY` of any kind, or `RSA PUBLIC KEY`.
    pub(crate) fn from_pem(pem: &[u8]) -> Option<Self> {
        let pem = core::str::from_utf8(pem).ok()?;
        None.or_else(|| RsaPublicKey::from_public_key_pem(pem).ok().map(Self::Rsa))
            .or_else(|| RsaPublicKey::from_pkcs1_pem(pem).ok().map(Self::Rsa))
            .or_else(|| {
                DecodePublicKey::from_public_key_pem(pem)
                    .ok()
                    .map(Self::P256)
            })
            .or_else(|| {
                DecodePublicKey::from_public_key_pem(pem)
                    .ok()
                    .map(Self::P384)
            })
            .or_else(|| {
                let key = p521::PublicKey::from_public_key_pem(pem).ok()?;
                let key = p521::ecdsa::VerifyingKey::from_affine(*key.as_affine());
                key.ok().map(Self::P521)
            })
    }

    /// Whether `signature` is one of `data` by this key.
    pub(crate) fn verifies(&self, how: Scheme, hash: Hash, data: &[u8], signature: &[u8]) -> bool {
        let mut hashed = Vec::new();
        (hash.digest().digest)(&[data], &mut hashed);
        match (self, how, hash) {
            (Self::Rsa(key), Scheme::Pkcs1, hash) => {
                let padding = match hash {
                    Hash::Sha256 => Pkcs1v15Sign::new::<sha2::Sha256>(),
                    Hash::Sha384 => Pkcs1v15Sign::new::<sha2::Sha384>(),
                    Hash::Sha512 => Pkcs1v15Sign::new::<sha2::Sha512>(),
                };
                key.verify(padding, &hashed, signature).is_ok()
            }
            (Self::Rsa(key), Scheme::Pss, hash) => {
                let padding = match hash {
                    Hash::Sha256 => Pss::new::<sha2::Sha256>(),
                    Hash::Sha384 => Pss::new::<sha2::Sha384>(),
                    Hash::Sha512 => Pss::new::<sha2::Sha512>(),
                };
                key.verify(padding, &hashed, signature).is_ok()
            }
            (Self::P256(key), Scheme::Ecdsa, Hash::Sha256) => numbers(signature, 32)
                .and_then(|it| p256::ecdsa::Signature::from_slice(&it).ok())
                .is_some_and(|signature| key.verify_prehash(&hashed, &signature).is_ok()),
            (Self::P384(key), Scheme::Ecdsa, Hash::Sha384) => numbers(signature, 48)
                .and_then(|it| p384::ecdsa::Signature::from_slice(&it).ok())
                .is_some_and(|signature| key.verify_prehash(&hashed, &signature).is_ok()),
            (Self::P521(key), Scheme::Ecdsa, Hash::Sha512) => numbers(signature, 66)
                .and_then(|it| p521::ecdsa::Signature::from_slice(&it).ok())
                .is_some_and(|signature| key.verify_prehash(&hashed, &signature).is_ok()),
            (Self::Rsa(_), Scheme::Ecdsa, _)
            | (Self::P256(_) | Self::P384(_) | Self::P521(_), _, _) => false,
        }
    }
}

/// How a signature is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// RSASSA-PKCS1-v1_5.
    Pkcs1,
    /// RSASSA-PSS with the same hash for its mask, and a salt as long as that.
    Pss,
    /// ECDSA; which curve goes with which hash is fixed.
    Ecdsa,
}

/// Of what a signature is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    pub(crate) fn digest(self) -> &'static Digest {
        match self {
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
        }
    }
}

/// Both numbers of a signature of ECDSA, `bytes` long each: its halves, with zeros in front or without.
fn numbers(signature: &[u8], bytes: usize) -> Option<Vec<u8>> {
    let (r, s) = signature.split_at(signature.len() / 2);
    let mut numbers = Vec::with_capacity(2 * bytes);
    for number in [r, s] {
        let zeros = number.iter().take_while(|byte| **byte == 0).count();
        let number = &number[zeros..];
        let before = bytes.checked_sub(number.len())?;
        numbers.extend(core::iter::repeat_n(0, before));
        numbers.extend_from_slice(number);
    }
    Some(numbers)
}
