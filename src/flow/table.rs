//! A bounded table: one hash for a lookup, constant time for the rest, and a flood of newcomers that never
//! come back cannot push out those that do.
//!
//! Entries begin as *newcomers* and stay so until [`Table::settle`]. Newcomers may fill what is free, but when
//! the table is full they only compete among themselves for a quarter of it: the least recently used of them
//! goes first. The order of use is exact to within a quarter of the table: moving an entry to the front on
//! every use would cost two more cache misses per packet than finding it.
//!
//! The index holds slots and no keys: an entry's own key is compared, in the cache line that is wanted next anyway.

use std::hash::Hash;

use ahash::RandomState;

/// See the module. Slots stay valid until their entry is removed or pushed out.
pub(crate) struct Table<K, V> {
    /// The first slot of each chain of entries whose keys hash alike; a power of two of them, more than entries.
    chains: Vec<u32>,
    hasher: RandomState,
    entries: Vec<Entry<K, V>>,
    free: Vec<u32>,
    newcomers: Order,
    settled: Order,
    cap: usize,
    /// Newcomers that the settled leave room for when the table is full.
    newcomers_kept: usize,
    /// Newcomers there can be, even when there is more room.
    newcomers_max: usize,
    uses: u32,
    pushed_out: u64,
}

/// What [`Table::find_or_insert`] did.
pub(crate) struct Found<K, V> {
    /// Where the entry is.
    pub(crate) slot: u32,
    /// True when it was not there before.
    pub(crate) new: bool,
    /// The entry that had to go for it.
    pub(crate) pushed_out: Option<(K, V)>,
}

struct Entry<K, V> {
    key: K,
    value: Option<V>,
    older: u32,
    newer: u32,
    used: u32,
    /// The next entry of its chain.
    next: u32,
    settled: bool,
}

/// A doubly linked list through the entries, from the least to the most recently used.
#[derive(Clone, Copy)]
struct Order {
    oldest: u32,
    newest: u32,
    len: usize,
}

impl<K: Copy + Eq + Hash, V> Table<K, V> {
    /// A table of at most `cap` entries, whose hash is keyed by `seed`.
    pub(crate) fn new(cap: usize, seed: u64) -> Self {
        Self::with_newcomers(cap, cap / NEWCOMERS_SHARE, cap, seed)
    }

    /// The same, where newcomers are never more than `newcomers_max`, and the first to go as long as there are more
    /// than `newcomers_kept` of them.
    pub(crate) fn with_newcomers(
        cap: usize,
        newcomers_kept: usize,
        newcomers_max: usize,
        seed: u64,
    ) -> Self {
        Self {
            chains: Vec::new(),
            hasher: RandomState::with_seeds(seed, !seed, seed.rotate_left(32), SEED),
            entries: Vec::new(),
            free: Vec::new(),
            newcomers: Order::EMPTY,
            settled: Order::EMPTY,
            cap: cap.max(1),
            newcomers_kept,
            newcomers_max: newcomers_max.max(1),
            uses: 0,
            pushed_out: 0,
        }
    }

    /// How many entries there are.
    pub(crate) fn len(&self) -> usize {
        self.newcomers.len.saturating_add(self.settled.len)
    }

    /// How many there can be.
    pub(crate) fn cap(&self) -> usize {
        self.cap
    }

    /// How many had to go for others.
    pub(crate) fn pushed_out(&self) -> u64 {
        self.pushed_out
    }

    /// Slots that were ever used: every entry is below.
    pub(crate) fn slots(&self) -> u32 {
        u32::try_from(self.entries.len()).unwrap_or(NONE)
    }

