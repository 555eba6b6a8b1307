//! What its maker no longer supports: a dated table, met with what is known about a device on a given day.
//!
//! Support has ended when it has ended for everything that the device may be. When it has for some editions only, the answer is
//! unknown and says which edition decides: a build of Windows is shared by editions whose support ends ten years apart.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::LazyLock;

use jiff::civil::Date;

use crate::advisory::makers;
use crate::advisory::name::{compact, dense, glob, words};
use crate::assess::device::said;
use crate::assess::windows::{self, Release};
use crate::model::asset::Nameplate;
use crate::model::claim::{Certainty, Claim, Field};
use crate::model::finding::{Grade, Judgement, Kind, Substance, Verdict, Why};

/// The table.
const TABLE: &str = include_str!("../../signatures/tables/lifecycle.csv");

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| rows(TABLE));

/// One product, and when its maker stops.
#[derive(Debug)]
struct Row {
    id: String,
    /// As [`makers`] gives them.
    makers: Vec<String>,
    product: String,
    releases: Vec<Release>,
    /// As [`dense`] writes them.
    models: Vec<String>,
    /// As [`compact`] writes them.
    families: Vec<String>,
    versions: Vec<String>,
    /// Sets of words, in capitals.
    editions: Vec<BTreeSet<String>>,
    sale: Option<Date>,
    support: Option<Date>,
    paid: Option<Date>,
    replacement: String,
}

/// Judges a device by what its maker supports on a day. Nothing when it is supported, or not in the table.
pub fn judge(nameplate: &Nameplate, day: Date) -> Vec<Judgement> {
    let found = [of_windows(nameplate), of_equipment(nameplate), of_software(nameplate)];
    found.into_iter().flatten().filter_map(|met| met.judge(day)).collect()
}

/// Rows that a device may be, and what ties it to them.
struct Met<'a> {
    rows: Vec<&'static Row>,
    /// What the device is, in a sentence.
    because: String,
    grade: Grade,
    claims: Vec<&'a Claim>,
    /// What else may keep it supported, when something may.
    doubt: Option<String>,
}

fn of_windows(nameplate: &Nameplate) -> Option<Met<'_>> {
    let os = said(nameplate, Field::Os)?;
    let build = said(nameplate, Field::OsBuild);
    if os.value.contains(OR_LATER) {
        return None;
    }
    let own = windows::of_device(&os.value, build.map(|build| &*build.value));
    if own.is_empty() || own.iter().all(Release::is_any) {
        return None;
    }
    let is_met =
        |row: &&Row| row.releases.iter().any(|one| own.iter().any(|release| release.meets(one)));
    let rows = narrowed(ROWS.iter().filter(is_met).collect(), &os.value);
    let built = build.map(|build| format!(", build {}", build.value)).unwrap_or_default();
    let because = format!("the machine says it is {}{built}", os.value);
    let claims = std::iter::once(os).chain(build).collect();
    (!rows.is_empty()).then_some(Met { rows, because, grade: Grade::E2, claims, doubt: None })
}

/// Of several editions those that the name of the machine speaks of, when it speaks of one.
fn narrowed(rows: Vec<&'static Row>, name: &str) -> Vec<&'static Row> {
    let name: BTreeSet<String> = words(name).into_iter().collect();
    let spoken_of = |row: &Row| {
        let sets = row.editions.iter().filter(|edition| edition.is_subset(&name));
        sets.map(BTreeSet::len).max().unwrap_or_default()
    };
    let most = rows.iter().map(|row| spoken_of(row)).max().unwrap_or_default();
    rows.into_iter().filter(|row| spoken_of(row) == most || most == 0).collect()
}

fn of_equipment(nameplate: &Nameplate) -> Option<Met<'_>> {
    let vendor = said(nameplate, Field::Vendor)?;
    let numbers = [Field::Model, Field::OrderNumber].into_iter();
    let numbers: Vec<&Claim> = numbers.filter_map(|field| said(nameplate, field)).collect();
    let product = said(nameplate, Field::Product);
    let vendors = makers(&vendor.value);
    let is_by = |row: &Row| row.makers.iter().any(|maker| vendors.contains(maker));
    let rows: Vec<&Row> = ROWS.iter().filter(|row| row.versions.is_empty() && is_by(row)).collect();
    let own = || rows.iter().copied();
    for number in numbers {
        let text = dense(&number.value);
        let row = own().find(|row| row.models.iter().any(|model| glob(model, &text)));
        if let Some(row) = row {
            let because = format!("the model {} is of {}", number.value, row.product);
            let claims = vec![vendor, number];
            return Some(Met { rows: vec![row], because, grade: Grade::E2, claims, doubt: None });
        }
    }
    let product = product?;
    let name = compact(&product.value);
    let row = own().find(|row| row.families.contains(&name))?;
    let because = format!("the device says it is {}", product.value);
    let claims = vec![vendor, product];
    Some(Met { rows: vec![row], because, grade: Grade::E2, claims, doubt: None })
}

