//! How firmly a publisher stands by a document: final, interim, draft, withdrawn, superseded.
//!
//! | said by | meaning |
//! |---|---|
//! | `tracking.status` | `final`, `interim`, `draft` |
//! | category `csaf_withdrawn`, `csaf_superseded` (CSAF 2.1) | taken back; another document took its place |
//! | category "Withdrawn", "Superseded", or a title "Withdrawn: …" (CSAF 2.0) | the same, as publishers wrote it before there were profiles |
//!
//! `docs/decisions/standing.md` argues what verdicts make of it.

use crate::advisory::name::compact;
use crate::model::advisory::{Advisory, Standing, Successor};

/// What a document says about itself.
pub(super) struct Said<'a> {
    /// `document.category`.
    pub(super) category: &'a str,
    /// `document.title`.
    pub(super) title: &'a str,
    /// `document.tracking.status`.
    pub(super) status: &'a str,
    /// Category, summary and address of each of its references.
    pub(super) references: Vec<[&'a str; 3]>,
}

/// How firmly the publisher stands by it. A status that is none of the standard's is a fault of the document, and final here.
pub(super) fn of(said: &Said<'_>) -> Standing {
    let category = compact(said.category);
    let is = |word: &str| {
        category == word || category.strip_prefix("CSAF") == Some(word) || is_titled(said, word)
    };
    if is("WITHDRAWN") {
        return Standing::Withdrawn;
    }
    if is("SUPERSEDED") {
        return Standing::Superseded(successor(said));
    }
    match said.status.trim().to_ascii_lowercase().as_str() {
        "interim" => Standing::Interim,
        "draft" => Standing::Draft,
        _ => Standing::Final,
    }
}

/// Whether a status is one of the standard's; without one a document is taken for final.
pub(super) fn is_known(status: &str) -> bool {
    let status = status.trim().to_ascii_lowercase();
    matches!(status.as_str(), "" | "final" | "interim" | "draft")
}

/// "Withdrawn: …", `[Superseded] …`: a mark before the title. In "Withdrawn licences in X" it is a word of the title.
fn is_titled(said: &Said<'_>, word: &str) -> bool {
    let title = said.title.trim_start_matches(|c: char| !c.is_alphanumeric());
    let Some(head) = title.get(..word.len()) else { return false };
    let rest = title.get(word.len()..).unwrap_or_default().trim_start();
    head.eq_ignore_ascii_case(word) && !rest.starts_with(char::is_alphanumeric)
}

/// The reference to the superseding document: CSAF 2.1 wants its summary to begin so.
fn successor(said: &Said<'_>) -> Successor {
    let external = || said.references.iter().filter(|[category, ..]| *category != "self");
    let marked = external().find(|[_, summary, _]| {
        let summary = compact(summary);
        summary.starts_with("SUPERSEDINGDOCUMENT") || summary.starts_with("SUPERSEDEDBY")
    });
    // In another language the words are others; a single reference can be no other.
    let only = || external().next().filter(|_| external().count() == 1);
    let found = marked.or_else(only);
    found.map_or_else(Successor::default, |[_, summary, url]| Successor {
        summary: summary.trim().into(),
        url: url.trim().into(),
    })
}

/// Whether a document is the one that another names as its successor. One that is not released, or was itself taken back or
/// superseded, takes nobody's place.
pub fn succeeds(successor: &Successor, document: &Advisory) -> bool {
    if !matches!(document.standing, Standing::Final | Standing::Interim) {
        return false;
    }
    let id = file_name(&document.id);
    let address = successor.url.split(['?', '#']).next().unwrap_or_default();
    let last = address.rsplit('/').next().unwrap_or_default();
    let last = last.strip_suffix(".json").or(last.strip_suffix(".html")).unwrap_or(last);
    let named = || {
        let words = successor.summary.split(|c: char| c.is_whitespace() || ",;:()".contains(c));
        words.map(file_name).any(|word| word == id)
    };
    !id.is_empty() && (file_name(last) == id || named())
}

/// The name of a document's file by section 5.1 of the standard, without its end: lower case, others than letters, digits, `+`
/// and `-` to one `_`.
fn file_name(id: &str) -> String {
    let mut name = String::with_capacity(id.len());
    for c in id.trim().chars().map(|c| c.to_ascii_lowercase()) {
        if c.is_ascii_alphanumeric() || matches!(c, '+' | '-') {
            name.push(c);
        } else if !name.ends_with('_') {
            name.push('_');
        }
    }
    name
}

