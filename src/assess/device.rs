//! What is known about a device, in the shape in which names are met.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use crate::advisory::makers;
use crate::advisory::name::{compact, take_series, words};
use crate::assess::families::{Families, Vendor, is_same_maker};
use crate::assess::product::Met;
use crate::assess::windows::{self, Release};
use crate::model::Timestamp;
use crate::model::asset::Nameplate;
use crate::model::claim::{Certainty, Claim, Field};
use crate::model::version::{Scheme, Version, is_redundancy};

/// What is known about a device, ready to be met with names.
#[derive(Debug)]
pub(super) struct Device<'a> {
    /// Names of its maker, compact.
    pub(super) makers: Vec<String>,
    vendor: Option<&'a Vendor>,
    /// Names of the maker's families, compact.
    pub(super) vocabulary: Option<&'a BTreeSet<String>>,
    /// Words of the maker's names and brands.
    pub(super) brands: BTreeSet<String>,
    /// Model and order numbers, as claimed.
    pub(super) numbers: Vec<Number>,
    /// Names of its family, compact, most specific first.
    pub(super) families: Vec<String>,
    /// Order of its versions.
    pub(super) scheme: Scheme,
    /// Hardware series.
    pub(super) series: Option<char>,
    /// Firmware.
    pub(super) firmware: Option<Version>,
    /// What is judged is the Windows on it: the releases that this may be.
    pub(super) windows: Option<Vec<Release>>,
    /// Trust in the weakest claim used.
    pub(super) certainty: Certainty,
    /// What meeting names came to. No more names than the documents hold.
    pub(super) met: RefCell<HashMap<Box<str>, Met>>,
    /// What of names tells products apart, in one word. No more names than the documents hold.
    pub(super) cores: RefCell<HashMap<Box<str>, Rc<str>>>,
}

/// A model or order number.
#[derive(Debug)]
pub(super) struct Number {
    /// As claimed.
    pub(super) text: String,
    /// Capitals and digits only.
    pub(super) compact: String,
    /// Its first characters: numbers that share them are from one shelf.
    pub(super) shelf: String,
}

/// Characters that tell one catalogue of a maker from another: "BMX", "175", "6ES".
const SHELF: usize = 3;

/// The shelf of a number; `None` when it is too short for one.
pub(super) fn shelf(number: &str) -> Option<String> {
    let shelf: String = compact(number).chars().take(SHELF).collect();
    (shelf.chars().count() == SHELF).then_some(shelf)
}

/// The values of firmware to judge with: one, or several of which nothing tells which is right.
///
/// What is said with one certainty is a change in place when the older value was not said again after the newer one was first
/// said. Otherwise two senders claim to be the device, or two rules read two numbers, and a version that anybody can send must not
/// clear a finding. What a person decided stands alone.
pub(super) fn firmwares(nameplate: &Nameplate) -> Vec<&Claim> {
    const RIVALS_MAX: usize = 8;
    let Some(shown) = said(nameplate, Field::Firmware) else { return Vec::new() };
    if shown.certainty == Certainty::Decided {
        return vec![shown];
    }
    let listed = nameplate.claims.get(&Field::Firmware).into_iter().flatten();
    let alike = |claim: &&Claim| claim.certainty == shown.certainty;
    let mut spans: Vec<(&Claim, Timestamp)> = Vec::new();
    for claim in listed.filter(alike).take(RIVALS_MAX) {
        match spans.iter_mut().find(|(kept, _)| kept.value == claim.value) {
            Some((_, last)) => *last = claim.last.max(*last),
            None => spans.push((claim, claim.last)),
        }
    }
    let mut by_time = spans.clone();
    by_time.sort_by_key(|(claim, _)| claim.first);
    let replaced = by_time.windows(2).all(|pair| match pair {
        [(_, older_last), (newer, _)] => *older_last < newer.first,
        _ => true,
    });
    if replaced {
        by_time.pop().map(|(claim, _)| claim).into_iter().collect()
    } else {
        spans.into_iter().map(|(claim, _)| claim).collect()
    }
}

/// A claim that may carry a finding.
pub(super) fn said(nameplate: &Nameplate, field: Field) -> Option<&Claim> {
    nameplate.claims.get(&field)?.iter().find(|claim| claim.certainty > Certainty::Hint)
}

/// Whether a name of an operating system is one of Windows.
fn is_windows(os: &str) -> bool {
    os.trim_start_matches("Microsoft ").starts_with("Windows")
}

/// The claim that states the build shown with its update build revision: 10.0.17763.4010. Of several the one said last.
pub(super) fn update_level(nameplate: &Nameplate) -> Option<&Claim> {
    let shown = said(nameplate, Field::OsBuild)?;
    let release = windows::without_level(&shown.value).unwrap_or(&shown.value);
    let listed = nameplate.claims.get(&Field::OsBuild)?.iter();
    let as_sure = listed.filter(|claim| claim.certainty == shown.certainty);
    let levels = as_sure.filter(|claim| windows::without_level(&claim.value) == Some(release));
    levels.max_by(|one, other| one.last.cmp(&other.last).then_with(|| other.value.cmp(&one.value)))
}

