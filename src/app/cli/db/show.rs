//! `nameplate db verify` and `db status`: about one bundle.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::json;

use crate::advisory;
use crate::app::cli::db::args::StatusArgs;
use crate::app::cli::db::{day, print};
use crate::app::db::Opened;
use crate::app::knowledge::{self, age};
use crate::app::{AppError, Exit};
use crate::bundle::feeds;
use crate::export::table::plural;
use crate::model::{BundleInfo, Parcel, Supplement};
use crate::store::Store;

/// Prints what a bundle is.
pub(super) fn bundle(path: &Path, opened: &Opened, as_json: bool) -> Result<Exit, AppError> {
    let Opened { parcel, broken, left_out, checked: (checksums, signatures), is_trusted } = opened;
    let newest = newest(parcel);
    let days = days_since(&parcel.built);
    if as_json {
        let value = json!({
            "schema": "nameplate.bundle/1",
            "file": path.display().to_string(),
            "sha256": parcel.sha256,
            "built": parcel.built,
            "age_days": days,
            "builder": parcel.builder,
            "signer": parcel.signer,
            "trusted": is_trusted,
            "documents": parcel.documents.len(),
            "newest": newest,
            "lists": lists(&parcel.feeds),
            "checksums": checksums,
            "signatures": signatures,
            "broken": broken,
            "left_out": left_out,
        });
        return print(&[value.to_string()]);
    }
    let signer = match (&parcel.signer, is_trusted) {
        (Some(signer), true) => format!("signed by key {signer}, which is trusted"),
        (Some(signer), false) => format!("signed by key {signer}, which is not trusted here"),
        (None, _) => "not signed".to_owned(),
    };
    let mut lines = vec![
        format!("{}: whole, {signer}", path.display()),
        format!("of {}{}, built by {}", day(&parcel.built), old(days), parcel.builder),
        format!(
            "{}{}",
            plural(parcel.documents.len(), "document"),
            newest.map(|newest| format!(", newest of {}", day(&newest))).unwrap_or_default()
        ),
    ];
    lines.extend(parcel.feeds.iter().map(list));
    lines.push(format!(
        "when it was built: {} agreed with a checksum, {} had an OpenPGP signature that is right",
        plural(*checksums, "part"),
        signatures
    ));
    if !left_out.is_empty() {
        lines.push(format!("{} left out when it was built", plural(left_out.len(), "file")));
    }
    if !broken.is_empty() {
        lines.push(format!("{} cannot be read", plural(broken.len(), "part")));
    }
    print(&lines)
}

/// Prints what verdicts are given against.
pub(super) fn status(args: &StatusArgs) -> Result<Exit, AppError> {
    let mut store = args.store.as_deref().map(Store::open).transpose()?;
    let (_, info) = knowledge::load(&args.knowledge.sources(), store.as_mut())?;
    let from_store = args.knowledge.db.is_none();
    let store = store.as_mut().filter(|_| from_store);
    let (feeds, current) = match store {
        Some(store) => (store.feeds()?, store.current_bundle()?),
        None => (Vec::new(), None),
    };
    let days = age(&info).and_then(|age| age.as_hours().checked_div(24));
    if args.json {
        let value = json!({
            "schema": "nameplate.db/1",
            "origin": info.origin,
            "number": info.number,
            "signer": info.signer,
            "built": info.built,
            "age_days": days,
            "documents": info.documents,
            "added": info.added,
            "unread": info.unread,
            "newest": info.newest,
            "sha256": info.sha256,
            "kev": info.kev,
            "exploited": info.exploited.as_ref().map(|feed| (&feed.date, feed.count)),
            "scores": info.scores.as_ref().map(|feed| (&feed.date, feed.count)),
            "lists": lists(&feeds),
            "imported_from": current.as_ref().map(|bundle| &bundle.origin),
            "imported_by": current.as_ref().map(|bundle| &bundle.by),
            "imported_at": current.as_ref().map(|bundle| bundle.at.to_string()),
        });
        return print(&[value.to_string()]);
    }
    let BundleInfo { origin, signer, built, documents, added, unread, newest, .. } = &info;
    let since = built.as_deref().or(newest.as_deref()).unwrap_or_default();
    let mut lines = vec![format!("{origin}: {}{}", day(since), old(days))];
    if let Some(bundle) = &current {
        let signer = signer
            .as_ref()
            .map_or_else(|| "not signed".to_owned(), |key| format!("signed by key {key}"));
        let at = bundle.at.to_string();
        lines.push(format!(
            "{signer}; imported from {} by {} on {}",
            bundle.origin,
            bundle.by,
            day(&at)
        ));
    }
    let newest = newest.as_deref().map(|newest| format!(", newest of {}", day(newest)));
    lines.push(format!("{}{}", plural(*documents, "document"), newest.unwrap_or_default()));
    if *added > 0 {
        lines.push(format!("{} of them added by people", plural(*added, "document")));
    }
    if *unread > 0 {
        lines.push(format!("{} cannot be read", plural(*unread, "document")));
    }
    lines.extend(feeds.iter().map(list));
    if !info.kev {
        lines.push("no catalogue of known exploited vulnerabilities".to_owned());
    }
    print(&lines)
}

fn list(feed: &Supplement) -> String {
    let rows = feeds::recognise(&feed.bytes).map_or(0, |found| found.rows);
    format!(
        "{}: {}, of {} ({})",
        feed.kind.name(),
        plural(rows, "row"),
        day(&feed.date),
        feed.origin
    )
}

fn lists(feeds: &[Supplement]) -> Vec<serde_json::Value> {
    let one = |feed: &Supplement| {
        let rows = feeds::recognise(&feed.bytes).map_or(0, |found| found.rows);
        json!({"kind": feed.kind.name(), "name": feed.name, "origin": feed.origin, "date": feed.date, "rows": rows,
               "sha256": feed.sha256})
    };
    feeds.iter().map(one).collect()
}

fn newest(parcel: &Parcel) -> Option<String> {
    let dates: BTreeMap<_, _> = parcel
        .documents
        .iter()
        .filter_map(|one| Some((advisory::instant(&one.released)?, &one.released)))
        .collect();
    dates.last_key_value().map(|(_, date)| (*date).clone())
}

fn days_since(date: &str) -> Option<i64> {
    let at = advisory::instant(date)?;
    jiff::Timestamp::now().duration_since(at).as_hours().checked_div(24)
}

fn old(days: Option<i64>) -> String {
    match days {
        Some(1) => ", 1 day old".to_owned(),
        Some(days) => format!(", {days} days old"),
        None => String::new(),
    }
}
