//! `nameplate.decision/1`: one line of the book of decisions.

use serde::Serialize;

use crate::export::decisions::words;
use crate::model::{Anchor, Deed, Entry, Fate, Ruling};

/// One line of the book.
#[derive(Serialize)]
pub(super) struct DecisionLine<'a> {
    schema: &'static str,
    #[serde(flatten)]
    part: DecisionPart<'a>,
}

/// The same as a part of a device.
#[derive(Serialize)]
pub(super) struct DecisionPart<'a> {
    number: u64,
    decision: String,
    deed: &'static str,
    sightings: Vec<SightingPart>,
    module: Option<String>,
    field: Option<&'static str>,
    value: Option<&'a str>,
    undoes: Option<u64>,
    by: &'a str,
    why: &'a str,
    time: String,
    stands: bool,
    undone_by: Option<u64>,
    overruled_by: Option<u64>,
}

#[derive(Serialize)]
struct SightingPart {
    address: String,
    time: String,
}

impl<'a> DecisionLine<'a> {
    pub(super) fn new(entry: &'a Entry, fate: Fate) -> Self {
        Self { schema: "nameplate.decision/1", part: DecisionPart::new(entry, fate) }
    }
}

impl<'a> DecisionPart<'a> {
    pub(super) fn new(entry: &'a Entry, fate: Fate) -> Self {
        let (deed, anchors) = match &entry.deed {
            Deed::Ruled(ruling @ Ruling::Together(..)) => ("together", ruling.anchors()),
            Deed::Ruled(ruling @ Ruling::Apart(..)) => ("apart", ruling.anchors()),
            Deed::Ruled(ruling @ Ruling::Set { .. }) => ("set", ruling.anchors()),
            Deed::Undid(_) => ("undo", Vec::new()),
        };
        let set = match &entry.deed {
            Deed::Ruled(Ruling::Set { unit, field, value, .. }) => Some((unit, field, value)),
            _ => None,
        };
        let sighting = |anchor: &Anchor| SightingPart {
            address: anchor.node.to_string(),
            time: anchor.at.to_string(),
        };
        Self {
            number: entry.number,
            decision: words(entry),
            deed,
            sightings: anchors.iter().map(sighting).collect(),
            module: set.and_then(|(unit, ..)| unit.as_ref()).map(ToString::to_string),
            field: set.map(|(_, field, _)| field.name()),
            value: set.map(|(.., value)| &**value).filter(|value| !value.is_empty()),
            undoes: match entry.deed {
                Deed::Undid(number) => Some(number),
                Deed::Ruled(_) => None,
            },
            by: &entry.by,
            why: &entry.why,
            time: entry.at.to_string(),
            stands: fate == Fate::Stands,
            undone_by: match fate {
                Fate::Undone(number) => Some(number),
                Fate::Stands | Fate::Overruled(_) => None,
            },
            overruled_by: match fate {
                Fate::Overruled(number) => Some(number),
                Fate::Stands | Fate::Undone(_) => None,
            },
        }
    }
}
