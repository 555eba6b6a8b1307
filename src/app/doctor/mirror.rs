//! Is it really a mirror? What comes in at an ordinary port of a switch are broadcasts and what is meant for this machine. A mirror shows what
//! others say to each other; one that is set up by halves shows one side of it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Duration;

use crate::engine::{Engine, Options};
use crate::model::limits::{DOCTOR_TALKS_MAX, DOCTOR_VLANS_MAX};
use crate::model::{Counters, Frame, Mac};
use crate::packet::{Packet, Tcp, Transport, decode};
use crate::protocols::REGISTRY;

use super::check::{Check, Level};

/// What came in at one port.
pub(super) struct Mirror {
    /// Address of the port itself.
    own: Option<Mac>,
    /// Reads the frames as a sensor would.
    engine: Engine,
    frames: u64,
    bytes: u64,
    cut: u64,
    longest: u32,
    /// Frames between two other machines, to this one, from this one, to all or many.
    others: u64,
    to_us: u64,
    from_us: u64,
    group: u64,
    tagged: u64,
    vlans: BTreeSet<(u16, u16)>,
    talks: BTreeMap<(SocketAddr, SocketAddr), [Side; 2]>,
}

/// What one side of a TCP conversation said.
#[derive(Clone, Copy, Debug, Default)]
struct Side {
    segments: u64,
    /// Bytes that came by.
    seen: u64,
    /// Bytes that the other side has acknowledged, and that did not come by.
    unseen: u64,
    /// Up to where its bytes are known: by themselves, or by what the other side acknowledged.
    next: Option<u32>,
    /// It acknowledged something, so the other side spoke.
    has_acknowledged: bool,
}

impl Mirror {
    pub(super) fn new(own: Option<Mac>) -> Self {
        Self {
            own,
            engine: Engine::new(Options::default()),
            frames: 0,
            bytes: 0,
            cut: 0,
            longest: 0,
            others: 0,
            to_us: 0,
            from_us: 0,
            group: 0,
            tagged: 0,
            vlans: BTreeSet::new(),
            talks: BTreeMap::new(),
        }
    }

    /// Looks at one frame.
    pub(super) fn frame(&mut self, frame: &Frame<'_>) {
        let packet = decode(frame);
        self.frames = self.frames.saturating_add(1);
        self.bytes = self.bytes.saturating_add(frame.wire_len.into());
        self.cut = self.cut.saturating_add(packet.cut.into());
        self.longest = self.longest.max(frame.wire_len);
        let ours = |mac: Option<Mac>| mac.is_some() && mac == self.own;
        let kind = match packet.destination {
            _ if ours(packet.source) => &mut self.from_us,
            mac if ours(mac) => &mut self.to_us,
            Some(mac) if mac.is_group() => &mut self.group,
            _ => &mut self.others,
        };
        *kind = kind.saturating_add(1);
        let vlans = (packet.scope.outer_vlan, packet.scope.vlan);
        if vlans != (0, 0) {
            self.tagged = self.tagged.saturating_add(1);
            if self.vlans.len() < DOCTOR_VLANS_MAX {
                self.vlans.insert(vlans);
            }
        }
        self.segment(&packet);
        self.engine.frame(frame);
        // What was learned is of no use here: what was recognised is counted.
        self.engine.drain().for_each(drop);
    }

    /// Everything that was found out, after this time.
    pub(super) fn checks(mut self, about: &str, spent: Duration) -> Vec<Check> {
        self.engine.finish();
        let counters = self.engine.counters();
        let of = Of { about, heard: &self };
        let mut checks = vec![of.packets(spent)];
        if self.frames > 0 {
            checks.extend([
                of.mirror(),
                of.one_way(),
                of.unseen(),
                of.duplicates(&counters),
                of.vlans(),
                of.whole(),
                of.protocols(&counters),
            ]);
        }
        checks
    }

