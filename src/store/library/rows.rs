//! The tables of the library, row by row.

use rusqlite::{Connection, OptionalExtension, Row, ToSql, params};

use crate::model::limits::{ADVISORY_BYTES_MAX, BUNDLES_KEPT_MAX, FEED_BYTES_MAX};
use crate::model::{Bundle, FeedKind, Holding, Parcel, Substance, Supplement, Timestamp};

/// What is in use, and where a rollback leads.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct InUse {
    /// Number of the turn; 0 for the time before all.
    pub(super) number: u32,
    pub(super) bundle: Option<u32>,
    /// Number of the turn to go back to.
    pub(super) back: u32,
}

/// What is in use now.
pub(super) fn turn(connection: &Connection) -> rusqlite::Result<InUse> {
    connection
        .prepare_cached("SELECT * FROM bundle_turns ORDER BY number DESC LIMIT 1")?
        .query_row([], in_use)
        .optional()
        .map(Option::unwrap_or_default)
}

/// What was in use from a turn on.
pub(super) fn turn_numbered(connection: &Connection, number: u32) -> rusqlite::Result<InUse> {
    connection
        .prepare_cached("SELECT * FROM bundle_turns WHERE number = ?1")?
        .query_row([number], in_use)
        .optional()
        .map(Option::unwrap_or_default)
}

fn in_use(row: &Row<'_>) -> rusqlite::Result<InUse> {
    Ok(InUse { number: row.get("number")?, bundle: row.get("bundle")?, back: row.get("back")? })
}

/// From now on a bundle is in use, or none.
pub(super) fn add_turn(
    connection: &Connection,
    bundle: Option<u32>,
    back: u32,
    by: &str,
    at: Timestamp,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO bundle_turns (bundle, back, by, at_ns) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![bundle, back, by, at.0])?;
    Ok(())
}

/// The row of a bundle that was not known.
pub(super) fn add_bundle(
    connection: &Connection,
    parcel: &Parcel,
    by: &str,
    at: Timestamp,
) -> rusqlite::Result<u32> {
    let Parcel { sha256, built, builder, signer, origin, documents, feeds: _ } = parcel;
    let number = connection.prepare_cached(ADD_BUNDLE)?.insert(params![
        sha256,
        built,
        builder,
        signer,
        origin,
        by,
        at.0,
        size(documents.len())
    ])?;
    u32::try_from(number).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(0, number))
}

/// Puts in what a bundle holds.
pub(super) fn fill(connection: &Connection, bundle: u32, parcel: &Parcel) -> rusqlite::Result<()> {
    for document in &parcel.documents {
        let content = keep(connection, &document.sha256, &document.bytes)?;
        add(connection, Some(bundle), DOCUMENT, &of_document(document), content, None)?;
    }
    for feed in &parcel.feeds {
        let content = keep(connection, &feed.sha256, &feed.bytes)?;
        add(connection, Some(bundle), feed.kind.name(), &of_feed(feed), content, None)?;
    }
    connection.execute("UPDATE bundles SET is_kept = 1 WHERE number = ?1", [bundle])?;
    Ok(())
}

/// Puts in a document that a person brought, unless it was there; true when it is news.
pub(super) fn add_own(
    connection: &Connection,
    document: &Holding,
    by: &str,
    at: Timestamp,
) -> rusqlite::Result<bool> {
    let content = keep(connection, &document.sha256, &document.bytes)?;
    let is_known = connection.prepare_cached(IS_OWN)?.exists(params![document.id, content])?;
    if !is_known {
        add(connection, None, DOCUMENT, &of_document(document), content, Some((by, at)))?;
    }
    Ok(!is_known)
}

/// Whether the content of a bundle is here; `None` for a number that no bundle has.
pub(super) fn is_kept(connection: &Connection, bundle: u32) -> rusqlite::Result<Option<bool>> {
    connection
        .prepare_cached("SELECT is_kept FROM bundles WHERE number = ?1")?
        .query_row([bundle], |row| row.get(0))
        .optional()
}

/// Drops the content of bundles that were not in use for longest, and what nobody refers to any more.
pub(super) fn drop_oldest(connection: &Connection) -> rusqlite::Result<()> {
    let dropped = connection.execute(DROP_BUNDLES, [size(BUNDLES_KEPT_MAX)])?;
    if dropped > 0 {
        connection.execute(
            "DELETE FROM holdings WHERE bundle IN (SELECT number FROM bundles WHERE NOT is_kept)",
            [],
        )?;
        connection.execute(DROP_CONTENTS, [])?;
    }
    Ok(())
}

pub(super) fn bundle(row: &Row<'_>, current: Option<u32>) -> rusqlite::Result<Bundle> {
    let number = row.get("number")?;
    Ok(Bundle {
        number,
        sha256: row.get("sha256")?,
        built: row.get("built")?,
        builder: row.get("builder")?,
        signer: row.get("signer")?,
        origin: row.get("origin")?,
        by: row.get("by")?,
        at: Timestamp(row.get("at_ns")?),
        documents: row.get("documents")?,
        is_kept: row.get("is_kept")?,
        is_current: current == Some(number),
    })
}

