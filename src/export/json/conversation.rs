//! `nameplate.conversation/1`: all that two nodes said to each other in one protocol.

use serde::Serialize;

use crate::export::talks::Talk;
use crate::model::{Act, Addr, Asset, Node};

#[derive(Serialize)]
pub(super) struct ConversationLine<'a> {
    schema: &'static str,
    client: PartyPart,
    server: PartyPart,
    port: String,
    protocol: Option<&'a str>,
    first: String,
    last: String,
    packets: BothPart,
    bytes: BothPart,
    acts: ActsPart,
}

#[derive(Serialize)]
struct PartyPart {
    asset_id: Option<String>,
    ip: Option<String>,
    mac: Option<String>,
    vlan: Option<u16>,
    outer_vlan: Option<u16>,
}

#[derive(Serialize)]
struct BothPart {
    to_server: u64,
    to_client: u64,
}

#[derive(Serialize)]
struct ActsPart {
    identify: u32,
    read: u32,
    write: u32,
    control: u32,
    program: u32,
}

impl<'a> ConversationLine<'a> {
    pub(super) fn new(talk: &Talk<'a>) -> Self {
        let conversation = talk.conversation;
        let both = |[to_server, to_client]: [u64; 2]| BothPart { to_server, to_client };
        let acts = &conversation.acts;
        Self {
            schema: "nameplate.conversation/1",
            client: PartyPart::new(conversation.client, talk.client),
            server: PartyPart::new(conversation.server, talk.server),
            port: conversation.port.to_string(),
            protocol: conversation.protocol,
            first: conversation.first.to_string(),
            last: conversation.last.to_string(),
            packets: both(conversation.packets),
            bytes: both(conversation.bytes),
            acts: ActsPart {
                identify: acts.of(Act::Identify),
                read: acts.of(Act::Read),
                write: acts.of(Act::Write),
                control: acts.of(Act::Control),
                program: acts.of(Act::Program),
            },
        }
    }
}

impl PartyPart {
    fn new(node: Node, asset: Option<&Asset>) -> Self {
        let (ip, mac) = match node.addr {
            Addr::Ip(ip) => (Some(ip.to_string()), None),
            Addr::Mac(mac) => (None, Some(mac.to_string())),
            Addr::Listed(_) => (None, None),
        };
        let tag = |vlan: u16| Some(vlan).filter(|vlan| *vlan != 0);
        Self {
            asset_id: asset.map(|asset| asset.id.to_string()),
            ip,
            mac,
            vlan: tag(node.scope.vlan),
            outer_vlan: tag(node.scope.outer_vlan),
        }
    }
}
