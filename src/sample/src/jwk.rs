//! JSON Web Keys that decrypt (RFC 7517, RFC 7518 §6), and what is done with the private ones.

use crate::base64;
use crate::json::{self, Found};
use alloc::boxed::Box;
use alloc::vec::Vec;
use base::Rng;
use p256::elliptic_curve::point::AffineCoordinates;
use rsa::rand_core::{self, CryptoRng, RngCore};
use rsa::traits::PublicKeyParts;
use rsa::{BigUint, Oaep, RsaPrivateKey};

/// A key.
pub(crate) enum Jwk {
    /// `oct`: bytes that both sides know.
    Bytes(Vec<u8>),
    /// `RSA`
    Rsa(Box<RsaPrivateKey>),
    /// `EC`: its curve and the private number.
    Curve(Curve, Vec<u8>),
}

impl Jwk {
    /// The private key in a JSON text, all of whose fields have to be there.
    pub(crate) fn read(text: &[u8]) -> Option<Self> {
        match &*string(text, b"$.kty")? {
            b"oct" => bytes(text, b"$.k").map(Self::Bytes),
            b"RSA" => rsa(text).map(|key| Self::Rsa(Box::new(key))),
            b"EC" => {
                let curve = Curve::named(&string(text, b"$.crv")?)?;
                let private = curve.number(text, b"$.d")?;
                // The point is not needed, but one that is none tells of a broken key.
                curve.agree(&private, &curve.point(text, b"$.x", b"$.y")?)?;
                Some(Self::Curve(curve, private))
            }
            _ => None,
        }
    }
}

/// What the hash of RSAES-OAEP is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OaepHash {
    Sha1,
    Sha256,
}

/// Decrypts with RSAES-OAEP. What the client sent is multiplied with a random number first, so that the
/// time this takes says less of the key.
pub(crate) fn decrypt(
    key: &RsaPrivateKey,
    hash: OaepHash,
    data: &[u8],
    rng: &mut Rng,
) -> Option<Vec<u8>> {
    let padding = match hash {
        OaepHash::Sha1 => Oaep::new::<sha1::Sha1>(),
        OaepHash::Sha256 => Oaep::new::<sha2::Sha256>(),
    };
    key.decrypt_blinded(&mut Blinding(rng), padding, data).ok()
}

/// Randomness in the shape that `rsa` asks for; ours is of ChaCha.
struct Blinding<'a>(&'a mut Rng);

impl RngCore for Blinding<'_> {
    fn next_u32(&mut self) -> u32 {
        self.0.next_u64() as u32
    }

    fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
    }

    fn fill_bytes(&mut self, to: &mut [u8]) {
        self.0.fill(to);
    }

    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), rand_core::Error> {
        self.0.fill(to);
        Ok(())
    }
}

impl CryptoRng for Blinding<'_> {}

/// `RSA` (RFC 7518 §6.3). The exponent is derived from the primes again: it is what they make it.
fn rsa(text: &[u8]) -> Option<RsaPrivateKey> {
    let derived: [&[u8]; 4] = [b"$.d", b"$.dp", b"$.dq", b"$.qi"];
    for path in derived {
        bytes(text, path)?;
    }
    let number = |path: &[u8]| {
        let bytes = bytes(text, path)?;
        (bytes.len() <= MODULUS_BYTES_MAX).then(|| BigUint::from_bytes_be(&bytes))
    };
    let (n, e) = (number(b"$.n")?, number(b"$.e")?);
    let (p, q) = (number(b"$.p")?, number(b"$.q")?);
    let one = BigUint::from(1_u8);
    if p <= one || q <= one || &p * &q != n {
        return None;
    }
    let key = RsaPrivateKey::from_p_q(p, q, e).ok()?;
    debug_assert!(*key.n() == n);
    Some(key)
}

/// A curve of RFC 7518 §6.2.1.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Curve {
    P256,
    P384,
    P521,
}

impl Curve {
    fn named(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"P-256" => Self::P256,
            b"P-384" => Self::P384,
            b"P-521" => Self::P521,
            _ => return None,
        })
    }

    /// How long a coordinate is.
    fn bytes(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }

    /// A coordinate or private number, with zeros in front if they were left out.
    fn number(self, text: &[u8], path: &[u8]) -> Option<Vec<u8>> {
        let found = bytes(text, path)?;
        let mut number = alloc::vec![0; self.bytes().checked_sub(found.len())?];
        number.extend(found);
        Some(number)
    }

    /// A point, as SEC 1 writes those of which both coordinates are told.
    fn point(self, text: &[u8], x: &[u8], y: &[u8]) -> Option<Vec<u8>> {
        let mut point = Vec::from([4]);
        point.extend(self.number(text, x)?);
        point.extend(self.number(text, y)?);
        Some(point)
    }

    /// The secret that the holder of `private` shares with that of the public `point`.
    fn agree(self, private: &[u8], point: &[u8]) -> Option<Vec<u8>> {
        Some(match self {
            Self::P256 => {
                let private = p256::SecretKey::from_slice(private).ok()?;
                let point = p256::PublicKey::from_sec1_bytes(point).ok()?;
                let shared = point.to_projective() * *private.to_nonzero_scalar();
                shared.to_affine().x().to_vec()
            }
            Self::P384 => {
                let private = p384::SecretKey::from_slice(private).ok()?;
                let point = p384::PublicKey::from_sec1_bytes(point).ok()?;
                let shared = point.to_projective() * *private.to_nonzero_scalar();
                shared.to_affine().x().to_vec()
            }
            Self::P521 => {
                let private = p521::SecretKey::from_slice(private).ok()?;
                let point = p521::PublicKey::from_sec1_bytes(point).ok()?;
                let shared = point.to_projective() * *private.to_nonzero_scalar();
                shared.to_affine().x().to_vec()
            }
        })
    }

    /// The secret shared with the sender of a token, whose public key is `epk` of its header.
    pub(crate) fn agree_with_sender(self, private: &[u8], header: &[u8]) -> Option<Vec<u8>> {
        let named = Self::named(&string(header, b"$.epk.crv")?)?;
        if named != self {
            return None;
        }
        self.agree(private, &self.point(header, b"$.epk.x", b"$.epk.y")?)
    }
}

/// The text at `path` of a JSON text.
pub(crate) fn string(text: &[u8], path: &[u8]) -> Option<Vec<u8>> {
    let Some(Found::Text(range)) = json::find(text, path) else {
        return None;
    };
    let mut found = Vec::new();
    json::unescape(&text[range], &mut found)?;
    Some(found)
}

/// What the base64 at `path` of a JSON text stands for.
pub(crate) fn bytes(text: &[u8], path: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    base64::decode_url(&string(text, path)?, &mut bytes)?;
    Some(bytes)
}

/// The longest modulus of RSA that is calculated with: 8,192 bits. Decrypting takes a time that grows
/// with the third power of it.
const MODULUS_BYTES_MAX: usize = 1_024;
