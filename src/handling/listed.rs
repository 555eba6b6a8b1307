//! Which row of a supplier's list says something of the patch for a finding.
//!
//! A row must name the document or the vulnerability, or else the version that the document names as fixed: a row that only
//! looks like the product decides nothing. Its maker, product and versions then say which devices it is for.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::model::version::{Scheme, Version};
use crate::model::{Field, Finding, Listed, Nameplate};

/// The newest word of every list on each patch, ready to be looked up.
#[derive(Debug, Default)]
pub(super) struct Rows<'a> {
    /// By document or vulnerability, in lower case.
    named: BTreeMap<String, Vec<&'a Listed>>,
    /// Those that name neither, and a fixed version instead.
    by_version: Vec<&'a Listed>,
}

impl<'a> Rows<'a> {
    pub(super) fn new(listed: &'a [Listed]) -> Self {
        let mut rows = Self::default();
        for row in newest(listed) {
            let names = [&row.advisories, &row.cves].map(|text| text.split_whitespace());
            let names: Vec<String> = names.into_iter().flatten().map(str::to_lowercase).collect();
            if names.is_empty() && !row.fixed_in.is_empty() {
                rows.by_version.push(row);
            }
            for name in names {
                rows.named.entry(name).or_default().push(row);
            }
        }
        rows
    }

    /// The row for a finding; of several the one that names its fixed version, else the newest.
    pub(super) fn of(
        &self,
        finding: &Finding,
        plate: &Nameplate,
        scheme: Scheme,
        maker: &dyn Fn(&str) -> String,
    ) -> Option<&'a Listed> {
        let judgement = &finding.judgement;
        let names = [&judgement.advisory, &judgement.cve].map(|name| name.to_lowercase());
        let named = names.iter().filter_map(|name| self.named.get(name)).flatten();
        let fixes = |row: &Listed| {
            let own = Version::new(&row.fixed_in, scheme);
            let same =
                |fixed: &String| Version::new(fixed, scheme).compare(&own) == Some(Ordering::Equal);
            !row.fixed_in.is_empty() && judgement.fixed_in.iter().any(same)
        };
        let by_version = self.by_version.iter().filter(|row| fixes(row));
        let meant = named.chain(by_version).filter(|row| is_for(row, plate, scheme, maker));
        meant.copied().max_by_key(|row| (fixes(row), row.list, row.row))
    }
}

/// Of all rows about the same patch the newest, in order of what they are about.
pub fn newest(listed: &[Listed]) -> Vec<&Listed> {
    let mut newest: BTreeMap<[String; 5], &Listed> = BTreeMap::new();
    for row in listed {
        let slot = newest.entry(row.key()).or_insert(row);
        if (slot.list, slot.row) <= (row.list, row.row) {
            *slot = row;
        }
    }
    newest.into_values().collect()
}

/// True when a row is for the product that a nameplate is of.
fn is_for(row: &Listed, plate: &Nameplate, scheme: Scheme, maker: &dyn Fn(&str) -> String) -> bool {
    let vendor = plate.value(Field::Vendor).unwrap_or_default();
    let is_maker = row.vendor.is_empty() || maker(&row.vendor) == maker(vendor);
    let names = [Field::Product, Field::Model, Field::OrderNumber];
    let mut names = names.iter().filter_map(|field| plate.value(*field));
    let is_product = row.product.is_empty() || names.any(|name| is_like(name, &row.product));
    let version = plate.value(Field::Firmware).or_else(|| plate.value(Field::OsBuild));
    is_maker && is_product && covers(&row.version, version, scheme) == Some(true)
}

