//! What people decided, and how far patches are: which of what is written down stands for which finding, what no longer
//! does and why, and what the program proposes on what it saw. Pure: the time is an argument.
//!
//! A verdict, the state of a patch and a decision are three things, and none of them changes another: an accepted risk is
//! still a risk, and a patch that is authorised is in no device yet. So everything here is written beside a verdict, and a
//! finding that somebody put aside is still counted.

mod listed;
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
    Asset, Binding, Choice, Field, Finding, Handling, Matter, Meant, Measure, Outcome, PatchState,
    Patching, Record, Run, Timestamp, Treatment, Unit, Verdict, Written,
};

use listed::Rows;
use then::{Now, evidence, version};

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

    fn written_about(&self, asset: &Asset, finding: &Finding) -> Option<&'a Written> {
        let written = &self.context.run.handbook.written;
        if written.is_empty() {
            return None;
        }
        let judgement = &finding.judgement;
        let names = [&judgement.advisory, &judgement.cve].map(|name| name.to_lowercase());
        let places = names.iter().filter_map(|name| self.written.get(name)).flatten();
        let is_about = |entry: &Written| {
            let same = |wanted: &Option<Box<str>>, own: &str| {
                wanted.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(own))
            };
            same(&entry.advisory, &judgement.advisory) && same(&entry.cve, &judgement.cve)
        };
        let mut about: Vec<(usize, &'a Written)> = places
            .filter_map(|at| Some((*at, written.get(*at)?)))
            .filter(|(_, entry)| is_about(entry) && self.means(&entry.meant, asset, finding))
            .collect();
        self.met.borrow_mut().entries.extend(about.iter().map(|(at, _)| *at));
        about.sort_by_key(|(at, entry)| (entry.at, *at));
        about.last().map(|(_, entry)| *entry)
    }

    /// True for a device that an entry of the file is about.
    fn means(&self, meant: &Meant, asset: &Asset, finding: &Finding) -> bool {
        let plate = plate(asset, finding.module.as_ref());
        let both = [&asset.nameplate, plate];
        let says = |fields: &[Field], wanted: &dyn Fn(&str) -> bool| {
            both.iter()
                .any(|plate| fields.iter().filter_map(|field| plate.value(*field)).any(wanted))
        };
        let holds = |wanted: &Option<Box<str>>, test: &dyn Fn(&str) -> bool| {
            wanted.as_ref().is_none_or(|wanted| test(wanted))
        };
        holds(&meant.id, &|id| asset.id.to_string().starts_with(&id.to_lowercase()))
            && meant.ip.is_none_or(|ip| asset.ips.contains(&ip))
            && meant.mac.is_none_or(|mac| asset.macs.contains(&mac))
            && holds(&meant.serial, &|wanted| {
                says(&[Field::Serial], &|own| own.eq_ignore_ascii_case(wanted))
            })
            && holds(&meant.name, &|wanted| {
                says(&[Field::Name], &|own| own.eq_ignore_ascii_case(wanted))
            })
            && holds(&meant.vendor, &|wanted| {
                let maker = self.context.maker;
                let own = plate.value(Field::Vendor);
                own.is_some_and(|own| maker(own) == maker(wanted))
            })
            && holds(&meant.model, &|wanted| {
                let fields = [Field::Model, Field::OrderNumber, Field::Product];
                fields
                    .iter()
                    .filter_map(|field| plate.value(*field))
                    .any(|own| is_like(own, wanted))
            })
            && holds(&meant.module, &|wanted| {
                let path = finding.module.as_ref().map(ToString::to_string);
                path.is_some_and(|path| is_like(&path, wanted))
            })
    }

    fn note_conflict(&self, entry: &Written, number: u64, is_files: bool) {
        let written = &self.context.run.handbook.written;
        let at = written.iter().position(|one| std::ptr::eq(one, entry)).unwrap_or(usize::MAX);
        let mut met = self.met.borrow_mut();
        let count = met.conflicts.entry((at, number, is_files)).or_default();
        *count = count.saturating_add(1);
    }

    /// How far the patch is, and what is proposed of it.
    fn patch(&self, now: &Now<'_>, own: &[&'a Record], weighed: &mut Weighed<'a>) {
        let judgement = &now.finding.judgement;
        let suppliers = self.suppliers_word(now.asset, now.finding, own);
        let mut moved = own.iter().rev().filter_map(|record| match record.measure {
            Measure::Moved { to, .. } if !self.undone.contains_key(&record.number) => {
                Some((*record, to))
            }
            _ => None,
        });
        let last = moved.by_ref().find(|(_, to)| !to.is_the_suppliers());
        let mut state = suppliers.clone();
        let mut standing: Option<u64> = None;
        if let Some((record, to)) = last {
            let recalled = suppliers.as_ref().filter(|word| {
                word.state == PatchState::NotApproved
                    && word.at.is_some_and(|at| at > record.at)
                    && to != PatchState::Installed
            });
            let other_fix = (record.then.fixed_in != now.then.fixed_in)
                .then(|| format!("the fix is another one now: {}", list(&now.then.fixed_in)));
            let why = now.reopens_state(record).or(other_fix).or_else(|| {
                let word = recalled?;
                Some(format!("the supplier recalled the patch: {}", word.why))
            });
            match why {
                None => {
                    standing = Some(record.number);
                    state = Some(patching(record, to));
                }
                Some(why) => {
                    let why = format!("the patch was {to}, said {}: {why}", record.by);
                    let before = weighed.handling.reopened.take();
                    let both = before.map(|before| format!("{before}; {why}"));
                    weighed.handling.reopened = Some(both.unwrap_or_else(|| why.clone()).into());
                    weighed.lines.push((record, Outcome::Reopened(why.into())));
                    standing = Some(record.number);
                }
            }
        }
        self.lines_of_states(own, standing, suppliers.as_ref(), weighed);
        if judgement.verdict == Verdict::Fixed
            && state.as_ref().is_none_or(|state| state.state != PatchState::Installed)
        {
            weighed.handling.proposed = Some(self.seen_installed(now));
        }
        weighed.handling.patch = state;
    }

    /// What became of the lines about states, beside the one that was looked at already.
    fn lines_of_states(
        &self,
        own: &[&'a Record],
        looked_at: Option<u64>,
        suppliers: Option<&Patching>,
        weighed: &mut Weighed<'a>,
    ) {
        let known: BTreeSet<u64> = weighed.lines.iter().map(|(record, _)| record.number).collect();
        let rest = own.iter().filter(|record| !known.contains(&record.number));
        let states: Vec<&'a Record> = rest
            .filter(|record| matches!(record.measure, Measure::Moved { .. }))
            .copied()
            .collect();
        let last = |of_supplier: bool| {
            let same = |record: &&&Record| matches!(record.measure, Measure::Moved { to, .. } if to.is_the_suppliers() == of_supplier);
            states.iter().rev().find(same).map(|record| record.number).or(looked_at)
        };
        let (owners, of_supplier) = (looked_at.or(last(false)), last(true));
        for record in &states {
            let Measure::Moved { to, .. } = record.measure else { continue };
            let successor = if to.is_the_suppliers() { of_supplier } else { owners };
            let is_listed = to.is_the_suppliers()
                && suppliers.is_some_and(|word| word.at.is_some_and(|at| at > record.at));
            let outcome = match successor {
                Some(number) if number != record.number => {
                    Outcome::Overruled(number.to_string().into())
                }
                _ if is_listed => Outcome::Overruled("a list of the supplier".into()),
                _ => Outcome::Stands,
            };
            weighed.lines.push((record, outcome));
        }
    }

    /// What the supplier says, of whom said it last: a list, or a person who passed it on. Where nobody did, a document that
    /// names a fix says that there is one.
    fn suppliers_word(
        &self,
        asset: &Asset,
        finding: &Finding,
        own: &[&'a Record],
    ) -> Option<Patching> {
        let plate = plate(asset, finding.module.as_ref());
        let scheme = plate.value(Field::Vendor).map(self.context.order).unwrap_or_default();
        let row = self.rows.of(finding, plate, scheme, self.context.maker);
        let listed = row.and_then(|row| {
            let list =
                self.context.run.handbook.lists.iter().find(|list| list.number == row.list)?;
            let title = if row.title.is_empty() { &row.patch } else { &row.title };
            Some(Patching {
                state: row.state?,
                by: Some(list.by.clone()),
                why: format!("{} row {}: {title}", list.name, row.row).into(),
                at: Some(list.at),
            })
        });
        let fixed_in = then(asset, finding, self.context.run).fixed_in;
        let told = own.iter().rev().find_map(|record| match record.measure {
            Measure::Moved { to, .. }
                if to.is_the_suppliers()
                    && record.then.fixed_in == fixed_in
                    && !self.undone.contains_key(&record.number) =>
            {
                Some(patching(record, to))
            }
            _ => None,
        });
        let published = || {
            let fixed_in: Vec<Box<str>> =
                finding.judgement.fixed_in.iter().map(|one| one.as_str().into()).collect();
            (!fixed_in.is_empty()).then(|| Patching {
                state: PatchState::Available,
                by: None,
                why: format!("{} names the fix {}", finding.judgement.advisory, list(&fixed_in))
                    .into(),
                at: None,
            })
        };
        let later = [listed, told].into_iter().flatten().max_by_key(|word| word.at);
        later.or_else(published)
    }

    fn seen_installed(&self, now: &Now<'_>) -> Patching {
        let plate = plate(now.asset, now.finding.module.as_ref());
        let claim = version(plate);
        let place = claim.and_then(|claim| evidence(claim, self.context.run));
        let said =
            now.then.version.as_deref().map_or("the fix was seen".to_owned(), |version| {
                format!("the device says {version}")
            });
        let place = place.map(|place| format!(" in {place}")).unwrap_or_default();
        let fixed = match &*now.then.fixed_in {
            [] => String::new(),
            some => format!(", and the fix is in {}", list(some)),
        };
        Patching {
            state: PatchState::Installed,
            by: None,
            why: format!("{said}{place}{fixed}").into(),
            at: claim.map(|claim| claim.first),
        }
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

fn patching(record: &Record, state: PatchState) -> Patching {
    let (by, why) = (Some(record.by.clone()), record.why.clone());
    Patching { state, by, why, at: Some(record.at) }
}

fn list(versions: &[Box<str>]) -> String {
    if versions.is_empty() { "none".to_owned() } else { versions.join(", ") }
}
