//! Columns that a person chose for a table or a CSV file, and the order of its rows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::export::{Report, display_name};
use crate::model::{
    Asset, AssetId, Field, Finding, Handling, Module, Nameplate, Timestamp, Unit, Verdict,
};

/// How tables and CSV are laid out. JSON is the contract with programs: nothing of this changes it.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// The columns; `None` for the usual ones.
    pub columns: Option<Vec<Column>>,
    /// The order of rows; `None` for the usual one.
    pub order: Option<Order>,
}

/// The order of rows: for each of them a rank. Rows of equal rank stay in their usual order.
#[derive(Clone, Debug, Default)]
pub struct Order {
    /// Of devices, with all their verdicts.
    pub devices: BTreeMap<AssetId, usize>,
    /// Of devices and parts alone.
    pub parts: BTreeMap<(AssetId, Option<Unit>), usize>,
    /// Of verdicts.
    pub findings: BTreeMap<uuid::Uuid, usize>,
}

impl Layout {
    /// The rank of a device.
    pub(super) fn device(&self, asset: AssetId) -> usize {
        let rank = self.order.as_ref().and_then(|order| order.devices.get(&asset));
        rank.copied().unwrap_or_default()
    }

    /// The rank of a verdict.
    pub(super) fn finding(&self, finding: &Finding) -> usize {
        let rank = self.order.as_ref().and_then(|order| order.findings.get(&finding.id));
        rank.copied().unwrap_or_default()
    }

    /// The rank of a row.
    pub(super) fn line(&self, line: &Line<'_>) -> usize {
        let Some(order) = &self.order else { return 0 };
        let rank = match line.finding {
            Some(finding) => order.findings.get(&finding.id),
            None => {
                let part = line.part.map(|part| part.path.clone());
                order.parts.get(&(line.asset.id, part))
            }
        };
        rank.copied().unwrap_or_default()
    }
}

/// A column: the name that it has in CSV, and what is in it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Column {
    /// As a person writes it, and as the header of a CSV file says it.
    pub name: &'static str,
    cell: Cell,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Cell {
    AssetId,
    Identity,
    Module,
    Name,
    Ips,
    Macs,
    Vlans,
    Plate(Field),
    Sites,
    Zone,
    Purdue,
    PurdueFrom,
    Criticality,
    Protocols,
    FirstSeen,
    LastSeen,
    Evidence,
    FindingId,
    FindingKind,
    Advisory,
    Title,
    Cve,
    Verdict,
    Reason,
    Because,
    Clause,
    Grade,
    Certainty,
    FixedIn,
    Remediation,
    Cvss,
    Vector,
    Kev,
    Epss,
    Exposure,
    Priority,
    PriorityBecause,
    PatchState,
    PatchStateBy,
    ProposedState,
    Decision,
    DecisionBy,
    DecisionWhy,
    DecisionDue,
    DecisionExpires,
    Reopened,
}

/// What one row is about: a device or a part of it, and one verdict or none.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'a> {
    pub(super) asset: &'a Asset,
    pub(super) part: Option<&'a Module>,
    pub(super) finding: Option<&'a Finding>,
}

impl Column {
    /// All columns: those of devices, then those of verdicts. Some have two names: that of the query language, and that of
    /// the exports.
    pub fn all() -> impl Iterator<Item = Self> {
        let column = |(name, cell): (&'static str, Cell)| Self { name, cell };
        let plate = Field::ALL.iter().filter(|field| **field != Field::Name);
        let plate = plate.map(|field| Self { name: field.name(), cell: Cell::Plate(*field) });
        let (device, finding) = (DEVICE.iter().copied(), FINDING.iter().copied());
        device.map(column).chain(plate).chain(finding.map(column))
    }

    /// The column of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|column| column.name.eq_ignore_ascii_case(name))
    }

    /// True when it is of a verdict, and not of what the verdict is about.
    pub fn is_of_finding(&self) -> bool {
        FINDING.iter().any(|(_, cell)| *cell == self.cell)
    }

