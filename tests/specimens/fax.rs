//! A picture of black and white runs, packed as fax machines do, from the code tables alone.

use super::SIZE;
use fax::maps::{black, white};
use fax::{BitWriter, Bits, Color, VecWriter, encoder};

/// The rows: which pixels are black. Two are white, two are black, others have long and short
/// runs; there are always two alike.
pub fn rows() -> Vec<Vec<bool>> {
    let is_black = |x: usize, y: usize| match y {
        0 => false,
        1 => true,
        _ => (x / (y + 1) + x * x / 300 + y) % 3 == 0,
    };
    let row = |y: usize| (0..SIZE[0]).map(|x| is_black(x, y / 2)).collect();
    (0..SIZE[1]).map(row).collect()
}

/// One row by its runs, the first of them white.
fn write_runs(bits: &mut VecWriter, row: &[bool]) {
    let mut runs = vec![(false, 0_u16)];
    for black in row {
        match runs.last_mut() {
            Some((colour, length)) if colour == black => *length += 1,
            _ => runs.push((*black, 1)),
        }
    }
    for (is_black, length) in runs {
        let code = if is_black {
            black::encode(length)
        } else {
            white::encode(length)
        };
        bits.write(code.unwrap()).unwrap();
    }
}

/// All rows by their runs: Group 3 with a mark in front of each, or without marks from a new
/// byte each.
pub fn by_runs(has_marks: bool) -> Vec<u8> {
    let mut bits = VecWriter::new();
    for row in rows() {
        if has_marks {
            bits.write(Bits { data: 1, len: 12 }).unwrap();
        }
        write_runs(&mut bits, &row);
        if !has_marks {
            bits.pad();
        }
    }
    bits.finish()
}

/// Group 3 in two dimensions: the first of two rows alike by its runs, the second by the first.
pub fn by_runs_and_the_last() -> Vec<u8> {
    let mut bits = VecWriter::new();
    let mut last: Option<Vec<bool>> = None;
    for row in rows() {
        bits.write(Bits { data: 1, len: 12 }).unwrap();
        let changes = row.windows(2).filter(|two| two[0] != two[1]).count();
        if last.as_ref() == Some(&row) {
            bits.write(Bits { data: 0, len: 1 }).unwrap();
            let all = changes + usize::from(row[0]) + 1;
            (0..all).for_each(|_| bits.write(Bits { data: 1, len: 1 }).unwrap());
        } else {
            bits.write(Bits { data: 1, len: 1 }).unwrap();
            write_runs(&mut bits, &row);
        }
        last = Some(row);
    }
    bits.finish()
}

/// Group 4.
pub fn by_the_last() -> Vec<u8> {
    let mut encoder = encoder::Encoder::new(VecWriter::new());
    for row in rows() {
        let colours = row.iter().map(|black| match black {
            true => Color::Black,
            false => Color::White,
        });
        encoder.encode_line(colours, SIZE[0] as u16).unwrap();
    }
    encoder.finish().unwrap().finish()
}