/// Microsoft's name, as the table of makers spells it.
const MICROSOFT: &str = "Microsoft";

impl<'a> Device<'a> {
    /// What a nameplate can be judged as: the device itself, and the Windows on it. Empty when it says too little to be
    /// found in any document.
    pub(super) fn all(
        nameplate: &Nameplate,
        firmware: Option<&str>,
        families: &'a Families,
    ) -> Vec<Self> {
        let windows = Self::with_windows(nameplate, families);
        let vendor = said(nameplate, Field::Vendor).map(|claim| claim.value.trim());
        let own = vendor
            .filter(|vendor| {
                windows.is_none()
                    || families.vendor(vendor).is_none_or(|vendor| vendor.name != MICROSOFT)
            })
            .and_then(|vendor| Self::read(nameplate, vendor, firmware, families));
        own.into_iter().chain(windows).collect()
    }

    /// The Windows on a device.
    fn with_windows(nameplate: &Nameplate, families: &'a Families) -> Option<Self> {
        let os = said(nameplate, Field::Os).filter(|os| is_windows(&os.value))?;
        let build = said(nameplate, Field::OsBuild);
        let level = update_level(nameplate);
        let mut device = Self::of_vendor(MICROSOFT, families);
        let used = [Some(os), build, level].into_iter().flatten().map(|claim| claim.certainty);
        device.certainty = used.min().unwrap_or(Certainty::Likely);
        device.windows = Some(windows::of_device(&os.value, build.map(|build| &*build.value)));
        device.scheme = Scheme::Dotted;
        device.firmware = level.map(|level| Version::new(&level.value, Scheme::Dotted));
        Some(device)
    }

    fn of_vendor(name: &str, families: &'a Families) -> Self {
        let vendor = families.vendor(name);
        Self {
            makers: makers(name),
            vendor,
            vocabulary: vendor.and_then(|vendor| families.vocabulary(&vendor.name)),
            brands: vendor.map(brands).unwrap_or_default(),
            numbers: Vec::new(),
            families: Vec::new(),
            scheme: vendor.map_or(Scheme::Unknown, Vendor::scheme),
            series: None,
            firmware: None,
            windows: None,
            certainty: Certainty::Likely,
            met: RefCell::default(),
            cores: RefCell::default(),
        }
    }

    /// The device itself, with this firmware.
    fn read(
        nameplate: &Nameplate,
        vendor: &str,
        firmware: Option<&str>,
        families: &'a Families,
    ) -> Option<Self> {
        let mut used = Vec::new();
        let mut take = |field| {
            let claim = said(nameplate, field)?;
            used.push(claim.certainty);
            Some(claim.value.trim().to_owned())
        };
        let named = [take(Field::Model), take(Field::OrderNumber)];
        let product = take(Field::Product);
        let (series, _) = (take(Field::Series), take(Field::Vendor));
        let mut firmware = take(Field::Firmware).and(firmware.map(str::to_owned));
        let mut device = Self::of_vendor(vendor, families);
        device.series = series.and_then(|series| series.chars().find(char::is_ascii_uppercase));
        device.certainty = used.into_iter().min().unwrap_or(Certainty::Likely);
        for number in named.into_iter().flatten() {
            device.add_number(&number, &mut firmware);
        }
        device.firmware = firmware.map(|text| Version::new(&text, device.scheme));
        device.find_families(product.as_deref(), families);
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
        let short = compact(&number);
        if short.len() >= 2 && !self.numbers.iter().any(|known| known.compact == short) {
            let shelf = shelf(&number).unwrap_or_default();
            self.numbers.push(Number { text: number, compact: short, shelf });
        }
    }

    fn find_families(&mut self, product: Option<&str>, families: &Families) {
        let mut names: Vec<&str> = Vec::new();
        if let Some(vendor) = self.vendor {
            for number in &self.numbers {
                names = families.names_of(&vendor.name, &number.text);
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

    /// All that meeting names follows from, as one text: two devices with the same meet the same products.
    pub(super) fn key(&self) -> String {
        let Self { makers, vendor, numbers, families, scheme, windows, .. } = self;
        let vendor = vendor.map(|vendor| &vendor.name);
        let numbers: Vec<&str> = numbers.iter().map(|number| number.text.as_str()).collect();
        format!("{makers:?} {vendor:?} {numbers:?} {families:?} {scheme:?} {windows:?}")
    }

    /// Whether a maker's name, as [`makers`] gives it, is the device's maker.
    pub(super) fn is_by(&self, maker: &str) -> bool {
        self.makers.iter().any(|own| is_same_maker(own, maker))
            || self.vendor.is_some_and(|vendor| vendor.is(maker))
    }
}

fn brands(vendor: &Vendor) -> BTreeSet<String> {
    let known = vendor.brands.iter().chain(&vendor.aliases).chain(std::iter::once(&vendor.name));
    known.flat_map(|text| words(text)).collect()
}
