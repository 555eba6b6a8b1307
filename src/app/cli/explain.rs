//! `nameplate explain`: why a fact, an asset or a verdict is so, and whether the captures still say it.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::app::cli::args::{ExplainArgs, Within, ZonesArgs};
use crate::app::cli::complain;
use crate::app::cli::scan::{attended, interruptible, request};
use crate::app::explain::{self, Merge, Place, Rules};
use crate::app::recheck::{self, Checks, Fact, Origin, Spot};
use crate::app::scan::{self, Request, Scanned};
use crate::app::select::Lens;
use crate::app::{AppError, Exit, knowledge};
use crate::model::Run;

/// Runs the verb.
pub(super) fn run(args: &ExplainArgs) -> Result<Exit, AppError> {
    if args.check {
        return check_all(args);
    }
    let what = args.what.as_deref().unwrap_or_default();
    let (within, other) = with_other(args);
    let place = Place::parse(what).map(|place| (place.capture, place.frame));
    let known = known(&within, place, &args.zones)?;
    let rules = rules(&within)?;
    let unknown = |what: &str| {
        AppError::NotFound(format!(
            "nothing here is called {what}: give an identifier from scan -o ndjson, an address, a name, or FILE#FRAME"
        ))
    };
    let mut page = if args.merge {
        match explain::merge(&known, &rules, what, other.as_deref()) {
            Merge::Page(page) => page,
            Merge::Unknown(what) => return Err(unknown(&what)),
        }
    } else {
        explain::explain(&known, &rules, what).ok_or_else(|| unknown(what))?
    };
    if let Some(store) = &within.store {
        page.of_store(store);
    }
    let checks = check(&within, &known.run, page.facts(), page.spots())?;
    print(&page.text(&checks))?;
    Ok(ended(&checks, page.facts().len()))
}

/// Explains one thing of what is known, with its facts checked.
pub(super) fn page(within: &Within, known: &Scanned, what: &str) -> Result<Exit, AppError> {
    let rules = rules(within)?;
    let Some(mut page) = explain::explain(known, &rules, what) else { return Ok(Exit::Done) };
    if let Some(store) = &within.store {
        page.of_store(store);
    }
    let checks = check(within, &known.run, page.facts(), page.spots())?;
    print(&page.text(&checks))?;
    Ok(ended(&checks, page.facts().len()))
}

/// What is known there, and what a frame says if one is asked for.
pub(super) fn known(
    within: &Within,
    frame: Option<(String, u64)>,
    zones: &ZonesArgs,
) -> Result<Scanned, AppError> {
    look(within, Request { frame, ..Request::default() }, zones)
}

/// What is known there, with all facts.
pub(super) fn known_with_facts(within: &Within, zones: &ZonesArgs) -> Result<Scanned, AppError> {
    look(within, Request { all_facts: true, ..Request::default() }, zones)
}

/// Checks all facts of a store or of captures, and prints what does not hold and how much of each there is.
fn check_all(args: &ExplainArgs) -> Result<Exit, AppError> {
    let mut within = args.within.clone();
    within.inputs.inputs.splice(0..0, args.what.iter().map(PathBuf::from));
    let all_facts = Request { all_facts: true, ..Request::default() };
    let known = look(&within, all_facts, &args.zones)?;
    let facts: Vec<Fact> = known.observations.iter().map(Fact::from).collect();
    let checks = check(&within, &known.run, &facts, &[])?;
    print(&explain::summary(&known.run, &facts, &checks))?;
    Ok(ended(&checks, facts.len()))
}

/// Reads captures again; Ctrl-C ends the program, because half a check proves nothing.
fn check(within: &Within, run: &Run, facts: &[Fact], spots: &[Spot]) -> Result<Checks, AppError> {
    let (origin, run) = (origin(within), run.clone());
    let (facts, spots) = (facts.to_vec(), spots.to_vec());
    attended(move || recheck::recheck(&origin, &run, &facts, &spots), || false)
}

fn look(within: &Within, what: Request, zones: &ZonesArgs) -> Result<Scanned, AppError> {
    let lens = Lens::new(zones.zones.as_deref(), None)?;
    let sources = zones.around(&lens.zones, &within.knowledge);
    match &within.store {
        Some(_) if !within.inputs.inputs.is_empty() => {
            let hint = "--store and captures exclude each other: what a store knows is looked up without them";
            Err(AppError::Usage(hint.to_owned()))
        }
        Some(store) => scan::from_store(store, &sources),
        None => {
            let Request { frame, all_facts, .. } = what;
            interruptible(Request { sources, frame, all_facts, ..request(&within.inputs)? }, None)
        }
    }
}

/// The second device that `--merge` asks about: what stands where inputs do, and is none.
fn with_other(args: &ExplainArgs) -> (Within, Option<String>) {
    let mut within = args.within.clone();
    let inputs = &mut within.inputs.inputs;
    let is_input =
        |path: &Path| within.store.is_none() && (path == Path::new("-") || path.exists());
    let is_other = args.merge && inputs.first().is_some_and(|first| !is_input(first));
    let other = is_other.then(|| inputs.remove(0).to_string_lossy().into_owned());
    (within, other)
}

fn rules(within: &Within) -> Result<Rules, AppError> {
    let signatures = knowledge::signatures(&within.knowledge.sources())?;
    Ok(signatures.sources().map(|(rule, source)| (rule.clone(), source.clone())).collect())
}

fn origin(within: &Within) -> Origin {
    if let Some(store) = &within.store {
        return Origin::Store(store.clone());
    }
    let inputs = &within.inputs;
    Origin::Scan {
        inputs: inputs.inputs.iter().chain(&inputs.read).cloned().collect(),
        filter: inputs.filter.clone(),
        frames_max: inputs.count,
        placings: inputs.placings.clone(),
    }
}

/// How the program ends: a fact that its capture does not say is no success.
fn ended(checks: &Checks, facts: usize) -> Exit {
    let differing = checks.differing();
    if differing == 0 {
        return Exit::Done;
    }
    complain(&format!("nameplate: {differing} of {facts} facts are not what their captures say"));
    Exit::Failed
}

fn print(text: &str) -> Result<(), AppError> {
    let mut out = io::stdout();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|source| AppError::Write { what: "standard output".to_owned(), source })
}
