//! Hashes that are numbers, for tables and logs and never for secrets.

use super::Converter;
use crate::args::{Args, Kind, Signature};
use crate::hash;
use crate::value::{Type, Value};
use crate::work::Work;
use xxhash_rust::{xxh3, xxh32, xxh64};

pub(super) const CONVERTERS: &[Converter] = &[
    Converter {
        name: "crc32",
        doc: "CRC32 as in Ethernet and gzip.",
        args: AVALANCHE,
        input: Type::Bytes,
        output: Type::Int,
        check: None,
        run: |value, args, work| hash32(value, args, work, hash::crc32),
    },
    Converter {
        name: "crc32c",
        doc: "CRC32C, the checksum of SCTP (RFC 4960 appendix B).",
        args: AVALANCHE,
        input: Type::Bytes,
        output: Type::Int,
        check: None,
        run: |value, args, work| hash32(value, args, work, hash::crc32c),
    },
    Converter {
        name: "djb2",
        doc: "The hash DJB2.",
        args: AVALANCHE,
        input: Type::Bytes,
        output: Type::Int,
        check: None,
        run: |value, args, work| hash32(value, args, work, hash::djb2),
    },
    Converter {
        name: "sdbm",
        doc: "The hash SDBM.",
        args: AVALANCHE,
        input: Type::Bytes,
        output: Type::Int,
        check: None,
        run: |value, args, work| hash32(value, args, work, hash::sdbm),
    },
    Converter {
        name: "wt6",
        doc: "The hash WT6.",
        args: AVALANCHE,
        input: Type::Bytes,
        output: Type::Int,
        check: None,
        run: |value, args, work| hash32(value, args, work, hash::wt6),
    },
    Converter {
        name: "xxh32",
        doc: "XXH32 with a seed.",
        args: SEED,
        input: Type::Bytes,
        output: Type::Int,
        check: None,
        run: |value, args, work| {
            hash(value, work, |bytes| {
                i64::from(xxh32::xxh32(bytes, seed(args) as u32))
            })
        },
    },
    Converter {
        name: "xxh64",
        doc: "XXH64 with a seed, as a signed number.",
        args: SEED,
        input: Type::Bytes,
        output: Type::Int,
        check: None,
        run: |value, args, work| hash(value, work, |bytes| xxh64::xxh64(bytes, seed(args)) as i64),
    },
    Converter {
        name: "xxh3",
        doc: "XXH3 of 64 bits with a seed, as a signed number.",
        args: SEED,
        input: Type::Bytes,
        output: Type::Int,
        check: None,
        run: |value, args, work| {
            hash(value, work, |bytes| {
                xxh3::xxh3_64_with_seed(bytes, seed(args)) as i64
            })
        },
    },
];

/// `[avalanche]`: any number but 0 wishes it.
const AVALANCHE: Signature = Signature::new(0, &[Kind::Int]);

/// `[seed]`, 0 if it is left out.
const SEED: Signature = Signature::new(0, &[Kind::Int]);

fn seed(args: &Args) -> u64 {
    args.int(0).unwrap_or(0) as u64
}

fn hash32<'a>(
    value: Value<'a>,
    args: &'a Args,
    work: &mut Work,
    with: fn(&[u8]) -> u32,
) -> Option<Value<'a>> {
    hash(value, work, |bytes| {
        let hash = with(bytes);
        let avalanche = args.int(0).is_some_and(|wish| wish != 0);
        i64::from(if avalanche {
            hash::avalanche(hash)
        } else {
            hash
        })
    })
}

fn hash<'a>(
    value: Value<'a>,
    work: &mut Work,
    with: impl FnOnce(&[u8]) -> i64,
) -> Option<Value<'a>> {
    let Value::Bytes(bytes) = &value else {
        return None;
    };
    let number = with(bytes);
    work.done(value);
    Some(Value::Int(number))
}
