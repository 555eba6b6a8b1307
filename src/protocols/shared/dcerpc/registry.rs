//! The remote registry: the exact release and update level of Windows, asked for by scanners and by patch management.
//!
//! Reads \[MS-RRP\] sections 3.1.5: OpenLocalMachine, BaseRegOpenKey, BaseRegQueryValue, BaseRegEnumValue and
//! BaseRegCloseKey. A value is read only where its key was seen being opened and is among [`VALUES`]: the registry
//! holds the like names in other places, and secrets in others.
//!
//! ```text
//!   BaseRegOpenKey      handle 20 | name | ...                             answer   handle 20 | status u32
//!   BaseRegQueryValue   handle 20 | name | ...                             answer   pointer, type u32 | pointer, data | ...
//!   BaseRegEnumValue    handle 20 | index u32 | ...                        answer   name | pointer, type u32 | pointer, data | ...
//!   name                length u16, capacity u16, pointer, max u32, offset u32, actual u32, characters
//! ```

use crate::model::Key;
use crate::model::limits::DCERPC_REGISTRY_KEYS_MAX;
use crate::protocols::Sink;
use crate::protocols::shared::dcerpc::ndr::{HANDLE_BYTES, Ndr, Text, wide_text};
use crate::protocols::shared::dcerpc::service::Asked;
use crate::protocols::shared::dcerpc::{
    BIOS_VERSION, BUILD_LAB_EX, COMPUTER_NAME, CSD_VERSION, CURRENT_BUILD, CURRENT_VERSION,
    DISPLAY_VERSION, DNS_DOMAIN_NAME, DNS_HOST_NAME, EDITION_ID, Ends, INSTALLATION_TYPE,
    PRODUCT_NAME, PRODUCT_TYPE, RELEASE_ID, SYSTEM_MANUFACTURER, SYSTEM_PRODUCT_NAME, UBR,
};
use crate::wire::{Malformed, Reader};

/// Open keys on the way to a value that is read, by their handles.
#[derive(Debug, Default)]
pub(super) struct Keys {
    /// The oldest first. Paths below HKEY_LOCAL_MACHINE, in lower case.
    open: Vec<([u8; HANDLE_BYTES], Box<str>)>,
    /// How many gave way to others.
    pub(super) forgotten: u32,
}

impl Keys {
    /// The answer of OpenLocalMachine.
    pub(super) fn local_machine(&mut self, mut stub: Ndr<'_>) -> Result<(), Malformed> {
        let handle = stub.handle("phKey")?;
        self.remember(handle, "".into());
        Ok(())
    }

    /// The request of BaseRegOpenKey.
    pub(super) fn open_request(&self, mut stub: Ndr<'_>) -> Result<Asked, Malformed> {
        let Some(parent) = self.path(&stub.handle("hKey")?) else { return Ok(Asked::Nothing) };
        let name = counted(&mut stub, "lpSubKey")?;
        let name = name.text.trim_matches('\\').to_ascii_lowercase();
        let path = match (parent, name.as_str()) {
            (parent, "") => parent.to_owned(),
            ("", name) => name.to_owned(),
            (parent, name) => format!("{parent}\\{name}"),
        };
        let leads = VALUES.iter().any(|(known, _, _)| leads_to(&path, known));
        Ok(if leads { Asked::Path(path.into()) } else { Asked::Nothing })
    }

    /// Its answer.
    pub(super) fn opened(&mut self, mut stub: Ndr<'_>, asked: &Asked) -> Result<(), Malformed> {
        let Asked::Path(path) = asked else { return Ok(()) };
        let handle = stub.handle("phkResult")?;
        if stub.u32("return value")? == 0 {
            self.remember(handle, path.clone());
        }
        Ok(())
    }

    /// The request of BaseRegCloseKey. The server may give the handle's number to another key.
    pub(super) fn close_request(&mut self, mut stub: Ndr<'_>) -> Result<Asked, Malformed> {
        let handle = stub.handle("hKey")?;
        self.open.retain(|(known, _)| *known != handle);
        Ok(Asked::Nothing)
    }

    /// The request of BaseRegQueryValue.
    pub(super) fn query_request(&self, mut stub: Ndr<'_>) -> Result<Asked, Malformed> {
        let Some(path) = self.path(&stub.handle("hKey")?) else { return Ok(Asked::Nothing) };
        let name = counted(&mut stub, "lpValueName")?;
        Ok(value(path, &name.text).map_or(Asked::Nothing, Asked::Key))
    }

    /// The request of BaseRegEnumValue.
    pub(super) fn enumerate_request(&self, mut stub: Ndr<'_>) -> Result<Asked, Malformed> {
        let path = self.path(&stub.handle("hKey")?);
        Ok(path.map_or(Asked::Nothing, |path| Asked::Path(path.into())))
    }

    /// Bytes of memory that they take.
    pub(super) fn kept_bytes(&self) -> usize {
        let paths = self.open.iter().map(|(handle, path)| handle.len().saturating_add(path.len()));
        paths.fold(0, usize::saturating_add)
    }

    fn path(&self, handle: &[u8; HANDLE_BYTES]) -> Option<&str> {
        self.open.iter().find(|(known, _)| known == handle).map(|(_, path)| path.as_ref())
    }

