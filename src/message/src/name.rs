//! The field names the proxy itself looks at.

macro_rules! names {
    ($($variant:ident = $text:literal,)*) => {
        /// A field name, recognised once when the head is parsed; [`Name::Other`] for all the rest.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Name {
            /// A name without a meaning to the proxy.
            #[default]
            Other,
            $(#[doc = concat!("`", $text, "`")] $variant,)*
        }

        impl Name {
            const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name in lower case; empty for [`Name::Other`].
            pub const fn as_str(self) -> &'static str {
                match self {
                    Self::Other => "",
                    $(Self::$variant => $text,)*
                }
            }
        }
    };
}

names! {
    Authorization = "authorization",
    Connection = "connection",
    ContentLength = "content-length",
    ContentType = "content-type",
    Cookie = "cookie",
    Expect = "expect",
    Host = "host",
    Http2Settings = "http2-settings",
    KeepAlive = "keep-alive",
    ProxyAuthenticate = "proxy-authenticate",
    ProxyConnection = "proxy-connection",
    SecWebsocketAccept = "sec-websocket-accept",
    SecWebsocketKey = "sec-websocket-key",
    SetCookie = "set-cookie",
    Te = "te",
    Trailer = "trailer",
    TransferEncoding = "transfer-encoding",
    Upgrade = "upgrade",
    WwwAuthenticate = "www-authenticate",
    XForwardedFor = "x-forwarded-for",
}

impl Name {
    /// Recognises `name`, whatever its case (RFC 9110 §5.1).
    #[inline]
    pub fn of(name: &[u8]) -> Self {
        let Some(first) = name.first() else {
            return Self::Other;
        };
        let Some(row) = CANDIDATES.get(name.len()) else {
            return Self::Other;
        };
        let candidate = row[usize::from(*first) % LETTERS];
        if candidate != Self::Other && is_lower(name, candidate.as_str()) {
            candidate
        } else {
            Self::Other
        }
    }
}

impl Name {
    /// The same for a name in lower case, for tables that are made when this is compiled.
    pub const fn of_lower(name: &[u8]) -> Self {
        let mut at = 0;
        while at < Self::ALL.len() {
            let text = Self::ALL[at].as_str().as_bytes();
            let mut same = 0;
            while same < text.len() && same < name.len() && text[same] == name[same] {
                same += 1;
            }
            if same == text.len() && same == name.len() {
                return Self::ALL[at];
            }
            at += 1;
        }
        Self::Other
    }

    /// Whether a field may stand in a trailer section: never one that frames, routes or belongs to one
    /// hop, because whoever merges trailers into the head would act on it (RFC 9110 §6.5.1).
    pub const fn may_trail(self) -> bool {
        !matches!(
            self,
            Self::Connection
                | Self::ContentLength
                | Self::Expect
                | Self::Host
                | Self::Http2Settings
                | Self::KeepAlive
                | Self::ProxyConnection
                | Self::Te
                | Self::Trailer
                | Self::TransferEncoding
                | Self::Upgrade
        )
    }
}

/// Some names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NameSet(u32);

impl NameSet {
    /// These names.
    pub const fn of(names: &[Name]) -> Self {
        let mut bits = 0;
        let mut at = 0;
        while at < names.len() {
            bits |= 1 << names[at] as u32;
            at += 1;
        }
        Self(bits)
    }

    /// Whether `name` is one of them.
    #[inline]
    pub const fn contains(self, name: Name) -> bool {
        self.0 & (1 << name as u32) != 0
    }

    /// Whether the two have a name in common.
    #[inline]
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// One name more.
    #[inline]
    pub const fn insert(&mut self, name: Name) {
        self.0 |= 1 << name as u32;
    }

    /// One name less.
    #[inline]
    pub const fn remove(&mut self, name: Name) {
        self.0 &= !(1 << name as u32);
    }
}

/// Whether `text` is `lower`, a string without capitals, whatever its case. Field names and the
/// options in their values are compared for every message: eight bytes at a time.
#[inline]
pub fn is_lower(text: &[u8], lower: &str) -> bool {
    are_same(text, lower.as_bytes(), is_lower_word)
}

/// Whether two texts are the same, whatever their case, where `is_same` says so of eight bytes.
#[inline]
fn are_same(a: &[u8], b: &[u8], is_same: impl Fn(&[u8; 8], &[u8; 8]) -> bool) -> bool {
    if a.len() != b.len() {
        return false;
    }
    // The last eight bytes may overlap the ones before.
    if let (Some(a_end), Some(b_end)) = (a.last_chunk(), b.last_chunk()) {
        let words = a.as_chunks().0.iter().zip(b.as_chunks().0);
        return is_same(a_end, b_end) && words.into_iter().all(|(a, b)| is_same(a, b));
    }
    a.eq_ignore_ascii_case(b)
}

