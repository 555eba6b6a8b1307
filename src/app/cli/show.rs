//! `nameplate assets show`: one device, its parts, and what happened to it.

use std::sync::Arc;

use crate::app::cli::args::ShowArgs;
use crate::app::cli::explain::known;
use crate::app::cli::output;
use crate::app::select::Lens;
use crate::app::{AppError, Exit, explain};
use crate::export::talks::whose;
use crate::export::{Layout, Report, Show};
use crate::model::{Asset, Finding};

/// Runs the verb.
pub(super) fn run(args: &ShowArgs) -> Result<Exit, AppError> {
    let outputs = output::wanted(&args.print)?;
    let lens = Lens::new(args.zones.zones.as_deref(), None)?;
    let known = known(&args.within, None, &args.zones)?;
    let assets: Vec<Arc<Asset>> = explain::assets(&known, &args.what).cloned().collect();
    if assets.is_empty() {
        let what = &args.what;
        return Err(AppError::NotFound(format!(
            "no device here is called {what}: give an identifier from scan -o ndjson, an address or a name"
        )));
    }
    let is_of_one = |finding: &&Arc<Finding>| assets.iter().any(|asset| asset.id == finding.asset);
    let findings: Vec<Arc<Finding>> = known.findings.iter().filter(is_of_one).cloned().collect();
    let mut talks = whose(&known.conversations, &known.assets);
    talks.retain(|talk| assets.iter().any(|asset| talk.is_of(asset.id)));
    let report = Report {
        run: &known.run,
        assets: &assets,
        findings: &findings,
        talks: &talks,
        show: Show::All,
        zones: &lens.zones,
        levels: &known.levels,
        selected: None,
        layout: &Layout::default(),
    };
    output::print_devices(&report, &outputs, &args.print)?;
    Ok(Exit::Done)
}
