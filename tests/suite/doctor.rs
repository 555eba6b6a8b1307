//! `nameplate doctor` and `nameplate interfaces`: on ports that a test makes as they should be, and as they should not.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use nameplate::packet::Transport;
use serde_json::Value as Json;

use crate::mirror::{Mirror, PORT};
use crate::program::{capture, run};
use crate::replayed::root;
use crate::traffic::{self, Shot};

#[test]
fn a_mirror_is_known_for_one() {
    let Some(mirror) = Mirror::new() else { return };
    let seen = Seen::listen(&mirror, || mirror.replay(&plant(), &["--topspeed"]));
    for check in [
        "link",
        "mtu",
        "bridge",
        "address",
        "ipv6",
        "arp",
        "transmitted",
        "card",
        "capture",
        "packets",
        "mirror",
        "both-ways",
        "copies",
        "vlans",
        "whole",
        "protocols",
        "drops",
        "passive",
    ] {
        assert_eq!(seen.state(check), "ok", "{}", seen.text(check));
    }
    assert_eq!(seen.code, 0);
    assert!(seen.text("protocols").contains("enip"), "{}", seen.text("protocols"));
    assert_eq!(mirror.counter("tx_packets"), 0);
    seen.is_described();
}

#[test]
fn an_ordinary_port_is_no_mirror() {
    let Some(mirror) = Mirror::new() else { return };
    let shots: Vec<Shot> = plant()
        .iter()
        .flat_map(|file| traffic::shots(file))
        .filter(|shot| shot.bytes[0] & 1 == 1)
        .collect();
    assert!(!shots.is_empty());
    let file = Written::new(&shots);
    let seen = Seen::listen(&mirror, || mirror.replay(&file.paths(), &["--topspeed"]));
    assert_eq!((seen.state("packets"), seen.state("mirror")), ("ok", "fail"));
    assert!(seen.text("mirror").contains("ordinary port"), "{}", seen.text("mirror"));
    assert_eq!(seen.code, 1);
}

#[test]
fn a_silent_port_fails() {
    let Some(mirror) = Mirror::new() else { return };
    let seen = Seen::listen(&mirror, || {});
    assert_eq!((seen.state("packets"), seen.state("passive"), seen.code), ("fail", "ok", 1));
}

#[test]
fn half_a_mirror_is_known_for_one() {
    let Some(mirror) = Mirror::new() else { return };
    let mut shots: Vec<Shot> = plant().iter().flat_map(|file| traffic::shots(file)).collect();
    shots.retain(|shot| match traffic::packet_of(shot).transport {
        Some(Transport::Tcp(tcp)) => tcp.source > tcp.destination,
        _ => true,
    });
    let file = Written::new(&shots);
    let seen = Seen::listen(&mirror, || mirror.replay(&file.paths(), &["--topspeed"]));
    assert_eq!(
        (seen.state("mirror"), seen.state("both-ways")),
        ("ok", "fail"),
        "{}",
        seen.text("both-ways")
    );
    assert_eq!(seen.code, 1);
}

#[test]
fn a_mirror_that_loses_or_doubles_is_told() {
    let Some(mirror) = Mirror::new() else { return };
    let shots: Vec<Shot> = plant().iter().flat_map(|file| traffic::shots(file)).collect();
    let doubled = Written::new(
        &shots.iter().flat_map(|shot| [shot.clone(), shot.clone()]).collect::<Vec<_>>(),
    );
    let seen = Seen::listen(&mirror, || mirror.replay(&doubled.paths(), &["--topspeed"]));
    assert_eq!((seen.state("copies"), seen.code), ("warn", 0), "{}", seen.text("copies"));
    let thinned: Vec<Shot> =
        shots.into_iter().enumerate().filter(|(at, _)| at % 5 != 4).map(|(_, shot)| shot).collect();
    let thinned = Written::new(&thinned);
    let seen = Seen::listen(&mirror, || mirror.replay(&thinned.paths(), &["--topspeed"]));
    assert_eq!((seen.state("gaps"), seen.code), ("warn", 0), "{}", seen.text("gaps"));
}

