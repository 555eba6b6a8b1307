//! Lists of modules and submodules, by slot and subslot: those that are there, those that are expected, those that differ.
//!
//! ```text
//! real          NumberOfAPIs u16 | API u32 | NumberOfSlots u16   | { SlotNumber u16 | ModuleIdentNumber u32
//!               | NumberOfSubslots u16 | { SubslotNumber u16 | SubmoduleIdentNumber u32 } }
//! differing     NumberOfAPIs u16 | API u32 | NumberOfModules u16 | { SlotNumber u16 | ModuleIdentNumber u32 | ModuleState u16
//!               | NumberOfSubmodules u16 | { SubslotNumber u16 | SubmoduleIdentNumber u32 | SubmoduleState u16 } }
//! expected      NumberOfAPIs u16 | { API u32 | SlotNumber u16 | ModuleIdentNumber u32 | ModuleProperties u16
//!               | NumberOfSubmodules u16 | { SubslotNumber u16 | SubmoduleIdentNumber u32 | SubmoduleProperties u16
//!               | DataDescription: type u16, length u16, two lengths u8 ... } }
//! ```
//!
//! The first version of the list of what is there has no number of application processes, and only one of them.

use crate::model::limits::PN_IO_SLOTS_MAX;
use crate::model::{Hop, Key, Subject, Unit};
use crate::protocols::Sink;
use crate::wire::{Malformed, Reader};

use super::{Call, keys};

/// Reads RealIdentificationData.
pub(super) fn real(
    call: &Call,
    version_low: u8,
    mut r: Reader<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let processes = if version_low == 0 { 1 } else { r.u16_be("NumberOfAPIs")? };
    let mut room = Room::default();
    for _ in 0..processes {
        if version_low != 0 {
            r.skip("API", 4)?;
        }
        for _ in 0..r.u16_be("NumberOfSlots")? {
            let slot = r.u16_be("SlotNumber")?;
            ident(&module(call, slot), keys::MODULE_IDENT_NUMBER, &mut r, out)?;
            for _ in 0..r.u16_be("NumberOfSubslots")? {
                let subslot = r.u16_be("SubslotNumber")?;
                let place = submodule(call, slot, subslot);
                ident(&place, keys::SUBMODULE_IDENT_NUMBER, &mut r, out)?;
                room.take(&r)?;
            }
            room.take(&r)?;
        }
    }
    Ok(())
}

/// Reads ModuleDiffBlock. What is not there has no number.
pub(super) fn differing(
    call: &Call,
    mut r: Reader<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let mut room = Room::default();
    for _ in 0..r.u16_be("NumberOfAPIs")? {
        r.skip("API", 4)?;
        for _ in 0..r.u16_be("NumberOfModules")? {
            let slot = r.u16_be("SlotNumber")?;
            let module = module(call, slot);
            let mut ident_number = r.clone();
            r.skip("ModuleIdentNumber", 4)?;
            let start = r.at();
            let state = r.u16_be("ModuleState")?;
            let span = r.since(start);
            if let Some((_, name)) = MODULE_STATES.iter().find(|(known, _)| *known == state) {
                out.text(&module, keys::MODULE_STATE, name, span);
            }
            if state != NO_MODULE {
                ident(&module, keys::MODULE_IDENT_NUMBER, &mut ident_number, out)?;
            }
            let submodules = usize::from(r.u16_be("NumberOfSubmodules")?);
            r.skip("Submodules", submodules.saturating_mul(8))?;
            room.take(&r)?;
        }
    }
    Ok(())
}

/// Reads ExpectedSubmoduleBlockReq.
pub(super) fn expected(
    call: &Call,
    mut r: Reader<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let mut room = Room::default();
    for _ in 0..r.u16_be("NumberOfAPIs")? {
        r.skip("API", 4)?;
        let slot = r.u16_be("SlotNumber")?;
        ident(&module(call, slot), keys::EXPECTED_MODULE_IDENT_NUMBER, &mut r, out)?;
        r.skip("ModuleProperties", 2)?;
        for _ in 0..r.u16_be("NumberOfSubmodules")? {
            let subslot = r.u16_be("SubslotNumber")?;
            let place = submodule(call, slot, subslot);
            ident(&place, keys::EXPECTED_SUBMODULE_IDENT_NUMBER, &mut r, out)?;
            let properties = r.u16_be("SubmoduleProperties")?;
            // Inputs and outputs are described one after the other.
            let descriptions = if properties & 3 == 3 { 2 } else { 1 };
            for _ in 0..descriptions {
                r.skip("DataDescription", 6)?;
            }
            room.take(&r)?;
        }
        room.take(&r)?;
    }
    Ok(())
}

/// The module itself, slot 0 among them: which module a device's head is, its identification does not tell.
fn module(call: &Call, slot: u16) -> Subject {
    let unit = Unit::beyond(None, Hop::Slot(slot.into()));
    Subject { node: call.ends.device, unit: Some(unit) }
}

fn submodule(call: &Call, slot: u16, subslot: u16) -> Subject {
    let module = module(call, slot);
    let unit = Unit::beyond(module.unit.as_ref(), Hop::Subslot(subslot));
    Subject { unit: Some(unit), ..module }
}

fn ident(
    subject: &Subject,
    key: Key,
    r: &mut Reader<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let start = r.at();
    let number = r.u32_be(key.name)?;
    out.uint(subject, key, number, r.since(start));
    Ok(())
}

/// How many more places are looked at.
struct Room(usize);

impl Default for Room {
    fn default() -> Self {
        Self(PN_IO_SLOTS_MAX)
    }
}

impl Room {
    fn take(&mut self, r: &Reader<'_>) -> Result<(), Malformed> {
        self.0 = self.0.checked_sub(1).ok_or_else(|| r.impossible("NumberOfSlots"))?;
        Ok(())
    }
}

const NO_MODULE: u16 = 0;
/// What a module that is told about can be.
const MODULE_STATES: &[(u16, &str)] =
    &[(NO_MODULE, "no module"), (1, "wrong module"), (2, "proper module"), (3, "substitute")];
