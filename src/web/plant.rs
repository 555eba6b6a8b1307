//! What is served: a plant, as another room knows it.

use crate::export::Report;
use crate::export::shelf::Listing;
use crate::model::{Asset, Health, Notice, Observation};

/// A plant that can be looked at. The room that serves it knows neither where it is kept nor how it is judged.
///
/// Every method may take a while and must not be called where others wait; none waits for the plant to be judged anew.
pub trait Plant: Send + Sync + 'static {
    /// How the picture stands that looks are taken at.
    fn standing(&self) -> Standing;

    /// Takes a look at the latest picture, and tells `show` what is in it.
    ///
    /// # Errors
    ///
    /// When there is no picture yet, or the question is none.
    fn look(&self, question: &Question<'_>, show: &mut dyn FnMut(&Look<'_>))
    -> Result<(), Refused>;

    /// How the sensor is that fills the plant.
    fn sensor(&self) -> Sensor;

    /// What happened after the notice of that number, in order, at most so much of it.
    ///
    /// # Errors
    ///
    /// When they cannot be read.
    fn notices(&self, after: u64, most: usize) -> Result<Vec<Notice>, Refused>;

    /// The advisories that devices are judged by, with what they mean for the devices of the picture.
    ///
    /// # Errors
    ///
    /// When they cannot be read, or are being read for somebody else.
    fn advisories(&self) -> Result<std::sync::Arc<Listing>, Refused>;

    /// The time of the clock on the wall: nanoseconds since 1970.
    fn now_ns(&self) -> i64;
}

/// What to look for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Question<'a> {
    /// An expression of the query language; all when there is none.
    pub expression: Option<&'a str>,
    /// Fields to sort by.
    pub sort: Option<&'a str>,
    /// Whether conversations are wanted too: finding out whose they are takes a while.
    pub talks: bool,
}

/// What there is to see.
#[derive(Clone, Copy)]
pub struct Look<'a> {
    /// Which picture it is: another word when anything in it can be different.
    pub version: &'a str,
    /// Everything selected.
    pub report: Report<'a>,
    /// All facts of the picture, in order of time.
    pub observations: &'a [Observation],
    /// Whether a device said a fact, or it was said at one of its addresses while it had it.
    pub said_by: &'a dyn Fn(&Asset, &Observation) -> bool,
}

/// How the picture of a plant stands.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Standing {
    /// Which picture is shown; `None` before the first one.
    pub version: Option<String>,
    /// When it was made, by the clock on the wall: nanoseconds since 1970.
    pub made_ns: i64,
    /// How long that took, in milliseconds.
    pub took_ms: u64,
    /// How many pictures were made.
    pub made: u64,
    /// How often none could be made.
    pub failed: u64,
    /// Why the last one could not be made, so that the one before is still shown; empty when it could.
    pub trouble: String,
}

/// How the sensor of a plant is, as far as this process can know.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Sensor {
    /// None writes into the store, and none is expected: captures are added by hand.
    #[default]
    None,
    /// None wrote yet, though one should.
    Missing,
    /// What it wrote cannot be read, and why.
    Unreadable(String),
    /// What it wrote last.
    Wrote(Box<Health>),
}

/// Why a question was not answered.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Refused {
    /// There is no picture yet.
    #[error("the plant is being judged for the first time")]
    Starting,
    /// Somebody else asked the same, and the answer is on its way.
    #[error("this is being worked out for somebody else")]
    Busy,
    /// One of the parameters is wrong.
    #[error("{parameter}: {text}")]
    Wrong {
        /// Which one.
        parameter: &'static str,
        /// What is wrong with it.
        text: String,
    },
    /// What is asked for cannot be read.
    #[error("{0}")]
    Failed(String),
}
