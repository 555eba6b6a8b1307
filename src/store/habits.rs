//! For how long devices are quiet by habit: what a sensor learned in months is not forgotten when it is started again.

use std::collections::BTreeMap;

use rusqlite::params;
use uuid::Uuid;

use crate::model::AssetId;
use crate::store::reader::unsigned;
use crate::store::writer::signed;
use crate::store::{Store, StoreError};

impl Store {
    /// The longest time, in nanoseconds, that each device was quiet and came back.
    pub fn habits(&mut self) -> Result<BTreeMap<AssetId, u64>, StoreError> {
        self.try_to(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT asset, longest_ns FROM habits")?;
            let rows = statement.query_map([], |row| {
                let id = AssetId(Uuid::from_bytes(row.get("asset")?));
                Ok((id, unsigned(row.get("longest_ns")?)))
            })?;
            rows.collect()
        })
    }

    /// Keeps habits in the place of all before: of a device that is not among them there is none to keep. Only rows that differ are written.
    pub fn put_habits(&mut self, habits: &BTreeMap<AssetId, u64>) -> Result<(), StoreError> {
        let known = self.habits()?;
        if known == *habits {
            return Ok(());
        }
        self.try_to(|connection| {
            let transaction = connection.transaction()?;
            for id in known.keys().filter(|id| !habits.contains_key(id)) {
                transaction.prepare_cached(FORGET)?.execute([id.0.into_bytes()])?;
            }
            for (id, longest) in
                habits.iter().filter(|(id, longest)| known.get(id) != Some(longest))
            {
                transaction
                    .prepare_cached(PUT)?
                    .execute(params![id.0.into_bytes(), signed(*longest)])?;
            }
            transaction.commit()
        })
    }
}

const FORGET: &str = "DELETE FROM habits WHERE asset = ?1";
const PUT: &str = "INSERT INTO habits (asset, longest_ns) VALUES (?1, ?2)
    ON CONFLICT (asset) DO UPDATE SET longest_ns = excluded.longest_ns";
