//! All that is known, with pseudonyms in place of originals.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::Arc;

use crate::app::redact::Redaction;
use crate::app::redact::originals::folded;
use crate::app::redact::said::{self, Said};
use crate::app::redact::terms::Terms;
use crate::app::scan::Scanned;
use crate::app::select::Kept;
use crate::app::treat;
use crate::export::Selected;
use crate::export::columns::Order;
use crate::model::{
    Addr, Asset, AssetId, Binding, Claim, Conversation, Event, Excerpt, Field, Finding, Ground,
    Happening, Hop, Join, JoinedBy, Judgement, Mac, Module, Nameplate, Node, Notice, Observation,
    Scope, Sites, Subject, Unit, Vacancy, Value, Weight, Zone, Zones,
};

/// A redaction with the originals that there are.
pub(super) struct Hiding<'r> {
    pub(super) redaction: &'r Redaction,
    pub(super) terms: Terms,
    /// What makers call their products, in small letters: the same in every plant.
    pub(super) published: BTreeSet<String>,
    sites: Sites,
    /// Numbers of sites follow their names, and change with them.
    numbers: BTreeMap<u16, u16>,
    /// Devices of one kind share their judgements, and go on doing so.
    judgements: HashMap<*const Judgement, Arc<Judgement>>,
}

impl<'r> Hiding<'r> {
    /// Gathers the originals.
    pub(super) fn new(
        redaction: &'r Redaction,
        known: &Scanned,
        zones: &Zones,
        notices: &[Notice],
    ) -> Self {
        let mut hiding = Self {
            redaction,
            terms: Terms::default(),
            published: BTreeSet::new(),
            sites: known.run.sites.clone(),
            numbers: BTreeMap::new(),
            judgements: HashMap::new(),
        };
        hiding.gather_addresses(known, notices);
        hiding.gather_words(known, zones, notices);
        if redaction.what.name {
            let named = |(_, name): (u16, &str)| redaction.word("site", name).into_boxed_str();
            hiding.sites = Sites::new(known.run.sites.iter().map(named));
            let number = |(number, name): (u16, &str)| {
                Some((number, hiding.sites.number(&redaction.word("site", name))?))
            };
            hiding.numbers = known.run.sites.iter().filter_map(number).collect();
        }
        hiding
    }

    /// All that is known, and what was selected of it.
    pub(super) fn all(
        &mut self,
        known: &Scanned,
        zones: &Zones,
        kept: Kept,
    ) -> (Scanned, Zones, Kept) {
        let zones = self.zones(zones, known);
        let mut assets: Vec<Arc<Asset>> =
            known.assets.iter().map(|asset| Arc::new(self.asset(asset))).collect();
        assets.sort_by_key(|asset| asset.id);
        let mut findings: Vec<Arc<Finding>> =
            known.findings.iter().map(|finding| Arc::new(self.finding(finding))).collect();
        findings.sort_by_key(|finding| finding.asset);
        let mut conversations: Vec<Conversation> =
            known.conversations.iter().map(|talk| self.conversation(talk)).collect();
        conversations.sort_by_key(|talk| (talk.client, talk.server, talk.port, talk.protocol));
        let kept = self.kept(kept, &assets, &findings);
        let hidden = Scanned {
            run: self.run(&known.run),
            levels: known.levels.clone(),
            observations: known.observations.iter().map(|one| self.observation(one)).collect(),
            cited: known.cited.clone(),
            facts: BTreeMap::new(),
            history: Some(self.history(&treat::history(known, None, |_| true))),
            assets,
            findings,
            conversations,
        };
        (hidden, zones, kept)
    }

    fn kept(&self, kept: Kept, assets: &[Arc<Asset>], findings: &[Arc<Finding>]) -> Kept {
        let id = |id: AssetId| self.id(id);
        let shown: BTreeSet<AssetId> = kept.assets.iter().map(|asset| id(asset.id)).collect();
        let judged: BTreeSet<uuid::Uuid> =
            kept.findings.iter().map(|finding| self.redaction.uuid(finding.id)).collect();
        let part =
            |(asset, unit): (AssetId, Option<Unit>)| (id(asset), unit.map(|unit| self.unit(&unit)));
        let mut layout = kept.layout;
        layout.order = layout.order.map(|order| Order {
            devices: order.devices.into_iter().map(|(one, rank)| (id(one), rank)).collect(),
            parts: order.parts.into_iter().map(|(one, rank)| (part(one), rank)).collect(),
            findings: order
                .findings
                .into_iter()
                .map(|(one, rank)| (self.redaction.uuid(one), rank))
                .collect(),
        });
        Kept {
            assets: assets.iter().filter(|one| shown.contains(&one.id)).cloned().collect(),
            findings: findings.iter().filter(|one| judged.contains(&one.id)).cloned().collect(),
            selected: kept.selected.map(|selected| Selected {
                by: self.text(&selected.by),
                parts: selected.parts.into_iter().map(part).collect(),
                ..selected
            }),
            layout,
        }
    }

