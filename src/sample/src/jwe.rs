//! Encrypted JSON Web Tokens in their compact form (RFC 7516): how the key of the content is come by, and
//! how the content is decrypted (RFC 7518 §4 and §5).

use crate::aes::{BLOCK_BYTES, Key};
use crate::base64;
use crate::digest::{self, Algorithm as Digest};
use crate::jwk::{self, Jwk, OaepHash};
use alloc::vec::Vec;
use base::Rng;
use subtle::ConstantTimeEq;

/// A token, decoded.
struct Token<'a> {
    /// The header as it was received: it is under the tag as well.
    protected: &'a [u8],
    header: Vec<u8>,
    encrypted_key: Vec<u8>,
    nonce: Vec<u8>,
    content: Vec<u8>,
    tag: Vec<u8>,
}

/// What a token says, if it was encrypted for `key` and nobody has changed it since.
pub(crate) fn decrypt(token: &[u8], key: &Jwk, rng: &mut Rng) -> Option<Vec<u8>> {
    let token = Token::read(token)?;
    let how = Wrapping::named(&jwk::string(&token.header, b"$.alg")?)?;
    let content = Content::named(&jwk::string(&token.header, b"$.enc")?)?;
    let key = token.content_key(how, content, key, rng)?;
    if key.len() != content.key_bytes() {
        return None;
    }
    token.open(content, &key)
}

impl<'a> Token<'a> {
    /// Five parts, of which the key may be empty, and the content.
    fn read(token: &'a [u8]) -> Option<Self> {
        let mut parts = token.split(|byte| *byte == b'.');
        let mut next = || {
            let part = parts.next()?;
            let mut bytes = Vec::new();
            base64::decode_url(part, &mut bytes)?;
            Some((part, bytes))
        };
        let (protected, header) = next()?;
        let token = Self {
            protected,
            header,
            encrypted_key: next()?.1,
            nonce: next()?.1,
            content: next()?.1,
            tag: next()?.1,
        };
        parts.next().is_none().then_some(token)
    }

    /// The key that the content was encrypted with.
    fn content_key(
        &self,
        how: Wrapping,
        content: Content,
        key: &Jwk,
        rng: &mut Rng,
    ) -> Option<Vec<u8>> {
        match (how, key) {
            (Wrapping::Direct, Jwk::Bytes(key)) => {
                self.encrypted_key.is_empty().then(|| key.clone())
            }
            (Wrapping::Aes(bits), Jwk::Bytes(key)) => {
                unwrap(&exact(bits, key)?, &self.encrypted_key)
            }
            (Wrapping::Gcm(bits), Jwk::Bytes(key)) => {
                let nonce = jwk::bytes(&self.header, b"$.iv")?;
                let tag = jwk::bytes(&self.header, b"$.tag")?;
                let mut data = self.encrypted_key.clone();
                exact(bits, key)?.gcm_decrypt(&nonce, &[], &tag, &mut data)?;
                Some(data)
            }
            (Wrapping::Oaep(hash), Jwk::Rsa(key)) => {
                jwk::decrypt(key, hash, &self.encrypted_key, rng)
            }
            (Wrapping::Agreed(bits), Jwk::Curve(curve, private)) => {
                let secret = curve.agree_with_sender(private, &self.header)?;
                match bits {
                    None if self.encrypted_key.is_empty() => {
                        self.derive(&secret, b"$.enc", content.key_bytes())
                    }
                    None => None,
                    Some(bits) => {
                        let key = self.derive(&secret, b"$.alg", bits / 8)?;
                        unwrap(&exact(bits, &key)?, &self.encrypted_key)
                    }
                }
            }
            (Wrapping::Direct | Wrapping::Aes(_) | Wrapping::Gcm(_), _)
            | (Wrapping::Oaep(_) | Wrapping::Agreed(_), _) => None,
        }
    }

    /// A key of `bytes` made of a shared secret (RFC 7518 §4.6.2, Concat KDF) for the algorithm whose name
    /// the header has at `path`.
    fn derive(&self, secret: &[u8], path: &[u8], bytes: usize) -> Option<Vec<u8>> {
        let algorithm = jwk::string(&self.header, path)?;
        let party = |path| jwk::bytes(&self.header, path).unwrap_or_default();
        let (sender, receiver) = (party(b"$.apu"), party(b"$.apv"));
        let length = |of: &[u8]| (of.len() as u32).to_be_bytes();
        let bits = (bytes as u32 * 8).to_be_bytes();
        let mut derived = Vec::new();
        for round in 1_u32.. {
            if derived.len() >= bytes {
                break;
            }
            (digest::SHA256.digest)(
                &[
                    &round.to_be_bytes(),
                    secret,
                    &length(&algorithm),
                    &algorithm,
                    &length(&sender),
                    &sender,
                    &length(&receiver),
                    &receiver,
                    &bits,
                ],
                &mut derived,
            );
        }
        derived.truncate(bytes);
        Some(derived)
    }

