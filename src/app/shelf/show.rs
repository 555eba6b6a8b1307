//! `advisories show`: one document, all of it, and what it means here.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::advisory::prose::{Note, Reference};
use crate::advisory::search::is_deleted;
use crate::app::AppError;
use crate::app::shelf::standing::{Standing, far, rank, standings};
use crate::app::shelf::{Held, Shelf, list, marks, ranges, verdicts};
use crate::assess::families::Families;
use crate::export::display_name;
use crate::export::shelf::{Fix, Flaw, Match, Page, Product};
use crate::model::advisory::{Advisory, Product as Listed};
use crate::model::{Asset, Field, Finding, Handling, Judgement, Nameplate, Unit, Verdict, Weight};

/// Puts the page together.
pub(in crate::app) fn show(
    shelf: &Shelf,
    what: &str,
    revision: Option<&str>,
) -> Result<Page, AppError> {
    let id = shelf.named(what)?;
    let held = shelf.revision(id, revision)?;
    let (advisory, prose) = (&held.whole.advisory, &held.whole.prose);
    let counts = shelf.counts(held);
    let findings = findings(shelf, held, counts);
    let standing = shelf
        .known
        .as_ref()
        .map(|_| standings(&findings).remove(&advisory.id).unwrap_or_else(Standing::default));
    Ok(Page {
        schema: "nameplate.advisory_page/1",
        head: list::row(shelf, held, standing.as_ref()),
        is_past: !counts || is_deleted(advisory, &shelf.marks),
        history: prose
            .history
            .iter()
            .map(|one| (one.number.to_string(), one.date.to_string(), one.summary.to_string()))
            .collect(),
        notes: notes(&prose.notes),
        references: references(&prose.references),
        products: products(shelf, advisory),
        vulnerabilities: flaws(shelf, held),
        matches: matches(shelf, &findings),
        marks: shelf.marks.of(&advisory.id).iter().map(marks::line).collect(),
    })
}

/// Verdicts of this revision: those that stand where it counts, else what they would be.
fn findings(shelf: &Shelf, held: &Held, counts: bool) -> Vec<Arc<Finding>> {
    let Some(known) = &shelf.known else { return Vec::new() };
    let advisory = &held.whole.advisory;
    if counts {
        let own = known.findings.iter().filter(|one| one.judgement.advisory == advisory.id);
        return own.cloned().collect();
    }
    let judged = verdicts::of(known, advisory, shelf.kev.as_ref());
    let finding = |((asset, module, _), judgement)| {
        let (id, weight, handling) = (uuid::Uuid::nil(), Weight::default(), Handling::default());
        Arc::new(Finding { id, asset, module, judgement, weight, handling })
    };
    judged.into_iter().map(finding).collect()
}

fn notes(notes: &[Note]) -> Vec<(String, String, String)> {
    let owned =
        |note: &Note| (note.category.to_string(), note.title.to_string(), note.text.to_string());
    notes.iter().map(owned).collect()
}

fn references(references: &[Reference]) -> Vec<(String, String)> {
    references.iter().map(|one| (one.summary.to_string(), one.url.to_string())).collect()
}

/// Products, with the assets that are each of them.
fn products(shelf: &Shelf, advisory: &Advisory) -> Vec<Product> {
    let families = Families::embedded();
    let here = shelf.known.as_ref().map(|known| verdicts::by_product(known, advisory));
    let here = here.unwrap_or_default();
    let product = |(at, product): (usize, &Listed)| {
        let (read_as, is_read) = ranges::read_as(product, &families);
        let assets = here.get(&at).into_iter().flatten();
        Product {
            id: product.id.to_string(),
            vendor: product.vendor.to_string(),
            name: product.name.to_string(),
            versions: product.version.to_string(),
            read_as,
            is_read,
            models: product.models.iter().map(ToString::to_string).collect(),
            on: product.on.as_ref().map(ToString::to_string),
            pointer: product.pointer.to_string(),
            assets: assets.map(|(asset, path)| called(asset, *path)).collect(),
        }
    };
    advisory.products.iter().enumerate().map(product).collect()
}

/// A device, with its address, as nothing else tells two of one name apart.
pub(super) fn called(asset: &Asset, path: Option<&Unit>) -> String {
    let name = display_name(asset);
    let address = asset.ips.first().map(ToString::to_string).filter(|ip| *ip != name);
    let address = address.map(|ip| format!(" ({ip})")).unwrap_or_default();
    let part = path.map(|path| format!(" {path}")).unwrap_or_default();
    format!("{name}{address}{part}")
}

