//! Where in an entry a data type stands.

use crate::data::{COUNT, DataType, Kind};
use crate::definition::Definition;

/// Where the data types of one table stand in its entries.
#[derive(Clone, Debug)]
pub struct Layout {
    places: [Place; COUNT],
    words: usize,
}

#[derive(Clone, Copy, Debug, Default)]
struct Place {
    /// 0 if it is not stored.
    elements: u32,
    at: u16,
    period_ms: u32,
    factor: u32,
}

/// One value of an entry, found once and used often; of use with entries of its own table alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    pub(crate) at: u16,
    pub(crate) kind: Kind,
    pub(crate) period_ms: u32,
    /// How much one event of a rate stands for (`brates-factor`).
    pub(crate) factor: u32,
}

impl Layout {
    pub(crate) fn new(definition: &Definition) -> Self {
        let mut places = [Place::default(); COUNT];
        let mut words = 0;
        for stored in definition.stored() {
            places[stored.data as usize] = Place {
                elements: stored.elements,
                at: words,
                period_ms: stored.period_ms,
                factor: match stored.data {
                    DataType::BytesInRate | DataType::BytesOutRate => {
                        definition.brates_factor.max(1)
                    }
                    _ => 1,
                },
            };
            // At most 27 types of 100 elements of 2 words.
            words += words_of(stored.data.kind()) * stored.elements as u16;
        }
        Self {
            places,
            words: words.into(),
        }
    }

    /// How many words an entry has.
    pub(crate) fn words(&self) -> usize {
        self.words
    }

    /// Element `index` of `data`; what is no array has element 0. `gpc0` and its kin also find the
    /// element of the array that stands in for them.
    pub fn find(&self, data: DataType, index: u32) -> Option<Slot> {
        self.exactly(data, index).or_else(|| {
            let (array, element) = data.in_array().filter(|_| index == 0)?;
            self.exactly(array, element)
        })
    }

    /// Element `index` of `data`, under this name alone.
    pub fn exactly(&self, data: DataType, index: u32) -> Option<Slot> {
        let place = self.places[data as usize];
        let kind = data.kind();
        (index < place.elements).then(|| Slot {
            // Below `words`, which fits.
            at: place.at + words_of(kind) * index as u16,
            kind,
            period_ms: place.period_ms,
            factor: place.factor,
        })
    }

    /// How many elements of `data` there are; 0 if it is not stored.
    pub fn elements(&self, data: DataType) -> u32 {
        self.places[data as usize].elements
    }
}

impl Slot {
    /// The period of a rate in milliseconds; 0 for others.
    pub fn period_ms(self) -> u32 {
        self.period_ms
    }

    /// How many bytes make one event of a rate of bytes (`brates-factor`); 1 for others.
    pub fn factor(self) -> u32 {
        self.factor
    }
}

/// Words that one element takes. A text stands beside the words.
fn words_of(kind: Kind) -> u16 {
    match kind {
        Kind::Signed | Kind::Unsigned | Kind::Long => 1,
        Kind::Rate => 2,
        Kind::Text => 0,
    }
}
