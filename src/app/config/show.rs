//! The configuration as text: what holds and where it comes from, and the default file with every key explained.

use std::fmt::Write as _;

use super::keys::{Key, Kind, OUTPUT, SECTIONS};
use super::{Configuration, Keep, LogFormat, Origin, Settings, units};

/// One key as it holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Shown {
    /// Its name, as `store.path`.
    pub key: String,
    /// Its value as it is written in the file; `None` when nothing holds.
    pub value: Option<String>,
    /// Where it comes from.
    pub origin: Origin,
}

/// All keys as they hold, in the order of the file; zones and outputs are not among them.
pub fn shown(configuration: &Configuration) -> Vec<Shown> {
    let mut all = Vec::new();
    for section in SECTIONS {
        for key in section.keys {
            let name = format!("{}.{}", section.name, key.name);
            let origin = configuration.origins.get(&name).cloned().unwrap_or(Origin::BuiltIn);
            let value = written(&configuration.settings, &name);
            all.push(Shown { key: name, value, origin });
        }
    }
    all
}

/// The default configuration: every key with its meaning and what holds without it, all of it commented out.
pub fn default_file() -> String {
    let mut text = String::from(HEAD);
    for section in SECTIONS {
        let _ = write!(text, "\n# {}\n[{}]\n", section.about, section.name);
        for key in section.keys {
            about(key, &mut text);
            match key.default {
                Some(default) => {
                    let _ = writeln!(text, "#{} = {}", key.name, literal(key.kind, default));
                }
                None => {
                    let value = literal(key.kind, key.example);
                    let _ = writeln!(text, "# Not set; for example:\n#{} = {value}", key.name);
                }
            }
        }
    }
    text.push_str(ZONE);
    for key in OUTPUT {
        about(key, &mut text);
        let _ = writeln!(text, "#{} = {}", key.name, literal(key.kind, key.example));
    }
    text
}

fn about(key: &Key, text: &mut String) {
    let mut line = String::from("#");
    for word in key.about.split(' ') {
        if line.chars().count().saturating_add(word.chars().count()) >= WIDTH {
            let _ = writeln!(text, "{line}");
            line = String::from("#");
        }
        line.push(' ');
        line.push_str(word);
    }
    let _ = writeln!(text, "{line}");
    if let Kind::Word(words) = key.kind {
        let _ = writeln!(text, "# One of: {}.", words.join(", "));
    }
}

/// A value of the environment, as it is written in the file.
fn literal(kind: Kind, text: &str) -> String {
    match kind {
        Kind::Number(..) | Kind::Switch => text.to_owned(),
        Kind::Names => list(text.split(',').filter(|name| !name.is_empty())),
        _ => quoted(text),
    }
}

fn written(settings: &Settings, name: &str) -> Option<String> {
    let Settings { capture, store, log, .. } = settings;
    Some(match name {
        "site.name" => quoted(settings.site.as_ref()?),
        "capture.interfaces" => list(capture.interfaces.iter().map(|name| &**name)),
        "capture.filter" => quoted(&capture.filter),
        "capture.ring" => quoted(&units::show_size(capture.ring_bytes)),
        "capture.snap" => capture.snap_bytes.to_string(),
        "capture.promiscuous" => capture.promiscuous.to_string(),
        "capture.memory" => quoted(&units::show_size(capture.memory_bytes)),
        "evidence.keep" => quoted(match settings.evidence {
            Keep::Frames => "frames",
            Keep::Headers => "headers",
            Keep::None => "none",
        }),
        "store.path" => quoted(&store.path.to_string_lossy()),
        "store.max" => quoted(&units::show_size(store.max_bytes)),
        "store.keep" => quoted(&units::show_duration(store.keep)),
        "store.backup" => quoted(&store.backup.as_ref()?.to_string_lossy()),
        "store.backup_every" => quoted(&units::show_duration(store.backup_every)),
        "store.backup_keep" => store.backup_keep.to_string(),
        "web.listen" => quoted(&settings.web.to_string()),
        "db.path" => quoted(&settings.advisories.as_ref()?.to_string_lossy()),
        "db.warn_after" => quoted(&units::show_duration(settings.warn_after)),
        "signatures.path" => quoted(&settings.signatures.as_ref()?.to_string_lossy()),
        "log.format" => quoted(match log.format {
            LogFormat::Text => "text",
            LogFormat::Json => "json",
            LogFormat::Journal => "journal",
        }),
        "log.level" => quoted(&log.level),
        _ => return None,
    })
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.map(quoted).collect();
    format!("[{}]", names.join(", "))
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

const WIDTH: usize = 100;

const HEAD: &str = "\
# Configuration of nameplate. Each key stands here with what holds without it, commented out.
#
# Above this file stand variables of the environment (NAMEPLATE_STORE_MAX for max below [store]) and options.
# nameplate config check tells all mistakes; nameplate config show what holds, and where it comes from.
";

const ZONE: &str = "
# The zones of the plant, by subnet and VLAN: one table for each, as in the file of --zones.
#[[zone]]
#name = \"Cell 3\"
# Level in the Purdue model, 0 to 5.
#purdue = 1
#subnets = [\"10.10.3.0/24\"]
#vlans = [103]
# One of: low, medium, high, critical.
#criticality = \"high\"

# Where notices go: one table for each receiver. Secrets are never written here; they stand in files.
#[[output]]
";
