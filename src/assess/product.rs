//! From a device on the wire to a product in a document.
//!
//! Substring matching takes neighbours for the device (ControlLogix 5560 for 5580, an Ethernet module for the controller
//! beside it), so a name is only met when nothing is left of it that could name something else. What is left but unknown
//! makes a candidate (E4), and a candidate is never affected and never fixed.

use crate::advisory::Names;
use crate::advisory::name::{self, Code, Name, words};
use crate::advisory::range::{self, What};
use crate::assess::device::Device;
use crate::assess::naming::{Named, is_telling};
use crate::assess::words::is_other_thing;
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

/// Rank of the most specific name of a family; the others follow below.
const OWN_NAME: usize = 100;

/// What meeting one name came to.
#[derive(Clone, Debug)]
pub(super) enum Met {
    Yes(Match),
    Candidate(Match),
    /// It names something else.
    Other,
    /// It does not name the device.
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
            let met = match self.remembered(text) {
                Some(met) => met,
                None => self.remember(text, self.meet_text(text, names)),
            };
            match met {
                Met::Yes(found) if best.as_ref().is_none_or(|kept| found.rank > kept.rank) => {
                    best = Some(found)
                }
                Met::Candidate(found) => candidate = candidate.or(Some(found)),
                // "MicroLogix 1100 and 1400: MicroLogix 1100": the whole name names the neighbours too.
                Met::Other if *text == *product.name => return None,
                _ => {}
            }
        }
        best.or(candidate)
    }

    /// A name with its remarks and lists: the best of what it says in any of the ways in which it can be read.
    fn meet_text(&self, text: &str, names: &Names) -> Met {
        let spelled = names.spelled(text);
        if spelled.excluded.iter().any(|part| self.is_named_in(&part.name)) {
            return Met::Other;
        }
        let mut best = Met::No;
        let mut other = false;
        for part in spelled.main.iter().chain(&spelled.included) {
            let met = self.meet_name(&part.name, &part.text);
            let neighbour = matches!(met, Met::Other);
            other |= neighbour;
            best = better(best, met);
            // "GOT2000 Series, GT21 model": beside a neighbour the family that both share says nothing.
            if !matches!(best, Met::Yes(_))
                && let Some(found) = self.meet_part(&part.text, names)
                && (!neighbour || found.rank.0 || found.rank.1 == OWN_NAME)
            {
                best = Met::Yes(found);
            }
        }
        // "UPS using NMC2": with the card alone nobody knows what it is built into.
        for part in &spelled.used {
            if let Met::Yes(_) = self.meet_name(&part.name, &part.text) {
                best = better(best, Met::Candidate(candidate(text, "what it is built into")));
            }
        }
        match best {
            // What is left out may be the device, as far as one knows.
            Met::Yes(_) if spelled.excluded.iter().any(|part| self.may_be_named_in(&part.text)) => {
                Met::Candidate(candidate(text, "which of the variants it is"))
            }
            // With one of its options it is a neighbour's: then words that are alike are not enough.
            Met::Candidate(_) if other => Met::Other,
            best => best,
        }
    }

    /// "C300 and ACE controllers": one of the things that a name lists may be the device.
    fn meet_part(&self, text: &str, names: &Names) -> Option<Match> {
        const PARTS_MAX: usize = 16;
        let parts: Vec<&str> = text
            .split([',', ';', '&'])
            .flat_map(|part| part.split(" and "))
            .flat_map(|part| part.split(" or "))
            .take(PARTS_MAX)
            .collect();
        if parts.len() < 2 {
            return None;
        }
        parts.iter().find_map(|part| match self.meet_name(&names.name(part), part) {
            Met::Yes(found) => Some(found),
            _ => None,
        })
    }

    /// Whether a text may mean the device, by a word with a digit in it that is part of its family's name.
    fn may_be_named_in(&self, text: &str) -> bool {
        const LENGTH_MIN: usize = 3;
        words(text)
            .iter()
            .filter(|word| word.len() >= LENGTH_MIN && word.contains(|c: char| c.is_ascii_digit()))
            .any(|word| self.families.iter().any(|family| family.contains(word.as_str())))
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
                            (false, OWN_NAME, code.literals())
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

    /// Documents of one maker repeat their names by the hundred.
    fn remembered(&self, text: &str) -> Option<Met> {
        self.met.borrow().get(text).cloned()
    }

    fn remember(&self, text: &str, met: Met) -> Met {
        self.met.borrow_mut().insert(text.into(), met.clone());
        met
    }

    /// "S7-1200 CP 1243-1" is the CP, although the family of the CPU stands before it.
    fn is_module_of(&self, named: &Named, text: &str) -> bool {
        named.own.as_ref().is_some_and(|(_, own)| {
            !self.begins_own_number(own)
                && named.siblings.iter().any(|sibling| {
                    !is_numbered_alike(own, sibling) && is_compound(text, own, sibling)
                })
        })
    }

    fn meet_name(&self, name: &Name, text: &str) -> Met {
        let mut covered = vec![false; name.words.len()];
        let exact = self.exact(name, &mut covered);
        let named = self.family(name, &mut covered);
        let pattern = self.pattern(name, named.own.is_some());
        if self.is_of_neighbour(&named, exact.is_some(), pattern.is_some(), text) {
            return Met::Other;
        }
        let family = named.own.as_ref();
        let begins = self.begins_with(name);
        // Numbers of a catalogue, and none of them the device's: this is something else, or a list that is not complete.
        let others: Vec<_> = name
            .codes
            .iter()
            .filter(|code| !is_version(code) && !covers(name, &covered, &code.pattern))
            .collect();
        let listed_others = exact.is_none()
            && pattern.is_none()
            && begins.is_none()
            && !self.numbers.is_empty()
            && !others.is_empty();
        // Of another numbering (a type beside an order number) nothing says that they are not its own.
        let told_apart =
            |code: &&Code| self.is_kin(&code.pattern) || (family.is_none() && !code.is_pattern());
        let short = exact.is_none() && self.is_short_for(name);
        if listed_others && !short && others.iter().any(told_apart) {
            let kin = others.iter().any(|code| self.is_kin(&code.pattern));
            return if kin { Met::Other } else { Met::No };
        }
        for code in &name.codes {
            for word in words(&code.pattern) {
                mark(name, &mut covered, &word, code.is_pattern());
            }
        }
        let met = exact.or(family.map(|(_, family)| family.as_str()));
        let left = self.unexplained(name, &covered, met);
        if left.iter().any(|word| is_other_thing(word)) {
            return Met::Other;
        }
        if exact.is_none() && begins.is_none() && left.iter().any(|word| self.is_neighbour(word)) {
            return Met::Other;
        }
        let family = family.map(|(place, family)| (*place, family.as_str()));
        let Some((rank, grade, because)) = how(exact, pattern, family, begins, text) else {
            return if short {
                Met::Candidate(candidate(text, "the whole number"))
            } else {
                Met::No
            };
        };
        let guess = short
            || self.is_of_twin(name)
            || has_plus(text, exact.or(family.map(|(_, family)| family)))
            || (named.narrower && exact.is_none() && pattern.is_none());
        let fits = pattern.is_some_and(|literals| literals >= PATTERN_LITERALS_MIN);
        let enough = left.is_empty()
            || fits
            || grade == Grade::E3
            || (grade == Grade::E1 && self.is_told_by_number(&because));
        if enough && !listed_others && !guess {
            return Met::Yes(Match { rank, grade, because });
        }
        let left =
            if left.is_empty() { "the number".to_owned() } else { left.join(" ").to_lowercase() };
        Met::Candidate(candidate(text, &left))
    }

    /// Words that nothing explains. A name without a digit is a program's own: then "software" behind it says nothing new.
    fn unexplained(&self, name: &Name, covered: &[bool], met: Option<&str>) -> Vec<String> {
        let mut left = self.leftover(name, covered);
        if met.is_some_and(|met| !met.contains(|c: char| c.is_ascii_digit())) {
            left.retain(|word| word != "SOFTWARE");
        }
        left
    }

    /// Whether a name lists the order number of a twin, and not the device's own.
    fn is_of_twin(&self, name: &Name) -> bool {
        const ORDER_NUMBER_LENGTH: usize = 10;
        let own = |code: &Code| {
            code.literals() >= ORDER_NUMBER_LENGTH
                && self.numbers.iter().any(|number| code.matches(&number.text))
        };
        name.codes.iter().any(|code| self.is_twin(&code.pattern)) && !name.codes.iter().any(own)
    }

    /// Whether the number that a sentence has is enough to name the device, whatever else a name says.
    fn is_told_by_number(&self, because: &str) -> bool {
        self.numbers
            .iter()
            .any(|number| is_telling(&number.text) && because.contains(number.text.as_str()))
    }

    /// Whether a name is a neighbour's by the families in it.
    fn is_of_neighbour(&self, named: &Named, exact: bool, fits: bool, text: &str) -> bool {
        self.is_number_of_sibling(named)
            || (!exact && self.is_of_siblings(named, fits))
            || (!exact && !fits && self.is_module_of(named, text))
    }
}

