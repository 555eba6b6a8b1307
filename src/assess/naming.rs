//! By what the words of a name tell a device from its neighbours: its number, a pattern, a family, or a number of its
//! catalogue that is not its own.

use std::rc::Rc;

use crate::advisory::name::{self, Code, Name, words};
use crate::assess::device::{Device, Number, shelf};
use crate::assess::words::{is_generic, is_other_thing};

/// Words of the longest name of a family: "SCALANCE XB-200/XC-200/XP-200/XR300-WG" has nine.
const FAMILY_WORDS_MAX: usize = 12;

/// What a name says of families.
#[derive(Debug, Default)]
pub(super) struct Named {
    /// The best of the device's own, by its place among them, as it is spelled.
    pub(super) own: Option<(usize, String)>,
    /// Others of the same maker.
    pub(super) siblings: Vec<String>,
    /// A narrower family than the device's is named, and the device may or may not be of it.
    pub(super) narrower: bool,
}

/// Characters behind the head of an order number that twins share: `511-1AK01` of 6ES7511-1AK01-0AB0.
const TWIN_CORE: usize = 8;

impl Device<'_> {
    /// Whether a number is from the same catalogue as the device's own, so that not being equal means being another.
    pub(super) fn is_kin(&self, number: &str) -> bool {
        shelf(number).is_some_and(|theirs| self.numbers.iter().any(|own| own.shelf == theirs))
            || self.is_other_twin(number)
    }

    /// The device's number that stands in the name.
    pub(super) fn exact(&self, name: &Name, covered: &mut [bool]) -> Option<&str> {
        let mut found = None;
        for number in self.numbers.iter().filter(|number| !extends(name, number)) {
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

    /// Whether the name lists a longer number of which the device's may be the short form.
    pub(super) fn is_short_for(&self, name: &Name) -> bool {
        self.numbers.iter().any(|number| {
            let last = words(&number.text).pop().unwrap_or_default();
            extends(name, number) && last.contains(|c: char| c.is_ascii_digit())
        })
    }

    /// Characters of the tightest pattern that the device's number fits. Beside the name of its family the first characters
    /// of its number are one: "Modicon MC80 (BMKC80)".
    pub(super) fn pattern(&self, name: &Name, family: bool) -> Option<usize> {
        const HEAD_LENGTH_MIN: usize = 5;
        let head = |code: &Code| {
            let head = name::compact(&code.pattern);
            family
                && head.len() >= HEAD_LENGTH_MIN
                && head.contains(|c: char| c.is_ascii_digit())
                && self.numbers.iter().any(|own| own.compact.starts_with(&head))
        };
        let fits = |code: &&Code| {
            if code.is_pattern() {
                self.numbers.iter().any(|number| code.matches(&number.text))
            } else {
                head(code)
            }
        };
        name.codes.iter().filter(fits).map(Code::literals).max()
    }

    /// The best of the device's families that the name mentions. Longer names are taken first, so that "Compact GuardLogix
    /// 5370" is not read as GuardLogix 5370.
    pub(super) fn family(&self, name: &Name, covered: &mut [bool]) -> Named {
        let mut named = Named::default();
        let mut at = 0_usize;
        while at < name.words.len() {
            let mut phrase = String::new();
            let mut longest: Option<(usize, String)> = None;
            let mut own: Option<(usize, String)> = None;
            for (step, word) in name.words.iter().skip(at).take(FAMILY_WORDS_MAX).enumerate() {
                phrase.push_str(word);
                if self.families.contains(&phrase)
                    || self.vocabulary.is_some_and(|known| known.contains(&phrase))
                {
                    longest = Some((step.saturating_add(1), phrase.clone()));
                }
                if self.families.contains(&phrase) {
                    own = longest.clone();
                }
            }
            // "SIMOCODE pro V EIP": a device that only says "SIMOCODE pro V" may be one.
            if !self.resolved && own.is_some() && own != longest {
                named.narrower = true;
                longest = own;
            }
            let Some((length, phrase)) = longest else {
                at = at.saturating_add(1);
                continue;
            };
            let end = at.saturating_add(length);
            covered.iter_mut().take(end).skip(at).for_each(|word| *word = true);
            let spelled =
                name.words.iter().take(end).skip(at).cloned().collect::<Vec<_>>().join(" ");
            let at_place = self.families.iter().position(|own| *own == phrase);
            match at_place.map(|at| self.places.get(at).copied().unwrap_or(at)) {
                Some(place) if named.own.as_ref().is_none_or(|(kept, _)| place < *kept) => {
                    named.own = Some((place, spelled))
                }
                Some(_) => {}
                None => named.siblings.push(spelled),
            }
            at = end;
        }
        named
    }

    /// Whether the families named make a name that of a neighbour: only others are named, or a number of the device's own
    /// catalogue that is not the device's, or a program.
    pub(super) fn is_of_siblings(&self, named: &Named, fits: bool) -> bool {
        let siblings = &named.siblings;
        let program =
            siblings.iter().flat_map(|name| words(name)).any(|word| is_other_thing(&word));
        let kin = siblings.iter().any(|name| self.is_kin(name));
        let own = named.own.as_ref().is_some_and(|(_, own)| self.begins_own_number(own));
        !siblings.is_empty() && (named.own.is_none() || program || (kin && !fits && !own))
    }

    /// Whether a family named is a neighbour whose name begins with the device's number: "AXC 1050 XC" beside AXC 1050.
    pub(super) fn is_number_of_sibling(&self, named: &Named) -> bool {
        named.siblings.iter().map(|sibling| name::compact(sibling)).any(|sibling| {
            self.numbers
                .iter()
                .any(|own| sibling.contains(&own.compact) && !sibling.ends_with(&own.compact))
        })
    }

    /// Whether a family's name is the beginning of the device's number: "GT27" of GT2715-XTBA.
    pub(super) fn begins_own_number(&self, family: &str) -> bool {
        let family = name::compact(family);
        self.numbers.iter().any(|own| own.compact.starts_with(&family))
    }

    /// Words of a name that nothing explains.
    pub(super) fn leftover(&self, name: &Name, covered: &[bool]) -> Vec<String> {
        let is_series = |word: &str| {
            word.len() == 1 && word.chars().all(|letter| name.series.contains(&letter))
        };
        let left =
            name.words.iter().zip(covered).filter(|(_, covered)| !**covered).map(|(word, _)| word);
        left.filter(|word| {
            !is_generic(word)
                && !self.is_brand(word)
                && !is_series(word)
                && !is_placeholder(word)
                && !name.train_words.contains(word)
        })
        .cloned()
        .collect()
    }

    /// "EDS-408A series" for an EDS-408A-3M-SC: what is left of the name are the first words of the number.
    pub(super) fn begins_with(&self, name: &Name) -> Option<usize> {
        const LENGTH_MIN: usize = 4;
        const SERIES_LENGTH_MIN: usize = 5;
        let core: String = self.leftover(name, &vec![false; name.words.len()]).concat();
        let mixed =
            core.chars().any(|c| c.is_alphabetic()) && core.chars().any(|c| c.is_ascii_digit());
        if core.len() < LENGTH_MIN || !(mixed || core.len() >= 6) {
            return None;
        }
        // "HMIGTO series" for an HMIGTO5310: the name of a series ends where the digits begin.
        let is_series = name.words.iter().any(|word| word == "SERIES" || word == "FAMILY");
        let tail = |number: &Number| {
            let tail = number.compact.strip_prefix(core.as_str());
            tail.is_some_and(|tail| tail.starts_with(|c: char| c.is_ascii_digit()))
        };
        if is_series
            && core.len() >= SERIES_LENGTH_MIN
            && core.ends_with(|c: char| c.is_alphabetic())
            && self.numbers.iter().any(tail)
        {
            return Some(core.len());
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

    /// Whether a number is of the catalogue whose numbers are twins of the device's, and not its twin: SIPLUS 6AG1511-1AK01 is
    /// made of 6ES7511-1AK01, and what a document says of the one may hold for the other.
    pub(super) fn is_other_twin(&self, number: &str) -> bool {
        let theirs = name::compact(number);
        self.twins().any(|(one, other)| {
            let core = |number: &str, head: &str| {
                let rest = number.strip_prefix(head)?;
                Some(rest.chars().take(TWIN_CORE).collect::<String>())
            };
            let Some(theirs) = core(&theirs, one) else { return false };
            let own: Vec<String> =
                self.numbers.iter().filter_map(|own| core(&own.compact, other)).collect();
            !own.is_empty() && !own.contains(&theirs)
        })
    }

    /// Whether a number is the twin of one of the device's: a variant of it, and not the device itself.
    pub(super) fn is_twin(&self, number: &str) -> bool {
        let theirs = name::compact(number);
        let twin = |one: &str, other: &str| {
            let core: String = theirs.strip_prefix(one)?.chars().take(TWIN_CORE).collect();
            let own = |own: &Number| {
                own.compact.strip_prefix(other).is_some_and(|rest| rest.starts_with(&core))
            };
            (core.chars().count() == TWIN_CORE && self.numbers.iter().any(own)).then_some(())
        };
        self.twins().any(|(one, other)| twin(one, other).is_some())
    }

    /// Whether a word is the number of a neighbour: it begins as a number of the device, and is none of them.
    pub(super) fn is_neighbour(&self, word: &str) -> bool {
        const ALIKE: usize = 4;
        word.len() > ALIKE
            && self.numbers.iter().any(|own| {
                !own.compact.starts_with(word)
                    && !own.compact.contains(word)
                    && own.compact.chars().take(ALIKE).eq(word.chars().take(ALIKE))
            })
    }

    /// Whether a text names the device: by number, pattern or family.
    pub(super) fn is_named_in(&self, name: &Name) -> bool {
        let mut covered = vec![false; name.words.len()];
        self.exact(name, &mut covered).is_some()
            || self.pattern(name, false).is_some()
            || self.family(name, &mut covered).own.is_some()
    }

    /// Whether a text names the device's own number.
    pub(super) fn is_numbered_in(&self, name: &Name) -> bool {
        let mut covered = vec![false; name.words.len()];
        self.exact(name, &mut covered).is_some_and(is_telling)
    }

    /// Whether a text lists numbers of the device's catalogue, and not its own.
    pub(super) fn is_listed_without(&self, name: &Name) -> bool {
        self.pattern(name, false).is_none()
            && name.codes.iter().any(|code| !code.is_pattern() && self.is_kin(&code.pattern))
    }

    /// Whether a text names another family of the same maker.
    pub(super) fn is_sibling_named_in(&self, name: &Name) -> bool {
        let Some(vocabulary) = self.vocabulary else { return false };
        (0..name.words.len()).any(|at| {
            let mut phrase = String::new();
            name.words.iter().skip(at).take(FAMILY_WORDS_MAX).any(|word| {
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

/// Whether a name lists a number that begins with the device's and goes on, and not the device's own: FX3U-ENET-ADP beside
/// FX3U-ENET. Behind a stroke only letters are another device; digits are an option (750-880/025-000).
fn extends(name: &Name, number: &Number) -> bool {
    let own = name::dense(&number.text);
    let mut longer = false;
    for code in name.codes.iter().filter(|code| !code.is_pattern()) {
        if code.pattern == own {
            return false;
        }
        longer |= code.pattern.strip_prefix(&own).is_some_and(|rest| {
            rest.starts_with('-')
                || (rest.starts_with('/') && !rest.contains(|c: char| c.is_ascii_digit()))
        });
    }
    longer
}

/// "xxx" in `750-82xx/xxx-xxx`: any characters of a number, and no word of a name.
fn is_placeholder(word: &str) -> bool {
    word.len() >= 2 && word.chars().all(|c| matches!(c, 'X' | 'Y' | 'Z'))
}

/// Whether a number is long enough to name one thing in the world.
pub(super) fn is_telling(number: &str) -> bool {
    let short = name::compact(number);
    short.len() >= 6
        && short.chars().filter(char::is_ascii_digit).count() >= 2
        && !number.trim().contains(' ')
        || short.chars().filter(char::is_ascii_digit).count() >= 5
}
