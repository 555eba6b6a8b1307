//! `advisories list`: which documents there are, selected, in order.

use std::collections::BTreeSet;

use crate::advisory::prose::{Versioning, versioning};
use crate::advisory::search::{
    self, Card, Kind, PROPERTIES, Property, highest_score, is_deleted, mentions,
};
use crate::advisory::standing::meaning;
use crate::app::AppError;
use crate::app::shelf::standing::{Standing, standings};
use crate::app::shelf::{Held, Shelf, marks, named_assets};
use crate::export::shelf::{Listing, Row};
use crate::model::limits::COLUMNS_MAX;
use crate::query::documents::{Document, Search, Sort};
use crate::query::nearest;

/// What to list.
#[derive(Clone, Debug, Default)]
pub(in crate::app) struct Wanted<'a> {
    /// An expression that must hold.
    pub(in crate::app) expression: Option<&'a str>,
    /// Words that must all be there.
    pub(in crate::app) search: Option<&'a str>,
    /// Tests of properties: name, and words of which one must be contained; CVEs must be equal.
    pub(in crate::app) with: Vec<(&'static str, &'a [String])>,
    /// Only what the person who asks has not read.
    pub(in crate::app) unread: bool,
    /// Only what affects an asset.
    pub(in crate::app) affecting: bool,
    /// Only what is about these devices.
    pub(in crate::app) asset: Option<&'a str>,
    /// Only documents that were taken out.
    pub(in crate::app) deleted: bool,
    /// All revisions, not only those that count.
    pub(in crate::app) revisions: bool,
    /// Properties to sort by.
    pub(in crate::app) sort: Option<&'a str>,
}

