//! Palette TIFF, which the crate `tiff` refuses and two instrument makers write.
//!
//! Zeiss and JEOL store grey micrographs as indices into a colour map. [`AsGrey`] shows the
//! decoder the same file calling itself grey, so that it hands out the indices; [`Palette`]
//! turns those into what was meant: the index itself is no grey value. Called by `tiff.rs`.

use std::io::{Read, Result, Seek, SeekFrom};

/// The photometric interpretation of a palette image, and of the grey one it is taken for.
pub(super) const IS_PALETTE: u16 = 3;
const IS_GREY: u8 = 1;

/// A file in which one byte, the photometric interpretation, reads as grey.
pub(super) struct AsGrey<'r, R> {
    file: &'r mut R,
    position: u64,
    /// Where that byte is; `None` changes nothing.
    patch_at: Option<u64>,
}

impl<'r, R: Read + Seek> AsGrey<'r, R> {
    /// Reads `file` from its start.
    pub fn new(file: &'r mut R, patch_at: Option<u64>) -> Result<Self> {
        file.rewind()?;
        Ok(Self {
            file,
            position: 0,
            patch_at,
        })
    }
}

impl<R: Read> Read for AsGrey<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let got = self.file.read(buffer)?;
        let within = self.patch_at.and_then(|at| at.checked_sub(self.position));
        if let Some(within) = within.filter(|within| *within < got as u64)
            && let Some(byte) = buffer.get_mut(within as usize)
        {
            *byte = IS_GREY;
        }
        self.position += got as u64;
        Ok(got)
    }
}

impl<R: Seek> Seek for AsGrey<'_, R> {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        self.position = self.file.seek(to)?;
        Ok(self.position)
    }
}

/// What the indices of an 8-bit palette image mean.
pub(super) enum Palette {
    /// A grey for each index.
    Grey(Vec<u8>),
    /// A colour for each index.
    Colour(Vec<[u8; 3]>),
}

impl Palette {
    /// From a colour map: 256 reds, 256 greens, 256 blues of 16 bits, or of 8 as some writers
    /// have it. `None` if it has another length.
    pub fn from_map(map: &[u16]) -> Option<Self> {
        let [reds, greens, blues] = [map.get(..256)?, map.get(256..512)?, map.get(512..768)?];
        let shift = if map.iter().all(|value| *value < 256) {
            0
        } else {
            8
        };
        let colours: Vec<[u8; 3]> = reds
            .iter()
            .zip(greens)
            .zip(blues)
            .map(|((r, g), b)| [*r, *g, *b].map(|value| (value >> shift) as u8))
            .collect();
        let is_grey = colours.iter().all(|[r, g, b]| r == g && g == b);
        Some(if is_grey {
            Self::Grey(colours.iter().map(|colour| colour[0]).collect())
        } else {
            Self::Colour(colours)
        })
    }

    /// Samples a pixel: 1 or 3.
    pub fn samples(&self) -> u8 {
        match self {
            Self::Grey(_) => 1,
            Self::Colour(_) => 3,
        }
    }

    /// Looks the indices up.
    pub fn apply(&self, indices: Vec<u8>) -> Vec<u8> {
        match self {
            Self::Grey(greys) => indices
                .iter()
                .map(|index| greys[usize::from(*index)])
                .collect(),
            Self::Colour(colours) => indices
                .iter()
                .flat_map(|index| colours[usize::from(*index)])
                .collect(),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn map(colour: impl Fn(u16) -> [u16; 3]) -> Vec<u16> {
        (0..3)
            .flat_map(|part| {
                (0..256)
                    .map(|index| colour(index)[part])
                    .collect::<Vec<_>>()
            })
            .collect()
    }

    #[test]
    fn grey_maps_give_grey_and_the_index_is_not_the_grey() {
        let inverse = Palette::from_map(&map(|index| [(255 - index) * 257; 3])).unwrap();
        assert_eq!(inverse.samples(), 1);
        assert_eq!(inverse.apply(vec![0, 1, 255]), [255, 254, 0]);
    }

    #[test]
    fn one_coloured_entry_makes_it_colour() {
        let overlay = |index| {
            if index == 9 {
                [u16::MAX, 0, 0]
            } else {
                [index * 257; 3]
            }
        };
        let palette = Palette::from_map(&map(overlay)).unwrap();
        assert_eq!(palette.samples(), 3);
        assert_eq!(palette.apply(vec![8, 9]), [8, 8, 8, 255, 0, 0]);
    }

    #[test]
    fn maps_of_8_bits_and_of_odd_lengths() {
        let palette = Palette::from_map(&map(|index| [index; 3])).unwrap();
        assert_eq!(palette.apply(vec![200]), [200]);
        assert!(Palette::from_map(&[0; 48]).is_none());
    }

    #[test]
    fn the_patched_byte_is_found_however_the_file_is_read() {
        let bytes: Vec<u8> = (100..120).collect();
        for step in 1..8 {
            let mut file = Cursor::new(&bytes);
            let mut patched = AsGrey::new(&mut file, Some(7)).unwrap();
            patched.seek(SeekFrom::Start(3)).unwrap();
            let mut seen: Vec<u8> = Vec::new();
            let mut buffer = vec![0; step];
            while let got @ 1.. = patched.read(&mut buffer).unwrap() {
                seen.extend(&buffer[..got]);
            }
            let mut expected = bytes[3..].to_vec();
            expected[4] = 1;
            assert_eq!(seen, expected);
        }
    }
}
