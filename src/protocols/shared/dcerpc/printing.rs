//! The print system: the version of Windows at both ends, with its build.
//!
//! Reads \[MS-RPRN\]: the answer of RpcGetPrinterData for the values `OSVersion` and `OSVersionEx` of a print server
//! (section 3.1.4.2.7, structures 2.2.3.10.1 and 2.2.3.10.2), and the SPLCLIENT_INFO_1 of RpcOpenPrinterEx (2.2.1.3.1), in
//! which a client introduces itself. Skips the client's user, who is a person, and everything about printers.
//!
//! ```text
//!   RpcGetPrinterData  request   handle 20 | name | size u32          answer   type u32 | max u32, bytes | needed u32 | ...
//!   OSVERSIONINFO                size u32, major u32, minor u32, build u32, platform u32, service pack 256
//!   RpcOpenPrinterEx   request   pointer, name | pointer, type | size u32, pointer, bytes | access u32 |
//!                                level u32, level u32, pointer | size u32, machine, user, build u32, major u32, minor u32 ...
//! ```

use crate::protocols::Sink;
use crate::protocols::shared::dcerpc::ndr::{HANDLE_BYTES, Ndr, wide_text};
use crate::protocols::shared::dcerpc::service::Asked;
use crate::protocols::shared::dcerpc::{CSD_VERSION, Ends, OS_VERSION_INFO, computer_name};
use crate::wire::Malformed;

/// Reads the request of RpcGetPrinterData.
pub(super) fn data_request(mut stub: Ndr<'_>) -> Result<Asked, Malformed> {
    stub.bytes("hPrinter", HANDLE_BYTES)?;
    let name = stub.string("pValueName")?;
    let version =
        ["OSVersion", "OSVersionEx"].iter().any(|known| name.text.eq_ignore_ascii_case(known));
    Ok(if version { Asked::Key(OS_VERSION_INFO) } else { Asked::Nothing })
}

/// Reads its answer. A server that is asked with too little room answers with zeros.
pub(super) fn data(
    mut stub: Ndr<'_>,
    asked: &Asked,
    ends: &Ends,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let Asked::Key(key) = asked else { return Ok(()) };
    stub.u32("pType")?;
    let length = stub.size("pData")?;
    let mut info = stub.sub("pData", length)?;
    if info.left() < VERSION_INFO_BYTES {
        return Ok(());
    }
    // The structure is written as the server has it in memory, whatever the order of bytes of the stub.
    if usize::try_from(info.u32_le("OSVersionInfoSize")?).unwrap_or(0) < VERSION_INFO_BYTES {
        return Ok(());
    }
    let start = info.at();
    let [major, minor, build] =
        [info.u32_le("MajorVersion")?, info.u32_le("MinorVersion")?, info.u32_le("BuildNumber")?];
    let version = format!("{major}.{minor}.{}", build & 0xffff); // Windows 95 kept its version above.
    out.text(&ends.server, *key, &version, info.since(start));
    info.skip("PlatformId", 4)?;
    let pack = wide_text(info.sub("CSDVersion", SERVICE_PACK_BYTES)?, true);
    out.text(&ends.server, CSD_VERSION, &pack.text, pack.span);
    Ok(())
}

/// Reads the request of RpcOpenPrinterEx.
pub(super) fn open_request(
    mut stub: Ndr<'_>,
    ends: &Ends,
    out: &mut Sink<'_>,
) -> Result<Asked, Malformed> {
    for field in ["pPrinterName", "pDatatype"] {
        let there = stub.pointer(field)?;
        stub.string_at(there, field)?;
    }
    stub.align_pointers()?;
    stub.u32("cbBuf")?;
    if stub.pointer("pDevMode")? {
        let length = stub.size("pDevMode")?;
        stub.bytes("pDevMode", length)?;
    }
    stub.u32("AccessRequired")?;
    stub.align_pointers()?;
    let level = stub.u32("Level")?;
    stub.align_pointers()?;
    stub.u32("Level")?;
    if level != 1 || !stub.pointer("pClientInfo1")? {
        return Ok(Asked::Nothing);
    }
    stub.align_pointers()?;
    stub.u32("dwSize")?;
    let has_machine = stub.pointer("pMachineName")?;
    stub.pointer("pUserName")?;
    let start = stub.at();
    let build = stub.u32("dwBuildNum")?;
    let [major, minor] = [stub.u32("dwMajorVersion")?, stub.u32("dwMinorVersion")?];
    if build != 0 && major != 0 {
        let version = format!("{major}.{minor}.{build}");
        out.text(&ends.client, OS_VERSION_INFO, &version, stub.since(start));
    }
    stub.u16("wProcessorArchitecture")?;
    stub.align_pointers()?;
    let machine = stub.string_at(has_machine, "pMachineName")?;
    computer_name(&ends.client, &machine.text, machine.span, out);
    Ok(Asked::Nothing)
}

const VERSION_INFO_BYTES: usize = 276;
const SERVICE_PACK_BYTES: usize = 256;
