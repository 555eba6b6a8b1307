//! Whose a record is, what is a claim, and what is kept of a service.

use crate::flow::Direction::{self, ToClient, ToServer};
use crate::protocols::harness::{self, Listener};

/// A message: flags, then questions, answers, authority and additional records.
fn message(flags: u16, parts: [&[Vec<u8>]; 4]) -> Vec<u8> {
    let mut bytes = vec![0, 0];
    bytes.extend(flags.to_be_bytes());
    for part in parts {
        bytes.extend(u16::try_from(part.len()).unwrap().to_be_bytes());
    }
    bytes.extend(parts.iter().flat_map(|part| part.concat()));
    bytes
}

fn response(records: &[Vec<u8>]) -> Vec<u8> {
    message(0x8400, [&[], records, &[], &[]])
}

fn labels(name: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for label in name.split('.') {
        bytes.push(u8::try_from(label.len()).unwrap());
        bytes.extend(label.as_bytes());
    }
    bytes.push(0);
    bytes
}

fn record(name: &str, kind: u16, ttl: u32, data: &[u8]) -> Vec<u8> {
    let mut bytes = labels(name);
    bytes.extend(kind.to_be_bytes());
    bytes.extend([0x80, 1]);
    bytes.extend(ttl.to_be_bytes());
    bytes.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
    bytes.extend(data);
    bytes
}

fn a(name: &str, last: u8) -> Vec<u8> {
    record(name, 1, 120, &[10, 0, 0, last])
}

fn srv(instance: &str, host: &str) -> Vec<u8> {
    record(instance, 33, 120, &[&[0, 0, 0, 0, 0, 80][..], &labels(host)].concat())
}

fn txt(instance: &str, pairs: &[&str]) -> Vec<u8> {
    let strings = pairs.iter().flat_map(|pair| {
        let mut string = vec![u8::try_from(pair.len()).unwrap()];
        string.extend(pair.as_bytes());
        string
    });
    record(instance, 16, 120, &strings.collect::<Vec<u8>>())
}

fn listen(messages: &[(Direction, &[u8])]) -> Listener {
    harness::read(&super::PROTOCOL, true, messages)
}

/// What is said, without where.
fn facts(listener: &Listener) -> Vec<String> {
    let plain = |line: &String| line.split(" @").next().unwrap_or_default().replace("  mdns.", " ");
    listener.lines().iter().map(plain).collect()
}

#[test]
fn a_host_names_itself_and_its_other_addresses() {
    let bytes = response(&[a("plc7.local", 1), record("plc7.local", 1, 120, &[192, 168, 1, 7])]);
    let listener = listen(&[(ToServer, &bytes)]);
    assert_eq!(
        listener.lines(),
        [
            "10.0.0.1  mdns.host_name = plc7.local @12+12",
            "10.0.0.1  mdns.host_name = plc7.local @38+12",
            "10.0.0.1  mdns.address = 192.168.1.7 @60+4",
        ]
    );
}

#[test]
fn a_goodbye_is_no_claim() {
    let bytes = response(&[record("plc7.local", 1, 0, &[10, 0, 0, 1])]);
    assert!(listen(&[(ToServer, &bytes)]).said.is_empty());
}

#[test]
fn what_a_proxy_says_of_another_is_nobodys() {
    let own = response(&[a("proxy.local", 1)]);
    let other = response(&[
        txt("Laptop._ssh._tcp.local", &["model=X"]),
        srv("Laptop._ssh._tcp.local", "laptop.local"),
        a("laptop.local", 9),
    ]);
    let listener = listen(&[(ToServer, &own), (ToServer, &other)]);
    assert_eq!(facts(&listener), ["10.0.0.1 host_name = proxy.local"]);
    assert_eq!(listener.counted, ["mdns.records_about_others"; 3]);
}

#[test]
fn a_relay_is_not_believed_without_an_address() {
    let mixed = response(&[a("router.local", 1), a("other.local", 9)]);
    let types =
        response(&[record("_services._dns-sd._udp.local", 12, 120, &labels("_ipp._tcp.local"))]);
    let listener = listen(&[(ToServer, &mixed), (ToServer, &types)]);
    assert_eq!(facts(&listener), ["10.0.0.1 host_name = router.local"]);
    assert_eq!(listener.counted, ["mdns.records_about_others", "mdns.records_about_nobody"]);
}

#[test]
fn a_service_is_the_senders_when_it_leads_to_its_name() {
    let service = "GW 1._opcua-tcp._tcp.local";
    let bytes = response(&[
        record("_opcua-tcp._tcp.local", 12, 120, &labels(service)),
        txt(service, &["path=/", "caps=DA,LDS", "PATH=/other", "novalue", "fn=Anna"]),
        srv(service, "GW1.local"),
        a("gw1.local", 1),
    ]);
    assert_eq!(
        facts(&listen(&[(ToServer, &bytes)])),
        [
            "10.0.0.1 service = _opcua-tcp._tcp",
            "10.0.0.1 instance = _opcua-tcp._tcp GW 1",
            "10.0.0.1 txt = _opcua-tcp._tcp path=/",
            "10.0.0.1 txt = _opcua-tcp._tcp caps=DA,LDS",
            "10.0.0.1 service = _opcua-tcp._tcp",
            "10.0.0.1 instance = _opcua-tcp._tcp GW 1",
            "10.0.0.1 host_name = gw1.local",
        ]
    );
}

