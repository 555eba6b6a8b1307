//! A bounded table: one hash for a lookup, constant time for the rest, and a flood of newcomers that never
//! come back cannot push out those that do.
//!
//! Entries begin as *newcomers* and stay so until [`Table::settle`]. Newcomers may fill what is free, but when
//! the table is full they only compete among themselves for a quarter of it: the least recently used of them
//! goes first. The order of use is exact to within a quarter of the table: moving an entry to the front on
//! every use would cost two more cache misses per packet than finding it.
//!
//! What chains and orders are made of stands apart from keys and values, packed: a table of large values is hardly ever in
//! the caches, its links are. So finding costs one access to memory that misses, and moving, pushing out and taking
//! away cost none beside it. [`Table::hash`] and [`Table::look_ahead`] let a caller who knows several keys at once wait for
//! all of those accesses together.

use std::hash::Hash;

use ahash::RandomState;

/// See the module. Slots stay valid until their entry is removed or pushed out.
pub(crate) struct Table<K, V> {
    /// The first slot of each chain of entries whose keys hash alike; a power of two of them, more than entries.
    chains: Vec<u32>,
    hasher: RandomState,
    /// Parallel to `entries`.
    links: Vec<Link>,
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
}

/// Where an entry stands.
#[derive(Clone, Copy)]
struct Link {
    /// The low half of the hash of its key.
    hash: u32,
    /// The next entry of its chain.
    next: u32,
    older: u32,
    newer: u32,
    used: u32,
    standing: Standing,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Standing {
    Free,
    Newcomer,
    Settled,
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
            links: Vec::new(),
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

    /// The hash of a key, for [`Table::find_or_insert_hashed`].
    pub(crate) fn hash(&self, key: &K) -> u32 {
        low(self.hasher.hash_one(key))
    }

    /// Where the first entry of the chain of a hash is, if there is one: most often that of the key.
    pub(crate) fn look_ahead(&self, hash: u32) -> Option<u32> {
        let slot = *self.chains.get(place(hash, self.chains.len()))?;
        (slot != NONE).then_some(slot)
    }

    /// Looks at the links of an entry, so that they are near. What it gives means nothing.
    pub(crate) fn glance(&self, slot: u32) -> u32 {
        self.links.get(at(slot)).map_or(0, |link| link.hash)
    }

    /// The same for those before and behind it in the order of use, which change when it is moved.
    pub(crate) fn glance_around(&self, slot: u32) -> u32 {
        let Some(link) = self.links.get(at(slot)) else { return 0 };
        self.glance(link.older) ^ self.glance(link.newer)
    }

    /// Bytes that an entry takes, with its links and its share of the chains.
    #[cfg(test)]
    pub(crate) fn entry_bytes() -> usize {
        let chains = CHAINS_PER_ENTRY.saturating_mul(size_of::<u32>());
        size_of::<Entry<K, V>>().saturating_add(size_of::<Link>()).saturating_add(chains)
    }

    /// Finds the entry of a key and notes its use, or makes one.
    pub(crate) fn find_or_insert(&mut self, key: K, make: impl FnOnce() -> V) -> Found<K, V> {
        let hash = self.hash(&key);
        self.find_or_insert_hashed(key, hash, make)
    }

    /// The same, of a key whose hash is known.
    pub(crate) fn find_or_insert_hashed(
        &mut self,
        key: K,
        hash: u32,
        make: impl FnOnce() -> V,
    ) -> Found<K, V> {
        self.uses = self.uses.wrapping_add(1);
        if let Some(slot) = self.slot_of(&key, hash) {
            self.note_use(slot);
            return Found { slot, new: false, pushed_out: None };
        }
        let is_full = self.len() >= self.cap || self.newcomers.len >= self.newcomers_max;
        let pushed_out = if is_full { self.push_out() } else { None };
        let link = Link {
            hash,
            next: NONE,
            older: NONE,
            newer: NONE,
            used: self.uses,
            standing: Standing::Newcomer,
        };
        let slot = self.put(Entry { key, value: Some(make()) }, link);
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
        let slot = self.slot(key)?;
        self.get_mut(slot)
    }

    /// Where the entry of a key is, without noting a use.
    pub(crate) fn slot(&self, key: &K) -> Option<u32> {
        self.slot_of(key, self.hash(key))
    }

    /// What is in a slot.
    pub(crate) fn get(&self, slot: u32) -> Option<&V> {
        self.entries.get(at(slot))?.value.as_ref()
    }

    /// The entry in a slot, to look at.
    pub(crate) fn entry(&self, slot: u32) -> Option<(&K, &V)> {
        let entry = self.entries.get(at(slot))?;
        entry.value.as_ref().map(|value| (&entry.key, value))
    }

    /// The entry in a slot.
    pub(crate) fn get_mut(&mut self, slot: u32) -> Option<(&K, &mut V)> {
        let entry = self.entries.get_mut(at(slot))?;
        entry.value.as_mut().map(|value| (&entry.key, value))
    }

    /// Notes that an entry has shown to be no passer-by.
    pub(crate) fn settle(&mut self, slot: u32) {
        if self.standing(slot) == Standing::Newcomer {
            self.unlink(slot);
            if let Some(link) = self.links.get_mut(at(slot)) {
                link.standing = Standing::Settled;
            }
            self.link(slot);
        }
    }

    /// Takes an entry out.
    pub(crate) fn remove(&mut self, slot: u32) -> Option<(K, V)> {
        if self.standing(slot) == Standing::Free {
            return None;
        }
        self.unlink(slot);
        self.unchain(slot);
        if let Some(link) = self.links.get_mut(at(slot)) {
            link.standing = Standing::Free;
        }
        self.free.push(slot);
        let Entry { key, value } = self.entries.get_mut(at(slot))?;
        Some((*key, value.take()?))
    }

    /// The least recently used entries, a newcomer and a settled one.
    pub(crate) fn oldest(&self) -> [Option<u32>; 2] {
        [self.newcomers, self.settled].map(|order| (order.oldest != NONE).then_some(order.oldest))
    }

    /// Moves an entry to the most recently used end now.
    pub(crate) fn refresh(&mut self, slot: u32) {
        if self.standing(slot) != Standing::Free {
            self.unlink(slot);
            let uses = self.uses;
            if let Some(link) = self.links.get_mut(at(slot)) {
                link.used = uses;
            }
            self.link(slot);
        }
    }

    fn standing(&self, slot: u32) -> Standing {
        self.links.get(at(slot)).map_or(Standing::Free, |link| link.standing)
    }

    /// Puts an entry where there is room.
    fn put(&mut self, entry: Entry<K, V>, link: Link) -> u32 {
        let slot = self.free.pop().unwrap_or(self.slots());
        let places = (self.links.get_mut(at(slot)), self.entries.get_mut(at(slot)));
        if let (Some(known), Some(place)) = places {
            (*known, *place) = (link, entry);
        } else {
            self.links.push(link);
            self.entries.push(entry);
        }
        slot
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
        if self.links.get(at(slot)).is_some_and(|link| uses.wrapping_sub(link.used) > age_max) {
            self.refresh(slot);
        }
    }

    fn slot_of(&self, key: &K, hash: u32) -> Option<u32> {
        let mut slot = *self.chains.get(place(hash, self.chains.len()))?;
        loop {
            let link = self.links.get(at(slot))?;
            if link.hash == hash && self.entries.get(at(slot))?.key == *key {
                return Some(slot);
            }
            slot = link.next;
        }
    }

    /// Puts an entry in front of its chain. When there are too few chains, there are twice as many after.
    fn chain(&mut self, slot: u32, hash: u32) {
        let wanted = self.entries.len().saturating_mul(CHAINS_PER_ENTRY);
        if wanted > self.chains.len() {
            let length = wanted.max(CHAINS_MIN).next_power_of_two();
            self.chains.clear();
            self.chains.resize(length, NONE);
            let Self { links, chains, .. } = self;
            for (slot, link) in (0_u32..).zip(links) {
                let first = chains.get_mut(place(link.hash, length));
                if let Some(first) = first.filter(|_| link.standing != Standing::Free) {
                    link.next = std::mem::replace(first, slot);
                }
            }
            return;
        }
        let chain = place(hash, self.chains.len());
        if let (Some(first), Some(link)) =
            (self.chains.get_mut(chain), self.links.get_mut(at(slot)))
        {
            link.next = std::mem::replace(first, slot);
        }
    }

    fn unchain(&mut self, slot: u32) {
        let Some(Link { next, hash, .. }) = self.links.get(at(slot)).copied() else { return };
        let chain = place(hash, self.chains.len());
        let Some(first) = self.chains.get_mut(chain) else { return };
        if *first == slot {
            *first = next;
            return;
        }
        let mut before = *first;
        while let Some(link) = self.links.get_mut(at(before)) {
            if link.next == slot {
                link.next = next;
                return;
            }
            before = link.next;
        }
    }

    fn order(&mut self, standing: Standing) -> &mut Order {
        if standing == Standing::Settled { &mut self.settled } else { &mut self.newcomers }
    }

    fn link(&mut self, slot: u32) {
        let order = self.order(self.standing(slot));
        let before = std::mem::replace(&mut order.newest, slot);
        if before == NONE {
            order.oldest = slot;
        }
        order.len = order.len.saturating_add(1);
        if let Some(link) = self.links.get_mut(at(before)) {
            link.newer = slot;
        }
        if let Some(link) = self.links.get_mut(at(slot)) {
            (link.older, link.newer) = (before, NONE);
        }
    }

    fn unlink(&mut self, slot: u32) {
        let Some(Link { standing, older, newer, .. }) = self.links.get(at(slot)).copied() else {
            return;
        };
        match self.links.get_mut(at(older)) {
            Some(link) => link.newer = newer,
            None => self.order(standing).oldest = newer,
        }
        match self.links.get_mut(at(newer)) {
            Some(link) => link.older = older,
            None => self.order(standing).newest = older,
        }
        let order = self.order(standing);
        order.len = order.len.saturating_sub(1);
    }
}

impl Order {
    const EMPTY: Self = Self { oldest: NONE, newest: NONE, len: 0 };
}

/// The chain of a hash; `chains` is a power of two.
fn place(hash: u32, chains: usize) -> usize {
    at(hash) & chains.saturating_sub(1)
}

fn low(hash: u64) -> u32 {
    u32::try_from(hash & u64::from(u32::MAX)).unwrap_or(0)
}

/// A slot as an index.
fn at(slot: u32) -> usize {
    usize::try_from(slot).unwrap_or(usize::MAX)
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
mod tests;
