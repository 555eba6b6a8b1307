//! Names of counters, which have to live as long as the program.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::protocols::Protocol;

/// Names of the counters of one protocol.
#[derive(Clone, Copy, Debug)]
pub(super) struct Names {
    pub(super) recognised: &'static str,
    pub(super) damaged: &'static str,
    pub(super) lost: &'static str,
    pub(super) panics: &'static str,
}

/// The names for a protocol. They are made once in the life of the program; protocols are few.
pub(super) fn of(protocol: &Protocol) -> Names {
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    *made.entry(protocol.name).or_insert_with(|| {
        let name = |what: &str| -> &'static str { format!("{}.{what}", protocol.name).leak() };
        Names {
            recognised: name("recognised"),
            damaged: name("damaged"),
            lost: name("lost"),
            panics: name("panics"),
        }
    })
}

/// The name under which a frame is counted that could be read up to this field only.
pub(super) fn stopped(field: &'static str) -> &'static str {
    match field {
        "link-layer type" => "packet.stopped_at_link_type",
        "layers in one frame" => "packet.stopped_at_layer_cap",
        "IP header" => "packet.stopped_at_ip_header",
        "IPv6 extension header" => "packet.stopped_at_ipv6_extension",
        "TCP header" => "packet.stopped_at_tcp_header",
        "UDP header" => "packet.stopped_at_udp_header",
        "UDP length" => "packet.stopped_at_udp_length",
        "MACsec confidentiality" => "packet.hidden_by_macsec",
        "CAPWAP fragment" => "packet.tunnel_fragments",
        field if TUNNELS.iter().any(|name| field.starts_with(name)) => "packet.stopped_at_tunnel",
        _ => "packet.stopped_at_layer_2",
    }
}

/// How the fields of tunnels over IP begin.
const TUNNELS: &[&str] = &["GRE", "ERSPAN", "EtherIP", "802.11", "tunnel"];

static MADE: Mutex<BTreeMap<&'static str, Names>> = Mutex::new(BTreeMap::new());
