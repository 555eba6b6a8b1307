//! What Niagara says in its hello, by its own words.

use crate::model::Key;

macro_rules! keys {
    ($($(#[$doc:meta])* $name:ident = $values:ident $text:literal, $word:literal;)+) => {
        $($(#[$doc])* pub(super) const $name: Key = Key::$values($text);)+

        /// All of them.
        pub(super) const ALL: &[Key] = &[$($name),+];

        /// Words of a hello, and the keys that their values are told as.
        pub(super) const WORDS: &[(&str, Key)] = &[$(($word, $name)),+];
    };
}

keys! {
    /// What the program is: `Station`, `Workbench`.
    APP_NAME = several "fox.app_name", "app.name";
    /// Version of the program, which is that of Niagara.
    APP_VERSION = several "fox.app_version", "app.version";
    /// Proof that the server asks for: `digest-md5`, `scram-sha256`, `basic`.
    AUTHENTICATION_METHOD = several "fox.authentication_method", "method";
    /// Under which brand Niagara is sold: `vykon`, `webs`.
    BRAND_ID = one "fox.brand_id", "brandId";
    /// Address that the host says it has.
    HOST_ADDRESS = one "fox.host_address", "hostAddress";
    /// What Niagara is licensed to: `Qnx-NPM6-0000-1490-C30C`.
    HOST_ID = one "fox.host_id", "hostId";
    /// Name of the host; many have none, and give their address.
    HOST_NAME = one "fox.host_name", "hostName";
    /// Language that is wanted.
    LANGUAGE = several "fox.language", "lang";
    /// Operating system.
    OS_NAME = one "fox.os_name", "os.name";
    /// Its version.
    OS_VERSION = one "fox.os_version", "os.version";
    /// Name of the station.
    STATION_NAME = one "fox.station_name", "station.name";
    /// What else the host says of itself.
    SYS_INFO = one "fox.sys_info", "sysInfo";
    /// Time zone of the host.
    TIME_ZONE = one "fox.time_zone", "timeZone";
    /// Version of Fox.
    VERSION = several "fox.version", "fox.version";
    /// Java virtual machine.
    VM_NAME = several "fox.vm_name", "vm.name";
    /// Its identifier, made when it was installed.
    VM_INSTANCE = several "fox.vm_instance", "vmUuid";
    /// Its version.
    VM_VERSION = several "fox.vm_version", "vm.version";
}
