//! VEX: documents that other programs take, and that never say more than was seen or decided.

mod made;
mod profile;
mod read;
pub mod schemas;

use std::path::Path;
use std::sync::LazyLock;

use nameplate::model::{Choice, Justification, Verdict, Why};
use serde_json::Value;

use crate::advisories::shared;
use crate::program::{run, run_in};
use made::{Case, Made};
use read::{Stated, stated};
use schemas::Format;

/// Exports below the top of the project; the document and what was told beside it.
fn exported(format: Format, more: &[&str]) -> (String, String) {
    let arguments = [&["export", format.name()][..], format.options(), PUBLISHER, more].concat();
    let ran = run(&arguments);
    assert_eq!(ran.code, 0, "{arguments:?}: {}", ran.err);
    (ran.out, ran.err)
}

const PUBLISHER: &[&str] =
    &["--publisher", "Example Works", "--namespace", "https://works.example", "--plant", "Demo"];

fn parsed(document: &str) -> Value {
    serde_json::from_str(document).unwrap()
}

/// What every document must hold, whatever it is made of.
fn is_sound(format: Format, document: &str) -> Value {
    let value = parsed(document);
    schemas::check(format, &value);
    if format == Format::Csaf {
        profile::check(&value);
    }
    let hostile = |c: char| c.is_control() && c != '\n' || "\u{202e}\u{200b}\u{feff}".contains(c);
    assert!(!document.contains(hostile), "{}: hostile characters", format.name());
    value
}

#[test]
fn documents_of_all_bundled_captures_are_what_the_schemas_ask_for() {
    for (format, document) in OF_ALL_CAPTURES.iter() {
        is_sound(*format, document);
    }
}

/// Documents of all bundled captures: several tests look at them, and making them takes seconds.
static OF_ALL_CAPTURES: LazyLock<Vec<(Format, String)>> = LazyLock::new(|| {
    let one = |format| {
        let (document, told) = exported(format, &["captures"]);
        assert!(told.contains(" statements about "), "{told}");
        (format, document)
    };
    std::thread::scope(|scope| {
        let runs: Vec<_> =
            Format::ALL.into_iter().map(|format| scope.spawn(move || one(format))).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    })
});

#[test]
fn documents_of_captures_of_others_are_what_the_schemas_ask_for() {
    let Some(shared) = shared() else {
        println!("skipped: ../shared is not here");
        return;
    };
    let mut captures: Vec<_> = std::fs::read_dir(shared.join("captures/pcap"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().contains("ITI+ICS"))
        .filter(|path| path.metadata().unwrap().len() < 200_000)
        .collect();
    captures.sort();
    captures.truncate(12);
    let names: Vec<&str> = captures.iter().map(|path| path.to_str().unwrap()).collect();
    // Nobody says that something is known of them that an advisory is about: the devices are listed all the same.
    let (document, told) = exported(Format::CycloneDx, &names);
    let devices = is_sound(Format::CycloneDx, &document);
    println!(
        "{} captures, {} devices: {told}",
        names.len(),
        devices["components"].as_array().unwrap().len()
    );
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let (one, other) = ("captures/plant-demo/cell1-filling.pcap", "captures/enip");
    for format in Format::ALL {
        let (document, _) = exported(format, &[one, other]);
        let (again, _) = exported(format, &[other, one]);
        assert_eq!(document, again, "{}", format.name());
    }
}

#[test]
fn every_verdict_and_every_decision_is_stated_as_it_is_meant() {
    let made = Made::new(made::every_verdict_with_every_decision());
    let devices = parsed(&made.document(Format::CycloneDx));
    for format in Format::ALL {
        let statements = stated(format, &is_sound(format, &made.document(format)));
        assert_eq!(statements.len(), made.cases().count(), "{}", format.name());
        for (case, product) in made.cases() {
            let product = match format {
                Format::CycloneDxVexOnly => read::reference(&devices, &product),
                _ => product,
            };
            let found = &statements[&(case.cve.clone(), product)];
            let wanted = meant(case);
            assert_eq!(found.status, wanted, "{}: {case:?}", format.name());
            told_whole(format, case, found);
        }
    }
}

/// The rules, once more and on their own: what a document says of one finding.
fn meant(case: &Case) -> &'static str {
    let by_person = matches!(
        case.decision.as_ref().map(|decision| decision.choice),
        Some(Choice::NotApplicable(_) | Choice::FalseMatch)
    );
    match case.verdict {
        Verdict::Fixed => "fixed",
        _ if by_person => "not_affected",
        Verdict::Affected => "affected",
        Verdict::NotAffected => "not_affected",
        Verdict::Unknown(_) => "under_investigation",
    }
}

