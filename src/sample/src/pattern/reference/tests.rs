//! A list under edits, against one that is searched from its beginning to its end.

use super::Reference;
use crate::pattern::{Entry, How, Matching, Output, Refusal, Shape};
use crate::value::Value;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use core::net::IpAddr;
use core::ops::ControlFlow;
use proptest::prelude::*;

mod naive;

/// What is done to a list.
#[derive(Clone, Debug)]
enum Edit {
    Add(Option<u32>, String),
    Delete(String),
    DeleteId(usize),
    Set(String, u8),
    Clear(Option<u32>),
    Prepare,
    Commit(u32),
}

/// A list that is searched from its beginning to its end.
#[derive(Default)]
struct Model {
    current: Vec<(u64, String, String)>,
    coming: BTreeMap<u32, Vec<(u64, String, String)>>,
    version: u32,
    newest: u32,
    last_id: u64,
}

impl Model {
    fn find(&self, how: How, value: &Value<'_>) -> Option<&(u64, String, String)> {
        let mut best: Option<(i64, &(u64, String, String))> = None;
        for entry in &self.current {
            if let Some(quality) = naive::quality(how, &entry.1, value)
                && best.is_none_or(|best| best.0 < quality)
            {
                best = Some((quality, entry));
            }
        }
        best.map(|best| best.1)
    }

    /// The versions count from the one in use.
    fn version(&self, which: Option<u32>) -> Option<u32> {
        which.map(|which| self.version + which)
    }
}

/// Does the same to both.
fn edit(list: &Reference, model: &mut Model, edit: Edit) {
    match edit {
        Edit::Add(which, key) => {
            let version = model.version(which);
            let added = list.add(version, key.as_bytes(), Some(b"0"));
            let version = version.unwrap_or(model.version);
            if version > model.newest {
                assert_eq!(added, Err(Refusal::NotPrepared));
                return;
            }
            assert_eq!(added, Ok(()));
            model.last_id += 1;
            let entry = (model.last_id, key, "0".to_string());
            match version == model.version {
                true => model.current.push(entry),
                false => model.coming.entry(version).or_default().push(entry),
            }
        }
        Edit::Delete(key) => {
            let before = model.current.len();
            model.current.retain(|entry| entry.1 != key);
            assert_eq!(list.delete(key.as_bytes()), before - model.current.len());
        }
        Edit::DeleteId(at) => {
            let id = match model.current.is_empty() {
                true => 0,
                false => model.current.remove(at % model.current.len()).0,
            };
            assert_eq!(list.delete_id(id), id != 0);
            assert!(!list.delete_id(id));
        }
        Edit::Set(key, value) => {
            let mut count = 0;
            for entry in model.current.iter_mut().filter(|entry| entry.1 == key) {
                entry.2 = value.to_string();
                count += 1;
            }
            let value = value.to_string();
            assert_eq!(list.set(key.as_bytes(), value.as_bytes()), Ok(count));
        }
        Edit::Clear(which) => {
            let version = model.version(which);
            list.clear(version);
            match version.filter(|&version| version != model.version) {
                None => model.current.clear(),
                Some(version) => {
                    model.coming.remove(&version);
                }
            }
        }
        Edit::Prepare => {
            model.newest += 1;
            assert_eq!(list.prepare(), model.newest);
        }
        Edit::Commit(which) => {
            let version = model.version + which;
            let committed = list.commit(version);
            if which == 0 || version > model.newest {
                assert_eq!(committed, Err(Refusal::OutOfRange));
                return;
            }
            assert_eq!(committed, Ok(()));
            model.current = model.coming.remove(&version).unwrap_or_default();
            model.coming.retain(|&other, _| other > version);
            model.version = version;
        }
    }
}

