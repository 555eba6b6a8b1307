//! What is shown of what is known: zones put to devices, and the selection of `--where`.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use crate::app::scan::Scanned;
use crate::app::{AppError, zones};
use crate::assess::families::Families;
use crate::export::columns::{Column, Order};
use crate::export::talks::{Talk, whose};
use crate::export::{Layout, Report, Selected, Show};
use crate::model::limits::COLUMNS_MAX;
use crate::model::version::Scheme;
use crate::model::{Asset, AssetId, Finding, Kind, Zones};
use crate::query::{Context, Item, Query, Sort, nearest};

/// What to look with. Made before anything is read, so that a mistake in it costs no scan.
#[derive(Debug, Default)]
pub(super) struct Lens {
    /// Zones of the plant.
    pub(super) zones: Zones,
    query: Option<Query>,
    sort: Option<Sort>,
    columns: Option<Vec<Column>>,
    has_zones: bool,
}

/// What is wrong with what to look with.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Mistake {
    /// The expression.
    Expression(String),
    /// The order.
    Order(String),
}

/// What is to be shown.
#[derive(Debug)]
pub(super) struct View<'a> {
    /// Devices, in order of identity.
    pub(super) assets: Vec<Arc<Asset>>,
    /// Verdicts, in order.
    pub(super) findings: Vec<Arc<Finding>>,
    /// Who talked to whom, where one of the devices took part; all conversations when nothing was selected.
    pub(super) talks: Vec<Talk<'a>>,
    /// How they were selected; `None` when they are all.
    pub(super) selected: Option<Selected>,
    /// In which columns and which order tables show them.
    pub(super) layout: Layout,
}

/// The same without what refers to all that is known, so that it can be taken along when names are replaced.
#[derive(Debug)]
pub(super) struct Kept {
    /// Devices, in order of identity.
    pub(super) assets: Vec<Arc<Asset>>,
    /// Verdicts, in order.
    pub(super) findings: Vec<Arc<Finding>>,
    /// How they were selected.
    pub(super) selected: Option<Selected>,
    /// In which columns and which order tables show them.
    pub(super) layout: Layout,
}

impl View<'_> {
    /// The same as a report, with the zones that it was selected by.
    pub(super) fn report<'r>(&'r self, known: &'r Scanned, zones: &'r Zones) -> Report<'r> {
        Report {
            run: &known.run,
            assets: &self.assets,
            findings: &self.findings,
            talks: &self.talks,
            show: Show::All,
            zones,
            levels: &known.levels,
            selected: self.selected.as_ref(),
            layout: &self.layout,
        }
    }
}

impl Kept {
    /// What is to be shown, with the conversations of what is known.
    pub(super) fn view<'a>(self, known: &'a Scanned) -> View<'a> {
        let Self { assets, findings, selected, layout } = self;
        let mut talks = talks(known, true);
        if selected.is_some() {
            keep_own(&mut talks, &assets);
        }
        View { assets, findings, talks, selected, layout }
    }
}

impl Lens {
    /// Reads the file of zones and the expression.
    pub(super) fn new(zones: Option<&Path>, expression: Option<&str>) -> Result<Self, AppError> {
        let query = expression.map(Query::parse).transpose();
        let query = query.map_err(|error| AppError::Usage(format!("--where: {error}")))?;
        if zones.is_none() && query.as_ref().is_some_and(Query::asks_for_zones) {
            let hint = "--where asks for zones: say what they are with --zones FILE";
            return Err(AppError::Usage(hint.to_owned()));
        }
        let has_zones = zones.is_some();
        let zones = zones.map(zones::read).transpose()?.unwrap_or_default();
        Ok(Self { zones, query, has_zones, ..Self::default() })
    }

    /// Adds the fields to sort by, and the columns.
    pub(super) fn laid_out(
        self,
        sort: Option<&str>,
        columns: Option<&str>,
    ) -> Result<Self, AppError> {
        let wrong = |option: &str, what: String| AppError::Usage(format!("{option}: {what}"));
        let sort = sort.map(Sort::parse).transpose().map_err(|what| wrong("--sort", what))?;
        if !self.has_zones && sort.as_ref().is_some_and(Sort::asks_for_zones) {
            let hint = "it asks for zones: say what they are with --zones FILE";
            return Err(wrong("--sort", hint.to_owned()));
        }
        let columns = columns.map(columns_named).transpose();
        let columns = columns.map_err(|what| wrong("--columns", what))?;
        Ok(Self { sort, columns, ..self })
    }

