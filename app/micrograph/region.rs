//! A rectangle of a micrograph that is asked about by itself.
//!
//! The micrograph is never changed. Called by the answerer of `worker`.

use super::{Mask, Micrograph, Prepared};
use std::fmt;

/// A rectangle in pixels of the micrograph: never empty, and inside it when made for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Region {
    corner: [u32; 2],
    size: [u32; 2],
}

impl Region {
    /// The shortest side that is worth asking about, in pixels.
    pub const SIDE_MIN: u32 = 8;

    /// The whole pixels between two corners, in any order, cut to an image of `size`; `None`
    /// where that is smaller than [`Region::SIDE_MIN`].
    pub fn between(first: [f64; 2], second: [f64; 2], size: [u32; 2]) -> Option<Self> {
        let mut region = Self {
            corner: [0; 2],
            size: [0; 2],
        };
        for axis in 0..2 {
            let end = f64::from(size[axis]);
            // `clamp` keeps a NaN, and the cast below makes it 0.
            let low = first[axis].min(second[axis]).clamp(0.0, end).floor() as u32;
            let high = first[axis].max(second[axis]).clamp(0.0, end).ceil() as u32;
            region.corner[axis] = low;
            region.size[axis] = high.saturating_sub(low);
        }
        let is_large = region.size.iter().all(|side| *side >= Self::SIDE_MIN);
        is_large.then_some(region)
    }

    /// A region of this corner and size, if it lies in an image of `within`.
    pub fn new(corner: [u32; 2], size: [u32; 2], within: [u32; 2]) -> Option<Self> {
        let fits = |axis: usize| {
            let end = corner[axis].checked_add(size[axis]);
            size[axis] >= Self::SIDE_MIN && end.is_some_and(|end| end <= within[axis])
        };
        (fits(0) && fits(1)).then_some(Self { corner, size })
    }

    /// Left and top.
    pub fn corner(self) -> [u32; 2] {
        self.corner
    }

    /// Width and height.
    pub fn size(self) -> [u32; 2] {
        self.size
    }

    /// Left, top, right, bottom; right and bottom beyond the last pixel.
    pub fn rect(self) -> [u32; 4] {
        let ([left, top], [width, height]) = (self.corner, self.size);
        [left, top, left + width, top + height]
    }

    /// The engines' input for this part alone, without what a mask leaves out of it. Its hash
    /// names the part, so that no engine takes it for the whole. A part that does not lie in
    /// the micrograph is cut to it.
    pub fn prepared(self, micrograph: &Micrograph, mask: &Mask) -> Prepared {
        let [left, top, right, bottom] = self.rect();
        let (width, height) = (micrograph.width(), micrograph.height());
        let part = [left, top, right.min(width), bottom.min(height)];
        if part[0] >= part[2] || part[1] >= part[3] {
            return Prepared::masked(micrograph, mask);
        }
        let hash = format!("{}#{self}", micrograph.hash);
        Prepared::part(micrograph, part, hash, &mask.around(part))
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ([left, top], [width, height]) = (self.corner, self.size);
        write!(f, "{width} × {height} px at {left}, {top}")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::micrograph::Pixels;
    use crate::micrograph::made::micrograph;

    #[test]
    fn corners_come_in_any_order_and_are_cut_to_the_image() {
        let region = Region::between([40.2, 30.9], [10.5, -5.0], [32, 100]).unwrap();
        assert_eq!((region.corner(), region.size()), ([10, 0], [22, 31]));
        assert_eq!(Region::between([0.0, 0.0], [7.0, 50.0], [32, 100]), None);
        assert_eq!(
            Region::between([f64::NAN; 2], [f64::NAN; 2], [32, 100]),
            None
        );
    }

    #[test]
    fn the_engines_see_the_part_alone_under_a_name_of_its_own() {
        let pixels = (0..40 * 20).map(|i| if i % 40 < 20 { 0 } else { i as u8 });
        let image = micrograph(40, 20, Pixels::Grey8(pixels.collect()));
        let left = Region::between([0.0, 0.0], [20.0, 20.0], [40, 20]).unwrap();
        let part = left.prepared(&image, &Mask::default());
        assert_eq!((part.width, part.height), (20, 20));
        assert!(
            part.grey.iter().all(|grey| *grey == 128),
            "it is even there"
        );
        assert_ne!(part.hash, Prepared::masked(&image, &Mask::default()).hash);
        let right = Region::between([20.0, 0.0], [40.0, 20.0], [40, 20]).unwrap();
        assert_ne!(right.prepared(&image, &Mask::default()).hash, part.hash);
    }

    #[test]
    fn the_whole_as_a_region_looks_like_the_whole() {
        let image = micrograph(
            16,
            9,
            Pixels::Rgb8((0..16 * 9 * 3).map(|i| i as u8).collect()),
        );
        let whole = Region::between([0.0, 0.0], [16.0, 9.0], [16, 9]).unwrap();
        assert_eq!(
            whole.prepared(&image, &Mask::default()).grey,
            Prepared::masked(&image, &Mask::default()).grey
        );
    }
}
