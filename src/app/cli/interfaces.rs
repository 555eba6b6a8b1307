//! `nameplate interfaces`: what could be listened on, and what would be heard there.

use std::io::Write;
use std::thread;
use std::time::Duration;

use clap::Args;
use serde_json::Value;

use crate::app::cli::args::{Format, PrintArgs};
use crate::app::cli::output;
use crate::app::{AppError, Exit};
use crate::capture::{self, Interface, Port};
use crate::export::rows::Rows;
use crate::model::health::LinkState;

/// What `interfaces` accepts.
#[derive(Args, Debug)]
pub(super) struct InterfacesArgs {
    #[command(flatten)]
    pub(super) print: PrintArgs,
}

/// Lists the capture devices, one a line.
pub(super) fn run(args: &InterfacesArgs) -> Result<Exit, AppError> {
    let outputs = output::wanted(&args.print)?;
    if outputs.iter().any(|output| output.format == Format::Facts) {
        return Err(AppError::Usage("interfaces prints table, ndjson, json or csv".to_owned()));
    }
    let before = capture::interfaces()?;
    // What the system counts is enough to tell where something comes in: nothing is opened, so no right is needed.
    thread::sleep(LOOK);
    let listed: Vec<(Interface, Option<u64>)> =
        before.into_iter().map(|interface| (interface.clone(), rate(&interface))).collect();
    for output in &outputs {
        let mut out = output::open(output)?;
        let printed = match output.format {
            Format::Ndjson => told(&listed).ndjson(&mut out),
            Format::Json => told(&listed).json(&mut out),
            Format::Csv => told(&listed).csv(&mut out),
            Format::Table | Format::Facts | Format::Html => {
                shown(&listed).table(&output::style(&args.print, output), &mut out)
            }
        };
        printed
            .and_then(|()| out.flush())
            .map_err(|source| output::cannot_write(output, source))?;
    }
    Ok(Exit::Done)
}

/// Packets received in a second, as they came since the interface was read; `None` where nobody counts.
fn rate(interface: &Interface) -> Option<u64> {
    let before = interface.port.as_ref()?;
    let after = Port::read(&interface.name).filter(|after| after.index == before.index)?;
    let more = after.counters.received.saturating_sub(before.counters.received);
    let looks = u64::try_from(Duration::from_secs(1).as_millis().checked_div(LOOK.as_millis())?);
    Some(more.saturating_mul(looks.ok()?))
}

/// For programs.
fn told(listed: &[(Interface, Option<u64>)]) -> Rows {
    let rows = listed.iter().map(|(interface, rate)| {
        let port = interface.port.as_ref();
        let text =
            |text: Option<&String>| text.map_or(Value::Null, |text| Value::from(text.as_str()));
        let addresses: Vec<String> = interface.addresses.iter().map(ToString::to_string).collect();
        vec![
            Value::from(interface.name.as_str()),
            text(interface.description.as_ref()),
            Value::from(state(interface)),
            Value::from(port.and_then(|port| port.speed_mbit)),
            Value::from(port.and_then(|port| port.full_duplex)),
            Value::from(port.and_then(|port| port.mtu)),
            Value::from(port.and_then(|port| port.mac).map(|mac| mac.to_string())),
            Value::from(addresses),
            text(port.and_then(|port| port.driver.as_ref())),
            text(port.and_then(|port| port.master.as_ref())),
            Value::from(port.map(|port| port.resolves)),
            Value::from(port.and_then(|port| port.speaks_ipv6)),
            Value::from(*rate),
            Value::from(port.map(|port| port.counters.received)),
            Value::from(port.map(|port| port.counters.transmitted)),
            Value::from(remarks(interface)),
        ]
    });
    Rows { names: TOLD, schema: "nameplate.interface/1", rows: rows.collect() }
}

/// For people.
fn shown(listed: &[(Interface, Option<u64>)]) -> Rows {
    let rows = listed.iter().map(|(interface, rate)| {
        let port = interface.port.as_ref();
        let speed = port.and_then(|port| port.speed_mbit).map(|speed| format!("{speed} Mbit/s"));
        let mut remarks = remarks(interface);
        remarks.extend(interface.description.as_deref().filter(|_| port.is_none()));
        vec![
            Value::from(interface.name.as_str()),
            Value::from(state(interface)),
            Value::from(speed),
            Value::from(port.and_then(|port| port.mtu)),
            Value::from(port.and_then(|port| port.mac).map(|mac| mac.to_string())),
            Value::from(port.and_then(|port| port.driver.as_deref())),
            Value::from(*rate),
            Value::from(remarks.join("; ")),
        ]
    });
    Rows { names: SHOWN, schema: "", rows: rows.collect() }
}

fn state(interface: &Interface) -> &'static str {
    let is_up = interface.port.as_ref().map_or(interface.up, |port| port.state == LinkState::Up);
    if is_up { "up" } else { "down" }
}

/// What speaks against an interface as one that only receives.
fn remarks(interface: &Interface) -> Vec<&str> {
    let Some(port) = &interface.port else { return Vec::new() };
    if port.is_loopback {
        return vec!["never leaves this machine"];
    }
    let mut remarks = Vec::new();
    if !interface.addresses.is_empty() {
        remarks.push("has an address: not a clean mirror port");
    }
    if port.master.is_some() {
        remarks.push("belongs to a bridge or bond");
    }
    if !port.is_on {
        remarks.push("switched off");
    }
    remarks
}

/// Long enough to see a network that lives, short enough to wait for.
const LOOK: Duration = Duration::from_millis(500);

const SHOWN: &[&str] = &["Name", "State", "Speed", "MTU", "MAC", "Driver", "Packets/s", "Remarks"];

const TOLD: &[&str] = &[
    "name",
    "description",
    "state",
    "speed_mbit",
    "full_duplex",
    "mtu",
    "mac",
    "addresses",
    "driver",
    "master",
    "arp",
    "ipv6",
    "packets_per_second",
    "received",
    "transmitted",
    "remarks",
];
