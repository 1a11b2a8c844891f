//! CCITT fax compression: Group 3 in one and two dimensions, Group 4, and the kind without line
//! ends. Rows become packed bits, 1 for black, as TIFF has them.
//!
//! The codes come from the crate `fax`; its own decoders know neither two-dimensional Group 3
//! nor the height of a strip. After ITU-T T.4 and T.6. Called by `unpack.rs`.

use super::page::Packing;
use ::fax::maps::{Mode, black, mode, white};
use ::fax::{BitReader, ByteReader};
use std::convert::Infallible;
use std::io::{Error, ErrorKind, Result};

/// Rows of `width` pixels, one byte for eight pixels.
pub(super) fn decode(
    bytes: &[u8],
    [width, rows]: [u32; 2],
    packing: Packing,
    t4_options: u64,
) -> Result<Vec<u8>> {
    let width = u16::try_from(width).map_err(|_| damaged())?;
    let row_bytes = usize::from(width).div_ceil(8);
    let mut image = vec![0; row_bytes * rows as usize];
    let mut strip = Strip::new(bytes, width);
    for row in image.chunks_exact_mut(row_bytes) {
        let goes_on = match packing {
            Packing::Fax2 => strip.aligned_row()?,
            Packing::Fax3 => strip.group_3_row(t4_options & 1 == 1)?,
            _ => strip.row_by_the_last()?,
        };
        // Rows after an early end mark are white.
        if !goes_on {
            break;
        }
        paint(&strip.row, width, row);
    }
    Ok(image)
}

/// Sets the bits between each change to black and the next change to white.
fn paint(changes: &[u16], width: u16, row: &mut [u8]) {
    for black in changes.chunks(2) {
        let end = black.get(1).copied().unwrap_or(width);
        for x in usize::from(black[0])..usize::from(end) {
            row[x / 8] |= 0x80 >> (x % 8);
        }
    }
}

fn damaged() -> Error {
    Error::new(ErrorKind::InvalidData, "its fax data are damaged")
}

type Bits<'b> = ByteReader<Box<dyn Iterator<Item = std::result::Result<u8, Infallible>> + 'b>>;

/// A strip being decoded. Rows are lists of the places where the colour changes, beginning
/// with the change from white to black.
struct Strip<'b> {
    bits: Option<Bits<'b>>,
    width: u16,
    row: Vec<u16>,
}

impl<'b> Strip<'b> {
    fn new(bytes: &'b [u8], width: u16) -> Self {
        // The last code may be shorter than what is looked at to find it.
        let padded = bytes.iter().copied().chain([0; 4]).map(Ok);
        let padded: Box<dyn Iterator<Item = _>> = Box::new(padded);
        Self {
            bits: ByteReader::new(padded).ok(),
            width,
            row: Vec::new(),
        }
    }

