//! YCbCr pixels that are not in a JPEG: blocks that share two colour differences become RGB.
//!
//! Weights of ITU-R BT.601, full range, as JPEG has them. Called by `unpack.rs`.

use std::io::{Read, Result};

/// Rows of RGB, read from blocks of `across` x `down` brightnesses and two differences.
pub(super) struct Rgb<R> {
    blocks: R,
    width: usize,
    across: usize,
    down: usize,
    /// The rows of one row of blocks.
    rows: Vec<u8>,
    /// How far they have been read.
    at: usize,
}

impl<R: Read> Rgb<R> {
    /// Rows of `width` pixels, in blocks of 1, 2 or 4 pixels across and down.
    pub fn new(blocks: R, width: u32, subsampling: [u32; 2]) -> Self {
        let [across, down] = subsampling.map(|side| side.max(1) as usize);
        Self {
            blocks,
            width: width as usize,
            across,
            down,
            rows: Vec::new(),
            at: 0,
        }
    }

    fn next_rows(&mut self) -> Result<()> {
        let brightnesses = self.across * self.down;
        let mut block = vec![0; brightnesses + 2];
        self.rows.resize(self.width * self.down * 3, 0);
        for left in (0..self.width).step_by(self.across) {
            self.blocks.read_exact(&mut block)?;
            let [blue, red] = [block[brightnesses], block[brightnesses + 1]];
            for (index, brightness) in block.iter().take(brightnesses).enumerate() {
                let (x, y) = (left + index % self.across, index / self.across);
                if x < self.width {
                    let at = (y * self.width + x) * 3;
                    self.rows[at..at + 3].copy_from_slice(&rgb(*brightness, blue, red));
                }
            }
        }
        self.at = 0;
        Ok(())
    }
}

impl<R: Read> Read for Rgb<R> {
    fn read(&mut self, to: &mut [u8]) -> Result<usize> {
        if self.at == self.rows.len() {
            self.next_rows()?;
        }
        let got = self.rows.get(self.at..).unwrap_or_default().read(to)?;
        self.at += got;
        Ok(got)
    }
}

fn rgb(brightness: u8, blue: u8, red: u8) -> [u8; 3] {
    let y = f32::from(brightness);
    let (blue, red) = (f32::from(blue) - 128.0, f32::from(red) - 128.0);
    [
        y + 1.402 * red,
        y - 0.344_136 * blue - 0.714_136 * red,
        y + 1.772 * blue,
    ]
    .map(|sample| sample.round().clamp(0.0, 255.0) as u8)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn blocks_share_their_colour_and_the_last_one_may_stick_out() {
        // Three pixels across in blocks of 2 x 2: one red block, one grey block.
        let blocks = [76, 80, 90, 100, 85, 255, 10, 0, 20, 0, 128, 128];
        let mut read = Vec::new();
        Rgb::new(&blocks[..], 3, [2, 2])
            .take(18)
            .read_to_end(&mut read)
            .unwrap();
        assert_eq!(read[..3], [254, 0, 0]);
        assert_eq!(read[6..9], [10, 10, 10]);
        assert_eq!(read[15..18], [20, 20, 20]);
        assert!(read[9] == 255 && read[12] == 255);
    }
}
