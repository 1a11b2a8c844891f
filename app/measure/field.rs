//! What is measured: the grey of the specimen at full size, which pixels are specimen, and how
//! large a pixel is.
//!
//! Keeps the samples as the file has them; nothing is smoothed or stretched here. How fit they
//! are for measuring is in `fitness.rs`. Built by `command` and `worker`, used by all of
//! `measure`.

use crate::micrograph::{Calibration, Mask, Micrograph, Pixels, Region};
use rayon::prelude::*;
use std::borrow::Cow;

/// The grey plane of a micrograph.
#[derive(Clone, Debug)]
pub struct Field<'a> {
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// Grey values in the units of the file, row by row; all finite.
    pub grey: Cow<'a, [f32]>,
    /// Whether a pixel is specimen, row by row.
    pub valid: Vec<bool>,
    /// How large a pixel is, where that is known.
    pub calibration: Option<Calibration>,
}

impl<'a> Field<'a> {
    /// The specimen of a micrograph; colours become grey, what is no number is no specimen.
    pub fn of(micrograph: &'a Micrograph, mask: &Mask) -> Self {
        let (width, height) = (micrograph.width() as usize, micrograph.height() as usize);
        let mut valid = vec![true; width * height];
        leave_out(&mut valid, width, height, mask);
        let mut grey = grey(&micrograph.pixels);
        if grey.len() != valid.len() {
            grey.to_mut().resize(valid.len(), 0.0);
        }
        if grey.par_iter().any(|value| !value.is_finite()) {
            for (value, is) in grey.to_mut().iter_mut().zip(&mut valid) {
                if !value.is_finite() {
                    (*value, *is) = (0.0, false);
                }
            }
        }
        Self {
            width,
            height,
            grey,
            valid,
            calibration: micrograph.calibration.clone(),
        }
    }

    /// A field made of values alone, all of it specimen; `None` where their number does not fit.
    pub fn from_values(width: usize, height: usize, grey: Vec<f32>) -> Option<Self> {
        let fits = width.checked_mul(height) == Some(grey.len());
        let sound = grey.iter().all(|value| value.is_finite());
        (fits && sound && !grey.is_empty()).then(|| Self {
            width,
            height,
            valid: vec![true; grey.len()],
            grey: Cow::Owned(grey),
            calibration: None,
        })
    }

    /// Takes everything outside of a region for no specimen.
    pub fn keep_within(&mut self, region: Region) {
        let [x0, y0, x1, y1] = region.rect().map(|side| side as usize);
        let width = self.width.max(1);
        for (y, row) in self.valid.chunks_exact_mut(width).enumerate() {
            if !(y0..y1).contains(&y) {
                row.fill(false);
                continue;
            }
            let (left, right) = (x0.min(row.len()), x1.min(row.len()));
            row[..left].fill(false);
            row[right..].fill(false);
        }
    }

    /// The grey value of a pixel, the nearest one of the image where it lies outside.
    pub fn at(&self, x: isize, y: isize) -> f32 {
        let column = x.clamp(0, self.width as isize - 1) as usize;
        let row = y.clamp(0, self.height as isize - 1) as usize;
        self.grey[row * self.width + column]
    }

    /// The grey value at a place between pixels, whose centres are at whole numbers.
    pub fn between(&self, x: f32, y: f32) -> f32 {
        let (left, top) = (x.floor(), y.floor());
        let (u, v) = (x - left, y - top);
        let (left, top) = (left as isize, top as isize);
        let start = top.wrapping_mul(self.width as isize).wrapping_add(left) as usize;
        let within = left >= 0 && top >= 0 && left + 1 < self.width as isize;
        // Well inside, four pixels are two pairs; at the border each is looked for by itself.
        let pairs = within
            .then(|| {
                let grey: &[f32] = &self.grey;
                let upper = grey.get(start..start + 2)?;
                let lower = grey.get(start + self.width..start + self.width + 2)?;
                Some([[upper[0], upper[1]], [lower[0], lower[1]]])
            })
            .flatten();
        let [[a, b], [c, d]] = pairs
            .unwrap_or_else(|| [top, top + 1].map(|y| [self.at(left, y), self.at(left + 1, y)]));
        (a * (1.0 - u) + b * u) * (1.0 - v) + (c * (1.0 - u) + d * u) * v
    }

    /// Whether a pixel lies in the image and is specimen.
    pub fn is_specimen(&self, x: isize, y: isize) -> bool {
        let inside = x >= 0 && y >= 0 && x < self.width as isize && y < self.height as isize;
        inside && self.valid[y as usize * self.width + x as usize]
    }

    /// Pixels of specimen.
    pub fn area_px(&self) -> usize {
        self.valid.par_iter().filter(|is| **is).count()
    }

