//! Listening on an interface, in network namespaces that each test makes for itself.

mod listener;

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::mirror::Mirror;
use crate::program;
use crate::replayed::{captures_below, root};
use crate::traffic;
use listener::{Listener, WAIT_MS, Wish};

#[test]
fn frames_arrive_whole_and_in_order_and_nothing_is_sent() {
    let Some(mirror) = Mirror::new() else { return };
    let mut files: Vec<PathBuf> = captures_below(&root().join("captures"));
    // The others are packed, or hold what no Ethernet carries: tcpreplay does not read them.
    files.retain(|file| file.extension().is_some_and(|extension| extension == "pcap"));
    let expected: Vec<Vec<u8>> =
        files.iter().flat_map(|file| traffic::shots(file)).map(|shot| shot.bytes).collect();
    assert!(expected.len() > 5_000);
    assert!(expected.iter().any(|bytes| bytes[12..14] == [0x81, 0x00]), "no VLAN tag among them");
    let listener = Listener::start(&mirror, &Wish::default());
    mirror.replay(&files, &["--topspeed"]);
    let heard = listener.end();
    assert_eq!(heard.frames.len(), expected.len());
    for (number, (heard, expected)) in heard.frames.iter().zip(&expected).enumerate() {
        assert_eq!(heard.bytes, *expected, "frame {}", number + 1);
        assert_eq!(heard.number, number as u64 + 1);
        assert_eq!(heard.wire_len as usize, expected.len());
    }
    assert_eq!(heard.count("received"), expected.len() as u64);
    assert_eq!((heard.count("frames"), heard.count("dropped")), (expected.len() as u64, 0));
    assert_eq!((heard.count("restamped"), heard.count("openings")), (0, 1));
    assert_eq!((heard.count("transmitted"), mirror.counter("tx_packets")), (0, 0));
}

#[test]
fn times_are_those_of_arrival() {
    let Some(mirror) = Mirror::new() else { return };
    let listener = Listener::start(&mirror, &Wish::default());
    let before = now();
    mirror.replay(&[program::capture("lldp/lldpd.pcap")], &["--topspeed"]);
    let heard = listener.end();
    let after = now();
    let times: Vec<i64> = heard.frames.iter().map(|frame| frame.at).collect();
    assert!(!times.is_empty() && times.is_sorted());
    assert!(times.iter().all(|at| (before..after).contains(at)), "{before} {times:?} {after}");
    assert!(times.iter().any(|at| at % 1_000 != 0), "no nanoseconds: {times:?}");
}

#[test]
fn a_silent_port_gives_the_time_asked_for_and_no_more() {
    let Some(mirror) = Mirror::new() else { return };
    let listener = Listener::start(&mirror, &Wish::default());
    std::thread::sleep(Duration::from_secs(2));
    let heard = listener.end();
    assert!(heard.frames.is_empty());
    let longest = heard.count("longest_ms");
    assert!((WAIT_MS..WAIT_MS + 1_500).contains(&longest), "{longest} ms");
}

#[test]
fn the_filter_is_the_kernels() {
    let Some(mirror) = Mirror::new() else { return };
    let files = [program::capture("modbus/mbpoll.pcap"), program::capture("lldp/lldpd.pcap")];
    let wish = Wish { filter: Some("ether proto 0x88cc"), ..Wish::default() };
    let listener = Listener::start(&mirror, &wish);
    mirror.replay(&files, &["--topspeed"]);
    let heard = listener.end();
    let lldp = |bytes: &[u8]| bytes[12..14] == [0x88, 0xcc];
    let expected = files.iter().flat_map(|file| traffic::shots(file));
    let expected = expected.filter(|shot| lldp(&shot.bytes)).count();
    assert!(expected > 0);
    assert_eq!(heard.frames.len(), expected);
    assert!(heard.frames.iter().all(|frame| lldp(&frame.bytes)));
    assert_eq!(heard.count("received"), expected as u64);
}

#[test]
fn a_wrong_filter_is_told() {
    let Some(mirror) = Mirror::new() else { return };
    let wish = Wish { filter: Some("porrt 502"), ..Wish::default() };
    for down in [false, true] {
        if down {
            mirror.set(&["down"]);
        }
        let line = Listener::spawn(&mirror, &wish).line();
        assert!(line.contains("compiling the filter \"porrt 502\""), "{line}");
    }
}

