//! entPhysicalTable (RFC 6933, 3.1): the parts that a device knows of itself.
//!
//! What identifies a part is said of its row; rows of ports, fans and sensors have none of it. Of modules and chassis
//! description, name and class are said, too. A chassis that is in nothing else is the device itself: all of its row is
//! said of the device. Tables are walked column by column, so that what comes before the class of a row waits for it.
//!
//! No value counts for another subject because something was not seen: a lost frame only takes facts away.

use std::collections::BTreeMap;

use crate::flow::{Input, Place};
use crate::model::limits::{SNMP_ENTITIES_MAX, SNMP_ENTITY_BYTES_MAX};
use crate::model::{FrameRef, Hop, Key, Subject, Unit};
use crate::protocols::Sink;
use crate::protocols::shared::readable;
use crate::protocols::snmp::keys;
use crate::protocols::snmp::oid::Oid;
use crate::protocols::snmp::pdu::Variable;
use crate::wire::{Reader, Span};

/// The columns of the table: what stands behind it is a column and the number of a row.
pub(super) const TABLE: &[u32] = &[1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1];

/// What is known of the rows of one agent's table.
#[derive(Default)]
pub(super) struct Entities {
    rows: BTreeMap<u32, Row>,
    held_bytes: usize,
}

#[derive(Default)]
struct Row {
    class: Option<u64>,
    contained_in: Option<u64>,
    held: Vec<Held>,
}

/// A value that waits until it is known what its row is.
struct Held {
    column: u32,
    bytes: Box<[u8]>,
    frame: FrameRef,
    offset: u32,
}

/// What a row is.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Whom {
    /// A chassis in nothing else.
    Device,
    /// A module, or a chassis in a stack.
    Part,
    /// Something that is no device.
    Nobody,
    /// Not yet known.
    Unknown,
}

impl Row {
    fn whom(&self) -> Whom {
        match (self.class, self.contained_in) {
            (None, _) | (Some(CHASSIS), None) => Whom::Unknown,
            (Some(CHASSIS), Some(0)) => Whom::Device,
            (Some(CHASSIS | MODULE), _) => Whom::Part,
            _ => Whom::Nobody,
        }
    }
}

impl Entities {
    /// Takes a value of a row, and says what is known by it.
    pub(super) fn say(
        &mut self,
        (column, row): (u32, u32),
        value: &Variable<'_>,
        agent: &Subject,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) {
        let (bytes, span) = value.bytes();
        if IDENTITY.contains(&column) {
            one(column, bytes, span, &part(agent, row), out);
        }
        let Some(known) = self.row(row, out) else { return };
        match column {
            CLASS => known.class = value.number(),
            CONTAINED_IN => known.contained_in = value.number(),
            _ => {}
        }
        match known.whom() {
            Whom::Nobody => drop(self.release(row)),
            Whom::Unknown => self.hold((column, row), (bytes, span), input, out),
            whom => {
                for Held { column, bytes, frame, offset } in self.release(row) {
                    let places = [Place { start: 0, frame, offset }];
                    let before = Input { bytes: &bytes, whole: true, places: &places, ..*input };
                    let span = Span { at: 0, len: bytes.len() };
                    of_row((column, row), (&bytes, span), whom, agent, &mut out.over(&before));
                }
                of_row((column, row), (bytes, span), whom, agent, out);
            }
        }
    }

    /// Bytes of the values that wait.
    pub(super) fn held_bytes(&self) -> usize {
        self.held_bytes
    }

    /// Gives up the values that wait.
    pub(super) fn forget(&mut self) {
        self.rows.values_mut().for_each(|row| row.held = Vec::new());
        self.held_bytes = 0;
    }

    /// The values of a row that waited.
    fn release(&mut self, row: u32) -> Vec<Held> {
        let held = self.rows.get_mut(&row).map(|known| std::mem::take(&mut known.held));
        let held = held.unwrap_or_default();
        let freed = held.iter().fold(0_usize, |sum, held| sum.saturating_add(held.bytes.len()));
        self.held_bytes = self.held_bytes.saturating_sub(freed);
        held
    }