fn flaws(shelf: &Shelf, held: &Held) -> Vec<Flaw> {
    let (advisory, prose) = (&held.whole.advisory, &held.whole.prose);
    let names = |places: &std::collections::BTreeSet<usize>| -> Vec<String> {
        let own = places.iter().filter_map(|at| advisory.products.get(*at));
        own.map(crate::advisory::changes::called).collect()
    };
    let flaw = |(at, flaw): (usize, &crate::model::advisory::Flaw)| {
        let told = prose.flaws.get(at).cloned().unwrap_or_default();
        let states = [
            ("affected", &flaw.affected),
            ("fixed", &flaw.fixed),
            ("not affected", &flaw.not_affected),
            ("under investigation", &flaw.investigated),
        ];
        let remediations = flaw.remedies.iter().enumerate().map(|(at, remedy)| {
            let told = told.remedies.get(at).cloned().unwrap_or_default();
            Fix {
                category: remedy.category.to_string(),
                details: remedy.details.to_string(),
                url: told.url.to_string(),
                date: told.date.to_string(),
                restart: told.restart.to_string(),
                products: names(&remedy.products),
            }
        });
        Flaw {
            cve: flaw.name.to_string(),
            title: told.title.to_string(),
            weakness: told.weakness.to_string(),
            kev: shelf.kev.as_ref().map(|kev| kev.contains(&flaw.name)),
            scores: flaw
                .scores
                .iter()
                .map(|score| (score.base, score.vector.to_string(), score.products.len()))
                .collect(),
            states: states
                .into_iter()
                .filter(|(_, places)| !places.is_empty())
                .map(|(state, places)| (state, names(places)))
                .collect(),
            remediations: remediations.collect(),
            notes: notes(&told.notes),
            references: references(&told.references),
        }
    };
    advisory.flaws.iter().enumerate().map(flaw).collect()
}

/// Verdicts by device, the worst first.
fn matches(shelf: &Shelf, findings: &[Arc<Finding>]) -> Vec<Match> {
    let Some(known) = &shelf.known else { return Vec::new() };
    let assets: BTreeMap<_, &Arc<Asset>> =
        known.assets.iter().map(|asset| (asset.id, asset)).collect();
    let mut sorted: Vec<&Arc<Finding>> = findings.iter().collect();
    sorted.sort_by_key(|one| {
        let judgement = &one.judgement;
        let by = (rank(&judgement.verdict), one.asset, one.module.clone());
        (by, judgement.fixed_in.clone(), judgement.cve.clone())
    });
    let found = sorted.into_iter().filter_map(|finding| {
        let asset = assets.get(&finding.asset)?;
        Some(one_match(asset, finding))
    });
    found.collect()
}

fn one_match(asset: &Asset, finding: &Finding) -> Match {
    let judgement: &Judgement = &finding.judgement;
    let part = finding.module.as_ref();
    let module = part.and_then(|path| asset.modules.iter().find(|module| module.path == *path));
    let plate = module.map_or(&asset.nameplate, |module| &module.nameplate);
    let address = asset.ips.first().map(ToString::to_string);
    Match {
        asset_id: asset.id.to_string(),
        name: display_name(asset),
        address: address
            .or_else(|| asset.macs.first().map(ToString::to_string))
            .unwrap_or_default(),
        module: part.map(ToString::to_string),
        product: product_of(plate).1,
        firmware: firmware_of(plate),
        cve: judgement.cve.to_string(),
        verdict: judgement.verdict.name(),
        reason: match &judgement.verdict {
            Verdict::Unknown(why) => Some(why.name()),
            Verdict::Affected | Verdict::Fixed | Verdict::NotAffected => None,
        },
        fixed_in: judgement.fixed_in.clone(),
        remediation: far(finding).map(|far| far.name()),
        grade: judgement.grade.to_string(),
    }
}

/// What a thing is: its product, and the same with its model.
pub(super) fn product_of(plate: &Nameplate) -> (String, String) {
    let value = |field: Field| plate.value(field).unwrap_or_default();
    let product =
        if value(Field::Product).is_empty() { value(Field::Os) } else { value(Field::Product) };
    let model = value(Field::Model);
    let whole = match (product.is_empty(), model.is_empty() || product.contains(model)) {
        (false, true) => product.to_owned(),
        (false, false) => format!("{product} {model}"),
        (true, _) => model.to_owned(),
    };
    (product.to_owned(), whole)
}

/// Its version: firmware, else the build of its operating system.
pub(super) fn firmware_of(plate: &Nameplate) -> String {
    let firmware = plate.value(Field::Firmware).or_else(|| plate.value(Field::OsBuild));
    firmware.unwrap_or_default().to_owned()
}
