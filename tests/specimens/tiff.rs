//! TIFF files of many flavours, by a writer that has nothing in common with the reader.

use super::tiff_writer::{Tag, Tiff};
use super::{PIXELS, SIZE, Specimen, as_f64, as_u8, fax, jpeg, noise, slope};
use flate2::{Compression, write::ZlibEncoder};
use std::io::Write;
use weezl::{BitOrder, encode::Encoder};

fn one_page(is_little: bool, tags: &[Tag<'_>], chunks: &[Vec<u8>]) -> Vec<u8> {
    let mut file = Tiff::new(is_little, false);
    file.page(tags, chunks, None);
    file.bytes
}

/// Rows of samples packed from the highest bit, each row from a new byte.
fn packed(samples: &[u32], bits: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    for row in samples.chunks(SIZE[0]) {
        let all = row
            .iter()
            .flat_map(|s| (0..bits).rev().map(move |bit| s >> bit & 1 == 1));
        let all: Vec<bool> = all.collect();
        for eight in all.chunks(8) {
            let byte = eight.iter().fold(0, |byte, bit| byte << 1 | u8::from(*bit));
            bytes.push(byte << (8 - eight.len()));
        }
    }
    bytes
}

/// Strips of ten rows.
fn strips(bytes: &[u8]) -> Vec<Vec<u8>> {
    let row = bytes.len() / SIZE[1];
    bytes.chunks(row * 10).map(<[u8]>::to_vec).collect()
}

/// Tiles of 16 x 16 pixels, the last ones filled with 99.
fn tiles(bytes: &[u8], pixel: usize) -> Vec<Vec<u8>> {
    let mut tiles = Vec::new();
    for top in (0..SIZE[1]).step_by(16) {
        for left in (0..SIZE[0]).step_by(16) {
            let mut tile = vec![99; 16 * 16 * pixel];
            for y in top..SIZE[1].min(top + 16) {
                for x in left..SIZE[0].min(left + 16) {
                    let from = (y * SIZE[0] + x) * pixel;
                    let to = ((y - top) * 16 + x - left) * pixel;
                    tile[to..to + pixel].copy_from_slice(&bytes[from..from + pixel]);
                }
            }
            tiles.push(tile);
        }
    }
    tiles
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn lzw(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = Encoder::with_tiff_size_switch(BitOrder::Msb, 8);
    encoder.encode(bytes).unwrap()
}

/// PackBits: an empty run, then up to 100 bytes as they are.
fn packbits(bytes: &[u8]) -> Vec<u8> {
    let run = |some: &[u8]| [&[0x80, some.len() as u8 - 1], some].concat();
    bytes.chunks(100).flat_map(run).collect()
}

pub fn all() -> Vec<Specimen> {
    let mut all = whole_numbers();
    all.extend(other_numbers());
    all.extend(palettes());
    all.extend(colours());
    all.extend(packings());
    all.extend(pages());
    all
}

fn whole_numbers() -> Vec<Specimen> {
    let grey = |name, is_little, bits: u32, white_is_zero: bool, bytes: &[u8]| {
        let samples = noise(bits, PIXELS);
        let white = (1 << bits) - 1;
        let meant = samples
            .iter()
            .map(|s| if white_is_zero { white - s } else { *s });
        let tags: [Tag<'_>; 4] = [
            (258, &[bits.into()]),
            (262, &[u64::from(!white_is_zero)]),
            (277, &[1]),
            (278, &[10]),
        ];
        let file = one_page(is_little, &tags, &strips(bytes));
        Specimen::new(name, file, meant.map(f64::from).collect(), (bits as u8, 1))
    };
    let deep = noise(16, PIXELS);
    let words = |order: fn(u16) -> [u8; 2]| -> Vec<u8> {
        deep.iter().flat_map(|s| order(*s as u16)).collect()
    };
    let of = |bits| packed(&noise(bits, PIXELS), bits);
    vec![
        grey("1-bit.tif", true, 1, false, &of(1)),
        grey("1-bit-white-is-zero.tif", true, 1, true, &of(1)),
        grey("4-bit.tif", true, 4, false, &of(4)),
        grey("8-bit-white-is-zero.tif", true, 8, true, &of(8)),
        grey("12-bit.tif", true, 12, false, &of(12)),
        grey("12-bit-motorola.tif", false, 12, true, &of(12)),
        grey("16-bit.tif", true, 16, false, &words(u16::to_le_bytes)),
        grey(
            "16-bit-motorola.tif",
            false,
            16,
            false,
            &words(u16::to_be_bytes),
        ),
    ]
}

fn other_numbers() -> Vec<Specimen> {
    let make = |name, is_little, bits: u64, format, samples: Vec<f64>, bytes: Vec<u8>| {
        let tags: [Tag<'_>; 4] = [(258, &[bits]), (262, &[1]), (278, &[10]), (339, &[format])];
        let file = one_page(is_little, &tags, &strips(&bytes));
        Specimen::new(name, file, samples, (bits as u8, 1))
    };
    let raw = noise(16, PIXELS);
    let i8s: Vec<i8> = raw.iter().map(|s| *s as i8).collect();
    let i16s: Vec<i16> = raw.iter().map(|s| *s as i16).collect();
    let i32s: Vec<i32> = raw.iter().map(|s| *s as i32 * 100 - 3_000_000).collect();
    let u32s: Vec<u32> = raw.iter().map(|s| s * 65_536).collect();
    let f32s: Vec<f32> = raw.iter().map(|s| *s as f32 / 7000.0 - 3.0).collect();
    let f64s: Vec<f64> = f32s.iter().map(|s| f64::from(*s)).collect();
    let bytes = |each: &dyn Fn(usize) -> Vec<u8>| (0..PIXELS).flat_map(each).collect();
    vec![
        make(
            "signed-8.tif",
            true,
            8,
            2,
            as_f64(&i8s),
            bytes(&|i| vec![i8s[i] as u8]),
        ),
        make(
            "signed-16.tif",
            true,
            16,
            2,
            as_f64(&i16s),
            bytes(&|i| i16s[i].to_le_bytes().into()),
        ),
        make(
            "signed-32-motorola.tif",
            false,
            32,
            2,
            as_f64(&i32s),
            bytes(&|i| i32s[i].to_be_bytes().into()),
        ),
        make(
            "unsigned-32.tif",
            true,
            32,
            1,
            as_f64(&u32s),
            bytes(&|i| u32s[i].to_le_bytes().into()),
        ),
        make(
            "float-motorola.tif",
            false,
            32,
            3,
            f64s.clone(),
            bytes(&|i| f32s[i].to_be_bytes().into()),
        ),
        make(
            "double.tif",
            true,
            64,
            3,
            f64s.clone(),
            bytes(&|i| f64s[i].to_le_bytes().into()),
        ),
    ]
}

fn palettes() -> Vec<Specimen> {
    let make = |name, bits: u32, map: &dyn Fn(u64) -> [u64; 3], samples: usize| {
        let indices = noise(bits, PIXELS);
        let table: Vec<u64> = (0..3)
            .flat_map(|part| (0..1 << bits).map(move |index| (part, index)))
            .map(|(part, index)| map(index)[part] * 257)
            .collect();
        let tags: [Tag<'_>; 4] = [
            (258, &[bits.into()]),
            (262, &[3]),
            (278, &[10]),
            (320, &table),
        ];
        let file = one_page(true, &tags, &strips(&packed(&indices, bits)));
        let meant = indices
            .iter()
            .flat_map(|i| map((*i).into())[..samples].to_vec());
        Specimen::new(
            name,
            file,
            meant.map(|s| s as f64).collect(),
            (bits as u8, 1),
        )
    };
    vec![
        make("palette-same.tif", 8, &|index| [index; 3], 1),
        make("palette-inverse.tif", 8, &|index| [255 - index; 3], 1),
        make(
            "palette-colours.tif",
            8,
            &|index| [index, 255 - index, index / 2],
            3,
        ),
        make("palette-4-bit.tif", 4, &|index| [index * 17; 3], 1),
    ]
}

fn colours() -> Vec<Specimen> {
    let colour = noise(8, PIXELS * 3);
    let meant = as_f64(&colour);
    let bytes = as_u8(&colour);
    let plane = |part: usize| {
        bytes
            .iter()
            .skip(part)
            .step_by(3)
            .copied()
            .collect::<Vec<u8>>()
    };
    let planes: Vec<Vec<u8>> = (0..3).flat_map(|part| strips(&plane(part))).collect();
    let planar: [Tag<'_>; 5] = [
        (258, &[8, 8, 8]),
        (262, &[2]),
        (277, &[3]),
        (278, &[10]),
        (284, &[2]),
    ];
    let deep = noise(16, PIXELS * 3);
    let with_alpha: Vec<u8> = deep
        .chunks(3)
        .flat_map(|c| [c[0], c[1], c[2], 7].map(|s| (s as u16).to_be_bytes()))
        .flatten()
        .collect();
    let deep_tags: [Tag<'_>; 4] = [(258, &[16; 4]), (262, &[2]), (277, &[4]), (278, &[10])];
    let tiled: [Tag<'_>; 6] = [
        (258, &[8, 8, 8]),
        (259, &[5]),
        (262, &[2]),
        (277, &[3]),
        (322, &[16]),
        (323, &[16]),
    ];
    let tiles: Vec<Vec<u8>> = tiles(&bytes, 3).iter().map(|tile| lzw(tile)).collect();
    vec![
        Specimen::new(
            "planes.tif",
            one_page(true, &planar, &planes),
            meant.clone(),
            (8, 3),
        ),
        Specimen::new(
            "deep-colour-alpha.tif",
            one_page(false, &deep_tags, &strips(&with_alpha)),
            as_f64(&deep),
            (16, 4),
        ),
        Specimen::new(
            "tiles-lzw.tif",
            one_page(true, &tiled, &tiles),
            meant,
            (8, 3),
        ),
        ycbcr(),
        jpeg_inside("jpeg-grey.tif", 1, &jpeg(1), None),
        jpeg_inside("jpeg-ycbcr.tif", 3, &jpeg(3), None),
        {
            let (tables, picture) = split(&jpeg(3));
            jpeg_inside("jpeg-tables.tif", 3, &picture, Some((347, &tables)))
        },
    ]
}

/// Greys in blocks of 2 x 2 with a shared colour that is none.
fn ycbcr() -> Specimen {
    let grey = as_u8(&noise(8, PIXELS));
    let at = |x: usize, y: usize| {
        if x < SIZE[0] && y < SIZE[1] {
            grey[y * SIZE[0] + x]
        } else {
            0
        }
    };
    let mut blocks = Vec::new();
    for y in (0..SIZE[1]).step_by(2) {
        for x in (0..SIZE[0]).step_by(2) {
            blocks.extend([
                at(x, y),
                at(x + 1, y),
                at(x, y + 1),
                at(x + 1, y + 1),
                128,
                128,
            ]);
        }
    }
    let tags: [Tag<'_>; 5] = [
        (258, &[8, 8, 8]),
        (262, &[6]),
        (277, &[3]),
        (278, &[29]),
        (530, &[2, 2]),
    ];
    let meant = grey.iter().flat_map(|s| [f64::from(*s); 3]).collect();
    Specimen::new("ycbcr.tif", one_page(true, &tags, &[blocks]), meant, (8, 3))
}

fn jpeg_inside(
    name: &'static str,
    samples: u64,
    picture: &[u8],
    tables: Option<(u16, &[u8])>,
) -> Specimen {
    let bits = vec![8; samples as usize];
    let photometric = [if samples == 1 { 1 } else { 6 }];
    let tags: [Tag<'_>; 5] = [
        (258, &bits),
        (259, &[7]),
        (262, &photometric),
        (277, &[samples]),
        (278, &[29]),
    ];
    let mut file = Tiff::new(true, false);
    file.page(&tags, &[picture.to_vec()], tables);
    let meant = as_f64(&slope(samples as usize));
    Specimen::new(name, file.bytes, meant, (8, samples as u8)).within(8.0)
}

/// A JPEG's tables, and the rest of it.
fn split(jpeg: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let (mut tables, mut picture) = (vec![0xff, 0xd8], vec![0xff, 0xd8]);
    let mut at = 2;
    while at + 4 <= jpeg.len() {
        let length = usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]])) + 2;
        let segment = &jpeg[at..at + length];
        match jpeg[at + 1] {
            0xdb | 0xc4 => tables.extend(segment),
            0xda => {
                picture.extend(&jpeg[at..]);
                break;
            }
            _ => picture.extend(segment),
        }
        at += length;
    }
    tables.extend([0xff, 0xd9]);
    (tables, picture)
}

