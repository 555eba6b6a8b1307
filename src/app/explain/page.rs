//! The text of an explanation: what it says first, then what came of checking the facts that it rests on.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use crate::app::recheck::{Checks, Fact, Look, Outcome, Spot, dump};
use crate::export::{escape::shell, escape::term};
use crate::fingerprint::Source;
use crate::model::{Excerpt, FrameRef, Ground, Import, Run, SignatureId, Subject, Value};

/// Rules, and where each was learned.
pub(in crate::app) type Rules = BTreeMap<SignatureId, Source>;

/// What is explained, in lines; its facts are still to be checked.
#[derive(Debug)]
pub(in crate::app) struct Page<'a> {
    run: &'a Run,
    rules: &'a Rules,
    /// The directory of the store that all this is from.
    store: Option<&'a Path>,
    items: Vec<Item>,
    /// Every fact that the page rests on, once.
    facts: Vec<Fact>,
    places: BTreeMap<Fact, usize>,
    spots: Vec<Spot>,
    /// Rules whose source was told.
    sourced: BTreeSet<SignatureId>,
}

/// A part of a page, and how far it is indented.
#[derive(Debug)]
enum Item {
    Line(usize, String),
    /// The place of a fact.
    Proof(usize, usize),
    /// Bytes that are asked about.
    Spot(usize, Spot),
    /// Commands that show a frame.
    Commands(usize, FrameRef),
    /// Whether a frame that a sensor heard is kept.
    Kept(usize, FrameRef),
}

impl<'a> Page<'a> {
    /// A page on which nothing stands yet.
    pub(super) fn new(run: &'a Run, rules: &'a Rules) -> Self {
        Self {
            run,
            rules,
            store: None,
            items: Vec::new(),
            facts: Vec::new(),
            places: BTreeMap::new(),
            spots: Vec::new(),
            sourced: BTreeSet::new(),
        }
    }

    /// It is from the store in that directory: there the frames of sensors are.
    pub(in crate::app) fn of_store(&mut self, dir: &'a Path) {
        self.store = Some(dir);
    }

    /// The run that the page is about.
    pub(super) fn run(&self) -> &'a Run {
        self.run
    }

    /// The facts that are to be checked, each once.
    pub(in crate::app) fn facts(&self) -> &[Fact] {
        &self.facts
    }

    /// The bytes that are asked about.
    pub(in crate::app) fn spots(&self) -> &[Spot] {
        &self.spots
    }

    /// The page as text, with what came of the checks of [`Self::facts`] and [`Self::spots`].
    pub(in crate::app) fn text(&self, checks: &Checks) -> String {
        let mut text = Text {
            page: self,
            checks,
            text: String::new(),
            proved: BTreeSet::new(),
            shown: BTreeSet::new(),
        };
        self.items.iter().for_each(|item| text.item(item));
        text.text
    }

    pub(super) fn line(&mut self, depth: usize, words: &str) {
        self.items.push(Item::Line(depth, words.to_owned()));
    }

    /// A fact that something rests on, with its proof.
    pub(super) fn ground(&mut self, depth: usize, ground: &Ground, subject: Option<&Subject>) {
        let Ground { key, value, at, frame, excerpt, .. } = ground.clone();
        self.line(depth, &format!("{key} = {value}"));
        let subject = subject.cloned();
        self.proof(depth.saturating_add(1), Fact { frame, key, value, excerpt, at, subject });
    }

    /// The frame and the bytes that prove a fact.
    pub(super) fn proof(&mut self, depth: usize, fact: Fact) {
        let next = self.facts.len();
        let at = *self.places.entry(fact.clone()).or_insert(next);
        if at == next {
            self.facts.push(fact);
        }
        self.items.push(Item::Proof(depth, at));
    }

    /// Bytes that are asked about.
    pub(super) fn spot(&mut self, depth: usize, spot: Spot) {
        self.spots.push(spot);
        self.items.push(Item::Spot(depth, spot));
    }

    /// Where a rule was learned, the first time that it is named.
    pub(super) fn source(&mut self, depth: usize, rule: &SignatureId) {
        let Some(Source { file, words }) = self.rules.get(rule) else { return };
        if self.sourced.insert(rule.clone()) {
            self.line(depth, &format!("rule {rule} in {file}, by {words}"));
        }
    }

    /// Whether a frame that a sensor heard is kept; nothing of one of a file.
    pub(super) fn kept(&mut self, depth: usize, frame: FrameRef) {
        if is_heard(self.run, frame) {
            self.spots.push(Spot { frame, offset: 0, length: 0 });
            self.items.push(Item::Kept(depth, frame));
        }
    }

    /// Commands that show a frame.
    pub(super) fn commands(&mut self, depth: usize, frame: FrameRef) {
        self.items.push(Item::Commands(depth, frame));
    }
}

