//! System status lists (SZL, German SSL: *Systemzustandsliste*): what a module says of itself (Siemens A5E02789976, chapter
//! "System Status Lists").
//!
//! ```text
//!   SZL-ID 2 | index 2 | bytes of a record 2 | records 2 | records
//!
//!   xx11  module          index 2 | order number 20 | type 2 | Ausbg 2 | Ausbe 2
//!                         index 1 the module, 6 its hardware, 7 its firmware, 81 extensions of that
//!                         versions:  56 03 02 06  is V3.2.6;  00 03 00 01  is issue 3
//!   xx1C  component       index 2 | 32 bytes, mostly text
//!   0131  communication   index 1: 0001 | PDU length 2 | connections 2 | ...
//!   0132  protection      index 4: 0004 | by key switch 2 | by project 2 | in force 2 | switch 2 | start switch 2 | 2 |
//!                         5656 | hardware configuration 4 | user program 4
//!   0424  mode            event 2 | FF | before and now 1 | ...
//!   xx91  modules         rack 2 | slot 1 | interface 1 | address 2 | type expected 2 | type 2 | ...
//! ```
//!
//! The first digit of the ID tells what sort of module speaks, the second which part of the list was asked for; 0F has
//! no records. A list that is longer than a PDU comes in parts, each asked for.

use crate::flow::Input;
use crate::model::limits::{LIST_ITEMS_MAX, S7_LIST_BYTES_MAX, S7_LISTS_MAX};
use crate::model::{Key, Subject};
use crate::protocols::Sink;
use crate::protocols::s7::keys;
use crate::protocols::shared::gathered::Gathered;
use crate::protocols::shared::readable;
use crate::wire::{Malformed, Reader, Span};

/// How an answer goes on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    /// What its parts have in common; 0 for an answer that came whole.
    pub(super) reference: u8,
    /// True when this is not the last.
    pub(super) more_follows: bool,
}

/// Lists of which parts are missing.
#[derive(Debug, Default)]
pub(super) struct Lists {
    going: Vec<(u8, Gathered)>,
}

impl Lists {
    /// Takes an answer, or a part of one, and reads the list when it is whole.
    pub(super) fn read(
        &mut self,
        part: Part,
        list: Reader<'_>,
        device: &Subject,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let going = self.going.iter().position(|(reference, _)| *reference == part.reference);
        let is_alone = !part.more_follows && is_whole(list.clone());
        let mut gathered = match going.map(|at| self.going.swap_remove(at).1) {
            Some(gathered) if !is_alone => gathered,
            _ if is_alone || (part.reference == 0 && !part.more_follows) => {
                return read(list, device, out);
            }
            _ if part.more_follows => Gathered::default(),
            // The last part of a list whose beginning is missing has no head of its own.
            _ => {
                out.count("s7.lists_without_beginning");
                return Ok(());
            }
        };
        if gathered.len().saturating_add(list.left()) > S7_LIST_BYTES_MAX {
            out.count("s7.lists_too_long");
            return Ok(());
        }
        gathered.push(input, list.at(), list.left());
        if part.more_follows {
            if self.going.len() >= S7_LISTS_MAX {
                self.going.swap_remove(0);
                out.count("s7.lists_forgotten");
            }
            self.going.push((part.reference, gathered));
            return Ok(());
        }
        let shown = gathered.shown(input);
        let whole = Reader::new(shown.bytes);
        // Parts of two lists make records that nobody sent.
        if !is_whole(whole.clone()) {
            out.count("s7.lists_incomplete");
            return Ok(());
        }
        read(whole, device, &mut out.over(&shown))
    }

    /// Forgets all.
    pub(super) fn forget(&mut self) {
        self.going.clear();
    }

    /// Bytes of memory that it takes.
    pub(super) fn kept_bytes(&self) -> usize {
        self.going.iter().map(|(_, gathered)| gathered.kept_bytes()).sum()
    }
}

/// Head of a list.
struct Head {
    id: u16,
    record_bytes: usize,
    records: usize,
}

impl Head {
    fn read(list: &mut Reader<'_>) -> Result<Self, Malformed> {
        let id = list.u16_be("SZL-ID")?;
        list.skip("SZL index", 2)?;
        let record_bytes = usize::from(list.u16_be("LENTHDR")?);
        let records = usize::from(list.u16_be("N_DR")?);
        Ok(Self { id, record_bytes, records })
    }
}

/// True for a head with as many bytes behind it as it tells. The end of a list may be all zeros, which is no head.
fn is_whole(mut list: Reader<'_>) -> bool {
    Head::read(&mut list).is_ok_and(|head| {
        head.records > 0 && head.record_bytes.saturating_mul(head.records) == list.left()
    })
}