    /// The zones by the pseudonyms of the addresses that they hold: what was in a zone stays in it.
    fn zones(&self, zones: &Zones, known: &Scanned) -> Zones {
        let mut held: BTreeMap<&str, BTreeSet<IpAddr>> = BTreeMap::new();
        for asset in &known.assets {
            if let Some(zone) = zones.of(asset) {
                let own = asset
                    .ips
                    .iter()
                    .filter(|ip| zones.at([**ip], []).is_some_and(|other| other.name == zone.name));
                held.entry(&zone.name).or_default().extend(own.map(|ip| self.ip(*ip)));
            }
        }
        let mut hidden = Zones::default();
        for zone in zones.iter() {
            let name = match self.redaction.what.name {
                true => self.redaction.word("zone", &zone.name).into_boxed_str(),
                false => zone.name.clone(),
            };
            let ips = held.get(&*zone.name).into_iter().flatten();
            let subnets = ips.filter_map(|ip| {
                let bits = if ip.is_ipv4() { 32 } else { 128 };
                crate::model::Subnet::around(*ip, bits)
            });
            let subnets = subnets.collect();
            // Of two zones that would hold one pseudonym the first does: an address is in one zone.
            let _ = hidden.add(Zone { name, subnets, ..zone.clone() });
        }
        hidden
    }

    fn asset(&mut self, asset: &Asset) -> Asset {
        let mut modules: Vec<Module> =
            asset.modules.iter().map(|module| self.module(module)).collect();
        modules.sort_by(|a, b| a.path.cmp(&b.path));
        let mut bindings: Vec<Binding> = asset
            .bindings
            .iter()
            .map(|one| Binding {
                node: self.node(one.node),
                mac: one.mac.map(|mac| self.mac(mac)),
                ..one.clone()
            })
            .collect();
        bindings.sort();
        Asset {
            id: self.id(asset.id),
            identity: self.identity(&asset.identity),
            nameplate: self.plate(&asset.nameplate),
            modules,
            scopes: asset.scopes.iter().map(|scope| self.scope(*scope)).collect(),
            ips: asset.ips.iter().map(|ip| self.ip(*ip)).collect(),
            macs: asset.macs.iter().map(|mac| self.mac(*mac)).collect(),
            reached_through: asset.reached_through.iter().map(|mac| self.mac(*mac)).collect(),
            inner_ips: asset.inner_ips.iter().map(|ip| self.ip(*ip)).collect(),
            bindings,
            joins: asset.joins.iter().map(|join| self.join(join)).collect(),
            protocols: asset.protocols.clone(),
            vacancies: asset
                .vacancies
                .iter()
                .map(|one| Vacancy {
                    path: self.unit(&one.path),
                    silent: one.silent,
                    ground: self.shared(&one.ground),
                })
                .collect(),
            events: asset.events.iter().map(|event| self.event(event)).collect(),
            first: asset.first,
            last: asset.last,
        }
    }

    fn module(&self, module: &Module) -> Module {
        Module {
            path: self.unit(&module.path),
            nameplate: self.plate(&module.nameplate),
            first: module.first,
            last: module.last,
        }
    }

    fn plate(&self, plate: &Nameplate) -> Nameplate {
        let claims = plate.claims.iter().map(|(field, claims)| {
            let claims = claims.iter().map(|claim| {
                Arc::new(Claim {
                    subject: self.subject(&claim.subject),
                    value: self.stated(*field, &claim.value).into(),
                    from: claim.from.iter().map(|ground| self.shared(ground)).collect(),
                    ..Claim::clone(claim)
                })
            });
            (*field, claims.collect())
        });
        Nameplate { claims: claims.collect() }
    }

    /// The value of a field.
    pub(super) fn stated(&self, field: Field, value: &str) -> String {
        let what = self.redaction.what;
        match field {
            Field::Name | Field::Domain if what.name => self.name(value),
            Field::Serial if what.serial => self.redaction.word("serial", &folded(value)),
            _ => self.text(value),
        }
    }

