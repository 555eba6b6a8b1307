//! Devices: what is shown as one row.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use crate::model::claim::{Claim, Field, Ground};
use crate::model::{Hop, Mac, Node, Scope, Timestamp, Unit};

/// Identity of an asset that two people find alike: a version 5 UUID of its strongest identity.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct AssetId(pub uuid::Uuid);

impl fmt::Display for AssetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

/// All claims about one thing, and which of them is shown for each field.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Nameplate {
    /// Every claim kept, for each field the shown one first. No field has an empty list.
    pub claims: BTreeMap<Field, Vec<Arc<Claim>>>,
}

impl Nameplate {
    /// The claim shown for a field.
    pub fn claim(&self, field: Field) -> Option<&Claim> {
        self.claims.get(&field).and_then(|claims| claims.first()).map(|claim| &**claim)
    }

    /// The value shown for a field.
    pub fn value(&self, field: Field) -> Option<&str> {
        self.claim(field).map(|claim| &*claim.value)
    }

    /// Other values claimed for a field than the one shown.
    pub fn others(&self, field: Field) -> impl Iterator<Item = &Claim> {
        let shown = self.value(field);
        self.claims
            .get(&field)
            .into_iter()
            .flatten()
            .map(|claim| &**claim)
            .filter(move |claim| Some(&*claim.value) != shown)
    }
}

/// A part of an asset with facts of its own: a module in a chassis, a unit behind a gateway.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Module {
    /// Where it sits.
    pub path: Unit,
    /// What is known about it.
    pub nameplate: Nameplate,
    /// First sign of it.
    pub first: Timestamp,
    /// Last sign of it.
    pub last: Timestamp,
}

impl Module {
    /// True for the module of an S7 station that has the device's own order number, and no other serial number: the CPU
    /// whose interface the address is, seen through its rack and slot.
    pub fn is_the_station_itself(&self, own: &Nameplate) -> bool {
        let [said, known] = [&self.nameplate, own];
        let number = said.value(Field::OrderNumber);
        let serials = said.value(Field::Serial).zip(known.value(Field::Serial));
        matches!(&*self.path.0, [Hop::Rack(..)])
            && number.is_some()
            && number == known.value(Field::OrderNumber)
            && serials.is_none_or(|(one, other)| one == other)
    }
}

/// Something that happened to a device: a program download, a change of mode, a new firmware version.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Event {
    /// The part that it happened to; `None` for the device itself.
    pub module: Option<Unit>,
    /// What happened.
    pub what: Happening,
    /// The fact that tells it; where something changed, the first one that says so.
    pub ground: Arc<Ground>,
    /// Where something changed, the last fact that says how it was before.
    pub before: Option<Arc<Ground>>,
}

/// What happened.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Happening {
    /// What the key of the fact says; its value says who did it, or what exactly.
    Told,
    /// The device says something else of itself than before: a new firmware version.
    Changed {
        /// What is different.
        field: Field,
        /// What was said before.
        from: Box<str>,
        /// What is said now.
        to: Box<str>,
    },
    /// Another device answers where this one did, or this one answers where another did.
    Replaced {
        /// The identity of the device before, in words.
        from: Box<str>,
        /// The identity of the device now.
        to: Box<str>,
    },
    /// Two devices use one address at the same time.
    Contested {
        /// The address.
        address: Box<str>,
        /// The identity of the other device, in words.
        with: Box<str>,
    },
}

impl Event {
    /// What happened, in one word for programs: `program_download`, `firmware_changed`, `replaced`.
    pub fn name(&self) -> Cow<'static, str> {
        match &self.what {
            Happening::Told => {
                let name = self.ground.key.name;
                name.split_once('.').map_or(name, |(_, what)| what).into()
            }
            Happening::Changed { field, .. } => format!("{field}_changed").into(),
            Happening::Replaced { .. } => "replaced".into(),
            Happening::Contested { .. } => "address_contested".into(),
        }
    }

    /// Who did it, or what exactly happened.
    pub fn words(&self) -> String {
        match &self.what {
            Happening::Told => self.ground.value.to_string(),
            Happening::Changed { from, to, .. } | Happening::Replaced { from, to } => {
                format!("{from} -> {to}")
            }
            Happening::Contested { address, with } => format!("{address}, also used by {with}"),
        }
    }
}

