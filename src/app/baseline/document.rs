//! Devices as a document: the lines of a report, with what is compared and no more, compressed. So whoever reads reports reads baselines, those of
//! earlier versions too.

use std::io::Read as _;

use serde_json::{Value, json};

use crate::app::{AppError, reports};
use crate::compare::{Device, Happened, Place, Plate, Said};
use crate::model::Field;
use crate::model::limits::BASELINE_BYTES_MAX;

/// Devices and what happened to them, a line each.
pub(super) fn lines(devices: &[Device]) -> Vec<Value> {
    let mut lines: Vec<Value> = devices.iter().map(device).collect();
    for device in devices {
        lines.extend(device.events.iter().map(|happened| event(device, happened)));
    }
    lines
}

/// The same in a few bytes.
pub(super) fn packed(devices: &[Device]) -> Vec<u8> {
    let mut text = String::new();
    for line in lines(devices) {
        text.push_str(&line.to_string());
        text.push('\n');
    }
    // Bytes in memory can always be read, and written to memory.
    zstd::encode_all(text.as_bytes(), LEVEL).unwrap_or_default()
}

/// Devices out of them again.
pub(super) fn unpacked(name: &str, packed: &[u8]) -> Result<Vec<Device>, AppError> {
    let damaged = |why: String| {
        AppError::NotFound(format!(
            "the baseline {name} cannot be read: {why}; check the store with `nameplate store check`, or take another baseline"
        ))
    };
    let mut text = Vec::new();
    let limit = BASELINE_BYTES_MAX.saturating_add(1);
    let read = zstd::Decoder::new(packed)
        .and_then(|decoder| decoder.take(limit).read_to_end(&mut text))
        .map_err(|error| damaged(error.to_string()))?;
    if u64::try_from(read).is_ok_and(|read| read > BASELINE_BYTES_MAX) {
        return Err(damaged(format!("it has more than {BASELINE_BYTES_MAX} bytes")));
    }
    reports::devices(name, &text).map_err(|error| damaged(error.to_string()))
}

fn device(device: &Device) -> Value {
    let modules = device.modules.iter();
    let modules = modules.map(|(path, plate)| json!({ "path": path, "claims": claims(plate) }));
    json!({
        "schema": "nameplate.asset/1",
        "asset_id": device.id.to_string(),
        "identity": device.identity,
        "name": device.name,
        "claims": claims(&device.plate),
        "ips": device.ips,
        "macs": device.macs.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "vlans": device.vlans,
        "sites": device.sites,
        "zone": device.zone,
        "protocols": device.protocols,
        "modules": modules.collect::<Vec<_>>(),
        "first_seen": device.seen.0,
        "last_seen": device.seen.1,
    })
}

/// The values shown, and the serial numbers beside the one that is.
fn claims(plate: &Plate) -> Vec<Value> {
    let shown = plate.shown.iter().map(|(field, Said { value, seen_in })| {
        let evidence: Vec<Value> = seen_in.iter().map(place).collect();
        json!({ "field": field.name(), "value": value, "shown": true, "evidence": evidence })
    });
    let shown_serial = plate.value(Field::Serial);
    let others = plate.serials.iter().filter(|serial| shown_serial != Some(&***serial));
    let others = others.map(|serial| {
        json!({ "field": Field::Serial.name(), "value": serial, "shown": false, "evidence": [] })
    });
    shown.chain(others).collect()
}

fn place(Place { capture, frame, time }: &Place) -> Value {
    json!({ "capture": capture, "frame": frame, "time": time })
}

fn event(device: &Device, happened: &Happened) -> Value {
    let Happened { module, event, said } = happened;
    let first = said.seen_in.first();
    json!({
        "schema": "nameplate.event/1",
        "asset_id": device.id.to_string(),
        "module": module,
        "event": event,
        "value": said.value,
        "capture": first.map(|place| &*place.capture).unwrap_or_default(),
        "frame": first.map_or(0, |place| place.frame),
        "time": first.map(|place| &*place.time).unwrap_or_default(),
    })
}

/// Text of this sort shrinks to a tenth already.
const LEVEL: i32 = 3;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::AssetId;

    fn said(value: &str, frame: u64) -> Said {
        let time = "2026-03-02T06:00:00.000000000Z".into();
        Said { value: value.into(), seen_in: vec![Place { capture: "eth1@x".into(), frame, time }] }
    }

    fn plate(serial: &str) -> Plate {
        let shown = [(Field::Serial, said(serial, 7)), (Field::Mode, said("run \u{1b}[1m\"", 9))];
        let serials = [serial.into(), "other".into()];
        Plate { shown: shown.into(), serials: serials.into() }
    }

    fn made() -> Device {
        Device {
            id: AssetId(uuid::Uuid::from_u128(0xdead_beef)),
            identity: "serial M/1".into(),
            name: "PLC\n7".into(),
            plate: plate("1"),
            modules: [("slot 2".into(), plate("2"))].into(),
            ips: ["10.0.0.1".parse().unwrap(), "fe80::1".parse().unwrap()].into(),
            macs: ["00:01:02:03:04:05".parse().unwrap()].into(),
            vlans: [7].into(),
            sites: ["Nord".into()].into(),
            zone: None,
            protocols: ["enip".into()].into(),
            events: vec![Happened {
                module: Some("slot 2".into()),
                event: "enip.download".into(),
                said: said("from 10.0.0.9", 12),
            }],
            seen: ("a".into(), "b".into()),
        }
    }

    #[test]
    fn what_is_kept_is_read_as_it_was() {
        let devices = vec![made()];
        assert_eq!(unpacked("x", &packed(&devices)).unwrap(), devices);
        assert_eq!(unpacked("x", &packed(&[])).unwrap(), []);
    }

    #[test]
    fn damage_is_told() {
        let mut packed = packed(&[made()]);
        packed.truncate(packed.len() / 2);
        let error = unpacked("Monday", &packed).unwrap_err();
        assert!(error.to_string().starts_with("the baseline Monday cannot be read: "), "{error}");
    }
}
