//! The originals: every address, name and serial number that occurs anywhere in what is known.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::app::redact::hide::Hiding;
use crate::app::redact::said::{self, Said};
use crate::app::scan::Scanned;
use crate::model::placeholder::is_unset_serial;
use crate::model::{Addr, Asset, Claim, Field, Ground, Hop, Mac, Node, Notice, Unit, Value, Zones};

impl Hiding<'_> {
    pub(super) fn gather_addresses(&mut self, known: &Scanned, notices: &[Notice]) {
        let (mut ips, mut macs) = (BTreeSet::new(), BTreeSet::new());
        let mut node = |node: &Node| match node.addr {
            Addr::Ip(ip) => drop(ips.insert(ip)),
            Addr::Mac(mac) => drop(macs.insert(mac)),
            Addr::Listed(_) => {}
        };
        for asset in &known.assets {
            asset.bindings.iter().for_each(|binding| node(&binding.node));
            asset.joins.iter().for_each(|join| [join.a, join.b].iter().for_each(&mut node));
        }
        known.observations.iter().for_each(|one| node(&one.subject.node));
        let talks = known.conversations.iter();
        talks.for_each(|talk| [talk.client, talk.server].iter().for_each(&mut node));
        for asset in &known.assets {
            ips.extend(asset.ips.iter().chain(&asset.inner_ips));
            macs.extend(asset.macs.iter().chain(&asset.reached_through));
            macs.extend(asset.bindings.iter().filter_map(|binding| binding.mac));
            for ground in grounds(asset) {
                macs.extend(ground.mac);
                of_value(&ground.value, &mut ips, &mut macs);
            }
            units(asset).for_each(|unit| of_unit(unit, &mut ips));
        }
        known.run.arguments.iter().for_each(|text| of_text(text, &mut ips, &mut macs));
        Self::gather_told(notices, &mut ips, &mut macs);
        for one in &known.observations {
            macs.extend(one.mac);
            of_value(&one.value, &mut ips, &mut macs);
            one.subject.unit.iter().for_each(|unit| of_unit(unit, &mut ips));
        }
        ips.retain(|ip| self.hides_ip(*ip));
        for ip in ips {
            self.terms.ip(self.redaction, ip);
        }
        macs.retain(|mac| self.hides_mac(*mac));
        for mac in macs {
            let instead = self.mac_instead(mac);
            self.terms.add_mac(mac, instead);
        }
    }

    pub(super) fn gather_words(&mut self, known: &Scanned, zones: &Zones, notices: &[Notice]) {
        let what = self.redaction.what;
        let (mut names, mut serials, mut published) =
            (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        Self::gather_named(notices, &mut names, &mut serials);
        for asset in &known.assets {
            for (field, claim) in claims(asset) {
                match field {
                    Field::Name | Field::Domain => drop(names.insert(claim.value.to_string())),
                    Field::Serial => drop(serials.insert(claim.value.to_string())),
                    _ => drop(published.insert(claim.value.to_lowercase())),
                }
            }
        }
        let grounds = known.assets.iter().flat_map(|asset| grounds(asset));
        let facts = grounds.map(|ground| (ground.key, &ground.value));
        let facts = facts.chain(known.observations.iter().map(|one| (one.key, &one.value)));
        for (key, value) in facts {
            let Value::Text(text) = value else { continue };
            match said::of(key) {
                Said::Name => drop(names.insert(text.to_string())),
                Said::Serial => drop(serials.insert(text.to_string())),
                Said::Other => {}
            }
        }
        // What a maker calls its product tells nothing of a plant, also where somebody has named a device so.
        let own = |text: &&String| !published.contains(&text.to_lowercase());
        if what.name {
            for name in names.iter().filter(own) {
                self.terms.add(name, &self.redaction.word("name", &folded(name)));
            }
            for (_, site) in known.run.sites.iter() {
                self.terms.add(site, &self.redaction.word("site", site));
            }
            for zone in zones.iter() {
                self.terms.add(&zone.name, &self.redaction.word("zone", &zone.name));
            }
            for capture in known.run.captures.iter().filter(|capture| !capture.is_shed()) {
                self.terms.add(&capture.name, &self.redaction.word("capture", &capture.name));
            }
        }
        if what.serial {
            for serial in serials.iter().filter(own).filter(|serial| !is_unset_serial(serial)) {
                self.terms.add(serial, &self.redaction.word("serial", &folded(serial)));
            }
        }
        self.published = published;
    }
}

/// All claims about a device and its parts.
fn claims(asset: &Asset) -> impl Iterator<Item = (Field, &Claim)> {
    let plates = std::iter::once(&asset.nameplate);
    let plates = plates.chain(asset.modules.iter().map(|module| &module.nameplate));
    plates.flat_map(|plate| {
        plate
            .claims
            .iter()
            .flat_map(|(field, claims)| claims.iter().map(|claim| (*field, &**claim)))
    })
}

/// All facts that something about a device rests on.
fn grounds(asset: &Asset) -> impl Iterator<Item = &Ground> {
    let claimed = claims(asset).flat_map(|(_, claim)| &claim.from);
    let joined = asset.joins.iter().flat_map(|join| &join.grounds);
    let happened = asset
        .events
        .iter()
        .flat_map(|event| std::iter::once(&event.ground).chain(event.before.iter()));
    let vacant = asset.vacancies.iter().map(|one| &one.ground);
    claimed.chain(joined).chain(happened).chain(vacant).map(|ground| &**ground)
}

/// The ways to all that is known or said to be behind a device.
fn units(asset: &Asset) -> impl Iterator<Item = &Unit> {
    let modules = asset.modules.iter().map(|module| &module.path);
    let vacant = asset.vacancies.iter().map(|one| &one.path);
    let happened = asset.events.iter().filter_map(|event| event.module.as_ref());
    let claimed = claims(asset).filter_map(|(_, claim)| claim.subject.unit.as_ref());
    modules.chain(vacant).chain(happened).chain(claimed)
}

fn of_value(value: &Value, ips: &mut BTreeSet<IpAddr>, macs: &mut BTreeSet<Mac>) {
    if let Value::Text(text) = value {
        of_text(text, ips, macs);
    }
}

/// Addresses that a text is, or is full of. A version can look like one, and is then taken for one: better hidden than told.
pub(super) fn of_text(text: &str, ips: &mut BTreeSet<IpAddr>, macs: &mut BTreeSet<Mac>) {
    for word in text.split(|c: char| !(c.is_ascii_hexdigit() || matches!(c, '.' | ':'))) {
        if let Ok(ip) = word.trim_end_matches(['.', ':']).parse() {
            ips.insert(ip);
        } else if let Ok(mac) = word.to_ascii_lowercase().parse() {
            macs.insert(mac);
        }
    }
}

fn of_unit(unit: &Unit, ips: &mut BTreeSet<IpAddr>) {
    for hop in &unit.0 {
        match hop {
            Hop::Address(_, address) => ips.extend(address.parse::<IpAddr>()),
            // Of BACnet/IP the port stands behind the address.
            Hop::Network(_, address) => {
                let host = address.rsplit_once(':').map_or(&**address, |(host, _)| host);
                ips.extend(host.parse::<IpAddr>());
            }
            Hop::Slot(_)
            | Hop::Link(..)
            | Hop::Unit(_)
            | Hop::Rack(..)
            | Hop::Subslot(_)
            | Hop::Station(_)
            | Hop::Slave(_)
            | Hop::Entity(_) => {}
        }
    }
}

/// Capitals and blanks are not what tells two names apart.
pub(super) fn folded(text: &str) -> String {
    text.trim().to_lowercase()
}
