//! The picture of a plant, kept up to date in the background.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, Weak};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::app::scan::{self, Scanned};
use crate::app::select::{Lens, Mistake};
use crate::app::serve::{Request, sensor};
use crate::app::shelf::list::{self, Wanted};
use crate::app::shelf::{Place, Shelf};
use crate::app::{AppError, treat, weigh, zones};
use crate::export::shelf::Listing;
use crate::model::{Addr, Asset, Notice, Observation, Zones};
use crate::store::{State, Store, StoreError, Watch};
use crate::web::{Look, Plant, Question, Refused, Sensor, Standing};

/// Keeps the picture of one store.
#[derive(Debug)]
pub(super) struct Keeper {
    request: Request,
    /// Begins the names of pictures, so that those of another process are others.
    begun_ns: i64,
    picture: RwLock<Option<Arc<Picture>>>,
    standing: Mutex<Standing>,
    /// The advisories, with what they mean for the picture of that name.
    listing: Mutex<Option<(String, Arc<Listing>)>>,
}

/// A store, judged.
#[derive(Debug)]
struct Picture {
    version: String,
    known: Scanned,
    /// `None` where nobody said what zones there are.
    zones: Option<Zones>,
}

/// What a picture was made from; another one is due when any of it is different.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Basis {
    state: State,
    day: jiff::civil::Date,
}

impl Keeper {
    pub(super) fn new(request: Request) -> Self {
        Self {
            request,
            begun_ns: treat::now().0,
            picture: RwLock::default(),
            standing: Mutex::default(),
            listing: Mutex::default(),
        }
    }

    /// Keeps the picture up to date, for ever.
    pub(super) fn keep(&self) {
        let mut watch = Watch::new(&self.request.store);
        let (mut store, mut shown) = (None, None);
        let mut before: Weak<Picture> = Weak::new();
        let mut rested = Instant::now();
        loop {
            // That the store is gone is told at once; what costs a core waits until the thread has rested.
            let basis = self.basis(&mut watch);
            let is_due = match (&basis, &shown) {
                (Ok(basis), Some((last, at))) => basis != last || Instant::elapsed(at) >= OLD,
                (Ok(_), None) => true,
                (Err(error), _) => {
                    self.failed(error);
                    (store, shown) = (None, None);
                    false
                }
            };
            // A store put in the place of another: the one that is open is nobody's any more.
            if let (Ok(basis), Some((last, _))) = (&basis, &shown)
                && !basis.state.is_of_same_file(last.state)
            {
                store = None;
            }
            // Whoever still looks at the picture before the last one is waited for: there are never three.
            let is_time = before.strong_count() == 0 && Instant::now() >= rested;
            if let (Ok(basis), true, true) = (basis, is_due, is_time) {
                let begun = Instant::now();
                match self.judged(&mut store) {
                    Ok((known, zones)) => {
                        before = self.show(known, zones, begun.elapsed());
                        shown = Some((basis, Instant::now()));
                    }
                    Err(error) => {
                        (store, shown) = (None, None);
                        self.failed(&error);
                    }
                }
                let rest = begun.elapsed().saturating_mul(REST);
                rested = Instant::now().checked_add(rest).unwrap_or(rested);
            }
            sleep(self.request.every);
        }
    }

    fn basis(&self, watch: &mut Watch) -> Result<Basis, AppError> {
        Ok(Basis { state: watch.state()?, day: weigh::day(&self.request.sources)? })
    }

    /// Judges the store. A panic is a failure like another: the thread goes on.
    fn judged(&self, store: &mut Option<Store>) -> Result<(Scanned, Option<Zones>), AppError> {
        let judge = AssertUnwindSafe(|| {
            let zones = self.request.zones.as_deref().map(zones::read).transpose()?;
            let mut sources = self.request.sources.clone();
            if let Some(zones) = &zones {
                sources.zones = zones.clone();
            }
            let store = match store {
                Some(store) => store,
                none => none.insert(opened(&self.request)?),
            };
            Ok((scan::held(store, &sources)?, zones))
        });
        let broke = |_| AppError::Internal("judging the store broke".to_owned());
        catch_unwind(judge).map_err(broke)?
    }

