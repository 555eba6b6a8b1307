#![allow(clippy::arithmetic_side_effects, clippy::as_conversions)]

use std::net::IpAddr;

use super::*;
use crate::model::{Acts, Addr, Binding, Ground, Happening, Key, Node, Port, Scope, Value};
use crate::model::{Event, Excerpt, Field, FrameRef};

const HOUR: u64 = 3_600_000_000_000;

fn at(hours: f64) -> Timestamp {
    Timestamp((hours * HOUR as f64) as i64)
}

fn node(last: u8) -> Node {
    let scope = Scope { site: 0, outer_vlan: 0, vlan: 0 };
    Node { scope, addr: Addr::Ip(IpAddr::from([10, 0, 0, last])) }
}

fn device(number: u8, heard: f64) -> Asset {
    let ip = IpAddr::from([10, 0, 0, number]);
    let binding = Binding { node: node(number), mac: None, first: at(0.0), last: at(heard) };
    Asset {
        id: AssetId(uuid::Uuid::from_u128(number.into())),
        identity: format!("ip {ip}").into(),
        ips: [ip].into(),
        bindings: vec![binding],
        macs: [crate::model::Mac([2, 0, 0, 0, 0, number])].into(),
        last: at(heard),
        ..Asset::default()
    }
}

fn talk(client: u8, server: u8, protocol: Option<&'static str>) -> Conversation {
    Conversation {
        client: node(client),
        server: node(server),
        port: Port::Tcp(502),
        protocol,
        first: at(1.0),
        last: at(1.0),
        packets: [1, 1],
        bytes: [60, 60],
        acts: Acts::default(),
    }
}

fn seen(asset: &Asset) -> Change {
    Change::AssetSeen(Arc::new(asset.clone()))
}

fn changed(asset: &Asset) -> Change {
    Change::AssetChanged(Arc::new(asset.clone()))
}

fn look(watch: &mut Watch, changes: &[Change], talks: &[Conversation], hour: f64) -> Vec<Notice> {
    let sites = Sites::default();
    watch.look(&Now { changes, conversations: talks, sites: &sites, told: at(hour) })
}

fn kinds(notices: &[Notice]) -> Vec<NoticeKind> {
    notices.iter().map(|notice| notice.kind).collect()
}

fn told(key: Key, value: &str, hour: f64) -> Event {
    let frame = FrameRef { capture: 0, number: 7 };
    let excerpt = Excerpt { frame, ..Excerpt::default() };
    let value = Value::Text(value.into());
    let ground = Ground { key, value, at: at(hour), frame, mac: None, excerpt };
    Event { module: None, what: Happening::Told, ground: Arc::new(ground), before: None }
}

#[test]
fn what_is_known_already_is_not_told() {
    let mut watch = Watch::new(HOUR, None);
    let known = device(1, 0.0);
    let sites = Sites::default();
    let (changes, talks) = ([seen(&known)], [talk(1, 2, None)]);
    watch.know(&Now { changes: &changes, conversations: &talks, sites: &sites, told: at(0.0) });
    assert!(look(&mut watch, &[changed(&known)], &[talk(1, 2, Some("modbus"))], 0.1).is_empty());
    let notices = look(&mut watch, &[seen(&device(2, 0.1))], &[talk(2, 1, None)], 0.1);
    assert_eq!(kinds(&notices), [NoticeKind::AssetNew, NoticeKind::ConversationNew]);
    assert!(notices.iter().all(|notice| notice.severity == Severity::Informational));
    assert!(look(&mut watch, &[], &[talk(2, 1, None)], 0.2).is_empty());
}

#[test]
fn what_nobody_accepted_is_a_warning() {
    let accepted = device(1, 0.0);
    let talks = [TalkKey::of(&talk(1, 2, None))].into();
    let baseline = Baseline { name: "Monday".into(), assets: [accepted.id].into(), talks };
    let mut watch = Watch::new(HOUR, Some(baseline));
    let changes = [seen(&accepted), seen(&device(2, 0.0))];
    let talks = [talk(1, 2, Some("modbus")), talk(2, 1, None)];
    let notices = look(&mut watch, &changes, &talks, 0.0);
    let severities: Vec<Severity> = notices.iter().map(|notice| notice.severity).collect();
    let (fine, wrong) = (Severity::Informational, Severity::Warning);
    assert_eq!(severities, [fine, wrong, fine, wrong]);
    let named =
        |notice: &Notice| notice.details.contains(&("not_in_baseline".into(), "Monday".into()));
    assert_eq!(notices.iter().map(named).collect::<Vec<_>>(), [false, true, false, true]);
    assert!(notices[1].text.ends_with("; it is not in the baseline Monday"), "{}", notices[1].text);
    watch.accept(None);
    let notices = look(&mut watch, &[seen(&device(3, 0.0))], &[talk(3, 1, None)], 0.1);
    assert!(notices.iter().all(|notice| notice.severity == fine));
}

