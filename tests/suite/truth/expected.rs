//! Facts in the words of the truth files, as observations that the engine must make.

mod automation;
mod banner;
mod field;
mod opcua;
mod s7;
mod secured;

use std::collections::BTreeSet;
use std::fmt;

use nameplate::model::{Observation, Timestamp, Value};
use serde_json::Value as Json;

use super::network::{bacnet, cdp, snmp};

/// One thing that has to be said.
#[derive(Debug)]
pub struct Expected {
    /// 0 when any frame will do.
    pub frame: u64,
    /// Addresses of the node that says it: any of them, or any at all when there are none.
    nodes: BTreeSet<String>,
    /// Any of these keys.
    keys: &'static [&'static str],
    value: Wanted,
}

/// What the value has to be.
#[derive(Debug)]
pub(super) enum Wanted {
    /// Exactly this text, or this number in decimal, or these bytes in lower-case hexadecimal.
    Is(String),
    /// Any of these.
    AnyOf(Vec<String>),
    /// Begins so: a truth file cuts long values.
    Begins(String),
    /// Ends so: the exception of a gateway names the unit first.
    Ends(String),
    /// Begins so, behind the unit that the exception of a gateway names first.
    BeginsBehindUnit(String),
    /// A number of which these bits have this value.
    Bits { mask: u64, value: u64 },
}

impl Expected {
    /// True for an observation that says it.
    pub fn is(&self, observation: &Observation) -> bool {
        let frame = [0, observation.frame.number].contains(&self.frame);
        // Without an address any node will do.
        let node = self.nodes.is_empty()
            || self.nodes.contains(&observation.subject.node.addr.to_string());
        frame
            && node
            && self.keys.contains(&observation.key.name)
            && self.value.is(&observation.value)
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nodes: Vec<&str> = self.nodes.iter().map(String::as_str).collect();
        write!(f, "expected {} {} = {:?}", nodes.join("/"), self.keys.join("/"), self.value)
    }
}

impl Wanted {
    fn is(&self, value: &Value) -> bool {
        let text = value.to_string();
        match self {
            Self::Is(wanted) => text == *wanted,
            Self::AnyOf(wanted) => wanted.contains(&text),
            Self::Begins(start) => text.starts_with(start),
            Self::Ends(end) => text == *end || text.ends_with(&format!(": {end}")),
            Self::BeginsBehindUnit(start) => {
                let unit = text.strip_prefix("unit ").and_then(|rest| rest.split_once(": "));
                unit.map_or(&*text, |(_, rest)| rest).starts_with(start)
            }
            Self::Bits { mask, value: wanted } => {
                matches!(value, Value::Uint(number) if number & mask == *wanted)
            }
        }
    }
}

/// All facts of a truth file, with the asset each belongs to.
pub fn facts(truth: &Json) -> impl Iterator<Item = (&Json, &Json)> {
    let assets = truth["assets"].as_array().into_iter().flatten();
    assets.flat_map(|asset| {
        let facts = asset["facts"].as_array().into_iter().flatten();
        facts.map(move |fact| (asset, fact))
    })
}

