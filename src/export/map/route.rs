//! Which way lines go: along the gutters between shelves, and past other shelves in a channel at the right side.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::export::map::Line;
use crate::export::map::layout::{Layout, RIGHT, Rect, number};

/// Lines with their ways.
#[derive(Debug)]
pub(super) struct Routes {
    /// The line of each, by its place in what was given, and its way as path data.
    pub(super) ways: Vec<(usize, String)>,
    /// Right edge of the channel.
    pub(super) width: f64,
    /// Height of all.
    pub(super) height: f64,
}

/// Which lane of which gutter a line takes; of one that passes other shelves also the lanes of the channel and of the second gutter.
#[derive(Clone, Copy, Debug)]
struct Lanes {
    gutter: (usize, usize),
    channel: Option<(usize, (usize, usize))>,
}

/// The end of a line at a box: at its upper edge, or at its lower.
type End = (usize, bool);

/// Finds a way for each line, and stands the shelves as far apart as the lines need.
pub(super) fn routes(layout: &mut Layout, lines: &[&Line]) -> Routes {
    let mut taken = vec![0_usize; layout.shelves.len()];
    let mut channel = 0_usize;
    let mut take = |gutter: usize| {
        let lane = taken.get_mut(gutter);
        let lane = lane.map_or(0, |taken| std::mem::replace(taken, taken.saturating_add(1)));
        (gutter, lane.rem_euclid(LANES_MAX))
    };
    let shelf = |place: usize| layout.shelf_of.get(place).copied().unwrap_or_default();
    let mut lanes = Vec::with_capacity(lines.len());
    let mut ends: BTreeMap<End, Vec<(usize, f64)>> = BTreeMap::new();
    let middle = |place: usize| layout.boxes.get(place).map_or(0.0, Rect::middle);
    for (at, line) in lines.iter().enumerate() {
        let (upper, lower) = if shelf(line.from) <= shelf(line.to) {
            (line.from, line.to)
        } else {
            (line.to, line.from)
        };
        let (a, b) = (shelf(upper), shelf(lower));
        let same = a == b;
        let first = take(if same { a } else { a.saturating_add(1) });
        let past = (b > a.saturating_add(1)).then(|| {
            let lane = channel.rem_euclid(CHANNEL_LANES_MAX);
            channel = channel.saturating_add(1);
            (lane, take(b))
        });
        lanes.push(Lanes { gutter: first, channel: past });
        let outside = past.map(|_| RIGHT);
        let towards = outside.unwrap_or_else(|| middle(lower));
        ends.entry((upper, same)).or_default().push((at, towards));
        let towards = outside.unwrap_or_else(|| middle(upper));
        ends.entry((lower, true)).or_default().push((at, towards));
    }
    let gutters: Vec<f64> =
        taken.iter().map(|lanes| GUTTER + number((*lanes).min(LANES_MAX)) * LANE).collect();
    let height = layout.stand(&gutters);
    let width = RIGHT + CHANNEL + number(channel.min(CHANNEL_LANES_MAX)) * LANE;
    let ports = ports(layout, ends);
    let way = |(at, (line, lanes)): (usize, (&&Line, &Lanes))| {
        (at, way(layout, line, *lanes, |end| ports.get(&(at, end)).copied().unwrap_or_default()))
    };
    let ways = lines.iter().zip(&lanes).enumerate().map(way).collect();
    Routes { ways, width, height }
}

/// Where along the edge of its box each line ends: in the order in which the other ends stand, so that few lines cross.
fn ports(layout: &Layout, ends: BTreeMap<End, Vec<(usize, f64)>>) -> BTreeMap<(usize, End), f64> {
    let mut ports = BTreeMap::new();
    for (end, mut lines) in ends {
        lines.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
        let Some(rect) = layout.boxes.get(end.0) else { continue };
        let share = rect.w / number(lines.len().saturating_add(1));
        for (place, (line, _)) in lines.iter().enumerate() {
            let x = rect.x + share * number(place.saturating_add(1));
            ports.insert((*line, end), x);
        }
    }
    ports
}

fn way(layout: &Layout, line: &Line, lanes: Lanes, port: impl Fn(End) -> f64) -> String {
    let shelf = |place: usize| layout.shelf_of.get(place).copied().unwrap_or_default();
    let (upper, lower) = if shelf(line.from) <= shelf(line.to) {
        (line.from, line.to)
    } else {
        (line.to, line.from)
    };
    let same = shelf(upper) == shelf(lower);
    let rect = |place: usize| layout.boxes.get(place).copied().unwrap_or_default();
    let y_of = |(gutter, lane): (usize, usize)| {
        let below = layout.shelves.get(gutter).map_or(0.0, |shelf| shelf.y);
        below - LANE_BELOW - number(lane) * LANE
    };
    let start_y = if same { rect(upper).y } else { rect(upper).bottom() };
    let (start, end) = (port((upper, same)), port((lower, true)));
    let first = y_of(lanes.gutter);
    let mut points = vec![(start, start_y), (start, first)];
    if let Some((lane, second)) = lanes.channel {
        let x = RIGHT + CHANNEL / 2.0 + number(lane) * LANE;
        points.extend([(x, first), (x, y_of(second)), (end, y_of(second))]);
    } else {
        points.push((end, first));
    }
    points.push((end, rect(lower).y));
    path(&points)
}

/// Path data through points, with round corners.
fn path(points: &[(f64, f64)]) -> String {
    let mut data = String::new();
    let Some((x, y)) = points.first() else { return data };
    // Writing to a String cannot fail.
    let _ = write!(data, "M{x:.1} {y:.1}");
    for corner in points.windows(3) {
        let [before, at, after] = corner else { continue };
        let (a, b) = (towards(*at, *before), towards(*at, *after));
        let _ =
            write!(data, "L{:.1} {:.1}Q{:.1} {:.1} {:.1} {:.1}", a.0, a.1, at.0, at.1, b.0, b.1);
    }
    if let Some((x, y)) = points.last() {
        let _ = write!(data, "L{x:.1} {y:.1}");
    }
    data
}

/// The point where a corner begins: a radius away, or half of the way.
fn towards((x, y): (f64, f64), (to_x, to_y): (f64, f64)) -> (f64, f64) {
    let step = |from: f64, to: f64| {
        from + (to - from)
            .clamp(-RADIUS, RADIUS)
            .clamp(-(to - from).abs() / 2.0, (to - from).abs() / 2.0)
    };
    (step(x, to_x), step(y, to_y))
}

/// Room above a shelf without lines.
const GUTTER: f64 = 20.0;
/// Between two lines beside each other.
const LANE: f64 = 5.0;
/// Between a box and the line nearest above it.
const LANE_BELOW: f64 = 9.0;
/// Lines beside each other before they lie on each other.
const LANES_MAX: usize = 14;
const CHANNEL_LANES_MAX: usize = 16;
/// Room at the right side without lines.
const CHANNEL: f64 = 14.0;
const RADIUS: f64 = 4.0;
