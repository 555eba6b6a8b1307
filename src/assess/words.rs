//! Words of names and sentences that do not tell products apart.

use std::collections::BTreeSet;
use std::sync::LazyLock;

/// Whether a word of a name says nothing about which product is meant.
pub(super) fn is_generic(word: &str) -> bool {
    // Of short words more than the number changes: "AS" is a series of controllers, and no plural of "A".
    const PLURAL_LENGTH_MIN: usize = 5;
    let single = word.strip_suffix('S').filter(|_| word.len() >= PLURAL_LENGTH_MIN);
    GENERIC.contains(word) || single.is_some_and(|one| GENERIC.contains(one))
}

/// Whether a word makes a name the name of something else: a program about the device, not the device.
pub(super) fn is_other_thing(word: &str) -> bool {
    OTHER_THINGS.contains(word)
}

/// Whether a word between a verb and a version names no product.
pub(super) fn is_plain(word: &str) -> bool {
    PLAIN.contains(word)
}

type Words = LazyLock<BTreeSet<&'static str>>;

static GENERIC: Words = LazyLock::new(|| GENERIC_WORDS.split_whitespace().collect());
static OTHER_THINGS: Words = LazyLock::new(|| OTHER_THING_WORDS.split_whitespace().collect());
static PLAIN: Words = LazyLock::new(|| PLAIN_WORDS.split_whitespace().collect());

const GENERIC_WORDS: &str = "\
    CONTROLLER CONTROLLERS CPU CPUS PLC PLCS PAC PACS SERIES FAMILY FAMILIES FIRMWARE MODULE \
    MODULES ALL VERSION VERSIONS PRODUCT PRODUCTS INCL INCLUDING VARIANTS VARIANT RELATED WITH \
    AND OR THE DEVICE DEVICES UNIT UNITS MODEL MODELS PART NUMBER NUMBERS PROCESSOR PROCESSORS \
    PROGRAMMABLE LOGIC AUTOMATION MACHINE SWITCH SWITCHES ETHERNET IP INDUSTRIAL MANAGED \
    ACCESS HARDWARE OF FOR ANY A COMMUNICATION COMMUNICATIONS COMMUNICATOR NETWORK INTERFACE \
    PROGRAM PROGRAMABLE USING RUNNING REVISION HW ROUTER GATEWAY SERVER CARD TYPE ARTICLE NO \
    ORDER CODE RELAY RELAYS FEEDER PROTECTION PANEL PANELS HMI INVERTER DRIVE DRIVES \
    DISTRIBUTED MODULAR ADAPTER COUPLER I O SERIAL TO ON BUILT SIGNED UNSIGNED DISCONTINUED \
    FORMERLY DEVICESERVER SYSTEM SYSTEMS WIRELESS CAMERA CAMERAS EARLIER REFERENCES REFERENCE BELOW PRIOR LATER \
    OLDER NEWER";

const OTHER_THING_WORDS: &str = "\
    SOFTWARE STUDIO DESIGNER DTM AOP PLCSIM SIMULATOR SIMULATION CONFIGURATOR UTILITY VIEWER \
    TOOL TOOLKIT SETUP DRIVER PACKAGE EMULATOR LIBRARY CONFIGURATION PROGRAMMING";

const PLAIN_WORDS: &str = "\
    UPDATE UPDATES UPDATED UPGRADE LATEST NEW NEWEST RELEASE RELEASED RELEASES FIX FIXES FIXED \
    PATCH LEAST AT V IN FROM BY IS ARE THIS THESE ISSUE ISSUES VULNERABILITY VULNERABILITIES \
    USERS AFFECTED THEIR YOUR LATER HIGHER NEWER FRN SOFTWARE INSTALL APPLY RECOMMENDED OLDER \
    HAS HAVE BEEN CURRENT FOLLOWING AVAILABLE BIOS OPERATING AS SOON POSSIBLE WAS BE CAN \
    SHOULD IT THAT MINIMUM SUPPORTED REMEDIATED RESOLVED ADDRESSED CORRECTED MITIGATED FOUND \
    INCLUDES CONTAINS WHICH AN SECURITY PLEASE ADDRESS RESOLVE MITIGATE PROBLEM DOWNLOAD USE \
    RELEASING RECOMMENDS UPGRADING UPDATING PACKAGE OFFICIAL ONE";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plurals_of_generic_words_are_generic_and_short_names_are_not() {
        assert!(is_generic("CONTROLLER") && is_generic("AUTOMATIONS"));
        for name in ["AS", "IS", "OS", "IOS"] {
            assert!(!is_generic(name), "{name}");
        }
    }
}
