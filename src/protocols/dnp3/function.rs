//! Functions of the application layer (IEEE 1815-2012, 4.4): their names, what they are for, and what is told of them.

use crate::model::{Act, Key};
use crate::protocols::dnp3::keys;

/// What a request of this function does, when it is worth telling.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Deed {
    /// In words: `cold restart`.
    pub(super) name: &'static str,
    /// Said of the station that did it.
    pub(super) done: Key,
    /// Said at once, whether it is done or not: it changes the device, and not only what it holds.
    pub(super) is_attempt: bool,
    /// The answer repeats the objects, each with a status of its own.
    pub(super) has_status: bool,
    /// The station sends no answer.
    pub(super) is_unanswered: bool,
}

/// The name of a function, as the standard writes it.
pub(super) fn name(function: u8) -> Option<&'static str> {
    let at = usize::from(function);
    let all = REQUESTS.get(at).copied();
    all.or(match function {
        RESPONSE => Some("RESPONSE"),
        UNSOLICITED => Some("UNSOLICITED_RESPONSE"),
        AUTHENTICATE_RESPONSE => Some("AUTHENTICATE_RESP"),
        _ => None,
    })
}

/// What a request is for. Reading is told elsewhere, because what is read decides.
pub(super) fn act(function: u8, group: Option<u8>) -> Option<Act> {
    Some(match function {
        WRITE | SELECT | OPERATE | DIRECT_OPERATE | DIRECT_OPERATE_NO_ACK => {
            // Clearing the sign of a restart and setting the clock are part of every start.
            if matches!(group, Some(INTERNAL_INDICATIONS | TIME)) {
                return None;
            }
            Act::Write
        }
        FREEZE..=FREEZE_AT_TIME_NO_ACK
        | ENABLE_UNSOLICITED
        | DISABLE_UNSOLICITED
        | ASSIGN_CLASS => Act::Write,
        COLD_RESTART | WARM_RESTART | INITIALIZE_DATA..=STOP_APPLICATION => Act::Control,
        SAVE_CONFIGURATION | ACTIVATE_CONFIGURATION | DELETE_FILE => Act::Program,
        _ => return None,
    })
}

/// What a request does, when it is worth telling. Files are told by what they are opened for.
pub(super) fn deed(function: u8, group: Option<u8>) -> Option<Deed> {
    let (name, done) = match function {
        WRITE => match group {
            Some(INTERNAL_INDICATIONS) => return None,
            Some(TIME) => ("time", keys::CLOCK_CHANGE),
            Some(FILE) => return None,
            _ => ("write", keys::WRITTEN_BY),
        },
        OPERATE => ("operate", keys::OPERATED_BY),
        DIRECT_OPERATE | DIRECT_OPERATE_NO_ACK => ("direct operate", keys::OPERATED_BY),
        COLD_RESTART => ("cold restart", keys::COLD_RESTART),
        WARM_RESTART => ("warm restart", keys::WARM_RESTART),
        INITIALIZE_DATA => ("initialize data", keys::APPLICATION_CHANGE),
        INITIALIZE_APPLICATION => ("initialize application", keys::APPLICATION_CHANGE),
        START_APPLICATION => ("start application", keys::APPLICATION_CHANGE),
        STOP_APPLICATION => ("stop application", keys::APPLICATION_CHANGE),
        SAVE_CONFIGURATION => ("save configuration", keys::CONFIGURATION_CHANGE),
        ACTIVATE_CONFIGURATION => ("activate configuration", keys::CONFIGURATION_CHANGE),
        ASSIGN_CLASS => ("assign class", keys::CONFIGURATION_CHANGE),
        ENABLE_UNSOLICITED => ("enable unsolicited", keys::UNSOLICITED_ENABLED),
        DISABLE_UNSOLICITED => ("disable unsolicited", keys::UNSOLICITED_DISABLED),
        DELETE_FILE => ("delete file", keys::FILE_DELETED),
        _ => return None,
    };
    Some(Deed {
        name,
        done,
        // Masters silence their stations, set them up and let them speak again whenever they start.
        is_attempt: !matches!(
            function,
            WRITE | ENABLE_UNSOLICITED | DISABLE_UNSOLICITED | ASSIGN_CLASS
        ),
        has_status: matches!(function, OPERATE | DIRECT_OPERATE | DELETE_FILE),
        is_unanswered: function == DIRECT_OPERATE_NO_ACK,
    })
}

