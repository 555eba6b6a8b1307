//! From a device on the wire to a product in a document.
//!
//! Substring matching takes neighbours for the device (ControlLogix 5560 for 5580, an Ethernet module for the controller
//! beside it), so a name is only met when nothing is left of it that could name something else. What is left but unknown
//! makes a candidate (E4), and a candidate is never affected and never fixed.

use std::rc::Rc;

use crate::advisory::Names;
use crate::advisory::name::{self, Name, words};
use crate::advisory::range::{self, What};
use crate::assess::device::{Device, Number, shelf};
use crate::assess::words::{is_generic, is_other_thing};
use crate::model::advisory::Product;
use crate::model::finding::Grade;

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

/// Characters of a pattern that are enough to name one family: `FX5U-*M*/*`.
const PATTERN_LITERALS_MIN: usize = 5;

/// What meeting one name came to.
#[derive(Clone, Debug)]
pub(super) enum Met {
    Yes(Match),
    Candidate(Match),
    No,
}

impl Device<'_> {
    /// How the device meets a product of its maker, if it does.
    pub(super) fn meet(&self, product: &Product, names: &Names) -> Option<Match> {
        // Most documents list hundreds of numbers of other shelves: those cost no more than a look.
        let mut listed: Vec<String> = product
            .models
            .iter()
            .chain(&product.on_models)
            .filter(|model| self.may_be_on_a_shelf_of(model))
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
            match self.meet_known(known, text) {
                Met::Yes(found) if best.as_ref().is_none_or(|kept| found.rank > kept.rank) => {
                    best = Some(found)
                }
                Met::Candidate(found) => {
                    if let Some(listed) = self.meet_part(text) {
                        best = best.or(Some(listed));
                    }
                    candidate = candidate.or(Some(found));
                }
                _ => {}
            }
        }
        best.or(candidate)
    }

    /// "C300 and ACE controllers": one of the things that a name lists may be the device.
    fn meet_part(&self, text: &str) -> Option<Match> {
        const PARTS_MAX: usize = 16;
        let parts: Vec<&str> =
            text.split(", ").flat_map(|part| part.split(" and ")).take(PARTS_MAX).collect();
        if parts.len() < 2 {
            return None;
        }
        parts.iter().find_map(|part| match self.meet_name(&Name::read(part), part) {
            Met::Yes(found) => Some(found),
            _ => None,
        })
    }

    /// Against model numbers that the document lists for the product.
    fn meet_listed(&self, listed: &[String]) -> Option<Match> {
        for number in &self.numbers {
            for model in listed {
                let code = name::Code { pattern: name::dense(model) };
                if code.matches(&number.text) {
                    let grade = if code.is_pattern() { Grade::E3 } else { Grade::E1 };
                    let because = format!("model {} is listed as {model}", number.text);
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

    /// Whether a listed number may be the device's or from its catalogue: it has a placeholder, or begins as one of them does.
    fn may_be_on_a_shelf_of(&self, model: &str) -> bool {
        let plain = model.is_ascii() && !model.contains(['*', '?', 'x', 'y', 'z', 'X', 'Y', 'Z']);
        if !plain {
            return true;
        }
        let head = || {
            model
                .chars()
                .filter(char::is_ascii_alphanumeric)
                .map(|c| c.to_ascii_uppercase())
                .take(3)
        };
        self.numbers.iter().any(|own| own.shelf.is_empty() || own.shelf.chars().eq(head()))
    }

    /// Whether a number is from the same catalogue as the device's own, so that not being equal means being another.
    fn is_kin(&self, number: &str) -> bool {
        shelf(number).is_some_and(|theirs| self.numbers.iter().any(|own| own.shelf == theirs))
    }

    /// As below, remembered: documents of one maker repeat their names by the hundred.
    fn meet_known(&self, name: &Name, text: &str) -> Met {
        if let Some(met) = self.met.borrow().get(text) {
            return met.clone();
        }
        let met = self.meet_name(name, text);
        self.met.borrow_mut().insert(text.into(), met.clone());
        met
    }

    fn meet_name(&self, name: &Name, text: &str) -> Met {
        let mut covered = vec![false; name.words.len()];
        let exact = self.exact(name, &mut covered);
        let pattern = self.pattern(name);
        let (family, siblings) = self.family(name, &mut covered);
        // "S7-1200 CP 1243-1" is the CP, although the family of the CPU stands before it.
        let module = family
            .as_ref()
            .is_some_and(|(_, own)| siblings.iter().any(|sibling| is_compound(text, own, sibling)));
        if module && exact.is_none() && pattern.is_none() {
            return Met::No;
        }
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
        let family = family.as_ref().map(|(place, family)| (*place, family.as_str()));
        let Some((rank, grade, because)) = how(exact, pattern, family, begins, text) else {
            return Met::No;
        };
        let telling = grade == Grade::E1
            && self
                .numbers
                .iter()
                .any(|number| is_telling(&number.text) && because.contains(number.text.as_str()));
        let fits = pattern.is_some_and(|literals| literals >= PATTERN_LITERALS_MIN);
        if !listed_others && (left.is_empty() || telling || fits || grade == Grade::E3) {
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
            if let Some((from, to)) = name.find(&number.compact) {
                covered.iter_mut().take(to).skip(from).for_each(|word| *word = true);
                found = found.or(Some(number.text.as_str()));
            } else if name.codes.iter().any(|code| !code.is_pattern() && code.matches(&number.text))
            {
                found = found.or(Some(number.text.as_str()));
            }
        }
        found
    }

    /// Characters of the tightest pattern that the device's number fits.
    fn pattern(&self, name: &Name) -> Option<usize> {
        let patterns = name.codes.iter().filter(|code| code.is_pattern());
        patterns
            .filter(|code| self.numbers.iter().any(|number| code.matches(&number.text)))
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
        const BRAND_LENGTH: usize = 5;
        let is_brand = |word: &str| {
            self.brands.contains(word)
                || self.makers.iter().any(|maker| maker.starts_with(word))
                || self
                    .brands
                    .iter()
                    .any(|brand| brand.len() >= BRAND_LENGTH && word.starts_with(brand.as_str()))
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
                && !is_placeholder(word)
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
        // "FX3U-ENET" and "FX3U-ENET-ADP" are two modules: only behind digits is the rest a variant.
        let numbered = name
            .words
            .iter()
            .rfind(|word| core.ends_with(word.as_str()))
            .is_some_and(|word| word.contains(|c: char| c.is_ascii_digit()));
        if !numbered {
            return None;
        }
        let begins = |number: &Number| {
            let mut head = String::new();
            words(&number.text).iter().any(|word| {
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

    /// Whether a text names the device's own number.
    pub(super) fn is_numbered_in(&self, name: &Name) -> bool {
        let mut covered = vec![false; name.words.len()];
        self.exact(name, &mut covered).is_some_and(is_telling)
    }

    /// Whether a text lists numbers of the device's catalogue, and not its own.
    pub(super) fn is_listed_without(&self, name: &Name) -> bool {
        self.pattern(name).is_none()
            && name.codes.iter().any(|code| !code.is_pattern() && self.is_kin(&code.pattern))
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

    /// The same as one word, remembered: texts of remediations are held against all names of their document.
    pub(super) fn core(&self, text: &str) -> Rc<str> {
        if let Some(known) = self.cores.borrow().get(text) {
            return Rc::clone(known);
        }
        let core: Rc<str> = self.telling_words(text).concat().into();
        self.cores.borrow_mut().insert(text.into(), Rc::clone(&core));
        core
    }
}

/// By what a name was met: how specific that is, how firm, and the sentence that says so. `None` when by nothing.
fn how(
    exact: Option<&str>,
    pattern: Option<usize>,
    family: Option<(usize, &str)>,
    begins: Option<usize>,
    text: &str,
) -> Option<((bool, usize, usize), Grade, String)> {
    Some(match (exact, pattern, family, begins) {
        (Some(number), ..) => {
            ((true, 0, 0), Grade::E1, format!("model {number} is named by {text:?}"))
        }
        (None, pattern, Some((place, family)), _) => {
            let rank = (false, 100_usize.saturating_sub(place), pattern.unwrap_or_default());
            (rank, Grade::E2, format!("family {family} is named by {text:?}"))
        }
        (None, Some(literals), None, _) => {
            ((false, 100, literals), Grade::E3, format!("model fits the pattern in {text:?}"))
        }
        (None, None, None, Some(length)) => {
            ((false, 99, length), Grade::E3, format!("model begins with {text:?}"))
        }
        (None, None, None, None) => return None,
    })
}

fn covers(name: &Name, covered: &[bool], pattern: &str) -> bool {
    words(pattern)
        .iter()
        .all(|word| name.words.iter().zip(covered).any(|(own, covered)| own == word && *covered))
}

/// A word of a pattern marks what it was made of: "1756-L8z" is `1756` and `L8`, "BMX P34x" is `BMXP34`.
fn mark(name: &Name, covered: &mut [bool], word: &str, pattern: bool) {
    for (own, covered) in name.words.iter().zip(covered) {
        let bare = own.trim_end_matches(['X', 'Y', 'Z']);
        let part = pattern && (own.starts_with(word) || (bare.len() >= 2 && word.contains(bare)));
        *covered |= own == word || part;
    }
}

/// Whether two names stand in a text one behind the other with nothing but a space between.
fn is_compound(text: &str, first: &str, second: &str) -> bool {
    let (Some(end), Some(start)) = (first.rsplit(' ').next(), second.split(' ').next()) else {
        return false;
    };
    let text: Vec<String> = text.split_whitespace().map(str::to_uppercase).collect();
    text.windows(2).any(|pair| match pair {
        [one, two] => one.ends_with(end) && two.starts_with(start),
        _ => false,
    })
}

/// "xxx" in `750-82xx/xxx-xxx`: any characters of a number, and no word of a name.
fn is_placeholder(word: &str) -> bool {
    word.len() >= 2 && word.chars().all(|c| matches!(c, 'X' | 'Y' | 'Z'))
}

/// `6ES7212-1AE40-0XB0[C]` and `PU-1(H)`: the bracket names an option that any copy may have.
fn without_options(model: &str) -> String {
    model.split(['[', '(']).next().unwrap_or(model).to_owned()
}

/// Whether a number is long enough to name one thing in the world.
fn is_telling(number: &str) -> bool {
    let short = name::compact(number);
    short.len() >= 6
        && short.chars().filter(char::is_ascii_digit).count() >= 2
        && !number.trim().contains(' ')
        || short.chars().filter(char::is_ascii_digit).count() >= 5
}
