//! All outputs of a process: started together, asked how they are, stopped in order.

use std::collections::BTreeSet;
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::alert::news::News;
use crate::alert::plan::Plan;
use crate::alert::settings::{OutputSettings, SettingsError};
use crate::alert::worker::{Pace, Shared, Worker};
use crate::alert::{Backlog, BacklogError, lock, now};
use crate::model::OutputHealth;
use crate::model::limits::OUTPUTS_MAX;

/// Opens the backlog: once for each output, in its thread, and again after an error.
pub type Open = Arc<dyn Fn() -> Result<Box<dyn Backlog>, BacklogError> + Send + Sync>;

/// Why outputs could not be started.
#[derive(Debug, thiserror::Error)]
pub enum OutputsError {
    /// What was configured.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// Too many.
    #[error("{count} outputs are configured, and there may be {OUTPUTS_MAX} at most")]
    TooMany {
        /// How many.
        count: usize,
    },
    /// Two of the same name would share the file that tells how far they are.
    #[error("two outputs are called {name}: give one of them another name")]
    SameName {
        /// That name.
        name: String,
    },
    /// The directory in which they keep how far they are.
    #[error("cannot use {}, in which outputs keep how far they are: {source}", path.display())]
    Folder {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Somebody else works there.
    #[error("another process sends already what {} is about; stop that one first", path.display())]
    Busy {
        /// The directory.
        path: PathBuf,
    },
    /// The system gave no thread.
    #[error("cannot start a thread for output {name}: {source}")]
    Thread {
        /// The output.
        name: String,
        /// What the system said.
        source: io::Error,
    },
}

/// Outputs at work, a thread each.
#[derive(Debug)]
pub struct Outputs {
    running: Vec<Running>,
    news: News,
    /// Held as long as they run: two processes that send the same would tell everything twice.
    _held: File,
}

#[derive(Debug)]
struct Running {
    shared: Arc<Shared>,
    thread: JoinHandle<()>,
}

impl Outputs {
    /// Starts them all. Ring `news` when there are new notices; without it they are found within a second.
    ///
    /// # Errors
    ///
    /// When the configuration is wrong, or `folder`, in which they keep how far they are, cannot be used. A receiver that is not there is
    /// no error: see [`Self::health`].
    pub fn start(
        settings: &[OutputSettings],
        open: &Open,
        folder: &Path,
        news: &News,
        pace: Pace,
    ) -> Result<Self, OutputsError> {
        let plans = plans(settings)?;
        let held = hold(folder)?;
        let mut outputs = Self { running: Vec::new(), news: news.clone(), _held: held };
        for plan in plans {
            let name = plan.name.clone();
            let health = OutputHealth {
                name: name.clone(),
                to: plan.target.to_string(),
                ..OutputHealth::default()
            };
            let shared = Arc::new(Shared { health: health.into(), ..Shared::default() });
            let worker = Worker::new(
                plan,
                pace,
                folder.to_owned(),
                Arc::clone(open),
                news.clone(),
                Arc::clone(&shared),
            );
            // The system keeps 15 bytes of the name.
            let thread = std::thread::Builder::new()
                .name("output".to_owned())
                .spawn(move || worker.run())
                .map_err(|source| OutputsError::Thread { name, source })?;
            outputs.running.push(Running { shared, thread });
        }
        Ok(outputs)
    }

    /// How each of them is, in the order of the configuration.
    pub fn health(&self) -> Vec<OutputHealth> {
        let health = self.running.iter().map(|output| {
            let mut health = lock(&output.shared.health).clone();
            if output.thread.is_finished() && !output.shared.stopping.load(Ordering::Acquire) {
                health.last_error = DIED.to_owned();
                if health.failing_since_ns == 0 {
                    health.failing_since_ns = now().0;
                }
            }
            health
        });
        health.collect()
    }

    /// Lets them send what waits, for so long at most, and ends them. What is left is sent after the next start.
    pub fn stop(mut self, most: Duration) -> Vec<OutputHealth> {
        let deadline = Instant::now().checked_add(most);
        self.tell_to_stop(deadline);
        let is_late = || deadline.is_some_and(|deadline| Instant::now() > deadline);
        while !is_late() && self.running.iter().any(|output| !output.thread.is_finished()) {
            std::thread::sleep(LOOK_AGAIN);
        }
        // One that still waits for the system, as for a name, ends with the process: it has counted nothing that did not arrive.
        let health = self.health();
        for output in std::mem::take(&mut self.running) {
            if output.thread.is_finished() {
                // A thread that died has said so in its health.
                let _ = output.thread.join();
            }
        }
        health
    }

    fn tell_to_stop(&self, deadline: Option<Instant>) {
        for output in &self.running {
            *lock(&output.shared.deadline) = deadline;
            output.shared.stopping.store(true, Ordering::Release);
        }
        self.news.ring();
    }
}

impl Drop for Outputs {
    /// Whoever does not wait for them gets no more than what is under way.
    fn drop(&mut self) {
        self.tell_to_stop(None);
    }
}

/// All outputs as they are to be done.
fn plans(settings: &[OutputSettings]) -> Result<Vec<Plan>, OutputsError> {
    if settings.len() > OUTPUTS_MAX {
        return Err(OutputsError::TooMany { count: settings.len() });
    }
    let mut names = BTreeSet::new();
    let mut plans = Vec::new();
    for one in settings {
        let plan = one.plan()?;
        if !names.insert(plan.name.clone()) {
            return Err(OutputsError::SameName { name: plan.name });
        }
        plans.push(plan);
    }
    Ok(plans)
}

/// Makes sure that nobody else sends what this directory is about.
fn hold(folder: &Path) -> Result<File, OutputsError> {
    let failed = |source| OutputsError::Folder { path: folder.to_owned(), source };
    std::fs::create_dir_all(folder).map_err(failed)?;
    let file = File::create(folder.join(LOCK_FILE)).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OutputsError::Busy { path: folder.to_owned() }),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

/// No name of an output begins with a point.
const LOCK_FILE: &str = ".lock";

const DIED: &str = "the thread of this output ended by an error of its own; restart the program, and please report it";

const LOOK_AGAIN: Duration = Duration::from_millis(5);
