//! Releases of Windows, as devices and documents name them.
//!
//! "Windows 7 Professional Service Pack 1", "Windows 10 2004 to 22H2", "Windows 8.1 / Windows Server 2012 R2", "Windows 10
//! Version 1903 for x64-based Systems": what counts is the product and, from Windows 10 on, its version. Edition, service pack
//! and processor are left out. A build names a release and never a monthly update level, so a release that a document lists
//! stays unknown, and one that it does not list is not affected.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use crate::assess::device::Device;
use crate::assess::fixes;
use crate::assess::leaf::Leaf;
use crate::assess::product::Match;
use crate::assess::reading::{self, Judged};
use crate::assess::status;
use crate::model::advisory::{Advisory, Flaw, Product};
use crate::model::finding::{Grade, Verdict, Why};
use crate::model::limits::VERSION_PARTS_MAX;
use crate::model::version::{Scheme, Version};

/// Builds and the releases that say them.
const BUILDS: &str = include_str!("../../signatures/tables/windows-builds.csv");

static RELEASES: LazyLock<BTreeMap<&str, &str>> = LazyLock::new(|| {
    BUILDS
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let mut columns = line.split(','); // Version, release, and where it is from.
            Some((columns.next()?, columns.next()?))
        })
        .collect()
});

/// A release of Windows, or several versions of one product from one to another.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Release {
    /// "7", "10", "XP", "SERVER 2008 R2"; empty when only "Windows" is said.
    product: String,
    /// First and last version in the order of their dates; `None` when none is said.
    versions: Option<(u32, u32)>,
}

impl Release {
    /// True when only "Windows" is said.
    pub(super) fn is_any(&self) -> bool {
        self.product.is_empty()
    }

    /// Whether both may be the same.
    pub(super) fn meets(&self, other: &Self) -> bool {
        let versions = match (self.versions, other.versions) {
            (Some(mine), Some(theirs)) => mine.0 <= theirs.1 && theirs.0 <= mine.1,
            _ => true,
        };
        // Of servers too, those since 1709 are named by their version: "Windows Server, version 1903".
        let bare = |one: &Self, other: &Self| {
            one.product == "SERVER"
                && other.product.starts_with("SERVER")
                && (one.versions.is_none() || other.versions.is_some())
        };
        let product = self.product == other.product || bare(self, other) || bare(other, self);
        self.is_any() || other.is_any() || (product && versions)
    }
}

/// The releases that a device may have: by its name, and by its build where the name leaves the version open.
pub(super) fn of_device(name: &str, build: Option<&str>) -> Vec<Release> {
    let named = releases(name);
    let build = build.map(|build| without_level(build).unwrap_or(build));
    let built =
        build.and_then(|build| RELEASES.get(build)).map(|name| releases(name)).unwrap_or_default();
    let open = named.iter().all(|release| release.versions.is_none());
    if named.iter().all(Release::is_any) && !built.is_empty() {
        return built;
    }
    let narrowed: Vec<Release> =
        built.into_iter().filter(|built| named.iter().any(|named| named.meets(built))).collect();
    if open && !narrowed.is_empty() { narrowed } else { named }
}

/// The products of a document that may be one of these releases.
pub(super) fn leaves<'a>(
    own: &[Release],
    document: &'a Advisory,
    mut is_maker: impl FnMut(&'a Product) -> bool,
) -> Vec<Leaf<'a>> {
    let listed: Vec<(usize, &Product, Vec<Release>)> = document
        .products
        .iter()
        .enumerate()
        .filter(|(_, product)| is_maker(product))
        .map(|(at, product)| (at, product, releases(&named_by(product))))
        .collect();
    // "Windows 10 for 32-bit Systems" beside "Windows 10 Version 1607" is the first version.
    let versioned = listed
        .iter()
        .flat_map(|(_, _, releases)| releases)
        .any(|release| release.product == "10" && release.versions.is_some());
    let meets = |release: &Release| {
        let mut release = release.clone();
        if versioned && release.product == "10" && release.versions.is_none() {
            release.versions = Some((FIRST_VERSION, FIRST_VERSION));
        }
        own.iter().any(|own| own.meets(&release))
    };
    let met = |product: &Product| Match {
        rank: (false, 0, 0),
        grade: Grade::E2,
        because: format!("the release is listed as {:?}", product.name),
    };
    listed
        .iter()
        .filter(|(_, _, releases)| releases.iter().any(meets))
        .map(|(at, product, _)| Leaf::new(*at, product, met(product), Scheme::Dotted))
        .collect()
}