/// Names, times, reasons and missing facts are in the document.
fn told_whole(format: Format, case: &Case, found: &Stated) {
    if let Some(decision) = &case.decision {
        for word in [&*decision.by, &*decision.why, &decision.at.to_string()] {
            assert!(
                found.texts.contains(word),
                "{}: {word:?} is missing: {found:?}",
                format.name()
            );
        }
    }
    if found.status == "under_investigation" {
        let Verdict::Unknown(why) = &case.verdict else { panic!("{case:?}") };
        assert!(found.texts.contains(why.name()), "{}: {found:?}", format.name());
    }
    if found.status == "affected" {
        assert!(!found.action.trim().is_empty(), "{}: {found:?}", format.name());
    }
    let label = case.decision.as_ref().and_then(|decision| match decision.choice {
        Choice::NotApplicable(justification) => Some(justification),
        Choice::FalseMatch => Some(Justification::ComponentNotPresent),
        _ => None,
    });
    let label = label.filter(|_| found.status == "not_affected");
    assert_eq!(
        found.label.as_deref(),
        label.map(Justification::name),
        "{}: {case:?}",
        format.name()
    );
}

#[test]
fn what_cannot_be_told_is_never_not_affected() {
    let findings = Why::ALL.iter().flat_map(|why| {
        let open = [None, Some(Choice::Accept), Some(Choice::Defer), Some(Choice::Mitigate)];
        open.map(|choice| Case::of(Verdict::Unknown(*why)).decided(choice))
    });
    let made = Made::new(findings.collect());
    for format in Format::ALL {
        let statements = stated(format, &is_sound(format, &made.document(format)));
        assert_eq!(statements.len(), Why::ALL.len() * 4);
        for found in statements.values() {
            assert_eq!(found.status, "under_investigation", "{}", format.name());
            assert_eq!(found.label, None);
        }
    }
}

#[test]
fn nothing_is_not_affected_without_a_comparison_or_a_name() {
    let made = Made::new(made::every_verdict_with_every_decision());
    let made = Format::ALL.map(|format| (format, made.document(format)));
    let mut seen = 0;
    for (format, document) in OF_ALL_CAPTURES.iter().cloned().chain(made) {
        for found in stated(format, &parsed(&document)).values() {
            if found.status == "not_affected" {
                let compared = found.texts.contains("Outside of what ");
                let named =
                    found.texts.contains(made::PERSON) && found.texts.contains(" decided on ");
                assert!(compared || named, "{}: {found:?}", format.name());
                assert!(named || found.label.is_none(), "{}: {found:?}", format.name());
                seen += 1;
            }
        }
    }
    assert!(seen > 20, "only {seen} statements were looked at");
}

#[test]
fn a_decision_that_is_over_or_that_nobody_signed_counts_for_nothing() {
    let not_applicable = Choice::NotApplicable(Justification::VulnerableCodeNotPresent);
    let mut over = Case::of(Verdict::Affected).decided(Some(not_applicable));
    over.decision.as_mut().unwrap().expires = Some(made::ISSUED);
    let mut unsigned = Case::of(Verdict::Unknown(Why::Model)).decided(Some(not_applicable));
    unsigned.decision.as_mut().unwrap().by = "  ".into();
    let made = Made::new(vec![over, unsigned]);
    for format in Format::ALL {
        let statements = stated(format, &is_sound(format, &made.document(format)));
        let mut states: Vec<&str> = statements.values().map(|found| found.status).collect();
        states.sort_unstable();
        assert_eq!(states, ["affected", "under_investigation"], "{}", format.name());
    }
}

