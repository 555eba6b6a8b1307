//! Names that lead on for ever, names that are too long, and counts that promise too much.

use super::*;

fn name(message: &[u8], at: usize) -> Result<String, &'static str> {
    let whole = Reader::new(message);
    let mut r = whole.ahead("name", at).unwrap();
    Name::read(&mut r, &whole).map(|name| name.to_string()).map_err(|malformed| malformed.field)
}

#[test]
fn a_pointer_leads_to_the_rest_of_a_name() {
    let message = b"\x05local\0\x04plc7\xc0\x00\x03www\xc0\x07";
    assert_eq!(name(message, 7).unwrap(), "plc7.local");
    assert_eq!(name(message, 14).unwrap(), "www.plc7.local");
}

#[test]
fn what_follows_a_pointer_is_read_on_behind_it() {
    let message = b"\x05local\0\x04plc7\xc0\x00!";
    let whole = Reader::new(message);
    let mut r = whole.ahead("name", 7).unwrap();
    Name::read(&mut r, &whole).unwrap();
    assert_eq!(r.peek(), b"!");
}

#[test]
fn a_pointer_to_itself_is_refused() {
    assert_eq!(name(b"\xc0\x00", 0), Err("DNS pointer"));
}

#[test]
fn a_pointer_back_into_its_own_name_is_refused() {
    assert_eq!(name(b"\x03abc\xc0\x00", 0), Err("DNS pointer"));
}

#[test]
fn two_pointers_to_each_other_are_refused() {
    assert_eq!(name(b"\xc0\x02\xc0\x00", 0), Err("DNS pointer"));
    assert_eq!(name(b"\xc0\x02\xc0\x00", 2), Err("DNS pointer"));
}

#[test]
fn a_pointer_past_the_message_is_refused() {
    assert_eq!(name(b"\xff\xff", 0), Err("DNS pointer"));
    assert_eq!(name(b"\xc0", 0), Err("DNS pointer"));
}

#[test]
fn a_chain_of_pointers_ends_at_the_cap() {
    let mut message = vec![0];
    message.push(0);
    for at in 0..DNS_POINTERS_PER_NAME_MAX + 2 {
        message.extend([0xc0, u8::try_from(at * 2).unwrap()]);
    }
    let last = |pointers: usize| pointers * 2;
    assert_eq!(name(&message, last(DNS_POINTERS_PER_NAME_MAX)).unwrap(), "");
    assert_eq!(name(&message, last(DNS_POINTERS_PER_NAME_MAX + 1)), Err("DNS NAME"));
}

#[test]
fn a_name_is_at_most_255_bytes_long() {
    let label = |length: usize| {
        let mut label = vec![u8::try_from(length).unwrap()];
        label.resize(length + 1, b'a');
        label
    };
    let longest = [label(63), label(63), label(63), label(61), vec![0]].concat();
    assert_eq!(longest.len(), 255);
    assert_eq!(name(&longest, 0).unwrap().len(), 253);
    let longer = [label(63), label(63), label(63), label(62), vec![0]].concat();
    assert_eq!(name(&longer, 0), Err("DNS NAME"));
    let by_pointer = [label(63), label(63), label(63), vec![0], label(63), vec![0xc0, 0]].concat();
    assert_eq!(name(&by_pointer, 193), Err("DNS NAME"));
}

#[test]
fn label_lengths_of_other_kinds_are_refused() {
    assert_eq!(name(b"\x40a\0", 0), Err("DNS label length"));
    assert_eq!(name(b"\x80a\0", 0), Err("DNS label length"));
}

#[test]
fn hostile_labels_stay_what_they_are() {
    assert_eq!(name(b"\x06a\x1b[2Jb\x03\0.\xff\0", 0).unwrap(), "a\u{1b}[2Jb.\0.\u{fffd}");
}

#[test]
fn names_that_differ_in_case_are_equal() {
    let read = |bytes: &[u8]| {
        let whole = Reader::new(bytes);
        Name::read(&mut whole.clone(), &whole).unwrap()
    };
    assert_eq!(read(b"\x04PLC7\x05local\0"), read(b"\x04plc7\x05LOCAL\0"));
    assert_ne!(read(b"\x04plc7\0"), read(b"\x04plc8\0"));
    assert!(read(b"\x04PLC7\x05local\0").is(&["plc7", "local"]));
    assert!(!read(b"\x04PLC7\x05local\0").is(&["plc7"]));
    assert!(read(b"\x04PLC7\x05local\0").is_below(&["local"]));
    assert!(!read(b"\x05local\0").is_below(&["local"]));
}

#[test]
fn counts_beyond_the_message_end_with_one_damage() {
    let message = [
        &[0, 1, 0x84, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 9][..],
        b"\x01a\0\0\x01\0\x01\0\0\0\x0a\0\x04\x0a\0\0\x02",
    ]
    .concat();
    let whole = Reader::new(&message);
    let entries: Vec<_> = Message::read(&whole).unwrap().entries().collect();
    assert_eq!(entries.len(), 2);
    let first = entries[0].as_ref().ok().unwrap();
    assert_eq!(first.address().unwrap().0.to_string(), "10.0.0.2");
    assert_eq!(entries[1].as_ref().err().unwrap().field, "DNS label length");
}

#[test]
fn no_more_records_are_read_than_the_cap_allows() {
    let mut message = vec![0, 1, 0x84, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0];
    for _ in 0..DNS_RECORDS_PER_MESSAGE_MAX + 9 {
        message.extend(b"\0\0\x01\0\x01\0\0\0\x0a\0\0");
    }
    let whole = Reader::new(&message);
    let mut entries = Message::read(&whole).unwrap().entries();
    assert_eq!(entries.by_ref().count(), DNS_RECORDS_PER_MESSAGE_MAX);
    assert!(entries.is_cut());
}

#[test]
fn a_reverse_name_holds_an_address() {
    let read = |bytes: &[u8]| {
        let whole = Reader::new(bytes);
        Name::read(&mut whole.clone(), &whole).unwrap().reverse_address().map(|ip| ip.to_string())
    };
    assert_eq!(read(b"\x012\x010\x0220\x0210\x07in-addr\x04arpa\0").as_deref(), Some("10.20.0.2"));
    assert_eq!(read(b"\x03256\x010\x0220\x0210\x07in-addr\x04arpa\0"), None);
    assert_eq!(read(b"\x010\x0220\x0210\x07in-addr\x04arpa\0"), None);
    let mut six = Vec::new();
    for nibble in "1000000000000000000000000000 08ef".replace(' ', "").chars() {
        six.extend([1, u8::try_from(nibble).unwrap()]);
    }
    six.extend(b"\x03ip6\x04arpa\0");
    assert_eq!(read(&six).as_deref(), Some("fe80::1"));
}
