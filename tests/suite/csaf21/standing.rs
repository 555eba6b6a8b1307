//! Documents that their publishers do not stand by as final, of both versions of the standard.

use nameplate::advisory::Index;
use nameplate::assess::Assessor;

use super::*;

/// The verdicts that a plant gets from several documents: identifier and verdict.
fn scanned(documents: &[Value], firmware: &str) -> Vec<(String, Verdict)> {
    let index = Index::new(documents.iter().map(read).collect());
    let judged = Assessor::new(index, Families::embedded()).judge(&pump("PU-1", firmware));
    judged.iter().map(|one| (one.advisory.to_string(), one.verdict.clone())).collect()
}

fn with_status(status: &str) -> Value {
    let mut document = whole();
    document["document"]["tracking"]["status"] = json!(status);
    document
}

/// The newer revision of a document, as the profiles of 2.1 have it once it was taken back.
fn taken_back(category: &str) -> Value {
    let mut document = whole();
    let members = document.as_object_mut().unwrap();
    members.remove("product_tree");
    members.remove("vulnerabilities");
    let head = &mut document["document"];
    head["category"] = json!(category);
    head["tracking"]["version"] = json!("3");
    head["tracking"]["current_release_date"] = json!("2025-03-01T00:00:00Z");
    let title = if category == "csaf_withdrawn" { "Withdrawal" } else { "Supersession" };
    head["notes"] = json!([{ "category": "description", "title": format!("Reasoning for {title}"), "text": "It was wrong." }]);
    if category == "csaf_superseded" {
        head["references"] = json!([{ "category": "external", "summary": "Superseding Document: ACME-2",
            "url": "https://example.com/acme-2.json" }]);
    }
    document
}

fn successor() -> Value {
    let mut document = whole();
    document["document"]["tracking"]["id"] = json!("ACME-2");
    document
}

#[test]
fn an_interim_document_flags_and_its_silence_clears_nothing() {
    let document = with_status("interim");
    assert_eq!(verdict(&document, "2.3.0"), Verdict::Affected);
    assert_eq!(verdict(&document, "2.4.0"), Verdict::Fixed);
    let judged = judge(&document, &pump("PU-1", "2.3.0"));
    assert!(judged.because.iter().any(|why| why.contains("interim")), "{:?}", judged.because);
    let mut silent = document.clone();
    silent["vulnerabilities"][0]["product_status"] = json!({ "known_affected": ["A"] });
    silent["vulnerabilities"][0].as_object_mut().unwrap().remove("remediations");
    assert!(is_unknown(&verdict(&silent, "3.0.0"), Why::NotFinal));
    silent["vulnerabilities"][0]["product_status"] = json!({ "known_not_affected": ["A"] });
    assert_eq!(verdict(&silent, "2.0.0"), Verdict::NotAffected);
}

#[test]
fn a_draft_decides_nothing_and_does_not_take_the_place_of_what_was_released() {
    let draft = with_status("draft");
    for firmware in ["2.3.0", "2.4.0"] {
        assert!(is_unknown(&verdict(&draft, firmware), Why::NotFinal), "{firmware}");
    }
    let mut newer = draft;
    newer["document"]["tracking"]["current_release_date"] = json!("2026-01-01T00:00:00Z");
    let both = [whole(), newer.clone()];
    assert_eq!(scanned(&both, "2.3.0"), [("ACME-1".to_owned(), Verdict::Affected)]);
    let both = [newer, whole()];
    assert_eq!(scanned(&both, "2.3.0"), [("ACME-1".to_owned(), Verdict::Affected)]);
}

#[test]
fn a_withdrawn_document_judges_nothing() {
    let of_2_1 = taken_back("csaf_withdrawn");
    assert_eq!(read(&of_2_1).fault, None);
    assert_eq!(scanned(&[whole(), of_2_1], "2.3.0"), []);
    // As documents of 2.0 say it, with all of their products.
    for (category, title) in [("Withdrawn", "Flaw"), ("csaf_base", "Withdrawn: Flaw in Pump")] {
        let mut document = whole();
        document["document"]["category"] = json!(category);
        document["document"]["title"] = json!(title);
        document["document"]["csaf_version"] = json!("2.0");
        assert_eq!(scanned(std::slice::from_ref(&document), "2.3.0"), []);
        assert_eq!(scanned(&[document.clone(), successor()], "2.3.0").len(), 1);
        let asked = judge_document(&pump("PU-1", "2.4.0"), &read(&document), &Families::embedded());
        assert!(asked.is_empty());
    }
}