    fn segment(&mut self, packet: &Packet<'_>) {
        let (Some(net), Some(Transport::Tcp(tcp))) = (packet.net, packet.transport) else { return };
        if tcp.rst {
            return;
        }
        let from = SocketAddr::new(net.source, tcp.source);
        let to = SocketAddr::new(net.destination, tcp.destination);
        let is_second = from > to;
        let key = if is_second { (to, from) } else { (from, to) };
        if self.talks.len() >= DOCTOR_TALKS_MAX && !self.talks.contains_key(&key) {
            return;
        }
        let [first, second] = self.talks.entry(key).or_default();
        let (own, other) = if is_second { (second, first) } else { (first, second) };
        let held = u32::try_from(packet.payload.len()).unwrap_or(u32::MAX);
        own.says(&tcp, held.saturating_add(packet.missing));
        if let Some(next) = tcp.acknowledged {
            own.has_acknowledged = true;
            other.is_acknowledged(next);
        }
    }
}

impl Side {
    fn says(&mut self, tcp: &Tcp, length: u32) {
        self.segments = self.segments.saturating_add(1);
        self.seen = self.seen.saturating_add(length.into());
        let end = tcp
            .sequence
            .wrapping_add(length)
            .wrapping_add(tcp.syn.into())
            .wrapping_add(tcp.fin.into());
        match self.next {
            // Another conversation between the same two, or the same one that begins again.
            _ if tcp.syn => {}
            Some(next) if is_behind(end, next) => {
                // Bytes that were missed, or acknowledged, before they came by: a mirror shows its ports in no fixed order.
                self.unseen = self.unseen.saturating_sub(length.into());
                return;
            }
            Some(next) => self.miss(next, tcp.sequence),
            None => {}
        }
        self.next = Some(end);
    }

    fn is_acknowledged(&mut self, next: u32) {
        match self.next {
            Some(known) if is_behind(next, known) => return,
            Some(known) => self.miss(known, next),
            None => {}
        }
        self.next = Some(next);
    }

    /// Bytes between the two did not come by. So many that no device has them under way were never sent: another conversation begins.
    fn miss(&mut self, from: u32, to: u32) {
        let missed = to.wrapping_sub(from);
        if missed < MISSED_BYTES_MAX {
            self.unseen = self.unseen.saturating_add(missed.into());
        }
    }
}

/// True when `at` is not beyond `known`, by less than any window; sequence numbers wrap.
fn is_behind(at: u32, known: u32) -> bool {
    known.wrapping_sub(at) < WINDOW_MAX
}

/// The checks of one port.
struct Of<'a> {
    about: &'a str,
    heard: &'a Mirror,
}

