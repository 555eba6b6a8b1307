//! What is known about a device, in the shape in which names are met.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use crate::advisory::makers;
use crate::advisory::name::{compact, take_series};
use crate::assess::families::{Families, Family};
use crate::assess::product::Met;
use crate::assess::vendors::{Vendor, Vendors, brands};
use crate::assess::windows::{self, Release};
use crate::model::Timestamp;
use crate::model::asset::Nameplate;
use crate::model::claim::{Certainty, Claim, Field};
use crate::model::version::{Scheme, Version, is_redundancy};

/// What is known about a device, ready to be met with names.
#[derive(Debug)]
pub(super) struct Device<'a> {
    /// Names of its maker as claimed, compact.
    makers: Vec<String>,
    vendor: Option<&'a Vendor>,
    /// The makers in whose documents it may be named.
    reach: Vec<&'a Vendor>,
    vendors: &'a Vendors,
    /// Names of the maker's families, compact.
    pub(super) vocabulary: Option<&'a BTreeSet<String>>,
    /// Words of the maker's names and brands.
    pub(super) brands: BTreeSet<String>,
    /// Model and order numbers, as claimed.
    pub(super) numbers: Vec<Number>,
    /// A number of it tells its family, so that a narrower name in a document is a neighbour's and no guess at its own.
    pub(super) resolved: bool,
    /// Names of its family, compact, most specific first.
    pub(super) families: Vec<String>,
    /// How specific each is. A joint name is as specific as its members': "Relion 670/650 series" lists other versions of the
    /// same relay than "Relion 670 series" does, and both count.
    pub(super) places: Vec<usize>,
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
    let listed = listed.map(|claim| &**claim);
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
    let mut claims = nameplate.claims.get(&field)?.iter().map(|claim| &**claim);
    claims.find(|claim| claim.certainty > Certainty::Hint)
}

/// Whether a name of an operating system is one of Windows.
fn is_windows(os: &str) -> bool {
    os.trim_start_matches("Microsoft ").starts_with("Windows")
}

