//! Version texts of documents, as they were read: beside the text, so that a person sees what verdicts follow from.

use crate::advisory::range::{self, Predicate, Reading, What};
use crate::assess::families::Families;
use crate::model::advisory::{Product, Stated};
use crate::model::version::Range;

/// What the version text of a product was read to, and whether it was.
pub(super) fn read_as(product: &Product, families: &Families) -> (String, bool) {
    if product.stated == Stated::Nothing {
        return ("all versions".to_owned(), true);
    }
    let vendor = families.vendor(product.vendor.trim());
    let scheme = vendor.map(|vendor| vendor.scheme()).unwrap_or_default();
    let reading = range::read(&product.version, product.stated, scheme);
    (words(&reading), reading.is_read())
}

fn words(reading: &Reading) -> String {
    let what = match &reading.what {
        What::All => "all versions".to_owned(),
        What::Nothing => "no version".to_owned(),
        What::Unread => "not read: cannot tell".to_owned(),
        What::Models(models) => format!("all versions of {}", models.join(", ")),
        What::Spans { spans, trains } => {
            let each: Vec<String> = spans.iter().map(range_words).collect();
            let trains = if *trains { ", each on its own train" } else { "" };
            format!("{}{trains}", each.join(" or "))
        }
    };
    match reading.narrowed {
        None => what,
        Some(Predicate::Serial) => format!("{what}, of some serial numbers"),
        Some(Predicate::Date) => format!("{what}, of some dates"),
        Some(Predicate::FunctionState) => format!("{what}, of some hardware revisions"),
        Some(Predicate::Configuration) => format!("{what}, in some configurations"),
    }
}

fn range_words(range: &Range) -> String {
    if range.is_exact() {
        return range.to.iter().map(|bound| format!("exactly {}", bound.version.raw())).collect();
    }
    let sign = |is_lower: bool, inclusive: bool| match (is_lower, inclusive) {
        (true, true) => "≥",
        (true, false) => ">",
        (false, true) => "≤",
        (false, false) => "<",
    };
    let end = |is_lower: bool| {
        let bound = if is_lower { &range.from } else { &range.to };
        bound
            .as_ref()
            .map(|bound| format!("{} {}", sign(is_lower, bound.inclusive), bound.version.raw()))
    };
    let ends: Vec<String> = [end(true), end(false)].into_iter().flatten().collect();
    if ends.is_empty() { "all versions".to_owned() } else { ends.join(" and ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_stands_in_signs_and_what_was_not_says_so() {
        let families = Families::embedded();
        for (text, expected) in [
            ("<V4.5", "< V4.5"),
            (">= 1.0 < 2.0", "≥ 1.0 and < 2.0"),
            ("vers:all/*", "all versions"),
            ("the usual ones", "not read: cannot tell"),
        ] {
            let product =
                Product { version: text.into(), stated: Stated::Range, ..Product::default() };
            assert_eq!(read_as(&product, &families).0, expected, "{text}");
        }
    }
}
