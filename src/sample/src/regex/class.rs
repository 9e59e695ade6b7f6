//! Reads what stands between `[` and `]`.

use super::parse::Parser;
use super::set::Set;
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;

/// One part of a class.
enum Item {
    /// One byte, which may begin or end a range.
    Byte(u8),
    /// Several, which may not.
    Set(Set),
}

impl<'a> Parser<'a> {
    /// The set behind a `[` that was taken.
    pub(super) fn class(&mut self) -> Result<Set, String> {
        let begin = self.at;
        if self.posix_name().is_some() {
            return Err("POSIX named classes are supported only within a class".to_owned());
        }
        let negated = self.take("^");
        let mut set = Set::default();
        let first = self.at;
        loop {
            self.skip_in_class();
            if self.at != first && !self.quoted && self.take("]") {
                break;
            }
            let from = match self.item(begin)? {
                Item::Byte(byte) => byte,
                Item::Set(items) => {
                    set.add_all(&items);
                    // A hyphen that is no range and not the last one is a mistake.
                    if !self.quoted && self.peek() == Some(b'-') && !self.ends_with_hyphen() {
                        return Err("invalid range in character class".to_owned());
                    }
                    continue;
                }
            };
            self.skip_in_class();
            let range = !self.quoted && self.peek() == Some(b'-') && !self.ends_with_hyphen();
            if !range {
                set.add(from);
                continue;
            }
            self.at += 1;
            self.skip_in_class();
            match self.item(begin)? {
                Item::Byte(to) if from <= to => set.add_all(&Set::ranges(&[from..=to])),
                Item::Byte(_) => return Err("range out of order in character class".to_owned()),
                Item::Set(_) => return Err("invalid range in character class".to_owned()),
            }
        }
        if self.options.ignore_case {
            set = set.ignoring_case();
        }
        Ok(if negated { !set } else { set })
    }

    /// Whether the hyphen that comes next is the last of the class.
    fn ends_with_hyphen(&self) -> bool {
        self.text.get(self.at + 1) == Some(&b']')
    }

    fn skip_in_class(&mut self) {
        loop {
            if self.quoted && self.take("\\E") {
                self.quoted = false;
            } else if self.quoted {
                return;
            } else if self.take("\\Q") {
                self.quoted = true;
            } else if self.options.spaced_class && matches!(self.peek(), Some(b' ' | b'\t')) {
                self.at += 1;
            } else if !self.take("\\E") {
                return;
            }
        }
    }

    fn item(&mut self, begin: usize) -> Result<Item, String> {
        let Some(byte) = self.next() else {
            self.at = begin;
            return Err("missing terminating ] for character class".to_owned());
        };
        match byte {
            _ if self.quoted => Ok(Item::Byte(byte)),
            b'[' => self.posix(),
            b'\\' => {
                let Some(byte) = self.next() else {
                    return Err("\\ at end of pattern".to_owned());
                };
                if let Some(set) = Set::escape(byte) {
                    return Ok(Item::Set(set));
                }
                match byte {
                    b'b' => Ok(Item::Byte(8)),
                    b'B' | b'R' | b'N' => {
                        Err("escape sequence is invalid in character class".to_owned())
                    }
                    b'1'..=b'7' => {
                        self.at -= 1;
                        let code = self.octal(3).unwrap_or(0);
                        let byte = u8::try_from(code);
                        byte.map(Item::Byte)
                            .map_err(|_| "character code is too large".to_owned())
                    }
                    byte => self.character(byte).map(Item::Byte),
                }
            }
            byte => Ok(Item::Byte(byte)),
        }
    }

    /// `[:name:]` behind its first bracket, or just that bracket.
    fn posix(&mut self) -> Result<Item, String> {
        let Some((kind, name)) = self.posix_name() else {
            return Ok(Item::Byte(b'['));
        };
        if kind != b':' {
            return Err("POSIX collating elements are not supported".to_owned());
        }
        self.at += name.len() + 3;
        let (negated, name) = match name.strip_prefix('^') {
            Some(name) => (true, name),
            None => (false, name),
        };
        // With `i` the cases of letters are the same to a class, too.
        let name = match name {
            "lower" | "upper" if self.options.ignore_case => "alpha",
            name => name,
        };
        let set = Set::posix(name).ok_or_else(|| format!("unknown POSIX class name '{name}'"))?;
        Ok(Item::Set(if negated { !set } else { set }))
    }

    /// The kind and the name of `[:name:]`, of which the first bracket was taken.
    fn posix_name(&self) -> Option<(u8, &'a str)> {
        let text: &'a [u8] = self.text;
        let rest = &text[self.at..];
        let (&kind @ (b':' | b'.' | b'='), inside) = rest.split_first()? else {
            return None;
        };
        let end = inside.windows(2).position(|two| two == [kind, b']'])?;
        let name = core::str::from_utf8(&inside[..end]).ok()?;
        let mut letters = name.strip_prefix('^').unwrap_or(name).bytes();
        letters
            .all(|it| it.is_ascii_alphabetic())
            .then_some((kind, name))
    }
}
