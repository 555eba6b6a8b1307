//! Services on objects, direct and along routes.

use super::*;

#[test]
fn reads_the_identity_object_through_get_attributes_all() {
    let identity = nameplate("1756-ENBT/A");
    let listener = tcp(&asked(&request(1, IDENTITY, b""), &reply(1, 0, &identity)));
    assert_eq!(facts(&listener), said_of("10.0.0.2", "1756-ENBT/A"));
    assert_eq!(listener.lines()[0], "10.0.0.2  enip.vendor_id = 1 @44+2");
    assert_eq!(listener.lines()[11], "10.0.0.2  enip.product_name = 1756-ENBT/A @59+11");
    assert!(listener.said.iter().all(|fact| fact.frame.number == 2));
}

#[test]
fn reads_what_stands_behind_the_name_but_not_padding() {
    let behind = |rest: &[u8]| {
        let identity = [&nameplate("A")[..], rest].concat();
        let listener = tcp(&asked(&request(1, IDENTITY, b""), &reply(1, 0, &identity)));
        facts(&listener)[12..].concat()
    };
    assert_eq!(behind(b"\x03"), "10.0.0.2  enip.state = 3");
    assert_eq!(behind(b"\x00"), "");
    let both = "10.0.0.2  enip.state = 310.0.0.2  enip.configuration_consistency_value = 4660";
    assert_eq!(behind(b"\x03\x34\x12\x00"), both);
}

#[test]
fn a_module_behind_the_backplane_is_not_the_bridge() {
    let request = sent(&request(1, IDENTITY, b""), b"\x01\x03");
    let listener = tcp(&asked(&request, &reply(1, 0, &nameplate("1756-L71/B"))));
    assert_eq!(facts(&listener), said_of("10.0.0.2 slot 3", "1756-L71/B"));
}

#[test]
fn nested_unconnected_sends_append_their_hops() {
    let innermost = sent(&request(1, IDENTITY, b""), b"\x01\x00");
    let middle = sent(&innermost, b"\x12\x0b192.168.1.7\x00");
    let request = sent(&middle, b"\x01\x02");
    let listener = tcp(&asked(&request, &reply(1, 0, &nameplate("X"))));
    assert_eq!(facts(&listener), said_of("10.0.0.2 slot 2 / 192.168.1.7 / slot 0", "X"));
}

#[test]
fn other_ports_keep_their_numbers() {
    let request = sent(&request(1, IDENTITY, b""), b"\x01\x02\x02\x09");
    let listener = tcp(&asked(&request, &reply(1, 0, &nameplate("X"))));
    assert_eq!(facts(&listener), said_of("10.0.0.2 slot 2 / port 2 link 9", "X"));
}

#[test]
fn reads_a_packet_of_services_along_a_route() {
    let single = |attribute| request(0x0E, &[0x20, 1, 0x24, 1, 0x30, attribute], b"");
    let request = sent(
        &request(
            0x0A,
            ROUTER,
            &packet(&[
                single(4),
                request(3, IDENTITY, b"\x03\x00\x01\x00\x63\x00\x06\x00"),
                request(1, b"\x20\x99\x24\x01", b""),
                request(0x0E, b"\x21\x00\x01\x00\x25\x00\x01\x00\x31\x00\x07\x00", b""),
            ]),
        ),
        b"\x01\x05",
    );
    let list = [
        &[3, 0][..],               // attribute count
        &[1, 0, 0, 0, 0x0D, 0x00], // 1: vendor ID 13
        &[0x63, 0, 0x14, 0],       // 99: not supported, no value
        &[6, 0, 0, 0, 4, 3, 2, 1], // 6: serial number
    ];
    let reply = reply(
        0x0A,
        0x1E, // one of the services failed
        &packet(&[
            reply(0x0E, 0, b"\x04\x03"),
            reply(3, 0x0A, &list.concat()),
            reply(1, 8, b""),
            reply(0x0E, 0, b"\x03abc"),
        ]),
    );
    assert_eq!(
        facts(&tcp(&asked(&request, &reply))),
        [
            "10.0.0.2 slot 5  enip.revision = 4.3",
            "10.0.0.2 slot 5  enip.vendor_id = 13",
            "10.0.0.2 slot 5  enip.serial_number = 01020304",
            "10.0.0.2 slot 5  enip.product_name = abc",
        ]
    );
}

#[test]
fn a_packet_may_hold_sends_to_several_slots() {
    let slot = |slot| sent(&request(1, IDENTITY, b""), &[1, slot]);
    let request = request(0x0A, ROUTER, &packet(&[slot(0), slot(1), slot(2)]));
    let failed = reply(0x52, 1, b"\x01"); // no such module: remaining path size
    let replies = [reply(1, 0, &nameplate("A")), failed, reply(1, 0, &nameplate("C"))];
    let listener = tcp(&asked(&request, &reply(0x0A, 0x1E, &packet(&replies))));
    let expected = [said_of("10.0.0.2 slot 0", "A"), said_of("10.0.0.2 slot 2", "C")].concat();
    assert_eq!(facts(&listener), expected);
    assert_eq!(listener.counted, ["enip.route_failed"]);
}

#[test]
fn the_class_itself_is_not_the_device() {
    let request = request(1, b"\x20\x01\x24\x00", b"");
    assert!(tcp(&asked(&request, &reply(1, 0, &nameplate("X")))).said.is_empty());
}

