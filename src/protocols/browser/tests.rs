//! What hosts announce, which datagrams are not read, and what is kept of somebody who logs on.

use crate::flow::Direction::ToServer;
use crate::protocols::harness::{self, Listener};

fn netbios(name: &str, suffix: u8) -> Vec<u8> {
    let mut plain = name.as_bytes().to_vec();
    plain.resize(15, b' ');
    plain.push(suffix);
    let mut encoded = vec![32];
    encoded.extend(plain.iter().flat_map(|byte| [b'A' + (byte >> 4), b'A' + (byte & 15)]));
    encoded.push(0);
    encoded
}

/// A datagram of 10.0.0.1, HMI <00>, to PLANT and a suffix. The mailslot's data begin at offset 14 + 68 + 70 + name.
fn datagram(flags: u8, address: [u8; 4], suffix: u8, mailslot: &str, data: &[u8]) -> Vec<u8> {
    let mut smb = b"\xffSMB\x25".to_vec();
    smb.resize(32, 0);
    smb.push(17);
    let at = u16::try_from(32 + 1 + 34 + 2 + mailslot.len() + 1).unwrap();
    let length = u16::try_from(data.len()).unwrap();
    let mut words = vec![0; 22];
    words.extend(length.to_le_bytes());
    words.extend(at.to_le_bytes());
    words.extend([3, 0, 1, 0, 1, 0, 2, 0]);
    assert_eq!(words.len(), 34);
    smb.extend(words);
    smb.extend([0, 0]);
    smb.extend(mailslot.as_bytes());
    smb.push(0);
    smb.extend(data);
    let mut bytes = vec![0x11, flags, 0x80, 1];
    bytes.extend(address);
    bytes.extend([0, 138]);
    bytes.extend(u16::try_from(68 + smb.len()).unwrap().to_be_bytes());
    bytes.extend([0, 0]);
    bytes.extend(netbios("HMI", 0));
    bytes.extend(netbios("PLANT", suffix));
    bytes.extend(smb);
    bytes
}

fn listen(bytes: &[u8]) -> Listener {
    harness::read(&super::PROTOCOL, true, &[(ToServer, bytes)])
}

const OWN: [u8; 4] = [10, 0, 0, 1];
const BROWSE: &str = "\\MAILSLOT\\BROWSE";
const NETLOGON: &str = "\\MAILSLOT\\NET\\NETLOGON";

fn host_announcement() -> Vec<u8> {
    let mut data = vec![1, 0, 0x80, 0xfc, 0x0a, 0];
    data.extend(b"HMI\0AAAAAAAAAAAA"); // what stands behind the NUL is old memory
    data.extend([5, 1, 0x03, 0x10, 1, 0, 15, 1, 0x55, 0xaa]);
    data.extend(b"Mixer 3\0");
    data
}

#[test]
fn a_host_announces_name_system_type_and_comment() {
    let listener = listen(&datagram(0x0a, OWN, 0x1d, BROWSE, &host_announcement()));
    assert_eq!(
        listener.lines(),
        [
            "10.0.0.1  browser.source_name = HMI <00> @14+34",
            "10.0.0.1  browser.workgroup = PLANT @48+34",
            "10.0.0.1  browser.server = HMI @174+16",
            "10.0.0.1  browser.os_version = 5.1 @190+2",
            "10.0.0.1  browser.server_type = workstation, server, NT workstation, potential browser @192+4",
            "10.0.0.1  browser.browser_version = 15.1 @196+2",
            "10.0.0.1  browser.comment = Mixer 3 @200+7",
        ]
    );
    assert!(listener.damage.is_empty());
}

#[test]
fn an_address_that_is_translated_is_said() {
    let listener = listen(&datagram(0x0a, [192, 168, 1, 9], 0x1d, BROWSE, &[2]));
    assert_eq!(listener.lines()[1], "10.0.0.1  browser.source_address = 192.168.1.9 @4+4");
}

#[test]
fn a_datagram_in_parts_says_its_header_only() {
    let listener = listen(&datagram(0x0b, OWN, 0x1d, BROWSE, &host_announcement()));
    assert_eq!(listener.lines(), ["10.0.0.1  browser.source_name = HMI <00> @14+34"]);
    assert_eq!(listener.counted, ["browser.datagrams_in_parts"]);
}

#[test]
fn an_announcement_that_is_cut_keeps_what_was_read() {
    let data = host_announcement();
    let listener = listen(&datagram(0x0a, OWN, 0x1d, BROWSE, &data[..24]));
    assert_eq!(listener.lines().last().unwrap(), "10.0.0.1  browser.os_version = 5.1 @190+2");
    assert_eq!(listener.damage[0].field, "ServerType");
}

#[test]
fn data_beyond_the_message_is_damage() {
    let mut bytes = datagram(0x0a, OWN, 0x1d, BROWSE, &host_announcement());
    bytes[82 + 33 + 24] = 0xff;
    bytes[82 + 33 + 25] = 0xff;
    assert_eq!(listen(&bytes).damage[0].field, "DataOffset");
}

