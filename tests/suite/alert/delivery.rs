//! At least once, within bounds, and nobody waits for another.

use std::collections::BTreeSet;
use std::io::Read;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use nameplate::alert::{Backlog, BacklogError, Open, Outputs, OutputsError};
use nameplate::model::{NoticeKind, Severity};

use super::receivers::{Datagrams, Server, free_port};
use super::{PACE, PATIENT, Site, notice, parse, settings, until, until_delivered};

fn numbers(messages: &[String]) -> Vec<u64> {
    messages.iter().map(|message| parse::rfc5424(message).number()).collect()
}

fn tcp(to: impl std::fmt::Display) -> String {
    format!("[[output]]\nkind = 'syslog'\nname = 'siem'\nto = 'tcp://{to}'\ntimeout = '5s'\n")
}

#[test]
fn nothing_is_lost_when_a_receiver_dies_and_comes_back() {
    let site = Site::new();
    let mut server = Server::new();
    let address = server.address;
    let outputs = site.start_at(&tcp(address), PATIENT);
    let mut seen = BTreeSet::new();
    for _ in 0..3 {
        site.tell(150);
        until("a part", || !server.messages().is_empty());
        site.tell(50);
        server.die();
        seen.extend(numbers(&server.messages()));
        site.tell(50);
        server = Server::at(address);
    }
    until_delivered(&outputs, 750);
    until("all of them", || {
        seen.extend(numbers(&server.messages()));
        seen == (1..=750).collect()
    });
    let health = outputs.stop(Duration::from_secs(10)).remove(0);
    assert_eq!((health.dropped, health.failing_since_ns, &*health.last_error), (0, 0, ""));
}

#[test]
fn what_a_receiver_took_and_never_read_is_sent_again() {
    let site = Site::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    site.tell(20);
    let outputs = site.start_at(&tcp(address), PATIENT);
    // It accepts, its system acknowledges everything, and it ends without having read all of that.
    let (mut stream, _) = listener.accept().unwrap();
    stream.read_exact(&mut [0; 10]).unwrap();
    drop((stream, listener));
    let server = Server::at(address);
    until_delivered(&outputs, 20);
    until("all of them", || {
        numbers(&server.messages()).into_iter().collect::<BTreeSet<_>>() == (1..=20).collect()
    });
}

#[test]
fn an_output_goes_on_where_it_was() {
    let site = Site::new();
    let server = Server::new();
    site.tell(30);
    let outputs = site.start(&tcp(server.address));
    until_delivered(&outputs, 30);
    assert_eq!(outputs.stop(Duration::from_secs(10))[0].number, 30);
    site.tell(30);
    let outputs = site.start(&tcp(server.address));
    let health = until_delivered(&outputs, 60);
    assert_eq!(numbers(&server.messages_of(60)), (1..=60).collect::<Vec<_>>());
    assert_eq!((health.delivered, health.waiting), (60, 0));
}

#[test]
fn a_stop_sends_what_waits_and_knows_that_it_was_read() {
    let site = Site::new();
    let server = Server::new();
    site.tell(500);
    let outputs = site.start(&tcp(server.address));
    let health = outputs.stop(Duration::from_secs(30)).remove(0);
    assert_eq!((health.number, health.delivered), (500, 500));
    assert_eq!(numbers(&server.messages_of(500)), (1..=500).collect::<Vec<_>>());
}

