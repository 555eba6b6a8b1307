//! The workstation and the server service: name, domain, version, roles and description of a host.
//!
//! Reads the answers of NetrWkstaGetInfo, \[MS-WKST\] section 3.2.4.1, levels 100 to 102 (structures in 2.2.5.1 to
//! 2.2.5.3), and of NetrServerGetInfo, \[MS-SRVS\] section 3.1.4.17, levels 100 to 103 (2.2.4.40 and the following).
//! Skips numbers of users, and all other levels.
//!
//! ```text
//!   level u32 | pointer | 100: platform u32, computer name, domain, major u32, minor u32, 101: root, 102: users u32
//!   level u32 | pointer | 100: platform u32, name, 101: major u32, minor u32, type u32, comment, 102: 6 * u32, user path
//! ```

use crate::protocols::Sink;
use crate::protocols::shared::dcerpc::ndr::Ndr;
use crate::protocols::shared::dcerpc::{
    COMMENT, DOMAIN_NAME, Ends, OS_VERSION, PLATFORM_ID, SERVER_TYPE, computer_name,
};
use crate::wire::{Malformed, Span};

/// Reads the answer of NetrWkstaGetInfo.
pub(super) fn workstation(
    mut stub: Ndr<'_>,
    ends: &Ends,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let level = level(&mut stub)?;
    if !(100..=102).contains(&level) || !stub.pointer("WkstaInfo")? {
        return Ok(());
    }
    stub.align_pointers()?;
    platform(&mut stub, ends, out)?;
    let has_name = stub.pointer("wki100_computername")?;
    let has_domain = stub.pointer("wki100_langroup")?;
    version(&mut stub, u32::MAX, ends, out)?;
    if level >= 101 {
        stub.pointer("wki101_lanroot")?;
    }
    if level >= 102 {
        stub.u32("wki102_logged_on_users")?;
        stub.align_pointers()?;
    }
    let name = stub.string_at(has_name, "wki100_computername")?;
    computer_name(&ends.server, &name.text, name.span, out);
    let domain = stub.string_at(has_domain, "wki100_langroup")?;
    out.text(&ends.server, DOMAIN_NAME, &domain.text, domain.span);
    Ok(())
}

/// Reads the answer of NetrServerGetInfo.
pub(super) fn server(mut stub: Ndr<'_>, ends: &Ends, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let level = level(&mut stub)?;
    if !(100..=103).contains(&level) || !stub.pointer("InfoStruct")? {
        return Ok(());
    }
    stub.align_pointers()?;
    platform(&mut stub, ends, out)?;
    let has_name = stub.pointer("sv100_name")?;
    let mut has_comment = false;
    if level >= 101 {
        version(&mut stub, MAJOR_VERSION_MASK, ends, out)?;
        let start = stub.at();
        let kind = stub.u32("sv101_version_type")?;
        out.uint(&ends.server, SERVER_TYPE, kind, Span { at: start, len: 4 });
        has_comment = stub.pointer("sv101_comment")?;
    }
    if level >= 102 {
        for _ in 0..6 {
            stub.u32("sv102_users to sv102_licenses")?;
        }
        stub.pointer("sv102_userpath")?;
    }
    if level >= 103 {
        stub.u32("sv103_capabilities")?;
        stub.align_pointers()?;
    }
    let name = stub.string_at(has_name, "sv100_name")?;
    computer_name(&ends.server, &name.text, name.span, out);
    let comment = stub.string_at(has_comment, "sv101_comment")?;
    out.text(&ends.server, COMMENT, &comment.text, comment.span);
    Ok(())
}

/// The discriminant of the union, behind which the arm lies on its own alignment.
fn level(stub: &mut Ndr<'_>) -> Result<u32, Malformed> {
    let level = stub.u32("Level")?;
    stub.align_pointers()?;
    Ok(level)
}

fn platform(stub: &mut Ndr<'_>, ends: &Ends, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let start = stub.at();
    let platform = stub.u32("platform_id")?;
    out.uint(&ends.server, PLATFORM_ID, platform, Span { at: start, len: 4 });
    Ok(())
}

/// Major and minor version; of the major one only the bits of `mask`.
fn version(
    stub: &mut Ndr<'_>,
    mask: u32,
    ends: &Ends,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let start = stub.at();
    let major = stub.u32("version_major")? & mask;
    let minor = stub.u32("version_minor")?;
    out.text(&ends.server, OS_VERSION, &format!("{major}.{minor}"), stub.since(start));
    Ok(())
}

/// \[MS-SRVS\] section 2.2.2.6: the bits above are of the type.
const MAJOR_VERSION_MASK: u32 = 0x0f;
