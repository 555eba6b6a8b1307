//! Components of CycloneDX: devices, their firmware, their parts, and the frames that prove them.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::export::display_name;
use crate::export::vex::Vex;
use crate::export::vex::product::Product;
use crate::model::decision::is_decided;
use crate::model::limits::VEX_OCCURRENCES_MAX;
use crate::model::{Asset, Certainty, Claim, Field, Ground, Module, Run};

#[derive(Serialize)]
pub(super) struct Component {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(rename = "bom-ref", skip_serializing_if = "Option::is_none")]
    bom_ref: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    manufacturer: Option<Organization>,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Evidence::is_empty")]
    evidence: Evidence,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    components: Vec<Component>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    properties: Vec<Property>,
}

#[derive(Serialize)]
pub(super) struct Organization {
    pub(super) name: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) url: Vec<String>,
}

#[derive(Clone, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub(super) struct Property {
    name: &'static str,
    value: String,
}

impl Property {
    pub(super) fn new(name: &'static str, value: &str) -> Self {
        Self { name, value: value.to_owned() }
    }
}

#[derive(Default, Serialize)]
struct Evidence {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    identity: Vec<Identity>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    occurrences: Vec<Occurrence>,
}

impl Evidence {
    fn is_empty(&self) -> bool {
        self.identity.is_empty() && self.occurrences.is_empty()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Identity {
    field: &'static str,
    confidence: f64,
    concluded_value: String,
    methods: Vec<Method>,
}

#[derive(Serialize)]
struct Method {
    technique: &'static str,
    confidence: f64,
    value: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Occurrence {
    location: String,
    line: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<u32>,
    additional_context: String,
}

/// What a component is referred to by: the software in a product, or the product itself.
pub(super) fn bom_ref(product: &Product<'_>, is_software: bool) -> String {
    if is_software { product.own("software") } else { product.uuid().to_string() }
}

/// A version as the schema takes it.
pub(super) fn version(text: &str) -> String {
    text.chars().take(VERSION_CHARS_MAX).collect()
}

impl Component {
    /// The plant that the document is about.
    pub(super) fn plant(bom_ref: &str, name: &str) -> Self {
        Self { bom_ref: Some(bom_ref.to_owned()), ..Self::named("platform", name) }
    }

    /// This program.
    pub(super) fn tool(version: &str) -> Self {
        Self { version: Some(version.to_owned()), ..Self::named("application", "nameplate") }
    }

    /// A device with its software and its parts.
    pub(super) fn device(vex: &Vex<'_>, asset: &Asset) -> Self {
        let product = Product::device(asset);
        let mut component = Self::of(vex.report.run, &product);
        component.properties.extend(device_properties(vex, asset));
        let parts = asset.modules.iter().filter(|module| is_shown(vex, asset, module));
        component.components.extend(parts.map(|module| {
            let part = Product::new(asset.id, Some(asset), Some(&module.path));
            let mut component = Self::of(vex.report.run, &part);
            component.properties.push(Property::new("nameplate:part", &module.path.to_string()));
            component.properties.extend(seen(module.first, module.last));
            component
        }));
        component
    }

    fn named(kind: &'static str, name: &str) -> Self {
        Self {
            kind,
            bom_ref: None,
            manufacturer: None,
            name: name.to_owned(),
            version: None,
            description: None,
            evidence: Evidence::default(),
            components: Vec::new(),
            properties: Vec::new(),
        }
    }

    fn of(run: &Run, product: &Product<'_>) -> Self {
        let name = product.kind().map_or_else(|| product.title(), str::to_owned);
        let manufacturer = product
            .value(Field::Vendor)
            .map(|vendor| Organization { name: vendor.to_owned(), url: Vec::new() });
        let named_by =
            [Field::Model, Field::Product, Field::OrderNumber].map(|field| product.claim(field));
        let claims: Vec<&Claim> =
            DESCRIBING.iter().filter_map(|(field, _)| product.claim(*field)).collect();
        let identity = named_by.into_iter().flatten().next();
        let evidence = Evidence {
            identity: identity.map(|claim| Identity::new("name", run, claim)).into_iter().collect(),
            occurrences: occurrences(run, &claims),
        };
        let told = DESCRIBING.iter().filter_map(|(field, property)| {
            Some(Property::new((*property)?, product.value(*field)?))
        });
        let mut properties: Vec<Property> = told.collect();
        let serial = product.serial();
        properties.extend(serial.map(|serial| Property::new("cdx:device:serialNumber", serial)));
        Self {
            bom_ref: Some(bom_ref(product, false)),
            manufacturer,
            description: Some(product.label()),
            evidence,
            components: Self::software(run, product).into_iter().collect(),
            properties,
            ..Self::named("device", &name)
        }
    }

    fn software(run: &Run, product: &Product<'_>) -> Option<Self> {
        let software = product.software()?;
        let (kind, fields) = if software.is_firmware {
            ("firmware", [Field::Firmware, Field::Firmware])
        } else {
            ("operating-system", [Field::OsBuild, Field::Os])
        };
        let claims: Vec<&Claim> = fields.iter().filter_map(|field| product.claim(*field)).collect();
        let field = if software.version.is_some() { "version" } else { "name" };
        let identity = claims.first().map(|claim| Identity::new(field, run, claim));
        Some(Self {
            bom_ref: Some(bom_ref(product, true)),
            version: software.version.map(version),
            evidence: Evidence {
                identity: identity.into_iter().collect(),
                occurrences: occurrences(run, &claims),
            },
            ..Self::named(kind, &software.name)
        })
    }
}

/// True for a part that was selected and is not the device once more, and for one about which something is stated.
fn is_shown(vex: &Vex<'_>, asset: &Asset, module: &Module) -> bool {
    let key = (asset.id, Some(&module.path));
    (vex.report.shows(asset.id, Some(&module.path)) && !asset.is_its_only_unit())
        || vex.products.contains(&key)
}

fn device_properties(vex: &Vex<'_>, asset: &Asset) -> Vec<Property> {
    let mut properties = vec![Property::new("nameplate:display_name", &display_name(asset))];
    let mut all = |name, values: Vec<String>| {
        properties.extend(values.iter().map(|value| Property::new(name, value)));
    };
    all("cdx:device:macAddress", asset.macs.iter().map(ToString::to_string).collect());
    all("nameplate:ip", asset.ips.iter().map(ToString::to_string).collect());
    let vlans: BTreeSet<u16> =
        asset.scopes.iter().map(|scope| scope.vlan).filter(|vlan| *vlan != 0).collect();
    all("nameplate:vlan", vlans.iter().map(ToString::to_string).collect());
    let sites = vex.report.run.sites.of(asset);
    all("nameplate:site", sites.into_iter().map(str::to_owned).collect());
    let zone = vex.report.zones.of(asset).map(|zone| zone.name.to_string());
    all("nameplate:zone", zone.into_iter().collect());
    let level = vex.report.level(asset).map(|level| level.level.to_string());
    all("nameplate:purdue", level.into_iter().collect());
    all("nameplate:protocol", asset.protocols.iter().map(ToString::to_string).collect());
    properties.extend(seen(asset.first, asset.last));
    properties
}

fn seen(first: crate::model::Timestamp, last: crate::model::Timestamp) -> [Property; 2] {
    [
        Property::new("nameplate:first_seen", &first.to_string()),
        Property::new("nameplate:last_seen", &last.to_string()),
    ]
}

impl Identity {
    fn new(field: &'static str, run: &Run, claim: &Claim) -> Self {
        let confidence = confidence(claim.certainty);
        let mut techniques: BTreeSet<&'static str> =
            claim.from.iter().map(|ground| technique(run, ground)).collect();
        if techniques.is_empty() {
            techniques.insert("other");
        }
        let value = format!("{}, rule {}", claim.certainty.name(), claim.by);
        let method = |technique| Method { technique, confidence, value: value.clone() };
        Self {
            field,
            confidence,
            concluded_value: claim.value.to_string(),
            methods: techniques.into_iter().map(method).collect(),
        }
    }
}

/// How the fact came to be known: a running device was listened to, a list was read, or a person said so.
fn technique(run: &Run, ground: &Ground) -> &'static str {
    if is_decided(ground) {
        "attestation"
    } else if run.import(ground.frame.capture).is_some() {
        "manifest-analysis"
    } else {
        "dynamic-analysis"
    }
}

/// The four words as the numbers that the schema asks for. They order, and are no probabilities.
fn confidence(certainty: Certainty) -> f64 {
    match certainty {
        Certainty::Hint => 0.3,
        Certainty::Likely => 0.7,
        Certainty::Certain => 0.9,
        Certainty::Decided => 1.0,
    }
}

fn occurrences(run: &Run, claims: &[&Claim]) -> Vec<Occurrence> {
    let mut known = BTreeSet::new();
    let grounds = claims.iter().flat_map(|claim| &claim.from);
    let told = grounds.filter(|ground| known.insert((ground.frame, ground.key, &ground.value)));
    let told = told.take(VEX_OCCURRENCES_MAX).map(|ground| Occurrence {
        location: run.capture_name(ground.frame.capture).to_owned(),
        line: ground.frame.number,
        // Counted from the frame in which the message begins, which may be an earlier one.
        offset: (ground.excerpt.frame == ground.frame).then_some(ground.excerpt.offset),
        additional_context: format!("{} = {}, {}", ground.key, ground.value, ground.at),
    });
    told.collect()
}

/// What describes a component, and the property that it is given in where CycloneDX has no place of its own.
const DESCRIBING: &[(Field, Option<&str>)] = &[
    (Field::Vendor, None),
    (Field::Product, Some("nameplate:product")),
    (Field::Model, Some("nameplate:model")),
    (Field::OrderNumber, Some("nameplate:order_number")),
    (Field::Series, Some("nameplate:series")),
    (Field::Serial, None),
    (Field::Hardware, Some("nameplate:hardware")),
    (Field::Name, Some("nameplate:name")),
    (Field::Domain, Some("nameplate:domain")),
    (Field::Kind, Some("nameplate:kind")),
    (Field::Role, Some("nameplate:role")),
];

/// Characters that a version may have in CycloneDX.
const VERSION_CHARS_MAX: usize = 1_024;
