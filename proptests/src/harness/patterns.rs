//! Files of patterns and maps: any bytes as one, searched and edited.

use base::{Epoch, Rng};
use sample::names::Lists;
use sample::pattern::{Acl, Criterion, Entry, Matching, Reference, References};
use sample::{Type, Value, Work};
use std::net::IpAddr;
use std::ops::ControlFlow;
use std::sync::Arc;

/// Whatever stands in a list, it is read or refused with a reason; a list that is read line by line at run
/// time matches what the file matches; and once every entry is deleted, nothing matches.
///
/// The first byte of `input` chooses how it is searched, the second where values begin.
pub fn bytes_as_a_list(input: &[u8]) {
    bytes_as_entries(input, &["-f", "file"]);
}

/// The same for a file of two columns.
pub fn bytes_as_a_map(input: &[u8]) {
    bytes_as_entries(input, &["-M", "-f", "file"]);
}

fn bytes_as_entries(input: &[u8], flags: &[&str]) {
    let [way, split, bytes @ ..] = input else {
        return;
    };
    let matching = MATCHINGS[usize::from(way >> 1) % MATCHINGS.len()];
    let mut words = vec!["-m", matching.name()];
    words.extend((way & 1 == 1).then_some("-i"));
    words.extend(flags);
    let bytes = &bytes[..bytes.len().min(FILE_BYTES_MAX)];
    let (text, values) = bytes.split_at(bytes.len() * usize::from(*split) / 256);
    let Some(loaded) = read(text, &words) else {
        return;
    };
    // An optional file that is not there: an empty list, to which the same entries are added.
    let filled = read(&[], &words).expect("an empty file is a list");
    entries(&loaded.1).iter().for_each(|entry| {
        let added = filled.1.add(None, entry.key(), entry.value());
        assert_eq!(added, Ok(()), "{entry:?} is refused at run time");
    });
    let lines = values.split(|&byte| byte == b'\n').chain([b"".as_slice()]);
    let tests = |acl: &Acl| -> Vec<bool> {
        let mut work = Work::new(Epoch(0), Rng::from_u64(1), FILE_BYTES_MAX);
        let lines = lines.clone();
        lines
            .map(|line| acl.matches(Value::text(line), &mut work))
            .collect()
    };
    assert_eq!(
        tests(&loaded.0),
        tests(&filled.0),
        "loaded and added differ"
    );
    for (at, entry) in entries(&filled.1).iter().enumerate() {
        match at % 2 {
            0 => assert!(filled.1.delete_id(entry.id) || at > 0, "{entry:?}"),
            _ => {
                filled.1.delete(entry.key());
            }
        }
    }
    assert!(entries(&filled.1).is_empty(), "something is left");
    let none = tests(&filled.0).into_iter().any(|matches| matches);
    assert!(!none, "an empty list matches");
}

fn entries(list: &Reference) -> Vec<Entry> {
    let mut all = Vec::new();
    list.show(None, None, &mut |entry| {
        all.push(entry.clone());
        ControlFlow::Continue(())
    });
    all
}

/// An ACL over a file with this text, and its list.
fn read(text: &[u8], words: &[&str]) -> Option<(Acl, Arc<Reference>)> {
    let mut file = File {
        text: text.to_vec(),
        references: References::new([1, 2]),
    };
    let criterion = Criterion {
        keyword: "it",
        implied: None,
        overridden: false,
        output: Type::Text,
    };
    match Acl::parse(criterion, words, &mut file) {
        Ok(read) => {
            let directory = file.references.numbered();
            let list = directory.find("file").expect("it was named");
            Some((read.acl, list.clone()))
        }
        Err(why) => {
            assert!(!why.is_empty(), "refused without a reason");
            None
        }
    }
}

struct File {
    text: Vec<u8>,
    references: References,
}

impl Lists for File {
    fn references(&mut self) -> &mut References {
        &mut self.references
    }

    fn file(&mut self, _: &str) -> Result<Vec<u8>, String> {
        Ok(std::mem::take(&mut self.text))
    }

    fn optional_file(&mut self, path: &str) -> Result<Option<Vec<u8>>, String> {
        self.file(path).map(Some)
    }

    fn resolve(&mut self, _: &str) -> Option<IpAddr> {
        None
    }

    fn place(&self) -> String {
        "file 'it' line 1".into()
    }
}

/// Those that look at patterns.
const MATCHINGS: [Matching; 11] = [
    Matching::Int,
    Matching::Ip,
    Matching::Bin,
    Matching::Len,
    Matching::Str,
    Matching::Beg,
    Matching::Sub,
    Matching::Dir,
    Matching::Dom,
    Matching::End,
    Matching::Reg,
];

/// What of an input is looked at, bytes.
const FILE_BYTES_MAX: usize = 16_384;
