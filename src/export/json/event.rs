//! `nameplate.event/1`: something that happened to a device.

use serde::Serialize;

use crate::export::json::asset::{PlacePart, ValuePart};
use crate::model::{Asset, Event, Run};

#[derive(Serialize)]
pub(super) struct EventLine<'a> {
    schema: &'static str,
    asset_id: String,
    module: Option<String>,
    event: &'static str,
    value: ValuePart<'a>,
    capture: &'a str,
    frame: u64,
    time: String,
    #[serde(flatten)]
    place: PlacePart<'a>,
}

impl<'a> EventLine<'a> {
    pub(super) fn new(run: &'a Run, asset: &Asset, event: &'a Event) -> Self {
        let ground = &event.ground;
        Self {
            schema: "nameplate.event/1",
            asset_id: asset.id.to_string(),
            module: event.module.as_ref().map(ToString::to_string),
            event: ground.key.name,
            value: ValuePart::new(&ground.value),
            capture: run.capture_name(ground.frame.capture),
            frame: ground.frame.number,
            time: ground.at.to_string(),
            place: PlacePart::new(run, ground.frame, &ground.excerpt),
        }
    }
}
