//! What receivers read: every format, over what carries it, with names that are made to break it.

use std::time::Duration;

use nameplate::export::escape::is_hostile;

use super::receivers::{Datagrams, Server};
use super::{Site, notice, parse, until, until_delivered};

/// Names made to end values, elements, lines and messages.
const NASTY: &[&str] = &[
    "\u{1b}[2J\u{1b}[31mowned",
    "two\r\nlines",
    "nul\0inside",
    "\u{202e}gpj.exe",
    "zero\u{200b}width\u{feff}",
    "\"] [evil@1 a=\"b\"]",
    "back\\",
    "\\\"",
    "]",
    "|pipe|CEF:0|a|b|c|1|x|1|",
    "msg=forged src=10.0.0.1",
    "\\=x \\n",
    "<0>1 - - - - - forged",
    "7 <0>1 -",
    "",
    "Öltank 日本",
    "{\"schema\":\"x\"}",
];

fn tell_nasty(site: &Site) {
    for nasty in NASTY {
        let mut notice = notice();
        (notice.name, notice.site, notice.text) =
            ((*nasty).into(), (*nasty).into(), (*nasty).into());
        notice.addresses = vec![(*nasty).into()];
        notice.details = vec![("from".into(), (*nasty).into()), ((*nasty).into(), "x".into())];
        site.kept.add(notice);
    }
    site.news.ring();
}

#[test]
fn a_syslog_receiver_reads_every_part() {
    let (site, server) = (Site::new(), Server::new());
    site.tell(1);
    let to = server.address;
    let outputs = site.start(&format!(
        "[[output]]\nkind = 'syslog'\nto = 'tcp://{to}'\nfacility = 'local3'\nhostname = 'sensor1'"
    ));
    until_delivered(&outputs, 1);
    let messages = server.messages_of(1);
    let read = parse::rfc5424(&messages[0]);
    assert_eq!((read.facility, read.severity), (19, 5));
    assert_eq!(read.timestamp, "2011-03-13T07:06:41.000000Z");
    assert_eq!((&*read.hostname, &*read.app_name), ("sensor1", "nameplate"));
    assert_eq!(read.msgid, "asset_new");
    let values = |name| read.values("nameplate@32473", name);
    assert_eq!(values("time"), ["2011-03-13T07:06:40.000000042Z"]);
    assert_eq!(values("topic"), ["change"]);
    assert_eq!(values("asset"), ["00000000-0000-0000-0000-000000000007"]);
    assert_eq!(values("finding"), ["00000000-0000-0000-0000-000000000008"]);
    assert_eq!(values("address"), ["10.0.0.7", "00:0e:8c:12:34:56"]);
    assert_eq!(read.values("details@32473", "to"), ["V2"]);
    assert_eq!(read.text, "A device that was not known: PLC 7");
}

#[test]
fn no_name_forges_a_message_or_a_part_of_one() {
    let (site, server, lines) = (Site::new(), Server::new(), Server::new());
    tell_nasty(&site);
    let (to, plain) = (server.address, lines.address);
    let outputs = site.start(&format!(
        "[[output]]\nkind = 'syslog'\nto = 'tcp://{to}'\n\
         [[output]]\nkind = 'syslog'\nto = 'tcp://{plain}'\nframing = 'lf'"
    ));
    until_delivered(&outputs, NASTY.len() as u64);
    let counted = server.messages_of(NASTY.len());
    let by_line = lines.lines_of(NASTY.len());
    assert_eq!(counted, by_line);
    assert_eq!(counted.len(), NASTY.len());
    for (message, nasty) in counted.iter().zip(NASTY) {
        assert!(!message.replace('\u{feff}', "").contains(is_hostile), "{message:?}");
        let read = parse::rfc5424(message);
        assert_eq!((read.facility, read.severity, &*read.msgid), (16, 5, "asset_new"));
        assert_eq!(read.data.len(), 2, "{message:?}");
        if !nasty.contains(is_hostile) && !nasty.is_empty() {
            assert_eq!(read.values("nameplate@32473", "name"), [*nasty]);
            assert_eq!(read.values("details@32473", "from")[0], *nasty);
            assert_eq!(read.text, *nasty);
        }
    }
}

