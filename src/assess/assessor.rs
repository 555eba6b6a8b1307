//! Judging many devices against many documents, each question once.
//!
//! A plant holds few kinds of device many times over, and of a new bundle of advisories most documents were there before. So what
//! a kind of device met in a document, and what came of it, is remembered by document: new firmware asks nothing about names
//! again, and a new or changed document costs only itself.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::advisory::Index;
use crate::assess::device::{self, Device};
use crate::assess::families::Families;
use crate::assess::product::Match;
use crate::assess::{conflict, judge_leaves, leaves_of, met, said_by, standing, windows_leaves};
use crate::model::asset::Nameplate;
use crate::model::claim::Field;
use crate::model::finding::Judgement;
use crate::model::limits::{JUDGEMENTS_REMEMBERED_MAX, MATCHES_REMEMBERED_MAX};

/// Advisories and families, with what devices were found to be in them.
#[derive(Debug)]
pub struct Assessor {
    index: Index,
    families: Families,
    /// What each change of the advisories touched, by identifier: answers of before know nothing of those documents.
    changes: Vec<BTreeSet<Box<str>>>,
    met: Memory<Vec<(usize, Match)>>,
    judged: Memory<Vec<Arc<Judgement>>>,
}

impl Assessor {
    /// Judges with these.
    pub fn new(index: Index, families: Families) -> Self {
        let met = Memory::new(MATCHES_REMEMBERED_MAX);
        let judged = Memory::new(JUDGEMENTS_REMEMBERED_MAX);
        Self { index, families, changes: Vec::new(), met, judged }
    }

    /// The advisories.
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// Takes other advisories in place of those so far. Answers about documents that stay as they are stay too.
    pub fn advise(&mut self, index: Index) {
        let changed = self.index.changes(&index);
        self.index = index;
        if !changed.is_empty() {
            self.changes.push(changed);
        }
    }

    /// Judges a device against all documents that list its product, in order of document and vulnerability. Documents about
    /// other products give nothing.
    pub fn judge(&mut self, nameplate: &Nameplate) -> Vec<Arc<Judgement>> {
        let kind = kind(nameplate);
        let known = self.judged.take(&kind, &self.changes);
        let (mut answers, stale) = known.map_or((BTreeMap::new(), None), |known| {
            let Known { answers, stale } = known;
            (answers, Some(stale))
        });
        if stale.as_ref().is_none_or(|stale| !stale.is_empty()) {
            for judgement in self.judge_anew(nameplate, stale.as_ref()) {
                answers
                    .entry(judgement.advisory.clone())
                    .or_insert_with(Vec::new)
                    .push(Arc::new(judgement));
            }
        }
        let mut judgements: Vec<Arc<Judgement>> = answers.values().flatten().cloned().collect();
        self.judged.put(kind, self.changes.len(), answers);
        // Two devices of one kind are judged once; whose word it was is each one's own.
        let said_by = said_by::sentences(nameplate);
        if !said_by.is_empty() {
            for one in &mut judgements {
                drop(Arc::make_mut(one).because.splice(0..0, said_by.iter().cloned()));
            }
        }
        judgements
    }

    /// Against the documents of these identifiers; against all without.
    fn judge_anew(
        &mut self,
        nameplate: &Nameplate,
        wanted: Option<&BTreeSet<Box<str>>>,
    ) -> Vec<Judgement> {
        conflict::settle(nameplate, |firmware| {
            let mut judgements = Vec::new();
            for device in Device::all(nameplate, firmware, &self.families) {
                let listed = listed(&device, &self.index, &self.changes, &mut self.met);
                let names = self.index.names();
                for (id, met) in &listed {
                    if wanted.is_some_and(|wanted| !wanted.contains(id)) {
                        continue;
                    }
                    let Some(document) = self.index.document(id) else { continue };
                    let met = match &device.windows {
                        Some(releases) => windows_leaves(&device, releases, document),
                        None => leaves_of(&device, document, met, names),
                    };
                    if !met.own.is_empty() {
                        let exploited = |cve: &str| self.index.is_exploited(cve);
                        let about = (document, names);
                        let mut judged = judge_leaves(&device, &met, about, exploited);
                        standing::not_taken_over(&mut judged, document, &self.index, |id| {
                            listed.contains_key(id)
                        });
                        judgements.extend(judged.into_iter().map(|mut one| {
                            one.epss = self.index.likelihood(&one.cve).or(one.epss);
                            one
                        }));
                    }
                }
                self.met.put(device.key(), self.changes.len(), listed);
            }
            judgements
        })
    }
}

