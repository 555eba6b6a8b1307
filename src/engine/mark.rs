//! What the engine remembers things by: keyed hashes, made in one pass over what is hashed.

use std::hash::{BuildHasherDefault, Hash, Hasher};

/// A keyed hash. Among two million things one more is taken for another once in ten million million times.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Mark(pub(super) u64);

impl Hash for Mark {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0);
    }
}

/// For tables whose keys are [`Mark`]s.
pub(super) type Marked = BuildHasherDefault<Ready>;

/// Takes a key that is a keyed hash already as it is.
#[derive(Default)]
pub(super) struct Ready(u64);

impl Hasher for Ready {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

/// Makes marks, of two halves: both are made by multiplying and folding, each with a key of its own, side by side. A processor
/// does the one while it waits for the other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Marker {
    keys: [u64; 2],
}

impl Marker {
    pub(super) fn new(seed: u64) -> Self {
        let keys = [KEY_ONE, KEY_OTHER].map(|key| folded(seed ^ key, key.rotate_left(23)) | 1);
        Self { keys }
    }

    /// The mark of anything.
    pub(super) fn mark(&self, what: impl Hash) -> Mark {
        let [one, other] = self.keys;
        let mut hasher = Marking { halves: [other, one], keys: self.keys };
        what.hash(&mut hasher);
        let [one, other] = hasher.halves;
        Mark(one.rotate_left(29) ^ other)
    }
}

struct Marking {
    halves: [u64; 2],
    keys: [u64; 2],
}

impl Hasher for Marking {
    fn finish(&self) -> u64 {
        let [one, _] = self.halves;
        one
    }

    /// The length goes in with the last bytes, so that what ends in zeroes differs from what ends before them.
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.write_u64(u64::from_le_bytes(*word));
        }
        let mut last = [0; 8];
        last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        self.write_u64(u64::from_le_bytes(last));
        self.write_u64(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
    }

    fn write_u8(&mut self, number: u8) {
        self.write_u64(number.into());
    }

    fn write_u16(&mut self, number: u16) {
        self.write_u64(number.into());
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(number.into());
    }

    fn write_u64(&mut self, number: u64) {
        let Self { halves: [one, other], keys: [key_one, key_other] } = self;
        *one = folded(*one ^ number, *key_one);
        *other = folded(*other ^ number, *key_other);
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(u64::try_from(number).unwrap_or(u64::MAX));
    }

    fn write_isize(&mut self, number: isize) {
        self.write_u64(u64::try_from(number).unwrap_or(u64::MAX));
    }
}

/// Both halves of a product.
fn folded(first: u64, second: u64) -> u64 {
    let product = u128::from(first).wrapping_mul(u128::from(second));
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = product.to_le_bytes();
    u64::from_le_bytes([a, b, c, d, e, f, g, h]) ^ u64::from_le_bytes([i, j, k, l, m, n, o, p])
}

const KEY_ONE: u64 = 0x9e37_79b9_7f4a_7c15;
const KEY_OTHER: u64 = 0xc2b2_ae3d_27d4_eb4f;

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn what_differs_has_another_mark() {
        let marker = Marker::new(7);
        let mut marks = BTreeSet::new();
        let mut count = 0;
        for length in 0..40_usize {
            for flipped in 0..=length {
                let mut text = vec![0_u8; length];
                if let Some(byte) = text.get_mut(flipped) {
                    *byte = 1;
                }
                marks.insert(marker.mark(("key", &text[..], None::<u64>)).0);
                count += 1;
            }
        }
        assert_eq!(marks.len(), count);
    }

    #[test]
    fn marks_depend_on_the_seed() {
        assert_ne!(Marker::new(1).mark("text"), Marker::new(2).mark("text"));
    }

    #[test]
    fn marks_of_numbers_in_a_row_fill_a_table_evenly() {
        let marker = Marker::new(0);
        let mut buckets = vec![0_u32; 256];
        for number in 0..65_536_u64 {
            let Mark(mark) = marker.mark(number);
            for bits in [mark & 0xff, mark >> 56] {
                buckets[usize::try_from(bits).unwrap()] += 1;
            }
        }
        assert!(buckets.iter().all(|count| (400..=624).contains(count)), "{buckets:?}");
    }
}