/// Makes the list.
pub(in crate::app) fn list(shelf: &Shelf, wanted: &Wanted<'_>) -> Result<Listing, AppError> {
    let selection = Selection::new(shelf, wanted)?;
    let mut standings = shelf.known.as_ref().map(|known| {
        let only = selection.assets.as_ref();
        let own =
            known.findings.iter().filter(|one| only.is_none_or(|only| only.contains(&one.asset)));
        standings(own)
    });
    let counting = shelf.counting();
    let held: Vec<&Held> = if wanted.deleted {
        let latest = shelf.latest().into_values();
        latest.filter(|held| shelf.marks.deletion(held.id()).is_some()).collect()
    } else if wanted.revisions {
        shelf.held.iter().collect()
    } else {
        counting.values().copied().collect()
    };
    let of = held.len();
    let mut found: Vec<(Card<'_>, &Held, Option<Standing>)> = Vec::new();
    for held in held {
        // What is no longer current means nothing for anybody.
        let counts = counting.get(held.id()).is_some_and(|one| std::ptr::eq(*one, held));
        let standing = standings.as_mut().map(|standings| match counts {
            true => standings.remove(held.id()).unwrap_or_default(),
            false => Standing::default(),
        });
        let card = card(shelf, held, standing.as_ref());
        if selection.holds(&card, standing.as_ref()) {
            found.push((card, held, standing));
        }
    }
    let order = order(wanted.sort.unwrap_or(DEFAULT_ORDER))?;
    found.sort_by(|(one, ..), (other, ..)| {
        let orders =
            order.iter().map(|(property, is_reversed)| property.compare(one, other, *is_reversed));
        orders.into_iter().find(|order| order.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
    });
    let rows = found.iter().map(|(_, held, standing)| row(shelf, held, standing.as_ref()));
    let matched = shelf.last_matching.as_ref().map(|run| {
        let at = run.at.to_string();
        let at = at.get(..19).unwrap_or(&at).replace('T', " ");
        format!(
            "{at} UTC, {} against {} documents ({})",
            run.trigger.name(),
            run.documents,
            run.origin
        )
    });
    Ok(Listing {
        origin: shelf.origin.clone(),
        of,
        unread: shelf.unread,
        reader: shelf.reader.clone(),
        matched,
        advisories: rows.collect(),
    })
}

/// What a list has of one document.
pub(super) fn row(shelf: &Shelf, held: &Held, standing: Option<&Standing>) -> Row {
    let (advisory, prose) = (&held.whole.advisory, &held.whole.prose);
    let readers = shelf.marks.readers(&advisory.id, advisory.substance);
    let vendors: BTreeSet<&str> =
        advisory.products.iter().map(|product| &*product.vendor).collect();
    let text = |text: &str| text.to_owned();
    let deletion = shelf.marks.deletion(&advisory.id);
    Row {
        schema: "nameplate.advisory/1",
        advisory: text(&advisory.id),
        title: text(&advisory.title),
        revision: text(&advisory.revision),
        versioning: match versioning(&advisory.revision) {
            Versioning::Integer => "integer",
            Versioning::Semantic(_) => "semantic",
            Versioning::Other => "other",
        },
        revisions: shelf
            .revisions(&advisory.id)
            .map(|one| text(&one.whole.advisory.revision))
            .collect(),
        released: text(&advisory.released),
        first_released: text(&prose.first_released),
        status: text(&prose.status),
        standing: meaning(&advisory.standing),
        category: text(&prose.category),
        publisher: text(&advisory.publisher),
        tlp: text(&prose.tlp),
        severity: text(&prose.severity),
        vendors: vendors.into_iter().filter(|vendor| !vendor.is_empty()).map(text).collect(),
        cves: advisory.flaws.iter().map(|flaw| text(&flaw.name)).collect(),
        cvss: highest_score(advisory),
        kev: shelf.is_exploited(held),
        substance: advisory.substance.to_string(),
        sha256: held.sha256.clone(),
        origin: held.origin.clone(),
        added_by: held.added.as_ref().map(|(by, _)| by.clone()),
        added: held.added.as_ref().map(|(_, at)| at.to_string()),
        read: shelf
            .reader
            .as_deref()
            .filter(|_| shelf.known.is_some())
            .map(|reader| readers.contains(reader)),
        read_by: readers.into_iter().map(text).collect(),
        comments: shelf.marks.comments(&advisory.id).count(),
        deleted: deletion.map(marks::line),
        came_back: deletion.is_some() && !is_deleted(advisory, &shelf.marks),
        assets: standing.map(Standing::assets),
        remediation: standing.map(Standing::remediations),
    }
}

fn card<'a>(shelf: &'a Shelf, held: &'a Held, standing: Option<&Standing>) -> Card<'a> {
    let advisory = &held.whole.advisory;
    let far = standing.map(|standing| standing.remediations().vulnerabilities);
    Card {
        whole: &held.whole,
        comments: shelf.marks.comments(&advisory.id).map(|mark| &*mark.text).collect(),
        readers: shelf.marks.readers(&advisory.id, advisory.substance),
        kev: shelf.is_exploited(held),
        assets: standing.map(|standing| {
            let assets = standing.assets();
            [assets.affected, assets.cannot_tell, assets.fixed, assets.not_affected]
        }),
        remediation: far.map(|far| [far.not_remediated, far.in_progress, far.done]),
    }
}

/// What documents must be, checked before any is looked at.
struct Selection<'a> {
    expression: Option<Search>,
    words: Vec<String>,
    with: &'a [(&'static str, &'a [String])],
    unread_by: Option<&'a str>,
    affecting: bool,
    assets: Option<BTreeSet<crate::model::AssetId>>,
}

impl<'a> Selection<'a> {
    fn new(shelf: &'a Shelf, wanted: &'a Wanted<'a>) -> Result<Self, AppError> {
        let usage = |what: String| Err(AppError::Usage(what));
        let properties: Vec<(&'static str, Sort)> = PROPERTIES
            .iter()
            .map(|property| {
                let sort = match property.kind {
                    Kind::Text => Sort::Text,
                    Kind::Number => Sort::Number,
                    Kind::Date => Sort::Date,
                };
                (property.name, sort)
            })
            .collect();
        let expression = wanted.expression.map(|text| Search::parse(text, &properties)).transpose();
        let expression =
            expression.map_err(|error| AppError::Usage(format!("--where: {error}")))?;
        let words = wanted.search.unwrap_or_default().split_whitespace().map(str::to_lowercase);
        if wanted.unread && shelf.reader.is_none() {
            return usage(
                "--unread asks for somebody's reading: say whose with --by NAME".to_owned(),
            );
        }
        if (wanted.affecting || wanted.asset.is_some()) && shelf.known.is_none() {
            return usage(
                "--affecting and --asset ask about devices: name their store with --store DIR"
                    .to_owned(),
            );
        }
        let assets = match (&shelf.known, wanted.asset) {
            (Some(known), Some(what)) => Some(named_assets(known, what)?),
            _ => None,
        };
        Ok(Self {
            expression,
            words: words.collect(),
            with: &wanted.with,
            unread_by: shelf.reader.as_deref().filter(|_| wanted.unread),
            affecting: wanted.affecting,
            assets,
        })
    }

    fn holds(&self, card: &Card<'_>, standing: Option<&Standing>) -> bool {
        let is_with = |(name, words): &(&'static str, &[String])| {
            words.is_empty()
                || Property::named(name).is_some_and(|property| {
                    let own = property.values(card);
                    words.iter().any(|word| {
                        let word = word.to_lowercase();
                        own.iter().any(|own| match *name {
                            "cve" => own.eq_ignore_ascii_case(&word),
                            _ => search::contains(own, &word),
                        })
                    })
                })
        };
        self.words.iter().all(|word| mentions(card, word))
            && self.with.iter().all(is_with)
            && self.unread_by.is_none_or(|reader| !card.readers.contains(reader))
            && (!self.affecting || standing.is_some_and(|standing| standing.assets().affected > 0))
            && (self.assets.is_none()
                || standing.is_some_and(|one| one.asset_ids().next().is_some()))
            && self.expression.as_ref().is_none_or(|expression| expression.holds(&Asked(card)))
    }
}

struct Asked<'a>(&'a Card<'a>);

impl Document for Asked<'_> {
    fn values(&self, property: &str) -> Vec<String> {
        let values = Property::named(property).map(|property| property.values(self.0));
        values.unwrap_or_default().into_iter().map(|value| value.into_owned()).collect()
    }

    fn mentions(&self, word: &str) -> bool {
        mentions(self.0, word)
    }
}

/// Properties to sort by, each with whether the last comes first.
fn order(text: &str) -> Result<Vec<(&'static Property, bool)>, AppError> {
    let mut order = Vec::new();
    for word in text.split(',').map(str::trim).take(COLUMNS_MAX) {
        let (name, is_reversed) = match word.strip_prefix('-') {
            Some(name) => (name, true),
            None => (word, false),
        };
        let property = Property::named(&name.replace('-', "_")).ok_or_else(|| {
            let names = || PROPERTIES.iter().map(|property| property.name);
            let hint = match nearest(name, names()) {
                Some(near) => format!("do you mean {near}?"),
                None => format!("there are {}", names().collect::<Vec<_>>().join(", ")),
            };
            AppError::Usage(format!("--sort: documents have no {name}; {hint}"))
        })?;
        order.push((property, is_reversed));
    }
    order.extend(Property::named("id").map(|id| (id, false)));
    Ok(order)
}

/// The newest first.
const DEFAULT_ORDER: &str = "-released";