    /// True for words that a table should not break.
    pub(super) fn is_kept_whole(&self) -> bool {
        matches!(
            self.cell,
            Cell::AssetId
                | Cell::FindingId
                | Cell::Advisory
                | Cell::Verdict
                | Cell::Cvss
                | Cell::Kev
        ) || matches!(self.cell, Cell::Plate(Field::Firmware | Field::Serial | Field::OsBuild))
    }

    /// True when a table shows the shape of the verdict here.
    pub(super) fn is_verdict(&self) -> bool {
        self.cell == Cell::Verdict
    }

    /// True when the name of the device stands here, or in a table the path of the part.
    pub(super) fn is_name(&self) -> bool {
        self.cell == Cell::Name
    }

    /// True when a time stands here.
    pub(super) fn is_time(&self) -> bool {
        matches!(self.cell, Cell::FirstSeen | Cell::LastSeen)
    }

    /// What stands in a row; nothing where there is nothing to say.
    pub(super) fn text(&self, report: &Report<'_>, line: &Line<'_>) -> String {
        if let (Some(finding), true) = (line.finding, self.is_of_finding()) {
            return self.of_finding(finding);
        }
        let Line { asset, part, .. } = *line;
        let (zone, plate) = (|| report.zones.of(asset), line.plate());
        let of_zone = |text: Option<String>| text.unwrap_or_default();
        let level = || report.level(asset);
        match self.cell {
            Cell::AssetId => asset.id.to_string(),
            Cell::Identity => asset.identity.to_string(),
            Cell::Module => part.map(|part| part.path.to_string()).unwrap_or_default(),
            Cell::Name => display_name(asset),
            Cell::Ips => list(&asset.ips),
            Cell::Macs => list(&asset.macs),
            Cell::Vlans => {
                let vlans = asset.scopes.iter().map(|scope| scope.vlan).filter(|vlan| *vlan != 0);
                list(&vlans.collect::<BTreeSet<u16>>())
            }
            Cell::Plate(field) => plate.value(field).unwrap_or_default().to_owned(),
            Cell::Sites => report.run.sites.of(asset).join(", "),
            Cell::Zone => of_zone(zone().map(|zone| zone.name.to_string())),
            Cell::Purdue => level().map(|level| level.level.to_string()).unwrap_or_default(),
            Cell::PurdueFrom => {
                level().map(|level| level.from.name().to_owned()).unwrap_or_default()
            }
            Cell::Criticality => {
                of_zone(zone().and_then(|zone| zone.criticality.as_deref()).map(str::to_owned))
            }
            Cell::Protocols => list(&asset.protocols),
            Cell::FirstSeen => part.map_or(asset.first, |part| part.first).to_string(),
            Cell::LastSeen => part.map_or(asset.last, |part| part.last).to_string(),
            Cell::Evidence => evidence(report, plate),
            _ => String::new(),
        }
    }

    fn of_finding(&self, finding: &Finding) -> String {
        let judgement = &finding.judgement;
        let text = |text: &Option<Box<str>>| text.as_deref().unwrap_or_default().to_owned();
        match self.cell {
            Cell::FindingId => finding.id.to_string(),
            Cell::FindingKind => judgement.kind.name().to_owned(),
            Cell::Advisory => judgement.advisory.to_string(),
            Cell::Title => judgement.title.to_string(),
            Cell::Cve => judgement.cve.to_string(),
            Cell::Verdict => judgement.verdict.name().to_owned(),
            Cell::Reason => match &judgement.verdict {
                Verdict::Unknown(why) => why.name().to_owned(),
                Verdict::Affected | Verdict::Fixed | Verdict::NotAffected => String::new(),
            },
            Cell::Because => judgement.because.join("; "),
            Cell::Clause => judgement.clause.clone(),
            Cell::Grade => judgement.grade.to_string(),
            Cell::Certainty => judgement.certainty.name().to_owned(),
            Cell::FixedIn => judgement.fixed_in.join(" "),
            Cell::Remediation => text(&judgement.remediation),
            Cell::Cvss => judgement.cvss.map(|score| format!("{score:.1}")).unwrap_or_default(),
            Cell::Vector => text(&judgement.vector),
            Cell::Kev => judgement.kev.map(|kev| kev.to_string()).unwrap_or_default(),
            Cell::Epss => judgement.epss.map(|score| score.to_string()).unwrap_or_default(),
            Cell::Exposure => {
                let exposure = finding.weight.exposure.map(|exposure| exposure.name());
                exposure.unwrap_or_default().to_owned()
            }
            Cell::PriorityBecause => finding.weight.because.join("; "),
            Cell::Priority => {
                let priority = finding.weight.priority.map(|priority| priority.name());
                priority.unwrap_or_default().to_owned()
            }
            _ => self.of_handling(&finding.handling),
        }
    }

