//! A row of bytes becomes samples: any number of bits, either order of bytes, whole numbers or
//! floating-point ones; and differences become what they are differences of.
//!
//! Pure functions on one row. Called by `tiff.rs`, and by `dm.rs` for plain numbers.

use super::page::Format;

/// How samples are written.
#[derive(Clone, Copy, Debug)]
pub(in crate::micrograph) struct Encoding {
    pub bits: u16,
    pub format: Format,
    pub is_little_endian: bool,
}

/// A sample as it is kept in memory.
pub(in crate::micrograph) trait Sample: Copy + Default {
    /// Fills `to` from the start of `bytes`.
    fn read_row(encoding: Encoding, bytes: &[u8], to: &mut [Self]);
}

impl Sample for u8 {
    fn read_row(encoding: Encoding, bytes: &[u8], to: &mut [Self]) {
        if encoding.bits == 8 {
            let most = to.len().min(bytes.len());
            to[..most].copy_from_slice(&bytes[..most]);
        } else {
            unpack(encoding.bits, bytes, to, |value| value as u8);
        }
    }
}

impl Sample for u16 {
    fn read_row(encoding: Encoding, bytes: &[u8], to: &mut [Self]) {
        match (encoding.bits, encoding.is_little_endian) {
            (16, true) => words(bytes, to, Self::from_le_bytes),
            (16, false) => words(bytes, to, Self::from_be_bytes),
            (bits, _) => unpack(bits, bytes, to, |value| value as u16),
        }
    }
}

impl Sample for f32 {
    /// Whole numbers of 32 bits are rounded to 24 significant bits, doubles to floats.
    fn read_row(encoding: Encoding, bytes: &[u8], to: &mut [Self]) {
        let is_little = encoding.is_little_endian;
        match (encoding.format, encoding.bits) {
            (Format::Signed, 8) => words(bytes, to, |[b]| f32::from(b as i8)),
            (Format::Signed, 16) => words(bytes, to, |b| {
                f32::from(in_order(b, is_little, i16::from_be_bytes))
            }),
            (Format::Signed, 32) => words(bytes, to, |b| {
                in_order(b, is_little, i32::from_be_bytes) as f32
            }),
            (Format::Unsigned, 32) => words(bytes, to, |b| {
                in_order(b, is_little, u32::from_be_bytes) as f32
            }),
            (Format::Float, 16) => words(bytes, to, |b| {
                from_half(in_order(b, is_little, u16::from_be_bytes))
            }),
            (Format::Float, 32) => words(bytes, to, |b| in_order(b, is_little, f32::from_be_bytes)),
            (Format::Float, 64) => words(bytes, to, |b| {
                in_order(b, is_little, f64::from_be_bytes) as f32
            }),
            (Format::Unsigned, bits) => unpack(bits, bytes, to, |value| value as f32),
            _ => {}
        }
    }
}

fn in_order<const N: usize, T>(
    mut bytes: [u8; N],
    is_little: bool,
    join: impl Fn([u8; N]) -> T,
) -> T {
    if is_little {
        bytes.reverse();
    }
    join(bytes)
}

fn words<const N: usize, T>(bytes: &[u8], to: &mut [T], join: impl Fn([u8; N]) -> T) {
    for (to, word) in to.iter_mut().zip(bytes.as_chunks::<N>().0) {
        *to = join(*word);
    }
}

/// Samples of up to 16 bits side by side, the highest bit first.
fn unpack<T>(bits: u16, bytes: &[u8], to: &mut [T], from: impl Fn(u32) -> T) {
    let bits = u32::from(bits.clamp(1, 16));
    let mask = (1 << bits) - 1;
    let (mut waiting, mut held) = (0_u32, 0);
    let mut bytes = bytes.iter();
    for to in to {
        while held < bits {
            waiting = waiting << 8 | u32::from(bytes.next().copied().unwrap_or(0));
            held += 8;
        }
        held -= bits;
        *to = from(waiting >> held & mask);
    }
}

/// The value of a floating-point number of 16 bits.
fn from_half(half: u16) -> f32 {
    let sign = if half & 0x8000 == 0 { 1.0 } else { -1.0 };
    let (exponent, fraction) = (i32::from(half >> 10 & 0x1f), f32::from(half & 0x3ff));
    match exponent {
        0 => sign * fraction * 2.0_f32.powi(-24),
        31 if fraction == 0.0 => sign * f32::INFINITY,
        31 => f32::NAN,
        _ => sign * (1.0 + fraction / 1024.0) * 2.0_f32.powi(exponent - 15),
    }
}

/// Turns the differences between neighbouring samples, `together` of them a pixel, into the
/// samples (predictor 2).
pub(super) fn add_up(encoding: Encoding, together: usize, row: &mut [u8]) {
    match encoding.bits {
        8 => add_up_words(row, together, |[a]: [u8; 1], [b]| [a.wrapping_add(b)]),
        16 if encoding.is_little_endian => add_up_words(row, together, |a, b| {
            let sum = u16::from_le_bytes(a).wrapping_add(u16::from_le_bytes(b));
            sum.to_le_bytes()
        }),
        16 => add_up_words(row, together, |a, b| {
            let sum = u16::from_be_bytes(a).wrapping_add(u16::from_be_bytes(b));
            sum.to_be_bytes()
        }),
        32 if encoding.is_little_endian => add_up_words(row, together, |a, b| {
            let sum = u32::from_le_bytes(a).wrapping_add(u32::from_le_bytes(b));
            sum.to_le_bytes()
        }),
        32 => add_up_words(row, together, |a, b| {
            let sum = u32::from_be_bytes(a).wrapping_add(u32::from_be_bytes(b));
            sum.to_be_bytes()
        }),
        64 if encoding.is_little_endian => add_up_words(row, together, |a, b| {
            let sum = u64::from_le_bytes(a).wrapping_add(u64::from_le_bytes(b));
            sum.to_le_bytes()
        }),
        64 => add_up_words(row, together, |a, b| {
            let sum = u64::from_be_bytes(a).wrapping_add(u64::from_be_bytes(b));
            sum.to_be_bytes()
        }),
        _ => {}
    }
}

