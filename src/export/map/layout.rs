//! Where boxes stand: bands from the top, in each band shelves of boxes from left to right.

use crate::export::map::{Map, Place};
use crate::model::limits::MAP_DEVICES_PER_BOX_MAX;

/// A rectangle, in units of the drawing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Rect {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) w: f64,
    pub(super) h: f64,
}

impl Rect {
    pub(super) fn middle(&self) -> f64 {
        self.x + self.w / 2.0
    }

    pub(super) fn bottom(&self) -> f64 {
        self.y + self.h
    }
}

/// A row of boxes, all of one band.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    /// The band that it is in, by number from the top.
    pub(super) band: usize,
    /// Places, by their number.
    pub(super) places: Vec<usize>,
    /// Height of its tallest box.
    pub(super) h: f64,
    /// Its upper edge; known once the lines above it are counted.
    pub(super) y: f64,
}

/// Boxes on shelves, with their left edges and sizes; how far down they stand is known once the lines are counted.
#[derive(Debug, Default)]
pub(super) struct Layout {
    /// One for each place.
    pub(super) boxes: Vec<Rect>,
    /// One for each place: in how many columns its devices stand.
    pub(super) columns: Vec<usize>,
    /// One for each place: the shelf that it stands on.
    pub(super) shelf_of: Vec<usize>,
    /// From the top.
    pub(super) shelves: Vec<Shelf>,
    /// Levels of the bands, from the top.
    pub(super) bands: Vec<Option<u8>>,
}

impl Layout {
    pub(super) fn new(map: &Map<'_>) -> Self {
        let mut layout = Self::default();
        for band in map.places.chunk_by(|a, b| a.level == b.level) {
            let number = layout.bands.len();
            layout.bands.push(band.first().and_then(|place| place.level));
            let widest = match band.len() {
                1 => COLUMNS_ALONE,
                2 => COLUMNS_OF_TWO,
                _ => COLUMNS_OF_MORE,
            };
            let mut shelf = Shelf { band: number, ..Shelf::default() };
            let mut x = LEFT;
            for place in band {
                let (columns, w, h) = size(place, widest);
                if x + w > RIGHT && !shelf.places.is_empty() {
                    layout.shelves.push(std::mem::take(&mut shelf));
                    shelf.band = number;
                    x = LEFT;
                }
                shelf.places.push(layout.boxes.len());
                shelf.h = shelf.h.max(h);
                layout.boxes.push(Rect { x, y: 0.0, w, h });
                layout.columns.push(columns);
                layout.shelf_of.push(layout.shelves.len());
                x += w + BOX_GAP;
            }
            layout.shelves.push(shelf);
        }
        layout
    }

    /// Stands the shelves below each other, each with so much room above it; gives the height of all.
    pub(super) fn stand(&mut self, gutters: &[f64]) -> f64 {
        let mut y = TOP;
        for (shelf, gutter) in self.shelves.iter_mut().zip(gutters) {
            y += gutter;
            shelf.y = y;
            for place in &shelf.places {
                if let Some(rect) = self.boxes.get_mut(*place) {
                    rect.y = y;
                }
            }
            y += shelf.h;
        }
        y + BAND_PADDING
    }
}

/// In how many columns the devices of a place stand, and how large its box is.
fn size(place: &Place<'_>, widest: usize) -> (usize, f64, f64) {
    let shown = place.devices.len().min(MAP_DEVICES_PER_BOX_MAX);
    let columns = shown.clamp(1, widest);
    let rows = shown.div_ceil(columns.max(1));
    let has_more = place.devices.len() > shown;
    let w = number(columns) * (CHIP_W + CHIP_GAP) + CHIP_GAP;
    let more = if has_more { MORE_H } else { 0.0 };
    let h = HEAD_H + number(rows) * (CHIP_H + CHIP_GAP) + more;
    (columns, w, h)
}

/// A count as a length.
pub(super) fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Width of the drawing without the lines at its right side.
pub(super) const RIGHT: f64 = 986.0;
/// Where boxes begin: left of them stand the levels.
pub(super) const LEFT: f64 = 108.0;
pub(super) const TOP: f64 = 0.0;
/// Between the last box of a band and the edge of the band.
pub(super) const BAND_PADDING: f64 = 10.0;
/// A device.
pub(super) const CHIP_W: f64 = 132.0;
pub(super) const CHIP_H: f64 = 32.0;
pub(super) const CHIP_GAP: f64 = 6.0;
/// The name of a box.
pub(super) const HEAD_H: f64 = 24.0;
/// How many devices are not drawn.
pub(super) const MORE_H: f64 = 18.0;
const BOX_GAP: f64 = 14.0;
/// Columns of a box that is alone in its band, of two, of more: what fits beside each other.
const COLUMNS_ALONE: usize = 6;
const COLUMNS_OF_TWO: usize = 3;
const COLUMNS_OF_MORE: usize = 2;
