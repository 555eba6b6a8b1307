//! Levels of the Purdue model: where in the plant a device stands, by its zone or by what it is.

use std::collections::BTreeMap;

use crate::model::{Asset, Certainty, Claim, Field, Nameplate, Zones};

/// Where devices stand that have a role or are of a kind: a table of the vocabulary.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Levels {
    roles: BTreeMap<Box<str>, u8>,
    kinds: BTreeMap<Box<str>, u8>,
}

/// Where a device stands, and how that is known.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Level {
    /// 0 to 5.
    pub level: u8,
    /// What tells it.
    pub from: LevelFrom,
    /// How far to trust it: as far as the claim that it follows from. A zone is what a person says.
    pub certainty: Certainty,
}

/// What tells where a device stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LevelFrom {
    /// Its zone.
    Zone,
    /// Its role, or that of a part of it.
    Role,
    /// What sort of device it is, or a part of it.
    Kind,
}

impl LevelFrom {
    /// The word that exports and screens use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Zone => "zone",
            Self::Role => "role",
            Self::Kind => "kind",
        }
    }
}

impl Levels {
    /// Says where devices of a role stand; `None`, that they may stand anywhere.
    pub fn role(&mut self, role: &str, level: Option<u8>) {
        set(&mut self.roles, role, level);
    }

    /// Says where devices of a kind stand; `None`, that they may stand anywhere.
    pub fn kind(&mut self, kind: &str, level: Option<u8>) {
        set(&mut self.kinds, kind, level);
    }

    /// Where a device stands: as its zone says; else by its role; else by its kind. A device that says nothing of itself
    /// stands where its highest part does: a chassis with a controller in it is a controller's place.
    pub fn of(&self, asset: &Asset, zones: &Zones) -> Option<Level> {
        let zone = zones.of(asset).and_then(|zone| zone.purdue);
        let by_zone =
            zone.map(|level| Level { level, from: LevelFrom::Zone, certainty: Certainty::Decided });
        let parts = || asset.modules.iter().filter_map(|part| self.plate(&part.nameplate));
        by_zone
            .or_else(|| self.plate(&asset.nameplate))
            .or_else(|| parts().max_by_key(|level| (level.level, level.certainty)))
    }

    fn plate(&self, plate: &Nameplate) -> Option<Level> {
        let by = |field: Field, levels: &BTreeMap<Box<str>, u8>, from: LevelFrom| {
            let Claim { value, certainty, .. } = plate.claim(field)?;
            levels.get(value).map(|level| Level { level: *level, from, certainty: *certainty })
        };
        by(Field::Role, &self.roles, LevelFrom::Role)
            .or_else(|| by(Field::Kind, &self.kinds, LevelFrom::Kind))
    }
}

fn set(levels: &mut BTreeMap<Box<str>, u8>, word: &str, level: Option<u8>) {
    match level {
        Some(level) => levels.insert(word.into(), level),
        None => levels.remove(word),
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Hop, Module, Scope, Subject, Timestamp, Unit, Zone};

    fn plate(claims: &[(Field, &str, Certainty)]) -> Nameplate {
        let mut plate = Nameplate::default();
        for (field, value, certainty) in claims {
            let node = crate::model::Node::ip(Scope::default(), [10, 0, 0, 1].into());
            plate.claims.entry(*field).or_default().push(std::sync::Arc::new(Claim {
                subject: Subject::node(node),
                field: *field,
                value: (*value).into(),
                certainty: *certainty,
                by: "rule".into(),
                from: Vec::new(),
                first: Timestamp::default(),
                last: Timestamp::default(),
            }));
        }
        plate
    }

    fn levels() -> Levels {
        let mut levels = Levels::default();
        levels.role("controller", Some(1));
        levels.role("i/o", Some(0));
        levels.role("hmi", Some(2));
        levels.kind("workstation", Some(4));
        levels
    }

    fn told(asset: &Asset, zones: &Zones) -> Option<(u8, &'static str, Certainty)> {
        let level = levels().of(asset, zones)?;
        Some((level.level, level.from.name(), level.certainty))
    }

    #[test]
    fn the_zone_is_asked_first_then_the_role_then_the_kind() {
        let none = Zones::default();
        let computer = (Field::Kind, "workstation", Certainty::Certain);
        let mut asset = Asset { nameplate: plate(&[computer]), ..Asset::default() };
        assert_eq!(told(&asset, &none), Some((4, "kind", Certainty::Certain)));
        asset.nameplate = plate(&[computer, (Field::Role, "hmi", Certainty::Likely)]);
        assert_eq!(told(&asset, &none), Some((2, "role", Certainty::Likely)));
        asset.nameplate = plate(&[computer, (Field::Role, "gardener", Certainty::Likely)]);
        assert_eq!(told(&asset, &none), Some((4, "kind", Certainty::Certain)));

        let mut zones = Zones::default();
        let vlans = [7].into();
        zones.add(Zone { purdue: Some(3), vlans, ..Zone::default() }).unwrap();
        asset.scopes = [Scope { vlan: 7, ..Scope::default() }].into();
        assert_eq!(told(&asset, &zones), Some((3, "zone", Certainty::Decided)));
        assert_eq!(told(&Asset::default(), &zones), None);
    }

    #[test]
    fn a_chassis_that_says_nothing_stands_where_its_highest_part_does() {
        let part = |slot: u32, role: &str, certainty: Certainty| Module {
            path: Unit([Hop::Slot(slot)].into()),
            nameplate: plate(&[(Field::Role, role, certainty)]),
            first: Timestamp::default(),
            last: Timestamp::default(),
        };
        let modules = vec![
            part(1, "i/o", Certainty::Certain),
            part(0, "controller", Certainty::Likely),
            part(2, "gardener", Certainty::Certain),
        ];
        let asset = Asset { modules, ..Asset::default() };
        assert_eq!(told(&asset, &Zones::default()), Some((1, "role", Certainty::Likely)));
    }
}
