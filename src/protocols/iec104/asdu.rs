//! What is inside a frame with information: type, cause, station, and how long its objects are (IEC 60870-5-101, 7.2 and 7.3,
//! with the sizes of IEC 60870-5-104, 7).
//!
//! ```text
//!   type 1 | SQ 1 bit, number 7 bits | T, P/N, cause 6 bits | originator 1 | common address 2 | object address 3, elements ...
//! ```

use crate::wire::{Malformed, Reader, Span};

/// The front of an ASDU.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asdu {
    pub(super) kind: u8,
    pub(super) kind_span: Span,
    pub(super) cause: u8,
    pub(super) cause_span: Span,
    /// True when what was asked for is refused.
    pub(super) is_negative: bool,
    pub(super) originator: u8,
    pub(super) originator_span: Span,
    pub(super) common_address: u16,
    pub(super) common_address_span: Span,
    /// True when the objects have one address, and the next ones behind it.
    is_sequence: bool,
    number: u8,
}

impl Asdu {
    /// Reads the front; the objects are left.
    pub(super) fn read(r: &mut Reader<'_>) -> Result<Self, Malformed> {
        let start = r.at();
        let kind = r.u8("type identification")?;
        let kind_span = r.since(start);
        let qualifier = r.u8("variable structure qualifier")?;
        let start = r.at();
        let cause = r.u8("cause of transmission")?;
        let cause_span = r.since(start);
        let start = r.at();
        let originator = r.u8("originator address")?;
        let originator_span = r.since(start);
        let start = r.at();
        let common_address = r.u16_le("common address")?;
        let common_address_span = r.since(start);
        Ok(Self {
            kind,
            kind_span,
            cause: cause & CAUSE,
            cause_span,
            is_negative: cause & NEGATIVE != 0,
            originator,
            originator_span,
            common_address,
            common_address_span,
            is_sequence: qualifier & SEQUENCE != 0,
            number: qualifier & NUMBER,
        })
    }

    /// Whether this is what a station may send: a type and a cause that there are, and as many bytes of objects as they need.
    pub(super) fn is_sound(&self, left: usize) -> bool {
        let Some(row) = row(self.kind) else { return false };
        if !matches!(self.cause, 1..=13 | 20..=41 | 44..=47) || self.common_address == 0 {
            return false;
        }
        let Some(size) = row.size else { return left >= OBJECT_ADDRESS_BYTES };
        let number = usize::from(self.number);
        let needed = if self.is_sequence {
            number.saturating_mul(size).saturating_add(OBJECT_ADDRESS_BYTES)
        } else {
            number.saturating_mul(size.saturating_add(OBJECT_ADDRESS_BYTES))
        };
        number > 0 && needed == left
    }

    /// Name of the type, or its number.
    pub(super) fn name(&self) -> std::borrow::Cow<'static, str> {
        row(self.kind).map_or_else(|| self.kind.to_string().into(), |row| row.name.into())
    }
}

/// A type.
#[derive(Clone, Copy, Debug)]
struct Row {
    name: &'static str,
    /// Bytes of one element; `None` where elements have different lengths.
    size: Option<usize>,
}

fn row(kind: u8) -> Option<Row> {
    let found = TYPES.binary_search_by_key(&kind, |(kind, ..)| *kind).ok()?;
    TYPES.get(found).map(|(_, name, size)| Row { name, size: *size })
}

/// Types of what a controlled station tells: of the process, and that it has started.
pub(super) fn is_monitored(kind: u8) -> bool {
    matches!(kind, 1..=40 | END_OF_INITIALIZATION)
}

/// Types of commands to the process.
pub(super) fn is_command(kind: u8) -> bool {
    matches!(kind, 45..=51 | 58..=64)
}

/// Types of parameters that are loaded or activated.
pub(super) fn is_parameter(kind: u8) -> bool {
    matches!(kind, 110..=113)
}

/// Why something was refused as a whole.
pub(super) fn unknown(cause: u8) -> Option<&'static str> {
    match cause {
        44 => Some("unknown type identification"),
        45 => Some("unknown cause of transmission"),
        46 => Some("unknown common address"),
        47 => Some("unknown information object address"),
        _ => None,
    }
}

