//! Captures together, in any order, and one after the other into a store, in any order: the same inventory and the same
//! conversations.
//!
//! A store gets the facts and the conversations of each capture from an engine that knows nothing of the others. So a
//! conversation is whole in one capture here: what is in two is told apart by `splitting`, which reads them together.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use nameplate::capture::{Replay, ReplayOptions};
use nameplate::engine::{Engine, Options};
use nameplate::model::{Asset, Conversation, Counters, Observation, Sighting};
use nameplate::packet::Transport;
use nameplate::protocols::POLLS;

use super::files::{Format, write};
use super::inventory::{With, assets, differences, lines};
use super::shown::Senders;
use super::{cases, nothing};
use crate::program::{capture, run};
use crate::random::Random;
use crate::replayed::{Heard, bundled, root};
use crate::traffic::{Shot, packet_of};

#[test]
fn captures_in_any_order_together_or_one_after_the_other_give_one_inventory() {
    let mut wrong = Vec::new();
    for group in groups() {
        let name: Vec<String> = group.iter().map(|path| path.display().to_string()).collect();
        let paths: Vec<PathBuf> = group.iter().map(|at| root().join("captures").join(at)).collect();
        wrong.extend(compare(&name.join(" + "), &paths, |_| true));
    }
    nothing(&wrong);
}

#[test]
fn a_capture_cut_between_conversations_gives_what_it_gives_in_one() {
    let mut wrong = Vec::new();
    for case in cases(8) {
        let seed = case.number as u64 + 1;
        let parts = cut(&case.shots, &mut Random::new(seed));
        if parts.len() < 2 || Senders::of(&case.shots).are_any_beyond_sense() {
            continue;
        }
        let folder = tempfile::tempdir().unwrap();
        let files = parts.iter().enumerate().map(|(at, shots)| {
            write(folder.path(), &at.to_string(), Format::Pcapng, &shots.iter().collect::<Vec<_>>())
        });
        let files: Vec<PathBuf> = files.collect();
        let what = format!("{} cut into {}, seed {seed}", case.name, parts.len());
        // Who polls is told by the rhythm of its questions, and a cut is a break in that.
        wrong.extend(compare(&what, &files, |one| one.key != POLLS));
    }
    nothing(&wrong);
}

/// The same through the program, with what a person sees of it.
#[test]
fn a_store_filled_in_any_order_says_what_one_scan_says() {
    for (a, b) in PAIRS {
        let folder = tempfile::tempdir().unwrap();
        let scan = |inputs: &[&str], store: Option<&str>| {
            let mut arguments = ["scan", "-o", "ndjson"].map(PathBuf::from).to_vec();
            arguments.extend(inputs.iter().map(|input| capture(input)));
            let store = store.map(|name| folder.path().join(name));
            arguments.extend(store.into_iter().flat_map(|store| ["--store".into(), store]));
            let ran = run(&arguments);
            assert_eq!(ran.code, 0, "{}", ran.err);
            let schemas = ["asset", "conversation", "finding"];
            let lines = schemas.iter().flat_map(|schema| ran.lines_of(schema));
            lines.map(str::to_owned).collect::<Vec<_>>()
        };
        let together = scan(&[a, b], None);
        assert!(!together.is_empty(), "{a} and {b}");
        nothing(&differences(&format!("{b}, {a}"), &together, &scan(&[b, a], None)));
        for (name, [first, then]) in [("forth", [a, b]), ("back", [b, a])] {
            scan(&[first], Some(name));
            let stored = scan(&[then], Some(name));
            nothing(&differences(&format!("{first}, then {then}"), &together, &stored));
        }
    }
}

/// The lines in which orders and ways differ: read together, in any order the same; stored, in any order the same; and
/// the one what the other is.
fn compare(what: &str, paths: &[PathBuf], is_kept: fn(&Observation) -> bool) -> Vec<String> {
    let read = |paths: &[PathBuf]| {
        let mut part = read(paths);
        part.observations.retain(is_kept);
        part
    };
    let mut wrong = Vec::new();
    let together = Said::of(vec![read(paths)]);
    let alone: Vec<Part> = paths.iter().map(|path| read(std::slice::from_ref(path))).collect();
    // A packet that several captures show is counted once when they are read together, and by each when they are not.
    let is_shown_once = together.copies == alone.iter().map(copies).sum::<u64>();
    let orders = orders(paths.len());
    let stored = |order: &[usize]| Said::of(order.iter().map(|at| alone[*at].clone()).collect());
    let first = stored(&orders[0]);
    let what_of = |way: &str, order: &[usize]| format!("{what} {way} {order:?}");
    let (a, b) = (lines(&together.assets, With::Starts), lines(&first.assets, With::Starts));
    wrong.extend(differences(&what_of("stored", &orders[0]), &a, &b));
    for known in &together.assets {
        let later = first.assets.iter().find(|one| one.id == known.id);
        if later.is_none_or(|later| later.last < known.last) {
            wrong.push(format!("{what}: {} was there later than stored", known.identity));
        }
    }
    if is_shown_once {
        let talks = differences(&what_of("stored", &orders[0]), &together.talks, &first.talks);
        wrong.extend(talks);
    }
    for order in &orders[1..] {
        let paths: Vec<PathBuf> = order.iter().map(|at| paths[*at].clone()).collect();
        let again = Said::of(vec![read(&paths)]);
        wrong.extend(differences(&what_of("together", order), &together.lines(), &again.lines()));
        let again = stored(order);
        wrong.extend(differences(&what_of("stored", order), &first.lines(), &again.lines()));
    }
    wrong
}

