//! Stores of every earlier version, with rows in all their tables, become stores of this one.

use super::*;

/// Rows for the tables of a version, by version.
const ROWS: &[(i64, &str)] = &[
    (1, "INSERT INTO captures VALUES (0, 'aa', 'a.pcap', 7, 700, 1, 9, NULL), (1, 'bb', 'b.pcap', 8, 800, NULL, NULL, 'cut');
         INSERT INTO subjects VALUES (1, 0, 0, 103, '10.0.0.1', ''), (2, 0, 0, 103, '10.0.0.1', '[[\"slot\",2]]');
         INSERT INTO observations VALUES (1, 1, 'enip.product_name', 'text', '1756-ENBT', 4, 0, 3, 0, 3, 62, 9, x'01', x'020304050607'),
             (2, 2, 'enip.serial', 'uint', 77, 5, 1, 4, 1, 2, 62, 4, x'02', NULL);
         INSERT INTO assets (id, identity, ips, macs, protocols, first_ns, last_ns) VALUES ('x', 'serial 77', '[]', '[]', '[]', 4, 5);
         INSERT INTO claims VALUES ('x', '', 'model', 0, '1756-ENBT', 'certain', 's', '[]');
         INSERT INTO findings (id, asset, module, advisory, cve, verdict, because, clause, grade, fixed_in)
             VALUES ('f', 'x', '', 'A', 'C', 'affected', '[]', '', 'E1', '[]');
         INSERT INTO runs VALUES ('r', '0.1.0', '[]', '', 1);"),
    (4, "INSERT INTO conversation_scans VALUES (0, 7);
         INSERT INTO conversations VALUES (0, 1, 1, 'tcp/44818', 'enip', 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);"),
    (5, "INSERT INTO decisions (number, deed, a, a_ns, field, value, by, why, at_ns) VALUES (1, 'set', 1, 4, 'name', 'Press', 'eve', 'label', 8);
         INSERT INTO imports VALUES (1, 'eve', '', 9, 9);"),
    (6, "INSERT INTO contents VALUES (1, 'cc', 3, x'00');
         INSERT INTO bundles (number, sha256, built, builder, origin, by, at_ns, documents) VALUES (1, 'dd', '2026', 'b', 'o', 'eve', 9, 1);
         INSERT INTO bundle_turns VALUES (1, 1, 0, 'eve', 9);
         INSERT INTO holdings (number, bundle, kind, name, id, revision, date, origin, substance, content) VALUES (1, 1, 'csaf', 'n', 'A', '1', '2026', 'o', x'', 1);"),
    (7, "INSERT INTO marks VALUES (1, 'A', '1', '2026', x'', 'comment', 'hm', 'eve', 9);
         INSERT INTO matchings VALUES (1, 9, 'manual', '', '0.1.0', '', '', 1, 1, 1, 0, 0, 0, 1, 0, 0);"),
    (8, "INSERT INTO handlings (number, measure, automatic, by, why, at_ns) VALUES (1, 'automatic', 1, 'eve', '', 9);
         INSERT INTO patch_lists VALUES (1, 'l', 'ee', 'eve', '', 9);
         INSERT INTO patch_rows VALUES (1, 1, NULL, '{}');"),
    (9, "INSERT INTO frames VALUES (1, 0, 3, 4, 1, 60, x'0203');
         INSERT INTO notices VALUES (4, 8, 9, 'asset_new', 'notice', '', NULL, 'PLC', '[]', NULL, 'a new one', '[]');
         INSERT INTO upkeep VALUES ('ages_measured_at_ns', 9);"),
];

/// A store as the program of a version made it.
fn of_version(path: &Path, version: usize) {
    let mut connection = Connection::open(path).unwrap();
    connection
        .execute_batch(
            "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA foreign_keys = OFF",
        )
        .unwrap();
    for (number, migration) in (1_i64..).zip(&MIGRATIONS[..version]) {
        let transaction = connection.transaction().unwrap();
        transaction.execute_batch(migration).unwrap();
        if number == 1 || number >= 4 {
            let rows = ROWS.iter().filter(|(of, _)| *of == number);
            rows.for_each(|(_, rows)| transaction.execute_batch(rows).unwrap());
        }
        if number == 2 {
            transaction
                .execute_batch("INSERT INTO sightings VALUES (1, x'020304050607', 4, 9)")
                .unwrap();
        }
        transaction.pragma_update(None, "user_version", number).unwrap();
        transaction.commit().unwrap();
    }
}

/// Every row of a table but the columns that came later.
fn rows(store: &mut Store, table: &str) -> Vec<String> {
    store
        .try_to(|connection| {
            let mut all = connection.prepare(&format!("SELECT * FROM {table} ORDER BY 1, 2"))?;
            let count = all.column_count();
            let row = |row: &rusqlite::Row<'_>| {
                let cells = (0..count).map(|at| row.get::<_, rusqlite::types::Value>(at));
                Ok(format!("{:?}", cells.collect::<rusqlite::Result<Vec<_>>>()?))
            };
            all.query_map([], row)?.collect()
        })
        .unwrap()
}

#[test]
fn stores_of_every_version_keep_all_they_hold() {
    let dir = tempfile::tempdir().unwrap();
    for version in 1..MIGRATIONS.len() {
        let dir = dir.path().join(version.to_string());
        std::fs::create_dir(&dir).unwrap();
        of_version(&dir.join(FILE), version);
        assert!(matches!(Store::read(&dir).unwrap_err(), StoreError::TooOld { .. }));
        let mut store =
            if version % 2 == 0 { Store::open(&dir).unwrap() } else { live::opened(&dir) };
        assert_eq!(store.check().unwrap(), Vec::<String>::new(), "version {version}");
        let restored = store.restore(&key_named).unwrap();
        assert_eq!(
            (restored.observations.len(), restored.passed_over),
            (2, 0),
            "version {version}"
        );
        assert_eq!(restored.observations[1].value, Value::Uint(77));
        assert_eq!(restored.observations[1].subject.unit, Some(Unit([Hop::Slot(2)].into())));
        let captures = store.captures().unwrap();
        assert_eq!(captures[1].name, "b.pcap");
        assert_eq!((&*captures[1].sha256, captures[1].incomplete.as_deref()), ("bb", Some("cut")));
        assert!(captures.iter().all(|capture| capture.session.is_none()));
        for (of, statements) in ROWS {
            for statement in statements.split("INSERT INTO ").skip(1) {
                let table = statement.split([' ', '(']).next().unwrap();
                let known = rows(&mut store, table).len();
                assert_eq!(
                    known > 0,
                    *of <= i64::try_from(version).unwrap(),
                    "{table}, version {version}"
                );
            }
        }
        if version >= 5 {
            assert_eq!(store.decisions().unwrap().0.entries().len(), 1);
            assert_eq!(store.imports().unwrap().len(), 1);
        }
        if version >= 9 {
            let frame = FrameRef { capture: 0, number: 3 };
            assert_eq!(store.frame(frame).unwrap().map(|kept| kept.wire_len), Some(60));
            assert_eq!(store.notices(3, 9).unwrap().len(), 1);
        }
        assert_eq!((store.baselines().unwrap(), store.habits().unwrap()), <_>::default());
        assert_eq!(store.add_captures(&[capture("a", "aa")]).unwrap(), [0]);
        assert_eq!(store.add_captures(&[capture("c", "cc")]).unwrap(), [2]);
        assert_eq!(store.begin_session(&mut live::session("eth1")).unwrap(), 3);
    }
}

#[test]
fn a_version_that_breaks_references_is_not_put_in() {
    let dir = tempfile::tempdir().unwrap();
    of_version(&dir.path().join(FILE), 8);
    let connection = Connection::open(dir.path().join(FILE)).unwrap();
    connection
        .execute_batch("PRAGMA foreign_keys = OFF; DELETE FROM captures WHERE number = 1")
        .unwrap();
    drop(connection);
    let error = Store::open(dir.path()).unwrap_err();
    assert!(error.to_string().contains("refers to one of captures"), "{error}");
    // A sensor goes on with what can be salvaged.
    let Opened { mut store, incidents, .. } =
        Store::open_for_sensor(dir.path(), live::NOW).unwrap();
    assert!(
        matches!(&incidents[1], Incident::Salvaged { lost, .. } if lost.contains(&"observations".to_owned())),
        "{incidents:?}"
    );
    assert_eq!(store.restore(&key_named).unwrap().observations.len(), 1);
    assert_eq!(store.decisions().unwrap().0.entries().len(), 1);
}

#[test]
fn every_table_is_salvaged() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = Store::create(dir.path()).unwrap();
    let mut tables: Vec<String> = store
        .try_to(|connection| {
            let select =
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
            connection.prepare(select)?.query_map([], |row| row.get(0))?.collect()
        })
        .unwrap();
    let mut known = salvage::TABLES.to_vec();
    tables.sort();
    known.sort_unstable();
    assert_eq!(tables, known);
}
