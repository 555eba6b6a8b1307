//! One query language for `--where`, and for all that will have a box to search in: which devices, which verdicts.
//!
//! An expression is asked of one *row* at a time: a device or one of its parts, alone or with one of the verdicts about it.
//! So `model~EN2T and firmware<10` finds a module that is both, not a chassis in which one module is the first and another
//! the second. `not` is asked of the device as a whole: none of its rows is so.
//!
//! A sort order is a list of the same fields (`sort`).
//!
//! ARCHITECTURE INVARIANT: a function of the expression and of what it is asked about; no file, clock or store.

pub mod documents;
mod error;
mod field;
mod parse;
mod period;
mod sort;
mod token;
mod value;
#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use crate::model::version::Scheme;
use crate::model::{
    Asset, Field, Finding, Handling, Levels, Module, Nameplate, Sites, Unit, Verdict, Zone, Zones,
};

pub use error::QueryError;
pub use field::nearest;
pub use sort::{Item, Sort};

use field::Name;
use parse::{Node, Parsed};
use token::Op;
use value::{Known, Operand, contains, holds};

/// An expression, ready to be asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    text: Box<str>,
    parsed: Parsed,
}

/// What an expression is asked with, beside the devices.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The zones of the plant.
    pub zones: &'a Zones,
    /// The sites that scopes refer to.
    pub sites: &'a Sites,
    /// Where devices stand that have a role.
    pub levels: &'a Levels,
    /// The order of the versions of a maker, by its name as signatures spell it.
    pub order: &'a dyn Fn(&str) -> Scheme,
}

impl fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").field("zones", self.zones).finish_non_exhaustive()
    }
}

/// What an expression says of one device.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Selected {
    /// Parts of it for which the expression holds, `None` for the device itself; empty when it holds for none.
    pub parts: BTreeSet<Option<Unit>>,
    /// For each of its verdicts, whether the expression holds for it.
    pub findings: Vec<bool>,
    /// True when it holds for nothing here, but might: the order of two versions is not known.
    pub is_undecided: bool,
}

/// One thing that an expression is asked about.
#[derive(Clone, Copy)]
struct Row<'a> {
    asset: &'a Asset,
    zone: Option<&'a Zone>,
    module: Option<&'a Module>,
    finding: Option<&'a Finding>,
}

impl Query {
    /// Reads an expression.
    ///
    /// # Errors
    ///
    /// When it is none, with the place.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        Ok(Self { text: text.trim().into(), parsed: parse::parse(text)? })
    }

    /// The expression as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// True when it asks for what only zones say.
    pub fn asks_for_zones(&self) -> bool {
        fn asks(node: &Node) -> bool {
            match node {
                Node::All(parts) | Node::Any(parts) => parts.iter().any(asks),
                Node::Test(name, ..) | Node::Stated(name) => {
                    matches!(name, Name::Zone | Name::Criticality)
                }
                Node::Not(_) | Node::Search(_) => false,
            }
        }
        asks(&self.parsed.root) || self.parsed.negated.iter().any(asks)
    }

    /// Asks about one device and the verdicts about it.
    pub fn select(
        &self,
        context: &Context<'_>,
        asset: &Asset,
        findings: &[Arc<Finding>],
    ) -> Selected {
        let zone = context.zones.of(asset);
        let module = |path: Option<&Unit>| {
            path.and_then(|path| asset.modules.iter().find(|module| module.path == *path))
        };
        let own = [None].into_iter().chain(asset.modules.iter().map(Some));
        let alone = own.map(|module| Row { asset, zone, module, finding: None });
        let judged = findings.iter().map(|finding| {
            let module = module(finding.module.as_ref());
            Row { asset, zone, module, finding: Some(finding) }
        });
        let rows: Vec<Row<'_>> = alone.chain(judged).collect();
        let mut asked = Asked { context, negations: Vec::new() };
        for node in &self.parsed.negated {
            let answers = rows.iter().map(|row| asked.ask(node, row));
            let some = answers.fold(Some(false), or);
            asked.negations.push(some.map(|some| !some));
        }
        let mut selected = Selected::default();
        let mut best = Some(false);
        for row in &rows {
            let answer = asked.ask(&self.parsed.root, row);
            best = or(best, answer);
            if answer == Some(true) {
                selected.parts.insert(row.module.map(|module| module.path.clone()));
            }
            if row.finding.is_some() {
                selected.findings.push(answer == Some(true));
            }
        }
        selected.is_undecided = best.is_none();
        selected
    }
}

