//! What people say of devices, as claims: a person overrules the wire, and what the wire said stays listed beside it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::decision::{About, BOOK, BY, WHY};
use crate::model::{
    Anchor, Certainty, Claim, Decision, Excerpt, Field, FrameRef, Ground, Key, Ruling, Subject,
    Value,
};

use super::{Place, Tenant};

/// The claims that follow from decisions, by what they are about: `tenant_of` knows the devices that had an address. Of
/// several about one field of one thing, the latest counts; where that takes back what was said, none does.
pub(super) fn claims(
    decisions: &[Decision],
    tenant_of: impl Fn(&Anchor) -> Tenant,
) -> BTreeMap<Place, Vec<Arc<Claim>>> {
    let mut latest: BTreeMap<About, &Decision> = BTreeMap::new();
    for decision in decisions {
        let known = latest.entry(decision.ruling.about()).or_insert(decision);
        if known.number < decision.number {
            *known = decision;
        }
    }
    let mut claims: BTreeMap<Place, Vec<Arc<Claim>>> = BTreeMap::new();
    for decision in latest.into_values() {
        let Ruling::Set { anchor, unit, field, value } = &decision.ruling else { continue };
        if !value.is_empty() {
            let subject = Subject { node: anchor.node, unit: unit.clone() };
            let claim = claim(&subject, *field, value, decision);
            let place = Place { tenant: tenant_of(anchor), unit: unit.clone() };
            claims.entry(place).or_default().push(Arc::new(claim));
        }
    }
    claims
}

fn claim(subject: &Subject, field: Field, value: &str, decision: &Decision) -> Claim {
    let frame = FrameRef { capture: BOOK, number: decision.number };
    let ground = |name: &'static str, text: &str| {
        let excerpt = Excerpt { frame, ..Excerpt::default() };
        let (key, value) = (Key::one(name), Value::Text(text.into()));
        Arc::new(Ground { key, value, at: decision.at, frame, mac: None, excerpt })
    };
    Claim {
        subject: subject.clone(),
        field,
        value: value.into(),
        certainty: Certainty::Decided,
        by: format!("decision-{}", decision.number).into(),
        from: vec![ground(key(field), value), ground(BY, &decision.by), ground(WHY, &decision.why)],
        first: decision.at,
        last: decision.at,
    }
}

/// The fact that a person states about a field.
fn key(field: Field) -> &'static str {
    match field {
        Field::Vendor => "decision.vendor",
        Field::Product => "decision.product",
        Field::Model => "decision.model",
        Field::OrderNumber => "decision.order_number",
        Field::Series => "decision.series",
        Field::Serial => "decision.serial",
        Field::Firmware => "decision.firmware",
        Field::Hardware => "decision.hardware",
        Field::Os => "decision.os",
        Field::OsBuild => "decision.os_build",
        Field::Name => "decision.name",
        Field::Domain => "decision.domain",
        Field::Kind => "decision.kind",
        Field::Role => "decision.role",
        Field::Mode => "decision.mode",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Node, Scope, Timestamp};

    fn set(number: u64, field: Field, value: &str) -> Decision {
        let node = Node::ip(Scope::default(), [10, 0, 0, 1].into());
        let anchor = Anchor { node, at: Timestamp(0) };
        Decision {
            number,
            ruling: Ruling::Set { anchor, unit: None, field, value: value.into() },
            by: "alice".into(),
            why: "read from the label".into(),
            at: Timestamp(9),
        }
    }

    #[test]
    fn the_latest_word_on_a_field_counts_and_can_be_none() {
        let decisions = [
            set(1, Field::Firmware, "1.0"),
            set(2, Field::Model, "X"),
            set(3, Field::Firmware, "2.0"),
            set(4, Field::Model, ""),
        ];
        let sole = |anchor: &Anchor| Tenant::sole(anchor.node);
        let claims: Vec<Arc<Claim>> = claims(&decisions, sole).into_values().flatten().collect();
        let said: Vec<_> = claims.iter().map(|claim| (claim.field, &*claim.value)).collect();
        assert_eq!(said, [(Field::Firmware, "2.0")]);
        let who = crate::model::decision::decided(&claims[0]);
        assert_eq!(who, Some((3, "alice", "read from the label")));
        assert_eq!(claims[0].certainty, Certainty::Decided);
    }
}