pub(super) const END_OF_INITIALIZATION: u8 = 70;
pub(super) const INTERROGATION: u8 = 100;
pub(super) const COUNTER_INTERROGATION: u8 = 101;
pub(super) const READ: u8 = 102;
pub(super) const CLOCK: u8 = 103;
pub(super) const RESET: u8 = 105;
pub(super) const FILE_SELECT: u8 = 122;
pub(super) const FILE_LAST: u8 = 123;
/// Causes.
pub(super) const REQUEST: u8 = 5;
pub(super) const ACTIVATION: u8 = 6;
pub(super) const ACTIVATION_CONFIRMED: u8 = 7;
pub(super) const FILE: u8 = 13;

const CAUSE: u8 = 0x3f;
const NEGATIVE: u8 = 0x40;
const SEQUENCE: u8 = 0x80;
const NUMBER: u8 = 0x7f;
const OBJECT_ADDRESS_BYTES: usize = 3;

/// Types with their names, and the bytes of one element of each.
const TYPES: &[(u8, &str, Option<usize>)] = &[
    (1, "M_SP_NA_1", Some(1)),
    (3, "M_DP_NA_1", Some(1)),
    (5, "M_ST_NA_1", Some(2)),
    (7, "M_BO_NA_1", Some(5)),
    (9, "M_ME_NA_1", Some(3)),
    (11, "M_ME_NB_1", Some(3)),
    (13, "M_ME_NC_1", Some(5)),
    (15, "M_IT_NA_1", Some(5)),
    (20, "M_PS_NA_1", Some(5)),
    (21, "M_ME_ND_1", Some(2)),
    (30, "M_SP_TB_1", Some(8)),
    (31, "M_DP_TB_1", Some(8)),
    (32, "M_ST_TB_1", Some(9)),
    (33, "M_BO_TB_1", Some(12)),
    (34, "M_ME_TD_1", Some(10)),
    (35, "M_ME_TE_1", Some(10)),
    (36, "M_ME_TF_1", Some(12)),
    (37, "M_IT_TB_1", Some(12)),
    (38, "M_EP_TD_1", Some(10)),
    (39, "M_EP_TE_1", Some(11)),
    (40, "M_EP_TF_1", Some(11)),
    (45, "C_SC_NA_1", Some(1)),
    (46, "C_DC_NA_1", Some(1)),
    (47, "C_RC_NA_1", Some(1)),
    (48, "C_SE_NA_1", Some(3)),
    (49, "C_SE_NB_1", Some(3)),
    (50, "C_SE_NC_1", Some(5)),
    (51, "C_BO_NA_1", Some(4)),
    (58, "C_SC_TA_1", Some(8)),
    (59, "C_DC_TA_1", Some(8)),
    (60, "C_RC_TA_1", Some(8)),
    (61, "C_SE_TA_1", Some(10)),
    (62, "C_SE_TB_1", Some(10)),
    (63, "C_SE_TC_1", Some(12)),
    (64, "C_BO_TA_1", Some(11)),
    (END_OF_INITIALIZATION, "M_EI_NA_1", Some(1)),
    (INTERROGATION, "C_IC_NA_1", Some(1)),
    (COUNTER_INTERROGATION, "C_CI_NA_1", Some(1)),
    (READ, "C_RD_NA_1", Some(0)),
    (CLOCK, "C_CS_NA_1", Some(7)),
    (RESET, "C_RP_NA_1", Some(1)),
    (107, "C_TS_TA_1", Some(9)),
    (110, "P_ME_NA_1", Some(3)),
    (111, "P_ME_NB_1", Some(3)),
    (112, "P_ME_NC_1", Some(5)),
    (113, "P_AC_NA_1", Some(1)),
    (120, "F_FR_NA_1", Some(6)),
    (121, "F_SR_NA_1", Some(7)),
    (FILE_SELECT, "F_SC_NA_1", Some(4)),
    (FILE_LAST, "F_LS_NA_1", Some(5)),
    (124, "F_AF_NA_1", Some(4)),
    (125, "F_SG_NA_1", None),
    (126, "F_DR_TA_1", Some(13)),
    (127, "F_SC_NB_1", Some(16)),
];
