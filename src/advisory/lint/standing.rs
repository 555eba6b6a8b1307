//! Documents that are not final, and damage to what verdicts rest on.

use serde_json::Value;

use crate::advisory::lint::Found;
use crate::advisory::{csaf, shape, standing};
use crate::model::advisory::{Advisory, Standing};

/// Says how the document is taken as a whole.
pub(super) fn check(text: &str, whole: &Value, document: &Advisory, found: &mut Found) {
    if let Some(meaning) = standing::meaning(&document.standing) {
        let (pointer, reading) = match &document.standing {
            Standing::Interim => (STATUS, "affected and fixed hold; silence clears nothing"),
            Standing::Draft => (STATUS, "verdicts are cannot tell"),
            Standing::Withdrawn => (CATEGORY, "no verdict is given"),
            _ => (CATEGORY, "cannot tell, as far as its successor does not take over"),
        };
        found.add("not-final", pointer, &[], format!("this document is {meaning}"), reading);
    }
    profile(document, found);
    let category = whole.pointer(CATEGORY).and_then(Value::as_str).unwrap_or_default();
    let judges = csaf::judges(category, &document.standing);
    let damage = shape::fault(text, judges).filter(|fault| fault.touches_devices);
    let status = whole.pointer(STATUS).and_then(Value::as_str).unwrap_or_default();
    let unknown = (!standing::is_known(status)).then(|| csaf::unknown_status(status));
    for what in damage.map(|fault| fault.what.into()).into_iter().chain(unknown) {
        let pointer = what.split(' ').next().unwrap_or_default().to_owned();
        let reading = "the document flags devices and clears none";
        found.add("damaged", &pointer, &[], what, reading);
    }
}

/// What the profiles for documents that were taken back want.
fn profile(document: &Advisory, found: &mut Found) {
    let reading = "no device is judged by it";
    match &document.standing {
        Standing::Withdrawn | Standing::Superseded(_) if !document.flaws.is_empty() => {
            let what = "a document that was taken back has no product_tree and no vulnerabilities";
            found.add("profile", "/vulnerabilities", &[], what, reading);
        }
        _ => {}
    }
    if let Standing::Superseded(successor) = &document.standing
        && successor.url.is_empty()
    {
        let what = "no reference of category external begins with \"Superseding Document\"";
        let reading = "its successor is not known";
        found.add("profile", "/document/references", &[], what, reading);
    }
}

const STATUS: &str = "/document/tracking/status";
const CATEGORY: &str = "/document/category";
