use std::sync::Arc;

use super::*;
use crate::export::escape::{NASTY, is_hostile};
use crate::export::set::Archive;
use crate::export::{Layout, Show};
use crate::model::{Asset, AssetId, Levels, Run, Zones};

#[test]
fn every_row_has_a_text_for_each_column() {
    let asset = |(number, name): (u128, &&str)| {
        Arc::new(Asset {
            id: AssetId(uuid::Uuid::from_u128(number)),
            identity: (*name).into(),
            ips: [[10, 0, 0, 1].into(), [10, 0, 0, 2].into()].into(),
            ..Asset::default()
        })
    };
    let assets: Vec<Arc<Asset>> = (1..).zip(NASTY).map(asset).collect();
    let report = Report {
        run: &Run::default(),
        assets: &assets,
        findings: &[],
        talks: &[],
        show: Show::All,
        zones: &Zones::default(),
        levels: &Levels::default(),
        selected: None,
        layout: &Layout::default(),
    };
    let records = Records::new(&report);
    for (file, rows) in FILES.iter().zip(records.files()) {
        assert!(rows.iter().all(|row| row.len() == file.heads.len()), "{}", file.name);
    }
    let mut out = Vec::new();
    let mut archive = Archive::new(&mut out);
    netbox(&report, &mut archive).unwrap();
    archive.finish().unwrap();
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(out)).unwrap();
    for at in 0..archive.len() {
        let text = std::io::read_to_string(archive.by_index(at).unwrap()).unwrap();
        assert!(!text.contains(|c| is_hostile(c) && !matches!(c, '\r' | '\n')), "{text}");
    }
}
