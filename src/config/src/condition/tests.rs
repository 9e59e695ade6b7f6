use super::evaluate;
use alloc::string::String;

fn env(name: &str) -> Option<String> {
    (name == "SET").then(String::new)
}

fn holds(text: &str) -> bool {
    evaluate(text, &env).unwrap()
}

fn fails(text: &str) -> usize {
    evaluate(text, &env).unwrap_err().at
}

#[test]
fn integers_and_emptiness() {
    assert!(!holds(""));
    assert!(!holds("  "));
    assert!(!holds("0"));
    assert!(!holds("-0"));
    assert!(holds("1"));
    assert!(holds("-1000 && 200"));
    assert_eq!(fails("200rrr"), 3);
}

#[test]
fn and_binds_stronger_than_or() {
    assert!(holds("1 || 0 && 0"));
    assert!(holds("0 && 0 || 1"));
    assert!(!holds("(1 || 0) && 0"));
    assert!(holds("1&&!0&&!((streq(a,b)||!streq(a,a)&&1)||strneq(a,a))"));
    assert!(holds(
        "1   &&!   0&&    !((streq(a,b)||!streq(a,a)&&1)||strneq(a,a))"
    ));
    assert!(!holds(
        "1 && !0 && !((streq(a,b) || !streq(a,a) && 1) || strneq(a,b))"
    ));
}

#[test]
fn every_predicate_answers() {
    assert!(holds("defined(SET)"));
    assert!(!holds("defined(UNSET)"));
    assert!(holds("feature(THREAD)"));
    assert!(!holds("feature(OPENSSL)"));
    assert!(!holds("feature(NONSENSE)"));
    assert!(holds("enabled(EPOLL)"));
    assert!(!holds("enabled(KQUEUE)"));
    assert!(!holds("fips_mode()"));
    assert!(!holds("fips_mode"));
    assert!(holds("strstr(foobar,oba)"));
    assert!(!holds("strstr(foobar,x)"));
    assert!(holds("streq(foo,'foo')"));
    assert!(holds("strneq(foo,bar)"));
    assert!(holds("version_atleast(3.5-dev4)"));
    assert!(!holds("version_atleast(3.5)"));
    assert!(holds("version_before(3.5)"));
    for absent in [
        "openssl_version_atleast(1.1.1)",
        "openssl_version_before(3.0)",
        "ssllib_name_startswith(OpenSSL)",
        "awslc_api_atleast(1)",
        "awslc_api_before(1)",
    ] {
        assert!(!holds(absent), "{absent}");
    }
}

#[test]
fn arguments_have_their_own_quotes() {
    assert!(holds("streq(\"a b\",'a b')"));
    assert!(holds(r"streq(a\,b,'a,b')"));
    assert!(holds("streq(')',\\))"));
    assert!(!holds("streq(a, a)"));
    assert!(holds("streq(,'')"));
}

#[test]
fn mistakes_are_found_even_where_the_value_does_not_matter() {
    assert_eq!(fails("!(0))"), 4);
    assert_eq!(fails("foo(a)"), 0);
    assert_eq!(fails("1 || foo"), 5);
    assert_eq!(fails("(1"), 2);
    assert_eq!(fails("streq(a"), 5);
    assert_eq!(fails("streq(a,'b"), 8);
    assert_eq!(fails("streq(a)"), 0);
    assert_eq!(fails("version_atleast(x.y)"), 0);
    assert_eq!(fails("!"), 1);
}

#[test]
fn nesting_is_bounded() {
    let mut deep = String::new();
    deep.extend(core::iter::repeat_n('(', 1_000_000));
    assert!(evaluate(&deep, &env).is_err());
}