#[test]
fn names_that_owners_give_are_not_said() {
    let bytes = response(&[
        srv("Anna's Mac._smb._tcp.local", "mac.local"),
        txt("Anna's Mac._device-info._tcp.local", &["model=Macmini9,1"]),
        a("mac.local", 1),
    ]);
    assert_eq!(
        facts(&listen(&[(ToServer, &bytes)])),
        [
            "10.0.0.1 service = _smb._tcp",
            "10.0.0.1 txt = _device-info._tcp model=Macmini9,1",
            "10.0.0.1 host_name = mac.local",
        ]
    );
}

#[test]
fn a_workstation_tells_its_hardware_address() {
    let name = "gw1 [00:0e:8c:01:02:03]._workstation._tcp.local";
    let bytes = response(&[srv(name, "gw1.local"), a("gw1.local", 1)]);
    let facts = facts(&listen(&[(ToServer, &bytes)]));
    assert!(facts.contains(&"10.0.0.1 mac_address = 00:0e:8c:01:02:03".to_owned()), "{facts:?}");
}

#[test]
fn a_host_that_was_asked_at_its_own_address_answers_for_itself() {
    let types = record("_services._dns-sd._udp.local", 12, 10, &labels("_ipp._tcp.local"));
    let question = message(
        0,
        [&[[labels("_services._dns-sd._udp.local"), vec![0, 12, 0, 1]].concat()], &[], &[], &[]],
    );
    let answer = response(&[types]);
    assert_eq!(
        facts(&listen(&[(ToServer, &question), (ToClient, &answer)])),
        ["10.0.0.2 service = _ipp._tcp"]
    );
    let unasked = listen(&[(ToClient, &answer)]);
    assert!(unasked.said.is_empty());
    assert_eq!(unasked.counted, ["mdns.records_about_nobody"]);
}

#[test]
fn a_probe_is_a_wish_and_tells_whom_later_services_belong_to() {
    let probe = message(0, [&[], &[], &[a("gw1.local", 1), a("other.local", 9)], &[]]);
    let service = response(&[srv("x._ssh._tcp.local", "gw1.local")]);
    assert_eq!(
        facts(&listen(&[(ToServer, &probe), (ToServer, &service)])),
        ["10.0.0.1 requested_name = gw1.local", "10.0.0.1 service = _ssh._tcp"]
    );
}

#[test]
fn answers_that_an_asker_knows_already_are_not_its_own() {
    let known = message(0, [&[], &[a("gw1.local", 1)], &[], &[]]);
    assert!(listen(&[(ToServer, &known)]).said.is_empty());
}

#[test]
fn a_host_tells_processor_and_system() {
    let bytes =
        response(&[a("gw1.local", 1), record("gw1.local", 13, 120, b"\x06ARMV7L\x05LINUX")]);
    assert_eq!(
        facts(&listen(&[(ToServer, &bytes)]))[1..],
        ["10.0.0.1 cpu = ARMV7L", "10.0.0.1 os = LINUX"]
    );
}

#[test]
fn a_record_with_wrong_data_costs_only_itself() {
    let bytes = response(&[
        record("gw1.local", 13, 120, b"\xffARM"),
        record("x._ssh._tcp.local", 33, 120, b"\0\0"),
        record("_ssh._tcp.local", 12, 120, b"\xc0\xff"),
        a("gw1.local", 1),
    ]);
    let listener = listen(&[(ToServer, &bytes)]);
    assert_eq!(facts(&listener), ["10.0.0.1 host_name = gw1.local"]);
    let fields: Vec<&str> = listener.damage.iter().map(|malformed| malformed.field).collect();
    assert_eq!(fields, ["HINFO CPU", "SRV Priority and Weight", "DNS pointer"]);
}

#[test]
fn the_names_of_a_reflector_end_at_the_cap() {
    let mut listener = Vec::new();
    for host in 0..100 {
        listener.push(response(&[record(&format!("host{host}.local"), 1, 120, &[10, 1, 0, host])]));
    }
    let messages: Vec<(Direction, &[u8])> = listener.iter().map(|m| (ToServer, &**m)).collect();
    let listener = listen(&messages);
    assert!(listener.said.is_empty());
    assert_eq!(
        listener.counted.iter().filter(|name| **name == "mdns.names_beyond_cap").count(),
        36
    );
}

#[test]
fn hostile_names_are_text_for_the_sinks_to_escape() {
    let bytes = response(&[a("a\x1b[2J\n.local", 1)]);
    assert_eq!(listen(&[(ToServer, &bytes)]).said[0].value.to_string(), "a\u{1b}[2J\n.local");
}
