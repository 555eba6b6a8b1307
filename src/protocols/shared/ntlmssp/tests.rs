//! Bytes written after the layouts of \[MS-NLMP\]; `10.0.0.1` is the client, `10.0.0.2` the server.

#![allow(clippy::arithmetic_side_effects, clippy::as_conversions)]

use super::*;
use crate::flow::{Attach, Direction, Input};
use crate::protocols::harness::{self, Listener};
use crate::protocols::{Dissector, Probe, Protocol, Step};

const PROTOCOL: Protocol = Protocol {
    name: "ntlmssp",
    spec: "",
    attach: &[Attach::Tcp(1)],
    keys: &[KEYS],
    probe: |_| Probe::No,
    start: || Box::new(Bare),
};

/// NTLM messages with nothing around them.
struct Bare;

impl Dissector for Bare {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        let client = Subject::node(input.flow.client);
        let server = Subject::node(input.flow.server);
        let mut reader = Reader::new(input.bytes);
        super::read(&mut reader, out, &client, &server);
        assert!(reader.is_empty(), "takes all bytes");
        Step::Used(input.bytes.len())
    }
}

fn listen(message: &[u8]) -> Listener {
    harness::read(&PROTOCOL, true, &[(Direction::ToServer, message)])
}

/// A CHALLENGE as Windows sends it: version, then target name "LAB", then target information.
const CHALLENGE_BYTES: &[u8] = b"NTLMSSP\0\x02\0\0\0\
    \x06\0\x06\0\x38\0\0\0\
    \x15\x82\x89\xe2\
    chalenge\
    \0\0\0\0\0\0\0\0\
    \x3a\0\x3a\0\x3e\0\0\0\
    \x0a\x00\x61\x4a\0\0\0\x0f\
    L\0A\0B\0\
    \x02\0\x06\0L\0A\0B\0\
    \x01\0\x06\0D\0C\x003\0\
    \x04\0\x06\0l\0.\0x\0\
    \x03\0\x08\0d\0.\0l\0x\0\
    \x05\0\x02\0x\0\
    \x07\0\x02\0zz\
    \0\0\0\0";

#[test]
fn a_challenge_tells_version_and_names_of_the_server() {
    let heard = listen(CHALLENGE_BYTES);
    assert_eq!(
        heard.lines(),
        [
            "10.0.0.2  ntlmssp.version = 10.0.19041 @48+4",
            "10.0.0.2  ntlmssp.revision = 15 @55+1",
            "10.0.0.2  ntlmssp.target_name = LAB @56+6",
            "10.0.0.2  ntlmssp.netbios_domain_name = LAB @66+6",
            "10.0.0.2  ntlmssp.netbios_computer_name = DC3 @76+6",
            "10.0.0.2  ntlmssp.dns_domain_name = l.x @86+6",
            "10.0.0.2  ntlmssp.dns_computer_name = d.lx @96+8",
            "10.0.0.2  ntlmssp.dns_tree_name = x @108+2",
        ]
    );
    assert!(heard.damage.is_empty(), "{:?}", heard.damage);
}

#[test]
fn a_cut_challenge_says_nothing_that_is_not_there() {
    let whole = listen(CHALLENGE_BYTES).lines();
    for end in 0..CHALLENGE_BYTES.len() {
        let heard = listen(&CHALLENGE_BYTES[..end]);
        assert!(heard.lines().iter().all(|line| whole.contains(line)), "cut at {end}");
        for said in &heard.said {
            assert!(
                (said.excerpt.offset + said.excerpt.length) as usize <= end,
                "cut at {end}: {said:?}"
            );
        }
    }
}