#[test]
fn what_is_more_than_may_wait_is_given_up_and_told() {
    let site = Site::new();
    let address = free_port();
    // It is in use from the beginning, so that what comes later is not the past that a new output begins with.
    let outputs = site.start(&format!("{}spool = 10\nmin_severity = 'notice'\n", tcp(address)));
    until("a beginning", || outputs.health()[0].written_ns != 0);
    let mut quiet = notice();
    quiet.severity = Severity::Informational;
    site.kept.add(quiet);
    site.tell(99);
    until("giving up", || outputs.health()[0].dropped == 89);
    until("a complaint", || outputs.health()[0].last_error.contains("cannot connect"));
    assert_ne!(outputs.health()[0].failing_since_ns, 0);
    let server = Server::at(address);
    let health = until_delivered(&outputs, 100);
    let messages = server.messages_of(11);
    let first = parse::rfc5424(&messages[0]);
    assert_eq!((&*first.msgid, first.severity), ("sensor_degraded", 4));
    assert_eq!(first.values("details@32473", "dropped"), ["89"]);
    // The first one is for nobody; it may have gone before there was a gap.
    assert!(["1", "2"].contains(&first.values("details@32473", "first")[0]));
    assert_eq!(first.values("details@32473", "last"), ["90"]);
    assert_eq!(numbers(&messages[1..]), (91..=100).collect::<Vec<_>>());
    assert_eq!((health.dropped, health.delivered, health.failing_since_ns), (89, 11, 0));
}

#[test]
fn what_retention_took_is_told_and_what_was_before_an_output_is_not() {
    let site = Site::new();
    site.tell(10);
    site.kept.forget(5);
    let address = free_port();
    let outputs = site.start(&tcp(address));
    until("a beginning", || outputs.health()[0].number == 5);
    assert_eq!(outputs.health()[0].dropped, 0);
    site.kept.forget(8);
    until("a gap", || outputs.health()[0].dropped == 3);
    let server = Server::at(address);
    until_delivered(&outputs, 10);
    let messages = server.messages_of(3);
    assert_eq!(parse::rfc5424(&messages[0]).msgid, "sensor_degraded");
    assert_eq!(numbers(&messages[1..]), [9, 10]);
}

#[test]
fn what_waited_too_long_is_given_up_and_told() {
    let site = Site::new();
    let server = Server::new();
    // All of them were told in 2011.
    site.tell(5);
    let outputs = site.start(&format!("{}spool_age = '30d'\n", tcp(server.address)));
    until("giving up", || outputs.health()[0].dropped == 5);
    let mut fresh = notice();
    fresh.told = nameplate::model::Timestamp(i64::MAX);
    site.kept.add(fresh);
    site.news.ring();
    until_delivered(&outputs, 6);
    let messages = server.messages_of(2);
    assert_eq!(parse::rfc5424(&messages[0]).values("details@32473", "dropped"), ["5"]);
    assert_eq!(numbers(&messages[1..]), [6]);
}

#[test]
fn a_receiver_that_takes_nothing_holds_up_nobody() {
    let site = Site::new();
    // Never accepted: its system takes what fits, and no more.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = Server::new();
    let mut big = notice();
    big.text = "x".repeat(1_500).into();
    for _ in 0..8_000 {
        site.kept.add(big.clone());
    }
    let stuck = silent.local_addr().unwrap();
    let outputs = site.start(&format!(
        "[[output]]\nkind = 'syslog'\nto = 'tcp://{stuck}'\ntimeout = '1s'\n{}",
        tcp(server.address)
    ));
    until("delivery", || outputs.health()[1].number == 8_000);
    assert_eq!(numbers(&server.messages_of(8_000)), (1..=8_000).collect::<Vec<_>>());
    until("a complaint", || outputs.health()[0].failing_since_ns != 0);
    assert_eq!(outputs.health()[0].dropped, 0);
}

#[test]
fn an_output_gets_what_it_asked_for() {
    let site = Site::new();
    let server = Server::new();
    for kind in NoticeKind::ALL {
        for severity in Severity::ALL {
            let mut notice = notice();
            (notice.kind, notice.severity) = (kind, severity);
            site.kept.add(notice);
        }
    }
    let outputs = site.start(&format!(
        "{}what = ['finding', 'sensor']\nmin_severity = 'error'\nkinds = ['finding_opened', 'sensor_state']",
        tcp(server.address)
    ));
    let health = until_delivered(&outputs, 75);
    let got: Vec<_> = server.messages_of(4).iter().map(|message| parse::rfc5424(message)).collect();
    let got: Vec<_> = got.iter().map(|read| (&*read.msgid, read.severity)).collect();
    let expected =
        [("finding_opened", 2), ("finding_opened", 3), ("sensor_state", 2), ("sensor_state", 3)];
    assert_eq!(got, expected);
    assert_eq!(health.delivered, 4);
}