#[test]
fn a_port_that_can_send_is_told_and_one_that_does_fails() {
    let Some(mirror) = Mirror::new() else { return };
    mirror.set(&["arp", "on"]);
    let words = ["address", "add", "10.66.0.1/24", "dev", PORT];
    assert!(mirror.command("ip").args(words).status().unwrap().success());
    // Who talks to a neighbour asks for its address first.
    let talk = || {
        let talk = "echo > /dev/udp/10.66.0.2/9";
        assert!(mirror.command("bash").args(["-c", talk]).status().unwrap().success());
    };
    let seen = Seen::listen(&mirror, talk);
    for check in ["address", "arp"] {
        assert_eq!(seen.state(check), "warn");
        assert!(seen.remedies[check].contains(PORT));
    }
    assert!(seen.text("address").contains("10.66.0.1"), "{}", seen.text("address"));
    assert_eq!((seen.state("passive"), seen.code), ("fail", 1), "{}", seen.text("passive"));
    let listed = interfaces(&mirror);
    assert_eq!(listed["addresses"], serde_json::json!(["10.66.0.1"]));
    assert_eq!(listed["remarks"], serde_json::json!(["has an address: not a clean mirror port"]));
}

#[test]
fn what_is_printed_to_fix_a_port_makes_it_clean() {
    let Some(mirror) = Mirror::new() else { return };
    mirror.set(&["arp", "on", "mtu", "1500", "down"]);
    let dirty = "echo 0 > /proc/sys/net/ipv6/conf/mirror/disable_ipv6; ip address add 10.66.0.1/24 dev mirror";
    mirror.command("sh").args(["-c", dirty]).status().unwrap();
    let script = mirror.command(NAMEPLATE).args(["doctor", "-i", PORT, "--fix"]).output().unwrap();
    let script = String::from_utf8(script.stdout).unwrap();
    // `sysctl` and `ethtool` need not be here; what they do is done by hand, or is no part of a virtual port.
    for line in script.lines() {
        let line = match line.strip_prefix("sysctl -w ").and_then(|rest| rest.split_once('=')) {
            Some((key, value)) => format!("echo {value} > /proc/sys/{}", key.replace('.', "/")),
            None => line.to_owned(),
        };
        let done = mirror.command("sh").args(["-c", &line]).output().unwrap();
        assert!(done.status.success() || line.starts_with("ethtool"), "{line}: {done:?}");
    }
    let seen = Seen::look(&mirror);
    for check in ["link", "mtu", "address", "ipv6", "arp", "bridge", "transmitted", "capture"] {
        assert_eq!(seen.state(check), "ok", "{}", seen.text(check));
    }
}

#[test]
fn a_port_that_is_down_or_in_a_bridge_fails() {
    let Some(mirror) = Mirror::new() else { return };
    mirror.set(&["down"]);
    let seen = Seen::look(&mirror);
    assert_eq!((seen.state("link"), seen.state("capture"), seen.code), ("fail", "skip", 1));
    assert_eq!(seen.remedies["link"], "ip link set dev mirror up");
    assert_eq!(interfaces(&mirror)["state"], "down");
    let bridge = ["link", "add", "br0", "type", "bridge"];
    if !mirror.command("ip").args(bridge).status().unwrap().success() {
        return eprintln!("skipped: bridges are not here");
    }
    mirror.set(&["master", "br0", "up"]);
    let seen = Seen::look(&mirror);
    assert_eq!((seen.state("bridge"), seen.code), ("fail", 1));
    assert!(seen.text("bridge").contains("br0"), "{}", seen.text("bridge"));
}

