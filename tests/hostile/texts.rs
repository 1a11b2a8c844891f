//! Texts inside files: too long, no text at all, or written to grow while they are read.

use super::{SMALL, tiff_with};
use askem::micrograph::{Limits, Metadata, describe, read_bytes};
use std::fs;
use std::io::{Seek, SeekFrom, Write};
use std::time::{Duration, Instant};

fn metadata(id: u16, text: &[u8]) -> Metadata {
    let bytes = tiff_with([8, 8], &[(id, 2, text.to_vec())]);
    read_bytes(&bytes, "text.tif", SMALL).unwrap().metadata
}

/// Bytes of all that is kept of a file's texts.
fn kept(metadata: &Metadata) -> usize {
    let bytes = |entry: &askem::micrograph::Entry| entry.key.len() + entry.value.len();
    metadata.entries.iter().map(bytes).sum()
}

#[test]
fn a_tag_of_a_gigabyte_is_read_to_a_limit_at_once() {
    const GIGABYTE: u32 = 1 << 30;
    for id in [34682_u16, 34118, 50431, 40092, 37510, 270, 305, 65003] {
        // The image first, then a value of a gigabyte that begins as a vendor's text does.
        let start =
            b"[User]\r\nDate=06/13/2016\r\n[Scan]\r\nPixelWidth=5e-8\r\nPixelHeight=5e-8\r\nKey=";
        let mut head = tiff_with([8, 8], &[(id, 2, start.to_vec())]);
        let entry = super::tag_value(&head, id).unwrap();
        let text_at = (head.len() as u32).to_le_bytes();
        head[entry - 4..entry].copy_from_slice(&GIGABYTE.to_le_bytes());
        head[entry..entry + 4].copy_from_slice(&text_at);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("long.tif");
        let mut file = fs::File::create(&path).unwrap();
        file.write_all(&head).unwrap();
        file.write_all(start).unwrap();
        file.write_all(&vec![b'x'; 5 << 20]).unwrap();
        // Nothing of the rest is on the disk.
        file.set_len(u64::from(GIGABYTE) + head.len() as u64)
            .unwrap();
        file.seek(SeekFrom::Start(0)).unwrap();
        let began = Instant::now();
        let (header, metadata) = describe(&path, None, Limits::default()).unwrap();
        let took = began.elapsed();
        assert_eq!((header.width, header.height), (8, 8));
        assert!(kept(&metadata) < 8 << 20, "{id}: {} bytes", kept(&metadata));
        assert!(took < Duration::from_secs(2), "{id} took {took:?}");
    }
}

#[test]
fn bytes_that_are_no_text_come_out_printable() {
    let all: Vec<u8> = (1..=255).cycle().take(4000).collect();
    for id in [34682_u16, 34118, 270, 305, 315] {
        let mut text = b"[User]\r\nDate=x\r\nAP_WD\r\nWD = \xff\xfe\xb5 mm\r\nKey=".to_vec();
        text.extend(&all);
        let metadata = metadata(id, &text);
        assert!(!metadata.entries.is_empty(), "{id}");
        for entry in &metadata.entries {
            let steers = |c: char| {
                c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
            };
            assert!(
                !entry.key.contains(steers) && !entry.value.contains(steers),
                "{entry:?}"
            );
        }
    }
}

#[test]
fn xml_entities_are_not_expanded() {
    let mut text = "<?xml version=\"1.0\"?><!DOCTYPE OME [<!ENTITY a0 \"9\">".to_owned();
    for level in 1..30 {
        let ten = format!("&a{};", level - 1).repeat(10);
        text.push_str(&format!("<!ENTITY a{level} \"{ten}\">"));
    }
    text.push_str("<!ENTITY file SYSTEM \"file:///etc/passwd\">]>");
    text.push_str(
        "<OME><Image><AcquisitionDate>&file;</AcquisitionDate><Pixels SizeX=\"8\" SizeY=\"8\" ",
    );
    text.push_str("PhysicalSizeX=\"&a29;\" PhysicalSizeY=\"&a29;\"/></Image></OME>");
    let began = Instant::now();
    let metadata = metadata(270, text.as_bytes());
    assert!(began.elapsed() < Duration::from_secs(1));
    assert_eq!(
        metadata.vendor,
        Some("OME"),
        "it was taken for something else"
    );
    assert_eq!((metadata.calibration, metadata.date), (None, None));
    assert!(
        metadata
            .entries
            .iter()
            .all(|entry| !entry.value.contains("root:"))
    );
    let bytes: usize = metadata.entries.iter().map(|entry| entry.value.len()).sum();
    assert!(bytes < 20_000, "{bytes}");
}
