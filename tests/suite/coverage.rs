//! How much of what the protocols can say is said in some capture of the project. Keys that no capture proves are
//! listed, so that they are seen.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use nameplate::engine;
use nameplate::model::Key;
use nameplate::protocols::REGISTRY;

use crate::kept;
use crate::replayed::{bundled, hear, root};

#[test]
fn keys_that_no_capture_says_are_known() {
    let mut said: BTreeSet<&str> = BTreeSet::new();
    for capture in bundled() {
        let heard = hear(&[root().join("captures").join(capture)], false);
        said.extend(heard.observations.iter().map(|observation| observation.key.name));
    }
    let mut text = String::from("keys said by the captures of the project, of those declared\n");
    for protocol in REGISTRY {
        list(protocol.name, &protocol.every_key().collect::<Vec<_>>(), &said, &mut text);
    }
    list("engine", engine::KEYS, &said, &mut text);
    for protocol in REGISTRY.iter().filter(|protocol| OF_THE_MISSION.contains(&protocol.name)) {
        let (declared, covered) = (
            protocol.every_key().count(),
            protocol.every_key().filter(|key| said.contains(key.name)),
        );
        assert!(covered.count() * 100 >= declared * 95, "{text}\n{}", protocol.name);
    }
    kept::check(Path::new("tests/golden/coverage.txt"), &text)
        .unwrap_or_else(|why| panic!("{why}"));
}

/// Protocols of which captures must say at least 95 % of the keys.
const OF_THE_MISSION: &[&str] = &["enip", "modbus", "smb"];

fn list(name: &str, keys: &[Key], said: &BTreeSet<&str>, text: &mut String) {
    let never: Vec<&str> =
        keys.iter().map(|key| key.name).filter(|name| !said.contains(name)).collect();
    writeln!(text, "\n{name}  {} of {}", keys.len() - never.len(), keys.len()).unwrap();
    for name in never {
        writeln!(text, "  never said: {name}").unwrap();
    }
}