pub(super) fn holding(row: &Row<'_>) -> rusqlite::Result<Holding> {
    let substance = row.get_ref("substance")?.as_blob()?.try_into().unwrap_or_default();
    Ok(Holding {
        id: row.get("id")?,
        revision: row.get("revision")?,
        released: row.get("date")?,
        sha256: row.get("sha256")?,
        substance: Substance(substance),
        origin: row.get("origin")?,
        name: row.get("name")?,
        bundle: row.get("bundle")?,
        bytes: unpacked(row, ADVISORY_BYTES_MAX)?,
    })
}

/// `None` for a kind of a later version of the program.
pub(super) fn feed(row: &Row<'_>) -> rusqlite::Result<Option<Supplement>> {
    let Some(kind) = FeedKind::named(row.get_ref("kind")?.as_str()?) else { return Ok(None) };
    Ok(Some(Supplement {
        kind,
        name: row.get("name")?,
        origin: row.get("origin")?,
        date: row.get("date")?,
        sha256: row.get("sha256")?,
        bytes: unpacked(row, FEED_BYTES_MAX)?,
    }))
}

/// What a row of `holdings` says.
type Columns<'a> = [&'a dyn ToSql; 6];

fn of_document(document: &Holding) -> Columns<'_> {
    let Holding { id, revision, released, substance, origin, name, .. } = document;
    [name, id, revision, released, origin, &substance.0]
}

fn of_feed(feed: &Supplement) -> Columns<'_> {
    [&feed.name, &"", &"", &feed.date, &feed.origin, &NO_SUBSTANCE]
}

fn add(
    connection: &Connection,
    bundle: Option<u32>,
    kind: &str,
    [name, id, revision, date, origin, substance]: &Columns<'_>,
    content: i64,
    own: Option<(&str, Timestamp)>,
) -> rusqlite::Result<()> {
    connection.prepare_cached(ADD_HOLDING)?.execute(params![
        bundle,
        kind,
        name,
        id,
        revision,
        date,
        origin,
        substance,
        content,
        own.map(|(by, _)| by),
        own.map(|(_, at)| at.0)
    ])?;
    Ok(())
}

/// The number of a content, which is put in unless it is there.
fn keep(connection: &Connection, sha256: &str, bytes: &[u8]) -> rusqlite::Result<i64> {
    let known = connection
        .prepare_cached("SELECT number FROM contents WHERE sha256 = ?1")?
        .query_row([sha256], |row| row.get(0))
        .optional()?;
    if let Some(number) = known {
        return Ok(number);
    }
    let packed = zstd::bulk::compress(bytes, PACKING)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
    connection
        .prepare_cached("INSERT INTO contents (sha256, size, packed) VALUES (?1, ?2, ?3)")?
        .insert(params![sha256, size(bytes.len()), packed])
}

/// The content of a row; empty when it cannot be unpacked, or says to be larger than any.
fn unpacked(row: &Row<'_>, bytes_max: usize) -> rusqlite::Result<Vec<u8>> {
    let size = usize::try_from(row.get::<_, i64>("size")?).unwrap_or(usize::MAX);
    if size > bytes_max {
        return Ok(Vec::new());
    }
    Ok(zstd::bulk::decompress(row.get_ref("packed")?.as_blob()?, size).unwrap_or_default())
}

fn size(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

const DOCUMENT: &str = "csaf";
const NO_SUBSTANCE: [u8; 0] = [];
/// A level of zstd: the default, with which the public corpus is packed in a second.
const PACKING: i32 = 3;
const ADD_BUNDLE: &str =
    "INSERT INTO bundles (sha256, built, builder, signer, origin, by, at_ns, documents)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
const ADD_HOLDING: &str = "INSERT INTO holdings (bundle, kind, name, id, revision, date, origin, substance, content, by, at_ns)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
const IS_OWN: &str = "SELECT 1 FROM holdings WHERE bundle IS NULL AND id = ?1 AND content = ?2";
/// The bundles that stay are those in use last.
const DROP_BUNDLES: &str = "UPDATE bundles SET is_kept = 0 WHERE is_kept AND number NOT IN (
    SELECT bundle FROM bundle_turns WHERE bundle IS NOT NULL GROUP BY bundle ORDER BY max(number) DESC LIMIT ?1)";
const DROP_CONTENTS: &str =
    "DELETE FROM contents WHERE number NOT IN (SELECT content FROM holdings)";
pub(super) const DOCUMENTS: &str =
    "SELECT holdings.*, contents.sha256, contents.size, contents.packed
    FROM holdings JOIN contents ON contents.number = holdings.content
    WHERE kind = 'csaf' AND (bundle = ?1 OR bundle IS NULL) ORDER BY holdings.number";
pub(super) const DOCUMENTS_OF: &str =
    "SELECT holdings.*, contents.sha256, contents.size, contents.packed
    FROM holdings JOIN contents ON contents.number = holdings.content
    WHERE kind = 'csaf' AND bundle = ?1 ORDER BY holdings.number";
pub(super) const FEEDS: &str = "SELECT holdings.*, contents.sha256, contents.size, contents.packed
    FROM holdings JOIN contents ON contents.number = holdings.content
    WHERE kind <> 'csaf' AND bundle = ?1 ORDER BY holdings.number";