#[test]
fn a_longer_list_than_there_is_ends() {
    let listener = listen(&datagram(0x0a, OWN, 0, BROWSE, b"\x0a\xff\0\0\0\0DC2\0WS2\0"));
    assert_eq!(
        listener.lines()[1..],
        [
            "10.0.0.1  browser.backup_server = DC2 @174+3",
            "10.0.0.1  browser.backup_server = WS2 @178+3",
        ]
    );
    assert_eq!(listener.damage[0].field, "BackupServerCount");
}

#[test]
fn an_election_without_criteria_puts_nothing_forward() {
    let listener =
        listen(&datagram(0x0a, OWN, 0x1e, BROWSE, b"\x08\x01\0\0\0\0\0\0\0\0\0\0\0\0\0"));
    assert_eq!(listener.lines().len(), 1);
    let bid = listen(&datagram(
        0x0a,
        OWN,
        0x1e,
        BROWSE,
        b"\x08\x01\x04\x0f\x01\x10\0\0\0\0\0\0\0\0HMI\0",
    ));
    assert_eq!(
        bid.lines()[1..],
        [
            "10.0.0.1  browser.election_criteria = NT workstation, master browser @170+4",
            "10.0.0.1  browser.server = HMI @182+3",
        ]
    );
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect()
}

#[test]
fn who_logs_on_is_not_kept() {
    let mut data = vec![18, 0, 0, 0];
    data.extend(wide("HMI"));
    data.extend(wide("mueller"));
    data.extend(b"\\MAILSLOT\\NET\\GETDC1\0");
    data.extend([0x80, 0, 0, 0, 8, 0, 0, 0]);
    data.resize(data.len().next_multiple_of(4), 0);
    data.extend([9; 8]);
    data.extend([0x0b, 0, 0, 0x20, 0xff, 0xff, 0xff, 0xff]);
    let listener = listen(&datagram(0x0a, OWN, 0x1c, NETLOGON, &data));
    assert_eq!(
        listener.lines()[1..],
        [
            "10.0.0.1  browser.netlogon_computer_name = HMI @178+6",
            "10.0.0.1  browser.netlogon_nt_version = 536870923 @242+4",
        ]
    );
    assert!(listener.damage.is_empty());
}

#[test]
fn a_controller_tells_its_names_and_flags_and_not_the_users() {
    let mut data = vec![23, 0, 0, 0, 0xfd, 0x31, 0, 0];
    data.extend([7; 16]);
    data.extend(b"\x05plant\x07example\0"); // at 24
    data.extend(b"\xc0\x18\x03dc2\xc0\x18\x05PLANT\0\x03DC2\0\x07mueller\0\x04Hall\0\xc0\x18");
    let listener = listen(&datagram(0x0a, OWN, 0, "\\MAILSLOT\\NET\\GETDC1", &data));
    let lines: Vec<String> = listener.lines()[1..]
        .iter()
        .map(|line| line.split(" @").next().unwrap().replace("10.0.0.1  browser.netlogon_", ""))
        .collect();
    assert_eq!(
        lines,
        [
            "domain_controller = primary, global catalogue, LDAP, directory service, key distribution centre, time service, closest, writable, all secrets, web service",
            "dns_forest_name = plant.example",
            "dns_domain_name = plant.example",
            "dns_host_name = dc2.plant.example",
            "domain = PLANT",
            "computer_name = DC2",
            "site_name = Hall",
        ]
    );
}

#[test]
fn a_name_that_leads_to_itself_is_damage() {
    let mut data = vec![23, 0, 0, 0, 0xfd, 0x31, 0, 0];
    data.extend([7; 16]);
    data.extend(b"\xc0\x18");
    assert_eq!(listen(&datagram(0x0a, OWN, 0, NETLOGON, &data)).damage[0].field, "DNS pointer");
}

#[test]
fn text_without_an_end_is_damage() {
    let listener = listen(&datagram(0x0a, OWN, 0x1c, NETLOGON, b"\x12\0\0\0H\0M\0I\0"));
    assert_eq!(listener.damage[0].field, "UnicodeComputerName");
}

fn lan_manager() -> Vec<u8> {
    let mut data = vec![1, 0, 0x03, 0x10, 0, 0, 4, 9, 60, 0];
    data.extend(b"HMI\0MIXER 3\0");
    datagram(0x0a, OWN, 0, "\\MAILSLOT\\LANMAN", &data)
}

#[test]
fn the_lan_manager_form_tells_type_version_and_name() {
    assert_eq!(
        listen(&lan_manager()).lines()[1..],
        [
            "10.0.0.1  browser.server_type = workstation, server, NT workstation @170+4",
            "10.0.0.1  browser.os_version = 4.9 @174+2",
            "10.0.0.1  browser.server = HMI @178+3",
        ]
    );
}
