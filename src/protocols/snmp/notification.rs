//! What traps and informs tell (RFC 3418, 2; RFC 1157, 4.1.6; RFC 3584, 3.1).

use crate::model::{Addr, Subject};
use crate::protocols::Sink;
use crate::protocols::snmp::keys;
use crate::protocols::snmp::oid::Oid;
use crate::protocols::snmp::pdu::{OldTrap, Variable};

/// Says a Trap-PDU of version 1.
pub(super) fn tell_old(trap: &OldTrap, sender: &Subject, out: &mut Sink<'_>) {
    let name = match usize::try_from(trap.generic).ok().and_then(|at| GENERIC.get(at)) {
        Some(name) => (*name).to_owned(),
        None => format!("{}.0.{}", trap.enterprise, trap.specific),
    };
    out.text(sender, keys::NOTIFICATION, &name, trap.span);
    let Some(address) = trap.address.filter(|address| !address.is_unspecified()) else { return };
    if sender.node.addr != Addr::Ip(address.into()) {
        out.text(sender, keys::AGENT_ADDRESS, &address.to_string(), trap.address_span);
    }
}

/// Says what a notification of versions 2c and 3 is, when this variable tells it.
pub(super) fn tell(variable: &Variable<'_>, sender: &Subject, out: &mut Sink<'_>) {
    if variable.name.behind(TRAP_OID).is_none() {
        return;
    }
    let Some(oid) = variable.oid() else { return };
    let name = name(&oid).map_or_else(|| oid.to_string(), str::to_owned);
    out.text(sender, keys::NOTIFICATION, &name, variable.bytes().1);
}

fn name(oid: &Oid) -> Option<&'static str> {
    let [number] = oid.behind(STANDARD)? else { return None };
    let at = usize::try_from(number.checked_sub(1)?).ok()?;
    GENERIC.get(at).copied()
}

/// snmpTrapOID.0.
const TRAP_OID: &[u32] = &[1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0];
/// snmpTraps: numbers in it are those of the generic traps, and one.
const STANDARD: &[u32] = &[1, 3, 6, 1, 6, 3, 1, 1, 5];
/// Generic traps in the order of their numbers.
const GENERIC: &[&str] =
    &["coldStart", "warmStart", "linkDown", "linkUp", "authenticationFailure", "egpNeighborLoss"];