fn packings() -> Vec<Specimen> {
    let bit = |name, packing: u64, strip: Vec<u8>, options: u64| {
        let tags: [Tag<'_>; 5] = [
            (258, &[1]),
            (259, &[packing]),
            (262, &[0]),
            (278, &[29]),
            (292, &[options]),
        ];
        let rows = fax::rows().concat();
        let meant = rows.iter().map(|black| f64::from(u8::from(!black)));
        let file = one_page(true, &tags, &[strip]);
        Specimen::new(name, file, meant.collect(), (1, 1))
    };
    let reversed = |bytes: Vec<u8>| bytes.iter().map(|byte| byte.reverse_bits()).collect();
    let rows: Vec<u32> = fax::rows()
        .concat()
        .iter()
        .map(|black| u32::from(*black))
        .collect();
    let lowest_first: Vec<u8> = reversed(packed(&rows, 1));
    let lowest_tags: [Tag<'_>; 4] = [(258, &[1]), (262, &[1]), (266, &[2]), (278, &[29])];
    let lowest = one_page(true, &lowest_tags, &[lowest_first]);
    let meant: Vec<f64> = rows.iter().map(|bit| f64::from(*bit)).collect();

    let deep = noise(16, PIXELS);
    let words: Vec<u16> = deep.iter().map(|s| *s as u16).collect();
    let differences = |row: &[u16]| -> Vec<u8> {
        let before = std::iter::once(0).chain(row.iter().copied());
        let pairs = row.iter().zip(before);
        pairs
            .flat_map(|(a, b)| a.wrapping_sub(b).to_be_bytes())
            .collect()
    };
    let predicted: Vec<u8> = words.chunks(SIZE[0]).flat_map(differences).collect();
    let predicted: Vec<Vec<u8>> = strips(&predicted).iter().map(|s| deflated(s)).collect();
    let tags: [Tag<'_>; 5] = [
        (258, &[16]),
        (259, &[8]),
        (262, &[1]),
        (278, &[10]),
        (317, &[2]),
    ];
    let packed_tags: [Tag<'_>; 4] = [(258, &[8]), (259, &[32773]), (262, &[1]), (278, &[29])];
    let grey = noise(8, PIXELS);
    vec![
        bit("fax2.tif", 2, fax::by_runs(false), 0),
        bit("fax3.tif", 3, fax::by_runs(true), 0),
        bit(
            "fax3-two-dimensional.tif",
            3,
            fax::by_runs_and_the_last(),
            1,
        ),
        bit("fax4.tif", 4, fax::by_the_last(), 0),
        Specimen::new("lowest-bit-first.tif", lowest, meant, (1, 1)),
        Specimen::new(
            "deflate-differences-motorola.tif",
            one_page(false, &tags, &predicted),
            as_f64(&deep),
            (16, 1),
        ),
        float_differences(),
        Specimen::new(
            "packbits.tif",
            one_page(true, &packed_tags, &[packbits(&as_u8(&grey))]),
            as_f64(&grey),
            (8, 1),
        ),
    ]
}

fn float_differences() -> Specimen {
    let floats: Vec<f32> = noise(16, PIXELS)
        .iter()
        .map(|s| *s as f32 / 300.0)
        .collect();
    let row = |row: &[f32]| -> Vec<u8> {
        let planes: Vec<u8> = (0..4)
            .flat_map(|byte| row.iter().map(move |value| value.to_be_bytes()[byte]))
            .collect();
        let before = std::iter::once(0).chain(planes.iter().copied());
        planes
            .iter()
            .zip(before)
            .map(|(a, b)| a.wrapping_sub(b))
            .collect()
    };
    let bytes: Vec<u8> = floats.chunks(SIZE[0]).flat_map(row).collect();
    let strips: Vec<Vec<u8>> = strips(&bytes).iter().map(|s| lzw(s)).collect();
    let tags: [Tag<'_>; 6] = [
        (258, &[32]),
        (259, &[5]),
        (262, &[1]),
        (278, &[10]),
        (317, &[3]),
        (339, &[3]),
    ];
    let file = one_page(true, &tags, &strips);
    Specimen::new("float-differences.tif", file, as_f64(&floats), (32, 1))
}

fn pages() -> Vec<Specimen> {
    let deep = noise(16, PIXELS);
    let bytes = |order: fn(u16) -> [u8; 2]| -> Vec<u8> {
        deep.iter().flat_map(|s| order(*s as u16)).collect()
    };
    let science: [Tag<'_>; 3] = [(258, &[16]), (262, &[1]), (278, &[10])];
    let preview: [Tag<'_>; 5] = [
        (258, &[8, 8, 8]),
        (259, &[7]),
        (262, &[6]),
        (277, &[3]),
        (278, &[29]),
    ];
    let mut behind = Tiff::new(true, false);
    behind.page(&preview, &[jpeg(3)], None);
    behind.page(&science, &strips(&bytes(u16::to_le_bytes)), None);

    let small: [Tag<'_>; 4] = [(254, &[1]), (258, &[8]), (262, &[1]), (278, &[29])];
    let mut marked = Tiff::new(false, false);
    marked.page(&small, &[slope(1)], None);
    marked.page(&science, &strips(&bytes(u16::to_be_bytes)), None);

    let plain: [Tag<'_>; 3] = [(258, &[8]), (262, &[1]), (278, &[29])];
    let mut stack = Tiff::new(true, false);
    stack.page(&plain, &[slope(1)], None);
    stack.page(&science, &strips(&bytes(u16::to_le_bytes)), None);
    stack.page(&plain, &[slope(1)], None);

    let tiled: [Tag<'_>; 4] = [(258, &[16]), (262, &[1]), (322, &[16]), (323, &[16])];
    let big = |is_little, order: fn(u16) -> [u8; 2]| {
        let mut file = Tiff::new(is_little, true);
        file.page(&tiled, &tiles(&bytes(order), 2), None);
        file.bytes
    };
    let meant = as_f64(&deep);
    let of = |name, bytes| Specimen::new(name, bytes, meant.clone(), (16, 1));
    vec![
        of("science-behind-preview.tif", behind.bytes).on_page(1, 2),
        of("science-behind-reduced.tif", marked.bytes).on_page(1, 2),
        Specimen::new("stack.tif", stack.bytes, as_f64(&slope(1)), (8, 1)).on_page(0, 3),
        of("big.tif", big(true, u16::to_le_bytes)),
        of("big-motorola.tif", big(false, u16::to_be_bytes)),
    ]
}
