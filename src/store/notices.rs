//! What was worth telling: numbered as it is told, and given back as it was put in.

use rusqlite::{Row, params};
use serde::de::DeserializeOwned;
use serde_json::json;
use uuid::Uuid;

use crate::model::{AssetId, Notice, NoticeKind, Severity, Timestamp};
use crate::store::reader::unsigned;
use crate::store::writer::signed;
use crate::store::{Store, StoreError};

impl Store {
    /// Keeps notices, all of them or none, and gives each the next number. Numbers have no gaps and are never given twice, whatever the clock says
    /// and whatever was shed; on failure they stay as they were.
    pub fn add_notices(&mut self, notices: &mut [Notice]) -> Result<(), StoreError> {
        if notices.is_empty() {
            return Ok(());
        }
        let numbers = self.try_to(|connection| {
            let transaction = connection.transaction()?;
            let mut numbers = Vec::with_capacity(notices.len());
            for notice in &*notices {
                numbers.push(unsigned(transaction.prepare_cached(ADD)?.insert(params![
                    notice.at.0,
                    notice.told.0,
                    notice.kind.name(),
                    notice.severity.name(),
                    notice.site,
                    notice.asset.map(|asset| asset.0.into_bytes()),
                    notice.name,
                    json!(notice.addresses).to_string(),
                    notice.finding.map(Uuid::into_bytes),
                    notice.text,
                    json!(notice.details).to_string()
                ])?));
            }
            transaction.commit()?;
            Ok(numbers)
        })?;
        for (notice, number) in notices.iter_mut().zip(numbers) {
            notice.number = number;
        }
        Ok(())
    }

    /// The notices after a number, at most so many, in order; and those that this version of the program cannot read left out.
    pub fn notices(&mut self, after: u64, most: usize) -> Result<Vec<Notice>, StoreError> {
        self.try_to(|connection| {
            let mut statement = connection.prepare_cached(AFTER)?;
            let most = i64::try_from(most).unwrap_or(i64::MAX);
            let mut rows = statement.query(params![signed(after), most])?;
            let mut notices = Vec::new();
            while let Some(row) = rows.next()? {
                notices.extend(notice(row)?);
            }
            Ok(notices)
        })
    }

    /// The number of the last notice; zero before the first. It stays when that notice is shed.
    pub fn last_notice(&mut self) -> Result<u64, StoreError> {
        self.try_to(|connection| connection.query_row(LAST, [], |row| row.get(0)).map(unsigned))
    }
}

fn notice(row: &Row<'_>) -> rusqlite::Result<Option<Notice>> {
    let text = |column: &str| row.get::<_, String>(column).map(Box::<str>::from);
    let id = |column: &str| -> rusqlite::Result<Option<Uuid>> {
        Ok(row.get::<_, Option<[u8; 16]>>(column)?.map(Uuid::from_bytes))
    };
    let kind = NoticeKind::named(row.get_ref("kind")?.as_str()?);
    let severity = Severity::named(row.get_ref("severity")?.as_str()?);
    let Some((kind, severity)) = kind.zip(severity) else { return Ok(None) };
    let (addresses, details) = (list(row, "addresses")?, list(row, "details")?);
    let Some((addresses, details)) = addresses.zip(details) else { return Ok(None) };
    Ok(Some(Notice {
        number: unsigned(row.get("number")?),
        at: Timestamp(row.get("at_ns")?),
        told: Timestamp(row.get("told_ns")?),
        kind,
        severity,
        site: text("site")?,
        asset: id("asset")?.map(AssetId),
        name: text("name")?,
        addresses,
        finding: id("finding")?,
        text: text("text")?,
        details,
    }))
}

fn list<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<Vec<T>>> {
    Ok(serde_json::from_str(row.get_ref(column)?.as_str()?).ok())
}

const ADD: &str = "INSERT INTO notices (at_ns, told_ns, kind, severity, site, asset, name, addresses, finding, text, details)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
const AFTER: &str = "SELECT * FROM notices WHERE number > ?1 ORDER BY number LIMIT ?2";
const LAST: &str = "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'notices'), 0)";
