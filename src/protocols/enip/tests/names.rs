//! Objects that name files, clocks, rings, ports, certificates and projects; the status word.

use super::*;

/// What an attribute says, after the subject and the prefix.
fn single(class: u8, instance: u8, attribute: u8, value: &[u8]) -> Vec<String> {
    let path = [0x20, class, 0x24, instance, 0x30, attribute];
    tell(&asked(&request(0x0E, &path, b""), &reply(0x0E, 0, value)))
}

/// What Get_Attributes_All says.
fn all(class: u8, value: &[u8]) -> Vec<String> {
    tell(&asked(&request(1, &[0x20, class, 0x24, 1], b""), &reply(1, 0, value)))
}

fn tell(talk: &[(Direction, Vec<u8>)]) -> Vec<String> {
    let listener = tcp(talk);
    assert!(listener.damage.is_empty(), "{:?}", listener.damage);
    let told = |line: String| line.strip_prefix("10.0.0.2  enip.").unwrap().to_owned();
    facts(&listener).into_iter().map(told).collect()
}

#[test]
fn the_status_word_is_told_bit_by_bit() {
    for (status, owned, configured, extended, faults) in [
        (0x0000_u16, 0, 0, "self-testing or unknown", "none"),
        (0x0075, 1, 1, "at least one I/O connection established, all in idle mode", "none"),
        (0x0010, 0, 0, "firmware update in progress", "none"),
        (0x3550, 0, 0, "major fault", "minor recoverable, major recoverable"),
        (0xBA90, 0, 0, "reserved", "minor unrecoverable, major unrecoverable"),
        (
            0x0FA4,
            0,
            1,
            "vendor specific",
            "minor recoverable, minor unrecoverable, major recoverable, major unrecoverable",
        ),
    ] {
        let expected = [
            format!("status = {status}"),
            format!("owned = {owned}"),
            format!("configured = {configured}"),
            format!("extended_device_status = {extended}"),
            format!("faults = {faults}"),
            format!("mode_status = {}", status & 0xF0F0),
        ];
        assert_eq!(single(1, 1, 5, &status.to_le_bytes()), expected);
    }
}

#[test]
fn faults_are_the_bits_that_are_set() {
    for bits in 0_u16..16 {
        let told = single(1, 1, 5, &(bits << 8).to_le_bytes());
        let named = told[4].strip_prefix("faults = ").unwrap();
        let names = [
            "minor recoverable",
            "minor unrecoverable",
            "major recoverable",
            "major unrecoverable",
        ];
        let expected: Vec<&str> =
            (0..4).filter(|bit| bits >> bit & 1 == 1).map(|bit| names[bit]).collect();
        let expected = if bits == 0 { "none".to_owned() } else { expected.join(", ") };
        assert_eq!(named, expected);
    }
}

#[test]
fn identity_has_more_attributes_than_all_of_them() {
    let text = b"\x01eng\xda\x04\x00\x05Press"; // one string, English, SHORT_STRING, ISO 8859-1
    assert_eq!(single(1, 1, 13, text), ["international_product_name = Press"]);
    assert_eq!(single(1, 1, 16, text), ["assigned_description = Press"]);
    assert_eq!(single(1, 1, 17, text), ["geographic_location = Press"]);
    assert_eq!(single(1, 1, 19, b"\x09\x00"), ["protection_mode = 9"]);
    assert!(single(1, 1, 12, b"engdeu").is_empty());
    // Those without interest are passed over, so that what stands behind them in a list is read.
    let list = [
        &[3, 0][..],
        &[11, 0, 0, 0, b'e', b'n', b'g'],
        &[14, 0, 0, 0, 1, 0, 2, 0, 0, 0, 3, 0],
        &[8, 0, 0, 0, 3],
    ];
    let talk = asked(&request(3, IDENTITY, b""), &reply(3, 0, &list.concat()));
    assert_eq!(tell(&talk), ["state = 3"]);
}

#[test]
fn reads_the_rest_of_the_interfaces() {
    let conflict = [&[1][..], b"\x00\x00\xbc\x01\x02\x03", &[0; 28]].concat();
    assert_eq!(single(0xF5, 1, 11, &conflict), ["conflicting_mac_address = 00:00:bc:01:02:03"]);
    assert!(single(0xF5, 1, 11, &[0; 35]).is_empty());
    assert_eq!(single(0xF6, 2, 10, b"\x06Port 2"), ["interface_label = Port 2"]);
    let link = [
        &[100, 0, 0, 0, 15, 0, 0, 0][..], // speed, flags
        b"\x00\x00\xbc\x3b\xd6\x59",      // physical address
        &[0; 44 + 48 + 4 + 3],            // counters, control, type, states
        b"\x01A",                         // label
    ];
    let expected = ["mac_address = 00:00:bc:3b:d6:59", "interface_label = A"];
    assert_eq!(all(0xF6, &link.concat()), expected);
    assert_eq!(all(0xF6, &[&link[..2].concat()[..], &[0]].concat()), expected[..1]);
}

