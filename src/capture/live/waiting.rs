//! Waiting for a descriptor to become readable: with an end, and with a way for another thread to end it at once.

use std::io;
use std::os::fd::RawFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token, Waker};

/// What a thread waits with.
pub(super) struct Waiting {
    poll: Poll,
    events: Events,
    breaker: Breaker,
}

/// Ends the waiting of a capture, from any thread.
#[derive(Clone, Debug)]
pub struct Breaker {
    waker: Arc<Waker>,
    stopped: Arc<AtomicBool>,
}

impl Breaker {
    /// Ends it now and for good: from here on the capture takes what is there, and waits for nothing.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
        // A waiter that cannot be woken looks at the flag when its time is over.
        let _ = self.waker.wake();
    }
}

impl Waiting {
    pub(super) fn new() -> io::Result<Self> {
        let poll = Poll::new()?;
        let waker = Arc::new(Waker::new(poll.registry(), STOP)?);
        let breaker = Breaker { waker, stopped: Arc::default() };
        Ok(Self { poll, events: Events::with_capacity(EVENTS), breaker })
    }

    /// Wakes when something new can be read from a descriptor: whoever waits has read all that was there.
    pub(super) fn watch(&self, descriptor: RawFd) -> io::Result<()> {
        self.poll.registry().register(&mut SourceFd(&descriptor), FRAMES, Interest::READABLE)
    }

    /// Forgets a descriptor, before it is closed.
    pub(super) fn forget(&self, descriptor: RawFd) {
        // One that is not known is forgotten already.
        let _ = self.poll.registry().deregister(&mut SourceFd(&descriptor));
    }

    /// Waits this long at most. May end early for no reason.
    pub(super) fn wait(&mut self, most: Duration) -> io::Result<()> {
        match self.poll.poll(&mut self.events, Some(most)) {
            Err(failure) if failure.kind() != io::ErrorKind::Interrupted => Err(failure),
            _ => Ok(()),
        }
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.breaker.stopped.load(Ordering::Relaxed)
    }

    pub(super) fn breaker(&self) -> Breaker {
        self.breaker.clone()
    }
}

const FRAMES: Token = Token(0);
const STOP: Token = Token(1);

/// One descriptor, and the waker.
const EVENTS: usize = 4;
