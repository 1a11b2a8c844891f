//! Which pixels are the specimen: all but the banner and what was drawn over the image, as
//! found and as the user has edited it.
//!
//! Holds places, never pixels. Built by `worker` and `command`, used by `prepare` and by
//! whatever measures.

use super::overlay::Rect;
use super::printed::Printed;

/// The shortest side that is left of an image, in pixels; an image that would be left with less
/// is not cropped.
const SHORTEST: u32 = 8;
/// How much of a side a band must take to run through it, in hundredths, and how far from the
/// edge it may lie as one part in so many.
const THROUGH: u64 = 98;
const NEAR: u32 = 80;
/// What lies beyond a banner is cropped off with it up to this part of the height.
const STRIP: u32 = 4;

/// What the user has said about what is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Edits {
    /// Left out besides what was found.
    pub added: Vec<Rect>,
    /// Found, but specimen.
    pub kept: Vec<Rect>,
}

impl Edits {
    /// Whether nothing was said.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.kept.is_empty()
    }
}

/// Which pixels of an image are the specimen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mask {
    size: [u32; 2],
    banner: Option<Rect>,
    /// Places that are not, the banner among them.
    left_out: Vec<Rect>,
    /// What they are, each once.
    words: Vec<&'static str>,
}

impl Mask {
    /// The mask of an image of `size`.
    pub fn of(size: [u32; 2], printed: &Printed, edits: &Edits) -> Self {
        let is_kept = |rect: &Rect| edits.kept.contains(rect);
        let inside = |rect: Rect| {
            let [x0, y0, x1, y1] = rect;
            let rect = [x0, y0, x1.min(size[0]), y1.min(size[1])];
            (rect[0] < rect[2] && rect[1] < rect[3]).then_some(rect)
        };
        let banner = printed
            .banner
            .filter(|rect| !is_kept(rect))
            .and_then(inside);
        let overlays = printed.overlays.iter();
        let overlays = overlays.filter(|overlay| !is_kept(&overlay.rect));
        let mut left_out: Vec<Rect> = banner.into_iter().collect();
        let mut words: Vec<&'static str> = banner.iter().map(|_| "a banner").collect();
        for overlay in overlays {
            left_out.extend(inside(overlay.rect));
            if !words.contains(&overlay.kind.words()) {
                words.push(overlay.kind.words());
            }
        }
        if !edits.added.is_empty() {
            words.push("what you left out");
        }
        left_out.extend(edits.added.iter().copied().filter_map(inside));
        Self {
            size,
            banner,
            left_out,
            words,
        }
    }

    /// The places that are not specimen: left, top, right, bottom.
    pub fn left_out(&self) -> &[Rect] {
        &self.left_out
    }

    /// What is left out, each kind once: "a banner", "print".
    pub fn words(&self) -> &[&'static str] {
        &self.words
    }

    /// Whether a pixel of the image is specimen.
    pub fn is_specimen(&self, x: u32, y: u32) -> bool {
        !self
            .left_out
            .iter()
            .any(|[x0, y0, x1, y1]| (*x0..*x1).contains(&x) && (*y0..*y1).contains(&y))
    }

    /// A short name of what is left out, for whatever is kept about a masked image; none where
    /// nothing is.
    pub fn name(&self) -> Option<String> {
        if self.left_out.is_empty() {
            return None;
        }
        let mut hasher = blake3::Hasher::new();
        for side in self.left_out.iter().flatten() {
            hasher.update(&side.to_le_bytes());
        }
        Some(hasher.finalize().to_hex().chars().take(12).collect())
    }

    /// The same without the places that hold all of a part: who asks about an inset means it.
    pub(super) fn around(&self, part: Rect) -> Self {
        let holds = |rect: &Rect| {
            rect[0] <= part[0] && rect[1] <= part[1] && rect[2] >= part[2] && rect[3] >= part[3]
        };
        let left_out = self.left_out.iter().copied();
        Self {
            size: self.size,
            banner: self.banner.filter(|banner| !holds(banner)),
            left_out: left_out.filter(|rect| !holds(rect)).collect(),
            words: self.words.clone(),
        }
    }

    /// A part of the image without the bands at its edges that are no specimen: the banner with
    /// the strip beyond it, frames, and whatever else runs from side to side there.
    pub fn cropped(&self, part: Rect) -> Rect {
        let mut left = part;
        // Every round takes a band off, so that nested bands need as many rounds.
        for _ in 0..16 {
            let cut = self.left_out.iter().fold(left, |left, rect| {
                without(left, *rect, Some(*rect) == self.banner)
            });
            if cut == left {
                break;
            }
            left = cut;
        }
        let is_large = left[2].saturating_sub(left[0]) >= SHORTEST
            && left[3].saturating_sub(left[1]) >= SHORTEST;
        if is_large { left } else { part }
    }