/// All that a truth file says which the engine must say.
pub fn expected(truth: &Json) -> Vec<Expected> {
    let mut list = Vec::new();
    for (asset, fact) in facts(truth) {
        let addresses = ["ips", "macs"].iter().flat_map(|list| strings(&asset[*list]));
        let nodes = addresses.chain(asset["asset"].as_str().map(str::to_owned)).collect();
        let frame = fact["frame"].as_u64().unwrap_or_default();
        let mut about = About { fact, frame, nodes, list: &mut list };
        match fact["kind"].as_str().unwrap_or_default() {
            "cip.list_identity" | "cip.identity_object" => cip_identity(&mut about),
            "modbus.fn17_data" => {
                modbus_data(&mut about, &["modbus.server_id", "modbus.request_data"])
            }
            "modbus.fn43_data" => {
                modbus_data(&mut about, &["modbus.encapsulated_data", "modbus.request_data"]);
            }
            "modbus.fn90_data" => {
                modbus_data(&mut about, &["modbus.umas_data", "modbus.request_data"])
            }
            "modbus.device_id" => modbus_device_id(&mut about),
            "modbus.request_or_exception" => modbus_function(&mut about),
            kind if kind.starts_with("ntlm.") && is_over_smb(fact) => ntlm(kind, &mut about),
            "smb1.negotiate_request" | "smb2.negotiate_request" => smb_request(&mut about),
            "smb1.negotiate_response" | "smb2.negotiate_response" => smb_response(&mut about),
            "smb1.session_setup" => smb_session(&mut about),
            "lldp" => lldp(&mut about),
            "s7.szl" => s7::lists(&mut about),
            "s7comm_plus.session" => s7::session(&mut about),
            "pn_dcp" => {
                // Who is told to take an address is no asset of the file yet: any node of it may be.
                let all = truth["assets"].as_array().into_iter().flatten();
                let all = all.flat_map(|asset| strings(&asset["macs"])).collect();
                pn_dcp(all, &mut about);
            }
            "dhcp" => dhcp(&mut about),
            "snmp.value" => snmp(&mut about),
            "cdp" => cdp(&mut about),
            "opcua" => opcua::applications(&mut about),
            "mms.vendorName" => about.same("value", &["mms.vendor_name"]),
            "mms.modelName" => about.same("value", &["mms.model_name"]),
            "mms.revision" => about.same("value", &["mms.revision"]),
            kind if kind.starts_with("bacnet.") => bacnet(kind, &mut about),
            kind => {
                automation::facts(kind, &mut about);
                banner::said(kind, &mut about);
                field::said(kind, &mut about);
                secured::want(kind, &mut about);
            }
        }
    }
    list
}

/// `server 10.0.0.3:502 unit 10` or `client 10.0.0.9 -> 10.0.0.3:502 unit 10`, and `17` or `8!exc`.
pub fn modbus_role(role: &str, function: &str) -> Expected {
    let mut words = role.split(' ');
    let (_, address) = (words.next().unwrap(), words.next().unwrap());
    let nodes = BTreeSet::from([address.trim_end_matches(":502").to_owned()]);
    match function.strip_suffix("!exc") {
        Some(function) => {
            let value = Wanted::BeginsBehindUnit(format!("{function}: "));
            Expected { frame: 0, nodes, keys: MODBUS_EXCEPTIONS, value }
        }
        None => {
            let value = Wanted::Is(function.to_owned());
            Expected { frame: 0, nodes, keys: &["modbus.function"], value }
        }
    }
}

/// One fact on its way into the list.
pub(super) struct About<'a> {
    pub(super) fact: &'a Json,
    frame: u64,
    pub(super) nodes: BTreeSet<String>,
    list: &'a mut Vec<Expected>,
}

impl About<'_> {
    /// The text of a field; tshark prints `NULL` for a name that is not there.
    pub(super) fn text(&self, field: &str) -> Option<String> {
        let text = self.fact[field].as_str()?;
        (!text.is_empty() && text != "NULL").then(|| text.to_owned())
    }

    pub(super) fn want(&mut self, keys: &'static [&'static str], value: Wanted) {
        let (frame, nodes) = (self.frame, self.nodes.clone());
        self.list.push(Expected { frame, nodes, keys, value });
    }

    /// The text of a field, under one key.
    pub(super) fn same(&mut self, field: &str, keys: &'static [&'static str]) {
        if let Some(text) = self.text(field) {
            self.want(keys, Wanted::Is(text));
        }
    }

    /// The number in a field: `12`, `0x000c`, `Communications Adapter (12)`.
    fn number(&mut self, field: &str, keys: &'static [&'static str]) {
        if let Some(text) = self.text(field) {
            self.want(keys, Wanted::Is(number(&text).to_string()));
        }
    }
}

