//! Properties of MQTT 5.0 (§2.2.2).

use super::Kinds;
use super::packet::Reader;
use core::ops::Range;

/// Where properties stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Connect,
    Will,
    Connack,
}

/// What a property holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    /// 0 or 1.
    Flag,
    /// Two bytes.
    Two,
    /// Two bytes, and not 0.
    TwoNotZero,
    /// Four bytes.
    Four,
    /// Four bytes, and not 0.
    FourNotZero,
    /// Text or data, not empty.
    Text,
    /// Two texts: a user's property, which may come several times.
    Pair,
}

/// Values of the properties of one place; what is not there is 0 or empty.
#[derive(Clone, Debug, Default)]
pub(super) struct Properties {
    numbers: [u32; TABLE.len()],
    texts: [Option<Range<usize>>; TABLE.len()],
}

impl Properties {
    /// Reads those of `place`: their length, then one after the other, each once.
    pub(super) fn read(reader: &mut Reader<'_>, place: Place) -> Option<Self> {
        let length = reader.length()?;
        let mut inside = reader.part(length)?;
        let mut properties = Self::default();
        let mut seen = [false; TABLE.len()];
        while !inside.is_empty() {
            let id = inside.byte()?;
            let is_it = |it: &&Row| it.id == id && it.places.contains(&place);
            let row = TABLE.iter().find(is_it)?;
            let at = row.at();
            if seen[at] && row.holds != Holds::Pair {
                return None;
            }
            seen[at] = true;
            let number = match row.holds {
                Holds::Flag => Some(inside.byte()?.into()).filter(|it| *it < 2),
                Holds::Two => Some(inside.two()?.into()),
                Holds::TwoNotZero => Some(inside.two()?.into()).filter(|it| *it > 0),
                Holds::Four => Some(inside.four()?),
                Holds::FourNotZero => Some(inside.four()?).filter(|it| *it > 0),
                Holds::Text => {
                    let text = inside.text()?;
                    properties.texts[at] = Some(text).filter(|it| !it.is_empty());
                    properties.texts[at].as_ref().map(|_| 0)
                }
                Holds::Pair => {
                    inside.text()?;
                    inside.text()?;
                    Some(0)
                }
            };
            properties.numbers[at] = number?;
        }
        Some(properties)
    }

    pub(super) fn number(&self, row: &Row) -> u32 {
        self.numbers[row.at()]
    }

    pub(super) fn text(&self, row: &Row) -> Option<Range<usize>> {
        self.texts[row.at()].clone()
    }
}

/// One property.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) id: u8,
    pub(super) holds: Holds,
    pub(super) places: &'static [Place],
}

impl Row {
    /// The property that a configuration calls `name`, in one of the places of `kind`.
    pub(super) fn named(kind: Kinds, name: &str) -> Option<&'static Self> {
        let mut digits = itoa::Buffer::new();
        TABLE.iter().find(|row| {
            let here = match kind {
                Kinds::Connect => !row.places.iter().all(|place| *place == Place::Connack),
                Kinds::Connack => row.places.contains(&Place::Connack),
            };
            here && digits.format(row.id) == name
        })
    }

    fn at(&self) -> usize {
        TABLE.iter().position(|row| row.id == self.id).unwrap_or(0)
    }
}

const fn row(id: u8, holds: Holds, places: &'static [Place]) -> Row {
    Row { id, holds, places }
}

const WILL: &[Place] = &[Place::Will];
const CONNECT: &[Place] = &[Place::Connect];
const CONNACK: &[Place] = &[Place::Connack];
const BOTH: &[Place] = &[Place::Connect, Place::Connack];

const TABLE: [Row; 25] = [
    row(1, Holds::Flag, WILL),
    row(2, Holds::Four, WILL),
    row(3, Holds::Text, WILL),
    row(8, Holds::Text, WILL),
    row(9, Holds::Text, WILL),
    row(17, Holds::Four, BOTH),
    row(18, Holds::Text, CONNACK),
    row(19, Holds::Two, CONNACK),
    row(21, Holds::Text, BOTH),
    row(22, Holds::Text, BOTH),
    row(23, Holds::Flag, CONNECT),
    row(24, Holds::Four, WILL),
    row(25, Holds::Flag, CONNECT),
    row(26, Holds::Text, CONNACK),
    row(28, Holds::Text, CONNACK),
    row(31, Holds::Text, CONNACK),
    row(33, Holds::TwoNotZero, BOTH),
    row(34, Holds::Two, BOTH),
    row(36, Holds::Flag, CONNACK),
    row(37, Holds::Flag, CONNACK),
    row(
        38,
        Holds::Pair,
        &[Place::Connect, Place::Will, Place::Connack],
    ),
    row(39, Holds::FourNotZero, BOTH),
    row(40, Holds::Flag, CONNACK),
    row(41, Holds::Flag, CONNACK),
    row(42, Holds::Flag, CONNACK),
];
