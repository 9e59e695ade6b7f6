//! CONNECT and CONNACK (MQTT 3.1.1 §3.1 and §3.2, MQTT 5.0 the same).

use super::property::{Holds, Place, Properties, Row};
use super::{Kinds, Read};
use core::ops::Range;

/// A packet that is valid.
#[expect(
    clippy::large_enum_variant,
    reason = "one at a time, on the stack, for one look at it"
)]
pub(super) enum Packet {
    Connect(Connect),
    Connack(Connack),
}

pub(super) struct Connect {
    protocol: Range<usize>,
    version: u8,
    flags: u8,
    keep_alive: u16,
    properties: Option<Properties>,
    client: Range<usize>,
    will: Option<Will>,
    user: Option<Range<usize>>,
    password: Option<Range<usize>>,
}

struct Will {
    properties: Option<Properties>,
    topic: Range<usize>,
    payload: Range<usize>,
}

pub(super) struct Connack {
    flags: u8,
    reason: u8,
    /// MQTT 5.0 has them, 3.1.1 has not.
    properties: Option<Properties>,
}

/// What may be asked for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Field {
    Flags,
    Protocol,
    Version,
    Client,
    WillTopic,
    WillPayload,
    User,
    Password,
    KeepAlive,
    Reason,
    Property(&'static Row),
}

impl Field {
    /// The field of such packets that a configuration calls `name`.
    pub(super) fn named(kind: Kinds, name: &str) -> Option<Self> {
        let table = match kind {
            Kinds::Connect => CONNECT_FIELDS,
            Kinds::Connack => CONNACK_FIELDS,
        };
        let field = table.iter().find(|it| it.0.eq_ignore_ascii_case(name));
        field
            .map(|it| it.1)
            .or_else(|| Row::named(kind, name).map(Self::Property))
    }
}

/// What a field is.
pub(super) enum Found {
    At(Range<usize>),
    Number(u32),
}

impl Packet {
    pub(super) fn read(bytes: &[u8]) -> Read<Self> {
        let Some((first, _)) = bytes.split_first().filter(|it| !it.1.is_empty()) else {
            return Read::Part;
        };
        let mut reader = Reader {
            bytes,
            at: 1,
            end: bytes.len(),
        };
        let Some(length) = reader.length().filter(|_| matches!(first, 0x10 | 0x20)) else {
            return Read::Invalid;
        };
        let behind = reader.end - reader.at;
        let Some(mut inside) = reader.part(length) else {
            return Read::Part;
        };
        let packet = match first {
            0x10 => Connect::read(&mut inside).map(Self::Connect),
            // Without properties nothing may follow.
            _ if length == 2 && behind != 2 => None,
            _ => Connack::read(&mut inside).map(Self::Connack),
        };
        match packet.filter(|_| inside.is_empty()) {
            Some(packet) => Read::Valid(packet),
            None => Read::Invalid,
        }
    }

    pub(super) fn kind(&self) -> Kinds {
        match self {
            Self::Connect(_) => Kinds::Connect,
            Self::Connack(_) => Kinds::Connack,
        }
    }

    pub(super) fn get(&self, field: Field) -> Option<Found> {
        match self {
            Self::Connect(packet) => packet.get(field),
            Self::Connack(packet) => packet.get(field),
        }
    }
}

impl Connect {
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let protocol = reader.text()?;
        let name = &reader.bytes[protocol.clone()];
        if ![&b"MQTT"[..], b"MQIsdp"]
            .iter()
            .any(|it| it.eq_ignore_ascii_case(name))
        {
            return None;
        }
        let version = reader.byte().filter(|it| (3..=5).contains(it))?;
        let flags = reader.byte().filter(|it| it & RESERVED == 0)?;
        let keep_alive = reader.two()?;
        let five = version == 5;
        let properties = match five {
            true => Some(Properties::read(reader, Place::Connect)?),
            false => None,
        };
        let client = reader.text()?;
        let will = match flags & WILL != 0 {
            true => Some(Will::read(reader, five)?),
            false => None,
        };
        let user = match flags & USER != 0 {
            true => Some(reader.text()?),
            false => None,
        };
        let password = match flags & PASSWORD != 0 {
            true => Some(reader.text()?),
            false => None,
        };
        Some(Self {
            protocol,
            version,
            flags,
            keep_alive,
            properties,
            client,
            will,
            user,
            password,
        })
    }

    fn get(&self, field: Field) -> Option<Found> {
        let at = |range: &Option<Range<usize>>| range.clone().map(Found::At);
        match field {
            Field::Flags => Some(Found::Number(self.flags.into())),
            Field::Protocol => Some(Found::At(self.protocol.clone())),
            Field::Version => Some(Found::Number(self.version.into())),
            Field::Client => Some(Found::At(self.client.clone())),
            Field::WillTopic => self.will.as_ref().map(|it| Found::At(it.topic.clone())),
            Field::WillPayload => self.will.as_ref().map(|it| Found::At(it.payload.clone())),
            Field::User => at(&self.user),
            Field::Password => at(&self.password),
            Field::KeepAlive => Some(Found::Number(self.keep_alive.into())),
            Field::Reason => None,
            Field::Property(row) if row.places.contains(&Place::Connect) => {
                property(self.properties.as_ref()?, row)
            }
            Field::Property(row) => property(self.will.as_ref()?.properties.as_ref()?, row),
        }
    }
}

