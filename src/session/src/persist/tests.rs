//! Any bytes as cookies. What is done with well-formed ones stands in `persist/observed.tsv` of
//! `snapshots`.

use super::{Holder, Tie, answer, present};
use crate::settings::{CookieUses, PersistCookie};
use alloc::vec::Vec;
use balance::ServerIndex;
use base::Rng;
use message::{Head, Name, Version};

const NOW: u64 = 400_000;

fn cookie(uses: CookieUses) -> PersistCookie {
    PersistCookie {
        name: "S".into(),
        uses,
        attributes: "; path=/".into(),
        idle_max: Some(60),
        life_max: Some(600),
    }
}

/// A line of what means something in cookies.
fn line(rng: &mut Rng) -> Vec<u8> {
    let pieces: [&[u8]; 14] = [
        b"S", b"=", b";", b",", b" ", b"\"", b"\\", b"|", b"~", b"$", b"B", b"AAYag", b"t=1",
        b"S=B",
    ];
    let count = rng.below(16);
    let pieces = (0..count).map(|_| pieces[rng.below(14) as usize]);
    pieces.collect::<Vec<_>>().concat().trim_ascii().to_vec()
}

fn seen(head: &mut Head, cookie: &PersistCookie) -> u8 {
    let mut holder = |value: &[u8]| match value {
        b"B" => Holder::Usable(ServerIndex(0)),
        _ => Holder::Nobody,
    };
    present(head, cookie, true, NOW, &mut holder, &mut Vec::new()).letter
}

#[test]
fn nothing_of_a_cookie_that_servers_are_not_to_see_is_left_whatever_is_around_it() {
    let indirect = cookie(CookieUses::INSERT | CookieUses::INDIRECT);
    let mut rng = Rng::from_u64(1);
    for _ in 0..50_000 {
        let lines = [line(&mut rng), line(&mut rng)];
        let mut head = Head::default();
        head.set_request(b"GET", b"/", Version::Http11);
        for line in &lines {
            head.push(b"cookie", line);
        }
        seen(&mut head, &indirect);
        let left: Vec<_> = head.values(Name::Cookie).map(<[u8]>::to_vec).collect();
        assert_eq!(
            seen(&mut head, &indirect),
            b'N',
            "{lines:?} became {left:?}"
        );
    }
}

#[test]
fn an_answer_sets_the_cookie_once_whatever_the_server_sets() {
    let insert = cookie(CookieUses::INSERT);
    let mut rng = Rng::from_u64(2);
    for _ in 0..50_000 {
        let lines = [line(&mut rng), line(&mut rng)];
        let mut head = Head::default();
        head.set_response(200, b"OK", Version::Http11);
        for line in &lines {
            head.push(b"set-cookie", line);
        }
        let (tie, mut buffer) = (Tie::default(), Vec::new());
        let letter = answer(
            &mut head,
            b"GET",
            &insert,
            &tie,
            Some(b"A"),
            NOW,
            &mut buffer,
        );
        let ours = |value: &&[u8]| value.starts_with(b"S=");
        let set: Vec<&[u8]> = head.values(Name::SetCookie).filter(ours).collect();
        assert_eq!(letter, b'I');
        assert_eq!(set, [b"S=A|AAYag|AAYag; path=/"], "{lines:?}");
    }
}
