//! Slaves of one line: which there are, what their registers and their EEPROM say (ETG.1000.4, ETG.2010).
//!
//! The EEPROM is read through registers: the master writes a command and the number of a word, and reads the answer from
//! the registers behind it when the slave is no longer busy.

use crate::model::limits::ETHERCAT_SLAVES_MAX;
use crate::model::{Act, Hop, Node, Subject, Unit};
use crate::protocols::Sink;
use crate::protocols::ethercat::{
    BROADCAST_READ, Datagram, POSITION_READ, POSITION_WRITE, STATION_READ, STATION_WRITE, keys,
    mailbox,
};
use crate::wire::Span;

/// All slaves that were heard of.
#[derive(Default)]
pub(super) struct Slaves {
    /// In order of their station addresses.
    known: Vec<Slave>,
    /// Their station addresses, in order of their positions; 0 where it is not known.
    positions: Vec<u16>,
    /// How many there are on the line.
    count: u16,
}

/// One slave.
#[derive(Default)]
pub(super) struct Slave {
    station: u16,
    /// Word of the EEPROM that is being read, and whether it is there.
    word: Option<u32>,
    is_ready: bool,
    /// State that was told.
    state: Option<u8>,
    vendor_id: Option<u32>,
}

impl Slaves {
    /// Forgets what is under way: frames are missing.
    pub(super) fn forget(&mut self) {
        for slave in &mut self.known {
            slave.word = None;
        }
    }

    pub(super) fn hear(&mut self, datagram: &Datagram<'_>, master: Node, out: &mut Sink<'_>) {
        let station = match datagram.command {
            BROADCAST_READ => return self.counted(datagram, master, out),
            POSITION_WRITE if datagram.ado == STATION_ADDRESS => {
                return self.placed(datagram, master, out);
            }
            POSITION_READ | POSITION_WRITE => self.station_of(datagram),
            STATION_READ | STATION_WRITE => Some(datagram.adp),
            _ => None,
        };
        // Two that did what was asked for have the same address: nobody knows whose answer it is.
        let Some(station) = station.filter(|station| *station > 0 && datagram.counter == 1) else {
            return;
        };
        let Some(slave) = self.slave(station, out) else { return };
        if matches!(datagram.command, POSITION_READ | STATION_READ) {
            slave.answered(datagram, master, out);
        } else {
            slave.asked(datagram, master, out);
        }
    }

    /// Each slave counts a broadcast up as it passes.
    fn counted(&mut self, datagram: &Datagram<'_>, master: Node, out: &mut Sink<'_>) {
        if datagram.adp != datagram.counter || self.count == datagram.counter {
            return;
        }
        // Heard between two slaves, frames that go and frames that come back count differently: then no place is sure.
        self.count = datagram.counter;
        self.positions.clear();
        let span = Span { at: datagram.at.saturating_sub(ADP_BYTES_AHEAD), len: 2 };
        out.uint(&Subject::node(master), keys::SLAVES, self.count, span);
    }

    /// A slave is given its station address.
    fn placed(&mut self, datagram: &Datagram<'_>, master: Node, out: &mut Sink<'_>) {
        let Some((station, span)) = datagram.register::<2>(STATION_ADDRESS) else { return };
        let station = u16::from_le_bytes(station);
        let Some(position) = self.position(datagram) else { return };
        if station == 0 || datagram.counter != 1 {
            return;
        }
        let at = usize::from(position);
        if self.positions.len() <= at {
            self.positions.resize(at.saturating_add(1), 0);
        }
        if let Some(place) = self.positions.get_mut(at) {
            *place = station;
        }
        if self.slave(station, out).is_some() {
            let adp = Span { at: datagram.at.saturating_sub(ADP_BYTES_AHEAD), len: 2 };
            let span = Span { len: span.at.saturating_add(span.len).saturating_sub(adp.at), ..adp };
            out.uint(&subject(master, station), keys::POSITION, position, span);
        }
    }

    /// Slaves count the position up as the datagram passes: the first had 0, the second -1.
    fn position(&self, datagram: &Datagram<'_>) -> Option<u16> {
        let position = self.count.checked_sub(datagram.adp)?;
        (position < self.count && usize::from(position) < ETHERCAT_SLAVES_MAX).then_some(position)
    }