/// As they are, backwards, and of three the last one first.
fn orders(captures: usize) -> Vec<Vec<usize>> {
    let mut orders: Vec<Vec<usize>> = vec![(0..captures).collect(), (0..captures).rev().collect()];
    if captures > 2 {
        orders.push([captures - 1].into_iter().chain(0..captures - 1).collect());
    }
    orders
}

/// What one scan hears.
#[derive(Clone)]
struct Part {
    observations: Vec<Observation>,
    sightings: Vec<Sighting>,
    talks: Vec<Conversation>,
    counters: Counters,
}

fn read(paths: &[PathBuf]) -> Part {
    let (mut replay, errors) = Replay::open(paths, &ReplayOptions::default());
    assert!(errors.is_empty(), "{errors:?}");
    let mut engine = Engine::new(Options { seed: 0x6b8b_4567, ..Options::default() });
    let mut observations = Vec::new();
    while let Some(frame) = replay.next() {
        engine.frame(&frame);
        observations.extend(engine.drain());
    }
    engine.finish();
    observations.extend(engine.drain());
    let (sightings, counters) = (engine.sightings(), engine.counters());
    let talks = engine.conversations().into_iter().map(|(_, part)| part).collect();
    Part { observations, sightings, talks, counters }
}

fn copies(part: &Part) -> u64 {
    let copies = ["packet.copies", "packet.copies_other_vlan"];
    copies.iter().map(|name| part.counters.count(name)).sum()
}

/// What is said in the end.
struct Said {
    assets: Vec<Arc<Asset>>,
    talks: Vec<String>,
    copies: u64,
}

impl Said {
    /// Once what was heard came into a store in this order, which gives each capture a number, and facts back by time.
    fn of(parts: Vec<Part>) -> Self {
        let several = parts.len() > 1;
        let copies = parts.iter().map(copies).sum();
        let mut all = Heard {
            observations: Vec::new(),
            sightings: Vec::new(),
            counters: Counters::default(),
        };
        let mut talks = Vec::new();
        for (capture, part) in (0..).zip(parts) {
            for mut one in part.observations {
                if several {
                    one.frame.capture = capture;
                    one.excerpt.frame.capture = capture;
                }
                all.observations.push(one);
            }
            all.sightings.extend(part.sightings);
            talks.extend(part.talks);
        }
        if several {
            all.observations.sort_by_key(|one| (one.at, one.frame));
        }
        let talks = Conversation::gather(talks).iter().map(|one| format!("{one:?}")).collect();
        Self { assets: assets(all), talks, copies }
    }

    fn lines(&self) -> Vec<String> {
        let mut lines = lines(&self.assets, With::Times);
        lines.extend(self.talks.iter().cloned());
        lines
    }
}

/// Captures of one folder, two and three at a time.
fn groups() -> Vec<Vec<PathBuf>> {
    let mut folders: BTreeMap<PathBuf, Vec<PathBuf>> = BTreeMap::new();
    for path in bundled() {
        let folder = path.parent().map(Path::to_owned).unwrap_or_default();
        folders.entry(folder).or_default().push(path);
    }
    let mut groups = Vec::new();
    for mut rest in folders.into_values() {
        let mut size = 2;
        while rest.len() > 1 {
            groups.push(rest.drain(..size.min(rest.len())).collect());
            size = 5 - size;
        }
    }
    groups
}

/// Cut in time, where no conversation goes on behind the cut.
fn cut(shots: &[Shot], random: &mut Random) -> Vec<Vec<Shot>> {
    // Only the first fragment of a packet tells the ports.
    let with_ports =
        !shots.iter().any(|shot| packet_of(shot).net.is_some_and(|net| net.fragment.is_some()));
    let mut open: BTreeMap<Vec<String>, (usize, usize)> = BTreeMap::new();
    for (at, shot) in shots.iter().enumerate() {
        let (_, last) = open.entry(ends(shot, with_ports)).or_insert((at, at));
        *last = at;
    }
    let is_between =
        |at: &usize| open.values().all(|(first, last)| !(*first < *at && *at <= *last));
    let places: Vec<usize> = (1..shots.len()).filter(is_between).collect();
    let mut cuts: Vec<usize> =
        (0..2).filter_map(|_| places.get(random.below(places.len())).copied()).collect();
    cuts.extend([0, shots.len()]);
    cuts.sort_unstable();
    cuts.dedup();
    cuts.windows(2).map(|ends| shots[ends[0]..ends[1]].to_vec()).collect()
}

/// Who talks to whom: in TCP and UDP by ports, else by addresses, whatever the VLAN.
fn ends(shot: &Shot, with_ports: bool) -> Vec<String> {
    let packet = packet_of(shot);
    let mut ends = match (packet.net, packet.transport.filter(|_| with_ports)) {
        (Some(net), None) => vec![net.source.to_string(), net.destination.to_string()],
        (None, _) => vec![format!("{:?}", packet.source), format!("{:?}", packet.destination)],
        (Some(net), Some(transport)) => {
            let (from, to) = match transport {
                Transport::Tcp(tcp) => (tcp.source, tcp.destination),
                Transport::Udp { source, destination } => (source, destination),
            };
            vec![format!("{} {from}", net.source), format!("{} {to}", net.destination)]
        }
    };
    ends.sort();
    ends
}

/// Captures of one plant, of two sites with the same addresses, and of one network before and after.
const PAIRS: [(&str, &str); 3] = [
    ("plant-demo/cell1-filling.pcap", "plant-demo/cell2-utilities.pcapng.gz"),
    ("scenarios/04-site-a.pcap", "scenarios/04-site-b.pcap"),
    ("scenarios/10-upgrade.pcap", "scenarios/11-replaced.pcap"),
];