impl Of<'_> {
    fn packets(&self, spent: Duration) -> Check {
        let Mirror { frames, bytes, .. } = *self.heard;
        let seconds = spent.as_millis().max(1);
        let per_second =
            |count: u64| u128::from(count).saturating_mul(1_000).checked_div(seconds).unwrap_or(0);
        if frames == 0 {
            let text = format!(
                "nothing came in {} s: is this the port, is the mirror switched on?",
                spent.as_secs()
            );
            return self.check("packets", Level::Fail, text);
        }
        let bits = per_second(bytes.saturating_mul(8)).checked_div(1_000).unwrap_or(0);
        let text = format!("{frames} frames, {} a second, {bits} kbit/s", per_second(frames));
        self.check("packets", Level::Ok, text)
    }

    fn mirror(&self) -> Check {
        let Mirror { frames, others, to_us, from_us, group, .. } = *self.heard;
        let text = format!(
            "of {frames} frames {others} are from others to others, {group} to all or many, {to_us} to this port, {from_us} from it"
        );
        if others == 0 {
            let why = "this is an ordinary port, not a mirror";
            return self.check("mirror", Level::Fail, format!("{text}: {why}"));
        }
        // A switch that has not learned an address yet shows its packets everywhere.
        if share(others, frames) < OTHERS_MIN && others < FLOODED_MAX {
            let why = "this may be an ordinary port that a switch floods at times";
            return self.check("mirror", Level::Warn, format!("{text}: {why}"));
        }
        self.check("mirror", Level::Ok, text)
    }

    fn one_way(&self) -> Check {
        // Who was heard answering was answered: then the other side spoke, and was not shown.
        let heard = |sides: &&[Side; 2]| {
            sides.iter().any(|side| side.has_acknowledged)
                && sides.iter().fold(0_u64, |sum, side| sum.saturating_add(side.segments))
                    >= SEGMENTS_MIN
        };
        let talks: Vec<&[Side; 2]> = self.heard.talks.values().filter(heard).collect();
        let halves =
            talks.iter().filter(|sides| sides.iter().any(|side| side.segments == 0)).count();
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        let (all, halves) = (count(talks.len()), count(halves));
        if all < TALKS_MIN {
            return self.check(
                "both-ways",
                Level::Skip,
                format!("{all} TCP conversations are too few to tell"),
            );
        }
        let percent = share(halves, all);
        let text = format!("of {all} TCP conversations {halves} show one side only ({percent} %)");
        match percent {
            HALVES_FAIL.. => self.check(
                "both-ways",
                Level::Fail,
                format!("{text}: mirror what ports receive and what they send"),
            ),
            HALVES_WARN.. => self.check(
                "both-ways",
                Level::Warn,
                format!("{text}: part of the traffic takes another way"),
            ),
            _ => self.check("both-ways", Level::Ok, text),
        }
    }

    fn unseen(&self) -> Check {
        // What a side says that is not shown at all is told of above.
        let sides = self.heard.talks.values().flatten().filter(|side| side.segments > 0);
        let (seen, unseen) = sides.fold((0_u64, 0_u64), |(seen, unseen), side| {
            (seen.saturating_add(side.seen), unseen.saturating_add(side.unseen))
        });
        let all = seen.saturating_add(unseen);
        if all == 0 {
            return self.check("gaps", Level::Skip, "no TCP conversation carried data");
        }
        let percent = share(unseen, all);
        let text = format!("{unseen} of {all} bytes were acknowledged and not seen ({percent} %)");
        let level = if percent >= UNSEEN_WARN { Level::Warn } else { Level::Ok };
        let why = if level == Level::Ok {
            ""
        } else {
            ": the mirror loses packets, its port is slower than what it shows"
        };
        self.check("gaps", level, format!("{text}{why}"))
    }

    fn duplicates(&self, counters: &Counters) -> Check {
        let copies = counters
            .count("packet.copies")
            .saturating_add(counters.count("packet.copies_other_vlan"));
        let percent = share(copies, self.heard.frames);
        let text = format!("{copies} frames came more than once ({percent} %)");
        match percent {
            COPIES_WARN.. => self.check("copies", Level::Warn, format!("{text}: mirror each port in one direction, or VLANs on entry only; copies are read once, and cost room")),
            _ => self.check("copies", Level::Ok, text),
        }
    }

    fn vlans(&self) -> Check {
        let Mirror { tagged, ref vlans, .. } = *self.heard;
        if tagged == 0 {
            let text =
                "no frame has a VLAN tag: one VLAN is mirrored, or the switch takes the tags off";
            return self.check("vlans", Level::Ok, text);
        }
        let mut list: Vec<String> = vlans
            .iter()
            .take(VLANS_TOLD)
            .map(
                |(outer, inner)| {
                    if *outer == 0 { inner.to_string() } else { format!("{outer}.{inner}") }
                },
            )
            .collect();
        if vlans.len() > VLANS_TOLD {
            list.push("…".to_owned());
        }
        self.check(
            "vlans",
            Level::Ok,
            format!("{tagged} frames have a VLAN tag: {}", list.join(", ")),
        )
    }

    fn whole(&self) -> Check {
        let Mirror { cut, longest, .. } = *self.heard;
        if cut > 0 {
            return self.check(
                "whole",
                Level::Warn,
                format!("{cut} frames are cut; the longest had {longest} bytes"),
            );
        }
        if longest > FRAME_BYTES_MAX {
            let text = format!(
                "the longest frame has {longest} bytes: this card merges frames, or the plant uses jumbo frames"
            );
            let off =
                format!("ethtool -K {} gro off lro off", crate::export::escape::shell(self.about));
            return self.check("whole", Level::Warn, text).helped_by(off);
        }
        self.check(
            "whole",
            Level::Ok,
            format!("every frame is whole; the longest has {longest} bytes"),
        )
    }

    fn protocols(&self, counters: &Counters) -> Check {
        let recognised = |name: &&str| counters.count(&format!("{name}.recognised")) > 0;
        let names: Vec<&str> =
            REGISTRY.iter().map(|protocol| protocol.name).filter(recognised).collect();
        if names.is_empty() {
            return self.check(
                "protocols",
                Level::Warn,
                "none that this program reads was recognised",
            );
        }
        self.check("protocols", Level::Ok, names.join(", "))
    }

    fn check(&self, name: &'static str, level: Level, text: impl Into<String>) -> Check {
        Check::new(self.about, name, level, text)
    }
}

