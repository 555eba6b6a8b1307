//! What people decided, and how far patches are: which of what is written down stands for which finding, what no longer
//! does and why, and what the program proposes on what it saw. Pure: the time is an argument.
//!
//! A verdict, the state of a patch and a decision are three things, and none of them changes another: an accepted risk is
//! still a risk, and a patch that is authorised is in no device yet. So everything here is written beside a verdict, and a
//! finding that somebody put aside is still counted.

mod file;
mod listed;
mod patching;
mod then;
pub mod transitions;
#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::as_conversions)]
mod tests;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::model::decision::is_of;
use crate::model::version::Scheme;
use crate::model::{
    Asset, Binding, Choice, Field, Finding, Handling, Matter, Measure, Outcome, Patching, Record,
    Run, Timestamp, Treatment, Unit, Verdict, Written,
};

use listed::Rows;
use then::Now;

pub use listed::{covers, is_like, newest};
pub use then::{day, plate, then};

/// What the rules are asked with, beside what is written down.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// What was read, and what is written down.
    pub run: &'a Run,
    /// The time of the clock on the wall.
    pub now: Timestamp,
    /// The order of the versions of a maker, by its name.
    pub order: &'a dyn Fn(&str) -> Scheme,
    /// The maker that a spelling means.
    pub maker: &'a dyn Fn(&str) -> String,
}

impl fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").field("now", &self.now).finish_non_exhaustive()
    }
}

/// All that is written down, ready to be asked about findings.
#[derive(Debug)]
pub struct Standing<'a> {
    context: Context<'a>,
    undone: BTreeMap<u64, u64>,
    /// Lines that count, by document in lower case, in order of number.
    records: BTreeMap<String, Vec<&'a Record>>,
    rows: Rows<'a>,
    /// Entries of the file, by document or vulnerability in lower case, by their places.
    written: BTreeMap<String, Vec<usize>>,
    met: RefCell<Met>,
}

/// What came up while findings were asked about.
#[derive(Debug, Default)]
struct Met {
    /// Entries of the file that are about a finding, by their places.
    entries: BTreeSet<usize>,
    /// Where the file and the store say different things: the entry, the number, which of them counts; how often.
    conflicts: BTreeMap<(usize, u64, bool), usize>,
}

/// Which of what is written down is about a finding, and what became of it.
#[derive(Debug, Default)]
struct Weighed<'a> {
    handling: Handling,
    lines: Vec<(&'a Record, Outcome)>,
}