/// The products of each document that a device met. A document in which it met none is not listed; of Windows those of its
/// maker are, without products.
fn listed(
    device: &Device<'_>,
    index: &Index,
    changes: &[BTreeSet<Box<str>>],
    memory: &mut Memory<Vec<(usize, Match)>>,
) -> BTreeMap<Box<str>, Vec<(usize, Match)>> {
    let known = memory.take(&device.key(), changes);
    let (mut answers, stale) = known.map_or((BTreeMap::new(), None), |known| {
        let Known { answers, stale } = known;
        (answers, Some(stale))
    });
    if stale.as_ref().is_some_and(BTreeSet::is_empty) {
        return answers;
    }
    for document in index.about(|maker| device.is_by(maker)) {
        if stale.as_ref().is_none_or(|stale| stale.contains(&document.id)) {
            let met = match &device.windows {
                Some(_) => Vec::new(),
                None => met(device, document, index.names()),
            };
            if device.windows.is_some() || !met.is_empty() {
                answers.insert(document.id.clone(), met);
            }
        }
    }
    answers
}

/// All that verdicts follow from, as one text: two devices with the same are judged alike.
fn kind(nameplate: &Nameplate) -> String {
    const FIELDS: [Field; 7] = [
        Field::Vendor,
        Field::Product,
        Field::Model,
        Field::OrderNumber,
        Field::Series,
        Field::Os,
        Field::OsBuild,
    ];
    let said = FIELDS.iter().map(|field| device::said(nameplate, *field));
    let firmwares = device::firmwares(nameplate);
    let said = said.chain([device::update_level(nameplate)]);
    let mut kind = String::new();
    for claim in said.chain(firmwares.into_iter().map(Some)) {
        // Values may hold any character: their lengths keep them apart.
        let (value, certainty) =
            claim.map_or(("", None), |claim| (&*claim.value, Some(claim.certainty)));
        kind.push_str(&format!("{}:{value}{certainty:?};", value.len()));
    }
    kind
}

/// Answers by question and document. Full, it takes no more questions: those are worked out each time.
#[derive(Debug)]
struct Memory<T> {
    kept: HashMap<String, Kept<T>>,
    documents: usize,
    documents_max: usize,
}

/// The answers to one question.
#[derive(Debug)]
struct Kept<T> {
    /// How many changes of the advisories there had been.
    age: usize,
    by_document: BTreeMap<Box<str>, T>,
}

/// What is remembered of a question.
struct Known<T> {
    /// Answers that hold still.
    answers: BTreeMap<Box<str>, T>,
    /// Documents that changed since: of those nothing is known.
    stale: BTreeSet<Box<str>>,
}

impl<T> Memory<T> {
    fn new(documents_max: usize) -> Self {
        Self { kept: HashMap::new(), documents: 0, documents_max }
    }

    /// Gives what is known and forgets it: it is to be put back, with what was missing.
    fn take(&mut self, question: &str, changes: &[BTreeSet<Box<str>>]) -> Option<Known<T>> {
        let Kept { age, by_document: mut answers } = self.kept.remove(question)?;
        self.documents = self.documents.saturating_sub(weight(&answers));
        let stale: BTreeSet<Box<str>> = changes.iter().skip(age).flatten().cloned().collect();
        answers.retain(|document, _| !stale.contains(document));
        Some(Known { answers, stale })
    }

    fn put(&mut self, question: String, age: usize, by_document: BTreeMap<Box<str>, T>) {
        let documents = self.documents.saturating_add(weight(&by_document));
        if documents <= self.documents_max {
            self.documents = documents;
            self.kept.insert(question, Kept { age, by_document });
        }
    }
}

/// What a question takes up: one without any answer too.
fn weight<T>(answers: &BTreeMap<Box<str>, T>) -> usize {
    answers.len().saturating_add(1)
}