#[test]
fn reads_ports_and_how_far_the_backplane_goes() {
    let port = b"\x01\x00\x01\x00\x02\x00\x20\x66\x24\x01\x09Backplane\x10\x00";
    assert_eq!(all(0xF4, port), ["port_name = Backplane"]);
    assert_eq!(single(0xF4, 1, 8, b"\x00\x00\x0c\x00"), ["port_node_range = 0-12"]);
}

#[test]
fn a_ring_names_its_supervisor_and_everyone_in_it() {
    let node = |last: u8| [last, 1, 168, 192, 0, 0, 0xBC, 0, 0, last];
    assert_eq!(single(0x47, 1, 10, &node(5)), ["ring_supervisor = 192.168.1.5 00:00:bc:00:00:05"]);
    assert_eq!(
        single(0x47, 1, 9, &[node(5), node(6)].concat()),
        [
            "ring_participant = 192.168.1.5 00:00:bc:00:00:05",
            "ring_participant = 192.168.1.6 00:00:bc:00:00:06",
        ]
    );
    for (number, word) in [(0, "normal"), (1, "ring fault"), (4, "rapid fault/restore cycle")] {
        assert_eq!(all(0x47, &[1, number, 2])[..], [format!("ring_status = {word}")]);
    }
}

#[test]
fn clocks_switches_and_files_say_what_they_are() {
    let described = b"\x0a\x00\x00\x00Acme;C1;77";
    assert_eq!(single(0x43, 1, 21, described), ["clock_product_description = Acme;C1;77"]);
    assert_eq!(single(0x43, 1, 22, described), ["clock_revision_data = Acme;C1;77"]);
    assert_eq!(single(0x43, 1, 23, described), ["clock_user_description = Acme;C1;77"]);
    let clock = [&[0, 0, 0xBC, 0xFF, 0xFE, 1, 2, 3][..], &[0; 16]].concat();
    assert_eq!(single(0x43, 1, 8, &clock), ["grandmaster_identity = 0000bcfffe010203"]);
    let switch = b"\x00\x01\x00\x00\x0a\x00\x00\x00\x0815.2(7)E\x00";
    assert_eq!(all(0x51, switch), ["system_firmware_version = 15.2(7)E"]);
    let name = b"\x01eng\xda\x04\x00\x06DES.gz";
    assert_eq!(single(0x37, 0xC8, 4, name), ["file_name = DES.gz"]);
}

#[test]
fn security_objects_say_their_state_and_certificates_their_name() {
    assert_eq!(
        all(0x5D, b"\x02\x0e\x00\x04\x00"),
        ["cip_security_object_state = configured", "security_profiles = 14"]
    );
    assert_eq!(
        single(0x5D, 1, 1, b"\x00"),
        ["cip_security_object_state = factory default configuration"]
    );
    assert_eq!(
        single(0x5E, 1, 1, b"\x03"),
        ["ethernet_ip_security_object_state = pull model in progress"]
    );
    assert_eq!(
        single(0x5F, 1, 1, b"\x14Default Device Cert."),
        ["certificate_name = Default Device Cert."]
    );
}

#[test]
fn a_project_is_known_again_by_what_changes_with_it() {
    let list = [
        &[3, 0][..],
        &[1, 0, 0, 0, 5, 0],                    // attribute 1
        &[3, 0, 0, 0, 0x95, 0x29, 0x1F, 0x04],  // attribute 3
        &[10, 0, 0, 0, 0x84, 0x22, 0xDF, 0x48], // attribute 10
    ];
    let talk = asked(&request(3, b"\x20\xac\x24\x01", b""), &reply(3, 0, &list.concat()));
    let expected = ["project_attribute_3 = 69151125", "project_attribute_10 = 1222582916"];
    assert_eq!(tell(&talk), expected);
    let every = [&[5, 0, 1, 0, 0x95, 0x29, 0x1F, 0x04][..], &[0; 20], &[0x84, 0x22, 0xDF, 0x48]];
    assert_eq!(all(0xAC, &every.concat()), expected);
}

#[test]
fn texts_that_are_cut_say_nothing() {
    for (class, attribute, value) in
        [(0x43, 21, &b"\xff\xff\xff\xffAcme"[..]), (0x37, 4, b"\xffeng\xda"), (0x51, 3, b"\x09a")]
    {
        let path = [0x20, class, 0x24, 1, 0x30, attribute];
        let listener = tcp(&asked(&request(0x0E, &path, b""), &reply(0x0E, 0, value)));
        assert!(listener.said.is_empty());
        assert_eq!(listener.damage.len(), 1);
    }
}