    fn hold(
        &mut self,
        (column, row): (u32, u32),
        (bytes, span): (&[u8], Span),
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) {
        let all = self.held_bytes.saturating_add(bytes.len());
        if bytes.is_empty() || column == CONTAINED_IN {
            return;
        }
        if all > SNMP_ENTITY_BYTES_MAX {
            out.count("snmp.entity_texts_over_limit");
            return;
        }
        let Some(known) = self.row(row, out) else { return };
        let (frame, offset) = input.locate(span.at);
        // The same asked again is the same answer.
        if known.held.iter().any(|held| held.column == column) {
            return;
        }
        known.held.push(Held { column, bytes: bytes.into(), frame, offset });
        self.held_bytes = all;
    }

    fn row(&mut self, row: u32, out: &mut Sink<'_>) -> Option<&mut Row> {
        if self.rows.len() >= SNMP_ENTITIES_MAX && !self.rows.contains_key(&row) {
            out.count("snmp.entities_over_limit");
            return None;
        }
        Some(self.rows.entry(row).or_default())
    }
}

/// A part is a way of one hop behind the agent: rows are in each other, but their numbers say all.
fn part(agent: &Subject, row: u32) -> Subject {
    let unit = Unit::beyond(agent.unit.as_ref(), Hop::Entity(row));
    Subject { node: agent.node, unit: Some(unit) }
}

/// Says a value of a row of which it is known what it is. What identifies it has been said of the row already.
fn of_row(
    (column, row): (u32, u32),
    (bytes, span): (&[u8], Span),
    whom: Whom,
    agent: &Subject,
    out: &mut Sink<'_>,
) {
    if whom == Whom::Device {
        one(column, bytes, span, agent, out);
    } else if !IDENTITY.contains(&column) {
        one(column, bytes, span, &part(agent, row), out);
    }
}

fn one(column: u32, bytes: &[u8], span: Span, subject: &Subject, out: &mut Sink<'_>) {
    if column == CLASS {
        let class = if bytes.last() == Some(&CHASSIS_BYTE) { "chassis" } else { "module" };
        out.text(subject, keys::ENTITY_CLASS, class, span);
        return;
    }
    if column == VENDOR_TYPE {
        let oid = Oid::read(Reader::new(bytes), "entPhysicalVendorType").ok();
        if let Some(oid) = oid.filter(|oid| !oid.is_null()) {
            out.text(subject, keys::ENTITY_VENDOR_TYPE, &oid.to_string(), span);
        }
        return;
    }
    if let Some((_, key)) = COLUMNS.iter().find(|(number, _)| *number == column) {
        readable::say_lines(out, subject, *key, bytes, span);
    }
}

const DESCRIPTION: u32 = 2;
const VENDOR_TYPE: u32 = 3;
const CONTAINED_IN: u32 = 4;
const CLASS: u32 = 5;
const NAME: u32 = 7;

/// Columns that hold texts.
const COLUMNS: &[(u32, Key)] = &[
    (DESCRIPTION, keys::ENTITY_DESCRIPTION),
    (NAME, keys::ENTITY_NAME),
    (8, keys::ENTITY_HARDWARE_REVISION),
    (9, keys::ENTITY_FIRMWARE_REVISION),
    (10, keys::ENTITY_SOFTWARE_REVISION),
    (11, keys::ENTITY_SERIAL_NUMBER),
    (12, keys::ENTITY_MANUFACTURER_NAME),
    (13, keys::ENTITY_MODEL_NAME),
    (15, keys::ENTITY_ASSET_ID),
];

/// Columns that only parts with a nameplate fill.
const IDENTITY: std::ops::RangeInclusive<u32> = 8..=15;
/// IANAPhysicalClass.
const CHASSIS: u64 = 3;
const CHASSIS_BYTE: u8 = 3;
const MODULE: u64 = 9;
