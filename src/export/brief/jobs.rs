//! What to do, as jobs for people: one update of some devices is one job, however many flaws it mends.

use std::collections::{BTreeMap, BTreeSet};

use crate::export::Report;
use crate::export::brief::seen::{product, version};
use crate::model::{Asset, AssetId, Finding, Kind, Nameplate, Priority, Unit, Verdict};

/// What sort of work a job is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(in crate::export) enum Work {
    /// Install a version that has the fixes.
    Update,
    /// Keep the flaw from being used: no fix is named.
    Contain,
    /// Change what the device does: a service, a setting.
    Change,
    /// Plan for the end: its maker no longer mends it.
    Replace,
}

/// One job.
#[derive(Debug)]
pub(in crate::export) struct Job<'a> {
    /// What sort of work.
    pub(in crate::export) work: Work,
    /// The most urgent of its findings.
    pub(in crate::export) priority: Option<Priority>,
    /// The devices and parts, in order of name.
    pub(in crate::export) things: Vec<Thing<'a>>,
    /// What they are.
    pub(in crate::export) product: String,
    /// The version that they have.
    pub(in crate::export) version: Option<&'a str>,
    /// Versions with fixes, by advisory.
    pub(in crate::export) fixes: BTreeMap<&'a str, BTreeSet<&'a str>>,
    /// Advisories.
    pub(in crate::export) advisories: BTreeSet<&'a str>,
    /// Vulnerabilities.
    pub(in crate::export) cves: BTreeSet<&'a str>,
    /// Vulnerabilities of an update that no named version mends.
    pub(in crate::export) unmended: BTreeSet<&'a str>,
    /// The highest score.
    pub(in crate::export) cvss: Option<f64>,
    /// One of them is known to be exploited.
    pub(in crate::export) is_exploited: bool,
    /// The finding that says most: the most urgent, and of these the one with the highest score.
    pub(in crate::export) foremost: &'a Finding,
    /// Findings that it settles.
    pub(in crate::export) findings: usize,
    /// Of these, findings about which somebody has decided to do something.
    pub(in crate::export) decided: usize,
}

/// A device, or a part of one.
#[derive(Clone, Copy, Debug)]
pub(in crate::export) struct Thing<'a> {
    /// The device.
    pub(in crate::export) asset: &'a Asset,
    /// The part.
    pub(in crate::export) module: Option<&'a Unit>,
}

impl Thing<'_> {
    /// What a person calls it: the name of the device with an address, and the part.
    pub(in crate::export) fn name(&self) -> String {
        let name = self.asset.shown_name();
        let address = self.asset.ips.first().map(ToString::to_string);
        let address = address.filter(|address| *address != name);
        let address = address.map(|address| format!(" ({address})")).unwrap_or_default();
        let part = self.module.map(|path| format!(", {path}")).unwrap_or_default();
        format!("{name}{address}{part}")
    }

    fn key(&self) -> (String, AssetId, Option<&Unit>) {
        (self.asset.shown_name(), self.asset.id, self.module)
    }
}

/// All jobs, the most urgent first. What a decision put aside is none.
pub(in crate::export) fn jobs<'a>(report: &Report<'a>) -> Vec<Job<'a>> {
    let mut of_things: BTreeMap<Key<'a>, Vec<&'a Finding>> = BTreeMap::new();
    for finding in report.findings {
        let is_left = finding.judgement.verdict == Verdict::Affected;
        if is_left && !finding.handling.is_suppressed() {
            of_things.entry(key(finding)).or_default().push(finding);
        }
    }
    let parts = of_things.into_iter().filter_map(|(key, findings)| job(report, &key, &findings));
    let mut alike: BTreeMap<Alike<'a>, Job<'a>> = BTreeMap::new();
    for job in parts {
        match alike.entry(job.likeness()) {
            std::collections::btree_map::Entry::Vacant(place) => {
                place.insert(job);
            }
            std::collections::btree_map::Entry::Occupied(mut place) => place.get_mut().join(job),
        }
    }
    let mut jobs: Vec<Job<'a>> = alike.into_values().collect();
    jobs.iter_mut().for_each(|job| job.things.sort_by(|a, b| a.key().cmp(&b.key())));
    jobs.sort_by(|a, b| {
        let urgent = |job: &Job<'_>| (job.priority.map_or(u8::MAX, rank), !job.is_exploited);
        let score = |job: &Job<'_>| job.cvss.unwrap_or_default();
        let size = |job: &Job<'_>| std::cmp::Reverse((job.things.len(), job.findings));
        urgent(a)
            .cmp(&urgent(b))
            .then_with(|| score(b).total_cmp(&score(a)))
            .then_with(|| size(a).cmp(&size(b)))
            .then_with(|| (a.work, &a.product).cmp(&(b.work, &b.product)))
            .then_with(|| first_thing(a).cmp(&first_thing(b)))
    });
    jobs
}