    /// Whether a maker calls its product so.
    pub(super) fn is_published(&self, name: &str) -> bool {
        self.published.contains(&name.to_lowercase())
    }

    /// A name. One that is an address in letters stays recognisable as that address.
    fn name(&self, name: &str) -> String {
        match name.parse::<IpAddr>().ok().and_then(|ip| self.terms.known_ip(ip)) {
            Some(ip) => ip.to_string(),
            None => self.redaction.word("name", &folded(name)),
        }
    }

    fn shared(&self, ground: &Arc<Ground>) -> Arc<Ground> {
        Arc::new(Ground {
            value: self.value(ground.key, &ground.value),
            mac: ground.mac.map(|mac| self.mac(mac)),
            excerpt: without_bytes(&ground.excerpt),
            ..(**ground).clone()
        })
    }

    fn value(&self, key: crate::model::Key, value: &Value) -> Value {
        let what = self.redaction.what;
        let text = |text: String| Value::Text(text.into());
        match (said::of(key), value) {
            (Said::Serial, value) if what.serial => {
                text(self.redaction.word("serial", &folded(&value.to_string())))
            }
            (Said::Name, Value::Text(name)) if what.name => text(self.name(name)),
            (Said::Name, value) if what.name => {
                text(self.redaction.word("name", &value.to_string()))
            }
            // Bytes without an agreed reading may hold anything, an address among it.
            (_, Value::Bytes(bytes)) => text(format!("{} bytes", bytes.len())),
            (_, Value::Text(said)) => text(self.text(said)),
            (_, Value::Uint(number)) => Value::Uint(*number),
        }
    }

    fn join(&self, join: &Join) -> Join {
        let what = self.redaction.what;
        let by = match &join.by {
            JoinedBy::Serial(serial) if what.serial => {
                JoinedBy::Serial(self.redaction.word("serial", &folded(serial)).into())
            }
            JoinedBy::ServerGuid(guid) if what.name => {
                JoinedBy::ServerGuid(self.redaction.word("name", guid).into())
            }
            JoinedBy::Mac(mac) => JoinedBy::Mac(self.mac(*mac)),
            other => other.clone(),
        };
        let grounds = join.grounds.iter().map(|ground| self.shared(ground)).collect();
        Join { a: self.node(join.a), b: self.node(join.b), by, grounds }
    }

    fn event(&self, event: &Event) -> Event {
        let boxed = |text: String| text.into_boxed_str();
        let what = match &event.what {
            Happening::Told => Happening::Told,
            Happening::Changed { field, from, to } => Happening::Changed {
                field: *field,
                from: boxed(self.stated(*field, from)),
                to: boxed(self.stated(*field, to)),
            },
            Happening::Replaced { from, to } => {
                Happening::Replaced { from: self.identity(from), to: self.identity(to) }
            }
            Happening::Contested { address, with } => Happening::Contested {
                address: boxed(self.text(address)),
                with: self.identity(with),
            },
        };
        Event {
            module: event.module.as_ref().map(|unit| self.unit(unit)),
            what,
            ground: self.shared(&event.ground),
            before: event.before.as_ref().map(|ground| self.shared(ground)),
        }
    }

    /// An identity in words: its kind, then what it is. What it is may be spelt in no other place, so that it is replaced whole.
    pub(super) fn identity(&self, identity: &str) -> Box<str> {
        let what = self.redaction.what;
        let Some((kind, rest)) = identity.split_once(' ') else {
            return self.text(identity).into();
        };
        let is_address = matches!(kind, "ip" | "mac");
        let is_hidden = if kind == "serial" { what.serial } else { what.name && !is_address };
        if is_hidden {
            return format!("{kind} {}", self.redaction.word(kind, rest)).into();
        }
        self.text(identity).into()
    }

    fn finding(&mut self, finding: &Finding) -> Finding {
        let judgement = self.judgement(&finding.judgement);
        Finding {
            id: self.redaction.uuid(finding.id),
            asset: self.id(finding.asset),
            module: finding.module.as_ref().map(|unit| self.unit(unit)),
            judgement,
            weight: Weight {
                because: self.texts(&finding.weight.because),
                ..finding.weight.clone()
            },
            handling: self.handling(&finding.handling),
        }
    }

