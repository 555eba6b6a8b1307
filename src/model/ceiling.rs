//! How much memory there is for what the wire fills: one number, from which the caps of all tables follow.
//!
//! The caps in [`crate::model::limits`] are those of [`Ceiling::default`]. Half of the memory halves all of them that grow
//! with what is on the network: conversations, hosts, strangers, what was said already, subjects, bytes that wait to be put
//! in order. Caps of one thing (the length of a name, the values of a key, the requests of a conversation) stay as they are:
//! so what is told of a device does not depend on the ceiling, only how many devices and conversations there is room for.

/// Memory for what is remembered.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Ceiling {
    bytes: u64,
}

impl Ceiling {
    /// The least there can be. Plants of a thousand devices fit, with floods.
    pub const BYTES_MIN: u64 = 256 * MIB;
    /// What the caps as they are written down belong to. Some 100,000 devices fit.
    pub const BYTES_DEFAULT: u64 = 2_048 * MIB;
    /// More makes no larger tables: slots are numbered with 32 bits, and no sensor listens to more.
    pub const BYTES_MAX: u64 = 64 * 1_024 * MIB;

    /// So many bytes; the nearest there can be where that is too few or too many.
    pub const fn new(bytes: u64) -> Self {
        let bytes = if bytes < Self::BYTES_MIN { Self::BYTES_MIN } else { bytes };
        Self { bytes: if bytes > Self::BYTES_MAX { Self::BYTES_MAX } else { bytes } }
    }

    /// The bytes.
    pub const fn bytes(self) -> u64 {
        self.bytes
    }

    /// What is left for each of several that share it; never less than there must be.
    pub fn shared_by(self, count: usize) -> Self {
        let count = u64::try_from(count).unwrap_or(u64::MAX).max(1);
        Self::new(self.bytes.checked_div(count).unwrap_or(self.bytes))
    }

    /// How many there may be of what there may be `cap` of by default; one at least.
    pub fn of(self, cap: usize) -> usize {
        let cap = u128::try_from(cap).unwrap_or(u128::MAX);
        let by_bytes = cap.saturating_mul(u128::from(self.bytes));
        let scaled = by_bytes.checked_div(u128::from(Self::BYTES_DEFAULT)).unwrap_or(cap);
        usize::try_from(scaled).unwrap_or(usize::MAX).max(1)
    }

    /// The same for the entries of a hash table, which takes twice the memory from one more than seven eighths of a power
    /// of two on: never more than fit below.
    pub fn of_hashed(self, cap: usize) -> usize {
        let wanted = self.of(cap);
        let slots = wanted.saturating_add(1).next_power_of_two();
        let fits = |slots: usize| slots.saturating_sub(slots / HASHED_EMPTY_SHARE);
        if fits(slots) <= wanted { fits(slots) } else { fits(slots / 2) }
    }
}

impl Default for Ceiling {
    fn default() -> Self {
        Self { bytes: Self::BYTES_DEFAULT }
    }
}

const MIB: u64 = 1_024 * 1_024;
/// The part of its slots that a hash table keeps empty.
const HASHED_EMPTY_SHARE: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::limits::{FLOWS_MAX, MEMO_ENTRIES_MAX};

    #[test]
    fn the_default_is_what_the_caps_say() {
        let ceiling = Ceiling::default();
        assert_eq!(ceiling.of(FLOWS_MAX), FLOWS_MAX);
        assert_eq!(ceiling.of_hashed(MEMO_ENTRIES_MAX / 2), MEMO_ENTRIES_MAX / 2);
        assert_eq!((ceiling.of(1), Ceiling::new(0).of(1)), (1, 1));
    }

    #[test]
    fn a_half_of_the_memory_is_a_half_of_the_room() {
        let half = Ceiling::new(Ceiling::BYTES_DEFAULT / 2);
        assert_eq!(half.of(FLOWS_MAX), FLOWS_MAX / 2);
        assert_eq!(half.of_hashed(458_752), 229_376);
        assert_eq!(Ceiling::default().shared_by(2), half);
        assert_eq!(Ceiling::default().shared_by(100), Ceiling::new(Ceiling::BYTES_MIN));
    }

    #[test]
    fn a_hash_table_never_takes_more_than_its_part() {
        for mib in [256, 300, 512, 700, 1_500, 3_000, 65_536] {
            let ceiling = Ceiling::new(mib * MIB);
            let (wanted, hashed) = (ceiling.of(458_752), ceiling.of_hashed(458_752));
            assert!(hashed <= wanted && hashed > wanted / 2 - 1, "{mib}: {hashed} of {wanted}");
            assert!((hashed + hashed / 7).is_power_of_two(), "{mib}: {hashed}");
        }
    }
}
