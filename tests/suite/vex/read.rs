//! Documents of all formats, read to the same: what is stated of which product and which vulnerability.

use std::collections::BTreeMap;

use serde_json::Value;

use super::schemas::Format;

/// One statement.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Stated {
    pub status: &'static str,
    pub label: Option<String>,
    pub action: String,
    /// All words that belong to it.
    pub texts: String,
}

/// Statements by vulnerability and identifier of the product.
pub type Statements = BTreeMap<(String, String), Stated>;

/// Reads a document.
pub fn stated(format: Format, document: &Value) -> Statements {
    match format {
        Format::Csaf => csaf(document),
        Format::OpenVex => openvex(document),
        Format::CycloneDx | Format::CycloneDxVexOnly => cyclonedx(document),
    }
}

/// Fails unless the document is of that revision.
pub fn is_revision(format: Format, document: &Value, number: u64) {
    match format {
        Format::Csaf => {
            let tracking = &document["document"]["tracking"];
            assert_eq!(tracking["version"], number.to_string());
            let history = items(&tracking["revision_history"]);
            assert_eq!(history.len() as u64, number);
            assert_eq!(history[0]["date"], tracking["initial_release_date"]);
        }
        Format::OpenVex => {
            assert_eq!(document["version"], number);
            assert!(document["last_updated"].as_str() > document["timestamp"].as_str());
        }
        Format::CycloneDx | Format::CycloneDxVexOnly => assert_eq!(document["version"], number),
    }
}

/// What a document without devices calls a product: its firmware, as the document with devices has it, or the product itself.
pub fn reference(devices: &Value, product: &str) -> String {
    let mut all = items(&devices["components"]).iter();
    let device = all.find(|component| component["bom-ref"] == product).unwrap();
    let mut below = items(&device["components"]).iter();
    let software = below.find(|component| component["type"] != "device");
    text(&software.unwrap_or(device)["bom-ref"]).to_owned()
}

pub fn items(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn csaf(document: &Value) -> Statements {
    let mut statements = Statements::new();
    for flaw in items(&document["vulnerabilities"]) {
        let name = flaw["cve"].as_str().unwrap_or_else(|| text(&flaw["ids"][0]["text"]));
        for (list, status) in [
            ("known_affected", "affected"),
            ("known_not_affected", "not_affected"),
            ("fixed", "fixed"),
            ("under_investigation", "under_investigation"),
        ] {
            for id in items(&flaw["product_status"][list]) {
                let about = |told: &&Value| items(&told["product_ids"]).contains(id);
                let details = |list: &str| -> Vec<String> {
                    let told = items(&flaw[list]).iter().filter(about);
                    told.map(|told| text(&told["details"]).to_owned()).collect()
                };
                let label = items(&flaw["flags"]).iter().find(about);
                let action = details("remediations").join("\n");
                let label_id = label_of(document, text(id));
                let notes = items(&flaw["notes"]).iter().map(|note| text(&note["text"]));
                let notes = notes.filter(|note| note.contains(&label_id));
                let texts = [
                    notes.collect::<Vec<_>>().join("\n"),
                    action.clone(),
                    details("threats").join("\n"),
                ];
                let stated = Stated {
                    status,
                    label: label.map(|flag| text(&flag["label"]).to_owned()),
                    action,
                    texts: texts.join("\n"),
                };
                let twice = statements.insert((name.to_owned(), text(id).to_owned()), stated);
                assert_eq!(twice, None, "{name} {id}: stated twice");
            }
        }
    }
    statements
}

/// What notes call a product: the name of what its firmware is installed on, or its own.
fn label_of(document: &Value, id: &str) -> String {
    let tree = &document["product_tree"];
    let relationships = items(&tree["relationships"]);
    let relation = relationships.iter().find(|one| one["full_product_name"]["product_id"] == id);
    let hardware = relation.map_or(id, |one| text(&one["relates_to_product_reference"]));
    let names = items(&tree["full_product_names"]);
    let name = names.iter().find(|one| one["product_id"] == hardware);
    text(&name.unwrap_or_else(|| panic!("{id} is not defined"))["name"]).to_owned()
}

fn openvex(document: &Value) -> Statements {
    let mut statements = Statements::new();
    for statement in items(&document["statements"]) {
        let name = text(&statement["vulnerability"]["name"]);
        let name = name.rsplit_once(": ").map_or(name, |(_, name)| name);
        let [product] = items(&statement["products"]) else { panic!("{statement}") };
        let id = text(&product["@id"]).strip_prefix("urn:uuid:").unwrap();
        let fields = ["status_notes", "impact_statement", "action_statement"];
        let texts: Vec<&str> = fields.iter().map(|field| text(&statement[*field])).collect();
        let stated = Stated {
            status: ["affected", "not_affected", "fixed", "under_investigation"]
                .into_iter()
                .find(|status| statement["status"] == *status)
                .unwrap(),
            label: statement["justification"].as_str().map(str::to_owned),
            action: text(&statement["action_statement"]).to_owned(),
            texts: texts.join("\n"),
        };
        let twice = statements.insert((name.to_owned(), id.to_owned()), stated);
        assert_eq!(twice, None, "{name} {id}: stated twice");
    }
    statements
}

fn cyclonedx(document: &Value) -> Statements {
    // Firmware stands for what it is in; without the devices the references are looked at as they are.
    let mut owners = BTreeMap::new();
    let mut todo: Vec<(&Value, Option<&str>)> =
        items(&document["components"]).iter().map(|component| (component, None)).collect();
    while let Some((component, above)) = todo.pop() {
        let own = text(&component["bom-ref"]);
        let is_device = component["type"] == "device";
        let owner = if is_device { own } else { above.unwrap() };
        assert_eq!(owners.insert(own.to_owned(), owner.to_owned()), None, "{own} is there twice");
        todo.extend(items(&component["components"]).iter().map(|below| (below, Some(own))));
    }
    let mut statements = Statements::new();
    for flaw in items(&document["vulnerabilities"]) {
        let name = text(&flaw["id"]);
        let name = name.rsplit_once(": ").map_or(name, |(_, name)| name);
        let analysis = &flaw["analysis"];
        let property = |wanted: &str| {
            let mut all = items(&flaw["properties"]).iter();
            all.find(|one| one["name"] == wanted).map(|one| text(&one["value"]).to_owned())
        };
        let action = [text(&flaw["recommendation"]), text(&flaw["workaround"])].join("\n");
        let stated = Stated {
            status: match text(&analysis["state"]) {
                "exploitable" => "affected",
                "in_triage" => "under_investigation",
                "resolved" => "fixed",
                "not_affected" | "false_positive" => "not_affected",
                other => panic!("{other}"),
            },
            label: property("nameplate:justification"),
            texts: [text(&analysis["detail"]), &action].join("\n"),
            action,
        };
        assert!(analysis.get("justification").is_none() || stated.label.is_some(), "{flaw}");
        for affects in items(&flaw["affects"]) {
            let reference = text(&affects["ref"]);
            let id = match reference.split_once('#') {
                Some((_, element)) => element.to_owned(),
                None => owners.get(reference).unwrap_or_else(|| panic!("{reference}")).clone(),
            };
            let twice = statements.insert((name.to_owned(), id.clone()), stated.clone());
            assert_eq!(twice, None, "{name} {id}: stated twice");
        }
    }
    statements
}