    /// Left, top, right and bottom (beyond the last) of the smallest box around the specimen;
    /// `None` where there is none.
    pub fn specimen(&self) -> Option<[usize; 4]> {
        let mut found: Option<[usize; 4]> = None;
        for (y, row) in self.valid.chunks_exact(self.width.max(1)).enumerate() {
            let Some(first) = row.iter().position(|is| *is) else {
                continue;
            };
            let end = row.iter().rposition(|is| *is).unwrap_or(first) + 1;
            let [left, top, right, _] = found.unwrap_or([first, y, end, y + 1]);
            found = Some([left.min(first), top, right.max(end), y + 1]);
        }
        found
    }
}

/// Marks what a mask leaves out, and the strips beyond what it crops off.
fn leave_out(valid: &mut [bool], width: usize, height: usize, mask: &Mask) {
    let mut clear = |[x0, y0, x1, y1]: [usize; 4]| {
        let (x0, x1) = (x0.min(width), x1.min(width));
        for y in y0.min(height)..y1.min(height) {
            if let Some(row) = valid.get_mut(y * width + x0..y * width + x1.max(x0)) {
                row.fill(false);
            }
        }
    };
    for rect in mask.left_out() {
        clear(rect.map(|side| side as usize));
    }
    let [x0, y0, x1, y1] = mask
        .cropped([0, 0, width as u32, height as u32])
        .map(|side| side as usize);
    clear([0, 0, width, y0]);
    clear([0, y1, width, height]);
    clear([0, y0, x0, y1]);
    clear([x1, y0, width, y1]);
}

/// Grey values of samples of any depth; colours weighed as the eye does, ITU-R BT.601.
fn grey(pixels: &Pixels) -> Cow<'_, [f32]> {
    fn luma(red: f32, green: f32, blue: f32) -> f32 {
        0.299 * red + 0.587 * green + 0.114 * blue
    }
    match pixels {
        Pixels::Float32(values) => Cow::Borrowed(values),
        Pixels::Grey8(values) => values.par_iter().map(|v| f32::from(*v)).collect(),
        Pixels::Grey16(values) => values.par_iter().map(|v| f32::from(*v)).collect(),
        Pixels::Rgb8(values) => {
            let of = |rgb: &[u8]| luma(rgb[0].into(), rgb[1].into(), rgb[2].into());
            values.par_chunks_exact(3).map(of).collect()
        }
        Pixels::Rgb16(values) => {
            let of = |rgb: &[u16]| luma(rgb[0].into(), rgb[1].into(), rgb[2].into());
            values.par_chunks_exact(3).map(of).collect()
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::micrograph::{Edits, Limits, Printed, read_bytes};

    fn micrograph(width: u32, height: u32, grey: &[u8]) -> Micrograph {
        let mut file = std::io::Cursor::new(Vec::new());
        let image = image::GrayImage::from_raw(width, height, grey.to_vec()).unwrap();
        image.write_to(&mut file, image::ImageFormat::Png).unwrap();
        read_bytes(file.get_ref(), "made.png", Limits::default()).unwrap()
    }

    #[test]
    fn what_a_mask_leaves_out_is_no_specimen() {
        let grey: Vec<u8> = (0..40 * 30).map(|i| (i % 251) as u8).collect();
        let micrograph = micrograph(40, 30, &grey);
        let edits = Edits {
            added: vec![[10, 5, 14, 9], [38, 0, 99, 30]],
            kept: Vec::new(),
        };
        let mask = Mask::of([40, 30], &Printed::default(), &edits);
        let field = Field::of(&micrograph, &mask);
        assert_eq!((field.width, field.height), (40, 30));
        assert_eq!(field.at(3, 2), 83.0);
        assert!(!field.is_specimen(10, 5) && field.is_specimen(14, 5));
        assert!(!field.is_specimen(39, 20) && !field.is_specimen(-1, 0));
        assert_eq!(field.area_px(), 38 * 30 - 16);
        assert_eq!(field.specimen(), Some([0, 0, 38, 30]));
    }

    #[test]
    fn a_region_is_all_there_is() {
        let mut field = Field::from_values(40, 30, vec![1.0; 1200]).unwrap();
        field.keep_within(Region::new([10, 5], [12, 20], [40, 30]).unwrap());
        assert_eq!(field.specimen(), Some([10, 5, 22, 25]));
        assert_eq!(field.area_px(), 12 * 20);
    }

    #[test]
    fn values_between_pixels_are_interpolated() {
        let field = Field::from_values(2, 2, vec![0.0, 1.0, 2.0, 3.0]).unwrap();
        assert_eq!(field.between(0.5, 0.5), 1.5);
        assert_eq!(field.between(0.25, 1.0), 2.25);
        assert_eq!(field.between(-3.0, 9.0), 2.0);
        assert!(Field::from_values(2, 2, vec![0.0; 3]).is_none());
        assert!(Field::from_values(1, 1, vec![f32::NAN]).is_none());
    }
}
