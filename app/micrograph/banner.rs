//! Finds the information banner: the band of even paper on which an instrument prints its
//! settings, at the lower or upper edge, or with image on both sides.
//!
//! Looks at grey values alone. What is no clear band is none, so that no specimen is taken for
//! print. Called by `micrograph`.

use super::scale_bar::Plane;

/// Left, top, right, bottom in pixels; right and bottom are beyond the last pixel.
pub type Banner = [u32; 4];

/// How far paper may be from its own grey.
const EVEN: i32 = 5;
/// The least part of a row that is paper, and that a column is within the banner.
const PAPER: f32 = 0.42;
/// The height of a banner as a part of the image's, at least and at most.
const HEIGHTS: [f32; 2] = [0.02, 0.24];
/// Rows without paper that a banner may have between others: rules and frames.
const RULES: usize = 4;
/// How much of a row turns from paper to image at the edge of a banner.
const EDGE: f32 = 0.25;
/// Ink is at least this far from the paper.
const INK: i32 = 50;
/// Changes between paper and ink along a row of print.
const LETTERS: usize = 12;

/// A row's most frequent grey and the part of the row that has it.
#[derive(Clone, Copy, Debug)]
struct Paper {
    grey: i32,
    part: f32,
}

/// The banner of an image that spans its width; `beside` finds one that does not.
pub fn banner(plane: Plane) -> Option<Banner> {
    let width = plane.width();
    let rows: Vec<Paper> = (0..plane.height())
        .map(|y| paper(plane.row(y).iter().copied()))
        .collect();
    let mut best: Option<(usize, usize, f32)> = None;
    let mut y = 0;
    while y < rows.len() {
        let end = band_end(&rows, y);
        if end > y && is_banner(plane, &rows, y, end) {
            let weight = rows[y..end].iter().map(|row| row.part).sum();
            if best.is_none_or(|found| found.2 < weight) {
                best = Some((y, end, weight));
            }
        }
        y = end.max(y + 1);
    }
    let (top, bottom, _) = best?;
    let frame = |y: usize| rows.get(y).is_some_and(|row| row.part >= 0.8);
    // A frame of one or two rows around the paper belongs to it.
    let top = (0..=2)
        .rev()
        .find(|k| top >= *k && frame(top - k))
        .map_or(top, |k| top - k);
    let bottom = (0..=2)
        .rev()
        .find(|k| frame(bottom + k - 1))
        .map_or(bottom, |k| bottom + k);
    Some([0, top as u32, width as u32, bottom.min(rows.len()) as u32])
}

/// The most frequent grey of some values, and the part of them near it.
fn paper(values: impl Iterator<Item = u8>) -> Paper {
    let mut counts = [0_u32; 256];
    let mut total = 0_u32;
    for value in values {
        counts[usize::from(value)] += 1;
        total += 1;
    }
    let near = |grey: i32| {
        let range = (grey - EVEN).max(0) as usize..=(grey + EVEN).min(255) as usize;
        counts[range].iter().sum::<u32>()
    };
    // The first of equals, so that the same row always has the same paper.
    let grey = (0..256)
        .max_by_key(|g| (near(*g), counts[*g as usize], -g))
        .unwrap_or(0);
    Paper {
        grey,
        part: near(grey) as f32 / total.max(1) as f32,
    }
}

/// Where the band of one paper that begins in a row ends; that row if none begins there.
fn band_end(rows: &[Paper], start: usize) -> usize {
    let grey = rows[start].grey;
    if rows[start].part < PAPER {
        return start;
    }
    let mut end = start + 1;
    let mut y = end;
    while y < rows.len() && y - end <= RULES {
        if rows[y].part >= PAPER && (rows[y].grey - grey).abs() <= EVEN {
            end = y + 1;
        }
        y += 1;
    }
    end
}

