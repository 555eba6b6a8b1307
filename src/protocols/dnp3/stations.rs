//! The stations behind a conversation's address, as subjects, with the state that each told last.

use std::collections::BTreeMap;

use crate::model::limits::DNP3_STATIONS_MAX;
use crate::model::{Hop, Node, Subject, Unit};
use crate::protocols::Sink;
use crate::protocols::dnp3::keys;
use crate::wire::Span;

/// Kept, because making a subject allocates, and a poll hears the same station many times a second.
#[derive(Default)]
pub(super) struct Stations {
    known: BTreeMap<(Node, u16), Station>,
}

/// One station.
pub(super) struct Station {
    pub(super) subject: Subject,
    /// What it told last of its state.
    state: Option<u16>,
}

impl Stations {
    /// The station of this link address behind a node.
    pub(super) fn of(&mut self, node: Node, address: u16, out: &mut Sink<'_>) -> &mut Station {
        let is_new = !self.known.contains_key(&(node, address));
        if is_new && self.known.len() >= DNP3_STATIONS_MAX {
            // Whoever sends under so many addresses is no line of stations; what they say is told all the same.
            self.known.clear();
            out.count("dnp3.stations_over_limit");
        }
        self.known.entry((node, address)).or_insert_with(|| {
            let unit = Some(Unit([Hop::Station(address)].into()));
            Station { subject: Subject { node, unit }, state: None }
        })
    }
}

impl Station {
    /// Says what the internal indications of an answer tell of the station, when that is news.
    pub(super) fn tell_state(&mut self, indications: u16, span: Span, out: &mut Sink<'_>) {
        let state = STATES.iter().fold(0, |all, (bit, _)| all | indications & bit);
        if self.state == Some(state) {
            return;
        }
        self.state = Some(state);
        let names: Vec<&str> =
            STATES.iter().filter(|(bit, _)| state & bit != 0).map(|(_, name)| *name).collect();
        let text = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        out.text(&self.subject, keys::INTERNAL_INDICATIONS, &text, span);
    }
}

/// Internal indications that tell how a station is, and not what it has to report (IEEE 1815-2012, 4.2.2.6).
const STATES: &[(u16, &str)] = &[
    (0x0080, "device restart"),
    (0x0040, "device trouble"),
    (0x0020, "local control"),
    (0x0010, "need time"),
    (0x0800, "event buffer overflow"),
    (0x2000, "configuration corrupt"),
];
