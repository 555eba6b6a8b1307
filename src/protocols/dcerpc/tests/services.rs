//! What each service says of its host.

use super::*;

#[test]
fn an_interface_that_is_accepted_is_served_and_one_that_is_refused_is_not() {
    let ask = bind(EPM, &[NDR, NDR64]);
    let heard = listen(&[(TO_SERVER, &ask), (TO_CLIENT, &bind_ack(&[None, Some(NDR64)]))]);
    let expected =
        ["10.0.0.2  dcerpc.interface = e1af8308-5d1f-11c9-91a4-08002b14a0fa v3.0 @60+24"];
    assert_eq!(heard.lines(), expected);
    let heard = listen(&[(TO_SERVER, &ask), (TO_CLIENT, &bind_ack(&[None, None]))]);
    assert!(heard.said.is_empty() && heard.damage.is_empty());
}

#[test]
fn the_workstation_service_says_name_domain_and_version_in_both_ways_of_writing() {
    let narrow = Stub::default().u32(&[100, 1, 500, 2, 3, 10, 0]).string("HMI-7").string("PLANT");
    let heard = call(WKSSVC, 0, &[], &narrow.u32(&[0]).0);
    let expected = [
        "10.0.0.2  dcerpc.interface = 6bffd098-a112-3610-9833-46c3f87e345a v1.0",
        "10.0.0.2  dcerpc.platform_id = 500",
        "10.0.0.2  dcerpc.os_version = 10.0",
        "10.0.0.2  dcerpc.computer_name = HMI-7",
        "10.0.0.2  dcerpc.domain_name = PLANT",
    ];
    assert_eq!(said(&heard), expected);
    let wide = Stub::default().u32(&[100]).u64(&[1]).u32(&[500]).u64(&[2, 3]).u32(&[10, 0]);
    let wide = wide.wide_string("HMI-7").wide_string("PLANT").u32(&[0]);
    let heard = listen(&[
        (TO_SERVER, &bind(WKSSVC, &[NDR64])),
        (TO_CLIENT, &bind_ack(&[Some(NDR64)])),
        (TO_SERVER, &request(0, 7, &[])),
        (TO_CLIENT, &response(WHOLE, 7, &wide.0)),
    ]);
    assert_eq!(said(&heard), expected);
}

#[test]
fn a_name_that_is_the_address_that_was_asked_is_no_name() {
    let stub =
        Stub::default().u32(&[100, 1, 500, 2, 0, 5, 1]).string(r"\\192.168.24.100").u32(&[0]);
    let heard = call(WKSSVC, 0, &[], &stub.0);
    assert!(!said(&heard).iter().any(|line| line.contains("computer_name")), "{:?}", said(&heard));
    assert!(heard.damage.is_empty());
}

const CURRENT: &str = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion";

/// Opens a key of the registry and asks for a value, which holds the number 4252.
fn registry(path: &str, value: &str) -> Listener {
    let (root, key) = ([1; 20], [2; 20]);
    let opened = |handle: [u8; 20]| Stub::default().raw(&handle).u32(&[0]).0;
    let open = Stub::default().raw(&root).counted(path).u32(&[0, 1]).0;
    let query = Stub::default().raw(&key).counted(value).0;
    let answer = Stub::default().u32(&[1, 4, 1, 4, 0, 4, 4252, 1, 4, 1, 4, 0]).0;
    listen(&[
        (TO_SERVER, &bind(WINREG, &[NDR])),
        (TO_CLIENT, &bind_ack(&[Some(NDR)])),
        (TO_SERVER, &request(2, 1, &[])),
        (TO_CLIENT, &response(WHOLE, 1, &opened(root))),
        (TO_SERVER, &request(15, 2, &open)),
        (TO_CLIENT, &response(WHOLE, 2, &opened(key))),
        (TO_SERVER, &request(17, 3, &query)),
        (TO_CLIENT, &response(WHOLE, 3, &answer)),
    ])
}

#[test]
fn the_registry_says_the_update_level() {
    let heard = registry(CURRENT, "UBR");
    assert_eq!(said(&heard).last().unwrap(), "10.0.0.2  dcerpc.ubr = 4252");
    assert!(heard.damage.is_empty());
}

#[test]
fn values_of_other_keys_and_other_values_stay_unsaid() {
    for (path, value) in [
        (CURRENT, "RegisteredOwner"),
        (r"SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon", "DefaultPassword"),
        (r"SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\Product", "UBR"),
    ] {
        let heard = registry(path, value);
        assert_eq!(said(&heard).len(), 1, "{path} {value}: {:?}", said(&heard));
        assert!(heard.damage.is_empty());
    }
}

