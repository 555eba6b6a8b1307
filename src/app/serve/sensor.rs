//! What a sensor wrote of itself beside its store.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use crate::app::serve::Expected;
use crate::model::limits::HEALTH_BYTES_MAX;
use crate::web::Sensor;

/// Reads how the sensor of a store is.
pub(super) fn sensor(dir: &Path, expected: Expected) -> Sensor {
    if expected == Expected::None {
        return Sensor::None;
    }
    let mut bytes = Vec::new();
    let file = match File::open(dir.join(FILE)) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return if expected == Expected::Auto { Sensor::None } else { Sensor::Missing };
        }
        Err(error) => return Sensor::Unreadable(error.to_string()),
    };
    if let Err(error) = file.take(HEALTH_BYTES_MAX.saturating_add(1)).read_to_end(&mut bytes) {
        return Sensor::Unreadable(error.to_string());
    }
    if u64::try_from(bytes.len()).is_ok_and(|len| len > HEALTH_BYTES_MAX) {
        return Sensor::Unreadable(format!("it is larger than {HEALTH_BYTES_MAX} bytes"));
    }
    match serde_json::from_slice(&bytes) {
        Ok(health) => Sensor::Wrote(Box::new(health)),
        Err(error) => Sensor::Unreadable(error.to_string()),
    }
}

/// Name of the file beside the store.
const FILE: &str = "health.json";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Health;

    #[test]
    fn what_is_not_there_is_told_apart_from_what_cannot_be_read() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path();
        assert_eq!(sensor(dir, Expected::Auto), Sensor::None);
        assert_eq!(sensor(dir, Expected::Required), Sensor::Missing);
        let wrong: [&[u8]; 5] = [b"", b"{", b"[1]", b"{\"phase\":\"dancing\"}", b"\xff\xff"];
        for wrong in wrong {
            std::fs::write(dir.join(FILE), wrong).unwrap();
            let told = sensor(dir, Expected::Auto);
            assert!(matches!(told, Sensor::Unreadable(_)), "{told:?} for {wrong:?}");
        }
        std::fs::write(dir.join(FILE), vec![b' '; 2_000_000]).unwrap();
        assert!(matches!(sensor(dir, Expected::Auto), Sensor::Unreadable(_)));
        assert_eq!(sensor(dir, Expected::None), Sensor::None, "nobody asked");
        std::fs::write(dir.join(FILE), serde_json::to_vec(&Health::default()).unwrap()).unwrap();
        assert_eq!(sensor(dir, Expected::Auto), Sensor::Wrote(Box::default()));
    }
}
