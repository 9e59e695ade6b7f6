//! Lists of fields as `req.hdrs_bin` has them: each string with its length in front, as SPOE and the
//! peers' protocol write it.

/// Takes the names, and with `values` the values, out of a list; an empty name ends it.
pub(super) fn fields(list: &[u8], values: bool) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut rest = list;
    core::iter::from_fn(move || {
        let name = string(&mut rest)?;
        if name.is_empty() {
            return None;
        }
        let value = if values { string(&mut rest)? } else { &[] };
        Some((name, value))
    })
}

fn string<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let len = usize::try_from(length(rest)?).ok()?;
    let (string, behind) = rest.split_at_checked(len)?;
    *rest = behind;
    Some(string)
}

/// A number: below 240 one byte, else four bits of it and seven in each byte that follows.
fn length(rest: &mut &[u8]) -> Option<u64> {
    let mut next = || {
        let (first, behind) = rest.split_first()?;
        *rest = behind;
        Some(u64::from(*first))
    };
    let mut number = next()?;
    if number < 240 {
        return Some(number);
    }
    let mut shift = 4;
    loop {
        let byte = next()?;
        number = number.checked_add(byte.checked_shl(shift)?)?;
        shift += 7;
        if byte < 128 {
            return Some(number);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::fields;

    #[test]
    fn names_and_values_come_out_until_the_empty_name() {
        let list = b"\x01a\x02bc\x01d\x00\x00\x00\x01x";
        let all: alloc::vec::Vec<_> = fields(list, true).collect();
        assert_eq!(all, [(&b"a"[..], &b"bc"[..]), (b"d", b"")]);
    }

    #[test]
    fn lengths_beyond_one_byte_are_read_and_broken_lists_end() {
        let mut list = alloc::vec![0xf0, 0x01];
        list.extend_from_slice(&[b'n'; 256]);
        list.push(0);
        assert_eq!(fields(&list, true).next().unwrap().0.len(), 256);
        assert_eq!(fields(b"\x05ab", false).count(), 0);
        assert_eq!(
            fields(b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", false).count(),
            0
        );
    }
}