    /// Puts a picture in the place of the last one, which is given back for whoever wants to know when it is gone.
    fn show(&self, known: Scanned, zones: Option<Zones>, took: Duration) -> Weak<Picture> {
        let mut standing = self.standing();
        let made = standing.made.saturating_add(1);
        let version = format!("{:x}-{made}", self.begun_ns);
        let picture = Arc::new(Picture { version: version.clone(), known, zones });
        let mut shown = self.picture.write().unwrap_or_else(PoisonError::into_inner);
        let before = shown.replace(picture);
        drop(shown);
        let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        if !standing.trouble.is_empty() {
            tracing::info!("the store can be judged again");
        }
        let failed = standing.failed;
        let made_ns = self.now_ns();
        *standing =
            Standing { version: Some(version), made_ns, took_ms, made, failed, ..<_>::default() };
        tracing::info!(took_ms, "the store was judged");
        before.as_ref().map(Arc::downgrade).unwrap_or_default()
    }

    fn failed(&self, error: &AppError) {
        let mut standing = self.standing();
        standing.failed = standing.failed.saturating_add(1);
        let trouble = error.to_string();
        // The same again is counted, and not said again.
        if standing.trouble != trouble {
            tracing::error!("the store could not be judged: {trouble}");
            standing.trouble = trouble;
        }
    }

    fn standing(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn picture(&self) -> Result<Arc<Picture>, Refused> {
        let picture = self.picture.read().unwrap_or_else(PoisonError::into_inner);
        picture.clone().ok_or(Refused::Starting)
    }
}

impl Plant for Keeper {
    fn standing(&self) -> Standing {
        Keeper::standing(self).clone()
    }

    fn look(
        &self,
        question: &Question<'_>,
        show: &mut dyn FnMut(&Look<'_>),
    ) -> Result<(), Refused> {
        let picture = self.picture()?;
        let Picture { version, known, zones } = &*picture;
        let lens = Lens::within(zones.as_ref(), question.expression, question.sort);
        let lens = lens.map_err(|mistake| match mistake {
            Mistake::Expression(text) => Refused::Wrong { parameter: "where", text },
            Mistake::Order(text) => Refused::Wrong { parameter: "sort", text },
        })?;
        let view = lens.view_with(known, question.talks);
        let report = view.report(known, &lens.zones);
        let observations = &known.observations;
        show(&Look { version, report, observations, said_by: &said_by });
        Ok(())
    }

    fn sensor(&self) -> Sensor {
        sensor::sensor(&self.request.store, self.request.expected)
    }

    fn notices(&self, after: u64, most: usize) -> Result<Vec<Notice>, Refused> {
        let failed = |error: StoreError| Refused::Failed(error.to_string());
        opened(&self.request).map_err(failed)?.notices(after, most).map_err(failed)
    }

    fn advisories(&self) -> Result<Arc<Listing>, Refused> {
        let picture = self.picture()?;
        // Reading all documents takes seconds: once for each picture, and one at a time.
        let Ok(mut kept) = self.listing.try_lock() else { return Err(Refused::Busy) };
        if let Some((version, listing)) = &*kept
            && *version == picture.version
        {
            return Ok(Arc::clone(listing));
        }
        let failed = |error: AppError| Refused::Failed(error.to_string());
        let place = Place {
            store: Some(&self.request.store),
            sources: self.request.sources.clone(),
            reader: None,
        };
        let mut shelf = Shelf::of_documents(&place).map_err(failed)?;
        let findings = picture.known.findings.clone();
        shelf.known = Some(Scanned { findings, ..Scanned::default() });
        let listing = Arc::new(list::list(&shelf, &Wanted::default()).map_err(failed)?);
        *kept = Some((picture.version.clone(), Arc::clone(&listing)));
        Ok(listing)
    }

    fn now_ns(&self) -> i64 {
        treat::now().0
    }
}

/// The store, to be read.
fn opened(request: &Request) -> Result<Store, StoreError> {
    Store::read(&request.store)
}

/// Whether a device said a fact, or it was said at one of its addresses while it had it.
fn said_by(asset: &Asset, fact: &Observation) -> bool {
    let node = fact.subject.node;
    let bound = asset.bindings.iter().filter(|binding| binding.node == node);
    let mut during = bound.filter(|binding| {
        let is_same = binding.mac.zip(fact.mac).is_none_or(|(one, other)| one == other);
        is_same && (binding.first..=binding.last).contains(&fact.at)
    });
    during.next().is_some() || matches!(node.addr, Addr::Mac(mac) if asset.macs.contains(&mac))
}

/// After this long a picture is made anew though nothing changed: decisions expire, files beside the store change.
const OLD: Duration = Duration::from_secs(3_600);
/// How much longer than it worked the thread rests.
const REST: u32 = 4;
