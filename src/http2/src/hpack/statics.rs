//! The static table (RFC 7541, Appendix A).

use super::{Called, Memo, Pseudo};
use message::Name;

/// The entry at `index`, counted from 1.
pub(super) fn entry(index: usize) -> (&'static str, &'static str) {
    ENTRIES[index - 1]
}

/// What is known of an entry, which is as it must be.
pub(super) fn memo(index: usize) -> Memo {
    MEMOS[index - 1]
}

static MEMOS: [Memo; COUNT] = {
    let mut memos = [Memo::NONE; COUNT];
    let mut at = 0;
    while at < COUNT {
        let name = ENTRIES[at].0.as_bytes();
        let called = match Pseudo::of(name) {
            Some(pseudo) => Called::Pseudo(pseudo),
            None => Called::Name(Name::of_lower(name)),
        };
        memos[at] = Memo::new(called, true);
        at += 1;
    }
    memos
};

/// Number of entries; the dynamic table is counted on from here.
pub(super) const COUNT: usize = ENTRIES.len();

/// The first entry called `name`, and the entry that has `value` too.
pub(super) fn find(name: &[u8], value: &[u8]) -> Option<(usize, Option<usize>)> {
    let row = FIRSTS.get(name.len())?;
    let told = *name.get(TELLING[name.len()])?;
    let first = row
        .iter()
        .map(|first| usize::from(*first))
        .take_while(|first| *first != 0)
        .find(|first| entry(*first).0.as_bytes()[TELLING[name.len()]] == told)?;
    if entry(first).0.as_bytes() != name {
        return None;
    }
    let whole = (first..=COUNT)
        .take_while(|at| entry(*at).0.as_bytes() == name)
        .find(|at| entry(*at).1.as_bytes() == value);
    Some((first, whole))
}

/// For each length, the entries that are the first of their name; zeros behind them.
static FIRSTS: [[u8; SAME_LENGTH_MAX]; NAME_BYTES_MAX + 1] = {
    let mut table = [[0; SAME_LENGTH_MAX]; NAME_BYTES_MAX + 1];
    let mut at = 0;
    while at < COUNT {
        let name = ENTRIES[at].0.as_bytes();
        if at == 0 || !is_same(ENTRIES[at - 1].0.as_bytes(), name) {
            let mut slot = 0;
            while table[name.len()][slot] != 0 {
                slot += 1;
            }
            table[name.len()][slot] = at as u8 + 1;
        }
        at += 1;
    }
    table
};

/// For each length, the place of a byte by which its names differ.
static TELLING: [usize; NAME_BYTES_MAX + 1] = {
    let mut table = [0; NAME_BYTES_MAX + 1];
    let mut length = 0;
    while length <= NAME_BYTES_MAX {
        while !tells(length, table[length]) {
            table[length] += 1;
        }
        length += 1;
    }
    table
};

/// Whether no two names of a length have the same byte at a place.
const fn tells(length: usize, place: usize) -> bool {
    let row = &FIRSTS[length];
    let mut at = 0;
    while row[at] != 0 {
        let mut other = at + 1;
        while row[other] != 0 {
            let (one, two) = (
                ENTRIES[row[at] as usize - 1],
                ENTRIES[row[other] as usize - 1],
            );
            if one.0.as_bytes()[place] == two.0.as_bytes()[place] {
                return false;
            }
            other += 1;
        }
        at += 1;
    }
    true
}

/// The first entry of a name, for tables that are made when this is compiled.
pub(super) const fn first_of(name: &str) -> usize {
    let mut at = 0;
    while !is_same(ENTRIES[at].0.as_bytes(), name.as_bytes()) {
        at += 1;
    }
    at + 1
}

const fn is_same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if a[at] != b[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// Length of the longest name in bytes.
const NAME_BYTES_MAX: usize = 27;
/// Most names of one length, and one more.
const SAME_LENGTH_MAX: usize = 8;

static ENTRIES: [(&str, &str); 61] = [
    (":authority", ""),
    (":method", "GET"),
    (":method", "POST"),
    (":path", "/"),
    (":path", "/index.html"),
    (":scheme", "http"),
    (":scheme", "https"),
    (":status", "200"),
    (":status", "204"),
    (":status", "206"),
    (":status", "304"),
    (":status", "400"),
    (":status", "404"),
    (":status", "500"),
    ("accept-charset", ""),
    ("accept-encoding", "gzip, deflate"),
    ("accept-language", ""),
    ("accept-ranges", ""),
    ("accept", ""),
    ("access-control-allow-origin", ""),
    ("age", ""),
    ("allow", ""),
    ("authorization", ""),
    ("cache-control", ""),
    ("content-disposition", ""),
    ("content-encoding", ""),
    ("content-language", ""),
    ("content-length", ""),
    ("content-location", ""),
    ("content-range", ""),
    ("content-type", ""),
    ("cookie", ""),
    ("date", ""),
    ("etag", ""),
    ("expect", ""),
    ("expires", ""),
    ("from", ""),
    ("host", ""),
    ("if-match", ""),
    ("if-modified-since", ""),
    ("if-none-match", ""),
    ("if-range", ""),
    ("if-unmodified-since", ""),
    ("last-modified", ""),
    ("link", ""),
    ("location", ""),
    ("max-forwards", ""),
    ("proxy-authenticate", ""),
    ("proxy-authorization", ""),
    ("range", ""),
    ("referer", ""),
    ("refresh", ""),
    ("retry-after", ""),
    ("server", ""),
    ("set-cookie", ""),
    ("strict-transport-security", ""),
    ("transfer-encoding", ""),
    ("user-agent", ""),
    ("vary", ""),
    ("via", ""),
    ("www-authenticate", ""),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_found_by_its_name_and_value() {
        for index in 1..=COUNT {
            let (name, value) = entry(index);
            let (first, whole) = find(name.as_bytes(), value.as_bytes()).expect("an entry");
            assert_eq!(entry(first).0, name);
            assert!(first <= index);
            assert_eq!(whole, Some(index));
        }
    }

    #[test]
    fn a_name_with_another_value_is_found_by_name_alone() {
        assert_eq!(find(b":status", b"418"), Some((8, None)));
        assert_eq!(find(b"x-unknown", b""), None);
        assert_eq!(find(&[b'a'; 100], b""), None);
    }
}