#[test]
fn without_the_right_it_says_how_to_get_it() {
    let Some(mirror) = Mirror::new() else { return };
    let mut command = mirror.command("setpriv");
    command.args([
        "--bounding-set=-all",
        "--inh-caps=-all",
        NAMEPLATE,
        "doctor",
        "-i",
        PORT,
        "-o",
        "ndjson",
    ]);
    let Ok(output) = command.output() else { return eprintln!("skipped: setpriv is not here") };
    let seen = Seen::new(&output.stdout, output.status.code());
    assert_eq!((seen.state("rights"), seen.state("capture"), seen.code), ("fail", "fail", 1));
    assert!(
        seen.remedies["rights"].starts_with("setcap cap_net_raw+ep "),
        "{}",
        seen.remedies["rights"]
    );
}

#[test]
fn a_port_that_is_not_there_fails_with_those_that_are() {
    let ran = run(&["doctor", "-i", "no-such-port"]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    let line = ran.out.lines().find(|line| line.starts_with("FAIL  no-such-port link")).unwrap();
    assert!(line.contains("no such interface") && line.contains("lo"), "{line}");
    assert!(ran.out.lines().last().unwrap().contains(" FAIL"), "{}", ran.out);
}

#[test]
fn a_hostile_name_stays_on_its_line() {
    let ran = run(&["doctor", "-i", "\u{1b}[31m\nok    everything", "--ascii"]);
    assert_eq!(ran.code, 1);
    assert!(!ran.out.contains('\u{1b}') && !ran.out.contains("\nok    everything"), "{}", ran.out);
}

#[test]
fn arguments_that_make_no_sense_are_wrong_usage() {
    for arguments in [
        &["doctor", "--listen", "5s"][..],
        &["doctor", "--fix"],
        &["doctor", "-i", "lo", "--listen", "0s"],
        &["doctor", "-i", "lo", "--fix", "--listen", "5s"],
        &["doctor", "-o", "facts"],
        &["interfaces", "-o", "facts"],
    ] {
        assert_eq!(run(arguments).code, 2, "{arguments:?}");
    }
}

#[test]
fn a_store_is_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let (store, input) = (store.to_str().unwrap(), capture("modbus/mbpoll.pcap"));
    let look = || {
        let ran = run(&["doctor", "--store", store, "-o", "ndjson"]);
        Seen::new(ran.out.as_bytes(), Some(ran.code))
    };
    assert!(look().text("room").contains("there is none yet"));
    assert_eq!(run(&["scan", input.to_str().unwrap(), "--store", store]).code, 0);
    let seen = look();
    assert_eq!(seen.state("room"), "ok", "{}", seen.text("room"));
    assert!(seen.text("room").contains("sound"), "{}", seen.text("room"));
    std::fs::write(Path::new(store).join("nameplate.db"), "no database at all").unwrap();
    assert_eq!((look().state("room"), look().code), ("fail", 1));
}

#[test]
fn every_format_lists_the_same_interfaces() {
    let lines = run(&["interfaces", "-o", "ndjson"]);
    let lines: Vec<Json> =
        lines.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let whole: Json = serde_json::from_str(&run(&["interfaces", "--json"]).out).unwrap();
    let names = |lines: &[Json]| -> Vec<String> {
        lines.iter().map(|line| line["name"].to_string()).collect()
    };
    assert!(names(&lines).contains(&"\"lo\"".to_owned()), "{lines:?}");
    assert_eq!(names(&lines), names(whole.as_array().unwrap()));
    let table = run(&["interfaces"]);
    assert_eq!(table.out.trim_end().lines().count(), lines.len() + 1, "{}", table.out);
}

#[test]
fn interfaces_tell_where_packets_come_in() {
    let Some(mirror) = Mirror::new() else { return };
    let rate = std::thread::scope(|scope| {
        scope.spawn(|| {
            mirror.replay(&[capture("modbus/mbpoll.pcap")], &["--pps", "50", "--loop", "10"])
        });
        std::thread::sleep(Duration::from_millis(1_500));
        interfaces(&mirror)["packets_per_second"].as_u64().unwrap()
    });
    assert!((10..200).contains(&rate), "{rate}");
}

