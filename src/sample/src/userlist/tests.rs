use super::{Password, User, Userlist};
use alloc::string::String;

/// Hashes that libxcrypt made.
const HASHES: &[(&str, &str)] = &[
    ("p", "ab8Smhzf5D4wA"),
    ("longer than eight", "zz.JiwC6aD7cA"),
    ("", "..X8NBuQ4l6uQ"),
    ("12345678", "/9svAkHoF4uHY"),
    ("password", "rqVTKtRlPS2tM"),
    ("\u{7f}~A", "Az8yIWEwsHCYw"),
    ("p", "$1$abcdefgh$HxWb8VZZ8HqzOKVuLaoxI."),
    ("", "$1$x$fwjfZtMwarkdetsjiQreU1"),
    (
        "a much longer password than sixteen bytes are",
        "$1$12345678$Goxy9FKIrQNdliSZNyuyA1",
    ),
    (
        "p",
        "$5$saltstring$bHDezQ11.kGpMEJnAYcLH3GbJx50MyBJhhBEEKwts0/",
    ),
    (
        "Hello world!",
        "$5$rounds=10000$saltstringsaltst$3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA",
    ),
    ("", "$5$s$u9jS/E6rlpZoj8KCMVhpLKJh2MrO5hc9UBdfKCcvVU7"),
    (
        "p",
        "$6$abc/./def$pyFv5EKwZz.CcYIjdkBtTTkZSYN.uOuRGqmNhMoPVJJV7TCp5HQn1as9GU08k.Sx.DtpNYfu2MDNLUlWxXwJc1",
    ),
    (
        "Hello world!",
        "$6$rounds=1234$anotherlongsalts$QxK2Oe4XLzfdbx9efB491ahorJS3C9iTzdsiy1oeuxCJGoIx/18Std8nImTkAR3ZbRJcuvetJbNeBBBFyJZeN1",
    ),
    (
        "pass",
        "$6$$XIC8hA3wwOrjQtPyqAVL.eATB9MjWMfjr4PBDB1dPvuiFxTZawLpzvFxyWHdUsD2It1W3GpMlqAfcRAhpPwP4.",
    ),
    (
        "p",
        "$2b$04$abcdefghijklmnopqrstuudMegMbPN37MbpdEfAtP66w1z0RBCtLG",
    ),
    (
        "",
        "$2y$04$......................w74bL5gU7LSJClZClCa.Pkz14aTv/XO",
    ),
    (
        "pppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppp",
        "$2b$04$CCCCCCCCCCCCCCCCCCCCC.9IMwEEB6ngnCQ877bhhi.EzQPLJPeC6",
    ),
];

fn is_user(password: Password, tried: &str) -> bool {
    let user = User {
        name: "u".into(),
        password: Some(password),
        groups: [].into(),
    };
    let list = Userlist {
        users: [user].into(),
    };
    assert!(list.find(b"v", tried.as_bytes()).is_none());
    list.find(b"u", tried.as_bytes()).is_some()
}

#[test]
fn a_password_fits_its_hash_and_no_other_does() {
    for (password, hash) in HASHES {
        let read = || Password::hashed(hash).expect(hash);
        assert!(is_user(read(), password), "{hash}");
        assert!(!is_user(read(), "another"), "{hash}");
    }
}

#[test]
fn a_password_that_is_no_hash_is_compared_as_it_is() {
    assert!(is_user(Password::plain(b"secret"), "secret"));
    assert!(!is_user(Password::plain(b"secret"), "secre"));
}

#[test]
fn what_is_no_hash_that_can_be_made_is_refused_without_being_shown() {
    let refused = |text| Password::hashed(text).map(|_| ()).unwrap_err();
    assert_eq!(
        refused("$y$j9T$salt$hash"),
        "unsupported hash of a password, '$y$'"
    );
    assert_eq!(refused("secret"), "a password that is no hash");
    assert_eq!(
        refused("$6$rounds=10$salt$hash"),
        "the rounds of a hash are from 1000 to 999999999, not '10'"
    );
    let incomplete = String::from("incomplete hash of a password");
    for text in [
        "$1$salt",
        "$6$salt",
        "$5$rounds=5000",
        "$2b$04$short",
        "$2b$99$abcdefghijklmnopqrstuu",
    ] {
        assert_eq!(refused(text), incomplete, "{text}");
    }
}
