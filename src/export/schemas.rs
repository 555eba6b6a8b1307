//! JSON Schemas of the lines that are printed: the contract, for programs that check what they read.

/// The schemas, by the name of the line: `asset` for `nameplate.asset/1`. In alphabetical order.
pub const SCHEMAS: &[(&str, &str)] = &[
    ("asset", include_str!("schemas/asset.json")),
    ("change", include_str!("schemas/change.json")),
    ("conversation", include_str!("schemas/conversation.json")),
    ("decision", include_str!("schemas/decision.json")),
    ("diff", include_str!("schemas/diff.json")),
    ("event", include_str!("schemas/event.json")),
    ("fact", include_str!("schemas/fact.json")),
    ("finding", include_str!("schemas/finding.json")),
    ("handling", include_str!("schemas/handling.json")),
    ("patch", include_str!("schemas/patch.json")),
    ("run", include_str!("schemas/run.json")),
    ("set", include_str!("schemas/set.json")),
];

/// The schema of a line, by its name with or without what stands around it: `asset`, `nameplate.asset/1`.
pub fn schema(name: &str) -> Option<&'static str> {
    let short = name.strip_prefix("nameplate.").unwrap_or(name);
    let short = short.strip_suffix("/1").unwrap_or(short);
    SCHEMAS.iter().find(|(known, _)| *known == short).map(|(_, schema)| *schema)
}
