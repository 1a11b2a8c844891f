//! An image as rows of 8-bit greys that are certainly there.
//!
//! Never copies the greys. Called by `appearance` and what it is made of.

/// Greys of 0 to 255, row by row.
#[derive(Clone, Copy)]
pub struct Greys<'a> {
    /// `width` times `height` of them.
    pub pixels: &'a [u8],
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

impl<'a> Greys<'a> {
    /// The whole rows that `pixels` has, at most `height`; none where `width` is 0.
    pub fn new(pixels: &'a [u8], width: usize, height: usize) -> Greys<'a> {
        let height = pixels.len().checked_div(width).unwrap_or(0).min(height);
        let width = if height == 0 { 0 } else { width };
        let pixels = pixels.get(..width * height).unwrap_or_default();
        Greys {
            pixels,
            width,
            height,
        }
    }

    /// Pixels of each grey.
    pub fn histogram(&self) -> [u64; 256] {
        let mut counts = [0; 256];
        for grey in self.pixels {
            counts[usize::from(*grey)] += 1;
        }
        counts
    }

    /// Change of grey a pixel, to the right and downwards: half the difference of the two
    /// neighbours, at a border the difference to the only one.
    pub fn gradient(&self, x: usize, y: usize) -> (f64, f64) {
        let right = slope(x, self.width, |x| self.pixels[y * self.width + x]);
        let down = slope(y, self.height, |y| self.pixels[y * self.width + x]);
        (right, down)
    }
}

fn slope(at: usize, length: usize, grey: impl Fn(usize) -> u8) -> f64 {
    let (before, after) = (at.saturating_sub(1), (at + 1).min(length - 1));
    if before == after {
        return 0.0;
    }
    (f64::from(grey(after)) - f64::from(grey(before))) / (after - before) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_rows_are_taken() {
        let size = |pixels: &[u8], width, height| {
            let greys = Greys::new(pixels, width, height);
            assert_eq!(greys.pixels.len(), greys.width * greys.height);
            (greys.width, greys.height)
        };
        assert_eq!(size(&[1, 2, 3, 4, 5], 2, 2), (2, 2));
        assert_eq!(size(&[1, 2, 3, 4, 5], 2, usize::MAX), (2, 2));
        assert_eq!(size(&[1, 2, 3], usize::MAX, usize::MAX), (0, 0));
        assert_eq!(size(&[1, 2, 3], 0, 3), (0, 0));
        assert_eq!(size(&[], 4, 4), (0, 0));
    }

    #[test]
    fn a_gradient_is_one_sided_at_borders() {
        let greys = Greys::new(&[0, 10, 40, 50, 0, 0], 3, 2);
        assert_eq!(greys.gradient(0, 0), (10.0, 50.0));
        assert_eq!(greys.gradient(1, 0), (20.0, -10.0));
        assert_eq!(greys.gradient(2, 1), (0.0, -40.0));
        assert_eq!(Greys::new(&[7], 1, 1).gradient(0, 0), (0.0, 0.0));
    }
}
