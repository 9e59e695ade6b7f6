//! AES with keys of the configuration or of variables.

use super::Converter;
use super::given::Given;
use crate::aes::{BLOCK_BYTES, Key};
use crate::args::{Arg, Args, Kind, Signature};
use crate::base64;
use crate::names::Names;
use crate::value::{Type, Value};
use crate::vars::Variable;
use crate::work::Work;
use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

pub(super) const CONVERTERS: &[Converter] = &[
    Converter {
        name: "aes_cbc_dec",
        doc: "Decrypts with AES-CBC.",
        args: CBC,
        input: Type::Bytes,
        output: Type::Bytes,
        check: Some(|args, names| check(args, names, None)),
        run: |value, args, work| run(value, args, work, |its, data, work| its.cbc_dec(data, work)),
    },
    Converter {
        name: "aes_cbc_enc",
        doc: "Encrypts with AES-CBC.",
        args: CBC,
        input: Type::Bytes,
        output: Type::Bytes,
        check: Some(|args, names| check(args, names, None)),
        run: |value, args, work| run(value, args, work, |its, data, work| its.cbc_enc(data, work)),
    },
    Converter {
        name: "aes_gcm_dec",
        doc: "Decrypts with AES-GCM, if the tag is right.",
        args: GCM,
        input: Type::Bytes,
        output: Type::Bytes,
        check: Some(|args, names| check(args, names, Some(Tag::read))),
        run: |value, args, work| run(value, args, work, |its, data, work| its.gcm_dec(data, work)),
    },
    Converter {
        name: "aes_gcm_enc",
        doc: "Encrypts with AES-GCM; the tag goes into a variable as base64.",
        args: GCM,
        input: Type::Bytes,
        output: Type::Bytes,
        check: Some(|args, names| check(args, names, Some(Tag::written))),
        run: |value, args, work| run(value, args, work, |its, data, work| its.gcm_enc(data, work)),
    },
];

/// `bits, nonce, key[, aad]`
const CBC: Signature = Signature::new(3, &[Kind::Int, Kind::Text, Kind::Text, Kind::Text]);

/// `bits, nonce, key, aead_tag[, aad]`
const GCM: Signature = Signature::new(
    4,
    &[Kind::Int, Kind::Text, Kind::Text, Kind::Text, Kind::Text],
);

/// What one use of these converters is given.
struct Its {
    bits: usize,
    nonce: Given,
    key: Given,
    tag: Option<Tag>,
    aad: Option<Given>,
}

/// The tag of GCM.
enum Tag {
    Is(Given),
    GoesTo(Variable),
}

/// How the argument for the tag is read.
type ReadTag = fn(&Args, &mut dyn Names) -> Result<Tag, String>;

impl Tag {
    fn read(args: &Args, names: &mut dyn Names) -> Result<Self, String> {
        Given::read_base64(args, 3, "aead_tag", names).map(Self::Is)
    }

    fn written(args: &Args, names: &mut dyn Names) -> Result<Self, String> {
        match Given::read(args.text(3).unwrap_or_default(), names) {
            Given::Variable(variable) => Ok(Self::GoesTo(variable)),
            Given::Text(_) => Err("failed to parse aead_tag : it has to be a variable".to_string()),
        }
    }
}

fn check(args: &mut Args, names: &mut dyn Names, tag: Option<ReadTag>) -> Result<(), String> {
    let bits = match args.int(0) {
        Some(128) => 128,
        Some(192) => 192,
        Some(256) => 256,
        _ => return Err("key size must be 128, 192 or 256 (bits)".to_string()),
    };
    let aad = if tag.is_some() { 4 } else { 3 };
    let its = Its {
        bits,
        nonce: Given::read_base64(args, 1, "nonce", names)?,
        key: Given::read_base64(args, 2, "key", names)?,
        tag: tag.map(|read| read(args, names)).transpose()?,
        aad: match args.get(aad) {
            Some(_) => Some(Given::read_base64(args, aad, "aad", names)?),
            None => None,
        },
    };
    args.0 = Box::new([Some(Arg::Made(Arc::new(its)))]);
    Ok(())
}

fn run<'a>(
    value: Value<'a>,
    args: &'a Args,
    work: &mut Work,
    with: fn(&Its, &mut Vec<u8>, &mut Work) -> Option<()>,
) -> Option<Value<'a>> {
    let Value::Bytes(bytes) = value else {
        return None;
    };
    let its: &Its = args.made(0)?;
    let mut data = work.own(bytes);
    match with(its, &mut data, work) {
        Some(()) if data.len() <= work.bufsize => Some(Value::Bytes(data.into())),
        _ => {
            work.give(data);
            None
        }
    }
}

impl Its {
    fn cbc_enc(&self, data: &mut Vec<u8>, work: &mut Work) -> Option<()> {
        let (key, nonce) = (self.key(work)?, self.block(work)?);
        self.aad(work)?;
        key.cbc_encrypt(nonce, data);
        Some(())
    }

    fn cbc_dec(&self, data: &mut Vec<u8>, work: &mut Work) -> Option<()> {
        let (key, nonce) = (self.key(work)?, self.block(work)?);
        self.aad(work)?;
        key.cbc_decrypt(nonce, data)
    }

    fn gcm_enc(&self, data: &mut [u8], work: &mut Work) -> Option<()> {
        let key = self.key(work)?;
        let (nonce, aad) = (self.nonce.get_base64(work)?, self.aad(work)?);
        let tag = key.gcm_encrypt(&nonce, &aad, data);
        work.done(Value::Bytes(nonce));
        work.done(Value::Bytes(aad));
        let tag = tag?;
        let Some(Tag::GoesTo(variable)) = &self.tag else {
            return None;
        };
        let mut text = work.buffer();
        base64::encode(&tag, &mut text);
        work.set_variable(variable, Value::Text(text.into()));
        Some(())
    }

    fn gcm_dec(&self, data: &mut [u8], work: &mut Work) -> Option<()> {
        let key = self.key(work)?;
        let (nonce, aad) = (self.nonce.get_base64(work)?, self.aad(work)?);
        let Some(Tag::Is(tag)) = &self.tag else {
            return None;
        };
        let tag = tag.get_base64(work)?;
        let done = key.gcm_decrypt(&nonce, &aad, &tag, data);
        work.done(Value::Bytes(nonce));
        work.done(Value::Bytes(aad));
        work.done(Value::Bytes(tag));
        done
    }

    fn key(&self, work: &mut Work) -> Option<Key> {
        let bytes = self.key.get_base64(work)?;
        let key = Key::new(self.bits, &bytes);
        work.done(Value::Bytes(bytes));
        key
    }

    /// What goes along in the clear; CBC wants it to be there if it is named, and leaves it at that.
    fn aad(&self, work: &mut Work) -> Option<Cow<'_, [u8]>> {
        match &self.aad {
            Some(aad) => aad.get_base64(work),
            None => Some(Cow::Borrowed(&[])),
        }
    }

    /// The nonce as one block: cut, or filled up with zeros.
    fn block(&self, work: &mut Work) -> Option<[u8; BLOCK_BYTES]> {
        let bytes = self.nonce.get_base64(work)?;
        let mut block = [0; BLOCK_BYTES];
        block
            .iter_mut()
            .zip(&*bytes)
            .for_each(|(to, from)| *to = *from);
        work.done(Value::Bytes(bytes));
        Some(block)
    }
}
