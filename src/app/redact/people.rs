//! What was read, and what people wrote: the run, decisions, states of patches.

use crate::app::knowledge::BUILT_IN;
use crate::app::redact::hide::Hiding;
use crate::model::decision::Book;
use crate::model::{
    Anchor, BundleInfo, CaptureInfo, Deed, Entry, Handling, Import, Patching, Ruling, Run,
    Treatment,
};

impl Hiding<'_> {
    pub(super) fn run(&self, run: &Run) -> Run {
        let captures = run.captures.iter().map(|capture| self.capture(capture)).collect();
        let imports = run.imports.iter().map(|import| Import {
            by: self.person(&import.by).into(),
            why: self.text(&import.why).into(),
            ..import.clone()
        });
        let entries = run.decisions.entries().iter().map(|entry| self.entry(entry));
        Run {
            arguments: run.arguments.iter().map(|argument| self.argument(argument)).collect(),
            captures,
            sites: self.sites(),
            bundle: BundleInfo { origin: self.path(&run.bundle.origin), ..run.bundle.clone() },
            // What cannot be read is called by its path, and by nothing that is known.
            failed: match self.redaction.what.name {
                true => run.failed.iter().map(|_| FAILED.to_owned()).collect(),
                false => self.texts(&run.failed),
            },
            decisions: Book::new(entries.collect()),
            handbook: self.handbook(&run.handbook),
            imports: imports.collect(),
            ..run.clone()
        }
    }

    /// What was asked for. A site is placed by the path of an input, which may say more than the name of the site.
    fn argument(&self, argument: &str) -> String {
        match argument.strip_prefix("--site ") {
            Some(placing) if self.redaction.what.name => {
                format!("--site {}", self.redaction.word("site", placing))
            }
            _ => self.text(argument),
        }
    }

    /// Where advisories came from. A path tells whose they are.
    pub(super) fn path(&self, origin: &str) -> String {
        let is_path = !origin.is_empty() && !origin.starts_with(BUILT_IN);
        match self.redaction.what.name && is_path {
            true => self.redaction.word("file", origin),
            false => origin.to_owned(),
        }
    }

    fn capture(&self, capture: &CaptureInfo) -> CaptureInfo {
        let name = match self.redaction.what.name && !capture.is_shed() {
            true => self.redaction.word("capture", &capture.name),
            false => self.text(&capture.name),
        };
        let incomplete = capture.incomplete.as_ref().map(|why| {
            // The reason may name the file in other words than the list does.
            self.text(&why.replace(&capture.name, &name))
        });
        CaptureInfo { name, incomplete, ..capture.clone() }
    }

    fn entry(&self, entry: &Entry) -> Entry {
        let anchor = |anchor: &Anchor| Anchor { node: self.node(anchor.node), at: anchor.at };
        let deed = match &entry.deed {
            Deed::Undid(number) => Deed::Undid(*number),
            Deed::Ruled(Ruling::Together(a, b)) => {
                Deed::Ruled(Ruling::Together(anchor(a), anchor(b)))
            }
            Deed::Ruled(Ruling::Apart(a, b)) => Deed::Ruled(Ruling::Apart(anchor(a), anchor(b))),
            Deed::Ruled(Ruling::Set { anchor: at, unit, field, value }) => {
                Deed::Ruled(Ruling::Set {
                    anchor: anchor(at),
                    unit: unit.as_ref().map(|unit| self.unit(unit)),
                    field: *field,
                    value: match value.is_empty() {
                        true => value.clone(),
                        false => self.stated(*field, value).into(),
                    },
                })
            }
        };
        Entry {
            number: entry.number,
            deed,
            by: self.person(&entry.by).into(),
            why: self.text(&entry.why).into(),
            at: entry.at,
        }
    }

    pub(super) fn handling(&self, handling: &Handling) -> Handling {
        let patching = |one: &Patching| Patching {
            by: one.by.as_ref().map(|by| self.person(by).into()),
            why: self.text(&one.why).into(),
            ..one.clone()
        };
        Handling {
            patch: handling.patch.as_ref().map(patching),
            proposed: handling.proposed.as_ref().map(patching),
            decision: handling.decision.as_ref().map(|one| Treatment {
                source: self.text(&one.source).into(),
                by: self.person(&one.by).into(),
                why: self.text(&one.why).into(),
                ..one.clone()
            }),
            reopened: handling.reopened.as_ref().map(|why| self.text(why).into()),
        }
    }

    /// A person is a name, too.
    pub(super) fn person(&self, name: &str) -> String {
        match self.redaction.what.name && !name.is_empty() {
            true => self.redaction.word("person", name),
            false => self.text(name),
        }
    }
}

const FAILED: &str = "an input could not be read; which one is not told here";
