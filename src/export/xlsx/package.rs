//! The package around the sheets (ECMA-376 part 2): a zip archive of parts, each of which says what it belongs to.

use std::io::{self, Write};

use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::export::xlsx::sheet::column;
use crate::export::xlsx::{READ_ME, Written};
use crate::model::Timestamp;

/// A workbook while it is written.
pub(super) struct Package<W: Write>(ZipWriter<StreamWriter<W>>);

/// Parts of it.
pub(super) enum Part {
    ContentTypes,
    Relations,
    Core,
    Workbook,
    WorkbookRelations,
    Styles,
    /// Sheets are counted from 1.
    Sheet(usize),
}

impl Part {
    fn path(&self) -> String {
        match self {
            Self::ContentTypes => "[Content_Types].xml".to_owned(),
            Self::Relations => "_rels/.rels".to_owned(),
            Self::Core => "docProps/core.xml".to_owned(),
            Self::Workbook => "xl/workbook.xml".to_owned(),
            Self::WorkbookRelations => "xl/_rels/workbook.xml.rels".to_owned(),
            Self::Styles => "xl/styles.xml".to_owned(),
            Self::Sheet(number) => format!("xl/worksheets/sheet{number}.xml"),
        }
    }
}

impl<W: Write> Package<W> {
    pub(super) fn new(out: W) -> Self {
        Self(ZipWriter::new_stream(out))
    }

    /// Starts a part; what is written then is in it.
    pub(super) fn part(&mut self, part: Part) -> io::Result<&mut impl Write> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(DateTime::default());
        self.0.start_file(part.path(), options)?;
        Ok(&mut self.0)
    }

    /// Writes what does not depend on the sheets, of which there are so many beside the first.
    pub(super) fn begin(&mut self, tables: usize) -> io::Result<()> {
        let numbers = || READ_ME..=tables.saturating_add(READ_ME);
        let sheet = |number: usize| {
            format!(
                r#"<Override PartName="/{}" ContentType="{MAIN_TYPE}.worksheet+xml"/>"#,
                Part::Sheet(number).path()
            )
        };
        let sheets: String = numbers().map(sheet).collect();
        write!(
            self.part(Part::ContentTypes)?,
            r#"{HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{MAIN_TYPE}.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="{MAIN_TYPE}.styles+xml"/>{sheets}<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>"#
        )?;
        write!(
            self.part(Part::Relations)?,
            r#"{HEAD}<Relationships xmlns="{RELATIONS}"><Relationship Id="rId1" Type="{RELATION}/officeDocument" Target="xl/workbook.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" Target="docProps/core.xml"/></Relationships>"#
        )?;
        let relation = |number: usize| {
            format!(
                r#"<Relationship Id="rId{number}" Type="{RELATION}/worksheet" Target="worksheets/sheet{number}.xml"/>"#
            )
        };
        let relations: String = numbers().map(relation).collect();
        let styles = numbers().last().unwrap_or_default().saturating_add(1);
        write!(
            self.part(Part::WorkbookRelations)?,
            r#"{HEAD}<Relationships xmlns="{RELATIONS}">{relations}<Relationship Id="rId{styles}" Type="{RELATION}/styles" Target="styles.xml"/></Relationships>"#
        )?;
        write!(self.part(Part::Styles)?, "{HEAD}{STYLES}")
    }

    /// Writes what is known only now, and ends the archive.
    pub(super) fn end(mut self, written: &[Written], created: Timestamp) -> io::Result<()> {
        let created = created.to_the_second();
        write!(
            self.part(Part::Core)?,
            r#"{HEAD}<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>Inventory and patch status</dc:title><dc:creator>nameplate</dc:creator><dcterms:created xsi:type="dcterms:W3CDTF">{created}</dcterms:created><dcterms:modified xsi:type="dcterms:W3CDTF">{created}</dcterms:modified></cp:coreProperties>"#
        )?;
        let (mut sheets, mut filters) = (String::new(), String::new());
        let titles = std::iter::once("Read me").chain(written.iter().map(|one| one.table.title()));
        for (number, title) in (READ_ME..).zip(titles) {
            sheets.push_str(&format!(
                r#"<sheet name="{title}" sheetId="{number}" r:id="rId{number}"/>"#
            ));
        }
        for (place, one) in (READ_ME..).zip(written) {
            let (title, last) = (one.table.title(), one.rows.saturating_add(1));
            filters.push_str(&format!(
                r#"<definedName name="_xlnm._FilterDatabase" localSheetId="{place}" hidden="1">'{title}'!$A$1:${}${last}</definedName>"#,
                column(one.columns)
            ));
        }
        write!(
            self.part(Part::Workbook)?,
            r#"{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{RELATION}"><sheets>{sheets}</sheets><definedNames>{filters}</definedNames></workbook>"#
        )?;
        self.0.finish()?.into_inner().flush()
    }
}

pub(super) const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
pub(super) const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const MAIN_TYPE: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml";
const RELATIONS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
const RELATION: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// Cell formats by number: 0 as it comes, 1 text (number format 49), 2 heading.
const STYLES: &str = r##"<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><fonts count="2"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font><font><b/><sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts><fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill><fill><patternFill patternType="solid"><fgColor rgb="FFD9E2EC"/><bgColor indexed="64"/></patternFill></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="49" fontId="1" fillId="2" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1" applyFill="1"/></cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>"##;