/// True when a name is like a pattern in which `*` stands for any characters. Capitals, blanks and hyphens are not what
/// tells two products apart.
pub fn is_like(name: &str, pattern: &str) -> bool {
    let dense = |text: &str| -> Vec<char> {
        let kept = text.chars().filter(|c| !c.is_whitespace() && *c != '-' && *c != '_');
        kept.flat_map(char::to_lowercase).collect()
    };
    let (name, pattern) = (dense(name), dense(pattern));
    let parts: Vec<&[char]> = pattern.split(|c| *c == '*').collect();
    let Some((first, rest)) = parts.split_first() else { return false };
    let Some(mut left) = name.strip_prefix(*first) else { return false };
    let Some((last, middle)) = rest.split_last() else { return left.is_empty() };
    for part in middle {
        let found = (0..=left.len()).find_map(|at| left.get(at..)?.strip_prefix(*part));
        let Some(behind) = found else { return false };
        left = behind;
    }
    left.ends_with(last)
}

/// Whether the versions that a row is for are that of a device; `None` when they cannot be read. An empty list is all; so
/// is a star. A device that did not say its version is meant by rows for all versions only.
pub fn covers(versions: &str, own: Option<&str>, scheme: Scheme) -> Option<bool> {
    let versions = versions.trim();
    if versions.is_empty() || versions == "*" || versions.eq_ignore_ascii_case("all") {
        return Some(true);
    }
    let mut covered = false;
    for part in versions.split([',', ';', '|']).map(str::trim).filter(|part| !part.is_empty()) {
        let (op, bound) = OPERATORS
            .iter()
            .find_map(|op| part.strip_prefix(op).map(|bound| (*op, bound.trim())))
            .unwrap_or(("=", part));
        let bound = Version::new(bound, scheme);
        if !bound.is_readable() {
            return None;
        }
        let order = own.and_then(|own| Version::new(own, scheme).compare(&bound));
        covered |= order.is_some_and(|order| match op {
            "<=" => order.is_le(),
            ">=" => order.is_ge(),
            "<" => order.is_lt(),
            ">" => order.is_gt(),
            _ => order.is_eq(),
        });
    }
    Some(covered)
}

/// Longer ones first.
const OPERATORS: [&str; 5] = ["<=", ">=", "<", ">", "="];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_like_patterns() {
        for (name, pattern, is_it) in [
            ("1756-EN2T/D", "1756-EN2T*", true),
            ("1756-EN2T/D", "1756-en2t/d", true),
            ("1756-EN2T/D", "1756-EN2T", false),
            ("SIMATIC S7-300", "simatic s7 300", true),
            ("BMXP342020", "BMX*20", true),
            ("BMXP342020", "*34*20", true),
            ("BMXP342020", "*34*30", false),
            ("ab", "a*b*b", false),
            ("anything", "*", true),
            ("", "", true),
        ] {
            assert_eq!(is_like(name, pattern), is_it, "{name} {pattern}");
        }
    }

    #[test]
    fn versions_are_covered_one_by_one_or_by_bounds() {
        let covers = |versions, own| covers(versions, own, Scheme::Dotted);
        assert_eq!(covers("", None), Some(true));
        assert_eq!(covers("all", Some("1.2")), Some(true));
        assert_eq!(covers("1.2, 1.3", Some("1.3")), Some(true));
        assert_eq!(covers("<= 1.3", Some("1.10")), Some(false));
        assert_eq!(covers("<1.3; >=2", Some("2.0.1")), Some(true));
        assert_eq!(covers("<1.3", None), Some(false));
        assert_eq!(covers("the newest", Some("1.3")), None);
    }

    #[test]
    fn a_later_row_about_the_same_patch_is_the_newest() {
        let row = |list, row, patch: &str, title: &str| {
            let mut listed = Listed { list, row, ..Listed::default() };
            listed.put("patch", patch);
            listed.put("title", title);
            listed
        };
        let rows = [row(1, 1, "P1", "a"), row(1, 2, "P2", "b"), row(2, 1, "p1 ", "c")];
        let titles: Vec<&str> = newest(&rows).iter().map(|row| &*row.title).collect();
        assert_eq!(titles, ["c", "b"]);
    }
}
