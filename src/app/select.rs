//! What is shown of what is known: zones put to devices, and the selection of `--where`.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use crate::app::scan::Scanned;
use crate::app::{AppError, zones};
use crate::assess::families::Families;
use crate::export::Selected;
use crate::model::version::Scheme;
use crate::model::{Asset, Finding, Zones};
use crate::query::{Context, Query};

/// What to look with. Made before anything is read, so that a mistake in it costs no scan.
#[derive(Debug, Default)]
pub(super) struct Lens {
    /// Zones of the plant.
    pub(super) zones: Zones,
    query: Option<Query>,
}

/// What is to be shown.
#[derive(Debug)]
pub(super) struct View {
    /// Devices, in order of identity.
    pub(super) assets: Vec<Arc<Asset>>,
    /// Verdicts, in order.
    pub(super) findings: Vec<Arc<Finding>>,
    /// How they were selected; `None` when they are all.
    pub(super) selected: Option<Selected>,
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
        let zones = zones.map(zones::read).transpose()?.unwrap_or_default();
        Ok(Self { zones, query })
    }

    /// What is to be shown of what a scan found.
    pub(super) fn view(&self, known: &Scanned) -> View {
        let Some(query) = &self.query else {
            let (assets, findings) = (known.assets.clone(), known.findings.clone());
            return View { assets, findings, selected: None };
        };
        let families = Families::embedded();
        let orders: RefCell<BTreeMap<String, Scheme>> = RefCell::default();
        let order = |vendor: &str| {
            let find = || families.vendor(vendor).map(|vendor| vendor.scheme()).unwrap_or_default();
            *orders.borrow_mut().entry(vendor.to_owned()).or_insert_with(find)
        };
        let context = Context { zones: &self.zones, levels: &known.levels, order: &order };
        let (mut assets, mut findings) = (Vec::new(), Vec::new());
        let (mut parts, mut undecided) = (BTreeSet::new(), 0_usize);
        for asset in &known.assets {
            let start = known.findings.partition_point(|finding| finding.asset < asset.id);
            let rest = known.findings.get(start..).unwrap_or_default();
            let end = rest.partition_point(|finding| finding.asset == asset.id);
            let own = rest.get(..end).unwrap_or_default();
            let selected = query.select(&context, asset, own);
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
        let selected = Selected {
            by: query.text().to_owned(),
            of_assets: known.assets.len(),
            of_findings: known.findings.len(),
            undecided,
            parts,
        };
        View { assets, findings, selected: Some(selected) }
    }
}
