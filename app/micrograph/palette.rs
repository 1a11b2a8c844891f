//! The colour maps of palette TIFFs: what an index means.
//!
//! Zeiss and JEOL store grey micrographs as indices into a map, and the index itself is no grey
//! value. A map may hold some colours for overlays: they make the image a coloured one only
//! where they are used. Called by `tiff.rs`.

use super::Pixels;
use super::error::ReadError;
use super::read::Job;

/// What each index means: red, green, blue.
pub(super) struct Palette(Vec<[u8; 3]>);

impl Palette {
    /// From the map of a palette of so many bits: all reds, all greens, all blues of 16 bits,
    /// or of 8 as some writers have it. `None` if it is shorter.
    pub fn from_map(map: &[u16], bits: u16) -> Option<Self> {
        let each = 1 << bits.min(8);
        let [reds, greens, blues] = [
            map.get(..each)?,
            map.get(each..2 * each)?,
            map.get(2 * each..3 * each)?,
        ];
        let shift = if map.iter().all(|value| *value < 256) {
            0
        } else {
            8
        };
        let colours = reds.iter().zip(greens).zip(blues);
        let colours = colours.map(|((r, g), b)| [*r, *g, *b].map(|value| (value >> shift) as u8));
        Some(Self(colours.collect()))
    }

    /// Looks the indices up: grey if all of the colours that are used are.
    pub fn apply(&self, mut indices: Vec<u8>, job: &Job<'_>) -> Result<Pixels, ReadError> {
        let mut is_used = [false; 256];
        for index in &indices {
            is_used[usize::from(*index)] = true;
        }
        let used = self.0.iter().zip(is_used).filter(|(_, is_used)| *is_used);
        let is_grey = used.clone().all(|([r, g, b], _)| r == g && g == b);
        let colour = |index: u8| self.0.get(usize::from(index)).copied().unwrap_or_default();
        if is_grey {
            indices.iter_mut().for_each(|i| *i = colour(*i)[0]);
            return Ok(Pixels::Grey8(indices));
        }
        let mut rgb = job.zeroed(indices.len() * 3)?;
        for (to, index) in rgb.chunks_exact_mut(3).zip(&indices) {
            to.copy_from_slice(&colour(*index));
        }
        Ok(Pixels::Rgb8(rgb))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::micrograph::Limits;

    fn map(colour: impl Fn(u16) -> [u16; 3]) -> Vec<u16> {
        (0..3)
            .flat_map(|part| {
                (0..256)
                    .map(|index| colour(index)[part])
                    .collect::<Vec<_>>()
            })
            .collect()
    }

    fn looked_up(map: &[u16], bits: u16, indices: &[u8]) -> Pixels {
        let job = Job::new("made.tif".into(), Limits::default(), &|| false);
        let palette = Palette::from_map(map, bits).unwrap();
        palette.apply(indices.to_vec(), &job).unwrap()
    }

    #[test]
    fn grey_maps_give_grey_and_the_index_is_not_the_grey() {
        let inverse = map(|index| [(255 - index) * 257; 3]);
        let pixels = looked_up(&inverse, 8, &[0, 1, 255]);
        assert!(matches!(pixels, Pixels::Grey8(read) if read == [255, 254, 0]));
    }

    #[test]
    fn colours_count_only_where_they_are_used() {
        let overlay = map(|index| match index {
            9 => [u16::MAX, 0, 0],
            _ => [index * 257; 3],
        });
        let pixels = looked_up(&overlay, 8, &[8, 10]);
        assert!(matches!(pixels, Pixels::Grey8(read) if read == [8, 10]));
        let pixels = looked_up(&overlay, 8, &[8, 9]);
        assert!(matches!(pixels, Pixels::Rgb8(read) if read == [8, 8, 8, 255, 0, 0]));
    }

    #[test]
    fn maps_of_8_bits_and_of_other_lengths() {
        let pixels = looked_up(&map(|index| [index; 3]), 8, &[200]);
        assert!(matches!(pixels, Pixels::Grey8(read) if read == [200]));
        assert!(Palette::from_map(&[0; 9], 2).is_none());
        let two = [0xff00, 0, 0xff00, 0, 0xff00, 0];
        let pixels = looked_up(&two, 1, &[0, 1]);
        assert!(matches!(pixels, Pixels::Grey8(read) if read == [255, 0]));
    }
}
