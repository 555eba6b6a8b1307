//! Honest counting: everything seen, skipped, damaged and dropped.

/// Named counts. Names are `place.what`, for example `stream.gaps`; a name is listed from its first use on.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Counters {
    /// In order of their names, each once.
    counts: Vec<(&'static str, u64)>,
}

impl Counters {
    /// Adds one.
    pub fn one(&mut self, name: &'static str) {
        self.add(name, 1);
    }

    /// Adds `count`; stays at the highest number instead of wrapping.
    pub fn add(&mut self, name: &'static str, count: u64) {
        // Packets count: most often the very text that was counted before, known by where it stands in memory.
        let same = self.counts.iter_mut().find(|(known, _)| std::ptr::eq(*known, name));
        if let Some((_, total)) = same {
            *total = total.saturating_add(count);
            return;
        }
        match self.place(name) {
            Ok(at) => {
                if let Some((_, total)) = self.counts.get_mut(at) {
                    *total = total.saturating_add(count);
                }
            }
            Err(at) => self.counts.insert(at, (name, count)),
        }
    }

    /// The count so far; zero for a name never used.
    pub fn count(&self, name: &str) -> u64 {
        let known = self.place(name).ok().and_then(|at| self.counts.get(at));
        known.map_or(0, |(_, count)| *count)
    }

    /// Adds all counts of `other`.
    pub fn merge(&mut self, other: &Self) {
        other.iter().for_each(|(name, count)| self.add(name, count));
    }

    /// All counts in order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        self.counts.iter().copied()
    }

    /// Where a name stands, or would.
    fn place(&self, name: &str) -> Result<usize, usize> {
        self.counts.binary_search_by(|(known, _)| (*known).cmp(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_counted_by_what_they_say_and_listed_in_order() {
        let mut counters = Counters::default();
        let elsewhere: &'static str = Box::leak("b.two".to_owned().into_boxed_str());
        for name in ["b.two", "a.one", elsewhere, "c.three", "a.one"] {
            counters.one(name);
        }
        let all: Vec<_> = counters.iter().collect();
        assert_eq!(all, [("a.one", 2), ("b.two", 2), ("c.three", 1)]);
        assert_eq!((counters.count("b.two"), counters.count("d.four")), (2, 0));
        counters.add("a.one", u64::MAX);
        assert_eq!(counters.count("a.one"), u64::MAX);
    }
}