#[test]
fn names_of_a_negotiate_message_are_in_the_oem_code_page() {
    let message = b"NTLMSSP\0\x01\0\0\0\
        \x15\xb2\x88\xe2\
        \x03\0\x03\0\x28\0\0\0\
        \x04\0\x04\0\x2b\0\0\0\
        \x05\x01\x28\x0a\0\0\0\x0f\
        LABHMI7";
    let expected = [
        "10.0.0.1  ntlmssp.version = 5.1.2600 @32+4",
        "10.0.0.1  ntlmssp.revision = 15 @39+1",
        "10.0.0.1  ntlmssp.domain = LAB @40+3",
        "10.0.0.1  ntlmssp.workstation = HMI7 @43+4",
    ];
    assert_eq!(listen(message).lines(), expected);
}

#[test]
fn payload_in_the_place_of_the_version_is_no_version() {
    // All flags set, but the names begin where the version would be.
    let message = b"NTLMSSP\0\x01\0\0\0\xff\xff\xff\xff\
        \x04\0\x04\0\x20\0\0\0\
        \x05\0\x05\0\x24\0\0\0\
        LABSHMI77";
    let expected =
        ["10.0.0.1  ntlmssp.domain = LABS @32+4", "10.0.0.1  ntlmssp.workstation = HMI77 @36+5"];
    assert_eq!(listen(message).lines(), expected);
}

#[test]
fn a_version_that_is_all_zero_or_not_announced_is_not_said() {
    let mut zero = CHALLENGE_BYTES.to_vec();
    zero[48..56].fill(0);
    assert!(!listen(&zero).lines().iter().any(|line| line.contains("version")));
    let mut quiet = CHALLENGE_BYTES.to_vec();
    quiet[23] &= !0x02; // NTLMSSP_NEGOTIATE_VERSION
    assert!(!listen(&quiet).lines().iter().any(|line| line.contains("version")));
}

#[test]
fn a_negotiate_message_without_name_fields_is_sound() {
    let heard = listen(b"NTLMSSP\0\x01\0\0\0\x07\x02\0\0");
    assert!(heard.said.is_empty() && heard.damage.is_empty());
}

#[test]
fn an_old_challenge_ends_before_target_information() {
    let message = b"NTLMSSP\0\x02\0\0\0\x04\0\x04\0\x20\0\0\0\x02\x82\x81\x02chalengeNT4S";
    assert_eq!(listen(message).lines(), ["10.0.0.2  ntlmssp.target_name = NT4S @32+4"]);
}

/// An AUTHENTICATE message: names first, then both responses and a session key.
fn authenticate(user: &str) -> Vec<u8> {
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let parts: [Vec<u8>; 6] = [
        vec![0xaa; 24], // LmChallengeResponse
        vec![0xbb; 30], // NtChallengeResponse
        wide("LAB"),    // DomainName
        wide(user),     // UserName
        wide("HMI7"),   // Workstation
        vec![0xcc; 16], // EncryptedRandomSessionKey
    ];
    let mut message = b"NTLMSSP\0\x03\0\0\0".to_vec();
    let mut offset = 72_u32;
    for part in &parts {
        let length = u16::try_from(part.len()).unwrap();
        message.extend_from_slice(&length.to_le_bytes());
        message.extend_from_slice(&length.to_le_bytes());
        message.extend_from_slice(&offset.to_le_bytes());
        offset += u32::from(length);
    }
    message.extend_from_slice(b"\x15\x82\x88\xe2"); // NegotiateFlags
    message.extend_from_slice(b"\x06\x01\xb1\x1d\0\0\0\x0f"); // VERSION
    message.extend(parts.concat());
    message
}

#[test]
fn authentication_tells_the_client_and_keeps_no_secret_and_no_person() {
    let heard = listen(&authenticate("operator"));
    let expected = [
        "10.0.0.1  ntlmssp.version = 6.1.7601 @64+4",
        "10.0.0.1  ntlmssp.revision = 15 @71+1",
        "10.0.0.1  ntlmssp.domain = LAB @126+6",
        "10.0.0.1  ntlmssp.workstation = HMI7 @148+8",
    ];
    assert_eq!(heard.lines(), expected);
    let kept: Vec<u8> = heard.said.iter().flat_map(|said| said.excerpt.bytes.to_vec()).collect();
    assert!(!kept.iter().any(|byte| matches!(byte, 0xaa | 0xbb | 0xcc)), "{kept:02x?}");
}

