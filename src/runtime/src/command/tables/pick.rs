//! Which entries a command is about: filters, a key, or what an entry is called.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::net::{IpAddr, Ipv4Addr};
use tables::{DataType, EntryId, Filter, Key, KeyType, Layout, Operator, Table};

/// What a command is about.
pub(super) enum Pick {
    /// All entries that all of these pick.
    All(Vec<Filter>),
    /// The entry of this key.
    One(Key),
    /// An entry whose key cannot be in the table.
    NoSuchKey,
    /// The entry that is called so.
    Id(EntryId),
}

/// Why a command is refused.
pub(super) type Refusal = Cow<'static, str>;

/// What `words` pick of a table; `verb` and `usage` are for refusals.
pub(super) fn pick(
    words: &[String],
    table: &Table,
    verb: &str,
    usage: &'static str,
) -> Result<Pick, Refusal> {
    let second = words.get(1).map(String::as_str);
    match words.first().map(String::as_str) {
        None => Ok(Pick::All(Vec::new())),
        Some("key") => {
            let text = second.ok_or("Key value expected")?;
            key(text, table.definition().key, verb)
        }
        Some("ptr") => {
            let digits = second.and_then(|text| text.strip_prefix("0x"));
            let digits = digits.ok_or("Pointer expected (0xffff notation)")?;
            let id = u64::from_str_radix(digits, 16).map_err(|_| "Malformed ptr.")?;
            Ok(Pick::Id(EntryId(id)))
        }
        Some(word) if word.starts_with("data.") => filters(words, table.layout()).map(Pick::All),
        Some(_) => Err(usage.into()),
    }
}

/// A key of the table, as it is typed.
fn key(text: &str, kind: KeyType, verb: &str) -> Result<Pick, Refusal> {
    let address = || text.parse::<IpAddr>().map_err(|_| "Invalid key");
    Ok(match kind {
        KeyType::Ip => match address()?.to_canonical() {
            IpAddr::V4(address) => Pick::One(Key::Ip(address)),
            IpAddr::V6(_) => Pick::NoSuchKey,
        },
        KeyType::Ip6 => Pick::One(Key::Ip6(match address()? {
            IpAddr::V4(address) => Ipv4Addr::to_ipv6_mapped(&address),
            IpAddr::V6(address) => address,
        })),
        KeyType::Integer => Pick::One(Key::Integer(leading_number(text))),
        KeyType::String { .. } => Pick::One(Key::Bytes(text.as_bytes().into())),
        KeyType::Binary { .. } => {
            return Err(format!("'{verb} table' takes no keys of type binary: use ptr").into());
        }
    })
}

/// The number a word begins with, modulo 2^32; 0 if it begins with none.
fn leading_number(word: &str) -> u32 {
    let digits = word.strip_prefix(['-', '+']).unwrap_or(word);
    let count = digits.bytes().take_while(u8::is_ascii_digit).count();
    let digits = &digits[..count];
    // Only no digits, or too many of them, are no number.
    let number: u64 = digits
        .parse()
        .unwrap_or(if digits.is_empty() { 0 } else { u64::MAX });
    match word.starts_with('-') {
        true => number.wrapping_neg() as u32,
        false => number as u32,
    }
}

/// A word that is a number altogether.
pub(super) fn number(word: &str) -> Option<i64> {
    word.parse().ok()
}

fn filters(words: &[String], layout: &Layout) -> Result<Vec<Filter>, Refusal> {
    let mut filters = Vec::new();
    for words in words.chunks(3) {
        let nth = filters.len() + 1;
        if nth > FILTERS_MAX {
            return Err(format!("there are more than {FILTERS_MAX} filters").into());
        }
        let filter = filter(words, layout);
        filters.push(filter.map_err(|why| format!("Filter entry #{nth}: {why}"))?);
    }
    Ok(filters)
}

fn filter(words: &[String], layout: &Layout) -> Result<Filter, Refusal> {
    let word = |at: usize| words.get(at).map_or("", String::as_str);
    let name = word(0).strip_prefix("data.").ok_or(UNKNOWN)?;
    let (data, index) = find_data(name, layout)?;
    let operator = Operator::by_name(word(1))
        .ok_or("Require an operator among \"eq\", \"ne\", \"le\", \"ge\", \"lt\", \"gt\"")?;
    let value = number(word(2)).ok_or("Require a valid integer value to compare against")?;
    Ok(Filter {
        data,
        index,
        operator,
        value,
    })
}

/// A data type that is stored, and which element: `<type>`, or `<type>[<index>]` of an array. There may
/// be no such element.
pub(super) fn find_data(name: &str, layout: &Layout) -> Result<(DataType, u32), Refusal> {
    let (name, index) = match name.strip_suffix(']').and_then(|name| name.split_once('[')) {
        Some((name, index)) => (name, Some(index)),
        None => (name, None),
    };
    let data = DataType::by_name(name).ok_or(UNKNOWN)?;
    let index = match index {
        None => 0,
        Some(_) if !data.is_array() => return Err(UNKNOWN.into()),
        // Any other number is that of no element.
        Some(index) => u32::try_from(number(index).ok_or(UNKNOWN)?).unwrap_or(u32::MAX),
    };
    match layout.elements(data) {
        0 => Err("Data type not stored in this table".into()),
        _ => Ok((data, index)),
    }
}

const UNKNOWN: &str = "Unknown data type";

/// The most filters of a command.
const FILTERS_MAX: usize = 4;
