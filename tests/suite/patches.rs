//! Patches on their way into devices: legal steps only, lists of suppliers in and out, and what the wire shows.

use std::path::Path;

use serde_json::Value as Json;

use crate::made::{self, Device};
use crate::program::{Ran, run_in};

const ADVISORY: &str = "ICSA-18-310-02";
const REASONS: [&str; 6] = ["--store", "s", "--by", "alice", "--why", "work order 4711"];

/// A folder with a store in which the module at 10.99.0.1 is affected, and that at 10.99.0.2 has the fix.
fn plant() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let old = Device { revision: [10, 10], ..Device::named(1, b"1756-EN2T/D") };
    let new = Device { revision: [11, 1], ..Device::named(2, b"1756-EN2T/D") };
    made::write(&folder.path().join("a.pcap"), &[old, new]);
    let ran = run_in(folder.path(), &["scan", "a.pcap", "--store", "s"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    folder
}

fn patches(folder: &Path, arguments: &[&str]) -> Ran {
    run_in(folder, &[&["patches"], arguments, &REASONS].concat())
}

fn set(folder: &Path, state: &str) -> Ran {
    patches(folder, &["set", "10.99.0.1", ADVISORY, state])
}

fn lines(folder: &Path, arguments: &[&str]) -> Vec<Json> {
    let ran = run_in(folder, &[arguments, &["--store", "s", "-o", "ndjson"]].concat());
    assert_eq!(ran.code, 0, "{ran:?}");
    ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The patch for the device at an address.
fn patch(folder: &Path, ip: &str) -> Json {
    let found = lines(folder, &["patches", "list", ip, ADVISORY]);
    let [one] = &*found else { panic!("one patch, not {found:?}") };
    one.clone()
}

fn steps(folder: &Path) -> Vec<String> {
    lines(folder, &["patches", "history"])
        .iter()
        .map(|line| format!("{} {}", line["state_before"], line["state"]).replace('"', ""))
        .collect()
}

#[test]
fn a_patch_goes_from_state_to_state_and_every_step_is_kept() {
    let folder = plant();
    let folder = folder.path();
    assert_eq!(patch(folder, "10.99.0.1")["patch_state"], "Available");
    for state in ["released", "in-internal-test", "authorized", "Effective"] {
        assert_eq!(set(folder, state).code, 0, "{state}");
    }
    let own = patch(folder, "10.99.0.1");
    assert_eq!((&own["patch_state"], &own["by"]), (&"Effective".into(), &"alice".into()));
    let expected = [
        "Available In Test",
        "In Test Approved",
        "Approved Released",
        "Released In Internal Test",
        "In Internal Test Authorized",
        "Authorized Effective",
    ];
    assert_eq!(steps(folder), expected, "what the supplier did unseen is told step by step");
    let entry = &lines(folder, &["patches", "history"])[3];
    assert_eq!(entry["then"]["version"], "10.010");
    assert_eq!(entry["then"]["evidence"], "a.pcap#1");
    assert_eq!((&entry["why"], &entry["by"]), (&"work order 4711".into(), &"alice".into()));
    assert_eq!(set(folder, "effective").code, 0, "it is so already");
    assert_eq!(steps(folder).len(), 6);
    let finding = &lines(folder, &["findings", "list", "--where", "patch_state=Effective"])[1];
    assert_eq!(
        (&finding["patch_state"], &finding["verdict"]),
        (&"Effective".into(), &"affected".into())
    );
}

#[test]
fn steps_that_are_none_are_refused_with_those_that_are() {
    let folder = plant();
    let folder = folder.path();
    for (state, words) in [
        ("installed", "Available; Installed may not follow, but In Test, Not Applicable"),
        ("authorized", "may not follow"),
        ("done", "\"done\" is no state"),
    ] {
        let ran = set(folder, state);
        assert!(ran.code == 2 && ran.err.contains(words), "{state}: {ran:?}");
    }
    assert!(steps(folder).is_empty());
    set(folder, "released");
    let ran = set(folder, "authorized");
    assert!(
        ran.err.contains(
            "Released; Authorized may not follow, but Not Approved, In Test, In Internal Test"
        ),
        "{ran:?}"
    );
    assert_eq!(steps(folder).len(), 3);
}

#[test]
fn installed_is_proposed_with_its_frame_and_confirmed_by_a_person() {
    let folder = plant();
    let folder = folder.path();
    let own = patch(folder, "10.99.0.2");
    assert_eq!(
        (&own["patch_state"], &own["proposed_state"]),
        (&"Available".into(), &"Installed".into())
    );
    let why = own["proposed_why"].as_str().unwrap();
    assert!(why.contains("the device says 11.001 in a.pcap#3") && why.contains("11.001"), "{why}");
    let ran = patches(folder, &["confirm", "10.99.0.1", ADVISORY]);
    assert!(ran.code == 1 && ran.err.contains("nothing is proposed"), "{ran:?}");
    assert_eq!(patches(folder, &["confirm", "10.99.0.2", ADVISORY]).code, 0);
    let own = patch(folder, "10.99.0.2");
    assert_eq!((&own["patch_state"], &own["proposed_state"]), (&"Installed".into(), &Json::Null));
    assert_eq!(lines(folder, &["patches", "history"])[0]["observed"], true);
    // The device goes back to what it was.
    let gone = Device { revision: [10, 10], ..Device::named(2, b"1756-EN2T/D") };
    let other = Device::stranger(9, b"other");
    made::write(&folder.join("b.pcap"), &[other, Device::stranger(8, b"more"), gone]);
    assert_eq!(run_in(folder, &["scan", "b.pcap", "--store", "s"]).code, 0);
    let own = patch(folder, "10.99.0.2");
    assert_eq!(own["patch_state"], "Available");
    let why = own["reopened"].as_str().unwrap();
    assert!(why.contains("Installed, said alice") && why.contains("11.001 to 10.010"), "{why}");
}

#[test]
fn what_is_seen_counts_without_a_person_once_a_person_says_so() {
    let folder = plant();
    let folder = folder.path();
    assert_eq!(patches(folder, &["auto-install", "on"]).code, 0);
    assert_eq!(patch(folder, "10.99.0.2")["proposed_state"], "Installed", "a list writes nothing");
    assert_eq!(run_in(folder, &["scan", "a.pcap", "--store", "s"]).code, 0);
    let own = patch(folder, "10.99.0.2");
    assert_eq!(own["patch_state"], "Installed");
    assert_eq!(own["by"], "nameplate, as alice said in entry 1");
    let before = steps(folder).len();
    assert_eq!(run_in(folder, &["scan", "a.pcap", "--store", "s"]).code, 0);
    assert_eq!(steps(folder).len(), before, "the same again is no news");
    assert_eq!(patches(folder, &["auto-install", "off"]).code, 0);
    let ran = patches(folder, &["auto-install", "off"]);
    assert!(ran.err.contains("nothing changes"), "{ran:?}");
}

const LIST: &str = "\u{feff}Supplier list of November;;;;\r\n\
    Hersteller;Produkt;Version;Patch ID;Titel;Status;CVE;Beraterhinweis\r\n\
    Rockwell Automation;1756-EN2T;<11.001;RA-1;\"EN2T; 11.001\";Freigegeben;CVE-2018-17924;x\r\n\
    Rockwell Automation;1756-EN3*;;RA-2;other;In Test;CVE-2018-17924;\r\n\
    Rockwell Automation;1756-EN2T;;RA-3;bad;quarantined;CVE-2018-17924;\r\n\
    ;;;RA-4;nobody;Released;CVE-1;\r\n\
    Rockwell Automation;1756-EN2T;;;;Released;CVE-1;\r\n\
    Rockwell Automation;1756-EN2T;;RA-5;owner;Installed;CVE-1;\r\n\
    Rockwell Automation;1756-EN2T;newest;RA-6;odd;Released;;\r\n";

#[test]
fn a_list_of_a_supplier_is_taken_row_by_row() {
    let folder = plant();
    let folder = folder.path();
    std::fs::write(folder.join("list.csv"), LIST).unwrap();
    let ran = patches(folder, &["import", "list.csv"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(
        ran.out.contains("3 patches from list.csv, 4 not taken; about 1 device"),
        "{}",
        ran.out
    );
    for words in [
        "columns passed over: \"Beraterhinweis\"",
        "row 5 is not taken: there is no state \"quarantined\"; there are Available, In Test",
        "row 6 is not taken: it names no vendor and no product",
        "row 7 is not taken: it names no patch",
        "row 8 is not taken: Installed is a state that the owner",
        "row 9 names no advisory, no CVE and no fixed version",
        "row 9 versions \"newest\" cannot be read",
    ] {
        assert!(ran.err.contains(words), "{words}: {}", ran.err);
    }
    let own = patch(folder, "10.99.0.1");
    assert_eq!((&own["patch_state"], &own["by"]), (&"Approved".into(), &"alice".into()));
    assert_eq!(own["why"], "list.csv row 3: EN2T; 11.001");
    assert_eq!(
        patch(folder, "10.99.0.2")["patch_state"],
        "Available",
        "it is of a version that the row is not for"
    );
    assert_eq!(
        set(folder, "in-internal-test").code,
        0,
        "the owner goes on where the supplier stands"
    );
}

#[test]
fn the_same_list_twice_changes_nothing_and_a_later_one_counts() {
    let folder = plant();
    let folder = folder.path();
    let row = |state: &str| {
        format!("vendor,product,patch,state,cve\nRockwell,1756-EN2T,RA-1,{state},CVE-2018-17924\n")
    };
    let import = |name: &str, text: String| {
        std::fs::write(folder.join(name), text).unwrap();
        let ran = patches(folder, &["import", name]);
        assert_eq!(ran.code, 0, "{ran:?}");
        (ran.out, ran.err)
    };
    let state = || patch(folder, "10.99.0.1")["patch_state"].clone();
    import("1.csv", row("In Test"));
    assert_eq!(state(), "In Test");
    assert!(import("1.csv", row("In Test")).0.contains("nothing changes"));
    assert!(import("2.csv", row("in test")).0.contains("0 patches from 2.csv, 1 as known before"));
    import("3.csv", row("Released"));
    assert_eq!(state(), "Released");
    let (_, refused) = import("4.csv", row("Available"));
    assert!(refused.contains("the patch is Released; Available may not follow"), "{refused}");
    assert_eq!(state(), "Released");
    set(folder, "in-internal-test");
    import("5.csv", row("withdrawn"));
    assert_eq!(state(), "Not Approved");
    let why = patch(folder, "10.99.0.1")["reopened"].clone();
    assert!(
        why.as_str().unwrap().contains("the supplier recalled the patch: 5.csv row 2"),
        "{why}"
    );
}

const MAP: &str = "record = \"warehouse/shelf/parcel\"\nrepeat = [\"cves\"]\n\
    [fields]\nvendor = \"/warehouse/@keeper\"\nproduct = \"thing/@kind\"\npatch = \"@tag\"\ntitle = \"label\"\n\
    state = \"journey/@leg\"\ncves = \"hole\"\nfixed_in = \"thing/@grade\"\n\
    [states]\ndocked = \"Released\"\nafloat = \"In Test\"\nashore = \"Available\"\n\
    [root]\nxmlns = \"urn:example:warehouse\"\n";

const XML: &str = "<?xml version=\"1.0\"?><!-- made up -->\n\
    <w:warehouse xmlns:w=\"urn:example:warehouse\" keeper=\"Rockwell Automation\"><shelf>\n\
    <parcel tag=\"RA-1\"><thing kind=\"1756-EN2T\"/><label>a &lt;b&gt; &amp; c</label><journey leg=\"docked\"/>\n\
    <hole>CVE-2018-17924</hole><hole>CVE-9</hole><other><label>not this one</label></other></parcel>\n\
    <parcel tag=\"RA-2\"><thing kind=\"X\"/><journey leg=\"lost\"/></parcel>\n\
    </shelf></w:warehouse>";

#[test]
fn xml_is_read_and_written_as_a_mapping_says_and_in_no_other_way() {
    let folder = plant();
    let folder = folder.path();
    std::fs::write(folder.join("map.toml"), MAP).unwrap();
    std::fs::write(folder.join("list.xml"), XML).unwrap();
    let ran = patches(folder, &["import", "list.xml"]);
    assert!(ran.code == 1 && ran.err.contains("is XML: say with --map FILE"), "{ran:?}");
    let ran = patches(folder, &["import", "list.xml", "--map", "map.toml"]);
    assert!(
        ran.code == 0 && ran.out.contains("1 patch from list.xml, 1 not taken; about 2 devices"),
        "{ran:?}"
    );
    assert!(ran.err.contains("row 2 is not taken: there is no state \"lost\""), "{}", ran.err);
    assert_eq!(patch(folder, "10.99.0.1")["patch_state"], "Released");
    assert_eq!(patch(folder, "10.99.0.1")["why"], "list.xml row 1: a <b> & c");
    let export = |arguments: &[&str]| {
        run_in(folder, &[&["patches", "export", "--store", "s"], arguments].concat())
    };
    let ran = export(&["-o", "xml"]);
    assert!(ran.code == 2 && ran.err.contains("takes --map"), "{ran:?}");
    let ran = export(&["-o", "xml", "--map", "map.toml"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<warehouse xmlns=\"urn:example:warehouse\" keeper=\"Rockwell Automation\">"), "{}", ran.out);
    assert!(ran.out.contains("<parcel tag=\"RA-1\">\n      <thing kind=\"1756-EN2T\"/>\n      <label>a &lt;b&gt; &amp; c</label>\n      <journey leg=\"docked\"/>\n      <hole>CVE-2018-17924</hole>\n      <hole>CVE-9</hole>"), "{}", ran.out);
    assert_eq!(ran.out, export(&["-o", "xml", "--map", "map.toml"]).out);
    std::fs::write(folder.join("again.xml"), &ran.out).unwrap();
    run_in(folder, &["scan", "a.pcap", "--store", "t"]);
    let ran = run_in(
        folder,
        &["patches", "import", "again.xml", "--map", "map.toml", "--store", "t", "--by", "bob"],
    );
    assert_eq!(ran.code, 0, "{ran:?}");
    let again = run_in(folder, &["patches", "export", "--store", "t"]).out;
    assert!(again.contains("Rockwell Automation,1756-EN2T,,RA-1,,a <b> & c,,Released,"), "{again}");
}

#[test]
fn a_list_comes_out_as_it_can_be_taken_in() {
    let folder = plant();
    let folder = folder.path();
    std::fs::write(folder.join("list.csv"), LIST).unwrap();
    patches(folder, &["import", "list.csv"]);
    let first = run_in(folder, &["patches", "export", "--store", "s", "-o", "csv=out.csv"]);
    assert_eq!(first.code, 0, "{first:?}");
    let text = std::fs::read_to_string(folder.join("out.csv")).unwrap();
    assert!(
        text.starts_with("vendor,product,version,patch,fixed_in,title,applicability,state,"),
        "{text}"
    );
    let ran = patches(folder, &["import", "out.csv"]);
    assert!(ran.code == 0 && !ran.err.contains("not taken"), "{ran:?}");
    let again = run_in(folder, &["patches", "export", "--store", "s"]).out;
    assert_eq!(again, text);
}

#[test]
fn hostile_lists_and_mappings_cost_a_message_and_nothing_else() {
    let folder = plant();
    let folder = folder.path();
    std::fs::write(folder.join("map.toml"), MAP).unwrap();
    let deep = format!("<warehouse>{}{}</warehouse>", "<a>".repeat(500), "</a>".repeat(500));
    let long = format!(
        "<warehouse keeper='k'><shelf><parcel tag='{}'/></shelf></warehouse>",
        "x".repeat(100_000)
    );
    for (text, words) in [
        ("<!DOCTYPE a [<!ENTITY b 'bb'>]><warehouse/>", "document type"),
        ("<warehouse><shelf></warehouse>", "closes"),
        ("<warehouse><shelf>", "ends while"),
        ("</warehouse>", "not open"),
        ("<other/>", "has no element warehouse/shelf/parcel"),
        (&deep, "inside one another"),
        (&long, "no row of it could be taken"),
        ("<warehouse", "not closed"),
    ] {
        std::fs::write(folder.join("list.xml"), text).unwrap();
        let ran = patches(folder, &["import", "list.xml", "--map", "map.toml"]);
        assert!(ran.code == 1 && ran.err.contains(words), "{words}: {ran:?}");
    }
    for (text, words) in [
        (
            "record = \"a/b\"\n[fields]\nvendr = \"x\"\n",
            "map.toml:3: there is no key \"vendr\"; do you mean vendor?",
        ),
        ("recrd = \"a/b\"\n", "map.toml:1: there is no key \"recrd\"; do you mean record?"),
        ("record = \"a\"\n", "write the way from the root"),
        ("record = \"a/b\"\n", "there are no [fields]"),
        ("record = \"a/b\"\n[fields]\nvendor = \"a b\"\n", "is no name of an element"),
        ("record = \"a/b\"\n[fields]\nvendor = \"@a/b\"\n", "an attribute is the end"),
        (
            "record = \"a/b\"\n[fields]\nvendor = \"a\"\n[states]\nx = \"Gone\"\n",
            "there is no state \"Gone\"",
        ),
        ("record = [", "map.toml:1:"),
    ] {
        std::fs::write(folder.join("map.toml"), text).unwrap();
        let ran = patches(folder, &["import", "list.xml", "--map", "map.toml"]);
        assert!(ran.code == 2 && ran.err.contains(words), "{words}: {ran:?}");
    }
    let nasty = "vendor,product,patch,state,cve,title\nRockwell,1756-EN2T,=cmd(),Released,CVE-2018-17924,\"\u{1b}[2Jx\n=1\"\n";
    std::fs::write(folder.join("nasty.csv"), nasty).unwrap();
    assert_eq!(patches(folder, &["import", "nasty.csv"]).code, 0);
    for arguments in
        [&["patches", "list", "--store", "s"][..], &["patches", "export", "--store", "s"]]
    {
        let ran = run_in(folder, arguments);
        assert!(!ran.out.contains('\u{1b}') && !ran.out.contains(",=cmd"), "{}", ran.out);
    }
    for (name, bytes, words) in [
        ("empty.csv", &b""[..], "is empty"),
        ("noise.csv", &[0xff, 0x00, 0x80][..], ""),
        ("other.csv", &b"a,b\n1,2\n"[..], "no row that names its columns"),
    ] {
        std::fs::write(folder.join(name), bytes).unwrap();
        let ran = patches(folder, &["import", name]);
        assert!(ran.code == 1 && ran.err.contains(words), "{name}: {ran:?}");
    }
}
