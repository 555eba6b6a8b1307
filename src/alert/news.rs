//! That there is something new: told to all threads that wait for it.

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use crate::alert::lock;

/// A bell that many threads hear. Clones are the same bell.
#[derive(Clone, Debug, Default)]
pub struct News(Arc<(Mutex<u64>, Condvar)>);

impl News {
    /// A bell that never rang.
    pub fn new() -> Self {
        Self::default()
    }

    /// Tells all who wait.
    pub fn ring(&self) {
        let (count, bell) = &*self.0;
        let mut count = lock(count);
        *count = count.wrapping_add(1);
        bell.notify_all();
    }

    /// How often it rang; to be passed to `wait`, so that nothing is missed between looking and waiting.
    pub fn heard(&self) -> u64 {
        *lock(&self.0.0)
    }

    /// Waits until it has rung since `heard`, or for so long.
    pub fn wait(&self, heard: u64, most: Duration) {
        let (count, bell) = &*self.0;
        // What woke it does not matter: whoever waits looks for himself.
        drop(bell.wait_timeout_while(lock(count), most, |count| *count == heard));
    }
}
