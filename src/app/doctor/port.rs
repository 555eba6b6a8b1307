//! A port that mirrored traffic comes in at: there, up, fast enough, and silent.

use crate::capture::{Interface, Port};
use crate::export::escape::shell;
use crate::model::health::LinkState;

use super::check::{Check, Level};

/// Looks at a port, without listening.
pub(super) fn checks(interface: &Interface) -> Vec<Check> {
    let about = Of(interface);
    let Some(port) = &interface.port else {
        let text = "this is no network interface that the system tells of: only what comes in can be looked at";
        return vec![about.check("link", Level::Skip, text)];
    };
    vec![
        about.link(port),
        about.speed(port),
        about.frames(port),
        about.offloads(),
        about.bridge(port),
        about.addresses(),
        about.ipv6(port),
        about.arp(port),
        about.transmitted(port),
        about.card(port),
    ]
}

/// The commands that make a port one that only receives: nothing that makes it send comes after it is switched on.
pub(in crate::app) fn script(names: &[String]) -> String {
    let mut script = String::new();
    for name in names {
        let safe = shell(name);
        for command in [
            format!("sysctl -w {}=1", ipv6_key(name)),
            format!("ip address flush dev {safe}"),
            format!("ip link set dev {safe} arp off multicast off mtu {MTU_WISHED}"),
            format!("ethtool -K {safe} gro off lro off"),
            format!("ip link set dev {safe} up"),
        ] {
            script.push_str(&command);
            script.push('\n');
        }
    }
    script
}

/// The checks of one interface.
struct Of<'a>(&'a Interface);

impl Of<'_> {
    fn link(&self, port: &Port) -> Check {
        match (port.state, port.is_on) {
            (LinkState::Up, _) => self.check("link", Level::Ok, "up"),
            (_, false) => self
                .check("link", Level::Fail, "switched off")
                .helped_by(format!("ip link set dev {} up", self.name())),
            (_, true) => self
                .check(
                    "link",
                    Level::Fail,
                    "no link: is the cable in, is the port of the switch on?",
                )
                .helped_by(format!("ip -s link show dev {}", self.name())),
        }
    }

    fn speed(&self, port: &Port) -> Check {
        let duplex = port
            .full_duplex
            .map_or("", |full| if full { ", full duplex" } else { ", half duplex" });
        let Some(speed) = port.speed_mbit else {
            return self.check("speed", Level::Skip, "the driver does not tell the speed");
        };
        let text = format!("{speed} Mbit/s{duplex}");
        match port.full_duplex {
            Some(false) => self.check(
                "speed",
                Level::Warn,
                format!("{text}: collisions lose what the mirror sends"),
            ),
            _ if speed < SPEED_MIN => self.check(
                "speed",
                Level::Warn,
                format!("{text}: a mirror of several ports needs more than one of them has"),
            ),
            _ => self.check("speed", Level::Ok, text),
        }
    }

    fn frames(&self, port: &Port) -> Check {
        match port.mtu {
            Some(mtu) if mtu >= MTU_MIN => self.check("mtu", Level::Ok, format!("{mtu} bytes")),
            Some(mtu) => self
                .check("mtu", Level::Warn, format!("{mtu} bytes: cards may drop full frames with two VLAN tags, or with the tags of PRP and HSR"))
                .helped_by(format!("ip link set dev {} mtu {MTU_WISHED}", self.name())),
            None => self.check("mtu", Level::Skip, "the system does not tell it"),
        }
    }

    /// The kernel tells of offloads over a socket only, and this program opens none for it.
    fn offloads(&self) -> Check {
        let text = "not told in files; cards that merge frames (GRO, LRO) hide what was on the wire, --listen notices";
        self.check("offloads", Level::Skip, text)
            .helped_by(format!("ethtool -K {} gro off lro off", self.name()))
    }

    fn bridge(&self, port: &Port) -> Check {
        match &port.master {
            None => self.check("bridge", Level::Ok, "belongs to no bridge or bond"),
            Some(master) => self
                .check(
                    "bridge",
                    Level::Fail,
                    format!("belongs to {master}, which may send on what is mirrored"),
                )
                .helped_by(format!("ip link set dev {} nomaster", self.name())),
        }
    }

    fn addresses(&self) -> Check {
        if self.0.addresses.is_empty() {
            return self.check("address", Level::Ok, "none");
        }
        let list: Vec<String> = self.0.addresses.iter().map(ToString::to_string).collect();
        let text = format!(
            "{}: this machine can be talked to here, and answers; not a clean mirror port",
            list.join(", ")
        );
        self.check("address", Level::Warn, text)
            .helped_by(format!("ip address flush dev {}", self.name()))
    }

    fn ipv6(&self, port: &Port) -> Check {
        match port.speaks_ipv6 {
            Some(true) => self
                .check(
                    "ipv6",
                    Level::Warn,
                    "on: the system sends packets of its own when the port comes up",
                )
                .helped_by(format!("sysctl -w {}=1", ipv6_key(&self.0.name))),
            Some(false) => self.check("ipv6", Level::Ok, "off"),
            None => self.check("ipv6", Level::Skip, "this process cannot see whether it is on"),
        }
    }

    fn arp(&self, port: &Port) -> Check {
        if port.resolves {
            return self
                .check("arp", Level::Warn, "on: the system may answer who asks for its addresses")
                .helped_by(format!("ip link set dev {} arp off", self.name()));
        }
        self.check("arp", Level::Ok, "off")
    }

    fn transmitted(&self, port: &Port) -> Check {
        match port.counters.transmitted {
            0 => self.check("transmitted", Level::Ok, "it never sent a packet"),
            sent => self
                .check("transmitted", Level::Warn, format!("{sent} packets were sent since it was made; --listen tells whether it still sends"))
                .helped_by(format!("nameplate doctor -i {} --fix", self.name())),
        }
    }

    fn card(&self, port: &Port) -> Check {
        let count = port.counters;
        let text = format!(
            "{} frames received, {} had no room in the card, {} came damaged",
            count.received, count.missed, count.damaged
        );
        let level = if count.missed > 0 || count.damaged > 0 { Level::Warn } else { Level::Ok };
        let check = self.check("card", level, text);
        if level == Level::Ok {
            check
        } else {
            check.helped_by(format!("ethtool -S {}", self.name()))
        }
    }

    fn check(&self, name: &'static str, level: Level, text: impl Into<String>) -> Check {
        Check::new(&self.0.name, name, level, text)
    }

    /// The name as a word for a shell.
    fn name(&self) -> std::borrow::Cow<'_, str> {
        shell(&self.0.name)
    }
}

