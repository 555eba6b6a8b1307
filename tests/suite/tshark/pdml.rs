//! Identity fields of tshark's dissection, from its PDML.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

/// One field of one frame.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: String,
    /// As tshark prints it.
    pub(super) show: String,
    /// The bytes it was read from.
    pub(super) value: Vec<u8>,
    /// Offset of these bytes in the frame, or in the message when it came in several.
    pub(super) at: u32,
    pub(super) length: u32,
}

/// What is of interest in one frame.
#[derive(Debug, Default)]
pub(super) struct Frame {
    pub(super) fields: Vec<Field>,
    /// Offsets do not count from the start of the frame.
    pub(super) reassembled: bool,
}

impl Field {
    pub(super) fn number(&self) -> Option<u64> {
        match self.show.strip_prefix("0x") {
            Some(digits) => u64::from_str_radix(digits, 16).ok(),
            None => self.show.parse().ok(),
        }
    }

    /// True when tshark prints characters, not a number, an identifier or a time.
    pub(super) fn is_text(&self) -> bool {
        !matches!(
            self.name.as_str(),
            "enip.lir.revision"
                | "enip.lir.serial"
                | "cip.id.major_rev"
                | "cip.id.serial_number"
                | "ntlmssp.version"
                | "smb2.server_guid"
                | "smb.server_guid"
                | "smb2.boot_time"
                | "modbus.object_value"
        )
    }
}

/// Whether tshark can be run.
pub(super) fn is_here() -> bool {
    let mut asked = Command::new("tshark");
    let asked = asked.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    asked.status().is_ok_and(|status| status.success())
}

/// The frames of a capture that hold one of the fields.
pub(super) fn read(capture: &Path, fields: &[&str]) -> BTreeMap<u64, Frame> {
    let output = Command::new("tshark")
        .args(["-T", "pdml", "-Y", &fields.join(" || ")])
        .args(PREFERENCES.iter().flat_map(|rule| ["-o", rule]))
        .arg("-r")
        .arg(capture)
        .stderr(Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let mut frames = BTreeMap::new();
    for packet in text.split("<packet>").skip(1) {
        let mut frame = Frame::default();
        let mut number = 0;
        for line in packet.lines() {
            let Some(name) = attribute(line, "name") else { continue };
            match name {
                "frame.number" => number = attribute(line, "show").unwrap().parse().unwrap(),
                "tcp.segments" | "ip.fragments" | "dcerpc.fragments" | "nbss.segments"
                | "smb.segments" => frame.reassembled = true,
                _ if line.contains("hide=\"yes\"") => {}
                _ if fields.contains(&name) => frame.fields.push(field(name, line)),
                _ => {}
            }
        }
        frames.insert(number, frame);
    }
    frames
}

fn field(name: &str, line: &str) -> Field {
    let number = |name| attribute(line, name).and_then(|text| text.parse().ok()).unwrap_or(0);
    let show = attribute(line, "show").filter(|show| !show.is_empty());
    let show = show.or_else(|| attribute(line, "showname")).unwrap_or_default();
    let show = show.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    let show = show.replace("&#x27;", "'").replace("&amp;", "&");
    let value = attribute(line, "value").unwrap_or_default();
    let digits = value.as_bytes().chunks_exact(2);
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    Field {
        name: name.to_owned(),
        show,
        value: digits.map(byte).collect(),
        at: number("pos"),
        length: number("size"),
    }
}

/// Where servers of our captures listen beside their registered port: tshark goes by the port, and has to be told.
const PREFERENCES: &[&str] = &["mbtcp.tcp.port:502,1502"];

/// `name="value"` in a line of PDML, as it is written there.
fn attribute<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let start = line.find(&format!(" {name}=\""))?;
    let value = line.get(start + name.len() + 3..)?;
    value.split_once('"').map(|(value, _)| value)
}
