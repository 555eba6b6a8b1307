//! A second opinion: tshark reads the same frames, and both must see the same bytes at the same place. Without tshark
//! there is nothing to compare with.
//!
//! Both ways: a fact that tshark does not see in that frame is suspect, and so is an identity field of tshark that is
//! not said. Compared are the bytes on the wire, their offset in the frame where no reassembly came between, and the
//! value where both print it alike.

mod pdml;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use nameplate::model::{Observation, Value};

use crate::replayed::{bundled, captures_below, hear, root};
use pdml::{Field, Frame};

#[test]
fn tshark_sees_the_same_bytes_in_every_capture_of_the_project() {
    let is_compared = |path: &PathBuf| COMPARED.iter().any(|folder| path.starts_with(folder));
    let captures = bundled().into_iter().filter(is_compared);
    let captures: Vec<PathBuf> = captures.map(|path| root().join("captures").join(path)).collect();
    compare(&captures);
}

#[test]
fn tshark_sees_the_same_bytes_in_real_captures() {
    let Some(shared) = crate::truth::shared() else { return };
    let folder = shared.join("captures/pcap");
    let of_interest = |path: &PathBuf| {
        let name = path.to_string_lossy().to_lowercase();
        let about = ["modbus", "enip", "ethernetip", "cip", "smb", "ntlm", "dce"];
        about.iter().any(|word| name.contains(word))
            && path.metadata().is_ok_and(|about| about.len() <= REAL_CAPTURE_BYTES_MAX)
    };
    let captures: Vec<PathBuf> = captures_below(&folder).into_iter().filter(of_interest).collect();
    assert!(!captures.is_empty(), "{} holds none", folder.display());
    compare(&captures);
}

fn compare(captures: &[PathBuf]) {
    if !pdml::is_here() {
        println!("skipped: tshark is not here");
        return;
    }
    let mut wrong = Vec::new();
    let (mut seen, mut placed) = (0, 0);
    for capture in captures {
        let frames = pdml::read(capture, &names());
        let heard = hear(std::slice::from_ref(capture), true);
        let mut said: BTreeMap<u64, Vec<&Observation>> = BTreeMap::new();
        let compared = |one: &&Observation| {
            !fields_of(one.key.name).is_empty() && !is_excused(capture, one.key.name)
        };
        for one in heard.observations.iter().filter(compared) {
            said.entry(one.frame.number).or_default().push(one);
        }
        for (number, observations) in &said {
            for one in observations {
                match frames.get(number).map(|frame| agree(one, frame)) {
                    Some(Agreement::Placed) => (seen, placed) = (seen + 1, placed + 1),
                    Some(Agreement::Seen) => seen += 1,
                    Some(Agreement::No(why)) => wrong.push(about(capture, one, &why)),
                    None => {
                        wrong.push(about(capture, one, "tshark sees nothing of it in this frame"))
                    }
                }
            }
        }
        for (number, frame) in &frames {
            let observations = said.get(number).map(Vec::as_slice).unwrap_or_default();
            let missed = frame.fields.iter().filter(|field| !is_said(field, observations));
            let missed = missed.filter(|field| !is_excused(capture, &field.name));
            wrong.extend(missed.map(|field| {
                format!("{}#{number}: only tshark: {} = {}", name(capture), field.name, field.show)
            }));
        }
    }
    let distinct: BTreeSet<String> = wrong.into_iter().collect();
    let distinct: Vec<String> = distinct.into_iter().collect();
    println!("{seen} facts seen by both, {placed} of them at the same offset");
    assert!(distinct.is_empty(), "{}\n{}", distinct.len(), distinct.join("\n"));
    assert!(seen > 0, "nothing was compared");
}

enum Agreement {
    /// Same bytes at the same place in the frame.
    Placed,
    /// Same bytes; the message came in several frames.
    Seen,
    No(String),
}

