//! 8-bit grey pixels to look for print in, with every access inside the image.
//!
//! Never changes a pixel. Called by the other files of `scale_bar` and by `banner`.

/// 8-bit grey, row by row.
#[derive(Clone, Copy, Debug)]
pub struct Plane<'a> {
    grey: &'a [u8],
    width: usize,
    height: usize,
}

impl<'a> Plane<'a> {
    /// A plane over `width * height` grey values; None where their number is another.
    pub fn new(grey: &'a [u8], width: usize, height: usize) -> Option<Self> {
        (width > 0 && height > 0 && width.checked_mul(height)? == grey.len()).then_some(Self {
            grey,
            width,
            height,
        })
    }

    /// Width in pixels, above 0.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Height in pixels, above 0.
    pub fn height(&self) -> usize {
        self.height
    }

    /// The grey values of a row; empty below the image.
    pub fn row(&self, y: usize) -> &'a [u8] {
        let start = y.saturating_mul(self.width);
        self.grey.get(start..start + self.width).unwrap_or(&[])
    }

    /// The grey value at a place; beyond the edge that of the nearest pixel.
    pub fn at(&self, x: i32, y: i32) -> u8 {
        let column = x.clamp(0, self.width as i32 - 1) as usize;
        let row = y.clamp(0, self.height as i32 - 1) as usize;
        self.grey[row * self.width + column]
    }

    /// Whether a place lies inside.
    pub fn holds(&self, x: i32, y: i32) -> bool {
        (0..self.width as i32).contains(&x) && (0..self.height as i32).contains(&y)
    }
}

/// The middle value of some grey values, the lower one of two; None of nothing.
pub fn median(values: impl IntoIterator<Item = u8>) -> Option<u8> {
    let mut counts = [0_u32; 256];
    let mut total = 0;
    for value in values {
        counts[usize::from(value)] += 1;
        total += 1;
    }
    let mut left = (total + 1) / 2;
    for (value, count) in counts.iter().enumerate() {
        if left > 0 && *count >= left {
            return Some(value as u8);
        }
        left -= count;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plane_has_as_many_values_as_it_says() {
        let grey = [1, 2, 3, 4, 5, 6];
        assert!(Plane::new(&grey, 3, 3).is_none() && Plane::new(&[], 0, 0).is_none());
        let plane = Plane::new(&grey, 3, 2).map(|p| (p.at(-5, 0), p.at(2, 9), p.row(1), p.row(2)));
        assert_eq!(plane, Some((1, 6, &grey[3..], &[][..])));
    }

    #[test]
    fn the_middle_value_is_one_of_them() {
        assert_eq!(median([3, 250, 7]), Some(7));
        assert_eq!(median([3, 9]), Some(3));
        assert_eq!(median([]), None);
    }
}
