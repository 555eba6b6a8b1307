//! Rows about facts and conversations.

use std::io;

use crate::export::display_name;
use crate::export::tables::{Cell, Each, Head, Holding};
use crate::export::talks::{Owners, Talk};
use crate::model::{Act, Addr, Asset, Node, Observation, Run, Value};

/// One row for each fact; of a selection, those about devices that were selected.
pub(super) fn facts(holding: &Holding<'_>, each: Each<'_>) -> io::Result<()> {
    let report = holding.report;
    if !report.show.assets() {
        return Ok(());
    }
    let owners = Owners::new(report.assets);
    for fact in holding.facts {
        let owner = owners.at(fact.subject.node, fact.at, fact.at);
        if owner.is_none() && report.selected.is_some() {
            continue;
        }
        each(&fact_row(report.run, fact, owner))?;
    }
    Ok(())
}

fn fact_row<'a>(run: &'a Run, fact: &'a Observation, owner: Option<&'a Asset>) -> Vec<Cell<'a>> {
    let node = fact.subject.node;
    let (ip, mac) = match node.addr {
        Addr::Ip(ip) => (Some(ip.to_string()), fact.mac),
        Addr::Mac(mac) => (None, Some(mac)),
        Addr::Listed(_) => (None, None),
    };
    let bytes = Value::Bytes(fact.excerpt.bytes.clone()).to_string();
    vec![
        Cell::stated(owner.map(|asset| asset.id.to_string())),
        Cell::stated(owner.map(display_name)),
        Cell::text(fact.key.protocol()),
        Cell::text(fact.key.name),
        Cell::value(&fact.value),
        Cell::stated(run.sites.name(node.scope.site)),
        Cell::stated(ip),
        Cell::stated(mac.map(|mac| mac.to_string())),
        tag(node.scope.vlan),
        tag(node.scope.outer_vlan),
        Cell::stated(fact.subject.unit.as_ref().map(ToString::to_string)),
        Cell::text(run.capture_name(fact.frame.capture)),
        Cell::Count(fact.frame.number),
        Cell::time(fact.at),
        Cell::count(Some(fact.excerpt.offset)),
        Cell::count(Some(fact.excerpt.length)),
        Cell::text(bytes),
    ]
}

/// One row for each conversation.
pub(super) fn talks(holding: &Holding<'_>, each: Each<'_>) -> io::Result<()> {
    let shown = holding.report.show.assets();
    holding.report.talks.iter().filter(|_| shown).try_for_each(|talk| each(&talk_row(talk)))
}

fn talk_row<'a>(talk: &Talk<'a>) -> Vec<Cell<'a>> {
    let said = talk.conversation;
    let mut row = Vec::with_capacity(TALK_HEADS.len());
    row.extend(party(talk.client, said.client));
    row.extend(party(talk.server, said.server));
    row.push(Cell::text(said.port.to_string()));
    row.push(Cell::stated(said.protocol));
    row.extend([Cell::time(said.first), Cell::time(said.last)]);
    row.extend(said.packets.map(Cell::Count));
    row.extend(said.bytes.map(Cell::Count));
    row.extend(Act::ALL.map(|act| Cell::count(Some(said.acts.of(act)))));
    row
}

fn party<'a>(asset: Option<&Asset>, node: Node) -> [Cell<'a>; 6] {
    let (ip, mac) = match node.addr {
        Addr::Ip(ip) => (Some(ip.to_string()), None),
        Addr::Mac(mac) => (None, Some(mac.to_string())),
        Addr::Listed(_) => (None, None),
    };
    [
        Cell::stated(asset.map(|asset| asset.id.to_string())),
        Cell::stated(asset.map(display_name)),
        Cell::stated(ip),
        Cell::stated(mac),
        tag(node.scope.vlan),
        tag(node.scope.outer_vlan),
    ]
}

fn tag<'a>(vlan: u16) -> Cell<'a> {
    Cell::count(Some(vlan).filter(|vlan| *vlan != 0))
}

const fn head(name: &'static str, width: u16) -> Head {
    Head { name, width }
}

pub(super) const HEADS: &[Head] = &[
    head("asset_id", 38),
    head("name", 22),
    head("protocol", 12),
    head("key", 30),
    head("value", 38),
    head("site", 12),
    head("ip", 16),
    head("mac", 18),
    head("vlan", 8),
    head("outer_vlan", 8),
    head("unit", 16),
    head("capture", 30),
    head("frame", 10),
    head("time", 32),
    head("offset", 8),
    head("length", 8),
    head("bytes", 38),
];

pub(super) const TALK_HEADS: &[Head] = &[
    head("client_asset_id", 38),
    head("client_name", 22),
    head("client_ip", 16),
    head("client_mac", 18),
    head("client_vlan", 8),
    head("client_outer_vlan", 8),
    head("server_asset_id", 38),
    head("server_name", 22),
    head("server_ip", 16),
    head("server_mac", 18),
    head("server_vlan", 8),
    head("server_outer_vlan", 8),
    head("port", 12),
    head("protocol", 12),
    head("first", 32),
    head("last", 32),
    head("packets_to_server", 12),
    head("packets_to_client", 12),
    head("bytes_to_server", 12),
    head("bytes_to_client", 12),
    head("identify", 10),
    head("read", 10),
    head("write", 10),
    head("control", 10),
    head("program", 10),
];