/// "10.0.17763" of "10.0.17763.4010": the release without the update level. Before Windows 10, the fourth number of a fixed version is
/// often that of one file, so that it is none to compare with.
pub(super) fn without_level(build: &str) -> Option<&str> {
    let (release, level) = build.trim().rsplit_once('.')?;
    let is_number = !level.is_empty() && level.chars().all(|c| c.is_ascii_digit());
    let is_release = release.starts_with("10.0.") && release.matches('.').count() == 2;
    (is_number && is_release).then_some(release)
}

/// Judges a listed release: by its update level, where that was said and the document counts by it.
pub(super) fn judge(
    device: &Device<'_>,
    releases: &[Release],
    leaves: &[Leaf<'_>],
    flaw: &Flaw,
) -> Judged {
    let among = |set: &BTreeSet<usize>| {
        leaves.iter().filter(|leaf| set.contains(&leaf.at)).collect::<Vec<_>>()
    };
    let build = device.firmware.as_ref();
    let of_build = |set| of_build(build, among(set));
    let counted = of_build(&flaw.affected).zip(of_build(&flaw.fixed));
    let counted = counted.filter(|(affected, fixed)| !affected.is_empty() || !fixed.is_empty());
    let Some((affected, fixed)) = counted else {
        let (why, because) = missing(releases);
        let clause = leaves.first().map(|leaf| leaf.product.pointer.to_string());
        let because = vec![because.to_owned()];
        let verdict = Verdict::Unknown(why);
        return Judged { verdict, because, clause: clause.unwrap_or_default() };
    };
    if affected.is_empty() {
        return status::unaffected(device, leaves, flaw);
    }
    reading::judge(device, &affected, &|_| fixes::of_status(&fixed))
}

/// The rows of the build's own release. Rows of another build are of another release: which one this is, the build says. `None`
/// when a row does not count by builds.
fn of_build<'a, 'b>(
    build: Option<&Version>,
    listed: Vec<&'a Leaf<'b>>,
) -> Option<Vec<&'a Leaf<'b>>> {
    let build = build?;
    let mut own = Vec::new();
    for leaf in listed {
        if counts_levels_of(build, leaf)? {
            own.push(leaf);
        }
    }
    Some(own)
}

/// Whether a product's versions are builds of the release that a build with its update level is of; `None` when they are no such
/// builds at all.
fn counts_levels_of(build: &Version, leaf: &Leaf<'_>) -> Option<bool> {
    const RELEASE: usize = 3;
    let own = build.numbers();
    let limits: Vec<Vec<u64>> = leaf.limits_of_ranges().into_iter().map(Version::numbers).collect();
    let are_builds = !limits.is_empty() && limits.iter().all(|limit| limit.len() > RELEASE);
    let is_own = |limit: &Vec<u64>| limit.iter().take(RELEASE).eq(own.iter().take(RELEASE));
    are_builds.then(|| limits.iter().all(is_own))
}

/// What keeps a listed release from being judged.
fn missing(own: &[Release]) -> (Why, &'static str) {
    if own.iter().all(Release::is_any) {
        (Why::Model, "which release of Windows it is was not seen")
    } else {
        (Why::UpdateLevel, "the build names a release of Windows, never a monthly update level")
    }
}

/// Windows 10 version 1507.
const FIRST_VERSION: u32 = 1_507;

/// Name and, where the version branch names a release and no build, that.
fn named_by(product: &Product) -> String {
    let name = product.name.replace("Microsoft", "");
    if product.version.contains(['.', '*']) { name } else { format!("{name} {}", product.version) }
}

/// The releases that a text names. Behind each "Windows" stand its products and their versions.
pub(super) fn releases(text: &str) -> Vec<Release> {
    let upper = text.to_uppercase();
    let mut found = Vec::new();
    for part in upper.split("WINDOWS").skip(1) {
        read(part, &mut found);
    }
    found
}

fn read(part: &str, found: &mut Vec<Release>) {
    let before = found.len();
    let words: Vec<&str> = part
        .split(|c: char| !c.is_alphanumeric() && c != '.')
        .map(|word| word.trim_matches('.'))
        .filter(|word| !word.is_empty())
        .take(VERSION_PARTS_MAX)
        .collect();
    let (mut server, mut pack, mut to, mut plain) = (false, false, false, true);
    for word in &words {
        let counts_packs = std::mem::take(&mut pack);
        if *word == "SERVER" {
            server = true;
        } else if *word == "PACK" || *word == "SP" {
            pack = true;
        } else if *word == "R2" {
            if let Some(last) = found.last_mut().filter(|_| server) {
                last.product.push_str(" R2");
            }
        } else if *word == "TO" || *word == "THROUGH" {
            to = true;
        } else if !counts_packs && is_product(word, server) {
            let product = if server { format!("SERVER {word}") } else { (*word).to_owned() };
            found.push(Release { product, versions: None });
        } else if let Some(version) = version(word).filter(|_| server || found.len() > before) {
            add_version(version, server, std::mem::take(&mut to), before, found);
        } else if !PLAIN.contains(word) {
            plain = false;
        }
    }
    if found.len() == before && plain {
        let product = if server { "SERVER".to_owned() } else { String::new() };
        found.push(Release { product, versions: None });
    }
}

/// A version belongs to the product before it; a further one makes a release of its own, or the end of a row of them.
fn add_version(version: u32, server: bool, to: bool, before: usize, found: &mut Vec<Release>) {
    if found.len() == before && server {
        found.push(Release { product: "SERVER".to_owned(), versions: Some((version, version)) });
        return;
    }
    let Some(last) = found.last_mut() else { return };
    match &mut last.versions {
        None => last.versions = Some((version, version)),
        Some((_, end)) if to => *end = version,
        Some(_) => {
            let product = last.product.clone();
            found.push(Release { product, versions: Some((version, version)) });
        }
    }
}

fn is_product(word: &str, server: bool) -> bool {
    const PRODUCTS: [&str; 14] =
        ["95", "98", "ME", "NT", "2000", "XP", "VISTA", "7", "8", "8.1", "10", "11", "RT", "CE"];
    const SERVERS: [&str; 8] = ["2000", "2003", "2008", "2012", "2016", "2019", "2022", "2025"];
    if server { SERVERS.contains(&word) } else { PRODUCTS.contains(&word) }
}

/// Words beside a bare "Windows" that leave it bare.
const PLAIN: &[&str] = &[
    "ALL",
    "VERSION",
    "VERSIONS",
    "OPERATING",
    "SYSTEM",
    "SYSTEMS",
    "SUPPORTED",
    "OS",
    "AND",
    "OR",
    "THE",
];

/// "1903" as 1903, "20H2" as 2010: years and months, so that the order is that of the releases.
fn version(word: &str) -> Option<u32> {
    if let Some((year, half)) = word.split_once('H') {
        let year: u32 = (year.len() == 2).then(|| year.parse().ok())??;
        let month = match half {
            "1" => 5,
            "2" => 10,
            _ => return None,
        };
        return year.checked_mul(100)?.checked_add(month);
    }
    let number: u32 = (word.len() == 4).then(|| word.parse().ok())??;
    let month = number.checked_rem(100)?;
    ((1_507..=2_012).contains(&number) && (1..=12).contains(&month)).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meets(device: &str, build: Option<&str>, listed: &str) -> bool {
        let own = of_device(device, build);
        releases(listed).iter().any(|release| own.iter().any(|own| own.meets(release)))
    }

    #[test]
    fn edition_service_pack_and_processor_do_not_count() {
        assert!(meets(
            "Windows 7 Professional Service Pack 1",
            None,
            "Windows 7 for x64-based Systems"
        ));
        assert!(meets("Windows 7 Ultimate SP1", None, "Windows 7 Service Pack 1"));
        assert!(meets(
            "Windows Server 2008 R2 SP1",
            None,
            "Windows Server 2008 R2 for Itanium-Based Systems Service Pack 1"
        ));
        assert!(!meets("Windows Server 2008", None, "Windows Server 2008 R2"));
        assert!(
            !meets("Windows 8", None, "Windows 8.1")
                && !meets("Windows 7", None, "Windows XP Service Pack 3")
        );
    }

    const BUILD_19041: &str = "Windows 10 2004 to 22H2 / Windows Server 2004 to 20H2";

    #[test]
    fn alternatives_and_rows_of_versions_are_each_tried() {
        for listed in ["Windows 8.1", "Windows Server 2012 R2 (Server Core installation)"] {
            assert!(meets("Windows 8.1 / Windows Server 2012 R2", None, listed), "{listed}");
        }
        for (device, listed, expected) in [
            ("Windows 10 2004 to 22H2", "Windows 10 Version 21H1 for x64-based Systems", true),
            ("Windows 10 2004 to 22H2", "Windows 10 Version 1909", false),
            ("Windows 11 22H2 or 23H2", "Windows 11 Version 23H2", true),
            ("Windows 11 22H2 or 23H2", "Windows 11 version 21H2", false),
            ("Windows 10 1903", "Windows 10 Version 1903", true),
            ("Windows 10 1903", "Windows 10, versions 1903 and 1909", true),
            ("Windows 95, 98 or ME", "Windows ME", true),
            (BUILD_19041, "Windows 10 Version 21H2 for x64-based Systems", true),
            (BUILD_19041, "Windows Server, version 20H2 (Server Core Installation)", true),
            (BUILD_19041, "Windows Server, version 1909", false),
            (BUILD_19041, "Windows Server 2019", false),
            ("Windows 11 24H2 or 25H2 / Windows Server 2025", "Windows 11 Version 25H2", true),
            ("Windows 11 24H2 or 25H2 / Windows Server 2025", "Windows Server 2025", true),
            ("Windows 11 24H2 or 25H2 / Windows Server 2025", "Windows 11 Version 23H2", false),
            ("Windows 11 26H1", "Windows 11 Version 25H2", false),
            ("Windows Server 23H2", "Windows Server, version 23H2", true),
            (
                "Windows Server 23H2",
                "Windows Server 2022, 23H2 Edition (Server Core installation)",
                true,
            ),
            ("Windows 10 1809 / Windows Server 2019", "Windows Server, version 1903", false),
            ("Windows 10 1909", "Windows", true),
            ("Windows 10 1909", "Windows Defender", false),
        ] {
            assert_eq!(meets(device, None, listed), expected, "{device} {listed}");
        }
    }

    #[test]
    fn every_row_of_the_table_of_builds_names_releases_that_documents_name() {
        for (build, names) in RELEASES.iter().filter(|(build, _)| **build != "version") {
            let found = releases(names);
            let named = names.matches("Windows").count();
            assert!(found.len() >= named, "{build} {names}: {found:?}");
            assert!(found.iter().all(|release| !release.is_any()), "{build} {names}: {found:?}");
        }
    }

    #[test]
    fn a_build_tells_the_version_that_the_name_leaves_open() {
        assert!(!meets("Windows 10 Pro", Some("10.0.19045"), "Windows 10 Version 1903"));
        assert!(meets("Windows 10 Pro", Some("10.0.19045"), "Windows 10 Version 22H2"));
        assert!(meets("Windows 10 Pro", None, "Windows 10 Version 1903"));
        assert!(!meets("Windows", Some("6.1.7601"), "Windows 10"));
    }
}