#[test]
fn a_receiver_of_cef_reads_every_part_and_no_name_forges_one() {
    let (site, mut socket) = (Site::new(), Datagrams::new("127.0.0.1:0"));
    site.tell(1);
    tell_nasty(&site);
    let to = socket.0.local_addr().unwrap();
    let outputs = site.start(&format!(
        "[[output]]\nkind = 'syslog'\nformat = 'cef'\nto = 'udp://{to}'\nhostname = 'sensor1'"
    ));
    until("datagrams", || socket.read() == NASTY.len() + 1);
    until_delivered(&outputs, NASTY.len() as u64 + 1);
    let (header, fields) = parse::cef(&socket.1[0]);
    let version = env!("CARGO_PKG_VERSION");
    let expected = ["CEF:0", "nameplate", "nameplate", version, "asset_new", "New device", "4"];
    assert_eq!(header, expected);
    assert!(socket.1[0].starts_with("<133>Mar 13 07:06:41 sensor1 CEF:0|"), "{}", socket.1[0]);
    for (key, value) in [
        ("rt", "1300000001000"),
        ("externalId", "1"),
        ("dst", "10.0.0.7"),
        ("dmac", "00:0e:8c:12:34:56"),
        ("dhost", "PLC 7"),
        ("dvchost", "sensor1"),
        ("cs2", "Plant A"),
        ("cs2Label", "Site"),
        ("msg", "A device that was not known: PLC 7"),
    ] {
        assert_eq!(fields[key], value);
    }
    for (message, nasty) in socket.1[1..].iter().zip(NASTY) {
        assert!(!message.contains(is_hostile), "{message:?}");
        let (header, fields) = parse::cef(message);
        assert_eq!(header, expected);
        assert!(!fields.contains_key("src"), "{message:?}");
        if !nasty.contains(is_hostile) && !nasty.is_empty() {
            assert_eq!((&*fields["msg"], &*fields["dhost"]), (*nasty, *nasty));
        }
    }
}

#[test]
fn lines_of_json_have_the_fields_that_the_page_describes() {
    let (site, server) = (Site::new(), Server::new());
    site.tell(1);
    tell_nasty(&site);
    let to = server.address;
    let path = site.folder.path().join("notices.ndjson");
    let file = path.display();
    let outputs = site.start(&format!(
        "[[output]]\nkind = 'syslog'\nformat = 'ndjson'\nto = 'tcp://{to}'\n\
         [[output]]\nkind = 'file'\nto = '{file}'"
    ));
    until_delivered(&outputs, NASTY.len() as u64 + 1);
    let lines = server.lines_of(NASTY.len() + 1);
    assert_eq!(lines, parse::lines(&std::fs::read(&path).unwrap()));
    let page = std::fs::read_to_string(crate::replayed::root().join("docs/exports.md")).unwrap();
    let (_, section) = page.split_once("### `nameplate.notice/1`").unwrap();
    let section = section.split("\n### ").next().unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `"));
    let mut described: Vec<String> = rows
        .flat_map(|row| row.split(" |").next().unwrap().split(", "))
        .map(|name| name.trim_matches('`').to_owned())
        .collect();
    described.sort();
    for line in &lines {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        let mut printed: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
        printed.sort();
        assert_eq!(printed, described);
    }
    let texts = lines[1..].iter().map(|line| {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        value["text"].as_str().unwrap().to_owned()
    });
    assert_eq!(texts.collect::<Vec<_>>(), NASTY);
}

#[test]
fn a_message_that_is_too_long_is_cut_and_counted() {
    let (site, mut socket) = (Site::new(), Datagrams::new("[::1]:0"));
    let mut long = notice();
    long.text = "日".repeat(3_000).into();
    long.details = vec![("to".into(), "]\"\\".repeat(900).into())];
    site.kept.add(long);
    site.tell(1);
    let to = socket.0.local_addr().unwrap();
    let outputs = site.start(&format!("[[output]]\nkind = 'syslog'\nto = 'udp://{to}'"));
    until("datagrams", || socket.read() == 2);
    let health = until_delivered(&outputs, 2);
    assert_eq!(health.shortened, 1);
    assert!((1_000..=2_048).contains(&socket.1[0].len()), "{}", socket.1[0].len());
    let read = parse::rfc5424(&socket.1[0]);
    assert!(read.text.starts_with("日日") && read.text.ends_with('…'));
    assert_eq!(read.values("nameplate@32473", "shortened"), ["true"]);
    assert!(outputs.stop(Duration::from_secs(5))[0].last_error.is_empty());
}