/// The claim that states the build shown with its update build revision: 10.0.17763.4010. Of several the one said last.
pub(super) fn update_level(nameplate: &Nameplate) -> Option<&Claim> {
    let shown = said(nameplate, Field::OsBuild)?;
    let release = windows::without_level(&shown.value).unwrap_or(&shown.value);
    let listed = nameplate.claims.get(&Field::OsBuild)?.iter().map(|claim| &**claim);
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
        let vendors = families.vendors();
        let reach = vendor.map(|vendor| vendors.reach(&vendor.name)).unwrap_or_default();
        Self {
            makers: makers(name),
            vendor,
            vendors,
            vocabulary: vendor.and_then(|vendor| families.vocabulary(&vendor.name)),
            brands: reach.iter().flat_map(|vendor| brands(vendor)).collect(),
            reach,
            numbers: Vec::new(),
            resolved: false,
            families: Vec::new(),
            places: Vec::new(),
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
        let numbered = device.row_by_number(families);
        device.resolved = numbered.is_some();
        let family = numbered.or_else(|| device.row_by_product(product.as_deref(), families));
        if let Some(family) = family {
            let maker = families.vendor(&family.vendor).map(Vendor::scheme);
            device.scheme = family.scheme().or(maker).unwrap_or(device.scheme);
        }
        let numbers = family.and_then(|family| family.firmware_numbers).unwrap_or_default();
        device.firmware = firmware.map(|text| {
            let version = Version::new(&text, device.scheme);
            let is_short = version.is_bare() && version.numbers().len() < numbers;
            if is_short { version.beginning() } else { version }
        });
        device.name_families(family, product.as_deref());
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
            let bare = self.without_brand(&number);
            self.numbers.push(Number { text: number, compact: short, shelf });
            if let Some(bare) = bare {
                self.add_number(&bare, firmware);
            }
        }
    }

    /// "RSG2100" of "RUGGEDCOM RSG2100", which documents also call "RUGGEDCOM ROS RSG2100".
    fn without_brand(&self, number: &str) -> Option<String> {
        const LENGTH_MIN: usize = 4;
        let (brand, rest) = number.split_once(' ')?;
        let single = !rest.contains(' ') && rest.contains(|c: char| c.is_ascii_digit());
        let letters = rest.contains(|c: char| c.is_ascii_alphabetic());
        (single && letters && rest.len() >= LENGTH_MIN && self.is_brand(&compact(brand)))
            .then(|| rest.to_owned())
    }

    /// The row of the table of families that a number belongs to, or whose name it is.
    fn row_by_number(&self, families: &'a Families) -> Option<&'a Family> {
        let vendor = &self.vendor?.name;
        let numbers = || self.numbers.iter().map(|number| number.text.as_str());
        numbers()
            .find_map(|number| families.of_number(vendor, number))
            .or_else(|| numbers().find_map(|number| families.of_name(vendor, number)))
    }

    /// The row that the product's name belongs to.
    fn row_by_product(&self, product: Option<&str>, families: &'a Families) -> Option<&'a Family> {
        let (vendor, product) = (&self.vendor?.name, product?);
        families.of_number(vendor, product).or_else(|| families.of_name(vendor, product))
    }

    fn name_families(&mut self, family: Option<&Family>, product: Option<&str>) {
        let names = family.map(|family| family.names.as_slice()).unwrap_or_default();
        for name in names {
            let short = compact(name);
            if !self.families.contains(&short) {
                self.places.push(if name.contains('/') { 0 } else { self.families.len() });
                self.families.push(short);
            }
        }
        let minor = self.firmware.as_ref().and_then(|firmware| firmware.numbers().get(1).copied());
        if self.scheme == Scheme::Rockwell && minor.is_some_and(is_redundancy) {
            let beside: Vec<String> =
                self.families.iter().map(|family| format!("{family}REDUNDANCY")).collect();
            self.places.iter_mut().for_each(|place| *place = place.saturating_add(beside.len()));
            self.places.splice(0..0, 0..beside.len());
            self.families.splice(0..0, beside);
        }
        let product = product.map(compact).filter(|product| product.len() >= 2);
        if let Some(product) = product.filter(|product| !self.families.contains(product)) {
            self.places.push(self.families.len());
            self.families.push(product);
        }
    }

    /// All that meeting names follows from, as one text: two devices with the same meet the same products.
    pub(super) fn key(&self) -> String {
        let Self { makers, vendor, numbers, resolved, families, places, scheme, windows, .. } =
            self;
        let vendor = vendor.map(|vendor| &vendor.name);
        let numbers: Vec<&str> = numbers.iter().map(|number| number.text.as_str()).collect();
        format!(
            "{makers:?} {vendor:?} {numbers:?} {resolved} {families:?} {places:?} {scheme:?} {windows:?}"
        )
    }

    /// Whether a maker's name, as [`makers`] gives it, is the device's maker, or one whose documents may name its products.
    pub(super) fn is_by(&self, maker: &str) -> bool {
        self.reach.iter().any(|vendor| self.vendors.is(vendor, maker))
            || (self.vendor.is_none()
                && self.makers.iter().any(|own| self.vendors.is_one_company(own, maker)))
    }

    /// Heads of the maker's order numbers behind which twins are alike, both ways round.
    pub(super) fn twins(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.reach.iter().flat_map(|vendor| &vendor.twins);
        pairs.flat_map(|(one, other)| [(one.as_str(), other.as_str()), (other, one)])
    }

    /// Whether a word is the maker's: its name, or a brand.
    pub(super) fn is_brand(&self, word: &str) -> bool {
        const BRAND_LENGTH: usize = 5;
        const NAME_LENGTH: usize = 4;
        self.brands.contains(word)
            || self.makers.iter().any(|own| own == word)
            || (word.len() >= NAME_LENGTH && self.makers.iter().any(|own| own.starts_with(word)))
            || self
                .brands
                .iter()
                .any(|brand| brand.len() >= BRAND_LENGTH && word.starts_with(brand.as_str()))
    }
}
