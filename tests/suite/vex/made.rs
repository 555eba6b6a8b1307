//! Findings made for what no capture holds: every verdict with every decision, several documents, hostile names.

use std::collections::BTreeMap;
use std::sync::Arc;

use nameplate::export::vex::{About, Cited, Publisher, Tlp, Vex, csaf, cyclonedx, openvex};
use nameplate::export::{Layout, Report, Show};
use nameplate::model::advisory::{Advisory, Flaw, Product, Remedy};
use nameplate::model::{
    Asset, AssetId, Certainty, Choice, Claim, Field, Finding, FrameRef, Grade, Ground, Handling,
    Judgement, Justification, Key, Kind, Levels, Nameplate, Node, PatchState, Patching, Run, Scope,
    Subject, Substance, Timestamp, Treatment, Value, Verdict, Weight, Why, Zones,
};

use super::schemas::Format;

/// Who decides in these cases.
pub const PERSON: &str = "alice@works.example";
/// When the documents are issued.
pub const ISSUED: Timestamp = Timestamp(1_800_000_000_000_000_000);

/// One finding in the making.
#[derive(Clone, Debug)]
pub struct Case {
    pub verdict: Verdict,
    pub decision: Option<Treatment>,
    pub cve: String,
    pub kind: Kind,
    pub vendor: Option<String>,
    pub model: String,
    pub firmware: Option<String>,
    pub because: String,
    pub vector: Option<(&'static str, f64)>,
    advisory: usize,
}

impl Case {
    pub fn of(verdict: Verdict) -> Self {
        Self {
            verdict,
            decision: None,
            cve: "CVE-2026-0001".to_owned(),
            kind: Kind::Advisory,
            vendor: Some("Acme".to_owned()),
            model: "PU-1".to_owned(),
            firmware: Some("2.1".to_owned()),
            because: "2.1 < 2.5".to_owned(),
            vector: Some(("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8)),
            advisory: 1,
        }
    }

    pub fn decided(self, choice: Option<Choice>) -> Self {
        let decision = choice.map(|choice| Treatment {
            source: "1".into(),
            choice,
            by: PERSON.into(),
            why: format!("talked to the maker about {}", choice.name()).into(),
            at: Timestamp(1_799_000_000_000_000_000),
            due: (choice == Choice::Remediate).then_some(Timestamp(1_801_000_000_000_000_000)),
            expires: (choice == Choice::Accept).then_some(Timestamp(1_802_000_000_000_000_000)),
        });
        Self { decision, ..self }
    }
}

/// Findings, the devices that they are about, and the documents that they are of.
pub struct Made {
    cases: Vec<Case>,
    assets: Vec<Arc<Asset>>,
    findings: Vec<Arc<Finding>>,
    documents: Vec<Advisory>,
}

impl Made {
    /// Each case is about a device of its own.
    pub fn new(cases: Vec<Case>) -> Self {
        Self::with_devices(cases, |at| at)
    }

    /// All cases are about one device, and each is of a document of its own.
    pub fn of_one_product(mut cases: Vec<Case>) -> Self {
        (1..).zip(&mut cases).for_each(|(at, case)| case.advisory = at);
        Self::with_devices(cases, |_| 0)
    }

    fn with_devices(cases: Vec<Case>, device_of: impl Fn(usize) -> usize) -> Self {
        let mut assets = BTreeMap::new();
        let mut findings = Vec::new();
        for (at, case) in cases.iter().enumerate() {
            let asset = asset(device_of(at), case);
            findings.push(Arc::new(finding(at, asset.id, case)));
            assets.insert(asset.id, Arc::new(asset));
        }
        findings.sort_by(|a, b| (a.asset, &a.judgement.cve).cmp(&(b.asset, &b.judgement.cve)));
        let mut documents: Vec<Advisory> = cases.iter().map(document).collect();
        documents.sort_by(|a, b| a.id.cmp(&b.id));
        documents.dedup_by(|a, b| a.id == b.id);
        Self { cases, assets: assets.into_values().collect(), findings, documents }
    }

    /// The cases with the identifiers of their products.
    pub fn cases(&self) -> impl Iterator<Item = (&Case, String)> {
        self.cases.iter().enumerate().map(|(at, case)| (case, id(at).to_string()))
    }

    /// Findings that are no statements.
    pub fn left_out(&self) -> Vec<(&'static str, usize)> {
        self.with(|vex| vex.left_out().iter().map(|(kind, count)| (*kind, *count)).collect())
    }

    /// The document in a format.
    pub fn document(&self, format: Format) -> String {
        let mut out = Vec::new();
        self.with(|vex| match format {
            Format::Csaf => csaf::write(vex, &mut out),
            Format::OpenVex => openvex::write(vex, &mut out),
            Format::CycloneDx => cyclonedx::write(vex, false, &mut out),
            Format::CycloneDxVexOnly => cyclonedx::write(vex, true, &mut out),
        })
        .unwrap();
        String::from_utf8(out).unwrap()
    }

    fn with<T>(&self, make: impl FnOnce(&Vex<'_>) -> T) -> T {
        let run = Run { version: "0.0.0".to_owned(), ..Run::default() };
        let (zones, levels, layout) = (Zones::default(), Levels::default(), Layout::default());
        let report = Report {
            run: &run,
            assets: &self.assets,
            findings: &self.findings,
            talks: &[],
            show: Show::All,
            zones: &zones,
            levels: &levels,
            selected: None,
            layout: &layout,
        };
        let publisher = Publisher {
            name: "Example Works".to_owned(),
            namespace: Some("https://works.example".to_owned()),
        };
        let about = About {
            plant: "Demo".to_owned(),
            id: "demo-vex".to_owned(),
            publisher: Some(publisher),
            tlp: Tlp::Amber,
            earlier: Vec::new(),
            issued: ISSUED,
            is_unchanged: false,
        };
        let cited = Cited::new(&self.documents, self.findings.iter().map(|finding| &**finding));
        make(&Vex::new(&report, &about, &cited))
    }
}

/// Every verdict, with no decision and with each.
pub fn every_verdict_with_every_decision() -> Vec<Case> {
    let mut verdicts = vec![Verdict::Affected, Verdict::Fixed, Verdict::NotAffected];
    verdicts.extend(Why::ALL.iter().map(|why| Verdict::Unknown(*why)));
    let mut choices = vec![
        None,
        Some(Choice::Remediate),
        Some(Choice::Mitigate),
        Some(Choice::Accept),
        Some(Choice::Defer),
        Some(Choice::FalseMatch),
    ];
    choices.extend(Justification::ALL.iter().map(|one| Some(Choice::NotApplicable(*one))));
    let of = |verdict: Verdict| choices.iter().map(move |choice| (verdict.clone(), *choice));
    verdicts
        .into_iter()
        .flat_map(of)
        .enumerate()
        .map(|(at, (verdict, choice))| {
            let mut case = Case::of(verdict).decided(choice);
            case.cve = format!("CVE-2026-{:04}", at % 7);
            case.firmware = (at % 3 > 0).then(|| format!("2.{}", at % 5));
            case
        })
        .collect()
}

/// What devices, lists and documents may say to break who reads it.
pub fn hostile() -> Vec<Case> {
    let texts = [
        "\u{1b}[2J\u{1b}[31mowned",
        "two\r\nlines\0and a nul",
        "\u{202e}gpj.exe\u{200b}\u{feff}",
        "\"quoted\"\\back\\slash",
        "<script>alert(1)</script>",
        "V1 and all earlier versions",
        "*?",
        " ",
        "urn:cdx:00000000-0000-0000-0000-000000000000/1#x",
    ];
    let cases = texts.iter().enumerate().map(|(at, text)| {
        let mut case = Case::of(match at % 3 {
            0 => Verdict::Affected,
            1 => Verdict::NotAffected,
            _ => Verdict::Unknown(Why::FirmwareVersion),
        });
        case.vendor = (at % 2 == 0).then(|| (*text).to_owned());
        (case.model, case.firmware) = ((*text).to_owned(), Some((*text).to_owned()));
        case.because = (*text).repeat(4_000);
        case.decided(Some(Choice::Defer))
    });
    cases.collect()
}

/// What findings there are that are about no vulnerability with a name.
pub fn no_vulnerabilities() -> Vec<Case> {
    let kinds = [Kind::EndOfSupport, Kind::Exposure, Kind::Advisory];
    let cases = kinds.into_iter().map(|kind| Case {
        kind,
        cve: "vulnerability 3".to_owned(),
        ..Case::of(Verdict::Affected)
    });
    cases.collect()
}

/// Scores of each version that are right, and some that are not.
pub fn scores() -> Vec<Case> {
    let vectors = [
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8),
        ("CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:C/C:N/I:N/A:H", 8.6),
        ("AV:N/AC:L/Au:N/C:N/I:N/A:C", 7.8),
        ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 9.3),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 5.0),
        ("CVSS:3.1/AV:N", 9.8),
    ];
    let cases = vectors.into_iter().enumerate().map(|(at, vector)| Case {
        vector: Some(vector),
        cve: format!("CVE-2026-100{at}"),
        ..Case::of(Verdict::Affected)
    });
    cases.collect()
}

fn id(at: usize) -> AssetId {
    AssetId(uuid::Uuid::from_u128(0x5000_0000_0000_0000_8000_0000_0000_0000 + at as u128))
}

fn asset(at: usize, case: &Case) -> Asset {
    let node = Node::ip(Scope::default(), [10, 0, (at / 250) as u8, (at % 250) as u8].into());
    let mut nameplate = Nameplate::default();
    let serial = format!("SN{at:05}");
    let stated = [
        (Field::Vendor, case.vendor.as_deref()),
        (Field::Model, Some(case.model.as_str())),
        (Field::Firmware, case.firmware.as_deref()),
        (Field::Serial, Some(serial.as_str())),
    ];
    for (field, value) in stated {
        if let Some(value) = value {
            nameplate.claims.insert(field, vec![claim(node, field, value).into()]);
        }
    }
    let Node { addr, .. } = node;
    let nameplate::model::Addr::Ip(ip) = addr else { unreachable!() };
    Asset {
        id: id(at),
        identity: format!("ip {ip}").into(),
        nameplate,
        ips: [ip].into(),
        first: Timestamp(1),
        last: Timestamp(2),
        ..Asset::default()
    }
}

fn claim(node: Node, field: Field, value: &str) -> Claim {
    let ground = Ground {
        key: Key::one("made.fact"),
        value: Value::Text(value.into()),
        at: Timestamp(1),
        frame: FrameRef { capture: 0, number: 7 },
        mac: None,
        excerpt: Default::default(),
    };
    Claim {
        subject: Subject::node(node),
        field,
        value: value.into(),
        certainty: Certainty::Certain,
        by: "made".into(),
        from: vec![Arc::new(ground)],
        first: Timestamp(1),
        last: Timestamp(2),
    }
}

fn finding(at: usize, asset: AssetId, case: &Case) -> Finding {
    let judgement = Judgement {
        kind: case.kind,
        advisory: format!("ADV-{}", case.advisory).into(),
        substance: Substance::default(),
        title: "Pumps: something is wrong".into(),
        cve: case.cve.as_str().into(),
        verdict: case.verdict.clone(),
        grade: Grade::E1,
        certainty: Certainty::Certain,
        because: vec![case.because.clone()],
        clause: CLAUSE.to_owned(),
        fixed_in: if case.verdict == Verdict::Affected {
            vec!["2.5".to_owned()]
        } else {
            Vec::new()
        },
        remediation: Some("vendor_fix".into()),
        cvss: case.vector.map(|(_, base)| base),
        vector: case.vector.map(|(vector, _)| vector.into()),
        kev: Some(at.is_multiple_of(4)),
        epss: None,
    };
    let patch = at.is_multiple_of(3).then(|| Patching {
        state: PatchState::Authorized,
        by: Some(PERSON.into()),
        why: "tested on the bench".into(),
        at: Some(Timestamp(5)),
    });
    Finding {
        id: uuid::Uuid::from_u128(at as u128),
        asset,
        module: None,
        judgement: Arc::new(judgement),
        weight: Weight::default(),
        handling: Handling { patch, decision: case.decision.clone(), ..Handling::default() },
    }
}

/// Where the product stands in each document.
const CLAUSE: &str = "/product_tree/branches/0/product";

fn document(case: &Case) -> Advisory {
    let number = case.advisory;
    let remedy = |category: &str, details: &str| Remedy {
        category: category.into(),
        details: details.into(),
        products: [0].into(),
        pointer: "/vulnerabilities/0/remediations/0".into(),
    };
    let flaw = |cve: String| Flaw {
        name: cve.into(),
        affected: [0].into(),
        remedies: vec![
            remedy("vendor_fix", "Update to 2.5."),
            remedy("optional_patch", "A category of a later version."),
            remedy("none_available", "There is none for another model."),
        ],
        ..Flaw::default()
    };
    Advisory {
        id: format!("ADV-{number}").into(),
        title: "Pumps: something is wrong".into(),
        publisher: "Acme PSIRT".into(),
        url: (number % 2 == 1).then(|| format!("https://acme.example/{number}").into()),
        products: vec![Product { pointer: CLAUSE.into(), ..Product::default() }],
        flaws: (0..7).map(|at| flaw(format!("CVE-2026-{at:04}"))).collect(),
        ..Advisory::default()
    }
}
