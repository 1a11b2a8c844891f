//! Pixel sizes that no pixel has, units in every spelling, and keys where they do not belong.

use super::{SMALL, tiff_with};
use askem::micrograph::{Calibration, read_bytes};

const FEI: u16 = 34682;
const ZEISS: u16 = 34118;
const DESCRIPTION: u16 = 270;

/// The calibration of a black image with a text in one tag.
fn calibration(id: u16, text: &str) -> Option<Calibration> {
    let mut bytes = tiff_with([64, 48], &[(id, 2, text.as_bytes().to_vec())]);
    // A text that begins as FEI's do counts at the end of a file as well.
    bytes.extend([0; 70_000]);
    read_bytes(&bytes, "scaled.tif", SMALL).unwrap().calibration
}

fn fei(x: &str, y: &str) -> String {
    format!(
        "[User]\r\nDate=06/13/2016\r\n[Beam]\r\nHV=5000\r\n[Scan]\r\nPixelWidth={x}\r\nPixelHeight={y}\r\n[Image]\r\nResolutionX=64\r\n"
    )
}

fn ome(size: &str, unit: &str) -> String {
    format!(
        "<OME><Pixels SizeX=\"64\" SizeY=\"48\" PhysicalSizeX=\"{size}\" PhysicalSizeXUnit=\"{unit}\" PhysicalSizeY=\"{size}\" PhysicalSizeYUnit=\"{unit}\"/></OME>"
    )
}

#[test]
fn a_scale_that_no_pixel_has_is_unknown() {
    assert!(calibration(FEI, &fei("5e-8", "5e-8")).is_some());
    for bad in [
        "0",
        "-0",
        "0.0",
        "nan",
        "NaN",
        "inf",
        "-inf",
        "1e-300",
        "1e300",
        "1e-999",
        "1e999",
        "",
        " ",
        "5e-8 5e-8",
        "0x10",
        "٥e-8",
        "5e-8m;",
        "--5e-8",
        "1/0",
    ] {
        for (x, y) in [(bad, bad), ("5e-8", bad), (bad, "5e-8")] {
            let found = calibration(FEI, &fei(x, y));
            assert_eq!(found, None, "{x} and {y}");
        }
        let found = calibration(DESCRIPTION, &ome(bad, "nm"));
        assert_eq!(found, None, "{bad}");
    }
    // A negative step means a scan from the other side.
    let turned = calibration(FEI, &fei("-5e-8", "5e-8")).unwrap();
    assert!((turned.x_nm - 50.0).abs() < 1e-9);
}

#[test]
fn pixels_that_are_not_square_keep_both_sides() {
    let found = calibration(FEI, &fei("5e-8", "6.25e-8")).unwrap();
    assert!(
        (found.x_nm - 50.0).abs() < 1e-9 && (found.y_nm - 62.5).abs() < 1e-9,
        "{found:?}"
    );
}

#[test]
fn every_way_to_write_a_unit_means_the_same_length() {
    let nm =
        |size: &str, unit: &str| calibration(DESCRIPTION, &ome(size, unit)).map(|found| found.x_nm);
    for (size, unit) in [
        ("2.5", "nm"),
        ("2,5", "nm"),
        ("2500", "pm"),
        ("25", "Å"),
        ("25", "\u{212b}"),
        ("0.0025", "µm"),
        ("0.0025", "\u{3bc}m"),
        ("0.0025", "um"),
        ("2.5e-3", "&#181;m"),
        ("2.5E-6", "mm"),
        ("2.5e-9", "m"),
    ] {
        let found = nm(size, unit);
        assert!(
            found.is_some_and(|nm| (nm - 2.5).abs() < 1e-9),
            "{size} {unit}: {found:?}"
        );
    }
    for unit in [
        "",
        "px",
        "pixel",
        "NM",
        "Nm",
        "1/nm",
        "nm²",
        "nm\u{202e}",
        "mµ",
        "kV",
    ] {
        assert_eq!(nm("2.5", unit), None, "{unit}");
    }
}

#[test]
fn a_text_in_the_tag_of_another_vendor_gives_no_scale() {
    let zeiss = "AP_IMAGE_PIXEL_SIZE\r\nImage Pixel Size = 985.0 nm\r\n";
    assert!(calibration(ZEISS, zeiss).is_some());
    assert!(calibration(FEI, &fei("5e-8", "5e-8")).is_some());
    for (id, text) in [
        (FEI, zeiss.to_owned()),
        (ZEISS, fei("5e-8", "5e-8")),
        (DESCRIPTION, fei("5e-8", "5e-8")),
        (DESCRIPTION, zeiss.to_owned()),
        (ZEISS, ome("5", "nm")),
        (
            ZEISS,
            "PixelWidth=5e-8\r\nPixelSize=5\r\n$CM_MAG 5000\r\nunit=nm\r\n".to_owned(),
        ),
    ] {
        assert_eq!(calibration(id, &text), None, "{id}: {text}");
    }
}