/// An address that a device had, and when.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Binding {
    /// The address.
    pub node: Node,
    /// The MAC address its packets came from, when that is the device's own.
    pub mac: Option<Mac>,
    /// The first sign of it there.
    pub first: Timestamp,
    /// The last sign of it there.
    pub last: Timestamp,
}

/// Why two sightings are one device.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Join {
    /// One sighting.
    pub a: Node,
    /// The other.
    pub b: Node,
    /// The reason.
    pub by: JoinedBy,
    /// The facts that show it: of `a`, then of `b`. Empty when a person decided it.
    pub grounds: Vec<Arc<Ground>>,
}

/// What makes two sightings one device.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum JoinedBy {
    /// Both gave the same vendor and serial number.
    Serial(Box<str>),
    /// Both gave the same server GUID.
    ServerGuid(Box<str>),
    /// The packets of the address come from this MAC address, and of no other one.
    Mac(Mac),
    /// One packet was seen as both.
    SamePacket,
    /// Decision of that number.
    Decision(u64),
}

/// A slot of a chassis of which a bridge said that nothing is there, or from which no answer came.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Vacancy {
    /// The slot.
    pub path: Unit,
    /// True when somebody asked and nothing answered in time: a module may be there.
    pub silent: bool,
    /// The fact that tells it.
    pub ground: Arc<Ground>,
}

/// One device.
///
/// A Modbus device without a gateway answers as one unit: its nameplate is then that unit's.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Asset {
    /// Stable identity.
    pub id: AssetId,
    /// What `id` was computed from, in words: `serial 1/00524d8e`, `mac 00:19:07:24:3c:ca`, `ip 10.1.1.164`.
    pub identity: Box<str>,
    /// What is known about the device itself.
    pub nameplate: Nameplate,
    /// Parts of it, in order of their paths.
    pub modules: Vec<Module>,
    /// Where it was seen.
    pub scopes: BTreeSet<Scope>,
    /// Its IP addresses.
    pub ips: BTreeSet<IpAddr>,
    /// Its MAC addresses; a router's address in front of it is not among them.
    pub macs: BTreeSet<Mac>,
    /// MAC addresses of routers that its packets came through.
    pub reached_through: BTreeSet<Mac>,
    /// IP addresses that it says it has, and that nobody could reach it by where it was seen: behind a translation (NAT).
    pub inner_ips: BTreeSet<IpAddr>,
    /// Which addresses it had when, in order.
    pub bindings: Vec<Binding>,
    /// Why its sightings are one device; fewer than there are bindings.
    pub joins: Vec<Join>,
    /// Protocols that it spoke, by registry name.
    pub protocols: BTreeSet<Box<str>>,
    /// Slots that were asked for and gave no module, in order of their paths. A slot that is in neither list was not seen.
    pub vacancies: Vec<Vacancy>,
    /// What happened to it, in order of time.
    pub events: Vec<Event>,
    /// First frame from it.
    pub first: Timestamp,
    /// Last frame from it.
    pub last: Timestamp,
}

impl Asset {
    /// What people call it: its name, else its model or product, else an address.
    pub fn shown_name(&self) -> String {
        let plate = &self.nameplate;
        let fields = [Field::Name, Field::Model, Field::Product];
        let said = fields.iter().find_map(|field| plate.value(*field));
        match (said, self.ips.first(), self.macs.first()) {
            (Some(name), _, _) => name.to_owned(),
            (None, Some(ip), _) => ip.to_string(),
            (None, None, Some(mac)) => mac.to_string(),
            (None, None, None) => self.identity.to_string(),
        }
    }

    /// True when the device is known by its only Modbus unit, or by the only module of its S7 station, or answers under a
    /// unit number what it answers as itself: what is said of the one is said of the other.
    pub fn is_its_only_unit(&self) -> bool {
        let [only] = &*self.modules else { return false };
        if !matches!(&*only.path.0, [Hop::Unit(_) | Hop::Station(_) | Hop::Rack(..)]) {
            return false;
        }
        if only.is_the_station_itself(&self.nameplate) {
            return true;
        }
        let (own, unit) = (&self.nameplate, &only.nameplate);
        let telling = [Field::Product, Field::Model];
        let borrowed =
            |field: Field| own.claim(field).is_some_and(|claim| claim.subject.unit.is_some());
        let same = |field: &Field| own.value(*field) == unit.value(*field);
        telling.into_iter().any(borrowed)
            || (telling.iter().any(|field| own.claim(*field).is_some())
                && [Field::Vendor, Field::Product, Field::Model, Field::Firmware].iter().all(same))
    }
}
