//! Lists that the program wrote itself: the sheets Assets and Modules of a workbook, `assets.csv` and `modules.csv` of a set of files.
//!
//! A row of such a list names its device by `asset_id`, a row about a part the part by its path, too. Only what somebody changed in it is
//! taken: a value that is the one shown says nothing new, and taken as somebody's word it would go on standing when the device says
//! something else. A row that somebody added is taken like one of any list.

use std::collections::BTreeMap;

use crate::app::import::devices::Said;
use crate::app::import::grid::Row;
use crate::app::scan::Scanned;
use crate::export::display_name;
use crate::model::import::Column;
use crate::model::{Asset, Field, Nameplate, Node, Subject, Unit};

/// What a row of such a list is about, by column.
#[derive(Clone, Copy, Debug)]
pub(super) struct Own {
    asset_id: u32,
    /// Only in a list of parts.
    module: Option<u32>,
}

impl Own {
    /// Whether a row of names is one that the program writes.
    pub(super) fn of(row: &Row) -> Option<Self> {
        let at = |name: &str| {
            let cell = row.cells.iter().find(|cell| cell.text == name)?;
            Some(cell.column)
        };
        at("first_seen").and(at("evidence"))?;
        Some(Self { asset_id: at("asset_id")?, module: at("module") })
    }

    /// The column that can be edited under a name; nothing of what follows from others.
    pub(super) fn column(self, name: &str) -> Option<Column> {
        // What stands in a list of parts beside their path is the device's.
        let is_of_device = matches!(name, "name" | "ips" | "macs" | "vlans" | "sites");
        if self.module.is_some() && is_of_device {
            return None;
        }
        let name = match name {
            "ips" => "ip",
            "macs" => "mac",
            "vlans" => "vlan",
            "sites" => "site",
            other => Some(other).filter(|name| Field::named(name).is_some())?,
        };
        Column::named(&format!("import.{name}"))
    }
}

/// Devices that the store knows, by their identifiers.
#[derive(Debug, Default)]
pub(super) struct Homes(BTreeMap<String, Home>);

/// A device: where facts about it and its parts belong, and what is shown of them.
#[derive(Debug)]
struct Home {
    name: String,
    node: Node,
    shown: Shown,
    parts: BTreeMap<String, (Subject, Shown)>,
}

/// Values by key.
type Shown = BTreeMap<Field, String>;

/// Whom a row is about, and what of it is new.
pub(super) enum Meant {
    /// A device that the store does not know.
    Stranger,
    /// One that it knows.
    Known(Subject, BTreeMap<&'static str, Said>),
}

impl Homes {
    /// Those of a store.
    pub(super) fn new(known: &Scanned) -> Self {
        let home = |asset: &Asset| Some((asset.id.to_string(), Home::new(asset)?));
        Self(known.assets.iter().filter_map(|asset| home(asset)).collect())
    }

    /// Whom a row is about.
    pub(super) fn meant(
        &self,
        own: Own,
        row: &Row,
        said: BTreeMap<&'static str, Said>,
    ) -> Result<Meant, String> {
        let text = |column: u32| {
            let cell = row.cells.iter().find(|cell| cell.column == column);
            cell.map(|cell| cell.text.as_str())
        };
        let home = text(own.asset_id).and_then(|id| self.0.get(id));
        let path = match own.module {
            None => None,
            Some(column) => {
                Some(text(column).ok_or("names no part: its cell under module is empty")?)
            }
        };
        match (home, path) {
            (None, None) => Ok(Meant::Stranger),
            (None, Some(_)) => {
                Err("is about a part of a device that the store does not know".to_owned())
            }
            (Some(home), None) => {
                let subject = Subject::node(home.node);
                Ok(Meant::Known(subject, new(said, &home.shown, &home.name)))
            }
            (Some(home), Some(path)) => match home.parts.get(path) {
                Some((subject, shown)) => {
                    Ok(Meant::Known(subject.clone(), new(said, shown, &home.name)))
                }
                None => Err(format!("is about {path:?}, and {} has no such part", home.name)),
            },
        }
    }
}

/// What of a row differs from what is shown.
fn new(
    said: BTreeMap<&'static str, Said>,
    shown: &Shown,
    name: &str,
) -> BTreeMap<&'static str, Said> {
    let is_new = |said: &Said| match said.column.field {
        // Where the device is, is known better than a list of all its addresses tells.
        None => false,
        Some(field) => {
            shown.get(&field) != Some(&said.text) && !(field == Field::Name && said.text == name)
        }
    };
    said.into_iter().filter(|(_, said)| is_new(said)).collect()
}

impl Home {
    fn new(asset: &Asset) -> Option<Self> {
        let node = node_of(asset)?;
        let part = |path: &Unit, plate: &Nameplate| {
            let claimed = plate.claims.values().flatten().next();
            let node = claimed.map_or(node, |claim| claim.subject.node);
            let subject = Subject { node, unit: Some(path.clone()) };
            (path.to_string(), (subject, shown(plate)))
        };
        let parts = asset.modules.iter().map(|module| part(&module.path, &module.nameplate));
        let parts = parts.collect();
        Some(Self {
            name: trimmed(&display_name(asset)),
            node,
            shown: shown(&asset.nameplate),
            parts,
        })
    }
}

/// Where the device was last, else an address of it, else where a list put it.
fn node_of(asset: &Asset) -> Option<Node> {
    let bound = asset.bindings.iter().max_by_key(|binding| (binding.last, binding.node));
    let scope = asset.scopes.first().copied().unwrap_or_default();
    let ip = || asset.ips.first().map(|ip| Node::ip(scope, *ip));
    let mac = || asset.macs.first().map(|mac| Node::mac(scope, *mac));
    let claimed = || {
        let mut claims = asset.nameplate.claims.values().flatten();
        claims.next().map(|claim| claim.subject.node)
    };
    bound.map(|binding| binding.node).or_else(ip).or_else(mac).or_else(claimed)
}

fn shown(plate: &Nameplate) -> Shown {
    let fields = Field::ALL.iter();
    fields.filter_map(|field| Some((*field, trimmed(plate.value(*field)?)))).collect()
}

/// As a cell of a list has it: escaped for a file, without blanks around it.
fn trimmed(text: &str) -> String {
    crate::export::escape::term(text).trim().to_owned()
}
