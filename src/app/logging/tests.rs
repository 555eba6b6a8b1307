//! What is written, and what not.

#![allow(clippy::arithmetic_side_effects, clippy::as_conversions)]

use std::sync::Arc;

use super::*;
use crate::export::escape::{NASTY, is_hostile};
use crate::model::limits::{LOG_LINES_PER_MINUTE_MAX, LOG_TEXT_BYTES_MAX};

/// A place to write to that can be looked at.
#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn logged(format: LogFormat, is_colored: bool, say: impl FnOnce()) -> String {
    let page = Page::default();
    let log = Log::new(format, is_colored, page.clone());
    tracing::subscriber::with_default(Registry::default().with(log), say);
    let bytes = page.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

fn say_one() {
    tracing::warn!(frames = 7, name = "a b", word = "eth1", "a {} line", "plain");
}

#[test]
fn a_line_has_the_form_that_was_asked_for() {
    let text = logged(LogFormat::Text, false, say_one);
    assert_eq!(text, " WARN a plain line frames=7 name=\"a b\" word=eth1\n");
    let text = logged(LogFormat::Text, true, say_one);
    assert_eq!(text, "\u{1b}[33m WARN\u{1b}[0m a plain line frames=7 name=\"a b\" word=eth1\n");
    let text = logged(LogFormat::Journal, true, say_one);
    assert_eq!(text, "<4>a plain line frames=7 name=\"a b\" word=eth1\n");
    let text = logged(LogFormat::Json, true, say_one);
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json["level"], "warn");
    assert_eq!(json["message"], "a plain line");
    assert_eq!((&json["frames"], &json["name"]), (&7.into(), &"a b".into()));
    assert!(json["time"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok());
}

#[test]
fn the_journal_is_told_how_much_a_line_matters() {
    let text = logged(LogFormat::Journal, false, || {
        tracing::error!("e");
        tracing::warn!("w");
        tracing::info!("i");
        tracing::debug!("d");
    });
    assert_eq!(text, "<3>e\n<4>w\n<6>i\n<7>d\n");
}

#[test]
fn no_text_of_others_ends_a_line_or_starts_another_field() {
    for format in [LogFormat::Text, LogFormat::Json, LogFormat::Journal] {
        for nasty in NASTY.iter().copied().chain(["x\" level=error y=\"", "\n<0>all is lost"]) {
            let text = logged(format, false, || tracing::info!(name = nasty, "{nasty}"));
            assert_eq!(text.matches('\n').count(), 1, "{format:?} {nasty:?}: {text:?}");
            assert!(!text.trim_end_matches('\n').contains(is_hostile), "{format:?} {nasty:?}");
            if format == LogFormat::Json {
                let json: serde_json::Value = serde_json::from_str(&text).unwrap();
                assert_eq!((&json["name"], &json["message"]), (&nasty.into(), &nasty.into()));
            }
        }
        let text = logged(format, false, || tracing::info!(name = "x\" y=\"1", "said"));
        assert!(text.contains("x\\\" y=\\\"1"), "{text}");
    }
    let long = "ü".repeat(LOG_TEXT_BYTES_MAX);
    let text = logged(LogFormat::Json, false, || tracing::info!(long, "said"));
    assert!(text.len() < LOG_TEXT_BYTES_MAX + 400, "{}", text.len());
}

#[test]
fn what_is_said_too_often_is_summed_up() {
    let most = u64::from(LOG_LINES_PER_MINUTE_MAX);
    let text = logged(LogFormat::Text, false, || {
        for number in 0..most * 5 {
            tracing::warn!("the same {number}");
            if number == 0 {
                tracing::warn!("another");
            }
        }
    });
    assert_eq!(text.lines().filter(|line| line.contains("the same")).count() as u64, most);
    assert_eq!(text.matches("another").count(), 1, "of another kind");

    // What was left out is told when its minute is over, before whatever is said next.
    let page = Page::default();
    let log = Log::new(LogFormat::Text, false, page.clone());
    let begun = Instant::now();
    let (kind, other) = (kinds(0), kinds(1));
    for _ in 0..most + 23 {
        log.write(kind, &line::more(kind, 0), begun);
    }
    page.0.lock().unwrap().clear();
    log.write(other, &line::more(other, 0), begun + std::time::Duration::from_secs(61));
    let text = String::from_utf8(page.0.lock().unwrap().clone()).unwrap();
    assert!(text.starts_with(" WARN more of the same was left out count=23 place="), "{text}");
    assert_eq!(text.lines().count(), 2);
    log.write(kind, &line::more(kind, 1), begun + std::time::Duration::from_secs(62));
    let text = String::from_utf8(page.0.lock().unwrap().clone()).unwrap();
    assert_eq!(text.lines().count(), 3, "a new minute: {text}");
}

#[test]
fn what_a_person_asked_to_see_in_full_is_not_shortened() {
    let most = u64::from(LOG_LINES_PER_MINUTE_MAX);
    let text = logged(LogFormat::Text, false, || {
        for number in 0..most * 2 {
            tracing::debug!("the same {number}");
        }
    });
    assert_eq!(text.lines().count() as u64, most * 2);
}

#[test]
fn a_format_that_is_none_is_refused() {
    assert_eq!(of_environment(None).unwrap(), LogFormat::Text);
    assert_eq!(of_environment(Some("")).unwrap(), LogFormat::Text);
    assert_eq!(of_environment(Some("json")).unwrap(), LogFormat::Json);
    assert_eq!(of_environment(Some("journal")).unwrap(), LogFormat::Journal);
    let error = of_environment(Some("xml")).unwrap_err();
    assert_eq!(error.exit(), crate::app::Exit::Usage);
    assert!(error.to_string().contains("NAMEPLATE_LOG_FORMAT=xml: write text, json or journal"));
}

/// Two places that say something.
fn kinds(which: usize) -> &'static Metadata<'static> {
    struct Seen(Arc<Mutex<Vec<&'static Metadata<'static>>>>);
    impl<S: Subscriber> Layer<S> for Seen {
        fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
            self.0.lock().unwrap().push(event.metadata());
        }
    }
    let seen = Arc::new(Mutex::new(Vec::new()));
    let layer = Seen(Arc::clone(&seen));
    tracing::subscriber::with_default(Registry::default().with(layer), || {
        tracing::warn!("one");
        tracing::warn!("two");
    });
    let seen = seen.lock().unwrap().clone();
    seen[which]
}