/// Software with a version: the series that the version belongs to.
fn of_software(nameplate: &Nameplate) -> Option<Met<'_>> {
    let product = said(nameplate, Field::Product)?;
    let version = said(nameplate, Field::Firmware)?;
    let name = compact(&product.value);
    let row = ROWS.iter().find(|row| {
        row.families.contains(&name)
            && row.versions.iter().any(|start| version.value.starts_with(start.as_str()))
    })?;
    let because = format!("the machine says it runs {} {}", product.value, version.value);
    // Distributors put their name behind the version, and repair it beyond what the maker does.
    let is_distributed = version.value.contains(|c: char| c.is_alphabetic());
    let doubt = is_distributed
        .then(|| format!("who distributes {:?} may maintain it for longer", &*version.value));
    let claims = vec![product, version];
    Some(Met { rows: vec![row], because, grade: Grade::E2, claims, doubt })
}

impl Met<'_> {
    fn judge(self, day: Date) -> Option<Judgement> {
        let (ended, running): (Vec<&Row>, Vec<&Row>) =
            self.rows.iter().copied().partition(|row| row.has_ended(day));
        if ended.is_empty() {
            return None;
        }
        let mut because = vec![self.because];
        because.extend(ended.iter().take(ROWS_TOLD_MAX).map(|row| row.to_string()));
        let verdict = match (running.is_empty(), &self.doubt) {
            (true, None) => Verdict::Affected,
            (true, Some(doubt)) => {
                because.push(doubt.clone());
                Verdict::Unknown(Why::Configuration)
            }
            (false, _) => {
                let last = running
                    .iter()
                    .filter_map(|row| row.support.map(|end| (end, row)))
                    .max_by(|(one, a), (other, b)| one.cmp(other).then_with(|| b.id.cmp(&a.id)));
                because.extend(last.map(|(end, row)| {
                    format!(
                        "{} is supported until {end}, and which of them it is was not seen",
                        row.product
                    )
                }));
                Verdict::Unknown(Why::Model)
            }
        };
        let named = common(&self.rows);
        // The sentence of the date is the one that tables show.
        if verdict == Verdict::Affected && because.len() > 1 {
            let date = because.remove(1);
            because.push(date);
        }
        let advisory: Box<str> = format!("{LIFECYCLE}{named}").into();
        let products: BTreeSet<&str> = ended.iter().map(|row| row.product.as_str()).collect();
        let title = match &*products.into_iter().collect::<Vec<_>>() {
            [only] => match ended.first().map(|row| row.replacement.as_str()) {
                Some(successor) if !successor.is_empty() => {
                    format!("End of support: {only}. What takes its place: {successor}")
                }
                _ => format!("End of support: {only}"),
            },
            _ => "End of support: some editions of Windows".to_owned(),
        };
        let certainty = self.claims.iter().map(|claim| claim.certainty).min();
        Some(Judgement {
            kind: Kind::EndOfSupport,
            cve: advisory.clone(),
            advisory,
            substance: Substance::default(),
            title: title.into(),
            verdict,
            grade: self.grade,
            certainty: certainty.unwrap_or(Certainty::Likely),
            because,
            clause: format!(
                "row {} of tables/lifecycle.csv",
                ended.first().map_or("", |row| &row.id)
            ),
            fixed_in: Vec::new(),
            remediation: Some("no_fix_planned".into()),
            cvss: None,
            vector: None,
            kev: None,
            epss: None,
        })
    }
}

/// What editions of one release have in common: "windows-7" of that and of "windows-7-embedded".
fn common<'a>(rows: &[&'a Row]) -> &'a str {
    let shortest = rows.iter().map(|row| row.id.as_str()).min_by_key(|id| id.len());
    let is_start = |id: &&str| rows.iter().all(|row| row.id.starts_with(id));
    shortest.filter(is_start).unwrap_or("windows")
}

impl Row {
    /// Equipment is retired by the last day of its sale, software by the last of its updates.
    fn has_ended(&self, day: Date) -> bool {
        [self.sale, self.support].into_iter().flatten().any(|end| end < day)
    }
}

