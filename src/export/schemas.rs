//! JSON Schemas of the lines that are printed: the contract, for programs that check what they read.

/// The schemas, by the name of the line: `asset` for `nameplate.asset/1`. In alphabetical order.
pub const SCHEMAS: &[(&str, &str)] = &[
    ("advisory", include_str!("schemas/advisory.json")),
    ("advisory_change", include_str!("schemas/advisory_change.json")),
    ("advisory_diff", include_str!("schemas/advisory_diff.json")),
    ("advisory_page", include_str!("schemas/advisory_page.json")),
    ("asset", include_str!("schemas/asset.json")),
    ("baseline", include_str!("schemas/baseline.json")),
    ("baseline_asset", include_str!("schemas/baseline_asset.json")),
    ("baseline_conversation", include_str!("schemas/baseline_conversation.json")),
    ("bundle", include_str!("schemas/bundle.json")),
    ("change", include_str!("schemas/change.json")),
    ("check", include_str!("schemas/check.json")),
    ("complaint", include_str!("schemas/complaint.json")),
    ("conversation", include_str!("schemas/conversation.json")),
    ("db", include_str!("schemas/db.json")),
    ("decision", include_str!("schemas/decision.json")),
    ("diff", include_str!("schemas/diff.json")),
    ("document", include_str!("schemas/document.json")),
    ("event", include_str!("schemas/event.json")),
    ("fact", include_str!("schemas/fact.json")),
    ("finding", include_str!("schemas/finding.json")),
    ("handling", include_str!("schemas/handling.json")),
    ("interface", include_str!("schemas/interface.json")),
    ("lint", include_str!("schemas/lint.json")),
    ("mark", include_str!("schemas/mark.json")),
    ("matching", include_str!("schemas/matching.json")),
    ("notice", include_str!("schemas/notice.json")),
    ("output", include_str!("schemas/output.json")),
    ("pack", include_str!("schemas/pack.json")),
    ("patch", include_str!("schemas/patch.json")),
    ("product", include_str!("schemas/product.json")),
    ("refused", include_str!("schemas/refused.json")),
    ("run", include_str!("schemas/run.json")),
    ("set", include_str!("schemas/set.json")),
    ("store", include_str!("schemas/store.json")),
    ("unread", include_str!("schemas/unread.json")),
    ("verdict_change", include_str!("schemas/verdict_change.json")),
];

/// The schema of a line, by its name with or without what stands around it: `asset`, `nameplate.asset/1`.
pub fn schema(name: &str) -> Option<&'static str> {
    let short = name.strip_prefix("nameplate.").unwrap_or(name);
    let short = short.strip_suffix("/1").unwrap_or(short);
    SCHEMAS.iter().find(|(known, _)| *known == short).map(|(_, schema)| *schema)
}
