//! Announcements of hosts and of master browsers. \[MS-BRWS\] (2023) section 2.2; the LAN Manager form as Samba and
//! Windows write it when they are told to.
//!
//! ```text
//!   browse        | command u8 | ...
//!     1 host, 15 local master   | UpdateCount u8 | Periodicity u32 | ServerName 16 | OSVersion u8 u8 | ServerType u32
//!                               | BrowserVersion u8 u8 | Signature u16 | Comment 00 |
//!     12 domain                 | UpdateCount u8 | Periodicity u32 | MachineGroup 16 | ... 10 bytes | master's name 00 |
//!     8 election                | Version u8 | Criteria u32 | UpTime u32 | Unused u32 | ServerName 00 |
//!     10 backup list            | BackupServerCount u8 | Token u32 | names, 00 after each |
//!     13 master                 | MasterBrowserServerName 00 |
//!   LAN Manager   | 1 u16 | ServerType u32 | OSVersion u8 u8 | Periodicity u16 | ServerName 00 | Comment 00 |
//! ```

use crate::model::limits::BACKUP_BROWSERS_MAX;
use crate::model::{Key, Subject};
use crate::protocols::Sink;
use crate::protocols::browser::{
    BACKUP_SERVER, BROWSER_VERSION, COMMENT, ELECTION_CRITERIA, Letter, MASTER_OF, OS_VERSION,
    SERVER, SERVER_TYPE, SUFFIX_BROWSER_ELECTIONS, SUFFIX_MASTER_BROWSER, WORKGROUP, fixed_name,
    server_type, text_to_nul,
};
use crate::wire::{Malformed, Reader, open_enum};

/// Reads one message to `\MAILSLOT\BROWSE`.
pub(super) fn browse(letter: &Letter<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let mut r = letter.data.clone();
    let sender = &letter.sender;
    match Command::from(r.u8("browser command")?) {
        command @ (Command::HostAnnouncement | Command::LocalMasterAnnouncement) => {
            say_workgroup(letter, command, out);
            host(&mut r, sender, out)
        }
        Command::DomainAnnouncement => domain(&mut r, sender, out),
        Command::RequestElection => election(&mut r, sender, out),
        Command::BackupListResponse => backup_list(&mut r, sender, out),
        Command::MasterAnnouncement => {
            let (name, span) = text_to_nul(&mut r);
            out.text(sender, SERVER, name.as_deref().unwrap_or_default(), span);
            Ok(())
        }
        Command::Unknown(_) => Ok(()),
    }
}

/// Reads one message to `\MAILSLOT\LANMAN`. The comment is left alone: hosts that speak both forms write it in
/// capitals here, and would have another comment every other time.
pub(super) fn lan_manager(letter: &Letter<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let mut r = letter.data.clone();
    if r.u16_le("LAN Manager announcement")? != LAN_MANAGER_ANNOUNCEMENT {
        return Ok(());
    }
    let sender = &letter.sender;
    say_server_type(&mut r, sender, out)?;
    say_version(&mut r, OS_VERSION_FIELD, sender, out)?;
    r.skip("Periodicity", 2)?;
    let (name, span) = text_to_nul(&mut r);
    out.text(sender, SERVER, name.as_deref().unwrap_or_default(), span);
    Ok(())
}

/// A host announces itself to the master browser of its workgroup, a master browser to its browsers; the name of
/// the workgroup is then the destination of the datagram.
fn say_workgroup(letter: &Letter<'_>, command: Command, out: &mut Sink<'_>) {
    let suffix = match command {
        Command::HostAnnouncement => SUFFIX_MASTER_BROWSER,
        _ => SUFFIX_BROWSER_ELECTIONS,
    };
    if letter.destination.suffix == suffix
        && let Some(name) = letter.destination.text()
    {
        out.text(&letter.sender, WORKGROUP, &name, letter.destination_span);
    }
}