fn agree(one: &Observation, frame: &Frame) -> Agreement {
    let names = fields_of(one.key.name);
    let fields = || frame.fields.iter().filter(|field| names.contains(&field.name.as_str()));
    if fields().next().is_none() {
        return Agreement::No(format!("tshark sees no {} in this frame", names.join(" or ")));
    }
    let excerpt = &one.excerpt;
    // A field that only groups others has no bytes of its own in PDML.
    let same_bytes = |field: &&Field| field.value.is_empty() || share(&field.value, &excerpt.bytes);
    let Some(first) = fields().find(same_bytes) else {
        let theirs: Vec<&str> = fields().map(|field| field.show.as_str()).collect();
        return Agreement::No(format!("tshark reads {}", theirs.join(", ")));
    };
    if !fields().filter(same_bytes).any(|field| same_value(one, field)) {
        return Agreement::No(format!("tshark reads {} from the same bytes", first.show));
    }
    if frame.reassembled || excerpt.frame != one.frame {
        return Agreement::Seen;
    }
    let (start, end) = (excerpt.offset, excerpt.offset + excerpt.length);
    if fields().any(|field| share_place(field, start, end)) {
        Agreement::Placed
    } else {
        Agreement::No(format!(
            "{}+{} here, {}+{} in tshark",
            start,
            end - start,
            first.at,
            first.length
        ))
    }
}

/// True when one of the two places lies within the other.
fn share_place(field: &Field, start: u32, end: u32) -> bool {
    let (from, to) = (field.at, field.at + field.length);
    (from <= start && end <= to) || (start <= from && to <= end)
}

fn is_said(field: &Field, said: &[&Observation]) -> bool {
    field.value.is_empty()
        || field.value.iter().all(|byte| *byte == 0)
        || said.iter().any(|one| {
            fields_of(one.key.name).contains(&field.name.as_str())
                && share(&field.value, &one.excerpt.bytes)
        })
}

/// Values that both print alike are compared; the others are known by their bytes.
fn same_value(one: &Observation, field: &Field) -> bool {
    match &one.value {
        Value::Text(version) if field.name == "ntlmssp.version" => {
            let Some((version, build)) = version.rsplit_once('.') else { return false };
            field.show.starts_with(&format!("Version {version} (Build {build})"))
        }
        Value::Text(ours) if field.name == "cip.id.major_rev" => {
            ours.starts_with(&format!("{}.", field.show))
        }
        Value::Uint(ours) => field.number().is_none_or(|theirs| theirs == *ours),
        Value::Text(ours) if field.is_text() => {
            let theirs = field.show.trim_matches(['\0', ' ']);
            let ours = ours.trim();
            theirs == ours || theirs.contains(ours) || !theirs.is_ascii()
        }
        Value::Text(_) | Value::Bytes(_) => true,
    }
}

/// True when one of them is a part of the other: some fields of tshark take their length field in, others are a part of
/// what is one value here.
fn share(a: &[u8], b: &[u8]) -> bool {
    holds(a, b) || holds(b, a)
}

fn holds(whole: &[u8], part: &[u8]) -> bool {
    !part.is_empty() && whole.windows(part.len()).any(|window| window == part)
}

fn is_excused(capture: &Path, what: &str) -> bool {
    let name = name(capture);
    EXCUSED.iter().any(|(file, of, _)| name.starts_with(file) && what.starts_with(of))
}

fn about(capture: &Path, one: &Observation, why: &str) -> String {
    let (number, key, value) = (one.frame.number, one.key, &one.value);
    format!("{}#{number}: {} {key} = {value}: {why}", name(capture), one.subject)
}

fn name(capture: &Path) -> String {
    capture.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn names() -> Vec<&'static str> {
    SAME.iter().flat_map(|(_, fields)| *fields).copied().collect()
}

fn fields_of(key: &str) -> &'static [&'static str] {
    SAME.iter().find(|(ours, _)| *ours == key).map_or(&[], |(_, fields)| fields)
}

