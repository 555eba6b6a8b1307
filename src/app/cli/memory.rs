//! `--memory`, and what is told when it was not enough.

use clap::Args;

use crate::app::config;
use crate::model::{Ceiling, Counters};

/// How much memory there is.
#[derive(Args, Clone, Copy, Debug)]
pub(super) struct MemoryArgs {
    /// Ceiling for the memory of what is remembered, 256MiB or more; what does not fit is shed and counted
    #[arg(long, value_name = "SIZE", default_value = "2GiB", value_parser = size)]
    memory: Ceiling,
}

impl MemoryArgs {
    /// What was asked for.
    pub(super) fn ceiling(&self) -> Ceiling {
        self.memory
    }
}

/// What had to go because there was no more room, one sentence each.
pub(super) fn shed(counters: &Counters) -> Vec<String> {
    let told = SHED.iter().filter_map(|(name, what)| {
        let count = counters.count(name);
        (count > 0).then(|| format!("{count} {what}"))
    });
    told.collect()
}

fn size(text: &str) -> Result<Ceiling, String> {
    let bytes = config::size(text)?;
    if bytes < Ceiling::BYTES_MIN {
        return Err(format!("{text} is too little: 256MiB is the least that works"));
    }
    Ok(Ceiling::new(bytes))
}

/// Counters of what could be a device or a conversation of one, and what to say of them.
const SHED: &[(&str, &str)] = &[
    (
        "engine.strangers_given_up",
        "hosts are left out that were heard once or twice and answered nobody: a flood of new addresses, or a scan",
    ),
    (
        "ledger.passers_by_over_limit",
        "facts are left out about hosts of which nothing else is known: a flood of new addresses, or a scan",
    ),
    (
        "ledger.subjects_over_limit",
        "facts are left out, because there was no room for more devices: give it more, with --memory",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ceiling_is_a_size_that_is_large_enough() {
        assert_eq!(size("2GiB"), Ok(Ceiling::default()));
        assert_eq!(size("256MiB"), Ok(Ceiling::new(0)));
        for wrong in ["", "64MiB", "2", "GiB", "-1GiB", "2G"] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_what_was_shed_is_told() {
        let mut counters = Counters::default();
        counters.add("engine.frames", 7);
        assert!(shed(&counters).is_empty());
        counters.add("ledger.subjects_over_limit", 3);
        let told = shed(&counters);
        assert_eq!(told.len(), 1);
        assert!(told[0].starts_with("3 facts are left out"), "{told:?}");
    }
}