/// Whether a band has the height, the edges and the print of a banner.
fn is_banner(plane: Plane, rows: &[Paper], top: usize, bottom: usize) -> bool {
    let tall = (bottom - top) as f32 / rows.len() as f32;
    if !(HEIGHTS[0]..=HEIGHTS[1]).contains(&tall) || bottom - top < 10 {
        return false;
    }
    let grey = paper_of(rows, top, bottom);
    let part = |y: usize| {
        let row = plane.row(y);
        let count = row
            .iter()
            .filter(|v| (i32::from(**v) - grey).abs() <= EVEN)
            .count();
        count as f32 / row.len() as f32
    };
    let mean = |from: usize, to: usize| {
        let (from, to) = (from.min(rows.len()), to.min(rows.len()));
        (from..to).map(part).sum::<f32>() / (to - from).max(1) as f32
    };
    let starts = top < 6 || mean(top, top + 4) - mean(top.saturating_sub(8), top - 4) >= EDGE;
    let ends =
        bottom + 6 > rows.len() || mean(bottom - 4, bottom) - mean(bottom + 4, bottom + 8) >= EDGE;
    if !starts || !ends {
        return false;
    }
    let mut changes: Vec<usize> = (top..bottom).map(|y| letters(plane.row(y), grey)).collect();
    changes.sort_unstable();
    // Half the rows of a banner may be empty, and print may fill it all.
    changes[changes.len() * 3 / 4] >= LETTERS
}

/// The grey of most rows of a band.
fn paper_of(rows: &[Paper], top: usize, bottom: usize) -> i32 {
    let mut greys: Vec<i32> = rows[top..bottom].iter().map(|row| row.grey).collect();
    greys.sort_unstable();
    greys[greys.len() / 2]
}

/// How often a row changes between paper and ink.
fn letters(row: &[u8], grey: i32) -> usize {
    let mut is_ink = false;
    let mut changes = 0;
    for value in row {
        let difference = (i32::from(*value) - grey).abs();
        let now = if is_ink {
            difference > EVEN * 3
        } else {
            difference >= INK
        };
        changes += usize::from(now != is_ink);
        is_ink = now;
    }
    changes
}

/// The banner around a place on its paper, for banners that do not span the image; None where
/// the even paper around it has no clear edge.
pub fn around(plane: Plane, [left, top, right, bottom]: Banner) -> Option<Banner> {
    let (mut x0, mut x1) = (left as usize, (right as usize).min(plane.width()));
    let (mut y0, mut y1) = (top as usize, (bottom as usize).min(plane.height()));
    if x0 >= x1 || y0 >= y1 {
        return None;
    }
    let grey = paper((y0..y1).flat_map(|y| plane.row(y)[x0..x1].iter().copied())).grey;
    let is_paper =
        |x: usize, y: usize| (i32::from(plane.at(x as i32, y as i32)) - grey).abs() <= EVEN;
    let enough = |count: usize, of: usize| count as f32 >= PAPER * of as f32;
    let row = |y: usize, x0: usize, x1: usize| {
        enough((x0..x1).filter(|x| is_paper(*x, y)).count(), x1 - x0)
    };
    let column = |x: usize, y0: usize, y1: usize| {
        enough((y0..y1).filter(|y| is_paper(x, *y)).count(), y1 - y0)
    };
    for _ in 0..2 {
        while let Some(k) = (1..=RULES).find(|k| y0 >= *k && row(y0 - k, x0, x1)) {
            y0 -= k;
        }
        while let Some(k) = (0..RULES).find(|k| y1 + k < plane.height() && row(y1 + k, x0, x1)) {
            y1 += k + 1;
        }
        while let Some(k) = (1..=RULES).find(|k| x0 >= *k && column(x0 - k, y0, y1)) {
            x0 -= k;
        }
        while let Some(k) = (0..RULES).find(|k| x1 + k < plane.width() && column(x1 + k, y0, y1)) {
            x1 += k + 1;
        }
    }
    let tall = (y1 - y0) as f32 / plane.height() as f32;
    let wide = (x1 - x0) as f32 / plane.width() as f32;
    let paper_part = {
        let count = (y0..y1)
            .flat_map(|y| (x0..x1).map(move |x| (x, y)))
            .filter(|(x, y)| is_paper(*x, *y))
            .count();
        count as f32 / ((x1 - x0) * (y1 - y0)).max(1) as f32
    };
    (tall <= HEIGHTS[1] && wide >= 0.1 && paper_part >= 0.6)
        .then_some([x0, y0, x1, y1].map(|side| side as u32))
}