/// The first words about what came of checking a fact; loud when it is not what its capture says.
pub(super) fn verdict(outcome: &Outcome) -> String {
    match outcome {
        Outcome::DecodedAgain => "checked: bytes as kept, value decoded again".to_owned(),
        Outcome::SameBytes(Some(reading)) => {
            format!("checked: bytes as kept, value read from them as {reading}")
        }
        Outcome::SameBytes(None) => {
            "checked: bytes as kept; the value is told once, and not from these bytes alone"
                .to_owned()
        }
        Outcome::SameFrame(Some(reading)) => {
            format!("checked: bytes as in the frame that the sensor kept, value read from them as {reading}")
        }
        Outcome::SameFrame(None) => {
            "checked: bytes as in the frame that the sensor kept; what they mean rests on frames before it, which were not"
                .to_owned()
        }
        Outcome::KeptBytes(absent, Some(reading)) => {
            let why = absent.words();
            format!("checked by the kept bytes alone, because {why}: they read as {reading}")
        }
        Outcome::KeptBytes(absent, None) => {
            let why = absent.words();
            format!("not checked: {why}, and the value is no plain reading of the kept bytes")
        }
        Outcome::Differs(how) => format!("DIFFERS: {how}"),
    }
}

struct Text<'p, 'a> {
    page: &'p Page<'a>,
    checks: &'p Checks,
    text: String,
    /// Facts whose proof was shown.
    proved: BTreeSet<usize>,
    /// Frames whose commands were printed.
    shown: BTreeSet<FrameRef>,
}

impl Text<'_, '_> {
    fn item(&mut self, item: &Item) {
        match item {
            Item::Line(depth, words) => self.line(*depth, words),
            Item::Proof(depth, at) => self.proof(*depth, *at),
            Item::Spot(depth, spot) => self.spot(*depth, *spot),
            Item::Commands(depth, frame) => self.commands(*depth, *frame),
            Item::Kept(depth, frame) => self.kept(*depth, *frame),
        }
    }

    fn kept(&mut self, depth: usize, frame: FrameRef) {
        let (kept, gone) = (self.checks.kept.get(&frame), self.checks.gone.get(&frame));
        let words = match (kept, gone) {
            (Some((kept, whole)), _)
                if usize::try_from(*whole).is_ok_and(|whole| *kept < whole) =>
            {
                format!("the store keeps the first {kept} of its {whole} bytes")
            }
            (Some((kept, _)), _) => format!("the store keeps it whole: {kept} bytes"),
            (None, Some(gone)) => format!("the frame cannot be shown: {}", gone.words()),
            (None, None) => "the frame cannot be shown: the store cannot be read".to_owned(),
        };
        self.line(depth, &words);
    }

    fn line(&mut self, depth: usize, words: &str) {
        let indent = depth.saturating_mul(2);
        // Writing to a String cannot fail.
        let _ = writeln!(self.text, "{:indent$}{}", "", term(words));
    }