/// The word for it.
pub fn word(standing: &Standing) -> &'static str {
    match standing {
        Standing::Final => "final",
        Standing::Interim => "interim",
        Standing::Draft => "draft",
        Standing::Withdrawn => "withdrawn",
        Standing::Superseded(_) => "superseded",
    }
}

/// What it means for verdicts, as a sentence; `None` for a final document.
pub fn meaning(standing: &Standing) -> Option<String> {
    Some(match standing {
        Standing::Final => return None,
        Standing::Interim => {
            "interim: its publisher expects to change it; what it does not list is not cleared"
                .to_owned()
        }
        Standing::Draft => {
            "draft: its publisher has not released it; verdicts are cannot tell".to_owned()
        }
        Standing::Withdrawn => "withdrawn by its publisher; it judges nothing".to_owned(),
        Standing::Superseded(successor) => {
            let by = match (&*successor.summary, &*successor.url) {
                ("", "") => "by a document that it does not name".to_owned(),
                ("", url) => format!("by {url}"),
                (summary, "") => format!("({summary})"),
                (summary, url) => format!("({summary}, {url})"),
            };
            format!("superseded {by}; what that one does not take over is cannot tell")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said<'a>(category: &'a str, title: &'a str, status: &'a str) -> Said<'a> {
        Said { category, title, status, references: Vec::new() }
    }

    #[test]
    fn standing_is_read_from_profile_status_and_mark_of_the_title() {
        for (category, title, status, expected) in [
            ("csaf_security_advisory", "T", "final", "final"),
            ("csaf_security_advisory", "T", "", "final"),
            ("csaf_security_advisory", "T", "Interim", "interim"),
            ("csaf_security_advisory", "T", "draft", "draft"),
            ("csaf_withdrawn", "T", "final", "withdrawn"),
            ("Withdrawn", "T", "final", "withdrawn"),
            ("csaf_superseded", "T", "final", "superseded"),
            ("csaf_base", "WITHDRAWN: Flaw in Pump", "final", "withdrawn"),
            ("csaf_base", "[Superseded] Flaw in Pump", "final", "superseded"),
            ("csaf_base", "Superseded", "final", "superseded"),
            ("csaf_base", "Withdrawn licences are accepted by Pump", "final", "final"),
            ("csaf_base", "Pump uses superseded cipher", "final", "final"),
        ] {
            let found = of(&said(category, title, status));
            assert_eq!(word(&found), expected, "{category} {title} {status}");
        }
    }

    #[test]
    fn a_successor_is_known_by_address_or_name() {
        let document =
            |id: &str, standing| Advisory { id: id.into(), standing, ..Advisory::default() };
        let successor =
            |summary: &str, url: &str| Successor { summary: summary.into(), url: url.into() };
        let final_one = document("ACME 2025/2", Standing::Final);
        assert!(succeeds(&successor("", "https://example.com/csaf/acme_2025_2.json"), &final_one));
        let plain = document("ACME-2", Standing::Final);
        assert!(succeeds(&successor("Superseding Document: ACME-2", ""), &plain));
        assert!(!succeeds(&successor("Superseding Document: ACME-21", ""), &plain));
        assert!(!succeeds(&successor("", ""), &plain));
        let draft = document("ACME-2", Standing::Draft);
        assert!(!succeeds(&successor("Superseding Document: ACME-2", ""), &draft));
    }

    #[test]
    fn the_reference_to_the_successor_is_the_marked_one_or_the_only_one() {
        let mut said = said("csaf_superseded", "T", "final");
        said.references = vec![["self", "Superseding Document", "https://example.com/own"]];
        assert_eq!(of(&said), Standing::Superseded(Successor::default()));
        said.references.push(["external", "Neues Dokument", "https://example.com/b"]);
        let Standing::Superseded(found) = of(&said) else { panic!() };
        assert_eq!(&*found.url, "https://example.com/b");
        said.references.push(["external", "Superseding Document", "https://example.com/c"]);
        let Standing::Superseded(found) = of(&said) else { panic!() };
        assert_eq!(&*found.url, "https://example.com/c");
    }
}