#[test]
fn the_account_of_a_machine_is_said() {
    let lines = listen(&authenticate("HMI7$")).lines();
    assert!(lines.contains(&"10.0.0.1  ntlmssp.machine_account = HMI7$ @132+10".to_owned()));
}

#[test]
fn a_name_that_points_outside_costs_only_itself() {
    let mut outside = CHALLENGE_BYTES.to_vec();
    outside[16..20].copy_from_slice(&u32::MAX.to_le_bytes()); // TargetNameBufferOffset
    let heard = listen(&outside);
    assert_eq!(heard.damage.len(), 1);
    assert!(heard.lines().iter().any(|line| line.contains("dns_computer_name = d.lx")));
    let mut inside = CHALLENGE_BYTES.to_vec();
    inside[44..48].copy_from_slice(&24_u32.to_le_bytes()); // TargetInfoBufferOffset, over the challenge
    assert!(!listen(&inside).lines().iter().any(|line| line.contains("dns_computer_name")));
}

#[test]
fn no_byte_of_any_value_anywhere_does_harm() {
    for message in [CHALLENGE_BYTES.to_vec(), authenticate("HMI7$")] {
        for at in 0..message.len() {
            for value in [0x00, 0x7f, 0x80, 0xff] {
                let mut changed = message.clone();
                changed[at] = value;
                listen(&changed);
            }
        }
    }
}

#[test]
fn a_response_of_ntlm_v2_repeats_the_names_of_the_server_and_is_not_kept() {
    let mut response = vec![0xbb; 16]; // NTProofStr
    response.extend_from_slice(b"\x01\x01\0\0\0\0\0\0");
    response.extend_from_slice(&[0xbb; 16]); // TimeStamp, ChallengeFromClient
    response.extend_from_slice(b"\0\0\0\0\x01\0\x04\0H\x001\0\x06\0\x04\0\x02\0\0\0");
    response.extend_from_slice(
        b"\x08\0\x02\0\xbb\xbb\x0a\0\x02\0\xbb\xbb\x09\0\x0c\0c\0i\0/\0H\x001\0.\0\0\0\0\0",
    );
    let mut message = authenticate("operator");
    let at = message.len() as u32;
    message[20..22].copy_from_slice(&(response.len() as u16).to_le_bytes());
    message[24..28].copy_from_slice(&at.to_le_bytes());
    message.extend_from_slice(&response);
    let heard = listen(&message);
    let lines = heard.lines();
    assert!(
        lines.iter().any(|line| line.starts_with("10.0.0.2  ntlmssp.netbios_computer_name = H1 @"))
    );
    assert!(
        lines.iter().any(|line| line.starts_with("10.0.0.2  ntlmssp.service_principal = ci/H1. @"))
    );
    let kept: Vec<u8> = heard.said.iter().flat_map(|said| said.excerpt.bytes.to_vec()).collect();
    assert!(!kept.contains(&0xbb), "{kept:02x?}");
    assert!(heard.damage.is_empty(), "{:?}", heard.damage);
}

#[test]
fn an_old_client_without_flags_still_has_its_names() {
    for (workstation, expected) in [(&b"HMI7"[..], "HMI7 @56+4"), (b"H\0M\0", "HM @56+4")] {
        let mut message = b"NTLMSSP\0\x03\0\0\0".to_vec();
        for (length, offset) in [(0, 0), (0, 0), (4, 52), (0, 52), (4, 56)] {
            message.extend_from_slice(&[length, 0, length, 0, offset, 0, 0, 0]);
        }
        message.extend_from_slice(if workstation[1] == 0 { b"D\x001\0" } else { b"LABS" });
        message.extend_from_slice(workstation);
        let lines = listen(&message).lines();
        assert_eq!(lines[1], format!("10.0.0.1  ntlmssp.workstation = {expected}"));
    }
}
