//! What happened to devices, as comments on the frames before and after.
//!
//! That something changed is known only when all facts are: then the evidence is written. Its frames are those of the
//! facts anyway, because all of them were news; so the file is copied once more, with what happened beside them.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufReader, BufWriter};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::STANDARD_OUTPUT;
use crate::app::AppError;
use crate::export::display_name;
use crate::export::pcapng::{Comment, annotate};
use crate::model::limits::EVIDENCE_EVENTS_PER_FRAME_MAX;
use crate::model::{Asset, CaptureInfo, Counters, Event, FrameRef, Ground, Happening, Run};

/// Adds what happened to the evidence at `path`: changes, replacements, contested addresses. `read` are the captures as
/// they were read, `run` has those that the events of `assets` refer to. What went to a pipe cannot be taken back: there
/// the events are counted only.
pub(in crate::app) fn tell_events(
    path: &Path,
    read: &[CaptureInfo],
    run: &Run,
    assets: &[Arc<Asset>],
) -> Result<Counters, AppError> {
    let mut notes = Notes { read, run, comments: BTreeMap::new(), counters: Counters::default() };
    for asset in assets {
        for event in &asset.events {
            notes.take(asset, event);
        }
    }
    let Notes { comments, mut counters, .. } = notes;
    if comments.is_empty() {
        return Ok(counters);
    }
    if path.as_os_str() == STANDARD_OUTPUT || !path.is_file() {
        let count = comments.values().map(Vec::len).sum::<usize>();
        counters.add("evidence.events_not_written", u64::try_from(count).unwrap_or(u64::MAX));
        return Ok(counters);
    }
    let cannot = |source| AppError::Write { what: path.display().to_string(), source };
    // A link stays one: what it leads to is replaced.
    let file = fs::canonicalize(path).map_err(cannot)?;
    let part = beside(&file);
    let mut out = File::create_new(&part).map_err(cannot)?;
    let copied = copy(&file, &mut out, &comments).and_then(|()| fs::rename(&part, &file));
    copied.map_err(|source| {
        // The evidence itself stands; what is left of the copy is of no use.
        let _ = fs::remove_file(&part);
        cannot(source)
    })?;
    Ok(counters)
}

/// What is to be said on which frames, by their names in the evidence.
struct Notes<'a> {
    read: &'a [CaptureInfo],
    run: &'a Run,
    comments: BTreeMap<String, Vec<Comment>>,
    counters: Counters,
}

impl Notes<'_> {
    fn take(&mut self, asset: &Asset, event: &Event) {
        match event.what {
            // The comment on the fact says all of it.
            Happening::Told => return,
            Happening::Changed { .. }
            | Happening::Replaced { .. }
            | Happening::Contested { .. } => {}
        }
        let part = event.module.as_ref().map(|path| format!(" {path}")).unwrap_or_default();
        let (name, words) = (event.name(), event.words());
        let said = format!("{}{part}  {name}: {words}", display_name(asset));
        let place = |ground: &Ground| self.place(ground.frame);
        let now = place(&event.ground);
        let before = event.before.as_deref().map(place);
        match before {
            Some(before) => {
                let then = now.as_deref().unwrap_or("a capture that was not read now");
                self.say(before.clone(), &format!("{said}  (before; then in {then})"));
                let was = before.as_deref().unwrap_or("a capture that was not read now");
                self.say(now, &format!("{said}  (then; before in {was})"));
            }
            None => self.say(now, &said),
        }
    }

    fn say(&mut self, place: Option<String>, words: &str) {
        let Some(place) = place else { return };
        let of_frame = self.comments.entry(Comment::new(&place).text().to_owned()).or_default();
        if of_frame.len() < EVIDENCE_EVENTS_PER_FRAME_MAX {
            of_frame.push(Comment::new(words));
        } else {
            self.counters.one("evidence.events_left_out");
        }
    }

    /// How the evidence names a frame; `None` when its capture was not read now, but for a store before.
    fn place(&self, frame: FrameRef) -> Option<String> {
        let known = self.run.captures.get(usize::try_from(frame.capture).ok()?)?;
        let is_it = |read: &&CaptureInfo| known.session.is_none() && read.sha256 == known.sha256;
        let read = self.read.iter().find(is_it)?;
        Some(format!("{}#{}", read.name, frame.number))
    }
}

fn copy(
    path: &Path,
    out: &mut File,
    comments: &BTreeMap<String, Vec<Comment>>,
) -> std::io::Result<()> {
    let mut evidence = BufReader::new(File::open(path)?);
    let mut out = BufWriter::new(out);
    annotate(&mut evidence, &mut out, comments)?;
    Ok(())
}

/// Where the copy is made, so that it can take the place of the file at once.
fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    path.with_file_name(name)
}
