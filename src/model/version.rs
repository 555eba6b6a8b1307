//! Versions, and the orders that their makers gave them.
//!
//! There is no global order of version strings: Rockwell's 20.11 is above its 20.9, Schneider's 2.3 is above its
//! 2.20, and a maker nobody has studied may mean either. A comparison is therefore made in a [`Scheme`], and its
//! answer is an `Option`: `None` says that the order is not known, which is never the same as "not affected".

mod range;
mod read;

use std::cmp::Ordering;

pub use range::{Bound, Range};

/// Whose order applies.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Scheme {
    /// Rockwell: the major number is a release train, the minor has three digits; CIP 20.11 is 20.011.
    Rockwell,
    /// Schneider: the minor has two digits; 2.3 is 2.30.
    Schneider,
    /// Siemens: numbers between dots, then SP, Update, HF; `X` stands for any number.
    Siemens,
    /// Cisco IOS: 15.2(7)E3; letters name a train.
    Ios,
    /// Whole numbers: Mitsubishi 05 and 39, WAGO FW10.
    Integer,
    /// Release letters and dates: R6.03.10, R510.2 TCU1 HF2, 1p1r26.
    Release,
    /// Numbers between dots.
    Dotted,
    /// Not studied: numbers between dots and decimal fractions are both tried.
    #[default]
    Unknown,
}

impl Scheme {
    /// The word that `signatures/families.toml` and explanations use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rockwell => "rockwell",
            Self::Schneider => "schneider",
            Self::Siemens => "siemens",
            Self::Ios => "ios",
            Self::Integer => "integer",
            Self::Release => "release",
            Self::Dotted => "dotted",
            Self::Unknown => "unknown",
        }
    }

    /// The scheme of that name.
    pub fn named(name: &str) -> Option<Self> {
        const ALL: [Scheme; 8] = [
            Scheme::Rockwell,
            Scheme::Schneider,
            Scheme::Siemens,
            Scheme::Ios,
            Scheme::Integer,
            Scheme::Release,
            Scheme::Dotted,
            Scheme::Unknown,
        ];
        ALL.into_iter().find(|scheme| scheme.name() == name)
    }
}

/// A version as somebody wrote it, and the order it belongs to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Version {
    raw: Box<str>,
    scheme: Scheme,
    prefix: Box<str>,
    parts: Vec<Part>,
    tails: Vec<(Tail, Vec<u64>)>,
    is_beginning: bool,
}

/// One step of the core of a version.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Part {
    /// A number, and how many digits it was written with.
    Number(u64, usize),
    /// Letters between numbers, or behind the last.
    Letters(Box<str>),
    /// `X` or `*`: any number.
    Any,
}

/// A word behind the core that says how far it was repaired. In order of weight.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Tail {
    Release,
    ServicePack,
    Update,
    Patch,
    Hotfix,
    Build,
    /// Alpha, beta and release candidates: before what they lead to.
    Preview,
    /// A word that nobody has studied: UNO2, TC6.
    Other,
}

impl Version {
    /// Reads a version. Anything is accepted; what has no number in it compares with nothing but itself.
    pub fn new(raw: &str, scheme: Scheme) -> Self {
        let raw = raw.trim();
        let (prefix, parts, tails) =
            read::read(read::index(raw).filter(|_| scheme == Scheme::Integer).unwrap_or(raw));
        Self { raw: raw.into(), scheme, prefix, parts, tails, is_beginning: false }
    }

    /// The same as the beginning of a version whose other numbers are not known: 2.8 may be 2.8.0 or 2.8.4. It compares only
    /// where all of these compare alike.
    pub fn beginning(self) -> Self {
        Self { is_beginning: true, ..self }
    }

    /// Whether only the beginning of it is known.
    pub fn is_beginning(&self) -> bool {
        self.is_beginning
    }

    /// The lowest and the highest of the versions that it may be, where it is a beginning.
    fn ends(&self) -> Option<[Self; 2]> {
        let lowest = Self { is_beginning: false, ..self.clone() };
        let mut highest = Self { raw: format!("{}.*", self.raw).into(), ..lowest.clone() };
        highest.parts.push(Part::Number(u64::MAX, 1));
        self.is_beginning.then_some([lowest, highest])
    }

    /// As it was written.
    pub fn raw(&self) -> &str {
        &self.raw
    }

