//! Sites: plants, halls or cells whose networks know nothing of each other, so that each may use the same addresses.

use std::fmt;

use crate::model::Asset;
use crate::model::limits::{SITE_NAME_BYTES_MAX, SITES_MAX};

/// The sites that have a name, in order of their names. That order gives the numbers by which a
/// [`Scope`](crate::model::Scope) refers to them, from 1; 0 is the site without a name. So the numbers mean something
/// beside these names only: what lasts is the name.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Sites {
    names: Vec<Box<str>>,
}

impl Sites {
    /// The sites of these names. Those beyond [`SITES_MAX`] are left out.
    pub fn new(names: impl IntoIterator<Item = Box<str>>) -> Self {
        let mut names: Vec<Box<str>> = names.into_iter().collect();
        names.sort();
        names.dedup();
        names.truncate(usize::from(SITES_MAX));
        Self { names }
    }

    /// The number of a site.
    pub fn number(&self, name: &str) -> Option<u16> {
        let at = self.names.binary_search_by(|known| (**known).cmp(name)).ok()?;
        u16::try_from(at).ok()?.checked_add(1)
    }

    /// The name of a site; `None` for 0, and for numbers that are not in use.
    pub fn name(&self, number: u16) -> Option<&str> {
        let at = usize::from(number.checked_sub(1)?);
        self.names.get(at).map(|name| &**name)
    }

    /// True when no site has a name.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// All names with their numbers, in order.
    pub fn iter(&self) -> impl Iterator<Item = (u16, &str)> {
        (1_u16..).zip(self.names.iter().map(|name| &**name))
    }

    /// The names of the sites where a device was seen, in order; none where it was seen in the site without a name only.
    pub fn of<'a>(&'a self, asset: &Asset) -> Vec<&'a str> {
        let mut names: Vec<&str> =
            asset.scopes.iter().filter_map(|scope| self.name(scope.site)).collect();
        names.dedup();
        names
    }
}

/// Reads the name of a site.
///
/// # Errors
///
/// When a name could not be told from something else where it is printed.
pub fn site_name(text: &str) -> Result<Box<str>, NotASite> {
    match text.trim() {
        "" => Err(NotASite::Empty),
        UNNAMED => Err(NotASite::Unnamed),
        name if name.len() > SITE_NAME_BYTES_MAX => Err(NotASite::TooLong),
        name if name.chars().any(char::is_control) => Err(NotASite::Control),
        name => Ok(name.into()),
    }
}

/// What identities call the site without a name.
pub const UNNAMED: &str = "0";

/// Why a text is no name of a site.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NotASite {
    /// There is nothing in it.
    Empty,
    /// It is what identities call the site without a name.
    Unnamed,
    /// It has too many bytes.
    TooLong,
    /// It holds control characters.
    Control,
}

impl fmt::Display for NotASite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "a site has a name"),
            Self::Unnamed => {
                write!(f, "{UNNAMED} stands for the site without a name: choose another")
            }
            Self::TooLong => {
                write!(f, "the name of a site has at most {SITE_NAME_BYTES_MAX} bytes")
            }
            Self::Control => write!(f, "the name of a site has no control characters"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Scope;

    #[test]
    fn numbers_follow_the_names_and_not_the_order_in_which_they_came() {
        let [one, other] =
            [["Nord", "Süd"], ["Süd", "Nord"]].map(|names| Sites::new(names.map(Box::from)));
        assert_eq!(one, other);
        assert_eq!(
            (one.number("Nord"), one.number("Süd"), one.number("nord")),
            (Some(1), Some(2), None)
        );
        assert_eq!((one.name(0), one.name(2), one.name(3)), (None, Some("Süd"), None));
        assert_eq!(one.iter().collect::<Vec<_>>(), [(1, "Nord"), (2, "Süd")]);
        assert_eq!(Sites::new(["A".into(), "A".into()]).iter().count(), 1);
    }

    #[test]
    fn a_device_of_the_site_without_a_name_has_none() {
        let sites = Sites::new(["Nord".into(), "Süd".into()]);
        let scope = |site, vlan| Scope { site, vlan, ..Scope::default() };
        let seen = |scopes: &[Scope]| Asset {
            scopes: scopes.iter().copied().collect(),
            ..Asset::default()
        };
        assert_eq!(sites.of(&seen(&[scope(0, 5)])), Vec::<&str>::new());
        assert_eq!(sites.of(&seen(&[scope(2, 5), scope(1, 0), scope(2, 7)])), ["Nord", "Süd"]);
    }

    #[test]
    fn names_that_would_mislead_are_refused() {
        for (text, wrong) in [
            (" ", NotASite::Empty),
            ("0", NotASite::Unnamed),
            ("A\u{1b}[2J", NotASite::Control),
            (&*"x".repeat(SITE_NAME_BYTES_MAX + 1), NotASite::TooLong),
        ] {
            assert_eq!(site_name(text), Err(wrong), "{text:?}");
        }
        assert_eq!(site_name(" Werk 2/Halle 3 ").as_deref(), Ok("Werk 2/Halle 3"));
    }
}