    /// The content, if its tag is right.
    fn open(self, how: Content, key: &[u8]) -> Option<Vec<u8>> {
        let mut data = self.content;
        match how {
            Content::Gcm(bits) => {
                exact(bits, key)?.gcm_decrypt(&self.nonce, self.protected, &self.tag, &mut data)?;
            }
            Content::Cbc(bits) => {
                let (mac_key, key) = key.split_at(key.len() / 2);
                let header_bits = (self.protected.len() as u64 * 8).to_be_bytes();
                let signed = [self.protected, &self.nonce, &data, &header_bits];
                let mut mac = Vec::new();
                digest_of(bits).hmac(mac_key, &signed, &mut mac);
                mac.truncate(mac_key.len());
                if !bool::from(mac.ct_eq(&self.tag)) {
                    return None;
                }
                let nonce: [u8; BLOCK_BYTES] = self.nonce.try_into().ok()?;
                exact(bits, key)?.cbc_decrypt(nonce, &mut data)?;
            }
        }
        Some(data)
    }
}

/// `alg`: how the key of the content is come by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrapping {
    Direct,
    Aes(usize),
    Gcm(usize),
    Oaep(OaepHash),
    /// ECDH-ES; the key that is agreed on is that of the content, or wraps it.
    Agreed(Option<usize>),
}

impl Wrapping {
    /// RSA1_5 is left out, as RFC 8725 §3.2 advises.
    fn named(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"dir" => Self::Direct,
            b"A128KW" => Self::Aes(128),
            b"A192KW" => Self::Aes(192),
            b"A256KW" => Self::Aes(256),
            b"A128GCMKW" => Self::Gcm(128),
            b"A192GCMKW" => Self::Gcm(192),
            b"A256GCMKW" => Self::Gcm(256),
            b"RSA-OAEP" => Self::Oaep(OaepHash::Sha1),
            b"RSA-OAEP-256" => Self::Oaep(OaepHash::Sha256),
            b"ECDH-ES" => Self::Agreed(None),
            b"ECDH-ES+A128KW" => Self::Agreed(Some(128)),
            b"ECDH-ES+A192KW" => Self::Agreed(Some(192)),
            b"ECDH-ES+A256KW" => Self::Agreed(Some(256)),
            _ => return None,
        })
    }
}

/// `enc`: how the content is encrypted, with AES of so many bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Content {
    Gcm(usize),
    /// With an authentication code beside it (RFC 7518 §5.2).
    Cbc(usize),
}

impl Content {
    fn named(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"A128GCM" => Self::Gcm(128),
            b"A192GCM" => Self::Gcm(192),
            b"A256GCM" => Self::Gcm(256),
            b"A128CBC-HS256" => Self::Cbc(128),
            b"A192CBC-HS384" => Self::Cbc(192),
            b"A256CBC-HS512" => Self::Cbc(256),
            _ => return None,
        })
    }

    /// How long its key is; of CBC, one for the code is in front of it.
    fn key_bytes(self) -> usize {
        match self {
            Self::Gcm(bits) => bits / 8,
            Self::Cbc(bits) => bits / 8 * 2,
        }
    }
}

/// The hash that goes with a key of AES-CBC.
fn digest_of(bits: usize) -> &'static Digest {
    match bits {
        128 => &digest::SHA256,
        192 => &digest::SHA384,
        _ => &digest::SHA512,
    }
}

/// A key of AES that is no longer than that.
fn exact(bits: usize, key: &[u8]) -> Option<Key> {
    (key.len() == bits / 8)
        .then(|| Key::new(bits, key))
        .flatten()
}

/// What AES key wrap has wrapped (RFC 3394 §2.2.2), if it was under this key.
fn unwrap(key: &Key, wrapped: &[u8]) -> Option<Vec<u8>> {
    let (words, rest) = wrapped.as_chunks::<WORD_BYTES>();
    let (check, words) = words.split_first()?;
    if !rest.is_empty() || words.len() < 2 {
        return None;
    }
    let mut check = *check;
    let mut words = words.to_vec();
    for round in (0..ROUNDS).rev() {
        for at in (0..words.len()).rev() {
            let step = (words.len() * round + at + 1) as u64;
            let mut block = [0; BLOCK_BYTES];
            let (first, second) = block.split_at_mut(WORD_BYTES);
            first.copy_from_slice(&(u64::from_be_bytes(check) ^ step).to_be_bytes());
            second.copy_from_slice(&words[at]);
            key.decrypt(&mut block);
            let (first, second) = block.split_at(WORD_BYTES);
            check.copy_from_slice(first);
            words[at].copy_from_slice(second);
        }
    }
    bool::from(check.ct_eq(&[0xa6; WORD_BYTES])).then(|| words.concat())
}

/// Half a block.
const WORD_BYTES: usize = BLOCK_BYTES / 2;
/// How often key wrap goes over all words.
const ROUNDS: usize = 6;
