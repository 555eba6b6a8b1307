//! Which findings a person means: by identifiers, by devices and documents, or by an expression.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use crate::app::scan::Scanned;
use crate::app::select::Lens;
use crate::app::{AppError, explain};
use crate::model::{AssetId, Finding};

/// How findings are named.
#[derive(Clone, Copy, Debug)]
pub(in crate::app) struct Wanted<'a> {
    /// Starts of identifiers of findings; or devices, documents and vulnerabilities, which must all fit.
    pub(in crate::app) words: &'a [String],
    /// An expression that must hold.
    pub(in crate::app) expression: Option<&'a str>,
    /// The zones that it asks for.
    pub(in crate::app) zones: Option<&'a Path>,
}

/// What was meant.
#[derive(Debug)]
pub(in crate::app) struct Chosen {
    /// The findings, in order.
    pub(in crate::app) findings: Vec<Arc<Finding>>,
    /// True when each was named, or all are of one document in one part of a device: nobody has to be asked again whether
    /// so many are meant.
    pub(in crate::app) is_certain: bool,
}

/// Finds what is meant; fails when that is nothing.
pub(in crate::app) fn choose(known: &Scanned, wanted: &Wanted<'_>) -> Result<Chosen, AppError> {
    if wanted.words.is_empty() && wanted.expression.is_none() {
        let hint = "say which: the start of a finding's identifier, a device with an advisory, or --where EXPR";
        return Err(AppError::Usage(hint.to_owned()));
    }
    let lens = Lens::new(wanted.zones, wanted.expression)?;
    let mut findings = lens.view(known).findings;
    let mut are_named = false;
    if !wanted.words.is_empty() {
        let ids = identified(known, wanted.words);
        are_named = ids.is_some();
        match ids {
            Some(ids) => findings.retain(|finding| ids.contains(&finding.id)),
            None => {
                let named = Named::new(known, wanted.words)?;
                findings.retain(|finding| named.holds(finding));
            }
        }
    }
    let Some(first) = findings.first() else {
        let what = wanted.words.join(" ");
        let by = wanted.expression.map(|by| format!(" --where {by}")).unwrap_or_default();
        return Err(AppError::NotFound(format!(
            "no finding is meant by {what}{by}: nameplate findings list -o ndjson has their identifiers"
        )));
    };
    let of = |finding: &Finding| {
        (finding.asset, finding.module.clone(), finding.judgement.advisory.clone())
    };
    let is_one = findings.iter().all(|finding| of(finding) == of(first));
    Ok(Chosen { is_certain: are_named || is_one, findings })
}

/// The findings whose identifiers begin with these words; `None` unless each word is the start of exactly one.
fn identified(known: &Scanned, words: &[String]) -> Option<BTreeSet<uuid::Uuid>> {
    let mut ids = BTreeSet::new();
    for word in words.iter().filter(|word| word.len() >= ID_PREFIX_MIN) {
        let word = word.to_lowercase();
        let mut found =
            known.findings.iter().filter(|finding| finding.id.to_string().starts_with(&word));
        match (found.next(), found.next()) {
            (Some(one), None) => ids.insert(one.id),
            _ => return None,
        };
    }
    (words.iter().all(|word| word.len() >= ID_PREFIX_MIN)).then_some(ids)
}

/// Words, by what they name.
#[derive(Debug, Default)]
struct Named {
    assets: BTreeSet<AssetId>,
    advisories: BTreeSet<String>,
    cves: BTreeSet<String>,
}

impl Named {
    fn new(known: &Scanned, words: &[String]) -> Result<Self, AppError> {
        let mut named = Self::default();
        for word in words {
            let lower = word.to_lowercase();
            let is = |text: &str| text.eq_ignore_ascii_case(word);
            if known.findings.iter().any(|finding| is(&finding.judgement.advisory)) {
                named.advisories.insert(lower);
            } else if known.findings.iter().any(|finding| is(&finding.judgement.cve)) {
                named.cves.insert(lower);
            } else {
                let before = named.assets.len();
                named.assets.extend(explain::assets(known, word).map(|asset| asset.id));
                if named.assets.len() == before {
                    return Err(AppError::NotFound(format!(
                        "nothing here is called {word}: give the start of a finding's identifier, or a device, an advisory and perhaps a CVE"
                    )));
                }
            }
        }
        Ok(named)
    }

    fn holds(&self, finding: &Finding) -> bool {
        let judgement = &finding.judgement;
        let among = |set: &BTreeSet<String>, text: &str| {
            set.is_empty() || set.contains(&text.to_lowercase())
        };
        (self.assets.is_empty() || self.assets.contains(&finding.asset))
            && among(&self.advisories, &judgement.advisory)
            && among(&self.cves, &judgement.cve)
    }
}

/// Shorter starts of an identifier would be words.
const ID_PREFIX_MIN: usize = 4;
