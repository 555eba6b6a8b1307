//! What became different between two looks at a network.
//!
//! Both looks are reduced to a [`Snapshot`] first, which a store, captures and a printed report can all give. Devices are
//! paired (`pairs`), and what differs is told pair by pair (`differences`). What was not seen is called that, and never
//! gone: a passive look proves presence only.
//!
//! ARCHITECTURE INVARIANT: a pure function of two snapshots; imports nouns only. The order of devices and verdicts in a
//! snapshot decides nothing.

mod differences;
mod pairs;
mod talks;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::IpAddr;

use crate::model::placeholder::is_unset_serial;
use crate::model::{AssetId, Field, Mac};

/// What was known of a network at one time, as far as it is compared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    /// Devices; no two have the same identifier.
    pub devices: Vec<Device>,
    /// True when the zones of devices are known: one without a zone is then in none.
    pub has_zones: bool,
    /// Verdicts; `None` when they were not printed, or not all of them.
    pub verdicts: Option<Vec<Judged>>,
    /// Who talked to whom; `None` when that is not to be compared.
    pub talks: Option<Vec<Talk>>,
}

/// Who talked to whom, where and in what.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Talk {
    /// Name of the site; empty where it has none.
    pub site: Box<str>,
    /// Address of who asked, with its VLAN.
    pub client: Box<str>,
    /// Address of who answered.
    pub server: Box<str>,
    /// Where, as `tcp/502`.
    pub port: Box<str>,
    /// The protocol, where one was recognised.
    pub protocol: Option<Box<str>>,
    /// What screens call the devices that asked and answered, where they are known.
    pub names: [Option<Box<str>>; 2],
    /// First and last packet, as exports print them.
    pub seen: (Box<str>, Box<str>),
}

/// One device.
#[derive(Clone, Debug, PartialEq)]
pub struct Device {
    /// Identifier.
    pub id: AssetId,
    /// What it was computed from, in words: `serial …`, `mac …`, `ip …`.
    pub identity: Box<str>,
    /// What screens call it.
    pub name: Box<str>,
    /// What is known of the device itself.
    pub plate: Plate,
    /// Parts, by their paths.
    pub modules: BTreeMap<Box<str>, Plate>,
    /// IP addresses.
    pub ips: BTreeSet<IpAddr>,
    /// MAC addresses.
    pub macs: BTreeSet<Mac>,
    /// VLANs in which it was seen; none when it was seen untagged only.
    pub vlans: BTreeSet<u16>,
    /// The sites where it was seen; none where they have no names.
    pub sites: BTreeSet<Box<str>>,
    /// The zone that a person put it in.
    pub zone: Option<Box<str>>,
    /// Protocols that it spoke.
    pub protocols: BTreeSet<Box<str>>,
    /// What happened to it.
    pub events: Vec<Happened>,
    /// First and last frame from it, as exports print them.
    pub seen: (Box<str>, Box<str>),
}

/// The values shown for a thing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plate {
    /// The value shown for each field, with its evidence.
    pub shown: BTreeMap<Field, Said>,
    /// Every serial number claimed, whether it is the one shown or not.
    pub serials: BTreeSet<Box<str>>,
}

/// A value, and where it was seen.
#[derive(Clone, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Said {
    /// The value as text.
    pub value: Box<str>,
    /// The frames behind it; none for addresses and protocols, which every frame of a device shows.
    pub seen_in: Vec<Place>,
}

/// One frame of one capture.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Place {
    /// Name of the capture.
    pub capture: Box<str>,
    /// Number of the frame, counted from 1.
    pub frame: u64,
    /// Its time as exports print it.
    pub time: Box<str>,
}

/// Something that happened to a device.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Happened {
    /// The part that it happened to.
    pub module: Option<Box<str>>,
    /// The key of the fact that tells it.
    pub event: Box<str>,
    /// Who did it, or what exactly, and where that was seen.
    pub said: Said,
}

/// A verdict about a device.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Judged {
    /// The device.
    pub asset: AssetId,
    /// The part of it, when it is not the device itself.
    pub module: Option<Box<str>>,
    /// Tracking identifier of the document.
    pub advisory: Box<str>,
    /// The flaw.
    pub cve: Box<str>,
    /// `affected`, `fixed`, `not_affected` or `cannot_tell`.
    pub verdict: Box<str>,
    /// The fact that is missing, where the verdict cannot be given.
    pub reason: Option<Box<str>>,
    /// What is left to do: `now`, `next` or `watch`.
    pub priority: Option<Box<str>>,
}