impl Will {
    fn read(reader: &mut Reader<'_>, five: bool) -> Option<Self> {
        let properties = match five {
            true => Some(Properties::read(reader, Place::Will)?),
            false => None,
        };
        Some(Self {
            properties,
            topic: reader.text()?,
            payload: reader.text()?,
        })
    }
}

impl Connack {
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let flags = reader.byte().filter(|it| *it < 2)?;
        let reason = reader.byte()?;
        let properties = match reader.is_empty() {
            true => None,
            false => Some(Properties::read(reader, Place::Connack)?),
        };
        Some(Self {
            flags,
            reason,
            properties,
        })
    }

    fn get(&self, field: Field) -> Option<Found> {
        match field {
            Field::Flags => Some(Found::Number(self.flags.into())),
            Field::Version => Some(Found::Number(if self.properties.is_some() { 5 } else { 4 })),
            Field::Reason => Some(Found::Number(self.reason.into())),
            Field::Property(row) => property(self.properties.as_ref()?, row),
            Field::Protocol
            | Field::Client
            | Field::WillTopic
            | Field::WillPayload
            | Field::User
            | Field::Password
            | Field::KeepAlive => None,
        }
    }
}

fn property(properties: &Properties, row: &Row) -> Option<Found> {
    match row.holds {
        Holds::Text => properties.text(row).map(Found::At),
        Holds::Pair => None,
        _ => Some(Found::Number(properties.number(row))),
    }
}

/// Reads one thing after the other up to an end.
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    end: usize,
}

impl Reader<'_> {
    pub(super) fn is_empty(&self) -> bool {
        self.at == self.end
    }

    /// The next bytes.
    fn take(&mut self, bytes: usize) -> Option<Range<usize>> {
        let end = self.at.checked_add(bytes).filter(|end| *end <= self.end)?;
        let begin = core::mem::replace(&mut self.at, end);
        Some(begin..end)
    }

    /// A reader of the next bytes alone.
    pub(super) fn part(&mut self, bytes: usize) -> Option<Self> {
        let Range { start, end } = self.take(bytes)?;
        let (bytes, at) = (self.bytes, start);
        Some(Self { bytes, at, end })
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        let range = self.take(1)?;
        Some(self.bytes[range.start])
    }

    pub(super) fn two(&mut self) -> Option<u16> {
        let range = self.take(2)?;
        Some(u16::from_be_bytes(*self.bytes[range].first_chunk()?))
    }

    pub(super) fn four(&mut self) -> Option<u32> {
        let range = self.take(4)?;
        Some(u32::from_be_bytes(*self.bytes[range].first_chunk()?))
    }

    /// Text or data with its length in two bytes.
    pub(super) fn text(&mut self) -> Option<Range<usize>> {
        let bytes = self.two()?;
        self.take(bytes.into())
    }

    /// A length of at most four bytes, seven bits each, the lowest first.
    pub(super) fn length(&mut self) -> Option<usize> {
        let mut length = 0;
        for shift in [0, 7, 14, 21] {
            let byte = self.byte()?;
            length |= usize::from(byte & 127) << shift;
            if byte & 128 == 0 {
                return Some(length);
            }
        }
        None
    }
}

const RESERVED: u8 = 1;
const WILL: u8 = 4;
const PASSWORD: u8 = 0x40;
const USER: u8 = 0x80;

const CONNECT_FIELDS: &[(&str, Field)] = &[
    ("flags", Field::Flags),
    ("protocol_name", Field::Protocol),
    ("protocol_version", Field::Version),
    ("client_identifier", Field::Client),
    ("will_topic", Field::WillTopic),
    ("will_payload", Field::WillPayload),
    ("username", Field::User),
    ("password", Field::Password),
    ("keepalive", Field::KeepAlive),
];

const CONNACK_FIELDS: &[(&str, Field)] = &[
    ("flags", Field::Flags),
    ("protocol_version", Field::Version),
    ("reason_code", Field::Reason),
];
