//! What ADS says, by the nouns of Beckhoff's information system.

use crate::model::Key;

macro_rules! keys {
    ($($(#[$doc:meta])* $name:ident = $values:ident $text:literal;)+) => {
        $($(#[$doc])* pub(super) const $name: Key = Key::$values($text);)+

        /// All of them.
        pub(super) const ALL: &[Key] = &[$($name),+];
    };
}

keys! {
    /// An AMS port behind which somebody answers: 10000 is the system service, 800 to 899 are runtimes.
    AMS_PORT = several "ads.ams_port";
    /// A change was asked for, whatever the answer: what, and by which address.
    ATTEMPT = event "ads.attempt";
    /// Name of what answers behind the AMS port: `TwinCAT System`, `PLC Server`.
    DEVICE = one "ads.device";
    /// SHA-256 of the key by which the device proves who it is in Secure ADS.
    FINGERPRINT = one "ads.host_fingerprint";
    /// Name of the computer.
    HOST_NAME = one "ads.host_name";
    /// It was put into another state than running, stopped or reset: which, and by which address.
    MODE_CHANGE = event "ads.mode_change";
    /// AMS NetId of the node: six numbers.
    NET_ID = several "ads.net_id";
    /// Family of the operating system: `Windows NT`, `Windows CE`.
    OS_PLATFORM = one "ads.os_platform";
    /// Service pack, or what else the operating system adds to its version.
    OS_SERVICE_PACK = one "ads.os_service_pack";
    /// Version of the operating system: major and minor, and the build where it has one.
    OS_VERSION = one "ads.os_version";
    /// A change that was asked for was refused: what, by which address, and the error.
    REFUSED = event "ads.refused";
    /// It was reset: by which address.
    RESET = event "ads.reset";
    /// A route was added: by which address.
    ROUTE_CHANGE = event "ads.route_change";
    /// AMS NetId that the device was told a route to, and that it may be spoken to from.
    ROUTE = several "ads.route_net_id";
    /// It was started: by which address.
    START = event "ads.start";
    /// State of what answers behind the AMS port: `Run`, `Stop`, `Config`.
    STATE = one "ads.state";
    /// It was stopped: by which address.
    STOP = event "ads.stop";
    /// Version of TwinCAT: major, minor and build.
    TWINCAT_VERSION = one "ads.twincat_version";
    /// Version of what answers behind the AMS port: major, minor and build.
    VERSION = one "ads.version";
    /// Whoever wrote data, by address.
    WRITER = several "ads.writer";
}