    fn station_of(&self, datagram: &Datagram<'_>) -> Option<u16> {
        self.positions.get(usize::from(self.position(datagram)?)).copied()
    }

    fn slave(&mut self, station: u16, out: &mut Sink<'_>) -> Option<&mut Slave> {
        let at = match self.known.binary_search_by_key(&station, |slave| slave.station) {
            Ok(at) => at,
            Err(_) if self.known.len() >= ETHERCAT_SLAVES_MAX => {
                out.count("ethercat.slaves_over_limit");
                return None;
            }
            Err(at) => {
                self.known.insert(at, Slave { station, ..Slave::default() });
                at
            }
        };
        self.known.get_mut(at)
    }
}

impl Slave {
    /// The master wrote something.
    fn asked(&mut self, datagram: &Datagram<'_>, master: Node, out: &mut Sink<'_>) {
        if let Some((control, span)) = datagram.register::<2>(AL_CONTROL)
            && u16::from_le_bytes(control) & STATE == BOOT
        {
            out.act(Act::Program, span);
            self.attempt("bootstrap", span, master, out);
        }
        if let Some((control, span)) = datagram.register::<2>(EEPROM_CONTROL) {
            let control = u16::from_le_bytes(control);
            let word = datagram.register::<4>(EEPROM_ADDRESS);
            self.word = word.map(|(word, _)| u32::from_le_bytes(word));
            self.is_ready = false;
            if control & EEPROM_WRITE != 0 {
                self.word = None;
                out.act(Act::Write, span);
                self.attempt("EEPROM write", span, master, out);
            }
        }
        if datagram.ado >= MEMORY
            && let Some((what, act, span)) = mailbox::written(datagram)
        {
            out.act(act, span);
            if let Some(what) = what {
                self.attempt(what, span, master, out);
            }
        }
    }

    fn attempt(&self, what: &str, span: Span, master: Node, out: &mut Sink<'_>) {
        let slave = subject(master, self.station);
        out.text(&slave, keys::ATTEMPT, &format!("{what} by {}", master.addr), span);
    }

    /// The slave gave something.
    fn answered(&mut self, datagram: &Datagram<'_>, master: Node, out: &mut Sink<'_>) {
        if datagram.ado >= MEMORY {
            if let Some(object) = mailbox::object(datagram) {
                self.told_vendor(object.vendor_id());
                object.tell(&subject(master, self.station), self.vendor_id, out);
            }
            return;
        }
        if let Some(([kind, revision, low, high], span)) = datagram.register::<4>(ESC_TYPE) {
            let slave = subject(master, self.station);
            out.uint(&slave, keys::ESC_TYPE, kind, Span { len: 1, ..span });
            let version = format!("{revision}.{}", u16::from_le_bytes([low, high]));
            let span = Span { at: span.at.saturating_add(1), len: 3 };
            out.text(&slave, keys::ESC_VERSION, &version, span);
        }
        if let Some(([status, _], span)) = datagram.register::<2>(AL_STATUS) {
            self.state(status & (STATE_BITS | ERROR), span, datagram, master, out);
        }
        self.eeprom(datagram, master, out);
    }

    fn state(
        &mut self,
        state: u8,
        span: Span,
        datagram: &Datagram<'_>,
        master: Node,
        out: &mut Sink<'_>,
    ) {
        if self.state.replace(state) == Some(state) {
            return;
        }
        let Some((_, [name, failed])) =
            STATES.iter().find(|(number, _)| *number == state & STATE_BITS)
        else {
            return;
        };
        let slave = subject(master, self.station);
        let is_failed = state & ERROR != 0;
        out.text(&slave, keys::AL_STATE, if is_failed { failed } else { name }, span);
        if is_failed && let Some((code, span)) = datagram.register::<2>(AL_STATUS_CODE) {
            out.uint(&slave, keys::AL_STATUS_CODE, u16::from_le_bytes(code), span);
        }
    }