#[inline]
fn is_lower_word(word: &[u8; 8], lower: &[u8; 8]) -> bool {
    let lower = u64::from_le_bytes(*lower);
    // Where a letter stands, the bit that makes it a capital is of no account.
    let case = (lower & LETTER_BITS) >> 1;
    (u64::from_le_bytes(*word) ^ lower) & !case == 0
}

/// Whether two field names are the same, whatever their case (RFC 9110 §5.1).
#[inline]
pub fn same_name(a: &[u8], b: &[u8]) -> bool {
    are_same(a, b, is_same_word)
}

#[inline]
fn is_same_word(a: &[u8; 8], b: &[u8; 8]) -> bool {
    let (a, b) = (u64::from_le_bytes(*a), u64::from_le_bytes(*b));
    // Of each byte, by its upper bit: whether it is a letter, once it is in lower case. What is no
    // ASCII is none; without its upper bit no byte carries into the next.
    let low = (a | CASE_BITS) & !UPPER_BITS;
    let from_a = low + (UPPER_BITS - u64::from(b'a') * ONES);
    let behind_z = low + (UPPER_BITS - (u64::from(b'z') + 1) * ONES);
    let letters = from_a & !behind_z & !a & UPPER_BITS;
    (a ^ b) & !(letters >> 2) == 0
}

/// The highest bit of each byte of a word that is a capital of ASCII: shifted by two it is the bit that
/// makes it a small letter.
#[inline]
pub fn capitals(word: u64) -> u64 {
    let low = word & !UPPER_BITS;
    let from_a = low + (UPPER_BITS - u64::from(b'A') * ONES);
    let beyond_z = low + (UPPER_BITS - (u64::from(b'Z') + 1) * ONES);
    from_a & !beyond_z & !word & UPPER_BITS
}

const ONES: u64 = u64::MAX / 0xff;
const UPPER_BITS: u64 = ONES * 0x80;
/// By which letters differ in their cases.
const CASE_BITS: u64 = ONES * 0x20;

/// The bit that tells letters from digits and hyphens.
const LETTER_BITS: u64 = 0x4040_4040_4040_4040;

/// The one known name of each length and first letter.
static CANDIDATES: [[Name; LETTERS]; LONGEST + 1] = {
    let mut table = [[Name::Other; LETTERS]; LONGEST + 1];
    let mut at = 0;
    while at < Name::ALL.len() {
        let text = Name::ALL[at].as_str().as_bytes();
        let place = &mut table[text.len()][text[0] as usize % LETTERS];
        assert!(
            matches!(place, Name::Other),
            "two names of one length and first letter"
        );
        *place = Name::ALL[at];
        at += 1;
    }
    table
};

/// What is left of a letter without its case is less than this.
const LETTERS: usize = 32;

/// Length of the longest known name in bytes.
const LONGEST: usize = 20;

#[cfg(test)]
mod tests {
    use super::{Name, NameSet, same_name};

    #[test]
    fn two_names_are_the_same_whatever_the_case_of_their_letters_alone() {
        for length in [1, 7, 8, 9, 15, 16, 17, 31] {
            for at in 0..length {
                for (a, b) in (0..=u8::MAX).flat_map(|a| [(a, a ^ 0x20), (a, a ^ 0x80), (a, a)]) {
                    let [mut one, mut other] = [[b'x'; 31]; 2];
                    (one[at], other[at]) = (a, b);
                    let same = one.eq_ignore_ascii_case(&other);
                    assert_eq!(same_name(&one[..length], &other[..length]), same, "{a} {b}");
                }
            }
        }
        assert!(!same_name(b"host", b"hosts"));
    }

    #[test]
    fn case_does_not_matter_and_prefixes_do_not_count() {
        assert_eq!(Name::of(b"Content-LENGTH"), Name::ContentLength);
        assert_eq!(Name::of(b"content-lengt"), Name::Other);
        assert_eq!(Name::of(b""), Name::Other);
        assert_eq!(Name::Host.as_str(), "host");
    }

    #[test]
    fn every_name_is_recognised_and_none_that_differs_in_a_byte() {
        for name in Name::ALL {
            let text = name.as_str().as_bytes();
            assert_eq!(Name::of(text), *name);
            assert_eq!(Name::of(&text.to_ascii_uppercase()), *name);
            assert_eq!(Name::of_lower(text), *name);
            for at in 0..text.len() {
                for byte in 0..=255 {
                    let mut other = text.to_vec();
                    other[at] = byte;
                    let same = other.eq_ignore_ascii_case(text);
                    assert_eq!(Name::of(&other) == *name, same, "{}", other.escape_ascii());
                }
            }
        }
    }

    #[test]
    fn sets_hold_what_was_put_in() {
        let mut set = NameSet::of(&[Name::Host, Name::XForwardedFor]);
        assert!(set.contains(Name::XForwardedFor) && !set.contains(Name::Te));
        assert!(!set.meets(NameSet::of(&[Name::Te])));
        set.insert(Name::Te);
        set.remove(Name::Host);
        assert_eq!(set, NameSet::of(&[Name::Te, Name::XForwardedFor]));
    }
}