    /// The order it belongs to.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Whether there is a number in it to compare.
    pub fn is_readable(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Number(..)))
    }

    /// Whether nothing but a word for "version" stands before the first number.
    pub fn is_plain(&self) -> bool {
        self.prefix.is_empty()
    }

    /// The leading numbers, as far as they go.
    pub fn numbers(&self) -> Vec<u64> {
        self.parts
            .iter()
            .map_while(|part| match part {
                Part::Number(value, _) => Some(*value),
                _ => None,
            })
            .collect()
    }

    /// Whether it ends in a placeholder: 7.x, 12.2.*
    pub fn is_open(&self) -> bool {
        matches!(self.parts.last(), Some(Part::Any))
    }

    /// Whether `self` only names the beginning of `other`: 33 and 33.011, 2.1 and 2.1.3. "Version 33 and prior" may then mean
    /// either.
    pub fn begins(&self, other: &Self) -> bool {
        let (mine, theirs) = (self.numbers(), other.numbers());
        self.tails.is_empty()
            && mine.len() == self.parts.len()
            && mine.len() < theirs.len()
            && theirs.starts_with(&mine)
            && theirs.iter().skip(mine.len()).any(|number| *number != 0)
    }

    /// Whether there is nothing in it but numbers.
    pub fn is_bare(&self) -> bool {
        self.tails.is_empty() && self.numbers().len() == self.parts.len()
    }

    /// Whether two are written alike: 33.017 and 34.014, but not 2020 and 2.10.7, or 5.1 and UC04.
    pub fn is_shaped_like(&self, other: &Self) -> bool {
        let kinds = |version: &Self| -> Vec<bool> {
            version.parts.iter().map(|part| matches!(part, Part::Letters(_))).collect()
        };
        self.prefix == other.prefix && kinds(self) == kinds(other)
    }

    /// The order of two versions of one product. `None` when it is not known.
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        if let Some([lowest, highest]) = self.ends() {
            return lowest.compare(other).filter(|order| highest.compare(other) == Some(*order));
        }
        if let Some([lowest, highest]) = other.ends() {
            return self.compare(&lowest).filter(|order| self.compare(&highest) == Some(*order));
        }
        if self.raw.eq_ignore_ascii_case(&other.raw) {
            return Some(Ordering::Equal);
        }
        if !self.is_readable() || !other.is_readable() || self.prefix != other.prefix {
            return None;
        }
        let scheme = if self.scheme == Scheme::Unknown { other.scheme } else { self.scheme };
        let alone = |version: &Self| version.parts.len() == 1;
        // Firmware 05 and version 1.057 are two ways of counting.
        let long = |version: &Self| version.parts.len() >= 2;
        if scheme == Scheme::Integer
            && ((alone(self) && long(other)) || (long(self) && alone(other)))
        {
            return None;
        }
        if self.counts_on(other) || other.counts_on(self) {
            return None;
        }
        let by_numbers = compare_parts(&self.parts, &other.parts)?;
        let core = match (scheme, self.fraction(), other.fraction()) {
            // Redundancy firmware is a train beside the standard one of the same major, not above it.
            (Scheme::Rockwell, Some(mine), Some(theirs))
                if mine.0 == theirs.0
                    && mine.2.max(theirs.2) >= 3
                    && is_redundancy(mine.1) != is_redundancy(theirs.1) =>
            {
                return None;
            }
            (Scheme::Schneider, Some(mine), Some(theirs)) => compare_fractions(mine, theirs),
            (Scheme::Unknown, Some(mine), Some(theirs)) => {
                let by_fraction = compare_fractions(mine, theirs);
                if by_fraction != by_numbers {
                    return None;
                }
                by_numbers
            }
            // 3.42 beside 3.5.0.11: whether 3.42 is 3.4.2 decides, and nothing says so.
            (Scheme::Unknown, Some(mine), None)
                if self.split(mine).compare_numbers(other)? != by_numbers =>
            {
                return None;
            }
            (Scheme::Unknown, None, Some(theirs))
                if self.compare_numbers(&other.split(theirs))? != by_numbers =>
            {
                return None;
            }
            // 2.3 beside 2.7.1, 2.60 beside 2.7.1: whether a minor of one digit is 7 or 70 decides, and nothing says which.
            (Scheme::Schneider, Some(_), None) | (Scheme::Schneider, None, Some(_))
                if self.widened().compare_numbers(&other.widened())? != by_numbers
                    || self.widened_pair().compare_numbers(&other.widened_pair())?
                        != by_numbers =>
            {
                return None;
            }
            _ => by_numbers,
        };
        match core {
            Ordering::Equal => compare_tails(&self.tails, &other.tails),
            unequal => Some(unequal),
        }
    }

    /// Whether `other` may be this version with a trailing zero lost on the way: 2.10 that became 2.1.
    pub fn is_shortened(&self, other: &Self) -> bool {
        matches!(self.scheme, Scheme::Dotted | Scheme::Release | Scheme::Unknown)
            && self.tails == other.tails
            && matches!(
                (self.fraction(), other.fraction()),
                (Some((major, minor, 2)), Some((theirs, short, 1)))
                    if major == theirs && short > 0 && minor == short.saturating_mul(10)
            )
    }

    /// 2.1.670 beside 2.1 SP3: builds counted on from 2.1, or a 2.1.670 after it; nothing says which.
    fn counts_on(&self, other: &Self) -> bool {
        let (mine, theirs) = (self.numbers(), other.numbers());
        let counted = |(tail, _): &(Tail, Vec<u64>)| !matches!(tail, Tail::Build | Tail::Release);
        theirs.len() > 1
            && mine.len() > theirs.len()
            && theirs.len() == other.parts.len()
            && mine.starts_with(&theirs)
            && mine.iter().skip(theirs.len()).any(|number| *number != 0)
            && self.tails.is_empty()
            && other.tails.iter().any(counted)
    }

    fn compare_numbers(&self, other: &Self) -> Option<Ordering> {
        compare_parts(&self.parts, &other.parts)
    }

    /// The same with the digits of a two-digit minor as numbers of their own.
    fn split(&self, (major, minor, digits): (u64, u64, usize)) -> Self {
        if digits != 2 {
            return self.clone();
        }
        let (tens, units) =
            (minor.checked_div(10).unwrap_or(0), minor.checked_rem(10).unwrap_or(0));
        Self {
            parts: [major, tens, units].map(|number| Part::Number(number, 1)).to_vec(),
            ..self.clone()
        }
    }

    /// The same with a minor of two digits.
    fn widened(&self) -> Self {
        let mut parts = self.parts.clone();
        if let Some(Part::Number(minor, digits @ 1)) = parts.get_mut(1) {
            (*minor, *digits) = (minor.saturating_mul(10), 2);
        }
        Self { parts, ..self.clone() }
    }

    /// The same with a minor of two digits, where there is nothing but a major and a minor.
    fn widened_pair(&self) -> Self {
        if self.fraction().is_some() { self.widened() } else { self.clone() }
    }

    /// Major and minor with the minor's digits, when the core is just these.
    fn fraction(&self) -> Option<(u64, u64, usize)> {
        match *self.parts.as_slice() {
            [Part::Number(major, _), Part::Number(minor, digits)] => Some((major, minor, digits)),
            _ => None,
        }
    }
}

