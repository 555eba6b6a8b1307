//! Rows of the bundle.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::export::netbox::names::{Slugs, cut};
use crate::export::{Report, display_name};
use crate::model::limits::{
    NETBOX_DESCRIPTION_CHARS_MAX, NETBOX_NAME_CHARS_MAX, NETBOX_SERIAL_CHARS_MAX,
    NETBOX_TYPE_CHARS_MAX,
};
use crate::model::placeholder::is_unset_serial;
use crate::model::{Addr, Asset, AssetId, Field, Mac, Module, Nameplate, Scope};

/// A row: one text for each column.
type Row = Vec<String>;

/// All rows, by file.
#[derive(Debug, Default)]
pub(super) struct Records {
    sites: Vec<Row>,
    manufacturers: Vec<Row>,
    roles: Vec<Row>,
    device_types: Vec<Row>,
    module_types: Vec<Row>,
    devices: Vec<Row>,
    bays: Vec<Row>,
    modules: Vec<Row>,
    interfaces: Vec<Row>,
    macs: Vec<Row>,
    vrfs: Vec<Row>,
    addresses: Vec<Row>,
    /// What a person should know before importing.
    pub(super) notes: Vec<String>,
}

impl Records {
    /// The rows of each file, in the order of the files.
    pub(super) fn files(&self) -> [&[Row]; 12] {
        [
            &self.sites,
            &self.manufacturers,
            &self.roles,
            &self.device_types,
            &self.module_types,
            &self.devices,
            &self.bays,
            &self.modules,
            &self.interfaces,
            &self.macs,
            &self.vrfs,
            &self.addresses,
        ]
    }

    pub(super) fn new(report: &Report<'_>) -> Self {
        let mut making = Making::new(report);
        for asset in report.assets {
            making.device(asset);
        }
        making.finish()
    }
}

/// Rows in the making, and what is in them already.
struct Making<'a> {
    report: &'a Report<'a>,
    records: Records,
    names: BTreeMap<AssetId, String>,
    sites: Slugs,
    manufacturers: Slugs,
    roles: Slugs,
    /// Slugs of types are their makers' own; maker and model together are a name.
    types: Slugs,
    module_types: BTreeSet<[String; 2]>,
    /// How many devices have an address, and how many of them are in a place.
    owners: BTreeMap<IpAddr, (usize, BTreeMap<Scope, usize>)>,
    vrfs: BTreeSet<String>,
    shared: usize,
}

impl<'a> Making<'a> {
    fn new(report: &'a Report<'a>) -> Self {
        let mut owners: BTreeMap<IpAddr, (usize, BTreeMap<Scope, usize>)> = BTreeMap::new();
        for asset in report.assets {
            for ip in &asset.ips {
                let (all, places) = owners.entry(*ip).or_default();
                *all = all.saturating_add(1);
                for scope in &asset.scopes {
                    let here = places.entry(*scope).or_default();
                    *here = here.saturating_add(1);
                }
            }
        }
        Self {
            report,
            records: Records::default(),
            names: names(report),
            sites: Slugs::default(),
            manufacturers: Slugs::default(),
            roles: Slugs::default(),
            types: Slugs::default(),
            module_types: BTreeSet::new(),
            owners,
            vrfs: BTreeSet::new(),
            shared: 0,
        }
    }

    fn device(&mut self, asset: &Asset) {
        let plate = &asset.nameplate;
        let name = self.names.get(&asset.id).cloned().unwrap_or_default();
        let site = self.site(asset);
        let role = cut(
            plate.value(Field::Role).or(plate.value(Field::Kind)).unwrap_or(UNKNOWN),
            NETBOX_TYPE_CHARS_MAX,
        );
        self.roles.add(&role);
        let [manufacturer, model] = self.kind(plate);
        // No name holds a line end: maker and model stay two.
        let key = format!("{manufacturer}\n{model}");
        if self.types.add(&key) {
            let (slug, part) = (self.types.slug(&key).to_owned(), part_number(plate));
            let row = [manufacturer.clone(), model.clone(), slug, part, NO_HEIGHT.to_owned()];
            self.records.device_types.push([&row[..], &[String::new()]].concat());
        }
        self.records.devices.push(vec![
            name.clone(),
            role,
            manufacturer,
            model,
            serial(plate),
            ACTIVE.to_owned(),
            site,
            self.description(asset),
            comments(self.report, asset, None),
        ]);
        let parts = asset.modules.iter().filter(|module| {
            self.report.shows(asset.id, Some(&module.path)) && !asset.is_its_only_unit()
        });
        let parts: Vec<&Module> = parts.collect();
        let mut bays = BTreeSet::new();
        for module in parts {
            self.module(asset, module, &name, &mut bays);
        }
        self.interfaces(asset, &name);
    }

    /// The site, which every device must have one of.
    fn site(&mut self, asset: &Asset) -> String {
        let sites = self.report.run.sites.of(asset);
        let site = cut(sites.first().copied().unwrap_or(PLANT), NETBOX_TYPE_CHARS_MAX);
        self.sites.add(&site);
        site
    }

