//! The rules, in the order in which they are printed. A name, once given, stays.

use crate::model::lint::{Rule, Severity};

/// All rules.
pub const RULES: &[Rule] = &[
    rule(
        "product-without-id",
        Severity::Error,
        "a product has no identifier, so nothing can be said of it",
    ),
    rule("duplicate-product-id", Severity::Error, "two products have one identifier"),
    rule("dangling-product-id", Severity::Error, "an identifier leads to no product"),
    rule("dangling-group-id", Severity::Error, "an identifier leads to no group of products"),
    rule(
        "damaged",
        Severity::Error,
        "what verdicts rest on is missing, of another kind, or in words that no known CSAF has",
    ),
    rule("csaf-version", Severity::Error, "the document is of a version of CSAF that is not known"),
    rule(
        "status-conflict",
        Severity::Error,
        "one product is affected by a flaw and also fixed or not affected",
    ),
    rule("range-unread", Severity::Error, "a version text cannot be read as versions"),
    rule("range-inverted", Severity::Error, "a range ends before it begins"),
    rule(
        "range-vs-name",
        Severity::Error,
        "the version branch and a name of the product say different versions",
    ),
    rule(
        "fix-inside-range",
        Severity::Error,
        "the version that is to help is itself among those affected",
    ),
    rule("lost-zero", Severity::Warning, "2.10 seems to have become 2.1"),
    rule(
        "fix-below-range",
        Severity::Warning,
        "the version that is to help is older than all that are affected",
    ),
    rule(
        "fix-gap",
        Severity::Warning,
        "between what is affected and the fix lie versions of which nothing is said",
    ),
    rule(
        "exact-with-fix",
        Severity::Warning,
        "one exact version is named as affected although a later one is the fix",
    ),
    rule(
        "all-with-fix",
        Severity::Warning,
        "all versions are named as affected although one is the fix",
    ),
    rule("sibling-overlap", Severity::Warning, "two ranges of one product overlap"),
    rule(
        "sibling-gap",
        Severity::Note,
        "between two ranges of one product lie versions of which nothing is said",
    ),
    rule(
        "model-as-version",
        Severity::Warning,
        "an order or model number stands where a version belongs",
    ),
    rule("vers-invalid", Severity::Warning, "a range begins with vers: and does not follow it"),
    rule("range-as-version", Severity::Warning, "a range stands where one version belongs"),
    rule("vendor-list", Severity::Warning, "one vendor branch names several makers"),
    rule(
        "fix-without-products",
        Severity::Warning,
        "a remediation does not say for which of several products it is",
    ),
    rule("date-order", Severity::Warning, "dates are out of order, or are none"),
    rule("missing-part", Severity::Warning, "a part that the standard requires is missing"),
    rule("profile", Severity::Warning, "the document has what its category leaves no room for"),
    rule("no-status", Severity::Warning, "a flaw says of no product what it means for it"),
    rule("not-final", Severity::Note, "the publisher does not stand by the document as final"),
    rule("condition", Severity::Note, "a version text has a condition that no version tells"),
];

const fn rule(id: &'static str, severity: Severity, about: &'static str) -> Rule {
    Rule { id, severity, about }
}