    /// For every pixel of a part that is seen at the size `to`, whether it is all specimen.
    pub(super) fn at_size(&self, part: Rect, to: [u32; 2]) -> Vec<bool> {
        let mut is_specimen = vec![true; to[0] as usize * to[1] as usize];
        for rect in &self.left_out {
            let span = |axis: usize| {
                let (first, side) = (part[axis], part[axis + 2].saturating_sub(part[axis]));
                let place = |at: u32| {
                    let at = at.clamp(first, part[axis + 2]) - first;
                    u64::from(at) * u64::from(to[axis])
                };
                let side = u64::from(side.max(1));
                (place(rect[axis]) / side) as usize..place(rect[axis + 2]).div_ceil(side) as usize
            };
            let columns = span(0);
            for y in span(1) {
                let row = y * to[0] as usize;
                if let Some(row) = is_specimen.get_mut(row + columns.start..row + columns.end) {
                    row.fill(false);
                }
            }
        }
        is_specimen
    }
}

/// What a band leaves of a part, if it runs through it at an edge; a banner may have a strip of
/// the image beyond it.
fn without(part: Rect, band: Rect, is_banner: bool) -> Rect {
    let mut left = part;
    for (axis, other) in [(1, 0), (0, 1)] {
        let side = |rect: Rect, axis: usize| (rect[axis], rect[axis + 2]);
        let ((first, last), (from, to)) = (side(left, axis), side(band, axis));
        let (from, to) = (from.max(first), to.min(last));
        let ((start, end), (left_end, right_end)) = (side(left, other), side(band, other));
        let common = right_end.min(end).saturating_sub(left_end.max(start));
        let runs_through = u64::from(common) * 100 >= u64::from(end - start) * THROUGH;
        if from >= to || !runs_through {
            continue;
        }
        let near = if is_banner && axis == 1 {
            (last - first) / STRIP
        } else {
            (last - first) / NEAR
        };
        let (before, behind) = (from - first, last - to);
        if before <= behind && before <= near {
            left[axis] = to;
        } else if behind <= near {
            left[axis + 2] = from;
        }
        if left != part {
            return left;
        }
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::micrograph::{Overlay, OverlayKind};

    fn printed(banner: Option<Rect>, overlays: &[Rect]) -> Printed {
        let kind = OverlayKind::Text;
        let overlays = overlays.iter().map(|rect| Overlay { kind, rect: *rect });
        Printed {
            banner,
            overlays: overlays.collect(),
            ..Printed::default()
        }
    }

    #[test]
    fn what_was_found_is_left_out_until_the_user_says_otherwise() {
        let found = printed(Some([0, 90, 100, 100]), &[[10, 10, 20, 20]]);
        let mask = Mask::of([100, 100], &found, &Edits::default());
        assert!(!mask.is_specimen(15, 15) && !mask.is_specimen(0, 90) && mask.is_specimen(20, 20));
        let edits = Edits {
            added: vec![[40, 40, 900, 50], [100, 0, 120, 9]],
            kept: vec![[10, 10, 20, 20]],
        };
        let edited = Mask::of([100, 100], &found, &edits);
        assert!(edited.is_specimen(15, 15) && !edited.is_specimen(99, 49));
        assert_eq!(edited.left_out(), [[0, 90, 100, 100], [40, 40, 100, 50]]);
        assert!(edited.name().is_some() && edited.name() != mask.name());
        assert_eq!(
            Mask::of([9, 9], &Printed::default(), &Edits::default()).name(),
            None
        );
    }

    #[test]
    fn bands_at_the_edges_are_cropped_off_and_what_lies_inside_is_not() {
        let whole = [0, 0, 1000, 800];
        let cropped = |banner, overlays: &[Rect]| {
            let found = printed(banner, overlays);
            Mask::of([1000, 800], &found, &Edits::default()).cropped(whole)
        };
        let banner = [0, 700, 999, 760];
        assert_eq!(
            cropped(Some(banner), &[]),
            [0, 0, 1000, 700],
            "with the strip beyond"
        );
        assert_eq!(
            cropped(None, &[banner]),
            whole,
            "no banner, so that the strip is specimen"
        );
        assert_eq!(cropped(Some([0, 0, 1000, 50]), &[]), [0, 50, 1000, 800]);
        assert_eq!(cropped(Some([0, 400, 1000, 450]), &[]), whole);
        let frame = [[0, 0, 1000, 10], [0, 10, 10, 800], [990, 10, 1000, 800]];
        assert_eq!(cropped(None, &frame), [10, 10, 990, 800]);
        assert_eq!(
            cropped(None, &[[0, 0, 1000, 798]]),
            whole,
            "nothing would be left"
        );
    }

    #[test]
    fn a_pixel_that_is_partly_left_out_is() {
        let mask = Mask::of([8, 4], &printed(None, &[[3, 1, 5, 2]]), &Edits::default());
        let small = mask.at_size([0, 0, 8, 4], [4, 2]);
        assert_eq!(small, [true, false, false, true, true, true, true, true]);
        let part = mask.at_size([4, 0, 8, 4], [4, 4]);
        assert_eq!(part.iter().filter(|is| !**is).count(), 1);
    }

    #[test]
    fn who_asks_about_what_is_left_out_sees_it() {
        let mask = Mask::of(
            [100, 100],
            &printed(None, &[[0, 0, 50, 50]]),
            &Edits::default(),
        );
        assert_eq!(mask.around([5, 5, 40, 40]).name(), None);
        assert_eq!(mask.around([5, 5, 60, 40]), mask);
    }
}
