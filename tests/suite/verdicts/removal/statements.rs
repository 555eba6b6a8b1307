//! Statements of a document that can be left out, one at a time.
//!
//! A document is judged flaw by flaw: of the other flaws only the products that they say something of matter. So a removal is
//! judged in a document that has one flaw as it is and another one that names those products: [`lean`]. That this changes
//! nothing is asserted wherever it is used.

use std::collections::BTreeSet;

use nameplate::model::advisory::{Advisory, Flaw, Remedy, Stated};
use nameplate::model::asset::Nameplate;

use super::pairs::{Choice, listed};

/// One statement of a document.
#[derive(Clone, Copy, Debug)]
pub(super) enum Statement {
    /// The version beside a product: it then is the product as a whole.
    Version(usize),
    /// One of the model numbers of a product.
    Model(usize, usize),
    /// One of the serial numbers of a product.
    Serial(usize, usize),
    /// The hardware of a relation, with its numbers: the product then is what is installed on it, wherever.
    Hardware(usize),
    /// A product that carries the fix.
    Fixed(usize),
    /// A product that is not affected.
    NotAffected(usize),
    /// A product that is looked into.
    Investigated(usize),
    /// A score.
    Score(usize),
    /// A remediation.
    Remedy(usize),
    /// A sentence of one, by the place of its beginning and its end.
    Sentence(usize, usize, usize),
    /// The products that a remediation is for: it then is for all.
    Whom(usize),
}

impl Statement {
    /// Leaves it out of a document with one flaw.
    pub(super) fn leave_out(self, document: &mut Advisory) {
        let (products, flaw) = (&mut document.products, &mut document.flaws[0]);
        match self {
            Self::Version(at) => {
                products[at].version = "".into();
                products[at].stated = Stated::Nothing;
            }
            Self::Model(at, place) => drop(products[at].models.remove(place)),
            Self::Serial(at, place) => drop(products[at].serials.remove(place)),
            Self::Hardware(at) => {
                products[at].on = None;
                products[at].on_models.clear();
            }
            Self::Fixed(at) => drop(flaw.fixed.remove(&at)),
            Self::NotAffected(at) => drop(flaw.not_affected.remove(&at)),
            Self::Investigated(at) => drop(flaw.investigated.remove(&at)),
            Self::Score(place) => drop(flaw.scores.remove(place)),
            Self::Remedy(place) => drop(flaw.remedies.remove(place)),
            Self::Sentence(place, from, to) => {
                let details = &flaw.remedies[place].details;
                flaw.remedies[place].details =
                    format!("{}{}", &details[..from], &details[to..]).into();
            }
            Self::Whom(place) => flaw.remedies[place].products.clear(),
        }
    }

    /// Puts back what was left out.
    pub(super) fn put_back(self, document: &mut Advisory, whole: &Advisory) {
        match self {
            Self::Version(at) | Self::Model(at, _) | Self::Serial(at, _) | Self::Hardware(at) => {
                document.products[at].clone_from(&whole.products[at]);
            }
            _ => document.flaws[0].clone_from(&whole.flaws[0]),
        }
    }

    /// The statement itself.
    pub(super) fn shown(self, whole: &Advisory) -> String {
        let (products, flaw) = (&whole.products, &whole.flaws[0]);
        match self {
            Self::Version(at) => {
                format!("version {:?} of {:?}", products[at].version, products[at].name)
            }
            Self::Model(at, place) => {
                format!("model {} of {:?}", products[at].models[place], products[at].name)
            }
            Self::Serial(at, place) => {
                format!("serial {} of {:?}", products[at].serials[place], products[at].name)
            }
            Self::Hardware(at) => {
                format!("hardware {:?} of {:?}", products[at].on, products[at].full_name)
            }
            Self::Fixed(at) => format!("fixed {:?}", products[at].full_name),
            Self::NotAffected(at) => format!("not affected {:?}", products[at].full_name),
            Self::Investigated(at) => format!("investigated {:?}", products[at].full_name),
            Self::Score(place) => format!("score {place}"),
            Self::Remedy(place) => format!("remediation {:?}", flaw.remedies[place].details),
            Self::Sentence(place, from, to) => {
                let details = &flaw.remedies[place].details;
                format!("sentence {:?} of {details:?}", &details[from..to])
            }
            Self::Whom(place) => format!("products of {:?}", flaw.remedies[place].details),
        }
    }

    /// The kind of it, as counts are printed.
    pub(super) fn kind(self) -> &'static str {
        match self {
            Self::Version(_) => "version",
            Self::Model(..) => "model number",
            Self::Serial(..) => "serial number",
            Self::Hardware(_) => "hardware of a relation",
            Self::Fixed(_) => "fixed product",
            Self::NotAffected(_) => "product not affected",
            Self::Investigated(_) => "product looked into",
            Self::Score(_) => "score",
            Self::Remedy(_) => "remediation",
            Self::Sentence(..) => "sentence of a remediation",
            Self::Whom(_) => "products of a remediation",
        }
    }
}