    /// Refuses columns of verdicts where there are devices only.
    pub(super) fn for_devices_only(self) -> Result<Self, AppError> {
        let columns = self.columns.iter().flatten();
        match columns.clone().find(|column| column.is_of_finding()) {
            Some(column) => Err(AppError::Usage(format!(
                "--columns: {} is of a finding, and here are devices only: use findings list",
                column.name
            ))),
            None => Ok(self),
        }
    }

    /// The same of zones that are known, for somebody who gives no options: what is wrong with the expression, or with the order.
    pub(super) fn within(
        zones: Option<&Zones>,
        expression: Option<&str>,
        sort: Option<&str>,
    ) -> Result<Self, Mistake> {
        let query = expression.map(Query::parse).transpose();
        let query = query.map_err(|error| Mistake::Expression(error.to_string()))?;
        let sort = sort.map(Sort::parse).transpose().map_err(Mistake::Order)?;
        if zones.is_none() && query.as_ref().is_some_and(Query::asks_for_zones) {
            return Err(Mistake::Expression(NO_ZONES.to_owned()));
        }
        if zones.is_none() && sort.as_ref().is_some_and(Sort::asks_for_zones) {
            return Err(Mistake::Order(NO_ZONES.to_owned()));
        }
        let (has_zones, zones) = (zones.is_some(), zones.cloned().unwrap_or_default());
        Ok(Self { zones, query, sort, has_zones, ..Self::default() })
    }

    /// What is to be shown of what a scan found.
    pub(super) fn view<'a>(&self, known: &'a Scanned) -> View<'a> {
        self.view_with(known, true)
    }

    /// What is to be shown, but for the conversations.
    pub(super) fn kept(&self, known: &Scanned) -> Kept {
        let View { assets, findings, selected, layout, .. } = self.view_with(known, false);
        Kept { assets, findings, selected, layout }
    }

    /// The same, without conversations where nobody wants them: finding out whose they are takes a while.
    pub(super) fn view_with<'a>(&self, known: &'a Scanned, has_talks: bool) -> View<'a> {
        let families = Families::embedded();
        let orders: RefCell<BTreeMap<String, Scheme>> = RefCell::default();
        let order = |vendor: &str| {
            let find = || families.vendor(vendor).map(|vendor| vendor.scheme()).unwrap_or_default();
            *orders.borrow_mut().entry(vendor.to_owned()).or_insert_with(find)
        };
        let context = Context {
            zones: &self.zones,
            levels: &known.levels,
            sites: &known.run.sites,
            order: &order,
        };
        let mut view = match &self.query {
            Some(query) => select(query, &context, known, has_talks),
            None => View {
                assets: known.assets.clone(),
                findings: known.findings.clone(),
                talks: talks(known, has_talks),
                selected: None,
                layout: Layout::default(),
            },
        };
        let order = self.sort.as_ref().map(|sort| in_order(sort, &context, &view));
        view.layout = Layout { columns: self.columns.clone(), order };
        view
    }
}

/// Who talked to whom, where that is wanted.
fn talks(known: &Scanned, are_wanted: bool) -> Vec<Talk<'_>> {
    if are_wanted { whose(&known.conversations, &known.assets) } else { Vec::new() }
}

