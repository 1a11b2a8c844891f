//! Even horizontal strokes on other paper: what may be a scale bar or half of one.
//!
//! A stroke is a run of even pixels with paper above and below it that is darker than it on
//! both sides, or brighter on both. Rules, frames, underlines and dashes are strokes too; `bars`
//! decides. Called by `bars`.

use super::plane::Plane;

/// The shortest stroke, in pixels.
const SHORTEST: usize = 16;
/// How far a pixel of a run may be from the run's mean.
const EVEN: f32 = 30.0;
/// How far the paper must be from the stroke.
const CONTRAST: i32 = 34;
/// The part of a stroke's columns that must have paper above, and below.
const PAPERED: f32 = 0.75;
/// Strokes looked at in one image; a picture of nothing but stripes has no more time than others.
const MOST: usize = 4000;

/// An even horizontal stroke; rows `top..bottom` and columns `left..right`.
#[derive(Clone, Debug, PartialEq)]
pub struct Stroke {
    pub left: usize,
    pub right: usize,
    pub top: usize,
    pub bottom: usize,
    /// Its mean grey value.
    pub ink: f32,
    /// Whether it is brighter than its paper.
    pub is_bright: bool,
}

impl Stroke {
    /// Length in whole pixels.
    pub fn len(&self) -> usize {
        self.right - self.left
    }
}

/// All strokes that begin in the given columns and rows of an image, from the top.
pub fn strokes(plane: Plane, [x0, y0, x1, y1]: [u32; 4]) -> Vec<Stroke> {
    let mut found: Vec<Stroke> = Vec::new();
    let (first, last) = (x0 as usize, (x1 as usize).min(plane.width()));
    for y in (y0 as usize).max(1)..(y1 as usize).min(plane.height().saturating_sub(1)) {
        let row = plane.row(y).get(first..last).unwrap_or_default();
        runs(row, |left, right, ink| {
            let (left, right) = (left + first, right + first);
            let Some(stroke) = papered(plane, y, left, right, ink) else {
                return;
            };
            // Strokes come from the top, so that the rows of one are among the latest.
            let known = found.iter().rev().take(64).position(|f| same(f, &stroke));
            match known.map(|back| found.len() - 1 - back) {
                Some(known) if found[known].len() < stroke.len() => found[known] = stroke,
                Some(_) => {}
                None if found.len() < MOST => found.push(stroke),
                None => {}
            }
        });
    }
    found
}

/// Calls `each` with the ends and the mean of every even run that is long enough.
fn runs(row: &[u8], mut each: impl FnMut(usize, usize, f32)) {
    let (mut start, mut sum) = (0, 0.0_f32);
    for x in 0..=row.len() {
        let count = (x - start) as f32;
        let goes_on = row
            .get(x)
            .is_some_and(|v| count == 0.0 || (f32::from(*v) - sum / count).abs() <= EVEN);
        if goes_on {
            sum += f32::from(row[x]);
            continue;
        }
        if x - start >= SHORTEST {
            each(start, x, sum / count);
        }
        start = x;
        sum = row.get(x).map_or(0.0, |v| f32::from(*v));
    }
}

/// The stroke a run belongs to, if there is paper of one kind above and below.
fn papered(plane: Plane, y: usize, left: usize, right: usize, ink: f32) -> Option<Stroke> {
    let length = right - left;
    let most_rows = (length / 4).min((plane.height() / 24).max(8)).max(2);
    let step = (length / 40).max(1);
    let columns = || (left + 2..right - 2).step_by(step);
    let count = columns().count() as f32;
    // +1: the stroke is brighter than that row, -1: darker, 0: neither.
    let side = |row: Option<usize>| {
        let Some(row) = row.filter(|row| *row < plane.height()) else {
            return 0;
        };
        let row = plane.row(row);
        let (mut darker, mut brighter) = (0.0, 0.0);
        for x in columns() {
            let difference = ink as i32 - i32::from(row[x]);
            darker += f32::from(u8::from(difference >= CONTRAST));
            brighter += f32::from(u8::from(-difference >= CONTRAST));
        }
        if darker >= PAPERED * count {
            1
        } else if brighter >= PAPERED * count {
            -1
        } else {
            0
        }
    };
    let (up, above) = (1..=most_rows).find_map(|k| match side(y.checked_sub(k)) {
        0 => None,
        sign => Some((k, sign)),
    })?;
    let (down, below) =
        (1..=most_rows + 1 - up.min(most_rows)).find_map(|k| match side(Some(y + k)) {
            0 => None,
            sign => Some((k, sign)),
        })?;
    (above == below).then(|| Stroke {
        left,
        right,
        top: y + 1 - up,
        bottom: y + down,
        ink,
        is_bright: above > 0,
    })
}

/// Whether two runs are rows of one stroke.
fn same(a: &Stroke, b: &Stroke) -> bool {
    let common = a.right.min(b.right).saturating_sub(a.left.max(b.left));
    a.is_bright == b.is_bright
        && a.top.max(b.top) < a.bottom.min(b.bottom)
        && common * 10 >= a.len().min(b.len()) * 8
}