impl<'a> Standing<'a> {
    /// Makes ready what the run has written down.
    pub fn new(context: Context<'a>) -> Self {
        let handbook = &context.run.handbook;
        let undone = handbook.diary.undone();
        let mut records: BTreeMap<String, Vec<&'a Record>> = BTreeMap::new();
        for record in handbook.diary.records() {
            if let Some(matter) = &record.matter {
                records.entry(matter.advisory.to_lowercase()).or_default().push(record);
            }
        }
        let mut written: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, entry) in handbook.written.iter().enumerate() {
            let name = entry.advisory.as_ref().or(entry.cve.as_ref());
            written
                .entry(name.map(|name| name.to_lowercase()).unwrap_or_default())
                .or_default()
                .push(at);
        }
        let rows = Rows::new(&handbook.listed);
        Self { context, undone, records, rows, written, met: RefCell::default() }
    }

    /// What people do about a finding.
    pub fn of(&self, asset: &Asset, finding: &Finding) -> Handling {
        self.weigh(asset, finding).handling
    }

    /// The lines of the diary that are about a finding, in order of number, and what became of each.
    pub fn lines(&self, asset: &Asset, finding: &Finding) -> Vec<(&'a Record, Outcome)> {
        let mut lines = self.weigh(asset, finding).lines;
        lines.sort_by_key(|(record, _)| record.number);
        lines
    }

    /// The state on the supplier's track, which goes on whatever the owner does.
    pub fn suppliers(&self, asset: &Asset, finding: &Finding) -> Option<Patching> {
        let now = then(asset, finding, self.context.run);
        let own = self.own(asset, finding, &now.fixed_in);
        self.suppliers_word(asset, finding, &own)
    }

    /// What a person should know: entries of the file about nothing, and those that the store contradicts. To be asked when
    /// all findings were.
    pub fn notes(&self) -> Vec<String> {
        let met = self.met.borrow();
        let written = &self.context.run.handbook.written;
        let idle = written.iter().enumerate().filter(|(at, _)| !met.entries.contains(at));
        let idle = idle.map(|(_, entry)| {
            format!(
                "{}: is about no finding: no such device, or no such verdict on it",
                entry.source
            )
        });
        let conflicts = met.conflicts.iter().filter_map(|((at, number, is_files), count)| {
            let entry = written.get(*at)?;
            let record = self.context.run.handbook.diary.record(*number)?;
            let Measure::Decided { choice, .. } = &record.measure else { return None };
            let counts = if *is_files { "the file" } else { "the store" };
            let findings = if *count == 1 { "finding" } else { "findings" };
            Some(format!(
                "{}: says {} of {}, decision {number} of {} in the store says {}: the later one counts, which is that of {counts} ({count} {findings})",
                entry.source,
                entry.choice.name(),
                day(entry.at),
                day(record.at),
                choice.name(),
            ))
        });
        idle.chain(conflicts).collect()
    }

    fn weigh(&self, asset: &Asset, finding: &Finding) -> Weighed<'a> {
        let now = then(asset, finding, self.context.run);
        let vendor = plate(asset, finding.module.as_ref()).value(Field::Vendor);
        let scheme = vendor.map(self.context.order).unwrap_or_default();
        let now = Now { asset, finding, then: &now, scheme };
        let own = self.own(asset, finding, &now.then.fixed_in);
        let mut weighed = Weighed::default();
        let undone = own.iter().filter_map(|record| {
            let by = self.undone.get(&record.number)?;
            Some((*record, Outcome::Undone(*by)))
        });
        weighed.lines.extend(undone);
        self.decide(&now, &own, &mut weighed);
        self.patch(&now, &own, &mut weighed);
        // Nothing is left to do about what is fixed or not affected: nobody needs to be asked again.
        let is_open = matches!(finding.judgement.verdict, Verdict::Affected | Verdict::Unknown(_));
        if !is_open {
            weighed.handling.reopened = None;
        }
        weighed
    }

    /// The lines that are about a finding.
    fn own(&self, asset: &Asset, finding: &Finding, fixed_in: &[Box<str>]) -> Vec<&'a Record> {
        let of_document = self.records.get(&finding.judgement.advisory.to_lowercase());
        let is_own = |record: &&&'a Record| {
            record.matter.as_ref().is_some_and(|matter| {
                is_about(matter, finding)
                    && is_part(matter, asset, finding)
                    && is_of(&matter.anchor, asset)
            })
        };
        let is_patch = |record: &&&'a Record| {
            !matches!(record.measure, Measure::Moved { .. })
                || *record.then.fixed_in == *fixed_in
                || record.then.substance != finding.judgement.substance
        };
        of_document.into_iter().flatten().filter(is_own).filter(is_patch).copied().collect()
    }

    /// Which decision stands.
    fn decide(&self, now: &Now<'_>, own: &[&'a Record], weighed: &mut Weighed<'a>) {
        let mut decided = own.iter().rev().filter_map(|record| match record.measure {
            Measure::Decided { choice, due, expires }
                if !self.undone.contains_key(&record.number) =>
            {
                Some((*record, choice, due, expires))
            }
            _ => None,
        });
        let (last, earlier) = (decided.next(), decided);
        let written = self.written_about(now.asset, now.finding);
        let of_file = written.filter(|entry| last.is_none_or(|(record, ..)| entry.at > record.at));
        if let (Some(entry), Some((record, choice, ..))) = (written, last)
            && entry.choice != choice
        {
            self.note_conflict(entry, record.number, of_file.is_some());
        }
        let successor: Box<str> =
            last.map(|(record, ..)| record.number.to_string().into()).unwrap_or_default();
        weighed
            .lines
            .extend(earlier.map(|(record, ..)| (record, Outcome::Overruled(successor.clone()))));
        let handling = &mut weighed.handling;
        if let Some(entry) = of_file {
            if let Some((record, ..)) = last {
                weighed.lines.push((record, Outcome::Overruled(entry.source.clone())));
            }
            let treatment = treatment(entry);
            match self.expired(&treatment) {
                Some(why) => handling.reopened = Some(why.into()),
                None => self.stand(handling, treatment),
            }
            return;
        }
        let Some((record, choice, due, expires)) = last else {
            handling.reopened = self.before_this_device(now).map(Into::into);
            return;
        };
        let treatment = Treatment {
            source: record.number.to_string().into(),
            choice,
            by: record.by.clone(),
            why: record.why.clone(),
            at: record.at,
            due,
            expires,
        };
        let why = self.expired(&treatment).or_else(|| {
            let why = now.reopens_decision(record, choice)?;
            Some(format!("{}; {} had decided to {}", why, record.by, words(choice)))
        });
        let outcome = match why {
            Some(why) => {
                handling.reopened = Some(why.as_str().into());
                Outcome::Reopened(why.into())
            }
            None => {
                self.stand(handling, treatment);
                Outcome::Stands
            }
        };
        weighed.lines.push((record, outcome));
    }

    /// Keeps a decision that stands; says so when what it asks for is overdue.
    fn stand(&self, handling: &mut Handling, treatment: Treatment) {
        if let Some(due) = treatment.due.filter(|due| *due <= self.context.now) {
            let (by, choice) = (&treatment.by, words(treatment.choice));
            handling.reopened =
                Some(format!("overdue: {by} had decided to {choice} by {}", day(due)).into());
        }
        handling.decision = Some(treatment);
    }

    fn expired(&self, treatment: &Treatment) -> Option<String> {
        let expires = treatment.expires.filter(|expires| *expires <= self.context.now)?;
        let (by, choice) = (&treatment.by, words(treatment.choice));
        Some(format!("the decision of {by} to {choice} expired on {}", day(expires)))
    }

    /// Something was decided about a device that had the same address before this one.
    fn before_this_device(&self, now: &Now<'_>) -> Option<String> {
        let (asset, finding) = (now.asset, now.finding);
        let records = self.records.get(&finding.judgement.advisory.to_lowercase())?;
        let mut before = records.iter().rev().filter(|record| {
            !self.undone.contains_key(&record.number)
                && record.matter.as_ref().is_some_and(|matter| {
                    is_about(matter, finding)
                        && is_part(matter, asset, finding)
                        && is_earlier(matter, &asset.bindings)
                })
        });
        let record = before.next()?;
        let what = match record.measure {
            Measure::Decided { choice, .. } => format!("to {}", words(choice)),
            Measure::Moved { to, .. } => format!("that the patch is {to}"),
            Measure::Automatic(_) | Measure::Undid(_) => return None,
        };
        let serial = |serial: &Option<Box<str>>| {
            serial
                .as_ref()
                .map(|serial| format!(" with serial number {serial}"))
                .unwrap_or_default()
        };
        Some(format!(
            "the device was replaced: {} had decided {what}, of the one{} that had this address before",
            record.by,
            serial(&record.then.serial)
        ))
    }

    fn note_conflict(&self, entry: &Written, number: u64, is_files: bool) {
        let written = &self.context.run.handbook.written;
        let at = written.iter().position(|one| std::ptr::eq(one, entry)).unwrap_or(usize::MAX);
        let mut met = self.met.borrow_mut();
        let count = met.conflicts.entry((at, number, is_files)).or_default();
        *count = count.saturating_add(1);
    }
}