    /// Finds the entry of a key and notes its use, or makes one.
    pub(crate) fn find_or_insert(&mut self, key: K, make: impl FnOnce() -> V) -> Found<K, V> {
        self.uses = self.uses.wrapping_add(1);
        let hash = self.hasher.hash_one(key);
        if let Some(slot) = self.slot_of(&key, hash) {
            self.note_use(slot);
            return Found { slot, new: false, pushed_out: None };
        }
        let is_full = self.len() >= self.cap || self.newcomers.len >= self.newcomers_max;
        let pushed_out = if is_full { self.push_out() } else { None };
        let entry = Entry {
            key,
            value: Some(make()),
            older: NONE,
            newer: NONE,
            used: self.uses,
            next: NONE,
            settled: false,
        };
        let slot = match self.free.pop() {
            Some(slot) => {
                if let Some(place) = self.entry(slot) {
                    *place = entry;
                }
                slot
            }
            None => {
                let slot = self.slots();
                self.entries.push(entry);
                slot
            }
        };
        self.chain(slot, hash);
        self.link(slot);
        Found { slot, new: true, pushed_out }
    }

    /// All entries, in the order of their slots.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.entries.iter().filter_map(|entry| Some((&entry.key, entry.value.as_ref()?)))
    }

    /// The entry of a key, without noting a use.
    pub(crate) fn find(&mut self, key: &K) -> Option<(&K, &mut V)> {
        let slot = self.slot_of(key, self.hasher.hash_one(key))?;
        self.get_mut(slot)
    }

    /// Where the entry of a key is, without noting a use.
    pub(crate) fn slot(&self, key: &K) -> Option<u32> {
        self.slot_of(key, self.hasher.hash_one(key))
    }

    /// What is in a slot.
    pub(crate) fn get(&self, slot: u32) -> Option<&V> {
        usize::try_from(slot).ok().and_then(|slot| self.entries.get(slot)?.value.as_ref())
    }

    /// The entry in a slot.
    pub(crate) fn get_mut(&mut self, slot: u32) -> Option<(&K, &mut V)> {
        let entry = self.entry(slot)?;
        entry.value.as_mut().map(|value| (&entry.key, value))
    }

    /// Notes that an entry has shown to be no passer-by.
    pub(crate) fn settle(&mut self, slot: u32) {
        if self.entry(slot).is_some_and(|entry| !entry.settled && entry.value.is_some()) {
            self.unlink(slot);
            if let Some(entry) = self.entry(slot) {
                entry.settled = true;
            }
            self.link(slot);
        }
    }

    /// Takes an entry out.
    pub(crate) fn remove(&mut self, slot: u32) -> Option<(K, V)> {
        let key = self.entry(slot).filter(|entry| entry.value.is_some())?.key;
        self.unlink(slot);
        self.unchain(slot, &key);
        self.free.push(slot);
        let value = self.entry(slot)?.value.take()?;
        Some((key, value))
    }

    /// The least recently used entries, a newcomer and a settled one.
    pub(crate) fn oldest(&self) -> [Option<u32>; 2] {
        [self.newcomers, self.settled].map(|order| (order.oldest != NONE).then_some(order.oldest))
    }

    /// Moves an entry to the most recently used end now.
    pub(crate) fn refresh(&mut self, slot: u32) {
        if self.entry(slot).is_some_and(|entry| entry.value.is_some()) {
            self.unlink(slot);
            let uses = self.uses;
            if let Some(entry) = self.entry(slot) {
                entry.used = uses;
            }
            self.link(slot);
        }
    }

    fn push_out(&mut self) -> Option<(K, V)> {
        let too_many =
            self.newcomers.len > self.newcomers_kept || self.newcomers.len >= self.newcomers_max;
        let order = if too_many || self.settled.len == 0 { &self.newcomers } else { &self.settled };
        self.pushed_out = self.pushed_out.saturating_add(1);
        self.remove(order.oldest)
    }

    fn note_use(&mut self, slot: u32) {
        let age_max = u32::try_from(self.newcomers_max / NEWCOMERS_SHARE).unwrap_or(u32::MAX);
        let uses = self.uses;
        if self.entry(slot).is_some_and(|entry| uses.wrapping_sub(entry.used) > age_max) {
            self.refresh(slot);
        }
    }

    fn slot_of(&self, key: &K, hash: u64) -> Option<u32> {
        let mut slot = *self.chains.get(place(hash, self.chains.len()))?;
        loop {
            let entry = usize::try_from(slot).ok().and_then(|slot| self.entries.get(slot))?;
            if entry.key == *key {
                return Some(slot);
            }
            slot = entry.next;
        }
    }

    /// Puts an entry in front of its chain. When there are too few chains, there are twice as many after.
    fn chain(&mut self, slot: u32, hash: u64) {
        let wanted = self.entries.len().saturating_mul(CHAINS_PER_ENTRY);
        if wanted > self.chains.len() {
            let chains = wanted.max(CHAINS_MIN).next_power_of_two();
            self.chains.clear();
            self.chains.resize(chains, NONE);
            let Self { entries, chains, hasher, .. } = self;
            for (slot, entry) in (0_u32..).zip(entries).filter(|(_, entry)| entry.value.is_some()) {
                let at = place(hasher.hash_one(entry.key), chains.len());
                if let Some(first) = chains.get_mut(at) {
                    entry.next = std::mem::replace(first, slot);
                }
            }
            return;
        }
        let at = place(hash, self.chains.len());
        if let Some(first) = self.chains.get_mut(at) {
            let next = std::mem::replace(first, slot);
            if let Some(entry) = self.entry(slot) {
                entry.next = next;
            }
        }
    }

    fn unchain(&mut self, slot: u32, key: &K) {
        let Some(next) = self.entry(slot).map(|entry| entry.next) else { return };
        let at = place(self.hasher.hash_one(key), self.chains.len());
        let Some(first) = self.chains.get_mut(at) else { return };
        if *first == slot {
            *first = next;
            return;
        }
        let mut before = *first;
        while let Some(entry) = self.entry(before) {
            if entry.next == slot {
                entry.next = next;
                return;
            }
            before = entry.next;
        }
    }

    fn entry(&mut self, slot: u32) -> Option<&mut Entry<K, V>> {
        usize::try_from(slot).ok().and_then(|slot| self.entries.get_mut(slot))
    }

    fn order(&mut self, settled: bool) -> &mut Order {
        if settled { &mut self.settled } else { &mut self.newcomers }
    }

    fn link(&mut self, slot: u32) {
        let Some(settled) = self.entry(slot).map(|entry| entry.settled) else { return };
        let order = self.order(settled);
        let before = std::mem::replace(&mut order.newest, slot);
        if before == NONE {
            order.oldest = slot;
        }
        order.len = order.len.saturating_add(1);
        if let Some(entry) = self.entry(before) {
            entry.newer = slot;
        }
        if let Some(entry) = self.entry(slot) {
            (entry.older, entry.newer) = (before, NONE);
        }
    }

    fn unlink(&mut self, slot: u32) {
        let Some((settled, older, newer)) =
            self.entry(slot).map(|entry| (entry.settled, entry.older, entry.newer))
        else {
            return;
        };
        match self.entry(older) {
            Some(entry) => entry.newer = newer,
            None => self.order(settled).oldest = newer,
        }
        match self.entry(newer) {
            Some(entry) => entry.older = older,
            None => self.order(settled).newest = older,
        }
        let order = self.order(settled);
        order.len = order.len.saturating_sub(1);
    }
}

impl Order {
    const EMPTY: Self = Self { oldest: NONE, newest: NONE, len: 0 };
}

/// The chain of a hash; `chains` is a power of two.
fn place(hash: u64, chains: usize) -> usize {
    let low = u32::try_from(hash & u64::from(u32::MAX)).unwrap_or(0);
    usize::try_from(low).unwrap_or(0) & chains.saturating_sub(1)
}

/// No slot. As an index it is behind every entry.
const NONE: u32 = u32::MAX;
/// Newcomers keep this part of a full table: enough that a conversation lives from its first packet to its
/// second under any flood that is not faster than all real traffic together.
const NEWCOMERS_SHARE: usize = 4;
/// Chains for each entry, or more: nine of ten look-ups then compare one key. They cost 16 to 32 bytes an entry.
const CHAINS_PER_ENTRY: usize = 4;
/// Chains of a table that is hardly used.
const CHAINS_MIN: usize = 64;
const SEED: u64 = 0x6e61_6d65_706c_6174;

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::as_conversions)]
mod tests {
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
}
