//! Files: Landlock, landlock(7). Only the store is written, only what was named is read, nothing is started.

use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible as _, NetPort,
    PathBeneath, PathFd, RestrictionStatus, Ruleset, RulesetAttr as _, RulesetCreatedAttr as _,
    RulesetError, RulesetStatus,
};

use super::{Confinement, Network, Step};

/// Closes all files but those that are kept, and TCP ports but those that are.
pub(super) fn close(keep: &Confinement) -> Step {
    let missing: Vec<String> = keep
        .writes
        .iter()
        .filter(|path| !path.is_dir())
        .map(|path| path.display().to_string())
        .collect();
    // A store that cannot be written because it was not there when the rights were given away would lose everything.
    if !missing.is_empty() {
        return Step::not(MEASURE, format!("{} is no directory", missing.join(", ")));
    }
    match restrict(keep) {
        Err(error) => Step::not(MEASURE, format!("Landlock refuses: {error}")),
        Ok(status) => told(keep, &status),
    }
}

fn restrict(keep: &Confinement) -> Result<RestrictionStatus, RulesetError> {
    let ruleset = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(KNOWN))?
        .handle_access(AccessNet::BindTcp | AccessNet::ConnectTcp)?;
    let mut created = ruleset.create()?;
    for path in &keep.writes {
        created = allow(created, path, writing())?;
    }
    let system = SYSTEM.iter().map(PathBuf::from);
    let names = NAMES.iter().map(PathBuf::from).filter(|_| keep.network != Network::Nobody);
    for path in keep.reads.iter().cloned().chain(system).chain(names) {
        created = allow(created, &path, AccessFs::ReadFile | AccessFs::ReadDir)?;
    }
    let (listen, outward): (&[u16], &[u16]) = match &keep.network {
        Network::Nobody => (&[], &[]),
        Network::Outward(outward) => (&[], outward),
        Network::Server { listen, outward } => (listen, outward),
    };
    for port in listen {
        created = created.add_rule(NetPort::new(*port, AccessNet::BindTcp))?;
    }
    for port in outward {
        created = created.add_rule(NetPort::new(*port, AccessNet::ConnectTcp))?;
    }
    created.restrict_self()
}

/// Allows what is below a path; what is not there stays closed.
fn allow(
    ruleset: landlock::RulesetCreated,
    path: &Path,
    access: BitFlags<AccessFs>,
) -> Result<landlock::RulesetCreated, RulesetError> {
    let Ok(opened) = PathFd::new(path) else { return Ok(ruleset) };
    let access = match path.is_dir() {
        true => access,
        false => access & AccessFs::from_file(KNOWN),
    };
    ruleset.add_rule(PathBeneath::new(opened, access))
}

/// What a store needs: plain files and directories, nothing that could be started, no devices, sockets or links.
fn writing() -> BitFlags<AccessFs> {
    AccessFs::ReadFile
        | AccessFs::ReadDir
        | AccessFs::WriteFile
        | AccessFs::Truncate
        | AccessFs::MakeReg
        | AccessFs::MakeDir
        | AccessFs::RemoveFile
        | AccessFs::RemoveDir
        | AccessFs::Refer
}

fn told(keep: &Confinement, status: &RestrictionStatus) -> Step {
    let writes: Vec<String> = keep.writes.iter().map(|path| path.display().to_string()).collect();
    let writes = match writes.is_empty() {
        true => "nothing is written".to_owned(),
        false => format!("written below {} only", writes.join(" and ")),
    };
    let text = format!("{writes}, read where named, nothing started (Landlock)");
    match status.ruleset {
        RulesetStatus::FullyEnforced => Step::done(MEASURE, text),
        RulesetStatus::PartiallyEnforced => Step::partly(
            MEASURE,
            format!("{text}; this kernel's Landlock lacks some of it, TCP ports before Linux 6.7"),
        ),
        RulesetStatus::NotEnforced => {
            let why = "this kernel has no Landlock, or it is switched off (Linux 5.13 and later, lsm= of the kernel's command line)";
            Step::not(MEASURE, why.to_owned())
        }
    }
}

const MEASURE: &str = "files";

/// What is asked for; of older kernels, what they have.
const KNOWN: ABI = ABI::V5;

/// What the program reads of the system: interfaces and their counters, its own memory.
const SYSTEM: &[&str] = &["/sys/class/net", "/sys/devices", "/proc/self"];

/// What looking up names and checking certificates reads.
const NAMES: &[&str] = &[
    "/etc/resolv.conf",
    "/etc/hosts",
    "/etc/host.conf",
    "/etc/nsswitch.conf",
    "/etc/gai.conf",
    "/etc/ssl/certs",
    "/run/systemd/resolve",
    "/usr/lib",
    "/usr/share/ca-certificates",
];
