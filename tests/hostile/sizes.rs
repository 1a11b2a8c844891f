//! Headers that claim more than there is or than a machine can hold, and images of next to
//! nothing.

use super::{
    SMALL, grey_tiff, read_file, refused, sentence, set_tag, specimens, tiff_with, with_size,
};
use askem::micrograph::{Limits, read_bytes};
use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder};
use tiff::encoder::{Compression, DeflateLevel};

#[test]
fn headers_that_claim_too_much_are_refused_before_anything_is_allocated() {
    for (name, bytes) in specimens() {
        if name.ends_with("jpg") {
            continue;
        }
        let huge = with_size(name, &bytes, 60_000, 60_000);
        refused(name, &huge, "60000 x 60000");
        // Within the limits of the product, but not with these few bytes.
        let error = read_bytes(
            &with_size(name, &bytes, 30_000, 15_000),
            name,
            Limits::default(),
        );
        sentence(&error.unwrap_err(), name);
    }
    let mut jpeg = specimens().remove(3).1;
    let frame = jpeg
        .windows(2)
        .position(|mark| mark == [0xff, 0xc0])
        .unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xea, 0x60, 0xea, 0x60]);
    refused("huge.jpg", &jpeg, "60000 x 60000");
}

#[test]
fn one_pixel_is_an_image_and_none_is_not() {
    let tiny = grey_tiff(1, 1, Compression::Uncompressed, 1);
    read_file("tiny.tif", &tiny).unwrap();
    let mut png = Vec::new();
    PngEncoder::new(&mut png)
        .write_image(&[7], 1, 1, ExtendedColorType::L8)
        .unwrap();
    read_file("tiny.png", &png).unwrap();
    refused("none.png", &with_size("none.png", &png, 0, 1), "none.png");
    let mut none = tiny;
    set_tag(&mut none, 256, 0);
    refused("none.tif", &none, "0 x 1 pixels");
}

/// A PNG of a header, a few bytes of data and an end.
fn tiny_png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut chunk = |kind: &[u8; 4], data: &[u8]| {
        bytes.extend((data.len() as u32).to_be_bytes());
        let mut crc = flate2::Crc::new();
        crc.update(kind);
        crc.update(data);
        bytes.extend(kind);
        bytes.extend(data);
        bytes.extend(crc.sum().to_be_bytes());
    };
    let header = [
        &width.to_be_bytes()[..],
        &height.to_be_bytes(),
        &[16, 0, 0, 0, 0],
    ];
    chunk(b"IHDR", &header.concat());
    chunk(b"IDAT", b"\x78\x9c\x03\0\0\0\0\x01");
    chunk(b"IEND", b"");
    bytes
}

#[test]
fn sixty_five_bytes_that_claim_a_gigabyte_are_refused() {
    let png = tiny_png(32_000, 15_600);
    assert_eq!(png.len(), 65);
    let error = read_bytes(&png, "bomb.png", Limits::default()).unwrap_err();
    let text = sentence(&error, "bomb.png");
    assert!(text.contains("too short for the size it claims"), "{text}");
}

#[test]
fn sides_near_the_largest_number_are_refused() {
    let sides = [u32::MAX, i32::MAX as u32, 1 << 31, 1 << 30, 32_769];
    for side in sides {
        for [width, height] in [[side, side], [side, 1], [1, side]] {
            let mut tiff = tiff_with([4, 4], &[]);
            set_tag(&mut tiff, 256, width);
            set_tag(&mut tiff, 257, height);
            let mut files = vec![("wide.tif", tiff), ("wide.png", tiny_png(width, height))];
            // A BMP of minus one row is one row from the top.
            if height != u32::MAX {
                let bmp = specimens().remove(5).1;
                files.push(("wide.bmp", with_size("wide.bmp", &bmp, width, height)));
            }
            for (name, bytes) in files {
                let error = read_bytes(&bytes, name, Limits::default()).unwrap_err();
                sentence(&error, name);
            }
        }
    }
}

#[test]
fn formats_that_are_not_read_are_not_even_tried() {
    // Radiance with a width of 2^32 - 1, FITS, gzip, GIF, DDS and an archive.
    let hdr: &[u8] = b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 4 +X 4294967295\n\x02\x02\x7f\xff";
    let fits: &[u8] = b"SIMPLE  =                    T / NAXIS1 = 4294967295";
    for bytes in [
        hdr,
        fits,
        b"\x1f\x8b\x08\0\0\0\0\0\0\x03",
        b"GIF89a\xff\xff\xff\xff",
        b"DDS |\0\0\0",
        b"PK\x03\x04",
    ] {
        refused("other.tif", bytes, "holds no TIFF");
    }
}

#[test]
fn a_row_or_column_of_single_pixels_is_an_image_however_it_is_packed() {
    for (width, height) in [(1, 1), (1, 300), (300, 1)] {
        for compression in [
            Compression::Uncompressed,
            Compression::Lzw,
            Compression::Deflate(DeflateLevel::Best),
            Compression::Packbits,
        ] {
            let bytes = grey_tiff(width, height, compression, 1);
            let read = read_bytes(&bytes, "thin.tif", SMALL).unwrap();
            assert_eq!((read.width(), read.height()), (width, height));
            assert_eq!(read.pixels.len(), (width * height) as usize);
        }
    }
}
