//! Messages after the drawings of RFC 4253; `10.0.0.1` is the client, `10.0.0.2` the server.

use super::*;
use crate::flow::Direction::{ToClient, ToServer};
use crate::protocols::harness::{self, Listener};

fn listen(messages: &[(Direction, &[u8])]) -> Listener {
    harness::read(&PROTOCOL, false, messages)
}

fn said(messages: &[(Direction, &[u8])]) -> Vec<String> {
    listen(messages).said.iter().map(|one| format!("{} = {}", one.key, one.value)).collect()
}

fn name(text: &[u8]) -> Vec<u8> {
    [&(text.len() as u32).to_be_bytes()[..], text].concat()
}

fn packet(message: u8, body: &[u8]) -> Vec<u8> {
    let length = (body.len() as u32 + 6).to_be_bytes();
    [&length[..], &[4, message], body, &[0; 4]].concat()
}

fn algorithms() -> Vec<u8> {
    let lists = [
        &b"curve25519-sha256,ext-info-c"[..],
        b"ssh-ed25519,rsa-sha2-512",
        b"aes128-ctr",
        b"aes256-ctr",
        b"hmac-sha1",
        b"hmac-sha2-256",
        b"none",
        b"zlib",
        b"",
        b"",
    ];
    let names: Vec<u8> = lists.iter().flat_map(|list| name(list)).collect();
    packet(20, &[&[7; 16][..], &names, &[0; 5]].concat())
}

const SERVER: &[u8] = b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u6\r\n";

#[test]
fn an_identification_has_three_parts() {
    assert_eq!(
        listen(&[(ToClient, SERVER), (ToServer, b"SSH-2.0-PuTTY_Release_0.78\n")]).lines(),
        [
            "10.0.0.2  ssh.identification = SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u6 @0+38",
            "10.0.0.2  ssh.protocol_version = 2.0 @4+3",
            "10.0.0.2  ssh.software_version = OpenSSH_9.2p1 @8+13",
            "10.0.0.2  ssh.comments = Debian-2+deb12u6 @22+16",
            "10.0.0.1  ssh.identification = SSH-2.0-PuTTY_Release_0.78 @0+26",
            "10.0.0.1  ssh.software_version = PuTTY_Release_0.78 @8+18",
        ]
    );
}

#[test]
fn lines_in_front_of_an_identification_are_passed_over() {
    let bytes = [b"Authorised use only\r\n\r\n", SERVER].concat();
    assert_eq!(probe(&bytes), Probe::Yes);
    assert_eq!(said(&[(ToClient, &bytes)]).len(), 4);
}

#[test]
fn what_both_ends_offer_is_hashed_for_their_own_direction() {
    let offer = algorithms();
    let client = [b"SSH-2.0-x\r\n", &offer[..]].concat();
    let server = [SERVER, &offer].concat();
    assert_eq!(said(&[(ToServer, &client)])[2..], ["ssh.hassh = da396fb0f249e33d7f418c7b68338e69"]);
    assert_eq!(
        said(&[(ToClient, &server)])[4..],
        [
            "ssh.hassh_server = 871d6f57eab856f605c2a943e8a8acc2",
            "ssh.kex_algorithms = curve25519-sha256,ext-info-c",
            "ssh.server_host_key_algorithms = ssh-ed25519,rsa-sha2-512",
            "ssh.encryption_algorithms = aes256-ctr",
            "ssh.mac_algorithms = hmac-sha2-256",
        ]
    );
}

#[test]
fn the_host_key_has_the_fingerprint_that_openssh_prints() {
    let key = [name(b"ssh-ed25519"), name(&[9; 32])].concat();
    let reply = packet(31, &[name(&key), name(&[1; 32]), name(&[2; 83])].concat());
    let keys = packet(21, &[]);
    let bytes = [SERVER, &algorithms(), &reply, &keys].concat();
    let said = said(&[(ToClient, &bytes)]);
    assert_eq!(
        said[9..],
        [
            "ssh.host_key_type = ssh-ed25519",
            "ssh.host_key_fingerprint = SHA256:xcTb/ZL8NmQsvo9k2j/c7dIyp7nvDnswfPZHlzcZwz0",
        ]
    );
}

#[test]
fn a_group_for_an_exchange_is_no_host_key() {
    let group = packet(31, &[name(&[0x7f; 128]), name(&[2])].concat());
    let heard = listen(&[(ToClient, &[SERVER, &group].concat())]);
    assert_eq!((heard.said.len(), heard.damage.len()), (4, 0));
}

#[test]
fn nothing_is_read_of_what_is_encrypted_or_of_version_1() {
    let bytes = [SERVER, &packet(21, &[]), b"s3cret s3cret s3cret"].concat();
    assert_eq!(said(&[(ToClient, &bytes)]).len(), 4);
    let old = [&b"SSH-1.5-1.2.26\n"[..], b"\0\0\x01\x0bs3cret"].concat();
    assert_eq!(said(&[(ToClient, &old)]).len(), 3);
}

#[test]
fn lengths_that_lie_lose_the_framing_or_cost_their_packet() {
    for bytes in [&b"\x00\x01\x00\x00\x04\x14"[..], b"\x00\x00\x00\x05\x04\x15"] {
        let heard = listen(&[(ToClient, &[SERVER, bytes].concat())]);
        assert_eq!(heard.damage.len(), 1, "{bytes:x?}");
    }
    let short = packet(20, &[7; 30]);
    assert_eq!(listen(&[(ToClient, &[SERVER, &short].concat())]).damage.len(), 1);
    assert_eq!(listen(&[(ToServer, b"SSH-x\r\n")]).damage.len(), 1);
    assert_eq!(listen(&[(ToServer, b"hello\r\n")]).damage.len(), 1);
}

#[test]
fn the_probe_is_sure_of_identifications_only() {
    assert_eq!(probe(SERVER), Probe::Yes);
    assert_eq!(probe(b"SSH-1.99-Cisco-1.25\n"), Probe::Yes);
    for end in 1..7 {
        assert_eq!(probe(&SERVER[..end]), Probe::More, "{end}");
    }
    for other in [&b"SSH-x.0"[..], b"220 ready", b"SSX-2.0", b"hello\nSSH"] {
        assert_eq!(probe(other), Probe::No, "{other:x?}");
    }
}