/// The word of a decision in a sentence with "to".
pub fn words(choice: Choice) -> &'static str {
    match choice {
        Choice::Remediate => "remediate",
        Choice::Mitigate => "mitigate",
        Choice::Accept => "accept",
        Choice::Defer => "defer",
        Choice::NotApplicable(_) => "call it not applicable",
        Choice::FalseMatch => "call it a false match",
    }
}

fn is_about(matter: &Matter, finding: &Finding) -> bool {
    matter.advisory.eq_ignore_ascii_case(&finding.judgement.advisory)
        && matter.cves.iter().any(|cve| cve.eq_ignore_ascii_case(&finding.judgement.cve))
}

/// True when the part is the same. A device that is known by its only unit is the same as that unit.
fn is_part(matter: &Matter, asset: &Asset, finding: &Finding) -> bool {
    let only = asset.modules.first().filter(|_| asset.is_its_only_unit());
    let whole = |unit: Option<&Unit>| match (unit, only) {
        (Some(unit), Some(only)) if *unit == only.path => None,
        (unit, _) => unit.cloned(),
    };
    whole(matter.unit.as_ref()) == whole(finding.module.as_ref())
}

/// True when a sighting was at one of these addresses, before the device had any of them.
fn is_earlier(matter: &Matter, bindings: &[Binding]) -> bool {
    let here: Vec<&Binding> =
        bindings.iter().filter(|binding| binding.node == matter.anchor.node).collect();
    !here.is_empty() && here.iter().all(|binding| matter.anchor.at < binding.first)
}

fn treatment(entry: &Written) -> Treatment {
    Treatment {
        source: entry.source.clone(),
        choice: entry.choice,
        by: entry.by.clone(),
        why: entry.why.clone(),
        at: entry.at,
        due: entry.due,
        expires: entry.expires,
    }
}
