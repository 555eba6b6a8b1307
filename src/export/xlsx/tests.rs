use std::io::{Cursor, Read};

use super::*;
use crate::export::escape::{NASTY, is_hostile};
use crate::export::{Layout, Show};
use crate::model::{CaptureInfo, Levels, Run, Zones};

fn book(run: &Run) -> Vec<u8> {
    let report = Report {
        run,
        assets: &[],
        findings: &[],
        talks: &[],
        show: Show::All,
        zones: &Zones::default(),
        levels: &Levels::default(),
        selected: None,
        layout: &Layout::default(),
    };
    let mut out = Vec::new();
    xlsx(&Holding { report: &report, facts: &[] }, &mut out).unwrap();
    out
}

fn part(book: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(book)).unwrap();
    let mut text = String::new();
    archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

#[test]
fn nothing_hostile_is_in_a_workbook_and_its_parts_name_each_other() {
    let capture = |name: &&str| CaptureInfo { name: (*name).to_owned(), ..CaptureInfo::shed() };
    let run = Run { captures: NASTY.iter().map(capture).collect(), ..Run::default() };
    let book = book(&run);
    let read_me = part(&book, "xl/worksheets/sheet1.xml");
    assert!(!read_me.contains(|c| is_hostile(c) && c != '\n'));
    assert!(!read_me.contains("<script>") && !read_me.contains("<f>"));
    assert!(read_me.contains("&lt;script&gt;"));
    let types = part(&book, "[Content_Types].xml");
    for number in 1..=7 {
        assert!(types.contains(&format!("/xl/worksheets/sheet{number}.xml")));
        assert!(part(&book, &format!("xl/worksheets/sheet{number}.xml")).ends_with("</worksheet>"));
    }
    assert!(part(&book, "xl/workbook.xml").contains("'Cannot tell'!$A$1:$"));
    assert_eq!(book, self::book(&run), "the same input gives the same bytes");
}