/// A document with one of its flaws, and one more flaw that names all products that the others say something of.
pub(super) fn lean(document: &Advisory, at: usize) -> Advisory {
    let mut others = Flaw::default();
    let mut is_silent = false;
    for (_, flaw) in document.flaws.iter().enumerate().filter(|(other, _)| *other != at) {
        let said: BTreeSet<usize> = [&flaw.affected, &flaw.fixed, &flaw.not_affected]
            .into_iter()
            .chain([&flaw.investigated])
            .flatten()
            .copied()
            .collect();
        is_silent |= said.is_empty();
        others.investigated.extend(said);
    }
    if is_silent {
        others.investigated.clear();
    }
    let mut flaws = vec![document.flaws[at].clone()];
    if document.flaws.len() > 1 {
        flaws.push(others);
    }
    Advisory { flaws, ..document.clone() }
}

/// Flaws of a document that say different things: of those that say the same, in other words but for their names and scores, the
/// first.
pub(super) fn distinct(document: &Advisory) -> Vec<usize> {
    let same = |one: &Flaw, other: &Flaw| {
        let said = |remedy: &Remedy| {
            (remedy.category.clone(), remedy.details.clone(), remedy.products.clone())
        };
        one.affected == other.affected
            && one.fixed == other.fixed
            && one.not_affected == other.not_affected
            && one.investigated == other.investigated
            && one.remedies.iter().map(said).eq(other.remedies.iter().map(said))
    };
    let mut kept: Vec<usize> = Vec::new();
    for (at, flaw) in document.flaws.iter().enumerate() {
        if !kept.iter().any(|kept| same(&document.flaws[*kept], flaw)) {
            kept.push(at);
        }
    }
    kept
}

/// Products that a device meets, each for itself: what a document says of the others cannot be about it.
pub(super) fn met(plate: &Nameplate, document: &Advisory) -> BTreeSet<usize> {
    let mut one =
        Advisory { products: Vec::new(), flaws: vec![Flaw::default()], ..document.clone() };
    let mut met = BTreeSet::new();
    for (at, product) in document.products.iter().enumerate() {
        one.products = vec![product.clone()];
        if !listed(plate, &one).is_empty() {
            met.insert(at);
        }
    }
    met
}

/// What can be left out of a document with one flaw and is not the statement itself: everything that can touch the verdict, and a few
/// of those that cannot, which are the first score, products that the device does not meet, and remediations without a digit.
pub(super) fn statements(
    document: &Advisory,
    met: &BTreeSet<usize>,
    choice: &mut Choice,
) -> Vec<Statement> {
    const OTHERS: usize = 4;
    let (products, flaw) = (&document.products, &document.flaws[0]);
    let others = (0..products.len()).filter(|at| !met.contains(at)).collect();
    let touched: BTreeSet<usize> = met.iter().copied().chain(choice.few(others, OTHERS)).collect();
    let mut all = Vec::new();
    for at in touched {
        let product = &products[at];
        if product.stated != Stated::Nothing {
            all.push(Statement::Version(at));
        }
        all.extend((0..product.models.len()).map(|place| Statement::Model(at, place)));
        all.extend((0..product.serials.len()).map(|place| Statement::Serial(at, place)));
        if product.on.is_some() {
            all.push(Statement::Hardware(at));
        }
        let states: [(&BTreeSet<usize>, Made); 3] = [
            (&flaw.fixed, Statement::Fixed),
            (&flaw.not_affected, Statement::NotAffected),
            (&flaw.investigated, Statement::Investigated),
        ];
        for (state, statement) in states {
            all.extend(state.contains(&at).then(|| statement(at)));
        }
    }
    all.extend((0..flaw.scores.len().min(1)).map(Statement::Score));
    // Without a digit a text names no version: a few of those stand for all.
    let has_digit =
        |place: &usize| flaw.remedies[*place].details.contains(|c: char| c.is_ascii_digit());
    let (named, silent): (Vec<usize>, Vec<usize>) =
        (0..flaw.remedies.len()).partition(|place| has_digit(place));
    for place in named.into_iter().chain(choice.few(silent, OTHERS)) {
        let remedy = &flaw.remedies[place];
        all.push(Statement::Remedy(place));
        if !remedy.products.is_empty() {
            all.push(Statement::Whom(place));
        }
        let sentences = sentences(&remedy.details);
        if sentences.len() > 1 {
            let sentence = |(from, to)| Statement::Sentence(place, from, to);
            all.extend(sentences.into_iter().map(sentence));
        }
    }
    all
}

/// Where sentences and lines of a text begin and end.
fn sentences(text: &str) -> Vec<(usize, usize)> {
    let mut ends: Vec<usize> = [". ", "\n"]
        .into_iter()
        .flat_map(|mark| text.match_indices(mark).map(|(at, found)| at + found.len()))
        .collect();
    ends.push(text.len());
    ends.sort_unstable();
    ends.dedup();
    let begins = std::iter::once(0).chain(ends.iter().copied()).collect::<Vec<_>>();
    begins.into_iter().zip(ends).filter(|(from, to)| !text[*from..*to].trim().is_empty()).collect()
}

/// Makes a statement of a product.
type Made = fn(usize) -> Statement;