    fn of_handling(&self, handling: &Handling) -> String {
        let (patch, decision) = (handling.patch.as_ref(), handling.decision.as_ref());
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let time = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
        match self.cell {
            Cell::PatchState => text(patch.map(|patch| patch.state.name())),
            Cell::PatchStateBy => text(patch.and_then(|patch| patch.by.as_deref())),
            Cell::ProposedState => text(handling.proposed.as_ref().map(|one| one.state.name())),
            Cell::Decision => text(decision.map(|decision| decision.choice.name())),
            Cell::DecisionBy => text(decision.map(|decision| &*decision.by)),
            Cell::DecisionWhy => text(decision.map(|decision| &*decision.why)),
            Cell::DecisionDue => time(decision.and_then(|decision| decision.due)),
            Cell::DecisionExpires => time(decision.and_then(|decision| decision.expires)),
            Cell::Reopened => text(handling.reopened.as_deref()),
            _ => String::new(),
        }
    }
}

impl<'a> Line<'a> {
    /// What is known of the thing.
    fn plate(&self) -> &'a Nameplate {
        self.part.map_or(&self.asset.nameplate, |part| &part.nameplate)
    }

    /// The device or part.
    fn thing(&self) -> (AssetId, Option<&'a Unit>) {
        (self.asset.id, self.part.map(|part| &part.path))
    }
}

/// Rows that say the same of one thing, because no column tells them apart, are one row.
#[derive(Debug, Default)]
pub(super) struct Told<'a>(BTreeSet<(AssetId, Option<&'a Unit>, Vec<String>)>);

impl<'a> Told<'a> {
    /// True for a row that is new.
    pub(super) fn is_new(&mut self, line: &Line<'a>, cells: &[String]) -> bool {
        let (asset, part) = line.thing();
        self.0.insert((asset, part, cells.to_vec()))
    }
}

/// One row for each verdict, and one for each device or part without any, as far as they are to be shown; in order.
pub(super) fn lines<'a>(report: &Report<'a>) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    for asset in report.assets {
        let start = report.findings.partition_point(|finding| finding.asset < asset.id);
        let own = report.findings.get(start..).unwrap_or_default();
        let end = own.partition_point(|finding| finding.asset == asset.id);
        let own = own.get(..end).unwrap_or_default();
        for part in std::iter::once(None).chain(asset.modules.iter().map(Some)) {
            let alone = Line { asset, part, finding: None };
            let path = part.map(|part| &part.path);
            let of_part = |finding: &&Arc<Finding>| finding.module.as_ref() == path;
            let judged = own.iter().filter(of_part).filter(|_| report.show.findings());
            let before = lines.len();
            lines.extend(judged.map(|finding| Line { finding: Some(finding), ..alone }));
            if lines.len() == before && report.show.assets() && report.shows(asset.id, path) {
                lines.push(alone);
            }
        }
    }
    lines.sort_by_cached_key(|line| report.layout.line(line));
    lines
}

/// The columns of a CSV file for which nobody chose any.
pub(super) fn usual(report: &Report<'_>) -> Vec<Column> {
    let shows_sites = report.shows_sites();
    let names = USUAL.iter().filter(|name| shows_sites || **name != SITES);
    names.filter_map(|name| Column::named(name)).collect()
}

