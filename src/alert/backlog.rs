//! Where notices are read from: numbered rows that somebody keeps.

use std::sync::{Arc, Mutex};

use crate::alert::lock;
use crate::model::Notice;

/// Notices that are kept, by number. Numbers grow by one from one notice to the next; the oldest may be gone.
pub trait Backlog: Send {
    /// Those with a number above `number`, in their order, at most so many.
    ///
    /// # Errors
    ///
    /// When they cannot be read now.
    fn after(&mut self, number: u64, most: usize) -> Result<Vec<Notice>, BacklogError>;

    /// The numbers of the oldest and the newest one that are kept; `None` when there is none.
    ///
    /// # Errors
    ///
    /// When they cannot be read now.
    fn range(&mut self) -> Result<Option<(u64, u64)>, BacklogError>;
}

/// Why notices cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read notices of {what}: {cause}")]
pub struct BacklogError {
    /// Where they are kept.
    pub what: String,
    /// What went wrong, and what helps.
    pub cause: String,
}

/// Notices kept in memory. Clones are the same notices.
#[derive(Clone, Debug, Default)]
pub struct Kept(Arc<Mutex<(u64, Vec<Notice>)>>);

impl Kept {
    /// Keeps one more, and numbers it.
    pub fn add(&self, mut notice: Notice) -> u64 {
        let (last, notices) = &mut *lock(&self.0);
        *last = last.saturating_add(1);
        notice.number = *last;
        notices.push(notice);
        *last
    }

    /// Forgets those up to a number, as retention does.
    pub fn forget(&self, number: u64) {
        lock(&self.0).1.retain(|notice| notice.number > number);
    }

    /// Forgets all of them and numbers from one again, as a store that was made anew does.
    pub fn begin_anew(&self) {
        *lock(&self.0) = (0, Vec::new());
    }
}

impl Backlog for Kept {
    fn after(&mut self, number: u64, most: usize) -> Result<Vec<Notice>, BacklogError> {
        let (_, notices) = &*lock(&self.0);
        let from = notices.partition_point(|notice| notice.number <= number);
        Ok(notices.iter().skip(from).take(most).cloned().collect())
    }

    fn range(&mut self) -> Result<Option<(u64, u64)>, BacklogError> {
        let (_, notices) = &*lock(&self.0);
        Ok(notices.first().zip(notices.last()).map(|(first, last)| (first.number, last.number)))
    }
}
