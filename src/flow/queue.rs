//! Slots of a table in the order in which they came, each once.

use std::collections::VecDeque;

/// See the module.
#[derive(Default)]
pub(super) struct Queue {
    slots: VecDeque<u32>,
    /// By slot, whether it is among them.
    is_in: Vec<bool>,
}

impl Queue {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    /// Adds a slot of a table of `cap` slots to the end, if it is not there yet.
    pub(super) fn push(&mut self, slot: u32, cap: usize) {
        let at = usize::try_from(slot).unwrap_or(usize::MAX);
        if self.is_in.len() <= at && at < cap {
            self.is_in.resize(at.saturating_add(1), false);
        }
        if let Some(is_in) = self.is_in.get_mut(at)
            && !std::mem::replace(is_in, true)
        {
            self.slots.push_back(slot);
        }
    }

    /// Takes the first one out.
    pub(super) fn pop(&mut self) -> Option<u32> {
        let slot = self.slots.pop_front()?;
        let at = usize::try_from(slot).unwrap_or(usize::MAX);
        if let Some(is_in) = self.is_in.get_mut(at) {
            *is_in = false;
        }
        Some(slot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_come_out_as_they_went_in_each_once() {
        let mut queue = Queue::default();
        for slot in [3, 1, 3, 9, 1, 2] {
            queue.push(slot, 4);
        }
        assert_eq!(queue.len(), 3, "there is no slot 9");
        assert_eq!(queue.pop(), Some(3));
        queue.push(3, 4);
        let rest: Vec<u32> = std::iter::from_fn(|| queue.pop()).collect();
        assert_eq!(rest, [1, 2, 3]);
    }
}
