//! What traffic would be judged with: signatures and advisories, and how old they are.

use std::path::Path;

use crate::app::knowledge::{self, Sources};
use crate::export::escape::shell;
use crate::model::BundleInfo;
use crate::store::Store;

use super::check::{Check, Level};

/// Looks at the signatures, and at the advisories that a sensor on this store would judge with.
pub(super) fn checks(sources: &Sources, store: Option<&Path>) -> Vec<Check> {
    let mut opened = store.filter(|dir| Store::is_in(dir)).and_then(|dir| Store::read(dir).ok());
    let signatures = match knowledge::signatures(sources) {
        Ok(signatures) => {
            let text = format!("{} signatures", signatures.ids().count());
            Check::new("signatures", "loaded", Level::Ok, text)
        }
        Err(error) => Check::new("signatures", "loaded", Level::Fail, error.to_string()),
    };
    let advisories = match knowledge::load(sources, opened.as_mut()) {
        Ok((_, bundle)) => advisories(&bundle, knowledge::age(&bundle), store),
        Err(error) => Check::new("advisories", "age", Level::Fail, error.to_string()),
    };
    vec![signatures, advisories]
}

fn advisories(
    bundle: &BundleInfo,
    age: Option<jiff::SignedDuration>,
    store: Option<&Path>,
) -> Check {
    let new = |level, text: String| Check::new("advisories", "age", level, text);
    let dir = store.map_or("DIR".to_owned(), |dir| shell(&dir.to_string_lossy()).into_owned());
    let import = format!("nameplate db import BUNDLE --store {dir}");
    let days = age.map(|age| age.as_hours().checked_div(24).unwrap_or(0).max(0));
    let held = format!("{} advisories ({})", bundle.documents, bundle.origin);
    let unread = if bundle.unread > 0 {
        format!(", {} more could not be read", bundle.unread)
    } else {
        String::new()
    };
    match days {
        _ if bundle.origin.starts_with(knowledge::BUILT_IN) => {
            let text =
                format!("{held}: a sample that comes with the program, not what your devices need");
            new(Level::Warn, text).helped_by(import)
        }
        Some(days) if days > DAYS_MAX => {
            new(Level::Warn, format!("{held} are {days} days old{unread}")).helped_by(import)
        }
        _ if !unread.is_empty() => new(Level::Warn, format!("{held}{unread}")).helped_by(import),
        Some(days) => new(Level::Ok, format!("{held} are {days} days old")),
        None => new(Level::Warn, format!("{held} do not tell how old they are")).helped_by(import),
    }
}

/// What is older misses what makers published last month.
const DAYS_MAX: i64 = 30;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_advisories_are_told_and_fresh_ones_are_fine() {
        let bundle =
            BundleInfo { origin: "bundle 3".to_owned(), documents: 9, ..BundleInfo::default() };
        let days = |days: i64| Some(jiff::SignedDuration::from_hours(24_i64.saturating_mul(days)));
        assert_eq!(advisories(&bundle, days(3), None).level, Level::Ok);
        assert_eq!(advisories(&bundle, days(31), None).level, Level::Warn);
        assert_eq!(advisories(&bundle, None, None).level, Level::Warn);
        let unread = BundleInfo { unread: 1, ..bundle };
        assert_eq!(advisories(&unread, days(3), None).level, Level::Warn);
    }
}
