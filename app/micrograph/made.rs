//! Micrographs made from pixels alone, and TIFF files made from tags, for the tests beside the
//! code.

use super::{Header, Metadata, Micrograph, Pixels};

/// A micrograph of the given pixels, as if read from a TIFF.
pub(super) fn micrograph(width: u32, height: u32, pixels: Pixels) -> Micrograph {
    let (bits, samples) = match pixels {
        Pixels::Grey8(_) => (8, 1),
        Pixels::Grey16(_) => (16, 1),
        Pixels::Rgb8(_) => (8, 3),
        Pixels::Rgb16(_) => (16, 3),
        Pixels::Float32(_) => (32, 1),
    };
    let header = Header {
        format: "TIFF",
        width,
        height,
        bits,
        samples,
        pages: 1,
        page: 0,
    };
    Micrograph {
        calibration: None,
        metadata: Metadata::default(),
        pixels,
        header,
        hash: "h".into(),
        source: "made".into(),
    }
}

/// A tag whose value is numbers: id, type, values.
pub(super) type Numbers = (u16, u16, Vec<u64>);
/// A tag whose value is bytes as they stand: id, type, bytes.
pub(super) type Bytes = (u16, u16, Vec<u8>);

/// A little-endian TIFF file of one page with the given tags, its directory at byte 8.
pub(super) fn tiff(numbers: &[Numbers], bytes: &[Bytes]) -> Vec<u8> {
    tiff_of_pages(true, false, &[(numbers.to_vec(), bytes.to_vec())])
}

/// An 8-bit grey TIFF file, all of it black, with further tags.
pub(super) fn tiff_image(size_px: [u32; 2], numbers: &[Numbers], bytes: &[Bytes]) -> Vec<u8> {
    let [width, height] = size_px.map(u64::from);
    let mut all = vec![
        (256, 4, vec![width]),
        (257, 4, vec![height]),
        (258, 3, vec![8]),
        (259, 3, vec![1]),
        (262, 3, vec![1]),
        (273, 4, vec![0]),
        (277, 3, vec![1]),
        (278, 4, vec![height]),
        (279, 4, vec![width * height]),
    ];
    all.extend(numbers.iter().cloned());
    let mut file = tiff(&all, bytes);
    // The strip follows everything else; its offset is the value of the sixth entry.
    let strip_at = (file.len() as u32).to_le_bytes();
    file[8 + 2 + 5 * 12 + 8..][..4].copy_from_slice(&strip_at);
    file.resize(file.len() + (width * height) as usize, 0);
    file
}

/// A TIFF or BigTIFF file of pages of tags in either byte order; each directory is followed by
/// its values.
pub(super) fn tiff_of_pages(
    is_little_endian: bool,
    is_big: bool,
    pages: &[(Vec<Numbers>, Vec<Bytes>)],
) -> Vec<u8> {
    let put = |file: &mut Vec<u8>, value: u64, width: usize| {
        if is_little_endian {
            file.extend(&value.to_le_bytes()[..width]);
        } else {
            file.extend(&value.to_be_bytes()[8 - width..]);
        }
    };
    let (offset, count_bytes) = if is_big { (8, 8) } else { (4, 2) };
    let mut file = if is_little_endian {
        b"II".to_vec()
    } else {
        b"MM".to_vec()
    };
    put(&mut file, if is_big { 43 } else { 42 }, 2);
    if is_big {
        put(&mut file, 8, 2);
        put(&mut file, 0, 2);
    }
    let first = file.len() + offset;
    put(&mut file, first as u64, offset);
    for (page, (numbers, bytes)) in pages.iter().enumerate() {
        let width_of = |kind| match kind {
            3 => 2,
            4 | 5 => 4,
            12 => 8,
            _ => 1,
        };
        let mut entries: Vec<(u16, u16, u64, Vec<u8>)> = Vec::new();
        for (id, kind, values) in numbers {
            let mut raw = Vec::new();
            values
                .iter()
                .for_each(|value| put(&mut raw, *value, width_of(*kind)));
            let count = values.len() as u64 / if *kind == 5 { 2 } else { 1 };
            entries.push((*id, *kind, count, raw));
        }
        for (id, kind, raw) in bytes {
            entries.push((
                *id,
                *kind,
                (raw.len() / width_of(*kind)) as u64,
                raw.clone(),
            ));
        }
        let entry_bytes = 4 + 2 * offset;
        let mut value_at = file.len() + count_bytes + entries.len() * entry_bytes + offset;
        put(&mut file, entries.len() as u64, count_bytes);
        let mut values = Vec::new();
        for (id, kind, count, mut raw) in entries {
            put(&mut file, u64::from(id), 2);
            put(&mut file, u64::from(kind), 2);
            put(&mut file, count, offset);
            if raw.len() <= offset {
                raw.resize(offset, 0);
                file.extend(raw);
            } else {
                put(&mut file, value_at as u64, offset);
                value_at += raw.len();
                values.extend(raw);
            }
        }
        let next = if page + 1 < pages.len() { value_at } else { 0 };
        put(&mut file, next as u64, offset);
        file.extend(values);
    }
    file
}
