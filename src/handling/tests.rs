use std::sync::Arc;

use super::*;
use crate::model::{
    Anchor, AssetId, Certainty, Claim, Diary, Excerpt, FrameRef, Grade, Ground, Handbook,
    Judgement, Key, Kind, Listed, Mac, Meant, Nameplate, Node, PatchList, PatchState, Scope,
    Subject, Substance, Value, Weight, Why,
};

fn node() -> Node {
    Node::ip(Scope::default(), [10, 0, 0, 1].into())
}

fn claim(field: Field, value: &str) -> Claim {
    let ground = Ground {
        key: Key::one("enip.revision"),
        value: Value::Text(value.into()),
        at: Timestamp(50),
        frame: FrameRef { capture: 0, number: 7 },
        mac: None,
        excerpt: Excerpt::default(),
    };
    Claim {
        subject: Subject::node(node()),
        field,
        value: value.into(),
        certainty: Certainty::Certain,
        by: "rule".into(),
        from: vec![Arc::new(ground)],
        first: Timestamp(50),
        last: Timestamp(50),
    }
}

/// A device at 10.0.0.1 from 10 to 90.
fn asset(version: &str, serial: &str) -> Asset {
    let said = [
        (Field::Vendor, "Acme"),
        (Field::Model, "PLC-7"),
        (Field::Firmware, version),
        (Field::Serial, serial),
    ];
    let claims = said.map(|(field, value)| (field, vec![claim(field, value).into()]));
    let binding = Binding { node: node(), mac: None, first: Timestamp(10), last: Timestamp(90) };
    Asset {
        id: AssetId(uuid::Uuid::from_u128(1)),
        nameplate: Nameplate { claims: claims.into() },
        ips: [[10, 0, 0, 1].into()].into(),
        macs: [Mac([0, 1, 2, 3, 4, 5])].into(),
        bindings: vec![binding],
        first: Timestamp(10),
        last: Timestamp(90),
        ..Asset::default()
    }
}

fn finding(verdict: Verdict) -> Finding {
    Finding {
        id: uuid::Uuid::nil(),
        asset: AssetId(uuid::Uuid::from_u128(1)),
        module: None,
        judgement: Arc::new(Judgement {
            kind: Kind::Advisory,
            advisory: "ACME-1".into(),
            substance: Substance([1; 32]),
            title: "flaws".into(),
            cve: "CVE-1".into(),
            verdict,
            grade: Grade::E1,
            certainty: Certainty::Certain,
            because: vec!["because".to_owned()],
            clause: String::new(),
            fixed_in: vec!["2.0".to_owned()],
            remediation: None,
            cvss: None,
            vector: None,
            kev: None,
            epss: None,
        }),
        weight: Weight::default(),
        handling: Handling::default(),
    }
}

fn changed(finding: &Finding, change: impl FnOnce(&mut Judgement)) -> Finding {
    let mut finding = finding.clone();
    change(Arc::make_mut(&mut finding.judgement));
    finding
}

fn matter() -> Matter {
    let anchor = Anchor { node: node(), at: Timestamp(20) };
    Matter { anchor, unit: None, advisory: "ACME-1".into(), cves: vec!["CVE-1".into()] }
}

/// What stood when the device said 1.0 and was affected.
fn before(measure: Measure) -> Record {
    let then = then(&asset("1.0", "A1"), &finding(Verdict::Affected), &Run::default());
    let (by, why) = ("alice".into(), "reasons".into());
    Record { number: 0, measure, matter: Some(matter()), then, by, why, at: Timestamp(1_000) }
}

fn decided(choice: Choice) -> Record {
    before(Measure::Decided { choice, due: None, expires: None })
}

fn moved(to: PatchState) -> Record {
    before(Measure::Moved { from: None, to, observed: false })
}

fn undid(number: u64) -> Record {
    Record { matter: None, ..before(Measure::Undid(number)) }
}

fn run(records: Vec<Record>) -> Run {
    let numbered = (1..).zip(records).map(|(number, record)| Record { number, ..record });
    let diary = Diary::new(numbered.collect());
    Run { handbook: Handbook { diary, ..Handbook::default() }, ..Run::default() }
}