/// Our keys, and what tshark calls the same bytes.
const SAME: &[(&str, &[&str])] = &[
    ("enip.vendor_id", &["enip.lir.vendor", "cip.id.vendor_id"]),
    ("enip.device_type", &["enip.lir.devtype", "cip.id.device_type"]),
    ("enip.product_code", &["enip.lir.prodcode", "cip.id.product_code"]),
    ("enip.revision", &["enip.lir.revision", "cip.id.major_rev"]),
    ("enip.serial_number", &["enip.lir.serial", "cip.id.serial_number"]),
    ("enip.product_name", &["enip.lir.name", "cip.id.product_name"]),
    ("enip.host_name", &["cip.tcpip.hostname"]),
    ("modbus.vendor_name", &["modbus.object_str_value"]),
    ("modbus.product_code", &["modbus.object_str_value"]),
    ("modbus.major_minor_revision", &["modbus.object_str_value"]),
    ("modbus.vendor_url", &["modbus.object_str_value"]),
    ("modbus.product_name", &["modbus.object_str_value"]),
    ("modbus.model_name", &["modbus.object_str_value"]),
    ("modbus.user_application_name", &["modbus.object_str_value"]),
    ("modbus.private_object", &["modbus.object_str_value", "modbus.object_value"]),
    ("ntlmssp.version", &["ntlmssp.version"]),
    ("ntlmssp.target_name", &["ntlmssp.challenge.target_name"]),
    (
        "ntlmssp.netbios_computer_name",
        &[
            "ntlmssp.challenge.target_info.nb_computer_name",
            "ntlmssp.ntlmv2_response.nb_computer_name",
        ],
    ),
    (
        "ntlmssp.netbios_domain_name",
        &["ntlmssp.challenge.target_info.nb_domain_name", "ntlmssp.ntlmv2_response.nb_domain_name"],
    ),
    (
        "ntlmssp.dns_computer_name",
        &[
            "ntlmssp.challenge.target_info.dns_computer_name",
            "ntlmssp.ntlmv2_response.dns_computer_name",
        ],
    ),
    (
        "ntlmssp.dns_domain_name",
        &[
            "ntlmssp.challenge.target_info.dns_domain_name",
            "ntlmssp.ntlmv2_response.dns_domain_name",
        ],
    ),
    (
        "ntlmssp.dns_tree_name",
        &["ntlmssp.challenge.target_info.dns_tree_name", "ntlmssp.ntlmv2_response.dns_tree_name"],
    ),
    ("smb.native_os", &["smb.native_os"]),
    ("smb.native_lan_manager", &["smb.native_lanman"]),
    ("smb.server_guid", &["smb2.server_guid", "smb.server_guid"]),
    ("smb.boot_time", &["smb2.boot_time"]),
];

/// Folders of captures that are compared. Inside tunnels and Base64 tshark counts offsets from elsewhere.
const COMPARED: &[&str] = &["enip", "modbus", "plant-demo", "smb"];

/// Where the two differ for a reason: the start of the file's name, that of the key or field, and the reason.
const EXCUSED: &[(&str, &str, &str)] = &[
    (
        "connection-routes",
        "cip.id.",
        "whose identity a connection of unknown route brings is not known",
    ),
    (
        "objects-identity",
        "cip.id.",
        "other instances of the Identity object are parts, told as enip.component",
    ),
    ("not-windows", "smb.native_os", "tshark stops at a security blob that is none"),
    ("pymodbus-rtu", "modbus.", "tshark has to be told which port carries RTU"),
    ("rtu-over", "modbus.", "tshark has to be told which port carries RTU"),
    (
        "services-and-security",
        "enip.",
        "tshark does not pair the answer with a request that came in two segments",
    ),
];

/// Larger files are compared by the truth files only: tshark takes its time.
const REAL_CAPTURE_BYTES_MAX: u64 = 200_000;
