//! Files whose pages have texts of their own.

use super::{FEI, size_pm};
use crate::micrograph::made::{Bytes, Numbers, tiff_of_pages};
use crate::micrograph::vendor::{read, sis};
use std::io::Cursor;

fn page([width, height]: [u64; 2], bytes: &[Bytes]) -> (Vec<Numbers>, Vec<Bytes>) {
    let size = vec![(256, 4, vec![width]), (257, 4, vec![height])];
    (size, bytes.to_vec())
}

/// The size of a pixel of a page, in picometres.
fn of_page(file: &[u8], size_px: [u32; 2], other_page: Option<u32>) -> Option<[i64; 2]> {
    size_pm(&read(
        &mut Cursor::new(file),
        None,
        Some(size_px),
        other_page,
    ))
}

#[test]
fn a_page_with_a_text_of_its_own_has_the_scale_of_that() {
    let fei = |pixel: &str| {
        let text = String::from_utf8_lossy(FEI).replace("5e-008", pixel);
        vec![(34682, 2, text.into_bytes())]
    };
    let size = [512, 50];
    let pages = [
        page(size, &fei("5e-008")),
        page(size, &fei("1e-007")),
        page(size, &[]),
        page([256, 25], &[]),
    ];
    let file = tiff_of_pages(true, false, &pages);
    let size_px = size.map(|side| side as u32);
    assert_eq!(of_page(&file, size_px, None), Some([50_000; 2]));
    assert_eq!(of_page(&file, size_px, Some(1)), Some([100_000; 2]));
    assert_eq!(of_page(&file, size_px, Some(2)), Some([50_000; 2]));
    assert_eq!(of_page(&file, [256, 25], Some(3)), None);
}

#[test]
fn a_page_that_is_not_there_is_no_trap() {
    let file = tiff_of_pages(
        true,
        false,
        &[page([512, 50], &[(sis::TAG, 7, vec![0; 90])])],
    );
    assert_eq!(of_page(&file, [512, 50], Some(7)), None);
    assert_eq!(of_page(&file, [512, 50], Some(u32::MAX)), None);
}