/// Both say the same of everything.
fn compare(list: &Reference, model: &Model, hows: &[How], values: &[Value<'static>]) {
    let mut shown = Vec::new();
    list.show(None, None, &mut |entry| {
        shown.push(owned(entry));
        ControlFlow::Continue(())
    });
    assert_eq!(shown, model.current);
    let overview = list.overview();
    let coming: usize = model.coming.values().map(Vec::len).sum();
    assert_eq!(overview.patterns, (shown.len() + coming) * hows.len());
    assert_eq!(
        (overview.version, overview.newest),
        (model.version, model.newest)
    );
    for &how in hows {
        let way = list
            .searched(how, Output::Text, &mut |_| None)
            .expect("it is there already");
        for value in values {
            let found = list.find(way, value, owned);
            let expected = model.find(how, value).cloned();
            assert_eq!(found, expected, "{how:?} {value:?} in {shown:?}");
        }
    }
}

fn owned(entry: &Entry) -> (u64, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let value = entry.value().unwrap_or_default();
    (entry.id, text(entry.key()), text(value))
}

/// Edits a list that begins with `text` and is searched in all `hows`.
fn check(hows: &[How], text: &[String], edits: Vec<Edit>, values: &[Value<'static>]) {
    let file: String = text.iter().map(|key| format!("{key} 0\n")).collect();
    let list = Reference::new(0, Some("it"), Shape::Map, file.as_bytes(), [3, 4]);
    let mut model = Model {
        last_id: text.len() as u64,
        ..Model::default()
    };
    let entries = text.iter().enumerate();
    model.current = entries
        .map(|(at, key)| (at as u64 + 1, key.clone(), "0".to_string()))
        .collect();
    for &how in hows {
        list.searched(how, Output::Text, &mut |_| None)
            .expect("the keys are valid");
    }
    compare(&list, &model, hows, values);
    for one in edits {
        edit(&list, &mut model, one);
        compare(&list, &model, hows, values);
    }
}

fn edits(key: impl Strategy<Value = String> + Clone + 'static) -> impl Strategy<Value = Vec<Edit>> {
    let version = prop::option::weighted(0.3, 0..3_u32);
    let one = prop_oneof![
        8 => (version.clone(), key.clone()).prop_map(|(version, key)| Edit::Add(version, key)),
        4 => key.clone().prop_map(Edit::Delete),
        3 => any::<usize>().prop_map(Edit::DeleteId),
        2 => (key, 1..9_u8).prop_map(|(key, value)| Edit::Set(key, value)),
        1 => version.prop_map(Edit::Clear),
        1 => Just(Edit::Prepare),
        1 => (0..3_u32).prop_map(Edit::Commit),
    ];
    prop::collection::vec(one, 0..24)
}

fn both(matchings: &[Matching]) -> Vec<How> {
    let how = |&matching| {
        [false, true].map(|ignore_case| How {
            matching,
            ignore_case,
        })
    };
    matchings.iter().flat_map(how).collect()
}

/// Texts that share what they begin and end with, for more than a word.
fn long() -> BoxedStrategy<String> {
    "[abA./]((a{7}|a{8}|a{9}|AAAAaaaa|ab/ab\\.ab)[./]?){0,3}[abA./]{0,2}".boxed()
}

fn addresses() -> impl Strategy<Value = IpAddr> {
    let v4 = "(1|10|127|192)\\.(0|1|2|128)\\.(0|1|64)\\.(0|1|3|255)";
    let v6 = format!("2001:db8:[0-3]::[0-3]|::ffff:({v4})|::({v4})|2002:0?a0[0-2]:[0-2]::|::1");
    prop_oneof![
        v4.prop_map(|text: String| text),
        prop::string::string_regex(&v6).expect("an expression"),
    ]
    .prop_map(|text| text.parse().expect("an address"))
}

fn networks() -> impl Strategy<Value = String> + Clone {
    (
        any::<u8>(),
        addresses_boxed(),
        prop::sample::select(vec!["255.0.0.255", "255.255.0.0", "0.0.0.3"]),
    )
        .prop_map(|(bits, address, mask)| match (address, bits % 4) {
            (address, 0) => address.to_string(),
            (IpAddr::V4(address), 1) => format!("{address}/{mask}"),
            (IpAddr::V4(address), _) => format!("{address}/{}", bits % 33),
            (IpAddr::V6(address), _) => format!("{address}/{}", bits % 129),
        })
}

fn addresses_boxed() -> BoxedStrategy<IpAddr> {
    addresses().boxed()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn texts_are_found_as_if_one_looked_at_each(
        text in prop::collection::vec("[abA]{1,3}|[ab]{1,8}", 0..8),
        edits in edits("[abA]{1,3}|[ab]{1,8}"),
        values in prop::collection::vec("[abAB]{0,6}", 1..8),
    ) {
        let hows = both(&[Matching::Str, Matching::Beg, Matching::Sub, Matching::End]);
        let values: Vec<_> = values.into_iter().map(|text| Value::Text(text.into_bytes().into())).collect();
        check(&hows, &text, edits, &values);
    }

    #[test]
    fn segments_are_found_as_if_one_looked_at_each(
        text in prop::collection::vec("[abA/?.:]{1,4}", 0..6),
        edits in edits("[abA/?.:]{1,4}"),
        values in prop::collection::vec("[abA/?.:]{0,8}", 1..8),
    ) {
        let hows = both(&[Matching::Dir, Matching::Dom]);
        let values: Vec<_> = values.into_iter().map(|text| Value::Text(text.into_bytes().into())).collect();
        check(&hows, &text, edits, &values);
    }

    #[test]
    fn long_texts_are_found_as_if_one_looked_at_each(
        text in prop::collection::vec(long(), 0..12),
        edits in edits(long()),
        values in prop::collection::vec(long(), 1..12),
    ) {
        let hows = both(&[Matching::Beg, Matching::Sub, Matching::End, Matching::Dir, Matching::Dom]);
        let values: Vec<_> = values.into_iter().map(|text| Value::Text(text.into_bytes().into())).collect();
        check(&hows, &text, edits, &values);
    }

    #[test]
    fn bytes_are_found_as_if_one_looked_at_each(
        edits in edits("4[12](4a)?(4A)?"),
        values in prop::collection::vec("[ABJ]{0,3}", 1..8),
    ) {
        let values: Vec<_> = values.into_iter().map(|text| Value::Bytes(text.into_bytes().into())).collect();
        check(&[How::exactly(Matching::Bin)], &[], edits, &values);
    }

    #[test]
    fn numbers_are_found_as_if_one_looked_at_each(
        edits in edits("[0-9]|[0-4]:[5-9]|[0-9]:|:[0-9]"),
        values in prop::collection::vec(-1..11_i64, 1..8),
    ) {
        let numbers: Vec<_> = values.iter().map(|&number| Value::Int(number)).collect();
        check(&[How::exactly(Matching::Int)], &[], edits.clone(), &numbers);
        let texts: Vec<_> = values.iter().map(|&length| Value::Text(vec![b'x'; length.max(0) as usize].into())).collect();
        check(&[How::exactly(Matching::Len)], &[], edits, &texts);
    }

    #[test]
    fn networks_are_found_as_if_one_looked_at_each(
        text in prop::collection::vec(networks(), 0..20),
        edits in edits(networks()),
        values in prop::collection::vec(addresses(), 1..20),
    ) {
        let values: Vec<_> = values.into_iter().map(Value::address).collect();
        check(&[How::exactly(Matching::Ip)], &text, edits, &values);
    }
}