/// As `sysctl` names it: dots divide, so a name with dots in it is written with slashes, sysctl(8).
fn ipv6_key(name: &str) -> String {
    let key = if name.contains('.') {
        format!("net/ipv6/conf/{name}/disable_ipv6")
    } else {
        format!("net.ipv6.conf.{name}.disable_ipv6")
    };
    shell(&key).into_owned()
}

/// A full frame with two VLAN tags: 1,500 bytes and 22 of headers.
const MTU_MIN: u32 = 1_522;

/// Room for those of HSR, PRP and MPLS beside them. Every card with larger frames at all can do it.
const MTU_WISHED: u32 = 1_600;

const SPEED_MIN: u32 = 100;

#[cfg(test)]
mod tests {
    use super::*;

    fn interface(name: &str, port: Port) -> Interface {
        let (name, addresses) = (name.to_owned(), Vec::new());
        Interface { name, description: None, up: true, addresses, port: Some(port) }
    }

    fn clean() -> Port {
        Port {
            state: LinkState::Up,
            is_on: true,
            speed_mbit: Some(1_000),
            full_duplex: Some(true),
            mtu: Some(MTU_WISHED),
            speaks_ipv6: Some(false),
            ..Port::default()
        }
    }

    fn level(interface: &Interface, name: &str) -> Option<Level> {
        checks(interface).into_iter().find(|check| check.name == name).map(|check| check.level)
    }

    #[test]
    fn a_clean_port_has_nothing_to_complain_of() {
        let checks = checks(&interface("eth1", clean()));
        let wrong: Vec<&Check> = checks
            .iter()
            .filter(|check| !matches!(check.level, Level::Ok) && check.name != "offloads")
            .collect();
        assert_eq!(wrong, Vec::<&Check>::new());
    }

    #[test]
    fn what_could_send_is_told() {
        let port = Port {
            resolves: true,
            speaks_ipv6: Some(true),
            master: Some("br0".to_owned()),
            ..clean()
        };
        let mut interface = interface("eth1", port);
        interface.addresses.push([10, 0, 0, 1].into());
        for (name, expected) in [
            ("arp", Level::Warn),
            ("ipv6", Level::Warn),
            ("bridge", Level::Fail),
            ("address", Level::Warn),
        ] {
            assert_eq!(level(&interface, name), Some(expected), "{name}");
        }
    }

    #[test]
    fn a_port_without_a_link_fails() {
        for is_on in [true, false] {
            let port = Port { state: LinkState::Down, is_on, ..clean() };
            assert_eq!(level(&interface("eth1", port), "link"), Some(Level::Fail));
        }
    }

    #[test]
    fn names_in_commands_are_words_of_a_shell() {
        let text = script(&["eth0.10".to_owned(), "a;reboot".to_owned()]);
        assert!(text.contains("sysctl -w net/ipv6/conf/eth0.10/disable_ipv6=1\n"), "{text}");
        assert!(text.contains("ip address flush dev 'a;reboot'\n"), "{text}");
        assert!(text.contains("sysctl -w 'net.ipv6.conf.a;reboot.disable_ipv6'=1\n"), "{text}");
    }
}