#[test]
fn parts_of_a_device_are_told_apart_from_it() {
    let all = asked(&request(1, b"\x20\x01\x24\x02", b""), &reply(1, 0, &nameplate("Boot code")));
    let component = "enip.component = instance 2 Boot code revision 20.11 serial number 00524D8E";
    assert_eq!(tcp(&all).lines(), [format!("10.0.0.2  {component} @50+18")]);

    let list = b"\x02\x00\x04\x00\x00\x00\x01\x05\x63\x00\x14\x00"; // revision 1.5; 99 refused
    let some = asked(&request(3, b"\x20\x01\x24\x03", b""), &reply(3, 0x0A, list));
    assert_eq!(facts(&tcp(&some)), ["10.0.0.2  enip.component = instance 3 revision 1.5"]);

    let path = b"\x20\x01\x24\x02\x30\x07";
    let one = asked(&request(0x0E, path, b""), &reply(0x0E, 0, b"\x04Boot"));
    assert_eq!(facts(&tcp(&one)), ["10.0.0.2  enip.component = instance 2 Boot"]);
}

#[test]
fn a_symbol_that_looks_like_a_class_is_not_one() {
    let request = request(0x52, b"\x91\x04\x20\x06\x24\x01", b"\x01\x00"); // Read Tag Fragmented
    let listener = tcp(&asked(&request, &reply(0x52, 0, &nameplate("X"))));
    assert!(listener.said.is_empty() && listener.damage.is_empty());
}

#[test]
fn reads_names_and_addresses_of_the_interfaces() {
    let interface = [
        &[2, 0, 0, 0][..],              // status
        &[0x34, 0, 0, 0],               // configuration capability
        &[0, 0, 0, 0],                  // configuration control
        &[2, 0, 0x20, 0xF6, 0x24, 1],   // physical link: size in words, path
        &[7, 1, 168, 192],              // IP address 192.168.1.7
        &[0, 255, 255, 255],            // network mask
        &[1, 1, 168, 192],              // gateway address 192.168.1.1
        &[53, 1, 168, 192, 0, 0, 0, 0], // name servers 192.168.1.53 and none
        &[5, 0],
        b"plant\0", // domain name, padded
        &[3, 0],
        b"l71\0", // host name, padded
    ];
    let path = b"\x20\xf5\x24\x01";
    let listener = tcp(&asked(&request(1, path, b""), &reply(1, 0, &interface.concat())));
    let lines = [
        "10.0.0.2  enip.ip_address = 192.168.1.7 @62+4",
        "10.0.0.2  enip.gateway_address = 192.168.1.1 @70+4",
        "10.0.0.2  enip.name_server = 192.168.1.53 @74+4",
        "10.0.0.2  enip.domain_name = plant @84+5",
        "10.0.0.2  enip.host_name = l71 @92+3",
    ];
    assert_eq!(listener.lines(), lines);

    let single = request(0x0E, b"\x20\xf5\x24\x01\x30\x06", b"");
    let listener = tcp(&asked(&single, &reply(0x0E, 0, b"\x03\x00l71")));
    assert_eq!(facts(&listener), ["10.0.0.2  enip.host_name = l71"]);

    let link = b"\x64\x00\x00\x00\x0f\x00\x00\x00\x00\x00\xbc\x3b\xd6\x59"; // speed, flags, address
    let listener = tcp(&asked(&request(1, b"\x20\xf6\x24\x02", b""), &reply(1, 0, link)));
    assert_eq!(listener.lines(), ["10.0.0.2  enip.mac_address = 00:00:bc:3b:d6:59 @52+6"]);
}

#[test]
fn reads_names_given_by_owners_and_programs() {
    let name = b"\x01eng\xd0\x04\x00\x05\x00Press"; // one string, English, STRING, ISO 8859-1
    let single = request(0x0E, b"\x20\x01\x24\x01\x30\x0f", b"");
    let listener = tcp(&asked(&single, &reply(0x0E, 0, name)));
    assert_eq!(facts(&listener), ["10.0.0.2  enip.assigned_name = Press"]);

    let program = request(1, b"\x20\x64\x24\x01", b"");
    let listener = tcp(&asked(&program, &reply(1, 0, b"\x04\x00Line")));
    assert_eq!(facts(&listener), ["10.0.0.2  enip.program_name = Line"]);
}

#[test]
fn reads_the_diagnostic_status_of_pccc_processors() {
    let requestor = b"\x07\x4d\x00\x78\x56\x34\x12"; // size, vendor, serial number
    let command = [&requestor[..], b"\x06\x00\x01\x00\x03"].concat();
    let status = [
        &requestor[..],
        &[0x46, 0, 1, 0],             // command, status, transaction
        &[0, 0xEE, 0x49, 0x9C, 0x21], // mode, extender, interface, processor, series B revision B
        b"1763-LEC   ",               // bulletin name
        &[0, 0, 1, 0, 0, 0, 0, 0],    // error, mode and status, program ID, memory, owner
    ];
    let path = b"\x20\x67\x24\x01";
    let listener = tcp(&asked(&request(0x4B, path, &command), &reply(0x4B, 0, &status.concat())));
    assert_eq!(
        listener.lines(),
        [
            "10.0.0.2  pccc.bulletin_name = 1763-LEC @60+11",
            "10.0.0.2  pccc.processor_type = 156 @58+1",
            "10.0.0.2  pccc.series = B @59+1",
            "10.0.0.2  pccc.revision = 2 @59+1",
            "10.0.0.2  pccc.processor_mode = remote program @73+1",
            "10.0.0.2  pccc.forces_installed = 0 @73+2",
            "10.0.0.2  pccc.major_fault = 0 @73+2",
            "10.0.0.2  pccc.program_id = 0 @75+2",
        ]
    );
}