/// In percent.
fn share(part: u64, all: u64) -> u64 {
    part.saturating_mul(100).checked_div(all).unwrap_or(0)
}

/// Bytes that are on their way at most, RFC 7323, section 2.3.
const WINDOW_MAX: u32 = 1 << 30;

/// More than devices and computers have under way in fact.
const MISSED_BYTES_MAX: u32 = 1 << 24;

/// What a switch floods is less than this share, and less than so many frames in all.
const OTHERS_MIN: u64 = 10;
const FLOODED_MAX: u64 = 100;

const SEGMENTS_MIN: u64 = 2;
const TALKS_MIN: u64 = 3;

/// In percent of conversations: what takes another way, and what is the mark of a mirror of one direction.
const HALVES_WARN: u64 = 10;
const HALVES_FAIL: u64 = 80;

/// In percent of bytes and of frames.
const UNSEEN_WARN: u64 = 1;
const COPIES_WARN: u64 = 20;

const VLANS_TOLD: usize = 12;

/// A full frame with tags and labels.
const FRAME_BYTES_MAX: u32 = 1_600;

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::as_conversions)]
mod tests {
    use super::*;

    fn tcp(sequence: u32, acknowledged: Option<u32>) -> Tcp {
        let (syn, fin, rst) = (false, false, false);
        Tcp { source: 1, destination: 2, sequence, acknowledged, syn, fin, rst }
    }

    #[test]
    fn bytes_that_come_by_are_seen_in_whatever_order() {
        let mut side = Side::default();
        for sequence in [u32::MAX - 9, 10, 0, 20] {
            side.says(&tcp(sequence, None), 10);
        }
        side.is_acknowledged(30);
        assert_eq!((side.seen, side.unseen), (40, 0));
    }

    #[test]
    fn bytes_acknowledged_and_not_shown_are_unseen() {
        let mut side = Side::default();
        side.says(&tcp(0, None), 10);
        side.is_acknowledged(110);
        side.says(&tcp(210, None), 10);
        assert_eq!((side.seen, side.unseen), (20, 200));
    }

    #[test]
    fn a_conversation_that_begins_again_misses_nothing() {
        let mut side = Side::default();
        side.says(&tcp(0, None), 10);
        side.says(&Tcp { syn: true, ..tcp(70_000, None) }, 0);
        side.says(&tcp(70_001, None), 10);
        side.is_acknowledged(70_011);
        assert_eq!((side.seen, side.unseen), (20, 0));
    }

    #[test]
    fn a_jump_beyond_any_window_is_no_loss() {
        let mut side = Side::default();
        side.says(&tcp(0, None), 10);
        side.says(&tcp(1 << 31, None), 10);
        assert_eq!(side.unseen, 0);
    }
}