/// Order of two cores by their numbers. Parts that are missing count as nought.
fn compare_parts(mine: &[Part], theirs: &[Part]) -> Option<Ordering> {
    let longest = mine.len().max(theirs.len());
    for at in 0..longest {
        let order = match (mine.get(at), theirs.get(at)) {
            (Some(Part::Any), _) | (_, Some(Part::Any)) => Ordering::Equal,
            (Some(Part::Number(a, _)), Some(Part::Number(b, _))) => a.cmp(b),
            (Some(Part::Letters(a)), Some(Part::Letters(b))) if a == b => Ordering::Equal,
            (Some(Part::Letters(a)), Some(Part::Letters(b))) if a.len() == 1 && b.len() == 1 => {
                a.cmp(b)
            }
            (Some(Part::Number(a, _)), None) => a.cmp(&0),
            (None, Some(Part::Number(b, _))) => 0.cmp(b),
            // A single letter behind the number is a later edition of it: 5.1a follows 5.1.
            (Some(Part::Letters(a)), None) if a.len() == 1 => Ordering::Greater,
            (None, Some(Part::Letters(b))) if b.len() == 1 => Ordering::Less,
            _ => return None,
        };
        if order != Ordering::Equal {
            return Some(order);
        }
    }
    Some(Ordering::Equal)
}

/// Rockwell numbers redundancy firmware x.050 to x.059.
pub fn is_redundancy(minor: u64) -> bool {
    (50..60).contains(&minor)
}

/// Order of major and decimal fraction: 2.3 is 2.30.
fn compare_fractions(mine: (u64, u64, usize), theirs: (u64, u64, usize)) -> Ordering {
    let digits = mine.2.max(theirs.2);
    let scaled = |(_, minor, written): (u64, u64, usize)| {
        let missing = u32::try_from(digits.saturating_sub(written)).unwrap_or(u32::MAX);
        minor.saturating_mul(10_u64.saturating_pow(missing))
    };
    mine.0.cmp(&theirs.0).then(scaled(mine).cmp(&scaled(theirs)))
}

/// Order of what stands behind equal cores.
fn compare_tails(mine: &[(Tail, Vec<u64>)], theirs: &[(Tail, Vec<u64>)]) -> Option<Ordering> {
    const RANKED: [Tail; 5] =
        [Tail::Release, Tail::ServicePack, Tail::Update, Tail::Patch, Tail::Hotfix];
    const UNRANKED: [Tail; 2] = [Tail::Preview, Tail::Other];
    let of = |tails: &[(Tail, Vec<u64>)], wanted: Tail| -> Vec<Vec<u64>> {
        let alike = tails.iter().filter(|(tail, _)| *tail == wanted);
        alike.map(|(_, values)| values.clone()).collect()
    };
    for tail in RANKED {
        let order = of(mine, tail).cmp(&of(theirs, tail));
        if order != Ordering::Equal {
            return Some(order);
        }
    }
    // What a word means that only one of them has cannot be known; a beta may be older or newer than its own number.
    if UNRANKED.into_iter().any(|tail| of(mine, tail) != of(theirs, tail)) {
        return None;
    }
    let (mine, theirs) = (of(mine, Tail::Build), of(theirs, Tail::Build));
    // Which build a bare "1.4" is cannot be known.
    (mine.is_empty() == theirs.is_empty()).then(|| mine.cmp(&theirs))
}

#[cfg(test)]
mod tests;
