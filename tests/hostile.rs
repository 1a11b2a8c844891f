//! Inputs that are broken, lie about themselves or are no images: always a sentence, never a
//! panic, never a wait, never a number that nobody measured.
//!
//! What is known to have broken programs like this one, and the tests that hold it here. Names
//! without a file stand in this folder; `the_list_of_bad_inputs_names_real_tests` checks them.
//!
//! **Sizes** (`sizes.rs`)
//! - A few bytes that claim a gigabyte of pixels, in every format:
//!   `headers_that_claim_too_much_are_refused_before_anything_is_allocated`,
//!   `sixty_five_bytes_that_claim_a_gigabyte_are_refused`; with a bound on the memory of the
//!   process, in tests/mutations.rs:
//!   `mutated_files_give_pixels_or_a_sentence_at_once_in_little_memory`
//! - Sides of 2^31 - 1 and 2^32 - 1: `sides_near_the_largest_number_are_refused`; formats that
//!   nobody asked for, as Radiance HDR and FITS: `formats_that_are_not_read_are_not_even_tried`
//! - No pixel, one pixel, one row, one column: `one_pixel_is_an_image_and_none_is_not`,
//!   `a_row_or_column_of_single_pixels_is_an_image_however_it_is_packed`
//! - Wider than a texture of the graphics card, in tests/window/hostile.rs:
//!   `wider_than_any_texture_is_shown_in_tiles`
//!
//! **TIFF** (`tiff.rs`)
//! - Strips outside the file: `tiff_strips_outside_the_file_are_refused`
//! - Empty tags: `a_tag_without_a_value_gives_pixels_or_a_sentence`
//! - Directories in a circle: `tiff_pages_that_run_in_a_circle_end`; very many pages:
//!   `pages_are_counted_to_a_limit_and_the_first_is_read`
//! - Odd bit depths: `every_depth_is_read_exactly_or_refused_by_name`
//! - BigTIFF with numbers near 2^64: `numbers_near_the_largest_in_a_big_tiff_are_refused`; sound
//!   BigTIFF, separate planes, stacks, in tests/formats.rs: `made_files_are_read_sample_by_sample`
//! - EXIF and sub-directories in a circle: `directories_inside_directories_are_never_followed`
//!
//! **Pixels** (`values.rs`)
//! - NaN, infinity, all alike: `pixels_that_are_no_numbers_give_defined_results`,
//!   `pixels_that_are_no_numbers_leave_every_row_of_output_finite`; on the screen, in
//!   tests/window/hostile.rs: `pixels_that_are_no_numbers_are_shown_and_measured_without_nonsense`
//!
//! **Paths** (`paths.rs`)
//! - A name that lies: `the_content_decides_not_the_name`,
//!   `a_text_file_is_no_image_whatever_its_name`, `an_empty_file_is_called_empty`
//! - Folders, pipes, sockets, devices: `folders_pipes_and_devices_are_named_and_never_waited_for`
//! - Files that grow, shrink or vanish: `a_file_that_changes_while_it_is_read_breaks_nothing`
//! - A network drive that hangs, in tests/worker.rs:
//!   `readers_stuck_in_a_foreign_call_are_left_behind_and_replaced`
//!
//! **Scales** (`scales.rs`)
//! - 0, negative, NaN, 1e-300, X without Y: `a_scale_that_no_pixel_has_is_unknown`; X unlike Y:
//!   `pixels_that_are_not_square_keep_both_sides`
//! - pm, Å, both micro signs, decimal comma: `every_way_to_write_a_unit_means_the_same_length`
//! - Keys of one vendor in the tag of another:
//!   `a_text_in_the_tag_of_another_vendor_gives_no_scale`; the wrong key of the right vendor, in
//!   app/micrograph/vendor/tests.rs:
//!   `zeiss_gives_the_size_of_image_pixels_not_of_a_line_of_1024`,
//!   `a_printed_magnification_or_dpi_is_no_calibration`
//!
//! **Texts in files** (`texts.rs`)
//! - A vendor's tag of a gigabyte: `a_tag_of_a_gigabyte_is_read_to_a_limit_at_once`
//! - Bytes that are no text: `bytes_that_are_no_text_come_out_printable`; of every vendor, in
//!   app/micrograph/vendor/tests/hostile.rs:
//!   `scrambled_texts_of_every_vendor_give_sound_values_or_none`
//! - XML entities that blow up: `xml_entities_are_not_expanded`
//! - PNG texts that unpack to a gigabyte, in tests/mutations.rs: see above
//!
//! **Questions and names** (`words.rs`)
//! - A question of a megabyte, empty, of control or direction characters:
//!   `questions_that_are_none_are_declined_at_once_on_one_line`
//! - File names with HTML, `=cmd`, line ends, dashes, direction characters:
//!   `names_stay_on_their_line_and_come_back_as_they_are`; in what is copied from the window,
//!   in tests/window/hostile.rs: `what_is_copied_keeps_a_name_on_its_line`
//!
//! **Settings and notebook** (tests/window/hostile.rs, tests/notebook.rs and app/notebook/store/tests.rs)
//! - Half written, of a newer version: `settings_that_make_no_sense_are_kept_and_told`,
//!   `a_notebook_of_a_newer_version_is_left_alone`,
//!   `a_damaged_notebook_is_put_aside_and_a_new_one_begun`,
//!   `killed_while_writing_everything_up_to_the_last_commit_is_there`
//! - Read-only, disk full: `settings_that_cannot_be_written_are_told_and_the_old_ones_kept`,
//!   `a_full_disk_loses_nothing_that_was_written_before`,
//!   `a_notebook_that_cannot_be_used_is_a_sentence_once_and_answers_go_on`
//!
//! **Everything else**: bytes at random in every format (`scrambled.rs` and tests/mutations.rs).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod paths;
mod scales;
mod scrambled;
mod sizes;
mod texts;
mod tiff;
mod values;
mod words;