#[test]
fn an_interface_goes_on_when_it_is_up_again() {
    let Some(mirror) = Mirror::new() else { return };
    let file = program::capture("modbus/mbpoll.pcap");
    let each = traffic::shots(&file).len() as u64;
    let mut listener = Listener::start(&mirror, &Wish::default());
    for _ in 0..2 {
        mirror.replay(std::slice::from_ref(&file), &["--topspeed"]);
        listener.await_state("Frames");
        mirror.set(&["down"]);
        listener.await_state("Down");
        mirror.set(&["up"]);
        listener.await_state("Silent");
    }
    mirror.replay(std::slice::from_ref(&file), &["--topspeed"]);
    let heard = listener.end();
    assert_eq!(heard.count("frames"), 3 * each);
    assert_eq!((heard.count("received"), heard.count("dropped")), (3 * each, 0));
    assert_eq!(heard.frames.last().unwrap().number, 3 * each);
    assert_eq!((heard.count("openings"), heard.count("transmitted")), (1, 0));
}

#[test]
fn an_interface_that_is_down_at_first_is_waited_for() {
    let Some(mirror) = Mirror::new() else { return };
    mirror.set(&["down"]);
    let file = program::capture("modbus/mbpoll.pcap");
    let mut listener = Listener::start(&mirror, &Wish::default());
    listener.await_state("Down");
    mirror.set(&["up"]);
    listener.await_state("Silent");
    mirror.replay(std::slice::from_ref(&file), &["--topspeed"]);
    let heard = listener.end();
    assert_eq!(heard.frames.len(), traffic::shots(&file).len());
}

#[test]
fn a_cable_that_is_out_is_told_and_waited_for() {
    let Some(mirror) = Mirror::new() else { return };
    let file = program::capture("modbus/mbpoll.pcap");
    mirror.cable("down");
    let mut listener = Listener::start(&mirror, &Wish::default());
    listener.await_state("Down");
    for _ in 0..2 {
        mirror.cable("up");
        listener.await_state("Silent");
        mirror.replay(std::slice::from_ref(&file), &["--topspeed"]);
        listener.await_state("Frames");
        mirror.cable("down");
        listener.await_state("Down");
    }
    let heard = listener.end();
    assert_eq!(heard.frames.len(), 2 * traffic::shots(&file).len());
    assert_eq!(heard.count("openings"), 1);
}

#[test]
fn an_interface_that_is_removed_and_made_again_is_opened_anew() {
    let Some(mirror) = Mirror::new() else { return };
    let file = program::capture("modbus/mbpoll.pcap");
    let each = traffic::shots(&file).len() as u64;
    let mut listener = Listener::start(&mirror, &Wish::default());
    mirror.replay(std::slice::from_ref(&file), &["--topspeed"]);
    // No pause: what the ring holds when the interface goes is not lost.
    mirror.remove();
    listener.await_state("Gone");
    mirror.lay();
    listener.await_state("Silent");
    mirror.replay(std::slice::from_ref(&file), &["--topspeed"]);
    listener.await_state("Frames");
    listener.await_state("Silent");
    // So quickly that nobody ever sees it missing: the old handle would stay silent for ever.
    mirror.remove();
    mirror.lay();
    listener.await_state("Gone");
    listener.await_state("Silent");
    mirror.replay(std::slice::from_ref(&file), &["--topspeed"]);
    let heard = listener.end();
    assert_eq!(heard.count("frames"), 3 * each);
    assert_eq!((heard.count("received"), heard.count("dropped")), (3 * each, 0));
    let numbers: Vec<u64> = heard.frames.iter().map(|frame| frame.number).collect();
    assert_eq!(numbers, (1..=3 * each).collect::<Vec<u64>>());
    assert_eq!((heard.count("openings"), heard.count("dropped_by_interface")), (3, 0));
}

#[test]
fn what_is_lost_is_counted_to_the_frame() {
    let Some(mirror) = Mirror::new() else { return };
    let file = program::capture("modbus/mbpoll.pcap");
    let wish = Wish { ring_bytes: Some(1 << 20), asleep: true, ..Wish::default() };
    let mut listener = Listener::start(&mirror, &wish);
    mirror.replay(std::slice::from_ref(&file), &["--topspeed", "--loop", "2000"]);
    listener.say("read");
    listener.await_state("Frames");
    let heard = listener.end();
    let sent = 2_000 * traffic::shots(&file).len() as u64;
    let (received, dropped) = (heard.count("received"), heard.count("dropped"));
    eprintln!("{sent} sent, {received} received, {dropped} of them dropped");
    assert!(dropped > 0);
    assert_eq!(received, sent);
    assert_eq!(heard.frames.len() as u64, received - dropped);
}

