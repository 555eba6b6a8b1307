use super::*;

fn put(table: &mut Table<u32, u32>, key: u32) -> Found<u32, u32> {
    table.find_or_insert(key, || key * 10)
}

#[test]
fn a_full_table_forgets_the_least_recently_used() {
    let mut table = Table::new(4, 7);
    for key in 0..4 {
        put(&mut table, key);
    }
    for _ in 0..3 {
        assert!(!put(&mut table, 0).new);
    }
    assert_eq!(put(&mut table, 9).pushed_out, Some((1, 10)));
    assert_eq!((table.len(), table.pushed_out()), (4, 1));
}

#[test]
fn a_flood_of_newcomers_leaves_the_settled_alone() {
    let mut table = Table::new(64, 7);
    for key in 0..40 {
        let slot = put(&mut table, key).slot;
        table.settle(slot);
    }
    for key in 1_000..100_000 {
        put(&mut table, key);
    }
    assert!((0..40).all(|key| !put(&mut table, key).new));
    assert_eq!(table.len(), 64);
}

#[test]
fn newcomers_still_find_room_among_the_settled() {
    let mut table = Table::new(64, 7);
    for key in 0..64 {
        let slot = put(&mut table, key).slot;
        table.settle(slot);
    }
    for key in 100..110 {
        put(&mut table, key);
    }
    assert!((100..110).all(|key| !put(&mut table, key).new));
    assert!(put(&mut table, 0).new, "the oldest settled entry made room");
}

#[test]
fn removed_slots_are_used_again() {
    let mut table = Table::new(8, 7);
    for round in 0..1_000 {
        let slot = put(&mut table, round).slot;
        assert_eq!(
            table.get_mut(slot).map(|(key, value)| (*key, *value)),
            Some((round, round * 10))
        );
        assert_eq!(table.remove(slot), Some((round, round * 10)));
        assert_eq!(table.remove(slot), None);
    }
    assert_eq!((table.len(), table.slots()), (0, 1));
    assert_eq!(table.oldest(), [None, None]);
}

#[test]
fn newcomers_are_never_more_than_allowed_and_go_before_the_settled() {
    let mut table = Table::with_newcomers(64, 4, 16, 7);
    for key in 0..40 {
        let slot = put(&mut table, key).slot;
        table.settle(slot);
    }
    for key in 1_000..2_000 {
        put(&mut table, key);
    }
    assert_eq!(table.len(), 40 + 16);
    for key in 100..160 {
        let slot = put(&mut table, key).slot;
        table.settle(slot);
    }
    assert_eq!(table.len(), 64);
    assert_eq!(table.iter().filter(|(key, _)| **key >= 1_000).count(), 4);
}

#[test]
fn finds_what_is_there_and_nothing_else_under_any_mix_of_calls() {
    let mut table = Table::new(4_000, 5);
    let mut model = std::collections::HashMap::new();
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    for _ in 0..50_000 {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        let key = (seed >> 40) as u32 % 5_000;
        if seed.is_multiple_of(3) {
            if let Some(slot) = model.remove(&key) {
                assert_eq!(table.remove(slot), Some((key, key * 10)));
            }
        } else if model.len() < 4_000 || model.contains_key(&key) {
            let found = put(&mut table, key);
            assert_eq!(found.new, model.insert(key, found.slot).is_none());
        }
        assert_eq!(table.find(&key).map(|(key, _)| *key), model.get(&key).map(|_| key));
    }
    assert_eq!(table.len(), model.len());
}

#[test]
fn keeps_count_under_any_mix_of_calls() {
    let mut table = Table::new(16, 3);
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    for _ in 0..20_000 {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        let slot = (seed >> 20) as u32 % 20;
        match seed % 4 {
            0 => drop(table.remove(slot)),
            1 => table.settle(slot),
            _ => drop(put(&mut table, (seed >> 40) as u32 % 50)),
        }
        let held = (0..table.slots()).filter(|slot| table.get_mut(*slot).is_some()).count();
        assert_eq!(held, table.len());
        assert!(held <= 16);
    }
}