/// A match by words only, with what keeps it from being more.
fn candidate(text: &str, left: &str) -> Match {
    let because = format!("only words of {text:?} are alike: {left} is not known to be the same");
    Match { rank: (false, 0, 0), grade: Grade::E4, because }
}

/// The firmer of two ways to meet a name.
fn better(one: Met, other: Met) -> Met {
    match (&one, &other) {
        (Met::Yes(kept), Met::Yes(found)) if found.rank > kept.rank => other,
        (Met::Yes(_), _) | (Met::Candidate(_), Met::Candidate(_) | Met::Other | Met::No) => one,
        (_, Met::No) => one,
        _ => other,
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
            let rank = (false, OWN_NAME.saturating_sub(place), pattern.unwrap_or_default());
            (rank, Grade::E2, format!("family {family} is named by {text:?}"))
        }
        (None, Some(literals), None, _) => {
            ((false, OWN_NAME, literals), Grade::E3, format!("model fits the pattern in {text:?}"))
        }
        (None, None, None, Some(length)) => {
            ((false, 99, length), Grade::E3, format!("model begins with {text:?}"))
        }
        (None, None, None, None) => return None,
    })
}

fn covers(name: &Name, covered: &[bool], pattern: &str) -> bool {
    words(pattern).iter().all(|word| {
        name.words.iter().zip(covered).any(|(own, covered)| {
            *covered && (own == word || own.trim_end_matches(['X', 'Y', 'Z']) == word)
        })
    })
}

