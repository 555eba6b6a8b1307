//! Cut, nested and endless messages.

use super::*;
use crate::model::limits::PENDING_REQUESTS_MAX;

/// Conversations whose last message brings facts.
fn conversations() -> Vec<Vec<(Direction, Vec<u8>)>> {
    let item = [
        &[1, 0, 0x0C, 0, 35, 0, 1, 0, 0, 2, 0xAF, 0x12, 10, 0, 0, 9][..],
        &[0; 8],
        &nameplate("A"),
        &[3],
    ];
    let route = b"\x12\x0b192.168.1.7\x00\x01\x02";
    let services = packet(&[request(1, IDENTITY, b""), request(1, b"\x20\xf5\x24\x01", b"")]);
    let interface = [&[0; 14][..], &[7, 1, 168, 192], &[0; 16], b"\x00\x00\x02\x00ab"].concat();
    let replies = packet(&[reply(1, 0, &nameplate("1756-L71")), reply(1, 0, &interface)]);
    let key = b"\x01\x02\x34\x04\x01\x00\x07\x00\x09\x00\x83\x01\x20\x02\x24\x01";
    let open = [&[0; 34][..], &[0xA3, 8], key].concat();
    vec![
        vec![(ToClient, message(0x63, 0, &item.concat()))],
        asked(&sent(&request(0x0A, ROUTER, &services), route), &reply(0x0A, 0, &replies)).to_vec(),
        vec![(ToServer, unconnected(1, &request(0x54, b"\x20\x06\x24\x01", &open)))],
    ]
}

#[test]
fn no_fact_appears_from_missing_bytes() {
    for whole in conversations() {
        let all = udp(&whole).lines();
        assert!(all.len() > 4, "{all:?}");
        let last = whole.len() - 1;
        for cut in 0..whole[last].1.len() {
            let mut talk = whole.clone();
            talk[last].1.truncate(cut);
            let listener = udp(&talk);
            for (fact, line) in listener.said.iter().zip(listener.lines()) {
                let end = fact.excerpt.offset as usize + fact.excerpt.length as usize;
                assert!(end <= cut && all.contains(&line), "cut at {cut}: {line}");
            }
        }
    }
}

#[test]
fn any_byte_may_be_anything() {
    for whole in conversations() {
        for (number, (_, bytes)) in whole.iter().enumerate() {
            for at in 0..bytes.len() {
                for value in [0x00, 0x01, 0x7F, 0x80, 0xFF] {
                    let mut talk = whole.clone();
                    talk[number].1[at] = value;
                    let _ = (udp(&talk), tcp(&talk));
                }
            }
        }
    }
}

#[test]
fn requests_cut_anywhere_leave_their_replies_without_facts_about_the_bridge() {
    let [ask, answer] =
        asked(&sent(&request(1, IDENTITY, b""), b"\x01\x03"), &reply(1, 0, &nameplate("X")));
    for cut in 0..ask.1.len() {
        let mut cut_short = ask.clone();
        cut_short.1.truncate(cut);
        assert!(udp(&[cut_short, answer.clone()]).said.is_empty(), "cut at {cut}");
    }
}

#[test]
fn nesting_ends() {
    let mut service = request(1, IDENTITY, b"");
    for _ in 0..400 {
        service = sent(&service, b"\x01\x00");
    }
    let listener = tcp(&asked(&service, &reply(1, 0, &nameplate("X"))));
    assert!(listener.said.is_empty());
    assert_eq!(listener.counted[0], "enip.nesting_over_limit");
}

#[test]
fn overlapping_services_multiply_nothing() {
    // Six packets in each other; every offset of one names the same place.
    let mut service = request(1, IDENTITY, b"");
    for _ in 0..6 {
        let mut data = 200_u16.to_le_bytes().to_vec();
        data.extend([402_u16.to_le_bytes(); 200].concat());
        data.extend(&service);
        service = request(0x0A, ROUTER, &data);
    }
    let listener = tcp(&asked(&service, &reply(0x0A, 0, &service[6..])));
    assert!(listener.said.is_empty());
    // Of each 200 that name one place, only the last is a service.
    assert!(listener.damage.len() <= 2 * 6 * 200, "{}", listener.damage.len());
}

#[test]
fn more_services_than_any_packet_holds_are_left_unread() {
    let services = vec![request(1, IDENTITY, b""); 1_000];
    let replies = vec![reply(0x0E, 0, b""); 1_000];
    let request = request(0x0A, ROUTER, &packet(&services));
    let listener = tcp(&asked(&request, &reply(0x0A, 0, &packet(&replies))));
    assert_eq!(listener.counted[0], "enip.services_over_limit");
}

#[test]
fn the_oldest_request_gives_way() {
    let ask = |context| (ToServer, unconnected(context, &request(1, IDENTITY, b"")));
    let answer = |context| (ToClient, unconnected(context, &reply(1, 0, &nameplate("X"))));
    let count = u8::try_from(PENDING_REQUESTS_MAX).unwrap();
    let mut talk: Vec<_> = (0..=count).map(ask).collect();
    talk.extend([answer(0), answer(1)]);
    let listener = tcp(&talk);
    assert_eq!(listener.counted, ["enip.requests_forgotten", "enip.reply_without_request"]);
    assert_eq!(facts(&listener), said_of("10.0.0.2", "X"));
}

#[test]
fn a_damaged_service_costs_only_itself() {
    let services = [request(1, IDENTITY, b""), request(0x0E, b"\x20\xf5\x24\x01\x30\x06", b"")];
    let replies = [reply(1, 0, &nameplate("cut")[..12]), reply(0x0E, 0, b"\x02\x00ab")];
    let listener =
        tcp(&asked(&request(0x0A, ROUTER, &packet(&services)), &reply(0x0A, 0, &packet(&replies))));
    assert_eq!(facts(&listener).last().unwrap(), "10.0.0.2  enip.host_name = ab");
    assert_eq!(listener.damage.len(), 1);
}