fn select<'a>(
    query: &Query,
    context: &Context<'_>,
    known: &'a Scanned,
    has_talks: bool,
) -> View<'a> {
    let (mut assets, mut findings) = (Vec::new(), Vec::new());
    let (mut parts, mut undecided) = (BTreeSet::new(), 0_usize);
    for asset in &known.assets {
        let start = known.findings.partition_point(|finding| finding.asset < asset.id);
        let rest = known.findings.get(start..).unwrap_or_default();
        let end = rest.partition_point(|finding| finding.asset == asset.id);
        let own = rest.get(..end).unwrap_or_default();
        let selected = query.select(context, asset, own);
        if selected.is_undecided {
            undecided = undecided.saturating_add(1);
        }
        if !selected.parts.is_empty() {
            assets.push(Arc::clone(asset));
        }
        let kept = own.iter().zip(&selected.findings).filter(|(_, is_kept)| **is_kept);
        findings.extend(kept.map(|(finding, _)| Arc::clone(finding)));
        parts.extend(selected.parts.into_iter().map(|part| (asset.id, part)));
    }
    let mut talks = talks(known, has_talks);
    keep_own(&mut talks, &assets);
    let selected = Selected {
        by: query.text().to_owned(),
        of_assets: known.assets.len(),
        of_findings: known
            .findings
            .iter()
            .filter(|finding| finding.judgement.kind == Kind::Advisory)
            .count(),
        undecided,
        parts,
    };
    View { assets, findings, talks, selected: Some(selected), layout: Layout::default() }
}

/// Keeps the conversations in which one of the devices took part.
fn keep_own(talks: &mut Vec<Talk<'_>>, assets: &[Arc<Asset>]) {
    let chosen: BTreeSet<AssetId> = assets.iter().map(|asset| asset.id).collect();
    talks.retain(|talk| {
        [talk.client, talk.server].into_iter().flatten().any(|one| chosen.contains(&one.id))
    });
}

/// The order of what is shown: of devices with all that is found about them, and of every row for itself.
fn in_order(sort: &Sort, context: &Context<'_>, view: &View<'_>) -> Order {
    let findings: Vec<&Finding> = view.findings.iter().map(|finding| &**finding).collect();
    let own = |asset: &Asset| {
        let start = findings.partition_point(|finding| finding.asset < asset.id);
        let rest = findings.get(start..).unwrap_or_default();
        let end = rest.partition_point(|finding| finding.asset == asset.id);
        rest.get(..end).unwrap_or_default()
    };
    let alone = |asset| Item { asset, module: None, findings: &[] };
    let devices: Vec<Item<'_>> =
        view.assets.iter().map(|asset| Item { findings: own(asset), ..alone(asset) }).collect();
    let ranks = sort.ranks(context, &devices);
    let devices = devices.iter().map(|item| item.asset.id).zip(ranks).collect();
    let (mut rows, mut parts, mut judged) = (Vec::new(), Vec::new(), Vec::new());
    for asset in &view.assets {
        for module in std::iter::once(None).chain(asset.modules.iter().map(Some)) {
            rows.push(Item { module, ..alone(asset) });
            parts.push((asset.id, module.map(|module| module.path.clone())));
        }
    }
    for asset in &view.assets {
        for finding in own(asset).chunks(1) {
            let path = finding.first().and_then(|finding| finding.module.as_ref());
            let module = asset.modules.iter().find(|module| Some(&module.path) == path);
            rows.push(Item { module, findings: finding, ..alone(asset) });
            judged.extend(finding.iter().map(|finding| finding.id));
        }
    }
    let mut ranks = sort.ranks(context, &rows).into_iter();
    let parts = parts.into_iter().zip(ranks.by_ref()).collect();
    Order { devices, parts, findings: judged.into_iter().zip(ranks).collect() }
}

fn columns_named(text: &str) -> Result<Vec<Column>, String> {
    let names = || Column::all().map(|column| column.name);
    let columns = text.split(',').map(str::trim).map(|word| {
        Column::named(word).ok_or_else(|| {
            let word: String = word.chars().take(NAME_CHARS_SHOWN_MAX).collect();
            match nearest(&word, names()) {
                Some(near) => format!("there is no column {word}; do you mean {near}?"),
                None => {
                    let all: Vec<&str> = names().collect();
                    format!("there is no column {word}; there are {}", all.join(", "))
                }
            }
        })
    });
    columns.take(COLUMNS_MAX).collect()
}

const NO_ZONES: &str = "it asks for zones, and this server was started without --zones FILE";
const NAME_CHARS_SHOWN_MAX: usize = 40;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_can_be_asked_about_is_a_column() {
        let fields = Sort::parse("no-such-field-at-all").unwrap_err();
        let (_, fields) = fields.split_once("; there are ").unwrap();
        let missing: Vec<&str> =
            fields.split(", ").filter(|name| Column::named(name).is_none()).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}