fn host(r: &mut Reader<'_>, sender: &Subject, out: &mut Sink<'_>) -> Result<(), Malformed> {
    r.skip("UpdateCount and Periodicity", 5)?;
    let (name, span) = fixed_name(r, "ServerName")?;
    out.text(sender, SERVER, name.as_deref().unwrap_or_default(), span);
    say_version(r, OS_VERSION_FIELD, sender, out)?;
    say_server_type(r, sender, out)?;
    say_version(r, BROWSER_VERSION_FIELD, sender, out)?;
    r.skip("Signature", 2)?;
    let (comment, span) = text_to_nul(r);
    out.text(sender, COMMENT, comment.as_deref().unwrap_or_default(), span);
    Ok(())
}

/// A master browser tells the others of its workgroup. The versions and the type in between are the workgroup's:
/// Windows puts other things there.
fn domain(r: &mut Reader<'_>, sender: &Subject, out: &mut Sink<'_>) -> Result<(), Malformed> {
    r.skip("UpdateCount and Periodicity", 5)?;
    let (group, span) = fixed_name(r, "MachineGroup")?;
    out.text(sender, MASTER_OF, group.as_deref().unwrap_or_default(), span);
    r.skip("BrowserConfigVersion, ServerType and BrowserVersion", 10)?;
    let (name, span) = text_to_nul(r);
    out.text(sender, SERVER, name.as_deref().unwrap_or_default(), span);
    Ok(())
}

/// A host that only asks for an election puts nothing forward and has no name.
fn election(r: &mut Reader<'_>, sender: &Subject, out: &mut Sink<'_>) -> Result<(), Malformed> {
    r.skip("Version", 1)?;
    let start = r.at();
    let criteria = r.u32_le("Criteria")?;
    let span = r.since(start);
    r.skip("UpTime and Unused", 8)?;
    let (name, name_span) = text_to_nul(r);
    if criteria != 0 {
        out.text(sender, ELECTION_CRITERIA, &server_type::election_criteria(criteria), span);
    }
    out.text(sender, SERVER, name.as_deref().unwrap_or_default(), name_span);
    Ok(())
}

fn backup_list(r: &mut Reader<'_>, sender: &Subject, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let count = usize::from(r.u8("BackupServerCount")?);
    r.skip("Token", 4)?;
    if count > BACKUP_BROWSERS_MAX {
        out.count("browser.backup_servers_beyond_cap");
    }
    for _ in 0..count.min(BACKUP_BROWSERS_MAX) {
        if r.is_empty() {
            return Err(r.impossible("BackupServerCount"));
        }
        let (name, span) = text_to_nul(r);
        out.text(sender, BACKUP_SERVER, name.as_deref().unwrap_or_default(), span);
    }
    Ok(())
}

fn say_server_type(
    r: &mut Reader<'_>,
    sender: &Subject,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let start = r.at();
    let bits = r.u32_le("ServerType")?;
    out.text(sender, SERVER_TYPE, &server_type::server_type(bits), r.since(start));
    Ok(())
}

fn say_version(
    r: &mut Reader<'_>,
    (field, key): (&'static str, Key),
    sender: &Subject,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let start = r.at();
    let [major, minor] = r.array(field)?;
    out.text(sender, key, &format!("{major}.{minor}"), r.since(start));
    Ok(())
}

open_enum! {
    /// Commands that are read (\[MS-BRWS\], 2.2).
    enum Command: u8 {
        /// A host that serves something.
        HostAnnouncement = 1, "host announcement",
        /// A host wants to become master browser, or wants one elected.
        RequestElection = 8, "election request",
        /// A master browser names others that keep its list.
        BackupListResponse = 10, "backup list response",
        /// A master browser to those of other workgroups.
        DomainAnnouncement = 12, "domain announcement",
        /// A master browser to the domain master browser.
        MasterAnnouncement = 13, "master announcement",
        /// A master browser to its own workgroup.
        LocalMasterAnnouncement = 15, "local master announcement",
    }
}

const OS_VERSION_FIELD: (&str, Key) = ("OSVersion", OS_VERSION);
const BROWSER_VERSION_FIELD: (&str, Key) = ("BrowserVersion", BROWSER_VERSION);
const LAN_MANAGER_ANNOUNCEMENT: u16 = 1;
