//! Devices: what is shown as one row.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use crate::model::claim::{Claim, Field, Ground};
use crate::model::{Hop, Mac, Scope, Timestamp, Unit};

/// Identity of an asset that two people find alike: a version 5 UUID of its strongest identity.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
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
    pub claims: BTreeMap<Field, Vec<Claim>>,
}

impl Nameplate {
    /// The claim shown for a field.
    pub fn claim(&self, field: Field) -> Option<&Claim> {
        self.claims.get(&field).and_then(|claims| claims.first())
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

/// Something that happened to a device: a program download, a change of mode.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Event {
    /// The part that it happened to; `None` for the device itself.
    pub module: Option<Unit>,
    /// The fact that tells it: the key says what happened, the value who did it or what exactly.
    pub ground: Arc<Ground>,
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
#[derive(Clone, Debug, Eq, PartialEq)]
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
    /// True when the device is known by its only Modbus unit, or answers under a unit number what it answers as itself:
    /// what is said of the one is said of the other.
    pub fn is_its_only_unit(&self) -> bool {
        let [only] = &*self.modules else { return false };
        if !matches!(&*only.path.0, [Hop::Unit(_)]) {
            return false;
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
