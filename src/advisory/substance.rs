//! What of a document decides verdicts, as a hash.
//!
//! Makers change documents without a new revision number, and give new numbers to documents that say the same. What people decided
//! about a finding stands as long as this hash does.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use crate::advisory::standing;
use crate::model::Substance;
use crate::model::advisory::{Advisory, Flaw, Product, Remedy, Standing, Stated};

/// The hash of products, states and remediations, and of how firmly the publisher stands by them. Titles, notes, scores, dates and numbers of revisions are no part of it, nor is
/// the order of products.
pub(super) fn of(document: &Advisory) -> Substance {
    let mut products: Vec<String> = document.products.iter().map(product).collect();
    products.sort_unstable();
    let mut hash = Sha256::new();
    let mut add = |text: &str| {
        // Texts may hold any character: their lengths keep them apart.
        hash.update(format!("{}:", text.len()));
        hash.update(text);
    };
    products.iter().for_each(|product| add(product));
    let mut flaws: Vec<String> =
        document.flaws.iter().map(|one| flaw(one, &document.products)).collect();
    flaws.sort_unstable();
    add("flaws");
    flaws.iter().for_each(|flaw| add(flaw));
    // What a publisher does not stand by decides otherwise. Final documents keep the hashes that people have decided with.
    if document.standing != Standing::Final {
        add(standing::word(&document.standing));
    }
    Substance(hash.finalize().into())
}

fn product(product: &Product) -> String {
    let Product {
        id,
        vendor,
        family,
        name,
        stated,
        version,
        full_name,
        models,
        serials,
        on,
        on_models,
        beside,
        pointer: _,
    } = product;
    let stated = match stated {
        Stated::Version => "version",
        Stated::Range => "range",
        Stated::Nothing => "nothing",
    };
    joined([
        &**id,
        vendor,
        family,
        name,
        stated,
        version,
        full_name,
        on.as_deref().unwrap_or_default(),
    ]) + &list(models)
        + &list(serials)
        + &list(on_models)
        + if *beside { "beside" } else { "" }
}

fn flaw(flaw: &Flaw, products: &[Product]) -> String {
    let Flaw {
        name,
        affected,
        fixed,
        not_affected,
        investigated,
        remedies,
        scores: _,
        exploitations: _,
        likelihood: _,
        services: _,
    } = flaw;
    let states = [affected, fixed, not_affected, investigated].map(|set| names(set, products));
    let mut remedies: Vec<String> = remedies
        .iter()
        .map(|Remedy { category, details, products: of, pointer: _ }| {
            joined([&**category, details, &names(of, products)])
        })
        .collect();
    remedies.sort_unstable();
    joined([&**name])
        + &joined(states.iter().map(String::as_str))
        + &joined(remedies.iter().map(String::as_str))
}

/// Identifiers of products, in order: their places may change.
fn names(places: &BTreeSet<usize>, products: &[Product]) -> String {
    let named = places.iter().filter_map(|at| products.get(*at)).map(|product| &*product.id);
    joined(named.collect::<BTreeSet<&str>>())
}

fn list(texts: &[Box<str>]) -> String {
    joined(texts.iter().map(|text| &**text))
}

fn joined<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let texts: Vec<String> =
        texts.into_iter().map(|text| format!("{}:{text}", text.len())).collect();
    format!("[{}]", texts.join(","))
}

#[cfg(test)]
mod tests {
    use crate::advisory::csaf::parse;

    const DOCUMENT: &str = r#"{"document":{"title":"T","tracking":{"id":"X","version":"1","current_release_date":"2024-01-01"}},
      "product_tree":{"full_product_names":[{"name":"A","product_id":"1"},{"name":"B","product_id":"2"}]},
      "vulnerabilities":[{"cve":"CVE-2024-1","product_status":{"known_affected":["1"]},
        "remediations":[{"category":"vendor_fix","details":"Update to 2.0","product_ids":["1"]}],
        "scores":[{"products":["1"],"cvss_v3":{"baseScore":7.5}}]}]}"#;

    #[test]
    fn only_what_decides_verdicts_changes_it() {
        let of = |text: &str| parse(text.as_bytes(), "x").unwrap().substance;
        let own = of(DOCUMENT);
        for alike in [
            DOCUMENT.replace("\"version\":\"1\"", "\"version\":\"2\""),
            DOCUMENT.replace("2024-01-01", "2024-05-01"),
            DOCUMENT.replace("\"title\":\"T\"", "\"title\":\"Update A\""),
            DOCUMENT.replace("7.5", "9.8"),
            DOCUMENT.replace(
                r#"{"name":"A","product_id":"1"},{"name":"B","product_id":"2"}"#,
                r#"{"name":"B","product_id":"2"},{"name":"A","product_id":"1"}"#,
            ),
        ] {
            assert_eq!(of(&alike), own, "{alike}");
        }
        for other in [
            DOCUMENT.replace("Update to 2.0", "Update to 2.1"),
            DOCUMENT.replace("known_affected", "fixed"),
            DOCUMENT.replace("\"name\":\"B\"", "\"name\":\"C\""),
            DOCUMENT.replace("CVE-2024-1", "CVE-2024-2"),
            DOCUMENT.replace("\"version\":\"1\"", "\"version\":\"1\",\"status\":\"draft\""),
        ] {
            assert_ne!(of(&other), own, "{other}");
        }
    }
}
