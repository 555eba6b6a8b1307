//! Which site each input is of, and one engine for each site: two sites may use the same addresses, and nothing of
//! the one ever meets anything of the other.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use crate::app::AppError;
use crate::capture::Capture;
use crate::engine::{self, Engine};
use crate::model::limits::SITES_MAX;
use crate::model::site::site_name;
use crate::model::{Conversation, Counters, Frame, Observation, Sighting, Sites};

/// What `--site` says: all inputs are of a site, or those at and below a path are.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Placing {
    /// `None` for all inputs that nothing else is said of.
    pub(super) input: Option<PathBuf>,
    /// The site.
    pub(super) name: Box<str>,
}

impl Placing {
    /// Reads `NAME` or `NAME=INPUT`.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let (name, input) = match text.split_once('=') {
            Some((_, "")) => return Err("name an input behind =".to_owned()),
            Some((name, input)) => (name, Some(PathBuf::from(input))),
            None => (text, None),
        };
        let name = site_name(name).map_err(|error| error.to_string())?;
        Ok(Self { input, name })
    }
}

/// As it is written on the command line.
impl std::fmt::Display for Placing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.input {
            Some(input) => write!(f, "--site {}={}", self.name, input.display()),
            None => write!(f, "--site {}", self.name),
        }
    }
}

/// Captures and their sites.
#[derive(Debug, Default)]
pub(super) struct Placed {
    /// The sites.
    pub(super) sites: Sites,
    /// The number of the site of each capture.
    of_capture: Vec<u16>,
}

impl Placed {
    /// Puts every capture into its site. Fails when that is not clear, and when a path means none of them.
    pub(super) fn new(placings: &[Placing], captures: &[Capture]) -> Result<Self, AppError> {
        let wrong = |what: String| Err(AppError::Usage(what));
        let (below, rest): (Vec<&Placing>, Vec<&Placing>) =
            placings.iter().partition(|placing| placing.input.is_some());
        let rest: BTreeSet<&str> = rest.iter().map(|placing| &*placing.name).collect();
        if let [one, other, ..] = rest.iter().collect::<Vec<_>>().as_slice() {
            return wrong(format!(
                "all inputs cannot be of {one} and of {other}: say which are, --site {other}=INPUT"
            ));
        }
        let places: Vec<Place<'_>> =
            below.iter().filter_map(|placing| Place::new(placing)).collect();
        let names: BTreeSet<&str> = placings.iter().map(|placing| &*placing.name).collect();
        if names.len() > usize::from(SITES_MAX) {
            // Left out, a site would be taken for the one without a name, and its devices for those there.
            return wrong(format!("{} sites are named, at most {SITES_MAX} can be", names.len()));
        }
        let sites = Sites::new(placings.iter().map(|placing| placing.name.clone()));
        let mut used = BTreeSet::new();
        let mut of_capture = Vec::with_capacity(captures.len());
        for capture in captures {
            let paths: Vec<Lying> = match places.is_empty() {
                true => Vec::new(),
                false => capture.paths.iter().map(|path| Lying::new(path)).collect(),
            };
            let holds = |place: &&Place<'_>| paths.iter().any(|path| place.lies.holds(path));
            let holding: Vec<&Place<'_>> = places.iter().filter(holds).collect();
            used.extend(holding.iter().map(|place| place.given));
            let nearest = holding.iter().max_by_key(|place| place.lies.real.components().count());
            let stray = nearest.and_then(|nearest| {
                let goes_on = |place: &&&Place<'_>| {
                    place.name != nearest.name
                        && (!nearest.lies.real.starts_with(&place.lies.real)
                            || place.lies.real == nearest.lies.real)
                };
                holding.iter().find(goes_on).map(|stray| (nearest.name, stray.name))
            });
            if let Some((one, other)) = stray {
                let name = &capture.name;
                return wrong(format!("{name} is put into two sites: {one} and {other}"));
            }
            let name = nearest.map(|place| place.name).or(rest.first().copied());
            of_capture.push(name.and_then(|name| sites.number(name)).unwrap_or(0));
        }
        if let Some(place) = places.iter().find(|place| !used.contains(place.given)) {
            let (name, input) = (place.name, place.given.display());
            return wrong(format!(
                "--site {name}={input}: no input lies there; name an input, or a directory that inputs lie in"
            ));
        }
        Ok(Self { sites, of_capture })
    }
}

