//! Whose conversations they are, and a table of those of one device.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::sync::Arc;

use crate::export::escape::term;
use crate::export::table::{self, Style};
use crate::export::{Report, display_name};
use crate::model::{Act, Acts, Addr, Asset, AssetId, Conversation, Mac, Node, Timestamp};

/// A conversation, and the devices that had it.
#[derive(Clone, Copy, Debug)]
pub struct Talk<'a> {
    /// What was said.
    pub conversation: &'a Conversation,
    /// The device that asked; `None` for an address that is no device's.
    pub client: Option<&'a Asset>,
    /// The device that answered; `None` for a group of hosts, too.
    pub server: Option<&'a Asset>,
}

impl Talk<'_> {
    /// Whether a device took part.
    pub fn is_of(&self, id: AssetId) -> bool {
        [self.client, self.server].into_iter().flatten().any(|asset| asset.id == id)
    }
}

/// Finds out whose conversations they are. `assets` are all there are.
pub fn whose<'a>(conversations: &'a [Conversation], assets: &'a [Arc<Asset>]) -> Vec<Talk<'a>> {
    let owners = Owners::new(assets);
    let talk = |conversation: &'a Conversation| Talk {
        conversation,
        client: owners.of(conversation.client, conversation),
        server: owners.of(conversation.server, conversation),
    };
    conversations.iter().map(talk).collect()
}

/// Which addresses are whose.
#[derive(Default)]
pub(super) struct Owners<'a> {
    nodes: BTreeMap<Node, Vec<Owner<'a>>>,
    /// A MAC address is its owner's in whatever VLAN it is seen.
    macs: BTreeMap<Mac, Vec<Owner<'a>>>,
}

/// Who had an address, and when.
#[derive(Clone, Copy)]
struct Owner<'a> {
    asset: &'a Asset,
    first: Timestamp,
    last: Timestamp,
}

impl<'a> Owners<'a> {
    pub(super) fn new(assets: &'a [Arc<Asset>]) -> Self {
        let mut owners = Self::default();
        for asset in assets {
            let (first, last) = (asset.first, asset.last);
            for binding in &asset.bindings {
                let owner = Owner { asset, first: binding.first, last: binding.last };
                owners.nodes.entry(binding.node).or_default().push(owner);
            }
            let bound: BTreeSet<Addr> =
                asset.bindings.iter().map(|binding| binding.node.addr).collect();
            let ips = asset.ips.iter().filter(|ip| !bound.contains(&Addr::Ip(**ip)));
            for node in ips.flat_map(|ip| asset.scopes.iter().map(|scope| Node::ip(*scope, *ip))) {
                owners.nodes.entry(node).or_default().push(Owner { asset, first, last });
            }
            for mac in &asset.macs {
                owners.macs.entry(*mac).or_default().push(Owner { asset, first, last });
            }
        }
        owners
    }

    /// Who had an address in a conversation.
    fn of(&self, node: Node, conversation: &Conversation) -> Option<&'a Asset> {
        self.at(node, conversation.first, conversation.last)
    }

    /// Who had an address between two times: of several, the one that had it for most of it, and then the latest. One
    /// that had it at no time of it is taken when there is no other: packets are seen before a device says who it is.
    pub(super) fn at(&self, node: Node, first: Timestamp, last: Timestamp) -> Option<&'a Asset> {
        let by_mac = || match node.addr {
            Addr::Mac(mac) => self.macs.get(&mac),
            Addr::Ip(_) | Addr::Listed(_) => None,
        };
        let owners = self.nodes.get(&node).or_else(by_mac)?;
        let share = |owner: &&Owner<'a>| {
            let (from, to) = (owner.first.max(first), owner.last.min(last));
            let apart = from.since(to);
            (std::cmp::Reverse(apart), to.since(from), owner.last, owner.asset.id)
        };
        owners.iter().max_by_key(share).map(|owner| owner.asset)
    }
}

/// Prints the conversations of one device of a report, the busiest first.
pub(super) fn conversations(
    report: &Report<'_>,
    asset: &Asset,
    style: &Style,
    out: &mut impl Write,
) -> io::Result<()> {
    let mut talks: Vec<&Talk<'_>> =
        report.talks.iter().filter(|talk| talk.is_of(asset.id)).collect();
    if talks.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nCONVERSATIONS ({})\n", talks.len())?;
    talks.sort_by_key(|talk| std::cmp::Reverse(bytes(talk.conversation)));
    let shown = if style.wide { talks.len() } else { talks.len().min(SHOWN_MAX) };
    let headings = ["Peer", "Direction", "Protocol", "Port", "First", "Last", "Bytes", "What for"];
    let mut rows = table::empty(headings, &[1, 2, 3, 4, 5, 6], style);
    let time = |at: Timestamp| {
        let text = at.to_string();
        text.get(..19).unwrap_or(&text).replace('T', " ")
    };
    for talk in talks.iter().take(shown) {
        let Talk { conversation, client, server } = talk;
        let asks = client.is_some_and(|client| client.id == asset.id);
        let (peer, node) =
            if asks { (server, conversation.server) } else { (client, conversation.client) };
        rows.add_row([
            called(*peer, node),
            if asks { "asks" } else { "answers" }.to_owned(),
            conversation.protocol.unwrap_or_default().to_owned(),
            conversation.port.to_string(),
            time(conversation.first),
            time(conversation.last),
            bytes(conversation).to_string(),
            purpose(&conversation.acts),
        ]);
    }
    writeln!(out, "{}", table::trimmed(&rows))?;
    let more = talks.len().saturating_sub(shown);
    if more > 0 {
        writeln!(out, "and {} (--wide)", table::plural(more, "quieter one"))?;
    }
    Ok(())
}