fn ask<T>(run: &Run, question: impl FnOnce(&Standing<'_>) -> T) -> T {
    let context = Context {
        run,
        now: Timestamp(5_000),
        order: &|_| Scheme::Dotted,
        maker: &|name| name.to_lowercase(),
    };
    question(&Standing::new(context))
}

fn handled(records: Vec<Record>, asset: &Asset, finding: &Finding) -> Handling {
    ask(&run(records), |standing| standing.of(asset, finding))
}

/// What an acceptance has become.
fn accepted(asset: &Asset, finding: &Finding) -> Result<(), String> {
    let handling = handled(vec![decided(Choice::Accept)], asset, finding);
    assert_eq!(handling.decision.is_some(), handling.reopened.is_none(), "{handling:?}");
    handling.reopened.map_or(Ok(()), |why| Err(why.into()))
}

#[test]
fn a_decision_stands_while_nothing_differs() {
    let (asset, finding) = (asset("1.0", "A1"), finding(Verdict::Affected));
    let handling = handled(vec![decided(Choice::Accept)], &asset, &finding);
    assert!(handling.is_suppressed());
    let decision = handling.decision.unwrap();
    assert_eq!((&*decision.source, &*decision.by), ("1", "alice"));
    let planned = handled(vec![decided(Choice::Remediate)], &asset, &finding);
    assert!(!planned.is_suppressed() && planned.decision.is_some());
}

#[test]
fn a_later_decision_counts_and_what_is_undone_gives_way() {
    let (asset, finding) = (asset("1.0", "A1"), finding(Verdict::Affected));
    let choice = |records| handled(records, &asset, &finding).decision.map(|one| one.choice);
    let two = || vec![decided(Choice::Accept), decided(Choice::Defer)];
    assert_eq!(choice(two()), Some(Choice::Defer));
    assert_eq!(choice([two(), vec![undid(2)]].concat()), Some(Choice::Accept));
    assert_eq!(choice([two(), vec![undid(2), undid(3)]].concat()), Some(Choice::Defer));
    let run = run([two(), vec![undid(1)]].concat());
    let lines = ask(&run, |standing| {
        let lines = standing.lines(&asset, &finding);
        lines.into_iter().map(|(record, outcome)| (record.number, outcome)).collect::<Vec<_>>()
    });
    assert_eq!(lines, [(1, Outcome::Undone(3)), (2, Outcome::Stands)]);
}

#[test]
fn other_vulnerabilities_parts_and_devices_are_not_meant() {
    let device = asset("1.0", "A1");
    let affected = finding(Verdict::Affected);
    let other = changed(&affected, |judgement| judgement.cve = "CVE-2".into());
    assert_eq!(handled(vec![decided(Choice::Accept)], &device, &other).decision, None);
    let part = Finding { module: Some(Unit::modbus(3)), ..affected.clone() };
    assert_eq!(handled(vec![decided(Choice::Accept)], &device, &part).decision, None);
    let mut elsewhere = device.clone();
    elsewhere.bindings = vec![Binding { first: Timestamp(30), ..device.bindings[0].clone() }];
    let handling = handled(vec![decided(Choice::Accept)], &elsewhere, &affected);
    assert_eq!(handling.decision, None);
    let why = handling.reopened.unwrap();
    assert!(why.contains("replaced") && why.contains("serial number A1"), "{why}");
}

#[test]
fn a_decision_expires_and_says_so() {
    let expiring = |expires| {
        let measure = Measure::Decided {
            choice: Choice::Accept,
            due: None,
            expires: Some(Timestamp(expires)),
        };
        handled(vec![before(measure)], &asset("1.0", "A1"), &finding(Verdict::Affected))
    };
    assert!(expiring(5_001).is_suppressed());
    for expired in [5_000, 4_999] {
        let handling = expiring(expired);
        assert!(handling.decision.is_none() && handling.reopened.unwrap().contains("expired"));
    }
}

#[test]
fn what_was_to_be_done_and_is_not_is_overdue() {
    let due = Some(Timestamp(4_000));
    let measure = Measure::Decided { choice: Choice::Remediate, due, expires: None };
    let late =
        |verdict| handled(vec![before(measure.clone())], &asset("1.0", "A1"), &finding(verdict));
    let open = late(Verdict::Affected);
    assert!(open.decision.is_some() && open.reopened.unwrap().contains("overdue"));
    assert_eq!(late(Verdict::Fixed).reopened, None);
}

#[test]
fn another_device_an_older_version_and_a_worse_verdict_reopen() {
    let affected = finding(Verdict::Affected);
    assert_eq!(accepted(&asset("1.1", "A1"), &affected), Ok(()));
    let replaced = accepted(&asset("1.0", "B2"), &affected).unwrap_err();
    assert!(replaced.contains("serial number A1 then, B2 now"), "{replaced}");
    let back = accepted(&asset("0.9", "A1"), &affected).unwrap_err();
    assert!(back.contains("went back from 1.0 to 0.9"), "{back}");
    let unclear = Record {
        then: then(&asset("1.0", "A1"), &finding(Verdict::Unknown(Why::Gap)), &Run::default()),
        ..decided(Choice::FalseMatch)
    };
    let worse = handled(vec![unclear.clone()], &asset("1.0", "A1"), &affected);
    assert!(worse.reopened.unwrap().contains("cannot tell, and is affected now"));
    let same = handled(vec![unclear], &asset("0.9", "A1"), &finding(Verdict::Unknown(Why::Gap)));
    assert!(same.is_suppressed(), "a false match is one in any version");
}

#[test]
fn a_version_that_went_back_in_the_meantime_reopens() {
    let mut device = asset("1.0", "A1");
    let ground = Ground { at: Timestamp(95), ..(*claim(Field::Firmware, "1.0").from[0]).clone() };
    device.events = vec![crate::model::Event {
        module: None,
        what: crate::model::Happening::Changed {
            field: Field::Firmware,
            from: "2.0".into(),
            to: "1.0".into(),
        },
        ground: Arc::new(ground),
        before: None,
    }];
    let why = accepted(&device, &finding(Verdict::Affected)).unwrap_err();
    assert!(why.contains("went back from 2.0 to 1.0 on 1970-01-01"), "{why}");
}

#[test]
fn a_newer_revision_reopens_only_what_it_changes() {
    let device = asset("1.0", "A1");
    let affected = finding(Verdict::Affected);
    let revised = changed(&affected, |judgement| judgement.substance = Substance([2; 32]));
    assert_eq!(accepted(&device, &revised), Ok(()));
    let other_fix = changed(&revised, |judgement| judgement.fixed_in = vec!["3.0".to_owned()]);
    let why = accepted(&device, &other_fix).unwrap_err();
    assert!(why.contains("fixed in 3.0 now, 2.0 then"), "{why}");
    let same_text = changed(&affected, |judgement| judgement.fixed_in = vec!["3.0".to_owned()]);
    assert_eq!(
        accepted(&device, &same_text),
        Ok(()),
        "the program reads it otherwise, nobody wrote it"
    );
    let fixed = changed(&other_fix, |judgement| judgement.verdict = Verdict::NotAffected);
    let handling = handled(vec![decided(Choice::Accept)], &device, &fixed);
    assert_eq!(handling.reopened, None, "nothing is left to be asked again");
}

#[test]
fn a_fix_that_a_document_names_is_available_and_one_that_is_seen_is_proposed() {
    let patch = |verdict| {
        let handling = handled(Vec::new(), &asset("2.1", "A1"), &finding(verdict));
        (handling.patch.map(|patch| patch.state), handling.proposed)
    };
    assert_eq!(patch(Verdict::Affected), (Some(PatchState::Available), None));
    assert_eq!(patch(Verdict::NotAffected), (None, None));
    let (state, proposed) = patch(Verdict::Fixed);
    let proposed = proposed.unwrap();
    assert_eq!((state, proposed.state), (Some(PatchState::Available), PatchState::Installed));
    assert!(proposed.why.contains("2.1 in ?#7") && proposed.by.is_none(), "{}", proposed.why);
    let none = changed(&finding(Verdict::Affected), |judgement| judgement.fixed_in.clear());
    assert_eq!(handled(Vec::new(), &asset("1.0", "A1"), &none).patch, None);
}

#[test]
fn installed_is_taken_back_when_the_device_says_otherwise() {
    let then = then(&asset("2.0", "A1"), &finding(Verdict::Fixed), &Run::default());
    let installed = Record { then, ..moved(PatchState::Installed) };
    let records = || vec![installed.clone()];
    let stays = handled(records(), &asset("2.0", "A1"), &finding(Verdict::Fixed));
    assert_eq!(stays.patch.unwrap().state, PatchState::Installed);
    assert_eq!(stays.proposed, None);
    for (version, serial, words) in
        [("1.0", "A1", "went back from 2.0 to 1.0"), ("1.0", "B2", "was replaced")]
    {
        let back = handled(records(), &asset(version, serial), &finding(Verdict::Affected));
        assert_eq!(back.patch.unwrap().state, PatchState::Available);
        let why = back.reopened.unwrap();
        assert!(
            why.contains("the patch was Installed, said alice") && why.contains(words),
            "{why}"
        );
    }
}

#[test]
fn a_person_who_installed_is_believed_until_the_device_speaks() {
    let told = |at| Record { at: Timestamp(at), ..moved(PatchState::Installed) };
    let handled = |at| handled(vec![told(at)], &asset("1.0", "A1"), &finding(Verdict::Affected));
    assert_eq!(handled(60).patch.unwrap().state, PatchState::Installed);
    let contradicted = handled(40);
    assert!(contradicted.reopened.unwrap().contains("the device says 1.0 again"));
}

#[test]
fn what_was_tested_for_one_fix_does_not_count_for_another() {
    let other = changed(&finding(Verdict::Affected), |judgement| {
        judgement.substance = Substance([2; 32]);
        judgement.fixed_in = vec!["3.0".to_owned()];
    });
    let handling = handled(vec![moved(PatchState::Authorized)], &asset("1.0", "A1"), &other);
    assert_eq!(handling.patch.unwrap().state, PatchState::Available);
    assert!(handling.reopened.unwrap().contains("the fix is another one now: 3.0"));
    let same = changed(&other, |judgement| judgement.substance = Substance([1; 32]));
    let handling = ask(&run(vec![moved(PatchState::Authorized)]), |standing| {
        standing.of(&asset("1.0", "A1"), &same)
    });
    assert_eq!(handling.reopened, None, "another fix of the same document was never spoken of");
}

fn listed(list: u64, state: PatchState) -> Run {
    let mut run = run(vec![moved(PatchState::Authorized)]);
    let mut row = Listed { list, row: 2, state: Some(state), ..Listed::default() };
    for (column, text) in
        [("vendor", "ACME"), ("product", "plc 7"), ("cves", "CVE-1 CVE-9"), ("title", "P")]
    {
        row.put(column, text);
    }
    run.handbook.listed = vec![row];
    let at = Timestamp(if list == 1 { 500 } else { 2_000 });
    let (name, by) = ("list.csv".into(), "bob".into());
    run.handbook.lists = vec![PatchList { number: list, name, by, at, ..PatchList::default() }];
    run
}

#[test]
fn a_list_of_the_supplier_goes_on_beside_what_the_owner_does() {
    let (asset, affected) = (asset("1.0", "A1"), finding(Verdict::Affected));
    let state = |run: &Run| ask(run, |standing| standing.of(&asset, &affected));
    let going = state(&listed(2, PatchState::Released));
    assert_eq!(going.patch.unwrap().state, PatchState::Authorized);
    let suppliers =
        ask(&listed(2, PatchState::Released), |standing| standing.suppliers(&asset, &affected));
    let suppliers = suppliers.unwrap();
    assert_eq!(suppliers.state, PatchState::Released);
    assert_eq!(&*suppliers.why, "list.csv row 2: P");
    let earlier = state(&listed(1, PatchState::NotApproved));
    assert_eq!(earlier.patch.unwrap().state, PatchState::Authorized);
    let recalled = state(&listed(2, PatchState::NotApproved));
    assert_eq!(recalled.patch.unwrap().state, PatchState::NotApproved);
    assert!(recalled.reopened.unwrap().contains("the supplier recalled the patch"));
}

#[test]
fn of_the_store_and_a_file_the_later_counts_and_the_difference_is_told() {
    let written = |at: i64, choice| Written {
        source: "decisions.toml:1".into(),
        meant: Meant { ip: Some([10, 0, 0, 1].into()), ..Meant::default() },
        advisory: Some("acme-1".into()),
        cve: None,
        choice,
        why: "w".into(),
        by: "bob".into(),
        at: Timestamp(at),
        due: None,
        expires: None,
    };
    let (asset, affected) = (asset("1.0", "A1"), finding(Verdict::Affected));
    for (at, source) in [(999, "1"), (1_001, "decisions.toml:1")] {
        let mut run = run(vec![decided(Choice::Accept)]);
        run.handbook.written = vec![written(at, Choice::Defer)];
        let (handling, notes) =
            ask(&run, |standing| (standing.of(&asset, &affected), standing.notes()));
        assert_eq!(&*handling.decision.unwrap().source, source);
        assert_eq!(notes.len(), 1);
        assert!(notes[0].contains("the later one counts"), "{notes:?}");
    }
    let mut nobody = run(Vec::new());
    let mut entry = written(1, Choice::Accept);
    entry.meant.serial = Some("other".into());
    nobody.handbook.written = vec![entry];
    let (handling, notes) =
        ask(&nobody, |standing| (standing.of(&asset, &affected), standing.notes()));
    assert_eq!(handling.decision, None);
    assert!(notes[0].contains("decisions.toml:1: is about no finding"), "{notes:?}");
}
