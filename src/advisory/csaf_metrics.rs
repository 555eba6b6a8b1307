//! How bad and how likely a vulnerability is, as documents say: `scores[]` of CSAF 2.0, `metrics[]` and
//! `first_known_exploitation_dates[]` of 2.1.
//!
//! ```text
//! scores[]  ── products[], cvss_v2 | cvss_v3
//! metrics[] ── products[], content ── cvss_v2 | cvss_v3 | cvss_v4 | epss | ssvc_v2 | qualitative_severity_rating
//! ```

use serde::Deserialize;

use crate::advisory::csaf::Find;
use crate::advisory::lenient::{List, Number, Object, Text};
use crate::model::advisory::{Exploitation, Likelihood, Score};

/// The parts of a vulnerability that say so.
#[derive(Debug, Default)]
pub(super) struct Measured<'a> {
    /// `scores`.
    pub(super) scores: &'a [Object<Content<'a>>],
    /// `metrics`.
    pub(super) metrics: &'a [Object<Metric<'a>>],
    /// `first_known_exploitation_dates`.
    pub(super) exploited: &'a [Object<Exploited<'a>>],
}

impl Measured<'_> {
    /// Scores of the newest version of CVSS first. Of a score that is given in the second version too, only the newer ones.
    pub(super) fn scores(&self, find: &Find<'_>) -> Vec<Score> {
        let listed = self.scores.iter().map(|Object(score)| (score, &score.products));
        let metrics =
            self.metrics.iter().map(|Object(metric)| (&metric.content.0, &metric.products));
        let mut scores: Vec<(usize, Score)> = Vec::new();
        for (content, products) in listed.chain(metrics) {
            let given = (0_usize..).zip([&content.cvss_v4, &content.cvss_v3, &content.cvss_v2]);
            let mut newer = false;
            for (rank, Object(cvss)) in given {
                let Some(base) = cvss.base_score.0.filter(|_| !(rank == OLDEST && newer)) else {
                    continue;
                };
                newer = true;
                let vector = (&*cvss.vector_string.0).into();
                scores.push((rank, Score { base, vector, products: find.products(products) }));
            }
        }
        scores.sort_by_key(|(rank, _)| *rank);
        scores.into_iter().map(|(_, score)| score).collect()
    }

    /// The highest probability of exploitation that is given and is one.
    pub(super) fn likelihood(&self) -> Option<Likelihood> {
        let given = self.metrics.iter().map(|Object(metric)| &metric.content.0.epss.0);
        let read = given.filter_map(|epss| {
            let probability = epss.probability.0.filter(|one| (0.0..=1.0).contains(one))?;
            Some(Likelihood { probability, recorded: epss.timestamp.0.trim().into() })
        });
        read.max_by(|one, other| one.probability.total_cmp(&other.probability))
    }

    /// Exploitations, in the order of the document.
    pub(super) fn exploitations(&self, find: &Find<'_>) -> Vec<Exploitation> {
        let read = self.exploited.iter().map(|Object(one)| Exploitation {
            since: one.exploitation_date.0.trim().into(),
            products: &find.products(&one.product_ids) | &find.members(&one.group_ids),
        });
        read.filter(|one| !one.since.is_empty()).collect()
    }
}

/// The place of CVSS 2 among the versions.
const OLDEST: usize = 2;

/// `metrics[]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct Metric<'a> {
    content: Object<Content<'a>>,
    products: List<Text<'a>>,
}

/// `scores[]`, and `metrics[].content`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct Content<'a> {
    products: List<Text<'a>>,
    cvss_v2: Object<Cvss<'a>>,
    cvss_v3: Object<Cvss<'a>>,
    cvss_v4: Object<Cvss<'a>>,
    epss: Object<Epss<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Cvss<'a> {
    #[serde(rename = "baseScore")]
    base_score: Number,
    #[serde(rename = "vectorString")]
    vector_string: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Epss<'a> {
    probability: Number,
    timestamp: Text<'a>,
}

/// `first_known_exploitation_dates[]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct Exploited<'a> {
    exploitation_date: Text<'a>,
    product_ids: List<Text<'a>>,
    group_ids: List<Text<'a>>,
}
