//! Devices: new ones, other versions, what was done to them.

use std::sync::Arc;

use crate::model::notice::{Notice, NoticeKind, Severity};
use crate::model::{Asset, Change, Event, Field, Happening};
use crate::watch::{Now, Watch, about, weighed};

/// Notices about devices that are new or different.
pub(super) fn notices(watch: &Watch, now: &Now<'_>) -> Vec<Notice> {
    let mut notices = Vec::new();
    for change in now.changes {
        match change {
            Change::AssetSeen(asset) | Change::AssetChanged(asset) => {
                let before = watch.assets.get(&asset.id).or_else(|| before(watch, asset, now));
                if before.is_none() {
                    notices.push(new(watch, asset, now));
                }
                notices.extend(happened(before, asset).map(|event| notice(asset, event, now)));
            }
            _ => {}
        }
    }
    notices
}

/// The device that this one was known as until it told a stronger identity: it is gone now, and had one of its addresses.
fn before<'w>(watch: &'w Watch, asset: &Asset, now: &Now<'_>) -> Option<&'w Arc<Asset>> {
    let gone = now.changes.iter().filter_map(|change| match change {
        Change::AssetGone(id) => watch.assets.get(id),
        _ => None,
    });
    let nodes = |asset: &Asset| -> Vec<_> { asset.bindings.iter().map(|one| one.node).collect() };
    let own = nodes(asset);
    gone.into_iter().find(|gone| nodes(gone).iter().any(|node| own.contains(node)))
}

fn new(watch: &Watch, asset: &Asset, now: &Now<'_>) -> Notice {
    let beside = watch.beside(|baseline| baseline.assets.contains(&asset.id));
    let (severity, more, detail) = weighed(beside);
    let plate = &asset.nameplate;
    let fields =
        [Field::Kind, Field::Vendor, Field::Product, Field::Model, Field::Firmware, Field::Os];
    let said = fields
        .iter()
        .filter_map(|field| plate.value(*field).map(|value| (field.name().into(), value.into())));
    let details: Vec<(Box<str>, Box<str>)> =
        std::iter::once(("identity".into(), asset.identity.clone()))
            .chain(said)
            .chain(detail)
            .collect();
    let what = [Field::Vendor, Field::Product, Field::Model]
        .iter()
        .filter_map(|field| plate.value(*field));
    let what = what.collect::<Vec<_>>().join(" ");
    let name = asset.shown_name();
    let text = if what.is_empty() {
        format!("a device that was not known: {name}{more}")
    } else {
        format!("a device that was not known: {name}, {what}{more}")
    };
    let notice = about(asset, NoticeKind::AssetNew, asset.first, now.sites, now.told);
    Notice { severity, text: text.into(), details, ..notice }
}

/// Events that were not there before.
fn happened<'a>(
    before: Option<&'a Arc<Asset>>,
    asset: &'a Asset,
) -> impl Iterator<Item = &'a Event> {
    let known = before.map(|before| before.events.as_slice()).unwrap_or_default();
    asset.events.iter().filter(move |event| !known.iter().any(|one| is_same(one, event)))
}

/// The same event, as told by the same fact; its earlier side may have become clearer meanwhile.
fn is_same(one: &Event, other: &Event) -> bool {
    one.module == other.module && one.what == other.what && one.ground == other.ground
}

fn notice(asset: &Asset, event: &Event, now: &Now<'_>) -> Notice {
    let (kind, severity) = kind(event);
    let mut details: Vec<(Box<str>, Box<str>)> =
        vec![("event".into(), event.name().as_ref().into())];
    if let Some(module) = &event.module {
        details.push(("module".into(), module.to_string().into()));
    }
    match &event.what {
        Happening::Changed { field, from, to } => {
            details.push(("field".into(), field.name().into()));
            details.push(("from".into(), from.clone()));
            details.push(("to".into(), to.clone()));
        }
        Happening::Replaced { from, to } => {
            details.push(("from".into(), from.clone()));
            details.push(("to".into(), to.clone()));
        }
        Happening::Contested { address, with } => {
            details.push(("address".into(), address.clone()));
            details.push(("with".into(), with.clone()));
        }
        Happening::Told => details.push(("said".into(), event.words().into())),
    }
    details.push(("key".into(), event.ground.key.name.into()));
    details.push(("frame".into(), event.ground.frame.number.to_string().into()));
    let part = event.module.as_ref().map(|module| format!(" {module}")).unwrap_or_default();
    let what = event.name().replace('_', " ");
    let text = format!("{}{part}: {what}: {}", asset.shown_name(), event.words());
    let notice = about(asset, kind, event.ground.at, now.sites, now.told);
    Notice { severity, text: text.into(), details, ..notice }
}

/// What an event is to those who are told, and how much it matters. The words are those that the keys of all protocols are made of.
fn kind(event: &Event) -> (NoticeKind, Severity) {
    match &event.what {
        Happening::Changed { field: Field::Mode, .. } => {
            (NoticeKind::ModeChanged, Severity::Warning)
        }
        Happening::Changed { .. } => (NoticeKind::AssetChanged, Severity::Notice),
        Happening::Replaced { .. } | Happening::Contested { .. } => {
            (NoticeKind::AssetReplaced, Severity::Warning)
        }
        Happening::Told => {
            let name = event.name();
            let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
            if has(WRITES) {
                (NoticeKind::ProgramDownload, Severity::Error)
            } else if has(MODES) {
                (NoticeKind::ModeChanged, Severity::Warning)
            } else if has(INTERFERES) {
                (NoticeKind::DeviceEvent, Severity::Warning)
            } else {
                (NoticeKind::DeviceEvent, Severity::Notice)
            }
        }
    }
}

/// Words in the names of events by which a program, a firmware or a configuration gets into a device.
const WRITES: &[&str] =
    &["download", "firmware_update", "configuration_change", "memory_initialized"];

/// Of events that start and stop a controller.
const MODES: &[&str] = &["mode_change", "start", "stop"];

/// Of events that interfere with one.
const INTERFERES: &[&str] =
    &["reset", "forces", "security", "listen_only", "clock", "upload", "conflict"];
