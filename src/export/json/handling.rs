//! `nameplate.handling/1`: one line of what people did about findings; `nameplate.patch/1`: one patch on its way into a device.

use serde::Serialize;

use crate::export::display_name;
use crate::export::handling::words;
use crate::export::patches::PatchRow;
use crate::export::shown_version;
use crate::model::{Field, Handling, Measure, Outcome, Record, Timestamp, Treatment};

/// One line of the diary.
#[derive(Serialize)]
pub(super) struct HandlingLine<'a> {
    schema: &'static str,
    number: u64,
    what: String,
    measure: &'static str,
    address: Option<String>,
    address_time: Option<String>,
    module: Option<String>,
    advisory: Option<&'a str>,
    cves: Vec<&'a str>,
    decision: Option<&'static str>,
    justification: Option<&'static str>,
    due: Option<String>,
    expires: Option<String>,
    state_before: Option<&'static str>,
    state: Option<&'static str>,
    observed: Option<bool>,
    automatic: Option<bool>,
    undoes: Option<u64>,
    then: Option<ThenPart<'a>>,
    by: &'a str,
    why: &'a str,
    time: String,
    outcome: &'static str,
    outcome_words: String,
}

/// How the finding stood then.
#[derive(Serialize)]
struct ThenPart<'a> {
    verdict: &'a str,
    version: Option<&'a str>,
    serial: Option<&'a str>,
    model: Option<&'a str>,
    fixed_in: Vec<&'a str>,
    substance: String,
    evidence: Option<&'a str>,
    seen: String,
}

impl<'a> HandlingLine<'a> {
    pub(super) fn new(record: &'a Record, outcome: &Outcome) -> Self {
        let matter = record.matter.as_ref();
        let text = |at: Option<Timestamp>| at.map(|at| at.to_string());
        let (mut choice, mut due, mut expires) = (None, None, None);
        let (mut before, mut state, mut observed) = (None, None, None);
        let (mut automatic, mut undoes) = (None, None);
        let measure = match record.measure {
            Measure::Decided { choice: chosen, due: until, expires: end } => {
                (choice, due, expires) = (Some(chosen), until, end);
                "decision"
            }
            Measure::Moved { from, to, observed: seen } => {
                (before, state, observed) = (from, Some(to), Some(seen));
                "patch_state"
            }
            Measure::Automatic(is_on) => {
                automatic = Some(is_on);
                "automatic"
            }
            Measure::Undid(number) => {
                undoes = Some(number);
                "undo"
            }
        };
        Self {
            schema: "nameplate.handling/1",
            number: record.number,
            what: words(record),
            measure,
            address: matter.map(|matter| matter.anchor.node.to_string()),
            address_time: matter.map(|matter| matter.anchor.at.to_string()),
            module: matter.and_then(|matter| matter.unit.as_ref()).map(ToString::to_string),
            advisory: matter.map(|matter| &*matter.advisory),
            cves: matter.into_iter().flat_map(|matter| &matter.cves).map(|cve| &**cve).collect(),
            decision: choice.map(|choice| choice.name()),
            justification: choice.and_then(|choice| choice.justification()).map(|why| why.name()),
            due: text(due),
            expires: text(expires),
            state_before: before.map(|state| state.name()),
            state: state.map(|state| state.name()),
            observed,
            automatic,
            undoes,
            then: matter.map(|_| ThenPart {
                verdict: &record.then.verdict,
                version: record.then.version.as_deref(),
                serial: record.then.serial.as_deref(),
                model: record.then.model.as_deref(),
                fixed_in: record.then.fixed_in.iter().map(|version| &**version).collect(),
                substance: record.then.substance.to_string(),
                evidence: record.then.evidence.as_deref(),
                seen: record.then.seen.to_string(),
            }),
            by: &record.by,
            why: &record.why,
            time: record.at.to_string(),
            outcome: outcome.name(),
            outcome_words: outcome.words(),
        }
    }
}

/// A decision that stands, as a part of a finding.
#[derive(Serialize)]
pub(super) struct TreatmentPart<'a> {
    choice: &'static str,
    by: &'a str,
    why: &'a str,
    at: String,
    due: Option<String>,
    expires: Option<String>,
    justification: Option<&'static str>,
    suppresses: bool,
    source: &'a str,
}

impl<'a> TreatmentPart<'a> {
    pub(super) fn of(handling: &'a Handling) -> Option<Self> {
        let Treatment { source, choice, by, why, at, due, expires } = handling.decision.as_ref()?;
        Some(Self {
            choice: choice.name(),
            by,
            why,
            at: at.to_string(),
            due: due.map(|due| due.to_string()),
            expires: expires.map(|expires| expires.to_string()),
            justification: choice.justification().map(|why| why.name()),
            suppresses: choice.suppresses(),
            source,
        })
    }
}

/// One patch on its way into a part of a device.
#[derive(Serialize)]
pub(super) struct PatchLine<'a> {
    schema: &'static str,
    asset_id: String,
    module: Option<String>,
    name: String,
    vendor: Option<&'a str>,
    product: Option<&'a str>,
    model: Option<&'a str>,
    version: Option<&'a str>,
    advisory: &'a str,
    title: &'a str,
    cves: Vec<&'a str>,
    findings: Vec<String>,
    fixed_in: &'a [String],
    verdict: &'static str,
    patch_state: Option<&'static str>,
    by: Option<&'a str>,
    why: Option<&'a str>,
    time: Option<String>,
    proposed_state: Option<&'static str>,
    proposed_why: Option<&'a str>,
    reopened: Option<&'a str>,
}

impl<'a> PatchLine<'a> {
    pub(super) fn new(row: &PatchRow<'a>) -> Option<Self> {
        let finding = row.first()?;
        let (judgement, handling, plate) = (&finding.judgement, &finding.handling, row.plate());
        let (patch, proposed) = (handling.patch.as_ref(), handling.proposed.as_ref());
        Some(Self {
            schema: "nameplate.patch/1",
            asset_id: finding.asset.to_string(),
            module: finding.module.as_ref().map(ToString::to_string),
            name: display_name(row.asset),
            vendor: plate.value(Field::Vendor),
            product: plate.value(Field::Product),
            model: plate.value(Field::Model),
            version: shown_version(plate),
            advisory: &judgement.advisory,
            title: &judgement.title,
            cves: row.cves(),
            findings: row.findings.iter().map(|finding| finding.id.to_string()).collect(),
            fixed_in: &judgement.fixed_in,
            verdict: row.verdict(),
            patch_state: patch.map(|patch| patch.state.name()),
            by: patch.and_then(|patch| patch.by.as_deref()),
            why: patch.map(|patch| &*patch.why),
            time: patch.and_then(|patch| patch.at).map(|at| at.to_string()),
            proposed_state: proposed.map(|proposed| proposed.state.name()),
            proposed_why: proposed.map(|proposed| &*proposed.why),
            reopened: handling.reopened.as_deref(),
        })
    }
}
