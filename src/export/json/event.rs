//! `nameplate.event/1`: something that happened to a device.

use std::borrow::Cow;

use serde::Serialize;

use crate::export::json::asset::{PlacePart, ValuePart};
use crate::model::{Asset, Event, Ground, Happening, Run};

#[derive(Serialize)]
pub(super) struct EventLine<'a> {
    schema: &'static str,
    asset_id: String,
    module: Option<String>,
    event: Cow<'a, str>,
    /// What the fact says; where something changed, what is said now.
    value: ValuePart<'a>,
    #[serde(flatten)]
    seen: SeenPart<'a>,
    /// Where something changed: what was said before.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<BeforePart<'a>>,
}

#[derive(Serialize)]
struct BeforePart<'a> {
    value: ValuePart<'a>,
    #[serde(flatten)]
    seen: Option<SeenPart<'a>>,
}

#[derive(Serialize)]
struct SeenPart<'a> {
    capture: &'a str,
    frame: u64,
    time: String,
    #[serde(flatten)]
    place: PlacePart<'a>,
}

impl<'a> SeenPart<'a> {
    fn new(run: &'a Run, ground: &'a Ground) -> Self {
        Self {
            capture: run.capture_name(ground.frame.capture),
            frame: ground.frame.number,
            time: ground.at.to_string(),
            place: PlacePart::new(run, ground.frame, &ground.excerpt),
        }
    }
}

impl<'a> EventLine<'a> {
    pub(super) fn new(run: &'a Run, asset: &Asset, event: &'a Event) -> Self {
        let ground = &event.ground;
        let (name, value, before) = match &event.what {
            Happening::Told => (ground.key.name.into(), ValuePart::new(&ground.value), None),
            Happening::Changed { from, to, .. } | Happening::Replaced { from, to } => {
                (event.name(), ValuePart::Text(to), Some(ValuePart::Text(from)))
            }
            Happening::Contested { with, .. } => (event.name(), ValuePart::Text(with), None),
        };
        let seen_before = || event.before.as_ref().map(|before| SeenPart::new(run, before));
        Self {
            schema: "nameplate.event/1",
            asset_id: asset.id.to_string(),
            module: event.module.as_ref().map(ToString::to_string),
            event: name,
            value,
            seen: SeenPart::new(run, ground),
            before: before.map(|value| BeforePart { value, seen: seen_before() }),
        }
    }
}