/// What sort of difference one is; in the order in which they are told.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Kind {
    /// A device that is in the second look only.
    DeviceNew,
    /// A device that is in the first look only.
    DeviceNotSeen,
    /// Another device at the same address: it gives another serial number, or has another burned-in MAC address.
    DeviceReplaced,
    /// The same device, known by another identity: its identifier changed.
    DeviceIdentified,
    /// Another firmware version or operating system build.
    VersionChanged,
    /// Another value for another field.
    FieldChanged,
    /// Other addresses, VLANs, site or zone.
    Moved,
    /// A part that is in the second look only.
    ModuleNew,
    /// A part that is in the first look only.
    ModuleNotSeen,
    /// Another part at the same place: it gives another serial number.
    ModuleReplaced,
    /// A value for a field, or one more address, that was not known before.
    FieldKnown,
    /// A value or an address of the first look that the second does not hold.
    FieldNotSeen,
    /// A protocol that the device spoke in the second look only.
    ProtocolNew,
    /// A protocol that the device spoke in the first look only.
    ProtocolNotSeen,
    /// Something that happened and is in the second look only.
    EventNew,
    /// Two talk in the second look that did not in the first.
    ConversationNew,
    /// Two talked in the first look and do not in the second.
    ConversationNotSeen,
    /// A verdict that was not given before.
    VerdictNew,
    /// Another verdict, other reason, or other priority for the same flaw.
    VerdictChanged,
    /// A verdict that does not apply any more to a device that is still seen.
    VerdictClosed,
}

impl Kind {
    /// All kinds, in the order in which they are told.
    pub const ALL: &'static [Self] = &[
        Self::DeviceNew,
        Self::DeviceNotSeen,
        Self::DeviceReplaced,
        Self::DeviceIdentified,
        Self::VersionChanged,
        Self::FieldChanged,
        Self::Moved,
        Self::ModuleNew,
        Self::ModuleNotSeen,
        Self::ModuleReplaced,
        Self::FieldKnown,
        Self::FieldNotSeen,
        Self::ProtocolNew,
        Self::ProtocolNotSeen,
        Self::EventNew,
        Self::ConversationNew,
        Self::ConversationNotSeen,
        Self::VerdictNew,
        Self::VerdictChanged,
        Self::VerdictClosed,
    ];

    /// The word that exports use.
    pub fn name(self) -> &'static str {
        match self {
            Self::DeviceNew => "device_new",
            Self::DeviceNotSeen => "device_not_seen",
            Self::DeviceReplaced => "device_replaced",
            Self::DeviceIdentified => "device_identified",
            Self::VersionChanged => "version_changed",
            Self::FieldChanged => "field_changed",
            Self::Moved => "moved",
            Self::ModuleNew => "module_new",
            Self::ModuleNotSeen => "module_not_seen",
            Self::ModuleReplaced => "module_replaced",
            Self::FieldKnown => "field_known",
            Self::FieldNotSeen => "field_not_seen",
            Self::ProtocolNew => "protocol_new",
            Self::ProtocolNotSeen => "protocol_not_seen",
            Self::EventNew => "event_new",
            Self::ConversationNew => "conversation_new",
            Self::ConversationNotSeen => "conversation_not_seen",
            Self::VerdictNew => "verdict_new",
            Self::VerdictChanged => "verdict_changed",
            Self::VerdictClosed => "verdict_closed",
        }
    }
}

/// One difference.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference<'a> {
    /// What sort.
    pub kind: Kind,
    /// The device in the first look.
    pub before: Option<&'a Device>,
    /// The device in the second look.
    pub after: Option<&'a Device>,
    /// The part of it, when it is not the device itself.
    pub module: Option<&'a str>,
    /// The conversation, when it is about one: then it is about no device.
    pub talk: Option<&'a Talk>,
    /// What differs: a field, `ip`, `mac`, `vlan`, `site`, `zone`, a protocol, an event, a conversation, a document and flaw.
    pub what: String,
    /// What was said in the first look.
    pub was: Option<Said>,
    /// What was said in the second look.
    pub is: Option<Said>,
    /// Whether both looks give the same serial number for the thing: a change in place, or a replacement. `None` when one
    /// of them gives none.
    pub same_serial: Option<bool>,
}

