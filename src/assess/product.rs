//! From a device on the wire to a product in a document.
//!
//! Substring matching takes neighbours for the device (ControlLogix 5560 for 5580, an Ethernet module for the controller
//! beside it), so a name is only met when nothing is left of it that could name something else. What is left but unknown
//! makes a candidate (E4), and a candidate is never affected and never fixed.

use std::collections::BTreeSet;

use crate::advisory::name::{Name, compact, take_series, words};
use crate::advisory::range::{self, What};
use crate::advisory::{Names, makers, name};
use crate::assess::families::{Families, Vendor, is_same_maker};
use crate::assess::words::{is_generic, is_other_thing};
use crate::model::advisory::Product;
use crate::model::asset::Nameplate;
use crate::model::claim::{Certainty, Claim, Field};
use crate::model::finding::Grade;
use crate::model::version::{Scheme, Version, is_redundancy};

/// What is known about a device, ready to be met with names.
#[derive(Debug)]
pub(super) struct Device<'a> {
    makers: Vec<String>,
    vendor: Option<&'a Vendor>,
    vocabulary: Option<&'a BTreeSet<String>>,
    /// Model and order numbers, as claimed.
    pub(super) numbers: Vec<String>,
    /// Names of its family, compact, most specific first.
    families: Vec<String>,
    /// Order of its versions.
    pub(super) scheme: Scheme,
    /// Hardware series.
    pub(super) series: Option<char>,
    /// Firmware.
    pub(super) firmware: Option<Version>,
    /// It is a computer with Windows, and what is judged is Windows.
    pub(super) windows: bool,
    /// Trust in the weakest claim used.
    pub(super) certainty: Certainty,
}

/// How a device met a product of a document.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Match {
    /// The higher, the more specific: exact number, family, then characters of a pattern.
    pub(super) rank: (bool, usize, usize),
    /// How firmly.
    pub(super) grade: Grade,
    /// The step as a sentence.
    pub(super) because: String,
}

/// What meeting one name came to.
enum Met {
    Yes(Match),
    Candidate(Match),
    No,
}

/// A claim that may carry a finding.
fn said(nameplate: &Nameplate, field: Field) -> Option<&Claim> {
    nameplate.claims.get(&field)?.iter().find(|claim| claim.certainty > Certainty::Hint)
}

impl<'a> Device<'a> {
    /// The device that a nameplate is of; `None` when it says too little to be found in any document.
    pub(super) fn read(nameplate: &Nameplate, families: &'a Families) -> Option<Self> {
        let mut used = Vec::new();
        let mut take = |field| {
            let claim = said(nameplate, field)?;
            used.push(claim.certainty);
            Some(claim.value.trim().to_owned())
        };
        let os = take(Field::Os).filter(|os| os.starts_with("Windows"));
        let named = [take(Field::Model), take(Field::OrderNumber)];
        let product = take(Field::Product);
        let vendor_name =
            take(Field::Vendor).or_else(|| os.is_some().then(|| "Microsoft".to_owned()))?;
        let (firmware, series) = (take(Field::Firmware), take(Field::Series));
        let vendor = families.vendor(&vendor_name);
        let mut device = Self {
            makers: makers(&vendor_name),
            vendor,
            vocabulary: vendor.and_then(|vendor| families.vocabulary(&vendor.name)),
            numbers: Vec::new(),
            families: Vec::new(),
            scheme: vendor.map_or(Scheme::Unknown, Vendor::scheme),
            series: series.and_then(|series| series.chars().find(char::is_ascii_uppercase)),
            firmware: None,
            windows: os.is_some() && vendor.is_some_and(|vendor| vendor.name == "Microsoft"),
            certainty: used.into_iter().min().unwrap_or(Certainty::Likely),
        };
        let mut firmware = firmware;
        for number in named.into_iter().flatten() {
            device.add_number(&number, &mut firmware);
        }
        device.firmware = firmware.map(|text| Version::new(&text, device.scheme));
        device.find_families(
            product.as_deref().or(os.as_deref().filter(|_| device.windows)),
            families,
        );
        (!device.numbers.is_empty() || !device.families.is_empty()).then_some(device)
    }

    /// A model number may carry series and firmware revision: "1756-EN2T/D", "1766-L32BXB C/21.02".
    fn add_number(&mut self, number: &str, firmware: &mut Option<String>) {
        let mut number = number.to_owned();
        if self.scheme == Scheme::Rockwell {
            if let Some((catalogue, rest)) = number.clone().split_once(' ') {
                if let Some((letter, revision)) = rest.trim().split_once('/')
                    && letter.len() == 1
                    && revision.starts_with(|c: char| c.is_ascii_digit())
                {
                    self.series = letter.chars().next().or(self.series);
                    *firmware = Some(revision.to_owned());
                }
                if catalogue.contains('-') && catalogue.starts_with(|c: char| c.is_ascii_digit()) {
                    number = catalogue.to_owned();
                }
            }
            let (bare, letters) = take_series(&number);
            self.series = self.series.or(letters.first().copied());
            number = bare.trim().to_owned();
        }
        if compact(&number).len() >= 2 && !self.numbers.contains(&number) {
            self.numbers.push(number);
        }
    }