#[test]
fn all_interfaces_together_have_a_link_type_of_their_own() {
    let Some(mirror) = Mirror::new() else { return };
    let file = program::capture("modbus/mbpoll.pcap");
    let listener = Listener::start(&mirror, &Wish { interface: Some("any"), ..Wish::default() });
    mirror.replay(std::slice::from_ref(&file), &["--topspeed"]);
    let heard = listener.end();
    let expected = traffic::shots(&file);
    assert_eq!(heard.frames.len(), expected.len());
    for (heard, expected) in heard.frames.iter().zip(expected) {
        // Linux cooked, version 1: a header of 16 bytes in place of one of 14.
        assert_eq!((heard.link, &heard.bytes[16..]), (113, &expected.bytes[14..]));
    }
}

#[test]
fn without_the_right_the_way_to_get_it_is_told() {
    let Some(mirror) = Mirror::new() else { return };
    if !is_here("setpriv") {
        return;
    }
    let wish =
        Wish { behind: words("setpriv --bounding-set=-all --inh-caps=-all"), ..Wish::default() };
    let line = Listener::spawn(&mirror, &wish).line();
    for word in ["no right to capture", "setcap cap_net_raw+ep", "AmbientCapabilities=CAP_NET_RAW"]
    {
        assert!(line.contains(word), "{line}");
    }
}

#[test]
fn an_ordinary_user_with_the_one_right_hears_all() {
    let Some(mirror) = Mirror::new() else { return };
    if !is_here("setpriv") {
        return;
    }
    let right = "-all,+net_raw";
    let user = "setpriv --reuid=65534 --regid=65534 --clear-groups";
    let behind =
        words(&format!("{user} --inh-caps={right} --ambient-caps={right} --bounding-set={right}"));
    let file = program::capture("modbus/mbpoll.pcap");
    let listener = Listener::start(&mirror, &Wish { behind, ..Wish::default() });
    mirror.replay(std::slice::from_ref(&file), &["--topspeed"]);
    let heard = listener.end();
    assert_eq!(heard.frames.len(), traffic::shots(&file).len());
    assert_eq!(heard.count("transmitted"), 0);
}

#[test]
fn no_call_to_the_system_sends_on_the_interface() {
    let Some(mirror) = Mirror::new() else { return };
    if !is_here("strace") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("calls");
    // Every call that takes a descriptor, each named as what it leads to.
    let behind = words(&format!("strace -f -yy -e trace=network,desc -o {}", log.display()));
    let mut listener = Listener::start(&mirror, &Wish { behind, ..Wish::default() });
    let file = program::capture("modbus/mbpoll.pcap");
    mirror.replay(std::slice::from_ref(&file), &["--topspeed"]);
    listener.await_state("Frames");
    mirror.set(&["down"]);
    listener.await_state("Down");
    mirror.set(&["up"]);
    listener.await_state("Silent");
    assert_eq!(listener.end().frames.len(), traffic::shots(&file).len());
    let calls = std::fs::read_to_string(log).unwrap();
    // As `socket(AF_PACKET, …) = 4<socket:[2488043]>`, and so named in every later call.
    let opened = calls.lines().filter(|line| line.contains("socket(AF_PACKET"));
    let names = opened.filter_map(|line| line.rsplit_once("= ")?.1.split_once('<'));
    let sockets: Vec<&str> = names.map(|(_, name)| name).collect();
    let leads_there = |line: &&str| sockets.iter().any(|socket| line.contains(socket));
    let of_socket: Vec<&str> = calls.lines().filter(leads_there).collect();
    assert!(of_socket.len() > 5, "no packet socket among {} calls", calls.lines().count());
    let can_send = ["write", "send", "splice", "tee("];
    let sent: Vec<&&str> = of_socket
        .iter()
        .filter(|line| {
            let call = line.split('(').next().unwrap_or_default();
            can_send.iter().any(|word| call.contains(word))
        })
        .collect();
    assert!(sent.is_empty(), "{sent:#?}");
}

fn words(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}

fn is_here(tool: &str) -> bool {
    let is_here = Command::new(tool).arg("-V").stdout(Stdio::null()).status().is_ok();
    if !is_here {
        eprintln!("skipped: {tool} is not here");
    }
    is_here
}

fn now() -> i64 {
    std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_nanos() as i64
}