#[test]
fn datagrams_to_a_closed_port_come_again() {
    let site = Site::new();
    let address = free_port();
    site.tell(5);
    let output = format!("[[output]]\nkind = 'syslog'\nname = 'siem'\nto = 'udp://{address}'");
    let outputs = site.start_at(&output, PATIENT);
    until("a complaint", || outputs.health()[0].failing_since_ns != 0);
    assert_eq!(outputs.health()[0].delivered, 0);
    let mut socket = Datagrams::new(&address.to_string());
    until("datagrams", || {
        socket.read();
        numbers(&socket.1).into_iter().collect::<BTreeSet<_>>() == (1..=5).collect()
    });
    until_delivered(&outputs, 5);
}

#[test]
fn a_store_made_anew_is_sent_from_its_beginning() {
    let site = Site::new();
    let server = Server::new();
    site.tell(20);
    let outputs = site.start(&tcp(server.address));
    until_delivered(&outputs, 20);
    // While it runs, numbers go back; while it does not, another notice has the number that was last.
    site.kept.begin_anew();
    site.tell(5);
    until("five again", || server.messages().len() == 25);
    until("five delivered", || outputs.health()[0].number == 5);
    outputs.stop(Duration::from_secs(10));
    site.kept.begin_anew();
    for told in 0..8 {
        let mut other = notice();
        other.told.0 += told;
        site.kept.add(other);
    }
    let outputs = site.start(&tcp(server.address));
    until_delivered(&outputs, 8);
    assert_eq!(numbers(&server.messages_of(33)[25..]), (1..=8).collect::<Vec<_>>());
}

#[test]
fn an_output_may_begin_with_what_comes_next() {
    let site = Site::new();
    let server = Server::new();
    site.tell(20);
    let outputs = site.start(&format!("{}begin = 'now'\n", tcp(server.address)));
    until("a beginning", || outputs.health()[0].number == 20);
    site.tell(2);
    until_delivered(&outputs, 22);
    assert_eq!(numbers(&server.messages_of(2)), [21, 22]);
}

#[test]
fn a_backlog_that_cannot_be_read_is_said_and_tried_again() {
    let site = Site::new();
    let server = Server::new();
    site.tell(3);
    let broken = Arc::new(std::sync::atomic::AtomicBool::new(true));
    let (kept, is_broken) = (site.kept.clone(), Arc::clone(&broken));
    let open: Open = Arc::new(move || match is_broken.load(std::sync::atomic::Ordering::Acquire) {
        true => {
            Err(BacklogError { what: "the store".to_owned(), cause: "it is locked".to_owned() })
        }
        false => Ok(Box::new(kept.clone()) as Box<dyn Backlog>),
    });
    let settings = settings(&tcp(server.address));
    let outputs = Outputs::start(&settings, &open, site.folder.path(), &site.news, PACE).unwrap();
    until("a complaint", || outputs.health()[0].last_error.contains("it is locked"));
    broken.store(false, std::sync::atomic::Ordering::Release);
    let health = until_delivered(&outputs, 3);
    assert_eq!((health.failing_since_ns, &*health.last_error), (0, ""));
}

#[test]
fn two_processes_do_not_send_the_same() {
    let site = Site::new();
    let server = Server::new();
    let outputs = site.start(&tcp(server.address));
    let open: Open = Arc::new(|| unreachable!("nothing is started"));
    let settings = settings(&tcp(server.address));
    let again = Outputs::start(&settings, &open, site.folder.path(), &site.news, PACE);
    assert!(matches!(again, Err(OutputsError::Busy { .. })));
    let twice = Outputs::start(
        &[settings[0].clone(), settings[0].clone()],
        &open,
        site.folder.path(),
        &site.news,
        PACE,
    );
    assert!(matches!(twice, Err(OutputsError::SameName { .. })));
    outputs.stop(Duration::from_secs(10));
}
