//! `NAMEPLATE_STORE_MAX=50GiB`: keys in the environment, in capitals, section and key joined by an underscore.

use super::keys::SECTIONS;
use super::{Gathered, Origin};
use crate::query::nearest;

/// Takes what the environment says. Names that are like that of a key but are none are cautioned about and no more: systems that start programs put
/// variables of their own there.
pub(super) fn read(environment: &[(String, String)], gathered: &mut Gathered) {
    let mut given: Vec<&(String, String)> =
        environment.iter().filter(|(name, _)| name.starts_with(PREFIX)).collect();
    given.sort();
    let known: Vec<(String, String)> = variables().collect();
    for (name, text) in given {
        match known.iter().find(|(variable, _)| variable == name) {
            Some((_, key)) => {
                let taken = gathered.take_text(key, text, Origin::Environment(name.clone()));
                gathered.note(name, taken);
            }
            None if OTHERS.contains(&&**name) => {}
            None => {
                let names: Vec<String> =
                    known.iter().map(|(name, _)| name.to_lowercase()).collect();
                if let Some(near) = nearest(name, names.iter().map(|name| &**name)) {
                    let near = near.to_uppercase();
                    let caution = format!("{name} stands for no key; do you mean {near}?");
                    gathered.configuration.cautions.push(caution);
                }
            }
        }
    }
}

/// Each variable, and the key that it stands for.
pub(super) fn variables() -> impl Iterator<Item = (String, String)> {
    SECTIONS.iter().flat_map(|section| {
        section.keys.iter().map(|key| {
            let variable = format!("{PREFIX}{}_{}", section.name, key.name).to_uppercase();
            (variable, format!("{}.{}", section.name, key.name))
        })
    })
}

const PREFIX: &str = "NAMEPLATE_";

/// Variables that mean something and are no key.
const OTHERS: &[&str] = &["NAMEPLATE_LOG", "NAMEPLATE_AS_OF"];
