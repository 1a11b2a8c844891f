//! Scrambled files of every vendor: always metadata, never a panic, never a wait, never a size
//! that no pixel has.

#![allow(clippy::unwrap_used)]

use super::super::{hitachi, jeol, read, text};
use super::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::io::Cursor;
use std::time::{Duration, Instant};

/// Scrambled files in all; ASKEM_MUTATIONS says how many instead.
const ATTEMPTS: usize = 2_000;

/// What a scrambled file is read as.
type Reader = fn(Vec<u8>) -> Option<Metadata>;

fn whole_file(bytes: Vec<u8>) -> Option<Metadata> {
    Some(read(&mut Cursor::new(bytes), None, None, None))
}

fn hitachi_text(bytes: Vec<u8>) -> Option<Metadata> {
    hitachi::of_sidecar(&text::decode(&bytes), Some([128, 96]))
}

fn jeol_text(bytes: Vec<u8>) -> Option<Metadata> {
    jeol::of_text(&text::decode(&bytes), Some([1280, 96]), jeol::SIDECAR)
}

/// A file of every vendor, with what reads it.
fn specimens() -> Vec<(Vec<u8>, Reader)> {
    let with = |numbers: &[Numbers], bytes: &[Bytes]| {
        (tiff_image([64, 48], numbers, bytes), whole_file as Reader)
    };
    let zeiss = zeiss_text(b"AP_WIDTH\r\nWidth = 5.965 \xb5m\r\nAP_HEIGHT\r\nHeight = 4.474 \xb5m\r\nDP_SCAN_ROT\r\nScan Rot = On\r\n");
    let resolution: [Numbers; 3] = [
        (282, 5, vec![5, 1]),
        (283, 5, vec![5, 1]),
        (296, 3, vec![1]),
    ];
    let axes = [(1.0, "nm"), (2.0, "A")];
    let doubles = |value: f64| value.to_le_bytes().to_vec();
    vec![
        (tiff_image([512, 50], &[], &text_tag(34682, FEI)), whole_file),
        with(&[], &text_tag(34118, &zeiss)),
        with(&[], &tescan_tag(&[(2, b"Device=T\nPixelSizeX=5e-9\nPixelSizeY=5e-9\nDate=2023-03-24\n"), (3, b"HV=1\nWD=2\n")])),
        with(&[], &[(40092, 1, utf16("PixelSize=496.0938\r\nCondition=Vacc=15.0kV Mag=x200 WD=7.7mm\r\n"))]),
        with(&[], &[(37510, 7, utf16("$CM_FORMAT=JEOL-SEM\r\n$SM_MICRON_BAR=106\r\n$SM_MICRON_MARKER=10um\r\n"))]),
        with(&resolution, &text_tag(270, b"ImageJ=1.53\nunit=nm\n")),
        with(&[], &text_tag(270, b"<OME><Pixels SizeX=\"64\" SizeY=\"48\" PhysicalSizeX=\"&#49;\" PhysicalSizeY=\"1\"/></OME>")),
        with(&[], &[(65003, 2, b"\xb5m\0".to_vec()), (65004, 2, b"\xb5m\0".to_vec()), (65009, 12, doubles(0.17)), (65010, 12, doubles(0.17))]),
        (sis_file(), whole_file),
        (dm::whole(false, axes, "8/9/2016"), whole_file),
        (dm::whole(true, axes, "8/9/2016"), whole_file),
        (HITACHI.as_bytes().to_vec(), hitachi_text),
        (JEOL.to_vec(), jeol_text),
    ]
}

fn scramble(bytes: &mut Vec<u8>, random: &mut ChaCha8Rng) {
    for _ in 0..random.random_range(1..12) {
        let at = random.random_range(0..bytes.len());
        match random.random_range(0..6) {
            0 => bytes[at] = random.random(),
            1 => bytes[at] ^= 1 << random.random_range(0..8),
            2 => {
                bytes[at] = *b"0123456789.-+eE=[]$%/\r\n \0\xff"
                    .get(random.random_range(0..28))
                    .unwrap_or(&0)
            }
            3 => {
                let to = (at + random.random_range(1..9)).min(bytes.len());
                bytes[at..to].fill(0xff);
            }
            4 => {
                let to = (at + random.random_range(1..60)).min(bytes.len());
                let part = bytes[at..to].to_vec();
                let into = random.random_range(0..bytes.len());
                bytes.splice(into..into, part);
            }
            _ => {
                let to = (at + random.random_range(1..30)).min(bytes.len());
                if to - at < bytes.len() {
                    bytes.drain(at..to);
                }
            }
        }
    }
    if random.random_bool(0.1) {
        bytes.truncate(random.random_range(1..=bytes.len()));
    }
}

/// Values that a microscopist could believe, and bounded texts.
fn assert_sound(metadata: &Metadata) {
    if let Some(calibration) = &metadata.calibration {
        for nm in [calibration.x_nm, calibration.y_nm] {
            assert!((1e-4..=1e8).contains(&nm), "{nm}");
        }
    }
    for (value, most) in [
        (metadata.accelerating_voltage_kv, 5e3),
        (metadata.working_distance_mm, 1e3),
        (metadata.magnification, 1e9),
        (metadata.dwell_us, 1e9),
        (metadata.stage_tilt_deg, 360.0),
        (metadata.scan_rotation_deg, 360.0),
    ] {
        assert!(value.is_none_or(|value| value.abs() <= most), "{value:?}");
    }
    let is_day = |date: &String| date.len() >= 10 && date.as_bytes()[4] == b'-';
    assert!(
        metadata.date.as_ref().is_none_or(is_day),
        "{:?}",
        metadata.date
    );
    for entry in &metadata.entries {
        assert!(!entry.value.contains(char::is_control), "{entry:?}");
        assert!(entry.value.chars().count() <= 2_000);
    }
    assert!(
        metadata
            .facts()
            .iter()
            .all(|(_, value)| !value.contains("NaN"))
    );
}

#[test]
fn scrambled_texts_of_every_vendor_give_sound_values_or_none() {
    let specimens = specimens();
    let mut known = 0;
    for (bytes, reader) in &specimens {
        let metadata = reader(bytes.clone()).unwrap();
        assert!(
            metadata.vendor.is_some() && metadata.calibration.is_some(),
            "{metadata:?}"
        );
    }
    let attempts = std::env::var("ASKEM_MUTATIONS")
        .ok()
        .and_then(|count| count.parse().ok());
    let attempts = attempts.unwrap_or(ATTEMPTS);
    for attempt in 0..attempts {
        let (bytes, reader) = &specimens[attempt % specimens.len()];
        let mut random = ChaCha8Rng::seed_from_u64(attempt as u64);
        let mut bytes = bytes.clone();
        scramble(&mut bytes, &mut random);
        let began = Instant::now();
        if let Some(metadata) = reader(bytes) {
            assert_sound(&metadata);
            known += usize::from(metadata.vendor.is_some());
        }
        assert!(
            began.elapsed() < Duration::from_secs(5),
            "attempt {attempt} takes too long"
        );
    }
    // Scrambling that nothing survives would test nothing.
    assert!(known > attempts / 3, "{known}");
}