#[test]
fn of_several_documents_about_one_flaw_the_one_that_asks_most_wins() {
    let not_applicable = Some(Choice::NotApplicable(Justification::InlineMitigationsAlreadyExist));
    let unknown = || Case::of(Verdict::Unknown(Why::FirmwareVersion));
    let (affected, fixed, safe) = (
        || Case::of(Verdict::Affected),
        || Case::of(Verdict::Fixed),
        || Case::of(Verdict::NotAffected),
    );
    for (cases, wanted) in [
        (vec![affected(), fixed(), safe(), unknown()], "affected"),
        (vec![unknown(), fixed(), safe()], "under_investigation"),
        (vec![fixed(), safe()], "fixed"),
        (vec![safe(), safe()], "not_affected"),
        (vec![affected(), affected().decided(not_applicable)], "affected"),
        (vec![unknown(), affected().decided(not_applicable)], "under_investigation"),
        (vec![affected().decided(Some(Choice::FalseMatch)), safe()], "not_affected"),
    ] {
        let made = Made::of_one_product(cases);
        for format in Format::ALL {
            let statements = stated(format, &is_sound(format, &made.document(format)));
            let states: Vec<&str> = statements.values().map(|found| found.status).collect();
            assert_eq!(states, [wanted], "{}", format.name());
        }
    }
}

#[test]
fn names_made_to_break_readers_break_none() {
    let made = Made::new(made::hostile());
    for format in Format::ALL {
        let document = made.document(format);
        let statements = stated(format, &is_sound(format, &document));
        assert_eq!(statements.len(), made.cases().count(), "{}", format.name());
    }
}

#[test]
fn what_is_no_vulnerability_is_left_out_and_counted() {
    let made = Made::new(made::no_vulnerabilities());
    assert_eq!(made.left_out(), [("end_of_support", 1), ("exposure", 1), ("no identifier", 1)]);
    let document = is_sound(Format::CycloneDx, &made.document(Format::CycloneDx));
    assert_eq!(document["vulnerabilities"].as_array().unwrap().len(), 0);
    assert_eq!(document["components"].as_array().unwrap().len(), 3);
}

#[test]
fn flaws_without_a_cve_keep_the_name_that_their_document_gives_them() {
    let mut case = Case::of(Verdict::Affected);
    case.cve = "SEVD-2018-233-01".to_owned();
    let made = Made::new(vec![case]);
    let csaf = is_sound(Format::Csaf, &made.document(Format::Csaf));
    let flaw = &csaf["vulnerabilities"][0];
    assert_eq!(flaw["ids"][0]["text"], "SEVD-2018-233-01");
    assert!(flaw.get("cve").is_none(), "{flaw}");
    let openvex = is_sound(Format::OpenVex, &made.document(Format::OpenVex));
    let name = &openvex["statements"][0]["vulnerability"]["name"];
    assert_eq!(name, "ADV-1: SEVD-2018-233-01");
}

#[test]
fn scores_are_left_out_where_they_are_not_those_of_their_vectors() {
    let made = Made::new(made::scores());
    let csaf = is_sound(Format::Csaf, &made.document(Format::Csaf));
    let scores: Vec<&Value> = csaf["vulnerabilities"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|flaw| flaw.get("scores"))
        .collect();
    assert_eq!(scores.len(), 3, "{scores:?}");
    let cyclonedx = is_sound(Format::CycloneDx, &made.document(Format::CycloneDx));
    let flaws = cyclonedx["vulnerabilities"].as_array().unwrap();
    let methods: Vec<&str> =
        flaws.iter().filter_map(|flaw| flaw["ratings"][0]["method"].as_str()).collect();
    assert_eq!(methods, ["CVSSv31", "CVSSv3", "CVSSv2", "CVSSv4"]);
}

