//! ArcSight Common Event Format, version 0: a header of eight fields, and keys with values.
//!
//! ```text
//! CEF:0|nameplate|nameplate|0.1.0|asset_new|New device|4|rt=… start=… externalId=7 cat=change dst=10.0.0.1 … msg=…
//! ```
//!
//! What a notice is about is the destination: the device that something happened to. Keys that the format does not have stand in custom
//! strings with a label each.

use std::fmt::Write;
use std::net::IpAddr;

use crate::alert::format::{Form, rfc5424};
use crate::alert::settings::Header;
use crate::export::escape::term;
use crate::model::{Notice, NoticeKind, Severity, Timestamp};

pub(super) fn write(form: &Form, notice: &Notice) -> String {
    let mut message = match form.header {
        Header::None => String::new(),
        Header::Rfc5424 => format!("{}- ", rfc5424::header(form, notice)),
        Header::Rfc3164 => rfc3164(form, notice),
    };
    let kind = notice.kind;
    let version = env!("CARGO_PKG_VERSION");
    let (title, severity) = (title(kind), severity(notice.severity));
    // Writing to a String cannot fail, here and below.
    let _ = write!(message, "CEF:0|nameplate|nameplate|{version}|{kind}|{title}|{severity}|");
    Extension { message: &mut message, first: true }.write(form, notice);
    message
}

/// `<132>Nov 22 18:22:08 sensor1 `, as the format's own document has it; the time is UTC.
fn rfc3164(form: &Form, notice: &Notice) -> String {
    let time = jiff::Timestamp::from_nanosecond(i128::from(notice.told.0)).unwrap_or_default();
    let time = time.to_zoned(jiff::tz::TimeZone::UTC).strftime("%b %e %H:%M:%S").to_string();
    format!("<{}>{time} {} ", form.priority(notice.severity), form.hostname)
}

/// Keys and values.
struct Extension<'a> {
    message: &'a mut String,
    first: bool,
}

impl Extension<'_> {
    fn write(&mut self, form: &Form, notice: &Notice) {
        self.value("rt", &milliseconds(notice.told));
        self.value("start", &milliseconds(notice.at));
        self.value("externalId", &notice.number.to_string());
        self.value("cat", notice.kind.topic().name());
        if form.hostname != "-" {
            self.value("dvchost", &form.hostname);
        }
        self.addresses(notice);
        self.value("dhost", &notice.name);
        let detail = |name: &str| {
            let found = notice.details.iter().find(|(own, _)| &**own == name);
            found.map_or("", |(_, value)| &**value)
        };
        if let Some(peer) = PEERS.iter().find_map(|name| detail(name).parse::<IpAddr>().ok()) {
            match peer {
                IpAddr::V4(peer) => self.value("src", &peer.to_string()),
                IpAddr::V6(peer) => {
                    self.labelled("c6a2", "Source IPv6 Address", &peer.to_string());
                }
            }
        }
        self.value("reason", detail("verdict"));
        self.labelled("cs1", "Asset", &notice.asset.map_or(String::new(), |id| id.to_string()));
        self.labelled("cs2", "Site", &notice.site);
        self.labelled("cs3", "Finding", &notice.finding.map_or(String::new(), |id| id.to_string()));
        self.labelled("cs4", "Advisory", detail("advisory"));
        self.labelled("cs5", "CVE", detail("cve"));
        self.labelled("cs6", "Details", &in_a_line(notice));
        if !notice.addresses.is_empty() {
            self.labelled("cn1", "Addresses", &notice.addresses.len().to_string());
        }
        self.value("msg", &notice.text);
    }

    /// The first of each sort: the keys have room for one.
    fn addresses(&mut self, notice: &Notice) {
        let ips = || notice.addresses.iter().filter_map(|text| text.parse::<IpAddr>().ok());
        if let Some(ip) = ips().find(IpAddr::is_ipv4) {
            self.value("dst", &ip.to_string());
        }
        if let Some(ip) = ips().find(IpAddr::is_ipv6) {
            self.labelled("c6a3", "Destination IPv6 Address", &ip.to_string());
        }
        if let Some(mac) = notice.addresses.iter().find(|text| is_mac(text)) {
            self.value("dmac", mac);
        }
    }

    fn labelled(&mut self, key: &str, label: &str, value: &str) {
        if !value.is_empty() {
            self.value(key, value);
            self.value(&format!("{key}Label"), label);
        }
    }

    /// In values, `\` and `=` are escaped, and line ends are written as `\n` and `\r`; those are no characters any more here.
    fn value(&mut self, key: &str, value: &str) {
        if value.is_empty() {
            return;
        }
        if !self.first {
            self.message.push(' ');
        }
        self.first = false;
        self.message.push_str(key);
        self.message.push('=');
        for c in term(value).chars() {
            if matches!(c, '\\' | '=') {
                self.message.push('\\');
            }
            self.message.push(c);
        }
    }
}

/// All details, one after the other.
fn in_a_line(notice: &Notice) -> String {
    let parts: Vec<String> =
        notice.details.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    parts.join("; ")
}

fn milliseconds(at: Timestamp) -> String {
    at.0.div_euclid(NANOS_PER_MILLISECOND).to_string()
}

fn is_mac(text: &str) -> bool {
    text.len() == MAC_TEXT_BYTES
        && text.split(':').all(|byte| byte.len() == 2 && u8::from_str_radix(byte, 16).is_ok())
}

/// From 0 to 10, ten being the worst.
fn severity(severity: Severity) -> u8 {
    match severity {
        Severity::Critical => 10,
        Severity::Error => 8,
        Severity::Warning => 6,
        Severity::Notice => 4,
        Severity::Informational => 2,
    }
}

/// What a person reads in a list of events.
fn title(kind: NoticeKind) -> &'static str {
    match kind {
        NoticeKind::AssetNew => "New device",
        NoticeKind::AssetChanged => "Device changed",
        NoticeKind::AssetReplaced => "Device replaced",
        NoticeKind::AssetSilent => "Device silent",
        NoticeKind::AssetBack => "Device heard again",
        NoticeKind::ModeChanged => "Controller mode changed",
        NoticeKind::ProgramDownload => "Program written to device",
        NoticeKind::DeviceEvent => "Device event",
        NoticeKind::ConversationNew => "New conversation",
        NoticeKind::FindingOpened => "Finding opened",
        NoticeKind::FindingChanged => "Finding changed",
        NoticeKind::FindingClosed => "Finding closed",
        NoticeKind::SensorDegraded => "Sensor degraded",
        NoticeKind::SensorRecovered => "Sensor recovered",
        NoticeKind::SensorState => "Sensor state",
    }
}

/// Details that may name the other side, as an address.
const PEERS: [&str; 4] = ["client", "source", "peer", "by"];

const NANOS_PER_MILLISECOND: i64 = 1_000_000;

const MAC_TEXT_BYTES: usize = 17;