fn add_up_words<const N: usize>(
    row: &mut [u8],
    together: usize,
    add: impl Fn([u8; N], [u8; N]) -> [u8; N],
) {
    let (words, _) = row.as_chunks_mut::<N>();
    for index in together.max(1)..words.len() {
        words[index] = add(words[index - together.max(1)], words[index]);
    }
}

/// Turns the differences between neighbouring bytes, with all highest bytes of a row first,
/// into floating-point samples with their highest byte first (predictor 3).
pub(super) fn add_up_bytes(bits: u16, together: usize, row: &mut [u8], scratch: &mut Vec<u8>) {
    add_up_words(row, together, |[a]: [u8; 1], [b]| [a.wrapping_add(b)]);
    let bytes = usize::from(bits / 8).max(1);
    let samples = row.len() / bytes;
    scratch.clear();
    scratch.extend_from_slice(row);
    for (sample, word) in row.chunks_exact_mut(bytes).enumerate() {
        for (byte, to) in word.iter_mut().enumerate() {
            *to = scratch[byte * samples + sample];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T: Sample>(bits: u16, format: Format, is_little_endian: bool, bytes: &[u8]) -> Vec<T> {
        let mut to = vec![T::default(); bytes.len() * 8 / usize::from(bits)];
        let encoding = Encoding {
            bits,
            format,
            is_little_endian,
        };
        T::read_row(encoding, bytes, &mut to);
        to
    }

    #[test]
    fn bits_are_taken_from_the_highest() {
        let unsigned = Format::Unsigned;
        assert_eq!(
            read::<u8>(1, unsigned, true, &[0b1010_0001]),
            [1, 0, 1, 0, 0, 0, 0, 1]
        );
        assert_eq!(read::<u8>(4, unsigned, true, &[0x2f, 0x10]), [2, 15, 1, 0]);
        assert_eq!(
            read::<u16>(12, unsigned, true, &[0xab, 0xc1, 0x23]),
            [0xabc, 0x123]
        );
        assert_eq!(read::<u8>(3, unsigned, true, &[0b1110_0101]), [7, 1]);
    }

    #[test]
    fn words_of_either_order() {
        assert_eq!(read::<u16>(16, Format::Unsigned, true, &[1, 2]), [0x201]);
        assert_eq!(read::<u16>(16, Format::Unsigned, false, &[1, 2]), [0x102]);
        assert_eq!(read::<f32>(16, Format::Signed, true, &[0xfe, 0xff]), [-2.0]);
        assert_eq!(read::<f32>(8, Format::Signed, true, &[0x80]), [-128.0]);
        let bytes = (-7_000_000_i32).to_be_bytes();
        assert_eq!(read::<f32>(32, Format::Signed, false, &bytes), [-7e6]);
        let bytes = 3_000_000_000_u32.to_le_bytes();
        assert_eq!(read::<f32>(32, Format::Unsigned, true, &bytes), [3e9]);
        let bytes = 0.25_f64.to_be_bytes();
        assert_eq!(read::<f32>(64, Format::Float, false, &bytes), [0.25]);
        let bytes = (-1.5_f32).to_le_bytes();
        assert_eq!(read::<f32>(32, Format::Float, true, &bytes), [-1.5]);
    }

    #[test]
    fn halves_are_floats() {
        let halves = [0x3c00, 0xc000, 0x7bff, 0x0001, 0x7c00, 0xfc00, 0x8000];
        let floats = halves.map(from_half);
        assert_eq!(floats[..3], [1.0, -2.0, 65504.0]);
        assert_eq!(floats[3], 2.0_f32.powi(-24));
        assert_eq!(floats[4..6], [f32::INFINITY, f32::NEG_INFINITY]);
        assert!(floats[6] == 0.0 && from_half(0x7e00).is_nan());
    }

    #[test]
    fn differences_add_up_by_colour() {
        let encoding = |bits| Encoding {
            bits,
            format: Format::Unsigned,
            is_little_endian: true,
        };
        let mut row = [1, 2, 3, 10, 20, 255];
        add_up(encoding(8), 3, &mut row);
        assert_eq!(row, [1, 2, 3, 11, 22, 2]);
        let mut row = [0xff, 0x00, 0x01, 0x00];
        add_up(encoding(16), 1, &mut row);
        assert_eq!(row, [0xff, 0x00, 0x00, 0x01]);
        // Two floats, 1.0 and 1.5, as predictor 3 writes them.
        let planes = [0x3f, 0x3f, 0x80, 0xc0, 0, 0, 0, 0_u8];
        let mut row = [0; 8];
        row[0] = planes[0];
        (1..8).for_each(|i| row[i] = planes[i].wrapping_sub(planes[i - 1]));
        add_up_bytes(32, 1, &mut row, &mut Vec::new());
        assert_eq!(read::<f32>(32, Format::Float, false, &row), [1.0, 1.5]);
    }
}
