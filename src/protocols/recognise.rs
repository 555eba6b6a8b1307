//! From first bytes to a protocol: the protocols expected on the port first, then those that are sure.

use crate::flow::Attach;
use crate::model::limits::PROBE_BYTES_MAX;
use crate::protocols::{Probe, Protocol};

/// The protocols of a registry, by where they attach.
pub struct Recogniser {
    protocols: &'static [&'static Protocol],
    /// Sorted by attachment, then by place in the registry.
    mates: Vec<(Attach, usize)>,
    tcp: Vec<usize>,
    udp: Vec<usize>,
    off: Vec<bool>,
}

/// What a conversation's bytes are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Recognised {
    /// The protocol at this place in the registry.
    Found(usize),
    /// None that is known.
    Nothing,
    /// More bytes are needed to tell.
    More,
}

impl Recogniser {
    /// Prepares the look-up.
    pub fn new(protocols: &'static [&'static Protocol]) -> Self {
        let mut mates = Vec::new();
        let (mut tcp, mut udp) = (Vec::new(), Vec::new());
        for (at, protocol) in protocols.iter().enumerate() {
            mates.extend(protocol.attach.iter().map(|attach| (*attach, at)));
            if protocol.attach.iter().any(|attach| matches!(attach, Attach::Tcp(_))) {
                tcp.push(at);
            }
            if protocol.attach.iter().any(|attach| matches!(attach, Attach::Udp(_))) {
                udp.push(at);
            }
        }
        mates.sort_unstable();
        Self { protocols, mates, tcp, udp, off: vec![false; protocols.len()] }
    }

    /// Where protocols attach: sorted, each once.
    pub fn claimed(&self) -> Vec<Attach> {
        let mut claimed: Vec<Attach> = self.mates.iter().map(|(attach, _)| *attach).collect();
        claimed.dedup();
        claimed
    }

    /// The protocol at a place in the registry.
    pub fn protocol(&self, at: usize) -> Option<&'static Protocol> {
        self.protocols.get(at).copied()
    }

    /// True when a protocol is expected here.
    pub fn is_claimed(&self, attach: Attach) -> bool {
        !self.mates(attach).is_empty()
    }

    /// Switches a protocol off for good.
    pub fn switch_off(&mut self, at: usize) {
        if let Some(off) = self.off.get_mut(at) {
            *off = true;
        }
    }

    /// Whether a protocol was switched off.
    pub fn is_off(&self, at: usize) -> bool {
        self.off.get(at).copied().unwrap_or(true)
    }

    /// Looks at the unread bytes of one direction. `whole` when nothing will follow them; `widely` when
    /// protocols that are not expected on this port may be found too.
    pub fn recognise(&self, attach: Attach, bytes: &[u8], whole: bool, widely: bool) -> Recognised {
        let mut more = false;
        let mut likely = None;
        for (_, at) in self.mates(attach) {
            match self.probe(*at, bytes) {
                Probe::Yes => return Recognised::Found(*at),
                Probe::Maybe => likely = likely.or(Some(*at)),
                Probe::More => more = true,
                Probe::No => {}
            }
        }
        if let Some(at) = likely {
            return Recognised::Found(at);
        }
        let others = match attach {
            _ if !widely => &[][..],
            Attach::Tcp(_) => &self.tcp,
            Attach::Udp(_) => &self.udp,
            Attach::Ether(_) => &[],
        };
        for at in others {
            match self.probe(*at, bytes) {
                Probe::Yes => return Recognised::Found(*at),
                Probe::More => more = true,
                Probe::Maybe | Probe::No => {}
            }
        }
        if more && !whole && bytes.len() < PROBE_BYTES_MAX {
            Recognised::More
        } else {
            Recognised::Nothing
        }
    }

    /// Whether bytes that come after a gap start a message of the protocol that was being read.
    pub fn resumes(&self, at: usize, bytes: &[u8], whole: bool) -> Recognised {
        match self.probe(at, bytes) {
            Probe::Yes | Probe::Maybe => Recognised::Found(at),
            Probe::More if !whole && bytes.len() < PROBE_BYTES_MAX => Recognised::More,
            Probe::More | Probe::No => Recognised::Nothing,
        }
    }

    fn mates(&self, attach: Attach) -> &[(Attach, usize)] {
        let from = self.mates.partition_point(|(mate, _)| *mate < attach);
        let to = self.mates.partition_point(|(mate, _)| *mate <= attach);
        self.mates.get(from..to).unwrap_or_default()
    }

    fn probe(&self, at: usize, bytes: &[u8]) -> Probe {
        match self.protocol(at) {
            Some(protocol) if !self.is_off(at) => (protocol.probe)(bytes),
            _ => Probe::No,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::Input;
    use crate::protocols::{Dissector, Sink, Step};

    struct Nothing;

    impl Dissector for Nothing {
        fn read(&mut self, _input: &Input<'_>, _out: &mut Sink<'_>) -> Step {
            Step::Done
        }
    }

    const fn protocol(
        name: &'static str,
        attach: &'static [Attach],
        probe: fn(&[u8]) -> Probe,
    ) -> Protocol {
        Protocol { name, spec: "", attach, keys: &[], probe, start: || Box::new(Nothing) }
    }

    const LAX: Protocol =
        protocol(
            "lax",
            &[Attach::Tcp(502)],
            |b| if b[0] == b'!' { Probe::No } else { Probe::Maybe },
        );
    const SURE: Protocol =
        protocol("sure", &[Attach::Tcp(44_818), Attach::Udp(44_818)], |b| match b {
            b"S" => Probe::More,
            b if b.starts_with(b"SURE") => Probe::Yes,
            _ => Probe::No,
        });
    const MATE: Protocol =
        protocol(
            "mate",
            &[Attach::Tcp(502)],
            |b| if b[0] == b'M' { Probe::Yes } else { Probe::No },
        );
    const SLOW: Protocol = protocol("slow", &[Attach::Tcp(9)], |_| Probe::More);
    const ALL: &[&Protocol] = &[&LAX, &SURE, &MATE, &SLOW];

    fn recognise(attach: Attach, bytes: &[u8]) -> Recognised {
        Recogniser::new(ALL).recognise(attach, bytes, false, true)
    }

    #[test]
    fn a_sure_protocol_wins_on_its_own_port_over_a_likely_one() {
        assert_eq!(recognise(Attach::Tcp(502), b"Mxx"), Recognised::Found(2));
        assert_eq!(recognise(Attach::Tcp(502), b"xxx"), Recognised::Found(0));
    }

    #[test]
    fn elsewhere_only_sure_protocols_of_the_same_transport_count() {
        assert_eq!(recognise(Attach::Tcp(502), b"!"), Recognised::More);
        assert_eq!(recognise(Attach::Tcp(8_080), b"SUREly"), Recognised::Found(1));
        assert_eq!(recognise(Attach::Udp(8_080), b"SUREly"), Recognised::Found(1));
        assert_eq!(recognise(Attach::Udp(8_080), b"Mxx"), Recognised::Nothing);
        assert_eq!(recognise(Attach::Ether(0x88cc), b"SURE"), Recognised::Nothing);
        let narrow = Recogniser::new(ALL).recognise(Attach::Tcp(8_080), b"SURE", false, false);
        assert_eq!(narrow, Recognised::Nothing);
    }

    #[test]
    fn waiting_for_more_is_bounded_and_never_happens_with_datagrams() {
        assert_eq!(recognise(Attach::Tcp(9), b"x"), Recognised::More);
        assert_eq!(recognise(Attach::Tcp(9), &[b'x'; PROBE_BYTES_MAX]), Recognised::Nothing);
        let whole = Recogniser::new(ALL).recognise(Attach::Udp(44_818), b"S", true, true);
        assert_eq!(whole, Recognised::Nothing);
    }

    #[test]
    fn a_protocol_that_is_off_is_not_found() {
        let mut recogniser = Recogniser::new(ALL);
        recogniser.switch_off(2);
        let found = recogniser.recognise(Attach::Tcp(502), b"Mxx", false, true);
        assert_eq!(found, Recognised::Found(0));
    }

    #[test]
    fn lists_what_is_claimed_in_order_and_once() {
        let claimed = Recogniser::new(ALL).claimed();
        let expected = [Attach::Tcp(9), Attach::Tcp(502), Attach::Tcp(44_818), Attach::Udp(44_818)];
        assert_eq!(claimed, expected);
    }
}