/// Reads a list. Records that are there count, whatever became of the others.
fn read(mut list: Reader<'_>, device: &Subject, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let head = Head::read(&mut list)?;
    let record: fn(Reader<'_>, &Subject, &mut Sink<'_>) -> Result<(), Malformed> =
        match (head.id & LIST, head.id & EXTRACT) {
            (_, HEAD_ONLY) => return Ok(()),
            (MODULE, _) => module,
            (COMPONENT, _) => component,
            (COMMUNICATION, _) => communication,
            (STATUS, _) => protection,
            (MODES, CURRENT) => mode,
            (MODULES, _) => rack_module,
            _ => return Ok(()),
        };
    if head.record_bytes == 0 {
        return Err(list.impossible("LENTHDR"));
    }
    for _ in 0..head.records.min(LIST_ITEMS_MAX) {
        record(list.sub("data record", head.record_bytes)?, device, out)?;
    }
    Ok(())
}

/// Identification of the module, its hardware, its firmware.
fn module(mut r: Reader<'_>, device: &Subject, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let index = r.u16_be("index")?;
    let start = r.at();
    let name = r.bytes("MlfB", 20)?;
    let name_span = r.since(start);
    let start = r.at();
    let kind = r.u16_be("BGTyp")?;
    let kind_span = r.since(start);
    let start = r.at();
    let [letter, major, minor, patch] = r.array("Ausbg and Ausbe")?;
    let span = r.since(start);
    let dotted = letter.is_ascii_alphabetic().then(|| {
        let letter = char::from(letter);
        format!("{letter}{major}.{minor}.{patch}")
    });
    let issue = dotted.clone().unwrap_or_else(|| u16::from_be_bytes([letter, major]).to_string());
    match index {
        THE_MODULE => {
            readable::say(out, device, keys::ORDER_NUMBER, name, name_span);
            out.uint(device, keys::MODULE_TYPE, kind, kind_span);
            out.text(device, keys::MODULE_VERSION, &issue, span);
        }
        HARDWARE => {
            readable::say(out, device, keys::HARDWARE_ORDER_NUMBER, name, name_span);
            out.text(device, keys::HARDWARE_VERSION, &issue, span);
        }
        FIRMWARE => {
            // Makers of compatible modules leave out the letter.
            let plain = (letter == 0 && (major, minor, patch) != (0, 0, 0))
                .then(|| format!("{major}.{minor}.{patch}"));
            if let Some(version) = dotted.or(plain) {
                out.text(device, keys::FIRMWARE, &version, span);
            }
        }
        EXTENSION => {
            if let (Some(name), Some(version)) = (readable::readable(name), dotted) {
                let text = format!("{name} {version}");
                let both = Span { at: name_span.at, len: r.at().saturating_sub(name_span.at) };
                out.text(device, keys::FIRMWARE_EXTENSION, &text, both);
            }
        }
        _ => {}
    }
    Ok(())
}

/// Identification of a component. In redundant systems the high byte of the index names the other rack, whose module
/// answers for itself.
fn component(mut r: Reader<'_>, device: &Subject, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let index = r.u16_be("index")?;
    let key = match index {
        1 => keys::SYSTEM_NAME,
        2 => keys::MODULE_NAME,
        3 => keys::PLANT_DESIGNATION,
        4 => keys::COPYRIGHT,
        5 => keys::SERIAL_NUMBER,
        7 => keys::MODULE_TYPE_NAME,
        8 => keys::MEMORY_CARD_SERIAL_NUMBER,
        9 => return profile(r, device, out),
        10 => return oem(r, device, out),
        11 => keys::LOCATION_DESIGNATION,
        _ => return Ok(()),
    };
    let start = r.at();
    let text = r.rest();
    padded(out, device, key, text, start);
    Ok(())
}

/// Says a text that NUL or blanks fill up; its place is that of the characters.
fn padded(out: &mut Sink<'_>, device: &Subject, key: Key, bytes: &[u8], at: usize) {
    let filled = bytes.iter().rposition(|byte| !matches!(byte, 0 | b' '));
    let len = filled.map_or(0, |last| last.saturating_add(1));
    readable::say(out, device, key, bytes.get(..len).unwrap_or_default(), Span { at, len });
}

fn profile(mut r: Reader<'_>, device: &Subject, out: &mut Sink<'_>) -> Result<(), Malformed> {
    for (key, field) in [
        (keys::MANUFACTURER_ID, "manufacturer_id"),
        (keys::PROFILE_ID, "profile_id"),
        (keys::PROFILE_TYPE, "profile_specific_typ"),
    ] {
        let start = r.at();
        let number = r.u16_be(field)?;
        out.uint(device, key, number, r.since(start));
    }
    Ok(())
}