    fn judgement(&mut self, judgement: &Arc<Judgement>) -> Arc<Judgement> {
        if let Some(known) = self.judgements.get(&Arc::as_ptr(judgement)) {
            return Arc::clone(known);
        }
        let because = self.texts(&judgement.because);
        let hidden = Arc::new(Judgement { because, ..(**judgement).clone() });
        self.judgements.insert(Arc::as_ptr(judgement), Arc::clone(&hidden));
        hidden
    }

    fn conversation(&self, talk: &Conversation) -> Conversation {
        let (client, server) = (self.node(talk.client), self.node(talk.server));
        Conversation { client, server, ..talk.clone() }
    }

    fn observation(&self, one: &Observation) -> Observation {
        Observation {
            subject: self.subject(&one.subject),
            mac: one.mac.map(|mac| self.mac(mac)),
            value: self.value(one.key, &one.value),
            excerpt: without_bytes(&one.excerpt),
            ..one.clone()
        }
    }

    pub(super) fn texts(&self, texts: &[String]) -> Vec<String> {
        texts.iter().map(|text| self.text(text)).collect()
    }

    /// A text with what stands for the originals in it.
    pub(super) fn text(&self, text: &str) -> String {
        self.terms.replaced(text)
    }

    pub(super) fn id(&self, id: AssetId) -> AssetId {
        AssetId(self.redaction.uuid(id.0))
    }

    fn subject(&self, subject: &Subject) -> Subject {
        let unit = subject.unit.as_ref().map(|unit| self.unit(unit));
        Subject { node: self.node(subject.node), unit }
    }

    pub(super) fn unit(&self, unit: &Unit) -> Unit {
        let hop = |hop: &Hop| match hop {
            Hop::Address(port, address) => Hop::Address(*port, self.text(address).into()),
            other => other.clone(),
        };
        Unit(unit.0.iter().map(hop).collect())
    }

    pub(super) fn node(&self, node: Node) -> Node {
        let addr = match node.addr {
            Addr::Ip(ip) => Addr::Ip(self.ip(ip)),
            Addr::Mac(mac) => Addr::Mac(self.mac(mac)),
            // A hash of a name or a serial number without a key: it could be tried out.
            Addr::Listed(number) => {
                let number = self.redaction.number("listed", &number.to_string(), 64);
                Addr::Listed(u64::try_from(number).unwrap_or_default())
            }
        };
        Node { scope: self.scope(node.scope), addr }
    }

    fn scope(&self, scope: Scope) -> Scope {
        Scope { site: self.numbers.get(&scope.site).copied().unwrap_or(scope.site), ..scope }
    }

    pub(super) fn sites(&self) -> Sites {
        self.sites.clone()
    }

    fn ip(&self, ip: IpAddr) -> IpAddr {
        self.terms.known_ip(ip).unwrap_or(ip)
    }

    fn mac(&self, mac: Mac) -> Mac {
        if self.hides_mac(mac) { self.mac_instead(mac) } else { mac }
    }

    pub(super) fn mac_instead(&self, mac: Mac) -> Mac {
        let number = self.redaction.number("mac", &mac.to_string(), 46);
        let number = u64::try_from(number).unwrap_or_default();
        let [_, _, first, rest @ ..] = number.to_be_bytes();
        let [b, c, d, e, f] = rest;
        // Locally administered, and of one device: no maker's.
        Mac([first.wrapping_shl(2) | 0x02, b, c, d, e, f])
    }

    /// Addresses of groups and of nobody are the same in every plant. One of IPv6 that is made of a MAC address is hidden with that.
    pub(super) fn hides_ip(&self, ip: IpAddr) -> bool {
        let is_everywhere = match ip {
            IpAddr::V4(ip) => ip.is_broadcast(),
            IpAddr::V6(_) => false,
        };
        if ip.is_multicast() || ip.is_unspecified() || ip.is_loopback() || is_everywhere {
            return false;
        }
        let is_of_mac = matches!(ip, IpAddr::V6(ip) if {
            let [.., b, c, _, _, _] = ip.octets();
            (b, c) == (0xff, 0xfe)
        });
        self.redaction.what.ip || (self.redaction.what.mac && is_of_mac)
    }

    pub(super) fn hides_mac(&self, mac: Mac) -> bool {
        self.redaction.what.mac && !mac.is_group() && !mac.is_zero()
    }
}

/// Where the bytes are stays: the bytes themselves hold what is hidden.
fn without_bytes(excerpt: &Excerpt) -> Excerpt {
    Excerpt { bytes: Box::default(), ..excerpt.clone() }
}