#[test]
fn a_device_that_tells_a_stronger_identity_is_not_new() {
    let mut watch = Watch::new(HOUR, None);
    let before = device(1, 0.0);
    look(&mut watch, &[seen(&before)], &[], 0.0);
    let now = Asset { id: AssetId(uuid::Uuid::from_u128(99)), ..before.clone() };
    let changes = [seen(&now), Change::AssetGone(before.id)];
    assert!(look(&mut watch, &changes, &[], 0.1).is_empty());
}

#[test]
fn each_event_is_told_once_with_what_it_means() {
    let mut watch = Watch::new(HOUR, None);
    let mut asset = device(1, 0.0);
    look(&mut watch, &[seen(&asset)], &[], 0.0);
    for (name, kind) in [
        (Key::event("enip.stop"), NoticeKind::ModeChanged),
        (Key::event("enip.file_download"), NoticeKind::ProgramDownload),
        (Key::event("modbus.umas_program_upload"), NoticeKind::DeviceEvent),
    ] {
        asset.events.push(told(name, "by 10.0.0.9", 0.5));
        let notices = look(&mut watch, &[changed(&asset)], &[], 0.5);
        assert_eq!(kinds(&notices), [kind]);
        assert!(notices[0].text.contains("by 10.0.0.9"), "{}", notices[0].text);
    }
    let frame = told(Key::event("enip.stop"), "", 0.6).ground;
    let what = Happening::Changed { field: Field::Firmware, from: "1".into(), to: "2".into() };
    asset.events.push(Event { module: None, what, ground: frame, before: None });
    let notices = look(&mut watch, &[changed(&asset)], &[], 0.6);
    assert_eq!(kinds(&notices), [NoticeKind::AssetChanged]);
    assert!(notices[0].details.contains(&("to".into(), "2".into())));
    assert!(look(&mut watch, &[changed(&asset)], &[], 0.7).is_empty());
}

#[test]
fn a_device_is_silent_only_against_its_habit() {
    let mut watch = Watch::new(HOUR, None);
    look(&mut watch, &[seen(&device(1, 0.0))], &[], 0.0);
    assert!(look(&mut watch, &[], &[], 0.9).is_empty());
    assert_eq!(kinds(&look(&mut watch, &[], &[], 1.1)), [NoticeKind::AssetSilent]);
    assert!(look(&mut watch, &[], &[], 2.0).is_empty(), "told once");
    assert_eq!(watch.silent(), 1);
    let back = look(&mut watch, &[changed(&device(1, 2.5))], &[], 2.5);
    assert_eq!(kinds(&back), [NoticeKind::AssetBack]);
    // It was quiet for two and a half hours, and may be for three times that.
    assert!(look(&mut watch, &[], &[], 9.9).is_empty());
    assert_eq!(kinds(&look(&mut watch, &[], &[], 10.1)), [NoticeKind::AssetSilent]);
}

#[test]
fn nobody_is_silent_while_nobody_listened() {
    let mut watch = Watch::new(HOUR, None);
    let changes = [seen(&device(1, 0.0))];
    let sites = Sites::default();
    let now = Now { changes: &changes, conversations: &[], sites: &sites, told: at(500.0) };
    watch.know(&now);
    assert!(look(&mut watch, &[], &[], 500.5).is_empty());
    assert_eq!(kinds(&look(&mut watch, &[], &[], 501.1)), [NoticeKind::AssetSilent]);
    // A clock that steps back makes nobody silent.
    assert!(look(&mut watch, &[], &[], 3.0).is_empty());
}

#[test]
fn a_flood_is_summed_up() {
    let mut watch = Watch::new(HOUR, None);
    let talks: Vec<Conversation> = (0..=u8::MAX)
        .flat_map(|client| (0..=u8::MAX).map(move |server| talk(client, server, None)))
        .collect();
    let notices = look(&mut watch, &[], &talks, 0.0);
    assert_eq!(notices.len(), NOTICES_PER_LOOK_MAX + 1);
    let left_out = (talks.len() - NOTICES_PER_LOOK_MAX) as u64;
    assert_eq!(watch.counters().count("watch.notices_over_limit"), left_out);
    assert!(notices.last().unwrap().text.contains(&left_out.to_string()));
    assert!(look(&mut watch, &[], &talks, 0.1).is_empty(), "told or summed up, not again");
}

#[test]
fn a_habit_outlives_a_restart() {
    let know = |watch: &mut Watch, asset: &Asset, hour: f64| {
        let sites = Sites::default();
        let changes = [seen(asset)];
        watch.know(&Now { changes: &changes, conversations: &[], sites: &sites, told: at(hour) });
    };
    let mut watch = Watch::new(HOUR, None);
    know(&mut watch, &device(1, 0.0), 0.0);
    look(&mut watch, &[changed(&device(1, 5.0))], &[], 5.0);
    let habits = watch.habits();
    assert_eq!(habits.values().copied().collect::<Vec<_>>(), [5 * HOUR]);
    let mut again = Watch::new(HOUR, None);
    again.remember(habits.clone());
    know(&mut again, &device(1, 5.0), 6.0);
    assert!(look(&mut again, &[], &[], 10.0).is_empty(), "four hours are not unusual for it");
    assert_eq!(kinds(&look(&mut again, &[], &[], 22.0)), [NoticeKind::AssetSilent]);
    assert_eq!(again.habits(), habits);
}
