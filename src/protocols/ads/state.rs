//! States of an ADS device, and what it is to ask for one (ADSSTATE of the published library).

use crate::model::{Act, Key};
use crate::protocols::ads::keys;
use crate::wire::open_enum;

open_enum! {
    /// State of an ADS device.
    pub(super) enum State: u16 {
        /// No state.
        Invalid = 0, "Invalid",
        /// Waits.
        Idle = 1, "Idle",
        /// Is reset.
        Reset = 2, "Reset",
        /// Begins.
        Init = 3, "Init",
        /// Is started.
        Start = 4, "Start",
        /// Runs.
        Run = 5, "Run",
        /// Is stopped.
        Stop = 6, "Stop",
        /// Keeps its configuration.
        SaveConfig = 7, "SaveCfg",
        /// Takes its configuration.
        LoadConfig = 8, "LoadCfg",
        /// Power goes.
        PowerFailure = 9, "PowerFailure",
        /// Power is back.
        PowerGood = 10, "PowerGood",
        /// Has failed.
        Error = 11, "Error",
        /// Ends.
        Shutdown = 12, "Shutdown",
        /// Is suspended.
        Suspend = 13, "Suspend",
        /// Goes on.
        Resume = 14, "Resume",
        /// Is configured.
        Config = 15, "Config",
        /// Is configured anew.
        Reconfig = 16, "Reconfig",
        /// Is about to stop.
        Stopping = 17, "Stopping",
        /// Does not fit.
        Incompatible = 18, "Incompatible",
        /// Has met an exception.
        Exception = 19, "Exception",
    }
}

/// Something that is done to a device.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Deed {
    /// Put into a state.
    Control(State),
    /// Data written.
    Write,
    /// A file written to the computer, a program of it started: what the system service does for whoever may log in.
    Service(&'static str),
}

impl Deed {
    /// What it is called; `None` for what is not told as an attempt.
    pub(super) fn name(self) -> Option<&'static str> {
        match self {
            Self::Control(State::Run | State::Start | State::Resume) => Some("start"),
            Self::Control(State::Stop | State::Stopping | State::Suspend) => Some("stop"),
            Self::Control(State::Reset) => Some("reset"),
            Self::Control(State::Config | State::Reconfig) => Some("config"),
            Self::Control(State::Shutdown) => Some("shutdown"),
            Self::Control(_) => Some("change of state"),
            Self::Service(name) => Some(name),
            Self::Write => None,
        }
    }

    /// The event that it is when it was done, and whether its name has to be told beside who did it.
    pub(super) fn event(self) -> Option<(Key, bool)> {
        let Self::Control(_) = self else { return None };
        Some(match self.name()? {
            "start" => (keys::START, false),
            "stop" => (keys::STOP, false),
            "reset" => (keys::RESET, false),
            _ => (keys::MODE_CHANGE, true),
        })
    }

    /// What the request for it is for.
    pub(super) fn act(self) -> Act {
        match self {
            Self::Control(_) => Act::Control,
            Self::Write => Act::Write,
            Self::Service(_) => Act::Program,
        }
    }
}