use ::tiff::encoder::{Compression, Rational, TiffEncoder, colortype};
use askem::micrograph::{Limits, ReadError, inspect, read};
use image::codecs::{bmp::BmpEncoder, jpeg::JpegEncoder, png::PngEncoder};
use image::{ExtendedColorType, ImageEncoder};
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

/// Small enough for thousands of attempts, large enough for the files below.
const SMALL: Limits = Limits {
    side_px: 2048,
    pixels: 1 << 20,
};

/// One small file of every kind that is read, with its name.
fn specimens() -> Vec<(&'static str, Vec<u8>)> {
    let (width, height) = (61, 47);
    let grey: Vec<u8> = (0..width * height).map(|i| (i * 7 % 251) as u8).collect();
    let colour: Vec<u8> = grey.iter().flat_map(|v| [*v, v / 2, 255 - v]).collect();
    let deep: Vec<u8> = grey.iter().flat_map(|v| [*v, v.wrapping_mul(31)]).collect();
    let (l8, l16, rgb) = (
        ExtendedColorType::L8,
        ExtendedColorType::L16,
        ExtendedColorType::Rgb8,
    );
    let encode = |write: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = Vec::new();
        write(&mut bytes);
        bytes
    };
    let png = |data: &[u8], color| {
        encode(&|to| {
            PngEncoder::new(to)
                .write_image(data, width, height, color)
                .unwrap()
        })
    };
    let jpeg = |data: &[u8], color| {
        encode(&|to| {
            JpegEncoder::new(to)
                .write_image(data, width, height, color)
                .unwrap()
        })
    };
    vec![
        ("grey.png", png(&grey, l8)),
        ("deep.png", png(&deep, l16)),
        ("colour.png", png(&colour, rgb)),
        ("grey.jpg", jpeg(&grey, l8)),
        ("colour.jpg", jpeg(&colour, rgb)),
        (
            "colour.bmp",
            encode(&|to| {
                BmpEncoder::new(to)
                    .encode(&colour, width, height, rgb)
                    .unwrap()
            }),
        ),
        (
            "grey.tif",
            grey_tiff(width, height, Compression::Uncompressed, 2),
        ),
        ("lzw.tif", grey_tiff(width, height, Compression::Lzw, 1)),
        (
            "deflate.tif",
            grey_tiff(width, height, Compression::Deflate(Default::default()), 1),
        ),
        (
            "packbits.tif",
            grey_tiff(width, height, Compression::Packbits, 1),
        ),
    ]
}

fn grey_tiff(width: u32, height: u32, compression: Compression, pages: u32) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut bytes)
        .unwrap()
        .with_compression(compression);
    for page in 0..pages {
        let samples: Vec<u16> = (0..width * height)
            .map(|i| (i * 17 + page) as u16)
            .collect();
        let mut image = encoder
            .new_image::<colortype::Gray16>(width, height)
            .unwrap();
        image.rows_per_strip(10).unwrap();
        image.x_resolution(Rational { n: 72, d: 1 });
        image.write_data(&samples).unwrap();
    }
    bytes.into_inner()
}

/// The sentence of an error: with the file's name, an end, and nothing of our own insides.
fn sentence(error: &ReadError, file: &str) -> String {
    let text = error.to_string();
    assert!(text.contains(file), "no file name: {text}");
    assert!(
        text.ends_with('.') && text.len() > 40,
        "no sentence: {text}"
    );
    text
}

