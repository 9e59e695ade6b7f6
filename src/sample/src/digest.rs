//! Message digests by the names OpenSSL has for them.

use ::digest::{Digest, ExtendableOutput, Update, XofReader};
use alloc::vec::Vec;

/// A message digest.
pub struct Algorithm {
    /// Its name.
    pub name: &'static str,
    /// Other names it has; upper and lower case make no difference.
    aliases: &'static [&'static str],
    /// Adds the digest of what the parts are together to a buffer.
    pub digest: fn(&[&[u8]], &mut Vec<u8>),
    /// What it takes in at a time, bytes: what HMAC needs to know. 0 where there is no HMAC with it.
    pub block_bytes: usize,
}

impl Algorithm {
    /// The algorithm that is called `name`.
    pub fn find(name: &[u8]) -> Option<&'static Self> {
        ALL.iter().copied().find(|algorithm| {
            let mut names = algorithm.aliases.iter().chain([&algorithm.name]);
            names.any(|it| it.as_bytes().eq_ignore_ascii_case(name))
        })
    }

    /// Adds the message authentication code of `parts` under `key` to `out` (RFC 2104).
    pub fn hmac(&self, key: &[u8], parts: &[&[u8]], out: &mut Vec<u8>) {
        let mut block = [0; BLOCK_BYTES_MAX];
        let mut short = Vec::new();
        let key = if key.len() > self.block_bytes {
            (self.digest)(&[key], &mut short);
            &short
        } else {
            key
        };
        block[..key.len()].copy_from_slice(key);
        let block = &mut block[..self.block_bytes];
        block.iter_mut().for_each(|byte| *byte ^= 0x36);
        let mut inner = Vec::new();
        let mut with_pad: Vec<&[u8]> = Vec::with_capacity(parts.len() + 1);
        with_pad.push(block);
        with_pad.extend_from_slice(parts);
        (self.digest)(&with_pad, &mut inner);
        block.iter_mut().for_each(|byte| *byte ^= 0x36 ^ 0x5c);
        (self.digest)(&[block, &inner], out);
    }
}

/// MD5.
pub static MD5: Algorithm = Algorithm {
    name: "md5",
    aliases: &["ssl3-md5", "rsa-md5", "md5withrsaencryption"],
    digest: fixed::<md5::Md5>,
    block_bytes: 64,
};

/// SHA-1.
pub static SHA1: Algorithm = Algorithm {
    name: "sha1",
    aliases: &["sha-1", "ssl3-sha1", "rsa-sha1", "sha1withrsaencryption"],
    digest: fixed::<sha1::Sha1>,
    block_bytes: 64,
};

/// SHA-224.
pub static SHA224: Algorithm = Algorithm {
    name: "sha224",
    aliases: &[
        "sha-224",
        "sha2-224",
        "rsa-sha224",
        "sha224withrsaencryption",
    ],
    digest: fixed::<sha2::Sha224>,
    block_bytes: 64,
};

/// SHA-256.
pub static SHA256: Algorithm = Algorithm {
    name: "sha256",
    aliases: &[
        "sha-256",
        "sha2-256",
        "rsa-sha256",
        "sha256withrsaencryption",
    ],
    digest: fixed::<sha2::Sha256>,
    block_bytes: 64,
};

/// SHA-384.
pub static SHA384: Algorithm = Algorithm {
    name: "sha384",
    aliases: &[
        "sha-384",
        "sha2-384",
        "rsa-sha384",
        "sha384withrsaencryption",
    ],
    digest: fixed::<sha2::Sha384>,
    block_bytes: 128,
};

/// SHA-512.
pub static SHA512: Algorithm = Algorithm {
    name: "sha512",
    aliases: &[
        "sha-512",
        "sha2-512",
        "rsa-sha512",
        "sha512withrsaencryption",
    ],
    digest: fixed::<sha2::Sha512>,
    block_bytes: 128,
};

static SHA512_224: Algorithm = Algorithm {
    name: "sha512-224",
    aliases: &[
        "sha-512/224",
        "sha2-512/224",
        "rsa-sha512/224",
        "sha512-224withrsaencryption",
    ],
    digest: fixed::<sha2::Sha512_224>,
    block_bytes: 128,
};

