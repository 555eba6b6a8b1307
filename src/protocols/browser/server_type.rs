//! What the bits of a server type and of election criteria stand for: \[MS-BRWS\] (2023) sections 2.2.1 and 2.2.3,
//! the former as in \[MS-SRVS\] section 2.2.2.7.

/// Names of the bits that are set, in their order. A bit without a name is told by its number.
pub(super) fn server_type(bits: u32) -> String {
    named(bits, SERVER_TYPE)
}

/// The system that the highest byte names, then names of the bits of the lowest.
pub(super) fn election_criteria(criteria: u32) -> String {
    let [system, _, _, roles] = criteria.to_be_bytes();
    let system = match system {
        0x00 => "no system".to_owned(),
        0x01 => "Windows for Workgroups".to_owned(),
        0x10 => "NT workstation".to_owned(),
        0x20 => "NT server".to_owned(),
        other => format!("system {other:#04x}"),
    };
    let roles = named(roles.into(), ELECTION_ROLES);
    if roles.is_empty() { system } else { format!("{system}, {roles}") }
}

fn named(bits: u32, names: &[(u32, &str)]) -> String {
    let set = (0..u32::BITS).filter_map(|at| {
        let bit = 1_u32.checked_shl(at)?;
        (bits & bit != 0).then(|| match names.iter().find(|(known, _)| *known == bit) {
            Some((_, name)) => (*name).to_owned(),
            None => format!("bit {at}"),
        })
    });
    set.collect::<Vec<String>>().join(", ")
}

const SERVER_TYPE: &[(u32, &str)] = &[
    (0x0000_0001, "workstation"),
    (0x0000_0002, "server"),
    (0x0000_0004, "SQL server"),
    (0x0000_0008, "domain controller"),
    (0x0000_0010, "backup domain controller"),
    (0x0000_0020, "time source"),
    (0x0000_0040, "AFP server"),
    (0x0000_0080, "Novell server"),
    (0x0000_0100, "domain member"),
    (0x0000_0200, "print queue server"),
    (0x0000_0400, "dial-in server"),
    (0x0000_0800, "Xenix server"),
    (0x0000_1000, "NT workstation"),
    (0x0000_2000, "Windows for Workgroups"),
    (0x0000_4000, "file and print for NetWare"),
    (0x0000_8000, "NT server"),
    (0x0001_0000, "potential browser"),
    (0x0002_0000, "backup browser"),
    (0x0004_0000, "master browser"),
    (0x0008_0000, "domain master browser"),
    (0x0010_0000, "OSF"),
    (0x0020_0000, "VMS"),
    (0x0040_0000, "Windows 95 or later"),
    (0x0080_0000, "DFS root"),
    (0x0100_0000, "cluster"),
    (0x0200_0000, "terminal server"),
    (0x0400_0000, "virtual cluster"),
    (0x1000_0000, "IBM Directory and Security Services"),
    (0x2000_0000, "alternate transport"),
    (0x4000_0000, "local list only"),
    (0x8000_0000, "primary domain"),
];

const ELECTION_ROLES: &[(u32, &str)] = &[
    (0x01, "backup browser"),
    (0x02, "standby browser"),
    (0x04, "master browser"),
    (0x08, "domain master browser"),
    (0x20, "WINS client"),
    (0x80, "domain controller"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_have_names_and_others_a_number() {
        assert_eq!(server_type(0x0000_9003), "workstation, server, NT workstation, NT server");
        assert_eq!(server_type(0x0800_0001), "workstation, bit 27");
        assert_eq!(server_type(0), "");
    }

    #[test]
    fn an_election_tells_the_system_first() {
        assert_eq!(
            election_criteria(0x2001_0fa8),
            "NT server, domain master browser, WINS client, domain controller"
        );
        assert_eq!(election_criteria(0x0101_0f00), "Windows for Workgroups");
        assert_eq!(election_criteria(0x3001_0f00), "system 0x30");
    }
}
