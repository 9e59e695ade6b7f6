//! AES in the two modes the converters know: GCM (NIST SP 800-38D) and CBC with the padding of PKCS #7.

use ::aes::cipher::generic_array::GenericArray;
use ::aes::cipher::{BlockDecrypt, BlockEncrypt, KeyInit};
use ::aes::{Aes128, Aes192, Aes256};
use alloc::vec::Vec;
use ghash::GHash;
use ghash::universal_hash::UniversalHash;
use subtle::ConstantTimeEq;

/// A block of the cipher.
type Block = [u8; BLOCK_BYTES];

/// A key that is ready for use.
pub(crate) enum Key {
    /// 128 bits.
    Short(Aes128),
    /// 192 bits.
    Middle(Aes192),
    /// 256 bits.
    Long(Aes256),
}

impl Key {
    /// The key of `bits` bits that `bytes` begins with; nothing if there are fewer, or no such AES.
    pub(crate) fn new(bits: usize, bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.get(..bits / 8)?;
        match bits {
            128 => Aes128::new_from_slice(bytes).ok().map(Self::Short),
            192 => Aes192::new_from_slice(bytes).ok().map(Self::Middle),
            256 => Aes256::new_from_slice(bytes).ok().map(Self::Long),
            _ => None,
        }
    }

    /// Encrypts `data` in place with GCM; the tag comes back. There is none without a nonce.
    pub(crate) fn gcm_encrypt(&self, nonce: &[u8], aad: &[u8], data: &mut [u8]) -> Option<Block> {
        let gcm = Gcm::new(self, nonce)?;
        gcm.apply(data);
        Some(gcm.tag(aad, data))
    }

    /// Decrypts `data` in place with GCM, if `tag` is right.
    pub(crate) fn gcm_decrypt(
        &self,
        nonce: &[u8],
        aad: &[u8],
        tag: &[u8],
        data: &mut [u8],
    ) -> Option<()> {
        let gcm = Gcm::new(self, nonce)?;
        if !bool::from(gcm.tag(aad, data).as_slice().ct_eq(tag)) {
            return None;
        }
        gcm.apply(data);
        Some(())
    }

    /// Pads `data` and encrypts it with CBC.
    pub(crate) fn cbc_encrypt(&self, nonce: Block, data: &mut Vec<u8>) {
        let padding = BLOCK_BYTES - data.len() % BLOCK_BYTES;
        data.extend(core::iter::repeat_n(padding as u8, padding));
        let mut last = nonce;
        for block in data.as_chunks_mut::<BLOCK_BYTES>().0 {
            xor(block, &last);
            self.encrypt(block);
            last = *block;
        }
    }

    /// Decrypts `data` with CBC and takes its padding off, if that is right.
    pub(crate) fn cbc_decrypt(&self, nonce: Block, data: &mut Vec<u8>) -> Option<()> {
        let (blocks, rest) = data.as_chunks_mut::<BLOCK_BYTES>();
        if !rest.is_empty() {
            return None;
        }
        let mut last = nonce;
        for block in blocks {
            let encrypted = *block;
            self.decrypt(block);
            xor(block, &last);
            last = encrypted;
        }
        let padding = usize::from(*data.last()?);
        if !(1..=BLOCK_BYTES).contains(&padding) {
            return None;
        }
        let length = data.len() - padding;
        if data[length..].iter().any(|it| usize::from(*it) != padding) {
            return None;
        }
        data.truncate(length);
        Some(())
    }

    /// Encrypts one block.
    pub(crate) fn encrypt(&self, block: &mut Block) {
        let block = GenericArray::from_mut_slice(block);
        match self {
            Self::Short(key) => key.encrypt_block(block),
            Self::Middle(key) => key.encrypt_block(block),
            Self::Long(key) => key.encrypt_block(block),
        }
    }

    /// Decrypts one block.
    pub(crate) fn decrypt(&self, block: &mut Block) {
        let block = GenericArray::from_mut_slice(block);
        match self {
            Self::Short(key) => key.decrypt_block(block),
            Self::Middle(key) => key.decrypt_block(block),
            Self::Long(key) => key.decrypt_block(block),
        }
    }
}

/// One message in GCM.
struct Gcm<'a> {
    key: &'a Key,
    hash: GHash,
    /// The block before the first counter block: what the tag is covered with.
    first: Block,
}

impl<'a> Gcm<'a> {
    /// A message with `nonce`, whose length is 96 bits or anything but nothing (SP 800-38D §7.1).
    fn new(key: &'a Key, nonce: &[u8]) -> Option<Self> {
        if nonce.is_empty() {
            return None;
        }
        let mut subkey = [0; BLOCK_BYTES];
        key.encrypt(&mut subkey);
        let hash = GHash::new(GenericArray::from_slice(&subkey));
        let mut first = [0; BLOCK_BYTES];
        if nonce.len() == 12 {
            first[..12].copy_from_slice(nonce);
            first[15] = 1;
        } else {
            let mut hash = hash.clone();
            hash.update_padded(nonce);
            hash.update(&[lengths(0, nonce.len()).into()]);
            first = hash.finalize().into();
        }
        Some(Self { key, hash, first })
    }

    /// Encrypts or decrypts: the one undoes the other.
    fn apply(&self, data: &mut [u8]) {
        let (nonce, counter) = self.first.split_at(12);
        let counter = counter
            .iter()
            .fold(0, |sum: u32, byte| sum << 8 | u32::from(*byte));
        for (at, part) in data.chunks_mut(BLOCK_BYTES).enumerate() {
            let counter = counter.wrapping_add(1).wrapping_add(at as u32);
            let mut block = [0; BLOCK_BYTES];
            block[..12].copy_from_slice(nonce);
            block[12..].copy_from_slice(&counter.to_be_bytes());
            self.key.encrypt(&mut block);
            part.iter_mut()
                .zip(block)
                .for_each(|(to, with)| *to ^= with);
        }
    }

    /// The tag of what `encrypted` is and of what goes along with it in the clear.
    fn tag(&self, aad: &[u8], encrypted: &[u8]) -> Block {
        let mut hash = self.hash.clone();
        hash.update_padded(aad);
        hash.update_padded(encrypted);
        hash.update(&[lengths(aad.len(), encrypted.len()).into()]);
        let mut tag: Block = hash.finalize().into();
        let mut cover = self.first;
        self.key.encrypt(&mut cover);
        xor(&mut tag, &cover);
        tag
    }
}

/// The last block that is hashed: how long both parts are, bits.
fn lengths(aad: usize, encrypted: usize) -> Block {
    let bits = ((aad as u128 * 8) << 64) | (encrypted as u128 * 8);
    bits.to_be_bytes()
}

fn xor(block: &mut Block, with: &Block) {
    block
        .iter_mut()
        .zip(with)
        .for_each(|(to, with)| *to ^= with);
}

/// The size of a block, bytes.
pub(crate) const BLOCK_BYTES: usize = 16;
