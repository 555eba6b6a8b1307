//! Jobs whose answer is awaited: an answer repeats the function, but not what it was about.

use std::collections::VecDeque;

use crate::model::Node;
use crate::model::limits::S7_JOBS_MAX;

/// One job.
#[derive(Debug)]
pub(super) struct Job {
    /// Who asked.
    pub(super) by: Node,
    /// Reference of the PDU, repeated in the answer.
    pub(super) reference: u16,
    /// Code of the function.
    pub(super) function: u8,
    /// The block that it is about, or the service wanted.
    pub(super) about: Box<str>,
}

/// The latest of them.
#[derive(Debug, Default)]
pub(super) struct Jobs {
    waiting: VecDeque<Job>,
}

impl Jobs {
    /// Looks at the oldest; see [`Dissector::glance`](crate::protocols::Dissector::glance).
    pub(super) fn glance(&self) -> usize {
        self.waiting.front().map_or(0, |job| job.reference.into())
    }

    /// Takes a job. The oldest is forgotten when there are too many.
    pub(super) fn asked(&mut self, job: Job) {
        self.waiting.retain(|other| (other.by, other.reference) != (job.by, job.reference));
        if self.waiting.len() >= S7_JOBS_MAX {
            self.waiting.pop_front();
        }
        self.waiting.push_back(job);
    }

    /// The job that `by` asked for under this reference.
    pub(super) fn answered(&mut self, by: Node, reference: u16) -> Option<Job> {
        let at = self.waiting.iter().position(|job| (job.by, job.reference) == (by, reference))?;
        self.waiting.remove(at)
    }

    /// Forgets all: answers may be missing from the capture.
    pub(super) fn forget(&mut self) {
        self.waiting.clear();
    }
}
