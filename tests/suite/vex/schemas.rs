//! The schemas of the formats, from `tests/schemas/`; nothing is fetched.

use std::sync::LazyLock;

use jsonschema::{Registry, Validator};
use serde_json::Value;

use crate::replayed::root;

/// Formats, as the program names them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Format {
    Csaf,
    OpenVex,
    CycloneDx,
    CycloneDxVexOnly,
}

impl Format {
    pub const ALL: [Self; 4] = [Self::Csaf, Self::OpenVex, Self::CycloneDx, Self::CycloneDxVexOnly];

    pub fn name(self) -> &'static str {
        match self {
            Self::Csaf => "csaf-vex",
            Self::OpenVex => "openvex",
            Self::CycloneDx | Self::CycloneDxVexOnly => "cyclonedx",
        }
    }

    pub fn options(self) -> &'static [&'static str] {
        if self == Self::CycloneDxVexOnly { &["--vex-only"] } else { &[] }
    }
}

/// Fails with the first mistakes.
pub fn check(format: Format, document: &Value) {
    let validator = match format {
        Format::Csaf => &CSAF,
        Format::OpenVex => &OPENVEX,
        Format::CycloneDx | Format::CycloneDxVexOnly => &CYCLONEDX,
    };
    let wrong: Vec<String> = validator
        .iter_errors(document)
        .take(5)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(wrong.is_empty(), "{}:\n{}", format.name(), wrong.join("\n"));
}

static REGISTRY: LazyLock<Registry<'static>> = LazyLock::new(|| {
    let mut registry = Registry::new();
    for (uri, file) in [
        ("https://www.first.org/cvss/cvss-v2.0.json", "cvss-v2.0.json"),
        ("https://www.first.org/cvss/cvss-v3.0.json", "cvss-v3.0.json"),
        ("https://www.first.org/cvss/cvss-v3.1.json", "cvss-v3.1.json"),
        ("http://cyclonedx.org/schema/spdx.schema.json", "spdx.schema.json"),
        ("http://cyclonedx.org/schema/jsf-0.82.schema.json", "jsf-0.82.schema.json"),
    ] {
        registry = registry.add(uri, schema(file)).unwrap();
    }
    registry.prepare().unwrap()
});

static CSAF: LazyLock<Validator> = LazyLock::new(|| validator("csaf_json_schema-2.0.json"));
static OPENVEX: LazyLock<Validator> = LazyLock::new(|| validator("openvex-0.2.0.json"));
static CYCLONEDX: LazyLock<Validator> = LazyLock::new(|| validator("bom-1.6.schema.json"));

fn validator(file: &str) -> Validator {
    let options = jsonschema::options().with_registry(&REGISTRY).offline();
    options.should_validate_formats(true).build(&schema(file)).unwrap()
}

fn schema(file: &str) -> Value {
    let path = root().join("tests/schemas").join(file);
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn the_schemas_refuse_what_is_wrong() {
    let refused = [
        (&CSAF, r#"{"document":{"category":"csaf_vex"}}"#),
        (&OPENVEX, r#"{"@context":"https://openvex.dev/ns/v0.2.0"}"#),
        (
            &CYCLONEDX,
            r#"{"bomFormat":"CycloneDX","specVersion":"1.6","vulnerabilities":[{"analysis":{"state":"fine"}}]}"#,
        ),
    ];
    for (validator, document) in refused {
        assert!(!validator.is_valid(&serde_json::from_str(document).unwrap()), "{document}");
    }
}
