//! The configuration as JSON Schema, for editors that complete and check while one types.

use serde_json::{Value as Json, json};

use super::keys::{Key, Kind, OUTPUT, SECTIONS};
use crate::app::zones;

/// JSON Schema, draft 2020-12, of the file.
pub fn schema() -> Json {
    let mut properties = serde_json::Map::new();
    for section in SECTIONS {
        properties.insert(section.name.to_owned(), table(section.about, section.keys, &[]));
    }
    properties.insert("zone".to_owned(), json!({ "type": "array", "items": zone() }));
    let output = table("A receiver of notices.", OUTPUT, &["kind", "to"]);
    properties.insert("output".to_owned(), json!({ "type": "array", "items": output }));
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Configuration of nameplate",
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
    })
}

fn table(about: &str, keys: &[Key], required: &[&str]) -> Json {
    let properties: serde_json::Map<String, Json> =
        keys.iter().map(|key| (key.name.to_owned(), one(key))).collect();
    json!({
        "type": "object",
        "description": about,
        "additionalProperties": false,
        "properties": properties,
        "required": required,
    })
}

fn one(key: &Key) -> Json {
    let mut schema = match key.kind {
        Kind::Text | Kind::Listen => json!({ "type": "string" }),
        Kind::Word(words) => json!({ "enum": words }),
        Kind::Path => json!({ "type": "string", "pattern": "^/" }),
        Kind::Size(..) => {
            json!({ "type": "string", "pattern": "^ *[0-9]+ *([kKmMgGtT][iI]?[bB]|[bB])? *$" })
        }
        Kind::Duration(_) => {
            json!({ "type": "string", "pattern": "^ *[0-9]+ *(ms|s|min|h|d|w) *$" })
        }
        Kind::Number(least, most) => {
            json!({ "type": "integer", "minimum": least, "maximum": most })
        }
        Kind::Switch => json!({ "type": "boolean" }),
        Kind::Names => json!({ "type": "array", "items": { "type": "string" } }),
    };
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("description".to_owned(), json!(key.about));
        if let Some(default) = key.default {
            schema.insert("default".to_owned(), default_of(key.kind, default));
        }
    }
    schema
}

fn default_of(kind: Kind, text: &str) -> Json {
    match kind {
        Kind::Switch => json!(text == "true"),
        Kind::Number(..) => text.parse::<u64>().map_or(Json::Null, |number| json!(number)),
        Kind::Names => json!(text.split(',').filter(|name| !name.is_empty()).collect::<Vec<_>>()),
        _ => json!(text),
    }
}

fn zone() -> Json {
    json!({
        "type": "object",
        "description": "A zone of the plant, by subnet and VLAN.",
        "additionalProperties": false,
        "required": ["name"],
        "properties": {
            "name": { "type": "string", "minLength": 1 },
            "purdue": { "type": "integer", "minimum": 0, "maximum": zones::PURDUE_MAX },
            "subnets": { "type": "array", "items": { "type": "string" } },
            "vlans": { "type": "array", "items": { "type": "integer", "minimum": 1, "maximum": zones::VLAN_MAX } },
            "criticality": { "enum": zones::CRITICALITIES },
        },
    })
}