#[test]
fn a_document_goes_on_from_the_one_it_replaces() {
    let folder = tempfile::tempdir().unwrap();
    let first = folder.path().join("first.json");
    let first = first.to_str().unwrap();
    let few = "captures/plant-demo/cell1-filling.pcap";
    for format in Format::ALL {
        exported(format, &[few, "-o", first]);
        let issued = std::fs::read_to_string(first).unwrap();
        let (again, told) = exported(format, &[few, "--replaces", first]);
        assert_eq!(again, issued, "{}: nothing has changed", format.name());
        assert!(told.contains("revision 1, unchanged"), "{told}");
        let more = ["captures/plant-demo", "--replaces", first, "--issued", "2026-07-01"];
        let (next, told) = exported(format, &more);
        assert!(told.contains("revision 2"), "{told}");
        std::fs::write(first, &next).unwrap();
        let next = is_sound(format, &next);
        read::is_revision(format, &next, 2);
        let (third, _) = exported(format, &[few, "--replaces", first, "--issued", "2026-08-01"]);
        read::is_revision(format, &is_sound(format, &third), 3);
        let early = [&["export", format.name(), few, "--replaces", first][..], PUBLISHER];
        let early = [early.concat(), format.options().to_vec(), vec!["--issued", "2020-01-01"]];
        let ran = run(&early.concat());
        assert_eq!(ran.code, 2, "{}", ran.err);
        assert!(ran.err.contains("give a later date with --issued"), "{}", ran.err);
    }
}

#[test]
fn what_is_no_document_of_this_plant_is_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("other.json");
    let few = "captures/plant-demo/cell1-filling.pcap";
    for (text, why) in [
        ("{", "EOF while parsing"),
        ("[]", "invalid"),
        ("{}", "it is called nothing"),
        (
            r#"{"@id":"https://works.example/1","version":1,"timestamp":"2020-01-01T00:00:00Z"}"#,
            "it is called",
        ),
    ] {
        std::fs::write(&other, text).unwrap();
        let replaces = ["export", "openvex", few, "--replaces", other.to_str().unwrap()];
        let ran = run(&[&replaces[..], PUBLISHER].concat());
        assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{}", ran.err);
        assert!(ran.err.contains(why), "{text}: {}", ran.err);
    }
}

#[test]
fn mistakes_cost_one_message_and_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let few = crate::program::capture("plant-demo/cell1-filling.pcap");
    let few = few.to_str().unwrap();
    let arp = crate::program::capture("arp/proxy.pcap");
    let named = ["--publisher", "P", "--namespace", "https://p.example"];
    for (arguments, code, word) in [
        (vec!["csaf-vex", few], 2, "--publisher NAME and --namespace URI"),
        (vec!["csaf-vex", few, "--publisher", "P"], 2, "--namespace"),
        (vec!["openvex", few], 2, "--publisher"),
        (vec!["openvex", few, "--vex-only"], 2, "--vex-only is for cyclonedx"),
        (vec!["openvex", few, "--publisher", "P", "--namespace", "p.example"], 2, "address"),
        (vec!["openvex", few, "--publisher", "P\u{1b}"], 2, "control characters"),
        (vec!["openvex", "--publisher", "P"], 2, "nothing to read"),
        ([&["csaf-vex", arp.to_str().unwrap()][..], &named].concat(), 1, "states something"),
    ] {
        let arguments = [&["export"][..], &arguments, &["-o", "out.json"]].concat();
        let ran = run_in(folder.path(), &arguments);
        assert_eq!(ran.code, code, "{arguments:?}: {}", ran.err);
        assert!(ran.err.contains(word), "{arguments:?}: {}", ran.err);
        assert!(!folder.path().join("out.json").exists(), "{arguments:?}");
    }
}

#[test]
fn a_store_and_a_selection_are_exported_too() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let store = store.to_str().unwrap();
    let few = "captures/plant-demo/cell1-filling.pcap";
    assert_eq!(run(&["scan", few, "--store", store]).code, 0);
    for format in Format::ALL {
        let (kept, _) = exported(format, &["--store", store]);
        is_sound(format, &kept);
        let (some, _) = exported(format, &["--store", store, "--where", "verdict=affected"]);
        let some = stated(format, &is_sound(format, &some));
        assert!(some.len() < stated(format, &parsed(&kept)).len());
        assert!(some.values().all(|found| found.status == "affected"), "{}", format.name());
    }
    assert!(Path::new(store).is_dir());
}