    /// Maker and model.
    fn kind(&mut self, plate: &Nameplate) -> [String; 2] {
        let maker = cut(plate.value(Field::Vendor).unwrap_or(UNKNOWN), NETBOX_TYPE_CHARS_MAX);
        self.manufacturers.add(&maker);
        let fields = [Field::Model, Field::OrderNumber, Field::Product, Field::Os];
        let model = fields.iter().find_map(|field| plate.value(*field)).unwrap_or(UNKNOWN);
        [maker, cut(model, NETBOX_TYPE_CHARS_MAX)]
    }

    fn module(&mut self, asset: &Asset, module: &Module, name: &str, bays: &mut BTreeSet<String>) {
        let [maker, model] = self.kind(&module.nameplate);
        if self.module_types.insert([maker.clone(), model.clone()]) {
            let part = part_number(&module.nameplate);
            self.records.module_types.push(vec![maker, model.clone(), part, String::new()]);
        }
        let path = module.path.to_string();
        let mut bay = cut(&path, NETBOX_NAME_CHARS_MAX);
        let mut number = 1_u32;
        while !bays.insert(bay.clone()) {
            number = number.saturating_add(1);
            let room = NETBOX_NAME_CHARS_MAX.saturating_sub(SUFFIX_CHARS);
            bay = format!("{} ({number})", cut(&path, room));
        }
        let position = path.rsplit(' ').next().unwrap_or_default();
        self.records.bays.push(vec![
            name.to_owned(),
            bay.clone(),
            cut(position, POSITION_CHARS_MAX),
            String::new(),
        ]);
        self.records.modules.push(vec![
            name.to_owned(),
            bay,
            model,
            serial(&module.nameplate),
            ACTIVE.to_owned(),
            cut(&path, NETBOX_DESCRIPTION_CHARS_MAX),
            comments(self.report, asset, Some(module)),
        ]);
    }

    /// An interface for each MAC address, or one; and the addresses on them.
    fn interfaces(&mut self, asset: &Asset, name: &str) {
        if asset.macs.is_empty() && asset.ips.is_empty() {
            return;
        }
        let macs: Vec<Option<Mac>> = match asset.macs.is_empty() {
            true => vec![None],
            false => asset.macs.iter().copied().map(Some).collect(),
        };
        let called = |number: usize| format!("port{number}");
        let mut on: BTreeMap<Option<Mac>, String> = BTreeMap::new();
        for (number, mac) in (1_usize..).zip(macs) {
            let interface = called(number);
            let row = [name, &interface, "other", "true", "seen from the network"];
            self.records.interfaces.push(row.map(str::to_owned).to_vec());
            if let Some(mac) = mac {
                let row = [mac.to_string(), name.to_owned(), interface.clone(), String::new()];
                self.records.macs.push(row.to_vec());
            }
            on.insert(mac, interface);
        }
        // The import clears the primary address of a device with every row that is none: so the primary one comes last.
        let last = |is_v4: bool| asset.ips.iter().find(|ip| ip.is_ipv4() == is_v4).copied();
        let primary = [last(true), last(false)];
        let others = asset.ips.iter().copied().filter(|ip| !primary.contains(&Some(*ip)));
        for ip in others.chain(primary.into_iter().flatten()) {
            let bound = asset.bindings.iter().find(|binding| binding.node.addr == Addr::Ip(ip));
            let interface = on.get(&bound.and_then(|binding| binding.mac));
            let interface = interface.cloned().unwrap_or_else(|| called(1));
            let scope = bound.map(|binding| binding.node.scope);
            let scope = scope.or_else(|| asset.scopes.first().copied()).unwrap_or_default();
            let vrf = self.vrf(asset, name, ip, scope);
            let is_primary = primary.contains(&Some(ip)).to_string();
            self.records.addresses.push(vec![
                format!("{ip}/{}", if ip.is_ipv4() { 32 } else { 128 }),
                vrf,
                ACTIVE.to_owned(),
                name.to_owned(),
                interface,
                is_primary,
                String::new(),
            ]);
        }
    }

    /// Where one address is that of several devices, it is in a VRF of the site and VLAN, or of the device where that does not tell.
    fn vrf(&mut self, asset: &Asset, name: &str, ip: IpAddr, scope: Scope) -> String {
        let Some((_, places)) = self.owners.get(&ip).filter(|(all, _)| *all > 1) else {
            return String::new();
        };
        self.shared = self.shared.saturating_add(1);
        let here = places.get(&scope).copied().unwrap_or_default();
        let same = here > usize::from(asset.scopes.contains(&scope));
        let place = match same {
            true => name.to_owned(),
            false => format!("VLAN {}.{}", scope.outer_vlan, scope.vlan),
        };
        // The site gives way, for the rest of it tells one from the other.
        let room = NETBOX_TYPE_CHARS_MAX.saturating_sub(place.chars().count().saturating_add(2));
        let site = self.report.run.sites.name(scope.site).unwrap_or(PLANT);
        let vrf = format!("{}, {place}", cut(site, room));
        if self.vrfs.insert(vrf.clone()) {
            self.records.vrfs.push(vec![vrf.clone(), "true".to_owned(), SHARED.to_owned()]);
        }
        vrf
    }