#[test]
fn a_superseded_document_closes_nothing_that_its_successor_leaves_open() {
    let open = |found: Vec<(String, Verdict)>| {
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].0, "ACME-1");
        assert!(is_unknown(&found[0].1, Why::NotFinal), "{found:?}");
    };
    let mut of_2_0 = whole();
    of_2_0["document"]["category"] = json!("Superseded");
    of_2_0["document"]["references"] = json!([{ "category": "external", "summary": "Superseding Document",
        "url": "https://example.com/white/2025/acme-2.json" }]);
    for documents in [vec![of_2_0.clone()], vec![whole(), taken_back("csaf_superseded")]] {
        for firmware in ["2.3.0", "2.4.0"] {
            open(scanned(&documents, firmware));
        }
        // The successor speaks for itself.
        let both = [documents.clone(), vec![successor()]].concat();
        assert_eq!(scanned(&both, "2.3.0"), [("ACME-2".to_owned(), Verdict::Affected)]);
        // One that is silent about the vulnerability, or about the device, takes nothing over.
        let mut other_flaw = successor();
        other_flaw["vulnerabilities"][0]["cve"] = json!("CVE-2025-2");
        let both = [documents.clone(), vec![other_flaw]].concat();
        open(scanned(&both, "2.3.0").into_iter().filter(|(id, _)| id == "ACME-1").collect());
        let mut other_maker = successor();
        other_maker["product_tree"]["branches"][0]["name"] = json!("Bolt");
        open(scanned(&[documents.clone(), vec![other_maker]].concat(), "2.3.0"));
        let mut draft = successor();
        draft["document"]["tracking"]["status"] = json!("draft");
        let both = [documents, vec![draft]].concat();
        open(scanned(&both, "2.3.0").into_iter().filter(|(id, _)| id == "ACME-1").collect());
    }
    // Without the older revision nothing is known of any product.
    assert_eq!(scanned(&[taken_back("csaf_superseded")], "2.3.0"), []);
}

#[test]
fn what_hangs_on_a_successor_is_judged_anew_when_that_comes_and_goes() {
    let old = [whole(), taken_back("csaf_superseded")];
    let index = |documents: &[Value]| Index::new(documents.iter().map(read).collect());
    let with_both = [old.to_vec(), vec![successor()]].concat();
    let mut assessor = Assessor::new(index(&old), Families::embedded());
    let plate = pump("PU-1", "2.3.0");
    let ids = |assessor: &mut Assessor| -> Vec<String> {
        assessor.judge(&plate).iter().map(|one| one.advisory.to_string()).collect()
    };
    assert_eq!(ids(&mut assessor), ["ACME-1"]);
    assessor.advise(index(&with_both));
    assert_eq!(ids(&mut assessor), ["ACME-2"]);
    assessor.advise(index(&old));
    assert_eq!(ids(&mut assessor), ["ACME-1"]);
}

#[test]
fn standing_is_a_part_of_what_people_decide_about() {
    let of = |document: &Value| read(document).substance;
    assert_eq!(of(&with_status("final")), of(&whole()));
    for status in ["draft", "interim"] {
        assert_ne!(of(&with_status(status)), of(&whole()), "{status}");
    }
}

#[test]
fn a_status_that_no_version_has_clears_nothing() {
    let document = with_status("published");
    assert_eq!(verdict(&document, "2.3.0"), Verdict::Affected);
    assert!(is_unknown(&verdict(&document, "2.4.0"), Why::Damaged));
}

#[test]
fn a_page_says_how_a_document_stands() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("acme-1.json");
    for (document, words) in [
        (taken_back("csaf_withdrawn"), "withdrawn by its publisher; it judges nothing"),
        (taken_back("csaf_superseded"), "Superseding Document: ACME-2"),
        (with_status("interim"), "interim: its publisher expects to change it"),
    ] {
        std::fs::write(&path, document.to_string()).unwrap();
        let ran = crate::program::run_in(
            folder.path(),
            &["advisories", "show", "ACME-1", "--db", "acme-1.json"],
        );
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(
            ran.out.split_whitespace().collect::<Vec<_>>().join(" ").contains(words),
            "{}",
            ran.out
        );
    }
}
