//! What happened to a device, with the frames before and after.

use crate::app::explain::page::Page;
use crate::model::limits::EXPLAINED_EVENTS_MAX;
use crate::model::{Asset, Event, Happening};

/// Tells what happened to a device, the last of it when that is very much.
pub(super) fn explain(asset: &Asset, page: &mut Page<'_>) {
    let left_out = asset.events.len().saturating_sub(EXPLAINED_EVENTS_MAX);
    if left_out > 0 {
        page.line(1, &format!("{left_out} earlier events are left out"));
    }
    for event in asset.events.iter().skip(left_out) {
        explain_event(event, page);
    }
}

fn explain_event(event: &Event, page: &mut Page<'_>) {
    let part = event.module.as_ref().map(|path| format!(" of {path}")).unwrap_or_default();
    let (name, words) = (event.name(), event.words());
    page.line(1, &format!("event {name}{part}: {words}"));
    if let Some(before) = &event.before {
        page.line(2, "before");
        page.ground(3, before, None);
    }
    match event.what {
        Happening::Told => page.ground(2, &event.ground, None),
        Happening::Changed { .. } | Happening::Replaced { .. } | Happening::Contested { .. } => {
            page.line(2, "then");
            page.ground(3, &event.ground, None);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::app::explain::page::Rules;
    use crate::model::{
        CaptureInfo, Excerpt, Field, FrameRef, Ground, Key, Run, Timestamp, Unit, Value,
    };

    fn ground(value: &str, number: u64) -> Arc<Ground> {
        Arc::new(Ground {
            key: Key::one("toy.revision"),
            value: Value::Text(value.into()),
            at: Timestamp(0),
            frame: FrameRef { capture: 0, number },
            mac: None,
            excerpt: Excerpt { frame: FrameRef { capture: 0, number }, ..Excerpt::default() },
        })
    }

    fn told(events: Vec<Event>) -> String {
        let captures = vec![CaptureInfo {
            name: "a.pcap".to_owned(),
            sha256: String::new(),
            frames: 0,
            bytes: 0,
            first: None,
            last: None,
            incomplete: None,
            session: None,
        }];
        let (run, rules) = (Run { captures, ..Run::default() }, Rules::new());
        let mut page = Page::new(&run, &rules);
        explain(&Asset { events, ..Asset::default() }, &mut page);
        page.text(&Default::default())
    }

    #[test]
    fn what_changed_is_told_with_the_frames_before_and_after() {
        let (from, to) = ("1.0".into(), "1.1".into());
        let what = Happening::Changed { field: Field::Firmware, from, to };
        let (module, before) = (Some(Unit::modbus(3)), Some(ground("1.0", 5)));
        let text = told(vec![Event { module, what, ground: ground("1.1", 9), before }]);
        let places: Vec<usize> = [
            "event firmware_changed of unit 3: 1.0 -> 1.1\n",
            "before\n",
            "a.pcap#5 ",
            "then\n",
            "a.pcap#9 ",
        ]
        .iter()
        .map(|words| text.find(words).unwrap_or_else(|| panic!("no {words:?} in {text}")))
        .collect();
        assert!(places.is_sorted(), "{text}");
    }

    #[test]
    fn who_came_and_who_contests_an_address_is_told() {
        let replaced = Happening::Replaced { from: "serial A/1".into(), to: "serial A/2".into() };
        let contested = Happening::Contested {
            address: "10.0.0.1".into(),
            with: "mac 00:00:00:00:00:01".into(),
        };
        let event = |what| Event {
            module: None,
            what,
            ground: ground("x", 2),
            before: Some(ground("y", 1)),
        };
        let text = told(vec![event(replaced), event(contested)]);
        assert!(text.contains("event replaced: serial A/1 -> serial A/2\n"), "{text}");
        assert!(text.contains("event address_contested: 10.0.0.1, also used by mac"), "{text}");
    }

    #[test]
    fn of_very_many_events_the_last_are_told() {
        let event = |number| Event {
            module: None,
            what: Happening::Told,
            ground: ground("by 10.0.0.9", number),
            before: None,
        };
        let text = told((1..=100).map(event).collect());
        assert!(text.starts_with("  36 earlier events are left out\n"), "{text}");
        assert!(!text.contains("a.pcap#36 ") && text.contains("a.pcap#37 "), "{text}");
    }
}
