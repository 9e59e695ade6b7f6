//! Public keys and the signatures that are checked with them, as JSON Web Tokens have them (RFC 7518).

use crate::digest::{self, Algorithm as Digest};
use alloc::vec::Vec;
use p256::ecdsa::signature::hazmat::PrehashVerifier;
use rsa::pkcs1::DecodeRsaPublicKey;
use rsa::pkcs8::DecodePublicKey;
use rsa::traits::PublicKeyParts;
use rsa::{BigUint, Pkcs1v15Sign, RsaPublicKey};

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
            (Self::Rsa(key), Scheme::Pss, hash) => pss(key, hash, &hashed, signature).is_some(),
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
    /// RSASSA-PSS with the same hash for its mask, and a salt of any length.
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

/// Whether a signature of RSASSA-PSS is right (RFC 8017 §8.1.2 and §9.1.2). The length of the salt is
/// taken from the signature: tokens should have one as long as the hash, but OpenSSL takes any.
fn pss(key: &RsaPublicKey, hash: Hash, hashed: &[u8], signature: &[u8]) -> Option<()> {
    let digest = hash.digest().digest;
    if signature.len() != key.size() {
        return None;
    }
    let message = rsa::hazmat::rsa_encrypt(key, &BigUint::from_bytes_be(signature)).ok()?;
    let bits = key.n().bits().checked_sub(1)?;
    let message = message.to_bytes_be();
    let bytes = bits.div_ceil(8);
    let mut encoded = alloc::vec![0; bytes.checked_sub(message.len())?];
    encoded.extend_from_slice(&message);
    let (last, encoded) = encoded.split_last_mut()?;
    let (masked, seal) = encoded.split_at_mut(encoded.len().checked_sub(hashed.len())?);
    let unused = 8 * bytes - bits;
    let first_mask = 0xff_u8 >> unused;
    if *last != 0xbc || masked.first()? & !first_mask != 0 {
        return None;
    }
    let mut mask = Vec::new();
    for counter in 0_u32.. {
        if mask.len() >= masked.len() {
            break;
        }
        digest(&[seal, &counter.to_be_bytes()], &mut mask);
    }
    masked
        .iter_mut()
        .zip(mask)
        .for_each(|(byte, mask)| *byte ^= mask);
    masked[0] &= first_mask;
    let zeros = masked.iter().take_while(|byte| **byte == 0).count();
    let (one, salt) = masked[zeros..].split_first()?;
    let mut expected = Vec::new();
    digest(&[&[0; 8], hashed, salt], &mut expected);
    (*one == 1 && *seal == expected).then_some(())
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