/// A path that lies in a site.
struct Place<'a> {
    name: &'a str,
    given: &'a Path,
    lies: Lying,
}

impl<'a> Place<'a> {
    fn new(placing: &'a Placing) -> Option<Self> {
        let given = placing.input.as_deref()?;
        Some(Self { name: &placing.name, given, lies: Lying::new(given) })
    }
}

/// Where a path lies: as it is written, and without links.
struct Lying {
    plain: PathBuf,
    real: PathBuf,
}

impl Lying {
    fn new(path: &Path) -> Self {
        let plain = without_dots(path);
        let real = real(if plain.as_os_str().is_empty() { Path::new(".") } else { &plain });
        Self { plain, real }
    }

    fn holds(&self, other: &Self) -> bool {
        other.plain.starts_with(&self.plain) || other.real.starts_with(&self.real)
    }
}

fn real(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

/// `./a` and `a` are the same; so is `.` and the start of everything here.
fn without_dots(path: &Path) -> PathBuf {
    path.components().filter(|part| !matches!(part, Component::CurDir)).collect()
}

/// One engine for each site that has inputs, used like one.
pub(super) struct Engines {
    engines: Vec<Engine>,
    /// For each capture the position of its engine.
    of_capture: Vec<usize>,
    /// Position of the engine that took the last frame.
    current: usize,
}

impl Engines {
    /// Engines for all sites of these captures.
    pub(super) fn new(options: engine::Options, placed: &Placed) -> Self {
        let mut used: Vec<u16> = placed.of_capture.clone();
        used.sort_unstable();
        used.dedup();
        if used.is_empty() {
            used.push(0);
        }
        let options = engine::Options { ceiling: options.ceiling.shared_by(used.len()), ..options };
        let position = |site: &u16| used.binary_search(site).unwrap_or(0);
        Self {
            of_capture: placed.of_capture.iter().map(position).collect(),
            engines: used
                .iter()
                .map(|site| Engine::new(engine::Options { site: *site, ..options }))
                .collect(),
            current: 0,
        }
    }

    /// True when the observations of a frame must be drained before the next frame, so that they come in order of time.
    pub(super) fn are_several(&self) -> bool {
        self.engines.len() > 1
    }

    /// Takes one frame.
    pub(super) fn frame(&mut self, frame: &Frame<'_>) {
        let capture = usize::try_from(frame.frame.capture).ok();
        let of_capture = capture.and_then(|capture| self.of_capture.get(capture));
        self.current = of_capture.copied().unwrap_or(0);
        if let Some(engine) = self.engines.get_mut(self.current) {
            engine.frame(frame);
        }
    }

    /// True when it pays to hand over many frames at once. Never with several sites, whose facts would come out of order.
    pub(super) fn look_ahead(&self) -> bool {
        matches!(self.engines.as_slice(), [engine] if engine.looks_ahead())
    }

    /// Takes frames of the one site there is.
    pub(super) fn frames<'a>(&mut self, frames: impl Iterator<Item = Frame<'a>>) {
        if let Some(engine) = self.engines.get_mut(self.current) {
            engine.frames(frames);
        }
    }

    /// No more frames will come.
    pub(super) fn finish(&mut self) {
        self.engines.iter_mut().for_each(Engine::finish);
    }

    /// Hands over what was learned from the last frame, and before it where there is one site only.
    pub(super) fn drain_last(&mut self) -> impl Iterator<Item = Observation> + '_ {
        self.engines.get_mut(self.current).into_iter().flat_map(Engine::drain)
    }

    /// Hands over all that was learned, site by site.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = Observation> + '_ {
        self.engines.iter_mut().flat_map(Engine::drain)
    }

    /// When each host sent its earliest and its latest packet.
    pub(super) fn sightings(&self) -> Vec<Sighting> {
        self.engines.iter().flat_map(Engine::sightings).collect()
    }

    /// Who talked to whom, by capture.
    pub(super) fn conversations(&mut self) -> Vec<(u32, Conversation)> {
        self.engines.iter_mut().flat_map(Engine::conversations).collect()
    }

    /// Everything counted so far.
    pub(super) fn counters(&self) -> Counters {
        let mut counters = Counters::default();
        self.engines.iter().for_each(|engine| counters.merge(&engine.counters()));
        counters
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::{Replay, ReplayOptions};

    /// The site of each input when these are given, or what is wrong.
    fn placed(folder: &Path, inputs: &[&str], placings: &[&str]) -> Result<Vec<String>, String> {
        let inside = |path: &str| folder.join(path);
        let placings = placings.iter().map(|text| {
            let placing = Placing::read(text).unwrap();
            Placing { input: placing.input.map(|input| folder.join(input)), ..placing }
        });
        let inputs: Vec<PathBuf> = inputs.iter().map(|path| inside(path)).collect();
        let (replay, _) = Replay::open(&inputs, &ReplayOptions::default());
        let placings: Vec<Placing> = placings.collect();
        let placed =
            Placed::new(&placings, replay.captures()).map_err(|error| error.to_string())?;
        let site = |number: &u16| placed.sites.name(*number).unwrap_or("-").to_owned();
        Ok(placed.of_capture.iter().map(site).collect())
    }

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let empty =
            [0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0];
        for path in ["a.pcap", "north/b.pcap", "north/hall/c.pcap", "south/d.pcap"] {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, empty).unwrap();
        }
        folder
    }

    #[test]
    fn the_most_specific_path_gives_the_site() {
        let folder = folder();
        let all = |placings: &[&str]| placed(folder.path(), &["."], placings).unwrap().join(" ");
        assert_eq!(all(&[]), "- - - -");
        assert_eq!(all(&["Plant"]), "Plant Plant Plant Plant");
        assert_eq!(all(&["N=north", "H=north/hall", "Rest"]), "Rest N H Rest");
        assert_eq!(all(&["H=./north/hall/c.pcap", "N=north/"]), "- N H -");
        assert_eq!(all(&["N=north", "N=south"]), "- N N N");
    }

    #[test]
    fn a_link_lies_where_it_is_named_and_where_it_leads() {
        let folder = folder();
        let link = |to: &str, at: &str| {
            std::os::unix::fs::symlink(folder.path().join(to), folder.path().join(at)).unwrap();
        };
        link("south", "west");
        let by = |placings: &[&str]| placed(folder.path(), &["west"], placings);
        assert_eq!(by(&["W=west"]).unwrap(), ["W"]);
        assert_eq!(by(&["S=south"]).unwrap(), ["S"]);
        let both = placed(folder.path(), &["north", "south"], &["N=north", "S=south"]);
        assert_eq!(both.unwrap(), ["N", "N", "S"]);
        link("south/d.pcap", "north/e.pcap");
        let wrong =
            placed(folder.path(), &["north", "south"], &["N=north", "S=south"]).unwrap_err();
        assert!(wrong.contains("two sites"), "{wrong}");
    }

    #[test]
    fn what_is_not_clear_is_refused() {
        let folder = folder();
        for (placings, words) in [
            (&["A", "B"][..], "cannot be of A and of B"),
            (&["A=north", "B=north"], "two sites"),
            (&["A=east"], "no input lies there"),
        ] {
            let wrong = placed(folder.path(), &["a.pcap", "north"], placings).unwrap_err();
            assert!(wrong.contains(words), "{placings:?}: {wrong}");
        }
        for text in ["", "0", "A=", "=north"] {
            assert!(Placing::read(text).is_err(), "{text}");
        }
    }
}