    fn proof(&mut self, depth: usize, at: usize) {
        let Some(fact) = self.page.facts.get(at) else { return };
        let Fact { frame, excerpt, at: time, .. } = fact;
        let run = self.page.run;
        if let Some(import) = run.import(frame.capture) {
            let name = run.capture_name(frame.capture);
            return self.line(depth, &format!("{name} {}", cell(fact, import)));
        }
        let place = |frame: FrameRef| {
            let name = run.capture_name(frame.capture);
            format!("{name}#{}", frame.number)
        };
        let start = if excerpt.frame == *frame {
            String::new()
        } else {
            format!(", counted in {}", place(excerpt.frame))
        };
        let Excerpt { offset, length, bytes, .. } = excerpt;
        let hex = Value::Bytes(bytes.clone());
        let place = place(*frame);
        self.line(depth, &format!("{place}  {time}  bytes {offset}+{length}{start}: {hex}"));
        if !self.proved.insert(at) {
            return;
        }
        let (depth, checks) = (depth.saturating_add(1), self.checks);
        match checks.looks.get(&fact.spot()) {
            Some(look) => self.look(depth, look, fact.spot()),
            None => dump(excerpt).iter().for_each(|row| self.line(depth, row)),
        }
        if let Some(outcome) = checks.outcomes.get(at) {
            self.line(depth, &verdict(outcome));
        }
        self.commands(depth, *frame);
    }

    fn look(&mut self, depth: usize, look: &Look, spot: Spot) {
        self.line(depth, &look.layers);
        look.dump(spot).iter().for_each(|row| self.line(depth, row));
    }

    fn spot(&mut self, depth: usize, spot: Spot) {
        let checks = self.checks;
        if let Some(look) = checks.looks.get(&spot) {
            let (offset, length) = (spot.offset, look.frame_length);
            if look.cited.is_empty() {
                return self.line(depth, &format!("the frame has {length} bytes only"));
            }
            self.line(depth, &format!("byte {offset} of {length}"));
            return self.look(depth, look, spot);
        }
        let absent = checks.absent.get(&spot.frame.capture);
        let why = match absent.or_else(|| checks.gone.get(&spot.frame)) {
            Some(absent) => absent.words(),
            None => "the capture holds no such frame".into(),
        };
        self.line(depth, &format!("the frame cannot be shown: {why}"));
    }

    /// Commands that show a frame, once for each; none when nobody can read the capture again.
    fn commands(&mut self, depth: usize, frame: FrameRef) {
        let run = self.page.run;
        let name = run.capture_name(frame.capture);
        // The replacement character stands for bytes of the name that are not known any more.
        let is_capture = run.import(frame.capture).is_none();
        let is_readable =
            is_capture && name != STANDARD_INPUT && !name.contains(char::REPLACEMENT_CHARACTER);
        if !is_readable || !self.shown.insert(frame) {
            return;
        }
        if is_heard(run, frame) {
            if let Some(dir) = self.page.store.filter(|_| self.checks.kept.contains_key(&frame)) {
                let (frame, dir) = (format!("{name}#{}", frame.number), dir.display().to_string());
                let (frame, dir) = (shell(&frame), shell(&dir));
                let export = format!("nameplate store evidence {frame} --store {dir} -w -");
                self.line(depth, &format!("{export} | tshark -r - -V"));
            }
            return;
        }
        let (file, number) = (shell(name), frame.number);
        let wireshark = format!("wireshark -r {file} -g {number}");
        let tshark = format!("tshark -r {file} -Y 'frame.number == {number}' -V");
        self.line(depth, &wireshark);
        self.line(depth, &tshark);
    }
}

/// True for a frame of what a sensor heard: there is no file of it.
fn is_heard(run: &Run, frame: FrameRef) -> bool {
    let capture = usize::try_from(frame.capture).ok().and_then(|at| run.captures.get(at));
    capture.is_some_and(|capture| capture.session.is_some())
}

/// The place of a fact in a list, and whose word it is.
fn cell(fact: &Fact, import: &Import) -> String {
    let Import { by, why, at, .. } = import;
    let why = if why.is_empty() { String::new() } else { format!(": {why}") };
    let (row, column) = (fact.frame.number, column_name(fact.excerpt.offset));
    format!("row {row} column {column}, as of {}; imported by {by}, {at}{why}", fact.at)
}

/// What spreadsheets call the column of that number, counted from 1: A, Z, AA.
fn column_name(number: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = number;
    while let Some(left) = rest.checked_sub(1) {
        let letter = u8::try_from(left % 26).unwrap_or(0).saturating_add(b'A');
        letters.push(char::from(letter));
        rest = left / 26;
    }
    letters.iter().rev().collect()
}

const STANDARD_INPUT: &str = "-";
