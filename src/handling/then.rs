//! How a finding stands, and what of that would have to differ for a decision to be asked again.

use std::cmp::Ordering;

use crate::model::version::{Scheme, Version};
use crate::model::{
    Asset, Choice, Claim, Field, Finding, Happening, Measure, Nameplate, PatchState, Record, Run,
    Then, Timestamp, Unit,
};

/// What is known of the part that a finding is about.
pub fn plate<'a>(asset: &'a Asset, unit: Option<&Unit>) -> &'a Nameplate {
    let module = asset.modules.iter().find(|module| Some(&module.path) == unit);
    module.map_or(&asset.nameplate, |module| &module.nameplate)
}

/// How a finding stands now.
pub fn then(asset: &Asset, finding: &Finding, run: &Run) -> Then {
    let plate = plate(asset, finding.module.as_ref());
    let judgement = &finding.judgement;
    let text = |field: Field| plate.value(field).map(Box::from);
    let mut fixed_in: Vec<Box<str>> =
        judgement.fixed_in.iter().map(|version| version.as_str().into()).collect();
    fixed_in.sort();
    fixed_in.dedup();
    Then {
        verdict: judgement.verdict.name().into(),
        version: version(plate).map(|claim| claim.value.clone()),
        serial: text(Field::Serial),
        model: text(Field::Model).or_else(|| text(Field::Product)),
        substance: judgement.substance,
        fixed_in,
        evidence: version(plate).and_then(|claim| evidence(claim, run)),
        seen: asset.last,
    }
}

/// The version that verdicts are mostly about.
pub(super) fn version(plate: &Nameplate) -> Option<&Claim> {
    plate.claim(Field::Firmware).or_else(|| plate.claim(Field::OsBuild))
}

/// The frame behind a claim.
pub(super) fn evidence(claim: &Claim, run: &Run) -> Option<Box<str>> {
    let frame = claim.from.last()?.frame;
    Some(format!("{}#{}", run.capture_name(frame.capture), frame.number).into())
}

/// What a line of the diary is compared with.
pub(super) struct Now<'a> {
    pub(super) asset: &'a Asset,
    pub(super) finding: &'a Finding,
    pub(super) then: &'a Then,
    pub(super) scheme: Scheme,
}

impl Now<'_> {
    /// Why a decision no longer stands; `None` while it does.
    pub(super) fn reopens_decision(&self, record: &Record, choice: Choice) -> Option<String> {
        let before = &record.then;
        self.replaced(before)
            .or_else(|| self.went_back(before).filter(|_| choice != Choice::FalseMatch))
            .or_else(|| self.is_worse(before))
            .or_else(|| self.document_changed(before))
    }

    /// Why the state that a patch was given no longer stands.
    pub(super) fn reopens_state(&self, record: &Record) -> Option<String> {
        let before = &record.then;
        let Measure::Moved { to, .. } = record.measure else { return None };
        if to.is_the_suppliers() {
            return None;
        }
        let gone = || {
            let still = |text: &str| text == "affected";
            let contradicts = still(&self.then.verdict) && !still(&before.verdict)
                || still(&self.then.verdict) && self.said_after(record.at);
            let version = self.then.version.as_deref().unwrap_or("a version that is not known");
            contradicts.then(|| format!("it was installed, and the device says {version} again"))
        };
        let is_installed = to == PatchState::Installed;
        self.replaced(before)
            .or_else(|| self.went_back(before).filter(|_| is_installed))
            .or_else(|| if is_installed { gone() } else { None })
            .or_else(|| self.is_worse(before).filter(|_| is_installed))
    }

    /// Another device stands where the one stood that was decided about.
    fn replaced(&self, before: &Then) -> Option<String> {
        if let (Some(old), Some(new)) = (&before.serial, &self.then.serial)
            && !old.eq_ignore_ascii_case(new)
        {
            return Some(format!("the device was replaced: serial number {old} then, {new} now"));
        }
        let unit = self.finding.module.as_ref();
        let own = |event: &&crate::model::Event| {
            event.module.as_ref() == unit && event.ground.at > before.seen
        };
        self.asset.events.iter().filter(own).find_map(|event| match &event.what {
            Happening::Replaced { from, to } => Some(format!(
                "the device was replaced on {}: {from} then, {to} now",
                day(event.ground.at)
            )),
            _ => None,
        })
    }

    /// The version is an older one than it was, or was made one in the meantime.
    fn went_back(&self, before: &Then) -> Option<String> {
        let is_older = |new: &str, old: &str| {
            let [new, old] = [new, old].map(|text| Version::new(text, self.scheme));
            new.compare(&old) == Some(Ordering::Less)
        };
        if let (Some(old), Some(new)) = (&before.version, &self.then.version)
            && is_older(new, old)
        {
            return Some(format!("the version went back from {old} to {new}"));
        }
        let unit = self.finding.module.as_ref();
        let own = |event: &&crate::model::Event| {
            event.module.as_ref() == unit && event.ground.at > before.seen
        };
        self.asset.events.iter().filter(own).find_map(|event| match &event.what {
            Happening::Changed { field: Field::Firmware | Field::OsBuild, from, to }
                if is_older(to, from) =>
            {
                Some(format!(
                    "the version went back from {from} to {to} on {}",
                    day(event.ground.at)
                ))
            }
            _ => None,
        })
    }

    /// The verdict is a worse one than it was.
    fn is_worse(&self, before: &Then) -> Option<String> {
        if rank(&self.then.verdict) <= rank(&before.verdict) {
            return None;
        }
        let words = |verdict: &str| verdict.replace('_', " ");
        let cause = match (&before.version, &self.then.version) {
            (Some(old), Some(new)) if old != new => {
                format!(", after the version changed from {old} to {new}")
            }
            (None, Some(new)) => format!(", after the device said its version, {new}"),
            _ if before.substance != self.then.substance => {
                ", after the document changed".to_owned()
            }
            _ => String::new(),
        };
        let (old, new) = (words(&before.verdict), words(&self.then.verdict));
        Some(format!("the verdict was {old}, and is {new} now{cause}"))
    }

    /// The document says something else than it said, and it matters here. A newer revision alone does not.
    fn document_changed(&self, before: &Then) -> Option<String> {
        if before.substance == self.then.substance {
            return None;
        }
        let list = |versions: &[Box<str>]| match versions {
            [] => "none".to_owned(),
            some => some.join(", "),
        };
        if before.fixed_in != self.then.fixed_in {
            let (old, new) = (list(&before.fixed_in), list(&self.then.fixed_in));
            return Some(format!("the document changed: fixed in {new} now, {old} then"));
        }
        (before.verdict != self.then.verdict).then(|| {
            let [old, new] =
                [&before.verdict, &self.then.verdict].map(|verdict| verdict.replace('_', " "));
            format!("the document changed: {new} now, {old} then")
        })
    }

    /// True when the device said its version after a time of the clock on the wall.
    fn said_after(&self, at: Timestamp) -> bool {
        let plate = plate(self.asset, self.finding.module.as_ref());
        version(plate).is_some_and(|claim| claim.last > at)
    }
}

/// The day of a time, for a sentence.
pub fn day(at: Timestamp) -> String {
    let text = at.to_string();
    text.get(..10).unwrap_or(&text).to_owned()
}

/// How bad a verdict is, by the word of exports.
fn rank(verdict: &str) -> u8 {
    match verdict {
        "affected" => 2,
        "cannot_tell" => 1,
        _ => 0,
    }
}