/// The answer of `ept_lookup` with one service at a port, another without annotation.
pub(super) fn lookup() -> Vec<u8> {
    let tower = [
        &[4, 0, 19, 0, 0x0d][..],
        &syntax(WKSSVC.0, WKSSVC.1)[..18],
        &[2, 0, 0, 0, 19, 0, 0x0d],
        &syntax(NDR, 2)[..18],
        &[2, 0, 0, 0, 1, 0, 0x0b, 2, 0, 0, 0, 1, 0, 0x07, 2, 0, 0xc2, 0x00],
    ]
    .concat();
    let length = tower.len() as u32;
    let stub = Stub::default().raw(&[0; 20]).u32(&[1, 500, 0, 1]).raw(&[0; 16]);
    let stub = stub.u32(&[3, 0, 11]).raw(b"FactoryTalk").u32(&[length, length]);
    stub.raw(&tower).u32(&[0]).0
}

#[test]
fn the_endpoint_mapper_lists_services_with_their_words() {
    let heard = call(EPM, 2, &[], &lookup());
    let expected = [
        "10.0.0.2  dcerpc.interface = e1af8308-5d1f-11c9-91a4-08002b14a0fa v3.0",
        "10.0.0.2  dcerpc.annotation = FactoryTalk",
        "10.0.0.2  dcerpc.interface = 6bffd098-a112-3610-9833-46c3f87e345a v1.0",
        "10.0.0.2  dcerpc.endpoint = tcp 49664",
    ];
    assert_eq!(said(&heard), expected);
    assert!(heard.damage.is_empty(), "{:?}", heard.damage);
}

#[test]
fn an_answer_in_fragments_says_what_one_in_a_piece_says_with_its_own_places() {
    let stub = lookup();
    let whole = call(EPM, 2, &[], &stub);
    for size in [8, 24, 40, 64] {
        let parts: Vec<&[u8]> = stub.chunks(size).collect();
        let flags = |at| u8::from(at == 0) | if at + 1 == parts.len() { 2 } else { 0 };
        let answer: Vec<u8> =
            parts.iter().enumerate().flat_map(|(at, part)| response(flags(at), 7, part)).collect();
        let heard = listen(&[
            (TO_SERVER, &bind(EPM, &[NDR])),
            (TO_CLIENT, &bind_ack(&[Some(NDR)])),
            (TO_SERVER, &request(2, 7, &[])),
            (TO_CLIENT, &answer),
        ]);
        assert_eq!(said(&heard), said(&whole), "fragments of {size}");
        let annotation = heard.said.iter().find(|said| said.key == dcerpc::ANNOTATION).unwrap();
        let at = annotation.excerpt.offset as usize;
        assert_eq!(annotation.excerpt.bytes[0], b'F');
        assert_eq!(answer[at], b'F', "fragments of {size}");
    }
}

#[test]
fn an_endpoint_mapper_without_a_connection_answers_in_one_datagram() {
    let stub = lookup();
    let mut datagram = vec![4, 2, 0x0a, 0, 0x10, 0, 0, 0];
    datagram.extend_from_slice(&[0; 16]); // object
    datagram.extend_from_slice(&syntax(EPM.0, 3)[..16]);
    datagram.extend_from_slice(&[0; 28]); // activity, boot time, version, sequence
    datagram.extend_from_slice(&[2, 0, 0xff, 0xff, 0xff, 0xff]); // opnum, hints
    datagram.extend_from_slice(&(stub.len() as u16).to_le_bytes());
    datagram.extend_from_slice(&[0, 0, 0, 0]); // fragnum, auth_proto, serial_lo
    datagram.extend_from_slice(&stub);
    assert_eq!(probe(&datagram), Probe::Maybe);
    let flow = crate::flow::FlowKey {
        client: crate::model::Node::ip(Default::default(), [10, 0, 0, 1].into()),
        client_port: 1,
        server: crate::model::Node::ip(Default::default(), [10, 0, 0, 2].into()),
        attach: Attach::Udp(135),
    };
    for end in 0..=datagram.len() {
        let input = Input {
            bytes: &datagram[..end],
            whole: true,
            direction: TO_CLIENT,
            flow: &flow,
            at: Default::default(),
            frame: Default::default(),
            mac: None,
            places: &[],
        };
        let mut heard = Listener::default();
        let mut sink = Sink::new(&input, &mut heard, &PROTOCOL);
        assert_eq!(Conversation::default().read(&input, &mut sink), Step::Used(end.max(1)));
        assert_eq!(heard.said.len(), if end == datagram.len() { 3 } else { 0 }, "cut at {end}");
    }
}

#[test]
fn calls_identify_the_host_or_read_its_registry() {
    assert_eq!(registry(CURRENT, "UBR").acts(), [0, 1, 0, 0, 0]);
    assert_eq!(call(EPM, 2, &[], &lookup()).acts(), [1, 0, 0, 0, 0]);
    assert_eq!(call(EPM, 99, &[], &[]).acts(), [0; 5]);
}
