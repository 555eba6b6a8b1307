//! Conflicting claims: one is shown, all are kept.

use std::sync::Arc;

use crate::model::{Claim, Field, Hop, Module, Nameplate, Vacancy};

/// Adds the claims of one sighting to those of the thing it belongs to.
pub(super) fn add<'a>(nameplate: &mut Nameplate, claims: impl IntoIterator<Item = &'a Arc<Claim>>) {
    for claim in claims {
        let of_field = nameplate.claims.entry(claim.field).or_default();
        // Nearly all fields of nearly all devices have one claim: room for four of them would be most of an inventory.
        if of_field.is_empty() {
            of_field.reserve_exact(1);
        }
        of_field.push(Arc::clone(claim));
    }
}

/// Puts the claim to be shown first: the most certain; of those the one said last; of those, so that the order
/// of arrival never shows, the first in order of value and rule.
pub(super) fn order(nameplate: &mut Nameplate) {
    for claims in nameplate.claims.values_mut() {
        claims.sort_by(|a, b| {
            let strength = b.certainty.cmp(&a.certainty).then(b.last.cmp(&a.last));
            strength.then_with(|| a.value.cmp(&b.value)).then_with(|| a.by.cmp(&b.by))
        });
    }
}

/// The nameplate of the device as a whole. A Modbus device without a gateway answers as one unit, with any
/// number it likes, and says nothing as "the node itself": its only unit then speaks for it, as the only station of DNP3
/// does. So does the CPU of an S7
/// station, which answers in its rack and slot whether the address is its own or that of a communication processor;
/// where the processor says what it is, the CPU is a module behind it.
pub(super) fn of_the_device(mut own: Nameplate, modules: &[Module]) -> Nameplate {
    let [only] = modules else { return own };
    let (is_named_by_its_place, telling): (bool, &[Field]) = match &*only.path.0 {
        [Hop::Unit(_) | Hop::Station(_)] => (true, &[Field::Product, Field::Model]),
        [Hop::Rack(..)] => (true, &[Field::Product, Field::Model, Field::OrderNumber]),
        _ => (false, &[]),
    };
    let says_what_it_is =
        |nameplate: &Nameplate| telling.iter().any(|field| nameplate.claim(*field).is_some());
    let speaks_for_it = !says_what_it_is(&own) || only.is_the_station_itself(&own);
    if is_named_by_its_place && speaks_for_it && says_what_it_is(&only.nameplate) {
        add(&mut own, only.nameplate.claims.values().flatten());
        order(&mut own);
    }
    own
}

/// Of each slot the latest word, unless a module was seen there since.
pub(super) fn vacancies(vacancies: &mut Vec<Vacancy>, modules: &[Module]) {
    vacancies.sort_by(|a, b| a.path.cmp(&b.path).then(b.ground.at.cmp(&a.ground.at)));
    vacancies.dedup_by(|later, kept| later.path == kept.path);
    vacancies.retain(|vacancy| {
        let is_there = |module: &&Module| module.path == vacancy.path;
        modules.iter().find(is_there).is_none_or(|module| module.last < vacancy.ground.at)
    });
}