    fn find_families(&mut self, product: Option<&str>, families: &Families) {
        let mut names: Vec<&str> = Vec::new();
        if let Some(vendor) = self.vendor {
            for number in &self.numbers {
                names = families.names_of(&vendor.name, number);
                if !names.is_empty() {
                    break;
                }
            }
            if let (true, Some(product)) = (names.is_empty(), product) {
                names = families.names_of(&vendor.name, product);
                if names.is_empty() {
                    names = families.names_beside(&vendor.name, product);
                }
            }
        }
        self.families = names.into_iter().map(compact).collect();
        let minor = self.firmware.as_ref().and_then(|firmware| firmware.numbers().get(1).copied());
        if self.scheme == Scheme::Rockwell && minor.is_some_and(is_redundancy) {
            let beside: Vec<String> =
                self.families.iter().map(|family| format!("{family}REDUNDANCY")).collect();
            self.families.splice(0..0, beside);
        }
        let product = product.map(compact).filter(|product| product.len() >= 2);
        self.families.extend(product.filter(|product| !self.families.contains(product)));
    }

    /// Whether a maker's name, as [`makers`] gives it, is the device's maker.
    pub(super) fn is_by(&self, maker: &str) -> bool {
        self.makers.iter().any(|own| is_same_maker(own, maker))
            || self.vendor.is_some_and(|vendor| vendor.is(maker))
    }

    /// How the device meets a product, if it does.
    pub(super) fn meet(&self, product: &Product, names: &Names) -> Option<Match> {
        if !makers(&product.vendor).iter().any(|maker| self.is_by(maker)) {
            return None;
        }
        let mut listed: Vec<String> = product
            .models
            .iter()
            .chain(&product.on_models)
            .map(|model| without_options(model))
            .collect();
        // Only a text with an order number in it can be a list of them.
        let coded = product.version.split([' ', ',', '|']).any(range::is_code);
        if coded
            && let What::Models(models) =
                range::read(&product.version, product.stated, self.scheme).what
        {
            listed.extend(
                models.iter().flat_map(|model| Name::read(model).codes).map(|code| code.pattern),
            );
        }
        if let Some(found) = self.meet_listed(&listed) {
            return Some(found);
        }
        if listed.iter().any(|model| self.is_kin(model)) {
            return None;
        }
        let mut best: Option<Match> = None;
        let mut candidate = None;
        for text in name::texts(product) {
            // The family branch is the shelf, not the product on it.
            if *text == *product.family && *text != *product.name {
                continue;
            }
            let read;
            let known = match names.get(text) {
                Some(known) => known,
                None => {
                    read = Name::read(text);
                    &read
                }
            };
            match self.meet_name(known, text) {
                Met::Yes(found) if best.as_ref().is_none_or(|kept| found.rank > kept.rank) => {
                    best = Some(found)
                }
                Met::Candidate(found) => candidate = candidate.or(Some(found)),
                _ => {}
            }
        }
        best.or(candidate)
    }

    /// Against model numbers that the document lists for the product.
    fn meet_listed(&self, listed: &[String]) -> Option<Match> {
        for number in &self.numbers {
            for model in listed {
                let code = name::Code { pattern: name::dense(model) };
                if code.matches(number) {
                    let grade = if code.is_pattern() { Grade::E3 } else { Grade::E1 };
                    let because = format!("model {number} is listed as {model}");
                    return Some(Match {
                        rank: if grade == Grade::E1 {
                            (true, 0, 0)
                        } else {
                            (false, 100, code.literals())
                        },
                        grade,
                        because,
                    });
                }
            }
        }
        None
    }

    /// Whether a number is from the same catalogue as the device's own, so that not being equal means being another.
    fn is_kin(&self, number: &str) -> bool {
        const SHELF: usize = 3;
        let head = |text: &str| compact(text).chars().take(SHELF).collect::<String>();
        let theirs = head(number);
        theirs.chars().count() == SHELF && self.numbers.iter().any(|own| head(own) == theirs)
    }

