//! Files with several pages, through the worker: each page is a micrograph of its own, and what
//! is asked about one is never answered from another.

use crate::scripted::{Desk, Script};
use askem::answer::Prompt;
use askem::questions::Key;
use askem::worker::{AskJob, Opened, Outcome, Request, What};
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tiff::encoder::TiffEncoder;
use tiff::encoder::colortype::Gray8;

/// Writes a TIFF with a page for each number and size: of every row so much, in 255ths, is bright.
pub fn tiff_of(folder: &Path, name: &str, pages: &[(u8, [u32; 2])]) -> PathBuf {
    let path = folder.join(name);
    let file = BufWriter::new(File::create(&path).unwrap());
    let mut encoder = TiffEncoder::new(file).unwrap();
    for (bright, [width, height]) in pages {
        let level = |x: u32| {
            if x * 255 < u32::from(*bright) * width {
                200
            } else {
                20
            }
        };
        let pixels: Vec<u8> = (0..width * height).map(|at| level(at % width)).collect();
        encoder
            .write_image::<Gray8>(*width, *height, &pixels)
            .unwrap();
    }
    path
}

fn opened(end: What) -> Arc<Opened> {
    match end {
        What::Finished(Outcome::Opened(opened)) => opened,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_page_is_a_micrograph_of_its_own_and_the_first_keeps_the_name_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = tiff_of(
        folder.path(),
        "stack.tif",
        &[(40, [64, 48]), (80, [32, 24])],
    );
    let mut desk = Desk::with(&Script::with_token_ms(0));
    let whole = opened(desk.run(Request::Open(file.clone())));
    let first = opened(desk.run(Request::OpenPage(file.clone(), 0)));
    let second = opened(desk.run(Request::OpenPage(file.clone(), 1)));
    let of_file = blake3::hash(&std::fs::read(&file).unwrap())
        .to_hex()
        .to_string();
    assert_eq!(whole.micrograph.hash, of_file);
    assert_eq!(first.micrograph.hash, of_file);
    assert_eq!(second.micrograph.hash, format!("{of_file}-page-2"));
    let headers = [&whole, &first, &second].map(|o| {
        let header = &o.micrograph.header;
        (header.page, header.pages, header.width)
    });
    assert_eq!(headers, [(0, 2, 64), (0, 2, 64), (1, 2, 32)]);
    assert_ne!(first.thumbnail_rgba, second.thumbnail_rgba);
    match desk.run(Request::OpenPage(file, 2)) {
        What::Failed(sentence) => assert!(sentence.contains("page 3"), "{sentence}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_asked_about_a_page_is_cancelled_by_another_and_never_answered_from_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = tiff_of(
        folder.path(),
        "stack.tif",
        &[(40, [64, 48]), (80, [64, 48])],
    );
    let script = Script::with_token_ms(20);
    let mut desk = Desk::with(&script);
    let prompt = Prompt {
        key: Key::BasicsType,
        category: None,
    };
    let first = opened(desk.run(Request::Open(file.clone())));
    let running = desk.send(Request::Ask(Box::new(AskJob::about(
        Arc::clone(&first),
        prompt,
    ))));
    desk.wait_for_progress(running, 1);
    let second = opened(desk.run(Request::OpenPage(file, 1)));
    assert!(matches!(desk.end_of(running), What::Cancelled));
    let of_second = desk.text(Request::Ask(Box::new(AskJob::about(
        Arc::clone(&second),
        prompt,
    ))));
    let of_first = desk.text(Request::Ask(Box::new(AskJob::about(
        Arc::clone(&first),
        prompt,
    ))));
    assert_ne!(of_first, of_second);
}
