//! What the book says of verdicts, against the closed list of reasons.

use nameplate::model::finding::Why;

#[test]
fn every_reason_has_its_section_with_an_example_and_no_section_is_of_nothing() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/verdicts.md");
    let page = std::fs::read_to_string(page).unwrap();
    let part = page.split("\n## ").find(|part| part.starts_with("Cannot tell, and why")).unwrap();
    let mut sections = part.split("\n### ").skip(1);
    for why in Why::ALL {
        let section = sections.next().unwrap_or_else(|| panic!("no section for {why}"));
        let (heading, text) = section.split_once('\n').unwrap();
        assert_eq!(heading, why.name(), "the sections are in the order of the list");
        assert!(text.contains("*Example:*"), "{why} has no example");
    }
    assert_eq!(sections.next(), None, "a section of no reason");
}