    fn remember(&mut self, handle: [u8; HANDLE_BYTES], path: Box<str>) {
        self.open.retain(|(known, _)| *known != handle);
        if self.open.len() >= DCERPC_REGISTRY_KEYS_MAX {
            self.open.remove(0);
            self.forgotten = self.forgotten.wrapping_add(1);
        }
        self.open.push((handle, path));
    }
}

/// Reads the answer of BaseRegQueryValue.
pub(super) fn queried(
    mut stub: Ndr<'_>,
    asked: &Asked,
    ends: &Ends,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    match asked {
        Asked::Key(key) => data(&mut stub, *key, ends, out),
        _ => Ok(()),
    }
}

/// Reads the answer of BaseRegEnumValue.
pub(super) fn enumerated(
    mut stub: Ndr<'_>,
    asked: &Asked,
    ends: &Ends,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let Asked::Path(path) = asked else { return Ok(()) };
    let name = counted(&mut stub, "lpValueNameOut")?;
    match value(path, &name.text) {
        Some(key) => data(&mut stub, key, ends, out),
        None => Ok(()),
    }
}

/// Type and data of a value. Data are as the server has them in memory, whatever the order of bytes of the stub.
fn data(stub: &mut Ndr<'_>, key: Key, ends: &Ends, out: &mut Sink<'_>) -> Result<(), Malformed> {
    if !stub.pointer("lpType")? {
        return Ok(());
    }
    let kind = stub.u32("lpType")?;
    if !stub.pointer("lpData")? {
        return Ok(()); // Asked for its size only.
    }
    let data = stub.byte_array("lpData")?;
    match kind {
        REG_SZ | REG_EXPAND_SZ => {
            let text = wide_text(data, true);
            out.text(&ends.server, key, &text.text, text.span);
        }
        REG_DWORD if data.left() == 4 => {
            let mut data: Reader<'_> = data;
            let start = data.at();
            let number = data.u32_le("lpData")?;
            out.uint(&ends.server, key, number, data.since(start));
        }
        _ => {}
    }
    Ok(())
}

fn counted(stub: &mut Ndr<'_>, field: &'static str) -> Result<Text, Malformed> {
    let there = stub.counted_string(field)?;
    stub.string_at(there, field)
}

fn value(path: &str, name: &str) -> Option<Key> {
    let found =
        VALUES.iter().find(|(known, value, _)| *known == path && value.eq_ignore_ascii_case(name));
    found.map(|(_, _, key)| *key)
}

/// True when `path` is `known` or a key on the way to it.
fn leads_to(path: &str, known: &str) -> bool {
    match known.strip_prefix(path) {
        Some(rest) => path.is_empty() || rest.is_empty() || rest.starts_with('\\'),
        None => false,
    }
}

const REG_SZ: u32 = 1;
const REG_EXPAND_SZ: u32 = 2;
const REG_DWORD: u32 = 4;

const CURRENT: &str = r"software\microsoft\windows nt\currentversion";
const NAME: &str = r"system\currentcontrolset\control\computername\computername";
const ACTIVE_NAME: &str = r"system\currentcontrolset\control\computername\activecomputername";
const OPTIONS: &str = r"system\currentcontrolset\control\productoptions";
const TCPIP: &str = r"system\currentcontrolset\services\tcpip\parameters";
const BIOS: &str = r"hardware\description\system\bios";

/// Key below HKEY_LOCAL_MACHINE, name of the value, what it is said as.
const VALUES: &[(&str, &str, Key)] = &[
    (CURRENT, "BuildLabEx", BUILD_LAB_EX),
    (CURRENT, "CSDVersion", CSD_VERSION),
    (CURRENT, "CurrentBuildNumber", CURRENT_BUILD),
    (CURRENT, "CurrentVersion", CURRENT_VERSION),
    (CURRENT, "DisplayVersion", DISPLAY_VERSION),
    (CURRENT, "EditionID", EDITION_ID),
    (CURRENT, "InstallationType", INSTALLATION_TYPE),
    (CURRENT, "ProductName", PRODUCT_NAME),
    (CURRENT, "ReleaseId", RELEASE_ID),
    (CURRENT, "UBR", UBR),
    (NAME, "ComputerName", COMPUTER_NAME),
    (ACTIVE_NAME, "ComputerName", COMPUTER_NAME),
    (OPTIONS, "ProductType", PRODUCT_TYPE),
    (TCPIP, "Domain", DNS_DOMAIN_NAME),
    (TCPIP, "Hostname", DNS_HOST_NAME),
    (BIOS, "BIOSVersion", BIOS_VERSION),
    (BIOS, "SystemManufacturer", SYSTEM_MANUFACTURER),
    (BIOS, "SystemProductName", SYSTEM_PRODUCT_NAME),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_keys_on_the_way_to_a_value_that_is_read_are_followed() {
        assert!(leads_to("", CURRENT));
        assert!(leads_to("software", CURRENT));
        assert!(leads_to(CURRENT, CURRENT));
        assert!(!leads_to("soft", CURRENT));
        assert!(!leads_to(r"software\microsoft\windows nt\currentversion\winlogon", CURRENT));
        assert_eq!(value(CURRENT, "ubr"), Some(UBR));
        assert_eq!(value(CURRENT, "RegisteredOwner"), None);
        assert_eq!(value("software", "UBR"), None);
    }
}