fn oem(mut r: Reader<'_>, device: &Subject, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let start = r.at();
    let copyright = r.bytes("OEM copyright", 26)?;
    padded(out, device, keys::OEM_COPYRIGHT, copyright, start);
    let start = r.at();
    let number = r.u16_be("OEM identifier")?;
    if number != 0 {
        out.uint(device, keys::OEM_ID, number, r.since(start));
    }
    Ok(())
}

fn communication(mut r: Reader<'_>, device: &Subject, out: &mut Sink<'_>) -> Result<(), Malformed> {
    if r.u16_be("index")? != GENERAL {
        return Ok(());
    }
    for (key, field) in [(keys::MAXIMUM_PDU_LENGTH, "pdu"), (keys::MAXIMUM_CONNECTIONS, "anz")] {
        let start = r.at();
        let number = r.u16_be(field)?;
        out.uint(device, key, number, r.since(start));
    }
    Ok(())
}

fn protection(mut r: Reader<'_>, device: &Subject, out: &mut Sink<'_>) -> Result<(), Malformed> {
    if r.u16_be("index")? != PROTECTION {
        return Ok(());
    }
    for (key, field) in [
        (keys::PROTECTION_KEY, "key"),
        (keys::PROTECTION_PARAMETER, "param"),
        (keys::PROTECTION_LEVEL, "real"),
    ] {
        let start = r.at();
        let level = r.u16_be(field)?;
        out.uint(device, key, level, r.since(start));
    }
    let start = r.at();
    let position = match r.u16_be("bart_sch")? {
        1 => Some("RUN"),
        2 => Some("RUN-P"),
        3 => Some("STOP"),
        4 => Some("MRES"),
        _ => None,
    };
    if let Some(position) = position {
        out.text(device, keys::MODE_SWITCH, position, r.since(start));
    }
    // Older modules leave the rest empty.
    if r.left() < CHECKSUMS_BYTES {
        return Ok(());
    }
    r.skip("crst_wrst and ken_f", 4)?;
    if r.u16_be("ken_rel")? != CHECKSUMS_VALID {
        return Ok(());
    }
    for (key, field) in
        [(keys::CONFIGURATION_CHECKSUM, "ken_ver_hw"), (keys::PROGRAM_CHECKSUM, "ken_ver_awp")]
    {
        let start = r.at();
        let checksum = r.u32_be(field)?;
        out.text(device, key, &format!("{checksum:08x}"), r.since(start));
    }
    Ok(())
}

fn mode(mut r: Reader<'_>, device: &Subject, out: &mut Sink<'_>) -> Result<(), Malformed> {
    r.skip("ereig and ae", 3)?;
    let start = r.at();
    let mode = match r.u8("bzü-id")? & MODE_NOW {
        1..=4 => Some("STOP"),
        5..=7 => Some("STARTUP"),
        8 | 9 => Some("RUN"),
        10 => Some("HOLD"),
        13 => Some("DEFECT"),
        _ => None,
    };
    match mode {
        Some(mode) => out.text(device, keys::MODE, mode, r.since(start)),
        None => out.count("s7.modes_unknown"),
    }
    Ok(())
}

/// Modules in racks beside the CPU; those of PROFIBUS and PROFINET have the number of their system in the first byte.
fn rack_module(mut r: Reader<'_>, device: &Subject, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let start = r.at();
    let [system, rack, slot, submodule] = r.array("adr1 and adr2")?;
    r.skip("logadr", 2)?;
    let expected = r.u16_be("solltyp")?;
    let found = r.u16_be("isttyp")?;
    let span = r.since(start);
    if system != 0 || submodule != 0 || matches!(found, 0 | NO_TYPE) {
        return Ok(());
    }
    let mut text = format!("rack {rack} slot {slot}: {found:#06x}");
    if expected != found {
        text.push_str(&format!(", expected {expected:#06x}"));
    }
    out.text(device, keys::RACK_MODULE, &text, span);
    Ok(())
}

const LIST: u16 = 0x00ff;
const EXTRACT: u16 = 0x0f00;
const HEAD_ONLY: u16 = 0x0f00;
const MODULE: u16 = 0x11;
const COMPONENT: u16 = 0x1c;
const COMMUNICATION: u16 = 0x31;
const STATUS: u16 = 0x32;
const MODES: u16 = 0x24;
const CURRENT: u16 = 0x0400;
const MODULES: u16 = 0x91;

const THE_MODULE: u16 = 0x0001;
const HARDWARE: u16 = 0x0006;
const FIRMWARE: u16 = 0x0007;
const EXTENSION: u16 = 0x0081;
const GENERAL: u16 = 0x0001;
const PROTECTION: u16 = 0x0004;
/// "VV": the checksums behind it count.
const CHECKSUMS_VALID: u16 = 0x5656;
/// Start switch, an identifier, the mark, and two checksums.
const CHECKSUMS_BYTES: usize = 14;
const MODE_NOW: u8 = 0x0f;
const NO_TYPE: u16 = 0xffff;
