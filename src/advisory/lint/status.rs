//! What a document says of one product and one flaw, twice.

use std::collections::BTreeSet;

use crate::advisory::lint::Found;
use crate::model::advisory::{Advisory, Flaw};

/// Holds the lists of each flaw against each other.
pub(super) fn check(document: &Advisory, found: &mut Found) {
    for (at, flaw) in document.flaws.iter().enumerate() {
        let pointer = format!("/vulnerabilities/{at}");
        conflicts(document, flaw, &pointer, found);
        let Flaw { affected, fixed, not_affected, investigated, .. } = flaw;
        let silent =
            [affected, fixed, not_affected, investigated].iter().all(|list| list.is_empty());
        if silent {
            let what = "this flaw says of no product whether it is affected";
            let reading = "it concerns all products of the document";
            found.add(
                "no-status",
                &format!("{pointer}/product_status"),
                &[&flaw.name],
                what,
                reading,
            );
        }
        if document.products.len() > 1 {
            for remedy in flaw.remedies.iter().filter(|remedy| remedy.products.is_empty()) {
                let what = "this remediation names no product, and the document has several";
                let reading = "read as for all of them, unless the text names one";
                let texts = [&*remedy.category, &*remedy.details];
                found.add("fix-without-products", &remedy.pointer, &texts, what, reading);
            }
        }
    }
}

fn conflicts(document: &Advisory, flaw: &Flaw, pointer: &str, found: &mut Found) {
    let both =
        |other: &BTreeSet<usize>| flaw.affected.intersection(other).copied().collect::<Vec<_>>();
    for (other, word) in [(&flaw.fixed, "fixed"), (&flaw.not_affected, "not affected")] {
        for at in both(other) {
            let Some(product) = document.products.get(at) else { continue };
            let what =
                format!("this product is said to be affected by {} and to be {word}", flaw.name);
            let reading = "the word that it is affected is believed";
            let texts = [&*product.id, &*product.full_name];
            found.add(
                "status-conflict",
                &format!("{pointer}/product_status"),
                &texts,
                what,
                reading,
            );
        }
    }
}
