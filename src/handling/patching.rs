//! How far a patch is on its way into a device: the supplier's track, the owner's, and what was seen.

use std::collections::BTreeSet;

use crate::handling::then::{Now, evidence, version};
use crate::handling::{Standing, Weighed, plate, then};
use crate::model::{
    Asset, Field, Finding, Measure, Outcome, PatchState, Patching, Record, Verdict,
};

impl<'a> Standing<'a> {
    /// How far the patch is, and what is proposed of it.
    pub(super) fn patch(&self, now: &Now<'_>, own: &[&'a Record], weighed: &mut Weighed<'a>) {
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
    pub(super) fn suppliers_word(
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
            let is_needed = finding.judgement.verdict != Verdict::NotAffected;
            (is_needed && !fixed_in.is_empty()).then(|| Patching {
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

fn patching(record: &Record, state: PatchState) -> Patching {
    let (by, why) = (Some(record.by.clone()), record.why.clone());
    Patching { state, by, why, at: Some(record.at) }
}

fn list(versions: &[Box<str>]) -> String {
    if versions.is_empty() { "none".to_owned() } else { versions.join(", ") }
}