    fn description(&self, asset: &Asset) -> String {
        let plate = &asset.nameplate;
        let zone = self.report.zones.of(asset).map(|zone| format!("zone {}", zone.name));
        let version = crate::export::shown_version(plate).map(|text| format!("version {text}"));
        let said: Vec<String> = [version, zone].into_iter().flatten().collect();
        cut(&said.join(", "), NETBOX_DESCRIPTION_CHARS_MAX)
    }

    fn finish(mut self) -> Records {
        let rows = |slugs: &Slugs, more: &[&str]| -> Vec<Row> {
            let row = |(name, slug): (&str, &str)| {
                let more = more.iter().copied();
                [name, slug].into_iter().chain(more).map(str::to_owned).collect()
            };
            slugs.iter().map(row).collect()
        };
        self.records.sites = rows(&self.sites, &[ACTIVE, ""]);
        self.records.manufacturers = rows(&self.manufacturers, &[""]);
        self.records.roles = rows(&self.roles, &[GREY, "false", ""]);
        self.records.notes = vec![
            "Look through the files first, then import them in the order of their numbers: each refers to those before it.".to_owned(),
            "Models that two makers share cannot be told apart by the import of modules: rename one of them first.".to_owned(),
            "NetBox has no field for firmware: it stands in description and comments.".to_owned(),
        ];
        if self.shared > 0 {
            let note = format!(
                "{} addresses are those of several devices; they are in VRFs of their own.",
                self.shared
            );
            self.records.notes.push(note);
        }
        self.records
    }
}

/// What devices are called: no two alike, for others refer to them by name.
fn names(report: &Report<'_>) -> BTreeMap<AssetId, String> {
    let short = |asset: &Asset| cut(&display_name(asset), NETBOX_NAME_CHARS_MAX);
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for asset in report.assets {
        let count = counts.entry(short(asset).to_lowercase()).or_default();
        *count = count.saturating_add(1);
    }
    let name = |asset: &Asset| {
        let name = short(asset);
        let alone = counts.get(&name.to_lowercase()).copied() == Some(1);
        if alone && !name.is_empty() {
            return name;
        }
        let id = asset.id.to_string();
        let mark = id.get(..ID_CHARS).unwrap_or(&id);
        let room = NETBOX_NAME_CHARS_MAX.saturating_sub(ID_CHARS.saturating_add(3));
        format!("{} ({mark})", cut(&name, room))
    };
    report.assets.iter().map(|asset| (asset.id, name(asset))).collect()
}

fn serial(plate: &Nameplate) -> String {
    let serial = plate.value(Field::Serial).filter(|serial| !is_unset_serial(serial));
    cut(serial.unwrap_or_default(), NETBOX_SERIAL_CHARS_MAX)
}

fn part_number(plate: &Nameplate) -> String {
    cut(plate.value(Field::OrderNumber).unwrap_or_default(), NETBOX_SERIAL_CHARS_MAX)
}

/// What NetBox has no field for, and where it comes from.
fn comments(report: &Report<'_>, asset: &Asset, module: Option<&Module>) -> String {
    let plate = module.map_or(&asset.nameplate, |module| &module.nameplate);
    let fields = [
        Field::Product,
        Field::Series,
        Field::Firmware,
        Field::Hardware,
        Field::Os,
        Field::OsBuild,
    ];
    let mut said = vec![format!("nameplate asset {}", asset.id)];
    said.extend(
        fields.iter().filter_map(|field| Some(format!("{field} {}", plate.value(*field)?))),
    );
    let ground = plate.claim(Field::Firmware).or_else(|| plate.claim(Field::Model));
    if let Some(ground) = ground.and_then(|claim| claim.from.last()) {
        let capture = report.run.capture_name(ground.frame.capture);
        said.push(format!("seen in {capture}#{}", ground.frame.number));
    }
    let (first, last) =
        module.map_or((asset.first, asset.last), |module| (module.first, module.last));
    said.push(format!("from {} to {}", first.to_the_second(), last.to_the_second()));
    said.join("; ")
}

const UNKNOWN: &str = "Unknown";
const PLANT: &str = "Plant";
const ACTIVE: &str = "active";
const GREY: &str = "9e9e9e";
const NO_HEIGHT: &str = "0";
const SHARED: &str = "an address that several devices have";
/// Of an identifier, so that names differ.
const ID_CHARS: usize = 8;
const SUFFIX_CHARS: usize = 13;
const POSITION_CHARS_MAX: usize = 30;
