use super::*;

fn stat(received: u32, dropped: u32, if_dropped: u32) -> Stat {
    Stat { received, dropped, if_dropped }
}

#[test]
fn counters_of_32_bits_add_up_beyond_them() {
    let mut tally = LiveTally::default();
    let mut counted = Counted::default();
    for received in [2_000_000_000, 4_000_000_000, 1_705_032_704, 1_705_032_704] {
        counted.take(stat(received, received, 0), &mut tally);
    }
    assert_eq!(tally.received, 6_000_000_000);
    assert_eq!(tally.dropped_by_kernel, 6_000_000_000);
}

#[test]
fn a_counter_that_goes_backwards_adds_nothing() {
    let mut tally = LiveTally::default();
    let mut counted = Counted::default();
    for lost in [700, 900, 0, 5] {
        counted.take(stat(0, 0, lost), &mut tally);
    }
    assert_eq!(tally.dropped_by_interface, 905);
}

#[test]
fn times_are_read_in_the_unit_they_are_in() {
    assert_eq!(moment(7, 999_999_999, true), Some(Timestamp(7_999_999_999)));
    assert_eq!(moment(7, 999_999, false), Some(Timestamp(7_999_999_000)));
}

#[test]
fn a_missing_time_is_none() {
    for (seconds, fraction) in [(0, 0), (0, 5), (-1, 0), (i64::MIN, 0), (5, -1), (5, i64::MAX)] {
        assert_eq!(moment(seconds, fraction, true), None, "{seconds} {fraction}");
        assert_eq!(moment(seconds, fraction, false), None, "{seconds} {fraction}");
    }
}

#[test]
fn link_types_are_those_of_files() {
    for (live, file) in [(1, 1), (12, 101), (11, 100), (113, 113), (276, 276), (-1, 65_535)] {
        assert_eq!(filter::link_type(pcap::Linktype(live)), LinkType(file));
    }
}

#[test]
fn an_interface_that_is_not_there_is_named_with_those_that_are() {
    let error = Live::open("no-such-port", 1, &LiveOptions::default()).err();
    let text = error.map(|error| error.to_string()).unwrap_or_default();
    assert!(text.contains("no-such-port") && text.contains("lo"), "{text}");
}

#[test]
fn names_that_lead_elsewhere_are_no_interfaces() {
    for name in ["", ".", "..", "../net/lo", "lo/../lo", "/", "a\0b"] {
        assert_eq!(Port::read(name), None, "{name:?}");
        assert_eq!(port::index(name), None, "{name:?}");
        assert!(Live::open(name, 1, &LiveOptions::default()).is_err(), "{name:?}");
    }
}

#[test]
fn stopping_ends_the_waiting_at_once() {
    let Ok(mut waiting) = Waiting::new() else { return };
    let breaker = waiting.breaker();
    let started = Instant::now();
    let stopper = std::thread::spawn(move || breaker.stop());
    while !waiting.is_stopped() {
        assert!(waiting.wait(Duration::from_secs(60)).is_ok());
    }
    assert!(started.elapsed() < Duration::from_secs(30));
    assert!(stopper.join().is_ok());
}