/// An expression being asked of the rows of one device.
struct Asked<'a> {
    context: &'a Context<'a>,
    /// Answers to the negations so far.
    negations: Vec<Option<bool>>,
}

impl Asked<'_> {
    fn ask(&self, node: &Node, row: &Row<'_>) -> Option<bool> {
        match node {
            Node::All(parts) => parts.iter().map(|part| self.ask(part, row)).fold(Some(true), and),
            Node::Any(parts) => parts.iter().map(|part| self.ask(part, row)).fold(Some(false), or),
            Node::Not(at) => self.negations.get(*at).copied().flatten(),
            Node::Stated(name) => Some(!row.known(*name, self.context).is_empty()),
            Node::Search(word) => Some(row.is_found(word)),
            Node::Test(name, op, operand) => self.test(*name, *op, operand, row),
        }
    }

    /// A field without a value compares with nothing: it is not equal, and not unequal either.
    fn test(&self, name: Name, op: Op, operand: &Operand, row: &Row<'_>) -> Option<bool> {
        let known = row.known(name, self.context);
        if known.is_empty() {
            return Some(false);
        }
        let some = known.iter().map(|known| holds(known, op, operand)).fold(Some(false), or);
        if op == Op::Unequal { some.map(|some| !some) } else { some }
    }
}