fn bytes(conversation: &Conversation) -> u64 {
    conversation.bytes.iter().copied().fold(0, u64::saturating_add)
}

/// The device by its name and the address that was spoken to.
fn called(asset: Option<&Asset>, node: Node) -> String {
    let address = node.to_string();
    match asset.map(display_name) {
        Some(name) if name != node.addr.to_string() => format!("{} {address}", term(&name)),
        _ => address,
    }
}

/// What requests were for, with how many of each: `12 read, 3 write`.
fn purpose(acts: &Acts) -> String {
    let done = Act::ALL.into_iter().map(|act| (acts.of(act), act.name()));
    let done = done.filter(|(count, _)| *count > 0).map(|(count, name)| format!("{count} {name}"));
    done.collect::<Vec<_>>().join(", ")
}

/// Conversations of one device that are printed: those that matter are among the busiest, and a server has thousands.
const SHOWN_MAX: usize = 50;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Binding, Port, Scope};

    const CELL: Scope = Scope { site: 0, outer_vlan: 0, vlan: 31 };

    fn asset(number: u128, ip: [u8; 4], mac: u8, between: (i64, i64)) -> Arc<Asset> {
        Arc::new(Asset {
            id: AssetId(uuid::Uuid::from_u128(number)),
            ips: [ip.into()].into(),
            macs: [Mac([0, 1, 2, 3, 4, mac])].into(),
            scopes: [CELL].into(),
            first: Timestamp(between.0),
            last: Timestamp(between.1),
            ..Asset::default()
        })
    }

    fn bound(asset: &Asset, node: Node, between: (i64, i64)) -> Arc<Asset> {
        let (first, last) = (Timestamp(between.0), Timestamp(between.1));
        let bindings = vec![Binding { node, mac: None, first, last }];
        Arc::new(Asset { bindings, ..asset.clone() })
    }

    fn conversation(client: Node, between: (i64, i64)) -> Conversation {
        Conversation {
            client,
            server: Node::ip(CELL, [224, 0, 0, 1].into()),
            port: Port::Tcp(502),
            protocol: None,
            first: Timestamp(between.0),
            last: Timestamp(between.1),
            packets: [1, 0],
            bytes: [60, 0],
            acts: Acts::default(),
        }
    }

    fn client(assets: &[Arc<Asset>], node: Node, between: (i64, i64)) -> Option<AssetId> {
        let conversations = [conversation(node, between)];
        let talks = whose(&conversations, assets);
        assert!(talks.iter().all(|talk| talk.server.is_none()));
        talks.first().and_then(|talk| talk.client).map(|asset| asset.id)
    }

    #[test]
    fn an_address_is_its_devices_where_it_was_seen() {
        let assets = [asset(1, [10, 0, 0, 1], 1, (0, 9)), asset(2, [10, 0, 0, 2], 2, (0, 9))];
        let id = |at: usize| assets.get(at).map(|asset| asset.id);
        let ip = |scope, last| Node::ip(scope, [10, 0, 0, last].into());
        assert_eq!(client(&assets, ip(CELL, 2), (0, 9)), id(1));
        assert_eq!(client(&assets, ip(CELL, 3), (0, 9)), None);
        assert_eq!(client(&assets, ip(Scope::default(), 2), (0, 9)), None, "another cell");
        let mac = Node::mac(Scope::default(), Mac([0, 1, 2, 3, 4, 1]));
        assert_eq!(client(&assets, mac, (0, 9)), id(0), "a MAC address in any VLAN");
    }

    #[test]
    fn of_several_devices_that_had_an_address_the_one_at_that_time() {
        let node = Node::ip(CELL, [10, 0, 0, 1].into());
        let old = bound(&asset(9, [10, 0, 0, 1], 1, (0, 100)), node, (0, 40));
        let new = bound(&asset(1, [10, 0, 0, 1], 2, (0, 100)), node, (60, 100));
        for assets in [[Arc::clone(&old), Arc::clone(&new)], [Arc::clone(&new), Arc::clone(&old)]] {
            assert_eq!(client(&assets, node, (0, 30)), Some(old.id));
            assert_eq!(client(&assets, node, (30, 100)), Some(new.id), "most of the time");
            assert_eq!(client(&assets, node, (45, 46)), Some(old.id), "the nearer one");
            assert_eq!(client(&assets, node, (70, 70)), Some(new.id));
        }
    }
}