/// What it does to open a file.
pub(super) fn opening(is_to_be_written: bool) -> Deed {
    let (name, done) = if is_to_be_written {
        ("write file", keys::FILE_WRITTEN)
    } else {
        ("read file", keys::FILE_READ)
    };
    let is_attempt = is_to_be_written;
    Deed { name, done, is_attempt, has_status: true, is_unanswered: false }
}

/// The name of what an object of secure authentication is for (IEEE 1815-2012, A.45).
pub(super) fn authentication(variation: u8) -> Option<&'static str> {
    Some(match variation {
        1 => "challenge",
        2 => "reply",
        3 => "aggressive mode request",
        4 => "session key status request",
        5 => "session key status",
        6 => "session key change",
        7 => "error",
        8 => "user certificate",
        9 => "message authentication code",
        10 => "user status change",
        11 => "update key change request",
        12 => "update key change reply",
        13 => "update key change",
        14 => "update key change signature",
        15 => "update key change confirmation",
        _ => return None,
    })
}

const REQUESTS: &[&str] = &[
    "CONFIRM",
    "READ",
    "WRITE",
    "SELECT",
    "OPERATE",
    "DIRECT_OPERATE",
    "DIRECT_OPERATE_NR",
    "IMMED_FREEZE",
    "IMMED_FREEZE_NR",
    "FREEZE_CLEAR",
    "FREEZE_CLEAR_NR",
    "FREEZE_AT_TIME",
    "FREEZE_AT_TIME_NR",
    "COLD_RESTART",
    "WARM_RESTART",
    "INITIALIZE_DATA",
    "INITIALIZE_APPL",
    "START_APPL",
    "STOP_APPL",
    "SAVE_CONFIG",
    "ENABLE_UNSOLICITED",
    "DISABLE_UNSOLICITED",
    "ASSIGN_CLASS",
    "DELAY_MEASURE",
    "RECORD_CURRENT_TIME",
    "OPEN_FILE",
    "CLOSE_FILE",
    "DELETE_FILE",
    "GET_FILE_INFO",
    "AUTHENTICATE_FILE",
    "ABORT_FILE",
    "ACTIVATE_CONFIG",
    "AUTHENTICATE_REQ",
    "AUTH_REQ_NO_ACK",
];

pub(super) const READ: u8 = 1;
const WRITE: u8 = 2;
const SELECT: u8 = 3;
const OPERATE: u8 = 4;
const DIRECT_OPERATE: u8 = 5;
const DIRECT_OPERATE_NO_ACK: u8 = 6;
const FREEZE: u8 = 7;
const FREEZE_AT_TIME_NO_ACK: u8 = 12;
const COLD_RESTART: u8 = 13;
const WARM_RESTART: u8 = 14;
const INITIALIZE_DATA: u8 = 15;
const INITIALIZE_APPLICATION: u8 = 16;
const START_APPLICATION: u8 = 17;
const STOP_APPLICATION: u8 = 18;
const SAVE_CONFIGURATION: u8 = 19;
const ENABLE_UNSOLICITED: u8 = 20;
const DISABLE_UNSOLICITED: u8 = 21;
const ASSIGN_CLASS: u8 = 22;
pub(super) const OPEN_FILE: u8 = 25;
const DELETE_FILE: u8 = 27;
const ACTIVATE_CONFIGURATION: u8 = 31;
pub(super) const RESPONSE: u8 = 129;
pub(super) const UNSOLICITED: u8 = 130;
pub(super) const AUTHENTICATE_RESPONSE: u8 = 131;

/// Group of device attributes.
pub(super) const ATTRIBUTES: u8 = 0;
const TIME: u8 = 50;
/// Group of file control.
pub(super) const FILE: u8 = 70;
const INTERNAL_INDICATIONS: u8 = 80;
/// Group of secure authentication.
pub(super) const AUTHENTICATION: u8 = 120;