/// A word of a pattern marks what it was made of: "1756-L8z" is `1756` and `L8`, "BMX P34x" is `BMXP34`.
fn mark(name: &Name, covered: &mut [bool], word: &str, pattern: bool) {
    for (own, covered) in name.words.iter().zip(covered) {
        let bare = own.trim_end_matches(['X', 'Y', 'Z']);
        let part = pattern && (own.starts_with(word) || (bare.len() >= 2 && word.contains(bare)));
        *covered |= own == word || part;
    }
}

/// Whether a number with placeholders is a version: "12.0" and "4.x".
fn is_version(code: &Code) -> bool {
    code.is_pattern() && code.pattern.chars().all(|c| c == '*' || c.is_ascii_digit())
}

/// Whether the last word of what was met has a plus behind it: a Tracer SC+ is no Tracer SC.
fn has_plus(text: &str, met: Option<&str>) -> bool {
    let Some(last) = met.and_then(|met| words(met).pop()) else { return false };
    let plus = |word: &str| word.ends_with('+') && words(word).last() == Some(&last);
    text.split_whitespace().any(plus) && !met.is_some_and(|met| met.ends_with('+'))
}

/// Whether two names are two numbers of one row: "CPE305 CPE310".
fn is_numbered_alike(one: &str, other: &str) -> bool {
    let stem = |text: &str| {
        let last = text.rsplit(' ').next().unwrap_or_default();
        last.chars().take_while(|c| c.is_alphabetic()).collect::<String>()
    };
    stem(one).len() >= 2 && stem(one) == stem(other)
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

/// `6ES7212-1AE40-0XB0[C]` and `PU-1(H)`: the bracket names an option that any copy may have.
fn without_options(model: &str) -> String {
    model.split(['[', '(']).next().unwrap_or(model).to_owned()
}
