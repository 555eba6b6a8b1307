//! The nouns every other module speaks: plain data, no behaviour beyond their own meaning.
//!
//! ARCHITECTURE INVARIANT: imports nothing from this crate.

pub mod address;
pub mod advisory;
pub mod asset;
pub mod ceiling;
pub mod change;
pub mod claim;
pub mod conversation;
pub mod counters;
pub mod decision;
pub mod finding;
pub mod frame;
pub mod handling;
pub mod health;
pub mod import;
pub mod level;
pub mod library;
pub mod limits;
pub mod lint;
pub mod mark;
pub mod notice;
pub mod observe;
pub mod placeholder;
pub mod run;
pub mod site;
pub mod time;
pub mod version;
pub mod zone;

pub use address::{Addr, Mac, Node, Scope};
pub use asset::{
    Asset, AssetId, Binding, Event, Happening, Join, JoinedBy, Module, Nameplate, Vacancy,
};
pub use ceiling::Ceiling;
pub use change::Change;
pub use claim::{Certainty, Claim, Field, Ground, SignatureId};
pub use conversation::{Act, Acts, Conversation, Port};
pub use counters::Counters;
pub use decision::{Anchor, Book, Decision, Deed, Entry, Fate, Ruling};
pub use finding::{
    Exposure, Finding, Grade, Judgement, Kind, Priority, Substance, Verdict, Weight, Why,
};
pub use frame::{Frame, FrameRef, LinkType};
pub use handling::{
    Choice, Diary, Handbook, Handling, Justification, Listed, Matter, Meant, Measure, Outcome,
    PatchList, PatchState, Patching, Record, Then, Treatment, Written,
};
pub use health::{Health, OutputHealth};
pub use import::{Column, Import};
pub use level::{Level, LevelFrom, Levels};
pub use library::{Bundle, FeedKind, Holding, Parcel, Supplement, Turn};
pub use mark::{Mark, Marking, Marks};
pub use notice::{Notice, NoticeKind, Severity, Topic};
pub use observe::{Excerpt, Hop, Key, Observation, Sighting, Subject, Unit, Value, Values};
pub use run::{BundleInfo, CaptureInfo, Feed, Run, Session};
pub use site::Sites;
pub use time::Timestamp;
pub use zone::{Subnet, Zone, Zones};