static SHA512_256: Algorithm = Algorithm {
    name: "sha512-256",
    aliases: &[
        "sha-512/256",
        "sha2-512/256",
        "rsa-sha512/256",
        "sha512-256withrsaencryption",
    ],
    digest: fixed::<sha2::Sha512_256>,
    block_bytes: 128,
};

static MD5_SHA1: Algorithm = Algorithm {
    name: "md5-sha1",
    aliases: &[],
    digest: |parts, out| {
        fixed::<md5::Md5>(parts, out);
        fixed::<sha1::Sha1>(parts, out);
    },
    block_bytes: 64,
};

static SHA3_224: Algorithm = Algorithm {
    name: "sha3-224",
    aliases: &["rsa-sha3-224", "id-rsassa-pkcs1-v1_5-with-sha3-224"],
    digest: fixed::<sha3::Sha3_224>,
    block_bytes: 144,
};

static SHA3_256: Algorithm = Algorithm {
    name: "sha3-256",
    aliases: &["rsa-sha3-256", "id-rsassa-pkcs1-v1_5-with-sha3-256"],
    digest: fixed::<sha3::Sha3_256>,
    block_bytes: 136,
};

static SHA3_384: Algorithm = Algorithm {
    name: "sha3-384",
    aliases: &["rsa-sha3-384", "id-rsassa-pkcs1-v1_5-with-sha3-384"],
    digest: fixed::<sha3::Sha3_384>,
    block_bytes: 104,
};

static SHA3_512: Algorithm = Algorithm {
    name: "sha3-512",
    aliases: &["rsa-sha3-512", "id-rsassa-pkcs1-v1_5-with-sha3-512"],
    digest: fixed::<sha3::Sha3_512>,
    block_bytes: 72,
};

static SHAKE128: Algorithm = Algorithm {
    name: "shake128",
    aliases: &["shake-128"],
    digest: |parts, out| extendable::<sha3::Shake128, 16>(parts, out),
    block_bytes: 0,
};

static SHAKE256: Algorithm = Algorithm {
    name: "shake256",
    aliases: &["shake-256"],
    digest: |parts, out| extendable::<sha3::Shake256, 32>(parts, out),
    block_bytes: 0,
};

static BLAKE2B: Algorithm = Algorithm {
    name: "blake2b512",
    aliases: &["blake2b-512"],
    digest: fixed::<blake2::Blake2b512>,
    block_bytes: 128,
};

static BLAKE2S: Algorithm = Algorithm {
    name: "blake2s256",
    aliases: &["blake2s-256"],
    digest: fixed::<blake2::Blake2s256>,
    block_bytes: 64,
};

static RIPEMD160: Algorithm = Algorithm {
    name: "ripemd160",
    aliases: &[
        "ripemd",
        "ripemd-160",
        "rmd160",
        "rsa-ripemd160",
        "ripemd160withrsa",
    ],
    digest: fixed::<ripemd::Ripemd160>,
    block_bytes: 64,
};

static SM3: Algorithm = Algorithm {
    name: "sm3",
    aliases: &["rsa-sm3", "sm3withrsaencryption"],
    digest: fixed::<sm3::Sm3>,
    block_bytes: 64,
};

static ALL: &[&Algorithm] = &[
    &MD5,
    &SHA1,
    &SHA224,
    &SHA256,
    &SHA384,
    &SHA512,
    &SHA512_224,
    &SHA512_256,
    &MD5_SHA1,
    &SHA3_224,
    &SHA3_256,
    &SHA3_384,
    &SHA3_512,
    &SHAKE128,
    &SHAKE256,
    &BLAKE2B,
    &BLAKE2S,
    &RIPEMD160,
    &SM3,
];

fn fixed<D: Digest>(parts: &[&[u8]], out: &mut Vec<u8>) {
    let mut digest = D::new();
    for part in parts {
        Digest::update(&mut digest, part);
    }
    out.extend_from_slice(&digest.finalize());
}

fn extendable<D: Default + Update + ExtendableOutput, const BYTES: usize>(
    parts: &[&[u8]],
    out: &mut Vec<u8>,
) {
    let mut digest = D::default();
    for part in parts {
        digest.update(part);
    }
    let mut bytes = [0; BYTES];
    digest.finalize_xof().read(&mut bytes);
    out.extend_from_slice(&bytes);
}

/// The largest block of them all, SHA3-224's.
const BLOCK_BYTES_MAX: usize = 144;
