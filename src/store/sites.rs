//! Numbers of sites. Outside, a number is the place of a name among those known at the moment; in the file it is kept
//! for good. They are translated here, on the way in and on the way out, and nowhere else.

use std::collections::BTreeMap;

use rusqlite::Connection;

use crate::model::Sites;
use crate::model::limits::SITES_MAX;
use crate::store::{Store, StoreError};

/// The numbers of sites on one side, by those on the other.
#[derive(Debug, Default)]
pub(super) struct Numbers(BTreeMap<u16, u16>);

impl Numbers {
    /// The other number of a site; `None` for one that is not known.
    pub(super) fn of(&self, site: u16) -> Option<u16> {
        if site == 0 { Some(0) } else { self.0.get(&site).copied() }
    }
}

impl Store {
    /// The sites that the store knows.
    pub fn sites(&mut self) -> Result<Sites, StoreError> {
        Ok(self.try_to(|connection| known(connection))?.0)
    }
}

/// The sites in the file, and how to read its numbers.
pub(super) fn known(connection: &Connection) -> rusqlite::Result<(Sites, Numbers)> {
    let mut rows = connection.prepare_cached("SELECT number, name FROM sites ORDER BY number")?;
    let rows = rows.query_map([], |row| Ok((row.get::<_, u16>(0)?, row.get::<_, String>(1)?)))?;
    let rows = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    let sites = Sites::new(rows.iter().map(|(_, name)| name.as_str().into()));
    let numbers = rows.iter().filter_map(|(kept, name)| Some((*kept, sites.number(name)?)));
    let numbers = Numbers(numbers.collect());
    Ok((sites, numbers))
}

/// Makes sites known, new ones in order of their names, and tells under which numbers the file keeps them. One that
/// finds no room has none.
pub(super) fn add(connection: &Connection, sites: &Sites) -> rusqlite::Result<Numbers> {
    let mut numbers = BTreeMap::new();
    for (number, name) in sites.iter() {
        connection.prepare_cached(ADD_SITE)?.execute((name, SITES_MAX))?;
        let kept = connection
            .prepare_cached("SELECT number FROM sites WHERE name = ?1")?
            .query_map([name], |row| row.get(0))?
            .next()
            .transpose()?;
        numbers.extend(kept.map(|kept| (number, kept)));
    }
    Ok(Numbers(numbers))
}

const ADD_SITE: &str = "INSERT INTO sites (number, name)
    SELECT coalesce(max(number), 0) + 1, ?1 FROM sites WHERE true HAVING count(*) < ?2
    ON CONFLICT (name) DO NOTHING";