/// "support for Windows 7 ended on 2020-01-14 (paid updates until 2023-01-10)".
impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.sale, self.support) {
            (Some(sale), support) => {
                write!(
                    f,
                    "{} is retired: its maker sold it until {sale} at the latest",
                    self.product
                )?;
                support.map_or(Ok(()), |end| write!(f, " and has spare parts until {end}"))
            }
            (None, Some(end)) => {
                write!(f, "support for {} ended on {end}", self.product)?;
                self.paid
                    .map_or(Ok(()), |paid| write!(f, " (updates could be bought until {paid})"))
            }
            (None, None) => write!(f, "{}", self.product),
        }
    }
}

fn rows(table: &str) -> Vec<Row> {
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(table.as_bytes());
    let list = |text: &str| -> Vec<String> {
        text.split('|').filter(|one| !one.is_empty()).map(str::to_owned).collect()
    };
    let row = |record: csv::StringRecord| {
        let cell = |at: usize| record.get(at).unwrap_or_default();
        let date = |at: usize| cell(at).parse().ok();
        Row {
            id: cell(0).to_owned(),
            makers: makers(cell(1)),
            product: cell(2).to_owned(),
            releases: windows::releases(cell(3)),
            models: list(cell(4)).iter().map(|model| dense(model)).collect(),
            families: list(cell(5)).iter().map(|family| compact(family)).collect(),
            versions: list(cell(6)),
            editions: list(cell(7)).iter().map(|set| words(set).into_iter().collect()).collect(),
            sale: date(8),
            support: date(9),
            paid: date(10),
            replacement: cell(11).to_owned(),
        }
    };
    // A test proves that every row can be read.
    reader.records().filter_map(Result::ok).map(row).collect()
}

