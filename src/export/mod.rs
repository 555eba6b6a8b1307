//! Edge: files out. Every format is a pure function of a [`Report`]; none of them reads anything else.

mod aside;
mod beside;
mod brief;
mod chosen;
pub mod columns;
pub mod csv;
pub mod decisions;
pub mod device;
pub mod diff;
pub mod escape;
pub mod graph;
pub mod handling;
pub mod html;
pub mod json;
pub mod lint;
pub mod netbox;
pub mod map;
pub mod notices;
pub mod origin;
pub mod outputs;
pub mod pack;
pub mod patches;
pub mod pcapng;
pub mod schemas;
pub mod set;
pub mod shelf;
pub mod rows;
pub mod table;
pub mod tables;
pub mod talks;
pub mod vex;
pub mod xlsx;

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::export::talks::Talk;
pub use aside::Aside;
pub use beside::Beside;
pub use columns::Layout;

use crate::model::{
    Asset, AssetId, Field, Finding, Level, Levels, Nameplate, Run, Unit, Verdict, Why, Zones,
};

/// All that a run found: what every format prints.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// What was read, with what.
    pub run: &'a Run,
    /// Devices in order of their identity.
    pub assets: &'a [Arc<Asset>],
    /// Verdicts in order of device, part, document and CVE.
    pub findings: &'a [Arc<Finding>],
    /// Who talked to whom, in order of client, server, port and protocol.
    pub talks: &'a [Talk<'a>],
    /// Which of them to print; the counts are always those of both.
    pub show: Show,
    /// The zones of the plant.
    pub zones: &'a Zones,
    /// Where devices stand that have a role.
    pub levels: &'a Levels,
    /// How devices and verdicts were selected; `None` when they are all that there are.
    pub selected: Option<&'a Selected>,
    /// How tables and CSV are laid out.
    pub layout: &'a Layout,
}

/// A selection of what a run found.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Selected {
    /// The expression that holds for what is left.
    pub by: String,
    /// Devices that it was selected from.
    pub of_assets: usize,
    /// Verdicts that it was selected from.
    pub of_findings: usize,
    /// Devices left out although it might hold for them: the order of two versions is not known.
    pub undecided: usize,
    /// Devices (`None`) and parts of devices for which it holds.
    pub parts: BTreeSet<(AssetId, Option<Unit>)>,
}

/// Parts of a report.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Show {
    /// Devices and verdicts.
    All,
    /// Devices only.
    Assets,
    /// Verdicts only.
    Findings,
}

impl Show {
    /// Whether devices are to be printed.
    pub fn assets(self) -> bool {
        self != Self::Findings
    }

    /// Whether verdicts are to be printed.
    pub fn findings(self) -> bool {
        self != Self::Assets
    }
}

impl<'a> Report<'a> {
    /// How many devices there are; and of how many they were selected.
    pub fn assets_shown(&self) -> (usize, Option<usize>) {
        (self.assets.len(), self.selected.map(|selected| selected.of_assets))
    }

    /// How many verdicts on advisories there are; and of how many they were selected.
    pub fn findings_shown(&self) -> (usize, Option<usize>) {
        (self.of_advisories().count(), self.selected.map(|selected| selected.of_findings))
    }

    /// Whether a device or a part of one was selected, or everything was.
    pub fn shows(&self, asset: AssetId, part: Option<&Unit>) -> bool {
        self.selected.is_none_or(|selected| selected.parts.contains(&(asset, part.cloned())))
    }

    /// True when the devices are of more than one site, that without a name among them.
    pub fn shows_sites(&self) -> bool {
        let mut sites = self.assets.iter().flat_map(|asset| &asset.scopes).map(|scope| scope.site);
        let first = sites.next();
        sites.any(|site| Some(site) != first)
    }

    /// How many verdicts on advisories of each kind: affected, cannot tell, fixed, not affected.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for finding in self.of_advisories() {
            let count = match &finding.judgement.verdict {
                Verdict::Affected => &mut counts.affected,
                Verdict::Fixed => &mut counts.fixed,
                Verdict::NotAffected => &mut counts.not_affected,
                Verdict::Unknown(_) => &mut counts.cannot_tell,
            };
            *count = count.saturating_add(1);
        }
        counts
    }

    /// What is missing for the verdicts that cannot be given, with how many each; the most frequent first.
    pub fn reasons(&self) -> Vec<(Why, usize)> {
        let count = |why: Why| {
            let same = |finding: &&Arc<Finding>| finding.judgement.verdict == Verdict::Unknown(why);
            self.of_advisories().filter(same).count()
        };
        let mut reasons: Vec<(Why, usize)> = Why::ALL
            .iter()
            .map(|why| (*why, count(*why)))
            .filter(|(_, count)| *count > 0)
            .collect();
        reasons.sort_by_key(|(why, count)| (std::cmp::Reverse(*count), *why));
        reasons
    }

    /// Where a device stands in the Purdue model.
    pub fn level(&self, asset: &Asset) -> Option<Level> {
        self.levels.of(asset, self.zones)
    }

    /// The device of that identity.
    pub fn asset(&self, id: AssetId) -> Option<&'a Asset> {
        let at = self.assets.binary_search_by_key(&id, |asset| asset.id).ok()?;
        self.assets.get(at).map(|asset| &**asset)
    }
}

/// The four counts.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Counts {
    /// Verdicts "affected".
    pub affected: usize,
    /// Verdicts "cannot tell".
    pub cannot_tell: usize,
    /// Verdicts "fixed".
    pub fixed: usize,
    /// Verdicts "not affected".
    pub not_affected: usize,
}

/// What a device is called on screens: its own name, else its model or product, else its first address.
pub fn display_name(asset: &Asset) -> String {
    asset.shown_name()
}

/// The version that verdicts are mostly about: of the firmware, else of the operating system.
pub fn shown_version(plate: &Nameplate) -> Option<&str> {
    plate.value(Field::Firmware).or_else(|| plate.value(Field::OsBuild))
}

/// Fields that matter for a verdict on this thing and were never stated.
pub fn missing(plate: &Nameplate) -> Vec<&'static str> {
    let is_computer = plate.claim(Field::Os).is_some() || plate.claim(Field::OsBuild).is_some();
    let wanted: &[Field] = if is_computer {
        &[Field::Vendor, Field::Os, Field::OsBuild, Field::Name]
    } else {
        &[Field::Vendor, Field::Product, Field::Model, Field::Firmware, Field::Serial]
    };
    wanted.iter().filter(|field| plate.claim(**field).is_none()).map(|field| field.name()).collect()
}