    fn meet_name(&self, name: &Name, text: &str) -> Met {
        let mut covered = vec![false; name.words.len()];
        let exact = self.exact(name, &mut covered);
        let pattern = self.pattern(name);
        let (family, siblings) = self.family(name, &mut covered);
        let begins = self.begins_with(name);
        if exact.is_none() && self.is_of_siblings(family.is_some(), pattern.is_some(), &siblings) {
            return Met::No;
        }
        // Numbers of a catalogue, and none of them the device's: this is something else, or a list that is not complete.
        let others: Vec<_> =
            name.codes.iter().filter(|code| !covers(name, &covered, &code.pattern)).collect();
        let listed_others = exact.is_none()
            && pattern.is_none()
            && begins.is_none()
            && !self.numbers.is_empty()
            && !others.is_empty();
        if listed_others
            && others.iter().any(|code| self.is_kin(&code.pattern) || !code.is_pattern())
        {
            return Met::No;
        }
        for code in &name.codes {
            for word in words(&code.pattern) {
                mark(name, &mut covered, &word, code.is_pattern());
            }
        }
        let mut left = self.leftover(name, &covered);
        // A name without a digit is a program's own: then "software" behind it says nothing new.
        let met =
            exact.map(str::to_owned).or_else(|| family.as_ref().map(|(_, family)| family.clone()));
        if met.is_some_and(|met| !met.contains(|c: char| c.is_ascii_digit())) {
            left.retain(|word| word != "SOFTWARE");
        }
        if left.iter().any(|word| is_other_thing(word)) {
            return Met::No;
        }
        let (rank, grade, because) = match (exact, pattern, family) {
            (Some(number), _, _) => {
                ((true, 0, 0), Grade::E1, format!("model {number} is named by {text:?}"))
            }
            (None, pattern, Some((place, family))) => {
                let because = format!("family {family} is named by {text:?}");
                (
                    (false, 100_usize.saturating_sub(place), pattern.unwrap_or_default()),
                    Grade::E2,
                    because,
                )
            }
            (None, Some(literals), None) => {
                ((false, 100, literals), Grade::E3, format!("model fits the pattern in {text:?}"))
            }
            (None, None, None) => match begins {
                Some(length) => {
                    ((false, 99, length), Grade::E3, format!("model begins with {text:?}"))
                }
                None => return Met::No,
            },
        };
        let telling = grade == Grade::E1
            && self
                .numbers
                .iter()
                .any(|number| is_telling(number) && because.contains(number.as_str()));
        if !listed_others && (left.is_empty() || telling || grade == Grade::E3) {
            Met::Yes(Match { rank, grade, because })
        } else {
            let left = if left.is_empty() {
                "the number".to_owned()
            } else {
                left.join(" ").to_lowercase()
            };
            let because =
                format!("only words of {text:?} are alike: {left} is not known to be the same");
            Met::Candidate(Match { rank: (false, 0, 0), grade: Grade::E4, because })
        }
    }

    fn exact(&self, name: &Name, covered: &mut [bool]) -> Option<&str> {
        let mut found = None;
        for number in &self.numbers {
            if let Some((from, to)) = name.find(&compact(number)) {
                covered.iter_mut().take(to).skip(from).for_each(|word| *word = true);
                found = found.or(Some(number.as_str()));
            } else if name.codes.iter().any(|code| !code.is_pattern() && code.matches(number)) {
                found = found.or(Some(number.as_str()));
            }
        }
        found
    }

    /// Characters of the tightest pattern that the device's number fits.
    fn pattern(&self, name: &Name) -> Option<usize> {
        let patterns = name.codes.iter().filter(|code| code.is_pattern());
        patterns
            .filter(|code| self.numbers.iter().any(|number| code.matches(number)))
            .map(name::Code::literals)
            .max()
    }

    /// The best of the device's families that the name mentions. Longer names are taken first, so that "Compact GuardLogix
    /// 5370" is not read as GuardLogix 5370.
    fn family(&self, name: &Name, covered: &mut [bool]) -> (Option<(usize, String)>, Vec<String>) {
        const WORDS_MAX: usize = 8;
        let mut siblings = Vec::new();
        let mut best: Option<(usize, String)> = None;
        let mut at = 0_usize;
        while at < name.words.len() {
            let mut phrase = String::new();
            let mut longest: Option<(usize, String)> = None;
            for (step, word) in name.words.iter().skip(at).take(WORDS_MAX).enumerate() {
                phrase.push_str(word);
                if self.families.contains(&phrase)
                    || self.vocabulary.is_some_and(|known| known.contains(&phrase))
                {
                    longest = Some((step.saturating_add(1), phrase.clone()));
                }
            }
            let Some((length, phrase)) = longest else {
                at = at.saturating_add(1);
                continue;
            };
            let end = at.saturating_add(length);
            covered.iter_mut().take(end).skip(at).for_each(|word| *word = true);
            let spelled =
                name.words.iter().take(end).skip(at).cloned().collect::<Vec<_>>().join(" ");
            match self.families.iter().position(|own| *own == phrase) {
                Some(place) if best.as_ref().is_none_or(|(kept, _)| place < *kept) => {
                    best = Some((place, spelled))
                }
                Some(_) => {}
                None => siblings.push(spelled),
            }
            at = end;
        }
        (best, siblings)
    }