fn cip_identity(about: &mut About<'_>) {
    for (field, keys) in [
        ("vendor_id", &["enip.vendor_id"] as &'static [_]),
        ("device_type", &["enip.device_type"]),
        ("product_code", &["enip.product_code"]),
        ("status", &["enip.status"]),
        ("state", &["enip.state"]),
    ] {
        about.number(field, keys);
    }
    if let Some(revision) = about.text("revision") {
        let (major, minor) = revision.split_once('.').unwrap();
        let revision = format!("{}.{}", number(major), number(minor));
        about.want(&["enip.revision"], Wanted::Is(revision));
    }
    if let Some(serial) = about.text("serial") {
        let serial = format!("{:08X}", number(&serial));
        about.want(&["enip.serial_number"], Wanted::Is(serial));
    }
    about.same("product_name", &["enip.product_name"]);
    if let Some(address) = about.text("advertised_ip") {
        about.want(&["enip.socket_address"], Wanted::Begins(format!("{address}:")));
    }
}

/// In an answer to Report Server ID, tshark counts the byte count in front to the data.
fn modbus_data(about: &mut About<'_>, keys: &'static [&'static str]) {
    let hex = about.text("hex").unwrap();
    let hex = if about.fact["port"] == 502 && keys.contains(&"modbus.server_id") {
        hex[2..].to_owned()
    } else {
        hex
    };
    let wanted = match hex.strip_suffix('…') {
        Some(start) => Wanted::Begins(start.to_owned()),
        None => Wanted::Is(hex),
    };
    about.want(keys, wanted);
}

fn modbus_device_id(about: &mut About<'_>) {
    let objects = about.fact["objects"].as_object().unwrap().clone();
    for (object, text) in objects {
        let keys = MODBUS_OBJECTS[usize::try_from(number(&object)).unwrap()];
        about.want(keys, Wanted::Is(text.as_str().unwrap().to_owned()));
    }
    about.number("conformity", &["modbus.conformity_level"]);
}

fn modbus_function(about: &mut About<'_>) {
    let function = number(&about.text("func").unwrap());
    match about.text("exception") {
        Some(exception) => {
            let text = format!("{function}: {}", number(&exception));
            about.want(MODBUS_EXCEPTIONS, Wanted::Ends(text));
        }
        None => about.want(&["modbus.function"], Wanted::Is(function.to_string())),
    }
}

fn is_over_smb(fact: &Json) -> bool {
    let layers = strings(&fact["over"]);
    ["smb", "smb2", "nbss"].iter().any(|layer| layers.iter().any(|over| over == layer))
}

/// Names of people are not kept on purpose; accounts of machines are.
fn ntlm(kind: &str, about: &mut About<'_>) {
    about.same("os_version", &["ntlmssp.version"]);
    let fields: &[(&str, &'static [&'static str])] = if kind == "ntlm.challenge(server)" {
        &[
            ("target", &["ntlmssp.target_name"]),
            ("nb_computer", &["ntlmssp.netbios_computer_name"]),
            ("nb_domain", &["ntlmssp.netbios_domain_name"]),
            ("dns_computer", &["ntlmssp.dns_computer_name"]),
            ("dns_domain", &["ntlmssp.dns_domain_name"]),
        ]
    } else {
        &[("hostname", &["ntlmssp.workstation"]), ("domain", &["ntlmssp.domain"])]
    };
    fields.iter().for_each(|(field, keys)| about.same(field, keys));
    if about.text("user").is_some_and(|user| user.ends_with('$')) {
        about.same("user", &["ntlmssp.machine_account"]);
    }
}

fn smb_request(about: &mut About<'_>) {
    for dialect in strings(&about.fact["dialects"]) {
        about.want(&["smb.dialects"], Wanted::Is(smb_dialect(&dialect)));
    }
    guid("client_guid", &["smb.client_guid"], about);
}

fn smb_response(about: &mut About<'_>) {
    if let Some(index) = about.text("index") {
        let (_, dialect) = index.split_once(": ").unwrap();
        about.want(&["smb.dialect"], Wanted::Is(dialect.to_owned()));
    }
    if let Some(dialect) = about.text("dialect") {
        about.want(&["smb.dialect"], Wanted::Is(smb_dialect(&dialect)));
    }
    guid("server_guid", &["smb.server_guid"], about);
    about.same("domain", &["smb.primary_domain"]);
    about.same("server", &["smb.server_name"]);
    if let Some(time) = about.text("boot_time").filter(|time| !time.starts_with("No time")) {
        about.want(&["smb.boot_time"], Wanted::Is(rfc_3339(&time)));
    }
}

fn smb_session(about: &mut About<'_>) {
    about.same("native_os", &["smb.native_os"]);
    about.same("native_lanman", &["smb.native_lan_manager"]);
    about.same("primary_domain", &["smb.primary_domain"]);
}

/// tshark prints the identifiers of SMB1 in the order of their bytes. All zero means that there is none.
fn guid(field: &str, keys: &'static [&'static str], about: &mut About<'_>) {
    let Some(text) = about.text(field) else { return };
    let id: uuid::Uuid = text.parse().unwrap();
    if !id.is_nil() {
        let swapped = uuid::Uuid::from_bytes(id.to_bytes_le());
        about.want(keys, Wanted::AnyOf(vec![id.to_string(), swapped.to_string()]));
    }
}