/// Writes a file into a folder of its own, inspects and reads it.
fn read_file(name: &str, bytes: &[u8]) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    let inspected = inspect(&path, SMALL);
    match read(&path, SMALL) {
        Ok(micrograph) => {
            assert_eq!(inspected.unwrap(), micrograph.header, "{name}");
            Ok(())
        }
        Err(error) => Err(sentence(&error, name)),
    }
}

fn refused(name: &str, bytes: &[u8], because: &str) {
    let Err(sentence) = read_file(name, bytes) else {
        panic!("{name} was read")
    };
    assert!(sentence.contains(because), "{sentence}");
}

/// The same file with another width and height in its (first) header.
fn with_size(name: &str, bytes: &[u8], width: u32, height: u32) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    match name.rsplit('.').next() {
        Some("png") => {
            bytes[16..20].copy_from_slice(&width.to_be_bytes());
            bytes[20..24].copy_from_slice(&height.to_be_bytes());
            let mut crc = u32::MAX;
            for byte in &bytes[12..29] {
                crc ^= u32::from(*byte);
                for _ in 0..8 {
                    crc = (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg());
                }
            }
            bytes[29..33].copy_from_slice(&(!crc).to_be_bytes());
        }
        Some("bmp") => {
            bytes[18..22].copy_from_slice(&width.to_le_bytes());
            bytes[22..26].copy_from_slice(&height.to_le_bytes());
        }
        _ => {
            set_tag(&mut bytes, 256, width);
            set_tag(&mut bytes, 257, height);
            // One strip, so that the strips still fit the height.
            let rows = tag_value(&bytes, 278).unwrap();
            let strips = 47_u32.div_ceil(bytes[rows].into());
            set_tag(&mut bytes, 278, height.div_ceil(strips));
        }
    }
    bytes
}

/// Where the first directory of a little-endian TIFF has its entries.
fn entries(bytes: &[u8]) -> std::iter::StepBy<std::ops::Range<usize>> {
    let directory = u32::from_le_bytes(bytes[4..8].try_into().unwrap()) as usize;
    let count = usize::from(u16::from_le_bytes(
        bytes[directory..directory + 2].try_into().unwrap(),
    ));
    (directory + 2..directory + 2 + 12 * count).step_by(12)
}

fn tag_value(bytes: &[u8], tag: u16) -> Option<usize> {
    entries(bytes)
        .find(|at| bytes[*at..*at + 2] == tag.to_le_bytes())
        .map(|at| at + 8)
}

/// Makes a tag one LONG with that value.
fn set_tag(bytes: &mut [u8], tag: u16, value: u32) {
    let at = tag_value(bytes, tag).expect("the tag is there");
    bytes[at - 6..at - 4].copy_from_slice(&4_u16.to_le_bytes());
    bytes[at - 4..at].copy_from_slice(&1_u32.to_le_bytes());
    bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
}

/// The paths in a folder.
pub fn files_in(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect()
}

/// A tag: id, type, and the bytes of its value.
type Tag = (u16, u16, Vec<u8>);

/// A little-endian 8-bit grey TIFF, all of it black, with further tags.
fn tiff_with([width, height]: [u32; 2], further: &[Tag]) -> Vec<u8> {
    let long = |id: u16, value: u32| (id, 4, value.to_le_bytes().to_vec());
    let mut tags: Vec<Tag> = vec![
        long(256, width),
        long(257, height),
        long(258, 8),
        long(262, 1),
        long(273, 8),
        long(279, width * height),
    ];
    tags.extend(further.iter().cloned());
    let mut bytes = b"II*\0\0\0\0\0".to_vec();
    bytes.resize(8 + (width * height) as usize, 0);
    let mut directory = (tags.len() as u16).to_le_bytes().to_vec();
    for (id, kind, mut value) in tags {
        let of_one = match kind {
            3 => 2,
            4 => 4,
            5 => 8,
            _ => 1,
        };
        directory.extend(id.to_le_bytes());
        directory.extend(kind.to_le_bytes());
        directory.extend((value.len() as u32 / of_one).to_le_bytes());
        if value.len() > 4 {
            let at = bytes.len() as u32;
            bytes.extend(&value);
            value = at.to_le_bytes().to_vec();
        }
        value.resize(4, 0);
        directory.extend(value);
    }
    let at = (bytes.len() as u32).to_le_bytes();
    bytes[4..8].copy_from_slice(&at);
    bytes.extend(directory);
    bytes.extend([0; 4]);
    bytes
}
