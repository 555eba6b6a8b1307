//! What is worth telling as it happens: a new device, another version, a program download, a finding, a sensor that sees nothing any more.

use std::fmt;

use crate::model::{AssetId, Timestamp};

/// One thing that happened, as it is kept in the store and told to other systems.
///
/// Texts in it may come from the wire: whoever writes them anywhere escapes them for that place.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Notice {
    /// Its number in the store: notices are numbered as they are told, without gaps a receiver could take for loss. Zero until it is stored.
    pub number: u64,
    /// When it happened: packet time for what is read off the wire.
    pub at: Timestamp,
    /// When it was told, by the clock on the wall.
    pub told: Timestamp,
    /// What it is.
    pub kind: NoticeKind,
    /// How much it matters.
    pub severity: Severity,
    /// The site, where it has a name; empty elsewhere.
    pub site: Box<str>,
    /// The device that it is about.
    pub asset: Option<AssetId>,
    /// What that device is called; empty for notices about the sensor.
    pub name: Box<str>,
    /// Its address or addresses, in their order.
    pub addresses: Vec<Box<str>>,
    /// The finding that it is about.
    pub finding: Option<uuid::Uuid>,
    /// What happened, in a sentence.
    pub text: Box<str>,
    /// The parts of it by name, in a fixed order: `from`, `to`, `field`, `advisory`, `cve`, `verdict`, `interface` and the like.
    pub details: Vec<(Box<str>, Box<str>)>,
}

/// What happened.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum NoticeKind {
    /// A device that was not known.
    AssetNew,
    /// A device says another version, model or the like of itself.
    AssetChanged,
    /// Another device answers where one did, or two use one address.
    AssetReplaced,
    /// Nothing was heard of a device for longer than its habit.
    AssetSilent,
    /// A device that was silent is heard again.
    AssetBack,
    /// A controller is in another mode.
    ModeChanged,
    /// A program, a configuration or a firmware was written to a device, or other such acts that its protocol tells.
    ProgramDownload,
    /// Any other event that a device's protocol tells.
    DeviceEvent,
    /// Two devices talk that did not before.
    ConversationNew,
    /// A finding that was not there.
    FindingOpened,
    /// A finding with another verdict.
    FindingChanged,
    /// A finding that is there no more.
    FindingClosed,
    /// The sensor sees or keeps nothing, or less than it should.
    SensorDegraded,
    /// It does again.
    SensorRecovered,
    /// The sensor started, stopped, or took other knowledge.
    SensorState,
}

/// What a receiver subscribes to.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Topic {
    /// Devices and conversations.
    Change,
    /// Verdicts.
    Finding,
    /// The sensor itself.
    Sensor,
}

/// How much a notice matters, from the most to the least; the words of RFC 5424, section 6.2.1.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Severity {
    /// Act now.
    Critical,
    /// Something is wrong.
    Error,
    /// Something may be wrong.
    Warning,
    /// Worth knowing.
    Notice,
    /// For the record.
    Informational,
}

impl NoticeKind {
    /// All kinds, in order of their names' topics.
    pub const ALL: [Self; 15] = [
        Self::AssetNew,
        Self::AssetChanged,
        Self::AssetReplaced,
        Self::AssetSilent,
        Self::AssetBack,
        Self::ModeChanged,
        Self::ProgramDownload,
        Self::DeviceEvent,
        Self::ConversationNew,
        Self::FindingOpened,
        Self::FindingChanged,
        Self::FindingClosed,
        Self::SensorDegraded,
        Self::SensorRecovered,
        Self::SensorState,
    ];

    /// In one word for programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::AssetNew => "asset_new",
            Self::AssetChanged => "asset_changed",
            Self::AssetReplaced => "asset_replaced",
            Self::AssetSilent => "asset_silent",
            Self::AssetBack => "asset_back",
            Self::ModeChanged => "mode_changed",
            Self::ProgramDownload => "program_download",
            Self::DeviceEvent => "device_event",
            Self::ConversationNew => "conversation_new",
            Self::FindingOpened => "finding_opened",
            Self::FindingChanged => "finding_changed",
            Self::FindingClosed => "finding_closed",
            Self::SensorDegraded => "sensor_degraded",
            Self::SensorRecovered => "sensor_recovered",
            Self::SensorState => "sensor_state",
        }
    }

    /// The kind with that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// What it is part of.
    pub fn topic(self) -> Topic {
        match self {
            Self::FindingOpened | Self::FindingChanged | Self::FindingClosed => Topic::Finding,
            Self::SensorDegraded | Self::SensorRecovered | Self::SensorState => Topic::Sensor,
            _ => Topic::Change,
        }
    }
}

impl Topic {
    /// All topics.
    pub const ALL: [Self; 3] = [Self::Change, Self::Finding, Self::Sensor];

    /// In one word for programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Change => "change",
            Self::Finding => "finding",
            Self::Sensor => "sensor",
        }
    }
}

impl Severity {
    /// All severities, the worst first.
    pub const ALL: [Self; 5] =
        [Self::Critical, Self::Error, Self::Warning, Self::Notice, Self::Informational];

    /// In one word for programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Notice => "notice",
            Self::Informational => "informational",
        }
    }

    /// The severity with that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.name() == name)
    }

    /// The numerical code of RFC 5424, section 6.2.1.
    pub fn code(self) -> u8 {
        match self {
            Self::Critical => 2,
            Self::Error => 3,
            Self::Warning => 4,
            Self::Notice => 5,
            Self::Informational => 6,
        }
    }
}

impl fmt::Display for NoticeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_leads_back_to_its_kind() {
        for kind in NoticeKind::ALL {
            assert_eq!(NoticeKind::named(kind.name()), Some(kind));
        }
        for severity in Severity::ALL {
            assert_eq!(Severity::named(severity.name()), Some(severity));
        }
        assert!(Severity::ALL.windows(2).all(|pair| pair[0].code() < pair[1].code()));
    }
}
