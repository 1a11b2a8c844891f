//! Arrows: a straight shaft of even width with a head at one end.
//!
//! Needles and wires taper or bend, and their ends are not sharp. Called by `mod`.

use super::ink::{Ink, Piece};

/// The shortest arrow, in pixels, and the longest as a part of the image's side.
const SHORTEST: f64 = 30.0;
const LONGEST: f64 = 0.5;
/// The part of its outline that is sharp.
const SHARP: f32 = 0.85;
/// How much wider the head is than the shaft, at least.
const HEAD: f64 = 1.9;

/// Whether a piece of ink is an arrow.
pub fn is_arrow(ink: &Ink, piece: &Piece) -> bool {
    let [width, height] = ink.size();
    let side = width.max(height) as f64;
    let longer = piece.place.longer() as f64;
    if piece.sharp < SHARP
        || piece.place.touches_edge(ink.size())
        || !(SHORTEST * 0.7..=LONGEST * side).contains(&longer)
        || piece.area < 30
        || piece.place.area() > piece.area * 60
    {
        return false;
    }
    let Some(widths) = widths(ink, piece) else {
        return false;
    };
    let reversed: Vec<[f64; 2]> = widths.iter().rev().copied().collect();
    has_head_at_end(&widths) || has_head_at_end(&reversed)
}

/// Where a piece's ink begins and ends across its axis, pixel by pixel along it.
fn widths(ink: &Ink, piece: &Piece) -> Option<Vec<[f64; 2]>> {
    let n = piece.area as f64;
    let (mut mean_x, mut mean_y) = (0.0, 0.0);
    for (x, y) in ink.pixels(piece) {
        mean_x += x as f64 / n;
        mean_y += y as f64 / n;
    }
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for (x, y) in ink.pixels(piece) {
        let (dx, dy) = (x as f64 - mean_x, y as f64 - mean_y);
        xx += dx * dx;
        xy += dx * dy;
        yy += dy * dy;
    }
    let angle = 0.5 * (2.0 * xy).atan2(xx - yy);
    let (sin, cos) = angle.sin_cos();
    let mut places: Vec<(f64, f64)> = Vec::with_capacity(piece.area);
    for (x, y) in ink.pixels(piece) {
        let (dx, dy) = (x as f64 - mean_x, y as f64 - mean_y);
        places.push((dx * cos + dy * sin, dy * cos - dx * sin));
    }
    let first = places.iter().map(|p| p.0).fold(f64::INFINITY, f64::min);
    let last = places.iter().map(|p| p.0).fold(f64::NEG_INFINITY, f64::max);
    let length = last - first + 1.0;
    if length < SHORTEST {
        return None;
    }
    let mut widths = vec![[f64::INFINITY, f64::NEG_INFINITY]; length.ceil() as usize + 1];
    for (along, across) in places {
        let bin = widths.get_mut((along - first).round() as usize)?;
        *bin = [bin[0].min(across - 0.5), bin[1].max(across + 0.5)];
    }
    widths.retain(|[low, high]| low <= high);
    Some(widths)
}

/// Whether the ink is an even shaft that becomes a head towards the last of the given places.
fn has_head_at_end(widths: &[[f64; 2]]) -> bool {
    let count = widths.len();
    let width = |place: &[f64; 2]| place[1] - place[0];
    let middle = |place: &[f64; 2]| (place[1] + place[0]) / 2.0;
    let shaft = &widths[1..count / 2];
    if shaft.len() < 6 {
        return false;
    }
    let mut ordered: Vec<f64> = shaft.iter().map(width).collect();
    ordered.sort_by(f64::total_cmp);
    let thick = ordered[ordered.len() / 2];
    let is_even = |place: &&[f64; 2]| (width(place) - thick).abs() <= (thick * 0.25).max(1.45);
    let even = shaft.iter().filter(is_even).count();
    let line = shaft.iter().map(middle).sum::<f64>() / shaft.len() as f64;
    let is_straight = shaft
        .iter()
        .all(|place| (middle(place) - line).abs() <= (thick * 0.3).max(1.5));
    if even * 10 < shaft.len() * 9 || !is_straight {
        return false;
    }
    let (at, widest) = widths
        .iter()
        .enumerate()
        .map(|(at, place)| (at, width(place)))
        .fold(
            (0, 0.0),
            |best, here| if here.1 > best.1 { here } else { best },
        );
    let head = count - at;
    let is_head = widest >= HEAD * thick
        && widest >= thick + 3.0
        && widest <= 0.8 * count as f64
        && at >= count / 2
        && head >= 3
        && head as f64 >= 0.35 * widest
        && (middle(&widths[at]) - line).abs() <= (0.2 * widest).max(1.5);
    if !is_head {
        return false;
    }
    // From its widest place on a head becomes narrower to its tip.
    let tip = width(&widths[count - 1]).min(width(&widths[count - 2]));
    let half = width(&widths[at + head / 2]);
    tip <= 0.5 * widest && (0.25 * widest..=0.85 * widest).contains(&half)
}