/// How identifiers of these findings begin.
pub const LIFECYCLE: &str = "lifecycle:";
/// What a name says that leaves the release open upwards.
const OR_LATER: &str = "or later";
/// Editions told of one machine.
const ROWS_TOLD_MAX: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Scope, Subject, Timestamp};

    fn plate(claims: &[(Field, &str)]) -> Nameplate {
        let mut plate = Nameplate::default();
        for (field, value) in claims {
            let node = crate::model::Node::ip(Scope::default(), [10, 0, 0, 1].into());
            plate.claims.entry(*field).or_default().push(std::sync::Arc::new(Claim {
                subject: Subject::node(node),
                field: *field,
                value: (*value).into(),
                certainty: Certainty::Likely,
                by: "rule".into(),
                from: Vec::new(),
                first: Timestamp::default(),
                last: Timestamp::default(),
            }));
        }
        plate
    }

    fn told(claims: &[(Field, &str)], day: &str) -> Vec<(String, String)> {
        let judgements = judge(&plate(claims), day.parse().unwrap());
        let told = |one: &Judgement| (one.advisory.to_string(), one.verdict.name().to_owned());
        judgements.iter().map(told).collect()
    }

    fn one(advisory: &str, verdict: &str) -> Vec<(String, String)> {
        vec![(advisory.to_owned(), verdict.to_owned())]
    }

    #[test]
    fn every_row_of_the_table_can_be_read() {
        let lines: Vec<&str> = TABLE.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(ROWS.len() + 1, lines.len());
        for (row, line) in ROWS.iter().zip(lines.iter().skip(1)) {
            let cells: Vec<&str> = line.split(',').collect();
            assert_eq!(cells.len(), 13, "{line}");
            for (at, date) in [(8, row.sale), (9, row.support), (10, row.paid)] {
                assert_eq!(
                    date.is_some(),
                    !cells[at].is_empty(),
                    "{line}: {} is no date",
                    cells[at]
                );
            }
            assert!(row.sale.is_some() || row.support.is_some(), "{line}: no date");
            assert!(!cells[12].is_empty(), "{line}: no source");
            assert_eq!(row.releases.is_empty(), cells[3].is_empty(), "{line}: no release");
            let tied = [&row.models, &row.families];
            assert!(!row.releases.is_empty() || tied.iter().any(|list| !list.is_empty()), "{line}");
            assert!(
                row.paid.is_none_or(|paid| row.support.is_some_and(|end| end < paid)),
                "{line}"
            );
        }
    }

    #[test]
    fn support_ends_behind_its_last_day() {
        let seven =
            [(Field::Os, "Windows 7 Professional Service Pack 1"), (Field::OsBuild, "6.1.7601")];
        assert_eq!(told(&seven, "2020-01-14"), []);
        assert_eq!(told(&seven, "2020-01-15").len(), 1);
        assert_eq!(told(&seven, "2026-01-01")[0].1, "affected");
    }

    #[test]
    fn the_edition_decides_where_a_build_does_not() {
        for (os, build, day, expected) in [
            ("Windows 10 1607 / Windows Server 2016", "10.0.14393", "2026-11-22", "cannot_tell"),
            ("Windows Server 2016 Standard", "10.0.14393", "2026-11-22", ""),
            ("Windows Server 2016 Standard", "10.0.14393", "2027-02-01", "affected"),
            ("Windows 10 Enterprise 2016 LTSB", "10.0.14393", "2026-10-13", ""),
            ("Windows 10 Enterprise 2016 LTSB", "10.0.14393", "2026-10-14", "affected"),
            ("Windows 10 Pro", "10.0.14393", "2020-01-01", "affected"),
            ("Windows 10 Pro", "10.0.19045", "2025-10-01", ""),
            ("Windows 10 Pro", "10.0.19045", "2025-10-15", "affected"),
            (
                "Windows 10 2004 to 22H2 / Windows Server 2004 to 20H2",
                "10.0.19041",
                "2026-01-01",
                "cannot_tell",
            ),
            ("Windows Embedded Standard", "6.1.7601", "2021-01-01", "affected"),
            ("Windows 11 22H2 or 23H2", "10.0.22621", "2024-12-01", "cannot_tell"),
            ("Windows Server 2025 Standard", "10.0.26100", "2026-01-01", ""),
            ("Windows", "", "2026-01-01", ""),
            ("Windows Server 2016 or later", "", "2030-01-01", ""),
            ("Windows 7 Professional", "6.1.7601", "2020-02-01", "affected"),
            ("Windows 7 / Windows Server 2008 R2", "6.1.7600", "2020-02-01", "cannot_tell"),
        ] {
            let mut claims = vec![(Field::Os, os)];
            if !build.is_empty() {
                claims.push((Field::OsBuild, build));
            }
            let verdicts: Vec<String> =
                told(&claims, day).into_iter().map(|(_, verdict)| verdict).collect();
            assert_eq!(verdicts.join(" "), expected, "{os} {build} {day}");
        }
    }

    #[test]
    fn equipment_is_retired_by_model_or_by_name() {
        let model = [(Field::Vendor, "Rockwell Automation"), (Field::Model, "1747-L553/C")];
        assert_eq!(told(&model, "2026-01-01"), one("lifecycle:rockwell-slc-500", "affected"));
        assert_eq!(told(&model, "2020-01-01"), []);
        let name = [(Field::Vendor, "Rockwell Automation"), (Field::Product, "PLC-5")];
        assert_eq!(told(&name, "2026-01-01"), one("lifecycle:rockwell-plc-5", "affected"));
        let other = [(Field::Vendor, "Acme"), (Field::Product, "PLC-5")];
        assert_eq!(told(&other, "2026-01-01"), []);
        let newer = [(Field::Vendor, "Rockwell Automation"), (Field::Model, "1756-L83E")];
        assert_eq!(told(&newer, "2026-01-01"), []);
        let siemens = [(Field::Vendor, "Siemens"), (Field::OrderNumber, "6ES7 315-2EH14-0AB0")];
        assert_eq!(told(&siemens, "2026-01-01"), one("lifecycle:siemens-s7-300", "affected"));
        let micro = [(Field::Vendor, "Rockwell Automation"), (Field::Model, "1766-L32BXB C/21.02")];
        assert_eq!(told(&micro, "2026-01-01"), [], "the MicroLogix 1400 is sold");
    }

    #[test]
    fn what_a_distributor_repairs_is_not_called_unsupported() {
        let samba = |version| [(Field::Product, "Samba"), (Field::Firmware, version)];
        assert_eq!(told(&samba("4.17.12"), "2026-01-01"), one("lifecycle:samba-4.17", "affected"));
        assert_eq!(
            told(&samba("4.17.12-Debian"), "2026-01-01"),
            one("lifecycle:samba-4.17", "cannot_tell")
        );
        assert_eq!(told(&samba("4.1.17"), "2026-01-01"), one("lifecycle:samba-old", "affected"));
        assert_eq!(told(&samba("4.99.1"), "2026-01-01"), []);
    }

    #[test]
    fn hints_end_no_support() {
        let mut plate = plate(&[(Field::Os, "Windows XP")]);
        for claim in plate.claims.values_mut().flatten() {
            std::sync::Arc::make_mut(claim).certainty = Certainty::Hint;
        }
        assert!(judge(&plate, "2026-01-01".parse().unwrap()).is_empty());
    }
}