impl<'a> Row<'a> {
    fn plate(&self) -> &'a Nameplate {
        self.module.map_or(&self.asset.nameplate, |module| &module.nameplate)
    }

    /// The value shown for a field. Parts share the name of their device, where they have none of their own.
    fn shown(&self, field: Field) -> Option<&'a str> {
        let own = self.plate().value(field);
        match field {
            Field::Name | Field::Domain => own.or_else(|| self.asset.nameplate.value(field)),
            _ => own,
        }
    }

    fn is_found(&self, word: &str) -> bool {
        let texts = SEARCHED.iter().filter_map(|field| self.shown(*field));
        texts.map(str::to_lowercase).any(|text| contains(&text, word))
            || self.asset.ips.iter().any(|ip| contains(&ip.to_string(), word))
            || self.asset.macs.iter().any(|mac| contains(&mac.to_string(), word))
    }

    /// All values of a field.
    fn known(&self, name: Name, context: &Context<'_>) -> Vec<Known<'a>> {
        let (asset, zone) = (self.asset, self.zone);
        let judgement = self.finding.map(|finding| &finding.judgement);
        let text = |text: &'a str| Known::Text(Cow::Borrowed(text));
        let made = |text: String| Known::Text(Cow::Owned(text));
        let one = |known: Option<Known<'a>>| known.into_iter().collect();
        match name {
            Name::Plate(field @ (Field::Firmware | Field::Hardware)) => {
                let order = || self.shown(Field::Vendor).map(context.order).unwrap_or_default();
                one(self.shown(field).map(|value| Known::Version(value, order())))
            }
            Name::Plate(Field::OsBuild) => {
                one(self.shown(Field::OsBuild).map(|build| Known::Version(build, Scheme::Dotted)))
            }
            Name::Plate(field) => one(self.shown(field).map(text)),
            Name::AssetId => one(Some(made(asset.id.to_string()))),
            Name::Identity => one(Some(text(&asset.identity))),
            Name::Ip => asset.ips.iter().map(|ip| Known::Ip(*ip)).collect(),
            Name::Mac => asset.macs.iter().map(|mac| made(mac.to_string())).collect(),
            Name::Vlan => {
                let vlans = asset.scopes.iter().map(|scope| scope.vlan).filter(|vlan| *vlan != 0);
                vlans.map(|vlan| Known::Number(vlan.into())).collect()
            }
            Name::Protocol => asset.protocols.iter().map(|protocol| text(protocol)).collect(),
            Name::Site => {
                context.sites.of(asset).into_iter().map(|name| made(name.to_owned())).collect()
            }
            Name::Zone => one(zone.map(|zone| text(&zone.name))),
            Name::Purdue => {
                let level = context.levels.of(asset, context.zones);
                one(level.map(|level| Known::Number(level.level.into())))
            }
            Name::Criticality => one(zone.and_then(|zone| zone.criticality.as_deref()).map(text)),
            Name::Module => one(self.module.map(|module| made(module.path.to_string()))),
            Name::FirstSeen => {
                one(Some(Known::Time(self.module.map_or(asset.first, |module| module.first))))
            }
            Name::LastSeen => {
                one(Some(Known::Time(self.module.map_or(asset.last, |module| module.last))))
            }
            Name::Advisory => one(judgement.map(|judgement| text(&judgement.advisory))),
            Name::Cve => one(judgement.map(|judgement| text(&judgement.cve))),
            Name::Verdict => one(judgement.map(|judgement| text(judgement.verdict.name()))),
            Name::Reason => one(judgement.and_then(|judgement| match judgement.verdict {
                Verdict::Unknown(why) => Some(text(why.name())),
                Verdict::Affected | Verdict::Fixed | Verdict::NotAffected => None,
            })),
            Name::FindingKind => one(judgement.map(|judgement| text(judgement.kind.name()))),
            Name::Priority => {
                let priority = self.finding.and_then(|finding| finding.weight.priority);
                one(priority.map(|priority| text(priority.name())))
            }
            Name::Exposure => {
                let exposure = self.finding.and_then(|finding| finding.weight.exposure);
                one(exposure.map(|exposure| text(exposure.name())))
            }
            Name::Epss => one(judgement.and_then(|judgement| judgement.epss).map(Known::Number)),
            Name::Cvss => one(judgement.and_then(|judgement| judgement.cvss).map(Known::Number)),
            Name::Kev => one(judgement.and_then(|judgement| judgement.kev).map(Known::Flag)),
            _ => one(self.finding.and_then(|finding| handled(name, &finding.handling))),
        }
    }
}

/// What people do about a verdict.
fn handled(name: Name, handling: &Handling) -> Option<Known<'_>> {
    let text = |text| Known::Text(Cow::Borrowed(text));
    let (patch, decision) = (handling.patch.as_ref(), handling.decision.as_ref());
    match name {
        Name::PatchState => patch.map(|patch| text(patch.state.name())),
        Name::PatchStateBy => patch.and_then(|patch| patch.by.as_deref()).map(text),
        Name::ProposedState => handling.proposed.as_ref().map(|one| text(one.state.name())),
        Name::Decision => decision.map(|decision| text(decision.choice.name())),
        Name::DecisionBy => decision.map(|decision| text(&decision.by)),
        Name::DecisionWhy => decision.map(|decision| text(&decision.why)),
        Name::DecisionDue => decision.and_then(|decision| decision.due).map(Known::Time),
        Name::DecisionExpires => decision.and_then(|decision| decision.expires).map(Known::Time),
        Name::Reopened => handling.reopened.as_deref().map(text),
        _ => None,
    }
}

/// Either: true as soon as one is; not known when one is not and none is true.
fn or(one: Option<bool>, other: Option<bool>) -> Option<bool> {
    match (one, other) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false)) => Some(false),
        _ => None,
    }
}

/// Both.
fn and(one: Option<bool>, other: Option<bool>) -> Option<bool> {
    or(one.map(|one| !one), other.map(|other| !other)).map(|either| !either)
}

/// Where a word without a field is looked for, beside addresses.
const SEARCHED: &[Field] =
    &[Field::Name, Field::Vendor, Field::Product, Field::Model, Field::OrderNumber, Field::Serial];