impl<'a> Difference<'a> {
    /// The device as the second look knows it, or as the first did.
    pub fn device(&self) -> Option<&'a Device> {
        self.after.or(self.before)
    }
}

/// Everything that differs, in an order that depends on nothing but what differs.
pub fn compare<'a>(before: &'a Snapshot, after: &'a Snapshot) -> Vec<Difference<'a>> {
    let pairs = pairs::pairs(&before.devices, &after.devices);
    let by_zone = before.has_zones && after.has_zones;
    let mut all = Vec::new();
    for pair in &pairs {
        differences::of_pair(pair, by_zone, &mut all);
    }
    if let (Some(was), Some(is)) = (&before.verdicts, &after.verdicts) {
        differences::of_verdicts(&pairs, was, is, &mut all);
    }
    if let (Some(was), Some(is)) = (&before.talks, &after.talks) {
        talks::of_talks(was, is, &mut all);
    }
    all.sort_by(|a, b| {
        let by = |one: &Difference<'a>| {
            (one.kind, one.device().map(|device| device.id), one.module.map(natural))
        };
        by(a)
            .cmp(&by(b))
            .then_with(|| a.what.cmp(&b.what))
            .then_with(|| (&a.was, &a.is).cmp(&(&b.was, &b.is)))
            .then_with(|| a.talk.map(talks::key).cmp(&b.talk.map(talks::key)))
    });
    all
}

impl fmt::Display for Talk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { client, server, port, protocol, .. } = self;
        write!(f, "{client} to {server} on {port}")?;
        protocol.as_ref().map_or(Ok(()), |protocol| write!(f, ", {protocol}"))
    }
}

impl Plate {
    /// The value shown for a field.
    pub fn value(&self, field: Field) -> Option<&str> {
        self.shown.get(&field).map(|said| &*said.value)
    }

    /// Whether the serial numbers shown are those of one thing; `None` when one of the plates shows none. A plate that
    /// knows two numbers and shows now the one, now the other, is one thing that contradicts itself.
    fn same_serial(&self, other: &Self) -> Option<bool> {
        let (own, theirs) = (self.serial()?, other.serial()?);
        let both_know_both = || self.serials.contains(theirs) && other.serials.contains(own);
        Some(own == theirs || both_know_both())
    }

    /// The serial number shown, unless it is one that devices give which were never given one.
    fn serial(&self) -> Option<&str> {
        self.value(Field::Serial).filter(|serial| !is_unset_serial(serial))
    }

    /// What the thing is, in a few words, with the frames that say so.
    fn summary(&self) -> Said {
        let one_of = |fields: &[Field]| fields.iter().find_map(|field| self.shown.get(field));
        let parts = [
            one_of(&[Field::Vendor]),
            one_of(&[Field::Model, Field::Product, Field::Os, Field::Kind]),
            one_of(&[Field::Firmware, Field::OsBuild]),
            one_of(&[Field::Serial]),
        ];
        let serial = self.shown.get(&Field::Serial);
        let words: Vec<String> = parts
            .iter()
            .flatten()
            .map(|said| match serial {
                Some(serial) if serial == *said => format!("serial {}", said.value),
                _ => said.value.to_string(),
            })
            .collect();
        let named = parts.iter().flatten().copied().chain(one_of(&[Field::Name]));
        let frames: BTreeSet<&Place> = named.flat_map(|said| &said.seen_in).collect();
        let seen_in = frames.into_iter().take(PLACES_TOLD_MAX).cloned().collect();
        Said { value: words.join(" ").into(), seen_in }
    }
}

/// Text in the order in which people count: `slot 2` before `slot 10`.
fn natural(text: &str) -> Vec<(u64, &str)> {
    let words = text.split([' ', '/']).filter(|word| !word.is_empty());
    words.map(|word| word.parse().map_or((0, word), |number| (number, ""))).collect()
}

/// Frames told for what a device is as a whole: enough to look it up.
const PLACES_TOLD_MAX: usize = 8;

#[cfg(test)]
mod tests;