fn list<T: ToString>(items: &BTreeSet<T>) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// The frame behind the firmware, or behind the model where no firmware was stated.
fn evidence(report: &Report<'_>, plate: &Nameplate) -> String {
    let claim = plate.claim(Field::Firmware).or_else(|| plate.claim(Field::Model));
    let ground = claim.and_then(|claim| claim.from.last());
    let place = ground.map(|ground| {
        format!("{}#{}", report.run.capture_name(ground.frame.capture), ground.frame.number)
    });
    place.unwrap_or_default()
}

const DEVICE: &[(&str, Cell)] = &[
    ("asset_id", Cell::AssetId),
    ("identity", Cell::Identity),
    ("module", Cell::Module),
    ("name", Cell::Name),
    ("ip", Cell::Ips),
    ("ips", Cell::Ips),
    ("mac", Cell::Macs),
    ("macs", Cell::Macs),
    ("vlan", Cell::Vlans),
    ("vlans", Cell::Vlans),
    ("site", Cell::Sites),
    (SITES, Cell::Sites),
    ("zone", Cell::Zone),
    ("purdue", Cell::Purdue),
    ("purdue_from", Cell::PurdueFrom),
    ("criticality", Cell::Criticality),
    ("protocol", Cell::Protocols),
    ("protocols", Cell::Protocols),
    ("first_seen", Cell::FirstSeen),
    ("last_seen", Cell::LastSeen),
    ("evidence", Cell::Evidence),
];

const FINDING: &[(&str, Cell)] = &[
    ("finding_id", Cell::FindingId),
    ("finding_kind", Cell::FindingKind),
    ("advisory", Cell::Advisory),
    ("title", Cell::Title),
    ("cve", Cell::Cve),
    ("verdict", Cell::Verdict),
    ("reason", Cell::Reason),
    ("because", Cell::Because),
    ("clause", Cell::Clause),
    ("grade", Cell::Grade),
    ("certainty", Cell::Certainty),
    ("fixed_in", Cell::FixedIn),
    ("remediation", Cell::Remediation),
    ("cvss", Cell::Cvss),
    ("vector", Cell::Vector),
    ("kev", Cell::Kev),
    ("epss", Cell::Epss),
    ("exposure", Cell::Exposure),
    ("priority", Cell::Priority),
    ("priority_because", Cell::PriorityBecause),
    ("patch_state", Cell::PatchState),
    ("patch_state_by", Cell::PatchStateBy),
    ("proposed_state", Cell::ProposedState),
    ("decision", Cell::Decision),
    ("decision_by", Cell::DecisionBy),
    ("decision_why", Cell::DecisionWhy),
    ("decision_due", Cell::DecisionDue),
    ("decision_expires", Cell::DecisionExpires),
    ("reopened", Cell::Reopened),
];

const USUAL: &[&str] = &[
    "asset_id",
    "module",
    "name",
    "ips",
    "macs",
    "kind",
    "role",
    "vendor",
    "product",
    "model",
    "order_number",
    "series",
    "firmware",
    "hardware",
    "serial",
    "os",
    "os_build",
    SITES,
    "zone",
    "purdue",
    "purdue_from",
    "protocols",
    "first_seen",
    "last_seen",
    "evidence",
    "finding_id",
    "advisory",
    "cve",
    "verdict",
    "reason",
    "because",
    "grade",
    "fixed_in",
    "cvss",
    "kev",
    "priority",
    "finding_kind",
    "epss",
    "exposure",
    "patch_state",
    "decision",
    "reopened",
];

const SITES: &str = "sites";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_means_one_column() {
        let mut names: Vec<&str> = Column::all().map(|column| column.name).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
        assert!(USUAL.iter().all(|name| Column::named(name).is_some()));
        assert_eq!(Column::named("Firmware").map(|column| column.name), Some("firmware"));
    }
}