    /// What the EEPROM says of the slave, two or four words at a time.
    fn eeprom(&mut self, datagram: &Datagram<'_>, master: Node, out: &mut Sink<'_>) {
        if let Some((status, _)) = datagram.register::<2>(EEPROM_CONTROL) {
            self.is_ready = u16::from_le_bytes(status) & EEPROM_NOT_THERE == 0;
        }
        if let Some((word, _)) = datagram.register::<4>(EEPROM_ADDRESS) {
            self.word = Some(u32::from_le_bytes(word));
        }
        let Some(word) = self.word.filter(|_| self.is_ready) else { return };
        for (register, words) in [(EEPROM_DATA, 0), (EEPROM_DATA_MORE, 2)] {
            let Some((value, span)) = datagram.register::<4>(register) else { return };
            let value = u32::from_le_bytes(value);
            let field = Field::of_word(word.saturating_add(words));
            let Some(field) = field.filter(|_| value != 0) else { continue };
            if field == Field::Vendor {
                self.told_vendor(Some(value));
            }
            field.tell(value, span, &subject(master, self.station), self.vendor_id, out);
        }
    }

    fn told_vendor(&mut self, vendor_id: Option<u32>) {
        self.vendor_id = vendor_id.or(self.vendor_id);
    }
}

/// What identifies a slave, in its EEPROM and in object 1018.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Field {
    Vendor,
    Product,
    Revision,
    Serial,
}

impl Field {
    fn of_word(word: u32) -> Option<Self> {
        Some(match word {
            0x08 => Self::Vendor,
            0x0a => Self::Product,
            0x0c => Self::Revision,
            0x0e => Self::Serial,
            _ => return None,
        })
    }

    /// By the subindex of object 1018.
    pub(super) fn of_subindex(subindex: u8) -> Option<Self> {
        Some(match subindex {
            1 => Self::Vendor,
            2 => Self::Product,
            3 => Self::Revision,
            4 => Self::Serial,
            _ => return None,
        })
    }

    pub(super) fn tell(
        self,
        value: u32,
        span: Span,
        slave: &Subject,
        vendor_id: Option<u32>,
        out: &mut Sink<'_>,
    ) {
        let key = match self {
            Self::Vendor => keys::VENDOR_ID,
            Self::Product => keys::PRODUCT_CODE,
            Self::Revision => keys::REVISION_NUMBER,
            Self::Serial => keys::SERIAL_NUMBER,
        };
        out.uint(slave, key, value, span);
        if self == Self::Product
            && let Some(vendor_id) = vendor_id
        {
            let product = format!("{vendor_id:#010x}:{value:#010x}");
            out.text(slave, keys::PRODUCT, &product, span);
        }
    }
}

fn subject(master: Node, station: u16) -> Subject {
    Subject { node: master, unit: Some(Unit(Box::new([Hop::Slave(station)]))) }
}

/// States, and what they are called when the slave is in them because something failed.
const STATES: &[(u8, [&str; 2])] = &[
    (1, ["Init", "Init, error"]),
    (2, ["PreOp", "PreOp, error"]),
    (3, ["Boot", "Boot, error"]),
    (4, ["SafeOp", "SafeOp, error"]),
    (8, ["Op", "Op, error"]),
];
const STATE_BITS: u8 = 0x0f;
const ERROR: u8 = 0x10;
const STATE: u16 = 0x0f;
const BOOT: u16 = 3;

/// Registers of the slave controller.
const ESC_TYPE: u16 = 0x0000;
const STATION_ADDRESS: u16 = 0x0010;
const AL_CONTROL: u16 = 0x0120;
const AL_STATUS: u16 = 0x0130;
const AL_STATUS_CODE: u16 = 0x0134;
const EEPROM_CONTROL: u16 = 0x0502;
const EEPROM_ADDRESS: u16 = 0x0504;
const EEPROM_DATA: u16 = 0x0508;
const EEPROM_DATA_MORE: u16 = 0x050c;
/// Where registers end and memory begins.
const MEMORY: u16 = 0x1000;
/// A command to write to the EEPROM.
const EEPROM_WRITE: u16 = 0x0200;
/// Busy, or one of four errors.
const EEPROM_NOT_THERE: u16 = 0xf800;
/// Bytes from the ADP to the data.
const ADP_BYTES_AHEAD: usize = 8;