fn first_thing<'j>(job: &'j Job<'_>) -> Option<(String, AssetId, Option<&'j Unit>)> {
    job.things.first().map(Thing::key)
}

/// What belongs together on one device: all advisories about a part of it, or one other finding.
type Key<'a> = (AssetId, Option<&'a Unit>, Kind, &'a str);

fn key(finding: &Finding) -> Key<'_> {
    let judgement = &finding.judgement;
    let about = match judgement.kind {
        Kind::Advisory => "",
        Kind::EndOfSupport | Kind::Exposure => &*judgement.advisory,
    };
    (finding.asset, finding.module.as_ref(), judgement.kind, about)
}

/// What makes the jobs of two devices one: the same work, for the same reason, on the same product and version.
#[derive(Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Alike<'a> {
    work: Work,
    priority: u8,
    product: String,
    version: Option<&'a str>,
    advisories: BTreeSet<&'a str>,
    /// Devices that give no version are no two alike.
    alone: Option<(AssetId, Option<&'a Unit>)>,
}

impl<'a> Job<'a> {
    fn likeness(&self) -> Alike<'a> {
        let thing = self.things.first().map(|thing| (thing.asset.id, thing.module));
        let is_of_advisories = matches!(self.work, Work::Update | Work::Contain);
        let alone = thing.filter(|_| is_of_advisories && self.version.is_none());
        // Other findings are alike whatever the version: a setting is a setting.
        let (product, version) = if is_of_advisories {
            (self.product.clone(), self.version)
        } else {
            (String::new(), None)
        };
        Alike {
            work: self.work,
            priority: self.priority.map_or(u8::MAX, rank),
            product,
            version,
            advisories: self.advisories.clone(),
            alone,
        }
    }

    fn join(&mut self, other: Self) {
        self.things.extend(other.things);
        for (advisory, versions) in other.fixes {
            self.fixes.entry(advisory).or_default().extend(versions);
        }
        self.cves.extend(other.cves);
        self.unmended.extend(other.unmended);
        self.cvss = self.cvss.into_iter().chain(other.cvss).reduce(f64::max);
        self.is_exploited |= other.is_exploited;
        self.findings = self.findings.saturating_add(other.findings);
        self.decided = self.decided.saturating_add(other.decided);
        if weight(other.foremost) < weight(self.foremost) {
            self.foremost = other.foremost;
        }
    }

    /// What is to be done, as the start of a sentence.
    pub(in crate::export) fn order(&self) -> String {
        match self.work {
            Work::Update => {
                let version = self.version.map(|version| format!(" from {version}"));
                format!("Update {}{}", self.what(), version.unwrap_or_default())
            }
            Work::Contain => format!("Keep {} out of reach: no fix is named", self.what()),
            Work::Change => self.foremost.judgement.title.to_string(),
            Work::Replace => format!("Plan to replace {}", self.what()),
        }
    }

    /// The product, with how many of it.
    fn what(&self) -> String {
        match self.things.len() {
            0 | 1 => self.product.clone(),
            several => format!("{several} × {}", self.product),
        }
    }

    /// Versions with the fixes and the advisories that name them, the first `most` groups: `5.021 (ICSA-23-236-06)`; nothing where none
    /// is named.
    pub(in crate::export) fn fixed_in(&self, most: usize) -> Option<String> {
        let mut by_versions: BTreeMap<Vec<&str>, Vec<&str>> = BTreeMap::new();
        for (advisory, versions) in &self.fixes {
            by_versions.entry(versions.iter().copied().collect()).or_default().push(advisory);
        }
        let more = by_versions.len().saturating_sub(most);
        let parts: Vec<String> = by_versions
            .iter()
            .take(most)
            .map(|(versions, advisories)| {
                format!("{} ({})", versions.join(" or "), advisories.join(", "))
            })
            .collect();
        let more = if more > 0 { format!("; and {more} more") } else { String::new() };
        (!parts.is_empty()).then(|| format!("{}{more}", parts.join("; ")))
    }
}