    /// Whether the families named make a name that of a neighbour: only others are named, or a number of the device's own
    /// catalogue that is not the device's, or a program.
    fn is_of_siblings(&self, own: bool, fits: bool, siblings: &[String]) -> bool {
        let program =
            siblings.iter().flat_map(|name| words(name)).any(|word| is_other_thing(&word));
        let kin = siblings.iter().any(|name| self.is_kin(name));
        !siblings.is_empty() && (!own || program || (kin && !fits))
    }

    /// Words of a name that nothing explains.
    fn leftover(&self, name: &Name, covered: &[bool]) -> Vec<String> {
        let is_brand = |word: &str| {
            self.makers.iter().any(|maker| maker.starts_with(word))
                || self.vendor.is_some_and(|vendor| {
                    let known = vendor
                        .brands
                        .iter()
                        .chain(&vendor.aliases)
                        .chain(std::iter::once(&vendor.name));
                    known.flat_map(|text| words(text)).any(|brand| {
                        brand == word || (brand.len() >= 5 && word.starts_with(&brand))
                    })
                })
        };
        let is_series = |word: &str| {
            word.len() == 1 && word.chars().all(|letter| name.series.contains(&letter))
        };
        let left =
            name.words.iter().zip(covered).filter(|(_, covered)| !**covered).map(|(word, _)| word);
        left.filter(|word| {
            !is_generic(word)
                && !is_brand(word)
                && !is_series(word)
                && !name.train_words.contains(word)
        })
        .cloned()
        .collect()
    }

    /// "EDS-408A series" for an EDS-408A-3M-SC: what is left of the name are the first words of the number.
    fn begins_with(&self, name: &Name) -> Option<usize> {
        const LENGTH_MIN: usize = 4;
        let core: String = self.leftover(name, &vec![false; name.words.len()]).concat();
        let mixed =
            core.chars().any(|c| c.is_alphabetic()) && core.chars().any(|c| c.is_ascii_digit());
        if core.len() < LENGTH_MIN || !(mixed || core.len() >= 6) {
            return None;
        }
        let begins = |number: &String| {
            let mut head = String::new();
            words(number).iter().any(|word| {
                head.push_str(word);
                head == core
            })
        };
        self.numbers.iter().any(begins).then_some(core.len())
    }

    /// Whether a text names the device: by number, pattern or family.
    pub(super) fn is_named_in(&self, name: &Name) -> bool {
        let mut covered = vec![false; name.words.len()];
        self.exact(name, &mut covered).is_some()
            || self.pattern(name).is_some()
            || self.family(name, &mut covered).0.is_some()
    }

    /// Whether a text names another family of the same maker.
    pub(super) fn is_sibling_named_in(&self, name: &Name) -> bool {
        const WORDS_MAX: usize = 8;
        let Some(vocabulary) = self.vocabulary else { return false };
        (0..name.words.len()).any(|at| {
            let mut phrase = String::new();
            name.words.iter().skip(at).take(WORDS_MAX).any(|word| {
                phrase.push_str(word);
                vocabulary.contains(&phrase) && !self.families.contains(&phrase)
            })
        })
    }

    /// Words of a text that are neither generic nor the maker's.
    pub(super) fn telling_words(&self, text: &str) -> Vec<String> {
        let name = Name { words: words(text), ..Name::default() };
        self.leftover(&name, &vec![false; name.words.len()])
    }
}

fn covers(name: &Name, covered: &[bool], pattern: &str) -> bool {
    words(pattern)
        .iter()
        .all(|word| name.words.iter().zip(covered).any(|(own, covered)| own == word && *covered))
}

/// A word of a pattern marks all that begin with it: "1756-L8z" is `1756` and `L8`.
fn mark(name: &Name, covered: &mut [bool], word: &str, pattern: bool) {
    for (own, covered) in name.words.iter().zip(covered) {
        *covered |= own == word || (pattern && own.starts_with(word));
    }
}

/// "6ES7212-1AE40-0XB0[C]" and "PU-1(H)": the bracket names an option that any copy may have.
fn without_options(model: &str) -> String {
    model.split(['[', '(']).next().unwrap_or(model).to_owned()
}

/// Whether a number is long enough to name one thing in the world.
fn is_telling(number: &str) -> bool {
    let short = compact(number);
    short.len() >= 6
        && short.chars().filter(char::is_ascii_digit).count() >= 2
        && !number.trim().contains(' ')
        || short.chars().filter(char::is_ascii_digit).count() >= 5
}