/// What `interfaces` says of the port.
fn interfaces(mirror: &Mirror) -> Json {
    let output = mirror.command(NAMEPLATE).args(["interfaces", "-o", "ndjson"]).output().unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    let mut lines = lines.lines().map(|line| serde_json::from_str::<Json>(line).unwrap());
    lines.find(|line| line["name"] == PORT).unwrap()
}

/// What the doctor saw: state, text and remedy of each check by its name.
struct Seen {
    states: BTreeMap<String, String>,
    texts: BTreeMap<String, String>,
    remedies: BTreeMap<String, String>,
    code: i32,
}

impl Seen {
    fn new(lines: &[u8], code: Option<i32>) -> Self {
        let (mut states, mut texts, mut remedies) =
            (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        for line in String::from_utf8(lines.to_vec()).unwrap().lines() {
            let line: Json = serde_json::from_str(line).unwrap();
            assert_eq!(line["schema"], "nameplate.check/1");
            let of = |field: &str| line[field].as_str().unwrap_or_default().to_owned();
            states.insert(of("check"), of("state"));
            texts.insert(of("check"), of("text"));
            remedies.insert(of("check"), of("remedy"));
        }
        Self { states, texts, remedies, code: code.unwrap_or(-1) }
    }

    /// Without listening.
    fn look(mirror: &Mirror) -> Self {
        let output = mirror
            .command(NAMEPLATE)
            .args(["doctor", "-i", PORT, "-o", "ndjson"])
            .output()
            .unwrap();
        Self::new(&output.stdout, output.status.code())
    }

    /// Listens while something happens.
    fn listen(mirror: &Mirror, happens: impl FnOnce()) -> Self {
        let mut command = mirror.command(NAMEPLATE);
        command.args(["doctor", "-i", PORT, "--listen", "3s", "-o", "ndjson"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        stderr.read_line(&mut line).unwrap();
        assert_eq!(line, "listening for 3 s\n");
        happens();
        let mut lines = Vec::new();
        child.stdout.take().unwrap().read_to_end(&mut lines).unwrap();
        Self::new(&lines, child.wait().unwrap().code())
    }

    fn state(&self, check: &str) -> &str {
        &self.states[check]
    }

    fn text(&self, check: &str) -> &str {
        &self.texts[check]
    }

    /// The book has a row for each check.
    fn is_described(&self) {
        let page = std::fs::read_to_string(root().join("docs/installing-a-sensor.md")).unwrap();
        let row = |name: &&String| !page.contains(&format!("| `{name}` |"));
        let missing: BTreeSet<&String> = self.states.keys().filter(row).collect();
        assert!(missing.is_empty(), "docs/installing-a-sensor.md has no row for {missing:?}");
    }
}

/// Captures of a plant in which devices talk to each other.
fn plant() -> Vec<PathBuf> {
    ["plant-demo/cell1-filling.pcap", "modbus/mbpoll.pcap", "lldp/lldpd.pcap"].map(capture).to_vec()
}

/// Frames in a file that lasts as long as this.
struct Written(tempfile::TempDir);

impl Written {
    fn new(shots: &[Shot]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // pcap 2.4 of the usual byte order, microseconds, Ethernet.
        let mut file: Vec<u8> = [0xa1b2_c3d4, 0x0004_0002, 0, 0, 65_535, 1_u32]
            .iter()
            .flat_map(|word| word.to_le_bytes())
            .collect();
        for (second, shot) in shots.iter().enumerate() {
            let length = shot.bytes.len() as u32;
            file.extend(
                [second as u32 + 1, 0, length, length].iter().flat_map(|word| word.to_le_bytes()),
            );
            file.extend(&shot.bytes);
        }
        std::fs::write(folder.path().join("frames.pcap"), file).unwrap();
        Self(folder)
    }

    fn paths(&self) -> Vec<PathBuf> {
        vec![self.0.path().join("frames.pcap")]
    }
}

const NAMEPLATE: &str = env!("CARGO_BIN_EXE_nameplate");