/// The job that findings about one thing make.
fn job<'a>(report: &Report<'a>, key: &Key<'a>, findings: &[&'a Finding]) -> Option<Job<'a>> {
    let (id, module, kind, _) = *key;
    let at = report.assets.binary_search_by_key(&id, |asset| asset.id).ok()?;
    let asset = report.assets.get(at)?;
    let foremost = *findings.iter().min_by_key(|finding| weight(finding))?;
    let plate = plate(asset, module);
    let mut fixes: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let (mut unmended, mut cves) = (BTreeSet::new(), BTreeSet::new());
    let mut has_fix = false;
    for finding in findings {
        let judgement = &finding.judgement;
        cves.insert(&*judgement.cve);
        let is_fixed =
            judgement.remediation.as_deref() == Some(VENDOR_FIX) || !judgement.fixed_in.is_empty();
        has_fix |= is_fixed;
        if !is_fixed {
            unmended.insert(&*judgement.cve);
        }
        if !judgement.fixed_in.is_empty() {
            let versions = fixes.entry(&*judgement.advisory).or_default();
            versions.extend(judgement.fixed_in.iter().map(String::as_str));
        }
    }
    let work = match kind {
        Kind::Advisory if has_fix => Work::Update,
        Kind::Advisory => Work::Contain,
        Kind::Exposure => Work::Change,
        Kind::EndOfSupport => Work::Replace,
    };
    if work != Work::Update {
        unmended.clear();
    }
    let scores = findings.iter().filter_map(|finding| finding.judgement.cvss);
    let decided = findings.iter().filter(|finding| finding.handling.decision.is_some());
    Some(Job {
        work,
        priority: findings.iter().filter_map(|finding| finding.weight.priority).min(),
        things: vec![Thing { asset, module }],
        product: product(asset, plate),
        version: version(plate),
        fixes,
        advisories: findings.iter().map(|finding| &*finding.judgement.advisory).collect(),
        cves,
        unmended,
        cvss: scores.reduce(f64::max),
        is_exploited: findings.iter().any(|finding| finding.judgement.kev == Some(true)),
        foremost,
        findings: findings.len(),
        decided: decided.count(),
    })
}

/// The nameplate that a finding is about.
pub(super) fn plate<'a>(asset: &'a Asset, module: Option<&Unit>) -> &'a Nameplate {
    let part = asset.modules.iter().find(|part| Some(&part.path) == module);
    part.map_or(&asset.nameplate, |part| &part.nameplate)
}

/// The place of a finding among those of one job: the most urgent first, then the highest score.
fn weight(finding: &Finding) -> (u8, bool, std::cmp::Reverse<u64>, &str, &str) {
    let judgement = &finding.judgement;
    let urgent = finding.weight.priority.map_or(u8::MAX, rank);
    // A score has one digit behind the point and is positive: its bits are in the order of its value.
    let score = judgement.cvss.unwrap_or_default().max(0.0).to_bits();
    let is_exploited = judgement.kev == Some(true);
    (urgent, !is_exploited, std::cmp::Reverse(score), &judgement.advisory, &judgement.cve)
}

fn rank(priority: Priority) -> u8 {
    match priority {
        Priority::Now => 0,
        Priority::Next => 1,
        Priority::Watch => 2,
    }
}

/// The category of CSAF for a fix by the maker.
const VENDOR_FIX: &str = "vendor_fix";