    fn bits(&mut self) -> Result<&mut Bits<'b>> {
        self.bits.as_mut().ok_or_else(damaged)
    }

    fn skip(&mut self, bits: u8) -> Result<()> {
        self.bits()?.consume(bits).map_err(|_| damaged())
    }

    fn aligned_row(&mut self) -> Result<bool> {
        self.row_of_runs()?;
        let rest = self.bits()?.bits_to_byte_boundary();
        self.skip(rest)?;
        Ok(true)
    }

    fn group_3_row(&mut self, is_two_dimensional: bool) -> Result<bool> {
        let mut is_first_kind = true;
        let mut marks = 0;
        loop {
            match self.bits()?.peek(12) {
                Some(0) => self.skip(1)?,
                Some(1) => {
                    self.skip(12)?;
                    marks += 1;
                    if is_two_dimensional {
                        is_first_kind = self.bits()?.peek(1) == Some(1);
                        self.skip(1)?;
                    }
                    // Two marks in a row begin the end of the page.
                    if marks == 2 {
                        return Ok(false);
                    }
                }
                Some(_) => break,
                None => return Err(damaged()),
            }
        }
        if is_first_kind {
            self.row_of_runs()?;
            return Ok(true);
        }
        self.row_by_the_last()
    }

    /// A row that is told by the lengths of its runs.
    fn row_of_runs(&mut self) -> Result<()> {
        let mut row = Vec::new();
        let (mut at, mut is_black) = (0, false);
        while at < self.width {
            at = self.run_from(at, is_black)?;
            row.push(at);
            self.check_length(&row)?;
            is_black = !is_black;
        }
        self.row = self.true_changes(&row);
        Ok(())
    }

    /// Where the run that begins at `at` ends.
    fn run_from(&mut self, at: u16, is_black: bool) -> Result<u16> {
        let width = self.width;
        let bits = self.bits()?;
        let mut end = at;
        loop {
            let length = if is_black {
                black::decode(bits)
            } else {
                white::decode(bits)
            };
            let length = length.ok_or_else(damaged)?;
            end = end
                .checked_add(length)
                .filter(|end| *end <= width)
                .ok_or_else(damaged)?;
            if length < 64 {
                return Ok(end);
            }
        }
    }

    /// A row that is told by how it differs from the one before; false at the end of the page.
    fn row_by_the_last(&mut self) -> Result<bool> {
        let width = self.width;
        let last = std::mem::take(&mut self.row);
        let change = |index: usize| last.get(index).copied().unwrap_or(width);
        let mut row = Vec::new();
        let (mut at, mut is_black, mut is_start) = (0, false, true);
        let mut next = 0;
        while at < width {
            while last
                .get(next)
                .is_some_and(|change| *change < at || (*change == at && !is_start))
            {
                next += 1;
            }
            // The next change of the last row that leads away from the present colour.
            let opposite = next + usize::from((next % 2 == 1) != is_black);
            let is_end_mark = self.bits()?.peek(12) == Some(1);
            match mode::decode(self.bits()?).ok_or_else(damaged)? {
                Mode::Pass => at = change(opposite + 1),
                Mode::Vertical(by) => {
                    let to = i32::from(change(opposite)) + i32::from(by);
                    at = u16::try_from(to)
                        .ok()
                        .filter(|to| *to >= at && *to <= width)
                        .ok_or_else(damaged)?;
                    row.push(at);
                    is_black = !is_black;
                }
                Mode::Horizontal => {
                    for is_black in [is_black, !is_black] {
                        at = self.run_from(at, is_black)?;
                        row.push(at);
                    }
                }
                Mode::EOF if is_end_mark => return Ok(false),
                Mode::EOF | Mode::Extension => return Err(damaged()),
            }
            self.check_length(&row)?;
            is_start = false;
        }
        self.row = self.true_changes(&row);
        Ok(true)
    }

    /// Runs of no length cost bits of the file but no pixels: an end to them.
    fn check_length(&self, row: &[u16]) -> Result<()> {
        if row.len() > 2 * usize::from(self.width) + 4 {
            return Err(damaged());
        }
        Ok(())
    }

    /// Without pairs of changes at one place, and without those at the row's end.
    fn true_changes(&self, row: &[u16]) -> Vec<u16> {
        let mut changes: Vec<u16> = Vec::with_capacity(row.len());
        for change in row.iter().filter(|change| **change < self.width) {
            if changes.last() == Some(change) {
                changes.pop();
            } else {
                changes.push(*change);
            }
        }
        changes
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use ::fax::{BitWriter, Bits as Code, Color, VecWriter, encoder};

    /// Rows of a pattern with long and short runs, an empty and a full row.
    fn is_black(x: u16, y: u16) -> bool {
        match y {
            0 => false,
            1 => true,
            _ => (x / (y + 1) + x * x / 300 + y) % 3 == 0,
        }
    }

    fn packed([width, rows]: [u16; 2]) -> Vec<u8> {
        let byte = |y: u16, first: u16| {
            let bits = (first..first + 8).map(|x| x < width && is_black(x, y));
            bits.fold(0, |byte, bit| byte << 1 | u8::from(bit))
        };
        (0..rows)
            .flat_map(|y| (0..width).step_by(8).map(move |first| byte(y, first)))
            .collect()
    }

    fn runs(width: u16, y: u16) -> Vec<(bool, u16)> {
        let mut runs = vec![(false, 0)];
        for x in 0..width {
            let black = is_black(x, y);
            match runs.last_mut() {
                Some((colour, length)) if *colour == black => *length += 1,
                _ => runs.push((black, 1)),
            }
        }
        runs
    }

    /// One row by its runs, from the code tables alone.
    fn write_runs(bits: &mut VecWriter, width: u16, y: u16) {
        for (black, mut length) in runs(width, y) {
            let code = |of: u16| {
                let code = if black {
                    black::encode(of)
                } else {
                    white::encode(of)
                };
                code.unwrap()
            };
            if length >= 64 {
                bits.write(code(length / 64 * 64)).unwrap();
                length %= 64;
            }
            bits.write(code(length)).unwrap();
        }
    }

    const SIZE: [u16; 2] = [203, 60];

    #[test]
    fn group_4_rows_come_back() {
        let mut encoder = encoder::Encoder::new(VecWriter::new());
        for y in 0..SIZE[1] {
            let colours = (0..SIZE[0]).map(|x| match is_black(x, y) {
                true => Color::Black,
                false => Color::White,
            });
            encoder.encode_line(colours, SIZE[0]).unwrap();
        }
        let bytes = encoder.finish().unwrap().finish();
        let read = decode(&bytes, SIZE.map(u32::from), Packing::Fax4, 0).unwrap();
        assert_eq!(read, packed(SIZE));
        let taller = decode(&bytes, [203, 62], Packing::Fax4, 0).unwrap();
        assert!(taller[packed(SIZE).len()..].iter().all(|bits| *bits == 0));
    }

    #[test]
    fn rows_of_runs_come_back_with_and_without_line_ends() {
        let (mut plain, mut marked) = (VecWriter::new(), VecWriter::new());
        for y in 0..SIZE[1] {
            write_runs(&mut plain, SIZE[0], y);
            plain.pad();
            marked.write(Code { data: 1, len: 12 }).unwrap();
            write_runs(&mut marked, SIZE[0], y);
        }
        let size = SIZE.map(u32::from);
        let read = decode(&plain.finish(), size, Packing::Fax2, 0).unwrap();
        assert_eq!(read, packed(SIZE));
        let read = decode(&marked.finish(), size, Packing::Fax3, 0).unwrap();
        assert_eq!(read, packed(SIZE));
    }

    #[test]
    fn group_3_in_two_dimensions_says_for_each_row_how_it_is_told() {
        // Row 0: four white, four black, by runs. Row 1: the same, by the last row.
        let mut bits = VecWriter::new();
        let code = |data, len| Code { data, len };
        for next in [code(1, 12), code(1, 1), code(0b1011, 4), code(0b011, 3)] {
            bits.write(next).unwrap();
        }
        for next in [code(1, 12), code(0, 1), code(1, 1), code(1, 1)] {
            bits.write(next).unwrap();
        }
        let read = decode(&bits.finish(), [8, 2], Packing::Fax3, 1).unwrap();
        assert_eq!(read, [0x0f, 0x0f]);
    }

    #[test]
    fn bits_without_sense_are_an_error() {
        for packing in [Packing::Fax2, Packing::Fax3, Packing::Fax4] {
            assert!(decode(&[0; 40], [64, 8], packing, 0).is_err());
            assert!(decode(&[], [64, 8], packing, 0).is_err());
        }
    }
}
