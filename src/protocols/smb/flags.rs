//! Bit fields as words: what a node can do, in the order of the bits.

/// The names of the bits set; those without a name as one hexadecimal number at the end.
pub(super) fn words(raw: u32, names: &[(u32, &str)]) -> String {
    let mut text = String::new();
    let mut unnamed = raw;
    for (bit, name) in names {
        if raw & bit != 0 {
            unnamed &= !bit;
            add(&mut text, name);
        }
    }
    if unnamed != 0 {
        add(&mut text, &format!("{unnamed:#x}"));
    }
    if text.is_empty() { "none".to_owned() } else { text }
}

fn add(text: &mut String, name: &str) {
    if !text.is_empty() {
        text.push_str(", ");
    }
    text.push_str(name);
}

/// \[MS-SMB2\] section 2.2.4, Capabilities.
pub(super) const CAPABILITIES: &[(u32, &str)] = &[
    (0x01, "DFS"),
    (0x02, "leasing"),
    (0x04, "large MTU"),
    (0x08, "multi-channel"),
    (0x10, "persistent handles"),
    (0x20, "directory leasing"),
    (0x40, "encryption"),
    (0x80, "notifications"),
];

/// \[MS-CIFS\] section 2.2.4.52.2 and \[MS-SMB\] section 2.2.4.5.2.1, Capabilities; the extensions for Unix by Samba.
pub(super) const CAPABILITIES_SMB1: &[(u32, &str)] = &[
    (0x0000_0001, "raw mode"),
    (0x0000_0002, "multiplex mode"),
    (0x0000_0004, "Unicode"),
    (0x0000_0008, "large files"),
    (0x0000_0010, "NT SMBs"),
    (0x0000_0020, "RPC"),
    (0x0000_0040, "32-bit status"),
    (0x0000_0080, "level II oplocks"),
    (0x0000_0100, "lock and read"),
    (0x0000_0200, "NT find"),
    (0x0000_0400, "bulk transfer"),
    (0x0000_0800, "compressed data"),
    (0x0000_1000, "DFS"),
    (0x0000_2000, "quadword aligned"),
    (0x0000_4000, "large read"),
    (0x0000_8000, "large write"),
    (0x0001_0000, "lightweight I/O"),
    (0x0080_0000, "Unix extensions"),
    (0x2000_0000, "dynamic reauthentication"),
    (0x8000_0000, "extended security"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_without_a_name_are_kept_as_a_number() {
        assert_eq!(words(0x0005, CAPABILITIES), "DFS, large MTU");
        assert_eq!(words(0x0302, CAPABILITIES), "leasing, 0x300");
        assert_eq!(words(0, CAPABILITIES), "none");
    }
}