/// `SMB 3.1.1 (0x0311)` as the specification's nouns.
fn smb_dialect(text: &str) -> String {
    let name = text.split_once(" (").map_or(text, |(name, _)| name);
    if name == "SMB2 wildcard" { "SMB 2.???".to_owned() } else { name.to_owned() }
}

/// Policy, power and location of LLDP-MED are not read: they say nothing about what a device is.
fn lldp(about: &mut About<'_>) {
    for (field, keys) in [
        ("chassis.id.mac", &["lldp.chassis_id"] as &'static [_]),
        ("port.id", &["lldp.port_id"]),
        ("port.id.mac", &["lldp.port_id"]),
        ("port.desc", &["lldp.port_description"]),
        ("tlv.system.name", &["lldp.system_name"]),
        ("tlv.system.desc", &["lldp.system_description"]),
        ("mgn.addr.ip4", &["lldp.management_address"]),
        ("profinet.cm_mac_add", &["lldp.profinet_chassis_mac"]),
    ] {
        about.same(field, keys);
    }
    if let Some(hex) = about.text("chassis.id") {
        let text = String::from_utf8(bytes(&hex)).unwrap();
        about.want(&["lldp.chassis_id"], Wanted::Is(text));
    }
    if let Some(hex) = about.text("mgn.addr.hex") {
        let pairs: Vec<String> = bytes(&hex).iter().map(|byte| format!("{byte:02x}")).collect();
        let wanted = Wanted::AnyOf(vec![hex, pairs.join(":")]);
        about.want(&["lldp.management_address"], wanted);
    }
    about.number("tlv.system_cap", &["lldp.system_capabilities"]);
    about.number("ieee.802_3.max_frame_size", &["lldp.maximum_frame_size"]);
    about.number("profinet.rtc2_port_status", &["lldp.profinet_rt_class_2_port_status"]);
    if let Some(status) = about.text("profinet.rtc3_port_status") {
        let wanted = Wanted::Bits { mask: 0x0007, value: number(&status) };
        about.want(&["lldp.profinet_rt_class_3_port_status"], wanted);
    }
}

/// What is said, what is looked for, and what somebody is told to take.
fn pn_dcp(all: BTreeSet<String>, about: &mut About<'_>) {
    let service = about.text("service").unwrap();
    let told = about.text("stype").unwrap() == "Response Success (1)";
    let names: &'static [_] = match (&*service, told) {
        (_, true) => &["pn_dcp.name_of_station"],
        ("Identify (5)", false) => &["pn_dcp.sought_name_of_station"],
        _ => &["pn_dcp.assigned_name_of_station"],
    };
    let addresses: &'static [_] =
        if told { &["pn_dcp.ip_address"] } else { &["pn_dcp.assigned_ip_address"] };
    if !told && service == "Set (4)" {
        about.nodes = all;
    }
    for (field, keys) in [
        ("suboption_device_nameofstation", names),
        ("suboption_device_devicevendorvalue", &["pn_dcp.type_of_station"]),
        ("suboption_ip_ip", addresses),
    ] {
        for text in strings(&about.fact[field]) {
            about.want(keys, Wanted::Is(text));
        }
    }
    for (field, keys) in [
        ("suboption_vendor_id", &["pn_dcp.vendor_id"] as &'static [_]),
        ("suboption_device_id", &["pn_dcp.device_id"]),
    ] {
        for text in strings(&about.fact[field]) {
            about.want(keys, Wanted::Is(number(&text).to_string()));
        }
    }
    for bits in strings(&about.fact["suboption_device_role"]) {
        let names = ["IO device", "IO controller", "IO multidevice", "IO supervisor"];
        let is_set = |at: &usize| number(&bits) >> at & 1 == 1;
        let names: Vec<&str> = (0..4).filter(is_set).map(|at| names[at]).collect();
        about.want(&["pn_dcp.device_role"], Wanted::Is(names.join(", ")));
    }
}

fn dhcp(about: &mut About<'_>) {
    // A client whose hardware address cannot be one is known by its IP address.
    for field in ["ciaddr", "yiaddr"] {
        let group =
            about.text("chaddr").is_some_and(|mac| number(&format!("0x{}", &mac[..2])) & 1 == 1);
        about.nodes.extend(about.text(field).filter(|_| group));
    }
    let kind = about.text("msg").unwrap();
    let (name, code) = kind.split_once(" (").unwrap();
    let reply = matches!(code.trim_end_matches(')'), "2" | "5" | "6");
    about.want(&["dhcp.message_type"], Wanted::Is(format!("DHCP{}", name.to_uppercase())));
    let given = |field: &str| about.text(field).filter(|address| address != "0.0.0.0");
    let (client, yours) = (given("ciaddr"), given("yiaddr"));
    let (key, address): (&'static [_], _) = match name {
        "Offer" => (&["dhcp.offered_address"], yours),
        "ACK" => (&["dhcp.address"], yours.or(client)),
        "Request" | "Inform" => (&["dhcp.address"], client),
        _ => (&[], None),
    };
    let requested = given("requested");
    if let Some(address) = address {
        about.want(key, Wanted::Is(address));
    }
    if let Some(address) = requested {
        about.want(&["dhcp.requested_address"], Wanted::Is(address));
    }
    let names: [&'static [_]; 3] = if reply {
        [&["dhcp.assigned_host_name"], &["dhcp.assigned_fqdn"], &["dhcp.answered_vendor_class"]]
    } else {
        [&["dhcp.host_name"], &["dhcp.client_fqdn"], &["dhcp.vendor_class_identifier"]]
    };
    about.same("hostname", names[0]);
    if let Some(name) = about.text("fqdn") {
        let bare = name.trim_end_matches('.').to_owned();
        about.want(names[1], Wanted::AnyOf(vec![name, bare]));
    }
    about.same("vendor_class", names[2]);
    let parameters = strings(&about.fact["params"]);
    if !parameters.is_empty() {
        about.want(&["dhcp.parameter_request_list"], Wanted::Is(parameters.join(",")));
    }
}

fn strings(list: &Json) -> Vec<String> {
    let items = list.as_array().into_iter().flatten();
    items.map(|item| item.as_str().unwrap().to_owned()).collect()
}

/// The number in brackets at the end, or the whole text: hexadecimal after `0x`, else decimal.
fn number(text: &str) -> u64 {
    let inner = text.rsplit_once('(').map_or(text, |(_, inner)| inner.trim_end_matches(')'));
    let parsed = match inner.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16),
        None => inner.parse(),
    };
    parsed.unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn bytes(hex: &str) -> Vec<u8> {
    let pair = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    (0..hex.len()).step_by(2).map(pair).collect()
}

/// `Apr 24, 2018 05:39:06.358657600 UTC` as `2018-04-24T05:39:06.358657600Z`.
fn rfc_3339(text: &str) -> String {
    let words: Vec<&str> = text.split([' ', ',']).filter(|word| !word.is_empty()).collect();
    let [month, day, year, time, "UTC"] = words[..] else { panic!("{text}") };
    let month = MONTHS.iter().position(|name| *name == month).unwrap() + 1;
    let time: jiff::Timestamp = format!("{year}-{month:02}-{day:0>2}T{time}Z").parse().unwrap();
    Timestamp(i64::try_from(time.as_nanosecond()).unwrap()).to_string()
}

const MONTHS: &[&str] =
    &["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A gateway's exception is about the gateway.
const MODBUS_EXCEPTIONS: &[&str] = &["modbus.exception", "modbus.gateway_exception"];

/// Keys of the objects of Read Device Identification, by number.
const MODBUS_OBJECTS: &[&[&str]] = &[
    &["modbus.vendor_name"],
    &["modbus.product_code"],
    &["modbus.major_minor_revision"],
    &["modbus.vendor_url"],
    &["modbus.product_name"],
    &["modbus.model_name"],
    &["modbus.user_application_name"],
];
