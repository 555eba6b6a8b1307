//! The frames that a sensor kept as evidence, as a capture for Wireshark: with what each of them proves.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use crate::app::AppError;
use crate::app::evidence::Evidence;
use crate::app::explain::{self, Place};
use crate::app::knowledge::Sources;
use crate::app::scan::{self, Scanned, names_capture};
use crate::model::limits::KEPT_FRAMES_AT_ONCE;
use crate::model::{Asset, Frame, FrameRef, Ground, Observation, Timestamp};
use crate::store::Store;

/// Which frames.
#[derive(Clone, Debug, Default)]
pub(in crate::app) struct Wanted {
    /// Those behind what is known of a device, or one as SESSION#FRAME; all when nothing is named.
    pub(in crate::app) what: Option<String>,
    /// Heard then or later.
    pub(in crate::app) since: Option<Timestamp>,
    /// Heard then or before.
    pub(in crate::app) until: Option<Timestamp>,
}

/// What was written.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(in crate::app) struct Written {
    /// Frames.
    pub(in crate::app) frames: usize,
    /// Frames that were asked for by name or by what rests on them, and are not there.
    pub(in crate::app) missing: usize,
    /// Facts that the frames prove.
    pub(in crate::app) facts: usize,
}

/// Writes the frames that are kept to a file, `-` for standard output.
pub(in crate::app) fn write(
    dir: &Path,
    wanted: &Wanted,
    to: &Path,
    sources: &Sources,
) -> Result<Written, AppError> {
    let mut store = Store::open(dir)?;
    let known = scan::held(&mut store, sources)?;
    let named = wanted.what.as_deref().map(|what| named(&known, what)).transpose()?;
    let facts = by_frame(&known.observations);
    let heard = (0_u32..).zip(&known.run.captures).filter(|(_, one)| one.session.is_some());
    let is_in_time = |at: Timestamp| {
        wanted.since.is_none_or(|since| at >= since) && wanted.until.is_none_or(|until| at <= until)
    };
    if let Some(only) = named.as_ref().filter(|named| named.len() == 1).and_then(BTreeSet::first) {
        is_there(&mut store, &known, *only)?;
    }
    let mut evidence = Evidence::create(to, &known.run)?;
    let (mut written, mut proved) = (Written::default(), BTreeSet::new());
    for (capture, _) in heard {
        let mut from = 0_u64;
        loop {
            let page = store.frames_of(capture, (from, u64::MAX >> 1), KEPT_FRAMES_AT_ONCE)?;
            let Some(last) = page.last() else { break };
            from = last.frame.number.saturating_add(1);
            let is_named =
                |frame: &FrameRef| named.as_ref().is_none_or(|named| named.contains(frame));
            for kept in page.iter().filter(|kept| is_named(&kept.frame) && is_in_time(kept.at)) {
                let own = facts.get(&kept.frame).map(Vec::as_slice).unwrap_or_default();
                let (at, frame, link) = (kept.at, kept.frame, kept.link);
                let frame = Frame { at, frame, link, wire_len: kept.wire_len, bytes: &kept.bytes };
                evidence.put(&known.run, &frame, own)?;
                written.frames = written.frames.saturating_add(1);
                proved.extend(own.iter().map(|fact| std::ptr::from_ref(*fact)));
            }
        }
    }
    evidence.finish(&known.run)?;
    written.facts = proved.len();
    written.missing = named.map_or(0, |named| named.len().saturating_sub(written.frames));
    Ok(written)
}

/// Says what became of a frame that was asked for and is not there.
fn is_there(store: &mut Store, known: &Scanned, frame: FrameRef) -> Result<(), AppError> {
    if store.frame(frame)?.is_some() {
        return Ok(());
    }
    let name = format!("{}#{}", known.run.capture_name(frame.capture), frame.number);
    let why = match store.let_go(frame)? {
        Some(let_go) => let_go.to_string(),
        None => "the store holds no frame of that number".to_owned(),
    };
    Err(AppError::NotFound(format!("{name}: {why}")))
}

/// The frames that a person names.
fn named(known: &Scanned, what: &str) -> Result<BTreeSet<FrameRef>, AppError> {
    if let Some(Place { capture, frame, .. }) = Place::parse(what) {
        let is_it = |name: &str| names_capture(name, &capture);
        let number =
            known.run.captures.iter().position(|one| one.session.is_some() && is_it(&one.name));
        let number = number.and_then(|number| u32::try_from(number).ok());
        let found = number.map(|capture| [FrameRef { capture, number: frame }].into());
        return found.ok_or_else(|| {
            let sessions = known.run.captures.iter().filter(|one| one.session.is_some());
            let names: Vec<&str> = sessions.map(|one| &*one.name).collect();
            AppError::NotFound(match names.as_slice() {
                [] => "no sensor has written to this store: there are no frames in it".to_owned(),
                names => format!("no session is called {capture}; there are {}", names.join(", ")),
            })
        });
    }
    let assets: Vec<&Arc<Asset>> = explain::assets(known, what).collect();
    if assets.is_empty() {
        return Err(AppError::NotFound(format!(
            "nothing here is called {what}: give an address, a name, the start of an identifier, or SESSION#FRAME"
        )));
    }
    let heard = |frame: &FrameRef| {
        let capture = usize::try_from(frame.capture).ok().and_then(|at| known.run.captures.get(at));
        capture.is_some_and(|capture| capture.session.is_some())
    };
    let grounds = assets.iter().flat_map(|asset| grounds(asset));
    Ok(grounds.flat_map(|ground| [ground.frame, ground.excerpt.frame]).filter(heard).collect())
}

/// What everything that is known of a device rests on.
fn grounds(asset: &Asset) -> Vec<&Ground> {
    let plates =
        std::iter::once(&asset.nameplate).chain(asset.modules.iter().map(|m| &m.nameplate));
    let claims = plates.flat_map(|plate| plate.claims.values().flatten());
    let of_claims = claims.flat_map(|claim| claim.from.iter().map(|ground| &**ground));
    let of_events = asset
        .events
        .iter()
        .flat_map(|event| std::iter::once(&*event.ground).chain(event.before.as_deref()));
    of_claims.chain(of_events).collect()
}

fn by_frame(facts: &[Observation]) -> BTreeMap<FrameRef, Vec<&Observation>> {
    let mut by_frame: BTreeMap<FrameRef, Vec<&Observation>> = BTreeMap::new();
    for fact in facts {
        for frame in BTreeSet::from([fact.frame, fact.excerpt.frame]) {
            by_frame.entry(frame).or_default().push(fact);
        }
    }
    by_frame
}
