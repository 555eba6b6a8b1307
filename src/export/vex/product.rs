//! What statements are about: a device, or a part of one, by identifiers that last.
//!
//! A product is *this* device and not all of its kind: what a person decides holds for one machine in one plant. So its identifier is
//! that of the asset, and of a part a version 5 UUID of the asset's and the part's way. No package URL and no CPE is given, because nobody
//! has registered any for these products, and one that is made up would carry a statement to other devices of the same kind.

use std::collections::BTreeSet;

use crate::export::display_name;
use crate::export::vex::named;
use crate::model::placeholder::is_unset_serial;
use crate::model::{Asset, AssetId, Claim, Field, Module, Nameplate, Unit};

/// A device, or a part of one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Product<'a> {
    pub(super) id: AssetId,
    pub(super) asset: Option<&'a Asset>,
    pub(super) path: Option<&'a Unit>,
    module: Option<&'a Module>,
}

/// What runs on it: firmware, or an operating system.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Software<'a> {
    pub(super) is_firmware: bool,
    pub(super) name: String,
    pub(super) version: Option<&'a str>,
}

impl<'a> Product<'a> {
    pub(super) fn new(id: AssetId, asset: Option<&'a Asset>, path: Option<&'a Unit>) -> Self {
        let modules = asset.map(|asset| &*asset.modules).unwrap_or_default();
        let module = path.and_then(|path| modules.iter().find(|module| module.path == *path));
        Self { id, asset, path, module }
    }

    /// The device itself.
    pub(super) fn device(asset: &'a Asset) -> Self {
        Self::new(asset.id, Some(asset), None)
    }

    /// The identifier that all formats use.
    pub(super) fn uuid(&self) -> uuid::Uuid {
        match self.path {
            None => self.id.0,
            Some(path) => named(&["part", &self.id.to_string(), &path.to_string()]),
        }
    }

    /// The same as a name of RFC 9562.
    pub(super) fn urn(&self) -> String {
        self.uuid().urn().to_string()
    }

    /// An identifier of something about it.
    pub(super) fn own(&self, what: &str) -> String {
        named(&[what, &self.uuid().to_string()]).to_string()
    }

    /// What is known about it; nothing of a part of which only its place is known.
    pub(super) fn plate(&self) -> Option<&'a Nameplate> {
        match self.path {
            None => self.asset.map(|asset| &asset.nameplate),
            Some(_) => self.module.map(|module| &module.nameplate),
        }
    }

    pub(super) fn value(&self, field: Field) -> Option<&'a str> {
        self.plate()?.value(field).filter(|value| !value.trim().is_empty())
    }

    pub(super) fn claim(&self, field: Field) -> Option<&'a Claim> {
        self.plate()?.claim(field)
    }

    /// Model or product, as its maker calls it.
    pub(super) fn kind(&self) -> Option<&'a str> {
        [Field::Model, Field::Product, Field::OrderNumber]
            .iter()
            .find_map(|field| self.value(*field))
    }

    /// Maker and model, as far as known.
    pub(super) fn title(&self) -> String {
        let named = [self.value(Field::Vendor), self.kind().or(self.value(Field::Os))];
        let known: Vec<&str> = named.into_iter().flatten().collect();
        if known.is_empty() { "device".to_owned() } else { known.join(" ") }
    }

    /// What a person finds it by: maker and model, name or address, place, serial number.
    pub(super) fn label(&self) -> String {
        let title = self.title();
        let mut parts = vec![title.clone()];
        if let Some(asset) = self.asset {
            let name = display_name(asset);
            if !title.ends_with(&name) {
                parts.push(name);
            }
            let address = asset.ips.first().map(ToString::to_string);
            let address = address.or_else(|| asset.macs.first().map(ToString::to_string));
            parts.extend(address.filter(|address| !parts.contains(address)));
        } else {
            parts.push(self.id.to_string());
        }
        parts.extend(self.path.map(ToString::to_string));
        parts.extend(self.serial().map(|serial| format!("serial number {serial}")));
        parts.join(", ")
    }

    /// The serial number, unless it is one that was never set.
    pub(super) fn serial(&self) -> Option<&'a str> {
        self.value(Field::Serial).filter(|serial| !is_unset_serial(serial))
    }

    /// Model and order number, each once.
    pub(super) fn models(&self) -> BTreeSet<&'a str> {
        [Field::Model, Field::OrderNumber].iter().filter_map(|field| self.value(*field)).collect()
    }

    /// The firmware, else the operating system, as observed.
    pub(super) fn software(&self) -> Option<Software<'a>> {
        if let Some(version) = self.value(Field::Firmware) {
            let name = format!("{} firmware", self.kind().unwrap_or("device"));
            return Some(Software { is_firmware: true, name, version: Some(version) });
        }
        let name = self.value(Field::Os)?.to_owned();
        Some(Software { is_firmware: false, name, version: self.value(Field::OsBuild) })
    }
}
